// What `gobo serve` says and hears, as crates/REMOTE.md has it.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Payload = { [key: string]: Json | undefined };
export type Vec3 = [number, number, number];

export interface System {
  show_state: "running" | "idle" | "error";
  edit_lock: boolean;
  show: string | null;
  title: string | null;
  version: string;
  watch: boolean;
  llm: boolean;
}

export interface Playback {
  state: "playing" | "paused" | "stopped";
  time_ms: number;
  at_ms: number;
  duration_ms: number;
  speed: number;
  repeat: boolean;
  bpm: number | null;
  section_name: string | null;
  section_index: number | null;
  cues: number[];
}

export interface Levels {
  grand: number;
  groups: { [name: string]: number };
  blackout: boolean;
  frozen: boolean;
  /** Of the sound that the server plays, 0 to 1. */
  volume: number;
}

export interface Channel {
  name: string;
  kind: "level" | "color" | "pan" | "tilt" | "other";
  slots: number[];
  emitter?: string | null;
  min: number;
  max: number;
  labels?: Label[] | null;
}

/** A named range of a channel's values. */
export interface Label {
  name: string;
  from: number;
  to: number;
}

export type Held = number | string;

export interface Fixture {
  id: string;
  name: string;
  type: string;
  profile: string;
  universe: number;
  address: number;
  footprint: number;
  position: Vec3;
  armed: boolean;
  held: { [channel: string]: Held };
  channels: Channel[];
}

export interface Group {
  name: string;
  fixtures: string[];
}

export interface Section {
  name: string;
  start_s: number;
  end_s: number;
}

export interface Hint {
  id: string;
  time: number;
  end?: number | null;
  text: string;
}

export interface Song {
  filename: string;
  title: string;
  length: number;
  bpm: number | null;
  beats: { time: number; beat: number; bar: number }[];
  sections: Section[];
  hints: Hint[];
  audio: boolean;
}

export interface Poi {
  id: string;
  name: string;
  location: { x: number; y: number; z: number };
  fixtures: { [id: string]: { pan: number; tilt: number } };
}

export type CueSource = { [member: string]: Json };

export interface Cue {
  index: number;
  file: string;
  layer: string | null;
  name: string | null;
  time: number;
  end: number | null;
  duration: number | null;
  at: Json;
  on: Json;
  effect: string;
  data: Json;
  fixtures: string[];
  fixture_id: string | null;
  source: CueSource | string;
  editable: boolean;
}

export interface Parameter {
  name: string;
  kind: string;
  default?: Json;
  choices?: string[] | null;
}

export interface CueHelper {
  id: string;
  name: string;
  description: string;
  params: Parameter[];
}

export interface Chaser {
  id: string;
  name: string;
  description: string;
  beats: number;
  running: boolean;
}

export interface Diagnostic {
  severity: "error" | "warning" | string;
  code: string;
  message: string;
  file: string | null;
  line: number | null;
  column: number | null;
}

export interface Output {
  protocol: string;
  to: string;
  universes: string | number[];
  failing?: boolean | string | null;
}

export interface Proposal {
  id: string;
  summary: string;
  status?: "confirmed" | "rejected" | string;
  intents: Json[];
}

export interface ChatMessage {
  id: string;
  role: "user" | "assistant" | string;
  text: string;
  action?: Proposal | null;
}

/** What a value of a channel gives, as crates/gobo-canvas/FORMAT.md has it. */
export type Gives =
  | { brightness: [number, number] }
  | { emitter: [Vec3, number, number] }
  | { filter: [Vec3, number, number] }
  | { hue: [number, number] }
  | { saturation: [number, number] }
  | { pan: [number, number] }
  | { tilt: [number, number] };

export interface ValueRange {
  from: number;
  to: number;
  gives: Gives;
}

export interface HeadChannel {
  slots: number[];
  when?: { slots: number[]; from: number; to: number };
  ranges: ValueRange[];
}

export interface Head {
  name: string;
  channels: HeadChannel[];
}

export interface PatchedFixture {
  id: string;
  name: string;
  universe: number;
  address: number;
  footprint: number;
  position: Vec3;
  rotation?: Vec3;
  heads_at?: Vec3[];
  kind: number;
}

export interface Patch {
  kinds: Head[][];
  fixtures: PatchedFixture[];
}

export interface State {
  system: System;
  playback: Playback;
  levels: Levels;
  fixtures: { [id: string]: Fixture };
  groups: Group[];
  song: Song | null;
  pois: Poi[];
  cues: Cue[];
  cue_helpers: CueHelper[];
  chasers: Chaser[];
  shows: { name: string; title: string; song: string | null }[];
  outputs: Output[];
  diagnostics: Diagnostic[];
  scenes: string[];
  llm: { messages: ChatMessage[]; busy: boolean };
  patch?: Patch | null;
}

export type Role = "view" | "control";

export interface Change {
  path: (string | number)[];
  value?: Json;
}

export interface Answer {
  accepted: boolean;
  message: string;
  reason?: string;
  errors?: { path: string; message: string }[];
  [member: string]: unknown;
}

export type ServerMessage =
  | { type: "snapshot"; seq: number; role: Role; time_ms: number; state: State }
  | { type: "patch"; seq: number; base: number; changes: Change[] }
  | { type: "event"; level: string; message: string; data?: { [member: string]: unknown } };

export interface Peaks {
  seconds: number;
  rate: number;
  peak: number[];
  low: number[];
  mid: number[];
  high: number[];
}
