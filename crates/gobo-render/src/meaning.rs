//! What the values of a channel mean, sorted by the attribute that they serve.

use gobo_show::effect::BeamParameter;
use gobo_show::rig::{Action, Axis, Capability, Emitter, Rate, Setup, Unit};
use gobo_show::value::{Amount, Color};

use crate::color::{Hsv, brightest, distance};
use crate::emitters::{EmitterSet, Share};
use crate::segment::{Segment, along, extent, middle, value_of};

/// The strobe rate, in hertz, of the fast end of a range whose profile gives no hertz.
pub(crate) const FASTEST_HZ: f64 = 25.0;

/// What the light of a head is driven by in one frame; `None` where nothing writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Light {
    /// The level for a dimmer channel.
    pub(crate) level: Option<f64>,
    /// The colour, not dimmed.
    pub(crate) color: Option<Color>,
    /// What emitters are dimmed by.
    pub(crate) scale: f64,
    /// The emitters that share the colour.
    pub(crate) emitters: EmitterSet,
    /// Whether light is asked for by any attribute.
    pub(crate) driven: bool,
}

impl Light {
    /// The colour, dimmed for the emitters.
    pub(crate) fn dimmed(&self) -> Option<Color> {
        let dim = |part| part * self.scale;
        let Color { red, green, blue } = self.color?;
        Some(Color { red: dim(red), green: dim(green), blue: dim(blue) })
    }
}

/// What a channel is driven by in one frame; `None` where nothing writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs {
    pub(crate) light: Light,
    /// A fraction of the whole channel, before all else.
    pub(crate) raw: Option<f64>,
    /// The drive of the channel's emitter by name, before its share of the colour.
    pub(crate) emitter: Option<f64>,
    /// Whether only the shutter can make it dark.
    pub(crate) shutter_dims: bool,
    pub(crate) strobe_hz: Option<f64>,
    pub(crate) pan_deg: Option<f64>,
    pub(crate) tilt_deg: Option<f64>,
    pub(crate) beam: Option<f64>,
}

/// The meaning of a channel's values, ready to be driven.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Meaning {
    pub(crate) default: u64,
    max: u64,
    pub(crate) intensity: Vec<Segment>,
    pub(crate) emitters: Vec<(Emitter, Segment)>,
    pub(crate) strobe: Vec<Segment>,
    open: Option<u64>,
    closed: Option<u64>,
    pub(crate) colors: Vec<(Color, u64)>,
    /// Hue, in turns of the circle.
    pub(crate) hue: Vec<Segment>,
    pub(crate) saturation: Vec<Segment>,
    pub(crate) pan: Vec<Segment>,
    pub(crate) tilt: Vec<Segment>,
    pub(crate) beam: Option<(BeamParameter, Vec<Segment>)>,
    /// The value that does nothing.
    off: Option<u64>,
    /// Whether it is one emitter and nothing else.
    is_emitter: bool,
}

impl Meaning {
    pub(crate) fn new(
        default: u64,
        max: u64,
        capabilities: &[Capability],
        ranges: &BeamRanges,
        setup: &Setup,
    ) -> Self {
        let mut meaning = Self { default, max, ..Self::default() };
        capabilities.iter().for_each(|capability| meaning.learn(capability, ranges));
        meaning.orient(setup);
        meaning.is_emitter = !meaning.emitters.is_empty()
            && meaning.intensity.is_empty()
            && !meaning.has_shutter()
            && meaning.colors.is_empty()
            && meaning.hue.is_empty()
            && meaning.saturation.is_empty()
            && meaning.pan.is_empty()
            && meaning.tilt.is_empty()
            && meaning.beam.is_none();
        meaning
    }

    fn learn(&mut self, capability: &Capability, ranges: &BeamRanges) {
        let (from, to) = (capability.from, capability.to);
        let segment = |first: f64, last: f64| Segment { from, to, first, last };
        // A default that already does the thing stays.
        let usual = match (from..=to).contains(&self.default) {
            true => self.default,
            false => middle(from, to),
        };
        match &capability.action {
            Action::None => _ = self.off.get_or_insert(usual),
            Action::Intensity(first, last) => self.intensity.push(segment(*first, *last)),
            Action::Emitter(emitter, first, last) => {
                self.emitters.push((*emitter, segment(*first, *last)));
            }
            Action::ShutterOpen => _ = self.open.get_or_insert(usual),
            Action::ShutterClosed => _ = self.closed.get_or_insert(usual),
            Action::Strobe(first, last) => self.strobe.push(segment(hertz(*first), hertz(*last))),
            Action::Hue(first, last) => self.hue.push(segment(*first, *last)),
            Action::Saturation(first, last) => self.saturation.push(segment(*first, *last)),
            Action::Pan(first, last) => self.pan.push(segment(*first, *last)),
            Action::Tilt(first, last) => self.tilt.push(segment(*first, *last)),
            Action::Color(color, None) => self.colors.push((*color, usual)),
            Action::Beam(parameter, unit, first, last) => {
                let Some([first, last]) = ranges.fractions(*parameter, *unit, [*first, *last])
                else {
                    return;
                };
                let (known, segments) = self.beam.get_or_insert_with(|| (*parameter, Vec::new()));
                if known == parameter {
                    segments.push(segment(first, last));
                }
            }
            Action::Color(_, Some(_)) | Action::WheelSlot(..) | Action::Other(_) => {}
        }
    }

    /// Counts pan and tilt as cues do: from home, turned and limited as the venue says.
    fn orient(&mut self, setup: &Setup) {
        if setup.swap_pan_tilt {
            std::mem::swap(&mut self.pan, &mut self.tilt);
        }
        let Self { pan, tilt, default, .. } = self;
        for (segments, axis) in [(pan, &setup.pan), (tilt, &setup.tilt)] {
            let Some((low, high)) = extent(segments.iter()) else { continue };
            let middle = f64::midpoint(low, high);
            for segment in segments.iter_mut() {
                segment.first = axis.of_profile(segment.first - middle);
                segment.last = axis.of_profile(segment.last - middle);
            }
            *default = limit(segments, axis, *default);
        }
    }

    /// Whether the channel strobes, opens or closes.
    pub(crate) fn has_shutter(&self) -> bool {
        self.open.is_some() || self.closed.is_some() || !self.strobe.is_empty()
    }

    /// The value, at the channel's full resolution, that `inputs` ask for.
    pub(crate) fn value(&self, inputs: &Inputs) -> u64 {
        if let Some(raw) = inputs.raw {
            return along(0, self.max, raw);
        }
        if let Some(drive) = inputs.emitter
            && let Some(value) = self.driven(drive * inputs.light.scale)
        {
            return value;
        }
        self.light(inputs)
            .or_else(|| value_of(&self.pan, inputs.pan_deg?))
            .or_else(|| value_of(&self.tilt, inputs.tilt_deg?))
            .or_else(|| self.beam(inputs.beam?))
            .unwrap_or(self.default)
    }

    /// Strobe, dimmer, shutter, emitters and colour presets, in the order in which they win.
    fn light(&self, inputs: &Inputs) -> Option<u64> {
        let light = &inputs.light;
        let dark = light.level == Some(0.0);
        if let Some(hertz) = inputs.strobe_hz.filter(|&hertz| hertz > 0.0 && !dark)
            && let Some(value) = value_of(&self.strobe, hertz)
        {
            return Some(value);
        }
        if let Some(value) = light.level.and_then(|level| value_of(&self.intensity, level)) {
            return Some(value);
        }
        if self.open.is_some() && light.driven {
            let close = dark && inputs.shutter_dims;
            return self.closed.filter(|_| close).or(self.open);
        }
        // A preset over mixed emitters would hide what they mix.
        let preset = || self.preset(light.color.filter(|_| !light.emitters.mixes())?);
        self.emitted(light).or_else(|| self.hued(light)).or_else(preset)
    }

    /// The value of a hue or saturation channel.
    fn hued(&self, light: &Light) -> Option<u64> {
        if self.hue.is_empty() && self.saturation.is_empty() || light.emitters.mixes() {
            return None;
        }
        let Hsv { hue, saturation, .. } = Hsv::of(light.color?);
        value_of(&self.hue, hue).or_else(|| value_of(&self.saturation, saturation))
    }

    /// What the channel does beside others of `emitters`, if it is one of them with one range of
    /// values and nothing else, as most channels of most rigs are.
    pub(crate) fn emission(&self, emitters: EmitterSet) -> Option<Emission<'_>> {
        let [(emitter, segment)] = self.emitters.as_slice() else { return None };
        self.is_emitter.then(|| Emission { share: emitters.share(*emitter), segment })
    }

    /// The value of an emitter's channel.
    fn emitted(&self, light: &Light) -> Option<u64> {
        let (emitter, segment) = self.emitters.first()?;
        let drive = match light.dimmed() {
            Some(color) => light.emitters.share(*emitter).of(color),
            // Without a colour the emitters keep their own balance.
            None if light.scale < 1.0 => segment.read(self.default)? * light.scale,
            None => return None,
        };
        self.driven(drive)
    }

    /// The value that drives the channel's emitter.
    fn driven(&self, drive: f64) -> Option<u64> {
        let (emitter, _) = self.emitters.first()?;
        value_of(
            self.emitters.iter().filter(|other| other.0 == *emitter).map(|other| &other.1),
            drive,
        )
    }

    /// The preset that looks most like the colour, however bright; black chooses none.
    fn preset(&self, color: Color) -> Option<u64> {
        let wanted = brightest(color)?;
        self.colors
            .iter()
            .map(|(preset, value)| (distance(brightest(*preset).unwrap_or(*preset), wanted), value))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, value)| *value)
    }

    fn beam(&self, fraction: f64) -> Option<u64> {
        let (_, segments) = self.beam.as_ref()?;
        let nothing = extent(segments).is_some_and(|(low, _)| low > 0.0);
        if fraction <= 0.0 && nothing && self.off.is_some() {
            return self.off;
        }
        value_of(segments, fraction)
    }
}

/// A channel that is an emitter and nothing else.
pub(crate) struct Emission<'a> {
    share: Share,
    segment: &'a Segment,
}

impl Emission<'_> {
    /// The emitter's share of a colour, if its channel goes from 0 in the dark to 255 at full.
    pub(crate) fn share_of_byte(&self) -> Option<Share> {
        let whole = Segment { from: 0, to: 255, first: 0.0, last: 1.0 };
        (*self.segment == whole).then_some(self.share)
    }

    /// The value for a colour that is dimmed.
    pub(crate) fn value(&self, dimmed: Color) -> u64 {
        self.segment.value(self.share.of(dimmed))
    }
}

/// Cuts segments to the limits of an axis, and gives the default within them.
fn limit(segments: &mut Vec<Segment>, axis: &Axis, default: u64) -> u64 {
    let Some([low, high]) = axis.limits_deg else { return default };
    let rest = segments.iter().find_map(|segment| segment.read(default));
    *segments = segments.iter().filter_map(|segment| segment.within(low, high)).collect();
    match rest {
        Some(angle) if !(low..=high).contains(&angle) => {
            value_of(segments.iter(), angle.max(low).min(high)).unwrap_or(default)
        }
        _ => default,
    }
}

fn hertz(rate: Rate) -> f64 {
    match rate {
        Rate::Hertz(hertz) => hertz,
        Rate::Fraction(fraction) => fraction * FASTEST_HZ,
    }
}

/// The range of each beam parameter of a fixture, in the unit that its profile gives.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct BeamRanges(Vec<(BeamParameter, Unit, f64, f64)>);

impl BeamRanges {
    pub(crate) fn new<'a>(capabilities: impl Iterator<Item = &'a Capability>) -> Self {
        let mut ranges: Vec<(BeamParameter, Unit, f64, f64)> = Vec::new();
        for capability in capabilities {
            let Action::Beam(parameter, unit, first, last) = capability.action else { continue };
            let (low, high) = (first.min(last), first.max(last));
            match ranges.iter_mut().find(|range| range.0 == parameter) {
                None => ranges.push((parameter, unit, low, high)),
                Some(range) if range.1 == unit => {
                    *range = (parameter, unit, range.2.min(low), range.3.max(high));
                }
                // Numbers in the parameter's own unit say more than fractions.
                Some(range) if unit == Unit::Physical => *range = (parameter, unit, low, high),
                Some(_) => {}
            }
        }
        Self(ranges)
    }

    /// Numbers of a capability as fractions of the fixture's range.
    fn fractions(&self, parameter: BeamParameter, unit: Unit, pair: [f64; 2]) -> Option<[f64; 2]> {
        let (_, known, low, high) = self.0.iter().find(|range| range.0 == parameter)?;
        (*known == unit).then(|| match unit {
            Unit::Fraction => pair,
            Unit::Physical => pair.map(|number| position(number, *low, *high)),
        })
    }

    /// An amount as a fraction of the fixture's range; `None` where its profile has no such unit.
    pub(crate) fn fraction(&self, parameter: BeamParameter, amount: Amount) -> Option<f64> {
        let (_, unit, low, high) = self.0.iter().find(|range| range.0 == parameter)?;
        match (amount, unit) {
            (Amount::Fraction(fraction), _) => Some(fraction.clamp(0.0, 1.0)),
            (Amount::Physical(number), Unit::Physical) => Some(position(number, *low, *high)),
            (Amount::Physical(_), Unit::Fraction) => None,
        }
    }
}

fn position(number: f64, low: f64, high: f64) -> f64 {
    if high > low { ((number - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 }
}
