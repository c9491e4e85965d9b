// Two values at once, by hand on a plane or by keys.
import { useId, useRef } from "preact/hooks";
import type { Fixture, Vec3 } from "../protocol";
import { colorValues, emitters, hold, level, part, rgbOf } from "../remote/looks";
import { useControl } from "../remote/remote";
import { percent } from "../remote/words";
import { Fader, useHand } from "../ui/controls";
import { hex, hsvFromRgb, rgbFromHex, rgbFromHsv } from "./color";
import { useLive } from "./live";

interface PadProps {
  name: string;
  axes: [string, string];
  /** From the left, and from below; 0 to 1. */
  at: [number, number];
  onInput: (x: number, y: number) => void;
  class: string;
  tint?: string;
}

function Pad({ name, axes, at, onInput, tint, ...rest }: PadProps) {
  const mayAct = useControl();
  const id = useId();
  const plane = useRef<HTMLDivElement>(null);
  const drag = (event: PointerEvent) => {
    if (!mayAct || (event.type === "pointermove" && !plane.current!.hasPointerCapture(event.pointerId))) return;
    plane.current!.setPointerCapture(event.pointerId);
    const { left, top, width, height } = plane.current!.getBoundingClientRect();
    const inside = (value: number) => Math.max(0, Math.min(1, value));
    onInput(inside((event.clientX - left) / width), inside(1 - (event.clientY - top) / height));
  };
  const slide = (axis: 0 | 1) => (event: { currentTarget: HTMLInputElement }) => {
    const value = Number(event.currentTarget.value) / 1000;
    onInput(axis === 0 ? value : at[0], axis === 1 ? value : at[1]);
  };
  return (
    <fieldset class={`pad ${rest.class}`} disabled={!mayAct}>
      <legend>{name}</legend>
      {/* The keyboard and screen readers have a slider for each axis. */}
      {([0, 1] as const).map((axis) => (
        <input
          key={axis}
          class="hidden"
          type="range"
          id={`${id}-${axis}`}
          aria-label={`${name}: ${axes[axis]}`}
          aria-orientation={axis === 1 ? "vertical" : "horizontal"}
          aria-valuetext={percent(at[axis])}
          min={0}
          max={1000}
          step={5}
          value={Math.round(at[axis] * 1000)}
          onInput={slide(axis)}
        />
      ))}
      <div class="plane" ref={plane} onPointerDown={drag} onPointerMove={drag}>
        <span class="knob" style={{ left: `${at[0] * 100}%`, bottom: `${at[1] * 100}%`, background: tint }} />
      </div>
    </fieldset>
  );
}

/** The colour that is made of red, green and blue, as the first fixture has it now. */
function readColor(fixture: Fixture): Vec3 {
  const rgb: Vec3 = [0, 0, 0];
  for (const channel of emitters(fixture)) {
    const axis = rgbOf(channel.emitter);
    if (axis >= 0) rgb[axis] = Math.max(rgb[axis]!, part(fixture, channel));
  }
  return rgb;
}

export function ColorPad({ fixtures }: { fixtures: Fixture[] }) {
  const mayAct = useControl();
  const id = useId();
  const live = useLive(() => hex(readColor(fixtures[0]!)));
  // Hue and saturation are kept by hand while they cannot be told from the light.
  const [hsv, setHsv] = useHand<Vec3>(hsvFromRgb(rgbFromHex(live)));
  const set = (next: Vec3) => {
    setHsv(next);
    const rgb = rgbFromHsv(next);
    hold(fixtures, "color", (fixture) => colorValues(fixture, rgb));
  };
  const [hue, saturation, value] = hsv;
  const lit = value || 1;
  return (
    <div class="color-pad">
      <Pad
        name="Colour"
        axes={["hue", "saturation"]}
        class="hues"
        at={[hue, saturation]}
        tint={hex(rgbFromHsv([hue, saturation, 1]))}
        onInput={(x, y) => set([Math.min(x, 0.9999), y, lit])}
      />
      <Fader name="Strength" value={value} onInput={(next) => set([hue, saturation, next])} />
      <div class="field row-field">
        <label for={id}>Exactly</label>
        <input id={id} type="color" value={hex(rgbFromHsv(hsv))} disabled={!mayAct} onInput={(event) => set(hsvFromRgb(rgbFromHex(event.currentTarget.value)))} />
      </div>
    </div>
  );
}

export function PositionPad({ fixtures }: { fixtures: Fixture[] }) {
  const first = fixtures[0]!;
  const of = (fixture: Fixture, kind: "pan" | "tilt") => fixture.channels.find((channel) => channel.kind === kind);
  const read = (kind: "pan" | "tilt") => {
    const channel = of(first, kind);
    return channel ? Math.round(part(first, channel) * 10000) / 10000 : 0.5;
  };
  const pan = useLive(() => read("pan"));
  const tilt = useLive(() => read("tilt"));
  const [at, setAt] = useHand<[number, number]>([pan, tilt]);
  const set = (x: number, y: number) => {
    setAt([x, y]);
    hold(fixtures, "position", (fixture) => {
      const [panChannel, tiltChannel] = [of(fixture, "pan"), of(fixture, "tilt")];
      return {
        ...(panChannel && { [panChannel.name]: level(panChannel, x) }),
        ...(tiltChannel && { [tiltChannel.name]: level(tiltChannel, y) }),
      };
    });
  };
  return <Pad name="Position" axes={["pan", "tilt"]} class="places" at={at} onInput={set} />;
}
