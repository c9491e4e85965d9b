import { dialog } from "./panels";
import { Modal } from "./modal";

const KEYS: [string[], string][] = [
  [["Space"], "Play or pause"],
  [["←", "→"], "5 seconds back or on; with Shift 1 second"],
  [["Home"], "To the start"],
  [["[", "]"], "Section before, section after"],
  [["B"], "Blackout on or off"],
  [["F"], "Freeze on or off"],
  [["G"], "To the grand master"],
  [["A"], "Add the look of now to the cues"],
  [["L"], "Lock or unlock edits"],
  [["R"], "Repeat on or off"],
  [["1", "…", "6"], "Stage, song, cues, fixtures, masters, chat"],
  [["/"], "To the chat"],
  [["?"], "This help"],
  [["Esc"], "Close, or leave a field"],
];

export function Help() {
  return (
    <Modal title="Keys" onClose={() => dialog.set(null)}>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">On the stage, a click chooses a fixture; with Shift it is added to those chosen. Faders and pads move by arrow keys when they have the focus.</p>
    </Modal>
  );
}
