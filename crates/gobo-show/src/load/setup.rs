//! How a venue sets its fixtures up, checked against what they have.

use super::Loader;
use super::abilities::Abilities;
use super::venue::as_key;
use crate::decode::{Spanned, listed};
use crate::diagnostic::{Diagnostic, Place};
use crate::profile::Defaults;
use crate::rig::{Axis, Emitter, Fixture, Setup, White};
use crate::source::{AngleRange, FixtureSource};
use crate::value::{TravelTime, TurnSpeed};

/// What a venue says of one axis of a head.
struct AxisSource<'a> {
    name: &'static str,
    invert: &'a Option<Spanned<bool>>,
    limits: &'a Option<Spanned<AngleRange>>,
    speed: &'a Option<Spanned<TurnSpeed>>,
    travel: &'a Option<Spanned<TravelTime>>,
    home: Option<(f64, &'a Place)>,
    /// The speed that the profile says.
    usual_speed: Option<&'a TurnSpeed>,
}

impl AxisSource<'_> {
    /// Each key that is given, with its place.
    fn given(&self) -> impl Iterator<Item = (String, &Place)> {
        fn at<T>(value: &Option<Spanned<T>>) -> Option<&Place> {
            value.as_ref().map(|value| &value.place)
        }
        let keys = [
            ("invert_{}", at(self.invert)),
            ("{}_limits", at(self.limits)),
            ("{}_speed", at(self.speed)),
            ("{}_travel", at(self.travel)),
            ("home", self.home.map(|home| home.1)),
        ];
        let name = self.name;
        keys.into_iter().filter_map(move |(key, place)| Some((key.replace("{}", name), place?)))
    }
}

impl Loader<'_> {
    /// The setup of a fixture whose channels are known.
    pub(super) fn setup(
        &mut self,
        source: &FixtureSource,
        defaults: Option<&Defaults>,
        fixture: &Fixture,
    ) -> Setup {
        let abilities = Abilities::of(fixture);
        let swap = source.swap_pan_tilt.as_ref().is_some_and(|swap| swap.value);
        let (mut pan_range, mut tilt_range) = (abilities.pan, abilities.tilt);
        if swap {
            std::mem::swap(&mut pan_range, &mut tilt_range);
        }
        let home = source.home.as_ref();
        let home_of = |angle: Option<f64>| Some((angle?, &home?.place));
        let pan = AxisSource {
            name: "pan",
            invert: &source.invert_pan,
            limits: &source.pan_limits,
            speed: &source.pan_speed,
            travel: &source.pan_travel,
            home: home_of(home.and_then(|home| home.value.pan).map(f64::from)),
            usual_speed: defaults.and_then(|defaults| defaults.pan_speed.as_ref()),
        };
        let tilt = AxisSource {
            name: "tilt",
            invert: &source.invert_tilt,
            limits: &source.tilt_limits,
            speed: &source.tilt_speed,
            travel: &source.tilt_travel,
            home: home_of(home.and_then(|home| home.value.tilt).map(f64::from)),
            usual_speed: defaults.and_then(|defaults| defaults.tilt_speed.as_ref()),
        };
        let setup = Setup {
            white: self
                .white(source, &abilities)
                .or(defaults.and_then(|defaults| defaults.white))
                .unwrap_or_default(),
            curve: source
                .curve
                .or(defaults.and_then(|defaults| defaults.curve))
                .unwrap_or_default(),
            pan: self.axis(&pan, pan_range, source),
            tilt: self.axis(&tilt, tilt_range, source),
            swap_pan_tilt: swap,
            limit_speed: source.limit_speed.as_ref().is_some_and(|limit| limit.value),
        };
        if let Some(limit) = source.limit_speed.as_ref().filter(|limit| limit.value)
            && setup.pan.speed.or(setup.tilt.speed).is_none()
        {
            let message = format!("`limit_speed` needs to know how fast `{}` is", fixture.id);
            let error = Diagnostic::error("missing-key", limit.place.clone(), message);
            self.decoder.say(error.hint("give `pan_speed` and `tilt_speed` in degrees a second"));
        }
        setup
    }

    /// The white mode, if given; warns where the fixture has no white that it could speak of.
    fn white(&mut self, source: &FixtureSource, abilities: &Abilities) -> Option<White> {
        let white = source.white.as_ref()?;
        let extra = [Emitter::White, Emitter::WarmWhite, Emitter::ColdWhite];
        let mixes = [Emitter::Amber, Emitter::Lime].iter().filter(|_| white.value == White::Match);
        if !extra.iter().chain(mixes).any(|emitter| abilities.emitters.contains(emitter)) {
            let words = abilities.emitters.iter().map(|emitter| emitter.word());
            let message = format!("`{}` has no white emitter", source.id.value);
            let warning = Diagnostic::warning("cannot-show", as_key(&white.place), message);
            self.decoder.say(match abilities.emitters.is_empty() {
                true => warning,
                false => warning.hint(format!("it has {}", listed(words))),
            });
        }
        Some(white.value)
    }

    /// One axis; says what the fixture has no use for, and what contradicts itself.
    fn axis(
        &mut self,
        axis: &AxisSource<'_>,
        range: Option<(f64, f64)>,
        source: &FixtureSource,
    ) -> Axis {
        let id = &source.id.value;
        let Some((low, high)) = range else {
            for (key, place) in axis.given() {
                let message = format!("`{id}` has no {}, so `{key}` does nothing", axis.name);
                self.decoder.say(Diagnostic::warning("cannot-show", as_key(place), message));
            }
            return Axis::default();
        };
        let set = Axis {
            inverted: axis.invert.as_ref().is_some_and(|invert| invert.value),
            limits_deg: axis.limits.as_ref().map(|limits| limits.value.0),
            home_deg: axis.home.map_or(0.0, |home| home.0),
            speed: self.axis_speed(axis, high - low),
        };
        let half = (high - low) / 2.0;
        if let Some((home, place)) = axis.home.filter(|(home, _)| home.abs() > half) {
            let message = format!(
                "`home` is at {} {home}°, beyond what `{id}` reaches: from {}° to {half}°",
                axis.name, -half
            );
            self.decoder.say(Diagnostic::error("beyond-range", place.clone(), message));
        }
        let [low, high] = Axis { limits_deg: None, ..set }.range(low, high);
        if let Some(limits) = axis.limits {
            let [from, to] = limits.value.0;
            let place = limits.place.clone();
            if from >= high || to <= low {
                let message = format!("`{id}` reaches no {} from {from}° to {to}°", axis.name);
                self.decoder.say(Diagnostic::error("beyond-range", place, message));
            } else if from < low - 1e-6 || to > high + 1e-6 {
                let message = format!("`{id}` reaches {} from {low}° to {high}° only", axis.name);
                self.decoder.say(Diagnostic::warning("beyond-range", place, message));
            }
        }
        set
    }

    /// The speed of an axis that covers `range` degrees.
    fn axis_speed(&mut self, axis: &AxisSource<'_>, range: f64) -> Option<f64> {
        match (axis.speed, axis.travel) {
            (Some(_), Some(travel)) => {
                let name = axis.name;
                let message = format!("`{name}_speed` says how fast it is, and so does this");
                let error = Diagnostic::error("conflict", as_key(&travel.place), message);
                self.decoder.say(error.hint("keep one of them"));
                None
            }
            (Some(speed), None) => Some(speed.value.0),
            (None, Some(travel)) => Some(range / travel.value.0),
            (None, None) => axis.usual_speed.map(|speed| speed.0),
        }
    }
}
