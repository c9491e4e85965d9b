//! What the words of a definition say where no preset does: colours, speeds, on and off.

use std::sync::LazyLock;

use regex_lite::Regex;
use serde_json::{Map, Value, json};

/// Colour names that stand for themselves, with the light they mean.
const COLORS: &[(&str, &str)] = &[
    ("white", "#ffffff"),
    ("warm white", "#ffd9a6"),
    ("cold white", "#e6f0ff"),
    ("red", "#ff0000"),
    ("dark red", "#8b0000"),
    ("orange", "#ff8000"),
    ("amber", "#ffbf00"),
    ("yellow", "#ffff00"),
    ("lime", "#bfff00"),
    ("light green", "#80ff80"),
    ("green", "#00ff00"),
    ("dark green", "#006400"),
    ("turquoise", "#40e0d0"),
    ("cyan", "#00ffff"),
    ("light blue", "#80c0ff"),
    ("blue", "#0000ff"),
    ("dark blue", "#00008b"),
    ("indigo", "#4b0082"),
    ("violet", "#8000ff"),
    ("purple", "#8000c0"),
    ("lavender", "#c080ff"),
    ("magenta", "#ff00ff"),
    ("pink", "#ff80c0"),
    ("uv", "#6000ff"),
];

fn matches(pattern: &'static LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

macro_rules! pattern {
    ($name:ident, $doc:literal, $pattern:literal) => {
        #[doc = $doc]
        pub(super) fn $name(text: &str) -> bool {
            static PATTERN: LazyLock<Option<Regex>> =
                LazyLock::new(|| Regex::new(concat!("(?i)", $pattern)).ok());
            matches(&PATTERN, text)
        }
    };
}

pattern!(
    is_idle,
    "Whether it says that nothing happens.",
    r"\b(no\s*(function|effect|func\w*)|nothing|not used|unused|reserved|idle|n/?a)\b"
);
pattern!(
    is_no_strobe,
    "Whether it says that nothing strobes.",
    r"\b(no|without|not)\b.*(strob|flash)|(strob|flash)\w*\W*off\b"
);
pattern!(
    is_closed,
    "Whether it says that no light comes through.",
    r"\bclos|black\s*out|\bled off|\blight off"
);
pattern!(is_stop, "Whether it says that nothing turns.", r"\bstop|\bno (rotation|scroll|spin)");
pattern!(is_blade, "Whether it speaks of blades.", r"\bblade|shaper|framing");
pattern!(is_setting, "Whether it speaks of how a fixture is set up.", r"curve|mode|setting|fan\b");
pattern!(is_fan, "Whether it speaks of a fan or a speed.", r"fan\b|speed|\bair\b");
pattern!(
    is_speed,
    "Whether it speaks of speeds.",
    r"slow|fast|speed|hz\b|%|\bmin|\bmax|increas|decreas"
);
pattern!(
    is_off,
    "Whether it says that something is off or closed.",
    r"\b(off|clos\w*|black\s*out|no (prism|gobo|rotation|strobe|frost|light)|without)\b"
);
pattern!(is_open, "Whether it says that something is open.", r"\b(open|on)\b");
pattern!(is_strobe, "Whether it speaks of a strobe.", r"strob|flash");
pattern!(is_pulse, "Whether it speaks of pulses.", r"puls");
pattern!(is_random, "Whether it speaks of chance.", r"random");
pattern!(is_sound, "Whether it speaks of sound.", r"sound|music|audio|\bmic");
pattern!(
    is_rotation,
    "Whether it speaks of turning.",
    r"rotat|rotaci|spin|scroll|rainbow|\bc?cw\b|clockwise"
);
pattern!(is_backward, "Whether it turns against the clock.", r"counter|anti|\bccw\b|revers");
pattern!(is_shake, "Whether it speaks of shaking.", r"shak");
pattern!(is_pan_tilt, "Whether it speaks of pan and tilt.", r"pan|tilt|p/t|movement|motor|vector");
pattern!(
    is_dimmer,
    "Whether it speaks of a dimmer.",
    r"dim|intensity|bright|master|0\s*%?\s*(-|to)\s*100"
);
pattern!(is_full, "Whether it says that a light is full on.", r"\bfull\b|100\s*%|\bon\b|\bopen\b");
pattern!(is_zoom, "Whether it speaks of a zoom.", r"zoom|beam angle");
pattern!(is_focus, "Whether it speaks of a focus.", r"focus");
pattern!(is_iris, "Whether it speaks of an iris.", r"\biris");
pattern!(is_frost, "Whether it speaks of a frost.", r"frost|diffus");
pattern!(is_program, "Whether it speaks of programs.", r"program|effect|auto|macro|chase|show");
pattern!(is_warm_white, "Whether it speaks of warm white.", r"\bwarm|\bww\b");
pattern!(is_cold_white, "Whether it speaks of cold white.", r"\bcold|\bcool|\bcw\b");

/// The colours that a name of one or two colours means: `Red`, `Red + Blue`, `White/Yellow`.
pub(super) fn colors(name: &str) -> Option<Vec<&'static str>> {
    let color = |word: &str| {
        let word = word.trim().to_lowercase();
        COLORS.iter().find(|(name, _)| *name == word).map(|(_, color)| *color)
    };
    let parts: Option<Vec<_>> = name.split(['/', '+', '&']).map(color).collect();
    parts.filter(|parts| parts.len() <= 2)
}

/// The first and second of two numbers of hertz in `text`: `Strobe 1-20 Hz`.
fn hertz(text: &str) -> Option<(String, String)> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)(\d+(?:\.\d+)?)\s*(?:hz)?\s*(?:-|–|to|…|\.\.+|->|→)\s*(\d+(?:\.\d+)?)\s*hz",
        )
        .ok()
    });
    let found = PATTERN.as_ref()?.captures(text)?;
    Some((format!("{}Hz", found.get(1)?.as_str()), format!("{}Hz", found.get(2)?.as_str())))
}

/// The speeds at both ends that `text` speaks of; slow to fast when it speaks of none.
pub(super) fn speeds(text: &str) -> (String, String) {
    if let Some(pair) = hertz(text) {
        return pair;
    }
    let lower = text.to_lowercase();
    let falls = match (lower.find("slow"), lower.find("fast")) {
        (Some(slow), Some(fast)) => fast < slow,
        _ => false,
    };
    let (slow, fast) = ("slow".to_owned(), "fast".to_owned());
    if falls { (fast, slow) } else { (slow, fast) }
}

/// The same for a rotation, with its direction.
pub(super) fn rotation_speeds(text: &str) -> (String, String) {
    if is_stop(text) {
        return ("stop".to_owned(), "stop".to_owned());
    }
    let (from, to) = speeds(text);
    let way = if is_backward(text) { "CCW" } else { "CW" };
    let with_way =
        |speed: String| if speed.ends_with("Hz") { speed } else { format!("{speed} {way}") };
    (with_way(from), with_way(to))
}

/// The first and last colour temperature that `text` names: `3200K`, `2800K to 6500 K`.
pub(super) fn kelvins(text: &str) -> Option<(String, String)> {
    static PATTERN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b(\d{4,5})\s*°?[Kk]\b").ok());
    let found: Vec<_> = PATTERN.as_ref()?.captures_iter(text).collect();
    let kelvin = |at: Option<&regex_lite::Captures<'_>>| Some(format!("{}K", at?.get(1)?.as_str()));
    Some((kelvin(found.first())?, kelvin(found.last())?))
}

/// An object with a start and an end of `property`, or the property alone when they are equal.
pub(super) fn ranged(kind: &str, property: &str, from: &str, to: &str) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("type".into(), json!(kind));
    if from == to {
        object.insert(property.into(), json!(from));
    } else {
        object.insert(format!("{property}Start"), json!(from));
        object.insert(format!("{property}End"), json!(to));
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood() {
        assert!(is_idle("No function") && is_idle("N/A") && !is_idle("Function 1"));
        assert!(is_off("Shutter closed") && is_off("Blackout") && !is_off("Office"));
        assert!(is_rotation("Scroll CW") && !is_rotation("CWX"));
        assert_eq!(colors("Red & Green"), Some(vec!["#ff0000", "#00ff00"]));
        assert_eq!(colors("Red 301"), None);
        assert_eq!(speeds("Strobe, fast -> slow"), ("fast".into(), "slow".into()));
        assert_eq!(speeds("Strobe 1 - 20.5 Hz"), ("1Hz".into(), "20.5Hz".into()));
        assert_eq!(kelvins("2800K to 6500 K"), Some(("2800K".into(), "6500K".into())));
        assert_eq!(rotation_speeds("No rotation"), ("stop".into(), "stop".into()));
        assert_eq!(rotation_speeds("CCW"), ("slow CCW".into(), "fast CCW".into()));
    }
}
