//! What a fixture can show, and warnings about values that it cannot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Loader;
use super::cues::Stage;
use super::pattern::Run;
use crate::decode::listed;
use crate::diagnostic::{Diagnostic, Place, Spot, nearest};
use crate::effect::{BeamParameter, Effect, LOOK_KINDS, Look, LookKey, Preset};
use crate::graph::{Graph, GraphNode, Operation};
use crate::rig::{Action, Capability, Emitter, Fixture, Rate, Unit};
use crate::tree::below;
use crate::value::{Aim, Amount, Color};

/// What a fixture can show.
#[derive(Debug, Default)]
pub(super) struct Abilities {
    dimmer: bool,
    color: bool,
    /// The emitters.
    pub(super) emitters: BTreeSet<Emitter>,
    /// The angles of pan and tilt that cues may ask for, the lowest and the highest.
    pub(super) pan: Option<(f64, f64)>,
    pub(super) tilt: Option<(f64, f64)>,
    strobe: bool,
    /// The strobe rates in hertz, where the profile gives any.
    strobe_hz: Option<(f64, f64)>,
    /// Beam parameters, each with its range in its own unit where the profile gives that.
    beam: BTreeMap<BeamParameter, Option<(f64, f64)>>,
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
            for capability in channel.capabilities() {
                found.add(capability, gobo);
            }
        }
        let setup = &fixture.setup;
        if setup.swap_pan_tilt {
            std::mem::swap(&mut found.pan, &mut found.tilt);
        }
        for (range, axis) in [(&mut found.pan, setup.pan), (&mut found.tilt, setup.tilt)] {
            *range = range.map(|(low, high)| axis.range(low, high).into());
        }
        found
    }

    fn add(&mut self, capability: &Capability, gobo: bool) {
        let mut slot = None;
        let mut on_gobo_wheel = gobo;
        match &capability.action {
            Action::Intensity(..) => self.dimmer = true,
            Action::Emitter(emitter, ..) => {
                (self.dimmer, self.color) = (true, true);
                self.emitters.insert(*emitter);
            }
            Action::Color(..) => self.color = true,
            Action::Strobe(first, last) => {
                self.strobe = true;
                if let (Rate::Hertz(a), Rate::Hertz(b)) = (first, last) {
                    self.strobe_hz = Some(wider(self.strobe_hz, *a, *b));
                }
            }
            Action::Hue(..) | Action::Saturation(..) => self.color = true,
            Action::Pan(a, b) => self.pan = Some(wider(self.pan, *a, *b)),
            Action::Tilt(a, b) => self.tilt = Some(wider(self.tilt, *a, *b)),
            Action::Beam(parameter, unit, a, b) => {
                let range = self.beam.entry(*parameter).or_default();
                if *unit == Unit::Physical {
                    *range = Some(wider(*range, *a, *b));
                }
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
        !wanted.is_empty()
            && self.gobos.iter().any(|(name, slot)| match number {
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
    Strobe(f64),
    Beam(BeamParameter, Amount),
    Emitter(Emitter),
    Gobo(Arc<str>),
    Preset(Arc<str>, Arc<str>),
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
            Self::Strobe(_) => "no strobe",
            Self::Beam(parameter, _) => {
                return format!("no {}", beam_key(*parameter).replace('_', " "));
            }
            Self::Emitter(emitter) => {
                return format!("no {} emitter", emitter.word().replace('_', " "));
            }
            Self::Gobo(name) => return format!("no gobo `{name}`"),
            Self::Preset(channel, name) => return format!("no preset `{name}` on `{channel}`"),
            Self::Channel(key) => return format!("no channel `{key}`"),
        };
        word.to_owned()
    }

    fn met(&self, by: &Abilities, fixture: &Fixture) -> bool {
        match self {
            Self::Dimmer => by.dimmer,
            Self::Color => by.color,
            Self::Position => by.pan.is_some() || by.tilt.is_some(),
            Self::Pan(_) => by.pan.is_some(),
            Self::Tilt(_) => by.tilt.is_some(),
            Self::Strobe(_) => by.strobe,
            Self::Beam(parameter, _) => by.beam.contains_key(parameter),
            Self::Emitter(emitter) => by.emitters.contains(emitter),
            Self::Gobo(name) => by.has_gobo(name),
            Self::Preset(channel, name) => {
                let mut on = fixture.channels.iter().filter(|one| one.goes_by(channel));
                on.any(|one| one.preset(name).is_some())
            }
            Self::Channel(key) => by.keys.contains(key),
        }
    }

    /// What is asked of the fixture `id`, and its limits, when it asks for more.
    fn beyond(&self, by: &Abilities, id: &str) -> Option<String> {
        let (what, wanted, unit, (low, high)) = match self {
            Self::Pan(wanted) => ("pan", *wanted, "°", by.pan?),
            Self::Tilt(wanted) => ("tilt", *wanted, "°", by.tilt?),
            Self::Strobe(hertz) if *hertz > f64::MIN_POSITIVE => {
                ("strobe", *hertz, " Hz", by.strobe_hz?)
            }
            Self::Beam(parameter, Amount::Physical(wanted)) => {
                let word = beam_key(*parameter);
                match by.beam.get(parameter)? {
                    Some(range) => (word, *wanted, "", *range),
                    None => {
                        return Some(format!(
                            "the profile of `{id}` gives no unit for {word}: expected a part such \
                             as `50%`"
                        ));
                    }
                }
            }
            _ => return None,
        };
        let outside = wanted < low - 1e-6 || wanted > high + 1e-6;
        (high > low && outside).then(|| {
            format!(
                "{what} {wanted}{unit} is beyond what `{id}` reaches: from {low}{unit} to \
                 {high}{unit}"
            )
        })
    }

    /// The key that says it in an effect, so that a message can point there.
    fn pointer(&self, effect: &Effect, cue: &str) -> String {
        let effect_at = below(cue, effect.name());
        let look = match effect {
            Effect::Set(_) => effect_at,
            Effect::Fade(_) => below(&effect_at, "to"),
            Effect::ColorFade(_) | Effect::Move(_) => return below(&effect_at, "to"),
            Effect::Circle(_) => return below(&effect_at, "center"),
            Effect::Graph(_) => return cue.to_owned(),
            _ if *self == Self::Color => return below(&effect_at, "color"),
            _ => return effect_at,
        };
        let key = match self {
            Self::Dimmer => "dimmer",
            Self::Color => "color",
            Self::Position => "position",
            Self::Pan(_) => "pan",
            Self::Tilt(_) => "tilt",
            Self::Strobe(_) => "strobe",
            Self::Beam(parameter, _) => beam_key(*parameter),
            Self::Gobo(_) => "gobo",
            Self::Preset(channel, _) => return below(&below(&look, "ranges"), channel),
            Self::Emitter(emitter) => return below(&below(&look, "emitters"), emitter.word()),
            Self::Channel(key) => return below(&below(&look, "channels"), key),
        };
        below(&look, key)
    }

    /// Where an effect asks for it; what is not written there is asked by what is around it.
    fn place(&self, effect: &Effect, cue: &Place) -> Place {
        let Spot::Value(pointer) = &cue.spot else { return cue.clone() };
        let pointer = self.pointer(effect, pointer);
        let spot = match self {
            Self::Channel(_) | Self::Emitter(_) => Spot::Key(pointer),
            _ => Spot::Value(pointer),
        };
        Place { file: cue.file.clone(), spot }
    }
}

/// How a look writes a beam parameter.
fn beam_key(parameter: BeamParameter) -> &'static str {
    LOOK_KINDS.iter().find(|(kind, _)| *kind == parameter).map_or("", |(_, word)| word)
}

fn look_needs(look: &Look, needs: &mut Vec<Need>) {
    needs.extend(look.dimmer.map(|_| Need::Dimmer));
    needs.extend(look.color.map(|_| Need::Color));
    needs.extend(look.position.iter().flat_map(|aim| aim_needs(*aim)));
    needs.extend(look.strobe_hz.filter(|hertz| *hertz > 0.0).map(Need::Strobe));
    needs.extend(look.beam.iter().map(|(parameter, amount)| Need::Beam(*parameter, *amount)));
    needs.extend(look.emitters.iter().map(|(emitter, _)| Need::Emitter(*emitter)));
    needs.extend(look.wheels.iter().map(|(_, slot)| Need::Gobo(slot.clone())));
    let preset = |preset: &Preset| Need::Preset(preset.channel.clone(), preset.name.clone());
    needs.extend(look.presets.iter().map(preset));
    needs.extend(look.raw.iter().map(|(key, _)| Need::Channel(key.clone())));
    needs.extend(look.coloring.iter().map(|_| Need::Color));
    needs.extend(
        look.curves
            .iter()
            .flat_map(|(key, curve)| curve.values().map(move |value| curve_need(key, value))),
    );
}

/// What a curve asks for at one of its values.
fn curve_need(key: &LookKey, value: Amount) -> Need {
    let (Amount::Fraction(number) | Amount::Physical(number)) = value;
    match key {
        LookKey::Dimmer => Need::Dimmer,
        LookKey::Tint => Need::Color,
        LookKey::Pan => Need::Pan(number),
        LookKey::Tilt => Need::Tilt(number),
        // An open shutter is no rate.
        LookKey::Strobe => Need::Strobe(number.max(f64::MIN_POSITIVE)),
        LookKey::Beam(parameter) => Need::Beam(*parameter, value),
        LookKey::Emitter(emitter) => Need::Emitter(*emitter),
        LookKey::Raw(channel) => Need::Channel(channel.clone()),
    }
}

fn aim_needs(aim: Aim) -> Vec<Need> {
    match aim {
        Aim::Point(_) => vec![Need::Position],
        Aim::Angles { pan_deg, tilt_deg } => {
            pan_deg.map(Need::Pan).into_iter().chain(tilt_deg.map(Need::Tilt)).collect()
        }
    }
}

/// What the output nodes of a graph write.
fn graph_needs(graph: &Graph) -> Vec<Need> {
    let need = |node: &GraphNode| match node.operation {
        Operation::ApplyColor(_) => Some(Need::Color),
        Operation::ApplyDimmer(_) => Some(Need::Dimmer),
        Operation::ApplyMovement(_) | Operation::ApplyPosition(_) => Some(Need::Position),
        _ => None,
    };
    graph.nodes.iter().filter_map(need).collect()
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
        Effect::Release(_) => Vec::new(),
        Effect::Flash(flash) => lit(flash.color),
        Effect::Strobe(strobe) => lit(strobe.color),
        Effect::Pulse(pulse) => lit(pulse.color),
        Effect::Chase(chase) => lit(chase.color),
        Effect::Wave(wave) => lit(wave.color),
        Effect::Graph(graph) => graph_needs(graph),
        Effect::Rainbow(_) | Effect::ColorFade(_) => vec![Need::Color],
        Effect::Move(to) => to.from.into_iter().chain([to.to]).flat_map(aim_needs).collect(),
        Effect::Circle(circle) => {
            let mut needs = aim_needs(circle.center);
            needs.push(Need::Position);
            needs
        }
        Effect::Field(_) => vec![Need::Dimmer],
    }
}

/// Names fixtures, the first of them when they are many: "`a` and `b` have".
fn have(fixtures: &[u32], stage: &Stage<'_>) -> String {
    let names = fixtures.iter().map(|index| &*stage.rig.fixtures[*index as usize].id);
    let shown = 3;
    match fixtures.len() {
        1 => format!("{} has", listed(names)),
        2..=4 => format!("{} have", listed(names)),
        count => {
            let first: Vec<_> = names.take(shown).map(|name| format!("`{name}`")).collect();
            format!("{} and {} more have", first.join(", "), count - shown)
        }
    }
}

/// Points to the cue when the place is in a pattern.
pub(super) fn used_by(found: Diagnostic, cue: &Place) -> Diagnostic {
    if found.place.file == cue.file { found } else { found.label(cue.clone(), "used here") }
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
        let fixtures = &run.on.fixtures;
        let mut said = Vec::new();
        for need in needs(effect) {
            if fixtures.is_empty() || said.contains(&need) {
                continue;
            }
            let place = need.place(effect, place);
            let unable: Vec<u32> = fixtures
                .iter()
                .copied()
                .filter(|index| {
                    let index = *index as usize;
                    !need.met(&stage.abilities[index], &stage.rig.fixtures[index])
                })
                .collect();
            let none = unable.len() == fixtures.len();
            let told: Vec<u32> =
                unable.into_iter().filter(|index| none || run.on.named.contains(index)).collect();
            if !told.is_empty() {
                self.cannot_show(&need, (&told, none), run, &place, stage);
            }
            if stage.is_whole {
                self.check_range(&need, fixtures, run, &place, stage);
            }
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
        let message = format!("{} {}", have(fixtures, stage), need.words());
        let known = |pick: fn(&Abilities) -> Vec<&str>| {
            fixtures.iter().flat_map(move |index| pick(&stage.abilities[*index as usize]))
        };
        let gobos: fn(&Abilities) -> Vec<&str> =
            |by| by.gobos.iter().map(|(name, _)| &**name).filter(|name| !name.is_empty()).collect();
        let keys: fn(&Abilities) -> Vec<&str> = |by| by.keys.iter().map(|key| &**key).collect();
        let found = match need {
            Need::Gobo(name) if none => {
                let error = Diagnostic::error("unknown-gobo", place.clone(), message);
                let all: BTreeSet<_> = known(gobos).collect();
                match nearest(name, known(gobos)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None if all.is_empty() => error,
                    None => error.hint(format!("there are {}", listed(all))),
                }
            }
            Need::Preset(channel, name) if none => {
                let error = Diagnostic::error("unknown-preset", place.clone(), message);
                let all = || fixtures.iter().map(|index| &stage.rig.fixtures[*index as usize]);
                let channels = || all().flat_map(|fixture| &fixture.channels);
                let on: BTreeSet<String> = channels()
                    .filter(|one| one.goes_by(channel))
                    .flat_map(|one| one.capabilities().map(Capability::words))
                    .filter(|words| !words.is_empty())
                    .collect();
                match on.is_empty() {
                    true => error.nearest(channel, channels().map(|one| &*one.key)),
                    false => match nearest(name, on.iter().map(String::as_str)) {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => {
                            error.hint(format!("there are {}", listed(on.iter().map(|w| &**w))))
                        }
                    },
                }
            }
            Need::Channel(key) if none => {
                Diagnostic::error("unknown-channel", place.clone(), message)
                    .nearest(key, known(keys))
            }
            // A fixture with a broken profile may well have what is missed here.
            _ if !stage.is_whole => return,
            _ => Diagnostic::warning("cannot-show", place.clone(), message),
        };
        self.decoder.say(used_by(found, &run.place));
    }

    /// Warns of the first fixture that reaches less far than a value asks for.
    fn check_range(
        &mut self,
        need: &Need,
        fixtures: &[u32],
        run: &Run,
        place: &Place,
        stage: &Stage<'_>,
    ) {
        for index in fixtures {
            let id = &stage.rig.fixtures[*index as usize].id;
            if let Some(message) = need.beyond(&stage.abilities[*index as usize], id) {
                let warning = Diagnostic::warning("beyond-range", place.clone(), message);
                self.decoder.say(used_by(warning, &run.place));
                return;
            }
        }
    }
}
