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

/// On a fixture of a channel layer: an effect, its data, and what is wrong with it.
type Wrong = (&'static str, &'static str, Value, &'static str, &'static str);

fn wrong() -> Vec<Wrong> {
    vec![
        (
            "par1",
            "flash",
            json!({ "nope": 1 }),
            "/data/nope",
            "there is no parameter of `flash` `nope`",
        ),
        (
            "par1",
            "flash",
            json!({ "colour": "red", "brightness": 3 }),
            "/data/colour",
            "there is no parameter of `flash` `colour`: did you mean `color`?",
        ),
        (
            "par1",
            "fade_in",
            json!({ "rde": 1 }),
            "/data/rde",
            "there is no parameter of `fade_in` `rde`: did you mean `Red`?",
        ),
        (
            "par1",
            "fade_in",
            json!({ "to": { "red": 1 }, "red": 1 }),
            "/data/to",
            "`to` does not go with `red`",
        ),
        (
            "par1",
            "fade_in",
            json!({ "start_value": { "dm": 1 } }),
            "/data/start_value/dm",
            "there is no level of `start_value` `dm`: did you mean `dim`?",
        ),
        (
            "par1",
            "fade_out",
            json!({ "start_value": { "red": "x" } }),
            "/data/start_value/red",
            "expected a level for `red`",
        ),
        (
            "par1",
            "strobe",
            json!({ "rte": 3 }),
            "/data/rte",
            "there is no parameter of `strobe` `rte`: did you mean `rate`?",
        ),
        (
            "spot1",
            "move_to",
            json!({ "pan": 1, "tilt": 1, "speed/x": 2 }),
            "/data/speed~1x",
            "there is no parameter of `move_to` `speed/x`",
        ),
        (
            "spot1",
            "circle",
            json!({ "target_poi": "drums", "raduis": 1 }),
            "/data/raduis",
            "there is no parameter of `circle` `raduis`: did you mean `radius`?",
        ),
    ]
}

#[test]
fn data_that_an_effect_does_not_know_is_refused() {
    let project = Project::channels();
    let before = project.files();
    for (fixture, effect, data, path, message) in wrong() {
        let asked = row(20.0, fixture, effect, 1.0, data.clone());
        let refusal = project.ask("cue.add", &asked).unwrap_err();
        let [fault] = refusal.errors() else { panic!("{effect} {data}: {refusal:?}") };
        assert_eq!((&*fault.path, &*fault.message), (path, message), "{effect} {data}");
        let patch = json!({ "effect": effect, "data": data, "fixture_id": fixture });
        let refusal = project.ask("cue.update", &json!({ "index": 1, "patch": patch }));
        let refusal = refusal.unwrap_err();
        let fault = &refusal.errors()[0];
        assert_eq!((&*fault.path, &*fault.message), (&*format!("/patch{path}"), message));
    }
    assert_eq!(project.files(), before);
}

#[test]
fn data_of_the_ai_light_show_is_taken_as_it_takes_it() {
    let lines = [
        // The one member that is named alike on both sides, but not what it says.
        ("fade_out", json!({ "easing": "ease-out" }), r#""fade_out": { "easing": "out" }"#),
        (
            "fade",
            json!({ "red": 9, "easing": "sine_in" }),
            r#""fade": { "to": { "red": 9 }, "easing": "sine_in" }"#,
        ),
        ("flash", json!({ "brightness": 3, "color": "red" }), r#""flash": { "color": "red" }"#),
        ("full", json!({ "red": 1, "nope": 2 }), r#""full": {}"#),
        ("blackout", json!({ "x": null }), r#""blackout": {}"#),
        (
            "fade_in",
            json!({ "red": 1, "intensity": 5, "start_value": { "Dimmer": 3 } }),
            r#""fade_in": { "from": { "dimmer": 3 }, "to": { "red": 1 } }"#,
        ),
    ];
    for (effect, data, expected) in lines {
        let project = Project::channels();
        let before = project.text("shows/show/channels.json");
        project.ask("cue.add", &row(4.5, "par1", effect, 1.0, data)).unwrap();
        let new = changed(&before, &project.text("shows/show/channels.json")).1;
        let line = format!(r#"    {{ "at": 4.5, "for": 1, "on": "par1", {expected} }},"#);
        assert_eq!(new, [line], "{effect}");
        project.edition();
    }
}

#[test]
fn what_a_cue_must_have_is_not_taken_away() {
    let project = Project::channels();
    let index = project.sheet().cues.iter().find(|row| row.effect == "flash").unwrap().index;
    let before = project.text("shows/show/channels.json");
    for key in ["time", "fixture_id", "effect"] {
        let asked = json!({ "index": index, "patch": { key: null, "name": "x" } });
        let refusal = project.ask("cue.update", &asked).unwrap_err();
        let [fault] = refusal.errors() else { panic!("{key}: {refusal:?}") };
        let message = format!("`{key}` cannot be taken away: a cue has one");
        assert_eq!((&*fault.path, &*fault.message), (&*format!("/patch/{key}"), &*message));
    }
    assert_eq!(project.text("shows/show/channels.json"), before);
    let patch = json!({ "duration": null, "data": null });
    project.ask("cue.update", &json!({ "index": index, "patch": patch })).unwrap();
    let new = changed(&before, &project.text("shows/show/channels.json")).1;
    assert_eq!(new, [r#"    { "at": 2.5, "on": "par1", "flash": {} },"#]);
}
