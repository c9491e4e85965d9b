//! Native files written so that they read and compare well: stable order, short numbers, a line a
//! cue. Knows nothing of any other system.

mod cues;
mod names;
mod toml;
mod vocabulary;

use serde_json::Value;

pub use cues::{cue_file, pattern_file};
pub use names::Names;
pub use toml::Toml;
pub use vocabulary::Vocabulary;

/// A number of at most four decimals, whole ones without a point.
pub fn number(number: f64) -> Value {
    exact((number * 1e4).round() / 1e4)
}

/// A number with all its decimals, whole ones without a point.
pub fn exact(number: f64) -> Value {
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    if is_whole { (number as i64).into() } else { number.into() }
}

/// Milliseconds as seconds.
pub fn seconds(ms: f64) -> Value {
    number(ms / 1000.0)
}

/// A colour as `#rrggbb`.
pub fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The colour that `#rrggbb` means.
pub fn color(text: &str) -> Option<[u8; 3]> {
    let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let text = |value: f64| number(value).to_string();
        assert_eq!(text(2.0), "2");
        assert_eq!(text(-0.0), "0");
        assert_eq!(text(1.0 / 3.0), "0.3333");
        assert_eq!(seconds(1500.0).to_string(), "1.5");
        assert_eq!(hex([255, 0, 16]), "#ff0010");
        assert_eq!(color("#FF0010"), Some([255, 0, 16]));
        assert_eq!(color("#ff00"), None);
    }
}
