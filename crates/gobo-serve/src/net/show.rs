//! The protocol of `/ws`: hello, intents, and commands of live control among them.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::session::{Outcome, Session};
use crate::access::Role;
use crate::clock;
use crate::link::{Answer, Answered, Asked, Intent, Reason, Refused, answer_event};
use crate::live::{self, AckForm, Order, Origin, Protocol, Reply};
use crate::state::Depth;

/// The most frames a second that a client may ask for.
const FRAMES: f64 = 60.0;

/// A message: an object with a type.
pub(crate) struct Incoming {
    pub(super) kind: String,
    pub(super) members: Map<String, Value>,
}

impl Incoming {
    /// The token that it offers.
    pub(super) fn token(&self) -> Option<&str> {
        self.members.get("token")?.as_str()
    }
}

/// A message of text; what is wrong with it, if it is none.
pub(crate) fn parse(text: &str) -> Result<Incoming, String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("this is not JSON: {}", plain(&error)))?;
    let Value::Object(members) = value else {
        return Err("a message is an object with a `type`".to_owned());
    };
    match members.get("type") {
        Some(Value::String(kind)) => Ok(Incoming { kind: kind.clone(), members }),
        Some(_) => Err("`type` is a text".to_owned()),
        // What the oldest commands of live control look like.
        None if members.contains_key("cmdId") => Ok(Incoming { kind: "set".to_owned(), members }),
        None => Err("a message has a `type`: hello, intent, set, dmx.set, ...".to_owned()),
    }
}

/// Where JSON breaks off.
fn plain(error: &serde_json::Error) -> String {
    format!("column {} of line {}", error.column(), error.line())
}

impl Session {
    pub(super) async fn hear_message(&mut self, message: Incoming) -> Outcome {
        match message.kind.as_str() {
            "hello" => {
                let deep = message.members.get("deep").and_then(Value::as_bool).unwrap_or(false);
                let depth = if deep { Depth::Members } else { Depth::Keys };
                self.snapshot(depth).await
            }
            "intent" => self.hear_intent(message.members).await,
            kind if live::is_live(kind) => self.hear_command(message.members).await,
            kind => {
                let known = [
                    "hello",
                    "intent",
                    "set",
                    "dmx.set",
                    "dmx.patch",
                    "dmx.fade",
                    "fixture.set",
                    "scene.save",
                    "scene.recall",
                    "effect.apply",
                ];
                let near = gobo_show::diagnostic::nearest(kind, known);
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                self.nonsense(&format!("there is no type `{}`{hint}", short(kind))).await
            }
        }
    }

    async fn hear_intent(&mut self, mut members: Map<String, Value>) -> Outcome {
        let req_id = members.remove("req_id").filter(|id| !id.is_null());
        let name = match members.remove("name") {
            Some(Value::String(name)) => name,
            _ => return self.nonsense("an intent has a `name`").await,
        };
        let payload = members.remove("payload").unwrap_or_else(|| Value::Object(Map::new()));
        if !payload.is_object() {
            let refused = Refused::invalid("", "`payload` is an object");
            return self.answer(&name, req_id.as_ref(), &Err(refused)).await;
        }
        if name == "stage.watch" {
            let answer = self.watch_stage(&payload);
            return self.answer(&name, req_id.as_ref(), &answer).await;
        }
        let role = self.role();
        let answers = self.answers();
        let (told_name, told_id) = (name.clone(), req_id.clone());
        let answer = Box::new(move |answer: Answer| {
            if told_id.is_some() || answer.is_err() {
                let event = answer_event(&told_name, told_id.as_ref(), &answer);
                // Whoever has so many waiting does not read them.
                let _ = answers.try_send(Answered::Text(event.to_string().into()));
            }
        });
        let arrived = Instant::now();
        self.ask(Asked::Intent(Intent { name, payload, req_id, role, arrived, answer })).await
    }

    async fn answer(&mut self, name: &str, req_id: Option<&Value>, answer: &Answer) -> Outcome {
        if req_id.is_none() && answer.is_ok() {
            return Ok(());
        }
        let event = answer_event(name, req_id, answer).to_string();
        self.say(event).await
    }

    fn watch_stage(&mut self, payload: &Value) -> Answer {
        let on = payload.get("on").map_or(Some(true), Value::as_bool);
        let on = on.ok_or_else(|| Refused::invalid("/on", "`on` is true or false"))?;
        let fps = payload.get("fps").map_or(Some(FRAMES), Value::as_f64);
        let fps = fps.filter(|fps| (1.0..=FRAMES).contains(fps));
        let fps = fps.ok_or_else(|| Refused::invalid("/fps", "`fps` is a number, 1 to 60"))?;
        // A little less, so that 60 a second are not 30 on a clock that is a little off.
        let every = Duration::from_secs_f64(0.9 / fps);
        self.watch_frames(on.then_some(every));
        Ok(Value::Object(Map::new()))
    }

    /// A command of live control.
    pub(super) async fn hear_command(&mut self, members: Map<String, Value>) -> Outcome {
        self.speak_live().await?;
        let ts = clock::unix_ms();
        let id = members.get("id").or_else(|| members.get("cmdId")).cloned();
        if self.role() < Role::Control {
            let ack = id.as_ref().and_then(Value::as_str).unwrap_or_default();
            let mut refused = serde_json::json!({
                "ack": ack, "accepted": false, "reason": Reason::Forbidden.as_str(),
            });
            if self.link.acks == AckForm::Whole {
                refused["ts"] = ts.into();
            }
            return self.say(refused.to_string()).await;
        }
        let form = self.link.acks;
        let command = match live::parse_value(&Value::Object(members)) {
            Ok(command) => command,
            Err(malformed) => {
                let ack = malformed.ack(ts).to_json(form).to_string();
                return self.say(ack).await;
            }
        };
        let answers = self.answers();
        let reply = Reply::new(move |ack| {
            let _ = answers.try_send(Answered::Text(ack.to_json(form).to_string().into()));
        });
        let origin =
            Origin { protocol: Protocol::WebSocket, address: self.from.ip().to_string().into() };
        self.ask(Asked::Live(Order { command, origin, arrived: Instant::now(), reply })).await
    }
}

/// The beginning of something that somebody sent.
pub(super) fn short(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
