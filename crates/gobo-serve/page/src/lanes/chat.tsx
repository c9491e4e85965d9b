// The chat: what was said, what is being said, and proposals to say yes or no to.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatMessage, Proposal } from "../protocol";
import { notify } from "../remote/notices";
import { ask, remote, useControl, useRemote } from "../remote/remote";
import { Store, useStore } from "../remote/store";
import { Act } from "../ui/controls";

interface Streamed {
  /** What has come of answers that are not in the state yet, by id. */
  texts: { [id: string]: string };
  proposals: { [id: string]: Proposal };
  decided: { [id: string]: "confirmed" | "rejected" };
}

const NOTHING: Streamed = { texts: {}, proposals: {}, decided: {} };
const streamed = new Store<Streamed>(NOTHING);

remote.listen(({ data, message }) => {
  const { llm, id, text, action } = (data ?? {}) as { llm?: string; id?: string | number; text?: string; action?: Proposal };
  if (!llm) return;
  const key = String(id ?? "");
  if (llm === "delta") streamed.update((all) => ({ ...all, texts: { ...all.texts, [key]: (all.texts[key] ?? "") + (text ?? "") } }));
  if (llm === "done" && text) streamed.update((all) => ({ ...all, texts: { ...all.texts, [key]: text } }));
  if (llm === "proposal" && action) streamed.update((all) => ({ ...all, proposals: { ...all.proposals, [action.id]: action } }));
  if (llm === "failed") notify("error", message || text || "The language model did not answer.");
});

/** What was said, and after it what is only known by events yet. */
function withStreamed(messages: ChatMessage[], { texts, proposals }: Streamed): ChatMessage[] {
  const known = new Set(messages.map(({ id }) => String(id)));
  const acted = new Set(messages.map(({ action }) => String(action?.id)));
  const longer = messages.map((one) => ((texts[one.id]?.length ?? 0) > one.text.length ? { ...one, text: texts[one.id]! } : one));
  const coming = Object.entries(texts).filter(([id]) => !known.has(id));
  const proposed = Object.values(proposals).filter(({ id }) => !acted.has(String(id)));
  return [
    ...longer,
    ...coming.map(([id, text]) => ({ id, role: "assistant", text })),
    ...proposed.map((action) => ({ id: `action-${action.id}`, role: "assistant", text: "", action })),
  ];
}

function Decision({ action }: { action: Proposal }) {
  const own = useStore(streamed, ({ decided }) => decided[action.id]);
  const decided = own ?? (action.status === "confirmed" || action.status === "rejected" ? action.status : null);
  const decide = async (word: "confirmed" | "rejected") => {
    const answer = await ask(word === "confirmed" ? "llm.confirm_action" : "llm.reject_action", { action_id: action.id });
    if (answer.accepted) streamed.update((all) => ({ ...all, decided: { ...all.decided, [action.id]: word } }));
  };
  return (
    <div class="proposal">
      <p>{action.summary}</p>
      <details>
        <summary>What it does</summary>
        <pre>{action.intents.map((intent) => JSON.stringify(intent)).join("\n")}</pre>
      </details>
      {decided ? (
        <p class="quiet">{decided === "confirmed" ? "Done." : "Rejected."}</p>
      ) : (
        <div class="buttons">
          <Act class="primary" onClick={() => void decide("confirmed")}>
            Confirm
          </Act>
          <Act onClick={() => void decide("rejected")}>Reject</Act>
        </div>
      )}
    </div>
  );
}

function Messages() {
  const { messages, busy } = useRemote(({ llm }) => llm);
  const said = useStore(streamed, (all) => all);
  const end = useRef<HTMLDivElement>(null);
  const shown = withStreamed(messages, said);
  const size = shown.reduce((sum, { text }) => sum + text.length + 1, 0);
  useEffect(() => {
    end.current!.scrollTop = end.current!.scrollHeight;
  }, [size]);
  return (
    <div class="scroll messages" ref={end} role="log" aria-label="Conversation" aria-busy={busy} tabIndex={0}>
      {shown.length === 0 && <p class="empty">Ask for a change of the show, such as “a slow blue wash in the intro”. Nothing is done before you confirm it.</p>}
      {shown.map(({ id, role, text, action }) => (
        <div key={id} class={`message is-${role}`}>
          <span class="hidden">{role === "user" ? "You: " : "Answer: "}</span>
          {text && <p>{text}</p>}
          {action && <Decision action={action} />}
        </div>
      ))}
      {busy && <p class="quiet">…</p>}
    </div>
  );
}

export function Chat() {
  const isThere = useRemote(({ system }) => system.llm);
  const busy = useRemote(({ llm }) => llm.busy);
  const mayAct = useControl();
  const [prompt, setPrompt] = useState("");
  if (!isThere) return <p class="empty">No language model is set up at the server; with one, you can ask for changes here in your own words.</p>;
  const send = async (event?: Event) => {
    event?.preventDefault();
    const text = prompt.trim();
    if (!text || busy || !mayAct) return;
    setPrompt("");
    const answer = await ask("llm.send_prompt", { prompt: text });
    if (!answer.accepted) setPrompt(text);
  };
  const clear = async () => {
    if ((await ask("llm.clear_conversation")).accepted) streamed.set(NOTHING);
  };
  return (
    <>
      <Messages />
      <form class="prompt" onSubmit={(event) => void send(event)}>
        <textarea
          id="chat-prompt"
          aria-label="What to ask for"
          rows={2}
          value={prompt}
          disabled={!mayAct}
          onInput={(event) => setPrompt(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && !event.shiftKey && void send(event)}
        />
        <div class="buttons">
          <button type="submit" class="button primary" disabled={!mayAct || busy || !prompt.trim()}>
            Send
          </button>
          <Act disabled={!busy} onClick={() => void ask("llm.cancel")}>
            Cancel
          </Act>
          <Act class="plain" onClick={() => void clear()}>
            Clear
          </Act>
        </div>
      </form>
    </>
  );
}
