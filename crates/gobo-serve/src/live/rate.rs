use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::Protocol;

/// The most senders whose rate is known at once. Who was quiet for longest is forgotten first.
const SENDERS: usize = 8_192;

/// Whose commands are counted together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Sender {
    pub(super) protocol: Protocol,
    pub(super) address: Arc<str>,
    pub(super) universe: Option<u16>,
}

/// Token buckets: so many commands a second, and as many at once.
#[derive(Debug)]
pub(super) struct Buckets {
    per_second: f64,
    buckets: HashMap<Sender, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn fill(&mut self, per_second: f64, now: Instant) {
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + elapsed * per_second).min(per_second.max(1.0));
        self.filled = self.filled.max(now);
    }
}

impl Buckets {
    /// Buckets of a rate; 0 is no limit.
    pub(super) fn new(per_second: u32) -> Self {
        Self { per_second: f64::from(per_second), buckets: HashMap::new() }
    }

    /// Takes one command of a sender at this time; `false` if it is one too many.
    pub(super) fn take(&mut self, sender: Sender, now: Instant) -> bool {
        if self.per_second == 0.0 {
            return true;
        }
        if self.buckets.len() >= SENDERS && !self.buckets.contains_key(&sender) {
            self.make_room(now);
        }
        let full = Bucket { tokens: self.per_second, filled: now };
        let bucket = self.buckets.entry(sender).or_insert(full);
        bucket.fill(self.per_second, now);
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        allowed
    }

    fn make_room(&mut self, now: Instant) {
        // A bucket that is full again is as one that never was.
        self.buckets.retain(|_, bucket| now.saturating_duration_since(bucket.filled).as_secs() < 1);
        if self.buckets.len() >= SENDERS {
            let oldest = self.buckets.iter().min_by_key(|(_, bucket)| bucket.filled);
            if let Some(sender) = oldest.map(|(sender, _)| sender.clone()) {
                self.buckets.remove(&sender);
            }
        }
    }
}
