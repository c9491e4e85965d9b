use std::fmt;
use std::ops::{Add, Neg};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much later an output is than its frames' time, in whole milliseconds; negative is earlier.
///
/// It makes up for what lies behind an output: a slow gateway, a fixture that fades by itself.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i32", into = "i32")]
pub struct OutputDelay(i32);

/// Text or a number that is no delay of an output.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a delay is -2s to 2s, such as `20ms` or `-0.1s`, not `{0}`")]
pub struct OutputDelayError(pub String);

impl OutputDelay {
    /// None at all.
    pub const ZERO: Self = Self(0);

    /// The longest either way: what makes up for more is a mistake.
    const MOST: i32 = 2000;

    /// A delay of -2 to 2 seconds, to the millisecond.
    pub fn from_seconds(seconds: f64) -> Result<Self, OutputDelayError> {
        let millis = (seconds * 1000.0).round();
        match millis.abs() <= f64::from(Self::MOST) {
            true => Ok(Self(millis as i32)),
            false => Err(OutputDelayError(format!("{seconds}s"))),
        }
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// As a length of time; `None` when it is negative.
    pub fn duration(self) -> Option<Duration> {
        u64::try_from(self.0).ok().map(Duration::from_millis)
    }
}

impl Add for OutputDelay {
    type Output = Self;

    /// The sum may be longer than any one delay.
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Neg for OutputDelay {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl TryFrom<i32> for OutputDelay {
    type Error = OutputDelayError;

    fn try_from(millis: i32) -> Result<Self, OutputDelayError> {
        match millis.abs_diff(0) <= Self::MOST.unsigned_abs() {
            true => Ok(Self(millis)),
            false => Err(OutputDelayError(format!("{millis}ms"))),
        }
    }
}

impl From<OutputDelay> for i32 {
    fn from(delay: OutputDelay) -> i32 {
        delay.0
    }
}

impl FromStr for OutputDelay {
    type Err = OutputDelayError;

    fn from_str(text: &str) -> Result<Self, OutputDelayError> {
        let trimmed = text.trim();
        let (number, scale) = match (trimmed.strip_suffix("ms"), trimmed.strip_suffix('s')) {
            (Some(number), _) => (number, 1e-3),
            (None, Some(number)) => (number, 1.0),
            (None, None) => (trimmed, 1.0),
        };
        let seconds = number.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let delay = seconds.and_then(|seconds| Self::from_seconds(seconds * scale).ok());
        delay.ok_or_else(|| OutputDelayError(text.to_owned()))
    }
}

impl fmt::Display for OutputDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_read_and_written() {
        for (text, written) in
            [("20ms", "20ms"), ("-0.1s", "-100ms"), ("2", "2000ms"), ("0", "0ms")]
        {
            assert_eq!(text.parse::<OutputDelay>().unwrap().to_string(), written);
        }
        for text in ["", "2.1s", "-2001ms", "NaN", "1 beat", "1e9"] {
            let error = text.parse::<OutputDelay>().unwrap_err().to_string();
            assert!(error.contains(&format!("not `{text}`")), "{error}");
        }
        assert_eq!(serde_json::from_str::<OutputDelay>("-20").unwrap().seconds(), -0.02);
        assert!(serde_json::from_str::<OutputDelay>("-2147483648").is_err());
    }
}
