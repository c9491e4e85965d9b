// The WebSocket: says hello, keeps the state, comes back when it was lost.
import type { Answer, Payload, Role, ServerMessage, State } from "../protocol";
import { changed } from "./changes";
import { here, ServerClock } from "./clock";
import { Frames } from "./frames";
import { Store } from "./store";

export type Link =
  | { kind: "connecting" }
  | { kind: "open" }
  | { kind: "lost"; seconds: number }
  | { kind: "login" };

export type Event = Extract<ServerMessage, { type: "event" }>;

const UNAUTHORIZED = 4401;
const LONGEST_WAIT_S = 15;

const gone: Answer = { accepted: false, message: "The server is gone.", reason: "gone" };

export class Connection {
  readonly link = new Store<Link>({ kind: "connecting" });
  readonly state = new Store<State | null>(null);
  readonly role = new Store<Role>("view");
  readonly clock = new ServerClock();
  readonly frames = new Frames();
  private readonly listeners = new Set<(event: Event) => void>();
  private socket: WebSocket | null = null;
  private seq = -1;
  private helloSent: number | null = null;
  private wait = 1;
  private timer: number | undefined;
  private nextRequest = 1;
  private readonly asked = new Map<string, (answer: Answer) => void>();

  /** Opens it, now. */
  open(): void {
    window.clearTimeout(this.timer);
    if (this.socket) this.socket.onclose = null;
    this.socket?.close();
    this.link.set({ kind: "connecting" });
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.hello();
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") this.hear(JSON.parse(data) as ServerMessage);
      else this.frames.read(data);
    };
    socket.onclose = ({ code }) => void this.lost(code);
    this.socket = socket;
  }

  /** Says hello: at first, when a patch went missing, and to measure the round trip. */
  hello(): void {
    if (this.helloSent !== null || this.socket?.readyState !== WebSocket.OPEN) return;
    this.helloSent = here();
    this.socket.send(JSON.stringify({ type: "hello", deep: true }));
  }

  /** Asks for something, and for an answer. */
  ask(name: string, payload: Payload = {}): Promise<Answer> {
    const id = String(this.nextRequest++);
    if (!this.send({ type: "intent", req_id: id, name, payload })) return Promise.resolve(gone);
    return new Promise((resolve) => this.asked.set(id, resolve));
  }

  /** Asks for something that is only answered when it is refused. */
  tell(name: string, payload: Payload = {}): void {
    this.send({ type: "intent", name, payload });
  }

  listen(listener: (event: Event) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private send(message: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private hear(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot":
        if (this.helloSent !== null) this.clock.learn(this.helloSent, here(), message.time_ms);
        this.helloSent = null;
        this.seq = message.seq;
        this.wait = 1;
        this.role.set(message.role);
        this.state.set(message.state);
        this.link.set({ kind: "open" });
        break;
      case "patch": {
        const state = this.state.get();
        // What comes while a hello is on its way is in the snapshot.
        if (this.helloSent !== null && message.base !== this.seq) break;
        if (!state || message.base !== this.seq) return this.hello();
        this.seq = message.seq;
        this.state.set(changed(state, message.changes));
        break;
      }
      case "event":
        this.event(message);
    }
  }

  private event(event: Event): void {
    const id = event.data?.req_id;
    const asker = typeof id === "string" ? this.asked.get(id) : undefined;
    if (asker) {
      this.asked.delete(id as string);
      asker({ accepted: true, ...event.data, message: event.message });
      return;
    }
    for (const listener of this.listeners) listener(event);
  }

  private async lost(code: number): Promise<void> {
    const wasOpen = this.link.get().kind === "open";
    this.socket = null;
    this.helloSent = null;
    this.clock.forget();
    for (const answer of this.asked.values()) answer(gone);
    this.asked.clear();
    // A browser does not say why a WebSocket was refused; a plain request does.
    if (code === UNAUTHORIZED || (!wasOpen && (await isUnauthorized()))) {
      this.link.set({ kind: "login" });
      return;
    }
    this.tryAgain(this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_S);
  }

  private tryAgain(seconds: number): void {
    if (seconds <= 0) return this.open();
    this.link.set({ kind: "lost", seconds });
    this.timer = window.setTimeout(() => this.tryAgain(seconds - 1), 1000);
  }
}

async function isUnauthorized(): Promise<boolean> {
  try {
    return (await fetch("rgb", { cache: "no-store" })).status === 401;
  } catch {
    return false;
  }
}
