// What the server answers, in plain words.
import type { Answer } from "../protocol";

const REASONS: { [reason: string]: string } = {
  playback_active: "Not while the show plays. Pause it, or unlock edits.",
  not_found: "That is no longer there.",
  conflict: "The file has changed meanwhile; nothing was written. Look at it again.",
  forbidden: "This token may look, not change.",
  rate_limited: "Too much at once; the server asks for a pause.",
  busy: "The server is busy with something else; try again in a moment.",
};

/** Why something was refused. */
export function refusal(answer: Answer): string {
  const known = answer.reason ? REASONS[answer.reason] : undefined;
  const errors = answer.errors?.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  if (errors?.length) return `Not accepted: ${errors.join("; ")}`;
  return known ?? (answer.message || "The server refused.");
}

/** `1:02.5`, or `1:02` without `tenths`. */
export function time(seconds: number, tenths = true): string {
  if (!Number.isFinite(seconds)) return "–:––";
  const unit = tenths ? 10 : 1;
  const whole = Math.floor(Math.max(0, seconds) * unit + 1e-6);
  const minutes = Math.floor(whole / (60 * unit));
  const rest = (whole / unit) % 60;
  const text = tenths ? rest.toFixed(1).padStart(4, "0") : String(Math.floor(rest)).padStart(2, "0");
  return `${minutes}:${text}`;
}

/** `12 %` of a part from 0 to 1. */
export const percent = (part: number): string => `${Math.round(part * 100)} %`;

/** A place in a show or a selection, as it is written in a file. */
export const written = (value: unknown): string => (value == null ? "" : typeof value === "string" ? value : JSON.stringify(value));

/** A length of time, as short as can be. */
export function length(seconds: number): string {
  return seconds >= 60 ? time(seconds, false) : `${Number(seconds.toFixed(2))} s`;
}

/** A name of a protocol, an effect or a section, for people. */
export function title(name: string): string {
  const words = name.replace(/[_-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
