// The song from left to right: waveform, playhead, sections, hints. A click or a key seeks.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Hint, Section, Song } from "../protocol";
import { remote, state, useControl, useRemote } from "../remote/remote";
import { duration, jumpToSection, position, seek, seekBy, sectionAt, stepSection } from "../remote/transport";
import { time, title } from "../remote/words";
import { drawPeaks, usePeaks } from "./peaks";

/** Calls `show` with the time of the show whenever the screen is drawn anew, while it moves. */
export function usePlayhead(show: (seconds: number) => void): void {
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    let due = 0;
    const draw = () => {
      const playback = remote.state.get()?.playback;
      due = playback?.state === "playing" ? requestAnimationFrame(draw) : 0;
      if (playback) latest.current(position(playback));
    };
    const look = () => {
      due ||= requestAnimationFrame(draw);
    };
    const unfollow = remote.state.follow(look);
    look();
    return () => {
      unfollow();
      cancelAnimationFrame(due);
    };
  }, []);
}

function spoken(song: Song | null, seconds: number): string {
  const section = song?.sections[sectionAt(song, seconds)];
  return section ? `${time(seconds, false)}, ${title(section.name)}` : time(seconds, false);
}

const KEYS: { [key: string]: (event: KeyboardEvent) => void } = {
  ArrowLeft: (event) => seekBy(event.shiftKey ? -1 : -5),
  ArrowRight: (event) => seekBy(event.shiftKey ? 1 : 5),
  PageDown: () => stepSection(-1),
  PageUp: () => stepSection(1),
  Home: () => seek(0),
  End: () => seek(duration(state().playback)),
};

function onKeyDown(event: KeyboardEvent): void {
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
}

function Sections({ sections, current, end }: { sections: Section[]; current: number; end: number }) {
  const mayAct = useControl();
  return (
    <div class="sections" role="group" aria-label="Sections">
      {sections.map(({ name, start_s, end_s }, index) => (
        <button
          key={index}
          type="button"
          class={`section hue-${hueOf(name)}`}
          style={{ left: `${(start_s / end) * 100}%`, width: `${((end_s - start_s) / end) * 100}%` }}
          aria-current={index === current ? "true" : undefined}
          title={`${title(name)}, ${time(start_s)}`}
          disabled={!mayAct}
          onClick={() => jumpToSection(index)}
        >
          {title(name)}
        </button>
      ))}
    </div>
  );
}

/** One of six hues; sections of one kind (`verse`, `verse 2`) have the same. */
export function hueOf(name: string): number {
  const kind = name.replace(/[\s_\d]+$/, "");
  return [...kind].reduce((sum, letter) => (sum * 7 + letter.charCodeAt(0)) % 6, 0);
}

function Hints({ hints, end }: { hints: Hint[]; end: number }) {
  return (
    <>
      {hints.map((hint) => (
        <span key={hint.id} class="hint-mark" style={{ left: `${(hint.time / end) * 100}%` }} title={`${time(hint.time)} ${hint.text}`} />
      ))}
    </>
  );
}

function Drawn({ song, end }: { song: string | null; end: number }) {
  const peaks = usePeaks(song);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = () => {
      const { clientWidth, clientHeight } = canvas.current!;
      canvas.current!.width = Math.round(clientWidth * devicePixelRatio);
      canvas.current!.height = Math.round(clientHeight * devicePixelRatio);
      if (peaks) drawPeaks(canvas.current!, peaks, end);
    };
    const observer = new ResizeObserver(draw);
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, [peaks, end]);
  return <canvas ref={canvas} />;
}

export function Waveform() {
  const song = useRemote(({ song }) => song);
  const end = useRemote(({ playback }) => duration(playback)) || song?.length || 1;
  const current = useRemote(({ playback }) => playback.section_index ?? -1);
  const mayAct = useControl();
  const track = useRef<HTMLDivElement>(null);
  const played = useRef<HTMLDivElement>(null);
  const [second, setSecond] = useState(0);

  usePlayhead((seconds) => {
    played.current!.style.transform = `translateX(${Math.min(1, seconds / end) * 100}%)`;
    setSecond(Math.floor(seconds));
  });

  const seekTo = (event: PointerEvent) => {
    const { left, width } = track.current!.getBoundingClientRect();
    seek(((event.clientX - left) / width) * end);
  };
  return (
    <div class="waveform">
      <div
        ref={track}
        class="track"
        role="slider"
        tabIndex={0}
        aria-label="Place in the song"
        aria-valuemin={0}
        aria-valuemax={Math.round(end)}
        aria-valuenow={second}
        aria-valuetext={spoken(song, second)}
        aria-disabled={!mayAct}
        onPointerDown={seekTo}
        onKeyDown={onKeyDown}
      >
        <Drawn song={song?.filename ?? null} end={end} />
        <Hints hints={song?.hints ?? []} end={end} />
        <div class="played" ref={played} />
        {!song && <span class="track-note">No song: the show runs by the clock</span>}
      </div>
      <Sections sections={song?.sections ?? []} current={current} end={end} />
    </div>
  );
}
