//! What a fixture can show, and warnings about values that it cannot.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Loader;
use super::cues::{Stage, fixtures_of};
use super::pattern::Run;
use crate::decode::listed;
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::effect::{BeamParameter, Effect, LOOK_KINDS, Look};
use crate::rig::{Action, Capability, Fixture, Function};
use crate::value::{Aim, Color};

/// What a fixture can show.
#[derive(Debug, Default)]
pub(super) struct Abilities {
    dimmer: bool,
    color: bool,
    /// The angles of pan and tilt as the profile counts, the lowest and the highest.
    pan: Option<(f64, f64)>,
    tilt: Option<(f64, f64)>,
    strobe: bool,
    beam: BTreeSet<BeamParameter>,
    /// The slots that a look may name as gobos: by name, and by number.
    gobos: Vec<(Arc<str>, Option<f64>)>,
    keys: BTreeSet<Arc<str>>,
}

impl Abilities {
    pub(super) fn of(fixture: &Fixture) -> Self {
        let mut found = Self::default();
        for channel in &fixture.channels {
            found.keys.insert(channel.key.clone());
            let gobo = channel.key.to_lowercase().contains("gobo");
            let all: Vec<&Capability> = match &channel.function {
                Function::Fixed(capabilities) => capabilities.iter().collect(),
                Function::Switched { cases, .. } => {
                    cases.iter().flat_map(|case| &case.capabilities).collect()
                }
            };
            for capability in all {
                found.add(capability, gobo);
            }
        }
        found
    }

    fn add(&mut self, capability: &Capability, gobo: bool) {
        let mut slot = None;
        let mut on_gobo_wheel = gobo;
        match &capability.action {
            Action::Intensity(..) => self.dimmer = true,
            Action::Emitter(..) => (self.dimmer, self.color) = (true, true),
            Action::Color(..) => self.color = true,
            Action::Strobe(..) => self.strobe = true,
            Action::Pan(a, b) => self.pan = Some(wider(self.pan, *a, *b)),
            Action::Tilt(a, b) => self.tilt = Some(wider(self.tilt, *a, *b)),
            Action::Beam(parameter, ..) => {
                self.beam.insert(*parameter);
            }
            Action::WheelSlot(wheel, first, last) => {
                slot = (first == last).then_some(*first);
                on_gobo_wheel |= wheel.to_lowercase().contains("gobo");
            }
            _ => {}
        }
        if on_gobo_wheel {
            self.gobos.push((capability.name.clone(), slot));
        }
    }

    /// Whether a slot has this name, or holds it, or this number.
    fn has_gobo(&self, wanted: &str) -> bool {
        let wanted = wanted.trim().to_lowercase();
        let number: Option<f64> = wanted.parse().ok();
        self.gobos.iter().any(|(name, slot)| match number {
            Some(_) => name.to_lowercase() == wanted || *slot == number,
            None => name.to_lowercase().contains(&wanted),
        })
    }
}

fn wider(range: Option<(f64, f64)>, a: f64, b: f64) -> (f64, f64) {
    let (low, high) = range.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
    (low.min(a).min(b), high.max(a).max(b))
}

/// Something that an effect writes.
#[derive(Clone, PartialEq, Debug)]
enum Need {
    Dimmer,
    Color,
    Position,
    Pan(f64),
    Tilt(f64),
    Strobe,
    Beam(BeamParameter),
    Gobo(Arc<str>),
    Channel(Arc<str>),
}

impl Need {
    fn words(&self) -> String {
        let word = match self {
            Self::Dimmer => "no dimmer and nothing that shines",
            Self::Color => "no colour",
            Self::Position => "no pan and no tilt",
            Self::Pan(_) => "no pan",
            Self::Tilt(_) => "no tilt",
            Self::Strobe => "no strobe",
            Self::Beam(parameter) => {
                let word = LOOK_KINDS.iter().find(|(kind, _)| kind == parameter);
                return format!("no {}", word.map_or("", |(_, word)| word).replace('_', " "));
            }
            Self::Gobo(name) => return format!("no gobo `{name}`"),
            Self::Channel(key) => return format!("no channel `{key}`"),
        };
        word.to_owned()
    }

    fn met(&self, by: &Abilities) -> bool {
        match self {
            Self::Dimmer => by.dimmer,
            Self::Color => by.color,
            Self::Position => by.pan.is_some() || by.tilt.is_some(),
            Self::Pan(_) => by.pan.is_some(),
            Self::Tilt(_) => by.tilt.is_some(),
            Self::Strobe => by.strobe,
            Self::Beam(parameter) => by.beam.contains(parameter),
            Self::Gobo(name) => by.has_gobo(name),
            Self::Channel(key) => by.keys.contains(key),
        }
    }

    /// The most degrees from the middle that a fixture reaches, when this asks for more.
    fn beyond(&self, by: &Abilities) -> Option<(&'static str, f64, f64)> {
        let (axis, wanted, range) = match self {
            Self::Pan(wanted) => ("pan", *wanted, by.pan),
            Self::Tilt(wanted) => ("tilt", *wanted, by.tilt),
            _ => return None,
        };
        let half = range.map(|(low, high)| (high - low) / 2.0)?;
        (half > 0.0 && wanted.abs() > half + 1e-6).then_some((axis, wanted, half))
    }
}

fn look_needs(look: &Look, needs: &mut Vec<Need>) {
    needs.extend(look.dimmer.map(|_| Need::Dimmer));
    needs.extend(look.color.map(|_| Need::Color));
    needs.extend(look.position.iter().flat_map(|aim| aim_needs(*aim)));
    needs.extend(look.strobe_hz.filter(|hertz| *hertz > 0.0).map(|_| Need::Strobe));
    needs.extend(look.beam.iter().map(|(parameter, _)| Need::Beam(*parameter)));
    needs.extend(look.wheels.iter().map(|(_, slot)| Need::Gobo(slot.clone())));
    needs.extend(look.raw.iter().map(|(key, _)| Need::Channel(key.clone())));
}

fn aim_needs(aim: Aim) -> Vec<Need> {
    match aim {
        Aim::Point(_) => vec![Need::Position],
        Aim::Angles { pan_deg, tilt_deg } => {
            pan_deg.map(Need::Pan).into_iter().chain(tilt_deg.map(Need::Tilt)).collect()
        }
    }
}

/// What an effect writes.
fn needs(effect: &Effect) -> Vec<Need> {
    let lit = |color: Option<Color>| {
        [Some(Need::Dimmer), color.map(|_| Need::Color)].into_iter().flatten().collect()
    };
    match effect {
        Effect::Set(look) => {
            let mut needs = Vec::new();
            look_needs(look, &mut needs);
            needs
        }
        Effect::Fade(fade) => {
            let mut needs = Vec::new();
            look_needs(&fade.from, &mut needs);
            look_needs(&fade.to, &mut needs);
            needs
        }
        Effect::Flash(flash) => lit(flash.color),
        Effect::Strobe(strobe) => lit(strobe.color),
        Effect::Pulse(pulse) => lit(pulse.color),
        Effect::Chase(chase) => lit(chase.color),
        Effect::Wave(wave) => lit(wave.color),
        Effect::Rainbow(_) | Effect::ColorFade(_) => vec![Need::Color],
        Effect::Move(to) => to.from.into_iter().chain([to.to]).flat_map(aim_needs).collect(),
        Effect::Circle(circle) => {
            let mut needs = aim_needs(circle.center);
            needs.push(Need::Position);
            needs
        }
    }
}

/// Points to the cue when the place is in a pattern.
fn used_by(found: Diagnostic, cue: &Place) -> Diagnostic {
    if found.place == *cue { found } else { found.label(cue.clone(), "used here") }
}

impl Loader<'_> {
    /// Warns of what the fixtures of a cue cannot show.
    ///
    /// A fixture that the selection names by its id is told of; one that came with a group only
    /// when no fixture of the selection can show the value.
    pub(super) fn check_effect(
        &mut self,
        effect: &Effect,
        run: &Run,
        place: &Place,
        stage: &Stage<'_>,
    ) {
        let fixtures = fixtures_of(&run.heads, stage.rig);
        let mut said = Vec::new();
        for need in needs(effect) {
            if fixtures.is_empty() || said.contains(&need) {
                continue;
            }
            let unable: Vec<u32> = fixtures
                .iter()
                .copied()
                .filter(|index| !need.met(&stage.abilities[*index as usize]))
                .collect();
            let none = unable.len() == fixtures.len();
            let told: Vec<u32> =
                unable.into_iter().filter(|index| none || run.named.contains(index)).collect();
            if !told.is_empty() {
                self.cannot_show(&need, (&told, none), run, place, stage);
            }
            self.check_angle(&need, &fixtures, run, place, stage);
            said.push(need);
        }
    }

    fn cannot_show(
        &mut self,
        need: &Need,
        (fixtures, none): (&[u32], bool),
        run: &Run,
        place: &Place,
        stage: &Stage<'_>,
    ) {
        let names = fixtures.iter().map(|index| &*stage.rig.fixtures[*index as usize].id);
        let (have, shown) = (if fixtures.len() == 1 { "has" } else { "have" }, 3);
        let names = match fixtures.len() {
            0..=4 => listed(names),
            count => {
                let first: Vec<_> = names.take(shown).map(|name| format!("`{name}`")).collect();
                format!("{} and {} more", first.join(", "), count - shown)
            }
        };
        let message = format!("{names} {have} {}", need.words());
        let known = |pick: fn(&Abilities) -> Vec<&str>| {
            fixtures.iter().flat_map(move |index| pick(&stage.abilities[*index as usize]))
        };
        let gobos: fn(&Abilities) -> Vec<&str> =
            |by| by.gobos.iter().map(|(name, _)| &**name).filter(|name| !name.is_empty()).collect();
        let keys: fn(&Abilities) -> Vec<&str> = |by| by.keys.iter().map(|key| &**key).collect();
        let found = match need {
            Need::Gobo(name) if none => {
                let error = Diagnostic::error("unknown-gobo", place.clone(), message);
                match nearest(name, known(gobos)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => {
                        let known: BTreeSet<_> = known(gobos).collect();
                        if known.is_empty() {
                            error
                        } else {
                            error.hint(format!("there are {}", listed(known)))
                        }
                    }
                }
            }
            Need::Channel(key) if none => {
                Diagnostic::error("unknown-channel", place.clone(), message)
                    .nearest(key, known(keys))
            }
            _ => Diagnostic::warning("cannot-show", place.clone(), message),
        };
        self.decoder.say(used_by(found, &run.place));
    }

    fn check_angle(
        &mut self,
        need: &Need,
        fixtures: &[u32],
        run: &Run,
        place: &Place,
        stage: &Stage<'_>,
    ) {
        for index in fixtures {
            if let Some((axis, wanted, half)) = need.beyond(&stage.abilities[*index as usize]) {
                let id = &stage.rig.fixtures[*index as usize].id;
                let message = format!(
                    "{axis} {wanted}° is beyond what `{id}` reaches: from -{half}° to {half}°"
                );
                let warning = Diagnostic::warning("beyond-range", place.clone(), message);
                self.decoder.say(used_by(warning, &run.place));
                return;
            }
        }
    }
}
