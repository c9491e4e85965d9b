// A second client of the server: what the page did is looked at where others see it too.
import { WebSocket } from "ws";
import type { Json, Payload, State } from "../src/protocol";

export class Client {
  private constructor(private readonly socket: WebSocket) {}

  static async open(url: string): Promise<Client> {
    const token = process.env.GOBO_TOKEN;
    const address = new URL("ws", url.replace(/^http/, "ws"));
    const socket = new WebSocket(address, token ? { headers: { Authorization: `Bearer ${token}` } } : {});
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return new Client(socket);
  }

  /** The first message that is right, after `message` was sent. */
  private answer(message: object, isRight: (message: any) => boolean): Promise<any> {
    return new Promise((resolve) => {
      const look = (text: Buffer, isBinary: boolean) => {
        const heard = isBinary ? null : JSON.parse(String(text));
        if (heard === null || !isRight(heard)) return;
        this.socket.off("message", look);
        resolve(heard);
      };
      this.socket.on("message", look);
      this.socket.send(JSON.stringify(message));
    });
  }

  async state(): Promise<State> {
    const { state } = await this.answer({ type: "hello", deep: true }, ({ type }) => type === "snapshot");
    return state as State;
  }

  async ask(name: string, payload: Payload = {}): Promise<{ [member: string]: Json }> {
    const req_id = String(Math.random());
    const { data } = await this.answer({ type: "intent", req_id, name, payload }, ({ data }) => data?.req_id === req_id);
    return data as { [member: string]: Json };
  }

  close(): void {
    this.socket.close();
  }
}
