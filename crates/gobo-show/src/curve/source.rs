//! How each curve is written.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::fan::{FanSource, Phase};
use super::number::{Controlled, end};
use super::{Curve, Fan, Form, NoiseKind, Point, PointTime};
use crate::decode::{About, At, Decode, Decoder, Definitions, Spanned, figure, record};
use crate::diagnostic::{Diagnostic, Place};
use crate::spectrum::Stem;
use crate::tree::Node;
use crate::value::written::percent;
use crate::value::{
    Amount, Bend, Easing, Every, Frequency, Gain, Octaves, Part, Pulses, Seconds, Shape, Span,
    Turns, Weight,
};

/// A value of whatever a curve controls, as written: what it must be is known to the curve's
/// reader alone.
#[derive(Clone, PartialEq, Debug)]
pub struct Control {
    file: Arc<str>,
    node: Node,
    pointer: String,
}

impl Control {
    pub(super) fn at(&self) -> At<'_> {
        At { file: &self.file, node: &self.node, pointer: self.pointer.clone() }
    }

    pub(super) fn read<T: Decode>(&self, decoder: &mut Decoder) -> Option<T> {
        decoder.value(&self.at())
    }
}

impl Serialize for Control {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.node.to_json().serialize(serializer)
    }
}

impl Decode for Control {
    fn about() -> About {
        About::new("value", "a value of what the curve controls, or a fan of them")
    }

    fn decode(at: &At<'_>, _: &mut Decoder) -> Option<Self> {
        let (file, node) = (Arc::clone(at.file), at.node.clone());
        Some(Self { file, node, pointer: at.pointer.clone() })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("value", |definitions| {
            json!({
                "description": "A value of what the curve controls, or a fan of them.",
                "anyOf": [{"type": ["number", "string"]}, FanSource::schema(definitions)],
            })
        })
    }
}

record! {
    /// From one value to another.
    pub struct RampSource as "ramp" {
        /// The value at the start; the lowest that there is when not given.
        pub from: Option<Control>,
        /// The value at the end; the highest that there is when not given.
        pub to: Option<Control>,
        /// How long it takes from the cue's start; all of the cue when not given.
        pub over: Option<Span>,
        /// The way between.
        pub easing: Easing = "linear",
    }
}

record! {
    /// As far as the cue is.
    pub struct ProgressSource as "progress" {
        /// The value at the cue's start; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The value at the cue's end; the highest that there is when not given.
        pub high: Option<Control>,
        /// The way between.
        pub easing: Easing = "linear",
    }
}

record! {
    /// As far as the song is along its section.
    pub struct SectionProgressSource as "section progress" {
        /// The value at a section's start; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The value at a section's end; the highest that there is when not given.
        pub high: Option<Control>,
        /// The way between.
        pub easing: Easing = "linear",
    }
}

record! {
    /// A smooth wave.
    pub struct SineSource as "sine" {
        /// One period.
        pub every: Span as Every = "1 beat",
        /// The lowest value; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The highest value; the highest that there is when not given.
        pub high: Option<Control>,
        /// Periods by which it is ahead; 0 starts at the lowest value.
        pub phase: Fan<f64> as Phase = 0.0,
        /// Periods that the selection shows at once: later places come later.
        pub spread: f64 as Turns = 0.0,
    }
}

record! {
    /// Straight up, straight down.
    pub struct TriangleSource as "triangle" {
        /// One period.
        pub every: Span as Every = "1 beat",
        /// The lowest value; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The highest value; the highest that there is when not given.
        pub high: Option<Control>,
        /// Periods by which it is ahead; 0 starts at the lowest value.
        pub phase: Fan<f64> as Phase = 0.0,
        /// Periods that the selection shows at once: later places come later.
        pub spread: f64 as Turns = 0.0,
    }
}

record! {
    /// Jumps high and falls straight, or the other way.
    pub struct SawSource as "saw" {
        /// One period.
        pub every: Span as Every = "1 beat",
        /// The lowest value; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The highest value; the highest that there is when not given.
        pub high: Option<Control>,
        /// Whether it rises straight and drops.
        pub rising: bool = false,
        /// Periods by which it is ahead.
        pub phase: Fan<f64> as Phase = 0.0,
        /// Periods that the selection shows at once: later places come later.
        pub spread: f64 as Turns = 0.0,
    }
}

record! {
    /// High and low in turn.
    pub struct SquareSource as "square" {
        /// One period.
        pub every: Span as Every = "1 beat",
        /// The lowest value; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The highest value; the highest that there is when not given.
        pub high: Option<Control>,
        /// The part of a period that is high.
        pub duty: f64 as Part = "50%",
        /// Periods by which it is ahead; 0 starts high.
        pub phase: Fan<f64> as Phase = 0.0,
        /// Periods that the selection shows at once: later places come later.
        pub spread: f64 as Turns = 0.0,
    }
}

record! {
    /// Smooth randomness.
    pub struct NoiseSource as "noise" {
        /// From one random value to the next.
        pub every: Span as Every = "1 beat",
        /// The lowest value; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The highest value; the highest that there is when not given.
        pub high: Option<Control>,
        /// How it is made.
        pub kind: NoiseKind = "gradient",
        /// Layers, each twice as fast and half as strong as the one before.
        pub octaves: u32 as Octaves = 1.0,
        /// How far neighbouring places are apart: 0 all the same, 1 each its own.
        pub spread: f64 as Turns = 1.0,
        /// What it is drawn from, besides the cue's seed.
        pub seed: u64 = 0.0,
    }
}

record! {
    /// A pulse on every beat of the song: it rises (attack), falls (decay) to a level that it
    /// keeps (sustain), and goes (release). The four share the time of the pulse by their weights.
    pub struct BeatEnvelope as "beat envelope" {
        /// Pulses for each beat, or for each bar with `only_downbeats`: 2 is twice as often, 0.25
        /// every fourth.
        pub subdivision: f64 as Pulses = 1.0,
        /// Beats by which the pulses are late.
        pub offset: f64 as Turns = 0.0,
        /// Whether only bars have pulses.
        pub only_downbeats: bool = false,
        /// The weight of the rise.
        pub attack: f64 as Weight = 0.3,
        /// The weight of the fall.
        pub decay: f64 as Weight = 0.2,
        /// The weight of the time at the sustain level.
        pub sustain: f64 as Weight = 0.3,
        /// The weight of the end.
        pub release: f64 as Weight = 0.2,
        /// The level that it keeps, as a part of the highest.
        pub sustain_level: f64 as Part = 0.7,
        /// How the rise bends: -1 snaps, 0 is straight, 1 swells.
        pub attack_curve: f64 as Bend = 0.0,
        /// How the fall and the end bend: -1 snaps, 0 is straight, 1 lingers.
        pub decay_curve: f64 as Bend = 0.0,
        /// The height of the pulse, as a part of the way from low to high.
        pub amplitude: f64 as Part = 1.0,
    }
}

record! {
    /// The ends of a beat envelope, beside its own keys.
    pub struct Ends as "ends" {
        /// The value between pulses; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The value at the top of a pulse; the highest that there is when not given.
        pub high: Option<Control>,
    }
}

record! {
    /// How loud a band of the song is.
    pub struct AudioSource as "audio" {
        /// Where the band begins.
        pub from: Spanned<Frequency> = "20 Hz",
        /// Where the band ends.
        pub to: Frequency = "11000 Hz",
        /// The part of the sound that is heard.
        pub stem: Stem = "mix",
        /// How much the loudness is raised; what goes beyond full is full.
        pub gain: f64 as Gain = 1.0,
        /// How long the level takes to fall to about a third; it rises at once.
        pub smooth: f64 as Seconds = "100ms",
        /// The value in silence; the lowest that there is when not given.
        pub low: Option<Control>,
        /// The value at the band's loudest; the highest that there is when not given.
        pub high: Option<Control>,
    }
}

/// How loud a band of a song is, over time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AudioLevel {
    /// Where the band begins, in hertz.
    pub from_hz: f64,
    /// Where the band ends, in hertz; above `from_hz`.
    pub to_hz: f64,
    /// The part of the sound that is heard.
    pub stem: Stem,
    /// What the level is multiplied by; 1 is the band's loudest in the song.
    pub gain: f64,
    /// Seconds in which the level falls to 1/e; it rises at once.
    pub smooth_seconds: f64,
}

record! {
    /// Values at times, and the way between them.
    pub struct PointsSource as "points" {
        /// The points: `[time, value]` or `[time, value, easing]`. A time is a length from the
        /// cue's start, or a part of the cue such as `50%`.
        pub points: Vec<PointSource>,
        /// How often the points repeat; their times then count in each period. They come once
        /// when not given.
        pub every: Option<Every>,
    }
}

/// A point as written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PointSource {
    place: Place,
    at: PointTime,
    value: Control,
    easing: Easing,
}

impl Decode for PointSource {
    fn about() -> About {
        About::new(
            "point",
            "[time, value] or [time, value, easing], such as [\"2 beats\", \"80%\"]",
        )
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let items: Vec<_> = at.items().collect();
        let (time, value, easing) = match items.as_slice() {
            [time, value] => (time, value, None),
            [time, value, easing] => (time, value, Some(easing)),
            _ => return decoder.wrong::<Self, _>(at),
        };
        let part = time.node.text().filter(|text| text.trim().ends_with('%')).and_then(percent);
        let when = match part {
            Some(_) => decoder.value::<Part>(time).map(|part| PointTime::Part(part.0)),
            None => decoder.value::<Span>(time).map(PointTime::After),
        };
        let easing = easing.map_or(Some(Easing::Linear), |easing| decoder.value(easing));
        let value = decoder.value::<Control>(value);
        Some(Self { place: at.place(), at: when?, value: value?, easing: easing? })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let easing = Easing::schema(definitions);
        let value = json!({"type": ["number", "string"]});
        definitions.define("point", |_| {
            json!({
                "description": "A point: a time, the value there, and the way to it.",
                "type": "array",
                "prefixItems": [value, value, easing],
                "minItems": 2,
                "maxItems": 3,
            })
        })
    }
}

/// A form with its ends as written.
pub(super) struct Written {
    form: Form,
    low: Option<Control>,
    high: Option<Control>,
    /// What the ends are called.
    names: [&'static str; 2],
}

impl Written {
    pub(super) fn resolve<T: Controlled>(
        self,
        at: &At<'_>,
        decoder: &mut Decoder,
    ) -> Option<Curve> {
        let [first, last] = self.names;
        let low = end::<T>((first, self.low.as_ref()), |ends| ends.0, at, decoder);
        let high = end::<T>((last, self.high.as_ref()), |ends| ends.1, at, decoder);
        Some(Curve { low: low?, high: high?, form: self.form })
    }
}

macro_rules! written {
    ($source:ident, $form:expr) => {
        Written { form: $form, low: $source.low, high: $source.high, names: ["low", "high"] }
    };
}

macro_rules! wave {
    ($source:ident, $shape:expr, $backwards:expr, $duty:expr) => {{
        let (every, phase, spread) = ($source.every, $source.phase, $source.spread);
        let (shape, backwards, duty) = ($shape, $backwards, $duty);
        written!($source, Form::Wave { shape, backwards, duty, every, phase, spread })
    }};
}

/// Reads the curve `name`, one that has an object of its own.
pub(super) fn form(name: &str, at: &At<'_>, decoder: &mut Decoder) -> Option<Written> {
    Some(match name {
        "ramp" => {
            let ramp = decoder.value::<RampSource>(at)?;
            let form = Form::Ramp { over: ramp.over, easing: ramp.easing };
            Written { form, low: ramp.from, high: ramp.to, names: ["from", "to"] }
        }
        "progress" => {
            let source = decoder.value::<ProgressSource>(at)?;
            written!(source, Form::Ramp { over: None, easing: source.easing })
        }
        "section_progress" => {
            let source = decoder.value::<SectionProgressSource>(at)?;
            decoder.sections_used.get_or_insert_with(|| at.place());
            written!(source, Form::Section { easing: source.easing })
        }
        "sine" => {
            let source = decoder.value::<SineSource>(at)?;
            wave!(source, Shape::Sine, false, 0.5)
        }
        "triangle" => {
            let source = decoder.value::<TriangleSource>(at)?;
            wave!(source, Shape::Triangle, false, 0.5)
        }
        "saw" => {
            let source = decoder.value::<SawSource>(at)?;
            wave!(source, Shape::Saw, source.rising, 0.5)
        }
        "square" => {
            let source = decoder.value::<SquareSource>(at)?;
            wave!(source, Shape::Square, false, source.duty)
        }
        "noise" => {
            let source = decoder.value::<NoiseSource>(at)?;
            let NoiseSource { every, kind, octaves, spread, seed, .. } = source;
            written!(source, Form::Noise { kind, every, octaves, spread, seed })
        }
        "beat_envelope" => return envelope(at, decoder),
        "audio" => {
            let source = decoder.value::<AudioSource>(at)?;
            decoder.listens(at);
            let level = level(&source, decoder)?;
            written!(source, Form::Audio(level))
        }
        _ => return None,
    })
}

fn envelope(at: &At<'_>, decoder: &mut Decoder) -> Option<Written> {
    let envelope = BeatEnvelope::decode_with(at, decoder, Ends::KEYS)?;
    let source = Ends::decode_with(at, decoder, BeatEnvelope::KEYS)?;
    let BeatEnvelope { attack, decay, sustain, release, .. } = envelope;
    if attack + decay + sustain + release <= 0.0 {
        decoder.error("empty-envelope", at, "all weights of the envelope are 0");
        return None;
    }
    let beat = if envelope.only_downbeats { Span::Bars(1.0) } else { Span::Beats(1.0) };
    decoder.counted(at, beat);
    Some(written!(source, Form::Envelope(envelope)))
}

fn level(source: &AudioSource, decoder: &mut Decoder) -> Option<AudioLevel> {
    let (from_hz, to_hz) = (source.from.value.0, source.to.0);
    if from_hz >= to_hz {
        let message = format!(
            "the band must rise: it begins at {} Hz and ends at {} Hz",
            figure(from_hz),
            figure(to_hz)
        );
        decoder.say(Diagnostic::error("bad-band", source.from.place.clone(), message));
        return None;
    }
    let (stem, gain, smooth_seconds) = (source.stem, source.gain, source.smooth);
    Some(AudioLevel { from_hz, to_hz, stem, gain, smooth_seconds })
}

/// Reads a curve through points.
pub(super) fn points<T: Controlled>(at: &At<'_>, decoder: &mut Decoder) -> Option<Curve> {
    let source = PointsSource::decode(at, decoder)?;
    let written = at.member("points")?.node.items().len();
    if written == 0 {
        decoder.error("empty-points", at, "a curve through points needs at least one");
        return None;
    }
    let every = source.every.map(Span::from);
    let mut points = Vec::with_capacity(written);
    for point in &source.points {
        let PointSource { at, easing, .. } = *point;
        let value = point.value.read::<T>(decoder).map(T::amount);
        points.extend(value.map(|value| Point { at, value, easing }));
    }
    let is_right = rises(&source.points, every, decoder);
    // Values that could not be read have been told of.
    if !is_right || points.len() < written {
        return None;
    }
    let end = Fan::flat(Amount::Fraction(0.0));
    Some(Curve { low: end.clone(), high: end, form: Form::Points { points, every } })
}

/// Whether times rise, as far as they count the same, and repeat in a period that holds them.
fn rises(points: &[PointSource], every: Option<Span>, decoder: &mut Decoder) -> bool {
    let count = |at: PointTime| match at {
        PointTime::Part(part) => (0, part),
        PointTime::After(span) => (unit(span), span.amount()),
    };
    let faults = decoder.diagnostics.len();
    for pair in points.windows(2) {
        let ((before_unit, before), (after_unit, after)) = (count(pair[0].at), count(pair[1].at));
        if before_unit == after_unit && before > after {
            let message =
                format!("times must rise: after {} comes {}", figure(before), figure(after));
            decoder.say(Diagnostic::error("not-rising", pair[1].place.clone(), message));
        }
    }
    for point in points {
        let (Some(every), PointTime::After(span)) = (every, point.at) else { continue };
        if unit(span) == unit(every) && span.amount() > every.amount() {
            let message = format!("the points repeat every {every}, before {span}");
            decoder.say(Diagnostic::error("out-of-range", point.place.clone(), message));
        }
    }
    decoder.diagnostics.len() == faults
}

fn unit(span: Span) -> u8 {
    match span {
        Span::Seconds(_) => 1,
        Span::Beats(_) => 2,
        Span::Bars(_) => 3,
    }
}
