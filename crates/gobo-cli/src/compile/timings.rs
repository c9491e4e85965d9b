//! Where the time of a compile went.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::Result;
use gobo_render::{Clock, Compiled};
use gobo_show::Show;
use gobo_show::diagnostic::Place;
use gobo_show::show::Cue;
use serde_json::{Value, json};

use crate::args::MessageFormat;
use crate::terminal::{Style, Terminal};

/// How many cues are shown.
const SLOWEST: usize = 10;

/// The phases of a compile as they end.
pub(super) struct Timings {
    wanted: bool,
    last: Duration,
    phases: Vec<(&'static str, Duration)>,
}

/// The time since it was asked first.
fn clock() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

impl Timings {
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, last: clock(), phases: Vec::new() }
    }

    /// The clock for the compiler, if timings are wanted.
    pub(super) fn clock(&self) -> Option<Clock> {
        self.wanted.then_some(clock as Clock)
    }

    /// Ends a phase.
    pub(super) fn note(&mut self, phase: &'static str) {
        let now = clock();
        self.phases.push((phase, now - self.last));
        self.last = now;
    }

    /// Prints them, if they are wanted.
    pub(super) fn tell(&self, terminal: &Terminal, show: &Show, compiled: &Compiled) -> Result<()> {
        if !self.wanted {
            return Ok(());
        }
        let costs = Costs::new(show, compiled);
        match terminal.format {
            MessageFormat::Json => terminal.line(self.json(&costs, compiled)),
            _ => self.lines(terminal, &costs, compiled),
        }
    }

    fn json(&self, costs: &Costs<'_>, compiled: &Compiled) -> Value {
        let seconds = |time: &Duration| time.as_secs_f64();
        let phases: BTreeMap<_, _> =
            self.phases.iter().map(|(phase, time)| (*phase, seconds(time))).collect();
        let cue = |(place, cue, time): &(&Place, &Cue, Duration)| {
            json!({
                "file": place.file, "name": cue.name, "effect": cue.effect.name(),
                "start": cue.start, "seconds": seconds(time),
            })
        };
        let stats = &compiled.stats;
        json!({
            "reason": "timings",
            "phases": phases,
            "threads": work(compiled).map(|(name, time)| (name, seconds(&time)))
                .into_iter().collect::<BTreeMap<_, _>>(),
            "cues": costs.cues.iter().map(cue).collect::<Vec<_>>(),
            "effects": costs.effects.iter().map(|(name, time)| (*name, seconds(time)))
                .collect::<BTreeMap<_, _>>(),
            "cells": {
                "rendered": stats.rendered, "copied": stats.copied, "shared": stats.shared,
            },
        })
    }

    fn lines(&self, terminal: &Terminal, costs: &Costs<'_>, compiled: &Compiled) -> Result<()> {
        let head =
            |text: &str| terminal.line(format_args!("\n{}", terminal.paint(Style::Bold, text)));
        head("work")?;
        for (phase, time) in &self.phases {
            terminal.line(format_args!("{:>10}  {phase}", short(*time)))?;
        }
        head("cells, all threads together")?;
        for (name, time) in work(compiled) {
            terminal.line(format_args!("{:>10}  {name}", short(time)))?;
        }
        if !costs.effects.is_empty() {
            head("effects")?;
        }
        for (name, time) in &costs.effects {
            terminal.line(format_args!("{:>10}  {name}", short(*time)))?;
        }
        if !costs.cues.is_empty() {
            head("slowest cues")?;
        }
        for (place, cue, time) in costs.cues.iter().take(SLOWEST) {
            let name = if cue.name.is_empty() { String::new() } else { format!(" `{}`", cue.name) };
            terminal.line(format_args!(
                "{:>10}  {}{name} at {:.3} s, {}",
                short(*time),
                cue.effect.name(),
                cue.start,
                place.file
            ))?;
        }
        Ok(())
    }
}

/// The work on cells, all threads together.
fn work(compiled: &Compiled) -> [(&'static str, Duration); 5] {
    let costs = &compiled.costs;
    [
        ("keys", costs.keys),
        ("render", costs.render),
        ("copy", costs.copy),
        ("press", costs.encode),
        ("write", costs.write),
    ]
}

/// What cues and effects cost, the slowest first.
struct Costs<'a> {
    cues: Vec<(&'a Place, &'a Cue, Duration)>,
    effects: Vec<(&'static str, Duration)>,
}

impl<'a> Costs<'a> {
    fn new(show: &'a Show, compiled: &'a Compiled) -> Self {
        let mut first: BTreeMap<&Place, &Cue> = BTreeMap::new();
        for cue in show.layers.iter().flat_map(|layer| &layer.cues) {
            first.entry(&cue.place).or_insert(cue);
        }
        let spent = compiled.costs.cues.iter();
        let mut cues: Vec<_> =
            spent.filter_map(|(place, time)| Some((place, *first.get(place)?, *time))).collect();
        let mut effects: BTreeMap<&str, Duration> = BTreeMap::new();
        for (_, cue, time) in &cues {
            *effects.entry(cue.effect.name()).or_default() += *time;
        }
        let mut effects: Vec<_> = effects.into_iter().collect();
        cues.sort_by_key(|(_, _, time)| std::cmp::Reverse(*time));
        effects.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        let of_cues: Duration = cues.iter().map(|(.., time)| *time).sum();
        let rest = compiled.costs.render.saturating_sub(of_cues);
        if !rest.is_zero() {
            effects.push(("layers and levels, of all effects", rest));
        }
        Self { cues, effects }
    }
}

/// A length of time in the unit that suits it.
fn short(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        0.1.. => format!("{seconds:.2} s"),
        0.0001.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} us", seconds * 1e6),
    }
}
