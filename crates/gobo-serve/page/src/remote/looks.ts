// What fixtures are made to show by hand.
import type { Channel, Fixture, Held } from "../protocol";
import { ask, askAndSay, mayControl, remote, state, tellNewest } from "./remote";
import { position } from "./transport";

export const rgbOf = (emitter: string | null | undefined): number => ["red", "green", "blue"].indexOf(emitter ?? "");

/** Channels that together are the colour of the whole fixture: each emitter's first, or all. */
export function emitters(fixture: Fixture): Channel[] {
  return fixture.channels.filter(({ kind }) => kind === "color");
}

export function hasColor(fixture: Fixture): boolean {
  return [0, 1, 2].every((part) => emitters(fixture).some(({ emitter }) => rgbOf(emitter) === part));
}

/** A channel as a part from 0 to 1: by hand if it is held so, otherwise as it goes out. */
export function part(fixture: Fixture, channel: Channel): number {
  const held = fixture.held[channel.name];
  const value = typeof held === "number" ? held : remote.frames.value(fixture, channel.slots);
  return channel.max > channel.min ? (value - channel.min) / (channel.max - channel.min) : 0;
}

export function level(channel: Channel, part: number): number {
  return Math.round(channel.min + Math.max(0, Math.min(1, part)) * (channel.max - channel.min));
}

type Values = { [channel: string]: Held | null };

/** Holds channels of some fixtures; `null` lets go. `what` tells one control from another. */
export function hold(fixtures: Fixture[], what: string, values: (fixture: Fixture) => Values): void {
  for (const fixture of fixtures) {
    const key = `${fixture.id}/${what}`;
    tellNewest(key, "fixture.set_values", { fixture_id: fixture.id, values: values(fixture) });
  }
}

/** The values of a colour: all heads' red, green and blue, and the other emitters off. */
export function colorValues(fixture: Fixture, rgb: [number, number, number]): Values {
  const values: Values = {};
  for (const channel of emitters(fixture)) {
    values[channel.name] = level(channel, rgb[rgbOf(channel.emitter)] ?? 0);
  }
  return values;
}

export function letGo(fixtures: Fixture[]): void {
  for (const { id, held } of fixtures) {
    const names = Object.keys(held);
    if (names.length === 0) continue;
    void ask("fixture.set_values", { fixture_id: id, values: Object.fromEntries(names.map((name) => [name, null])) });
  }
}

export function heldFixtures(fixtures: { [id: string]: Fixture }): Fixture[] {
  return Object.values(fixtures).filter(({ held }) => Object.keys(held).length > 0);
}

/** The look of now becomes a cue at the current time. */
export function addLook(): void {
  if (!mayControl()) return;
  const time = Math.round(position(state().playback) * 1000) / 1000;
  void askAndSay("The look of now is a cue.", "cue.add_look", { time });
}

export function setBlackout(blackout: boolean): void {
  if (mayControl()) void ask("levels.set", { blackout });
}
