// The connection: lost and found, tokens, a patch that went missing. At the mock, which can be
// stopped; a server of one's own is named by GOBO_TOKEN_URL and GOBO_TOKEN.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { picture, visit } from "./browser";
import { type MockOptions, startMock } from "./mock/server";

async function mocked(t: TestContext, options: MockOptions = {}) {
  const mock = await startMock(options);
  t.after(() => mock.close());
  return mock;
}

async function visited(t: TestContext, ...where: Parameters<typeof visit>) {
  const opened = await visit(...where);
  t.after(() => opened.close());
  return opened;
}

test("comes back when the server does", async (t) => {
  const first = await mocked(t);
  const { page, quiet } = await visited(t, first.url);
  await page.getByText("Connected", { exact: true }).first().waitFor();
  await first.close();
  await page.locator(".banner").getByText(/The server is gone; trying again in \d+ s/).waitFor();
  await picture(page, "laptop-lost");
  assert.ok(await page.getByRole("button", { name: "Play", exact: true }).isDisabled());
  await mocked(t, { port: first.port });
  await page.locator(".banner").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  quiet(/ERR_CONNECTION_REFUSED|WebSocket/);
});

test("says hello again when a patch went missing", async (t) => {
  const mock = await mocked(t);
  const { page, quiet } = await visited(t, mock.url);
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  const { levels } = mock.stage.state;
  mock.loseOne();
  mock.stage.set({ levels: { ...levels, blackout: true } });
  mock.stage.set({ system: { ...mock.stage.state.system, title: "Another title" } });
  await page.getByRole("heading", { name: "Another title" }).waitFor();
  await page.locator(".header .blackout[aria-pressed=true]").waitFor();
  quiet();
});

test("asks for the token, and says when it is wrong", async (t) => {
  const own = process.env.GOBO_TOKEN_URL;
  const token = process.env.GOBO_TOKEN ?? "right";
  const mock = own ? null : await mocked(t, { token });
  const { page, quiet } = await visited(t, own ?? mock!.url, "phone");
  const enter = async (text: string) => {
    await page.getByRole("textbox", { name: "Token" }).fill(text);
    await page.getByRole("button", { name: "Enter", exact: true }).click();
  };
  await enter("wrong");
  await page.getByText("That token is not known here.").waitFor();
  await picture(page, "phone-token");
  await enter(token);
  await page.getByRole("button", { name: "Blackout", exact: true }).waitFor();
  quiet(/401|WebSocket/);
});

test("a token in the address is traded for the cookie", async (t) => {
  const mock = await mocked(t, { token: "right" });
  const { page, quiet } = await visited(t, `${mock.url}?token=right`);
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, "");
  quiet();
});

test("who may only look has no controls, but sees", async (t) => {
  const mock = await mocked(t, { token: "right" });
  const { page, quiet } = await visited(t, `${mock.url}?token=look`);
  await page.getByText("Connected, to look only").waitFor();
  for (const name of ["Play", "Blackout"]) assert.ok(await page.getByRole("button", { name, exact: true }).isDisabled());
  assert.ok(await page.getByRole("slider", { name: "Grand master" }).isDisabled());
  await page.keyboard.press("b");
  await page.getByRole("tab", { name: "Masters" }).click();
  assert.equal(mock.stage.state.levels.blackout, false);
  quiet();
});

test("draws the stage of a server that tells channels only", async (t) => {
  const mock = await mocked(t, { withPatch: false });
  const { page, quiet } = await visited(t, mock.url, "laptop", { calm: true });
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.waitForTimeout(1500);
  await picture(page, "laptop-channels-only");
  quiet();
});
