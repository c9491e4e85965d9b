// What show this is, and how it is with the server.
import { remote, useRemote } from "../remote/remote";
import { useStore } from "../remote/store";
import type { Link } from "../remote/connection";
import { Button } from "../ui/controls";
import { dialog } from "../ui/panels";

export function linkWords(link: Link): string {
  switch (link.kind) {
    case "connecting":
      return "Looking for the server …";
    case "lost":
      return `The server is gone; trying again in ${link.seconds} s`;
    case "login":
      return "The server asks for a token";
    case "open":
      return "Connected";
  }
}

function LinkState() {
  const link = useStore(remote.link, (link) => link);
  const mayChange = useStore(remote.role, (role) => role === "control");
  const failing = useRemote(({ outputs }) => outputs.some(({ failing }) => failing));
  const words = link.kind !== "open" ? linkWords(link) : failing ? "An output fails" : mayChange ? "Connected" : "Connected, to look only";
  return (
    <span class={`link is-${link.kind === "open" && failing ? "lost" : link.kind}`}>
      <span class="dot" aria-hidden="true" />
      {words}
    </span>
  );
}

export function Top() {
  const title = useRemote(({ system }) => system.title || system.show);
  const song = useRemote(({ song }) => song?.title ?? null);
  return (
    <div class="top">
      <h1>{title || "gobo"}</h1>
      {song && song !== title && <span class="quiet song-title">{song}</span>}
      <LinkState />
      <span class="spread" />
      <Button icon="menu" label="Shows, songs and outputs" onClick={() => dialog.set("show")} />
      <Button icon="help" label="Keys" shortcut="?" onClick={() => dialog.set("help")} />
    </div>
  );
}

/** Across the page, while there is nothing to be done but wait. */
export function LostBanner() {
  const link = useStore(remote.link, (link) => link);
  if (link.kind !== "lost") return null;
  return (
    <div class="banner">
      <span>{linkWords(link)}</span>
      <Button onClick={() => remote.open()}>Try now</Button>
    </div>
  );
}

/** Says to those who listen that the connection is lost or back, and not each second. */
export function LinkSpoken() {
  const words = useStore(remote.link, ({ kind }) => (kind === "lost" ? "The server is gone; trying again." : kind === "open" ? "Connected" : ""));
  return (
    <p class="hidden" role="status">
      {words}
    </p>
  );
}
