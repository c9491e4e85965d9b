//! The light server's effects and patterns as effects of ours.

use serde_json::{Value, json};

use super::source::{Look, word};
use crate::native::{Vocabulary, hex, number};

/// An effect as ours.
pub(super) struct Done {
    /// One key, the effect's name, and its parameters.
    pub(super) action: Value,
    /// Whether it runs from board to board, not from pixel to pixel.
    pub(super) by_board: bool,
    /// Whether it stands in for something that gobo does not have.
    pub(super) is_plain: bool,
}

/// The colours that presets are named after.
const COLORS: [(&str, [u8; 3]); 13] = [
    ("red", [255, 0, 0]),
    ("green", [0, 255, 0]),
    ("blue", [0, 0, 255]),
    ("white", [255, 255, 255]),
    ("cyan", [0, 255, 255]),
    ("magenta", [255, 0, 255]),
    ("yellow", [255, 255, 0]),
    ("orange", [255, 128, 0]),
    ("purple", [128, 0, 255]),
    ("violet", [143, 0, 255]),
    ("pink", [255, 64, 160]),
    ("amber", [255, 160, 0]),
    ("teal", [0, 128, 128]),
];

/// The look that a label such as "Strobe White" names.
pub(super) fn of_label(label: &str) -> Option<Look> {
    let words: Vec<String> = label.split_whitespace().map(str::to_lowercase).collect();
    let (last, effect) = words.split_last()?;
    let color = COLORS.iter().find(|(name, _)| name == last).map(|(_, color)| *color)?;
    let effect = if effect.is_empty() { "solid".to_owned() } else { word(&effect.join(" ")) };
    Some(Look { effect, color: Some(color), level: 1.0, speed: None })
}

/// How long one round takes at a speed of WLED, 0 to 255, in seconds: what its wipe takes.
fn round(speed: f64) -> f64 {
    0.75 + (255.0 - speed.clamp(0.0, 255.0)) * 0.15
}

/// The action of a look; `every` is a beat of its cue, unless it has a speed of its own.
pub(super) fn action(look: &Look, every: &Value, vocabulary: &Vocabulary) -> Done {
    let color = hex(look.color.unwrap_or([255, 255, 255]));
    let level = number(look.level);
    let every = match look.speed {
        Some(speed) if !matches!(look.effect.as_str(), "strobe" | "blink") => number(round(speed)),
        Some(speed) => number(0.04 + (255.0 - speed) * 0.02),
        None => every.clone(),
    };
    let tint = json!({"color": color, "high": level, "every": every});
    let field = json!({"colors": [color], "level": level, "every": every});
    let with = |base: &Value, more: Value| {
        let mut whole = base.clone();
        if let (Some(whole), Some(more)) = (whole.as_object_mut(), more.as_object()) {
            whole.extend(more.clone());
        }
        whole
    };
    let (name, parameters, by_board) = match look.effect.as_str() {
        "solid" | "on" => ("set", json!({"dimmer": level, "color": color}), false),
        "rainbow" | "colorloop" => ("rainbow", json!({"every": every, "level": level}), false),
        "pulse" | "pulse_custom" => ("pulse", with(&tint, json!({"shape": "decay"})), false),
        "breathe" => ("pulse", with(&tint, json!({"shape": "sine"})), false),
        "strobe" | "blink" => ("strobe", tint, false),
        "flash" => {
            let decay = json!({"hold": "30ms", "decay": "200ms", "easing": "out_square"});
            ("flash", with(&json!({"color": color, "level": level}), decay), false)
        }
        "wipe" => {
            ("curtain", with(&field, json!({"edge": "left", "movement": "open_close"})), false)
        }
        "wipe_up" => ("curtain", with(&field, json!({"edge": "bottom"})), false),
        "wipe_center" => ("curtain", with(&field, json!({"edge": "center"})), false),
        "sparkle" => ("sparkle", with(&field, json!({"colors": ["black", color]})), false),
        "candle" | "candles" => ("twinkle", with(&field, json!({"share": 1})), false),
        "theater" => ("marquee", with(&field, json!({"band": 1, "gap": 2, "steps": true})), false),
        "meteor" => ("meteors", field, false),
        "bursts" | "lightning" | "puddles" | "twinkle" | "fire" | "fireworks" | "plasma"
        | "ripple" => (look.effect.as_str(), field, false),
        "scan" => ("chase", with(&tint, json!({"direction": "bounce", "tail": 3})), false),
        "chase" => ("chase", with(&tint, json!({"width": 3, "tail": 3})), false),
        "running" => ("wave", tint, false),
        "wave" => ("wave", with(&tint, json!({"direction": "forward"})), true),
        "wave_reverse" => ("wave", with(&tint, json!({"direction": "backward"})), true),
        "ping_pong" => ("chase", with(&tint, json!({"direction": "bounce"})), true),
        "outside_in" => ("chase", with(&tint, json!({"direction": "inward"})), true),
        "center_out" => ("chase", with(&tint, json!({"direction": "outward"})), true),
        "random" => ("chase", with(&tint, json!({"direction": "random"})), true),
        "alternate" => {
            let steps = json!({"band": 1, "gap": 1, "steps": true, "plane": "order"});
            ("marquee", with(&field, steps), true)
        }
        _ => ("", Value::Null, false),
    };
    match vocabulary.action(name, &parameters) {
        Some(action) => Done { action, by_board, is_plain: false },
        None => {
            let action = json!({"set": {"dimmer": level, "color": color}});
            Done { action, by_board: false, is_plain: true }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_calls_looks_as_they_come_in() {
        let vocabulary = Vocabulary::default();
        let known = gobo_show::reference::ELSEWHERE.iter();
        // What xLights calls so.
        for (theirs, ours, _) in known.filter(|(theirs, ..)| *theirs != "shimmer") {
            let look = Look { effect: (*theirs).to_owned(), color: None, level: 1.0, speed: None };
            let done = action(&look, &json!(1), &vocabulary);
            assert!(!done.is_plain, "{theirs}");
            assert!(done.action.get(ours).is_some(), "{theirs} is {}", done.action);
        }
    }

    #[test]
    fn labels_name_looks() {
        let look = of_label("Strobe White").unwrap();
        assert_eq!((look.effect.as_str(), look.color), ("strobe", Some([255, 255, 255])));
        assert_eq!(of_label("Wipe Center Red").unwrap().effect, "wipe_center");
        assert_eq!(of_label("blue").unwrap().effect, "solid");
        assert_eq!(of_label("No Preset"), None);
    }
}
