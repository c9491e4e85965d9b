//! The order in which a chase of rows goes along fixtures: as effects run along a selection.

/// Which of `count` fixtures are lit in a step, by the way that the chase runs.
pub(super) fn along(way: &str, step: usize, count: usize) -> Vec<usize> {
    let (round, at) = (step / count.max(1), step % count.max(1));
    // How far the light is from the middle, and how many such places there are.
    let half = count.div_ceil(2).max(1);
    let from_middle = |far: usize| {
        let is_there = |place: &usize| (place * 2).abs_diff(count.saturating_sub(1)) / 2 == far;
        (0..count).filter(is_there).collect()
    };
    match way {
        "backward" => (0..count).rev().skip(at).take(1).collect(),
        "bounce" => {
            let there_and_back = (2 * count.saturating_sub(1)).max(1);
            let at = step % there_and_back;
            (0..count).filter(|place| *place == at.min(there_and_back - at)).collect()
        }
        "outward" => from_middle(step % half),
        "inward" => from_middle(half - 1 - step % half),
        "random" => drawn(round as u64, count).into_iter().skip(at).take(1).collect(),
        _ => (0..count).skip(at).take(1).collect(),
    }
}

/// The places in an order that is another in each round, and the same whenever it is drawn.
fn drawn(round: u64, count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by_key(|place| mixed(round << 32 | *place as u64));
    places
}

/// SplitMix64 (Steele, Lea, Flood 2014) of a number.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(way: &str, steps: usize, count: usize) -> Vec<String> {
        let row = |step| {
            let lit = along(way, step, count);
            (0..count).map(|place| if lit.contains(&place) { '#' } else { '.' }).collect()
        };
        (0..steps).map(row).collect()
    }

    #[test]
    fn each_way_runs_along_the_fixtures() {
        assert_eq!(picture("forward", 4, 3), ["#..", ".#.", "..#", "#.."]);
        assert_eq!(picture("backward", 4, 3), ["..#", ".#.", "#..", "..#"]);
        assert_eq!(picture("bounce", 5, 3), ["#..", ".#.", "..#", ".#.", "#.."]);
        assert_eq!(picture("outward", 4, 5), ["..#..", ".#.#.", "#...#", "..#.."]);
        assert_eq!(picture("inward", 3, 4), ["#..#", ".##.", "#..#"]);
        assert_eq!(picture("bounce", 3, 2), ["#.", ".#", "#."]);
        for way in super::super::WAYS {
            assert_eq!(picture(way, 3, 1), ["#", "#", "#"], "{way}");
        }
    }

    #[test]
    fn what_is_drawn_comes_once_a_round_and_always_the_same() {
        let all: Vec<usize> = (0..21).flat_map(|step| along("random", step, 7)).collect();
        for round in all.chunks(7) {
            let mut sorted = round.to_vec();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..7), "{round:?}");
        }
        assert_ne!(all[..7], all[7..14]);
        assert_eq!(drawn(1, 7), drawn(1, 7));
    }
}
