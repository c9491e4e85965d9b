//! Fixtures at their addresses: what they are, whether they fit, and where their heads are.

use std::collections::BTreeMap;
use std::ops::Range;

use gobo_dmx::{SLOTS, Universe};

use super::Loader;
use super::pixels::REACH;
use super::venue::{Declared, as_key};
use crate::decode::{Spanned, listed};
use crate::diagnostic::{Diagnostic, Place, Spot, nearest};
use crate::profile::{PatchedMode, Profile};
use crate::rig::{Fixture, Head, Rig, Setup};
use crate::source::{FixtureSource, Packing};

const LAST_UNIVERSE: usize = Universe::LAST.get() as usize;

/// What a fixture is: a mode of a profile, or pixels.
pub(super) struct Form {
    /// The profile's name; `pixels` for those without.
    profile: String,
    /// The mode's name.
    mode: String,
    patch: PatchedMode,
}

/// The profiles of a venue that were read, by the name that fixtures call them.
pub(super) type Profiles = BTreeMap<String, Option<Known>>;

/// A profile that was read.
pub(super) struct Known {
    /// The name that it was found under.
    name: String,
    profile: Profile,
    /// Its modes as far as fixtures are in them: brought down to slots once for all of these.
    modes: BTreeMap<String, PatchedMode>,
}

impl Loader<'_> {
    /// What a fixture is, read once for all fixtures of a profile.
    pub(super) fn form(
        &mut self,
        fixture: &Spanned<FixtureSource>,
        profiles: &mut Profiles,
    ) -> Option<Form> {
        let source = &fixture.value;
        match (&source.profile, &source.pixels) {
            (Some(profile), Some(pixels)) => {
                let message = "`profile` says what this fixture is, and so does `pixels`";
                let error = Diagnostic::error("conflict", as_key(&pixels.place), message);
                let error = error.label(profile.place.clone(), "the profile");
                self.decoder.say(error.hint("keep one of them"));
                None
            }
            (None, None) => {
                self.no_form(fixture);
                None
            }
            (None, Some(pixels)) => {
                if let Some(mode) = &source.mode {
                    let message = "pixels have no modes: `order` says what they are";
                    let place = as_key(&mode.place);
                    self.decoder.say(Diagnostic::error("conflict", place, message));
                }
                let (mode, patch) = self.pixel_mode(source, pixels)?;
                Some(Form { profile: "pixels".to_owned(), mode, patch })
            }
            (Some(name), None) => {
                self.refuse_pixel_keys(source);
                let known = profiles.entry(name.value.clone()).or_insert_with(|| {
                    let (name, profile) = self.profile(&name.value, &name.place)?;
                    Some(Known { name, profile, modes: BTreeMap::new() })
                });
                let Known { name: path, profile, modes } = known.as_mut()?;
                let mode = self.mode(source, &name.value, profile)?;
                let patch = match modes.get(&mode) {
                    Some(patch) => patch.clone(),
                    None => modes.entry(mode.clone()).or_insert(profile.patch(&mode)?).clone(),
                };
                Some(Form { profile: path.clone(), mode, patch })
            }
        }
    }

    /// Says that neither `profile` nor `pixels` is there, unless one was misspelt.
    fn no_form(&mut self, fixture: &Spanned<FixtureSource>) {
        let (Spot::Value(own) | Spot::Key(own)) = &fixture.place.spot else { return };
        let misspelt = self.decoder.diagnostics.iter().any(|said| match &said.place.spot {
            Spot::Key(key) if said.code == "unknown-key" => {
                key.rsplit_once('/').is_some_and(|(at, key)| {
                    at == own && nearest(key, ["profile", "pixels"]).is_some()
                })
            }
            _ => false,
        });
        if !misspelt {
            let message = "`profile` is missing: expected text, or `pixels` instead";
            let place = fixture.place.clone();
            self.decoder.say(Diagnostic::error("missing-key", place, message));
        }
    }

    /// Says which keys of pixels stand at a fixture with a profile.
    fn refuse_pixel_keys(&mut self, source: &FixtureSource) {
        let packing = source.packing.as_ref().filter(|packing| packing.value != Packing::Dense);
        let keys = [
            ("order", source.order.as_ref().map(|order| &order.place)),
            ("layout", source.layout.as_ref().map(|layout| &layout.place)),
            ("packing", packing.map(|packing| &packing.place)),
        ];
        for (key, place) in keys {
            let Some(place) = place else { continue };
            let message = format!("`{key}` is for `pixels`: here the profile says it");
            let error = Diagnostic::error("conflict", as_key(place), message);
            self.decoder.say(match key {
                "packing" => error.hint("`dense` lets a profile span universes"),
                _ => error,
            });
        }
    }

    /// The name of a fixture's mode.
    fn mode(&mut self, fixture: &FixtureSource, name: &str, profile: &Profile) -> Option<String> {
        let names = || profile.modes().iter().map(|mode| mode.name.as_str());
        let error = match (&fixture.mode, profile.modes()) {
            (Some(mode), _) => match profile.mode(&mode.value) {
                Some(found) => return Some(found.name.clone()),
                None => {
                    let message = format!("`{name}` has no mode `{}`", mode.value);
                    let error = Diagnostic::error("unknown-mode", mode.place.clone(), message);
                    match nearest(&mode.value, names()) {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => error.hint(format!("its modes are {}", listed(names()))),
                    }
                }
            },
            (None, [only]) => return Some(only.name.clone()),
            (None, _) => {
                let message = format!("`{name}` has several modes: expected `mode`");
                Diagnostic::error("missing-key", fixture.id.place.clone(), message)
                    .hint(format!("its modes are {}", listed(names())))
            }
        };
        self.decoder.say(error);
        None
    }

    /// Whether a fixture of so many slots ends within its universe.
    fn fits(&mut self, fixture: &FixtureSource, footprint: u16) -> bool {
        let (address, footprint) = (fixture.address.value, usize::from(footprint));
        let last = usize::from(address.get()) + footprint - 1;
        let spans = fixture.pixels.is_some() || fixture.packing.is_some();
        let universes = (last - 1) / SLOTS;
        let final_universe = usize::from(fixture.universe.value.get()) + universes;
        if last <= SLOTS || (spans && last <= REACH && final_universe <= LAST_UNIVERSE) {
            return true;
        }
        let message = format!(
            "`{}` takes {footprint} slots from address {address}, up to {last}, past 512",
            fixture.id.value
        );
        let error = Diagnostic::error("past-512", fixture.address.place.clone(), message);
        self.decoder.say(error.hint(match SLOTS.checked_sub(footprint) {
            Some(left) => format!("its highest address is {}", left + 1),
            None => "no universe holds this mode: choose a smaller one".to_owned(),
        }));
        false
    }

    /// Puts a mode at its address, and its heads into the rig.
    pub(super) fn patch(
        &mut self,
        source: &Spanned<FixtureSource>,
        form: Form,
        rig: &mut Rig,
    ) -> Option<Fixture> {
        let fixture = &source.value;
        let Form { profile, mode, patch } = form;
        let address = fixture.address.value;
        if !self.fits(fixture, patch.footprint) {
            return None;
        }
        let (position, rotation_deg) =
            (fixture.position.unwrap_or_default(), fixture.rotation.unwrap_or_default());
        let first = rig.heads.len() as u32;
        let index = rig.fixtures.len() as u32;
        rig.heads.extend(patch.heads.iter().map(|head| Head {
            fixture: index,
            name: head.name.clone(),
            position: placed(position, rotation_deg, head.offset),
        }));
        let mut patched = Fixture {
            id: fixture.id.value.as_str().into(),
            name: fixture.name.clone().unwrap_or_else(|| fixture.id.value.clone()),
            profile,
            mode,
            universe: fixture.universe.value,
            address,
            travel_seconds: travel_seconds(fixture),
            footprint: patch.footprint,
            position,
            rotation_deg,
            heads: first..rig.heads.len() as u32,
            channels: patch.channels,
            setup: Setup::default(),
        };
        for channel in &mut patched.channels {
            channel.head = channel.head.map(|head| head + first);
            for slot in &mut channel.slots {
                *slot += address.slot() as u16;
            }
        }
        self.arm(fixture, &mut patched);
        patched.setup = self.setup(fixture, patch.defaults.as_ref(), &patched);
        Some(patched)
    }

    fn arm(&mut self, source: &FixtureSource, fixture: &mut Fixture) {
        for (key, value) in &source.arm {
            match fixture.channels.iter_mut().find(|channel| *channel.key == **key) {
                Some(channel) => {
                    channel.arm = Some((value.value.0 * channel.max() as f64).round() as u64);
                }
                None => {
                    let message = format!("`{}` has no channel `{key}` in this mode", fixture.id);
                    let error = Diagnostic::error("unknown-channel", as_key(&value.place), message);
                    let known = || fixture.channels.iter().map(|channel| &*channel.key);
                    self.decoder.say(match nearest(key, known()) {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => error.hint(format!("its channels are {}", listed(known()))),
                    });
                }
            }
        }
    }

    pub(super) fn overlaps(&mut self, rig: &Rig, declared: &Declared) {
        let mut order: Vec<_> = rig.fixtures.iter().zip(&declared.fixtures).collect();
        order.sort_by_key(|(fixture, _)| (fixture.universe, fixture.address));
        let mut before: Option<(&Fixture, &Place)> = None;
        for (fixture, place) in order {
            let slots = reach(fixture);
            if let Some((other, first)) = before.filter(|(other, _)| reach(other).end > slots.start)
            {
                let message = format!(
                    "`{}` and `{}` share address {} of universe {}",
                    other.id, fixture.id, fixture.address, fixture.universe
                );
                let error = Diagnostic::error("overlap", place.clone(), message)
                    .label((*first).clone(), "the other fixture");
                self.decoder.say(error.hint(end_of(other)));
            }
            // The one that reaches further is what the next could run into.
            if before.is_none_or(|(other, _)| reach(other).end < slots.end) {
                before = Some((fixture, place));
            }
        }
    }
}

/// The slots that a fixture takes, counted from the first slot of universe 0.
fn reach(fixture: &Fixture) -> Range<usize> {
    let (first, slots) = (usize::from(fixture.universe.get()) * SLOTS, fixture.slots());
    first + slots.start..first + slots.end
}

/// Where a fixture ends, in words.
fn end_of(fixture: &Fixture) -> String {
    let (id, end) = (&fixture.id, fixture.slots().end);
    if end <= SLOTS {
        return format!("`{id}` ends at address {end}");
    }
    let universe = usize::from(fixture.universe.get()) + (end - 1) / SLOTS;
    format!("`{id}` ends at address {} of universe {universe}", (end - 1) % SLOTS + 1)
}

/// Where a head is: its offset turned about x, then y, then z, and moved to the fixture's place.
fn placed(position: [f64; 3], rotation_deg: [f64; 3], offset: [f64; 3]) -> [f64; 3] {
    let turn = |degrees: f64, a: f64, b: f64| {
        let angle = degrees.to_radians();
        let (sin, cos) = (libm::sin(angle), libm::cos(angle));
        (a * cos - b * sin, a * sin + b * cos)
    };
    let [x, y, z] = offset;
    let (y, z) = turn(rotation_deg[0], y, z);
    let (z, x) = turn(rotation_deg[1], z, x);
    let (x, y) = turn(rotation_deg[2], x, y);
    [position[0] + x, position[1] + y, position[2] + z]
}

/// Seconds that pan and tilt take from end stop to end stop, if any is said.
fn travel_seconds(fixture: &FixtureSource) -> [Option<f64>; 2] {
    [&fixture.pan_travel, &fixture.tilt_travel]
        .map(|travel| travel.as_ref().map(|travel| travel.value.0))
}
