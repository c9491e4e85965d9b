// Which part of the page is seen where there is no room for all.
import { useEffect, useState } from "preact/hooks";
import { Store } from "../remote/store";

export const PANELS = ["stage", "parts", "cues", "fixtures", "masters", "chat"] as const;
export type Panel = (typeof PANELS)[number];

/** Those that share the right column of a wide screen. */
export const SIDE: readonly Panel[] = ["fixtures", "masters", "chat"];

export const NAMES: { [panel in Panel]: string } = {
  stage: "Stage",
  parts: "Song",
  cues: "Cues",
  fixtures: "Fixtures",
  masters: "Masters",
  chat: "Chat",
};

/** The one panel of a narrow screen. */
export const panel = new Store<Panel>("stage");
export const sidePanel = new Store<Panel>("fixtures");

export function showPanel(which: Panel): void {
  panel.set(which);
  if (SIDE.includes(which)) sidePanel.set(which);
}

const NARROW = "(max-width: 899px)";

export const isNarrow = (): boolean => matchMedia(NARROW).matches;

export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(isNarrow);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const look = () => setNarrow(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return narrow;
}

/** What a dialog is open for. */
export type Dialog = "help" | "show" | null;
export const dialog = new Store<Dialog>(null);
