//! Patterns: read once, checked with their defaults, and made into cues at each use.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::abilities::used_by;
use super::cues::Stage;
use super::graph::Given;
use super::picked::Picked;
use super::timing::{Written, ends};
use super::{Loader, stem};
use crate::decode::{Argument, At, Decode, Decoder, Names, Spanned};
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::effect::Effect;
use crate::graph::wired;
use crate::rig::Rig;
use crate::show::{Blend, Cue, Fader, Selected, Then};
use crate::source::{
    Action, Implementation, PatternBody, PatternCall, PatternSource, ShowSource, Spread,
    StepSource, check_argument,
};
use crate::tree::Tree;
use crate::value::Easing;

/// The patterns of a show, by name.
pub(super) type Patterns = IndexMap<String, Pattern>;

/// What the patterns of a show are read by.
#[derive(PartialEq, Debug)]
pub(super) struct PatternsKey {
    folders: Option<Vec<Spanned<String>>>,
    implementations: IndexMap<String, Spanned<String>>,
    names: Names,
}

/// A pattern file.
#[derive(Debug)]
pub(super) struct Pattern {
    tree: Arc<Tree>,
    /// The implementation that is taken, where there are several.
    implementation: Option<String>,
    /// Its arguments with their defaults.
    arguments: IndexMap<String, Argument>,
    /// Whether these are all; what is wrong with others has been told, and no use repeats it.
    has_arguments: bool,
}

impl Pattern {
    /// The file as a whole.
    pub(super) fn place(&self) -> Place {
        Place { file: self.tree.file.clone(), spot: Spot::File }
    }

    /// What it does, with the arguments that the decoder has.
    fn body(&self, decoder: &mut Decoder) -> Option<PatternBody> {
        let root = At::root(&self.tree);
        let Some(name) = &self.implementation else {
            return PatternSource::decode(&root, decoder).map(PatternBody::from);
        };
        let at = root.member("implementations")?.member(name)?;
        Implementation::decode(&at, decoder).map(PatternBody::from)
    }
}

/// The stretch of the show that a cue or a step fills.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) on: Picked,
    pub(super) seed: u64,
    pub(super) spread: Spread,
    pub(super) name: Option<String>,
    pub(super) place: Place,
    pub(super) fade_in: f64,
    pub(super) ease_in: Easing,
    pub(super) fade_out: f64,
    pub(super) ease_out: Easing,
    pub(super) then: Then,
    pub(super) mark: bool,
    pub(super) blend: Option<Blend>,
    pub(super) opacity: Option<Fader>,
}

/// The most steps that one cue may make of a pattern.
pub(super) const STEPS: usize = 20_000;

/// The most steps that one cue may make of a pattern and those in it.
const MOST_STEPS: usize = 100_000;

/// When a step runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    /// The step, an index into the pattern's.
    pub(super) index: usize,
    /// How often it has run before.
    pub(super) repeat: u32,
    pub(super) start: f64,
    pub(super) end: Option<f64>,
    /// Seconds in which it takes over from the step before, at least.
    pub(super) crossfade: f64,
}

/// A step at one of its repeats.
pub(super) struct StepRun<'a> {
    step: &'a StepSource,
    crossfade: f64,
    repeat: u32,
    start: f64,
    end: Option<f64>,
    on: Picked,
    seed: u64,
}

impl Loader<'_> {
    /// Every pattern of a show, by name.
    pub(super) fn patterns(
        &mut self,
        show: &str,
        source: &ShowSource,
        venue: &IndexMap<String, Spanned<String>>,
    ) -> Arc<Patterns> {
        let key = PatternsKey {
            folders: source.patterns.clone(),
            implementations: venue.clone(),
            names: self.decoder.names.clone(),
        };
        self.remembered(
            |memory| &mut memory.patterns,
            show,
            key,
            |loader, key| Arc::new(loader.read_patterns(show, key)),
        )
    }

    fn read_patterns(&mut self, show: &str, key: &PatternsKey) -> Patterns {
        let mut patterns = IndexMap::new();
        let from = Place { file: format!("shows/{show}/show.toml").into(), spot: Spot::File };
        let default = [Spanned { value: "patterns".to_owned(), place: from.clone() }];
        for folder in key.folders.as_deref().unwrap_or(&default) {
            let path = format!("shows/{show}/{}", folder.value);
            let files = self.world.list(&path);
            if files.is_empty() && key.folders.is_some() {
                let message = format!("there is no pattern in the folder `{path}`");
                let place = folder.place.clone();
                self.decoder.say(Diagnostic::warning("no-patterns", place, message));
            }
            for file in files.iter().map(|file| super::last_name(file)) {
                if file.ends_with(".json") {
                    let file = format!("{path}/{file}");
                    self.pattern(&file, &folder.place, &key.implementations, &mut patterns);
                }
            }
        }
        patterns
    }

    fn pattern(
        &mut self,
        path: &str,
        from: &Place,
        venue: &IndexMap<String, Spanned<String>>,
        patterns: &mut Patterns,
    ) {
        let Some(tree) = self.tree(path, from) else { return };
        let name = stem(path).to_owned();
        if let Some(first) = patterns.get(&name) {
            let place = Place { file: tree.file.clone(), spot: Spot::File };
            let message = format!("there are two patterns with the name `{name}`");
            let error = Diagnostic::error("duplicate-id", place, message);
            self.decoder.say(error.label(first.place(), "the first"));
            return;
        }
        let root = At::root(&tree);
        let implementation = self.implementation(&name, &root, venue);
        let all = root.member("implementations");
        let ways: Vec<(&str, At<'_>)> = all.iter().flat_map(At::members).collect();
        // What is wrong with an argument is said when the whole is read.
        let said = self.decoder.diagnostics.len();
        let mut arguments = self.declared(&root);
        let mut every = arguments.clone();
        let mut declared = names(&root);
        for (name, way) in &ways {
            let own = self.declared(way);
            every.extend(own.clone());
            declared.extend(names(way));
            if Some(*name) == implementation.as_deref() {
                arguments.extend(own);
            }
        }
        self.decoder.diagnostics.truncate(said);
        declared.retain(|name| !every.contains_key(name));
        self.decoder.names.unreadable_arguments = declared;
        self.decoder.names.arguments = Some(every);
        let source = PatternSource::decode(&root, &mut self.decoder);
        self.decoder.names.arguments = None;
        self.check_graphs(source, &arguments);
        let has_arguments = std::mem::take(&mut self.decoder.names.unreadable_arguments).is_empty();
        patterns.insert(name, Pattern { tree, implementation, arguments, has_arguments });
    }

    /// Checks the wiring of every graph of a pattern, whether it is used or not.
    fn check_graphs(
        &mut self,
        source: Option<PatternSource>,
        arguments: &IndexMap<String, Argument>,
    ) {
        let Some(mut source) = source else { return };
        let ways = std::mem::take(&mut source.implementations);
        let bodies = ways.into_values().map(|way| {
            let own = way.args.0.clone();
            (own, PatternBody::from(way))
        });
        let bodies: Vec<_> = bodies.chain([(IndexMap::new(), source.into())]).collect();
        for (own, body) in bodies {
            let Some(graph) = body.graph else { continue };
            let mut arguments = arguments.clone();
            arguments.extend(own.into_iter().map(|(name, argument)| (name, argument.0)));
            for (name, argument) in &graph.args.0 {
                arguments.entry(name.clone()).or_insert_with(|| argument.0.clone());
            }
            wired(&graph, &arguments, &mut self.decoder);
        }
    }

    /// Makes cues of a pattern for the length of `run`; `around` are the patterns that it is in.
    pub(super) fn expand(
        &mut self,
        call: &PatternCall,
        run: &Run,
        around: &mut Vec<String>,
        stage: &mut Stage<'_>,
        out: &mut Vec<Cue>,
    ) {
        let (name, patterns) = (&call.name, stage.patterns);
        let Some(pattern) = patterns.get(&name.value) else {
            let message = format!("there is no pattern `{}`", name.value);
            let error = Diagnostic::error("unknown-pattern", name.place.clone(), message);
            let known = patterns.keys().map(String::as_str);
            self.decoder.say(error.nearest(&name.value, known));
            return;
        };
        stage.used.patterns.insert(name.value.clone());
        if around.contains(&name.value) {
            let message = format!("the pattern `{}` uses itself", name.value);
            let error = Diagnostic::error("pattern-circle", name.place.clone(), message);
            self.decoder.say(error);
            return;
        }
        let Some((source, arguments)) = self.called(call, pattern) else { return };
        if let Some(graph) = &source.graph {
            let place = pattern.place();
            let given = Given { arguments: &arguments, call, place: &place };
            let run = run.of(call);
            return self.graph_cue(graph, given, &run, stage, out);
        }
        let steps = self.steps(&source, call, run, stage);
        if around.is_empty() {
            stage.steps = 0;
        }
        if self.has_room(steps.len(), name, stage) {
            around.push(name.value.clone());
            self.run_steps(&steps, source.chaser.is_some(), (call, run), around, stage, out);
            around.pop();
        }
    }

    /// Counts steps of a pattern; says so when one cue makes too many, with those of the patterns
    /// in it.
    fn has_room(&mut self, steps: usize, name: &Spanned<String>, stage: &mut Stage<'_>) -> bool {
        let before = stage.steps;
        stage.steps += steps;
        // Told of once: what is around it goes on adding.
        if before <= MOST_STEPS && stage.steps > MOST_STEPS {
            let message = format!(
                "this pattern and those in it make more than {MOST_STEPS} steps of one cue"
            );
            let error = Diagnostic::error("too-many-steps", name.place.clone(), message);
            self.decoder.say(error.hint("patterns in patterns multiply"));
        }
        stage.steps <= MOST_STEPS
    }

    /// Makes cues of the steps of a pattern; each step of a chaser goes out as the next one comes.
    fn run_steps(
        &mut self,
        steps: &[StepRun<'_>],
        is_chaser: bool,
        (call, run): (&PatternCall, &Run),
        around: &mut Vec<String>,
        stage: &mut Stage<'_>,
        out: &mut Vec<Cue>,
    ) {
        let written: Vec<_> = steps
            .iter()
            .map(|step| Written { start: step.start, end: step.end, heads: &step.on.selected })
            .collect();
        let ends = ends(&written, run.end);
        for (index, (step, end)) in steps.iter().zip(ends).enumerate() {
            let mut inner = within(step, end.min(run.end), run, call, stage);
            let next = steps.get(index + 1).filter(|_| is_chaser);
            if next.is_some() {
                inner.then = Then::CueOnly;
            }
            match &step.step.action {
                Action::Effect(effect) => {
                    let place = (step.repeat == 0).then_some(&step.step.place);
                    let parts = match next.filter(|next| next.crossfade > 0.0) {
                        Some(next) if matches!(**effect, Effect::Set(_)) => {
                            inner.into_next(next, stage.rig)
                        }
                        _ => vec![inner],
                    };
                    for (part, inner) in parts.iter().enumerate() {
                        self.emit(effect, inner, place.filter(|_| part == 0), stage, out);
                    }
                }
                Action::Pattern(call) => self.expand(call, &inner, around, stage, out),
            }
        }
    }

    /// The pattern with the arguments of one use; `None` when it cannot be read.
    fn called(
        &mut self,
        call: &PatternCall,
        pattern: &Pattern,
    ) -> Option<(PatternBody, IndexMap<String, Argument>)> {
        let mut arguments = pattern.arguments.clone();
        for (name, place, node) in &call.arguments {
            let Some(argument) = arguments.get_mut(name) else {
                if !pattern.has_arguments {
                    continue;
                }
                let message = format!("the pattern `{}` has no argument `{name}`", call.name.value);
                let place = super::venue::as_key(place);
                let error = Diagnostic::error("unknown-argument", place, message);
                let known = pattern.arguments.keys().map(String::as_str);
                self.decoder.say(error.nearest(name, known));
                continue;
            };
            let pointer = match &place.spot {
                Spot::Value(pointer) => pointer.clone(),
                _ => String::new(),
            };
            let at = At { file: &place.file, node, pointer };
            if check_argument(argument.kind, &at, &mut self.decoder) {
                argument.node = node.clone();
            }
        }
        if !pattern.has_arguments {
            return None;
        }
        let outer = self.decoder.names.arguments.replace(arguments);
        let body = pattern.body(&mut self.decoder);
        let arguments = std::mem::replace(&mut self.decoder.names.arguments, outer);
        Some((body?, arguments.unwrap_or_default()))
    }

    /// The steps of every repeat that start before the run ends.
    fn steps<'s>(
        &mut self,
        source: &'s PatternBody,
        call: &PatternCall,
        run: &Run,
        stage: &mut Stage<'_>,
    ) -> Vec<StepRun<'s>> {
        if let Some(chaser) = &source.chaser {
            return self.chased(source, chaser, call, run, stage);
        }
        let mut steps = Vec::new();
        for repeat in 0_u32.. {
            let base = match source.every {
                Some(every) => stage.grid.after(run.start, every.times(repeat)),
                None => run.start,
            };
            if base >= run.end - 1e-9 || (repeat > 0 && source.every.is_none()) {
                break;
            }
            if steps.len() + source.steps.len() > STEPS || repeat as usize > STEPS {
                let message = format!("this makes more than {STEPS} steps of the pattern");
                let place = call.name.place.clone();
                let error = Diagnostic::error("too-many-steps", place, message);
                self.decoder.say(error.hint("a longer `every`, or a shorter cue"));
                break;
            }
            for (index, step) in source.steps.iter().enumerate() {
                let start = stage.grid.after(base, step.keys.at);
                if start >= run.end - 1e-9 {
                    continue;
                }
                let end = step.keys.length.map(|length| stage.grid.after(start, length));
                let crossfade = 0.0;
                let when = When { index, repeat, start, end, crossfade };
                steps.push(self.step(step, when, call, run, stage));
            }
        }
        steps
    }

    /// A step with its heads.
    pub(super) fn step<'s>(
        &mut self,
        step: &'s StepSource,
        when: When,
        call: &PatternCall,
        run: &Run,
        stage: &mut Stage<'_>,
    ) -> StepRun<'s> {
        let When { index, repeat, start, end, crossfade } = when;
        let seed = step_seed(run.seed, index, repeat);
        let said = self.decoder.diagnostics.len();
        let on = self.picked_of(&step.keys.on, &run.on.selected, seed, stage);
        for found in &mut self.decoder.diagnostics[said..] {
            *found = used_by(found.clone(), &call.name.place);
        }
        StepRun { step, crossfade, repeat, start, end, on, seed }
    }
}

impl Run {
    /// The run of a pattern, with its name unless the cue has one.
    fn of(&self, call: &PatternCall) -> Self {
        let name = self.name.clone().or_else(|| Some(call.name.value.clone()));
        Self { name, ..self.clone() }
    }
}

/// The names of the arguments that are declared at `at` and in its graph, readable or not.
fn names(at: &At<'_>) -> BTreeSet<String> {
    let graph = at.member("graph").and_then(|graph| graph.member("args"));
    let mut names = BTreeSet::new();
    for args in [at.member("args"), graph].into_iter().flatten() {
        names.extend(args.members().map(|(name, _)| name.to_owned()));
        let ids = args.items().filter_map(|item| Some(item.member("id")?.node.text()?.to_owned()));
        names.extend(ids.collect::<Vec<_>>());
    }
    names
}

/// The run of a step in the run of its pattern.
fn within(step: &StepRun<'_>, end: f64, run: &Run, call: &PatternCall, stage: &Stage<'_>) -> Run {
    let keys = &step.step.keys;
    let fade_in = stage.grid.after(step.start, keys.fade_in.time) - step.start;
    let fade_in = fade_in.max(step.crossfade);
    let (first, last) = (step.start <= run.start + 1e-9, end >= run.end - 1e-9);
    let name = run.name.clone().unwrap_or_else(|| call.name.value.clone());
    // What a step names `this`, the cue may have named by id.
    let named = if step.on.named.is_empty() { &run.on.named } else { &step.on.named };
    Run {
        start: step.start,
        end,
        on: Picked { named: Arc::clone(named), ..step.on.clone() },
        seed: step.seed,
        spread: run.spread,
        name: Some(name),
        place: run.place.clone(),
        fade_in: if first { fade_in.max(run.fade_in) } else { fade_in },
        ease_in: if first && run.fade_in > fade_in { run.ease_in } else { keys.fade_in.easing },
        ease_out: run.ease_out,
        fade_out: if last { run.fade_out.min(end - step.start) } else { 0.0 },
        then: run.then,
        mark: run.mark,
        blend: run.blend,
        opacity: run.opacity.clone(),
    }
}

impl Run {
    /// A step of a chaser that goes over into the next: on heads of the next it stays below that,
    /// on others it fades out.
    fn into_next(self, next: &StepRun<'_>, rig: &Rig) -> Vec<Self> {
        let follows = |one: &Selected| next.on.selected.iter().any(|other| other.head == one.head);
        let part = |stay: bool| {
            let selected = self.on.selected.iter().filter(|one| follows(one) == stay);
            let on = self.on.with(selected.copied().collect(), rig);
            let fade_out = if stay { 0.0 } else { next.crossfade };
            Self { on, fade_out, end: self.end + next.crossfade, ..self.clone() }
        };
        let parts = [part(false), part(true)].into_iter();
        parts.filter(|part| !part.on.selected.is_empty()).collect()
    }
}

/// XXH3-64 of the step's index and the repeat, seeded by its cue.
pub(super) fn step_seed(seed: u64, index: usize, repeat: u32) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(format!("{index}\0{repeat}").as_bytes(), seed)
}
