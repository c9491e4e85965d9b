//! Shows: each track a layer, each function on it a cue that calls its pattern.

use std::collections::BTreeSet;

use gobo_show::diagnostic::Place;
use serde_json::{Map, Value, json};

use super::function::{Function, Kind, Track};
use super::patterns::{Patterns, Touched, add_fade, merge};
use crate::native::{Names, cue_file, seconds};

/// A show on its way to files.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) title: String,
    /// What to say of it in its file.
    pub(super) remark: Option<String>,
    /// Cue files with their layers' names, lowest first.
    pub(super) layers: Vec<(String, String)>,
    /// The functions that it plays.
    pub(super) plays: BTreeSet<u32>,
    pub(super) length: f64,
    /// A sound file, and when it starts in the show, in milliseconds.
    pub(super) audio: Option<(String, f64, Place)>,
}

/// The most steps that a cue may make of a pattern; gobo refuses more.
const STEPS: f64 = 19_000.0;
/// How long a release takes at least, in milliseconds: a frame.
const FRAME: f64 = 20.0;
/// How long a function of its own stands when it has no length, in milliseconds.
const STANDS: f64 = 4_000.0;
/// The longest that one function takes of a show that was not written, in milliseconds.
const TURN: f64 = 30_000.0;

/// A function at a time.
struct Item {
    function: u32,
    start: f64,
    end: f64,
}

/// The plan of a show function.
pub(super) fn plan(patterns: &mut Patterns<'_>, function: &Function, tracks: &[Track]) -> Plan {
    let mut plan = Plan { title: function.name.clone(), ..Plan::default() };
    let mut names = Names::default();
    let mut seen = Touched::new();
    for (index, track) in tracks.iter().enumerate() {
        let name =
            if track.name.is_empty() { format!("Track {}", index + 1) } else { track.name.clone() };
        if track.muted {
            patterns.note(function, format!("has the track `{name}` muted: it is left out"));
            continue;
        }
        let items = items(patterns, function, track, &mut plan);
        if items.is_empty() {
            continue;
        }
        let mut touched = Touched::new();
        for item in &items {
            if let Some(pattern) = patterns.get(item.function) {
                merge(&mut touched, pattern.touched.clone());
            }
        }
        if super::patterns::overlaps(&seen, &touched) {
            patterns.note(function, format!("has `{name}` on channels of a track before it: the higher track counts, not the highest value"));
        }
        merge(&mut seen, touched);
        let text = layer(patterns, &items, &mut plan);
        plan.layers.push((names.take(&name), text));
    }
    plan
}

/// Says which sounds no show plays.
pub(super) fn unplayed_sounds(patterns: &mut Patterns<'_>, shows: &[(&Function, &[Track])]) {
    let items = || shows.iter().flat_map(|(_, tracks)| *tracks).flat_map(|track| &track.items);
    let sounds: Vec<_> = patterns.workspace.functions.iter().collect();
    for (id, function) in sounds {
        let is_sound = matches!(function.kind, Kind::Audio(_));
        if is_sound && items().all(|item| item.function != *id) {
            patterns.note(function, "is left out: no show plays this sound");
        }
    }
}

/// The functions of a track in time; sound goes to the plan.
fn items(
    patterns: &mut Patterns<'_>,
    show: &Function,
    track: &Track,
    plan: &mut Plan,
) -> Vec<Item> {
    let workspace = patterns.workspace;
    let mut items = Vec::new();
    for item in &track.items {
        let Some(function) = workspace.functions.get(&item.function) else {
            patterns
                .note(show, format!("plays the function {}, which is not there", item.function));
            continue;
        };
        if let Kind::Audio(path) = &function.kind {
            if plan.audio.is_none() {
                plan.audio = Some((path.clone(), item.start, function.place.clone()));
            } else {
                patterns.imported.note(
                    format!("the sound `{}`", function.name),
                    "is left out: a show of gobo has one song",
                    item.place.clone(),
                );
            }
            plan.length = plan.length.max(item.start + item.duration.unwrap_or(0.0));
            continue;
        }
        let Some(cycle) = patterns.get(item.function).map(|pattern| pattern.cycle) else {
            patterns.note(show, format!("does not play `{}`, which is not carried", function.name));
            continue;
        };
        let own = if cycle.is_finite() { cycle } else { STANDS };
        let end = item.start + item.duration.unwrap_or(own);
        items.push(Item { function: item.function, start: item.start, end });
    }
    items.sort_by(|a, b| a.start.total_cmp(&b.start));
    items
}

/// The cue file of some functions in time.
fn layer(patterns: &mut Patterns<'_>, items: &[Item], plan: &mut Plan) -> String {
    let mut cues = Vec::new();
    for item in items {
        plan.plays.insert(item.function);
        play(patterns, item, &mut cues);
        let speed = patterns.workspace.functions.get(&item.function).map(|f| f.speed);
        let fade_out = speed.map_or(0.0, |speed| speed.fade_out);
        let fade_out = if fade_out.is_finite() { fade_out } else { 0.0 };
        stop(patterns, item, fade_out, &mut cues);
        plan.length = plan.length.max(item.end + fade_out);
    }
    // What starts where another stops is written after it.
    cues.sort_by(|a: &Value, b| {
        let at = |cue: &Value| cue["at"].as_f64().unwrap_or(0.0);
        at(a).total_cmp(&at(b)).then(cue_rank(a).cmp(&cue_rank(b)))
    });
    cue_file(&Map::new(), &cues)
}

/// Releases come before what starts at the same time.
fn cue_rank(cue: &Value) -> u8 {
    u8::from(cue.get("pattern").is_some())
}

/// Cues that call a pattern for as long as the item lasts: one, or more where it has too many
/// steps for one.
fn play(patterns: &mut Patterns<'_>, item: &Item, cues: &mut Vec<Value>) {
    let fade_in = patterns.workspace.functions.get(&item.function).map_or(0.0, |f| match f.kind {
        Kind::Scene(_) | Kind::Matrix(_) => f.speed.fade_in,
        _ => 0.0,
    });
    let Some(pattern) = patterns.get(item.function) else { return };
    let rounds = (STEPS / pattern.steps.max(1) as f64).floor().max(1.0);
    let most = if pattern.cycle.is_finite() { pattern.cycle * rounds } else { f64::INFINITY };
    let mut start = item.start;
    while start < item.end {
        let end = (start + most).min(item.end);
        let mut cue = Map::new();
        cue.insert("at".into(), seconds(start));
        cue.insert("for".into(), seconds(end - start));
        cue.insert("on".into(), "all".into());
        if start == item.start {
            add_fade(&mut cue, fade_in.min(end - start));
        }
        cue.insert("pattern".into(), json!({&pattern.name: {}}));
        cues.push(cue.into());
        start = end;
    }
}

/// Cues that take the intensities of an item back to 0 when it stops, and let go of them.
fn stop(patterns: &mut Patterns<'_>, item: &Item, fade_out: f64, cues: &mut Vec<Value>) {
    let Some(pattern) = patterns.get(item.function) else { return };
    let (touched, colored) = (pattern.touched.clone(), pattern.colored.clone());
    let mut ends = patterns.zeros(&touched, item.end, fade_out);
    for group in colored {
        let mut cue = Map::new();
        cue.insert("at".into(), seconds(item.end));
        add_fade(&mut cue, fade_out);
        cue.insert("on".into(), group.into());
        cue.insert("set".into(), json!({"color": "black"}));
        ends.push(cue.into());
    }
    for end in &mut ends {
        let Value::Object(cue) = end else { continue };
        let mut whole = Map::new();
        whole.insert("at".into(), seconds(item.end));
        whole.insert("for".into(), seconds(fade_out.max(FRAME)));
        whole.extend(std::mem::take(cue).into_iter().filter(|(key, _)| key != "at"));
        whole.insert("then".into(), "release".into());
        *cue = whole;
    }
    cues.extend(ends);
}

/// A show for a workspace that has none: what starts with it, or all that runs, one after the
/// other.
pub(super) fn unwritten(patterns: &mut Patterns<'_>, title: &str) -> Plan {
    let workspace = patterns.workspace;
    let startup = workspace.startup.filter(|id| patterns.get(*id).is_some());
    let runs = |function: &Function| {
        matches!(function.kind, Kind::Chaser(_) | Kind::Efx(_) | Kind::Matrix(_))
    };
    let is_scene =
        |function: &Function| matches!(function.kind, Kind::Scene(_) | Kind::Collection(_));
    let of = |fits: &dyn Fn(&Function) -> bool| -> Vec<u32> {
        let fitting = workspace.functions.iter().filter(|(_, function)| fits(function));
        fitting.map(|(id, _)| *id).collect()
    };
    let (turns, remark) = match startup {
        Some(id) => {
            (vec![id], "The workspace has no show: this plays the function that starts with it.")
        }
        None if workspace.functions.values().any(runs) => (
            of(&runs),
            "The workspace has no show: this plays its chasers, movements and pictures in turn.",
        ),
        None => (of(&is_scene), "The workspace has no show: this plays its scenes in turn."),
    };
    let mut plan =
        Plan { title: title.to_owned(), remark: Some(remark.to_owned()), ..Plan::default() };
    let mut items = Vec::new();
    let mut start = 0.0;
    for function in turns {
        let Some(cycle) = patterns.get(function).map(|pattern| pattern.cycle) else { continue };
        let lasts =
            if cycle.is_finite() { (2.0 * cycle).clamp(STANDS, TURN.max(cycle)) } else { STANDS };
        items.push(Item { function, start, end: start + lasts });
        start += lasts;
    }
    let text = layer(patterns, &items, &mut plan);
    plan.layers.push(("cues".to_owned(), text));
    plan
}
