//! Where a place of a selection is in a fan.

use gobo_show::curve::{Fan, FanShape};

use crate::easing::ease;
use crate::random;
use crate::value::Value;

/// The value of `fan` at the place `rank` of `ranks`; `seed` draws random ones.
pub(crate) fn value<V: Value>(fan: &Fan<V>, rank: u32, ranks: u32, seed: u64) -> Option<V> {
    let last = fan.values.len().checked_sub(1)?;
    let rank = rank.min(ranks.saturating_sub(1));
    let along = |rank: u32| match ranks {
        0 | 1 => 0.0,
        _ => f64::from(rank) / f64::from(ranks - 1),
    };
    let place = match fan.shape {
        FanShape::Alternate => return fan.values.get(rank as usize % (last + 1)).copied(),
        FanShape::Blocks => {
            let block = u64::from(rank) * (last as u64 + 1) / u64::from(ranks.max(1));
            return fan.values.get(block as usize).copied();
        }
        FanShape::Linear => along(rank),
        FanShape::Mirror => {
            // The two middle places of an even number are both the middle.
            let (from_end, half) =
                (rank.min(ranks.saturating_sub(1) - rank), ranks.saturating_sub(1) / 2);
            if half == 0 { 0.0 } else { f64::from(from_end) / f64::from(half) }
        }
        FanShape::Random => along(random::place(seed, 0, rank, ranks)),
    };
    let position = place * last as f64;
    let before = (position.floor() as usize).min(last);
    let after = (before + 1).min(last);
    let way = ease(fan.easing, position - before as f64);
    Some(fan.values[before].mix(fan.values[after], way))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn over(shape: FanShape, values: &[f64], ranks: u32) -> Vec<f64> {
        let fan = Fan { values: values.to_vec(), shape, ..Fan::flat(0.0) };
        (0..ranks).map(|rank| value(&fan, rank, ranks, 7).unwrap()).collect()
    }

    #[test]
    fn each_shape_lies_as_it_says() {
        assert_eq!(over(FanShape::Linear, &[0.0, 1.0], 5), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(over(FanShape::Linear, &[0.0, 1.0, 0.0], 5), [0.0, 0.5, 1.0, 0.5, 0.0]);
        assert_eq!(over(FanShape::Mirror, &[0.0, 1.0], 5), [0.0, 0.5, 1.0, 0.5, 0.0]);
        assert_eq!(over(FanShape::Mirror, &[0.0, 1.0], 4), [0.0, 1.0, 1.0, 0.0]);
        assert_eq!(over(FanShape::Alternate, &[1.0, 2.0], 5), [1.0, 2.0, 1.0, 2.0, 1.0]);
        assert_eq!(over(FanShape::Blocks, &[1.0, 2.0, 3.0], 6), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
        assert_eq!(over(FanShape::Linear, &[3.0], 3), [3.0; 3]);
        assert_eq!(over(FanShape::Linear, &[3.0, 9.0], 1), [3.0]);
    }

    proptest! {
        #[test]
        fn a_random_fan_is_a_linear_one_in_another_order(ranks in 1_u32..40, seed: u64) {
            let fan = |shape| Fan { values: vec![0.0, 1.0], shape, ..Fan::flat(0.0) };
            let all = |shape| -> Vec<f64> {
                let fan = fan(shape);
                (0..ranks).map(|rank| value(&fan, rank, ranks, seed).unwrap()).collect()
            };
            let mut drawn = all(FanShape::Random);
            drawn.sort_by(f64::total_cmp);
            prop_assert_eq!(drawn, all(FanShape::Linear));
        }
    }
}
