//! What the lead leaves for requests to read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::live::Metric;

/// How old the last frame may be for the lights to be called alive.
const STALE: Duration = Duration::from_secs(2);

/// The song that plays, for those who hear it elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Media {
    /// Where its sound lies.
    pub(crate) song: Option<PathBuf>,
    /// Its waveform as JSON, once it is known.
    pub(crate) peaks: Option<Arc<str>>,
}

/// How the server fares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    /// When the lead last had its turn.
    pub(crate) led: Option<Instant>,
    /// When the last frame went out.
    pub(crate) sent: Option<Instant>,
    /// Targets that do not take what they are sent.
    pub(crate) failing: u32,
    /// Whether the broker is connected; nothing if there is none.
    pub(crate) broker: Option<bool>,
    /// What waits in the queue, and how much there is room for.
    pub(crate) queue: (usize, usize),
    /// Figures for Prometheus.
    pub(crate) metrics: Vec<Metric>,
}

impl Health {
    /// Whether all is as it is to be, with each part of it by name.
    pub(crate) fn ready(&self, now: Instant) -> (bool, Value) {
        let is_fresh =
            |at: Option<Instant>| at.is_some_and(|at| now.saturating_duration_since(at) < STALE);
        let (depth, room) = self.queue;
        let (lead, lights) = (is_fresh(self.led), is_fresh(self.sent));
        let (queue, outputs) = (depth * 2 <= room, self.failing == 0);
        let ready = lead && lights && queue && outputs && self.broker != Some(false);
        let mut told = json!({
            "ready": ready, "lead": lead, "lights": lights, "queue": queue, "outputs": outputs,
        });
        if let Some(broker) = self.broker {
            told["mqtt"] = broker.into();
        }
        (ready, told)
    }
}

/// What the lead leaves for requests to read.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    media: Mutex<Media>,
    health: Mutex<Health>,
}

impl Shared {
    pub(crate) fn media(&self) -> MutexGuard<'_, Media> {
        // Each member stands for itself.
        self.media.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
