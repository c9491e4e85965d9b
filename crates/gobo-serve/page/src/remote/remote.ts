// The one connection of the page, and what components do with it.
import type { Answer, Payload, State } from "../protocol";
import { notify } from "./notices";
import { Connection } from "./connection";
import { useStore } from "./store";
import { refusal } from "./words";

export const remote = new Connection();

/** A part of the state; only rendered where there is one. */
export function useRemote<S>(select: (state: State) => S): S {
  return useStore(remote.state, (state) => {
    if (!state) throw new Error("there is no state yet");
    return select(state);
  });
}

export function state(): State {
  const state = remote.state.get();
  if (!state) throw new Error("there is no state yet");
  return state;
}

/** Whether whoever looks at this page may change something, and the server is there to hear it. */
export function useControl(): boolean {
  const isControl = useStore(remote.role, (role) => role === "control");
  const isOpen = useStore(remote.link, (link) => link.kind === "open");
  return isControl && isOpen;
}

export function mayControl(): boolean {
  return remote.role.get() === "control" && remote.link.get().kind === "open";
}

/** When somebody asked for something here last, so that its edit is not told again. */
let askedAt = -Infinity;
const OWN_MS = 1_000;

/** Asks for something; a refusal is told to whoever looks. */
export async function ask(name: string, payload: Payload = {}): Promise<Answer> {
  askedAt = performance.now();
  const answer = await remote.ask(name, payload);
  if (!answer.accepted) notify("error", refusal(answer));
  return answer;
}

/** The same, and says `done` when it was accepted. */
export async function askAndSay(done: string, name: string, payload: Payload = {}): Promise<Answer> {
  const answer = await ask(name, payload);
  if (answer.accepted) notify("info", done);
  return answer;
}

const waiting = new Map<string, () => void>();

/** Sends at most once an animation frame for each `key`; the newest wins. */
export function tellNewest(key: string, name: string, payload: Payload): void {
  if (waiting.size === 0) {
    requestAnimationFrame(() => {
      const due = [...waiting.values()];
      waiting.clear();
      for (const send of due) send();
    });
  }
  waiting.set(key, () => remote.tell(name, payload));
}

// Refusals of what nobody waits for, and what the server says by itself.
remote.listen(({ level, message, data }) => {
  if (data?.llm || (data?.edit && performance.now() - askedAt < OWN_MS)) return;
  if (data?.accepted === false) notify("error", refusal({ ...data, accepted: false, message }));
  else if (data?.accepted === undefined && message) notify(level === "info" ? "info" : "error", message);
});
