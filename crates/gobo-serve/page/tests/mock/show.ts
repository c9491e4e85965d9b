// The state of the demo as the server would tell it, and its song.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cue, CueSource, Json, Peaks, Section, Song, State } from "../../src/protocol";
import { demoRig, REPOSITORY } from "./rig";

interface SongFile {
  title: string;
  bpm: number;
  beats: number[];
  downbeats: number[];
  sections: { name: string; start: number; end: number }[];
}

function demoSong(): Song {
  const file = JSON.parse(readFileSync(join(REPOSITORY, "songs/switch-on.song.json"), "utf8")) as SongFile;
  const beats = file.beats.map((time, index) => ({ time, beat: (index % 4) + 1, bar: Math.floor(index / 4) + 1 }));
  const sections = file.sections.map(({ name, start, end }) => ({ name, start_s: start, end_s: end }));
  const length = sections[sections.length - 1]!.end_s + 1;
  const hints = [{ id: "h1", time: 31, end: null, text: "Hands up here" }];
  return { filename: "switch-on.ogg", title: file.title, length, bpm: file.bpm, beats, sections, hints, audio: true };
}

/** As much of the times of cues as the demo needs: `verse + 2 bars`, `12s`, `end - 1s`. */
export function timeOf(at: Json | undefined, song: Song): number {
  if (typeof at === "number") return at;
  const [, base, sign, count, unit] = /^([^+-]*?)\s*(?:([+-])\s*([\d./]+)\s*(\w+))?$/.exec(String(at ?? "start"))!;
  const plain = /^([\d.]+)\s*s$/.exec(base!.trim());
  const section = song.sections.find(({ name }) => name === base!.trim());
  const start = plain ? Number(plain[1]) : base!.trim() === "end" ? song.length : (section?.start_s ?? 0);
  return start + (sign === "-" ? -1 : 1) * (count ? secondsOf(`${count} ${unit}`, song) : 0);
}

export function secondsOf(text: Json | undefined, song: Song): number {
  if (typeof text === "number") return text;
  const match = /^([\d.]+)(?:\/(\d+))?\s*(\w*)$/.exec(String(text ?? "").trim());
  if (!match) return 0;
  const beat = 60 / (song.bpm ?? 120);
  const unit = match[3]!.startsWith("bar") ? 4 * beat : match[3]!.startsWith("beat") ? beat : 1;
  return (Number(match[1]) / Number(match[2] ?? 1)) * unit;
}

const ABOUT = ["$schema", "at", "for", "on", "name", "note", "then", "time", "duration", "fixture_id"];

export function cueFrom(source: CueSource, file: string, song: Song): Cue {
  const effect = Object.keys(source).find((member) => !ABOUT.includes(member)) ?? "set";
  const time = timeOf(source.at ?? source.time, song);
  const duration = source.for ?? source.duration ? secondsOf(source.for ?? source.duration, song) : null;
  return {
    index: 0,
    file,
    layer: file.replace(".json", ""),
    name: (source.name as string | undefined) ?? null,
    time,
    end: time + (duration ?? 0),
    duration,
    at: (source.at as string | undefined) ?? null,
    on: (source.on as string | undefined) ?? null,
    effect,
    data: source[effect] ?? null,
    fixtures: [],
    fixture_id: null,
    source,
    editable: true,
  };
}

export function sorted(cues: Cue[]): Cue[] {
  return [...cues].sort((a, b) => a.time - b.time).map((cue, index) => ({ ...cue, index }));
}

function demoCues(song: Song): Cue[] {
  const folder = join(REPOSITORY, "shows/demo");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const cues = files.flatMap((file) => {
    const sources = (JSON.parse(readFileSync(join(folder, file), "utf8")) as { cues?: CueSource[] }).cues ?? [];
    return sources.map((source) => cueFrom(source, file, song));
  });
  return sorted(cues);
}

export function demoState(withPatch: boolean): State {
  const song = demoSong();
  const { fixtures, groups, pois, patch } = demoRig();
  return {
    system: { show_state: "running", edit_lock: true, show: "demo", title: "Switch On", version: "0.1.0", watch: true, llm: true },
    playback: { state: "paused", time_ms: 0, at_ms: Date.now(), duration_ms: song.length * 1000, speed: 1, repeat: false, bpm: song.bpm, section_name: null, section_index: null, cues: [] },
    levels: { grand: 1, groups: Object.fromEntries(groups.map(({ name }) => [name, 1])), blackout: false, frozen: false, volume: 1 },
    fixtures,
    groups,
    patch: withPatch ? patch : null,
    song,
    pois,
    cues: demoCues(song),
    cue_helpers: [{ id: "beats", name: "Flash on every beat", description: "A flash of all lights on each beat of a section", params: [{ name: "section", kind: "choice", choices: song.sections.map(({ name }) => name) }, { name: "level", kind: "number", default: 1 }] }],
    chasers: [{ id: "left_right", name: "Left to right", description: "Pars one after the other", beats: 8, running: false }],
    shows: [{ name: "demo", title: "Switch On", song: "switch-on.ogg" }, { name: "soundcheck", title: "Soundcheck", song: null }],
    outputs: [{ protocol: "artnet", to: "127.0.0.1", universes: "1-6", failing: false }],
    diagnostics: [{ severity: "warning", code: "unused-palette", message: "the colour `paper` is not used", file: "shows/demo/show.toml", line: 40, column: 1 }],
    scenes: [],
    llm: { messages: [], busy: false },
  };
}

/** A waveform that looks like music: kicks on the beats, louder in the drops. */
export function demoPeaks(song: Song): Peaks {
  const rate = 50;
  const peaks: Peaks = { seconds: song.length, rate, peak: [], low: [], mid: [], high: [] };
  let [beat, noise] = [0, 1];
  for (let piece = 0; piece < song.length * rate; piece++) {
    const time = piece / rate;
    while (beat + 1 < song.beats.length && song.beats[beat + 1]!.time <= time) beat++;
    noise = (noise * 16807) % 2147483647;
    const section: Section | undefined = song.sections.find(({ start_s, end_s }) => start_s <= time && time < end_s);
    const loud = section ? 0.45 + 0.5 * Number(/drop|chorus/.test(section.name)) : 0.1;
    const kick = Math.exp(-Math.max(0, time - song.beats[beat]!.time) * 9);
    const peak = 255 * loud * (0.45 + 0.4 * kick + 0.15 * (noise / 2147483647));
    const [low, high] = [peak * (0.25 + 0.5 * kick), peak * 0.18];
    peaks.peak.push(Math.round(peak));
    peaks.low.push(Math.round(low));
    peaks.high.push(Math.round(high));
    peaks.mid.push(Math.round(peak - low - high));
  }
  return peaks;
}
