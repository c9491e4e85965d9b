use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Frames a second as a fraction, so that 30000/1001 is exact; 1 to 1000 FPS.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FrameRate {
    numerator: NonZeroU32,
    denominator: NonZeroU32,
}

/// Text or numbers that are no frame rate.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RateError {
    /// Neither a number nor a fraction.
    #[error("expected frames a second as `60`, `29.97` or `30000/1001`, found `{0}`")]
    Unreadable(String),
    /// Outside what the player can keep.
    #[error("a frame rate is 1 to 1000, not {0}/{1}")]
    OutOfRange(u32, u32),
}

const NANOS: u128 = 1_000_000_000;

impl FrameRate {
    /// 60 frames a second, the rate of a show that names none.
    pub const DEFAULT: Self =
        Self { numerator: NonZeroU32::new(60).unwrap(), denominator: NonZeroU32::MIN };

    /// `numerator / denominator` frames a second, reduced.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, RateError> {
        let out_of_range = RateError::OutOfRange(numerator, denominator);
        let divisor = gcd(numerator, denominator).max(1);
        match (NonZeroU32::new(numerator / divisor), NonZeroU32::new(denominator / divisor)) {
            (Some(n), Some(d)) if n >= d && u64::from(n.get()) <= 1000 * u64::from(d.get()) => {
                Ok(Self { numerator: n, denominator: d })
            }
            _ => Err(out_of_range),
        }
    }

    /// The numerator of the reduced fraction.
    pub const fn numerator(self) -> u32 {
        self.numerator.get()
    }

    /// The denominator of the reduced fraction.
    pub const fn denominator(self) -> u32 {
        self.denominator.get()
    }

    /// Frames a second, rounded to the nearest double.
    pub fn as_f64(self) -> f64 {
        f64::from(self.numerator()) / f64::from(self.denominator())
    }

    /// Whole frames that hold one second: the length of a cell, `ceil(rate)`.
    pub const fn frames_per_cell(self) -> u32 {
        self.numerator().div_ceil(self.denominator())
    }

    /// When frame `frame` begins, in seconds from frame 0.
    pub fn seconds_at(self, frame: u32) -> f64 {
        f64::from(frame) * f64::from(self.denominator()) / f64::from(self.numerator())
    }

    /// When frame `frame` begins, exact to a nanosecond (rounded down).
    pub const fn time_of(self, frame: u32) -> Duration {
        let nanos = frame as u128 * NANOS * self.denominator() as u128 / self.numerator() as u128;
        Duration::new((nanos / NANOS) as u64, (nanos % NANOS) as u32)
    }

    /// The frame due at `time`: the last whose [`FrameRate::time_of`] is not after it.
    pub fn frame_at(self, time: Duration) -> u32 {
        // time_of rounds down to a nanosecond; adding one undoes that before the floor.
        let ticks = (time.as_nanos() + 1) * u128::from(self.numerator());
        let denominator = u128::from(self.denominator()) * NANOS;
        u32::try_from((ticks - 1) / denominator).unwrap_or(u32::MAX)
    }

    /// The frame nearest to `seconds`, halves away from zero; negative times give 0.
    pub fn nearest_frame(self, seconds: f64) -> u32 {
        let frame = seconds * f64::from(self.numerator()) / f64::from(self.denominator());
        frame.round().clamp(0.0, f64::from(u32::MAX)) as u32
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Default for FrameRate {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl FromStr for FrameRate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let unreadable = || RateError::Unreadable(text.to_owned());
        let whole = |part: &str| part.trim().parse::<u32>().map_err(|_| unreadable());
        if let Some((numerator, denominator)) = text.split_once('/') {
            return Self::new(whole(numerator)?, whole(denominator)?);
        }
        match text.trim() {
            // The three NTSC rates are fractions that their decimals only name.
            "23.976" | "23.98" => Self::new(24_000, 1001),
            "29.97" => Self::new(30_000, 1001),
            "59.94" => Self::new(60_000, 1001),
            decimal => match decimal.split_once('.') {
                None => Self::new(whole(decimal)?, 1),
                Some((units, digits)) if (1..=3).contains(&digits.len()) => {
                    let scale = 10_u32.pow(digits.len() as u32);
                    let units = whole(units)?.checked_mul(scale).ok_or_else(unreadable)?;
                    Self::new(units.saturating_add(whole(digits)?), scale)
                }
                Some(_) => Err(unreadable()),
            },
        }
    }
}

impl TryFrom<String> for FrameRate {
    type Error = RateError;

    fn try_from(text: String) -> Result<Self, RateError> {
        text.parse()
    }
}

impl From<FrameRate> for String {
    fn from(rate: FrameRate) -> String {
        rate.to_string()
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator() {
            1 => self.numerator.fmt(f),
            denominator => write!(f, "{}/{denominator}", self.numerator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_prints() {
        for (text, printed) in
            [("60", "60"), ("30000/1001", "30000/1001"), ("29.97", "30000/1001"), ("12.5", "25/2")]
        {
            assert_eq!(text.parse::<FrameRate>().unwrap().to_string(), printed);
        }
        for bad in ["", "0", "1001", "-3", "1/0", "0/1", "x", "1.0000001", "4294967295.9", "1."] {
            assert!(bad.parse::<FrameRate>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cell_holds_a_second() {
        assert_eq!(FrameRate::DEFAULT.frames_per_cell(), 60);
        assert_eq!("29.97".parse::<FrameRate>().unwrap().frames_per_cell(), 30);
        assert_eq!("25/2".parse::<FrameRate>().unwrap().frames_per_cell(), 13);
    }

    proptest! {
        #[test]
        fn frame_at_undoes_time_of(n in 1_u32..60_000, d in 1_u32..1002, frame in 0_u32..20_000_000) {
            if let Ok(rate) = FrameRate::new(n, d) {
                let time = rate.time_of(frame);
                prop_assert_eq!(rate.frame_at(time), frame);
                prop_assert_eq!(rate.nearest_frame(rate.seconds_at(frame)), frame);
                if let Some(before) = time.checked_sub(Duration::from_nanos(2)) {
                    prop_assert_eq!(rate.frame_at(before), frame - 1);
                }
            }
        }
    }
}
