// Play, stop, where it is, how fast; and what darkens everything.
import { useRef } from "preact/hooks";
import { addLook, setBlackout } from "../remote/looks";
import { ask, tellNewest, useControl, useRemote } from "../remote/remote";
import { playHere, playThere, soundHere } from "../remote/sound";
import { useStore } from "../remote/store";
import { barAndBeat, duration, stepSection, togglePlay } from "../remote/transport";
import { time } from "../remote/words";
import { Act, Fader } from "../ui/controls";
import { usePlayhead } from "./waveform";

function Times() {
  const song = useRemote(({ song }) => song);
  const end = useRemote(({ playback }) => duration(playback));
  const bpm = useRemote(({ playback }) => playback.bpm);
  const now = useRef<HTMLSpanElement>(null);
  const beat = useRef<HTMLSpanElement>(null);
  usePlayhead((seconds) => {
    now.current!.textContent = time(seconds);
    beat.current!.textContent = barAndBeat(song, seconds);
  });
  return (
    <div class="times">
      <span class="now" ref={now} />
      <span class="end">/ {time(end, false)}</span>
      <span class="beat" title="Bar and beat">
        <span ref={beat} />
        {bpm ? <small> {Math.round(bpm * 10) / 10} BPM</small> : null}
      </span>
    </div>
  );
}

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];

function Speed() {
  const speed = useRemote(({ playback }) => playback.speed ?? 1);
  const mayAct = useControl();
  const speeds = SPEEDS.includes(speed) ? SPEEDS : [...SPEEDS, speed].sort((a, b) => a - b);
  return (
    <select
      class="speed"
      aria-label="Speed"
      title="Speed"
      value={speed}
      disabled={!mayAct}
      onChange={(event) => void ask("transport.set_speed", { speed: Number(event.currentTarget.value) })}
    >
      {speeds.map((one) => (
        <option key={one} value={one}>
          {`${Math.round(one * 100) / 100}×`}
        </option>
      ))}
    </select>
  );
}

const PLACES = [
  { name: "At the server", there: true, here: false },
  { name: "Here", there: false, here: true },
  { name: "At both", there: true, here: true },
  { name: "Nowhere", there: false, here: false },
];

/** Where the song is heard. Who may not change the show may still hear it here, or not. */
function Sound() {
  const here = useStore(soundHere, (here) => here);
  const there = useRemote(({ levels }) => levels.volume > 0);
  const hasSound = useRemote(({ song }) => song?.audio ?? false);
  const mayAct = useControl();
  if (!hasSound) return null;
  const choose = (place: (typeof PLACES)[number] | undefined) => {
    if (place && place.there !== there) playThere(place.there);
    if (place && place.here !== here) playHere(place.here);
  };
  const offered = PLACES.filter((place) => mayAct || place.there === there);
  return (
    <select
      class="sound"
      aria-label="Sound"
      title="Where the song is heard"
      value={PLACES.find((place) => place.there === there && place.here === here)?.name}
      onChange={({ currentTarget }) => choose(PLACES.find(({ name }) => name === currentTarget.value))}
    >
      {offered.map(({ name }) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

function Moving() {
  const isPlaying = useRemote(({ playback }) => playback.state === "playing");
  return (
    <div class="moving" role="group" aria-label="Transport">
      <Act icon="back" label="Section before" shortcut="[" onClick={() => stepSection(-1)} />
      <Act icon={isPlaying ? "pause" : "play"} label={isPlaying ? "Pause" : "Play"} shortcut="Space" class="primary play" onClick={togglePlay} />
      <Act icon="next" label="Section after" shortcut="]" onClick={() => stepSection(1)} />
      <Act icon="stop" label="Stop: to the start, dark" onClick={() => void ask("transport.stop")} />
    </div>
  );
}

export function Blackout() {
  const isBlack = useRemote(({ levels }) => levels.blackout);
  return (
    <Act class="blackout" label="Blackout" shortcut="B" pressed={isBlack} onClick={() => setBlackout(!isBlack)}>
      Blackout
    </Act>
  );
}

export function GrandMaster() {
  const grand = useRemote(({ levels }) => levels.grand);
  return (
    <div class="grand">
      <Fader name="Grand master" value={grand} onInput={(value) => tellNewest("grand", "levels.set", { grand: value })} />
    </div>
  );
}

export function Transport() {
  const repeat = useRemote(({ playback }) => playback.repeat);
  const plays = useRemote(({ playback }) => playback.state === "playing");
  const locked = useRemote(({ system }) => system.edit_lock);
  const isOpen = plays && !locked;
  const lockWords = isOpen ? "Edits are taken while the show plays; lock" : "Edits wait while the show plays; unlock";
  return (
    <div class="transport">
      <Moving />
      <Times />
      <div class="options">
        <Speed />
        <Act icon="repeat" label="Repeat" shortcut="R" pressed={repeat} onClick={() => void ask("transport.set_repeat", { repeat: !repeat })} />
        <Act icon={isOpen ? "unlocked" : "locked"} label={lockWords} shortcut="L" pressed={isOpen} disabled={!plays} onClick={() => void ask("system.set_edit_lock", { locked: !locked })} />
        <Sound />
      </div>
      <div class="outputs">
        <Act icon="add" label="Add to cue: the look of now" shortcut="A" class="add-look" onClick={addLook}>
          <span class="wide-only">Add to cue</span>
        </Act>
        <div class="wide-only">
          <GrandMaster />
        </div>
        <Blackout />
      </div>
    </div>
  );
}
