// Something to look at: light that moves with the song, under the masters and the hand.
import type { Channel, Fixture, State, Vec3 } from "../../src/protocol";
import { rgbFromHex } from "../../src/lanes/color";

const PALETTE: Vec3[] = ["#1030f0", "#00c8a0", "#b000ff", "#ff0060", "#ffb000", "#00a8ff"].map(rgbFromHex);

/** What the show has a channel at, from 0 to 1. */
function wanted(fixture: Fixture, channel: Channel, index: number, time: number): number {
  const beat = time * 2.1;
  const wave = 0.5 + 0.5 * Math.sin(beat * 0.8 + index * 0.9);
  const at = Math.floor(time / 7.6);
  const color = PALETTE[(at + (index % 3 === 0 ? 1 : 0)) % PALETTE.length]!;
  switch (channel.kind) {
    case "level":
      return fixture.id.startsWith("blind") ? Math.max(0, 1 - (beat % 8) * 2) : 0.25 + 0.75 * wave;
    case "color": {
      const axis = ["red", "green", "blue"].indexOf(channel.emitter ?? "");
      const pixel = channel.slots[0]! / 3;
      const chase = fixture.id.startsWith("bar") ? Math.max(0, Math.sin(pixel * 0.5 - beat * 1.6 + index)) ** 3 : 1;
      return axis < 0 ? 0 : color[axis]! * chase;
    }
    case "pan":
      return 0.5 + 0.06 * Math.sin(beat * 0.25 + index);
    case "tilt":
      return 0.5 + (fixture.id >= "spot7" && fixture.id < "spot9" ? 0.05 : 0.12) * Math.cos(beat * 0.25 + index * 0.6);
    default:
      return channel.name === "Shutter" ? 15 / 255 : 0;
  }
}

function master(state: State, id: string): number {
  const { grand, groups, blackout } = state.levels;
  const own = state.groups.filter(({ fixtures }) => fixtures.includes(id)).map(({ name }) => groups[name] ?? 1);
  return blackout || state.playback.state === "stopped" ? 0 : grand * Math.min(1, ...own);
}

/** All universes at a time, in the binary form of the protocol. */
export function frame(state: State, time: number, number: number): Buffer {
  const universes = new Map<number, Uint8Array>();
  Object.values(state.fixtures).forEach((fixture, index) => {
    const slots = universes.get(fixture.universe) ?? new Uint8Array(512);
    universes.set(fixture.universe, slots);
    const under = master(state, fixture.id);
    const dims = fixture.channels.some(({ kind }) => kind === "level") ? "level" : "color";
    for (const channel of fixture.channels) {
      const held = fixture.held[channel.name];
      const level = typeof held === "number" ? held : wanted(fixture, channel, index, time) * channel.max;
      const value = Math.round(level * (channel.kind === dims ? under : 1));
      channel.slots.forEach((slot, at) => {
        slots[fixture.address - 1 + slot] = (value >> (8 * (channel.slots.length - 1 - at))) & 255;
      });
    }
  });
  const head = Buffer.alloc(24);
  head.writeUInt8(1, 0);
  head.writeUInt8(1, 1);
  head.writeUInt16LE(universes.size, 2);
  head.writeUInt32LE(number, 4);
  head.writeDoubleLE(time, 8);
  head.writeDoubleLE(Date.now(), 16);
  const parts = [...universes].flatMap(([universe, slots]) => {
    const start = Buffer.alloc(4);
    start.writeUInt16LE(universe, 0);
    start.writeUInt16LE(slots.length, 2);
    return [start, Buffer.from(slots)];
  });
  return Buffer.concat([head, ...parts]);
}
