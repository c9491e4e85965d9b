//! A line of the journal: the checksum of an entry, and the entry as JSON.

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::live::{Colour, CommandId};

/// A command that was done.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Entry {
    pub(super) id: CommandId,
    pub(super) at_ms: u64,
    pub(super) colour: Option<Colour>,
}

impl Entry {
    pub(super) fn line(&self) -> String {
        let mut entry = json!({ "seen": self.id.as_str(), "at_ms": self.at_ms });
        if let Some(colour) = &self.colour {
            entry["state"] = colour.to_json();
        }
        let entry = entry.to_string();
        format!("{:016x} {entry}\n", xxh3_64(entry.as_bytes()))
    }

    /// `None` for a line that is spoilt or cut off.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let (sum, entry) = line.split_at_checked(16)?;
        let entry = entry.strip_prefix(b" ")?;
        let sum = u64::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
        if sum != xxh3_64(entry) {
            return None;
        }
        let entry: Value = serde_json::from_slice(entry).ok()?;
        let id = entry.get("seen")?.as_str()?.parse().ok()?;
        let at_ms = entry.get("at_ms")?.as_u64()?;
        Some(Self { id, at_ms, colour: entry.get("state").and_then(Colour::from_json) })
    }
}

/// The entries of a journal, and how many of its lines are none.
pub(super) fn entries(bytes: &[u8]) -> (Vec<Entry>, usize) {
    let mut spoilt = 0;
    let mut entries = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match Entry::read(line) {
            Some(entry) => entries.push(entry),
            None => spoilt += 1,
        }
    }
    (entries, spoilt)
}
