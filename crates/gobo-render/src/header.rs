//! What a canvas says of its show: marks, sections, song, and the patch in brief.

use std::sync::Arc;

use gobo_canvas::{
    CueMark, Gives, Header, PatchedChannel, PatchedFixture, PatchedHead, SectionMark,
    SongReference, UniverseEntry, ValueRange, When,
};
use gobo_dmx::Universe;
use gobo_show::effect::Effect;
use gobo_show::rig::{Action, Capability, Channel, Emitter, Fixture, Function, HeadIndex, Rig};
use gobo_show::show::{Cue, Show};
use gobo_show::value::Color;

use crate::ENGINE;
use crate::fixture::capabilities;

/// The header of a show whose fixtures use so many slots of these universes, rising.
pub(crate) fn header(show: &Show, used: impl Iterator<Item = (Universe, u16)>) -> Header {
    let entry =
        |(universe, slots_used)| UniverseEntry { universe, name: String::new(), slots_used };
    Header {
        name: show.name.clone(),
        title: show.title.clone(),
        engine: ENGINE.to_owned(),
        rate: show.rate,
        frames: show.frames,
        universes: used.map(entry).collect(),
        routes: show.rig.routes.clone(),
        song: show.song.as_ref().map(|song| SongReference {
            path: song.path.clone(),
            hash: song.hash,
            seconds: song.seconds,
            offset: song.offset,
        }),
        sections: show
            .grid
            .sections
            .iter()
            .map(|section| SectionMark {
                name: section.name.to_string(),
                start: section.start,
                end: section.end,
            })
            .collect(),
        bars: bars(show),
        layers: show.layers.iter().map(|layer| layer.name.clone()).collect(),
        cues: cues(show),
        patch: show.rig.fixtures.iter().map(|fixture| patched(fixture, &show.rig)).collect(),
        last_look: show.last_look,
    }
}

/// When each bar of the song starts within the show.
fn bars(show: &Show) -> Vec<f64> {
    if !show.grid.has_tempo() {
        return Vec::new();
    }
    let end = show.rate.seconds_at(show.frames);
    let first = show.grid.bar_at(0.0).ceil();
    let last = show.grid.bar_at(end);
    // A tempo that stands still or runs away gives bars that are no use to anybody.
    let count = (last - first).clamp(-1.0, f64::from(show.frames)).floor() as i64;
    (0..=count).map(|bar| show.grid.seconds_at_bar(first + bar as f64)).collect()
}

fn cues(show: &Show) -> Vec<CueMark> {
    let fixture = |head: HeadIndex| show.rig.heads.get(head as usize).map(|head| head.fixture);
    let mark = |layer, cue: &Cue| CueMark {
        name: cue.name.clone(),
        effect: effect_name(&cue.effect).to_owned(),
        layer,
        start: cue.start,
        end: cue.end,
        fixtures: CueMark::runs_of(cue.selection.iter().filter_map(|one| fixture(one.head))),
    };
    (0..)
        .zip(&show.layers)
        .flat_map(|(layer, source)| source.cues.iter().map(move |cue| mark(layer, cue)))
        .collect()
}

fn effect_name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Set(_) => "set",
        Effect::Fade(_) => "fade",
        Effect::Flash(_) => "flash",
        Effect::Strobe(_) => "strobe",
        Effect::Pulse(_) => "pulse",
        Effect::Chase(_) => "chase",
        Effect::Rainbow(_) => "rainbow",
        Effect::Wave(_) => "wave",
        Effect::ColorFade(_) => "color_fade",
        Effect::Move(_) => "move",
        Effect::Circle(_) => "circle",
    }
}

fn patched(fixture: &Fixture, rig: &Rig) -> PatchedFixture {
    let indices = fixture.heads.start as usize..fixture.heads.end as usize;
    let heads = rig.heads.get(indices).unwrap_or_default();
    let apart = heads.iter().any(|head| head.position != fixture.position);
    let positions = if apart { heads } else { &[] };
    let in_brief = fixture.heads.clone().zip(heads).map(|(index, head)| PatchedHead {
        name: head.name.to_string(),
        channels: head_channels(fixture, index),
    });
    PatchedFixture {
        id: fixture.id.to_string(),
        name: fixture.name.clone(),
        universe: fixture.universe,
        address: fixture.address,
        footprint: fixture.footprint,
        position: fixture.position,
        rotation_deg: fixture.rotation_deg,
        head_positions: positions.iter().map(|head| head.position).collect(),
        heads: in_brief.collect::<Arc<[_]>>(),
    }
}

/// The channels that decide what a head shows: its own and the fixture's.
fn head_channels(fixture: &Fixture, head: HeadIndex) -> Vec<PatchedChannel> {
    let mine = || {
        let belongs = |channel: &&Channel| channel.head.is_none_or(|owner| owner == head);
        fixture.channels.iter().filter(belongs)
    };
    let adds = mine().flat_map(capabilities).any(|capability| {
        matches!(
            capability.action,
            Action::Emitter(Emitter::Red | Emitter::Green | Emitter::Blue, ..)
        )
    });
    let slots = |channel: &Channel| {
        let first = fixture.address.slot() as u16;
        channel.slots.iter().map(|slot| slot.saturating_sub(first)).collect::<Vec<u16>>()
    };
    let mut channels = Vec::new();
    for channel in mine().filter(|channel| !channel.slots.is_empty()) {
        let mut add = |capabilities: &[Capability], when: Option<When>| {
            let ranges: Vec<_> =
                capabilities.iter().filter_map(|capability| range(capability, adds)).collect();
            if !ranges.is_empty() {
                channels.push(PatchedChannel { slots: slots(channel), when, ranges });
            }
        };
        match &channel.function {
            Function::Fixed(capabilities) => add(capabilities, None),
            Function::Switched { trigger, cases } => {
                let Some(trigger) = fixture.channels.get(*trigger as usize) else { continue };
                for case in cases {
                    let when = When { slots: slots(trigger), from: case.from, to: case.to };
                    add(&case.capabilities, Some(when));
                }
            }
        }
    }
    channels
}

/// What a capability gives to see; `adds` says whether the head mixes red, green and blue, so
/// that cyan, magenta and yellow add light too.
fn range(capability: &Capability, adds: bool) -> Option<ValueRange> {
    let gives = match capability.action {
        Action::Intensity(first, last) => Gives::Brightness(first, last),
        Action::ShutterClosed => Gives::Brightness(0.0, 0.0),
        Action::Emitter(emitter, first, last) => {
            let filters = matches!(emitter, Emitter::Cyan | Emitter::Magenta | Emitter::Yellow);
            match filters && !adds {
                true => Gives::Filter(seen(emitter), first, last),
                false => Gives::Emitter(seen(emitter), first, last),
            }
        }
        Action::Color(Color { red, green, blue }, _) => {
            let byte = |part: f64| (part.clamp(0.0, 1.0) * 255.0).round() as u8;
            Gives::Filter([red, green, blue].map(byte), 1.0, 1.0)
        }
        Action::Pan(first, last) => Gives::Pan(first, last),
        Action::Tilt(first, last) => Gives::Tilt(first, last),
        Action::None
        | Action::ShutterOpen
        | Action::Strobe(..)
        | Action::WheelSlot(..)
        | Action::Beam(..)
        | Action::Other(_) => return None,
    };
    Some(ValueRange { from: capability.from, to: capability.to, gives })
}

/// About how an emitter looks on a screen (sRGB).
fn seen(emitter: Emitter) -> [u8; 3] {
    match emitter {
        Emitter::Red => [255, 0, 0],
        Emitter::Green => [0, 255, 0],
        Emitter::Blue => [0, 0, 255],
        Emitter::Cyan => [0, 255, 255],
        Emitter::Magenta => [255, 0, 255],
        Emitter::Yellow => [255, 255, 0],
        Emitter::Amber => [255, 176, 0],
        Emitter::White => [255, 255, 255],
        Emitter::WarmWhite => [255, 217, 168],
        Emitter::ColdWhite => [219, 233, 255],
        Emitter::Uv => [96, 0, 255],
        Emitter::Lime => [190, 255, 0],
        Emitter::Indigo => [64, 0, 255],
    }
}
