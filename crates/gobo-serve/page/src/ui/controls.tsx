// What is pressed and pushed.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useControl } from "../remote/remote";
import { percent } from "../remote/words";
import { Icon, type IconName } from "./icons";

interface ButtonProps {
  onClick: (event: MouseEvent) => void;
  /** What it does, where it shows no text that says so. */
  label?: string;
  icon?: IconName;
  pressed?: boolean;
  class?: string;
  disabled?: boolean;
  shortcut?: string;
  children?: ComponentChildren;
}

/** A button that only changes what is seen here. */
export function Button({ onClick, label, icon, pressed, shortcut, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${rest.class ?? ""}`}
      onClick={onClick}
      disabled={disabled}
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      title={label && shortcut ? `${label} (${shortcut})` : label}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that changes the show; not for those who may only look. */
export function Act(props: ButtonProps) {
  const mayAct = useControl();
  return <Button {...props} disabled={!mayAct || props.disabled} />;
}

/** While a fader is moved, and a moment after, it shows what the hand says, not what comes in. */
const SETTLE_MS = 400;

/** What a control shows: what comes in, or what was just set by hand. */
export function useHand<T>(incoming: T): [T, (value: T) => void] {
  const [mine, setMine] = useState<{ value: T } | null>(null);
  const timer = useRef<number>();
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const set = (value: T) => {
    setMine({ value });
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setMine(null), SETTLE_MS);
  };
  return [mine ? mine.value : incoming, set];
}

interface FaderProps {
  name: string;
  /** 0 to 1. */
  value: number;
  onInput: (value: number) => void;
  held?: boolean;
  tint?: string;
  /** What the value is called, where it is no percentage. */
  text?: string;
  hideName?: boolean;
}

export function Fader({ name, value, onInput, held, tint, text, hideName }: FaderProps) {
  const mayAct = useControl();
  const [shown, setShown] = useHand(value);
  const id = useId();
  const input = (event: { currentTarget: HTMLInputElement }) => {
    const next = Number(event.currentTarget.value) / 1000;
    setShown(next);
    onInput(next);
  };
  const words = text ?? percent(shown);
  return (
    <div class={`fader ${held ? "is-held" : ""} ${tint ? `tint-${tint}` : ""}`}>
      <label for={id} class={hideName ? "hidden" : "fader-name"}>
        {name}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={1000}
        step={1}
        value={Math.round(shown * 1000)}
        style={{ "--part": `${Math.round(shown * 1000) / 10}%` }}
        aria-valuetext={words}
        disabled={!mayAct}
        onInput={input}
      />
      <span class="fader-value" aria-hidden="true">
        {words}
      </span>
    </div>
  );
}

interface SegmentsProps<T extends string> {
  name: string;
  options: readonly (readonly [T, string])[];
  value: T;
  onChange: (value: T) => void;
}

/** A choice of which part of a lane is seen. */
export function Segments<T extends string>({ name, options, value, onChange }: SegmentsProps<T>) {
  return (
    <div class="segments" role="group" aria-label={name}>
      {options.map(([option, text]) => (
        <Button key={option} pressed={option === value} onClick={() => onChange(option)}>
          {text}
        </Button>
      ))}
    </div>
  );
}

/** A text field with its name. */
export function Field(props: {
  name: string;
  value: string;
  onInput: (value: string) => void;
  disabled?: boolean;
  type?: string;
  list?: string;
  placeholder?: string;
  class?: string;
}) {
  const id = useId();
  return (
    <div class={`field ${props.class ?? ""}`}>
      <label for={id}>{props.name}</label>
      <input
        id={id}
        type={props.type ?? "text"}
        value={props.value}
        list={props.list}
        placeholder={props.placeholder}
        disabled={props.disabled}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </div>
  );
}

export function Choice(props: {
  name: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.name}</label>
      <select id={id} value={props.value} disabled={props.disabled} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
