// The cue sheet: all cues by time, with those that run followed.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { memo } from "./memo";
import type { Cue } from "../protocol";
import { state, useControl, useRemote } from "../remote/remote";
import { position, seek } from "../remote/transport";
import { length, time, title, written } from "../remote/words";
import { Act, Button, Segments } from "../ui/controls";
import { CueEditor, NewCue } from "./cue-editor";
import { Chasers, Diagnostics, Helpers } from "./cue-tools";

interface RowProps {
  cue: Cue;
  runs: boolean;
  isOpen: boolean;
  onToggle: (index: number) => void;
}

const CueRow = memo(({ cue, runs, isOpen, onToggle }: RowProps) => {
  const mayAct = useControl();
  const name = cue.name || title(cue.effect);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) row.current!.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  return (
    <li ref={row} class={`cue ${runs ? "runs" : ""}`} data-cue={cue.index} aria-current={runs ? "true" : undefined}>
      <div class="row">
        <button type="button" class="button plain time" disabled={!mayAct} title={`Go to ${time(cue.time)}`} onClick={() => seek(cue.time)}>
          {time(cue.time)}
        </button>
        <button type="button" class="cue-open" aria-expanded={isOpen} onClick={() => onToggle(cue.index)}>
          <span class="cue-name">
            {name}
            {cue.name && <small class="quiet"> {title(cue.effect)}</small>}
          </span>
          <small class="quiet block">
            {written(cue.on) || cue.fixture_id || `${cue.fixtures.length} fixtures`}
            {cue.layer ? ` · ${cue.layer}` : ""}
          </small>
        </button>
        <span class="quiet time">{cue.duration ? length(cue.duration) : "–"}</span>
      </div>
      {isOpen && <CueEditor cue={cue} onDone={() => onToggle(cue.index)} />}
    </li>
  );
});

/** Keeps the newest of the running cues in sight, without a leap for who reads elsewhere. */
function useFollow(list: { current: HTMLElement | null }, cues: Cue[], running: number[], follows: boolean): void {
  const newest = useMemo(() => {
    const times = new Map(cues.map(({ index, time }) => [index, time]));
    return running.reduce<number | null>((best, index) => (best === null || (times.get(index) ?? 0) >= (times.get(best) ?? 0) ? index : best), null);
  }, [cues, running]);
  useEffect(() => {
    const scroller = list.current;
    const row = follows && newest !== null ? scroller?.querySelector<HTMLElement>(`[data-cue="${newest}"]`) : null;
    if (scroller && row) scroller.scrollTop = row.offsetTop - scroller.clientHeight * 0.35;
  }, [newest, follows]);
}

function Sheet() {
  const cues = useRemote(({ cues }) => cues);
  const running = useRemote(({ playback }) => playback.cues);
  const [follows, setFollows] = useState(true);
  const [open, setOpen] = useState<number | null>(null);
  const [newAt, setNewAt] = useState<number | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const toggle = useRef((index: number) => setOpen((before) => (before === index ? null : index))).current;
  // Nothing moves away under the hands of who edits.
  useFollow(list, cues, running, follows && open === null && newAt === null);
  const runs = useMemo(() => new Set(running), [running]);
  return (
    <>
      <div class="buttons lane-tools">
        <Act icon="add" onClick={() => setNewAt(position(state().playback))}>
          Cue
        </Act>
        <Button pressed={follows} onClick={() => setFollows(!follows)} class="follow">
          Follow
        </Button>
        <span class="quiet">{cues.length} cues</span>
      </div>
      <div class="scroll" ref={list} tabIndex={0} role="group" aria-label="Cue sheet" onWheel={() => setFollows(false)} onTouchMove={() => setFollows(false)}>
        {newAt !== null && <NewCue seconds={newAt} onDone={() => setNewAt(null)} />}
        {cues.length === 0 && newAt === null && <p class="empty">The show has no cues yet.</p>}
        <ol class="rows">
          {cues.map((cue) => (
            <CueRow key={cue.index} cue={cue} runs={runs.has(cue.index)} isOpen={open === cue.index} onToggle={toggle} />
          ))}
        </ol>
      </div>
    </>
  );
}

/** Names for the field `on`. */
function Names() {
  const groups = useRemote(({ groups }) => groups);
  const fixtures = useRemote(({ fixtures }) => Object.keys(fixtures).join(" "));
  return (
    <datalist id="groups-and-fixtures">
      {groups.map(({ name }) => (
        <option key={name} value={name} />
      ))}
      {fixtures.split(" ").map((id) => (
        <option key={id} value={id} />
      ))}
    </datalist>
  );
}

type Part = "sheet" | "helpers" | "chasers" | "problems";

export function CueLane() {
  const [part, setPart] = useState<Part>("sheet");
  const problems = useRemote(({ diagnostics }) => diagnostics.length);
  const errors = useRemote(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === "error").length);
  const parts: [Part, string][] = [
    ["sheet", "Cues"],
    ["helpers", "Helpers"],
    ["chasers", "Chasers"],
    ["problems", problems ? `Problems ${problems}` : "Problems"],
  ];
  return (
    <>
      <Segments name="Cue lane" options={parts} value={part} onChange={setPart} />
      {errors > 0 && part !== "problems" && (
        <button type="button" class="note problem wide" onClick={() => setPart("problems")}>
          {errors === 1 ? "A source is wrong" : `${errors} things are wrong in the sources`}; the last good show plays on. Look
        </button>
      )}
      {part === "sheet" && <Sheet />}
      {part !== "sheet" && (
        <div class="scroll" tabIndex={0} role="group" aria-label={parts.find(([one]) => one === part)![1]}>
          {part === "helpers" && <Helpers />}
          {part === "chasers" && <Chasers />}
          {part === "problems" && <Diagnostics />}
        </div>
      )}
      <Names />
    </>
  );
}
