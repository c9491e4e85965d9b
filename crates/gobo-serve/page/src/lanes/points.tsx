// Points of interest: where they are, and where fixtures turn to meet them.
import { useState } from "preact/hooks";
import type { Fixture, Poi } from "../protocol";
import { hold, level, part } from "../remote/looks";
import { ask, askAndSay, useControl, useRemote } from "../remote/remote";
import { useStore } from "../remote/store";
import { Act, Button, Field } from "../ui/controls";
import { chosen } from "../ui/chosen";

const AXES = ["x", "y", "z"] as const;
const AXIS_NAMES = { x: "x, right (m)", y: "y, back (m)", z: "z, up (m)" };

function PointForm({ poi, onDone }: { poi: Poi | null; onDone: () => void }) {
  const [name, setName] = useState(poi?.name ?? "");
  const [place, setPlace] = useState(() => AXES.map((axis) => String(poi?.location[axis] ?? 0)));
  const mayAct = useControl();
  const isPlace = place.every((text) => text.trim() !== "" && !Number.isNaN(Number(text)));
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const [x, y, z] = place.map(Number);
    const id = poi?.id ?? name.trim().toLowerCase().replace(/\s+/g, "_");
    const location = { x: x!, y: y!, z: z! };
    const answer = await ask(poi ? "poi.update" : "poi.create", { id, name: name.trim(), location });
    if (answer.accepted) onDone();
  };
  return (
    <form class="editor stack" onSubmit={(event) => void submit(event)}>
      <Field name="Name" value={name} onInput={setName} disabled={!mayAct} />
      <div class="fields">
        {AXES.map((axis, index) => (
          <Field
            key={axis}
            name={AXIS_NAMES[axis]}
            value={place[index]!}
            onInput={(text) => setPlace(place.map((old, at) => (at === index ? text : old)))}
            disabled={!mayAct}
          />
        ))}
      </div>
      <div class="buttons">
        <button type="submit" class="button primary" disabled={!mayAct || !name.trim() || !isPlace}>
          Save
        </button>
        <Button onClick={onDone}>Cancel</Button>
        {poi && (
          <Act icon="trash" class="danger" onClick={() => void ask("poi.delete", { id: poi.id }).then(onDone)}>
            Delete
          </Act>
        )}
      </div>
    </form>
  );
}

function movingOf(fixture: Fixture) {
  const pan = fixture.channels.find(({ kind }) => kind === "pan");
  const tilt = fixture.channels.find(({ kind }) => kind === "tilt");
  return pan && tilt ? { pan, tilt } : null;
}

/** Pan and tilt of points count from 0 to this, from end stop to end stop. */
const FULL = 65535;

/** Turns fixtures to where they meet the point. */
export function pointAt(poi: Poi, fixtures: Fixture[]): void {
  hold(
    fixtures.filter(({ id }) => poi.fixtures[id]),
    "position",
    (fixture) => {
      const moving = movingOf(fixture);
      const target = poi.fixtures[fixture.id]!;
      if (!moving) return {};
      return { [moving.pan.name]: level(moving.pan, target.pan / FULL), [moving.tilt.name]: level(moving.tilt, target.tilt / FULL) };
    },
  );
}

/** Where a fixture points now is where it meets the point. */
async function keepAim(poi: Poi, fixture: Fixture): Promise<void> {
  const moving = movingOf(fixture);
  if (!moving) return;
  const [pan, tilt] = [moving.pan, moving.tilt].map((channel) => Math.round(part(fixture, channel) * FULL));
  await askAndSay(`${fixture.name} meets ${poi.name} so.`, "poi.update_fixture_target", { id: poi.id, fixture_id: fixture.id, pan, tilt });
}

function Point({ poi, moving, onEdit }: { poi: Poi; moving: Fixture[]; onEdit: () => void }) {
  const { x, y, z } = poi.location;
  const place = [x, y, z].map((at) => Number(at.toFixed(2))).join(", ");
  const aimed = moving.filter(({ id }) => poi.fixtures[id]);
  return (
    <div class="row wraps">
      <span class="grow">
        {poi.name}
        <small class="quiet mono block">{place}</small>
      </span>
      {moving.length > 0 && (
        <>
          <Act label={`Point the chosen heads at ${poi.name}`} disabled={aimed.length === 0} onClick={() => pointAt(poi, moving)}>
            Point
          </Act>
          <Act label={`Keep where the chosen heads point now as ${poi.name}`} onClick={() => moving.forEach((fixture) => void keepAim(poi, fixture))}>
            Keep aim
          </Act>
        </>
      )}
      <Button icon="edit" label={`Edit ${poi.name}`} class="plain" onClick={onEdit} />
    </div>
  );
}

export function Points() {
  const pois = useRemote(({ pois }) => pois);
  const fixtures = useRemote(({ fixtures }) => fixtures);
  const ids = useStore(chosen, (ids) => ids);
  const [edited, setEdited] = useState<string | null>(null);
  const close = () => setEdited(null);
  const moving = [...ids].flatMap((id) => (fixtures[id] && movingOf(fixtures[id]) ? [fixtures[id]] : []));
  return (
    <>
      <div class="buttons">
        <Act icon="add" onClick={() => setEdited("")}>
          Point
        </Act>
      </div>
      {edited === "" && <PointForm poi={null} onDone={close} />}
      {moving.length === 0 && pois.length > 0 && <p class="empty">Choose a moving head to point it at one of these.</p>}
      <ul class="rows">
        {pois.map((poi) => (
          <li key={poi.id}>
            {edited === poi.id ? <PointForm poi={poi} onDone={close} /> : <Point poi={poi} moving={moving} onEdit={() => setEdited(poi.id)} />}
          </li>
        ))}
      </ul>
    </>
  );
}
