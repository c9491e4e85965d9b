// The club of the demo, roughly as the server tells of it: from its venue file and its profiles.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import type { Channel, Fixture, Group, Head, HeadChannel, Label, Patch, Poi, ValueRange, Vec3 } from "../../src/protocol";
import { rotated } from "../../src/stage/space";

export const REPOSITORY = fileURLToPath(new URL("../../../../..", import.meta.url));

interface Capability {
  type: string;
  color?: string;
  dmxRange?: [number, number];
  shutterEffect?: string;
  angleEnd?: string;
  slotNumber?: number;
}

interface ChannelSource {
  fineChannelAliases?: string[];
  capability?: Capability;
  capabilities?: Capability[];
}

interface Profile {
  availableChannels: { [name: string]: ChannelSource };
  templateChannels?: { [name: string]: ChannelSource };
  matrix?: { pixelCount: Vec3 };
  wheels?: { [name: string]: { slots: { name?: string; type: string; colors?: string[] }[] } };
  modes: { name: string; channels: (string | { templateChannels: string[] })[] }[];
}

interface Row {
  id: string;
  name: string;
  profile: string;
  mode: string;
  universe: number;
  address: number;
  position: Vec3;
  rotation?: Vec3;
}

interface Venue {
  fixture: Row[];
  groups: { [name: string]: string };
  poi: { [name: string]: Vec3 };
}

const EMITTERS: { [name: string]: Vec3 } = { Red: [255, 0, 0], Green: [0, 255, 0], Blue: [0, 0, 255], White: [255, 255, 255] };

interface Named {
  name: string;
  source: ChannelSource;
  pixel: number | null;
}

/** The channels of a mode by name; those of pixels once for each. */
function channelsOf(profile: Profile, mode: string): Named[] {
  const found = profile.modes.find(({ name }) => name === mode)!;
  return found.channels.flatMap((channel): Named[] => {
    if (typeof channel === "string") {
      const source = profile.availableChannels[channel];
      return source ? [{ name: channel, source, pixel: null }] : [{ name: channel, source: {}, pixel: null }];
    }
    const pixels = profile.matrix!.pixelCount[0];
    return Array.from({ length: pixels }, (_, pixel) =>
      channel.templateChannels.map((name) => ({ name: name.replace("$pixelKey", String(pixel + 1)), source: profile.templateChannels![name]!, pixel })),
    ).flat();
  });
}

function kindOf(capability: Capability | undefined): Pick<Channel, "kind" | "emitter"> {
  switch (capability?.type) {
    case "Intensity":
      return { kind: "level", emitter: "dimmer" };
    case "ColorIntensity":
      return { kind: "color", emitter: capability.color!.toLowerCase() };
    case "Pan":
      return { kind: "pan" };
    case "Tilt":
      return { kind: "tilt" };
    default:
      return { kind: "other" };
  }
}

const rgb = (hex: string): Vec3 => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as Vec3;

function rangesOf(name: string, source: ChannelSource, most: number, profile: Profile): ValueRange[] {
  const all = { from: 0, to: most };
  const { capability } = source;
  if (capability?.type === "Intensity") return [{ ...all, gives: { brightness: [0, 1] } }];
  if (capability?.type === "ColorIntensity") return [{ ...all, gives: { emitter: [EMITTERS[capability.color!]!, 0, 1] } }];
  const degrees = parseFloat(capability?.angleEnd ?? "0");
  if (capability?.type === "Pan") return [{ ...all, gives: { pan: [0, degrees] } }];
  if (capability?.type === "Tilt") return [{ ...all, gives: { tilt: [0, degrees] } }];
  return (source.capabilities ?? []).flatMap((one): ValueRange[] => {
    const [from, to] = one.dmxRange!;
    if (one.shutterEffect === "Closed") return [{ from, to, gives: { brightness: [0, 0] } }];
    const color = one.type === "WheelSlot" ? profile.wheels?.[name]?.slots[one.slotNumber! - 1]?.colors?.[0] : undefined;
    return color ? [{ from, to, gives: { filter: [rgb(color), 1, 1] } }] : [];
  });
}

function labelsOf(name: string, source: ChannelSource, profile: Profile): Label[] {
  const slots = profile.wheels?.[name]?.slots ?? [];
  return (source.capabilities ?? []).flatMap(({ slotNumber, dmxRange }): Label[] => {
    const slot = slots[(slotNumber ?? 0) - 1];
    return slot ? [{ name: slot.name ?? slot.type, from: dmxRange![0], to: dmxRange![1] }] : [];
  });
}

interface Kind {
  channels: Channel[];
  heads: Head[];
  footprint: number;
  pixels: number;
}

function kindFrom(profile: Profile, mode: string): Kind {
  const named = channelsOf(profile, mode);
  const aliases = new Map(named.flatMap(({ name, source }) => (source.fineChannelAliases ?? []).map((alias) => [alias, name] as const)));
  const made: { channel: Channel; head: HeadChannel; pixel: number | null }[] = [];
  named.forEach(({ name, source, pixel }, slot) => {
    const coarse = made.find(({ channel }) => channel.name === aliases.get(name));
    if (coarse) {
      coarse.channel.slots.push(slot);
      coarse.channel.max = 65535;
      coarse.head.ranges = rangesOf(coarse.channel.name, profile.availableChannels[coarse.channel.name]!, 65535, profile);
      return;
    }
    const channel: Channel = { name, ...kindOf(source.capability), slots: [slot], min: 0, max: 255, labels: labelsOf(name, source, profile) };
    made.push({ channel, head: { slots: channel.slots, ranges: rangesOf(name, source, 255, profile) }, pixel });
  });
  const pixels = Math.max(...made.map(({ pixel }) => (pixel ?? -1) + 1));
  const heads = Array.from({ length: Math.max(1, pixels) }, (_, index): Head => {
    const own = made.filter(({ pixel, head }) => head.ranges.length > 0 && (pixel === null || pixel === index));
    return { name: String(index + 1), channels: own.map(({ head }) => head) };
  });
  return { channels: made.map(({ channel }) => channel), heads, footprint: named.length, pixels };
}

/** As many of the selections as the demo's groups need: names, globs, `|`. */
function selected(text: string, ids: string[]): string[] {
  return text.split("|").flatMap((part) => {
    const glob = new RegExp(`^${part.trim().replace("*", ".*")}$`);
    return ids.filter((id) => glob.test(id));
  });
}

function headsAt(row: Row, pixels: number): Vec3[] {
  return Array.from({ length: pixels }, (_, index) => {
    const offset = rotated([(index - (pixels - 1) / 2) * 0.0625, 0, 0], row.rotation ?? [0, 0, 0]);
    return row.position.map((at, axis) => at + offset[axis]!) as Vec3;
  });
}

export interface Rig {
  fixtures: { [id: string]: Fixture };
  groups: Group[];
  pois: Poi[];
  patch: Patch;
}

export function demoRig(): Rig {
  const venue = parse(readFileSync(join(REPOSITORY, "fixtures/club.toml"), "utf8")) as unknown as Venue;
  const kinds = new Map<string, Kind>();
  const kindOfRow = ({ profile, mode }: Row): Kind => {
    const key = `${profile} ${mode}`;
    const path = join(REPOSITORY, "fixtures/profiles", `${profile}.json`);
    if (!kinds.has(key)) kinds.set(key, kindFrom(JSON.parse(readFileSync(path, "utf8")) as Profile, mode));
    return kinds.get(key)!;
  };
  const rows = venue.fixture.map((row) => ({ row, kind: kindOfRow(row) }));
  const fixtures = rows.map(({ row, kind }): Fixture => {
    const { id, name, profile, universe, address, position } = row;
    const type = kind.channels.some((channel) => channel.kind === "pan") ? "moving_head" : "parcan";
    return { id, name, type, profile, universe, address, footprint: kind.footprint, position, armed: false, held: {}, channels: kind.channels };
  });
  const ids = fixtures.map(({ id }) => id);
  const groups = Object.entries(venue.groups).filter(([, text]) => !/[&~]/.test(text));
  const order = [...kinds.values()];
  return {
    fixtures: Object.fromEntries(fixtures.map((fixture) => [fixture.id, fixture])),
    groups: groups.map(([name, text]) => ({ name, fixtures: selected(text, ids) })),
    pois: Object.entries(venue.poi).map(([id, [x, y, z]]): Poi => {
      const fixtures: Poi["fixtures"] = id === "singer" ? { spot1: { pan: 30000, tilt: 40000 } } : {};
      return { id, name: id.replace("_", " "), location: { x, y, z }, fixtures };
    }),
    patch: {
      kinds: order.map(({ heads }) => heads),
      fixtures: rows.map(({ row, kind }) => ({ ...row, footprint: kind.footprint, kind: order.indexOf(kind), heads_at: kind.pixels > 1 ? headsAt(row, kind.pixels) : undefined })),
    },
  };
}
