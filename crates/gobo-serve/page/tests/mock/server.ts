// A server that speaks crates/REMOTE.md, with the demo in its memory and nothing behind it.
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import type { Json, Role, State } from "../../src/protocol";
import { INTENTS, placed, type Stage, timeNow } from "./intents";
import { frame } from "./light";
import { REPOSITORY } from "./rig";
import { demoPeaks, demoState } from "./show";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES: { [extension: string]: string } = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const POLICY = "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; media-src 'self' blob:";

export interface MockOptions {
  port?: number;
  /** Asked for, when there is one; `look` as a token is of the role `view`. */
  token?: string;
  withPatch?: boolean;
}

export interface Mock {
  url: string;
  port: number;
  stage: Stage;
  /** Loses one patch on its way to each client. */
  loseOne(): void;
  close(): Promise<void>;
}

interface Client {
  socket: WebSocket;
  role: Role;
  /** The `seq` that it was last sent; -1 before its hello. */
  seq: number;
  fps: number;
  nextFrame: number;
}

class Server implements Stage {
  state: State;
  seq = 1;
  frames = 0;
  losing = false;
  readonly clients = new Set<Client>();

  constructor(private readonly options: MockOptions) {
    this.state = demoState(options.withPatch ?? true);
  }

  set(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
    this.seq++;
    const patches = Object.entries(changes).map(([key, value]) => ({ path: [key], value }));
    for (const client of this.clients) {
      if (client.seq < 0) continue;
      const patch = { type: "patch", seq: this.seq, base: client.seq, changes: patches };
      client.seq = this.seq;
      if (!this.losing) client.socket.send(JSON.stringify(patch));
    }
    this.losing = false;
  }

  chat(message: string, data: { [key: string]: Json }): void {
    for (const { socket } of this.clients) socket.send(JSON.stringify({ type: "event", level: "info", message, data }));
  }

  role(request: IncomingMessage): Role | null {
    const { token } = this.options;
    const given = /gobo=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
    if (!token || given === token) return given === "look" ? "view" : "control";
    return given === "look" ? "view" : null;
  }

  hear(client: Client, message: any): void {
    if (message.type === "hello") {
      client.seq = this.seq;
      client.socket.send(JSON.stringify({ type: "snapshot", seq: this.seq, role: client.role, time_ms: Date.now(), state: this.state }));
      return;
    }
    const { req_id, name, payload } = message;
    const outcome = this.outcome(client, name, payload ?? {});
    const accepted = !("reason" in outcome);
    if (req_id === undefined && accepted) return;
    const said = "message" in outcome ? String(outcome.message) : name;
    client.socket.send(JSON.stringify({ type: "event", level: accepted ? "info" : "error", message: said, data: { ...outcome, req_id, name, accepted } }));
  }

  private outcome(client: Client, name: string, payload: any) {
    if (name === "stage.watch") {
      client.fps = payload.on ? payload.fps : 0;
      return {};
    }
    if (client.role === "view") return { reason: "forbidden", message: "this token may look only" };
    return INTENTS[name]?.(this, payload) ?? { reason: "not_found", message: `there is no ${name}` };
  }

  tick(): void {
    const { playback } = this.state;
    const now = timeNow(playback);
    if (playback.state === "playing") {
      const next = placed(this.state, {});
      const ended = now >= playback.duration_ms;
      if (ended) this.set({ playback: placed(this.state, playback.repeat ? { time_ms: 0 } : { state: "stopped", time_ms: 0 }) });
      else if (next.cues.join() !== playback.cues.join() || next.section_index !== playback.section_index) this.set({ playback: next });
    }
    const due = [...this.clients].filter(({ fps, nextFrame }) => fps > 0 && Date.now() >= nextFrame - 2);
    if (due.length === 0) return;
    const message = frame(this.state, now / 1000, this.frames++);
    for (const client of due) {
      client.nextFrame = Math.max(client.nextFrame + 1000 / client.fps, Date.now() - 20);
      client.socket.send(message);
    }
  }
}

function sendSong(request: IncomingMessage, response: ServerResponse): void {
  const path = join(REPOSITORY, "songs/switch-on.ogg");
  const { size } = statSync(path);
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "");
  const [start, end] = [Number(range?.[1] ?? 0), range?.[2] ? Number(range[2]) : size - 1];
  response.writeHead(range ? 206 : 200, { "Content-Type": "audio/ogg", "Accept-Ranges": "bytes", "Content-Length": end - start + 1, ...(range && { "Content-Range": `bytes ${start}-${end}/${size}` }) });
  createReadStream(path, { start, end }).pipe(response);
}

function sendFile(path: string, response: ServerResponse): void {
  const name = path === "/" ? "index.html" : path.slice(1);
  try {
    const body = readFileSync(join(DIST, name.replace(/[^\w.]/g, "")));
    response.writeHead(200, { "Content-Type": TYPES[name.split(".").pop()!] ?? "text/plain", "Content-Security-Policy": POLICY });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

async function login(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
  let body = "";
  for await (const part of request) body += String(part);
  const given = (JSON.parse(body) as { token: string }).token;
  const isKnown = given === token || given === "look";
  response.writeHead(isKnown ? 204 : 401, isKnown ? { "Set-Cookie": `gobo=${given}; HttpOnly; SameSite=Strict; Path=/` } : {}).end();
}

function answer(server: Server, options: MockOptions, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url!, "http://mock");
  if (pathname === "/login") return void login(request, response, options.token ?? "");
  const isOpen = /^\/(page\.(js|css)|favicon\.svg)?$/.test(pathname);
  if (!isOpen && server.role(request) === null) return void response.writeHead(401).end();
  if (pathname === "/rgb") return void response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  if (pathname === "/song") return sendSong(request, response);
  if (pathname === "/song/peaks") return void response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(demoPeaks(server.state.song!)));
  sendFile(pathname, response);
}

export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const server = new Server(options);
  const http = createServer((request, response) => answer(server, options, request, response));
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    const role = server.role(request);
    if (role === null) return void socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client: Client = { socket: webSocket, role, seq: -1, fps: 0, nextFrame: 0 };
      server.clients.add(client);
      webSocket.on("message", (data) => server.hear(client, JSON.parse(String(data))));
      webSocket.on("close", () => server.clients.delete(client));
    });
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, "127.0.0.1", resolve));
  const timer = setInterval(() => server.tick(), 4);
  const { port } = http.address() as AddressInfo;
  const close = async () => {
    clearInterval(timer);
    for (const { socket } of server.clients) socket.terminate();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}/`, port, stage: server, loseOne: () => (server.losing = true), close };
}
