//! What each recipe writes.

use serde_json::{Map, Value, json};

use super::super::payload::{number, thousandth};
use super::{Told, sections};

/// Cues, each with its start in seconds of the show.
type Cues = Vec<(f64, Value)>;

/// The cues of a recipe.
pub(super) fn cues(id: &str, told: &Told<'_>) -> Cues {
    match id {
        "flash_downbeats" => flash_downbeats(told),
        "chase_bars" => chase_bars(told),
        "section_colors" => section_colors(told),
        "build" => build(told),
        "strobe_hit" => strobe_hit(told),
        "fade_to_black" => fade_to_black(told),
        _ => Vec::new(),
    }
}

/// Parameters of an effect, with a colour if there is one.
fn lit(mut params: Value, told: &Told<'_>, level: &str) -> Value {
    params[level] = told.get("level");
    if let color @ Value::String(_) = told.get("color") {
        params["color"] = color;
    }
    params
}

fn flash_downbeats(told: &Told<'_>) -> Cues {
    let (start, end, at) = told.section();
    let first = told.show.grid.seconds_at_bar(told.first_bar(start)).max(0.0);
    let at = if (first - start).abs() < 0.01 { at } else { number(thousandth(first)) };
    vec![(
        first,
        json!({
            "at": at, "every": "1 bar", "to": number(thousandth(end)), "for": "1 beat",
            "on": told.get("on"), "flash": lit(json!({}), told, "level"), "then": "release",
            "name": "Downbeats",
        }),
    )]
}

fn chase_bars(told: &Told<'_>) -> Cues {
    let (start, end, at) = told.section();
    let chase = json!({ "every": "1/2 beat", "tail": 1, "direction": told.get("direction") });
    vec![(
        start,
        json!({
            "at": at, "for": told.length(start, end), "on": told.get("on"),
            "chase": lit(chase, told, "high"), "then": "release", "name": "Chase",
        }),
    )]
}

fn section_colors(told: &Told<'_>) -> Cues {
    let colors = told.get("colors");
    let colors = colors.as_array().into_iter().flatten().cycle();
    let names = sections(told.show);
    let all = told.show.grid.sections.iter().zip(&names).zip(colors);
    let cue = |((section, name), color): ((&gobo_show::show::Section, &String), &Value)| {
        let cue = json!({
            "at": told.anchor(name, section.start), "on": told.get("on"),
            "set": { "dimmer": told.get("level"), "color": color },
            "fade_in": told.get("fade"), "name": format!("Colour of {name}"),
        });
        (section.start, cue)
    };
    all.map(cue).collect()
}

fn build(told: &Told<'_>) -> Cues {
    let (end, _, at) = told.section();
    let start = told.build_start(end);
    if end - start < 0.1 {
        return Vec::new();
    }
    let fade = json!({
        "from": { "dimmer": "10%", "color": told.get("color") }, "to": { "dimmer": "100%", "color": told.get("color") }, "easing": "in",
    });
    let name = format!("Build into {}", at.as_str().unwrap_or("the section"));
    let rise = json!({
        "at": number(thousandth(start)), "for": number(thousandth(end - start)),
        "on": told.get("on"), "fade": fade, "then": "release", "name": name,
    });
    let mut cues = vec![(start, rise)];
    // Pulses over the second half, twice as fast in its second half again.
    let (half, quarter) = ((end - start) / 2.0, (end - start) / 4.0);
    let pulses =
        [(start + half, quarter, "1/2 beat"), (start + half + quarter, quarter, "1/4 beat")];
    for (from, length, every) in pulses {
        let pulse = json!({
            "at": number(thousandth(from)), "for": number(thousandth(length)),
            "on": told.get("on"), "pulse": { "every": every, "shape": "saw", "low": "30%" },
            "then": "release",
        });
        cues.push((from, pulse));
    }
    cues
}

fn strobe_hit(told: &Told<'_>) -> Cues {
    let time = thousandth(told.number("time"));
    let every = format!("{} Hz", number(told.number("rate")));
    let hit = json!({
        "at": number(time), "for": number(thousandth(told.number("duration")).max(0.001)),
        "on": told.get("on"), "strobe": { "every": every }, "then": "release", "name": "Strobe hit",
    });
    vec![(time, hit)]
}

fn fade_to_black(told: &Told<'_>) -> Cues {
    let (start, end) = told.last_seconds();
    let seconds = thousandth(end - start);
    let fade: Map<String, Value> =
        [("to".to_owned(), json!({ "dimmer": 0 }))].into_iter().collect();
    let cue = json!({
        "at": format!("end - {}s", number(seconds)), "for": number(seconds),
        "on": told.get("on"), "fade": fade, "name": "To black",
    });
    vec![(start, cue)]
}
