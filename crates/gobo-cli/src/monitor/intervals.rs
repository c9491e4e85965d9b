//! How regularly packets come: the time from one to the next of each universe of each source.
//!
//! It is taken when a packet is read, not when it arrives: what this machine adds is in it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gobo_dmx::Universe;
use gobo_output::SourceId;
use gobo_play::Spread;
use serde_json::{Value, json};

/// Intervals of every stream since it began.
#[derive(Default)]
pub(super) struct Intervals(BTreeMap<(SourceId, Universe), (Instant, Spread)>);

impl Intervals {
    /// Takes note of levels.
    pub(super) fn hear(&mut self, source: SourceId, universe: Universe, now: Instant) {
        match self.0.get_mut(&(source, universe)) {
            Some((last, spread)) => {
                spread.add(now.saturating_duration_since(*last));
                *last = now;
            }
            None => {
                self.0.insert((source, universe), (now, Spread::default()));
            }
        }
    }

    /// Forgets a stream that has ended.
    pub(super) fn forget(&mut self, source: SourceId, universe: Universe) {
        self.0.remove(&(source, universe));
    }

    /// Percentiles in milliseconds, at most 3 % too high; null before the second packet.
    pub(super) fn json(&self, source: SourceId, universe: Universe) -> Value {
        let spread = self.0.get(&(source, universe)).map(|(_, spread)| spread);
        let Some(spread) = spread.filter(|spread| spread.count() > 0) else { return Value::Null };
        let millis = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        let share = |share: f64| millis(spread.percentile(share));
        json!({
            "count": spread.count(),
            "p50": share(0.5),
            "p99": share(0.99),
            "p99_9": share(0.999),
            "max": millis(spread.most()),
        })
    }
}
