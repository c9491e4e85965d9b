use std::time::Duration;

/// A packet of a frame: when the kernel took it, and its sequence number.
#[derive(Clone, Copy, Default)]
pub(super) struct Arrival {
    /// Nanoseconds of the wall clock.
    pub(crate) nanos: u64,
    pub(crate) sequence: u8,
    /// Its first level.
    pub(crate) level: u8,
}

/// What a stream looked like from outside.
pub(crate) struct Figures {
    /// How far the intervals between frames are from 1/60 s: half, 99 % and 99.9 % of them are
    /// no further, and the furthest.
    pub(crate) jitter: [Duration; 4],
    /// Frames that came more than half a frame after their time, by the grid that fits best.
    pub(crate) late: usize,
    /// Packets that never came, over all universes.
    pub(crate) lost: u64,
    /// Packets that came to this machine and were lost there.
    pub(crate) dropped_here: u64,
    /// The first level of the first universe, and when it came.
    pub(crate) levels: Vec<(u64, u8)>,
}

/// From one frame to the next, at 60 a second.
const NOMINAL: u64 = 1_000_000_000 / 60;

/// How far intervals are from the nominal one, at 50, 99, 99.9 and 100 % of the sorted list.
pub(super) fn jitter(frames: &[u64]) -> [Duration; 4] {
    let mut jitter: Vec<u64> =
        frames.windows(2).map(|pair| (pair[1] - pair[0]).abs_diff(NOMINAL)).collect();
    jitter.sort_unstable();
    [0.5, 0.99, 0.999, 1.0].map(|part| {
        let place = (jitter.len().saturating_sub(1) as f64 * part).round() as usize;
        Duration::from_nanos(jitter.get(place).copied().unwrap_or_default())
    })
}

/// Frames more than half a frame behind a grid of 1/60 s through the median of all.
pub(super) fn late(frames: &[u64]) -> usize {
    let Some(&first) = frames.first() else { return 0 };
    let behind = |(index, &nanos): (usize, &u64)| {
        nanos as i64 - first as i64 - (index as i64 * 1_000_000_000) / 60
    };
    let behind: Vec<i64> = frames.iter().enumerate().map(behind).collect();
    let mut sorted = behind.clone();
    sorted.sort_unstable();
    let median = sorted[sorted.len() / 2];
    behind.iter().filter(|&&behind| behind - median > NOMINAL as i64 / 2).count()
}

/// Packets missing by gaps in sequence numbers, which are 1 to 255.
pub(super) fn lost(packets: &[Arrival]) -> u64 {
    let gap = |pair: &[Arrival]| {
        let step = (i32::from(pair[1].sequence) - i32::from(pair[0].sequence)).rem_euclid(255);
        u64::from((step - 1).max(0).unsigned_abs())
    };
    packets.windows(2).map(gap).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_late_and_one_that_is_lost_are_found() {
        let mut frames: Vec<u64> = (0..600).map(|n| 5_000 + n * 1_000_000_000 / 60).collect();
        assert_eq!(jitter(&frames)[3], Duration::from_nanos(1));
        assert_eq!(late(&frames), 0);
        frames[300] += 9_000_000;
        assert_eq!(jitter(&frames)[3].as_millis(), 9);
        assert_eq!(jitter(&frames)[1], Duration::from_nanos(1));
        assert_eq!(late(&frames), 1);
        let arrival = |sequence| Arrival { nanos: 0, sequence, level: 0 };
        let sequences = [253, 254, 255, 1, 2, 4, 5];
        assert_eq!(lost(&sequences.map(arrival)), 1);
    }
}
