//! `llm.*`: prompts, and what comes of them.

use std::sync::Arc;

use gobo_live::author::Authoring;
use serde_json::{Map, Value, json};

use super::authoring::Answering;
use super::{Lead, done};
use crate::chat::{Action, LONGEST, Piece, Status, Subject};
use crate::link::{Reason, Refused};

/// How many cues are told of to a model.
const CUES: usize = 150;

impl Lead {
    /// `llm.*`.
    pub(super) fn converse(&mut self, word: &str, payload: &Map<String, Value>, answer: Answering) {
        match word {
            "send_prompt" => {
                let asked = self.prompt(payload);
                answer(asked);
            }
            "cancel" => {
                if let Some(id) = self.chat.cancel() {
                    self.event("info", "cancelled", &json!({ "llm": "cancelled", "id": id }));
                }
                answer(done());
            }
            "clear_conversation" => {
                self.chat.clear();
                answer(done());
            }
            "confirm_action" | "reject_action" => {
                let id = payload.get("action_id").and_then(Value::as_str).unwrap_or_default();
                let confirms = word == "confirm_action";
                if confirms && let Err(refused) = self.unlocked() {
                    return answer(Err(refused));
                }
                let status = if confirms { Status::Confirmed } else { Status::Rejected };
                match self.chat.settle(id, status) {
                    None => {
                        let words = "nothing is proposed by that id";
                        answer(Err(Refused::new(Reason::NotFound, words)));
                    }
                    Some(_) if !confirms => answer(done()),
                    Some(action) => self.act(action, answer),
                }
            }
            _ => return answer(Err(super::authoring::unknown("llm", word))),
        }
        self.tell_chat();
    }

    fn prompt(&mut self, payload: &Map<String, Value>) -> crate::link::Answer {
        let prompt = payload.get("prompt").and_then(Value::as_str).map(str::trim);
        let Some(prompt) = prompt.filter(|text| !text.is_empty() && text.len() <= LONGEST) else {
            let words = format!("`prompt` is a text of at most {LONGEST} bytes");
            return Err(Refused::invalid("/prompt", words));
        };
        if self.chat.is_busy() {
            return Err(Refused::new(Reason::Busy, "an answer is being given: cancel it first"));
        }
        let (described, later) = (self.described(), self.later.clone());
        let subject = self.stage.as_ref().map(|stage| Subject {
            show: Some(stage.header().name.clone()),
            cues: stage.sheet.cues.iter().map(|cue| Arc::clone(&cue.source)).collect(),
        });
        let tell = move |id, piece| later.then(move |lead: &mut Self| lead.hear(id, &piece));
        let about = (described, subject.unwrap_or_default());
        let asked = self.chat.ask(prompt.to_owned(), about, tell);
        let id = asked.map_err(|error| Refused::new(Reason::Failed, error.to_string()))?;
        Ok(json!({ "id": id }))
    }

    /// A piece of an answer has come.
    fn hear(&mut self, id: u64, piece: &Piece) {
        let (is_wanted, action) = self.chat.take(id, piece);
        if !is_wanted {
            return;
        }
        match piece {
            Piece::Delta(text) => {
                self.event("info", "llm", &json!({ "llm": "delta", "id": id, "text": text }));
                // For those that come while it is said: soon.
                self.chat_is_behind = true;
                return;
            }
            Piece::Over(Ok(_)) => {
                if let Some(action) = action {
                    let data = json!({ "llm": "proposal", "id": id, "action": action });
                    self.event("info", &action.summary, &data);
                }
                self.event("info", "llm", &json!({ "llm": "done", "id": id }));
            }
            Piece::Over(Err(why)) => {
                self.event("error", why, &json!({ "llm": "failed", "id": id }));
            }
        }
        self.tell_chat();
    }

    /// Does what was proposed, all of it or nothing; then it may be agreed to again.
    fn act(&mut self, action: Action, answer: Answering) {
        let Action { id, intents, show, .. } = action;
        let later = self.later.clone();
        let answer: Answering = Box::new(move |done| {
            if done.is_err() {
                later.then(move |lead: &mut Self| {
                    lead.chat.reopen(&id);
                    lead.tell_chat();
                });
            }
            answer(done);
        });
        let here = self.stage.as_ref().map(|stage| stage.header().name.clone());
        if show != here {
            let message = format!("this is about the show `{}`", show.unwrap_or_default());
            return answer(Err(Refused::new(Reason::Conflict, message)));
        }
        if let Some(other) = intents.iter().find(|intent| !Authoring::is_named(&intent.name)) {
            let message = format!("a proposal may edit the show only, not `{}`", other.name);
            return answer(Err(Refused::new(Reason::Forbidden, message)));
        }
        let intents = intents
            .into_iter()
            .map(|intent| (intent.name, intent.payload.as_object().cloned().unwrap_or_default()));
        self.edit(intents.collect(), answer);
    }

    pub(super) fn tell_chat(&mut self) {
        self.chat_is_behind = false;
        let state = self.chat.state();
        self.store.set("llm", &state);
    }

    /// What a model is told of the show.
    fn described(&self) -> String {
        let mut text = "You help a lighting designer with a light show that is kept in files of \
                        cues. Answer briefly. To change the show, call propose_changes with \
                        intents: cue.add {cue: {at, for, on, <effect>: {...}}}, cue.update {index, \
                        patch, source}, cue.delete {index, source}, cue.apply_helper {helper_id, \
                        params}, song.hints.create {time, text}. Times are seconds or places as \
                        \"chorus + 2 bars\". Indices are of the cues below.\n"
            .to_owned();
        let Some(stage) = &self.stage else { return text };
        let sheet = &stage.sheet;
        let state = stage.hands.watch.state();
        let near = |time: f64| (time - state.seconds).abs();
        let mut cues: Vec<_> = sheet.cues.iter().collect();
        cues.sort_by(|a, b| near(a.time).total_cmp(&near(b.time)));
        cues.truncate(CUES);
        cues.sort_by(|a, b| a.time.total_cmp(&b.time));
        let cues: Vec<Value> = cues
            .into_iter()
            .map(|cue| json!({ "index": cue.index, "time": cue.time, "source": cue.source }))
            .collect();
        let sections = sheet.song.as_ref().map(|song| &song.sections);
        let fixtures: Vec<_> = sheet.fixtures.values().map(|row| (&row.id, row.kind)).collect();
        let facts = json!({
            "title": stage.header().title,
            "length_s": stage.header().seconds(),
            "now_s": state.seconds,
            "bpm": sheet.song.as_ref().and_then(|song| song.bpm),
            "sections": sections,
            "fixtures": fixtures,
            "groups": sheet.groups,
            "pois": sheet.pois,
            "helpers": sheet.cue_helpers,
            "cues": cues,
        });
        text += &facts.to_string();
        text
    }
}
