//! Cue files of channel layers: fixtures looked up, chasers run out, times in seconds.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::Arc;

use super::Loader;
use super::cues::Stage;
use super::venue::as_key;
use crate::decode::{Spanned, listed};
use crate::diagnostic::{Diagnostic, Place, Spot, nearest};
use crate::effect::{ChannelEffect, PointName, SetChannels, SlotValue};
use crate::rig::{Action, Fixture, Function, Rig};
use crate::select::Selection;
use crate::show::ChannelCue;
use crate::source::{
    ChannelAction, ChannelChaser, ChannelCueSource, ChannelFile, ChaserCall, ColorWave,
};
use crate::value::{Color, Span};

/// The most cues that a file may come to with its chasers run out.
const MOST_CUES: usize = 2_000_000;

/// A chaser run out once: its cues in beats, and how many beats it takes.
struct Cycle {
    steps: Vec<(f64, f64, u32, Arc<ChannelEffect>)>,
    beats: f64,
}

impl Loader<'_> {
    /// The cues of a channel layer, in the order of its file, chasers run out.
    pub(super) fn channel_cues(
        &mut self,
        file: &ChannelFile,
        stage: &mut Stage<'_>,
    ) -> Vec<ChannelCue> {
        let mut cues = Vec::with_capacity(file.cues.len());
        let mut chasers: BTreeMap<String, Option<ChannelChaser>> = BTreeMap::new();
        for source in &file.cues {
            let Some(start) = self.channel_start(source, stage) else { continue };
            let place = Arc::new(source.place.clone());
            match &source.action {
                ChannelAction::Effect(effect) => {
                    let Some(on) = &source.keys.on else { continue };
                    let seconds = seconds(source.keys.length, start, stage);
                    let effect = Arc::new(effect.clone());
                    for fixture in self.whole_fixtures(on, stage) {
                        self.check_channel_effect(&effect, fixture, &source.place, stage.rig);
                        let (effect, place) = (Arc::clone(&effect), Arc::clone(&place));
                        cues.push(ChannelCue { start, seconds, fixture, effect, place });
                    }
                }
                ChannelAction::Chaser(name, call) => {
                    let Some(bpm) = file.bpm else {
                        let message = format!("the chaser `{}` needs a tempo", name.value);
                        let error = Diagnostic::error("no-tempo", name.place.clone(), message);
                        self.decoder.say(error.hint("give `bpm` at the top of this file"));
                        continue;
                    };
                    if !chasers.contains_key(&name.value) {
                        let chaser = self.chaser(name);
                        chasers.insert(name.value.clone(), chaser);
                    }
                    let Some(Some(chaser)) = chasers.get(&name.value) else { continue };
                    let Some(cycle) = self.cycle(chaser, call, name, stage) else { continue };
                    if call.times as usize * cycle.steps.len() + cues.len() > MOST_CUES {
                        let message = format!("more than {MOST_CUES} cues come out of this");
                        let error = Diagnostic::error("too-many-cues", name.place.clone(), message);
                        self.decoder.say(error);
                        continue;
                    }
                    run_out(&cycle, (call.times.max(1), start, bpm.0), &place, &mut cues);
                }
            }
        }
        cues
    }

    fn channel_start(&mut self, source: &ChannelCueSource, stage: &Stage<'_>) -> Option<f64> {
        let at = &source.keys.at;
        let start = match at.value.seconds(stage.grid, stage.length) {
            Ok(start) => start,
            Err(_) if !stage.has_times => return None,
            Err(none) => {
                let error = Diagnostic::error(none.code, at.place.clone(), none.message);
                self.decoder.say(none.hint.into_iter().fold(error, Diagnostic::hint));
                return None;
            }
        };
        if stage.has_times {
            self.check_inside(&at.place, start, None, stage.length);
        }
        Some(start)
    }

    /// The fixtures of a selection, whole, in its order.
    fn whole_fixtures(&mut self, on: &Spanned<Selection>, stage: &mut Stage<'_>) -> Vec<u32> {
        let heads = self.heads((&on.value, &on.place), None, 0, stage).heads;
        let mut fixtures: Vec<u32> = Vec::new();
        for head in heads {
            let fixture = stage.rig.heads[head as usize].fixture;
            if !fixtures.contains(&fixture) {
                fixtures.push(fixture);
            }
        }
        fixtures
    }

    fn chaser(&mut self, name: &Spanned<String>) -> Option<ChannelChaser> {
        let path = format!("chasers/{}.json", name.value);
        let tree = self.tree(&path, &name.place)?;
        let chaser: ChannelChaser = self.decode(&tree)?;
        if chaser.wave.is_some() == chaser.steps.is_empty() {
            return Some(chaser);
        }
        let place = Place { file: path.as_str().into(), spot: Spot::Value(String::new()) };
        let message = format!("the chaser `{}` needs either `steps` or `wave`", name.value);
        self.decoder.say(Diagnostic::error("conflict", place, message));
        None
    }

    fn cycle(
        &mut self,
        chaser: &ChannelChaser,
        call: &ChaserCall,
        name: &Spanned<String>,
        stage: &mut Stage<'_>,
    ) -> Option<Cycle> {
        if let Some(wave) = &chaser.wave {
            return self.wave(&with(wave, call), name, stage);
        }
        let mut cycle = Cycle { steps: Vec::new(), beats: 0.0 };
        for step in &chaser.steps {
            let effect = Arc::new(step.effect.clone());
            cycle.beats = cycle.beats.max(step.keys.beat + step.keys.beats);
            for fixture in self.whole_fixtures(&step.keys.on, stage) {
                self.check_channel_effect(&effect, fixture, &step.place, stage.rig);
                cycle.steps.push((step.keys.beat, step.keys.beats, fixture, Arc::clone(&effect)));
            }
        }
        cycle.beats = chaser.beats.unwrap_or(cycle.beats);
        Some(cycle)
    }

    /// A wave of colour in steps.
    fn wave(
        &mut self,
        wave: &ColorWave,
        name: &Spanned<String>,
        stage: &mut Stage<'_>,
    ) -> Option<Cycle> {
        let fixtures = self.whole_fixtures(&wave.on, stage);
        let keys = self.color_keys(&fixtures, &wave.on.place, stage.rig)?;
        if !(wave.step > 0.0 && wave.beats / wave.step <= MOST_CUES as f64) {
            let message = format!("steps of {} beats come to no end", wave.step);
            self.decoder.say(Diagnostic::error("out-of-range", name.place.clone(), message));
            return None;
        }
        let mut steps = Vec::new();
        let mut beat = 0.0;
        while beat < wave.beats {
            let envelope = envelope(beat, wave);
            for (index, (&fixture, keys)) in fixtures.iter().zip(&keys).enumerate() {
                let place = index as f64 / fixtures.len() as f64 * 2.0 * PI;
                let height = (libm::sin(place - beat * wave.speed * PI) + 1.0) / 2.0;
                let slots = keys.iter().zip(between(wave.base, wave.accent)).map(|(key, part)| {
                    let value = (part.0 + (part.1 - part.0) * height) * envelope;
                    (Arc::clone(key), SlotValue(value as u8), wave.on.place.clone())
                });
                let effect = ChannelEffect::SetChannels(SetChannels(slots.collect()));
                steps.push((thousandth(beat), wave.step, fixture, Arc::new(effect)));
            }
            beat += wave.step;
        }
        Some(Cycle { steps, beats: wave.beats })
    }

    /// The keys of the red, green and blue slots of fixtures.
    fn color_keys(
        &mut self,
        fixtures: &[u32],
        place: &Place,
        rig: &Rig,
    ) -> Option<Vec<[Arc<str>; 3]>> {
        let mut keys = Vec::with_capacity(fixtures.len());
        for &fixture in fixtures {
            let fixture = &rig.fixtures[fixture as usize];
            match color_slots(fixture) {
                Some(found) => keys.push(found),
                None => {
                    let message = format!("`{}` cannot mix colours", fixture.id);
                    self.decoder.say(Diagnostic::error("cannot-show", place.clone(), message));
                }
            }
        }
        (keys.len() == fixtures.len()).then_some(keys)
    }

    /// Says what of an effect a fixture does not have.
    fn check_channel_effect(
        &mut self,
        effect: &ChannelEffect,
        fixture: u32,
        place: &Place,
        rig: &Rig,
    ) {
        let of = &rig.fixtures[fixture as usize];
        match effect {
            ChannelEffect::SetChannels(set) => {
                for (key, _, place) in &set.0 {
                    self.check_slot(key, &as_key(place), of);
                }
            }
            ChannelEffect::Flash(flash) => {
                for key in flash.channels.iter().flatten() {
                    self.check_slot(&key.value, &key.place, of);
                }
            }
            ChannelEffect::MoveTo(_) | ChannelEffect::Seek(_) => {
                self.check_axes(effect, of, place);
            }
            ChannelEffect::MoveToPoi(to) | ChannelEffect::Expect(to) => {
                self.check_aims(&[&to.point], effect, fixture, place, rig);
            }
            ChannelEffect::Circle(_) => self.check_axes(effect, of, place),
            ChannelEffect::Orbit(orbit) | ChannelEffect::OrbitOut(orbit) => {
                self.check_aims(&[&orbit.subject, &orbit.start], effect, fixture, place, rig);
            }
            ChannelEffect::Sweep(sweep) => {
                let points = [Some(&sweep.subject), Some(&sweep.start), sweep.end.as_ref()];
                let points: Vec<_> = points.into_iter().flatten().collect();
                self.check_aims(&points, effect, fixture, place, rig);
            }
            _ => {}
        }
    }

    fn check_slot(&mut self, key: &str, place: &Place, fixture: &Fixture) {
        let known = || fixture.channels.iter().flat_map(|channel| &channel.slot_keys);
        if known().any(|known| **known == *key) {
            return;
        }
        let message = format!("`{}` has no channel `{key}` in this mode", fixture.id);
        let error = Diagnostic::error("unknown-channel", place.clone(), message);
        self.decoder.say(match nearest(key, known().map(|key| &**key)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("its channels are {}", listed(known().map(|key| &**key)))),
        });
    }

    fn check_axes(&mut self, effect: &ChannelEffect, fixture: &Fixture, place: &Place) {
        let turns = |wanted: fn(&Action) -> bool| {
            fixture.channels.iter().any(|channel| match &channel.function {
                Function::Fixed(all) => all.iter().any(|one| wanted(&one.action)),
                Function::Switched { .. } => false,
            })
        };
        let (pans, tilts) = (
            turns(|action| matches!(action, Action::Pan(..))),
            turns(|action| matches!(action, Action::Tilt(..))),
        );
        if !(pans && tilts) {
            let message =
                format!("`{}` cannot `{}`: it has no pan and tilt", fixture.id, effect.name());
            self.decoder.say(Diagnostic::error("cannot-show", place.clone(), message));
        }
    }

    fn check_aims(
        &mut self,
        points: &[&PointName],
        effect: &ChannelEffect,
        fixture: u32,
        place: &Place,
        rig: &Rig,
    ) {
        let of = &rig.fixtures[fixture as usize];
        self.check_axes(effect, of, place);
        for point in points {
            if rig.aims.get(&*point.0).is_none_or(|aims| !aims.contains_key(&fixture)) {
                let message =
                    format!("the venue has no pan and tilt of `{}` for `{}`", of.id, point.0);
                let error = Diagnostic::error("no-aim", place.clone(), message);
                let hint = format!("give `{} = [pan, tilt]` under `[aim.{}]`", of.id, point.0);
                self.decoder.say(error.hint(hint));
            }
        }
    }
}

/// A length in seconds from `start` on; never below 0.
fn seconds(length: Span, start: f64, stage: &Stage<'_>) -> f64 {
    match length {
        Span::Seconds(seconds) => seconds.max(0.0),
        other => (stage.grid.after(start, other) - start).max(0.0),
    }
}

/// Runs a chaser `times` times from `start` on, at so many beats a minute.
fn run_out(
    cycle: &Cycle,
    (times, start, bpm): (u64, f64, f64),
    place: &Arc<Place>,
    cues: &mut Vec<ChannelCue>,
) {
    // In milliseconds on the way, as the AI Light Show counts: frames follow from the last bit.
    let seconds = |beats: f64| beats * (60_000.0 / bpm) / 1000.0;
    for time in 0..times {
        let offset = time as f64 * cycle.beats;
        cues.extend(cycle.steps.iter().map(|(beat, beats, fixture, effect)| ChannelCue {
            start: start + seconds(offset + beat),
            seconds: seconds(*beats).max(0.0),
            fixture: *fixture,
            effect: Arc::clone(effect),
            place: Arc::clone(place),
        }));
    }
}

/// A wave with what a call says instead.
fn with(wave: &ColorWave, call: &ChaserCall) -> ColorWave {
    ColorWave {
        on: call.on.clone().unwrap_or_else(|| wave.on.clone()),
        base: call.base.unwrap_or(wave.base),
        accent: call.accent.unwrap_or(wave.accent),
        beats: call.beats.unwrap_or(wave.beats),
        step: call.step.unwrap_or(wave.step),
        speed: call.speed.unwrap_or(wave.speed),
        fade_in: call.fade_in.unwrap_or(wave.fade_in),
        fade_out: call.fade_out.unwrap_or(wave.fade_out),
    }
}

/// How high a wave is at a beat, 0 to 1.
fn envelope(beat: f64, wave: &ColorWave) -> f64 {
    if beat < wave.fade_in && wave.fade_in > 0.0 {
        beat / wave.fade_in
    } else if beat > wave.beats - wave.fade_out && wave.fade_out > 0.0 {
        ((wave.beats - beat) / wave.fade_out).max(0.0)
    } else {
        1.0
    }
}

/// Red, green and blue of two colours, in 255ths.
fn between(base: Color, accent: Color) -> [(f64, f64); 3] {
    let byte = |part: f64| (part * 255.0).round();
    [
        (byte(base.red), byte(accent.red)),
        (byte(base.green), byte(accent.green)),
        (byte(base.blue), byte(accent.blue)),
    ]
}

/// A number to three decimals, rounded as it is written: half to even of its exact value.
fn thousandth(number: f64) -> f64 {
    format!("{number:.3}").parse().unwrap_or(number)
}

/// The keys of a fixture's red, green and blue slots.
fn color_slots(fixture: &Fixture) -> Option<[Arc<str>; 3]> {
    use crate::rig::Emitter;
    let key = |wanted: Emitter| {
        let emits = |channel: &&crate::rig::Channel| match &channel.function {
            Function::Fixed(all) => all
                .iter()
                .any(|one| matches!(one.action, Action::Emitter(emitter, ..) if emitter == wanted)),
            Function::Switched { .. } => false,
        };
        fixture.channels.iter().find(emits)?.slot_keys.first().cloned()
    };
    Some([key(Emitter::Red)?, key(Emitter::Green)?, key(Emitter::Blue)?])
}
