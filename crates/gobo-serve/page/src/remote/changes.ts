import type { Change, Json } from "../protocol";

type Branch = { [key: string]: Json } | Json[];

function isBranch(value: Json | undefined): value is Branch {
  return typeof value === "object" && value !== null;
}

function withChange(value: Json | undefined, path: (string | number)[], change: Change): Json {
  const [key, ...rest] = path;
  if (key === undefined) return change.value ?? null;
  // Only what lies on the path is copied, so that everything else stays the same object and
  // components that show it have nothing to do.
  const copy: Branch = Array.isArray(value) ? [...value] : isBranch(value) ? { ...value } : {};
  const members = copy as { [key: string]: Json };
  if (rest.length === 0 && !("value" in change)) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete members[key];
  } else {
    members[key] = withChange(members[key], rest, change);
  }
  return copy;
}

/** The state after some changes; the one before is left as it was. */
export function changed<T>(state: T, changes: Change[]): T {
  return changes.reduce((value, change) => withChange(value, change.path, change), state as Json) as T;
}
