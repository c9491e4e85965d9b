//! When the cues of a layer start: by themselves, after or with another, and again and again.

use super::include::ShiftedCue;
use crate::diagnostic::Diagnostic;
use crate::grid::Grid;
use crate::source::{Action, Length};
use crate::time::{Anchor, Time};
use crate::value::Span;

/// The most starts that the loops of one layer may make.
const MOST: usize = 50_000;

/// A start of a cue.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Start {
    /// The cue, an index into the layer's.
    pub(super) cue: usize,
    /// How often it has started before.
    pub(super) repeat: u32,
    /// In seconds of the show.
    pub(super) seconds: f64,
}

/// Why there is no time: what to say, or nothing when it has been said elsewhere or leans on a
/// song that is missing.
type Fault = Option<Box<Diagnostic>>;

/// What is known of the start of a cue.
#[derive(Clone, Debug)]
enum Known {
    Nothing,
    /// It is being worked out.
    Asked,
    Seconds(f64),
    Fault,
}

/// Works the starts of a layer out.
pub(super) struct Starts<'a> {
    cues: &'a [ShiftedCue],
    grid: &'a Grid,
    length: f64,
    /// Whether the song could be read.
    has_times: bool,
    known: Vec<Known>,
    said: Vec<Diagnostic>,
}

impl<'a> Starts<'a> {
    pub(super) fn new(cues: &'a [ShiftedCue], grid: &'a Grid, length: f64, whole: bool) -> Self {
        let known = vec![Known::Nothing; cues.len()];
        Self { cues, grid, length, has_times: whole, known, said: Vec::new() }
    }

    /// Every start in the order of the file, and what is wrong with the others.
    pub(super) fn all(mut self) -> (Vec<Start>, Vec<Diagnostic>) {
        let mut starts = Vec::with_capacity(self.cues.len());
        for cue in 0..self.cues.len() {
            let Some(seconds) = self.start(cue, &mut Vec::new()) else { continue };
            starts.push(Start { cue, repeat: 0, seconds });
            self.repeats(cue, seconds, &mut starts);
        }
        (starts, self.said)
    }

    /// The first start of a cue, with what is known so far; `chain` are the cues that ask for it.
    fn start(&mut self, cue: usize, chain: &mut Vec<usize>) -> Option<f64> {
        match self.known[cue] {
            Known::Seconds(seconds) => return Some(seconds),
            Known::Fault => return None,
            Known::Asked => {
                self.circle(cue, chain);
                return None;
            }
            Known::Nothing => self.known[cue] = Known::Asked,
        }
        chain.push(cue);
        let found = self.worked_out(cue, chain);
        chain.pop();
        self.known[cue] = match &found {
            Ok(seconds) => Known::Seconds(*seconds),
            Err(_) => Known::Fault,
        };
        found.map_err(|fault| self.said.extend(fault.map(|fault| *fault))).ok()
    }

    fn worked_out(&mut self, cue: usize, chain: &mut Vec<usize>) -> Result<f64, Fault> {
        let ShiftedCue { cue: source, shifts } = &self.cues[cue];
        let at = &source.keys.at;
        let Anchor::Cue { after, name } = &at.value.anchor else {
            return match at.value.seconds(self.grid, self.length) {
                Ok(start) => Ok(shifted(self.grid, start, shifts)),
                Err(none) if self.has_times => {
                    let error = Diagnostic::error(none.code, at.place.clone(), none.message);
                    Err(Some(Box::new(none.hint.into_iter().fold(error, Diagnostic::hint))))
                }
                Err(_) => Err(None),
            };
        };
        let other = self.other(cue, name.as_deref())?;
        let start = self.start(other, chain).ok_or(None)?;
        let from = if *after { self.end(cue, other, start)? } else { start };
        Ok(at.value.steps.iter().fold(from, |from, step| self.grid.after(from, *step)))
    }

    /// The cue that `cue` follows: the one before it, or the nearest of that name, before it
    /// rather than behind.
    fn other(&self, cue: usize, name: Option<&str>) -> Result<usize, Fault> {
        let at = &self.cues[cue].cue.keys.at;
        let error = |message: String| Diagnostic::error("no-such-cue", at.place.clone(), message);
        let Some(name) = name else {
            let message = "no cue stands before this one in the file";
            return cue.checked_sub(1).ok_or_else(|| Some(Box::new(error(message.into()))));
        };
        let named = |other: &usize| self.cues[*other].cue.keys.name.as_deref() == Some(name);
        let before = (0..cue).rev().find(named);
        if before.is_none() && self.cues[cue].cue.keys.name.as_deref() == Some(name) {
            return Err(Some(Box::new(error(format!(
                "`{name}` is this cue: it cannot follow itself"
            )))));
        }
        before.or_else(|| (cue + 1..self.cues.len()).find(named)).ok_or_else(|| {
            let known = self.cues.iter().filter_map(|cue| cue.cue.keys.name.as_deref());
            let error = error(format!("no cue of this layer has the name `{name}`"));
            Some(Box::new(error.nearest(name, known)))
        })
    }

    /// When the cue `other`, which starts at `start`, is over, for `cue` to follow.
    fn end(&self, cue: usize, other: usize, start: f64) -> Result<f64, Fault> {
        let keys = &self.cues[other].cue.keys;
        let action = &self.cues[other].cue.action;
        let sets = matches!(action, Action::Effect(effect) if effect.writes_once());
        match keys.length.as_ref().map(|length| length.value) {
            Some(Length::Span(span)) => Ok(self.grid.after(start, span)),
            None if sets => Ok(self.grid.after(start, keys.fade_in.time)),
            _ => {
                let place = self.cues[cue].cue.keys.at.place.clone();
                let message = "the cue that this follows says not how long it runs";
                let error = Diagnostic::error("no-end", place, message);
                let error = error.label(self.cues[other].cue.place.clone(), "this cue");
                Err(Some(Box::new(error.hint("give it a length: `\"for\": \"4 bars\"`"))))
            }
        }
    }

    fn circle(&mut self, cue: usize, chain: &[usize]) {
        let first = chain.iter().position(|known| *known == cue).unwrap_or(0);
        let name = |cue: &usize| match &self.cues[*cue].cue.keys.name {
            Some(name) => format!("`{name}`"),
            None => format!("cue {}", cue + 1),
        };
        let way: Vec<_> = chain[first..].iter().chain([&cue]).map(name).collect();
        let message = format!("these cues wait for each other: {}", way.join(" → "));
        let place = self.cues[cue].cue.keys.at.place.clone();
        self.said.push(Diagnostic::error("cue-circle", place, message));
    }

    /// The starts after the first of a cue that repeats.
    fn repeats(&mut self, cue: usize, first: f64, starts: &mut Vec<Start>) {
        let keys = &self.cues[cue].cue.keys;
        let Some(every) = &keys.every else {
            if let Some(to) = &keys.to {
                let message = "`to` ends what repeats, and nothing says how often";
                let error = Diagnostic::error("conflict", to.place.clone(), message);
                self.said.push(error.hint("give `every` too, or `for` instead"));
            }
            return;
        };
        let Some(to) = &keys.to else {
            let message = "this repeats without an end";
            let error = Diagnostic::error("endless-loop", every.place.clone(), message);
            self.said.push(error.hint("say where it stops: `\"to\": \"bar 17\"`"));
            return;
        };
        let Some(end) = self.loop_end(cue, &to.value, first) else { return };
        for repeat in 1_u32.. {
            let seconds = self.grid.after(first, every.value.0.times(repeat));
            // What starts where the loop ends starts no more.
            if seconds >= end - 1e-6 {
                break;
            }
            if starts.len() >= MOST {
                let message = format!("this makes more than {MOST} cues of one layer");
                let place = self.cues[cue].cue.place.clone();
                let error = Diagnostic::error("too-many-cues", place, message);
                self.said.push(error.hint("a longer `every`, or an earlier `to`"));
                break;
            }
            starts.push(Start { cue, repeat, seconds });
        }
    }

    /// When the loop of a cue ends; after its start.
    fn loop_end(&mut self, cue: usize, to: &Time, first: f64) -> Option<f64> {
        let ShiftedCue { cue: source, shifts } = &self.cues[cue];
        let place = source.keys.to.as_ref().map_or(&source.place, |to| &to.place).clone();
        let end = match to.seconds(self.grid, self.length) {
            Ok(end) if to.from_end() => end,
            Ok(end) => shifted(self.grid, end, shifts),
            Err(_) if !self.has_times => return None,
            Err(none) => {
                let error = Diagnostic::error(none.code, place, none.message);
                self.said.push(none.hint.into_iter().fold(error, Diagnostic::hint));
                return None;
            }
        };
        if end <= first {
            let message = format!("this repeats from {first:.3} s to {end:.3} s, which is before");
            self.said.push(Diagnostic::error("loop-backwards", place, message));
            return None;
        }
        Some(end)
    }
}

/// A time of an included file as one of the show.
pub(super) fn shifted(grid: &Grid, seconds: f64, shifts: &[Span]) -> f64 {
    shifts.iter().fold(seconds, |seconds, shift| grid.after(seconds, *shift))
}
