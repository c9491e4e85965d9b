//! A level over frames, from point to point: opacities and masters.

use std::ops::Range;

use gobo_dmx::FrameRate;
use gobo_show::show::Fader;
use gobo_show::value::Easing;

use crate::course::millionth;
use crate::easing::ease;
use crate::fingerprint::Fingerprint;
use crate::value::Value;

/// A fader with its points in frames.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Fade {
    /// Never empty.
    points: Vec<Point>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Point {
    at: f64,
    level: f64,
    easing: Easing,
}

impl Fade {
    /// The fader in frames after `origin`, in seconds of the show; `None` when it is always full.
    pub(crate) fn new(fader: &Fader, rate: FrameRate, origin: f64) -> Option<Self> {
        let points = fader.points.iter().map(|point| Point {
            at: millionth((point.at - origin) * rate.as_f64()),
            level: point.level.clamp(0.0, 1.0),
            easing: point.easing,
        });
        let points: Vec<_> = points.collect();
        points.iter().any(|point| point.level < 1.0).then_some(Self { points })
    }

    /// The level, 0 to 1, so many frames after the origin.
    pub(crate) fn at(&self, frame: f64) -> f64 {
        let after = self.points.partition_point(|point| point.at <= frame);
        let (before, next) = (self.points.get(after.wrapping_sub(1)), self.points.get(after));
        match (before, next) {
            (Some(before), Some(next)) => {
                let along = (frame - before.at) / (next.at - before.at);
                before.level.mix(next.level, ease(next.easing, along))
            }
            (Some(only), None) | (None, Some(only)) => only.level,
            (None, None) => 1.0,
        }
    }

    /// The points that decide the level in `frames`.
    fn near(&self, frames: &Range<u32>) -> &[Point] {
        let up_to = |frame: u32| self.points.partition_point(|point| point.at <= f64::from(frame));
        let first = up_to(frames.start).saturating_sub(1);
        let end = (up_to(frames.end.saturating_sub(1)) + 1).min(self.points.len());
        &self.points[first.min(end)..end]
    }

    /// The one level over `frames`, if it has only one.
    pub(crate) fn steady(&self, frames: &Range<u32>) -> Option<f64> {
        let near = self.near(frames);
        let level = near.first().map_or(1.0, |point| point.level);
        near.iter().all(|point| point.level == level).then_some(level)
    }

    /// All that decides the level in `frames`: a level alone, or what leads where in the show.
    pub(crate) fn fingerprint(&self, frames: &Range<u32>, to: &mut Fingerprint) {
        match self.steady(frames) {
            Some(level) => {
                to.integer(0);
                to.number(level);
            }
            None => {
                to.integer(1);
                to.integer(u64::from(frames.start));
                Self::write(self.near(frames), to);
            }
        }
    }

    /// All of it.
    pub(crate) fn fingerprint_whole(&self, to: &mut Fingerprint) {
        Self::write(&self.points, to);
    }

    fn write(points: &[Point], to: &mut Fingerprint) {
        to.integer(points.len() as u64);
        for point in points {
            to.numbers(&[point.at, point.level]);
            to.integer(point.easing as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gobo_show::show::FaderPoint;

    fn fade(points: &[(f64, f64)]) -> Fade {
        let points =
            points.iter().map(|&(at, level)| FaderPoint { at, level, easing: Easing::Linear });
        let rate: FrameRate = "10".parse().unwrap();
        Fade::new(&Fader { points: points.collect() }, rate, 0.0).unwrap()
    }

    #[test]
    fn leads_from_point_to_point_and_holds_outside() {
        let fade = fade(&[(1.0, 0.2), (2.0, 0.6), (3.0, 0.0)]);
        let levels =
            [0.0, 10.0, 15.0, 20.0, 25.0, 30.0, 99.0].map(|at| (fade.at(at) * 10.0).round());
        assert_eq!(levels, [2.0, 2.0, 4.0, 6.0, 3.0, 0.0, 0.0]);
    }

    #[test]
    fn is_steady_only_where_all_frames_are_at_one_level() {
        let fade = fade(&[(1.0, 0.5), (2.0, 0.5), (3.0, 0.0)]);
        assert_eq!(fade.steady(&(0..10)), Some(0.5));
        assert_eq!(fade.steady(&(5..20)), Some(0.5));
        assert_eq!(fade.steady(&(5..22)), None);
        assert_eq!(fade.steady(&(20..30)), None);
        assert_eq!(fade.steady(&(30..40)), Some(0.0));
        for frames in [0..10, 5..20, 30..40] {
            let level = fade.steady(&frames).unwrap();
            assert!(frames.clone().all(|frame| fade.at(f64::from(frame)) == level));
        }
    }
}
