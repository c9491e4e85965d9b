//! Hashes of what a cell depends on.

use std::io;
use std::ops::Range;

use serde::Serialize;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// A 128-bit hash in the making (XXH3), the same on every machine.
pub(crate) struct Fingerprint {
    /// What has not been hashed yet. Most of what is hashed is short, and hashed at once.
    fresh: Vec<u8>,
    /// The hash of all before, if there is more than was kept.
    before: Option<Box<Xxh3>>,
}

/// How many bytes are hashed together.
const TOGETHER: usize = 1024;

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self { fresh: Vec::with_capacity(256), before: None }
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        self.fresh.extend_from_slice(bytes);
        if self.fresh.len() > TOGETHER {
            self.before.get_or_insert_default().update(&self.fresh);
            self.fresh.clear();
        }
    }

    #[inline]
    pub(crate) fn integer(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(crate) fn number(&mut self, number: f64) {
        // Adding 0 makes -0 and 0, which no arithmetic here tells apart, one.
        self.integer((number + 0.0).to_bits());
    }

    pub(crate) fn numbers(&mut self, numbers: &[f64]) {
        numbers.iter().for_each(|number| self.number(*number));
    }

    pub(crate) fn wide(&mut self, number: u128) {
        self.bytes(&number.to_le_bytes());
    }

    /// The places of some members; 0 for those that have none.
    pub(crate) fn places(&mut self, places: &[u32], members: &Range<usize>) {
        let given = places.get(members.start..members.end.min(places.len())).unwrap_or_default();
        let lacking = std::iter::repeat_n(&0, members.len() - given.len());
        self.fresh.extend(given.iter().chain(lacking).flat_map(|place| place.to_le_bytes()));
        self.bytes(&[]);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.integer(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    /// Everything that `value` serialises, in its own order.
    pub(crate) fn whole(&mut self, value: &impl Serialize) {
        // Writing to a hash cannot fail, and the rig's types have no keys that JSON refuses.
        let _ = serde_json::to_writer(Sink(self), value);
        self.integer(u64::MAX);
    }

    pub(crate) fn digest(mut self) -> u128 {
        match &mut self.before {
            None => xxh3_128(&self.fresh),
            Some(before) => {
                before.update(&self.fresh);
                before.digest128()
            }
        }
    }
}

struct Sink<'a>(&'a mut Fingerprint);

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
