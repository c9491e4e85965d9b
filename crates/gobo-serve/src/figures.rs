//! Figures for Prometheus.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use gobo_play::{Spread, State};

use crate::link::Link;
use crate::live::Metric;

/// What a player counts.
pub(crate) fn of_show(state: &State) -> Vec<Metric> {
    let counter = |name, value: u64| Metric { name, kind: "counter", value: value as f64 };
    let gauge = |name, value| Metric { name, kind: "gauge", value };
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    vec![
        counter("gobo_frames_sent_total", state.sent),
        counter("gobo_frames_late_total", state.dropped),
        counter("gobo_frames_missing_total", state.missing),
        counter("gobo_packets_lost_total", state.faults.packets),
        gauge("gobo_targets_failing", f64::from(state.faults.failing)),
        gauge("gobo_frame_rate", state.rate),
        gauge("gobo_frame_lateness_p99_ms", ms(state.lateness.spread().percentile(0.99))),
        gauge("gobo_frame_lateness_max_ms", ms(state.lateness.spread().most())),
        gauge("gobo_position_seconds", state.seconds),
        gauge("gobo_playing", f64::from(u8::from(state.status == gobo_play::Status::Playing))),
    ]
}

/// How long it takes that what somebody asks for is done.
pub(crate) fn of_applying(applied: &Spread) -> [Metric; 4] {
    let gauge = |name, value| Metric { name, kind: "gauge", value };
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let [p99, p999] = [0.99, 0.999].map(|share| ms(applied.percentile(share)));
    let count = applied.count() as f64;
    [
        Metric { name: "gobo_applied_total", kind: "counter", value: count },
        gauge("gobo_apply_p99_ms", p99),
        gauge("gobo_apply_p999_ms", p999),
        gauge("gobo_apply_max_ms", ms(applied.most())),
    ]
}

/// The page of all figures.
pub(crate) fn text(link: &Link) -> String {
    let audience = &link.audience;
    let many = |counter: &std::sync::atomic::AtomicUsize| counter.load(Ordering::Relaxed) as f64;
    let total = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed) as f64;
    let gauge = |name, value| Metric { name, kind: "gauge", value };
    let counter = |name, value| Metric { name, kind: "counter", value };
    let mut metrics = link.shared.health().metrics.clone();
    metrics.extend([
        gauge("dmx_ws_clients", many(&audience.clients)),
        gauge("gobo_stage_watchers", many(&audience.watching)),
        counter("gobo_clients_dropped_total", total(&audience.dropped)),
        counter("gobo_messages_malformed_total", total(&audience.malformed)),
        counter("gobo_connections_refused_total", total(&audience.refused)),
        gauge("gobo_state_seq", link.views.borrow().seq() as f64),
    ]);
    let mut text = String::new();
    for Metric { name, kind, value } in metrics {
        // A string takes everything.
        let _ = writeln!(text, "# TYPE {name} {kind}\n{name} {value}");
    }
    text
}
