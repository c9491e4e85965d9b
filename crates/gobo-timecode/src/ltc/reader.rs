use super::LtcFrame;
use crate::{CodeRate, Direction, Timecode};

/// Finds out at what rate a code counts, which LTC does not say, and what its labels mean then.
#[derive(Clone, Debug)]
pub struct CodeReader {
    sample_rate: f64,
    /// As was told, or seen when the code went from one second to the next.
    settled: Option<CodeRate>,
    last: Option<LtcFrame>,
}

impl CodeReader {
    /// A reader of frames whose lengths are in samples of this rate; `rate` is what the code
    /// counts at, if it is known.
    pub fn new(sample_rate: u32, rate: Option<CodeRate>) -> Self {
        Self { sample_rate: sample_rate.into(), settled: rate, last: None }
    }

    /// Which frame was over at the end of this one, and how fast the code ran, 1.0 being as it
    /// should and negative backwards; `None` for a label that the rate does not have.
    pub fn read(&mut self, frame: &LtcFrame) -> Option<(Timecode, f64)> {
        let rate = self.rate(frame);
        self.last = Some(*frame);
        let code = Timecode::new(frame.label, rate).ok()?;
        let speed = self.sample_rate / (frame.length * rate.as_f64());
        // Its end is the start of the next frame, but for one that ran backwards.
        Some(match frame.direction {
            Direction::Forwards => (code.offset(1), speed),
            Direction::Backwards => (code, -speed),
        })
    }

    fn rate(&mut self, frame: &LtcFrame) -> CodeRate {
        if frame.drop {
            return CodeRate::Fps2997Drop;
        }
        let number = |frame: &LtcFrame| u32::from(frame.label.fields()[3]);
        // Of two frames without a gap the one tells which is the last of a second.
        let gap = |last: &LtcFrame| (frame.end - frame.length - last.end).abs() / frame.length;
        let last = self.last.as_ref().filter(|last| gap(last) < 0.25);
        let turned = last.map(|last| match frame.direction {
            Direction::Forwards => (number(last), number(frame)),
            Direction::Backwards => (number(frame), number(last)),
        });
        if let Some((last, 0)) = turned
            && let Some(rate) = counting(last + 1)
            && self.settled.is_none_or(|settled| settled.counted() != last + 1)
        {
            self.settled = Some(rate);
        }
        // At its own speed a code tells by how fast it is; a tape that is shuttled does not.
        let fps = self.sample_rate / frame.length;
        let nearest = [24, 25, 30].into_iter().min_by_key(|&count| {
            let octaves = (fps / f64::from(count)).log2().abs();
            (octaves * 1e6) as u64
        });
        let guess = nearest.and_then(counting).unwrap_or(CodeRate::Fps30);
        let rate = self.settled.unwrap_or(guess);
        if rate.counted() > number(frame) { rate } else { CodeRate::Fps30 }
    }
}

/// The rate that counts so many in a second, at their own speed.
fn counting(count: u32) -> Option<CodeRate> {
    match count {
        24 => Some(CodeRate::Fps24),
        25 => Some(CodeRate::Fps25),
        30 => Some(CodeRate::Fps30),
        _ => None,
    }
}
