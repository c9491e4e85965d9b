// The rig as it hangs, in the light that it gives.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { remote, useRemote } from "../remote/remote";
import { useStore } from "../remote/store";
import { chosen, choose } from "../ui/chosen";
import { drawRig, LightPainter } from "./draw";
import type { Lamp } from "./lamps";
import { rigOf } from "./rig";
import { Camera, roomAround } from "./space";

/** Light is soft; more pixels than this would only cost time. */
const MOST_PIXEL_RATIO = 1.5;
const LEAST_PIXEL_RATIO = 0.4;
/** Where, while so many are drawn, this many times as many come, light is drawn coarser. */
const MOST_MISSED = 1.4;
const WATCHED_FRAMES = 40;
/** For who wants no motion, light changes over about a second instead of flashing. */
const CALM_EASE = 0.05;
const NEAR_PX = 24;

interface Size {
  width: number;
  height: number;
}

function useSize(element: { current: HTMLElement | null }): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width: Math.round(width), height: Math.round(height) });
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return size;
}

function sized(canvas: HTMLCanvasElement, { width, height }: Size, ratio: number): CanvasRenderingContext2D {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  return canvas.getContext("2d")!;
}

/** Calls `slow` when far fewer frames are drawn than come. */
function pace(slow: () => void): () => void {
  let [before, drawn] = [remote.frames.count, 0];
  return () => {
    if (++drawn < WATCHED_FRAMES) return;
    if (remote.frames.count - before > drawn * MOST_MISSED) slow();
    [before, drawn] = [remote.frames.count, 0];
  };
}

/** Draws when a frame has come, at most once an animation frame. */
function drawFrames(painter: LightPainter, slow: () => void): () => void {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
  const drawn = pace(slow);
  let due = 0;
  const draw = () => {
    due = 0;
    drawn();
    if (!painter.draw(remote.frames, isCalm.matches ? CALM_EASE : 1)) request();
  };
  const request = () => {
    due ||= requestAnimationFrame(draw);
  };
  const unfollow = remote.frames.follow(request);
  request();
  return () => {
    unfollow();
    cancelAnimationFrame(due);
  };
}

function nearest(lamps: Lamp[], camera: Camera, x: number, y: number): string | null {
  let [best, id]: [number, string | null] = [NEAR_PX, null];
  for (const { place, fixture } of lamps) {
    const [lampX, lampY] = camera.at(place);
    const away = Math.hypot(lampX - x, lampY - y);
    if (away < best) [best, id] = [away, fixture];
  }
  return id;
}

/** How many frames came in the last second. */
function FrameRate() {
  const [rate, setRate] = useState(0);
  useEffect(() => {
    let last = remote.frames.count;
    const timer = window.setInterval(() => {
      setRate(remote.frames.count - last);
      last = remote.frames.count;
    }, 1000);
    return () => window.clearInterval(timer);
  }, []);
  return <span class="frame-rate">{rate} FPS</span>;
}

export function Stage() {
  const holder = useRef<HTMLDivElement>(null);
  const rig = useRef<HTMLCanvasElement>(null);
  const light = useRef<HTMLCanvasElement>(null);
  const size = useSize(holder);
  const fixtures = useRemote(({ fixtures }) => fixtures);
  const patch = useRemote(({ patch }) => patch);
  const selected = useStore(chosen, (ids) => ids);
  const [ratio, setRatio] = useState(() => Math.min(devicePixelRatio, MOST_PIXEL_RATIO));
  const { lamps } = rigOf({ fixtures, patch });
  const places = useMemo(() => lamps.map(({ place }) => place), [lamps]);
  const room = useMemo(() => roomAround(places), [places]);
  const camera = useMemo(() => new Camera(room, places, size.width || 1, size.height || 1), [room, size]);

  useEffect(() => {
    const ratio = Math.min(devicePixelRatio, 2);
    const context = sized(rig.current!, size, ratio);
    context.scale(ratio, ratio);
    drawRig(context, camera, room, lamps, selected);
  }, [camera, lamps, selected]);
  useEffect(() => {
    const context = sized(light.current!, size, ratio);
    const coarser = () => setRatio(Math.max(LEAST_PIXEL_RATIO, ratio * 0.75));
    return drawFrames(new LightPainter(context, camera, room, lamps, ratio), coarser);
  }, [camera, lamps, ratio]);

  const pick = (event: MouseEvent) => {
    const id = nearest(lamps, camera, event.offsetX, event.offsetY);
    if (id) choose(id, event.shiftKey || event.ctrlKey || event.metaKey);
  };
  const label = `The stage with ${Object.keys(fixtures).length} fixtures in their light. The fixtures lane lists them.`;
  return (
    <div class="stage" ref={holder}>
      <canvas ref={rig} />
      <canvas ref={light} role="img" aria-label={label} onClick={pick} />
      <FrameRate />
    </div>
  );
}
