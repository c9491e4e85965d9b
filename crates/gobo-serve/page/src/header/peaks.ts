// The song's waveform: fetched once a song, drawn in the colours of its bands.
import { useEffect, useState } from "preact/hooks";
import type { Peaks } from "../protocol";

/** From the middle outwards. */
const BANDS = [
  ["low", "#e0843d"],
  ["mid", "#4fa3b8"],
  ["high", "#c9d6e2"],
] as const;

export function usePeaks(song: string | null): Peaks | null {
  const [peaks, setPeaks] = useState<Peaks | null>(null);
  useEffect(() => {
    setPeaks(null);
    if (song === null) return;
    const abort = new AbortController();
    fetch(`song/peaks?of=${encodeURIComponent(song)}`, { signal: abort.signal })
      .then(async (answer) => setPeaks(answer.ok ? ((await answer.json()) as Peaks) : null))
      // Without its waveform a song can still be sought in.
      .catch(() => undefined);
    return () => abort.abort();
  }, [song]);
  return peaks;
}

/** The loudest piece between two times, with the bands that it has. */
function loudest(peaks: Peaks, from: number, to: number): number {
  let best = from;
  for (let at = from; at < to; at++) if ((peaks.peak[at] ?? 0) > (peaks.peak[best] ?? 0)) best = at;
  return best;
}

export function drawPeaks(canvas: HTMLCanvasElement, peaks: Peaks, duration: number): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const piecesPerPixel = (duration * peaks.rate) / width;
  for (let x = 0; x < width; x++) {
    const from = Math.floor(x * piecesPerPixel);
    const at = loudest(peaks, from, Math.max(from + 1, Math.floor((x + 1) * piecesPerPixel)));
    const tall = ((peaks.peak[at] ?? 0) / 255) * height * 0.96;
    const parts = BANDS.map(([band]) => peaks[band][at] ?? 0);
    const sum = Math.max(1, parts[0]! + parts[1]! + parts[2]!);
    // Outermost first; each band inside covers the middle.
    let share = 1;
    for (let band = 2; band >= 0; band--) {
      context.fillStyle = BANDS[band]![1];
      context.fillRect(x, (height - tall * share) / 2, 1, Math.max(1, tall * share));
      share -= parts[band]! / sum;
    }
  }
}
