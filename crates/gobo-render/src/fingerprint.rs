//! Hashes of what a cell depends on.

use std::io;
use std::ops::Range;

use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

/// A 128-bit hash in the making (XXH3), the same on every machine.
pub(crate) struct Fingerprint(Xxh3);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(Xxh3::new())
    }

    pub(crate) fn integer(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    pub(crate) fn number(&mut self, number: f64) {
        // Adding 0 makes -0 and 0, which no arithmetic here tells apart, one.
        self.integer((number + 0.0).to_bits());
    }

    pub(crate) fn numbers(&mut self, numbers: &[f64]) {
        numbers.iter().for_each(|number| self.number(*number));
    }

    pub(crate) fn wide(&mut self, number: u128) {
        self.0.update(&number.to_le_bytes());
    }

    /// The places of some members; 0 for those that have none.
    pub(crate) fn places(&mut self, places: &[u32], members: &Range<usize>) {
        const TOGETHER: usize = 64;
        let given = places.get(members.start..members.end.min(places.len())).unwrap_or_default();
        for places in given.chunks(TOGETHER) {
            let mut bytes = [0; 4 * TOGETHER];
            for (bytes, place) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(places) {
                *bytes = place.to_le_bytes();
            }
            self.0.update(&bytes[..4 * places.len()]);
        }
        for _ in given.len()..members.len() {
            self.0.update(&0_u32.to_le_bytes());
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.integer(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    /// Everything that `value` serialises, in its own order.
    pub(crate) fn whole(&mut self, value: &impl Serialize) {
        // Writing to a hash cannot fail, and the rig's types have no keys that JSON refuses.
        let _ = serde_json::to_writer(Sink(&mut self.0), value);
        self.integer(u64::MAX);
    }

    pub(crate) fn digest(&self) -> u128 {
        self.0.digest128()
    }
}

struct Sink<'a>(&'a mut Xxh3);

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
