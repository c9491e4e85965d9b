use std::fmt;
use std::str::FromStr;

use crate::TimecodeError;

/// How many frames a timecode counts in a second, and how fast they go by (SMPTE ST 12-1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CodeRate {
    /// Counts 24 at 24000/1001 frames a second.
    Fps23976,
    /// Film.
    Fps24,
    /// PAL and EBU.
    Fps25,
    /// NTSC without drops: counts 30 at 30000/1001 a second, and so runs 3.6 s an hour late.
    Fps2997,
    /// NTSC: leaves out the labels 00 and 01 of every minute but each tenth.
    Fps2997Drop,
    /// Counts 30 at 30 a second.
    Fps30,
}

/// Each rate with its name, the frames it counts and its frames in 1001 seconds.
const TABLE: [(CodeRate, &str, u32, u32); 6] = [
    (CodeRate::Fps23976, "23.976", 24, 24_000),
    (CodeRate::Fps24, "24", 24, 24_024),
    (CodeRate::Fps25, "25", 25, 25_025),
    (CodeRate::Fps2997, "29.97nd", 30, 30_000),
    (CodeRate::Fps2997Drop, "29.97", 30, 30_000),
    (CodeRate::Fps30, "30", 30, 30_030),
];

impl CodeRate {
    /// Every rate.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(rate, ..)| rate)
    }

    fn row(self) -> (Self, &'static str, u32, u32) {
        TABLE[self as usize]
    }

    /// Labels in a second, drops aside: 24, 25 or 30.
    pub fn counted(self) -> u32 {
        self.row().2
    }

    /// Frames in 1001 seconds: a whole number at every rate.
    pub(crate) fn frames_in_1001_seconds(self) -> u32 {
        self.row().3
    }

    /// Frames a second.
    pub fn as_f64(self) -> f64 {
        f64::from(self.frames_in_1001_seconds()) / 1001.0
    }

    /// Whether labels are left out.
    pub fn drops(self) -> bool {
        self == Self::Fps2997Drop
    }

    /// The frames of 24 hours of labels.
    pub fn frames_in_a_day(self) -> u32 {
        // 24 hours have 144 times ten minutes, of which nine drop two labels.
        86_400 * self.counted() - if self.drops() { 144 * 18 } else { 0 }
    }

    /// The two bits for it in MTC and ArtTimeCode, where 29.97 is always with drops.
    pub fn type_bits(self) -> u8 {
        match self {
            Self::Fps23976 | Self::Fps24 => 0,
            Self::Fps25 => 1,
            Self::Fps2997Drop => 2,
            Self::Fps2997 | Self::Fps30 => 3,
        }
    }

    /// The rate that the two bits of MTC and ArtTimeCode mean; higher bits are ignored.
    pub fn of_type_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Fps24,
            1 => Self::Fps25,
            2 => Self::Fps2997Drop,
            _ => Self::Fps30,
        }
    }
}

impl fmt::Display for CodeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().1)
    }
}

impl FromStr for CodeRate {
    type Err = TimecodeError;

    fn from_str(text: &str) -> Result<Self, TimecodeError> {
        let named = TABLE.into_iter().find(|(_, name, ..)| *name == text.trim());
        match text.trim() {
            "23.98" => Ok(Self::Fps23976),
            "29.97df" => Ok(Self::Fps2997Drop),
            _ => named.map(|(rate, ..)| rate).ok_or_else(|| TimecodeError::Rate(text.to_owned())),
        }
    }
}
