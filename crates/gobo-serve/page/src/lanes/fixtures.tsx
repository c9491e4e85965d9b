// The fixtures lane: all fixtures with their level, and by hand whatever the chosen ones can do.
import { useRef, useState } from "preact/hooks";
import type { Fixture } from "../protocol";
import { hold, letGo, level, part, heldFixtures } from "../remote/looks";
import { ask, remote, useRemote } from "../remote/remote";
import { useStore } from "../remote/store";
import { mixed, rigOf } from "../stage/rig";
import { choose, chooseAll, chosen } from "../ui/chosen";
import { Act, Button, Fader } from "../ui/controls";
import { Chosen } from "./chosen-fixtures";
import { swatch } from "./color";
import { useLive, useSeen } from "./live";
import { memo } from "./memo";

export const levelsOf = (fixture: Fixture) => fixture.channels.filter(({ kind }) => kind === "level");

export function setLevel(fixtures: Fixture[], value: number): void {
  hold(fixtures, "level", (fixture) => Object.fromEntries(levelsOf(fixture).map((channel) => [channel.name, level(channel, value)])));
}

function Swatch({ id, seen }: { id: string; seen: boolean }) {
  const color = useLive(() => swatch(mixed(rigOf(remote.state.get()!).byFixture.get(id) ?? [])), seen);
  return <span class="swatch" style={{ background: color }} aria-hidden="true" />;
}

function LevelFader({ fixture, seen }: { fixture: Fixture; seen: boolean }) {
  const channels = levelsOf(fixture);
  const value = useLive(() => Math.round(Math.max(0, ...channels.map((channel) => part(fixture, channel))) * 1000) / 1000, seen);
  if (channels.length === 0) return <span class="fader" />;
  const isHeld = channels.some(({ name }) => name in fixture.held);
  return <Fader name={`${fixture.name}: level`} hideName value={value} held={isHeld} onInput={(next) => setLevel([fixture], next)} />;
}

interface RowProps {
  fixture: Fixture;
  isChosen: boolean;
}

const FixtureRow = memo(({ fixture, isChosen }: RowProps) => {
  const row = useRef<HTMLLIElement>(null);
  const seen = useSeen(row);
  const { id, name, armed, held } = fixture;
  const isHeld = Object.keys(held).length > 0;
  return (
    <li ref={row} class={`fixture ${isChosen ? "is-chosen" : ""}`} data-fixture={id}>
      <button type="button" class="fixture-name" aria-pressed={isChosen} onClick={(event) => choose(id, event.shiftKey || event.ctrlKey || event.metaKey)}>
        <Swatch id={id} seen={seen} />
        <span class="clip">{name}</span>
        {isHeld && <span class="held-mark">by hand</span>}
      </button>
      <LevelFader fixture={fixture} seen={seen} />
      <Act class="arm" label={`${armed ? "Armed" : "Arm"}: ${name}`} pressed={armed} onClick={() => void ask("fixture.set_arm", { fixture_id: id, armed: !armed })}>
        {armed ? "Armed" : "Arm"}
      </Act>
    </li>
  );
});

function GroupChips() {
  const groups = useRemote(({ groups }) => groups);
  const ids = useStore(chosen, (ids) => ids);
  return (
    <div class="chips" role="group" aria-label="Choose a group">
      {groups.map(({ name, fixtures }) => {
        const isChosen = fixtures.length === ids.size && fixtures.every((id) => ids.has(id));
        return (
          <Button key={name} class="chip" pressed={isChosen} onClick={() => chooseAll(isChosen ? [] : fixtures)}>
            {name}
          </Button>
        );
      })}
    </div>
  );
}

function matches({ id, name, type, profile }: Fixture, wanted: string): boolean {
  return `${id} ${name} ${type} ${profile}`.toLowerCase().includes(wanted.trim().toLowerCase());
}

export function FixtureLane() {
  const fixtures = useRemote(({ fixtures }) => fixtures);
  const ids = useStore(chosen, (ids) => ids);
  const [wanted, setWanted] = useState("");
  const patched = Object.values(fixtures).sort((a, b) => a.universe - b.universe || a.address - b.address);
  const shown = patched.filter((fixture) => matches(fixture, wanted));
  const held = heldFixtures(fixtures);
  const picked = [...ids].flatMap((id) => fixtures[id] ?? []);
  return (
    <>
      <div class="lane-tools buttons">
        <input type="search" aria-label="Find fixtures" placeholder="Find" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        <Act disabled={held.length === 0} onClick={() => letGo(held)}>
          Let go of all{held.length ? ` (${held.length})` : ""}
        </Act>
      </div>
      <GroupChips />
      <div class="scroll" tabIndex={0} role="group" aria-label="Fixtures">
        {shown.length === 0 && <p class="empty">No fixture is called so.</p>}
        <ul class="rows">
          {shown.map((fixture) => (
            <FixtureRow key={fixture.id} fixture={fixture} isChosen={ids.has(fixture.id)} />
          ))}
        </ul>
      </div>
      {picked.length > 0 && <Chosen fixtures={picked} />}
    </>
  );
}
