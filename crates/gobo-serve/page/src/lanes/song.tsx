// The song lane: its parts, hints and the room's points of interest.
import { useState } from "preact/hooks";
import type { Hint } from "../protocol";
import { hueOf } from "../header/waveform";
import { ask, state, useControl, useRemote } from "../remote/remote";
import { jumpToSection, position, seek } from "../remote/transport";
import { length, time, title } from "../remote/words";
import { Act, Button, Field, Segments } from "../ui/controls";
import { Points } from "./points";

function Parts() {
  const sections = useRemote(({ song }) => song?.sections);
  const current = useRemote(({ playback }) => playback.section_index);
  const mayAct = useControl();
  if (!sections?.length) return <p class="empty">The song has no sections.</p>;
  return (
    <ol class="rows">
      {sections.map(({ name, start_s, end_s }, index) => (
        <li key={index}>
          <button
            type="button"
            class={`row part hue-${hueOf(name)}`}
            aria-current={index === current ? "true" : undefined}
            disabled={!mayAct}
            onClick={() => jumpToSection(index)}
          >
            <span class="time">{time(start_s)}</span>
            <span class="grow">{title(name)}</span>
            <span class="quiet">{length(end_s - start_s)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function HintForm({ hint, onDone }: { hint: Hint | null; onDone: () => void }) {
  const [text, setText] = useState(hint?.text ?? "");
  const [at, setAt] = useState(String(hint?.time ?? Math.round(position(state().playback) * 10) / 10));
  const [end, setEnd] = useState(hint?.end == null ? "" : String(hint.end));
  const mayAct = useControl();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const values = { text, time: Number(at), end: end === "" ? null : Number(end) };
    const answer = hint ? await ask("song.hints.update", { id: hint.id, ...values }) : await ask("song.hints.create", values);
    if (answer.accepted) onDone();
  };
  return (
    <form class="editor stack" onSubmit={(event) => void submit(event)}>
      <Field name="Hint" value={text} onInput={setText} disabled={!mayAct} />
      <div class="fields">
        <Field name="From (s)" value={at} onInput={setAt} disabled={!mayAct} />
        <Field name="To (s)" value={end} onInput={setEnd} disabled={!mayAct} />
      </div>
      <div class="buttons">
        <button type="submit" class="button primary" disabled={!mayAct || !text.trim() || Number.isNaN(Number(at))}>
          Save
        </button>
        <Button onClick={onDone}>Cancel</Button>
        {hint && (
          <Act icon="trash" class="danger" onClick={() => void ask("song.hints.delete", { id: hint.id }).then(onDone)}>
            Delete
          </Act>
        )}
      </div>
    </form>
  );
}

function Hints() {
  const hints = useRemote(({ song }) => song?.hints) ?? [];
  const [edited, setEdited] = useState<string | null>(null);
  const close = () => setEdited(null);
  return (
    <>
      <div class="buttons">
        <Act icon="add" onClick={() => setEdited("new")}>
          Hint here
        </Act>
      </div>
      {edited === "new" && <HintForm hint={null} onDone={close} />}
      {hints.length === 0 && edited === null && <p class="empty">Hints are notes at times of the song, for people.</p>}
      <ol class="rows">
        {hints.map((hint) => (
          <li key={hint.id}>
            {edited === hint.id ? (
              <HintForm hint={hint} onDone={close} />
            ) : (
              <div class="row">
                <Act class="plain time" label={`Go to ${time(hint.time)}`} onClick={() => seek(hint.time)}>
                  {time(hint.time)}
                </Act>
                <span class="grow">{hint.text}</span>
                <Button icon="edit" label={`Edit ${hint.text}`} class="plain" onClick={() => setEdited(hint.id)} />
              </div>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

const PARTS = [
  ["parts", "Parts"],
  ["hints", "Hints"],
  ["points", "Points"],
] as const;

export function SongLane() {
  const [part, setPart] = useState<(typeof PARTS)[number][0]>("parts");
  return (
    <>
      <Segments name="Song lane" options={PARTS} value={part} onChange={setPart} />
      <div class="scroll" tabIndex={0} role="group" aria-label="Song">
        {part === "parts" && <Parts />}
        {part === "hints" && <Hints />}
        {part === "points" && <Points />}
      </div>
    </>
  );
}
