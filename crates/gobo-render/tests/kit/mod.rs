//! A rig and a show in a few words, and what they shine like as text.

#![allow(dead_code, unreachable_pub, missing_docs)]

use std::fmt::Write as _;
use std::sync::Arc;

use gobo_dmx::{Address, FrameRate, LastLook, Universe};
use gobo_render::Timeline;
use gobo_show::diagnostic::{Place, Spot};
use gobo_show::effect::{BeamParameter, Effect, Look};
use gobo_show::grid::Grid;
use gobo_show::rig::{
    Action, Capability, Channel, Emitter, Fixture, Function, Head, Rate, Rig, Unit, max_of,
};
use gobo_show::show::{Blend, Cue, Layer, Selected, Show, Then};
use gobo_show::value::{Aim, Color, Easing, Level};

pub const RED: Color = Color { red: 1.0, green: 0.0, blue: 0.0 };
pub const BLUE: Color = Color { red: 0.0, green: 0.0, blue: 1.0 };
pub const ORANGE: Color = Color { red: 1.0, green: 0.5, blue: 0.25 };

pub fn capability(from: u64, to: u64, action: Action) -> Capability {
    Capability { from, to, action, name: "".into() }
}

pub fn named(name: &str, from: u64, to: u64, action: Action) -> Capability {
    Capability { name: name.into(), ..capability(from, to, action) }
}

/// A channel of `slots` slots, of the fixture as a whole.
pub fn channel(key: &str, slots: usize, capabilities: Vec<Capability>) -> Channel {
    Channel {
        key: key.into(),
        head: None,
        slots: vec![0; slots],
        slot_keys: (0..slots).map(|slot| fine(key, slot)).collect(),
        default: 0,
        highlight: 0,
        arm: None,
        htp: false,
        function: Function::Fixed(capabilities.into()),
    }
}

/// The key of a byte of a channel: "Pan", "Pan fine 1".
fn fine(key: &str, slot: usize) -> std::sync::Arc<str> {
    if slot == 0 { key.into() } else { format!("{key} fine {slot}").into() }
}

/// A channel that means one thing over all its range.
pub fn simple(key: &str, slots: usize, action: Action) -> Channel {
    channel(key, slots, vec![capability(0, max_of(slots), action)])
}

pub fn dimmer(slots: usize) -> Channel {
    simple("Dimmer", slots, Action::Intensity(0.0, 1.0))
}

pub fn emitter(emitter: Emitter) -> Channel {
    simple(&format!("{emitter:?}"), 1, Action::Emitter(emitter, 0.0, 1.0))
}

pub fn of_head(head: u32, channel: Channel) -> Channel {
    Channel { head: Some(head), ..channel }
}

pub fn par() -> Vec<Channel> {
    [Emitter::Red, Emitter::Green, Emitter::Blue].map(emitter).to_vec()
}

/// Pixels of red, green and blue.
pub fn strip(pixels: u32) -> Vec<Channel> {
    let pixel = |head| par().into_iter().map(move |channel| of_head(head, channel));
    (0..pixels).flat_map(pixel).collect()
}

pub fn shutter() -> Channel {
    channel(
        "Shutter",
        1,
        vec![
            capability(0, 9, Action::ShutterClosed),
            capability(10, 199, Action::Strobe(Rate::Hertz(1.0), Rate::Hertz(20.0))),
            capability(200, 255, Action::ShutterOpen),
        ],
    )
}

pub fn color_wheel() -> Channel {
    let slot = |from, color| capability(from, from + 9, Action::Color(color, None));
    let white = Color { red: 1.0, green: 1.0, blue: 1.0 };
    channel("Color Wheel", 1, vec![slot(0, white), slot(10, RED), slot(20, ORANGE), slot(30, BLUE)])
}

pub fn gobo_wheel() -> Channel {
    let slot = |name, from, number| {
        named(name, from, from + 9, Action::WheelSlot("Gobos".into(), number, number))
    };
    channel(
        "Gobo Wheel",
        1,
        vec![slot("Open", 0, 1.0), slot("Stars", 10, 2.0), slot("3 Rings", 20, 3.0)],
    )
}

/// A moving head with everything by wheels.
pub fn spot() -> Vec<Channel> {
    vec![
        dimmer(1),
        shutter(),
        simple("Pan", 2, Action::Pan(0.0, 540.0)),
        simple("Tilt", 2, Action::Tilt(0.0, 270.0)),
        color_wheel(),
        gobo_wheel(),
        simple("Zoom", 1, Action::Beam(BeamParameter::Zoom, Unit::Physical, 10.0, 50.0)),
    ]
}

/// A rig in the making.
#[derive(Clone, Default)]
pub struct Kit {
    rig: Rig,
    next: u16,
}

impl Kit {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fixture of `heads` heads after the last one in universe 1; heads in `channels` count
    /// from 0.
    pub fn add(self, id: &str, heads: u32, channels: Vec<Channel>) -> Self {
        self.add_to(1, id, heads, channels)
    }

    /// Leaves slots free.
    pub fn gap(mut self, slots: u16) -> Self {
        self.next += slots;
        self
    }

    pub fn add_to(mut self, universe: u16, id: &str, heads: u32, channels: Vec<Channel>) -> Self {
        let first = self.rig.heads.len() as u32;
        let fixture = self.rig.fixtures.len() as u32;
        let position = [f64::from(fixture), 0.0, 4.0];
        let start = self.next;
        let mut next = start;
        let mut placed = channels;
        for channel in &mut placed {
            channel.head = channel.head.map(|head| head + first);
            for slot in &mut channel.slots {
                *slot = next;
                next += 1;
            }
        }
        self.next = next;
        self.rig.heads.extend((0..heads).map(|head| Head {
            fixture,
            name: (head + 1).to_string().into(),
            position,
        }));
        self.rig.fixtures.push(Fixture {
            id: id.into(),
            name: id.to_owned(),
            profile: "kit/kit".to_owned(),
            mode: "only".to_owned(),
            universe: Universe::new(universe).unwrap(),
            address: Address::new(start + 1).unwrap(),
            footprint: next - start,
            position,
            rotation_deg: [0.0; 3],
            travel_seconds: [None; 2],
            heads: first..first + heads,
            channels: placed,
            setup: gobo_show::rig::Setup::default(),
        });
        self
    }

    /// A show of so many seconds, at 20 frames a second so that its pictures stay small.
    pub fn show(self, seconds: f64) -> Show {
        let rate: FrameRate = "20".parse().unwrap();
        Show {
            name: "test".to_owned(),
            title: String::new(),
            rate,
            frames: rate.nearest_frame(seconds).max(1),
            song: None,
            grid: Grid::default(),
            rig: self.rig.into(),
            layers: Vec::new(),
            masters: Vec::new(),
            last_look: LastLook::Blackout,
        }
    }
}

/// Leaves only some heads in a cue's selection.
pub fn keep(cue: &mut Cue, is_kept: impl Fn(&Selected) -> bool) {
    cue.selection = cue.selection.iter().copied().filter(is_kept).collect();
}

/// A cue on every head of the show, one place each.
pub fn cue(show: &Show, start: f64, end: f64, effect: Effect) -> Cue {
    let heads = show.rig.heads.len() as u32;
    Cue {
        name: String::new(),
        place: Place { file: "test.json".into(), spot: Spot::File },
        start,
        end,
        selection: (0..heads).map(|head| Selected { head, rank: head }).collect(),
        ranks: heads,
        effect,
        fade_in: 0.0,
        ease_in: Easing::Linear,
        ease_out: Easing::Linear,
        fade_out: 0.0,
        mark: false,
        then: Then::Hold,
        blend: None,
        opacity: None,
        blocks: false,
        seed: 7,
    }
}

pub fn layer(blend: Blend, cues: Vec<Cue>) -> Layer {
    Layer { blend, cues, ..Layer::default() }
}

/// The show with one replacing layer of these cues.
pub fn with(mut show: Show, cues: Vec<Cue>) -> Show {
    show.layers.push(layer(Blend::Replace, cues));
    show
}

pub fn rig_of(show: &mut Show) -> &mut Rig {
    Arc::make_mut(&mut show.rig)
}

pub fn dim(level: f64) -> Look {
    Look { dimmer: Some(Level(level)), ..Look::default() }
}

pub fn tint(color: Color) -> Look {
    Look { color: Some(color), ..Look::default() }
}

/// The levels of a universe over the show, frame by frame.
pub fn frames(show: &Show, universe: usize) -> Vec<Vec<u8>> {
    let timeline = Timeline::new(show);
    let width = usize::from(timeline.header().universes[universe].slots_used);
    let mut frames = Vec::new();
    for cell in 0..timeline.header().cells() {
        let mut rows = vec![0xee; timeline.cell_len(universe, cell)];
        timeline.render(universe, cell, &mut rows);
        frames.extend(rows.chunks_exact(width).map(<[u8]>::to_vec));
    }
    frames
}

/// The values of every channel over the show, a column every `step` frames.
pub fn picture(show: &Show, step: usize) -> String {
    let frames = frames(show, 0);
    let mut text = format!("{:20}", "frame");
    for frame in (0..frames.len()).step_by(step) {
        let _ = write!(text, "{frame:>6}");
    }
    for fixture in &show.rig.fixtures {
        for channel in &fixture.channels {
            let head = channel
                .head
                .map_or(String::new(), |head| format!(":{}", head - fixture.heads.start + 1));
            let _ = write!(text, "\n{:20}", format!("{}{head} {}", fixture.id, channel.key));
            for row in frames.iter().step_by(step) {
                let slots = channel.slots.iter().map(|&slot| u64::from(row[usize::from(slot)]));
                let _ = write!(text, "{:>6}", slots.fold(0, |value, slot| value << 8 | slot));
            }
        }
    }
    text
}

/// A head that turns by 16 bits, 540 and 270 degrees.
pub fn head() -> Vec<Channel> {
    vec![simple("Pan", 2, Action::Pan(0.0, 540.0)), simple("Tilt", 2, Action::Tilt(0.0, 270.0))]
}

/// A look that turns heads there, in degrees.
pub fn turned(pan: f64, tilt: f64) -> Look {
    let position = Some(Aim::Angles { pan_deg: Some(pan), tilt_deg: Some(tilt) });
    Look { position, ..Look::default() }
}
