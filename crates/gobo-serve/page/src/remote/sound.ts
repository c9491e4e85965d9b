// The song's sound in this browser, in step with the lights.
import { notify } from "./notices";
import { ask, remote, state } from "./remote";
import { Store } from "./store";
import { position } from "./transport";

/** Farther off than this it is sought, nearer it is only sped up or slowed down a little. */
const SEEK_S = 0.08;
const MOST_BEND = 0.04;
/** How much of the offset one second of bent speed takes away. */
const BEND = 0.8;
const LOOK_MS = 200;
const MEASURE_MS = 30_000;

export const soundHere = new Store(false);
/** How far the sound is ahead of the lights, in seconds, when it was last looked at. */
export const soundOffset = new Store(0);

const audio = new Audio();
audio.preload = "auto";
audio.hidden = true;
document.body.append(audio);
let looking: number | undefined;
let measuring: number | undefined;
let source = "";
/** Seeking takes a while; as much is added the next time. */
let seekCost = 0;
let soughtAt = 0;

function follow(): void {
  const { playback, song } = state();
  const link = remote.link.get().kind;
  if (!song?.audio || link !== "open" || playback.state !== "playing") {
    audio.pause();
    return;
  }
  if (source !== song.filename) {
    source = song.filename;
    audio.src = `song?of=${encodeURIComponent(source)}`;
  }
  if (audio.paused) void audio.play().catch(() => leave("This browser does not play the song."));
  if (audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA || audio.seeking) return;
  const offset = audio.currentTime - position(playback);
  soundOffset.set(offset);
  if (Math.abs(offset) > SEEK_S) hardSeek(offset, playback.speed);
  else audio.playbackRate = playback.speed * (1 - Math.max(-MOST_BEND, Math.min(MOST_BEND, offset * BEND)));
}

function hardSeek(offset: number, speed: number): void {
  const now = performance.now();
  if (now - soughtAt < 2000 && now - soughtAt > 0) seekCost = Math.max(0, Math.min(0.5, seekCost - offset));
  soughtAt = now;
  audio.playbackRate = speed;
  audio.currentTime = Math.max(0, position(state().playback) + seekCost * speed);
}

function leave(why: string): void {
  playHere(false);
  notify("error", why);
}

/** Begins or ends to play the sound in this browser. */
export function playHere(on: boolean): void {
  soundHere.set(on);
  window.clearInterval(looking);
  window.clearInterval(measuring);
  if (!on) {
    audio.pause();
    return;
  }
  // A few round trips at first say best what time it is at the server.
  for (let count = 0; count < 4; count++) window.setTimeout(() => remote.hello(), count * 250);
  measuring = window.setInterval(() => remote.hello(), MEASURE_MS);
  looking = window.setInterval(follow, LOOK_MS);
  follow();
}

/** How loud the sound was at the server before it was silenced. */
let loudness = 1;

/** Begins or ends to play the sound at the server, for all who hear it there. */
export function playThere(on: boolean): void {
  const { volume } = state().levels;
  if (volume > 0) loudness = volume;
  void ask("levels.set", { volume: on ? loudness : 0 });
}
