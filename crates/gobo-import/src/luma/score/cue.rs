//! Clips as cues, and cues as clips.

use gobo_show::Grid;
use gobo_show::diagnostic::Place;
use gobo_show::show::Blend;
use gobo_show::time::Time;
use gobo_show::value::Span;
use serde_json::{Map, Value, json};

use super::place::{Position, Range, rounded};
use super::{Chosen, Clip, Interface, ScoreLayer, blend, blend_name};
use crate::native::{cue_file, exact};

/// The keys of a cue that a clip says, besides its pattern.
const SAID: [&str; 6] = ["at", "for", "on", "pattern", "blend", "seed"];

/// A layer as a cue file.
pub(crate) fn layer(
    layer: &ScoreLayer,
    grid: &Grid,
    interface: impl Fn(&str) -> Interface,
) -> String {
    let cues: Vec<_> =
        layer.clips.iter().map(|clip| cue(clip, &interface(&clip.pattern), grid)).collect();
    let settings = json!({"z": layer.z, "alpha": "dimmer", "mark": true});
    cue_file(settings.as_object().unwrap_or(&Map::new()), &cues)
}

/// A clip as a cue. The blend is always said: a cue that says it ends with its time.
fn cue(clip: &Clip, interface: &Interface, grid: &Grid) -> Value {
    let (at, length) = times(clip.range, grid);
    let mut args = Map::new();
    let default = interface.selection.as_ref().map_or("all", |(_, default)| default);
    let on = clip.on.as_ref().map_or(default, |on| &on.expression);
    if let (Some((id, _)), Some(chosen)) = (&interface.selection, &clip.on) {
        if chosen.by_group {
            let this = json!({"expression": "this", "spatialReference": "group_local"});
            args.insert(id.clone(), this);
        } else if !interface.takes_what_it_is_on() {
            args.insert(id.clone(), "this".into());
        }
    }
    for (name, value) in &clip.args {
        args.insert(interface.id(name).unwrap_or(name).to_owned(), value.clone());
    }
    let mut cue = json!({
        "at": at, "for": length, "on": on, "pattern": {clip.pattern.as_str(): args},
        "blend": blend_name(clip.blend),
    });
    if let Some(seed) = clip.seed {
        cue["seed"] = seed.into();
    }
    cue
}

/// Start and length of a range.
fn times(range: Range, grid: &Grid) -> (Value, Value) {
    match range {
        Range::Seconds { start, end } => (exact(start), exact(rounded(end - start))),
        Range::Bars { start, end } => {
            let at = match start.quarters {
                0 => format!("bar {}", start.bar),
                quarters => format!("bar {}:{}", start.bar, 1.0 + f64::from(quarters) / 4.0),
            };
            let length = if start.quarters == end.quarters {
                Span::Bars(f64::from(end.bar - start.bar))
            } else {
                let beat = |place: Position| {
                    let first = grid.beat_at(grid.seconds_at_bar(f64::from(place.bar) - 1.0));
                    first + f64::from(place.quarters) / 4.0
                };
                Span::Beats(((beat(end) - beat(start)) * 4.0).round() / 4.0)
            };
            (at.into(), length.to_string().into())
        }
    }
}

/// What a cue needs to become a clip.
pub(super) struct Context<'a> {
    pub(super) grid: &'a Grid,
    /// The show's length in seconds.
    pub(super) seconds: f64,
    /// When the cue runs as the show has it, in seconds, for one that does not say it by itself.
    pub(super) start: Option<f64>,
    pub(super) end: Option<f64>,
    /// How the cue's layer goes over what is below.
    pub(super) blend: Blend,
    pub(super) place: Place,
}

/// A cue as a clip, with what it says besides.
///
/// # Errors
/// Why it is no clip.
pub(super) fn clip(
    cue: &Value,
    interface: impl Fn(&str) -> Interface,
    context: &Context<'_>,
) -> Result<(Clip, Vec<String>), String> {
    let Some(cue) = cue.as_object() else { return Err("is no cue".to_owned()) };
    let call = cue.get("pattern").and_then(Value::as_object).and_then(|call| call.iter().next());
    let Some((pattern, given)) = call else {
        return Err("is left out: a score has patterns only".to_owned());
    };
    let interface = interface(pattern);
    let mut args: Vec<(String, Value)> =
        given.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
    let on = cue.get("on").and_then(Value::as_str).unwrap_or("all");
    let on = on.split_whitespace().collect::<Vec<_>>().join(" ");
    let on = taken(&mut args, &interface, on);
    let own = cue.get("blend").and_then(Value::as_str).and_then(blend);
    let mut unsaid: Vec<String> =
        cue.keys().filter(|key| !SAID.contains(&key.as_str())).cloned().collect();
    let ends = cue.get("then").and_then(Value::as_str) == Some("release");
    unsaid.retain(|key| !(key == "then" && ends));
    if own.is_none() && !ends && !unsaid.iter().any(|key| key == "then") {
        unsaid.push("then".to_owned());
    }
    let clip = Clip {
        pattern: pattern.clone(),
        on,
        range: range(cue, context)?,
        args,
        blend: own.unwrap_or(context.blend),
        seed: cue.get("seed").and_then(Value::as_u64),
        place: context.place.clone(),
    };
    Ok((clip, unsaid))
}

/// The selection of a clip; the argument that stands for it is taken out of `args`.
fn taken(args: &mut Vec<(String, Value)>, interface: &Interface, on: String) -> Option<Chosen> {
    let mut chosen = Chosen { expression: on, by_group: false };
    let Some((id, default)) = &interface.selection else { return Some(chosen) };
    let given = args.iter().position(|(name, _)| name == id);
    match given.map(|index| (index, &args[index].1)) {
        Some((index, Value::String(text))) if text == "this" => {
            args.remove(index);
        }
        Some((index, value)) if value["expression"] == "this" => {
            chosen.by_group = value["spatialReference"] == "group_local";
            args.remove(index);
        }
        // Another selection stays an argument.
        Some(_) => {}
        None if !interface.takes_what_it_is_on() && chosen.expression == *default => return None,
        None => {}
    }
    Some(chosen)
}

fn range(cue: &Map<String, Value>, context: &Context<'_>) -> Result<Range, String> {
    let unreadable = |key: &str| format!("is left out: its `{key}` cannot be said in a score");
    let start = match cue.get("at") {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text
            .parse::<Time>()
            .ok()
            .and_then(|time| time.seconds(context.grid, context.seconds).ok()),
        _ => None,
    };
    let start = start.or(context.start).ok_or_else(|| unreadable("at"))?;
    let end = match cue.get("for") {
        Some(Value::Number(number)) => number.as_f64().map(|length| start + length),
        Some(Value::String(text)) if text != "until next" => {
            text.parse::<Span>().ok().map(|span| context.grid.after(start, span))
        }
        _ => context.end,
    };
    let end = end.filter(|end| *end > start).ok_or_else(|| unreadable("for"))?;
    Ok(Range::new(start, end, context.grid))
}
