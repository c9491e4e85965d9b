//! The oldest protocol of the AI Light Show, on `/ws/v1`: one type a message, no answers but those
//! that it had.
//!
//! In: `delta {channel, value}`, `timecode {time}`, `seek {time}`, `playback {playing, time}`,
//! `preview_effect {fixture_id, effect, duration, data}`, `add_cue {time, fixture_id, effect,
//! duration, data}`, `save_sections {sections}`, `load_song {filename}`, `chat {message}`. Out:
//! `initial`, `status`, `dmx_frame`, `preview_status`, `delta_rejected`, `error`, `chat`. Times are
//! seconds, channels those of the first universe, from 1.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::session::{Outcome, Session};
use super::show::Incoming;
use crate::frames::Shot;
use crate::link::{Answer, Answered, Asked, Intent, Reason};
use crate::state::{Depth, View};

/// Between two frames that are told.
const FRAMES: Duration = Duration::from_millis(50);
/// How far the client's own clock may be off before the show follows it, in ms.
const DRIFT_MS: f64 = 100.0;

/// What a client of the oldest protocol was told.
#[derive(Default)]
pub(super) struct Oldest {
    status: Value,
    /// What the chat has answered so far.
    answer: String,
}

impl Session {
    pub(super) async fn greet_oldest(&mut self) -> Outcome {
        let view = Arc::clone(&self.link.views.borrow_and_update());
        self.see_from(Depth::Keys, view.seq());
        self.watch_frames(Some(FRAMES));
        let state: Value = serde_json::from_str(&view.state(Depth::Keys)).unwrap_or_default();
        let mut initial = Map::new();
        initial.insert("type".to_owned(), "initial".into());
        for key in ["fixtures", "cues", "song", "chasers", "pois", "shows"] {
            initial.insert(key.to_owned(), state[key].clone());
        }
        self.say(Value::Object(initial).to_string()).await?;
        self.patch_oldest(&view).await
    }

    /// Tells where the show is.
    pub(super) async fn patch_oldest(&mut self, view: &View) -> Outcome {
        let playback = view.value("playback").unwrap_or_default();
        let status = json!({
            "type": "status",
            "is_playing": playback["state"] == "playing",
            "time": playback["time_ms"].as_f64().unwrap_or_default() / 1000.0,
            "section": playback["section_name"],
            "song": view.value("song").unwrap_or_default()["filename"],
        });
        if status == self.oldest.status {
            return Ok(());
        }
        self.say(status.to_string()).await?;
        self.oldest.status = status;
        Ok(())
    }

    /// Tells what is on the first universe.
    pub(super) async fn frame_oldest(&mut self, shot: &Shot) -> Outcome {
        let Some(slots) = shot.first() else { return Ok(()) };
        self.say(json!({ "type": "dmx_frame", "values": slots.to_vec() }).to_string()).await
    }

    /// Passes on what the chat answers, once it is whole.
    pub(super) async fn chat_oldest(&mut self, event: &str) -> Outcome {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        let data = &event["data"];
        let said = match data["llm"].as_str() {
            Some("delta") => {
                self.oldest.answer += data["text"].as_str().unwrap_or_default();
                return Ok(());
            }
            Some("failed") => event["message"].clone(),
            Some("done" | "cancelled") => std::mem::take(&mut self.oldest.answer).into(),
            _ => return Ok(()),
        };
        self.oldest.answer.clear();
        let chat = json!({ "type": "chat", "role": "assistant", "message": said });
        self.say(&chat.to_string()).await
    }

    pub(super) async fn hear_oldest(&mut self, message: Incoming) -> Outcome {
        let Incoming { kind, members } = message;
        let time_ms = members.get("time").and_then(Value::as_f64).map(|time| time * 1000.0);
        let (name, payload) = match kind.as_str() {
            "seek" => ("transport.jump_to_time", json!({ "time_ms": time_ms })),
            "timecode" => match time_ms {
                Some(time) if (time - self.here_ms()).abs() < DRIFT_MS => return Ok(()),
                _ => ("transport.jump_to_time", json!({ "time_ms": time_ms })),
            },
            "playback" => {
                if let Some(time_ms) = time_ms {
                    let payload = json!({ "time_ms": time_ms });
                    self.ask_oldest("transport.jump_to_time", payload).await?;
                }
                match members.get("playing").or_else(|| members.get("is_playing")) {
                    Some(Value::Bool(true)) => ("transport.play", json!({})),
                    _ => ("transport.pause", json!({})),
                }
            }
            kind => match intent(kind, members) {
                Some(intent) => intent,
                None => {
                    let kind = super::show::short(kind);
                    return self.nonsense(&format!("there is no `{kind}`")).await;
                }
            },
        };
        self.ask_oldest(name, payload).await
    }

    /// Where the show is by now, in ms: it is not told all the time while it plays.
    fn here_ms(&self) -> f64 {
        let playback = self.link.views.borrow().value("playback").unwrap_or_default();
        let number = |key: &str| playback[key].as_f64().unwrap_or_default();
        let since = match playback["state"] == "playing" {
            true => crate::clock::unix_ms_exact() - number("at_ms"),
            false => 0.0,
        };
        number("time_ms") + since * number("speed")
    }

    async fn ask_oldest(&mut self, name: &'static str, payload: Value) -> Outcome {
        let (answers, role) = (self.answers(), self.role());
        let answer = Box::new(move |answer: Answer| {
            if let Some(said) = said(name, &answer) {
                let _ = answers.try_send(Answered::Text(said.to_string().into()));
            }
        });
        let (name, arrived) = (name.to_owned(), Instant::now());
        let intent = Intent { name, payload, req_id: None, role, arrived, answer };
        self.ask(Asked::Intent(intent)).await
    }
}

/// What the oldest protocol says to what became of an intent.
fn said(name: &str, answer: &Answer) -> Option<Value> {
    match (name, answer) {
        ("channel.set", Err(refused)) => Some(json!({
            "type": "delta_rejected", "reason": refused.reason.as_str(),
            "message": refused.message,
        })),
        ("fixture.preview_effect", Ok(_)) => {
            Some(json!({ "type": "preview_status", "active": true }))
        }
        ("fixture.preview_effect", Err(refused)) => Some(json!({
            "type": "preview_status", "active": false, "reason": refused.reason.as_str(),
            "message": refused.message,
        })),
        (_, Ok(_)) => None,
        (_, Err(refused)) => {
            let reason = match refused.reason {
                Reason::PlaybackActive => "playback_active",
                reason => reason.as_str(),
            };
            Some(json!({ "type": "error", "reason": reason, "message": refused.message }))
        }
    }
}

/// The intent that a message is, whatever the show does.
fn intent(kind: &str, members: Map<String, Value>) -> Option<(&'static str, Value)> {
    let get = |key: &str, other: &str| members.get(key).or_else(|| members.get(other));
    Some(match kind {
        "delta" => {
            let (channel, value) = (members.get("channel"), members.get("value"));
            ("channel.set", json!({ "channel": channel, "value": value }))
        }
        "preview_effect" => ("fixture.preview_effect", preview(&members)),
        "add_cue" => ("cue.add", cue(members)),
        "save_sections" => ("song.sections.save", json!({ "sections": members.get("sections") })),
        "load_song" => ("song.load", json!({ "filename": get("filename", "song") })),
        "chat" => ("llm.send_prompt", json!({ "prompt": get("message", "text") })),
        _ => return None,
    })
}

fn preview(members: &Map<String, Value>) -> Value {
    let duration = members.get("duration").and_then(Value::as_f64);
    json!({
        "fixture_id": members.get("fixture_id"),
        "effect_id": members.get("effect"),
        "duration_ms": duration.map(|seconds| seconds * 1000.0),
        "params": members.get("data"),
    })
}

/// The cue of an `add_cue`: its members stand in the message, or in `cue`.
fn cue(mut members: Map<String, Value>) -> Value {
    members.remove("type");
    members.remove("cue").unwrap_or(Value::Object(members))
}
