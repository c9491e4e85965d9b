//! Short tables of what needed the past, worked out when a graph is lowered.

use serde::Serialize;

/// Values at even steps over a clip; straight between them.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Table {
    /// Seconds since the clip's start of the first value.
    first: f64,
    /// Seconds from value to value.
    step: f64,
    channels: usize,
    values: Vec<f32>,
}

impl Table {
    pub(crate) fn new(first: f64, step: f64, channels: usize, values: Vec<f32>) -> Self {
        Self { first, step, channels: channels.max(1), values }
    }

    /// The values at `seconds`, a channel each.
    pub(crate) fn read(&self, seconds: f64, out: &mut [f64]) {
        let last = (self.values.len() / self.channels).saturating_sub(1);
        let at = ((seconds - self.first) / self.step).clamp(0.0, last as f64);
        let (low, along) = (at as usize, at - at.floor());
        for (channel, out) in out.iter_mut().enumerate() {
            let value = |index: usize| {
                let index = index.min(last) * self.channels + channel;
                f64::from(self.values.get(index).copied().unwrap_or(0.0))
            };
            *out = value(low) * (1.0 - along) + value(low + 1) * along;
        }
    }
}

/// Moments at which something is drawn anew.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub(crate) struct Draws {
    /// Seconds since the clip's start, rising; the first is its start.
    starts: Vec<f64>,
}

impl Draws {
    /// The moments at which the value that `trigger` gives changes by a thousandth.
    pub(crate) fn new(instants: &[f64], mut trigger: impl FnMut(f64) -> f64) -> Self {
        let mut starts = Vec::new();
        let mut before = None;
        for &at in instants {
            let value = (trigger(at) * 1000.0) as i64;
            if before != Some(value) {
                starts.push(at);
                before = Some(value);
            }
        }
        Self { starts }
    }

    pub(crate) fn starts(&self) -> &[f64] {
        &self.starts
    }

    /// Which draw shows at `seconds`.
    pub(crate) fn at(&self, seconds: f64) -> usize {
        self.starts.partition_point(|start| *start <= seconds + 1e-9).saturating_sub(1)
    }
}
