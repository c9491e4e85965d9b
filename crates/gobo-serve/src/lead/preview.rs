//! Effects and chasers tried out on the fixtures themselves: laid over all else for as long as they
//! run. No file is touched.

use std::collections::BTreeMap;
use std::time::Instant;

use gobo_live::preview::{Preview as Tried, Trial, TrialEffect};
use gobo_live::{Edition, Ground};
use serde_json::{Map, Value, json};

use super::authoring::{Answering, no_show, unknown};
use super::{Later, Lead, done};
use crate::link::{Answer, Reason, Refused};
use crate::live::{EffectRefused, Place};

/// How long an effect is tried out if nothing is said, in ms.
const SHOWN_MS: f64 = 2_000.0;
/// The longest that one is tried out, in ms.
const LONGEST_MS: f64 = 600_000.0;
/// How often a chaser runs that is started until it is stopped.
const ENDLESS: usize = 10_000;
/// The most often that one is tried out.
const MOST_TIMES: u64 = 1_000;

/// What is tried out.
pub(super) struct Preview {
    tried: Tried,
    chaser: Option<String>,
    begun: Instant,
    levels: Vec<u8>,
}

impl Preview {
    /// The chaser that runs, if it is one.
    pub(super) fn chaser(&self) -> Option<&str> {
        self.chaser.as_deref()
    }
}

impl Lead {
    /// `fixture.preview_effect`.
    pub(super) fn preview_effect(&mut self, payload: &Map<String, Value>, answer: Answering) {
        match trial(payload) {
            Ok(trial) => self.try_out(trial, None, answer),
            Err(refused) => answer(Err(refused)),
        }
    }

    /// `chaser.*`, but for `chaser.apply`, which writes a cue.
    pub(super) fn chaser(&mut self, word: &str, payload: &Map<String, Value>, answer: Answering) {
        let id = payload.get("chaser_id").and_then(Value::as_str);
        match (word, id) {
            ("list", _) => {
                let chasers = self.stage.as_ref().map(|stage| json!(stage.sheet.chasers));
                answer(Ok(json!({ "chasers": chasers.unwrap_or_else(|| json!([])) })));
            }
            ("stop" | "stop_preview", _) => answer(self.stop_preview()),
            ("start" | "preview", None) => {
                let words = "`chaser_id` is the id of a chaser";
                answer(Err(Refused::invalid("/chaser_id", words)));
            }
            ("start" | "preview", Some(id)) => {
                let asked = payload.get("repetitions").map_or(Some(1), Value::as_u64);
                let times = match asked.filter(|times| (1..=MOST_TIMES).contains(times)) {
                    _ if word == "start" => ENDLESS,
                    Some(times) => times as usize,
                    None => {
                        let words = format!("`repetitions` is a whole number, 1 to {MOST_TIMES}");
                        return answer(Err(Refused::invalid("/repetitions", words)));
                    }
                };
                let trial = Trial::Chaser { id: id.to_owned(), times };
                self.try_out(trial, Some(id.to_owned()), answer);
            }
            (word, _) => answer(Err(unknown("chaser", word))),
        }
    }

    fn try_out(&mut self, trial: Trial, chaser: Option<String>, answer: Answering) {
        if let Err(refused) = self.unlocked() {
            return answer(Err(refused));
        }
        let later = self.later.clone();
        self.house.work(Box::new(move |ground: &Ground<'_>| {
            let Some(edition) = ground.edition else {
                answer(Err(no_show()));
                return false;
            };
            match Tried::of(edition, ground.world, &trial) {
                Ok(tried) => later.then(move |lead: &mut Self| {
                    answer(lead.begin_preview(tried, chaser));
                }),
                Err(refusal) => answer(Err(refusal.into())),
            }
            false
        }));
    }

    fn begin_preview(&mut self, tried: Tried, chaser: Option<String>) -> Answer {
        // It may have begun to play meanwhile.
        self.unlocked()?;
        let begun = Instant::now();
        let frames = tried.frames();
        self.preview = Some(Preview { tried, chaser, begun, levels: Vec::new() });
        self.preview_on(begun);
        self.tell_chasers();
        Ok(json!({ "frames": frames }))
    }

    /// Ends what is tried out: all is as it was.
    pub(super) fn stop_preview(&mut self) -> Answer {
        if self.preview.take().is_some()
            && let Some(stage) = &self.stage
        {
            self.holds.lay_over(stage, BTreeMap::new());
            self.tell_chasers();
        }
        done()
    }

    /// Shows the frame of a preview that is due.
    pub(super) fn preview_on(&mut self, now: Instant) {
        let Self { preview: Some(preview), stage: Some(stage), holds, .. } = self else { return };
        let rate = preview.tried.edition().header().rate;
        let elapsed = now.saturating_duration_since(preview.begun);
        let frame = (elapsed.as_secs_f64() * rate.as_f64()) as u32;
        if frame >= preview.tried.frames() {
            let _ = self.stop_preview();
            return;
        }
        preview.tried.frame(frame, &mut preview.levels);
        let slots = preview.tried.slots().iter().zip(&preview.levels);
        let levels = slots.map(|((universe, slot), level)| {
            (Place { universe: universe.get(), slot: *slot }, *level)
        });
        holds.lay_over(stage, levels.collect());
    }
}

/// What `fixture.preview_effect` asks for.
fn trial(payload: &Map<String, Value>) -> Result<Trial, Refused> {
    let text = |key: &str| {
        let text = payload.get(key).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| Refused::invalid(&format!("/{key}"), format!("`{key}` is a text")))
    };
    let (fixture, effect) = (text("fixture_id")?, text("effect_id")?);
    let effect = trial_effect(&effect, (payload.get("duration_ms"), payload.get("params")))?;
    Ok(Trial::Effects { fixture, effects: vec![effect] })
}

/// An effect with its length in ms and its parameters, if they are said.
fn trial_effect(
    name: &str,
    (duration_ms, params): (Option<&Value>, Option<&Value>),
) -> Result<TrialEffect, Refused> {
    let ms = match duration_ms {
        None | Some(Value::Null) => Some(SHOWN_MS),
        Some(value) => value.as_f64().filter(|ms| (1.0..=LONGEST_MS).contains(ms)),
    };
    let Some(ms) = ms else {
        let words = format!("`duration_ms` is a number, 1 to {LONGEST_MS}");
        return Err(Refused::invalid("/duration_ms", words));
    };
    let params = match params {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(params)) => params.clone(),
        Some(_) => return Err(Refused::invalid("/params", "`params` is an object")),
    };
    Ok(TrialEffect { name: name.to_owned(), params, seconds: ms / 1000.0 })
}

/// `effect.apply`: effects of `{effect or type or name, durationMs, params}` on a fixture, tried out
/// at once. What can only be told by the files of the show is told to all as an event.
pub(super) fn apply_effects(
    (edition, later): (&Edition, &Later),
    fixture: &str,
    effects: &[Map<String, Value>],
) -> Result<(), EffectRefused> {
    let mut all = Vec::with_capacity(effects.len());
    for (index, members) in effects.iter().enumerate() {
        let refused = |message: String| EffectRefused::Refused { index, message };
        let name = ["effect", "type", "name"].iter().find_map(|key| members.get(*key)?.as_str());
        let name = name.ok_or_else(|| refused("an effect has a name: `effect`".to_owned()))?;
        if !gobo_live::preview::is_effect(name) {
            return Err(EffectRefused::UnknownEffect { index, name: name.to_owned() });
        }
        let either = |one: &str, other: &str| members.get(one).or_else(|| members.get(other));
        let times = (either("durationMs", "duration_ms"), either("params", "data"));
        let effect = trial_effect(name, times).map_err(|why| refused(why.message))?;
        let effects = vec![effect.clone()];
        let alone = Trial::Effects { fixture: fixture.to_owned(), effects };
        alone.check(edition).map_err(|why| refused(why.to_string()))?;
        all.push(effect);
    }
    if all.is_empty() {
        return Ok(());
    }
    let trial = Trial::Effects { fixture: fixture.to_owned(), effects: all };
    later.then(move |lead: &mut Lead| {
        let later = lead.later.clone();
        let answer: Answering = Box::new(move |answer: Answer| {
            if let Err(Refused { message, reason, .. }) = answer {
                later.then(move |lead: &mut Lead| {
                    let data = json!({ "reason": reason.as_str() });
                    let level = if reason == Reason::Failed { "error" } else { "warning" };
                    lead.event(level, &message, &data);
                });
            }
        });
        lead.try_out(trial, None, answer);
    });
    Ok(())
}
