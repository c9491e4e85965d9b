//! What a canvas says of its show: marks, sections, song, and the patch in brief.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use gobo_canvas::{
    CueMark, Gives, Header, PatchedChannel, PatchedFixture, PatchedGroup, PatchedHead, SectionMark,
    SongReference, UniverseEntry, ValueRange, When, emitter_color,
};
use gobo_dmx::{Address, SLOTS, Universe};
use gobo_show::rig::{Action, Capability, Channel, Emitter, Fixture, Function, HeadIndex, Rig};
use gobo_show::show::{Cue, Selected, Show};
use gobo_show::value::Color;

use crate::ENGINE;
use crate::span::{Piece, pieces};

/// The patch in brief.
#[derive(Debug)]
pub(crate) struct Patch {
    fixtures: Vec<PatchedFixture>,
    groups: Vec<PatchedGroup>,
    /// Where each fixture of the rig stands in it: one over several universes once for each.
    places: Vec<Range<u32>>,
}

impl Patch {
    pub(crate) fn of(rig: &Rig) -> Self {
        let places = places(rig);
        let fixtures = rig.fixtures.iter().flat_map(|fixture| patched(fixture, rig)).collect();
        Self { fixtures, groups: groups(rig, &places), places }
    }
}

/// The header of a show whose fixtures use so many slots of these universes, rising.
pub(crate) fn header(
    show: &Show,
    patch: &Patch,
    used: impl Iterator<Item = (Universe, u16)>,
) -> Header {
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
        cues: cues(show, &patch.places),
        patch: patch.fixtures.clone(),
        groups: patch.groups.clone(),
        last_look: show.last_look,
        made_from: None,
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

fn cues(show: &Show, places: &[Range<u32>]) -> Vec<CueMark> {
    let patched = |head: HeadIndex| {
        let head = show.rig.heads.get(head as usize)?;
        places.get(head.fixture as usize).cloned()
    };
    // Many cues share a selection.
    let mut known: HashMap<*const Selected, Vec<[u32; 2]>> = HashMap::new();
    let mut fixtures = |cue: &Cue| {
        let runs =
            || CueMark::runs_of(cue.selection.iter().filter_map(|one| patched(one.head)).flatten());
        known.entry(cue.selection.as_ptr()).or_insert_with(runs).clone()
    };
    let mut mark = |layer, cue: &Cue| CueMark {
        name: cue.name.clone(),
        effect: cue.effect.name().to_owned(),
        layer,
        start: cue.start,
        end: cue.end,
        fixtures: fixtures(cue),
    };
    let layers = (0..).zip(&show.layers);
    let cues = layers.flat_map(|(layer, source)| source.cues.iter().map(move |cue| (layer, cue)));
    cues.map(|(layer, cue)| mark(layer, cue)).collect()
}

/// Where each fixture stands in the patch.
fn places(rig: &Rig) -> Vec<Range<u32>> {
    let mut next = 0;
    let place = |fixture| {
        let first = next;
        next += pieces(fixture).len() as u32;
        first..next
    };
    rig.fixtures.iter().map(place).collect()
}

fn groups(rig: &Rig, places: &[Range<u32>]) -> Vec<PatchedGroup> {
    let group = |(name, members): (&String, &Vec<HeadIndex>)| {
        let mut members = members.clone();
        members.sort_unstable();
        members.dedup();
        let fixture_of = |head: HeadIndex| rig.heads.get(head as usize).map(|head| head.fixture);
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        for members in members.chunk_by(|a, b| fixture_of(*a) == fixture_of(*b)) {
            let Some(index) = members.first().and_then(|&head| fixture_of(head)) else { continue };
            let Some(fixture) = rig.fixtures.get(index as usize) else { continue };
            let places = places[index as usize].clone();
            if members.len() == fixture.heads.len() {
                whole.extend(places);
                continue;
            }
            for (place, piece) in places.zip(pieces(fixture)) {
                let member = |head: usize| members.contains(&(fixture.heads.start + head as u32));
                let here = (0..).zip(piece.heads).filter(|&(_, head)| member(head));
                let runs = CueMark::runs_of(here.map(|(index, _)| index));
                parts.extend(runs.into_iter().map(|[first, last]| [place, first, last]));
            }
        }
        PatchedGroup { name: name.clone(), fixtures: CueMark::runs_of(whole), heads: parts }
    };
    rig.groups.iter().map(group).collect()
}

/// A fixture in each of its universes.
fn patched(fixture: &Fixture, rig: &Rig) -> Vec<PatchedFixture> {
    let indices = fixture.heads.start as usize..fixture.heads.end as usize;
    let heads = rig.heads.get(indices).unwrap_or_default();
    let apart = heads.iter().any(|head| head.position != fixture.position);
    let channels = by_head(fixture);
    let end = fixture.slots().end;
    let piece = |piece: Piece| {
        let first = piece.first(fixture);
        let of_head = |&index: &usize| Some((heads.get(index)?, channels.get(index)?));
        let of_piece: Vec<_> = piece.heads.iter().filter_map(of_head).collect();
        let positions = of_piece.iter().filter(|_| apart).map(|(head, _)| head.position);
        let in_brief = of_piece.iter().map(|(head, channels)| PatchedHead {
            name: head.name.to_string(),
            channels: head_channels(fixture, channels, &piece),
        });
        PatchedFixture {
            id: fixture.id.to_string(),
            name: fixture.name.clone(),
            universe: piece.universe,
            address: if piece.before == 0 { fixture.address } else { Address::FIRST },
            footprint: (end - piece.before).min(SLOTS) as u16 - first,
            position: fixture.position,
            rotation_deg: fixture.rotation_deg,
            head_positions: positions.collect(),
            heads: in_brief.collect::<Arc<[_]>>(),
        }
    };
    pieces(fixture).into_iter().map(piece).collect()
}

/// For each head the channels that decide what it shows: its own and the fixture's.
fn by_head(fixture: &Fixture) -> Vec<Vec<&Channel>> {
    let mut heads: Vec<Vec<&Channel>> = vec![Vec::new(); fixture.heads.len()];
    for channel in &fixture.channels {
        match channel.head {
            Some(head) => {
                let index = head.wrapping_sub(fixture.heads.start) as usize;
                heads.get_mut(index).into_iter().for_each(|head| head.push(channel));
            }
            None => heads.iter_mut().for_each(|head| head.push(channel)),
        }
    }
    heads
}

/// What these channels of a head give, as far as they lie in one universe.
fn head_channels(fixture: &Fixture, all: &[&Channel], piece: &Piece) -> Vec<PatchedChannel> {
    let mine = || all.iter().copied();
    let adds = mine().flat_map(Channel::capabilities).any(|capability| {
        matches!(
            capability.action,
            Action::Emitter(Emitter::Red | Emitter::Green | Emitter::Blue, ..)
        )
    });
    let first = piece.first(fixture);
    let slots = |channel: &Channel| -> Vec<u16> {
        let here = channel.slots.iter().filter_map(|slot| piece.slot(*slot));
        here.map(|slot| slot.saturating_sub(first)).collect()
    };
    let is_here = |channel: &&Channel| {
        !channel.slots.is_empty() && slots(channel).len() == channel.slots.len()
    };
    let mut channels = Vec::new();
    for channel in mine().filter(is_here) {
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
        Action::Hue(first, last) => Gives::Hue(first, last),
        Action::Saturation(first, last) => Gives::Saturation(first, last),
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
    emitter_color(emitter.word()).unwrap_or([255; 3])
}

#[cfg(test)]
mod tests {
    use gobo_canvas::emitter_name;

    use super::*;

    #[test]
    fn every_emitter_is_known_by_its_colour() {
        for emitter in Emitter::ALL {
            assert_eq!(emitter_name(seen(emitter)), Some(emitter.word()));
        }
    }
}
