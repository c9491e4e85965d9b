//! Functions as patterns: scenes set channels, chasers call other patterns in time.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::function::{Chaser, Function, Kind, Level, RunOrder, SpeedMode, Step};
use super::patch::{Patch, is_intensity};
use super::workspace::Workspace;
use super::{matrix, movement};
use crate::imported::Imported;
use crate::native::{Names, Vocabulary, number, pattern_file, seconds};

/// The time of one step of QLC+'s own clock, in milliseconds: what a duration of 0 comes to.
const TICK: f64 = 20.0;
/// How many steps of a random order are drawn before they repeat.
const DRAWN: usize = 48;

/// Channels that count as intensities, by fixture: both are indices.
pub(super) type Touched = BTreeMap<usize, BTreeSet<usize>>;

/// A function that became a pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Its file's name, without the ending.
    pub(super) name: String,
    pub(super) text: String,
    /// How long it takes once, in milliseconds; infinite when it only stands.
    pub(super) cycle: f64,
    /// How many steps it has.
    pub(super) steps: usize,
    pub(super) touched: Touched,
    /// The groups that it colours.
    pub(super) colored: BTreeSet<String>,
    /// The functions that it calls.
    pub(super) calls: BTreeSet<u32>,
}

/// The functions of a workspace on their way to patterns.
pub(super) struct Patterns<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) patch: &'a Patch,
    pub(super) imported: &'a mut Imported,
    /// The names of groups in the venue, by their id.
    pub(super) groups: &'a BTreeMap<u32, String>,
    pub(super) vocabulary: Vocabulary,
    names: Names,
    /// By function; `None` when it is not carried, or when it is being read.
    done: IndexMap<u32, Option<Pattern>>,
}

/// Steps on their way to a pattern.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) every: Option<Value>,
    pub(super) steps: Vec<Value>,
    pub(super) cycle: f64,
    pub(super) touched: Touched,
    pub(super) colored: BTreeSet<String>,
    pub(super) calls: BTreeSet<u32>,
}

impl<'a> Patterns<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        patch: &'a Patch,
        groups: &'a BTreeMap<u32, String>,
        imported: &'a mut Imported,
    ) -> Self {
        Self {
            workspace,
            patch,
            imported,
            groups,
            vocabulary: Vocabulary::default(),
            names: Names::default(),
            done: IndexMap::new(),
        }
    }

    /// The pattern of a function; `None` when there is none, which has been noted.
    pub(super) fn get(&mut self, id: u32) -> Option<&Pattern> {
        if !self.done.contains_key(&id) {
            let function = self.workspace.functions.get(&id)?;
            // A function that calls itself finds nothing here.
            self.done.insert(id, None);
            let draft = self.draft(function)?;
            let pattern = Pattern {
                name: self.names.take(&function.name),
                text: pattern_file(&function.name, draft.every, &draft.steps),
                cycle: draft.cycle,
                steps: draft.steps.len(),
                touched: draft.touched,
                colored: draft.colored,
                calls: draft.calls,
            };
            self.done.insert(id, Some(pattern));
        }
        self.done.get(&id)?.as_ref()
    }

    /// A pattern and all that it calls, each once.
    pub(super) fn reached(&self, id: u32, found: &mut BTreeSet<u32>) {
        if let Some(Some(pattern)) = self.done.get(&id)
            && found.insert(id)
        {
            pattern.calls.iter().for_each(|call| self.reached(*call, found));
        }
    }

    /// Every pattern that was made.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Pattern)> {
        self.done.iter().filter_map(|(id, pattern)| Some((*id, pattern.as_ref()?)))
    }

    /// Says that something of a function is not carried.
    pub(super) fn note(&mut self, function: &Function, why: impl Into<String>) {
        let what = format!("the function `{}`", function.name);
        self.imported.note(what, why, function.place.clone());
    }

    fn draft(&mut self, function: &Function) -> Option<Draft> {
        let draft = match &function.kind {
            Kind::Scene(levels) => self.scene(function, levels),
            Kind::Chaser(chaser) => self.chaser(function, chaser),
            Kind::Collection(members) => self.collection(function, members),
            Kind::Efx(efx) => movement::draft(self, function, efx),
            Kind::Matrix(matrix) => matrix::draft(self, function, matrix),
            Kind::Show(_) | Kind::Audio(_) => return None,
            Kind::Other(kind) => {
                self.note(function, format!("is left out: gobo has nothing like a {kind}"));
                return None;
            }
        }?;
        if draft.steps.is_empty() {
            self.note(function, "is left out: nothing of it is left to do");
            return None;
        }
        Some(draft)
    }

    fn scene(&mut self, function: &Function, levels: &[Level]) -> Option<Draft> {
        let mut draft = Draft { cycle: f64::INFINITY, ..Draft::default() };
        draft.steps = self.set(function, levels, &Map::new(), &mut draft.touched);
        Some(draft)
    }

    /// Steps with `keys` that set levels, one for all fixtures with the same.
    fn set(
        &mut self,
        function: &Function,
        levels: &[Level],
        keys: &Map<String, Value>,
        touched: &mut Touched,
    ) -> Vec<Value> {
        let mut by_fixture: IndexMap<usize, BTreeMap<usize, BTreeMap<usize, u8>>> = IndexMap::new();
        let mut lost = BTreeSet::new();
        for level in levels {
            let Some((index, fixture)) = self.patch.get(level.fixture) else {
                lost.insert(format!("the fixture {}", level.fixture));
                continue;
            };
            let Some((channel, byte)) = fixture.slot(level.channel) else {
                lost.insert(format!("channel {} of `{}`", level.channel + 1, fixture.name));
                continue;
            };
            if is_intensity(&fixture.channels[channel]) {
                touched.entry(index).or_default().insert(channel);
            }
            let channels = by_fixture.entry(index).or_default();
            channels.entry(channel).or_default().insert(byte, level.value);
        }
        for what in lost {
            self.note(function, format!("does not set {what}: the patch has no such"));
        }
        let mut groups: IndexMap<Vec<(String, Value)>, Vec<&str>> = IndexMap::new();
        for (index, channels) in by_fixture {
            let fixture = &self.patch.fixtures[index];
            let value = |(channel, bytes): (usize, BTreeMap<usize, u8>)| {
                let channel = &fixture.channels[channel];
                (channel.key.to_string(), joined(&bytes, channel.slots.len()))
            };
            let look = channels.into_iter().map(value).collect();
            groups.entry(look).or_default().push(&fixture.id);
        }
        let step = |(look, ids): (Vec<(String, Value)>, Vec<&str>)| {
            let mut step = keys.clone();
            step.insert("on".into(), self.patch.select(&ids).into());
            let channels: Map<String, Value> = look.into_iter().collect();
            step.insert("set".into(), json!({"channels": channels}));
            step.into()
        };
        groups.into_iter().map(step).collect()
    }

    fn collection(&mut self, function: &Function, members: &[u32]) -> Option<Draft> {
        let mut draft = Draft { cycle: f64::INFINITY, ..Draft::default() };
        let mut shared = false;
        for (index, member) in members.iter().enumerate() {
            // What is called twice does no more than what is called once.
            if members[..index].contains(member) {
                continue;
            }
            let Some((call, touched)) = self.call(function, *member) else { continue };
            let fade_in = self.workspace.functions.get(member).map_or(0.0, |f| f.speed.fade_in);
            let mut step = Map::new();
            add_fade(&mut step, fade_in);
            draft.steps.push(with_call(step, call));
            draft.calls.insert(*member);
            draft.colored.extend(self.colored(*member));
            shared |= overlaps(&draft.touched, &touched);
            merge(&mut draft.touched, touched);
        }
        if shared {
            self.note(
                function,
                "has members on the same channels: the last one counts, not the highest",
            );
        }
        Some(draft)
    }

    /// The name of the pattern that `function` calls as `id`, and what that touches; notes when
    /// there is none.
    fn call(&mut self, function: &Function, id: u32) -> Option<(String, Touched)> {
        if let Some(pattern) = self.get(id) {
            return Some((pattern.name.clone(), pattern.touched.clone()));
        }
        let why = match self.workspace.functions.get(&id) {
            None => format!("calls the function {id}, which is not there"),
            Some(called) => format!("does not call `{}`, which is not carried", called.name),
        };
        self.note(function, why);
        None
    }

    fn chaser(&mut self, function: &Function, chaser: &Chaser) -> Option<Draft> {
        let order = order(function, chaser.steps.len());
        if function.order == RunOrder::Random {
            self.note(
                function,
                format!("has a random order: {DRAWN} steps of it are drawn, and repeat"),
            );
        }
        let mut draft = Draft { cycle: 0.0, ..Draft::default() };
        let has_end = function.order == RunOrder::SingleShot;
        // In a loop, the last step is the one before the first.
        let mut before = order.last().filter(|_| !has_end).map(|&last| {
            let step = &chaser.steps[last];
            (self.touched_by(chaser, step), self.times(function, chaser, step).1)
        });
        for index in order {
            let step = &chaser.steps[index];
            let (duration, fade_out) = self.times(function, chaser, step);
            let touched = self.step(function, chaser, step, duration, &mut draft);
            if let Some((left, fade)) = before.take() {
                let zeros = self.zeros(&minus(&left, &touched), draft.cycle, fade);
                draft.steps.extend(zeros);
            }
            merge(&mut draft.touched, touched.clone());
            before = Some((touched, fade_out));
            draft.cycle += duration;
            if duration.is_infinite() {
                return Some(draft);
            }
        }
        if has_end {
            if let Some((left, fade)) = before {
                let zeros = self.zeros(&left, draft.cycle, fade);
                draft.steps.extend(zeros);
            }
        } else {
            draft.every = (draft.cycle > 0.0).then(|| seconds(draft.cycle));
        }
        Some(draft)
    }

    /// How long a step takes, and how long what it leaves fades.
    fn times(&self, function: &Function, chaser: &Chaser, step: &Step) -> (f64, f64) {
        let called = step.function.and_then(|id| self.workspace.functions.get(&id));
        let own = called.map(|called| called.speed).unwrap_or_default();
        let duration = match chaser.duration {
            SpeedMode::Common => function.speed.duration,
            SpeedMode::PerStep => step.speed.duration,
            SpeedMode::Default if own.duration > 0.0 => own.duration,
            SpeedMode::Default => f64::INFINITY,
        };
        let fade_out = match chaser.fade_out {
            SpeedMode::Common => function.speed.fade_out,
            SpeedMode::PerStep => step.speed.fade_out,
            SpeedMode::Default => own.fade_out,
        };
        (duration.max(TICK), fade_out)
    }

    fn colored(&self, id: u32) -> BTreeSet<String> {
        let pattern = self.done.get(&id).and_then(Option::as_ref);
        pattern.map(|pattern| pattern.colored.clone()).unwrap_or_default()
    }

    fn touched_by(&mut self, chaser: &Chaser, step: &Step) -> Touched {
        match step.function.filter(|_| chaser.bound.is_none()) {
            Some(id) => self.get(id).map(|pattern| pattern.touched.clone()).unwrap_or_default(),
            None => Touched::new(),
        }
    }

    /// Adds a step of a chaser to `draft`; what it touches.
    fn step(
        &mut self,
        function: &Function,
        chaser: &Chaser,
        step: &Step,
        duration: f64,
        draft: &mut Draft,
    ) -> Touched {
        let called = step.function.and_then(|id| self.workspace.functions.get(&id));
        let fade_in = match chaser.fade_in {
            SpeedMode::Common => function.speed.fade_in,
            SpeedMode::PerStep => step.speed.fade_in,
            SpeedMode::Default => called.map_or(0.0, |called| called.speed.fade_in),
        };
        let mut keys = Map::new();
        add_time(&mut keys, draft.cycle);
        if let Some(bound) = chaser.bound {
            add_fade(&mut keys, fade_in);
            let levels = self.bound_levels(bound, &step.levels);
            let mut touched = Touched::new();
            draft.steps.extend(self.set(function, &levels, &keys, &mut touched));
            return touched;
        }
        let Some(id) = step.function else {
            self.imported.note(
                format!("a step of `{}`", function.name),
                "is left out: it calls nothing",
                step.place.clone(),
            );
            return Touched::new();
        };
        let Some((name, touched)) = self.call(function, id) else { return Touched::new() };
        if duration.is_finite() {
            keys.insert("for".into(), seconds(duration));
        }
        // A step shows something before the next one comes.
        add_fade(&mut keys, fade_in.min(duration - TICK));
        draft.steps.push(with_call(keys, name));
        draft.calls.insert(id);
        draft.colored.extend(self.colored(id));
        touched
    }

    /// The levels of a step of a sequence: those of its scene that it does not name are 0.
    fn bound_levels(&self, bound: u32, own: &[Level]) -> Vec<Level> {
        let scene = match self.workspace.functions.get(&bound).map(|scene| &scene.kind) {
            Some(Kind::Scene(levels)) => levels.as_slice(),
            _ => &[],
        };
        let named: BTreeMap<(u32, u32), u8> =
            own.iter().map(|level| ((level.fixture, level.channel), level.value)).collect();
        let mut levels: Vec<Level> = scene
            .iter()
            .map(|level| {
                let value = named.get(&(level.fixture, level.channel)).copied().unwrap_or(0);
                Level { value, ..*level }
            })
            .collect();
        let of_scene = |level: &&Level| {
            scene.iter().any(|s| (s.fixture, s.channel) == (level.fixture, level.channel))
        };
        levels.extend(own.iter().filter(|level| !of_scene(level)));
        levels
    }

    /// Steps that take intensities back to 0 at a time, as QLC+ does when a function stops.
    pub(super) fn zeros(&self, touched: &Touched, at: f64, fade: f64) -> Vec<Value> {
        let mut groups: IndexMap<Vec<&str>, Vec<&str>> = IndexMap::new();
        for (index, channels) in touched {
            let fixture = &self.patch.fixtures[*index];
            let keys = channels.iter().map(|channel| &*fixture.channels[*channel].key).collect();
            groups.entry(keys).or_default().push(&fixture.id);
        }
        let zero = |(keys, ids): (Vec<&str>, Vec<&str>)| {
            let mut step = Map::new();
            add_time(&mut step, at);
            add_fade(&mut step, fade);
            step.insert("on".into(), self.patch.select(&ids).into());
            let channels: Map<String, Value> =
                keys.into_iter().map(|key| (key.to_owned(), 0.into())).collect();
            step.insert("set".into(), json!({"channels": channels}));
            step.into()
        };
        groups.into_iter().filter(|(keys, _)| !keys.is_empty()).map(zero).collect()
    }
}

/// The bytes of a channel as one value, 0 to 255; bytes that are not given are 0.
fn joined(bytes: &BTreeMap<usize, u8>, width: usize) -> Value {
    let value = (0..width)
        .fold(0.0, |value, byte| value * 256.0 + f64::from(bytes.get(&byte).copied().unwrap_or(0)));
    let most = (0..width).fold(1.0, |most, _| most * 256.0) - 1.0;
    number(value / most * 255.0)
}

/// The steps of one round of a chaser.
fn order(function: &Function, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    if function.backward {
        order.reverse();
    }
    match function.order {
        RunOrder::PingPong => {
            let back: Vec<_> = order.iter().rev().skip(1).copied().collect();
            order.extend(back.into_iter().take(count.saturating_sub(2)));
        }
        RunOrder::Random if count > 1 => return drawn(count),
        _ => {}
    }
    order
}

/// A random order, the same every time; no step follows itself.
fn drawn(count: usize) -> Vec<usize> {
    let (mut dice, mut last) = (0x9e37_79b9_7f4a_7c15_u64, 0);
    let draw = |_| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        last = (last + 1 + (dice >> 33) as usize % (count - 1)) % count;
        last
    };
    (0..DRAWN).map(draw).collect()
}

fn add_time(step: &mut Map<String, Value>, at: f64) {
    if at > 0.0 {
        step.insert("at".into(), seconds(at));
    }
}

pub(super) fn add_fade(step: &mut Map<String, Value>, fade_in: f64) {
    if fade_in > 0.0 && fade_in.is_finite() {
        step.insert("fade_in".into(), seconds(fade_in));
    }
}

/// A step that calls a pattern.
fn with_call(mut step: Map<String, Value>, name: String) -> Value {
    step.insert("on".into(), "all".into());
    let call: Map<String, Value> = [(name, json!({}))].into_iter().collect();
    step.insert("pattern".into(), call.into());
    step.into()
}

/// What of `touched` is not in `other`.
fn minus(touched: &Touched, other: &Touched) -> Touched {
    let rest = |(fixture, channels): (&usize, &BTreeSet<usize>)| {
        let others = other.get(fixture);
        let left = channels.iter().filter(|channel| !others.is_some_and(|o| o.contains(channel)));
        (*fixture, left.copied().collect())
    };
    touched.iter().map(rest).collect()
}

pub(super) fn merge(into: &mut Touched, more: Touched) {
    for (fixture, channels) in more {
        into.entry(fixture).or_default().extend(channels);
    }
}

pub(super) fn overlaps(a: &Touched, b: &Touched) -> bool {
    a.iter().any(|(fixture, channels)| b.get(fixture).is_some_and(|o| !channels.is_disjoint(o)))
}
