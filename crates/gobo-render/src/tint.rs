//! The light of white, amber and lime emitters as parts of red, green and blue, and a colour
//! matched with all of them.
//!
//! The tints are chromaticities of the CIE 1931 observer brought to linear sRGB (IEC 61966-2-1),
//! the brightest part made 1 and what is negative made 0. White is the white of red, green and
//! blue themselves (D65). Warm white is the Planckian radiator of 3000 K (x 0.4369, y 0.4041), cold
//! white daylight of 8000 K (0.2952, 0.3048). Amber is the usual 590 nm diode (0.575, 0.424), lime
//! the usual phosphor-converted one (0.41, 0.56).

use gobo_show::rig::Emitter;
use gobo_show::value::Color;

use crate::emitters::EmitterSet;

/// The colour of an emitter at full drive.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Tint([f64; 3]);

const WHITE: Tint = Tint([1.0, 1.0, 1.0]);
const WARM_WHITE: Tint = Tint([1.0, 0.477, 0.154]);
const COLD_WHITE: Tint = Tint([0.766, 0.802, 1.0]);
const AMBER: Tint = Tint([1.0, 0.197, 0.0]);
const LIME: Tint = Tint([0.691, 1.0, 0.0]);

impl Tint {
    /// Whether an emitter takes part when tints are matched.
    pub(crate) fn is_matched(emitter: Emitter) -> bool {
        use Emitter::{Amber, Blue, ColdWhite, Green, Lime, Red, WarmWhite, White};
        matches!(emitter, Red | Green | Blue | White | WarmWhite | ColdWhite | Amber | Lime)
    }

    /// What `emitter` gives of `color` when every emitter of `set` takes as much as its own tint
    /// allows, white first, then warm and cold white together, amber and lime; red, green and
    /// blue do the rest. Together they give `color`.
    pub(crate) fn share(emitter: Emitter, set: EmitterSet, color: Color) -> f64 {
        use Emitter::{Amber, Blue, ColdWhite, Green, Lime, Red, WarmWhite, White};
        let mut rest = [color.red, color.green, color.blue];
        let mut own = 0.0;
        let mut give = |to: Emitter, drive: f64| {
            if to == emitter {
                own = drive;
            }
        };
        if set.has(White) {
            give(White, WHITE.take(&mut rest));
        }
        match (set.has(WarmWhite), set.has(ColdWhite)) {
            (true, true) => {
                let (cold, both) = Self::between(rest);
                let drive = both.take(&mut rest);
                give(WarmWhite, drive * (1.0 - cold));
                give(ColdWhite, drive * cold);
            }
            (true, false) => give(WarmWhite, WARM_WHITE.take(&mut rest)),
            (false, true) => give(ColdWhite, COLD_WHITE.take(&mut rest)),
            (false, false) => {}
        }
        for (other, tint) in [(Amber, AMBER), (Lime, LIME)] {
            if set.has(other) {
                give(other, tint.take(&mut rest));
            }
        }
        for (primary, part) in [Red, Green, Blue].into_iter().zip(rest) {
            give(primary, part);
        }
        own
    }

    /// Takes as much of the tint out of `rest` as is in it; how much that is, at most 1.
    fn take(self, rest: &mut [f64; 3]) -> f64 {
        let parts = rest.iter().zip(self.0).filter(|(_, tint)| *tint > 0.0);
        let drive = parts.fold(1.0, |least: f64, (rest, tint)| least.min(rest / tint)).max(0.0);
        for (rest, tint) in rest.iter_mut().zip(self.0) {
            *rest = (*rest - drive * tint).max(0.0);
        }
        drive
    }

    /// The mix of warm and cold white with as much blue to red as `color` has, and the part of
    /// cold white in it.
    fn between([red, _, blue]: [f64; 3]) -> (f64, Self) {
        let (warm, cold) = (WARM_WHITE.0, COLD_WHITE.0);
        let (warmer, colder) = (warm[0] * blue - warm[2] * red, cold[2] * red - cold[0] * blue);
        let part = if warmer + colder > 0.0 { warmer / (warmer + colder) } else { 0.0 };
        let part = part.clamp(0.0, 1.0);
        let mixed = [0, 1, 2].map(|axis| warm[axis] * (1.0 - part) + cold[axis] * part);
        (part, Self(mixed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Emitter::*;
    use gobo_show::rig::White as WhiteMode;
    use proptest::prelude::*;

    const ALL: [(Emitter, Tint); 8] = [
        (Red, Tint([1.0, 0.0, 0.0])),
        (Green, Tint([0.0, 1.0, 0.0])),
        (Blue, Tint([0.0, 0.0, 1.0])),
        (White, WHITE),
        (WarmWhite, WARM_WHITE),
        (ColdWhite, COLD_WHITE),
        (Amber, AMBER),
        (Lime, LIME),
    ];

    proptest! {
        #[test]
        fn matched_emitters_mix_back_to_the_colour(
            parts in prop::array::uniform3(0.0..=1.0), extra in prop::array::uniform5(any::<bool>()),
        ) {
            let has = |index: usize| index < 3 || extra[index - 3];
            let mut set = EmitterSet::new(WhiteMode::Match);
            let there = || ALL.into_iter().enumerate().filter(|(index, _)| has(*index));
            there().for_each(|(_, (emitter, _))| set.insert(emitter));
            let [red, green, blue] = parts;
            let mut light = [0.0; 3];
            for (_, (emitter, tint)) in there() {
                let drive = set.share(emitter).of(Color { red, green, blue });
                prop_assert!((0.0..=1.0).contains(&drive), "{emitter:?} {drive}");
                // Driven by a slot, a level is at most half of one off.
                let level = (drive * 255.0).round() / 255.0;
                light.iter_mut().zip(tint.0).for_each(|(light, tint)| *light += level * tint);
            }
            for (light, part) in light.into_iter().zip(parts) {
                // Each emitter rounds by itself, half a level at most.
                let rounding = 0.5 / 255.0 * there().count() as f64;
                prop_assert!((light - part).abs() <= rounding, "{light} {part}");
            }
        }
    }

    #[test]
    fn each_tint_takes_its_own_colour_whole() {
        for (emitter, Tint([red, green, blue])) in ALL {
            let mut set = EmitterSet::new(WhiteMode::Match);
            [Red, Green, Blue, emitter].into_iter().for_each(|one| set.insert(one));
            let drive = set.share(emitter).of(Color { red, green, blue });
            assert!((drive - 1.0).abs() < 1e-9, "{emitter:?} {drive}");
        }
    }

    #[test]
    fn warm_and_cold_white_share_by_temperature() {
        let mut set = EmitterSet::new(WhiteMode::Match);
        [Red, Green, Blue, WarmWhite, ColdWhite].into_iter().for_each(|one| set.insert(one));
        let share = |color: [f64; 3]| {
            let [red, green, blue] = color;
            [WarmWhite, ColdWhite].map(|one| set.share(one).of(Color { red, green, blue }))
        };
        let mut colder = -1.0;
        for step in 0..=10 {
            let blue = 0.154 + 0.0846 * f64::from(step);
            let [warm, cold] = share([1.0, 0.6, blue]);
            assert!(cold >= colder && (warm > 0.0 || step == 10), "{warm} {cold}");
            colder = cold;
        }
    }
}
