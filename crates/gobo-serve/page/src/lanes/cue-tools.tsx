// Beside the sheet: cue helpers, chasers, and what is wrong in the sources.
import { useState } from "preact/hooks";
import type { Chaser, CueHelper, Json, Parameter } from "../protocol";
import { ask, askAndSay, state, useControl, useRemote } from "../remote/remote";
import { position } from "../remote/transport";
import { title, written } from "../remote/words";
import { Act, Choice, Field } from "../ui/controls";

function valueOf({ kind }: Parameter, text: string): Json {
  if (/^(number|float|int|integer|u8|u16|seconds)$/.test(kind) && text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (/^bool/.test(kind)) return text === "true";
  return text;
}

function ParameterField(props: { parameter: Parameter; value: string; onInput: (value: string) => void }) {
  const { parameter, value, onInput } = props;
  const choices = parameter.choices ?? (/^bool/.test(parameter.kind) ? ["true", "false"] : null);
  const name = title(parameter.name);
  if (choices) return <Choice name={name} value={value} options={choices.map((choice) => [choice, title(choice)])} onChange={onInput} />;
  return <Field name={name} value={value} onInput={onInput} />;
}

function Helper({ helper }: { helper: CueHelper }) {
  const [values, setValues] = useState(() => Object.fromEntries(helper.params.map((one) => [one.name, written(one.default ?? one.choices?.[0])])));
  const apply = () => {
    const given = helper.params.filter(({ name }) => values[name] !== "");
    const params = Object.fromEntries(given.map((one) => [one.name, valueOf(one, values[one.name]!)]));
    void askAndSay(`${helper.name}: applied.`, "cue.apply_helper", { helper_id: helper.id, params });
  };
  return (
    <li>
      <details class="tool">
        <summary>
          {helper.name}
          <small class="quiet block">{helper.description}</small>
        </summary>
        <div class="editor stack">
          <div class="fields">
            {helper.params.map((one) => (
              <ParameterField key={one.name} parameter={one} value={values[one.name]!} onInput={(value) => setValues({ ...values, [one.name]: value })} />
            ))}
          </div>
          <div class="buttons">
            <Act class="primary" onClick={apply}>
              Apply
            </Act>
          </div>
        </div>
      </details>
    </li>
  );
}

export function Helpers() {
  const helpers = useRemote(({ cue_helpers }) => cue_helpers);
  if (helpers.length === 0) return <p class="empty">No helpers here. A helper writes many cues at once, such as one a beat.</p>;
  return (
    <ul class="rows">
      {helpers.map((helper) => (
        <Helper key={helper.id} helper={helper} />
      ))}
    </ul>
  );
}

function ChaserRow({ chaser }: { chaser: Chaser }) {
  const [repetitions, setRepetitions] = useState("1");
  const mayAct = useControl();
  const times = Math.max(1, Math.round(Number(repetitions)) || 1);
  const payload = { chaser_id: chaser.id, repetitions: times };
  const apply = () => void askAndSay(`${chaser.name}: added.`, "chaser.apply", { ...payload, time: Math.round(position(state().playback) * 1000) / 1000 });
  return (
    <li class={`tool ${chaser.running ? "runs" : ""}`}>
      <div class="row wraps">
        <span class="grow">
          {chaser.name}
          <small class="quiet block">
            {chaser.description ? `${chaser.description} · ` : ""}
            {chaser.beats} beats
          </small>
        </span>
        <Field class="number" name="Times" type="number" value={repetitions} onInput={setRepetitions} disabled={!mayAct} />
      </div>
      <div class="buttons">
        <Act onClick={() => void ask("chaser.preview", payload)}>Preview</Act>
        <Act onClick={() => void ask("chaser.stop_preview", { chaser_id: chaser.id })}>End preview</Act>
        <Act pressed={chaser.running} onClick={() => void ask(chaser.running ? "chaser.stop" : "chaser.start", payload)}>
          {chaser.running ? "Stop" : "Start"}
        </Act>
        <Act class="primary" onClick={apply}>
          Add here
        </Act>
      </div>
    </li>
  );
}

export function Chasers() {
  const chasers = useRemote(({ chasers }) => chasers);
  if (chasers.length === 0) return <p class="empty">The show has no chasers.</p>;
  return (
    <ul class="rows">
      {chasers.map((chaser) => (
        <ChaserRow key={chaser.id} chaser={chaser} />
      ))}
    </ul>
  );
}

export function Diagnostics() {
  const diagnostics = useRemote(({ diagnostics }) => diagnostics);
  if (diagnostics.length === 0) return <p class="empty">All sources are good.</p>;
  return (
    <ul class="rows">
      {diagnostics.map(({ severity, code, message, file, line, column }, index) => (
        <li key={index} class={`diagnostic is-${severity}`}>
          <strong>{title(severity)}</strong> {message}
          <small class="quiet mono block">
            {[file, line, column].filter((one) => one != null).join(":")} · {code}
          </small>
        </li>
      ))}
    </ul>
  );
}
