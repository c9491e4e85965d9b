//! Cue files to layers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::Loader;
use super::abilities::Abilities;
use super::include::LayerFile;
use super::memory::Same;
use super::pattern::{Patterns, Run, step_seed};
use super::picked::{Picked, fixtures_of};
use super::starts::{Start, Starts};
use super::timing::{Timing, Written, ends};
use super::venue::Venue;
use crate::decode::Names;
use crate::diagnostic::{Diagnostic, Place};
use crate::effect::{Effect, Release};
use crate::grid::Grid;
use crate::rig::{HeadIndex, Rig};
use crate::select::{Scope, Selection};
use crate::show::{Cue, Layer, Selected, Then};
use crate::source::{Action, CueSource, Delay, Length, Spread};
use crate::value::{Easing, Span};

/// The names that something uses.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) fixtures: BTreeSet<u32>,
    pub(super) groups: BTreeSet<String>,
    pub(super) patterns: BTreeSet<String>,
}

impl Used {
    fn add(&mut self, more: &Self) {
        self.fixtures.extend(&more.fixtures);
        self.groups.extend(more.groups.iter().cloned());
        self.patterns.extend(more.patterns.iter().cloned());
    }
}

/// All that the layer of a file is resolved from.
#[derive(PartialEq, Debug)]
pub(super) struct LayerKey {
    file: LayerFile,
    names: Names,
    venue: Same<Venue>,
    patterns: Same<Patterns>,
    grid: Grid,
    length: f64,
    has_times: bool,
}

/// A layer, and the names that it uses.
#[derive(Debug)]
pub(super) struct Resolved {
    layer: Layer,
    used: Used,
}

/// What cues are resolved against.
pub(super) struct Stage<'a> {
    pub(super) rig: &'a Rig,
    /// Whether the venue could be read; without it, names of fixtures say nothing.
    pub(super) is_whole: bool,
    pub(super) abilities: &'a [Abilities],
    pub(super) patterns: &'a Patterns,
    pub(super) grid: &'a Grid,
    pub(super) length: f64,
    /// Whether the song could be read; without it, times that lean on it say nothing.
    pub(super) has_times: bool,
    pub(super) used: Used,
    /// What was picked before by selections that give the same anywhere; the layer's cues hold them.
    pub(super) picked: HashMap<*const Selection, Picked>,
    /// The steps that the patterns of one cue have made.
    pub(super) steps: usize,
}

impl<'a> Stage<'a> {
    fn of(key: &'a LayerKey) -> Self {
        Self {
            rig: &key.venue.rig,
            is_whole: key.venue.is_whole,
            abilities: &key.venue.abilities,
            patterns: &key.patterns,
            grid: &key.grid,
            length: key.length,
            has_times: key.has_times,
            used: Used::default(),
            picked: HashMap::new(),
            steps: 0,
        }
    }
}

/// A cue with its start and its heads.
struct Draft<'a> {
    source: &'a CueSource,
    start: f64,
    end: Option<f64>,
    on: Picked,
    seed: u64,
}

impl Loader<'_> {
    pub(super) fn layers(
        &mut self,
        files: &[LayerFile],
        patterns: &Arc<Patterns>,
        venue: &Arc<Venue>,
        timing: &mut Timing<'_>,
    ) -> (Vec<Layer>, Used) {
        let channels_end = files.iter().map(|file| file.channels_end(timing.grid));
        let channels_end = channels_end.fold(0.0, f64::max);
        timing.measure(files.iter().flat_map(|file| &file.cues), channels_end);
        let mut used = Used::default();
        let mut layers = Vec::with_capacity(files.len());
        for file in files {
            let key = LayerKey {
                file: file.clone(),
                names: self.decoder.names.clone(),
                venue: Same(Arc::clone(venue)),
                patterns: Same(Arc::clone(patterns)),
                grid: timing.grid.clone(),
                length: timing.length,
                has_times: timing.is_whole,
            };
            let resolved = self.remembered(
                |memory| &mut memory.layers,
                &file.name,
                key,
                |loader, key| Arc::new(loader.layer(key)),
            );
            used.add(&resolved.used);
            layers.push(resolved.layer.clone());
        }
        (self.stacked(layers, files), used)
    }

    fn layer(&mut self, key: &LayerKey) -> Resolved {
        let (file, stage) = (&key.file, &mut Stage::of(key));
        let starts = Starts::new(&file.cues, stage.grid, stage.length, stage.has_times);
        let (starts, faults) = starts.all();
        faults.into_iter().for_each(|fault| self.decoder.say(fault));
        let seeds = seeds(file, &starts);
        let draft = |start: &Start| {
            let seed = seeds.get(&start.cue).copied().unwrap_or_default();
            self.draft(&file.cues[start.cue].cue, *start, seed, stage)
        };
        let drafts: Vec<_> = starts.iter().map(draft).collect();
        let written: Vec<_> = drafts
            .iter()
            .map(|draft| Written { start: draft.start, end: draft.end, heads: &draft.on.selected })
            .collect();
        let mut cues = Vec::with_capacity(drafts.len());
        for (draft, end) in drafts.iter().zip(ends(&written, stage.length)) {
            self.close(draft, end, file.layer.mark, stage, &mut cues);
        }
        cues.sort_by(|a, b| a.start.total_cmp(&b.start));
        let channels = file.channels.as_ref().map(|channels| self.channel_cues(channels, stage));
        let channels = channels.unwrap_or_default();
        let layer = Layer { name: file.name.clone(), cues, channels, ..Layer::default() };
        let layer = self.settings(&file.layer, layer, stage);
        Resolved { layer, used: std::mem::take(&mut stage.used) }
    }

    /// Start and heads of a cue.
    fn draft<'a>(
        &mut self,
        cue: &'a CueSource,
        start: Start,
        seed: u64,
        stage: &mut Stage<'_>,
    ) -> Draft<'a> {
        let keys = &cue.keys;
        let seed = keys.seed.unwrap_or(seed);
        let seed = if start.repeat == 0 { seed } else { step_seed(seed, 0, start.repeat) };
        let start = start.seconds;
        let on = self.picked(&keys.on, seed, stage);
        let sets = matches!(&cue.action, Action::Effect(effect) if effect.writes_once());
        self.check_time(cue, sets);
        let lies_over = keys.blend.is_some() && keys.then.is_none();
        let leaves = matches!(keys.then, Some(Then::Release | Then::CueOnly));
        let releases = keys.fade_out.is_some() || leaves || lies_over;
        let end = match keys.length.as_ref().map(|length| length.value) {
            Some(Length::Span(span)) => Some(stage.grid.after(start, span)),
            Some(Length::UntilNext) => None,
            // A value that is let go again has to stand for a while.
            None if sets && !releases => Some(start),
            None => None,
        };
        if stage.has_times {
            self.check_inside(&keys.at.place, start, end, stage.length);
        }
        Draft { source: cue, start, end, on, seed }
    }

    /// An effect that runs needs time to run in.
    fn check_time(&mut self, cue: &CueSource, sets: bool) {
        let Some(length) = &cue.keys.length else { return };
        if let Length::Span(span) = length.value
            && span.amount() == 0.0
            && !sets
        {
            let message = "`for` is 0: this has no time to run";
            self.decoder.say(Diagnostic::error("no-time", length.place.clone(), message));
        }
    }

    pub(super) fn check_inside(
        &mut self,
        place: &Place,
        start: f64,
        end: Option<f64>,
        length: f64,
    ) {
        let message = if start < 0.0 {
            format!("this starts {:.3} s before the show", -start)
        } else if start >= length && length > 0.0 {
            format!("this starts at {start:.3} s, and the show ends at {length:.3} s")
        } else if let Some(end) = end.filter(|end| *end > length + 0.001) {
            format!("this runs to {end:.3} s, and the show ends at {length:.3} s")
        } else {
            return;
        };
        // Of many starts of one cue, the first is told of.
        let said = self.decoder.diagnostics.iter().rev().take(8);
        let mut said = said.filter(|said| said.code == "outside-show");
        if said.all(|said| said.place != *place) {
            self.decoder.say(Diagnostic::warning("outside-show", place.clone(), message));
        }
    }

    /// Ends a cue: makes what it does into cues of the layer.
    fn close(
        &mut self,
        draft: &Draft<'_>,
        end: f64,
        marks: bool,
        stage: &mut Stage<'_>,
        out: &mut Vec<Cue>,
    ) {
        let keys = &draft.source.keys;
        if let (Some(Then::Hold), Some(fade_out)) = (keys.then, &keys.fade_out) {
            let message = "`fade_out` lets the layers below show again, and `then` says hold";
            let error = Diagnostic::error("conflict", fade_out.place.clone(), message);
            self.decoder.say(error.hint("leave one of them out"));
        }
        let fade = |span| (stage.grid.after(draft.start, span) - draft.start).max(0.0);
        let fade_out = keys.fade_out.as_ref().map(|fade_out| &fade_out.value.0);
        let fade_out_seconds =
            fade_out.map_or(0.0, |fade| end - before(stage.grid, end, fade.time));
        let run = Run {
            start: draft.start,
            end,
            on: draft.on.clone(),
            seed: draft.seed,
            spread: keys.spread,
            name: keys.name.clone(),
            place: draft.source.place.clone(),
            fade_in: fade(keys.fade_in.time),
            ease_in: keys.fade_in.easing,
            fade_out: fade_out_seconds,
            ease_out: fade_out.map_or(Easing::Linear, |fade| fade.easing),
            then: match (&keys.fade_out, keys.then, keys.blend) {
                (_, Some(Then::CueOnly), _) => Then::CueOnly,
                (Some(_), ..) | (None, None, Some(_)) => Then::Release,
                (None, then, _) => then.unwrap_or_default(),
            },
            mark: keys.mark.unwrap_or(marks),
            blend: keys.blend,
            opacity: self.cue_opacity(keys.opacity.as_ref(), draft.start, stage.grid),
        };
        self.check_fades(&run, draft);
        let made = out.len();
        if keys.block {
            let release = run.cue(Effect::Release(Release { only: Vec::new() }), stage.rig);
            out.push(Cue { blocks: true, ..release });
        }
        match &draft.source.action {
            Action::Effect(effect) => {
                self.emit(effect, &run, Some(&draft.source.place), stage, out);
            }
            Action::Pattern(call) => {
                self.expand(call, &run, &mut Vec::new(), stage, out);
            }
        }
        if let Some(delay) = keys.delay {
            let cues = out.split_off(made);
            out.extend(cues.into_iter().flat_map(|cue| delayed(&cue, delay, stage.grid)));
        }
    }

    /// Makes an effect into cues: one for all its heads, and one for each part that differs. What
    /// stands at `place` is checked.
    pub(super) fn emit(
        &mut self,
        effect: &Effect,
        run: &Run,
        place: Option<&Place>,
        stage: &mut Stage<'_>,
        out: &mut Vec<Cue>,
    ) {
        let mut parts = effect.clone().apart();
        if let [(None, _)] = parts.as_slice()
            && let Some((_, whole)) = parts.pop()
        {
            if let Some(place) = place {
                self.check_effect(&whole, run, place, stage);
            }
            let whole = self.with_pictures(&whole);
            out.push(run.cue(whole, stage.rig));
            return;
        }
        let ranks = ranked(&run.on.selected, run.spread, stage.rig);
        let ranks = ranks.iter().map(|selected| selected.rank + 1).max().unwrap_or(0);
        for (on, effect) in parts {
            let run = match on {
                Some(on) => self.part(&on, run, place, stage),
                None => run.clone(),
            };
            if let Some(place) = place {
                self.check_effect(&effect, &run, place, stage);
            }
            out.push(Cue { ranks, ..run.cue(effect, stage.rig) });
        }
    }

    /// The run on the heads that `on` selects of it.
    fn part(
        &mut self,
        on: &Selection,
        run: &Run,
        place: Option<&Place>,
        stage: &mut Stage<'_>,
    ) -> Run {
        let this = Some(&*run.on.selected);
        let mut found = on.find(Scope { rig: stage.rig, this, seed: run.seed });
        if let Some(place) = place.filter(|_| stage.is_whole) {
            self.check_found((on, place), &mut found, false);
        }
        stage.used.fixtures.extend(fixtures_of(&found.heads, stage.rig));
        stage.used.groups.append(&mut found.groups);
        run.only(&found.heads, stage.rig)
    }

    fn check_fades(&mut self, run: &Run, draft: &Draft<'_>) {
        let length = run.end - run.start;
        if length > 0.0 && run.fade_in + run.fade_out > length + 0.001 {
            let message = format!(
                "the fades take {:.3} s, longer than the cue's {length:.3} s",
                run.fade_in + run.fade_out
            );
            let place = draft.source.place.clone();
            self.decoder.say(Diagnostic::warning("long-fade", place, message));
        }
    }
}

/// The time that lies `span` before `end`.
fn before(grid: &Grid, end: f64, span: Span) -> f64 {
    match span {
        Span::Seconds(seconds) => end - seconds,
        Span::Beats(beats) => grid.seconds_at_beat(grid.beat_at(end) - beats),
        Span::Bars(bars) => grid.seconds_at_bar(grid.bar_at(end) - bars),
    }
}

/// The cue, later by a delay that goes along its selection: one cue for each place.
fn delayed(cue: &Cue, delay: Delay, grid: &Grid) -> Vec<Cue> {
    let seconds = |span| grid.after(cue.start, span) - cue.start;
    let (from, to) = (seconds(delay.from), seconds(delay.to));
    let mut ranks: Vec<u32> = cue.selection.iter().map(|selected| selected.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    if from == to {
        ranks.truncate(1);
    }
    let last = f64::from(cue.ranks.max(2) - 1);
    let at = |rank: u32| {
        let later = from + (to - from) * f64::from(rank) / last;
        let here = |selected: &&Selected| from == to || selected.rank == rank;
        let start = cue.start + later;
        let mut opacity = cue.opacity.clone();
        let points = opacity.iter_mut().flat_map(|fader| &mut fader.points);
        points.for_each(|point| point.at += later);
        Cue {
            start,
            end: start + (cue.end - cue.start),
            opacity,
            selection: cue.selection.iter().filter(here).copied().collect(),
            ..cue.clone()
        }
    };
    ranks.into_iter().map(at).collect()
}

impl Run {
    /// The run on some of its heads.
    fn only(&self, heads: &[HeadIndex], rig: &Rig) -> Self {
        let kept = self.on.selected.iter().filter(|selected| heads.contains(&selected.head));
        let on = self.on.with(kept.copied().collect(), rig);
        Self { on, ..self.clone() }
    }

    /// The cue that does `effect` for the whole run.
    pub(super) fn cue(&self, effect: Effect, rig: &Rig) -> Cue {
        let selection = ranked(&self.on.selected, self.spread, rig);
        Cue {
            name: self.name.clone().unwrap_or_default(),
            place: self.place.clone(),
            start: self.start,
            end: self.end,
            ranks: selection.iter().map(|selected| selected.rank + 1).max().unwrap_or(0),
            selection,
            effect,
            fade_in: self.fade_in,
            ease_in: self.ease_in,
            fade_out: self.fade_out,
            ease_out: self.ease_out,
            then: self.then,
            mark: self.mark,
            blend: self.blend,
            opacity: self.opacity.clone(),
            blocks: false,
            seed: self.seed,
        }
    }
}

/// Heads with the places that effects run along.
fn ranked(heads: &Arc<[Selected]>, spread: Spread, rig: &Rig) -> Arc<[Selected]> {
    match spread {
        Spread::Heads => Arc::clone(heads),
        Spread::Fixtures => crate::select::by_fixture(heads.to_vec(), rig).into(),
    }
}

/// The seeds of the cues that give none, by their index in the file: XXH3-64 of the layer's name,
/// what the cue is on, what it does, and how many that are on the same and do the same start
/// before it, a NUL between each. Cues on something else may come, go and move without a change.
fn seeds(file: &LayerFile, starts: &[Start]) -> BTreeMap<usize, u64> {
    let mut firsts: Vec<&Start> = starts.iter().filter(|start| start.repeat == 0).collect();
    firsts.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    // Many cues are on the same selection.
    let mut printed: HashMap<*const Selection, String> = HashMap::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let seed = |start: &&Start| {
        let cue = &file.cues[start.cue].cue;
        let action = match &cue.action {
            Action::Effect(effect) => effect.name(),
            Action::Pattern(call) => &call.name.value,
        };
        let on = &cue.keys.on.value;
        let on = printed.entry(Arc::as_ptr(on)).or_insert_with(|| on.to_string());
        let key = format!("{}\0{on}\0{action}", file.name);
        let before = known.get(&key).copied().unwrap_or_default();
        let seed = xxhash_rust::xxh3::xxh3_64(format!("{key}\0{before}").as_bytes());
        known.insert(key, before + 1);
        (start.cue, seed)
    };
    firsts.iter().map(seed).collect()
}
