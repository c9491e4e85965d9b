//! An effect or a chaser tried out on a dark stage, without a file being written.

use std::collections::BTreeMap;
use std::sync::Arc;

use gobo_dmx::{SLOTS, Universe};
use gobo_show::{World, load};
use serde_json::{Map, Value, json};

use crate::Edition;
use crate::author::{
    Fault, Overlay, Refusal, channel_action, errors, fixture_of, is_channel_effect, native_action,
};
use crate::sources::Sources;

/// What is tried out.
#[derive(Clone, PartialEq, Debug)]
pub enum Trial {
    /// Effects on a fixture or a group, all at once; of those that drive the same the last wins.
    Effects {
        /// The fixture, or a group.
        fixture: String,
        /// The effects, one at least.
        effects: Vec<TrialEffect>,
    },
    /// A chaser of channel layers.
    Chaser {
        /// The chaser.
        id: String,
        /// How often it runs.
        times: usize,
    },
}

/// An effect that is tried out.
#[derive(Clone, PartialEq, Debug)]
pub struct TrialEffect {
    /// Its name in the reference or in the AI Light Show.
    pub name: String,
    /// Its parameters, as there.
    pub params: Map<String, Value>,
    /// How long it runs, in seconds.
    pub seconds: f64,
}

impl Trial {
    /// Whether it can be tried out with an edition, as far as can be told without its files.
    ///
    /// # Errors
    /// As of [`Preview::of`].
    pub fn check(&self, edition: &Edition) -> Result<(), Refusal> {
        match self {
            Self::Effects { fixture, effects } => effect_layer(edition, fixture, effects).map(drop),
            Self::Chaser { .. } => Ok(()),
        }
    }
}

/// The longest that is tried out, in seconds.
const LONGEST: f64 = 600.0;
/// The layer that is tried out, a file of the show that is never written.
const LAYER: &str = "preview.json";

/// Effects of heads that show nothing unless there is light.
const NEEDS_LIGHT: [&str; 5] = ["color_fade", "rainbow", "move", "circle", "set"];

/// What was tried out: frames of the slots that it touches. All else of the stage is dark.
pub struct Preview {
    edition: Edition,
    frames: u32,
    slots: Vec<(Universe, u16)>,
    /// Where each slot is: which of the edition's universes, and which slot of it.
    places: Vec<(usize, usize)>,
    /// One universe's slots, to render to.
    row: Vec<u8>,
}

/// Whether there is an effect of this name, in the reference or in the AI Light Show.
pub fn is_effect(name: &str) -> bool {
    crate::author::is_effect(name)
}

impl Preview {
    /// Tries something out in the place of all cues of a show; `world` has the texts that the
    /// edition was made of.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with each mistake: a fixture, an effect or a chaser that is not there,
    /// or parameters that make no sense.
    pub fn of(edition: &Edition, world: &dyn World, trial: &Trial) -> Result<Self, Refusal> {
        let (layer, seconds) = match trial {
            Trial::Effects { fixture, effects } => {
                let longest = effects.iter().map(|effect| effect.seconds).fold(0.0, f64::max);
                (effect_layer(edition, fixture, effects)?, Some(checked(longest)?))
            }
            Trial::Chaser { id, times } => (chaser_layer(edition, id, *times), None),
        };
        let name = &edition.show().name;
        let beats = match trial {
            Trial::Chaser { id, times } => Some(chaser_beats(edition, world, id)? * *times as f64),
            Trial::Effects { .. } => None,
        };
        let beat = 60.0 / tempo(edition);
        let seconds = seconds.unwrap_or_else(|| beats.unwrap_or_default() * beat);
        let seconds = checked(seconds.clamp(0.05, LONGEST))?;
        let toml = show_of(world, name, seconds)?;
        let files: BTreeMap<String, Arc<str>> = BTreeMap::from([
            (format!("shows/{name}/show.toml"), toml.as_str().into()),
            (format!("shows/{name}/{LAYER}"), layer.to_string().into()),
        ]);
        let loaded = load(&Overlay { world, files }, name);
        let faults = errors(&loaded.diagnostics).map(Fault::from).collect();
        let show = loaded.show.ok_or(Refusal::Invalid { errors: faults })?;
        Ok(Self::touching(Edition::of(show)))
    }

    fn touching(edition: Edition) -> Self {
        let show = edition.show();
        let rig = &show.rig;
        let mut fixtures: Vec<u32> = Vec::new();
        for layer in &show.layers {
            fixtures.extend(layer.channels.iter().map(|cue| cue.fixture));
            let heads = layer.cues.iter().flat_map(|cue| cue.selection.iter());
            let heads = heads.filter_map(|one| rig.heads.get(one.head as usize));
            fixtures.extend(heads.map(|head| head.fixture));
        }
        fixtures.sort_unstable();
        fixtures.dedup();
        let fixtures = fixtures.into_iter().filter_map(|one| rig.fixtures.get(one as usize));
        let slots = fixtures.flat_map(|fixture| {
            let first = fixture.universe.get();
            let channels =
                fixture.channels.iter().flat_map(|channel| channel.slots.iter().copied());
            channels.filter_map(move |slot| {
                let universe = first.checked_add(slot / SLOTS as u16)?;
                Some((Universe::new(universe).ok()?, slot % SLOTS as u16))
            })
        });
        let mut slots: Vec<(Universe, u16)> = slots.collect();
        slots.sort_unstable();
        slots.dedup();
        let header = edition.header();
        let place = |(universe, slot): &(Universe, u16)| {
            let index = header.universe_index(*universe)?;
            let used = header.universes.get(index)?.slots_used;
            (*slot < used).then_some((index, usize::from(*slot)))
        };
        let found = slots.iter().map(|slot| (*slot, place(slot)));
        let found = found.filter_map(|(slot, place)| Some((slot, place?)));
        let (slots, places) = found.unzip();
        let frames = header.frames;
        Self { edition, frames, slots, places, row: Vec::new() }
    }

    /// How many frames it has, at the rate of the show; at least 1.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// The slots that it touches, by universe and slot (0 to 511), rising.
    pub fn slots(&self) -> &[(Universe, u16)] {
        &self.slots
    }

    /// The edition in which it plays.
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// The levels of [`Preview::slots`] in a frame; the last frame's after it.
    pub fn frame(&mut self, frame: u32, levels: &mut Vec<u8>) {
        levels.clear();
        let frame = frame.min(self.frames.saturating_sub(1));
        let timeline = self.edition.timeline();
        let mut rendered = None;
        for (universe, slot) in &self.places {
            if rendered != Some(*universe) {
                let entry = timeline.header().universes.get(*universe);
                self.row.resize(entry.map_or(0, |entry| usize::from(entry.slots_used)), 0);
                timeline.frame(*universe, frame, &mut self.row);
                rendered = Some(*universe);
            }
            levels.push(self.row.get(*slot).copied().unwrap_or_default());
        }
    }
}

fn checked(seconds: f64) -> Result<f64, Refusal> {
    if seconds > 0.0 && seconds <= LONGEST {
        return Ok(seconds);
    }
    let message = format!("a preview runs for above 0 to {LONGEST} seconds, not for {seconds}");
    Err(Refusal::invalid("/duration_ms", message))
}

/// Beats a minute where the song begins.
fn tempo(edition: &Edition) -> f64 {
    let grid = &edition.show().grid;
    60.0 / (grid.seconds_at_beat(1.0) - grid.seconds_at_beat(0.0)).max(0.001)
}

/// A show of the preview alone.
fn show_of(world: &dyn World, name: &str, seconds: f64) -> Result<String, Refusal> {
    let path = format!("shows/{name}/show.toml");
    let unreadable = |why: &dyn std::fmt::Display| Refusal::failed(format!("`{path}`: {why}"));
    let source = world.read(&path).map_err(|error| unreadable(&error))?;
    let mut show: toml_edit::DocumentMut =
        source.text.parse().map_err(|error| unreadable(&error))?;
    show.remove("masters");
    show.insert("cues", toml_edit::value([LAYER].into_iter().collect::<toml_edit::Array>()));
    show.insert("length", toml_edit::value(seconds));
    Ok(show.to_string())
}

fn effect_layer(
    edition: &Edition,
    fixture: &str,
    effects: &[TrialEffect],
) -> Result<Value, Refusal> {
    let show = edition.show();
    let found = fixture_of(show, fixture)?;
    let on = (found, &*show.rig);
    // A show of channel layers means their effects; elsewhere names mean ours first.
    let has_channels = show.layers.iter().any(|layer| !layer.channels.is_empty());
    let as_channels = has_channels && effects.iter().all(|one| is_channel_effect(&one.name));
    let (mut cues, mut needs_light) = (Vec::new(), true);
    for TrialEffect { name, params, seconds } in effects {
        let seconds = checked(*seconds)?;
        let (key, params) = if as_channels {
            channel_action(name, params, on).map_err(as_of_trial)?
        } else {
            let native = native_action(name, params, on, seconds).map_err(as_of_trial)?;
            needs_light &=
                NEEDS_LIGHT.contains(&native.name.as_str()) && !says_level(&native.params);
            (native.name, native.params)
        };
        cues.push(json!({ "at": 0, "for": seconds, "on": fixture, key: params }));
    }
    if as_channels {
        return Ok(json!({ "rules": "channels", "cues": cues }));
    }
    if needs_light {
        // None of them gives light by itself.
        cues.insert(0, json!({ "at": 0, "on": fixture, "set": { "dimmer": "100%" } }));
    }
    Ok(json!({ "cues": cues }))
}

fn says_level(params: &Value) -> bool {
    params.get("dimmer").is_some() || params.get("level").is_some()
}

/// The mistakes of a cue as those of what is tried out.
fn as_of_trial(errors: Vec<Fault>) -> Refusal {
    let errors = errors.into_iter().map(|fault| Fault {
        path: fault.path.replacen("/data", "/params", 1).replacen("/effect", "/effect_id", 1),
        ..fault
    });
    Refusal::Invalid { errors: errors.collect() }
}

fn chaser_layer(edition: &Edition, id: &str, times: usize) -> Value {
    let cue = json!({ "at": 0, "chaser": { id: { "times": times.max(1) } } });
    json!({ "rules": "channels", "bpm": tempo(edition), "cues": [cue] })
}

/// How many beats a chaser takes.
fn chaser_beats(edition: &Edition, world: &dyn World, id: &str) -> Result<f64, Refusal> {
    let sources = Sources::of(world, &edition.show().name);
    let known = crate::sheet::chasers(&sources);
    let chaser = known.iter().find(|chaser| chaser.id == id);
    chaser.map(|chaser| chaser.beats).ok_or_else(|| {
        let names = known.iter().map(|chaser| &*chaser.id);
        Refusal::Invalid { errors: vec![Fault::unknown("/chaser_id", ("chaser", id), names)] }
    })
}
