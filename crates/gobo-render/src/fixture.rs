//! A patched fixture, ready to be driven: which of its channels serve which attribute of which
//! head, and in which order they are worked out.

use std::sync::Arc;

use gobo_show::effect::BeamParameter;
use gobo_show::rig::{
    Capability, Channel, DimmerCurve, Emitter, Fixture, Function, HeadIndex, Rig,
};
use gobo_show::value::Color;

use crate::aim::Mount;
use crate::attribute::Attribute;
use crate::color::Hsv;
use crate::emitters::EmitterSet;
use crate::fingerprint::Fingerprint;
use crate::meaning::{BeamRanges, Emission, Light, Meaning};
use crate::segment::{Segment, extent};
use crate::span::{ELSEWHERE, Piece};

const WHITE: Color = Color { red: 1.0, green: 1.0, blue: 1.0 };

/// A fixture's channels and heads.
#[derive(Clone, Debug)]
pub(crate) struct FixturePlan {
    /// Its channels, as in the rig.
    pub(crate) channels: Vec<ChannelPlan>,
    /// Indices of `channels`, triggers before those that they switch.
    pub(crate) order: Vec<usize>,
    /// For each of `channels`, whether another is switched by it.
    pub(crate) is_trigger: Vec<bool>,
    /// Its heads, then the fixture as a whole if it has more than one.
    pub(crate) parts: Vec<Part>,
    pub(crate) ranges: BeamRanges,
    /// Whether one dimmer channel stands before several heads.
    pub(crate) has_master: bool,
    /// How levels become light.
    pub(crate) curve: DimmerCurve,
    /// For each of `parts`, the channels that it reaches: its own and the fixture's.
    reach: Vec<Vec<usize>>,
    /// Stands for all that the plan was made of.
    pub(crate) fingerprint: u128,
}

/// A channel and what drives it.
#[derive(Clone, Debug)]
pub(crate) struct ChannelPlan {
    /// Its slots, 0-based in the universe, coarsest first; of a fixture over several universes
    /// they count on, until it is cut to one of them.
    pub(crate) slots: Vec<u16>,
    /// The head it belongs to, or the fixture as a whole: an index into [`FixturePlan::parts`].
    pub(crate) part: usize,
    /// Channels alike share it: of a strip of pixels there are three.
    pub(crate) drive: Arc<Drive>,
}

/// What a channel's value is worked out from.
#[derive(Clone, Debug)]
pub(crate) enum Drive {
    Fixed(Meaning),
    /// By the value of another channel.
    Switched {
        trigger: usize,
        cases: Vec<(u64, u64, Meaning)>,
        otherwise: Meaning,
    },
}

impl Drive {
    /// The meaning while the trigger has the value `trigger`.
    pub(crate) fn meaning(&self, trigger: impl FnOnce(usize) -> u64) -> &Meaning {
        match self {
            Self::Fixed(meaning) => meaning,
            Self::Switched { trigger: channel, cases, otherwise } => {
                let value = trigger(*channel);
                cases
                    .iter()
                    .find(|(from, to, _)| (*from..=*to).contains(&value))
                    .map_or(otherwise, |(.., meaning)| meaning)
            }
        }
    }

    /// The beam parameter that the channel serves.
    pub(crate) fn beam(&self) -> Option<BeamParameter> {
        self.meanings().find_map(|meaning| meaning.beam.as_ref()).map(|beam| beam.0)
    }

    /// The emitter that the channel drives first.
    pub(crate) fn emitter(&self) -> Option<Emitter> {
        self.meanings().find_map(|meaning| meaning.emitters.first()).map(|emitter| emitter.0)
    }

    fn meanings(&self) -> impl Iterator<Item = &Meaning> {
        let (fixed, cases) = match self {
            Self::Fixed(meaning) => (Some(meaning), [].as_slice()),
            Self::Switched { cases, .. } => (None, cases.as_slice()),
        };
        fixed.into_iter().chain(cases.iter().map(|(.., meaning)| meaning))
    }
}

/// A head, or the fixture as a whole: what its channels can show.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) mount: Mount,
    pub(crate) emitters: EmitterSet,
    /// Whether its emitters dim by themselves, for want of a dimmer channel of its own.
    pub(crate) dims_emitters: bool,
    /// Whether only its shutter can make it dark.
    pub(crate) shutter_dims: bool,
    /// Whether it chooses colours from presets only, so that its dimmer carries how bright they
    /// are.
    pub(crate) presets_only: bool,
    /// Whether it makes colours by hue and saturation, so that its dimmer carries how bright they
    /// are.
    by_hue: bool,
    /// The colour that it shows when its dimmer is driven and no colour is: white where its
    /// emitters are dark by themselves, `None` where they keep their balance.
    pub(crate) plain: Option<Color>,
    /// The attributes that it has, with the values that they rest at.
    attributes: Vec<(Attribute, f64)>,
}

impl Part {
    /// What `attribute` rests at while nothing writes it; `None` where the head has no such.
    pub(crate) fn rest(&self, attribute: Attribute) -> Option<f64> {
        self.attributes.iter().find(|known| known.0 == attribute).map(|known| known.1)
    }

    /// Whether another can be written as this one is, wherever the two hang.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let Self { mount, emitters, dims_emitters, shutter_dims, presets_only, .. } = self;
        (mount.pan_deg, mount.tilt_deg) == (other.mount.pan_deg, other.mount.tilt_deg)
            && *emitters == other.emitters
            && (*dims_emitters, *shutter_dims) == (other.dims_emitters, other.shutter_dims)
            && (*presets_only, self.by_hue) == (other.presets_only, other.by_hue)
            && self.plain == other.plain
            && self.attributes == other.attributes
    }

    /// Whether it can show a colour.
    pub(crate) fn has_color(&self) -> bool {
        !self.emitters.is_empty() || self.presets_only || self.by_hue
    }

    /// The colour that shows while none is written; `is_lit` says whether the dimmer is up.
    pub(crate) fn unsaid(&self, is_lit: bool) -> Color {
        self.plain.filter(|_| is_lit).unwrap_or_default()
    }

    /// What its light is driven by, from what is written on it.
    pub(crate) fn light(&self, level: Option<f64>, color: Option<Color>) -> Light {
        let level = match color {
            Some(color) if self.by_hue || self.presets_only => {
                level.map(|level| level * Hsv::of(color).value)
            }
            _ => level,
        };
        Light {
            level,
            color: color.or(self.plain.filter(|_| level.is_some())),
            scale: if self.dims_emitters { level.unwrap_or(1.0) } else { 1.0 },
            emitters: self.emitters,
            driven: level.is_some() || (self.dims_emitters && color.is_some()),
        }
    }
}

impl FixturePlan {
    pub(crate) fn new(rig: &Rig, fixture: &Fixture) -> Self {
        let ranges = BeamRanges::new(fixture.channels.iter().flat_map(Channel::capabilities));
        let heads = fixture.heads.len();
        let mut known: Vec<(&Channel, Arc<Drive>)> = Vec::new();
        let mut shared = |channel| {
            let like = known.iter().rev().take(8).find(|(other, _)| is_driven_like(channel, other));
            let drive = like.map(|(_, drive)| Arc::clone(drive));
            drive.unwrap_or_else(|| {
                known.push((channel, Arc::new(drive_of(channel, &ranges, fixture))));
                Arc::clone(&known[known.len() - 1].1)
            })
        };
        let channels: Vec<ChannelPlan> = fixture
            .channels
            .iter()
            .map(|channel| ChannelPlan {
                slots: channel.slots.clone(),
                part: part_of(fixture, channel.head),
                drive: shared(channel),
            })
            .collect();
        let count = if heads == 1 { 1 } else { heads + 1 };
        let reach = reach_of(&channels, count);
        let parts = (0..count).map(|part| {
            let head = fixture.heads.start + part as HeadIndex;
            let position = rig.heads.get(head as usize).map_or(fixture.position, |h| h.position);
            plan_part(fixture, &channels, &reach[part], part, position)
        });
        let has_master =
            count > 1 && channels.iter().any(|channel| channel.part == heads && dims(channel));
        Self {
            parts: parts.collect(),
            order: order(&channels),
            is_trigger: triggers(&channels),
            channels,
            ranges,
            has_master,
            curve: fixture.setup.curve,
            reach,
            fingerprint: fingerprint(fixture),
        }
    }

    /// The channels that a head reaches: its own and the fixture's.
    pub(crate) fn reached(&self, head: usize) -> impl Iterator<Item = usize> {
        self.reach[head].iter().copied()
    }

    /// For each head, what it shows while no colour is written, and the slots of its channels with
    /// what they emit and rest at: if each channel is an emitter of a head, and nothing else.
    #[expect(clippy::type_complexity, reason = "taken apart at once by its only caller")]
    pub(crate) fn simple_parts(&self) -> Option<Vec<(Color, Vec<(u16, Emission<'_>, u8)>)>> {
        let heads = if self.parts.len() > 1 { self.parts.len() - 1 } else { 1 };
        if self.has_master || self.curve != DimmerCurve::Linear {
            return None;
        }
        let mut parts = Vec::with_capacity(heads);
        for part in &self.parts[..heads] {
            if !part.dims_emitters || part.by_hue {
                return None;
            }
            parts.push((part.plain?, Vec::new()));
        }
        for channel in &self.channels {
            let Drive::Fixed(meaning) = &*channel.drive else { return None };
            let emission = meaning.emission(self.parts[channel.part].emitters)?;
            let ([slot], default) = (channel.slots.as_slice(), u8::try_from(meaning.default).ok()?)
            else {
                return None;
            };
            parts.get_mut(channel.part)?.1.push((*slot, emission, default));
        }
        Some(parts)
    }

    /// What of the plan lies in one universe, and the channels of the whole that it keeps. Slots
    /// that lie elsewhere are [`ELSEWHERE`].
    pub(crate) fn cut(&self, piece: &Piece) -> (Self, Vec<usize>) {
        let whole = self.parts.len() - 1;
        let shared = if self.parts.len() > 1 { Some(whole) } else { None };
        let parts: Vec<usize> = piece.heads.iter().copied().chain(shared).collect();
        let mut kept: Vec<usize> =
            parts.iter().flat_map(|&part| self.reach[part].iter().copied()).collect();
        if shared.is_some() {
            // The fixture as a whole reaches all channels; here only those of these parts stay.
            kept.retain(|&channel| parts.binary_search(&self.channels[channel].part).is_ok());
        }
        kept.sort_unstable();
        kept.dedup();
        let mut hash = Fingerprint::new();
        hash.wide(self.fingerprint);
        hash.integer(piece.before as u64);
        let place = |all: &[usize], one| all.binary_search(&one).unwrap_or_default();
        let channels: Vec<ChannelPlan> = kept
            .iter()
            .map(|&index| {
                let channel = &self.channels[index];
                let slots = channel.slots.iter().map(|&slot| piece.slot(slot).unwrap_or(ELSEWHERE));
                let mut drive = Arc::clone(&channel.drive);
                if matches!(*drive, Drive::Switched { .. })
                    && let Drive::Switched { trigger, .. } = Arc::make_mut(&mut drive)
                {
                    *trigger = place(&kept, *trigger);
                }
                ChannelPlan { slots: slots.collect(), part: place(&parts, channel.part), drive }
            })
            .collect();
        let is_trigger = triggers(&channels);
        let mut order = order(&channels);
        let is_here = |channel: &ChannelPlan| channel.slots.iter().any(|&slot| slot != ELSEWHERE);
        order.retain(|&index| is_trigger[index] || is_here(&channels[index]));
        let plan = Self {
            order,
            is_trigger,
            reach: reach_of(&channels, parts.len()),
            channels,
            parts: parts.iter().map(|&part| self.parts[part].clone()).collect(),
            ranges: self.ranges.clone(),
            has_master: self.has_master,
            curve: self.curve,
            fingerprint: hash.digest(),
        };
        (plan, kept)
    }
}

/// For each of `count` parts the channels that it reaches, rising; the last part, if it is not
/// the only one, reaches all.
fn reach_of(channels: &[ChannelPlan], count: usize) -> Vec<Vec<usize>> {
    let whole = count - 1;
    let mut reach: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, channel) in channels.iter().enumerate() {
        reach[channel.part].push(index);
    }
    let shared = std::mem::take(&mut reach[whole]);
    for own in &mut reach[..whole] {
        own.extend_from_slice(&shared);
        own.sort_unstable();
    }
    reach[whole] = if whole == 0 { shared } else { (0..channels.len()).collect() };
    reach
}

fn part_of(fixture: &Fixture, head: Option<HeadIndex>) -> usize {
    let heads = fixture.heads.len();
    match head {
        Some(head) if fixture.heads.contains(&head) => (head - fixture.heads.start) as usize,
        _ if heads == 1 => 0,
        _ => heads,
    }
}

/// Whether all that decides a channel's drive is the same.
fn is_driven_like(channel: &Channel, other: &Channel) -> bool {
    (channel.default, channel.arm, channel.max()) == (other.default, other.arm, other.max())
        && channel.function == other.function
}

fn drive_of(channel: &Channel, ranges: &BeamRanges, fixture: &Fixture) -> Drive {
    let meaning = |default: u64, capabilities: &[Capability]| {
        let default = channel.arm.unwrap_or(default);
        Meaning::new(default, channel.max(), capabilities, ranges, &fixture.setup)
    };
    match &channel.function {
        Function::Switched { trigger, cases } if (*trigger as usize) < fixture.channels.len() => {
            Drive::Switched {
                trigger: *trigger as usize,
                cases: cases
                    .iter()
                    .map(|case| (case.from, case.to, meaning(case.default, &case.capabilities)))
                    .collect(),
                otherwise: meaning(channel.default, &[]),
            }
        }
        Function::Switched { .. } => Drive::Fixed(meaning(channel.default, &[])),
        Function::Fixed(capabilities) => Drive::Fixed(meaning(channel.default, capabilities)),
    }
}

/// Triggers first; a channel whose trigger leads back to itself comes in the fixture's order.
fn order(channels: &[ChannelPlan]) -> Vec<usize> {
    let mut order = Vec::with_capacity(channels.len());
    let mut placed = vec![false; channels.len()];
    for channel in 0..channels.len() {
        let mut chain = Vec::new();
        let mut next = Some(channel);
        while let Some(at) = next.take() {
            if !placed[at] {
                placed[at] = true;
                chain.push(at);
                if let Drive::Switched { trigger, .. } = *channels[at].drive {
                    next = Some(trigger);
                }
            }
        }
        order.extend(chain.into_iter().rev());
    }
    order
}

fn triggers(channels: &[ChannelPlan]) -> Vec<bool> {
    let mut triggers = vec![false; channels.len()];
    for channel in channels {
        if let Drive::Switched { trigger, .. } = *channel.drive {
            triggers[trigger] = true;
        }
    }
    triggers
}

fn dims(channel: &ChannelPlan) -> bool {
    channel.drive.meanings().any(|meaning| !meaning.intensity.is_empty())
}

fn plan_part(
    fixture: &Fixture,
    channels: &[ChannelPlan],
    reach: &[usize],
    part: usize,
    position: [f64; 3],
) -> Part {
    // The whole fixture's channels light all its heads, so they count all its emitters.
    let reached = || reach.iter().map(|&index| &channels[index]);
    let meanings = || reached().flat_map(|channel| channel.drive.meanings());
    let own = |channel: &&ChannelPlan| channel.part == part;
    let mut emitters = EmitterSet::new(fixture.setup.white);
    meanings()
        .flat_map(|meaning| &meaning.emitters)
        .for_each(|(emitter, _)| emitters.insert(*emitter));
    let rest_drive =
        |(meaning, emitter): (&Meaning, &(_, Segment))| emitter.1.read(meaning.default);
    let is_dark = meanings()
        .flat_map(|meaning| meaning.emitters.iter().map(move |emitter| (meaning, emitter)))
        .filter_map(rest_drive)
        .all(|drive| drive == 0.0);
    let by_hue = !emitters.mixes() && meanings().any(|meaning| !meaning.hue.is_empty());
    let dimmed = reached().filter(own).any(dims);
    Part {
        mount: Mount {
            position,
            rotation_deg: fixture.rotation_deg,
            pan_deg: turns(meanings().flat_map(|meaning| &meaning.pan)),
            tilt_deg: turns(meanings().flat_map(|meaning| &meaning.tilt)),
        },
        emitters,
        dims_emitters: !dimmed,
        shutter_dims: emitters.is_empty() && !reached().any(dims),
        presets_only: emitters.is_empty()
            && !by_hue
            && meanings().any(|meaning| !meaning.colors.is_empty()),
        by_hue,
        plain: (emitters.adds() && is_dark).then_some(WHITE),
        attributes: attributes(meanings()),
    }
}

fn turns<'a>(segments: impl Iterator<Item = &'a Segment>) -> [f64; 2] {
    extent(segments).map_or([0.0; 2], |(low, high)| [low, high])
}

/// The attributes that channels serve, each with what it rests at.
fn attributes<'a>(meanings: impl Iterator<Item = &'a Meaning>) -> Vec<(Attribute, f64)> {
    let mut attributes: Vec<(Attribute, f64)> = Vec::new();
    let mut add = |attribute: Attribute, segments: &[Segment], default: u64| {
        if attributes.iter().all(|known| known.0 != attribute) {
            let rest = segments.iter().find_map(|segment| segment.read(default));
            attributes.push((attribute, rest.unwrap_or(0.0)));
        }
    };
    for meaning in meanings {
        for (attribute, segments) in [
            (Attribute::Dimmer, &meaning.intensity),
            (Attribute::Pan, &meaning.pan),
            (Attribute::Tilt, &meaning.tilt),
        ] {
            if !segments.is_empty() {
                add(attribute, segments, meaning.default);
            }
        }
        if meaning.has_shutter() {
            add(Attribute::Strobe, &[], meaning.default);
        }
        for (emitter, segment) in &meaning.emitters {
            add(Attribute::Emitter(*emitter), std::slice::from_ref(segment), meaning.default);
        }
        if let Some((parameter, segments)) = &meaning.beam {
            add(Attribute::Beam(*parameter), segments, meaning.default);
        }
    }
    // Whatever shines can be dimmed: by its emitters or its shutter, from dark.
    add(Attribute::Dimmer, &[], 0);
    attributes
}

/// Everything about a fixture that its slots depend on, wherever it stands in the rig.
fn fingerprint(fixture: &Fixture) -> u128 {
    let mut hash = Fingerprint::new();
    hash.integer(fixture.heads.len() as u64);
    if !fixture.setup.is_default() {
        hash.whole(&fixture.setup);
    }
    for channel in &fixture.channels {
        hash.integer(part_of(fixture, channel.head) as u64);
        hash.whole(&(&channel.slots, channel.default, channel.arm, &channel.function));
    }
    hash.digest()
}
