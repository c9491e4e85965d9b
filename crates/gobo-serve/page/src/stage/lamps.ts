// Every head that shines: where it hangs and by which slots its light is made.
import type { Channel, Fixture, Head, HeadChannel, Patch, State, ValueRange, Vec3 } from "../protocol";

export type Shape = "beam" | "wash" | "pixel";

export interface Lamp {
  fixture: string;
  universe: number;
  address: number;
  place: Vec3;
  rotation: Vec3;
  head: Head;
  shape: Shape;
  /** Middles of the ranges of pan and tilt, in degrees. */
  middle: { pan: number; tilt: number };
}

/** From so many heads on they are pixels. */
const PIXELS = 4;
/** What a head turns when nothing is said about it. */
const USUAL_DEG = { pan: 540, tilt: 270 };

const EMITTERS: { [name: string]: Vec3 } = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  white: [255, 255, 255],
  "warm white": [255, 200, 140],
  "cold white": [220, 235, 255],
  amber: [255, 160, 0],
  lime: [170, 255, 0],
  cyan: [0, 255, 255],
  magenta: [255, 0, 255],
  yellow: [255, 230, 0],
  indigo: [75, 0, 200],
  uv: [90, 0, 255],
};

function range(channel: Channel): ValueRange | null {
  const span = { from: 0, to: 256 ** channel.slots.length - 1 };
  switch (channel.kind) {
    case "level":
      return { ...span, gives: { brightness: [0, 1] } };
    case "color":
      return { ...span, gives: { emitter: [EMITTERS[channel.emitter ?? "white"] ?? EMITTERS.white!, 0, 1] } };
    case "pan":
      return { ...span, gives: { pan: [0, USUAL_DEG.pan] } };
    case "tilt":
      return { ...span, gives: { tilt: [0, USUAL_DEG.tilt] } };
    default:
      return null;
  }
}

/** The heads of a fixture of which only the channels are known: an emitter that comes again begins one. */
function headsOf(fixture: Fixture): Head[] {
  const shared: HeadChannel[] = [];
  const heads: { emitters: Set<string>; channels: HeadChannel[] }[] = [];
  const levels = fixture.channels.filter(({ kind }) => kind === "level");
  for (const channel of fixture.channels) {
    const gives = range(channel);
    if (!gives) continue;
    const made = { slots: channel.slots, ranges: [gives] };
    const emitter = channel.kind === "color" ? (channel.emitter ?? channel.name) : null;
    const isCell = channel.kind === "level" && levels.length > 1;
    if (emitter === null && !isCell) {
      shared.push(made);
      continue;
    }
    const name = emitter ?? "level";
    let head = heads[heads.length - 1];
    if (!head || head.emitters.has(name)) heads.push((head = { emitters: new Set(), channels: [] }));
    head.emitters.add(name);
    head.channels.push(made);
  }
  if (heads.length === 0) return [{ name: "", channels: shared }];
  return heads.map(({ channels }, index) => ({ name: String(index + 1), channels: [...shared, ...channels] }));
}

/** A patch made of what the fixtures say of themselves. */
function derived(fixtures: Fixture[]): Patch {
  const kinds = fixtures.map(headsOf);
  return { kinds, fixtures: fixtures.map((fixture, kind) => ({ ...fixture, kind })) };
}

function gives(head: Head, what: "pan" | "tilt"): [number, number][] {
  return head.channels.flatMap(({ ranges }) =>
    ranges.flatMap((range) => (what in range.gives ? [(range.gives as { [key: string]: [number, number] })[what]!] : [])),
  );
}

function middle(head: Head, what: "pan" | "tilt"): number {
  const ends = gives(head, what).flat();
  return ends.length ? (Math.min(...ends) + Math.max(...ends)) / 2 : 0;
}

const moves = (head: Head): boolean => gives(head, "pan").length + gives(head, "tilt").length > 0;

const shines = (head: Head): boolean =>
  head.channels.some(({ ranges }) => ranges.some((range) => !("pan" in range.gives) && !("tilt" in range.gives)));

/** Where pixels are when nobody says so: side by side over a metre. */
function besides(index: number, count: number): Vec3 {
  return [count > 1 ? (index / (count - 1) - 0.5) * Math.min(0.94, count * 0.2) : 0, 0, 0];
}

/** All lamps of the rig. */
export function lampsOf(state: Pick<State, "fixtures" | "patch">): Lamp[] {
  const patch = state.patch ?? derived(Object.values(state.fixtures));
  return patch.fixtures.flatMap((fixture) => {
    const heads = patch.kinds[fixture.kind] ?? [];
    const rotation: Vec3 = fixture.rotation ?? [0, 0, 0];
    return heads.flatMap((head, index): Lamp[] => {
      if (!shines(head)) return [];
      const offset = besides(index, heads.length);
      const place = fixture.heads_at?.[index] ?? (fixture.position.map((at, axis) => at + offset[axis]!) as Vec3);
      const shape = moves(head) ? "beam" : heads.length >= PIXELS ? "pixel" : "wash";
      const { id, universe, address } = fixture;
      const middles = { pan: middle(head, "pan"), tilt: middle(head, "tilt") };
      return [{ fixture: id, universe, address, place, rotation, head, shape, middle: middles }];
    });
  });
}
