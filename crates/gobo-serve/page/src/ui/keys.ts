// The keyboard. A field that takes the key itself keeps it.
import { addLook, setBlackout } from "../remote/looks";
import { ask, mayControl, remote, state } from "../remote/remote";
import { seek, seekBy, stepSection, togglePlay } from "../remote/transport";
import { dialog, isNarrow, PANELS, showPanel } from "./panels";

function focus(id: string): void {
  // What was not shown until now is there a moment later.
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()));
}

function toPanel(index: number): void {
  const which = PANELS[index]!;
  showPanel(which);
  focus(isNarrow() ? `tab-${which}` : `panel-${which}`);
}

function whenControlled(act: () => void): () => void {
  return () => mayControl() && act();
}

const ACTIONS: { [key: string]: (event: KeyboardEvent) => void } = {
  " ": togglePlay,
  ArrowLeft: (event) => seekBy(event.shiftKey ? -1 : -5),
  ArrowRight: (event) => seekBy(event.shiftKey ? 1 : 5),
  Home: () => seek(0),
  "[": () => stepSection(-1),
  "]": () => stepSection(1),
  b: () => setBlackout(!state().levels.blackout),
  f: whenControlled(() => void ask("levels.set", { frozen: !state().levels.frozen })),
  g: () => {
    showPanel("masters");
    focus("grand-master");
  },
  a: addLook,
  l: whenControlled(() => void ask("system.set_edit_lock", { locked: !state().system.edit_lock })),
  r: whenControlled(() => void ask("transport.set_repeat", { repeat: !state().playback.repeat })),
  "/": () => {
    showPanel("chat");
    focus("chat-prompt");
  },
  "?": () => dialog.set("help"),
};

const WRITES = "input:not([type=range]), textarea, select, [contenteditable]";
const MOVES = "input[type=range], [role=slider], [role=tab], [role=application]";
const PRESSES = "button, summary, a[href]";

/** Whether whatever has the focus has its own use for the key. */
function isTaken(target: Element, key: string): boolean {
  if (target.closest(WRITES)) return true;
  if (key.startsWith("Arrow") || key === "Home") return target.closest(MOVES) !== null;
  // A button that was clicked keeps the focus without showing it; there Space still plays.
  return key === " " && target.closest(PRESSES)?.matches(":focus-visible") === true;
}

export function onKey(event: KeyboardEvent): void {
  if (!remote.state.get()) return;
  const target = event.target as Element;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return (document.activeElement as HTMLElement | null)?.blur();
  if (isTaken(target, event.key)) return;
  const number = Number(event.key);
  const act = number >= 1 && number <= PANELS.length ? () => toPanel(number - 1) : ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
  if (event.key === " ") target.addEventListener("keyup", (up) => up.preventDefault(), { once: true });
}
