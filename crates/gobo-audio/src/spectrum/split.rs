//! Struck and sounding apart: what is steady in time sounds, what is alike over all frequencies is
//! struck (harmonic/percussive separation by medians, Fitzgerald 2010).

use std::collections::VecDeque;

use super::frames::Bin;

/// Frames or bins of a median, odd: 0.4 s, and 180 Hz.
const MEDIAN: usize = 17;
/// Frames on each side of the middle one.
const SIDE: usize = MEDIAN / 2;

/// What a frame's powers are made of, bin by bin.
#[derive(Default)]
pub(super) struct Shares {
    /// All of it, then drums, bass, vocals and other, which together are all of it.
    pub(super) powers: [Vec<f64>; 5],
    /// What is not struck.
    pub(super) sounding: Vec<f64>,
}

/// Splits frames as they come; what it gives lags behind by half a median.
pub(super) struct Split {
    /// The last frames, the newest at the end.
    frames: VecDeque<Vec<Bin>>,
    /// For each bin the amplitudes of the last [`MEDIAN`] frames, sorted.
    sorted: Vec<[f64; MEDIAN]>,
    /// How much of a bin that sounds is bass, and how much of its middle may be sung.
    weights: Vec<(f64, f64)>,
    shares: Shares,
    /// Frames that came, and frames given.
    pushed: usize,
    given: usize,
}

impl Split {
    pub(super) fn new(bins: usize, bin_hz: f64) -> Self {
        let weights = (0..bins).map(|bin| weights(bin as f64 * bin_hz)).collect();
        Self {
            frames: (0..MEDIAN).map(|_| vec![Bin::default(); bins]).collect(),
            sorted: vec![[0.0; MEDIAN]; bins],
            weights,
            shares: Shares::default(),
            pushed: 0,
            given: 0,
        }
    }

    /// Takes a frame and gives the one before it that now has all its neighbours.
    pub(super) fn push(&mut self, frame: &[Bin]) -> Option<&Shares> {
        self.pushed += 1;
        self.advance(frame);
        (self.pushed > SIDE).then(|| self.split())
    }

    /// The frames that still wait for neighbours, one by one: after the end is silence.
    pub(super) fn drain(&mut self) -> Option<&Shares> {
        if self.given >= self.pushed {
            return None;
        }
        let silence = vec![Bin::default(); self.sorted.len()];
        // A song shorter than half a median still has to move to the middle.
        let lag = if self.given == 0 { SIDE + 1 - self.pushed } else { 1 };
        (0..lag.max(1)).for_each(|_| self.advance(&silence));
        Some(self.split())
    }

    fn advance(&mut self, frame: &[Bin]) {
        let Some(mut room) = self.frames.pop_front() else { return };
        for ((sorted, old), new) in self.sorted.iter_mut().zip(&room).zip(frame) {
            exchange(sorted, old.power.sqrt(), new.power.sqrt());
        }
        room.copy_from_slice(frame);
        self.frames.push_back(room);
    }

    /// The middle frame, split.
    fn split(&mut self) -> &Shares {
        self.given += 1;
        let frame = &self.frames[SIDE];
        let Shares { powers, sounding } = &mut self.shares;
        powers.iter_mut().for_each(Vec::clear);
        sounding.clear();
        // Below 0 Hz the bins come again, so that a bass drum is not half silence.
        let amplitude = |bin: isize| frame.get(bin.unsigned_abs()).map_or(0.0, |b| b.power.sqrt());
        let mut across = [0.0; MEDIAN];
        for bin in -(SIDE as isize)..=SIDE as isize {
            exchange(&mut across, 0.0, amplitude(bin));
        }
        for (index, bin) in frame.iter().enumerate() {
            let steady = squared(self.sorted[index][SIDE]);
            let struck = squared(across[SIDE]);
            let both = steady + struck;
            let sounds = if both > 0.0 { bin.power * (steady / both) } else { 0.0 };
            let (low, sung) = self.weights[index];
            let bass = sounds * low;
            let vocals = (sounds - bass) * sung * squared(bin.centre);
            let parts = [bin.power, bin.power - sounds, bass, vocals, sounds - bass - vocals];
            for (powers, part) in powers.iter_mut().zip(parts) {
                powers.push(part.max(0.0));
            }
            sounding.push(sounds);
            let (leaving, coming) = (index as isize - SIDE as isize, index + SIDE + 1);
            exchange(&mut across, amplitude(leaving), amplitude(coming as isize));
        }
        &self.shares
    }
}

fn squared(number: f64) -> f64 {
    number * number
}

/// Bass up to 200 Hz and none from 300 Hz on; voices up to 4 kHz and none from 5 kHz on.
fn weights(hz: f64) -> (f64, f64) {
    let falling = |from: f64, to: f64| ((to - hz) / (to - from)).clamp(0.0, 1.0);
    (falling(200.0, 300.0), falling(4000.0, 5000.0))
}

/// Puts `new` in the place of one `old` of the sorted numbers.
fn exchange(sorted: &mut [f64; MEDIAN], old: f64, new: f64) {
    let mut at = sorted.partition_point(|number| *number < old).min(MEDIAN - 1);
    while at + 1 < MEDIAN && sorted[at + 1] < new {
        sorted[at] = sorted[at + 1];
        at += 1;
    }
    while at > 0 && sorted[at - 1] > new {
        sorted[at] = sorted[at - 1];
        at -= 1;
    }
    sorted[at] = new;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_keeps_the_order() {
        let mut numbers: VecDeque<f64> = vec![0.0; MEDIAN].into();
        let mut sorted = [0.0; MEDIAN];
        for step in 0_u32..200 {
            let new = f64::from(step * 7919 % 31);
            exchange(&mut sorted, numbers.pop_front().unwrap(), new);
            numbers.push_back(new);
            let mut expected: Vec<_> = numbers.iter().copied().collect();
            expected.sort_by(f64::total_cmp);
            assert_eq!(sorted.to_vec(), expected);
        }
    }
}
