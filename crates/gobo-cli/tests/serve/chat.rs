//! The chat, with an endpoint that is not a language model at all.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde_json::{Value, json};

use crate::client::Client;
use crate::house::{PATIENCE, Serving, sources, studio};

/// An endpoint that says what the test says, piece by piece.
struct Endpoint {
    port: u16,
    /// What it was asked.
    asked: Receiver<Value>,
    /// What it says: a piece of the stream, or the end without one.
    says: Sender<Option<String>>,
}

impl Endpoint {
    /// One that answers each request with this status line.
    fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (asks, asked) = channel();
        let (says, pieces) = channel::<Option<String>>();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if asks.send(request(&stream)).is_err() {
                    return;
                }
                answer(stream, status, &pieces);
            }
        });
        Self { port, asked, says }
    }

    fn says(&self, delta: &Value) {
        let chunk = json!({ "choices": [{ "delta": delta }] });
        self.says.send(Some(format!("data: {chunk}\n\n"))).expect("it listens");
    }

    fn ends(&self) {
        self.says.send(Some("data: [DONE]\n\n".to_owned())).expect("it listens");
        self.says.send(None).expect("it listens");
    }

    fn was_asked(&self) -> Value {
        self.asked.recv_timeout(PATIENCE).expect("it is asked")
    }
}

/// The body of a request, with the header by which it shows its key.
fn request(stream: &TcpStream) -> Value {
    let mut reader = BufReader::new(stream);
    let (mut length, mut key) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if lower.starts_with("authorization:") {
            key = line.trim().to_owned();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let mut body: Value = serde_json::from_slice(&body).expect("JSON");
    body["key"] = key.into();
    body
}

fn answer(mut stream: TcpStream, status: &str, pieces: &Receiver<Option<String>>) {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    );
    // Whoever cancels does not listen any more.
    let _ = stream.write_all(head.as_bytes());
    while let Ok(Some(piece)) = pieces.recv() {
        let _ = stream.write_all(piece.as_bytes());
    }
}

fn serving(endpoint: &Endpoint) -> Serving {
    let project = studio();
    let port = endpoint.port;
    let config = format!("[llm]\nurl = \"http://127.0.0.1:{port}/v1\"\nmodel = \"none\"\n");
    project.write("serve.toml", &config);
    Serving::with(project, &[], &[("GOBO_LLM_KEY", "the-key-of-the-endpoint")])
}

fn hears(client: &mut Client, what: &str) -> Value {
    client.hears(what, |told| told["data"]["llm"] == what)
}

#[test]
fn an_answer_comes_as_it_is_said_and_can_be_cancelled() {
    let endpoint = Endpoint::start("200 OK");
    let mut serving = serving(&endpoint);
    let mut client = serving.client();
    assert_eq!(client.state["system"]["llm"], true);
    client.does("llm.send_prompt", &json!({ "prompt": "more red" }));
    let asked = endpoint.was_asked();
    assert_eq!(asked["key"], "authorization: Bearer the-key-of-the-endpoint");
    assert_eq!(
        asked["messages"].as_array().and_then(|all| all.last()).unwrap()["content"],
        "more red"
    );
    client.until("it is busy", |state| state["llm"]["busy"] == true);
    for word in ["Let ", "there ", "be"] {
        endpoint.says(&json!({ "content": word }));
        // The next is said only when this one has come.
        assert_eq!(hears(&mut client, "delta")["data"]["text"], word);
    }
    client.may_not("llm.send_prompt", &json!({ "prompt": "again" }), "busy");
    endpoint.ends();
    hears(&mut client, "done");
    client.until("it is said", |state| {
        state["llm"]["busy"] == false && state["llm"]["messages"][1]["text"] == "Let there be"
    });
    client.does("llm.send_prompt", &json!({ "prompt": "and light" }));
    assert_eq!(endpoint.was_asked()["messages"].as_array().map(Vec::len), Some(4));
    endpoint.says(&json!({ "content": "No" }));
    hears(&mut client, "delta");
    client.does("llm.cancel", &json!({}));
    hears(&mut client, "cancelled");
    client.until("it is over", |state| state["llm"]["busy"] == false);
    endpoint.says(&json!({ "content": "thing" }));
    endpoint.ends();
    client.does("llm.clear_conversation", &json!({}));
    client.until("nothing was said", |state| state["llm"]["messages"] == json!([]));
    let is_late = |told: &Value| told["data"]["text"] == "thing";
    assert!(!client.told.iter().any(is_late), "what is cancelled says no more");
    assert!(!serving.told().contains("the-key-of-the-endpoint"));
}

/// Has the endpoint propose something; the id of the proposal.
fn proposed(endpoint: &Endpoint, client: &mut Client, intents: &[Value]) -> String {
    client.does("llm.send_prompt", &json!({ "prompt": "a flash" }));
    endpoint.was_asked();
    let text = json!({ "summary": "a flash at seven", "intents": intents }).to_string();
    let (one, two) = text.split_at(text.len() / 2);
    for part in [one, two] {
        let call =
            json!({ "index": 0, "function": { "name": "propose_changes", "arguments": part } });
        endpoint.says(&json!({ "tool_calls": [call] }));
    }
    endpoint.ends();
    let proposal = hears(client, "proposal");
    hears(client, "done");
    assert_eq!(proposal["data"]["action"]["summary"], "a flash at seven");
    proposal["data"]["action"]["id"].as_str().expect("an id").to_owned()
}

/// The cues that a proposal means are those that the model was told of, whatever happens before
/// somebody agrees; and it is done whole or not at all.
#[test]
fn what_is_proposed_is_of_what_the_model_saw() {
    let endpoint = Endpoint::start("200 OK");
    let serving = serving(&endpoint);
    let mut client = serving.client();
    let cues = client.state["cues"].as_array().unwrap().clone();
    let delete = |index: usize| json!({ "name": "cue.delete", "payload": { "index": index } });
    let before = sources(&serving.project);
    let wrong = proposed(&endpoint, &mut client, &[delete(0), delete(99_999)]);
    client.may_not("llm.confirm_action", &json!({ "action_id": wrong }), "not_found");
    assert!(before == sources(&serving.project), "nothing of it is done");
    client.until("it waits", |state| state["llm"]["messages"][1]["action"]["status"] == "proposed");
    let both = proposed(&endpoint, &mut client, &[delete(0), delete(1)]);
    let cue = json!({ "at": 0, "on": "pars", "set": { "dimmer": "1%" }, "name": "new" });
    client.does("cue.add", &json!({ "cue": cue, "file": "base.json" }));
    let is_there = |state: &Value, name: &Value| {
        state["cues"].as_array().unwrap().iter().any(|cue| cue["source"] == *name)
    };
    client.until("the new one", |state| is_there(state, &cue));
    client.does("llm.confirm_action", &json!({ "action_id": both }));
    client.until("both are gone", |state| {
        cues[..2].iter().all(|gone| !is_there(state, &gone["source"])) && is_there(state, &cue)
    });
    client.does("song.load", &json!({ "show": "other" }));
    client.until("the other", |state| state["system"]["show"] == "other");
    client.may_not("llm.confirm_action", &json!({ "action_id": wrong }), "conflict");
}

#[test]
fn what_is_proposed_is_done_when_somebody_agrees() {
    let endpoint = Endpoint::start("200 OK");
    let serving = serving(&endpoint);
    let mut client = serving.client();
    let before = sources(&serving.project);
    let cue = json!({ "at": 7, "on": "pars", "set": { "dimmer": "90%" } });
    let flash = [json!({ "name": "cue.add", "payload": { "cue": cue, "file": "base.json" } })];
    let propose = |client: &mut Client| proposed(&endpoint, client, &flash);
    let id = propose(&mut client);
    assert!(before == sources(&serving.project), "nothing is done before");
    client.does("llm.reject_action", &json!({ "action_id": id }));
    client.may_not("llm.confirm_action", &json!({ "action_id": id }), "not_found");
    assert!(before == sources(&serving.project), "nothing is done");
    let id = propose(&mut client);
    client.does("llm.confirm_action", &json!({ "action_id": id }));
    client.until("the cue", |state| {
        state["cues"].as_array().is_some_and(|cues| cues.iter().any(|cue| cue["time"] == 7.0))
    });
    assert!(serving.project.read("shows/studio/base.json").contains("90%"));
    client.may_not("llm.confirm_action", &json!({ "action_id": id }), "not_found");
}

#[test]
fn what_goes_wrong_at_the_endpoint_is_said_in_plain_words() {
    let endpoint = Endpoint::start("401 Unauthorized");
    let serving = serving(&endpoint);
    let mut client = serving.client();
    client.does("llm.send_prompt", &json!({ "prompt": "hello" }));
    endpoint.was_asked();
    let error = json!({ "error": { "message": "no such key" } });
    endpoint.says.send(Some(error.to_string())).unwrap();
    endpoint.says.send(None).unwrap();
    let failed = hears(&mut client, "failed");
    let message = failed["message"].as_str().unwrap();
    assert!(message.contains("401") && message.contains("no such key"), "{message}");
    client.until("it is over", |state| state["llm"]["busy"] == false);
}

#[test]
fn an_endpoint_that_is_not_there_or_talks_nonsense_is_told() {
    let endpoint = Endpoint::start("200 OK");
    let serving = serving(&endpoint);
    let mut client = serving.client();
    client.does("llm.send_prompt", &json!({ "prompt": "hello" }));
    endpoint.was_asked();
    endpoint.says.send(Some("data: <html>\n\n".to_owned())).unwrap();
    endpoint.says.send(None).unwrap();
    hears(&mut client, "failed");
    let project = studio();
    // Nobody listens on the port of discarding.
    project.write("serve.toml", "[llm]\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"none\"\n");
    let serving = Serving::of(project, &[]);
    let mut client = serving.client();
    client.does("llm.send_prompt", &json!({ "prompt": "hello" }));
    let message = hears(&mut client, "failed")["message"].to_string();
    assert!(message.contains("127.0.0.1:9"), "{message}");
}

#[test]
fn without_an_endpoint_the_echo_says_so() {
    let serving = Serving::new();
    let mut client = serving.client();
    assert_eq!(client.state["system"]["llm"], false);
    client.does("llm.send_prompt", &json!({ "prompt": "hello there" }));
    hears(&mut client, "done");
    client.until("what it says", |state| {
        let said = state["llm"]["messages"][1]["text"].as_str().unwrap_or_default();
        said.contains("No language model is set") && said.contains("hello there")
    });
    for wrong in [json!({}), json!({ "prompt": " " }), json!({ "prompt": "x".repeat(20_000) })] {
        client.may_not("llm.send_prompt", &wrong, "invalid");
    }
    client.may_not("llm.reject_action", &json!({ "action_id": "a9" }), "not_found");
}
