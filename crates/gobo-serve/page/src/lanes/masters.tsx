// Masters over everything and over each group.
import { Blackout } from "../header/transport";
import { ask, tellNewest, useRemote } from "../remote/remote";
import { Act, Fader } from "../ui/controls";

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
      <h3>Groups</h3>
      {Object.entries(groups).map(([name, value]) => (
        <Fader key={name} name={name} value={value} onInput={(next) => tellNewest(`group/${name}`, "levels.set", { groups: { [name]: next } })} />
      ))}
    </div>
  );
}
