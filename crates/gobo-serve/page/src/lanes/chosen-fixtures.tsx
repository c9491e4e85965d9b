// Everything that the chosen fixtures can do, by hand.
import { useState } from "preact/hooks";
import type { Channel, Fixture } from "../protocol";
import { hasColor, hold, letGo, level, part } from "../remote/looks";
import { ask, useControl, useRemote } from "../remote/remote";
import { title } from "../remote/words";
import { chooseAll } from "../ui/chosen";
import { Act, Button, Choice, Fader } from "../ui/controls";
import { levelsOf, setLevel } from "./fixtures";
import { useLive } from "./live";
import { ColorPad, PositionPad } from "./pads";
import { pointAt } from "./points";

const EFFECTS = ["flash", "strobe", "full", "blackout", "fade_in", "fade_out"];

function Level({ fixtures }: { fixtures: Fixture[] }) {
  const first = fixtures.find((fixture) => levelsOf(fixture).length > 0)!;
  const channel = levelsOf(first)[0]!;
  const value = useLive(() => Math.round(part(first, channel) * 1000) / 1000);
  return <Fader name="Level" value={value} held={channel.name in first.held} onInput={(next) => setLevel(fixtures, next)} />;
}

function setChannel(fixtures: Fixture[], name: string, value: (channel: Channel) => number | string | null): void {
  hold(fixtures, name, (fixture) => {
    const channel = fixture.channels.find((one) => one.name === name);
    return channel ? { [name]: value(channel) } : {};
  });
}

function ChannelRow({ fixtures, channel }: { fixtures: Fixture[]; channel: Channel }) {
  const first = fixtures[0]!;
  const mayAct = useControl();
  const { name, labels, emitter } = channel;
  const value = useLive(() => Math.round(part(first, channel) * 1000) / 1000);
  const held = first.held[name];
  const shownLabel = labels?.find(({ from, to }) => from <= level(channel, value) && level(channel, value) <= to);
  const text = String(Math.round(level(channel, value)));
  return (
    <div class="channel">
      {labels?.length ? (
        <div class="field row-field">
          <label for={`channel-${name}`}>{name}</label>
          <select
            id={`channel-${name}`}
            value={typeof held === "string" ? held : (shownLabel?.name ?? "")}
            disabled={!mayAct}
            onChange={(event) => setChannel(fixtures, name, () => event.currentTarget.value)}
          >
            {!shownLabel && <option value="">{text}</option>}
            {labels.map((label) => (
              <option key={label.name} value={label.name}>
                {label.name}
              </option>
            ))}
          </select>
        </div>
      ) : (
        <Fader name={name} value={value} text={text} tint={emitter ?? undefined} held={held !== undefined} onInput={(next) => setChannel(fixtures, name, (one) => level(one, next))} />
      )}
      <Act icon="close" class="plain small" label={`Let go of ${name}`} disabled={held === undefined} onClick={() => setChannel(fixtures, name, () => null)} />
    </div>
  );
}

function Channels({ fixtures }: { fixtures: Fixture[] }) {
  const [isOpen, setOpen] = useState(false);
  const { channels } = fixtures[0]!;
  return (
    <details class="tool" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>All {channels.length} channels</summary>
      {isOpen && channels.map((channel) => <ChannelRow key={channel.name} fixtures={fixtures} channel={channel} />)}
    </details>
  );
}

function Effects({ fixtures }: { fixtures: Fixture[] }) {
  const [effect, setEffect] = useState(EFFECTS[0]!);
  const mayAct = useControl();
  const preview = () => {
    for (const { id } of fixtures) {
      void ask("fixture.preview_effect", { fixture_id: id, effect_id: effect, duration_ms: 2000, params: {} });
    }
  };
  return (
    <div class="buttons ends">
      <Choice name="Effect" value={effect} options={EFFECTS.map((one) => [one, title(one)])} onChange={setEffect} disabled={!mayAct} />
      <Act onClick={preview}>Preview</Act>
      <Act onClick={() => void ask("fixture.stop_preview")}>End</Act>
    </div>
  );
}

function Aims({ fixtures }: { fixtures: Fixture[] }) {
  const pois = useRemote(({ pois }) => pois);
  const aims = pois.filter((poi) => fixtures.some(({ id }) => poi.fixtures[id]));
  if (aims.length === 0) return null;
  return (
    <div class="chips" role="group" aria-label="Point at">
      {aims.map((poi) => (
        <Act key={poi.id} icon="here" class="chip" label={`Point at ${poi.name}`} onClick={() => pointAt(poi, fixtures)}>
          {poi.name}
        </Act>
      ))}
    </div>
  );
}

/** What the fixture is, for who looks for it in the patch. */
function Place({ fixture }: { fixture: Fixture }) {
  const { profile, universe, address, footprint } = fixture;
  return (
    <small class="quiet mono">
      {profile} · {universe}.{address}–{address + footprint - 1}
    </small>
  );
}

export function Chosen({ fixtures }: { fixtures: Fixture[] }) {
  const first = fixtures[0]!;
  const name = fixtures.length === 1 ? first.name : `${fixtures.length} fixtures`;
  const colored = fixtures.filter(hasColor);
  const moving = fixtures.filter(({ channels }) => channels.some(({ kind }) => kind === "pan" || kind === "tilt"));
  const isHeld = fixtures.some(({ held }) => Object.keys(held).length > 0);
  return (
    <section class="chosen" aria-label={`By hand: ${name}`}>
      <header>
        <h3>{name}</h3>
        {fixtures.length === 1 && <Place fixture={first} />}
        <span class="spread" />
        <Act disabled={!isHeld} onClick={() => letGo(fixtures)}>
          Let go
        </Act>
        <Button icon="close" class="plain" label="Choose none" onClick={() => chooseAll([])} />
      </header>
      <div class="chosen-body scroll" tabIndex={0} role="group" aria-label="Controls of the chosen fixtures">
        {fixtures.some((fixture) => levelsOf(fixture).length > 0) && <Level fixtures={fixtures} />}
        <div class="pads">
          {colored.length > 0 && <ColorPad fixtures={colored} />}
          {moving.length > 0 && <PositionPad fixtures={moving} />}
        </div>
        {moving.length > 0 && <Aims fixtures={moving} />}
        <Effects fixtures={fixtures} />
        <Channels fixtures={fixtures} />
      </div>
    </section>
  );
}
