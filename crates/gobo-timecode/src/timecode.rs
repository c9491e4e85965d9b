use std::fmt;
use std::str::FromStr;

use crate::CodeRate;

/// Text or numbers that are no timecode.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TimecodeError {
    /// Not `hh:mm:ss:ff`.
    #[error("expected a timecode as `hh:mm:ss:ff` (01:00:00:00), found `{0}`")]
    Unreadable(String),
    /// No rate that timecode has.
    #[error("expected a timecode rate, 23.976, 24, 25, 29.97 (drop), 29.97nd or 30, found `{0}`")]
    Rate(String),
    /// A label that the rate leaves out, or more frames than it counts.
    #[error("there is no {label} at {rate} frames a second")]
    NoSuchLabel {
        /// What was written.
        label: Label,
        /// At which rate.
        rate: CodeRate,
    },
}

/// A timecode as it is written, whatever the rate: at most 23:59:59:29.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Label {
    hours: u8,
    minutes: u8,
    seconds: u8,
    frames: u8,
}

impl Label {
    /// A label of these numbers, if there is one: 0 to 23, 0 to 59, 0 to 59, 0 to 29.
    pub fn new(hours: u8, minutes: u8, seconds: u8, frames: u8) -> Option<Self> {
        (hours < 24 && minutes < 60 && seconds < 60 && frames < 30).then_some(Self {
            hours,
            minutes,
            seconds,
            frames,
        })
    }

    /// Hours, minutes, seconds and frames.
    pub fn fields(self) -> [u8; 4] {
        [self.hours, self.minutes, self.seconds, self.frames]
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [hours, minutes, seconds, frames] = self.fields();
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}:{frames:02}")
    }
}

impl FromStr for Label {
    type Err = TimecodeError;

    /// `hh:mm:ss:ff`; `;`, `.` or `,` before the frames, or no frames.
    fn from_str(text: &str) -> Result<Self, TimecodeError> {
        let unreadable = || TimecodeError::Unreadable(text.to_owned());
        let number = |part: &str| match part.len() {
            1 | 2 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok(),
            _ => None,
        };
        let parts = text.trim().split([':', ';', '.', ',']).map(number);
        let parts: Option<Vec<u8>> = parts.collect();
        let label = match parts.ok_or_else(unreadable)?[..] {
            [hours, minutes, seconds] => Self::new(hours, minutes, seconds, 0),
            [hours, minutes, seconds, frames] => Self::new(hours, minutes, seconds, frames),
            _ => None,
        };
        label.ok_or_else(unreadable)
    }
}

/// A frame of the 24 hours that a timecode counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Timecode {
    /// Frames since 00:00:00:00, less than a day of them.
    number: u32,
    rate: CodeRate,
}

/// Frames in ten minutes and in a minute that drops two, at 29.97.
const TEN_MINUTES: u32 = 17_982;
const DROPPING_MINUTE: u32 = 1_798;

impl Timecode {
    /// The frame that bears `label`.
    ///
    /// # Errors
    /// [`TimecodeError::NoSuchLabel`], when none does.
    pub fn new(label: Label, rate: CodeRate) -> Result<Self, TimecodeError> {
        let Label { minutes, seconds, frames, .. } = label;
        let dropped = rate.drops() && minutes % 10 != 0 && seconds == 0 && frames < 2;
        if dropped || u32::from(frames) >= rate.counted() {
            return Err(TimecodeError::NoSuchLabel { label, rate });
        }
        Ok(Self::nearest(label, rate))
    }

    /// The frame that bears `label`, or would if the rate had it.
    pub fn nearest(label: Label, rate: CodeRate) -> Self {
        let [hours, minutes, seconds, frames] = label.fields().map(u32::from);
        let minutes = hours * 60 + minutes;
        let dropped = if rate.drops() { 2 * (minutes - minutes / 10) } else { 0 };
        let last = rate.counted() - 1;
        let first = if rate.drops() && minutes % 10 != 0 && seconds == 0 { 2 } else { 0 };
        let frames = frames.clamp(first, last);
        Self { number: (minutes * 60 + seconds) * rate.counted() + frames - dropped, rate }
    }

    /// The frame `number` frames after 00:00:00:00, a day's later ones counted anew.
    pub fn of_number(number: u32, rate: CodeRate) -> Self {
        Self { number: number % rate.frames_in_a_day(), rate }
    }

    /// The frame `frames` frames on, or back; through midnight, too.
    pub fn offset(self, frames: i64) -> Self {
        let day = i64::from(self.rate.frames_in_a_day());
        let number = (i64::from(self.number) + frames % day).rem_euclid(day);
        Self { number: number as u32, ..self }
    }

    /// Frames since 00:00:00:00.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How fast it counts.
    pub fn rate(self) -> CodeRate {
        self.rate
    }

    /// What is written for it.
    pub fn label(self) -> Label {
        let mut number = self.number;
        if self.rate.drops() {
            let (tens, rest) = (number / TEN_MINUTES, number % TEN_MINUTES);
            // The first minute of ten drops nothing.
            number += 18 * tens + 2 * (rest.saturating_sub(2) / DROPPING_MINUTE);
        }
        let counted = self.rate.counted();
        let seconds = number / counted;
        Label {
            hours: (seconds / 3600) as u8,
            minutes: (seconds / 60 % 60) as u8,
            seconds: (seconds % 60) as u8,
            frames: (number % counted) as u8,
        }
    }

    /// Seconds by a true clock from 00:00:00:00 to the start of this frame.
    pub fn seconds(self) -> f64 {
        f64::from(self.number) * 1001.0 / f64::from(self.rate.frames_in_1001_seconds())
    }

    /// The frame that is on `seconds` after 00:00:00:00, through midnight, too; negative ones
    /// count from the midnight before.
    pub fn at_seconds(seconds: f64, rate: CodeRate) -> Self {
        let frames = seconds * f64::from(rate.frames_in_1001_seconds()) / 1001.0;
        // A frame begins where its own seconds say, whatever the rounding.
        let frame = (frames + 1e-6).floor();
        let day = f64::from(rate.frames_in_a_day());
        Self { number: frame.rem_euclid(day) as u32 % rate.frames_in_a_day(), rate }
    }

    /// Seconds from `start` to this frame, the short way round the day: -12 to 12 hours.
    pub fn seconds_since(self, start: Self) -> f64 {
        let day = f64::from(self.rate.frames_in_a_day()) / self.rate.as_f64();
        let ahead = self.seconds() - start.seconds();
        ahead - day * (ahead / day).round()
    }
}

impl fmt::Display for Timecode {
    /// `hh:mm:ss:ff`, with `;` before the frames of a rate that drops.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [hours, minutes, seconds, frames] = self.label().fields();
        let sign = if self.rate.drops() { ';' } else { ':' };
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}{sign}{frames:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rates() -> impl Strategy<Value = CodeRate> {
        prop::sample::select(CodeRate::all().collect::<Vec<_>>())
    }

    /// Every label of a day, in the order in which they are counted.
    fn labels(rate: CodeRate) -> impl Iterator<Item = Label> {
        let all = (0..86_400_u32).flat_map(move |second| {
            let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
            let first = if rate.drops() && seconds == 0 && minutes % 10 != 0 { 2 } else { 0 };
            (first..rate.counted()).map(move |frame| [hours, minutes, seconds, frame])
        });
        all.map(|fields| {
            let [hours, minutes, seconds, frames] = fields.map(|field| field as u8);
            Label::new(hours, minutes, seconds, frames).unwrap()
        })
    }

    #[test]
    fn a_day_is_counted_label_by_label() {
        for rate in CodeRate::all() {
            let mut number = 0;
            for label in labels(rate) {
                if matches!(label.hours, 0 | 23) {
                    let code = Timecode::of_number(number, rate);
                    assert_eq!(code.label(), label, "{number} at {rate}");
                    assert_eq!(Timecode::new(label, rate), Ok(code));
                }
                number += 1;
            }
            assert_eq!(number, rate.frames_in_a_day());
            assert_eq!(Timecode::of_number(number, rate).number(), 0);
        }
    }

    #[test]
    fn drop_frame_keeps_to_the_clock() {
        let drop =
            |text: &str| Timecode::new(text.parse().unwrap(), CodeRate::Fps2997Drop).unwrap();
        // The figures of SMPTE ST 12-1: an hour is 107 892 frames, a day 2.6 frames short.
        assert_eq!(drop("01:00:00;00").number(), 107_892);
        assert!((drop("01:00:00;00").seconds() - 3_599.996_4).abs() < 1e-4);
        assert_eq!(drop("00:00:59;29").offset(1), drop("00:01:00;02"));
        assert_eq!(drop("00:09:59;29").offset(1), drop("00:10:00;00"));
        assert_eq!(drop("00:00:00;00").offset(-1), drop("23:59:59;29"));
        let label: Label = "00:01:00;01".parse().unwrap();
        assert!(Timecode::new(label, CodeRate::Fps2997Drop).is_err());
        assert_eq!(Timecode::nearest(label, CodeRate::Fps2997Drop), drop("00:01:00;02"));
        assert!(Timecode::new("00:00:00:24".parse().unwrap(), CodeRate::Fps24).is_err());
        let late = Timecode::new("01:00:00:00".parse().unwrap(), CodeRate::Fps2997).unwrap();
        assert!((late.seconds() - 3603.6).abs() < 1e-9);
    }

    #[test]
    fn text() {
        for (text, printed) in [("1:2:3", "01:02:03:00"), ("01:02:03;04", "01:02:03:04")] {
            assert_eq!(text.parse::<Label>().unwrap().to_string(), printed);
        }
        for bad in ["", "1:2", "24:00:00:00", "0:60:0:0", "0:0:0:30", "1:2:3:4:5", "+1:0:0:0"] {
            assert!(bad.parse::<Label>().is_err(), "{bad}");
        }
        for rate in CodeRate::all() {
            assert_eq!(rate.to_string().parse(), Ok(rate));
        }
        assert!("60".parse::<CodeRate>().is_err());
    }

    proptest! {
        #[test]
        fn text_and_back(rate in rates(), number: u32) {
            let code = Timecode::of_number(number, rate);
            let text = code.to_string();
            prop_assert_eq!(text.contains(';'), rate.drops());
            prop_assert_eq!(Timecode::new(text.parse().unwrap(), rate), Ok(code));
        }

        #[test]
        fn seconds_and_back(rate in rates(), number: u32, part in 0.0_f64..0.999) {
            let code = Timecode::of_number(number, rate);
            prop_assert_eq!(Timecode::at_seconds(code.seconds(), rate), code);
            let inside = code.seconds() + part / rate.as_f64();
            prop_assert_eq!(Timecode::at_seconds(inside, rate), code);
        }

        #[test]
        fn differences_undo_offsets(rate in rates(), number: u32, by in -1_000_000_i64..1_000_000) {
            let start = Timecode::of_number(number, rate);
            let frames = start.offset(by).seconds_since(start) * rate.as_f64();
            prop_assert!((frames - by as f64).abs() < 1e-3, "{} for {}", frames, by);
            prop_assert_eq!(start.offset(by).offset(-by), start);
        }
    }
}
