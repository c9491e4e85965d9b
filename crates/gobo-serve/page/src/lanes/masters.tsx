// Masters over everything and over each group.
import { useState } from "preact/hooks";
import { Blackout } from "../header/transport";
import { ask, askAndSay, tellNewest, useControl, useRemote } from "../remote/remote";
import { Act, Fader } from "../ui/controls";

/** Looks by name: all levels as they are now, and held again later. */
function Scenes() {
  const scenes = useRemote(({ scenes }) => scenes);
  const mayAct = useControl();
  const [name, setName] = useState("");
  const save = async (event: Event) => {
    event.preventDefault();
    const answer = await askAndSay(`“${name.trim()}” is saved.`, "scene.save", { name: name.trim() });
    if (answer.accepted) setName("");
  };
  return (
    <>
      <h3>Scenes</h3>
      {scenes.length === 0 && <p class="empty">A scene is the light of now under a name, to come back to.</p>}
      <div class="buttons" role="group" aria-label="Scenes">
        {scenes.map((scene) => (
          <Act key={scene} onClick={() => void ask("scene.recall", { name: scene })}>
            {scene}
          </Act>
        ))}
      </div>
      <form class="buttons" onSubmit={(event) => void save(event)}>
        <input
          class="grow"
          aria-label="Name of a new scene"
          placeholder="Name of a new scene"
          maxLength={100}
          value={name}
          disabled={!mayAct}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={!mayAct || !name.trim()}>
          Save
        </button>
      </form>
    </>
  );
}

export function Masters() {
  const { grand, groups, frozen } = useRemote(({ levels }) => levels);
  return (
    <div class="scroll masters" tabIndex={0} role="group" aria-label="Masters">
      <div id="grand-master" tabIndex={-1} class="grand-master">
        <Fader name="Grand master" value={grand} onInput={(value) => tellNewest("grand", "levels.set", { grand: value })} />
      </div>
      <div class="buttons pair">
        <Blackout />
        <Act label="Freeze" shortcut="F" pressed={frozen} class="freeze" onClick={() => void ask("levels.set", { frozen: !frozen })}>
          Freeze
        </Act>
      </div>
      <Scenes />
      <h3>Groups</h3>
      {Object.entries(groups).map(([name, value]) => (
        <Fader key={name} name={name} value={value} onInput={(next) => tellNewest(`group/${name}`, "levels.set", { groups: { [name]: next } })} />
      ))}
    </div>
  );
}
