// Shows and songs to load, and where the light goes.
import { useEffect, useState } from "preact/hooks";
import { ask, useRemote } from "../remote/remote";
import { title } from "../remote/words";
import { Act } from "../ui/controls";
import { Modal } from "../ui/modal";
import { dialog } from "../ui/panels";

interface SongName {
  filename?: string;
  title?: string;
}

/** Songs by file; those that are only known as a show's are among the shows. */
function useSongs(): { filename: string; title?: string }[] {
  const [songs, setSongs] = useState<SongName[]>([]);
  useEffect(() => {
    void ask("song.list").then(({ songs }) => setSongs(Array.isArray(songs) ? (songs as SongName[]) : []));
  }, []);
  return songs.flatMap(({ filename, title }) => (filename ? [{ filename, title }] : []));
}

function Load({ name, detail, isLoaded, onLoad }: { name: string; detail?: string | null; isLoaded: boolean; onLoad: () => void }) {
  return (
    <li class="row">
      <span class="grow">
        {name}
        {detail && <small class="quiet block">{detail}</small>}
      </span>
      {isLoaded ? (
        <span class="quiet">Loaded</span>
      ) : (
        <Act label={`Load ${name}`} onClick={onLoad}>
          Load
        </Act>
      )}
    </li>
  );
}

const close = () => dialog.set(null);

async function load(what: { show: string } | { filename: string }): Promise<void> {
  if ((await ask("song.load", what)).accepted) close();
}

async function exportDmx(say: (path: string) => void): Promise<void> {
  const answer = await ask("cue.export_dmx");
  if (answer.accepted) say(String(answer.path ?? ""));
}

function Outputs() {
  const outputs = useRemote(({ outputs }) => outputs);
  if (outputs.length === 0) return <p class="empty">The light goes nowhere.</p>;
  return (
    <ul class="rows">
      {outputs.map(({ protocol, to, universes, failing }, index) => (
        <li key={index} class="row">
          <span class="grow">
            {title(protocol)} to <span class="mono">{to}</span>
            <small class="quiet block">Universes {Array.isArray(universes) ? universes.join(", ") : universes}</small>
          </span>
          <span class={failing ? "problem" : "quiet"}>{failing ? (typeof failing === "string" ? failing : "Fails") : "Runs"}</span>
        </li>
      ))}
    </ul>
  );
}

export function Show() {
  const shows = useRemote(({ shows }) => shows);
  const system = useRemote(({ system }) => system);
  const song = useRemote(({ song }) => song?.filename);
  const songs = useSongs();
  const [exported, setExported] = useState<string | null>(null);
  return (
    <Modal title="Shows, songs, outputs" onClose={close}>
      <h3>Shows</h3>
      <ul class="rows">
        {shows.map(({ name, title, song }) => (
          <Load key={name} name={title || name} detail={song} isLoaded={name === system.show} onLoad={() => void load({ show: name })} />
        ))}
      </ul>
      {songs.length > 0 && <h3>Songs</h3>}
      <ul class="rows">
        {songs.map(({ filename, title }) => (
          <Load key={filename} name={title || filename} isLoaded={filename === song} onLoad={() => void load({ filename })} />
        ))}
      </ul>
      <h3>Outputs</h3>
      <Outputs />
      <div class="buttons">
        <Act onClick={() => void ask("cue.reload")}>Read the sources anew</Act>
        <Act onClick={() => void exportDmx(setExported)}>Export as .dmx</Act>
      </div>
      {exported && <p class="quiet mono">{exported}</p>}
      <p class="quiet">gobo {system.version}</p>
    </Modal>
  );
}
