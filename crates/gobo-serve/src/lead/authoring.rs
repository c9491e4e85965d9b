//! What edits files, and what reads others: done by those who keep the show, answered by them.

use std::sync::Arc;

use gobo_live::Ground;
use gobo_live::author::{Authoring, Fault, Refusal};
use gobo_show::diagnostic::nearest;
use serde_json::{Map, Value, json};

use super::Lead;
use crate::house::Faults;
use crate::link::{Answer, Reason, Refused};
use crate::live::Mistake;

/// All intents, for hints at what was meant.
pub(super) const INTENTS: [&str; 48] = [
    "song.list",
    "song.load",
    "song.hints.create",
    "song.hints.update",
    "song.hints.delete",
    "transport.play",
    "transport.pause",
    "transport.stop",
    "transport.jump_to_time",
    "transport.jump_to_section",
    "transport.set_speed",
    "transport.set_repeat",
    "system.set_edit_lock",
    "levels.set",
    "fixture.set_arm",
    "fixture.set_values",
    "fixture.preview_effect",
    "fixture.stop_preview",
    "cue.add",
    "cue.update",
    "cue.delete",
    "cue.clear",
    "cue.clear_all",
    "cue.reload",
    "cue.export_dmx",
    "cue.apply_helper",
    "cue.add_look",
    "chaser.apply",
    "chaser.preview",
    "chaser.stop_preview",
    "chaser.start",
    "chaser.stop",
    "chaser.list",
    "poi.create",
    "poi.update",
    "poi.delete",
    "poi.update_fixture_target",
    "llm.send_prompt",
    "llm.cancel",
    "llm.clear_conversation",
    "llm.confirm_action",
    "llm.reject_action",
    "stage.watch",
    "channel.set",
    "song.sections.save",
    "scene.save",
    "scene.recall",
    "scene.delete",
];

/// Where an answer goes.
pub(crate) type Answering = Box<dyn FnOnce(Answer) + Send>;

pub(super) fn no_show() -> Refused {
    Refused::new(Reason::Busy, "there is no show yet: its sources have errors")
}

/// There is no such intent.
pub(super) fn unknown(family: &str, word: &str) -> Refused {
    unknown_intent(&format!("{family}.{word}"))
}

fn unknown_intent(name: &str) -> Refused {
    let name: String = name.chars().take(60).collect();
    let hint = nearest(&name, INTENTS).map(|near| format!("; did you mean `{near}`?"));
    let message = format!("there is no intent `{name}`{}", hint.unwrap_or_default());
    Refused::new(Reason::NotFound, message)
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let reason = match &refusal {
            Refusal::Invalid { .. } => Reason::Invalid,
            Refusal::NotFound { .. } => Reason::NotFound,
            Refusal::Conflict { .. } => Reason::Conflict,
            Refusal::Failed { .. } => Reason::Failed,
        };
        let mistake =
            |fault: &Fault| Mistake { path: fault.path.clone(), message: fault.message.clone() };
        let mistakes = refusal.errors().iter().map(mistake).collect();
        Self { reason, message: refusal.to_string(), mistakes }
    }
}

impl Lead {
    /// Edits of files, and `cue.reload` and `cue.export_dmx`.
    pub(super) fn author(&mut self, name: &str, payload: Map<String, Value>, answer: Answering) {
        match name {
            "cue.reload" => {
                self.house.reload();
                answer(super::done());
            }
            "cue.export_dmx" => self.house.export(Box::new(|exported| {
                answer(match exported {
                    Ok(path) => Ok(json!({ "path": path })),
                    Err(why) => Err(Refused::new(Reason::Failed, why)),
                });
            })),
            _ if Authoring::is_named(name) => self.edit(vec![(name.to_owned(), payload)], answer),
            _ => answer(Err(unknown_intent(name))),
        }
    }

    /// Edits files by intents and their payloads, all of them or none.
    pub(super) fn edit(&mut self, intents: Vec<(String, Map<String, Value>)>, answer: Answering) {
        if let Err(refused) = self.unlocked() {
            return answer(Err(refused));
        }
        let parse = |(name, mut payload): (String, Map<String, Value>)| {
            if name == "cue.add_look" && !payload.contains_key("fixtures") {
                payload.insert("fixtures".to_owned(), self.look().into());
            }
            Authoring::parse(&name, &Value::Object(payload))
        };
        let intents: Vec<Authoring> = match intents.into_iter().map(parse).collect() {
            Ok(intents) => intents,
            Err(refusal) => return answer(Err(refusal.into())),
        };
        let Some(sheet) = self.stage.as_ref().map(|stage| Arc::clone(&stage.sheet)) else {
            return answer(Err(no_show()));
        };
        let author = Arc::clone(&self.author);
        self.house.work(Box::new(move |ground: &Ground<'_>| {
            let Some(edition) = ground.edition else {
                answer(Err(no_show()));
                return false;
            };
            match author.apply_all(edition, &sheet, ground.world, &intents) {
                Ok(written) => {
                    let files: Vec<&str> = written.iter().map(|one| one.file.as_str()).collect();
                    let id = written.iter().find_map(|one| one.id.as_deref());
                    answer(Ok(json!({ "files": files, "id": id })));
                    !written.is_empty()
                }
                Err(refusal) => {
                    // Whatever is in the way is better seen.
                    let looks_again = matches!(refusal, Refusal::Conflict { .. });
                    answer(Err(refusal.into()));
                    looks_again
                }
            }
        }));
    }

    /// `song.list`: the songs of the project's shows, and the shows that have none, as they are now.
    pub(super) fn songs(&mut self) -> Value {
        let shows = self.house.shows();
        self.store.set("shows", &shows);
        let songs = shows.into_iter().map(|show| {
            let filename = show.song.unwrap_or_else(|| show.name.clone());
            json!({ "filename": filename, "title": show.title, "show": show.name })
        });
        json!({ "songs": songs.collect::<Vec<_>>() })
    }

    /// `song.load`.
    pub(super) fn load(&mut self, payload: &Map<String, Value>, answer: Answering) {
        let text = |key: &str| payload.get(key).and_then(Value::as_str);
        let shows = self.house.shows();
        let show = match (text("show"), text("filename").or_else(|| text("song"))) {
            (Some(name), _) => shows.iter().find(|show| show.name == name),
            (None, Some(file)) => shows.iter().find(|show| {
                let song = show.song.as_deref().unwrap_or_default();
                song == file || stem(song) == stem(file) || show.name == file
            }),
            (None, None) => {
                let words = "`show` names a show, or `filename` a song of one";
                return answer(Err(Refused::invalid("/show", words)));
            }
        };
        let Some(show) = show else {
            let asked = text("show").or_else(|| text("filename")).unwrap_or_default();
            let known = shows.iter().map(|show| show.name.as_str());
            let hint = nearest(asked, known).map(|near| format!("; did you mean `{near}`?"));
            let message = format!("there is no show `{asked}`{}", hint.unwrap_or_default());
            return answer(Err(Refused::new(Reason::NotFound, message)));
        };
        self.house.load(
            show.name.clone(),
            Box::new(|loaded| {
                answer(match loaded {
                    Ok(()) => super::done(),
                    Err(Faults::Unplayable(why)) => Err(Refused::new(Reason::Failed, why)),
                    Err(Faults::Faulty(found)) => {
                        let errors = found.iter().filter(|one| one.severity == "error");
                        let mistakes = errors.map(|one| Mistake {
                            path: one.file.clone().unwrap_or_default(),
                            message: one.message.clone(),
                        });
                        let message = "its sources have errors".to_owned();
                        Err(Refused {
                            reason: Reason::Invalid,
                            message,
                            mistakes: mistakes.collect(),
                        })
                    }
                });
            }),
        );
    }
}

/// The name of a song's file, without folder and ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}
