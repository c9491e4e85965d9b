// What the page does to a show, at GOBO_URL or at the mock. The show is edited: give it a copy.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import type { Fixture, State } from "../src/protocol";
import { server, until, visit, type Visit } from "./browser";
import { Client } from "./client";

let at: Awaited<ReturnType<typeof server>>;
let client: Client;
let visited: Visit;
let page: Page;

before(async () => {
  at = await server();
  client = await Client.open(at.url);
  visited = await visit(at.url);
  page = visited.page;
});
after(async () => {
  await visited.close();
  client.close();
  await at.close();
});
beforeEach(async () => {
  await client.ask("transport.pause");
  await client.ask("levels.set", { grand: 1, blackout: false, frozen: false });
});

const becomes = <T>(read: (state: State) => T, isRight: (value: T) => boolean, what: string) => until(async () => read(await client.state()), isRight, what);

const button = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });

test("plays and pauses", async () => {
  await client.ask("transport.jump_to_time", { time_ms: 1000, sync: true });
  await button("Play").click();
  await becomes(({ playback }) => playback.state, (state) => state === "playing", "playback");
  await page.waitForTimeout(700);
  assert.notEqual(await page.locator(".now").textContent(), "0:01.0");
  await button("Pause").click();
  await becomes(({ playback }) => playback.state, (state) => state === "paused", "playback");
});

test("seeks by a click and by keys", async () => {
  const track = page.getByRole("slider", { name: "Place in the song" });
  const { width, height } = (await track.boundingBox())!;
  await track.click({ position: { x: width / 2, y: height / 2 } });
  const half = (await client.state()).playback.duration_ms / 2;
  const near = (wanted: number) => (time: number) => Math.abs(time - wanted) < 300;
  await becomes(({ playback }) => playback.time_ms, near(half), "half of the song");
  await page.keyboard.press("ArrowRight");
  await becomes(({ playback }) => playback.time_ms, near(half + 5000), "5 s on");
  await page.keyboard.press("Home");
  await becomes(({ playback }) => playback.time_ms, near(0), "the start");
});

test("jumps to a section", async () => {
  const { song } = await client.state();
  const section = song!.sections[2]!;
  await page.locator(".section").nth(2).click();
  await becomes(({ playback }) => playback.time_ms, (time) => Math.abs(time - section.start_s * 1000) < 300, section.name);
});

test("edits a cue, and is refused while the show plays", async () => {
  const cue = (await client.state()).cues.find(({ editable, name }) => editable && name)!;
  const name = `${cue.name} (edited)`;
  const row = page.locator(`[data-cue="${cue.index}"]`);
  await row.locator(".cue-open").click();
  await row.getByLabel("Name", { exact: true }).fill(name);
  await row.getByRole("button", { name: "Save" }).click();
  const edited = await becomes(({ cues }) => cues.find((one) => one.name === name), Boolean, "the edited cue");
  await page.getByText(name).first().waitFor();
  await client.ask("cue.update", { index: edited!.index, patch: { name: cue.name } });

  await client.ask("transport.play");
  await button("Add to cue: the look of now").click();
  await page.getByText("Not while the show plays").waitFor();
});

test("a fader sends the newest once a frame, and holds still under the hand", async () => {
  const sent = await page.evaluate(async () => {
    const send = WebSocket.prototype.send;
    let count = 0;
    WebSocket.prototype.send = function (data) {
      if (String(data).includes("levels.set")) count++;
      send.call(this, data);
    };
    const fader = document.querySelector<HTMLInputElement>(".grand input")!;
    for (let value = 1000; value >= 420; value--) {
      fader.value = String(value);
      fader.dispatchEvent(new Event("input", { bubbles: true }));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    WebSocket.prototype.send = send;
    return count;
  });
  assert.ok(sent >= 1 && sent <= 3, `${sent} intents`);
  await becomes(({ levels }) => levels.grand, (grand) => Math.abs(grand - 0.42) < 0.002, "grand master");
});

const colored = ({ channels }: Fixture) => ["red", "green", "blue"].every((name) => channels.some(({ emitter }) => emitter === name));

test("gives a fixture a colour, and lets go", async () => {
  const fixture = Object.values((await client.state()).fixtures).find(colored)!;
  await page.locator(`[data-fixture="${fixture.id}"] .fixture-name`).click();
  const plane = page.locator(".hues .plane");
  const { width } = (await plane.boundingBox())!;
  await plane.click({ position: { x: width / 3, y: 2 } });
  const held = await becomes(({ fixtures }) => fixtures[fixture.id]!.held, (held) => Object.keys(held).length >= 3, "held");
  const level = (emitter: string) => Number(held[fixture.channels.find((one) => one.emitter === emitter)!.name]);
  assert.ok(level("green") > level("red") && level("green") > level("blue"), JSON.stringify(held));
  await button("Let go").click();
  await becomes(({ fixtures }) => Object.keys(fixtures[fixture.id]!.held), (names) => names.length === 0, "let go");
  await button("Choose none").click();
});

test("saves a scene and recalls it", async () => {
  await page.getByRole("tab", { name: "Masters" }).click();
  await page.getByLabel("Name of a new scene").fill("warm up");
  await page.keyboard.press("Enter");
  await becomes(({ scenes }) => scenes, (scenes) => scenes.includes("warm up"), "the scene");
  await button("warm up").click();
  await page.getByRole("tab", { name: "Fixtures" }).click();
});

test("arms and disarms a fixture", async () => {
  const [id] = Object.keys((await client.state()).fixtures);
  const arm = page.locator(`[data-fixture="${id}"] .arm`);
  await arm.click();
  await becomes(({ fixtures }) => fixtures[id!]!.armed, Boolean, "armed");
  await arm.click();
  await becomes(({ fixtures }) => fixtures[id!]!.armed, (armed) => !armed, "disarmed");
});

test("adds the look of now to the cues", async () => {
  const { cues, fixtures } = await client.state();
  const fixture = Object.values(fixtures).find(({ channels }) => channels.some(({ kind }) => kind === "level"))!;
  const level = fixture.channels.find(({ kind }) => kind === "level")!;
  await client.ask("fixture.set_values", { fixture_id: fixture.id, values: { [level.name]: level.max } });
  await button("Add to cue: the look of now").click();
  await becomes((state) => state.cues.length, (count) => count > cues.length, "one cue more");
  await button(/^Let go of all/).click();
});

test("blackout by key, freeze by key", async () => {
  await page.locator("h1").click();
  await page.keyboard.press("b");
  await becomes(({ levels }) => levels.blackout, Boolean, "blackout");
  await page.locator(".header .blackout[aria-pressed=true]").waitFor();
  await page.keyboard.press("b");
  await page.locator(".header .blackout[aria-pressed=false]").waitFor();
  await becomes(({ levels }) => levels.blackout, (on) => !on, "no blackout");
  await page.keyboard.press("f");
  await becomes(({ levels }) => levels.frozen, Boolean, "frozen");
});

test("the stage is drawn from frames, and is dark in a blackout", async () => {
  await client.ask("transport.jump_to_section", { section_index: 3 });
  await client.ask("transport.play");
  const light = () =>
    page.evaluate(() => {
      const canvas = document.querySelectorAll<HTMLCanvasElement>(".stage canvas")[1]!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, value) => sum + value, 0);
    });
  await until(light, (sum) => sum > 100_000, "light on the stage");
  const rate = async () => parseInt((await page.locator(".frame-rate").textContent())!);
  const frames = await until(rate, (fps) => fps >= 50, "frames a second");
  assert.ok(frames <= 66, `${frames} frames a second`);
  await client.ask("levels.set", { blackout: true });
  await until(light, (sum) => sum === 0, "dark");
});

test("the sound here keeps in step with the lights", async (t) => {
  if (!(await client.state()).song?.audio) return t.skip("the song has no sound");
  await client.ask("transport.jump_to_time", { time_ms: 5000, sync: true });
  await client.ask("transport.play");
  const sound = page.getByLabel("Sound", { exact: true });
  assert.equal(await sound.inputValue(), "At the server");
  await sound.selectOption("Here");
  await becomes(({ levels }) => levels.volume, (volume) => volume === 0, "silence at the server");
  const offset = () =>
    page.evaluate(() => {
      const [minutes, seconds] = document.querySelector(".now")!.textContent!.split(":").map(Number);
      return document.querySelector("audio")!.currentTime - (minutes! * 60 + seconds!);
    });
  // The time on the page is cut to tenths.
  await until(offset, (seconds) => seconds > -0.09 && seconds < 0.19, "in step");
  await page.waitForTimeout(1500);
  await until(offset, (seconds) => seconds > -0.05 && seconds < 0.15, "still in step");
  await sound.selectOption("At the server");
  await becomes(({ levels }) => levels.volume, (volume) => volume === 1, "sound at the server");
  assert.ok(await page.evaluate(() => document.querySelector("audio")!.paused), "silence here");
});

test("the chat: a prompt, its answer, a proposal that is confirmed", async (t) => {
  if (!(await client.state()).system.llm) return t.skip("no language model is set up");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("a slow blue wash in the intro");
  await page.keyboard.press("Enter");
  const before = (await client.state()).cues.length;
  await button("Confirm").click();
  await page.getByText("Done.").waitFor();
  await becomes(({ cues }) => cues.length, (count) => count !== before, "the proposed cue");
});

test("nothing was said in the console", () => visited.quiet());
