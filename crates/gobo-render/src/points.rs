//! A course through points.

use gobo_show::value::Easing;

use crate::easing::ease;
use crate::fingerprint::Fingerprint;
use crate::value::Value;

/// Values at times, and the way to each from the one before.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Points {
    /// The times, not falling; at least one.
    times: Vec<f64>,
    values: Vec<f64>,
    easings: Vec<Easing>,
}

impl Points {
    /// Through `points`: a time, the value there, and the way to it. Those that are told out of
    /// order go by time.
    pub(crate) fn new(mut points: Vec<(f64, f64, Easing)>) -> Self {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self {
            times: points.iter().map(|point| point.0).collect(),
            values: points.iter().map(|point| point.1).collect(),
            easings: points.iter().map(|point| point.2).collect(),
        }
    }

    /// The value at `time`: exactly a point's at its time (the later of two at the same), the
    /// first before all, the last after all.
    pub(crate) fn at(&self, time: f64) -> f64 {
        let next = self.times.partition_point(|known| *known <= time);
        let Some(before) = next.checked_sub(1) else {
            return self.values.first().copied().unwrap_or(0.0);
        };
        if next >= self.times.len() || self.times[before] == time {
            return self.values[before];
        }
        let (start, end) = (self.times[before], self.times[next]);
        let along = ease(self.easings[next], (time - start) / (end - start));
        self.values[before].mix(self.values[next], along)
    }

    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.integer(self.times.len() as u64);
        to.numbers(&self.times);
        to.numbers(&self.values);
        self.easings.iter().for_each(|easing| to.integer(*easing as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn points_are_met_exactly_and_nothing_goes_beyond_them(
            points in prop::collection::vec((0.0..100.0, -50.0..50.0), 1..9), time in -10.0..110.0,
        ) {
            let easings = [Easing::Linear, Easing::In, Easing::Out, Easing::InOut, Easing::Step];
            let eased = points.iter().zip(easings.iter().cycle());
            let course = Points::new(eased.map(|((at, value), way)| (*at, *value, *way)).collect());
            for (at, value) in &points {
                prop_assert_eq!(course.at(*at), *value);
            }
            let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
            let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!((low - 1e-9..=high + 1e-9).contains(&course.at(time)));
        }
    }
}
