// What the mock does when it is asked for something.
import type { Cue, CueSource, Hint, Json, Playback, Poi, State } from "../../src/protocol";
import { cueFrom, sorted } from "./show";

type Payload = { [key: string]: any };
export type Outcome = { [member: string]: Json } | { reason: string; message: string };

export interface Stage {
  state: State;
  /** Sets top-level keys of the state and tells all clients. */
  set(changes: Partial<State>): void;
  /** A chat event to all clients. */
  chat(message: string, data: { [key: string]: Json }): void;
}

const refuse = (reason: string, message: string) => ({ reason, message });

export function timeNow(playback: Playback): number {
  if (playback.state !== "playing") return playback.time_ms;
  return Math.min(playback.duration_ms, playback.time_ms + (Date.now() - playback.at_ms) * playback.speed);
}

/** Playback with where it is worked out anew. */
export function placed(state: State, changes: Partial<Playback>): Playback {
  const playback = { ...state.playback, time_ms: timeNow(state.playback), at_ms: Date.now(), ...changes };
  const seconds = playback.time_ms / 1000;
  const index = state.song!.sections.findIndex(({ start_s, end_s }) => start_s <= seconds && seconds < end_s);
  const runs = ({ time, end }: Cue) => time <= seconds && seconds <= (end ?? time) + 0.05;
  return {
    ...playback,
    section_index: index < 0 ? null : index,
    section_name: state.song!.sections[index]?.name ?? null,
    cues: state.cues.filter(runs).map(({ index }) => index),
  };
}

function play(stage: Stage, changes: Partial<Playback>): Outcome {
  stage.set({ playback: placed(stage.state, changes) });
  return {};
}

function editCues(stage: Stage, edit: (cues: Cue[]) => Cue[] | ReturnType<typeof refuse>): Outcome {
  const { system, playback, cues } = stage.state;
  if (system.edit_lock && playback.state === "playing") return refuse("playback_active", "cues are not edited while the show plays");
  const edited = edit(cues);
  if (!Array.isArray(edited)) return edited;
  stage.set({ cues: sorted(edited) });
  return {};
}

function updateCue(stage: Stage, { index, patch, source }: Payload): Outcome {
  return editCues(stage, (cues) => {
    const cue = cues[index as number];
    if (!cue) return refuse("not_found", "there is no such cue");
    if (source !== undefined && JSON.stringify(source) !== JSON.stringify(cue.source)) return refuse("conflict", "the file has changed");
    const members = { ...(cue.source as CueSource), ...(patch as CueSource) };
    const next = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
    return cues.map((one) => (one === cue ? cueFrom(next, cue.file, stage.state.song!) : one));
  });
}

function setFixture(stage: Stage, id: string, change: (held: { [name: string]: number | string }) => object): Outcome {
  const fixture = stage.state.fixtures[id];
  if (!fixture) return refuse("not_found", "there is no such fixture");
  stage.set({ fixtures: { ...stage.state.fixtures, [id]: { ...fixture, ...change({ ...fixture.held }) } } });
  return {};
}

function setHints(stage: Stage, change: (hints: Hint[]) => Hint[]): Outcome {
  stage.set({ song: { ...stage.state.song!, hints: change(stage.state.song!.hints) } });
  return {};
}

function setPois(stage: Stage, change: (pois: Poi[]) => Poi[]): Outcome {
  stage.set({ pois: change(stage.state.pois) });
  return {};
}

const LOOK: CueSource = { name: "Look", on: "lights", set: { dimmer: 1 } };

function prompt(stage: Stage, { prompt }: Payload): Outcome {
  const { messages } = stage.state.llm;
  const id = `a${messages.length}`;
  const said = [...messages, { id: `u${messages.length}`, role: "user", text: prompt as string }];
  stage.set({ llm: { busy: true, messages: [...said, { id, role: "assistant", text: "" }] } });
  const words = "The intro could have a slow blue wash from the back.".split(" ");
  words.forEach((word, at) => setTimeout(() => stage.state.llm.busy && stage.chat("", { llm: "delta", id, text: `${word} ` }), 40 * (at + 1)));
  setTimeout(() => {
    if (!stage.state.llm.busy) return;
    const action = { id: `p${messages.length}`, status: "proposed", summary: "Add the cue “Blue wash” in the intro", intents: [{ name: "cue.add", payload: { cue: { at: "intro", on: "washes", name: "Blue wash", set: { color: "blue" } } } }] };
    stage.chat("", { llm: "done", id, text: words.join(" ") });
    stage.chat("", { llm: "proposal", id, action });
    stage.set({ llm: { busy: false, messages: [...said, { id, role: "assistant", text: words.join(" "), action }] } });
  }, 40 * (words.length + 3));
  return {};
}

function settle(stage: Stage, id: Json | undefined, status: string): void {
  const messages = stage.state.llm.messages.map((one) => (one.action?.id === id ? { ...one, action: { ...one.action!, status } } : one));
  stage.set({ llm: { ...stage.state.llm, messages } });
}

function confirm(stage: Stage, { action_id }: Payload): Outcome {
  const cue = cueFrom({ at: "intro", on: "washes", name: "Blue wash", set: { color: "blue" } }, "base.json", stage.state.song!);
  stage.set({ cues: sorted([...stage.state.cues, cue]) });
  settle(stage, action_id, "confirmed");
  return {};
}

function addCue(stage: Stage, { cue, file, ...row }: Payload): Outcome {
  const source = (cue ?? row) as CueSource;
  return editCues(stage, (cues) => [...cues, cueFrom(source, (file as string | undefined) ?? "base.json", stage.state.song!)]);
}

export const INTENTS: { [name: string]: (stage: Stage, payload: Payload) => Outcome } = {
  "song.list": () => ({ songs: [{ filename: "switch-on.ogg", title: "Switch On" }, { filename: "other.ogg", title: "Another Song" }] }),
  "song.load": (stage, { show }) => (stage.set({ system: { ...stage.state.system, show: show ?? stage.state.system.show } }), {}),
  "song.hints.create": (stage, hint) => setHints(stage, (all) => [...all, { ...(hint as Hint), id: `h${Date.now()}` }]),
  "song.hints.update": (stage, hint) => setHints(stage, (all) => all.map((one) => (one.id === hint.id ? { ...one, ...hint } : one))),
  "song.hints.delete": (stage, { id }) => setHints(stage, (all) => all.filter((one) => one.id !== id)),
  "transport.play": (stage) => (stage.set({ system: { ...stage.state.system, edit_lock: true } }), play(stage, { state: "playing" })),
  "transport.pause": (stage) => play(stage, { state: "paused" }),
  "transport.stop": (stage) => play(stage, { state: "stopped", time_ms: 0 }),
  "transport.jump_to_time": (stage, { time_ms }) => play(stage, { time_ms }),
  "transport.jump_to_section": (stage, { section_index }) => {
    const section = stage.state.song!.sections[section_index as number];
    return section ? play(stage, { time_ms: section.start_s * 1000 }) : refuse("not_found", "there is no such section");
  },
  "transport.set_speed": (stage, { speed }) => play(stage, { speed }),
  "transport.set_repeat": (stage, { repeat }) => play(stage, { repeat }),
  "system.set_edit_lock": (stage, { locked }) => (stage.set({ system: { ...stage.state.system, edit_lock: locked } }), {}),
  "levels.set": (stage, { groups, ...rest }) => {
    const { levels } = stage.state;
    stage.set({ levels: { ...levels, ...rest, groups: { ...levels.groups, ...groups } } });
    return {};
  },
  "scene.save": (stage, { name }) => (stage.set({ scenes: [...new Set([...stage.state.scenes, name as string])].sort() }), {}),
  "scene.recall": (stage, { name }) => (stage.state.scenes.includes(name as string) ? {} : refuse("not_found", "there is no such scene")),
  "fixture.set_arm": (stage, { fixture_id, armed }) => setFixture(stage, fixture_id, () => ({ armed })),
  "fixture.set_values": (stage, { fixture_id, values }) =>
    setFixture(stage, fixture_id, (held) => ({ held: Object.fromEntries(Object.entries({ ...held, ...values }).filter(([, value]) => value !== null)) })),
  "fixture.preview_effect": (stage) => (stage.state.playback.state === "playing" ? refuse("playback_active", "no previews while the show plays") : {}),
  "fixture.stop_preview": () => ({}),
  "cue.add": addCue,
  "cue.update": updateCue,
  "cue.delete": (stage, { index }) => editCues(stage, (cues) => cues.filter((cue) => cue.index !== index)),
  "cue.reload": () => ({}),
  "cue.export_dmx": () => ({ path: "build/switch-on.dmx" }),
  "cue.apply_helper": (stage) => addCue(stage, { cue: { ...LOOK, name: "By the helper", at: "verse" } }),
  "cue.add_look": (stage, { time }) => addCue(stage, { cue: { at: `${time}s`, ...LOOK } }),
  "chaser.apply": (stage, { time }) => addCue(stage, { cue: { ...LOOK, name: "By the chaser", at: `${time}s` } }),
  "chaser.preview": () => ({}),
  "chaser.stop_preview": () => ({}),
  "chaser.start": (stage) => (stage.set({ chasers: stage.state.chasers.map((one) => ({ ...one, running: true })) }), {}),
  "chaser.stop": (stage) => (stage.set({ chasers: stage.state.chasers.map((one) => ({ ...one, running: false })) }), {}),
  "poi.create": (stage, poi) => setPois(stage, (all) => [...all, { ...(poi as Poi), fixtures: {} }]),
  "poi.update": (stage, poi) => setPois(stage, (all) => all.map((one) => (one.id === poi.id ? { ...one, ...poi } : one))),
  "poi.delete": (stage, { id }) => setPois(stage, (all) => all.filter((one) => one.id !== id)),
  "poi.update_fixture_target": (stage, { id, fixture_id, pan, tilt }) =>
    setPois(stage, (all) => all.map((one) => (one.id === id ? { ...one, fixtures: { ...one.fixtures, [fixture_id]: { pan, tilt } } } : one))),
  "llm.send_prompt": prompt,
  "llm.cancel": (stage) => (stage.set({ llm: { ...stage.state.llm, busy: false } }), {}),
  "llm.clear_conversation": (stage) => (stage.set({ llm: { messages: [], busy: false } }), {}),
  "llm.confirm_action": confirm,
  "llm.reject_action": (stage, { action_id }) => (settle(stage, action_id, "rejected"), {}),
};
