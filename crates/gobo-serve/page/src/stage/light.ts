// What a head shows in a frame: the same rules as in gobo-canvas (`PatchedHead::shown`).
import type { Head, HeadChannel, ValueRange, Vec3 } from "../protocol";

/** Reads the value in some slots, the coarsest first. */
export type Read = (slots: number[]) => number;

export interface Shown {
  /** Red, green and blue, 0 to 1. */
  color: Vec3;
  panDeg: number;
  tiltDeg: number;
}

function rangeOf(channel: HeadChannel, read: Read): { range: ValueRange; along: number } | null {
  const { when } = channel;
  if (when) {
    const value = read(when.slots);
    if (value < when.from || value > when.to) return null;
  }
  const value = read(channel.slots);
  const range = channel.ranges.find(({ from, to }) => from <= value && value <= to);
  if (!range) return null;
  return { range, along: (value - range.from) / Math.max(1, range.to - range.from) };
}

const between = ([first, last]: readonly [number, number], along: number) => first + (last - first) * along;

/** Full light of a hue, in turns, and a saturation. */
function tinted(hue: number, saturation: number): Vec3 {
  const part = (offset: number) => {
    const place = (((offset + hue * 6) % 6) + 6) % 6;
    return 1 - saturation * Math.max(0, Math.min(1, place, 4 - place));
  };
  return [part(5), part(3), part(1)];
}

export function shown(head: Head, read: Read): Shown {
  const light: Vec3 = [0, 0, 0];
  const factor: Vec3 = [1, 1, 1];
  let [emits, hue, saturation, panDeg, tiltDeg] = [false, 0, 0, 0, 0];
  for (const channel of head.channels) {
    emits ||= channel.ranges.some(({ gives }) => "emitter" in gives);
    const found = rangeOf(channel, read);
    if (!found) continue;
    const { gives } = found.range;
    const { along } = found;
    if ("brightness" in gives) {
      const level = between(gives.brightness, along);
      for (const axis of [0, 1, 2] as const) factor[axis] *= level;
    } else if ("emitter" in gives) {
      const [color, first, last] = gives.emitter;
      const level = between([first, last], along) / 255;
      for (const axis of [0, 1, 2] as const) light[axis] += color[axis] * level;
    } else if ("filter" in gives) {
      const [color, first, last] = gives.filter;
      const level = between([first, last], along);
      for (const axis of [0, 1, 2] as const) factor[axis] *= 1 + (color[axis] / 255 - 1) * level;
    } else if ("hue" in gives) hue = between(gives.hue, along);
    else if ("saturation" in gives) saturation = between(gives.saturation, along);
    else if ("pan" in gives) panDeg = between(gives.pan, along);
    else if ("tilt" in gives) tiltDeg = between(gives.tilt, along);
  }
  const source = emits ? light : tinted(hue, saturation);
  const brightest = Math.max(1, ...source);
  const color = source.map((part, axis) => (part / brightest) * Math.max(0, Math.min(1, factor[axis]!))) as Vec3;
  return { color, panDeg, tiltDeg };
}
