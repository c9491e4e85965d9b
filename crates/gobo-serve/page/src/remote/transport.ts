// Where the show is, and how to go elsewhere.
import type { Playback, Song } from "../protocol";
import { ask, mayControl, remote, state } from "./remote";

/** Where playback is now, in seconds. */
export function position(playback: Playback): number {
  const { time_ms, at_ms, duration_ms, speed, repeat } = playback;
  if (playback.state !== "playing") return time_ms / 1000;
  const now = Math.max(time_ms, time_ms + (remote.clock.now() - at_ms) * speed);
  if (duration_ms <= 0) return now / 1000;
  return (repeat ? now % duration_ms : Math.min(now, duration_ms)) / 1000;
}

export const duration = (playback: Playback): number => playback.duration_ms / 1000;

/** Where it was last told to go, until the server has gone there. */
let sought: { from: Playback; seconds: number } | null = null;

export function seek(seconds: number): void {
  if (!mayControl()) return;
  const { playback } = state();
  const time_ms = Math.round(Math.max(0, Math.min(seconds * 1000, playback.duration_ms || Infinity)));
  sought = { from: playback, seconds: time_ms / 1000 };
  void ask("transport.jump_to_time", { time_ms, sync: true });
}

export function seekBy(seconds: number): void {
  const { playback } = state();
  // Keys come faster than answers.
  seek((sought?.from === playback ? sought.seconds : position(playback)) + seconds);
}

export function togglePlay(): void {
  if (!mayControl()) return;
  void ask(state().playback.state === "playing" ? "transport.pause" : "transport.play");
}

/** The section at a time; -1 before the first. */
export function sectionAt(song: Song | null, seconds: number): number {
  return song?.sections.findIndex(({ start_s, end_s }) => start_s <= seconds && seconds < end_s) ?? -1;
}

export function jumpToSection(index: number): void {
  if (mayControl()) void ask("transport.jump_to_section", { section_index: index });
}

/** To the next section (1), or to the start of this one and then those before (-1). */
export function stepSection(step: 1 | -1): void {
  const { song, playback } = state();
  const now = position(playback);
  const sections = song?.sections ?? [];
  // Just behind a start, "back" means the section before.
  const index =
    step > 0
      ? sections.findIndex(({ start_s }) => start_s > now + 0.05)
      : sections.map(({ start_s }) => start_s < now - 1).lastIndexOf(true);
  if (index >= 0) jumpToSection(index);
  else if (step < 0) seek(0);
}

/** `bar.beat` at a time. */
export function barAndBeat(song: Song | null, seconds: number): string {
  const beats = song?.beats ?? [];
  let [low, high] = [0, beats.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (beats[middle]!.time <= seconds + 1e-3) low = middle + 1;
    else high = middle;
  }
  const beat = beats[low - 1];
  return beat ? `${beat.bar}.${beat.beat}` : "–";
}
