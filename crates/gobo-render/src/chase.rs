//! The light that runs along a selection.

use gobo_show::value::Direction;

use crate::color::{least, most};
use crate::curve::from_middle;
use crate::fingerprint::Fingerprint;
use crate::random;
use crate::value::Value;
use crate::wide::wide;

/// A chase over the places of a selection.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Chase {
    pub(crate) ranks: u32,
    pub(crate) width: f64,
    pub(crate) tail: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) direction: Direction,
    pub(crate) seed: u64,
}

impl Chase {
    /// The level of the place `rank` after `steps` steps.
    pub(crate) fn level(&self, steps: f64, rank: u32) -> f64 {
        let step = steps.floor().max(0.0) as u64;
        let lit = self.behind(step, rank).map_or(0.0, |behind| self.light(behind as f64));
        self.low.mix(self.high, lit)
    }

    /// The levels of places after `steps` steps.
    pub(crate) fn row(&self, steps: f64, ranks: &[u32], out: &mut [f64]) {
        let count = self.ranks.max(1);
        let backward = match self.direction {
            Direction::Forward => false,
            Direction::Backward => true,
            _ => {
                for (out, &rank) in out.iter_mut().zip(ranks) {
                    *out = self.level(steps, rank);
                }
                return;
            }
        };
        // As `behind` has it, with what all places have in common worked out once.
        let step = steps.floor().max(0.0) as u64;
        let at = (step % u64::from(count)) as u32;
        // Nothing is further behind than so many places.
        let step = u32::try_from(step).unwrap_or(u32::MAX);
        let this = *self;
        wide(
            #[inline(always)]
            move || {
                for (out, &rank) in out.iter_mut().zip(ranks) {
                    let place = if backward { count - 1 - rank.min(count - 1) } else { rank };
                    let behind = if at >= place { at - place } else { at + count - place };
                    let light = this.light(f64::from(behind.cast_signed()));
                    let lit = if behind <= step { light } else { 0.0 };
                    *out = this.low.mix(this.high, lit);
                }
            },
        );
    }

    /// How much of the light falls on a place that its head left `behind` steps ago: all of it
    /// over the width, then less with each step of the tail.
    #[inline(always)]
    fn light(&self, behind: f64) -> f64 {
        let beyond = behind - most(self.width, 1.0) + 1.0;
        most(least(1.0 - beyond / (most(self.tail, 0.0) + 1.0), 1.0), 0.0)
    }

    /// How many steps ago the head of the light was at `rank`, if it has been there.
    fn behind(&self, step: u64, rank: u32) -> Option<u64> {
        let count = u64::from(self.ranks.max(1));
        let rank_ = u64::from(rank);
        let last = |place: u64, round: u64| {
            let at = step % round;
            if at >= place { at - place } else { at + round - place }
        };
        let steps = match self.direction {
            Direction::Forward => last(rank_, count),
            Direction::Backward => last(count - 1 - rank_.min(count - 1), count),
            Direction::Bounce => {
                let round = (2 * (count - 1)).max(1);
                last(rank_ % round, round).min(last((round - rank_ % round) % round, round))
            }
            Direction::Outward => last(from_middle(rank, self.ranks).into(), count.div_ceil(2)),
            Direction::Inward => {
                let round = count.div_ceil(2);
                last(round - 1 - u64::from(from_middle(rank, self.ranks)).min(round - 1), round)
            }
            Direction::Random => {
                let (round, at) = (step / count, step % count);
                let place = |round| u64::from(random::place(self.seed, round, rank, self.ranks));
                let now = place(round);
                if now <= at { at - now } else { at + count - place(round.checked_sub(1)?) }
            }
        };
        (steps <= step).then_some(steps)
    }

    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.integer(u64::from(self.ranks));
        to.numbers(&[self.width, self.tail, self.high, self.low]);
        to.integer(self.direction as u64);
        to.integer(self.seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(direction: Direction, width: f64, tail: f64, steps: u32) -> Vec<String> {
        let chase = Chase { ranks: 5, width, tail, high: 1.0, low: 0.0, direction, seed: 3 };
        let chase = &chase;
        let row = |step| {
            (0..5).map(move |rank| {
                match (chase.level(f64::from(step), rank) * 9.0).round() as u32 {
                    0 => '.',
                    level => char::from_digit(level, 10).unwrap_or('?'),
                }
            })
        };
        (0..steps).map(|step| row(step).collect()).collect()
    }

    #[test]
    fn a_row_is_its_places() {
        for direction in [Direction::Forward, Direction::Backward, Direction::Bounce] {
            let chase =
                Chase { ranks: 7, width: 2.0, tail: 2.0, high: 1.0, low: 0.1, direction, seed: 0 };
            for step in 0..20 {
                let (steps, ranks) = (f64::from(step) * 0.7, [0, 1, 2, 3, 4, 5, 6]);
                let mut row = [0.0; 7];
                chase.row(steps, &ranks, &mut row);
                assert_eq!(row, ranks.map(|rank| chase.level(steps, rank)));
            }
        }
    }

    #[test]
    fn runs_each_way() {
        let forward = ["9....", "69...", "369..", ".369.", "..369", "9..36", "69..3"];
        assert_eq!(picture(Direction::Forward, 1.0, 2.0, 7), forward);
        let backward = ["....9", "...99", "..99.", ".99..", "99..."];
        assert_eq!(picture(Direction::Backward, 2.0, 0.0, 5), backward);
        let bounce =
            ["9....", ".9...", "..9..", "...9.", "....9", "...9.", "..9..", ".9...", "9...."];
        assert_eq!(picture(Direction::Bounce, 1.0, 0.0, 9), bounce);
        let bounce =
            ["9....", "59...", ".59..", "..59.", "...59", "...95", "..95.", ".95..", "95..."];
        assert_eq!(picture(Direction::Bounce, 1.0, 1.0, 9), bounce);
        assert_eq!(picture(Direction::Outward, 1.0, 0.0, 4), ["..9..", ".9.9.", "9...9", "..9.."]);
        assert_eq!(picture(Direction::Inward, 1.0, 0.0, 4), ["9...9", ".9.9.", "..9..", "9...9"]);
    }

    #[test]
    fn random_lights_each_place_once_a_round() {
        let rows = picture(Direction::Random, 1.0, 0.0, 15);
        for round in rows.chunks(5) {
            let mut places: Vec<_> = round.iter().map(|row| row.find('9')).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq((0..5).map(Some)), "{round:?}");
        }
        assert_ne!(rows[..5], rows[5..10]);
    }

    #[test]
    fn one_place_is_always_lit() {
        for direction in
            [Direction::Forward, Direction::Backward, Direction::Bounce, Direction::Random]
        {
            let chase =
                Chase { ranks: 1, width: 1.0, tail: 0.0, high: 1.0, low: 0.0, direction, seed: 0 };
            assert!((0..4).all(|step| chase.level(f64::from(step), 0) == 1.0), "{direction:?}");
        }
    }
}
