// What is said to whoever looks at the page; it goes by itself.
import { Store } from "./store";

export interface Notice {
  id: number;
  level: "info" | "error";
  text: string;
}

const SHOWN_MS = { info: 4000, error: 9000 };
const MOST = 4;

export const notices = new Store<Notice[]>([]);
let nextId = 1;

export function dismiss(id: number): void {
  notices.update((all) => all.filter((notice) => notice.id !== id));
}

export function notify(level: Notice["level"], text: string): void {
  // The same thing is said once, however often it happens.
  if (notices.get().some((notice) => notice.text === text)) return;
  const id = nextId++;
  notices.update((all) => [...all, { id, level, text }].slice(-MOST));
  window.setTimeout(() => dismiss(id), SHOWN_MS[level]);
}
