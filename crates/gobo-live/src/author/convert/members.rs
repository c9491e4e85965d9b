//! What the data of rows of the AI Light Show may say, effect by effect.

use gobo_show::reference::Kind;
use gobo_show::tree::below;
use serde_json::{Map, Value};

use super::super::refusal::Fault;
use super::keys::{Keys, PRIMARIES};
use super::rows;
use crate::channel::Purpose;

/// Members that effects read, beside levels of the dimmer and the colours.
const READ: [(&str, &[&str]); 14] = [
    ("flash", &["color", "channels"]),
    ("strobe", &["rate", "speed"]),
    ("fade_in", &["start_value", "easing"]),
    ("fade_out", &["start_value", "easing"]),
    ("fade", &["easing"]),
    ("color_fade", &["start_color", "end_color", "from", "to", "easing"]),
    ("move_to", &AXES),
    ("seek", &AXES),
    ("move_to_poi", &["target_POI", "poi", "POI", "point"]),
    ("expect", &["target_POI", "poi", "POI", "point"]),
    ("circle", &["target_poi", "target_POI", "poi_id", "point", "radius", "orbits", "cycles"]),
    ("orbit", &ORBIT),
    ("orbit_out", &ORBIT),
    (
        "sweep",
        &[
            "subject_POI",
            "subject",
            "start_POI",
            "start",
            "end_POI",
            "end",
            "easing",
            "dimmer_easing",
            "arc_strength",
            "max_dim",
        ],
    ),
];

const AXES: [&str; 9] = [
    "pan",
    "tilt",
    "pan_msb",
    "pan_lsb",
    "tilt_msb",
    "tilt_lsb",
    "pan_fine",
    "tilt_fine",
    "preset",
];

const ORBIT: [&str; 8] =
    ["subject_POI", "subject", "start_POI", "start", "orbits", "easing", "write_dimmer", "dimmer"];

/// Members that the AI Light Show takes and does nothing with.
const IGNORED: [(&str, &str); 4] = [
    ("flash", "brightness"),
    ("fade_in", "intensity"),
    ("fade_out", "intensity"),
    ("fade", "intensity"),
];

/// What is wrong with the names of an effect's data: members that the effect does not know, or that
/// it knows from files only and next to members that it knows from rows only.
pub(super) fn check(effect: &str, data: &Map<String, Value>, keys: Keys<'_>) -> Vec<Fault> {
    // All channels of the fixture, or anything.
    if matches!(effect, "set_channels" | "full" | "blackout") {
        return Vec::new();
    }
    let read = READ.iter().filter(|(name, _)| *name == effect).flat_map(|(_, read)| *read);
    let mut known: Vec<&str> = read.copied().collect();
    let lights = lights(keys);
    if effect.starts_with("fade") {
        known.extend(lights.iter().map(|word| &**word));
    }
    let is_ignored = |key: &str| IGNORED.contains(&(effect, key));
    let of_rows = |key: &str| known.contains(&key) || is_ignored(key);
    let other: Vec<&str> = data.keys().map(String::as_str).filter(|key| !of_rows(key)).collect();
    let of_files = of_files(effect);
    let (in_files, unknown): (Vec<&str>, _) =
        other.into_iter().partition(|key| of_files.contains(key));
    let what = format!("parameter of `{effect}`");
    let names = || known.iter().chain(&of_files).copied();
    let mut faults: Vec<Fault> = unknown
        .into_iter()
        .map(|key| Fault::unknown(below("/data", key), (&what, key), names()))
        .collect();
    let row = data.keys().find(|key| of_rows(key) && !of_files.contains(&key.as_str()));
    if let (true, Some(row)) = (faults.is_empty(), row) {
        let mixed =
            |key| Fault::new(below("/data", key), format!("`{key}` does not go with `{row}`"));
        faults.extend(in_files.into_iter().map(mixed));
    }
    faults
}

/// What is wrong with the names of the levels that a fade starts from.
pub(super) fn check_start(data: &Map<String, Value>, keys: Keys<'_>) -> Vec<Fault> {
    let lights = lights(keys);
    let unknown = data.keys().filter(|key| !lights.contains(key));
    let known = || lights.iter().map(String::as_str);
    let fault = |key: &String| {
        let path = below("/data/start_value", key);
        Fault::unknown(path, ("level of `start_value`", key), known())
    };
    unknown.map(fault).collect()
}

/// The words for the dimmer and the colours: the fixture's own and those that hold for all.
fn lights(keys: Keys<'_>) -> Vec<String> {
    let words = ["dimmer", "dim"].into_iter().chain(PRIMARIES.map(|(word, _)| word));
    let emitters = PRIMARIES.map(|(_, emitter)| Purpose::Emitter(emitter));
    let purposes = [Purpose::Level].into_iter().chain(emitters);
    let own = purposes.filter_map(|purpose| Some(keys.of(purpose, 0)?.key.to_string()));
    words.map(str::to_owned).chain(own).collect()
}

/// The parameters that an effect of this name has in files of either kind.
fn of_files(effect: &str) -> Vec<&'static str> {
    let is_it = |kind, name| matches!(kind, Kind::Channel | Kind::Effect) && name == effect;
    let found = rows().iter().filter(|row| is_it(row.kind, row.name));
    found.flat_map(|row| row.parameters.iter().map(|parameter| parameter.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_says_what_it_reads() {
        let known = READ.map(|(name, _)| name).into_iter();
        let known: Vec<_> = known.chain(["set_channels", "full", "blackout"]).collect();
        let mut expected: Vec<_> = super::super::names(Kind::Channel).collect();
        let mut found = known.clone();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        assert!(IGNORED.iter().all(|(name, _)| known.contains(name)));
    }
}
