// Parts that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hsvFromRgb, rgbFromHsv } from "../src/lanes/color";
import { draftOf, patchOf, sourceFrom } from "../src/lanes/cue-source";
import type { Vec3 } from "../src/protocol";
import { changed } from "../src/remote/changes";
import { ServerClock } from "../src/remote/clock";
import { Frames } from "../src/remote/frames";
import { time } from "../src/remote/words";
import { shown } from "../src/stage/light";
import { beam, rotated } from "../src/stage/space";

test("a change copies its path and nothing else", () => {
  const before = { a: { b: [1, 2, 3], c: { d: 1 } }, e: {} };
  const after = changed(before, [{ path: ["a", "b", 1], value: 5 }, { path: ["a", "c", "d"] }]);
  assert.deepEqual(after, { a: { b: [1, 5, 3], c: {} }, e: {} });
  assert.deepEqual(before, { a: { b: [1, 2, 3], c: { d: 1 } }, e: {} });
  assert.equal(after.e, before.e);
});

test("the clock believes the shortest round trip, and a newer one when it is old", () => {
  const clock = new ServerClock();
  const offset = () => clock.now() - (performance.timeOrigin + performance.now());
  const is = (wanted: number) => assert.ok(Math.abs(offset() - wanted) < 1, String(offset()));
  clock.learn(0, 10, 1005);
  is(1000);
  clock.learn(20, 220, 1300);
  is(1000);
  clock.learn(3_600_000, 3_600_100, 3_601_150);
  is(1100);
});

test("frames keep what did not change", () => {
  const message = (flags: number, universe: number, slots: number[]) => {
    const bytes = new Uint8Array(28 + slots.length);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, 1);
    view.setUint8(1, flags);
    view.setUint16(2, 1, true);
    view.setUint16(24, universe, true);
    view.setUint16(26, slots.length, true);
    bytes.set(slots, 28);
    return bytes.buffer;
  };
  const frames = new Frames();
  frames.read(message(0, 1, [1, 2, 3]));
  frames.read(message(0, 2, [9]));
  assert.equal(frames.value({ universe: 1, address: 2 }, [0, 1]), 2 * 256 + 3);
  frames.read(message(1, 2, [8]));
  assert.equal(frames.slot(1, 0), 0);
  assert.equal(frames.slot(2, 0), 8);
  frames.read(new ArrayBuffer(3));
  frames.read(message(0, 1, [1, 2, 3]).slice(0, 29));
  assert.equal(frames.slot(1, 0), 0);
});

test("a cue's fields and its effect become the source again", () => {
  const before = { at: "verse", for: 4, on: "spots", name: "Dark", set: { dimmer: 0 } };
  const draft = draftOf(before);
  assert.deepEqual(sourceFrom(draft, before), before);
  const after = sourceFrom({ ...draft, for: "8", name: "" }, before);
  assert.ok(typeof after !== "string");
  assert.deepEqual(patchOf(before, after), { for: 8, name: null });
  assert.match(sourceFrom({ ...draft, effect: "{" }, before) as string, /not JSON/);
});

test("colours go to hue, saturation and value and back", () => {
  for (const rgb of [[1, 0, 0], [0, 1, 0.5], [0.2, 0.3, 0.9], [0.5, 0.5, 0.5], [1, 0, 0.25]] as Vec3[]) {
    const back = rgbFromHsv(hsvFromRgb(rgb));
    rgb.forEach((part, axis) => assert.ok(Math.abs(part - back[axis]!) < 1e-9, String([rgb, back])));
  }
});

test("a head shows its emitters, dimmed, through what filters it", () => {
  const channels = [
    { slots: [0], ranges: [{ from: 0, to: 255, gives: { brightness: [0, 1] as [number, number] } }] },
    { slots: [1], ranges: [{ from: 0, to: 255, gives: { emitter: [[255, 0, 0], 0, 1] as [Vec3, number, number] } }] },
  ];
  const read = (levels: number[]) => ([slot]: number[]) => levels[slot!]!;
  assert.deepEqual(shown({ name: "", channels }, read([255, 255])).color, [1, 0, 0]);
  assert.deepEqual(shown({ name: "", channels }, read([0, 255])).color, [0, 0, 0]);
  assert.deepEqual(shown({ name: "", channels: channels.slice(0, 1) }, read([255])).color, [1, 1, 1]);
});

test("a head hangs and points down, and up when it stands", () => {
  const near = (place: Vec3, wanted: Vec3) => place.forEach((at, axis) => assert.ok(Math.abs(at - wanted[axis]!) < 1e-9, String(place)));
  near(beam(0, 0), [0, 0, -1]);
  near(beam(0, 90), [0, 1, 0]);
  near(beam(90, 90), [-1, 0, 0]);
  near(rotated([0, 0, -1], [180, 0, 0]), [0, 0, 1]);
  near(rotated([1, 0, 0], [0, -90, 0]), [0, 0, 1]);
});

test("times", () => {
  assert.equal(time(62.54), "1:02.5");
  assert.equal(time(9, false), "0:09");
  assert.equal(time(59.99), "0:59.9");
});
