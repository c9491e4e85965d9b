import { render } from "preact";
import { App } from "./app";
import { remote } from "./remote/remote";
import { login } from "./ui/login";
import "./style/base.css";
import "./style/layout.css";
import "./style/header.css";
import "./style/controls.css";
import "./style/lanes.css";
import "./style/narrow.css";

/** A token in the address is traded for the cookie, and does not stay where others see it. */
async function tradeToken(): Promise<void> {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  if (token === null) return;
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  await login(token);
}

render(<App />, document.getElementById("page")!);
void tradeToken().then(() => remote.open());
