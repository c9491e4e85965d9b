// Asks for the token, when the server does.
import { useState } from "preact/hooks";
import { remote } from "../remote/remote";
import { useStore } from "../remote/store";
import { Field } from "./controls";
import { Modal } from "./modal";

/** Trades a token for the cookie; says why it could not. */
export async function login(token: string): Promise<string | null> {
  try {
    const answer = await fetch("login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) return null;
    if (answer.status === 401 || answer.status === 403) return "That token is not known here.";
    if (answer.status === 429) return "Too many tries; wait a moment.";
    return `The server answered ${answer.status}.`;
  } catch {
    return "The server does not answer.";
  }
}

export function Login() {
  const isWanted = useStore(remote.link, (link) => link.kind === "login");
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  if (!isWanted) return null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const why = await login(token.trim());
    setProblem(why);
    if (why) return;
    setToken("");
    remote.open();
  };
  return (
    <Modal title="This show asks for a token">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p>It is in the settings of the computer that runs the show. With one that may only look, controls stay off.</p>
        <Field name="Token" type="password" value={token} onInput={setToken} />
        <p role="alert" class="problem">
          {problem}
        </p>
        <button type="submit" class="button primary">
          Enter
        </button>
      </form>
    </Modal>
  );
}
