//! `gobo play --stats`: figures of a player, a line at a time while it plays, and at its end.
//!
//! They are written by a thread of their own, so that a pipe that nobody reads stops no show.
//! `crates/STATS.md` tells of each key.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gobo_canvas::Header;
use gobo_output::{Report, Reports};
use gobo_play::{SoundState, Spread, State, Status, Watch};
use serde_json::{Value, json};

use super::evening::Billing;
use crate::args::PlayArgs;
use crate::value::{StatsFormat, minutes};

/// Shares of all frames that are told of.
const SHARES: [(&str, f64); 3] = [("p50", 0.5), ("p99", 0.99), ("p99_9", 0.999)];

/// Figures that are being written.
pub(super) struct Stats {
    writer: Writer,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What figures are of, and how they are written.
#[derive(Clone)]
struct Writer {
    source: Source,
    format: StatsFormat,
    appends: bool,
}

/// What figures are of.
#[derive(Clone)]
struct Source {
    billing: Billing,
    watch: Watch,
    reports: Reports,
    restarts: u32,
    began: Instant,
}

impl Stats {
    /// Begins to write them, if they are wanted.
    pub(super) fn begin(
        args: &PlayArgs,
        billing: &Billing,
        watch: Watch,
        reports: Reports,
        restarts: u32,
    ) -> Result<Option<Self>> {
        let Some(format) = args.stats.clone() else { return Ok(None) };
        let (billing, began) = (billing.clone(), Instant::now());
        let source = Source { billing, watch, reports, restarts, began };
        // A player that goes on does not write over what the one before it has told.
        let writer = Writer { source, format, appends: restarts > 0 };
        let over = Arc::new(AtomicBool::new(false));
        let mut stats = Self { writer, over, thread: None };
        if let StatsFormat::Json(_) = &stats.writer.format {
            let out = stats.writer.open()?;
            let period = Duration::try_from_secs_f64(args.stats_interval).unwrap_or_default();
            let (source, over) = (stats.writer.source.clone(), Arc::clone(&stats.over));
            stats.writer.appends = true;
            let named = thread::Builder::new().name("gobo-stats".to_owned());
            let thread = named.spawn(move || tell(&source, out, period, &over));
            stats.thread = Some(thread.context("cannot start a thread")?);
        }
        Ok(Some(stats))
    }

    /// Writes the last figures; the show is over.
    pub(super) fn end(self) -> Result<()> {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread {
            thread.thread().unpark();
            // A reader that takes nothing holds it up for ever.
            let until = Instant::now() + Duration::from_secs(1);
            while !thread.is_finished() && Instant::now() < until {
                thread::sleep(Duration::from_millis(2));
            }
            if !thread.is_finished() {
                return Ok(());
            }
        }
        let source = &self.writer.source;
        let text = match self.writer.format {
            StatsFormat::Json(_) => format!("{}\n", source.line(true)),
            StatsFormat::Text => source.words(),
        };
        let told = self.writer.open()?.write_all(text.as_bytes());
        match told {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            told => told.context("cannot write the figures"),
        }
    }
}

impl Writer {
    fn open(&self) -> Result<Box<dyn Write + Send>> {
        let StatsFormat::Json(Some(path)) = &self.format else { return Ok(Box::new(io::stdout())) };
        let mut options = OpenOptions::new();
        options.create(true).append(self.appends).write(true).truncate(!self.appends);
        let file = options.open(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Box::new(file))
    }
}

/// Writes a line each `period` until the show is over. Whoever reads no more is told no more.
fn tell(source: &Source, mut out: Box<dyn Write + Send>, period: Duration, over: &AtomicBool) {
    let mut next = source.began + period;
    loop {
        while let left = next.saturating_duration_since(Instant::now())
            && !left.is_zero()
        {
            thread::park_timeout(left);
            if over.load(Ordering::Relaxed) {
                return;
            }
        }
        let line = format!("{}\n", source.line(false));
        if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
            return;
        }
        next = (next + period).max(Instant::now());
    }
}

impl Source {
    fn line(&self, is_last: bool) -> Value {
        let state = self.watch.state();
        let shown = self.billing.shown(state.program);
        let header = shown.as_ref().map(|shown| &shown.header);
        let reports = self.reports.read();
        json!({
            "event": "stats",
            "last": is_last,
            "elapsed": round(self.began.elapsed().as_secs_f64()),
            "status": status(state.status),
            "show": shown.as_ref().map(|shown| &shown.name),
            "show_number": shown.as_ref().map(|shown| shown.place),
            "place": round(state.seconds),
            "frame": state.frame,
            "section": header.and_then(|header| state.section(header)),
            "cues": header.map_or(Vec::new(), |header| cues(&state, header)),
            "speed": state.speed,
            "repeat": state.repeat,
            "rate": round(state.rate),
            "sent": state.sent,
            "late": state.lateness.late(),
            "dropped": state.dropped,
            "missing": state.missing,
            "unready": state.unready,
            "lateness_ms": spread(state.lateness.spread()),
            "jitter_ms": spread(&state.jitter),
            "real_time": state.real_time,
            "memory_kept": state.memory_kept,
            "sound": sound(state.sound),
            "restarts": self.restarts,
            "outputs": reports.iter().map(|(name, report)| output(name, report)).collect::<Vec<_>>(),
        })
    }

    /// For people, at the end.
    fn words(&self) -> String {
        let state = self.watch.state();
        let State { sent, dropped, missing, .. } = state;
        let late = state.lateness.late();
        let elapsed = minutes(self.began.elapsed().as_secs_f64());
        let mut words = format!(
            "{sent} frames sent in {elapsed}; {late} late, {dropped} dropped, {missing} missing\n"
        );
        for (what, spread) in
            [("late by", state.lateness.spread()), ("interval off by", &state.jitter)]
        {
            let shares = SHARES.map(|(_, share)| millis(spread.percentile(share)));
            let [middle, most, nearly_all] = shares;
            let worst = millis(spread.most());
            words += &format!(
                "{what:<15}  half {middle:.3} ms, 99 % {most:.3} ms, 99.9 % {nearly_all:.3} ms, \
                 all {worst:.3} ms\n"
            );
        }
        for (name, report) in self.reports.read() {
            let Report { packets, bytes, held_back, fault, .. } = report;
            words += &format!("{name}: {packets} packets, {bytes} bytes, {held_back} held back");
            if let Some(fault) = fault {
                words += &format!(", {} not sent: {}", fault.count, fault.error());
            }
            words.push('\n');
        }
        if self.restarts > 0 {
            words += &format!("restarted {} times; figures are since the last\n", self.restarts);
        }
        words
    }
}

fn cues<'h>(state: &State, header: &'h Header) -> Vec<&'h str> {
    let names = state.cues(header).map(|cue| match cue.name.is_empty() {
        true => cue.effect.as_str(),
        false => cue.name.as_str(),
    });
    names.collect()
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Waiting => "waiting",
        Status::Playing => "playing",
        Status::Paused => "paused",
        Status::Between => "between",
        Status::Standby => "standby",
        Status::Ended => "ended",
    }
}

fn sound(sound: SoundState) -> &'static str {
    match sound {
        SoundState::None => "none",
        SoundState::Followed => "followed",
        SoundState::Muted => "muted",
        SoundState::Silent => "silent",
        SoundState::Lost => "lost",
        SoundState::Damaged => "damaged",
    }
}

fn output(name: &str, report: &Report) -> Value {
    let fault = report.fault;
    json!({
        "name": name,
        "packets": report.packets,
        "bytes": report.bytes,
        "held_back": report.held_back,
        "errors": fault.map_or(0, |fault| fault.count),
        "last_error": fault.map(|fault| fault.error().to_string()),
        "failing": fault.is_some_and(|fault| fault.failing),
    })
}

fn spread(spread: &Spread) -> Value {
    let mut figures = json!({ "count": spread.count() });
    for (name, share) in SHARES {
        figures[name] = json!(millis(spread.percentile(share)));
    }
    figures["max"] = json!(millis(spread.most()));
    figures
}

/// Milliseconds, to the microsecond.
fn millis(duration: Duration) -> f64 {
    round(duration.as_secs_f64() * 1000.0)
}

fn round(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
