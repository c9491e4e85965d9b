//! The slots of a rig while the cues of a channel layer run: what they hold, and when it changed.

use gobo_show::effect::PointName;
use gobo_show::rig::{Action, Emitter, Fixture, Function, Rig};
use gobo_show::show::Show;

/// Seconds from end stop to end stop of a head that does not say.
const TRAVEL_SECONDS: [f64; 2] = [2.0, 0.9];

/// The last value of the axis of a head.
const AXIS_END: f64 = 65_535.0;

/// The show's fixtures in the frame that is being worked out.
pub(super) struct Stage<'a> {
    pub(super) rig: &'a Rig,
    /// Frames a second.
    pub(super) rate: f64,
    /// The frame.
    pub(super) frame: u32,
    pub(super) fixtures: Vec<Slots<'a>>,
}

/// The slots of a fixture.
pub(super) struct Slots<'a> {
    pub(super) fixture: &'a Fixture,
    /// The first of them in its universe.
    first: u16,
    values: Vec<u8>,
    /// What they are before anything is written.
    initial: Vec<u8>,
    /// For each slot, its changes: the frame and the value from it on.
    logs: Vec<Vec<(u32, u8)>>,
    pub(super) dimmer: Option<u16>,
    pub(super) shutter: Option<u16>,
    pub(super) colors: [Option<u16>; 3],
    /// The slots of pan and tilt, coarse and fine.
    pub(super) axes: Option<[[u16; 2]; 2]>,
    /// How far pan and tilt turn in a frame at most.
    pub(super) reach: [f64; 2],
    pub(super) travel_seconds: [f64; 2],
}

impl<'a> Stage<'a> {
    pub(super) fn new(show: &'a Show) -> Self {
        let rate = show.rate.as_f64();
        let fixtures = show.rig.fixtures.iter().map(|fixture| Slots::new(fixture, rate)).collect();
        Self { rig: &show.rig, rate, frame: 0, fixtures }
    }

    /// Pan and tilt that were measured for a point.
    pub(super) fn aim(&self, point: &PointName, fixture: u32) -> Option<[u16; 2]> {
        self.rig.aims.get(&*point.0)?.get(&fixture).copied()
    }
}

impl<'a> Slots<'a> {
    fn new(fixture: &'a Fixture, rate: f64) -> Self {
        let first = fixture.address.slot() as u16;
        let count = usize::from(fixture.footprint);
        let mut slots = Self {
            fixture,
            first,
            values: vec![0; count],
            initial: Vec::new(),
            logs: vec![Vec::new(); count],
            dimmer: slot(fixture, |action| matches!(action, Action::Intensity(..))),
            shutter: shutter(fixture),
            colors: [Emitter::Red, Emitter::Green, Emitter::Blue].map(|wanted| {
                slot(fixture, |action| matches!(action, Action::Emitter(one, ..) if *one == wanted))
            }),
            axes: axes(fixture),
            reach: [0.0; 2],
            travel_seconds: [0, 1]
                .map(|axis| fixture.travel_seconds[axis].unwrap_or(TRAVEL_SECONDS[axis]).max(0.0)),
        };
        // The original counts whole frames a second.
        let rate = (rate as u32).max(1);
        slots.reach = slots.travel_seconds.map(|seconds| match seconds <= 0.0 {
            true => AXIS_END,
            false => AXIS_END / (seconds * f64::from(rate)),
        });
        for channel in &fixture.channels {
            let value = channel.arm.unwrap_or(channel.default).to_be_bytes();
            let bytes = &value[value.len().saturating_sub(channel.slots.len())..];
            for (slot, byte) in channel.slots.iter().zip(bytes) {
                if let Some(value) = slots.values.get_mut(usize::from(slot.wrapping_sub(first))) {
                    *value = *byte;
                }
            }
        }
        slots.initial = slots.values.clone();
        slots
    }

    /// The slot of this key in the profile's mode.
    pub(super) fn named(&self, key: &str) -> Option<u16> {
        let channels = self.fixture.channels.iter();
        let mut slots = channels.flat_map(|channel| channel.slot_keys.iter().zip(&channel.slots));
        slots.find(|(known, _)| &***known == key).map(|(_, slot)| *slot)
    }

    pub(super) fn read(&self, slot: u16) -> u8 {
        self.values.get(usize::from(slot.wrapping_sub(self.first))).copied().unwrap_or(0)
    }

    /// Writes a slot from `frame` on.
    pub(super) fn write(&mut self, frame: u32, slot: u16, value: u8) {
        let index = usize::from(slot.wrapping_sub(self.first));
        let (Some(known), Some(log)) = (self.values.get_mut(index), self.logs.get_mut(index))
        else {
            return;
        };
        match log.last_mut() {
            Some(last) if last.0 == frame => last.1 = value,
            Some(_) if *known == value => {}
            _ => log.push((frame, value)),
        }
        *known = value;
    }

    /// The changes of a slot, and what it is before.
    pub(super) fn log(&self, slot: u16) -> Option<(&[(u32, u8)], u8)> {
        let index = usize::from(slot.wrapping_sub(self.first));
        Some((self.logs.get(index)?.as_slice(), *self.initial.get(index)?))
    }

    /// Pan and tilt as they are.
    pub(super) fn angles(&self) -> Option<[i64; 2]> {
        let joined = |[coarse, fine]: [u16; 2]| {
            i64::from(u16::from_be_bytes([self.read(coarse), self.read(fine)]))
        };
        self.axes.map(|axes| axes.map(joined))
    }

    /// Turns to a pan and a tilt.
    pub(super) fn turn(&mut self, frame: u32, angles: [i64; 2]) {
        let Some(axes) = self.axes else { return };
        for ([coarse, fine], angle) in axes.into_iter().zip(angles) {
            let [high, low] = (angle.clamp(0, 65_535) as u16).to_be_bytes();
            self.write(frame, coarse, high);
            self.write(frame, fine, low);
        }
    }

    /// Opens the shutter, if there is one.
    pub(super) fn open(&mut self, frame: u32) {
        if let Some(shutter) = self.shutter {
            self.write(frame, shutter, 255);
        }
    }
}

/// The coarsest slot of the first channel that does what is wanted.
fn slot(fixture: &Fixture, wanted: impl Fn(&Action) -> bool) -> Option<u16> {
    channel(fixture, wanted)?.slots.first().copied()
}

fn channel(
    fixture: &Fixture,
    wanted: impl Fn(&Action) -> bool,
) -> Option<&gobo_show::rig::Channel> {
    fixture.channels.iter().find(|channel| match &channel.function {
        Function::Fixed(all) => all.iter().any(|one| wanted(&one.action)),
        Function::Switched { .. } => false,
    })
}

/// The channel that is an open shutter at its highest value.
fn shutter(fixture: &Fixture) -> Option<u16> {
    let opens = |channel: &&gobo_show::rig::Channel| match &channel.function {
        Function::Fixed(all) => {
            all.iter().any(|one| one.to == channel.max() && one.action == Action::ShutterOpen)
        }
        Function::Switched { .. } => false,
    };
    fixture.channels.iter().find(opens)?.slots.first().copied()
}

/// Pan and tilt, if both have a coarse and a fine slot.
fn axes(fixture: &Fixture) -> Option<[[u16; 2]; 2]> {
    let pair = |wanted: fn(&Action) -> bool| match channel(fixture, wanted)?.slots.as_slice() {
        [coarse, fine, ..] => Some([*coarse, *fine]),
        _ => None,
    };
    let pan = pair(|action| matches!(action, Action::Pan(..)))?;
    Some([pan, pair(|action| matches!(action, Action::Tilt(..)))?])
}
