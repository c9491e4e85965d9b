// The page as a whole.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { LinkSpoken, linkWords, LostBanner, Top } from "./header/top";
import { GrandMaster, Transport } from "./header/transport";
import { Waveform } from "./header/waveform";
import { Chat } from "./lanes/chat";
import { CueLane } from "./lanes/cues";
import { FixtureLane } from "./lanes/fixtures";
import { Masters } from "./lanes/masters";
import { Show } from "./lanes/show";
import { SongLane } from "./lanes/song";
import { dismiss, notices } from "./remote/notices";
import { remote } from "./remote/remote";
import { useStore } from "./remote/store";
import { Stage } from "./stage/stage";
import { Button } from "./ui/controls";
import { Help } from "./ui/help";
import { Icon } from "./ui/icons";
import { onKey } from "./ui/keys";
import { Login } from "./ui/login";
import { dialog, NAMES, type Panel, panel, PANELS, showPanel, SIDE, sidePanel, useNarrow } from "./ui/panels";

const CONTENTS: { [panel in Panel]: () => ComponentChildren } = {
  stage: () => <Stage />,
  parts: () => <SongLane />,
  cues: () => <CueLane />,
  fixtures: () => <FixtureLane />,
  masters: () => <Masters />,
  chat: () => <Chat />,
};

function PanelView({ which }: { which: Panel }) {
  return (
    <section id={`panel-${which}`} class={`panel panel-${which}`} tabIndex={-1} aria-labelledby={`name-${which}`}>
      <h2 id={`name-${which}`} class="hidden">
        {NAMES[which]}
      </h2>
      {CONTENTS[which]()}
    </section>
  );
}

function Tabs({ panels, value }: { panels: readonly Panel[]; value: Panel }) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = panels[(panels.indexOf(value) + step + panels.length) % panels.length]!;
    showPanel(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts of the page" onKeyDown={move}>
      {panels.map((which) => (
        <button
          key={which}
          id={`tab-${which}`}
          type="button"
          role="tab"
          aria-selected={which === value}
          aria-controls={which === value ? `panel-${which}` : undefined}
          tabIndex={which === value ? 0 : -1}
          onClick={() => showPanel(which)}
        >
          <Icon name={which} />
          {NAMES[which]}
        </button>
      ))}
    </div>
  );
}

function Narrow() {
  const which = useStore(panel, (which) => which);
  // The grand master has no place in the header here.
  return (
    <main>
      <PanelView key={which} which={which} />
      {which === "stage" && <GrandMaster />}
      <Tabs panels={PANELS} value={which} />
    </main>
  );
}

function Wide() {
  const side = useStore(sidePanel, (which) => which);
  return (
    <main>
      <PanelView which="stage" />
      <PanelView which="parts" />
      <PanelView which="cues" />
      <div class="side">
        <Tabs panels={SIDE} value={side} />
        <PanelView key={side} which={side} />
      </div>
    </main>
  );
}

function Notices() {
  const all = useStore(notices, (all) => all);
  return (
    <div class="notices" role="status" aria-live="polite">
      {all.map(({ id, level, text }) => (
        <p key={id} class={`notice is-${level}`}>
          <span>{text}</span>
          <Button icon="close" label="Dismiss" class="plain small" onClick={() => dismiss(id)} />
        </p>
      ))}
    </div>
  );
}

/** Before there is any state. */
function Waiting() {
  const link = useStore(remote.link, (link) => link);
  return (
    <main class="waiting">
      <h1>gobo</h1>
      <p role="status">{linkWords(link)}</p>
      {link.kind === "lost" && <Button onClick={() => remote.open()}>Try now</Button>}
    </main>
  );
}

/** Frames are asked for as fast as they are seen. */
function useWatching(narrow: boolean): void {
  const isOpen = useStore(remote.link, (link) => link.kind === "open");
  const which = useStore(panel, (which) => which);
  const fps = !narrow || which === "stage" ? 60 : 15;
  useEffect(() => {
    if (!isOpen) return;
    const watch = () => remote.tell("stage.watch", { on: !document.hidden, fps });
    watch();
    document.addEventListener("visibilitychange", watch);
    return () => document.removeEventListener("visibilitychange", watch);
  }, [isOpen, fps]);
}

export function App() {
  const hasState = useStore(remote.state, (state) => state !== null);
  const open = useStore(dialog, (which) => which);
  const narrow = useNarrow();
  useWatching(narrow);
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      {hasState ? (
        <div class={`app ${narrow ? "is-narrow" : "is-wide"}`}>
          <LostBanner />
          <header class="header">
            <Top />
            <Waveform />
            <Transport />
          </header>
          {narrow ? <Narrow /> : <Wide />}
          {open === "show" && <Show />}
        </div>
      ) : (
        <Waiting />
      )}
      {open === "help" && <Help />}
      <Login />
      <LinkSpoken />
      <Notices />
    </>
  );
}
