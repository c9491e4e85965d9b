/// The course of a fade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Easing {
    /// As fast all the way.
    Linear,
    /// Slow at both ends: 3x² - 2x³.
    SCurve,
    /// Slow at first, ten times doubled: (2^(10x) - 1) / 1023.
    Expo,
}

impl Easing {
    /// Every course and its word.
    pub const ALL: [(&'static str, Self); 3] =
        [("linear", Self::Linear), ("s_curve", Self::SCurve), ("expo", Self::Expo)];

    /// How far the level is on its way, when this part of the time is over; both 0.0 to 1.0, and
    /// the same on every machine.
    pub fn at(self, part: f64) -> f64 {
        let part = if part.is_nan() { 1.0 } else { part.clamp(0.0, 1.0) };
        match self {
            Self::Linear => part,
            Self::SCurve => part * part * (3.0 - 2.0 * part),
            Self::Expo => (libm::exp2(10.0 * part) - 1.0) / 1023.0,
        }
    }
}
