//! A colour on whatever emitters a head has.
//!
//! Red, green and blue take their parts of the colour as they are: a part of a colour is linear
//! light, proportional to the drive. Where all three stand beside white (one, or a warm and a
//! cold), the part that they have in common moves to white, unless the venue's white mode says
//! otherwise. Cyan, magenta and yellow without red, green or blue are filters: 1 less what they
//! take away. White alone shines with the brightest part; a warm and a cold white share it by red
//! against blue. Amber, lime, indigo and ultraviolet stay dark beside others (they are reached by
//! name) and alone shine with the brightest part. Ultraviolet never takes part in a colour.

use gobo_show::rig::{Emitter, White as WhiteMode};
use gobo_show::value::Color;

use crate::tint::Tint;

/// Which emitters a head has, and what its white ones take of a colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct EmitterSet {
    bits: u16,
    white: WhiteMode,
}

impl EmitterSet {
    pub(crate) fn new(white: WhiteMode) -> Self {
        Self { bits: 0, white }
    }

    pub(crate) fn insert(&mut self, emitter: Emitter) {
        self.bits |= 1 << emitter as u16;
    }

    pub(crate) fn is_empty(self) -> bool {
        self.bits == 0
    }

    pub(crate) fn has(self, emitter: Emitter) -> bool {
        self.bits & 1 << emitter as u16 != 0
    }

    fn any(self, emitters: &[Emitter]) -> bool {
        emitters.iter().any(|&emitter| self.has(emitter))
    }

    /// Whether the set adds light, rather than filtering it.
    pub(crate) fn adds(self) -> bool {
        use Emitter::{Cyan, Magenta, Red, Yellow};
        let filters = 1 << Cyan as u16 | 1 << Magenta as u16 | 1 << Yellow as u16;
        self.has(Red) || self.bits & !filters != 0
    }

    /// Whether any colour comes of the set, so that presets and wheels are not needed.
    pub(crate) fn mixes(self) -> bool {
        use Emitter::{Blue, Cyan, Green, Magenta, Red, Yellow};
        let all = |emitters: [Emitter; 3]| emitters.iter().all(|&emitter| self.has(emitter));
        all([Red, Green, Blue]) || all([Cyan, Magenta, Yellow])
    }

    /// What `emitter`, one of the set, gives of a colour.
    pub(crate) fn share(self, emitter: Emitter) -> Share {
        use Emitter::{
            Amber, Blue, ColdWhite, Cyan, Green, Indigo, Lime, Magenta, Red, Uv, WarmWhite, White,
            Yellow,
        };
        let rgb = [Red, Green, Blue].map(|primary| self.has(primary));
        let whites = [White, WarmWhite, ColdWhite];
        let mixes = rgb == [true; 3];
        if mixes && self.white == WhiteMode::Match && Tint::is_matched(emitter) {
            return Share::Match(emitter, self);
        }
        let extracts = mixes && self.any(&whites) && self.white == WhiteMode::Extract;
        let primary = if extracts { Share::Rest } else { Share::Part };
        let filters = rgb == [false; 3];
        let filter = |part| if filters { Share::Lack(part) } else { Share::Nothing };
        match emitter {
            Red => primary(Primary::Red),
            Green => primary(Primary::Green),
            Blue => primary(Primary::Blue),
            Cyan => filter(Primary::Red),
            Magenta => filter(Primary::Green),
            Yellow => filter(Primary::Blue),
            White | WarmWhite | ColdWhite if rgb != [false; 3] => match self.white {
                WhiteMode::None => Share::Nothing,
                _ => Share::Common,
            },
            WarmWhite if self.has(ColdWhite) => Share::Warm,
            ColdWhite if self.has(WarmWhite) => Share::Cold,
            White | WarmWhite | ColdWhite => Share::Brightest,
            Amber | Uv | Lime | Indigo => {
                let others = [Red, Green, Blue, Cyan, Magenta, Yellow];
                match self.any(&others) || self.any(&whites) {
                    true => Share::Nothing,
                    false => Share::Brightest,
                }
            }
        }
    }
}

/// A part of a colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Primary {
    Red,
    Green,
    Blue,
}

impl Primary {
    fn of(self, color: Color) -> f64 {
        match self {
            Self::Red => color.red,
            Self::Green => color.green,
            Self::Blue => color.blue,
        }
    }
}

/// What an emitter of a set gives of a colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Share {
    /// A part as it is.
    Part(Primary),
    /// What white leaves of a part.
    Rest(Primary),
    /// What a filter takes away.
    Lack(Primary),
    /// What all parts have in common.
    Common,
    /// As much as the brightest part.
    Brightest,
    /// Less than the brightest part where there is more blue than red.
    Warm,
    /// Less than the brightest part where there is more red than blue.
    Cold,
    /// What matching the tints of the set gives to it.
    Match(Emitter, EmitterSet),
    Nothing,
}

impl Share {
    /// How far the emitter is driven for `color`, 0 to 1.
    pub(crate) fn of(self, color: Color) -> f64 {
        match self {
            Self::Part(part) => part.of(color),
            Self::Rest(part) => part.of(color) - common(color),
            Self::Lack(part) => 1.0 - part.of(color),
            Self::Common => common(color),
            Self::Brightest => brightest(color),
            Self::Warm => brightest(color) * share(color.red, color.blue),
            Self::Cold => brightest(color) * share(color.blue, color.red),
            Self::Match(emitter, set) => Tint::share(emitter, set, color),
            Self::Nothing => 0.0,
        }
    }
}

fn common(color: Color) -> f64 {
    color.red.min(color.green).min(color.blue)
}

fn brightest(color: Color) -> f64 {
    color.red.max(color.green).max(color.blue)
}

/// All where `mine` is not less than `other`, then less with it.
fn share(mine: f64, other: f64) -> f64 {
    if mine >= other { 1.0 } else { 2.0 * mine / (mine + other) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Emitter::*;

    fn driven(emitters: &[Emitter], [red, green, blue]: [f64; 3]) -> Vec<f64> {
        let mut set = EmitterSet::default();
        emitters.iter().for_each(|&emitter| set.insert(emitter));
        let color = Color { red, green, blue };
        emitters.iter().map(|&emitter| set.share(emitter).of(color)).collect()
    }

    #[test]
    fn colors_on_each_set() {
        let orange = [1.0, 0.5, 0.25];
        for (set, expected) in [
            (&[Red, Green, Blue][..], &[1.0, 0.5, 0.25][..]),
            (&[Red, Green, Blue, White], &[0.75, 0.25, 0.0, 0.25]),
            (&[Red, Green, Blue, White, Amber, Uv], &[0.75, 0.25, 0.0, 0.25, 0.0, 0.0]),
            (&[Red, Green, Blue, Amber], &[1.0, 0.5, 0.25, 0.0]),
            (&[Cyan, Magenta, Yellow], &[0.0, 0.5, 0.75]),
            (&[WarmWhite, ColdWhite], &[1.0, 0.4]),
            (&[White], &[1.0]),
            (&[Uv], &[1.0]),
            (&[Red, White], &[1.0, 0.25]),
            (&[White, Amber], &[1.0, 0.0]),
        ] {
            assert_eq!(driven(set, orange), expected, "{set:?}");
        }
        assert_eq!(driven(&[WarmWhite, ColdWhite], [0.5, 0.5, 1.0]), [2.0 / 3.0, 1.0]);
    }

    #[test]
    fn filters_alone_add_nothing() {
        let of = |emitters: &[Emitter]| {
            let mut set = EmitterSet::default();
            emitters.iter().for_each(|&emitter| set.insert(emitter));
            set.adds()
        };
        assert!(!of(&[Cyan, Magenta, Yellow]));
        assert!(of(&[Red]) && of(&[White]) && of(&[Cyan, Uv]));
    }
}
