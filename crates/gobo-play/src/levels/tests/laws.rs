//! What holds of any frame.

use proptest::prelude::*;

use super::kit::{Frame, is_light, numbers};
use super::*;

/// A frame of any levels, often dark or full.
fn noise(seed: u64) -> Frame {
    let mut state = seed | 1;
    let mut level = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [.., kind, level] = state.to_be_bytes()[..4].try_into().unwrap_or([0; 4]);
        match kind % 8 {
            0 => 0,
            1 => 255,
            _ => level,
        }
    };
    [(); 2].map(|()| [(); SLOTS].map(|()| level()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn full_masters_are_no_masters(seed: u64) {
        let frame = noise(seed);
        let bench = Bench::new();
        // Something is parked, so that the frame does pass through.
        bench.desk.park(&bench.desk.spot("hazer.1").unwrap(), Hold::Level(0.5)).unwrap();
        bench.desk.set_grand(0.4);
        bench.desk.set_grand(1.0);
        let mut expected = frame;
        expected[0][90] = 128;
        prop_assert!(bench.mixed(&frame) == expected);
    }

    #[test]
    fn a_master_at_zero_is_a_blackout(seed: u64) {
        let frame = noise(seed);
        let (zero, black) = (Bench::new(), Bench::new());
        zero.desk.set_grand(0.0);
        black.desk.toggle_blackout();
        let mixed = black.mixed(&frame);
        prop_assert!(zero.mixed(&frame) == mixed);
        for fixture in header().patch.iter().filter(|fixture| !fixture.heads[0].channels.is_empty()) {
            let universe = usize::from(fixture.universe.get()) - 1;
            // The second half of a strip has its dimmer elsewhere.
            if (fixture.id.as_str(), universe) != ("long", 1) && fixture.id != "switched" {
                prop_assert!(fixture.shown(&mixed[universe]).all(|color| color == [0; 3]), "{}", fixture.id);
            }
        }
        black.desk.toggle_blackout();
        prop_assert!(black.mixed(&frame) == frame);
    }

    #[test]
    fn more_of_a_master_is_never_less_light(seed: u64, a in 0.0..=1.0, b in 0.0..=1.0) {
        let frame = noise(seed);
        let bench = Bench::new();
        let mixed = |master: f64| {
            bench.desk.set_grand(master);
            bench.mixed(&frame)
        };
        let (low, high) = (numbers(&mixed(f64::min(a, b))), numbers(&mixed(f64::max(a, b))));
        let full = numbers(&frame);
        for (place, number) in low {
            // The shutter and the dimmer with a shutter count in ranges; see their own tests.
            if !matches!(place, (0, 60 | 70)) {
                prop_assert!(number <= high[&place], "{place:?}");
                prop_assert!(high[&place] <= full[&place], "{place:?}");
            }
        }
    }

    #[test]
    fn nothing_but_light_is_touched(
        seed: u64, grand in 0.0..=1.0, all in 0.0..=1.0, blackout: bool,
    ) {
        let frame = noise(seed);
        let bench = Bench::new();
        bench.desk.set_grand(grand);
        bench.desk.set_group("all", all).unwrap();
        bench.desk.set_blackout(blackout);
        let mixed = bench.mixed(&frame);
        for universe in 0..2 {
            for slot in (0..SLOTS).filter(|&slot| !is_light(universe, slot)) {
                prop_assert_eq!(mixed[universe][slot], frame[universe][slot], "{} {}", universe, slot);
            }
        }
    }

    #[test]
    fn masters_multiply(seed: u64, a in 0.0..=1.0, b in 0.0..=1.0) {
        let frame = noise(seed);
        let (both, one, other) = (Bench::new(), Bench::new(), Bench::new());
        both.desk.set_grand(a);
        both.desk.set_group("all", b).unwrap();
        one.desk.set_grand(a);
        other.desk.set_grand(b);
        let (at_once, in_turn) = (both.mixed(&frame), other.mixed(&one.mixed(&frame)));
        let in_turn = numbers(&in_turn);
        for (place, number) in numbers(&at_once) {
            // By ranges, rounding may lie on either side of a gap.
            if !matches!(place, (0, 60)) {
                prop_assert!(number.abs_diff(in_turn[&place]) <= 1, "{place:?}");
            }
        }
    }

    #[test]
    fn parked_wins_over_everything(
        seed: u64, count in 1_u64..4, grand in 0.0..=1.0, blackout: bool,
        frozen: bool, level in 0.0..=1.0,
    ) {
        let bench = Bench::new();
        bench.desk.park(&bench.desk.spot("par").unwrap(), Hold::Level(level)).unwrap();
        bench.desk.park(&bench.desk.spot("fine.tilt").unwrap(), Hold::Level(level)).unwrap();
        let first = bench.mixed(&noise(seed));
        bench.desk.set_grand(grand);
        bench.desk.set_blackout(blackout);
        bench.desk.set_frozen(frozen);
        for frame in 0..count {
            let mixed = bench.mixed(&noise(seed ^ frame << 7));
            prop_assert_eq!(mixed[0][0], (level * 255.0).round() as u8);
            prop_assert_eq!(&mixed[1][13..16], &first[1][13..16]);
        }
    }
}
