// Edits one cue, or a new one.
import { useId, useState } from "preact/hooks";
import type { Cue } from "../protocol";
import { ask, useControl, useRemote } from "../remote/remote";
import { Act, Button, Choice, Field } from "../ui/controls";
import { draftOf, type Draft, FIELDS, patchOf, sourceFrom, sourceOf } from "./cue-source";

const NAMES = { name: "Name", at: "At", for: "For", on: "On" };
const EXAMPLES = { name: "", at: "verse + 2 bars", for: "4 beats", on: "spots & left" };

/** Whether edits are refused now, as the show plays. */
export function useLocked(): boolean {
  return useRemote(({ system, playback }) => system.edit_lock && playback.state === "playing");
}

function LockNote() {
  return (
    <p class="note">
      Edits wait while the show plays.{" "}
      <Act class="small" onClick={() => void ask("system.set_edit_lock", { locked: false })}>
        Unlock
      </Act>
    </p>
  );
}

interface FormProps {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  disabled: boolean;
}

function DraftFields({ draft, setDraft, disabled }: FormProps) {
  const id = useId();
  return (
    <>
      <div class="fields">
        {FIELDS.map((field) => (
          <Field
            key={field}
            name={NAMES[field]}
            value={draft[field]}
            placeholder={EXAMPLES[field]}
            list={field === "on" ? "groups-and-fixtures" : undefined}
            disabled={disabled}
            onInput={(value) => setDraft({ ...draft, [field]: value })}
          />
        ))}
      </div>
      <div class="field">
        <label for={id}>Effect (JSON)</label>
        <textarea
          id={id}
          class="mono"
          rows={Math.min(10, draft.effect.split("\n").length)}
          spellcheck={false}
          value={draft.effect}
          disabled={disabled}
          onInput={(event) => setDraft({ ...draft, effect: event.currentTarget.value })}
        />
      </div>
    </>
  );
}

export function CueEditor({ cue, onDone }: { cue: Cue; onDone: () => void }) {
  // What the client saw when it began: an edit of anything else is refused.
  const [seen] = useState(cue);
  const [before] = useState(() => sourceOf(cue));
  const [draft, setDraft] = useState(() => draftOf(before));
  const [problem, setProblem] = useState<string | null>(null);
  const mayAct = useControl();
  const locked = useLocked();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const after = sourceFrom(draft, before);
    if (typeof after === "string") return setProblem(after);
    setProblem(null);
    const patch = patchOf(before, after);
    if (Object.keys(patch).length === 0) return onDone();
    const answer = await ask("cue.update", { index: seen.index, patch, source: seen.source });
    if (answer.accepted) onDone();
  };
  const remove = async () => {
    const answer = await ask("cue.delete", { index: seen.index, source: seen.source });
    if (answer.accepted) onDone();
  };
  return (
    <form class="editor stack" onSubmit={(event) => void submit(event)}>
      {locked && <LockNote />}
      {!seen.editable && <p class="note">This cue is made by something else in {seen.file}; it is edited there.</p>}
      <DraftFields draft={draft} setDraft={setDraft} disabled={!mayAct || !seen.editable} />
      <p role="alert" class="problem">
        {problem}
      </p>
      <div class="buttons">
        <button type="submit" class="button primary" disabled={!mayAct || !seen.editable || locked}>
          Save
        </button>
        <Button onClick={onDone}>Cancel</Button>
        <Act icon="trash" class="danger" disabled={!seen.editable || locked} onClick={() => void remove()}>
          Delete
        </Act>
      </div>
    </form>
  );
}

const NEW = { set: { dimmer: 1 } };

export function NewCue({ seconds, onDone }: { seconds: number; onDone: () => void }) {
  const cues = useRemote(({ cues }) => cues);
  const files = [...new Set(cues.filter(({ editable }) => editable).map(({ file }) => file))];
  const [file, setFile] = useState(files[0] ?? "");
  const [draft, setDraft] = useState<Draft>(() => draftOf({ at: `${seconds.toFixed(2)}s`, for: "1 bar", ...NEW }));
  const [problem, setProblem] = useState<string | null>(null);
  const mayAct = useControl();
  const locked = useLocked();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const cue = sourceFrom(draft, {});
    if (typeof cue === "string") return setProblem(cue);
    setProblem(null);
    const answer = await ask("cue.add", file ? { cue, file } : { cue });
    if (answer.accepted) onDone();
  };
  return (
    <form class="editor stack" onSubmit={(event) => void submit(event)}>
      {locked && <LockNote />}
      <DraftFields draft={draft} setDraft={setDraft} disabled={!mayAct} />
      {files.length > 0 && <Choice name="File" value={file} options={files.map((one) => [one, one])} onChange={setFile} disabled={!mayAct} />}
      <p role="alert" class="problem">
        {problem}
      </p>
      <div class="buttons">
        <button type="submit" class="button primary" disabled={!mayAct || locked}>
          Add
        </button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
