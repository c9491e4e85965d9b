use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::CommandId;

/// The identities of commands that were done, so that none is done twice: for a time to live after
/// they were last seen, and of those the most recent ones only.
#[derive(Clone, Debug)]
pub struct Seen {
    ttl_ms: u64,
    capacity: usize,
    by_id: HashMap<CommandId, Sight>,
    by_age: BTreeMap<u64, CommandId>,
    sights: u64,
}

#[derive(Clone, Copy, Debug)]
struct Sight {
    at_ms: u64,
    /// Rises with every sight: who was seen later.
    order: u64,
}

impl Seen {
    /// Remembers up to `capacity` identities (one at least), each for `ttl_s` seconds.
    pub fn new(ttl_s: u64, capacity: usize) -> Self {
        Self {
            ttl_ms: ttl_s.saturating_mul(1000),
            capacity: capacity.max(1),
            by_id: HashMap::new(),
            by_age: BTreeMap::new(),
            sights: 0,
        }
    }

    /// Sees an identity at a time in ms since 1970, and says whether it had been seen before. It
    /// is then the most recent one, and its time begins anew.
    pub fn see(&mut self, id: CommandId, at_ms: u64) -> bool {
        let before = self.by_id.get(&id).copied();
        self.sights += 1;
        let sight = Sight { at_ms, order: self.sights };
        self.by_id.insert(id, sight);
        self.by_age.insert(sight.order, id);
        if let Some(before) = before {
            self.by_age.remove(&before.order);
        }
        self.forget(at_ms);
        before.is_some_and(|before| self.lives(before, at_ms))
    }

    /// Whether an identity would be known at this time.
    pub fn knows(&self, id: CommandId, at_ms: u64) -> bool {
        self.by_id.get(&id).is_some_and(|sight| self.lives(*sight, at_ms))
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The identities and when they were seen, in ms since 1970; the most recent one last.
    pub fn iter(&self) -> impl Iterator<Item = (CommandId, u64)> {
        self.by_age.values().filter_map(|id| Some((*id, self.by_id.get(id)?.at_ms)))
    }

    /// `{id: seconds since 1970}`, as the contract's `cmd_seen.json` has it.
    pub fn to_json(&self) -> Value {
        let entry =
            |(id, at_ms): (CommandId, u64)| (id.to_string(), (at_ms as f64 / 1000.0).into());
        Value::Object(self.iter().map(entry).collect::<Map<_, _>>())
    }

    /// Sees all that a `cmd_seen.json` tells of, oldest first, and says whether the text was
    /// whole. Of one that is cut off or spoilt, what is whole counts.
    pub fn read_json(&mut self, text: &str) -> bool {
        let whole = serde_json::from_str::<Map<String, Value>>(text);
        let is_whole = whole.is_ok();
        let mut entries: Vec<(CommandId, u64)> = match whole {
            Ok(map) => map.iter().filter_map(|(id, at)| entry(id, at.as_f64()?)).collect(),
            Err(_) => salvage(text).collect(),
        };
        entries.sort_by_key(|(_, at_ms)| *at_ms);
        for (id, at_ms) in entries {
            self.see(id, at_ms);
        }
        is_whole
    }

    fn lives(&self, sight: Sight, now_ms: u64) -> bool {
        now_ms.saturating_sub(sight.at_ms) < self.ttl_ms
    }

    fn forget(&mut self, now_ms: u64) {
        while let Some((&order, &id)) = self.by_age.first_key_value() {
            let expired = self.by_id.get(&id).is_none_or(|sight| !self.lives(*sight, now_ms));
            if !expired && self.by_id.len() <= self.capacity {
                break;
            }
            self.by_age.remove(&order);
            self.by_id.remove(&id);
        }
    }
}

fn entry(id: &str, seconds: f64) -> Option<(CommandId, u64)> {
    // 9999 or so years; what is beyond is no time.
    let plausible = (0.0..=253_402_300_800.0).contains(&seconds);
    // Of a double as large as today the milliseconds are up to 0.0003 off.
    let ms = (seconds * 1000.0 + 0.001) as u64;
    plausible.then_some(id.parse().ok()?).map(|id| (id, ms))
}

/// The whole `"id": seconds` of a text that is no JSON any more. A number counts only if it is
/// seen to end.
fn salvage(text: &str) -> impl Iterator<Item = (CommandId, u64)> {
    text.split('"').zip(text.split('"').skip(1)).filter_map(|(id, rest)| {
        let number = rest.trim_start().strip_prefix(':')?;
        let end = number.find([',', '}'])?;
        entry(id, number[..end].trim().parse().ok()?)
    })
}
