//! A colour on whatever emitters a head has.
//!
//! Red, green and blue take their parts of the colour as they are. Where all three stand beside
//! white (one, or a warm and a cold), the part that they have in common moves to white. Cyan,
//! magenta and yellow without red, green or blue are filters: 1 less what they take away. White
//! alone shines with the brightest part; a warm and a cold white share it by red against blue.
//! Amber, lime, indigo and ultraviolet stay dark beside others (raw channels reach them) and
//! alone shine with the brightest part.

use gobo_show::rig::Emitter;
use gobo_show::value::Color;

/// Which emitters a head has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct EmitterSet(u16);

impl EmitterSet {
    pub(crate) fn insert(&mut self, emitter: Emitter) {
        self.0 |= 1 << emitter as u16;
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn has(self, emitter: Emitter) -> bool {
        self.0 & 1 << emitter as u16 != 0
    }

    fn any(self, emitters: &[Emitter]) -> bool {
        emitters.iter().any(|&emitter| self.has(emitter))
    }

    /// Whether the set adds light, rather than filtering it.
    pub(crate) fn adds(self) -> bool {
        use Emitter::{Cyan, Magenta, Red, Yellow};
        let filters = 1 << Cyan as u16 | 1 << Magenta as u16 | 1 << Yellow as u16;
        self.has(Red) || self.0 & !filters != 0
    }

    /// Whether any colour comes of the set, so that presets and wheels are not needed.
    pub(crate) fn mixes(self) -> bool {
        use Emitter::{Blue, Cyan, Green, Magenta, Red, Yellow};
        let all = |emitters: [Emitter; 3]| emitters.iter().all(|&emitter| self.has(emitter));
        all([Red, Green, Blue]) || all([Cyan, Magenta, Yellow])
    }

    /// How far `emitter` is driven for `color`, 0 to 1.
    pub(crate) fn drive(self, emitter: Emitter, color: Color) -> f64 {
        use Emitter::{
            Amber, Blue, ColdWhite, Cyan, Green, Indigo, Lime, Magenta, Red, Uv, WarmWhite, White,
            Yellow,
        };
        let rgb = [Red, Green, Blue].map(|primary| self.has(primary));
        let whites = [White, WarmWhite, ColdWhite];
        let common = color.red.min(color.green).min(color.blue);
        let extracted = match rgb == [true; 3] && self.any(&whites) {
            true => common,
            false => 0.0,
        };
        let filter = |part: f64| if rgb == [false; 3] { 1.0 - part } else { 0.0 };
        match emitter {
            Red => color.red - extracted,
            Green => color.green - extracted,
            Blue => color.blue - extracted,
            Cyan => filter(color.red),
            Magenta => filter(color.green),
            Yellow => filter(color.blue),
            White | WarmWhite | ColdWhite if rgb != [false; 3] => common,
            WarmWhite if self.has(ColdWhite) => brightest(color) * share(color.red, color.blue),
            ColdWhite if self.has(WarmWhite) => brightest(color) * share(color.blue, color.red),
            White | WarmWhite | ColdWhite => brightest(color),
            Amber | Uv | Lime | Indigo => {
                let others = [Red, Green, Blue, Cyan, Magenta, Yellow];
                if self.any(&others) || self.any(&whites) { 0.0 } else { brightest(color) }
            }
        }
    }
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
        emitters.iter().map(|&emitter| set.drive(emitter, color)).collect()
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
