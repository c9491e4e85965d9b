// The server is killed and started again, as GOBO_COMMAND says: {command, args, cwd, url}.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { test } from "node:test";
import { until, visit } from "./browser";
import { Client } from "./client";

interface Command {
  command: string;
  args: string[];
  cwd: string;
  url: string;
}

async function started({ command, args, cwd, url }: Command): Promise<ChildProcess> {
  const child = spawn(command, args, { cwd, stdio: "ignore" });
  const isReady = () => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false);
  await until(isReady, (ready) => ready, "the server");
  return child;
}

const told = process.env.GOBO_COMMAND;

test("the server is killed and comes back: the page is where it was", { skip: told ? false : "no server to start" }, async (t) => {
  const command = JSON.parse(told!) as Command;
  let server = await started(command);
  t.after(() => server.kill("SIGKILL"));
  const { page, quiet, close } = await visit(command.url);
  t.after(close);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  server.kill("SIGKILL");
  await page.locator(".banner").getByText(/The server is gone; trying again/).waitFor();
  assert.ok(await page.getByRole("button", { name: "Pause", exact: true }).isDisabled());
  server = await started(command);
  await page.locator(".banner").waitFor({ state: "detached" });
  // It stands by again: the page says so, and leads it.
  await page.getByRole("button", { name: "Play", exact: true }).click();
  const client = await Client.open(command.url);
  await until(async () => (await client.state()).playback.state, (state) => state === "playing", "playback");
  client.close();
  quiet(/ERR_CONNECTION_REFUSED|WebSocket|ERR_INCOMPLETE_CHUNKED|net::/);
});
