// A cue as its file has it: the members that are edited by fields, and the effect, edited as JSON.
import type { Cue, CueSource, Json } from "../protocol";
import { written } from "../remote/words";

/** For each field the members that may hold it; the first is what a new cue has. */
const MEMBERS = {
  name: ["name"],
  at: ["at", "time"],
  for: ["for", "duration"],
  on: ["on", "fixture_id"],
} as const;

export type Fields = { [field in keyof typeof MEMBERS]: string };
export const FIELDS = Object.keys(MEMBERS) as (keyof Fields)[];

export interface Draft extends Fields {
  effect: string;
}

export function sourceOf(cue: Cue): CueSource {
  if (typeof cue.source !== "string") return cue.source;
  try {
    return JSON.parse(cue.source) as CueSource;
  } catch {
    // A file may be written with comments; what is known of the cue is enough to edit it.
    const { name, at, on, effect, data } = cue;
    return { ...(name ? { name } : {}), at: at ?? cue.time, ...(on ? { on } : {}), [effect]: data };
  }
}

function memberOf(source: CueSource, field: keyof Fields): string {
  return MEMBERS[field].find((member) => member in source) ?? MEMBERS[field][0];
}

export function draftOf(source: CueSource): Draft {
  const fields = Object.fromEntries(FIELDS.map((field) => [field, written(source[memberOf(source, field)])])) as Fields;
  const known: string[] = FIELDS.map((field) => memberOf(source, field));
  const rest = Object.fromEntries(Object.entries(source).filter(([member]) => !known.includes(member)));
  return { ...fields, effect: JSON.stringify(rest, null, 2) };
}

/** What a field says; what was no text before may be a number or a list again. */
function valueOf(text: string, before: Json | undefined): Json {
  if (typeof before === "string") return text;
  const isPlain = /^-?\d+(\.\d+)?$/.test(text.trim()) || before !== undefined;
  try {
    return isPlain ? (JSON.parse(text) as Json) : text;
  } catch {
    return text;
  }
}

/** The source that a draft says, or why it says none. */
export function sourceFrom(draft: Draft, before: CueSource): CueSource | string {
  let rest: Json;
  try {
    rest = JSON.parse(draft.effect) as Json;
  } catch (error) {
    return `The effect is not JSON: ${(error as Error).message}`;
  }
  if (typeof rest !== "object" || rest === null || Array.isArray(rest)) return 'The effect is an object such as { "set": { "dimmer": 1 } }.';
  const source: CueSource = {};
  for (const field of FIELDS) {
    const member = memberOf(before, field);
    if (draft[field].trim() !== "") source[member] = valueOf(draft[field], before[member]);
  }
  return { ...source, ...rest };
}

/** The members that changed; `null` takes one away. */
export function patchOf(before: CueSource, after: CueSource): CueSource {
  const members = new Set([...Object.keys(before), ...Object.keys(after)]);
  const isOther = (member: string) => JSON.stringify(before[member]) !== JSON.stringify(after[member]);
  return Object.fromEntries([...members].filter(isOther).map((member) => [member, after[member] ?? null]));
}
