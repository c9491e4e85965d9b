// The chat: what was said, what is being said, and proposals to say yes or no to.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatMessage, Proposal } from "../protocol";
import { notify } from "../remote/notices";
import { ask, remote, useControl, useRemote } from "../remote/remote";
import { Store, useStore } from "../remote/store";
import { Act } from "../ui/controls";

/** The answer that is being given, as far as it was heard: the state has it a little later. */
const heard = new Store({ id: "", text: "" });

remote.listen(({ data, message }) => {
  const { llm, id, text } = (data ?? {}) as { llm?: string; id?: string | number; text?: string };
  const key = String(id ?? "");
  if (llm === "delta") heard.update((now) => ({ id: key, text: (now.id === key ? now.text : "") + (text ?? "") }));
  if (llm === "failed") notify("error", message || text || "The language model did not answer.");
});

// Another server, or the same begun again, counts its answers anew.
remote.link.follow(() => heard.set({ id: "", text: "" }));

function Decision({ action }: { action: Proposal }) {
  const { status } = action;
  const decide = (intent: string) => void ask(intent, { action_id: action.id });
  return (
    <div class="proposal">
      <p>{action.summary}</p>
      <details>
        <summary>What it does</summary>
        <pre>{action.intents.map((intent) => JSON.stringify(intent)).join("\n")}</pre>
      </details>
      {status === "confirmed" || status === "rejected" ? (
        <p class="quiet">{status === "confirmed" ? "Done." : "Rejected."}</p>
      ) : (
        <div class="buttons">
          <Act class="primary" onClick={() => decide("llm.confirm_action")}>
            Confirm
          </Act>
          <Act onClick={() => decide("llm.reject_action")}>Reject</Act>
        </div>
      )}
    </div>
  );
}

function Messages() {
  const { messages, busy } = useRemote(({ llm }) => llm);
  const now = useStore(heard, (now) => now);
  const end = useRef<HTMLDivElement>(null);
  const isBehind = ({ id, text }: ChatMessage) => String(id) === now.id && text.length < now.text.length;
  const shown = messages.map((message) => (isBehind(message) ? { ...message, text: now.text } : message));
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
          <Act class="plain" onClick={() => void ask("llm.clear_conversation")}>
            Clear
          </Act>
        </div>
      </form>
    </>
  );
}
