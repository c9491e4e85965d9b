//! Heads that are nothing but emitters, drawn many at a time: pixels, and pars without a dimmer.

use std::ops::Range;
use std::sync::Arc;

use gobo_show::value::Color;

use crate::attribute::Attribute;
use crate::bundle::Run;
use crate::cell::DrivenFixture;
use crate::course::Times;
use crate::curve::{Scalar, Tint};
use crate::emitters::{Primary, Share};
use crate::fixture::FixturePlan;
use crate::heads::HeadTracks;
use crate::meaning::Emission;
use crate::row::{Moment, RowRoom, Rows};
use crate::wide::{whole_byte, wide};

/// Fixtures of a universe, one after the other, all drawn in strips or each alone.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// Indices of the universe's fixtures.
    pub(crate) fixtures: Range<usize>,
    /// None if they are drawn alone.
    strips: Vec<Strip>,
}

/// Heads of one bundle with the same emitters.
#[derive(Clone, Debug)]
struct Strip {
    tracks: Arc<HeadTracks>,
    members: Vec<usize>,
    emitters: Vec<StripEmitter>,
    /// For each head, the slot of each of its emitters.
    slots: Vec<u16>,
    /// What shows when the dimmer is driven and no colour is.
    plain: Color,
    /// The first slot, where red, green and blue follow each other from head to head.
    rgb_from: Option<usize>,
}

/// A head that is nothing but emitters.
#[derive(Clone, Debug)]
pub(crate) struct StripHead {
    emitters: Vec<StripEmitter>,
    /// The slot of each.
    slots: Vec<u16>,
    /// What shows when the dimmer is driven and no colour is.
    plain: Color,
}

/// An emitter whose channel goes from dark at 0 to full at 255.
#[derive(Clone, Copy, PartialEq, Debug)]
struct StripEmitter {
    share: Share,
    /// The value that nothing drives.
    default: u8,
}

/// Room to work in.
#[derive(Debug, Default)]
pub(crate) struct StripRoom {
    colors: Vec<Color>,
    levels: Vec<f64>,
    color_room: RowRoom<Color>,
    level_room: RowRoom<f64>,
    bytes: Vec<u8>,
    drives: Vec<f64>,
}

/// All fixtures of a universe in blocks.
pub(crate) fn blocks(fixtures: &[DrivenFixture]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (index, fixture) in fixtures.iter().enumerate() {
        let strips = blocks.last_mut().filter(|last| !last.strips.is_empty());
        match (strips, simple(fixture)) {
            (Some(block), Some(heads)) => {
                block.fixtures.end = index + 1;
                add(&mut block.strips, heads, fixture);
            }
            (_, heads) => {
                let mut block = Block { fixtures: index..index + 1, strips: Vec::new() };
                add(&mut block.strips, heads.unwrap_or_default(), fixture);
                blocks.push(block);
            }
        }
    }
    let strips = blocks.iter_mut().flat_map(|block| &mut block.strips);
    strips.for_each(Strip::seal);
    blocks
}

impl Strip {
    fn seal(&mut self) {
        let shares = [Primary::Red, Primary::Green, Primary::Blue].map(Share::Part);
        let is_rgb = self.emitters.iter().map(|emitter| emitter.share).eq(shares);
        let in_order = self.slots.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
        self.rgb_from = self.slots.first().filter(|_| is_rgb && in_order).map(|&at| at.into());
    }
}

/// Adds the heads of a fixture to the strips that they belong to.
fn add(strips: &mut Vec<Strip>, heads: &[StripHead], fixture: &DrivenFixture) {
    for ((tracks, member), head) in fixture.heads().zip(heads) {
        let same = |strip: &&mut Strip| {
            Arc::ptr_eq(&strip.tracks, tracks)
                && strip.emitters == head.emitters
                && strip.plain == head.plain
        };
        match strips.iter_mut().find(same) {
            Some(strip) => {
                strip.members.push(member);
                strip.slots.extend_from_slice(&head.slots);
            }
            None => strips.push(Strip {
                tracks: Arc::clone(tracks),
                members: vec![member],
                emitters: head.emitters.clone(),
                slots: head.slots.clone(),
                plain: head.plain,
                rgb_from: None,
            }),
        }
    }
}

/// The heads of a fixture, if its colours on its emitters are all that it shows.
fn simple(fixture: &DrivenFixture) -> Option<&[StripHead]> {
    let heads = fixture.strips.as_deref()?;
    let plain = |run: &Run| {
        let mut scalars = run.tracks.scalars.iter();
        scalars.all(|(known, _)| *known == Attribute::Dimmer) && run.tracks.masters.is_empty()
    };
    fixture.heads.iter().all(plain).then_some(heads)
}

/// The heads of a fixture, if each is nothing but emitters.
pub(crate) fn heads(plan: &FixturePlan) -> Option<Vec<StripHead>> {
    let head = |(plain, channels): (Color, Vec<(u16, Emission<'_>, u8)>)| {
        let (mut emitters, mut slots) = (Vec::new(), Vec::new());
        for (slot, emission, default) in channels {
            emitters.push(StripEmitter { share: emission.share_of_byte()?, default });
            slots.push(slot);
        }
        (!emitters.is_empty()).then_some(StripHead { emitters, slots, plain })
    };
    plan.simple_parts()?.into_iter().map(head).collect()
}

impl Block {
    /// Whether its strips could be drawn in `frames`, to rows `width` slots wide. Else nothing is,
    /// and its fixtures are to be drawn alone.
    pub(crate) fn draw(
        &self,
        frames: &Range<u32>,
        rows: &mut [u8],
        width: usize,
        times: &mut Times,
        room: &mut StripRoom,
    ) -> bool {
        if self.strips.is_empty() {
            return false;
        }
        let ready: Option<Vec<_>> =
            self.strips.iter().map(|strip| strip.rows(frames, times)).collect();
        let Some(ready) = ready else { return false };
        for (strip, (colors, levels)) in self.strips.iter().zip(&ready) {
            for ((at, frame), row) in frames.clone().enumerate().zip(rows.chunks_exact_mut(width)) {
                let now = Moment { at, frame, members: &strip.members, times };
                strip.draw(now, colors, levels.as_ref(), row, room);
            }
        }
        true
    }
}

impl Strip {
    fn rows(
        &self,
        frames: &Range<u32>,
        times: &mut Times,
    ) -> Option<(Rows<'_, Tint>, Option<Rows<'_, Scalar>>)> {
        let colors = self.tracks.color.rows(frames, &self.members, times)?;
        let levels = match self.tracks.scalar(Attribute::Dimmer) {
            Some(track) => Some(track.rows(frames, &self.members, times)?),
            None => None,
        };
        Some((colors, levels))
    }

    fn draw(
        &self,
        now: Moment<'_>,
        colors: &Rows<'_, Tint>,
        levels: Option<&Rows<'_, Scalar>>,
        row: &mut [u8],
        room: &mut StripRoom,
    ) {
        let StripRoom { colors: lit, levels: dims, color_room, level_room, bytes, drives } = room;
        let dimmed = levels.is_some_and(|levels| levels.row(now, dims, level_room));
        let colored = colors.row(now, lit, color_room);
        let each = self.emitters.len();
        if !colored && !dimmed {
            bytes.clear();
            bytes.extend(self.emitters.iter().map(|emitter| emitter.default));
            return self.store_alike(bytes, row);
        }
        if !colored {
            lit.clear();
            lit.push(self.plain);
        }
        if !dimmed {
            dims.clear();
            dims.push(1.0);
        }
        let alike = lit.len() == 1 && dims.len() == 1;
        if let Some(pixels) = self.pixels(row).filter(|_| !alike) {
            return wide(
                #[inline(always)]
                || to_pixels(lit, dims, drives, pixels),
            );
        }
        let count = if alike { 1 } else { self.members.len() };
        bytes.resize(count * each, 0);
        let (step, dim) = (usize::from(lit.len() > 1), usize::from(dims.len() > 1));
        for (at, bytes) in bytes.chunks_exact_mut(each).enumerate() {
            let (Color { red, green, blue }, scale) = (lit[at * step], dims[at * dim]);
            let color = Color { red: red * scale, green: green * scale, blue: blue * scale };
            for (byte, emitter) in bytes.iter_mut().zip(&self.emitters) {
                *byte = to_byte(emitter.share.of(color));
            }
        }
        if alike {
            return self.store_alike(bytes, row);
        }
        for (&slot, &byte) in self.slots.iter().zip(bytes.iter()) {
            if let Some(level) = row.get_mut(usize::from(slot)) {
                *level = byte;
            }
        }
    }

    /// The bytes of a row that are red, green and blue of head after head, if they are.
    fn pixels<'r>(&self, row: &'r mut [u8]) -> Option<&'r mut [u8]> {
        self.rgb_from.and_then(|from| row.get_mut(from..from + self.slots.len()))
    }

    /// Stores the same bytes for each head.
    fn store_alike(&self, bytes: &[u8], row: &mut [u8]) {
        if let (&[red, green, blue], Some(pixels)) = (bytes, self.pixels(row)) {
            return pixels.as_chunks_mut().0.fill([red, green, blue]);
        }
        for slots in self.slots.chunks_exact(bytes.len()) {
            for (&slot, &byte) in slots.iter().zip(bytes) {
                if let Some(level) = row.get_mut(usize::from(slot)) {
                    *level = byte;
                }
            }
        }
    }
}

/// The bytes of pixels; one colour, or one level, stands for all.
#[inline(always)]
fn to_pixels(colors: &[Color], levels: &[f64], drives: &mut Vec<f64>, pixels: &mut [u8]) {
    drives.resize(pixels.len(), 0.0);
    let scaled =
        |color: &Color, scale: f64| [color.red * scale, color.green * scale, color.blue * scale];
    let (each, _) = drives.as_chunks_mut::<3>();
    match (colors, levels) {
        ([color], levels) => {
            for (out, &scale) in each.iter_mut().zip(levels) {
                *out = scaled(color, scale);
            }
        }
        (colors, [scale]) => {
            for (out, color) in each.iter_mut().zip(colors) {
                *out = scaled(color, *scale);
            }
        }
        (colors, levels) => {
            for ((out, color), &scale) in each.iter_mut().zip(colors).zip(levels) {
                *out = scaled(color, scale);
            }
        }
    }
    for (byte, &drive) in pixels.iter_mut().zip(drives.iter()) {
        *byte = to_byte(drive);
    }
}

/// The value of a channel from 0 to 255 for a drive from 0 to 1, as
/// [`crate::segment::along`] gives it.
#[inline(always)]
fn to_byte(drive: f64) -> u8 {
    whole_byte(255.0 * drive + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_whole_channels() {
        for step in -200..=100_200 {
            let drive = f64::from(step) / 100_000.0;
            let along = crate::segment::along(0, 255, drive);
            assert_eq!(u64::from(to_byte(drive)), along, "{drive}");
        }
        let ties = (0..=510).map(|half| f64::from(half) / 510.0);
        for drive in ties.chain([f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300]) {
            assert_eq!(u64::from(to_byte(drive)), crate::segment::along(0, 255, drive), "{drive}");
        }
    }
}
