//! The channels of a fixture by the names that programs have for them.

use std::sync::Arc;

use gobo_show::rig::{Action, Channel, Emitter, Fixture};

use crate::channel::{Purpose, fixed};

/// A fixture, looked up in.
#[derive(Clone, Copy)]
pub(in crate::author) struct Keys<'a>(pub(in crate::author) &'a Fixture);

/// A slot of a fixture.
#[derive(Clone, Debug)]
pub(in crate::author) struct Slot<'a> {
    pub(in crate::author) channel: &'a Channel,
    /// Which of the channel's slots, coarsest first.
    pub(in crate::author) part: usize,
    /// Its key in the profile's mode.
    pub(in crate::author) key: Arc<str>,
}

impl<'a> Keys<'a> {
    /// Every slot that has a key.
    pub(in crate::author) fn slots(self) -> impl Iterator<Item = Slot<'a>> {
        self.0.channels.iter().flat_map(|channel| {
            let keys = channel.slot_keys.iter().enumerate();
            keys.map(move |(part, key)| Slot { channel, part, key: Arc::clone(key) })
        })
    }

    /// The slot of this name: its key, in any case and spacing, or a word for what it does.
    pub(in crate::author) fn slot(self, name: &str) -> Option<Slot<'a>> {
        let wanted = plain(name);
        self.slots()
            .find(|slot| *slot.key == *name)
            .or_else(|| self.slots().find(|slot| plain(&slot.key) == wanted))
            .or_else(|| {
                let (purpose, part) = meant(&wanted)?;
                self.of(purpose, part)
            })
    }

    /// The first slot that is for something; `part` is 1 for the fine one.
    pub(in crate::author) fn of(self, purpose: Purpose, part: usize) -> Option<Slot<'a>> {
        let is_it = |slot: &Slot<'_>| slot.part == part && Purpose::of(slot.channel) == purpose;
        self.slots().find(is_it)
    }

    /// Whether it has a channel for something.
    pub(in crate::author) fn has(self, purpose: Purpose) -> bool {
        self.0.channels.iter().any(|channel| Purpose::of(channel) == purpose)
    }

    /// Whether it makes colours by red, green and blue.
    pub(in crate::author) fn mixes(self) -> bool {
        PRIMARIES.iter().all(|(_, emitter)| self.has(Purpose::Emitter(*emitter)))
    }

    /// Whether it shows colours of any kind.
    pub(in crate::author) fn colors(self) -> bool {
        let is_colour =
            |channel| matches!(Purpose::of(channel), Purpose::Color | Purpose::Emitter(_));
        self.0.channels.iter().any(is_colour)
    }

    /// Whether it turns both ways.
    pub(in crate::author) fn turns(self) -> bool {
        self.has(Purpose::Pan) && self.has(Purpose::Tilt)
    }
}

/// The emitters that colours are mixed of, with their words.
pub(super) const PRIMARIES: [(&str, Emitter); 3] =
    [("red", Emitter::Red), ("green", Emitter::Green), ("blue", Emitter::Blue)];

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a word means that is no key: what for, and which part of it.
fn meant(word: &str) -> Option<(Purpose, usize)> {
    let emitter = Emitter::ALL.into_iter().find(|emitter| plain(emitter.word()) == word);
    if let Some(emitter) = emitter {
        return Some((Purpose::Emitter(emitter), 0));
    }
    Some(match word {
        "dim" | "dimmer" | "intensity" | "brightness" | "master" => (Purpose::Level, 0),
        "shutter" | "strobe" => (Purpose::Shutter, 0),
        "pan" | "panmsb" => (Purpose::Pan, 0),
        "panfine" | "panlsb" => (Purpose::Pan, 1),
        "tilt" | "tiltmsb" => (Purpose::Tilt, 0),
        "tiltfine" | "tiltlsb" => (Purpose::Tilt, 1),
        _ => return None,
    })
}

/// The angle in degrees from the middle that cues write for an axis of 65535, to the hundredth.
pub(in crate::author) fn degrees_of(fixture: &Fixture, purpose: Purpose, axis: u16) -> f64 {
    let of_action = |action: &Action| match (purpose, action) {
        (Purpose::Pan, Action::Pan(from, to)) | (Purpose::Tilt, Action::Tilt(from, to)) => {
            Some((*from, *to))
        }
        _ => None,
    };
    let channels = fixture.channels.iter().flat_map(fixed);
    let range = channels.filter_map(|one| of_action(&one.action)).next();
    let (from, to) =
        range.unwrap_or(if purpose == Purpose::Pan { (0.0, 540.0) } else { (0.0, 270.0) });
    let part = f64::from(axis) / 65_535.0 - 0.5;
    let is_pan = (purpose == Purpose::Pan) != fixture.setup.swap_pan_tilt;
    let setup = if is_pan { fixture.setup.pan } else { fixture.setup.tilt };
    (setup.of_profile((to - from) * part) * 100.0).round() / 100.0 + 0.0
}
