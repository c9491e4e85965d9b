//! `scene.*`: the scenes of live control, for those who speak in intents.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::authoring::{Answering, unknown};
use super::{Lead, done};
use crate::clock;
use crate::link::{Answer, Reason, Refused};
use crate::live::{self, Ack, Order, Origin, Protocol, Reply, Verdict};

impl Lead {
    /// `scene.save`, `scene.recall` and `scene.delete`.
    pub(super) fn scene(&mut self, word: &str, payload: &Map<String, Value>, answer: Answering) {
        if !matches!(word, "save" | "recall" | "delete") {
            return answer(Err(unknown("scene", word)));
        }
        if word == "recall"
            && let Err(refused) = self.unlocked()
        {
            return answer(Err(refused));
        }
        let kind = format!("scene.{word}");
        let command = json!({ "type": kind, "id": "remote", "ts": clock::unix_ms(),
            "name": payload.get("name") });
        let command = match live::parse_message(command.to_string().as_bytes()) {
            Ok(command) => command,
            Err(malformed) => return answer(answer_of(malformed.ack(clock::unix_ms()))),
        };
        let origin = Origin { protocol: Protocol::WebSocket, address: Arc::from("remote") };
        let reply = Reply::new(move |ack| answer(answer_of(ack)));
        let order = Order { command, origin, arrived: Instant::now(), reply };
        let (engine, mut wire) = self.wire();
        engine.obey(order, &mut wire, super::now());
        self.pass_on();
        self.tell_touched();
    }
}

/// An ack as the answer of an intent.
fn answer_of(ack: Ack) -> Answer {
    let Verdict::Refused(refusal) = ack.verdict else { return done() };
    let reason = match refusal.reason {
        live::Reason::NotFound => Reason::NotFound,
        live::Reason::RateLimited => Reason::Busy,
        _ => Reason::Invalid,
    };
    let message = refusal.mistakes.first().map(|mistake| mistake.message.clone());
    let message = message.unwrap_or_else(|| refusal.reason.as_str().to_owned());
    Err(Refused { reason, message, mistakes: refusal.mistakes })
}
