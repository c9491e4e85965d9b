//! A cell: tracks to samples, samples to slots.
//!
//! Everything of a fixture that can be settled for the cell (which pieces apply, whether they
//! change) is settled before its frames are walked.

use std::ops::Range;
use std::sync::Arc;

use gobo_show::rig::DimmerCurve;
use gobo_show::value::Color;

use crate::attribute::Attribute;
use crate::bundle::{self, Run};
use crate::course::Times;
use crate::fixture::{ChannelPlan, Drive, FixturePlan, Part};
use crate::heads::HeadTracks;
use crate::meaning::{Emission, Inputs, Light, Meaning};
use crate::rigged::Placed;
use crate::strip::{Block, StripHead, StripRoom};
use crate::track::Room;
use crate::value::Value;

/// A fixture and the tracks of its heads.
#[derive(Clone, Debug)]
pub(crate) struct DrivenFixture {
    pub(crate) plan: Arc<FixturePlan>,
    /// Its heads, if they can be drawn in strips.
    pub(crate) strips: Option<Arc<[StripHead]>>,
    /// The tracks of its heads, in their order.
    pub(crate) heads: Vec<Run>,
}

/// Room to work in, kept from cell to cell.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    parts: Vec<Samples>,
    /// For each channel, its values over the frames; only triggers have them.
    triggers: Vec<Vec<u64>>,
    numbers: Room<f64>,
    colors: Room<Color>,
    pub(crate) times: Times,
    strips: StripRoom,
}

/// The attributes of a head over some frames; empty where nothing writes one.
#[derive(Debug, Default)]
struct Samples {
    color: Vec<Option<Color>>,
    /// The colour dimmed for the emitters, where there are any.
    dimmed: Vec<Option<Color>>,
    scalars: Vec<(Attribute, Vec<Option<f64>>)>,
    /// How many of `scalars` are of this fixture; the others wait to be used again.
    used: usize,
}

/// Renders `frames` of a block of `fixtures` to `rows`, each `width` slots wide.
pub(crate) fn render(
    block: &Block,
    fixtures: &[DrivenFixture],
    frames: &Range<u32>,
    rows: &mut [u8],
    width: usize,
    scratch: &mut Scratch,
) {
    if block.draw(frames, rows, width, &mut scratch.times, &mut scratch.strips) {
        return;
    }
    for fixture in &fixtures[block.fixtures.clone()] {
        fixture.render(frames, rows, width, scratch);
    }
}

impl Samples {
    fn clear(&mut self) {
        self.color.clear();
        self.dimmed.clear();
        self.used = 0;
    }

    fn scalar(&self, attribute: Attribute) -> Option<&[Option<f64>]> {
        let known = self.scalars[..self.used].iter().find(|known| known.0 == attribute)?;
        Some(&known.1)
    }

    /// Samples for `attribute`, all `None` if they are new.
    fn scalar_mut(&mut self, attribute: Attribute, frames: usize) -> &mut [Option<f64>] {
        let known = self.scalars[..self.used].iter().position(|known| known.0 == attribute);
        let index = known.unwrap_or_else(|| {
            if self.used == self.scalars.len() {
                self.scalars.push((attribute, Vec::new()));
            }
            let (name, samples) = &mut self.scalars[self.used];
            *name = attribute;
            samples.clear();
            samples.resize(frames, None);
            self.used += 1;
            self.used - 1
        });
        &mut self.scalars[index].1
    }
}

impl DrivenFixture {
    /// What of a fixture lies in one universe; `heads` are those of the whole fixture.
    pub(crate) fn new(place: &Placed, heads: &[Run]) -> Self {
        let heads = match &place.part {
            Some((piece, kept)) => bundle::of_piece(heads, piece, kept),
            None => heads.to_vec(),
        };
        Self { plan: Arc::clone(&place.plan), strips: place.strips.clone(), heads }
    }

    /// The tracks of each head, and which member of their bundle it is.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (&Arc<HeadTracks>, usize)> {
        let members = |run: &Run| run.members.clone();
        self.heads.iter().flat_map(move |run| members(run).map(move |member| (&run.tracks, member)))
    }

    /// Whether its slots are the same in all of `frames`.
    pub(crate) fn is_steady(&self, frames: &Range<u32>) -> bool {
        self.heads.iter().all(|run| run.tracks.are_steady(frames, &run.members))
    }

    /// Renders `frames` to `rows`, each `width` slots wide; slots beyond are left out.
    pub(crate) fn render(
        &self,
        frames: &Range<u32>,
        rows: &mut [u8],
        width: usize,
        scratch: &mut Scratch,
    ) {
        self.sample(frames, scratch);
        scratch
            .triggers
            .resize_with(self.plan.channels.len().max(scratch.triggers.len()), Vec::new);
        for &channel in &self.plan.order {
            self.channel(channel, frames.len(), rows, width, scratch);
        }
    }

    fn sample(&self, frames: &Range<u32>, scratch: &mut Scratch) {
        let count = frames.len();
        let parts = self.plan.parts.len();
        scratch.parts.resize_with(parts.max(scratch.parts.len()), Samples::default);
        let Scratch { parts: samples, numbers, colors, times, .. } = scratch;
        samples[..parts].iter_mut().for_each(Samples::clear);
        let mut heads = 0;
        let driven = samples.iter_mut().zip(self.heads()).zip(&self.plan.parts);
        for ((samples, (tracks, member)), part) in driven {
            heads += 1;
            if !tracks.color.is_empty() {
                samples.color.resize(count, None);
                tracks.color.fill(frames, member, &mut samples.color, colors, times);
            }
            for (attribute, track) in &tracks.scalars {
                let out = samples.scalar_mut(*attribute, count);
                track.fill(frames, member, out, numbers, times);
                if *attribute == Attribute::Dimmer && self.plan.curve != DimmerCurve::Linear {
                    let curve = self.plan.curve;
                    out.iter_mut().flatten().for_each(|level| *level = curve.of(*level));
                }
            }
            if !tracks.masters.is_empty() {
                samples.under_masters(frames, tracks, part);
            }
        }
        if parts > heads
            && let Some((whole, heads)) = samples[..parts].split_last_mut()
        {
            whole.gather(heads, count);
            if self.plan.has_master {
                heads.iter_mut().for_each(|head| head.under_master(whole, count));
            }
        }
        for (samples, part) in samples.iter_mut().zip(&self.plan.parts) {
            samples.dim(part, count);
        }
    }

    fn channel(
        &self,
        index: usize,
        count: usize,
        rows: &mut [u8],
        width: usize,
        scratch: &mut Scratch,
    ) {
        let channel = &self.plan.channels[index];
        let part = &self.plan.parts[channel.part];
        let samples = &scratch.parts[channel.part];
        let reader = Reader::new(samples, index, &channel.drive);
        if let Some((meaning, emission)) = reader.emission(part, &channel.drive)
            && !self.plan.is_trigger[index]
        {
            for (frame, row) in rows.chunks_exact_mut(width).take(count).enumerate() {
                let value = match samples.dimmed[frame] {
                    Some(dimmed) => emission.value(dimmed),
                    None => meaning.value(&reader.inputs(part, frame)),
                };
                channel.store(value, row);
            }
            return;
        }
        let mut values = std::mem::take(&mut scratch.triggers[index]);
        values.clear();
        let is_fixed = matches!(*channel.drive, Drive::Fixed(_));
        let is_silent = is_fixed && reader.is_silent();
        // What is written raw decides it alone, and mostly stays from frame to frame.
        let mut last: Option<(Option<f64>, u64)> = None;
        for frame in 0..count {
            let raw = at(reader.raw, frame);
            let value = match last {
                Some((before, value)) if raw == before => value,
                _ => {
                    let trigger = |at: usize| scratch.triggers[at].get(frame).copied().unwrap_or(0);
                    channel.drive.meaning(trigger).value(&reader.inputs(part, frame))
                }
            };
            last = (is_silent || is_fixed && raw.is_some()).then_some((raw, value));
            if self.plan.is_trigger[index] {
                values.push(value);
            }
            channel.store(value, &mut rows[frame * width..(frame + 1) * width]);
        }
        scratch.triggers[index] = values;
    }
}

impl Samples {
    /// Gathers what the fixture as a whole does from its heads: the highest dimmer, and of the
    /// rest what the first head that writes it says.
    fn gather(&mut self, heads: &[Self], count: usize) {
        for head in heads {
            if !head.color.is_empty() {
                self.color.resize(count, None);
                for (whole, head) in self.color.iter_mut().zip(&head.color) {
                    *whole = whole.or(*head);
                }
            }
            for (attribute, samples) in &head.scalars[..head.used] {
                let whole = self.scalar_mut(*attribute, count);
                for (whole, head) in whole.iter_mut().zip(samples) {
                    *whole = match (*whole, *head) {
                        (Some(a), Some(b)) if *attribute == Attribute::Dimmer => Some(a.max(b)),
                        (whole, head) => whole.or(head),
                    };
                }
            }
        }
    }

    /// Lowers the dimmer by the head's masters, or the colour where no dimmer is written.
    fn under_masters(&mut self, frames: &Range<u32>, tracks: &HeadTracks, part: &Part) {
        let rest = part.rest(Attribute::Dimmer).filter(|rest| *rest > 0.0 && !part.dims_emitters);
        if rest.is_some() {
            self.scalar_mut(Attribute::Dimmer, frames.len());
        }
        for (at, frame) in frames.clone().enumerate() {
            let Some(left) = tracks.mastered(frame).filter(|left| *left < 1.0) else { continue };
            let scalars = &mut self.scalars[..self.used];
            let levels = scalars.iter_mut().find(|known| known.0 == Attribute::Dimmer);
            let level = levels.map(|(_, levels)| &mut levels[at]);
            match level {
                Some(level) if level.or(rest).is_some() => {
                    *level = level.or(rest).map(|level| level * left);
                }
                _ => {
                    let dimmed = self.color.get_mut(at).filter(|_| part.dims_emitters);
                    dimmed.into_iter().flatten().for_each(|color| {
                        *color = Color::default().mix(*color, left);
                    });
                    let emitters =
                        scalars.iter_mut().filter(|known| matches!(known.0, Attribute::Emitter(_)));
                    for (_, levels) in emitters.filter(|_| part.dims_emitters) {
                        levels[at] = levels[at].map(|level| level * left);
                    }
                }
            }
        }
    }

    /// Dims the colour for the emitters of `part`, once for all of them.
    fn dim(&mut self, part: &Part, count: usize) {
        if part.emitters.is_empty() {
            return;
        }
        let mut dimmed = std::mem::take(&mut self.dimmed);
        let (level, color) = (self.scalar(Attribute::Dimmer), &self.color);
        dimmed.extend((0..count).map(|frame| light(part, level, color, frame).dimmed()));
        self.dimmed = dimmed;
    }

    /// Turns the head's dimmer to what is left to do behind the fixture's.
    fn under_master(&mut self, whole: &Self, count: usize) {
        let Some(master) = whole.scalar(Attribute::Dimmer) else { return };
        if self.scalar(Attribute::Dimmer).is_none() {
            return;
        }
        for (head, master) in self.scalar_mut(Attribute::Dimmer, count).iter_mut().zip(master) {
            if let (Some(level), Some(master)) = (head, master) {
                *level = if *master > 0.0 { *level / master } else { 0.0 };
            }
        }
    }
}

/// The samples that one channel reads.
struct Reader<'a> {
    raw: Option<&'a [Option<f64>]>,
    emitter: Option<&'a [Option<f64>]>,
    level: Option<&'a [Option<f64>]>,
    color: &'a [Option<Color>],
    strobe: Option<&'a [Option<f64>]>,
    pan: Option<&'a [Option<f64>]>,
    tilt: Option<&'a [Option<f64>]>,
    beam: Option<&'a [Option<f64>]>,
}

impl<'a> Reader<'a> {
    fn new(samples: &'a Samples, channel: usize, drive: &Drive) -> Self {
        let beam = drive.beam().and_then(|parameter| samples.scalar(Attribute::Beam(parameter)));
        let emitter = drive.emitter().and_then(|one| samples.scalar(Attribute::Emitter(one)));
        Self {
            raw: samples.scalar(Attribute::Raw(channel as u32)),
            emitter,
            level: samples.scalar(Attribute::Dimmer),
            color: &samples.color,
            strobe: samples.scalar(Attribute::Strobe),
            pan: samples.scalar(Attribute::Pan),
            tilt: samples.scalar(Attribute::Tilt),
            beam,
        }
    }

    /// What a channel that is an emitter and nothing else does.
    fn emission(&self, part: &Part, drive: &'a Drive) -> Option<(&'a Meaning, Emission<'a>)> {
        let Drive::Fixed(meaning) = drive else { return None };
        let emission = meaning
            .emission(part.emitters)
            .filter(|_| self.raw.is_none() && self.emitter.is_none())?;
        Some((meaning, emission))
    }

    /// Whether nothing is written to it, or it alone is.
    fn is_silent(&self) -> bool {
        let read = [self.emitter, self.level, self.strobe, self.pan, self.tilt, self.beam];
        self.color.is_empty() && read.iter().all(Option::is_none)
    }

    fn light(&self, part: &Part, frame: usize) -> Light {
        light(part, self.level, self.color, frame)
    }

    fn inputs(&self, part: &Part, frame: usize) -> Inputs {
        Inputs {
            light: self.light(part, frame),
            raw: at(self.raw, frame),
            emitter: at(self.emitter, frame),
            shutter_dims: part.shutter_dims,
            strobe_hz: at(self.strobe, frame),
            pan_deg: at(self.pan, frame),
            tilt_deg: at(self.tilt, frame),
            beam: at(self.beam, frame),
        }
    }
}

/// What the light of a part is driven by in a frame.
fn light(
    part: &Part,
    level: Option<&[Option<f64>]>,
    color: &[Option<Color>],
    frame: usize,
) -> Light {
    part.light(at(level, frame), color.get(frame).copied().flatten())
}

fn at(samples: Option<&[Option<f64>]>, frame: usize) -> Option<f64> {
    samples.and_then(|samples| samples[frame])
}

impl ChannelPlan {
    /// Stores a value in the slots of a row, the coarsest first.
    fn store(&self, value: u64, row: &mut [u8]) {
        let bytes = value.to_be_bytes();
        if let ([slot], [.., byte]) = (self.slots.as_slice(), bytes) {
            if let Some(level) = row.get_mut(usize::from(*slot)) {
                *level = byte;
            }
            return;
        }
        let first = bytes.len().saturating_sub(self.slots.len());
        for (&slot, &byte) in self.slots.iter().zip(&bytes[first..]) {
            if let Some(level) = row.get_mut(usize::from(slot)) {
                *level = byte;
            }
        }
    }
}
