//! Effects over places: a picture at every moment, read off at the places of the heads.
//!
//! A [`Field`] settles in lowering all that does not change: where the places lie, the colours,
//! letters and pictures at the size they are seen in, the loudness of the song. What is left is a
//! function of a time and a place.

mod canvas;
mod figures;
mod layout;
mod letters;
mod meter;
mod palette;
mod particles;
mod shots;
mod stripes;

use std::sync::Arc;

use gobo_show::effect::Effect;
use gobo_show::effect::field::{Field as Source, Relief};
use gobo_show::show::{Cue, Show};
use gobo_show::value::{Color, Span};

use crate::color::fraction;
use crate::course::Clock;
use crate::fingerprint::Fingerprint;
use crate::random;
use canvas::Canvas;
use layout::Layout;
use meter::Meter;
use palette::Palette;

/// A field over the places of one cue.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    source: Source,
    layout: Layout,
    palette: Palette,
    baked: Baked,
    level: f64,
    seed: u64,
    /// Whether it repeats, or runs once over the cue.
    repeats: bool,
    /// Stands for all of it.
    stamp: u128,
}

/// What a field has worked out beforehand.
#[derive(Clone, Debug)]
enum Baked {
    Nothing,
    Canvas(Canvas),
    Meter(Meter),
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.stamp == other.stamp
    }
}

/// How often a field repeats, if it does.
pub(crate) fn every(source: &Source) -> Option<Span> {
    match source {
        // The song's time in seconds.
        Source::VuMeter(_) => Some(Span::Seconds(1.0)),
        Source::Picture(picture) if picture.every.is_none() && picture.way.is_none() => {
            let animation = picture.file.animation.as_ref()?;
            (animation.stills.len() > 1).then(|| Span::Seconds(animation.seconds()))
        }
        _ => source.common().every,
    }
}

impl Field {
    /// The field of a cue that is one.
    pub(crate) fn of(cue: &Cue, show: &Show) -> Option<Self> {
        let Effect::Field(source) = &cue.effect else { return None };
        let common = source.common();
        let layout = Layout::new(common.plane, cue, &show.rig);
        let baked = match &**source {
            Source::Text(text) => Baked::Canvas(letters::draw(text, &layout)),
            Source::Picture(picture) => Baked::Canvas(Canvas::of(picture, &layout)),
            Source::VuMeter(meter) => Baked::Meter(Meter::new(meter, cue, show)),
            _ => Baked::Nothing,
        };
        let mut field = Self {
            source: Source::clone(source),
            palette: Palette::new(common.colors),
            level: common.level,
            repeats: every(source).is_some(),
            seed: cue.seed,
            layout,
            baked,
            stamp: 0,
        };
        field.stamp = field.digest();
        Some(field)
    }

    fn digest(&self) -> u128 {
        let mut hash = Fingerprint::new();
        hash.whole(&self.source);
        self.layout.fingerprint(&mut hash);
        hash.integer(u64::from(self.repeats));
        if self.is_random() {
            hash.integer(self.seed);
        }
        match &self.baked {
            Baked::Nothing => {}
            Baked::Canvas(canvas) => canvas.fingerprint(&mut hash),
            Baked::Meter(meter) => meter.fingerprint(&mut hash),
        }
        hash.digest()
    }

    /// Whether the seed changes what it shows.
    fn is_random(&self) -> bool {
        match &self.source {
            Source::Fire(_)
            | Source::Fireworks(_)
            | Source::Meteors(_)
            | Source::Snowflakes(_)
            | Source::SparkleStrobe(_)
            | Source::Twinkle(_)
            | Source::Lightning(_)
            | Source::Puddles(_)
            | Source::Sparkle(_) => true,
            Source::ColorWash(wash) => wash.shimmer > 0.0,
            Source::SingleStrand(strand) => strand.direction == gobo_show::value::Direction::Random,
            _ => false,
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        if self.repeats { Clock::Phase } else { Clock::Progress }
    }

    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.wide(self.stamp);
    }

    /// The brightness at a time and a place.
    pub(crate) fn level(&self, time: f64, rank: u32) -> f64 {
        (self.shade(time, rank).level * self.level).clamp(0.0, 1.0)
    }

    /// The colour at a time and a place, as bright as it gets.
    pub(crate) fn color(&self, time: f64, rank: u32) -> Color {
        self.shade(time, rank).color
    }

    fn shade(&self, time: f64, rank: u32) -> Shade {
        let at = self.layout.place(rank);
        let (round, run) = match self.repeats {
            true => (time.floor().max(0.0) as u64, fraction(time)),
            false => (0, time),
        };
        let moment = Moment { field: self, time, run, round };
        let paint = &self.palette;
        match &self.source {
            Source::Bars(bars) => stripes::bars(bars, &moment, at),
            Source::Butterfly(butterfly) => figures::butterfly(butterfly, &moment, at),
            Source::ColorWash(wash) => stripes::color_wash(wash, &moment, at),
            Source::Curtain(curtain) => stripes::curtain(curtain, &moment, at),
            Source::Fan(fan) => figures::fan(fan, &moment, at),
            Source::Fire(fire) => particles::fire(fire, &moment, at),
            Source::Fireworks(works) => shots::fireworks(works, &moment, at),
            Source::Garlands(garlands) => figures::garlands(garlands, &moment, at),
            Source::Marquee(marquee) => stripes::marquee(marquee, &moment, at),
            Source::Meteors(meteors) => particles::meteors(meteors, &moment, at),
            Source::Morph(morph) => figures::morph(morph, &moment, at),
            Source::Pinwheel(wheel) => figures::pinwheel(wheel, &moment, at),
            Source::Plasma(plasma) => figures::plasma(plasma, &moment, at),
            Source::Ripple(ripple) => figures::ripple(ripple, &moment, at),
            Source::Shockwave(wave) => figures::shockwave(wave, &moment, at),
            Source::SingleStrand(strand) => stripes::single_strand(strand, &moment, at),
            Source::Snowflakes(snow) => particles::snowflakes(snow, &moment, at),
            Source::Spirals(spirals) => stripes::spirals(spirals, &moment, at),
            Source::SparkleStrobe(strobe) => particles::sparkle_strobe(strobe, &moment, at),
            Source::Tree(tree) => figures::tree(tree, &moment, at),
            Source::Twinkle(twinkle) => particles::twinkle(twinkle, &moment, at),
            Source::Wave2d(wave) => figures::wave(wave, &moment, at),
            Source::Bursts(bursts) => shots::bursts(bursts, &moment),
            Source::Lightning(lightning) => shots::lightning(lightning, &moment, at),
            Source::Puddles(puddles) => shots::puddles(puddles, &moment, at),
            Source::Sparkle(sparkle) => particles::sparkle(sparkle, &moment, at),
            Source::Text(text) => match &self.baked {
                Baked::Canvas(canvas) => letters::read(text, canvas, &moment, at),
                _ => Shade::dark(paint.nth(0)),
            },
            Source::Picture(picture) => match &self.baked {
                Baked::Canvas(canvas) => canvas.read(picture, &moment, at),
                _ => Shade::dark(paint.nth(0)),
            },
            Source::VuMeter(meter) => match &self.baked {
                Baked::Meter(levels) => levels.read(meter, &moment, at),
                _ => Shade::dark(paint.nth(0)),
            },
        }
    }
}

/// A field shared by the curves of brightness and colour.
pub(crate) type Shared = Arc<Field>;

/// A moment of a field.
struct Moment<'a> {
    field: &'a Field,
    /// Periods since the start, or how far along the cue is.
    time: f64,
    /// How far along the period, or the cue: 0 to 1.
    run: f64,
    /// Which period it is.
    round: u64,
}

impl Moment<'_> {
    fn palette(&self) -> &Palette {
        &self.field.palette
    }

    fn layout(&self) -> &Layout {
        &self.field.layout
    }

    /// A number from 0 to 1 (not included) that the seed and two numbers stand for.
    fn chance(&self, one: u64, other: u64) -> f64 {
        unit(self.draw(one, other))
    }

    /// Any number that the seed and two numbers stand for.
    fn draw(&self, one: u64, other: u64) -> u64 {
        random::hash(random::hash(self.field.seed, one), other)
    }
}

/// The upper bits of a number as a part of 1.
fn unit(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    (bits >> 11) as f64 * STEP
}

/// What a field shows at a place.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Shade {
    level: f64,
    color: Color,
}

impl Shade {
    fn dark(color: Color) -> Self {
        Self { level: 0.0, color }
    }

    /// A colour whose own brightness becomes the level, so that a head without colour shows it.
    fn of(color: Color) -> Self {
        let level = color.red.max(color.green).max(color.blue);
        let part = |part: f64| if level > 0.0 { part / level } else { 0.0 };
        let color =
            Color { red: part(color.red), green: part(color.green), blue: part(color.blue) };
        Self { level, color }
    }
}

/// The light across a stripe, from its start at 0 to its end at 1.
fn relief(relief: Relief, within: f64) -> f64 {
    match relief {
        Relief::Flat => 1.0,
        Relief::Rising => within,
        Relief::Falling => 1.0 - within,
        Relief::Round => 1.0 - (2.0 * within - 1.0) * (2.0 * within - 1.0),
    }
}

/// 0 below 0, 1 above 1, smooth between.
fn smooth(at: f64) -> f64 {
    let at = at.clamp(0.0, 1.0);
    at * at * (3.0 - 2.0 * at)
}

/// From `from` at 0 to `to` at 1.
fn between(from: f64, to: f64, at: f64) -> f64 {
    from + (to - from) * at
}
