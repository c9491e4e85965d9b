/// What live control counts, for `/metrics`.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Figures {
    /// Commands that were accepted and done: `dmx_engine_processed_total`.
    pub processed_total: u64,
    /// Commands that had been done before: `dmx_engine_deduped_total`.
    pub deduped_total: u64,
    /// Commands that were refused: `dmx_engine_refused_total`.
    pub refused_total: u64,
    /// From the arrival of the last command until it was done, in milliseconds:
    /// `dmx_engine_last_latency_ms`.
    pub last_latency_ms: f64,
}

impl Figures {
    /// Names, kinds and values of the metrics, with the depth of the queue and whether the broker
    /// is connected.
    pub fn metrics(&self, queue_depth: usize, mqtt_connected: bool) -> [Metric; 6] {
        [
            Metric::counter("dmx_engine_processed_total", self.processed_total),
            Metric::counter("dmx_engine_deduped_total", self.deduped_total),
            Metric::counter("dmx_engine_refused_total", self.refused_total),
            Metric::gauge("dmx_engine_queue_depth", queue_depth as f64),
            Metric::gauge("dmx_engine_last_latency_ms", self.last_latency_ms),
            Metric::gauge("dmx_mqtt_connected", f64::from(u8::from(mqtt_connected))),
        ]
    }
}

/// A figure as Prometheus wants it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// `counter` or `gauge`.
    pub kind: &'static str,
    /// Its value.
    pub value: f64,
}

impl Metric {
    fn counter(name: &'static str, value: u64) -> Self {
        Self { name, kind: "counter", value: value as f64 }
    }

    fn gauge(name: &'static str, value: f64) -> Self {
        Self { name, kind: "gauge", value }
    }
}
