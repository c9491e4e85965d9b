// The fixtures that are chosen: on the stage, or in their lane.
import { Store } from "../remote/store";
import { showPanel } from "./panels";

export const chosen = new Store<ReadonlySet<string>>(new Set());

/** Chooses a fixture, or with `more` adds it to those that are chosen (or takes it away). */
export function choose(id: string, more: boolean): void {
  const before = chosen.get();
  const ids = new Set(more ? before : []);
  if (before.has(id) && (more || before.size === 1)) ids.delete(id);
  else ids.add(id);
  chosen.set(ids);
  if (ids.size > 0) showPanel("fixtures");
}

export function chooseAll(ids: string[]): void {
  chosen.set(new Set(ids));
}
