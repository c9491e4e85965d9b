//! A WebSocket client that keeps the state that it is told, and holds the server to its word.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::http::{HeaderName, HeaderValue};
use tungstenite::{Error, HandshakeError, Message, WebSocket};

use crate::house::PATIENCE;

/// How a client of the remote greets.
#[derive(Clone, Copy, Default)]
pub(crate) struct Greeting<'t> {
    pub(crate) deep: bool,
    pub(crate) token: Option<&'t str>,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    /// A message that has changed the state.
    State,
    /// Any other message.
    Told(Value),
    /// Frames.
    Frames(Vec<u8>),
    /// The end, with its code; 1006 if the connection just broke.
    Closed(u16),
}

pub(crate) struct Client {
    socket: WebSocket<TcpStream>,
    pub(crate) state: Value,
    pub(crate) seq: u64,
    pub(crate) role: String,
    /// How many patches came, and the paths in them.
    pub(crate) paths: Vec<Value>,
    /// What came besides the state and was not asked for yet.
    pub(crate) told: VecDeque<Value>,
    next: u64,
}

impl Client {
    /// Connects; or the status by which the server refused.
    pub(crate) fn connect(
        port: u16,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("a socket");
        let url = format!("ws://127.0.0.1:{port}{path}");
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a header");
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        let socket = match tungstenite::client(request, stream) {
            Ok((socket, _)) => socket,
            Err(HandshakeError::Failure(Error::Http(response))) => {
                return Err(response.status().as_u16());
            }
            Err(error) => panic!("no WebSocket at {path}: {error}"),
        };
        let (state, role) = (Value::Null, String::new());
        let (paths, told) = (Vec::new(), VecDeque::new());
        Ok(Self { socket, state, seq: 0, role, paths, told, next: 1 })
    }

    /// Says hello and takes the snapshot.
    #[track_caller]
    pub(crate) fn hello(&mut self, greeting: Greeting<'_>) {
        let mut hello = json!({ "type": "hello", "deep": greeting.deep });
        if let Some(token) = greeting.token {
            hello["token"] = token.into();
        }
        self.say(&hello);
        let seen = self.seq;
        let deadline = Instant::now() + PATIENCE;
        while self.role.is_empty() || self.seq < seen {
            assert!(Instant::now() < deadline, "no snapshot");
            self.take();
        }
    }

    /// Says a message.
    #[track_caller]
    pub(crate) fn say(&mut self, message: &Value) {
        self.say_raw(Message::text(message.to_string())).expect("it is taken");
    }

    pub(crate) fn say_raw(&mut self, message: Message) -> Result<(), Error> {
        self.socket.send(message)
    }

    /// The stream beneath.
    pub(crate) fn stream(&self) -> &TcpStream {
        self.socket.get_ref()
    }

    /// The next that comes, within a time.
    pub(crate) fn next_within(&mut self, at_most: Duration) -> Option<Came> {
        let at_most = at_most.max(Duration::from_millis(1));
        self.stream().set_read_timeout(Some(at_most)).expect("a timeout");
        match self.socket.read() {
            Ok(Message::Text(text)) => Some(self.heard(&text)),
            Ok(Message::Binary(frames)) => Some(Came::Frames(frames.to_vec())),
            Ok(Message::Close(frame)) => {
                Some(Came::Closed(frame.map_or(1005, |frame| frame.code.into())))
            }
            Ok(_) => None,
            Err(Error::Io(error))
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) =>
            {
                None
            }
            Err(_) => Some(Came::Closed(1006)),
        }
    }

    fn heard(&mut self, text: &str) -> Came {
        let message: Value = serde_json::from_str(text).expect("messages are JSON");
        match message["type"].as_str() {
            Some("snapshot") => {
                self.seq = message["seq"].as_u64().expect("a seq");
                message["role"].as_str().expect("a role").clone_into(&mut self.role);
                self.state = message["state"].clone();
                Came::State
            }
            Some("patch") => {
                self.apply(&message);
                Came::State
            }
            _ => Came::Told(message),
        }
    }

    /// A patch leads from what was told last to a later moment.
    fn apply(&mut self, patch: &Value) {
        assert_eq!(patch["base"], self.seq, "a patch was lost: {patch}");
        let seq = patch["seq"].as_u64().expect("a seq");
        assert!(seq > self.seq, "seq rises");
        self.seq = seq;
        for change in patch["changes"].as_array().expect("changes") {
            let path = change["path"].as_array().expect("a path");
            self.paths.push(change["path"].clone());
            put(&mut self.state, path, change.get("value"));
        }
    }

    /// Takes what comes next, and keeps what is no state.
    #[track_caller]
    pub(crate) fn take(&mut self) {
        match self.next_within(PATIENCE) {
            Some(Came::Told(message)) => self.told.push_back(message),
            Some(Came::Closed(code)) => panic!("the server closed the connection: {code}"),
            Some(Came::State | Came::Frames(_)) | None => {}
        }
    }

    /// Waits until the state is so.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, so: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(&self.state) {
            assert!(Instant::now() < deadline, "never so: {what}\n{}", self.state);
            self.take();
        }
    }

    /// Waits for a message that is so, whatever else comes before.
    #[track_caller]
    pub(crate) fn hears(&mut self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(index) = self.told.iter().position(&so) {
                return self.told.remove(index).expect("it is there");
            }
            assert!(Instant::now() < deadline, "never heard: {what}; but {:?}", self.told);
            self.take();
        }
    }

    /// Waits for frames.
    #[track_caller]
    pub(crate) fn frames(&mut self) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "no frames");
            match self.next_within(PATIENCE) {
                Some(Came::Frames(frames)) => return frames,
                Some(Came::Told(message)) => self.told.push_back(message),
                Some(Came::Closed(code)) => panic!("closed: {code}"),
                Some(Came::State) | None => {}
            }
        }
    }

    /// Waits for the end; its code.
    #[track_caller]
    pub(crate) fn closed(&mut self) -> u16 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "the connection stays");
            if let Some(Came::Closed(code)) = self.next_within(PATIENCE) {
                return code;
            }
        }
    }

    /// Asks for something without waiting; the id of the answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, name: &str, payload: &Value) -> String {
        let id = self.next.to_string();
        self.next += 1;
        self.say(&json!({ "type": "intent", "req_id": id, "name": name, "payload": payload }));
        id
    }

    /// Asks and waits: the `data` of the answer, and its message.
    #[track_caller]
    pub(crate) fn answer(&mut self, name: &str, payload: &Value) -> (Value, String) {
        let id = self.ask(name, payload);
        let event = self.hears(name, |told| told["data"]["req_id"] == *id);
        (event["data"].clone(), event["message"].as_str().unwrap_or_default().to_owned())
    }

    /// Asks, and it is done.
    #[track_caller]
    pub(crate) fn does(&mut self, name: &str, payload: &Value) -> Value {
        let (data, message) = self.answer(name, payload);
        assert_eq!(data["accepted"], true, "{name} {payload}: {message} {data}");
        data
    }

    /// Asks, and it is refused for a reason.
    #[track_caller]
    pub(crate) fn may_not(&mut self, name: &str, payload: &Value, reason: &str) -> String {
        let (data, message) = self.answer(name, payload);
        assert_eq!(data["reason"], reason, "{name} {payload}: {message} {data}");
        assert_eq!(data["accepted"], false);
        message
    }

    /// A command of live control, and its ack.
    #[track_caller]
    pub(crate) fn commands(&mut self, command: &Value) -> Value {
        let id = command.get("id").or_else(|| command.get("cmdId")).cloned().expect("an id");
        self.say(command);
        self.hears("an ack", |told| told["ack"] == id)
    }
}

/// Puts a value where a path leads; takes it away without one.
fn put(state: &mut Value, path: &[Value], value: Option<&Value>) {
    let (last, before) = path.split_last().expect("a path has a key");
    let mut place = state;
    for key in before {
        place = &mut place[key.as_str().expect("a key")];
    }
    let members = place.as_object_mut().expect("a path leads through objects");
    let key = last.as_str().expect("a key").to_owned();
    match value {
        Some(value) => drop(members.insert(key, value.clone())),
        None => drop(members.remove(&key)),
    }
}
