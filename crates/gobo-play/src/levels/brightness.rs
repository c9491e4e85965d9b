//! How bright the values of a channel are, and which value is so bright.

use gobo_canvas::{Gives, PatchedChannel};

/// The brightness of a channel's values, 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Brightness {
    /// From dark at 0 to full at the highest value.
    Straight {
        /// The highest value.
        max: u64,
    },
    /// By ranges; a value in none of them has nothing to do with brightness.
    Ranges(Box<[Lit]>),
}

/// A range of values: how bright its first and its last value are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Lit {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) first: f64,
    pub(super) last: f64,
}

impl Lit {
    fn along(&self, value: u64) -> f64 {
        let part = (value - self.from) as f64 / (self.to - self.from).max(1) as f64;
        self.first + (self.last - self.first) * part
    }

    /// The level nearest to `level` that the range has.
    fn nearest(&self, level: f64) -> f64 {
        level.clamp(self.first.min(self.last), self.first.max(self.last))
    }

    fn value(&self, level: f64) -> u64 {
        let way = self.last - self.first;
        let part = if way == 0.0 { 0.0 } else { (level - self.first) / way };
        self.from + (part.clamp(0.0, 1.0) * (self.to - self.from) as f64).round() as u64
    }
}

impl Brightness {
    /// By those ranges of a channel that give a level; `None` where none does.
    pub(super) fn of(
        channel: &PatchedChannel,
        level: impl Fn(&Gives) -> Option<(f64, f64)>,
    ) -> Option<Self> {
        let lit = channel.ranges.iter().filter_map(|range| {
            let (first, last) = level(&range.gives)?;
            let whole = range.from <= range.to;
            whole.then_some(Lit { from: range.from, to: range.to, first, last })
        });
        let lit: Box<[Lit]> = lit.collect();
        let max = highest(channel.slots.len());
        match &*lit {
            [] => None,
            [Lit { from: 0, to, first: 0.0, last: 1.0 }] if *to == max => {
                Some(Self::Straight { max })
            }
            _ => Some(Self::Ranges(lit)),
        }
    }

    /// Whether any value is brighter than another within its range: a dimmer, not a shutter.
    pub(super) fn dims(&self) -> bool {
        match self {
            Self::Straight { .. } => true,
            Self::Ranges(ranges) => ranges.iter().any(|range| range.first != range.last),
        }
    }

    /// Whether any value is dark.
    pub(super) fn can_be_dark(&self) -> bool {
        match self {
            Self::Straight { .. } => true,
            Self::Ranges(ranges) => ranges.iter().any(|range| range.nearest(0.0) == 0.0),
        }
    }

    /// The value that gives `part`, 0 to 1, of the light that `value` gives. A value that has
    /// nothing to do with brightness (a strobe) stays until nothing is left of the light.
    pub(super) fn lowered(&self, value: u64, part: f64) -> u64 {
        match self {
            _ if part >= 1.0 => value,
            // Beyond 2^53 a float is not exact.
            Self::Straight { .. } => ((value as f64 * part).round() as u64).min(value),
            Self::Ranges(ranges) => {
                let own = ranges.iter().find(|range| (range.from..=range.to).contains(&value));
                match own {
                    None if part > 0.0 => value,
                    None => self.at(0.0),
                    Some(own) => {
                        let level = own.along(value) * part;
                        let reached = own.nearest(level) == level && own.first != own.last;
                        if reached { own.value(level) } else { self.at(level) }
                    }
                }
            }
        }
    }

    /// The value nearest to a brightness.
    pub(super) fn at(&self, level: f64) -> u64 {
        match self {
            Self::Straight { max } => {
                ((*max as f64 * level.clamp(0.0, 1.0)).round() as u64).min(*max)
            }
            Self::Ranges(ranges) => {
                let off = |range: &&Lit| (range.nearest(level) - level).abs();
                let nearest = ranges.iter().min_by(|a, b| off(a).total_cmp(&off(b)));
                nearest.map_or(0, |range| range.value(range.nearest(level)))
            }
        }
    }
}

/// The highest value of a channel of so many slots.
pub(super) fn highest(slots: usize) -> u64 {
    match slots {
        0..=7 => (1 << (8 * slots)) - 1,
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use gobo_canvas::ValueRange;
    use proptest::prelude::*;

    use super::*;

    /// Closed, a dimmer, a strobe, open: one channel, as small fixtures have it.
    fn combined() -> Brightness {
        let range =
            |from, to, first, last| ValueRange { from, to, gives: Gives::Brightness(first, last) };
        let ranges =
            vec![range(0, 7, 0.0, 0.0), range(8, 134, 0.1, 1.0), range(240, 255, 1.0, 1.0)];
        let channel = PatchedChannel { slots: vec![0], when: None, ranges };
        Brightness::of(&channel, level).unwrap()
    }

    fn level(gives: &Gives) -> Option<(f64, f64)> {
        match gives {
            Gives::Brightness(first, last) => Some((*first, *last)),
            _ => None,
        }
    }

    #[test]
    fn a_dimmer_that_is_a_shutter_too_is_dimmed_where_it_dims() {
        let both = combined();
        assert!(both.dims() && both.can_be_dark());
        assert_eq!(both.lowered(134, 0.5), 64, "0.5 lies at 4/9 of the way");
        assert_eq!(both.lowered(250, 0.5), 64, "open, then dimmed");
        assert_eq!([both.lowered(134, 0.0), both.lowered(250, 0.0)], [0, 0]);
        assert_eq!([both.lowered(200, 0.01), both.lowered(200, 0.0)], [200, 0], "a strobe");
        assert_eq!(both.lowered(3, 0.5), 0);
        assert_eq!([both.at(1.0), both.at(0.0), both.at(0.04)], [134, 0, 0]);
    }

    #[test]
    fn fine_channels_are_one_number() {
        for slots in 1..=8 {
            let max = highest(slots);
            let straight = Brightness::Straight { max };
            assert_eq!([straight.at(0.0), straight.at(1.0)], [0, max]);
            assert_eq!(straight.lowered(max, 1.0), max);
            assert_eq!(straight.lowered(max, 0.0), 0);
        }
        assert_eq!(Brightness::Straight { max: 65_535 }.lowered(40_000, 0.25), 10_000);
    }

    proptest! {
        #[test]
        fn more_of_a_master_is_never_less_light(value in 0_u64..256, a in 0.0..=1.0, b in 0.0..=1.0) {
            let (both, (low, high)) = (combined(), (f64::min(a, b), f64::max(a, b)));
            let shines = |value: u64| match value {
                0..8 => 0.0,
                8..135 => 0.1 + 0.9 * (value - 8) as f64 / 126.0,
                _ => 1.0,
            };
            prop_assert!(shines(both.lowered(value, low)) <= shines(both.lowered(value, high)));
            prop_assert!(shines(both.lowered(value, high)) <= shines(value));
            prop_assert_eq!(both.lowered(value, 1.0), value);
        }
    }
}
