//! Rows of the AI Light Show in a file of heads and attributes.

mod common;

use common::{Project, changed, row};
use serde_json::{Value, json};

const BASE: &str = "shows/demo/base.json";

/// An effect, how long it runs, its data, and what is written of it.
type Case = (&'static str, f64, Value, &'static str);

/// On a par.
fn pars() -> Vec<Case> {
    vec![
        (
            "set_channels",
            0.0,
            json!({ "channels": { "dim": 128, "red": 255 } }),
            r#""set": { "dimmer": "50.2%", "channels": { "Red": 255 } }"#,
        ),
        ("full", 0.0, json!({}), r##""set": { "dimmer": "100%", "color": "#ffffff" }"##),
        ("blackout", 0.0, json!({}), r#""set": { "dimmer": 0 }"#),
        ("strobe", 2.0, json!({ "rate": 8 }), r#""strobe": { "every": "8 Hz" }"#),
        (
            "fade_in",
            2.0,
            json!({ "red": 1.0, "green": 0, "blue": 0 }),
            r##""fade": { "to": { "dimmer": "100%", "color": "#ff0000" } }"##,
        ),
        (
            "fade_out",
            2.0,
            json!({ "easing": "ease-in" }),
            r#""fade": { "to": { "dimmer": 0 }, "easing": "in" }"#,
        ),
        (
            "color_fade",
            2.0,
            json!({ "end_color": "#00ff00" }),
            r##""color_fade": { "to": "#00ff00", "around": true }"##,
        ),
        ("pulse", 2.0, json!({ "every": "1 beat" }), r#""pulse": { "every": "1 beat" }"#),
        (
            "fade",
            2.0,
            json!({ "to": { "dimmer": "50%" } }),
            r#""fade": { "to": { "dimmer": "50%" } }"#,
        ),
    ]
}

/// On a moving head.
fn heads() -> Vec<Case> {
    vec![
        (
            "move_to",
            2.0,
            json!({ "pan": 32768, "tilt": 0 }),
            r#""move": { "to": { "pan": 0, "tilt": -135 } }"#,
        ),
        ("move_to_poi", 1.0, json!({ "target_POI": "Singer" }), r#""move": { "to": "singer" }"#),
        (
            "circle",
            4.0,
            json!({ "target_poi": "drums", "radius": 1, "orbits": -2 }),
            r#""circle": { "center": "drums", "radius": 12.1, "every": 2, "clockwise": false }"#,
        ),
        (
            "orbit",
            4.0,
            json!({ "subject_POI": "drums", "start_POI": "keys" }),
            r#""circle": { "center": "drums", "radius": 27.4, "every": 4 }"#,
        ),
        (
            "sweep",
            4.0,
            json!({ "subject_POI": "drums", "start_POI": "keys" }),
            r#""move": { "from": "keys", "to": "drums", "easing": "in_out" }"#,
        ),
    ]
}

#[test]
fn rows_become_the_nearest_effects() {
    for (fixture, all) in [("front1", pars()), ("spot1", heads())] {
        for (effect, seconds, data, expected) in all {
            let project = Project::demo();
            let mut payload = row(50.0, fixture, effect, seconds, data.clone());
            payload["file"] = json!("base.json");
            let before = project.text(BASE);
            project.ask("cue.add", &payload).unwrap_or_else(|error| panic!("{effect}: {error}"));
            let (gone, new) = changed(&before, &project.text(BASE));
            let length =
                if seconds > 0.0 { format!(r#""for": {seconds}, "#) } else { String::new() };
            let line = format!(r#"    {{ "at": 50, {length}"on": "{fixture}", {expected} }},"#);
            assert_eq!((gone, new), (vec![], vec![line]), "{effect}");
            project.edition();
        }
    }
}
