//! The sequence numbers of everything that is sent, for a successor to count on from.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The numbers that one output sent last, one for each of its streams. Written by the real-time
/// thread, read by any.
#[derive(Clone, Debug)]
pub struct StreamNumbers {
    last: Arc<[AtomicU8]>,
    /// The number after 255: 0, or 1 where 0 means "not counted".
    wrap: u8,
}

impl StreamNumbers {
    /// So many streams that have sent nothing.
    pub(crate) fn new(streams: usize, wrap: u8) -> Self {
        Self { last: (0..streams).map(|_| AtomicU8::new(0)).collect(), wrap }
    }

    /// The number of a stream's next packet.
    pub(crate) fn next(&self, stream: usize) -> u8 {
        let Some(last) = self.last.get(stream) else { return self.wrap };
        let next = last.load(Ordering::Relaxed).checked_add(1).unwrap_or(self.wrap);
        last.store(next, Ordering::Relaxed);
        next
    }

    fn read(&self) -> Vec<u8> {
        self.last.iter().map(|last| last.load(Ordering::Relaxed)).collect()
    }

    /// Counts on from numbers that were read `ahead` packets ago.
    fn go_on(&self, from: &[u8], ahead: u8) {
        let numbers = 256 - u16::from(self.wrap);
        for (last, &from) in self.last.iter().zip(from) {
            let place = u16::from(from.max(self.wrap) - self.wrap) + u16::from(ahead);
            let number = place % numbers + u16::from(self.wrap);
            last.store(number as u8, Ordering::Relaxed);
        }
    }
}

/// The sequence numbers of all outputs of a show; see [`crate::Outputs::numbers`].
#[derive(Clone, Debug, Default)]
pub struct Numbers(Vec<StreamNumbers>);

impl Numbers {
    pub(crate) fn of(outputs: impl Iterator<Item = StreamNumbers>) -> Self {
        Self(outputs.collect())
    }

    /// The numbers sent last, of each output that counts.
    pub fn read(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(StreamNumbers::read).collect()
    }

    /// Counts on from what another process with the same outputs has read, before anything is
    /// sent. `ahead` is the most packets that it may have sent since to one universe, at most
    /// 127: a receiver drops a packet whose number is up to 19 behind the last one that it heard
    /// or the same (E1.31-2018 6.7.2), so a source that began anew at any number might not be
    /// heard for 20 frames.
    ///
    /// Outputs with another number of streams than there were begin anew.
    pub fn go_on(&self, from: &[Vec<u8>], ahead: u8) {
        for (numbers, from) in self.0.iter().zip(from) {
            if numbers.last.len() == from.len() {
                numbers.go_on(from, ahead.min(127));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::Order;

    proptest! {
        #[test]
        fn no_packet_of_a_successor_is_late(
            wrap in 0_u8..2, sent in 0_usize..600, unread in 0_u8..=127, spare in 0_u8..=127,
        ) {
            let ahead = unread.saturating_add(spare).min(127);
            let first = StreamNumbers::new(1, wrap);
            let mut order = Order { numbers: 256 - i16::from(wrap), last: None };
            (0..sent).for_each(|_| { order.next(first.next(0)); });
            let read = first.read();
            (0..unread).for_each(|_| { order.next(first.next(0)); });
            let second = Numbers(vec![StreamNumbers::new(1, wrap)]);
            second.go_on(&[read], ahead);
            for _ in 0..300 {
                let number = second.0[0].next(0);
                prop_assert!(number >= wrap);
                prop_assert!(order.next(number).is_some(), "{number} after {:?}", order.last);
            }
        }
    }
}
