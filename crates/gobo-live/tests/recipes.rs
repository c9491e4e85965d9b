//! What recipes write, as cues of heads and as rows of channel layers.

mod common;

use common::{Project, changed};
use serde_json::{Value, json};

const CUES: &str = "shows/show/channels.json";

#[test]
fn every_recipe_writes_cues_that_are_right() {
    let project = Project::demo();
    for recipe in project.sheet().cue_helpers {
        let project = Project::demo();
        let before = project.sheet().cues.len();
        project
            .ask("cue.apply_helper", &json!({ "helper_id": recipe.id }))
            .unwrap_or_else(|error| panic!("{}: {error}", recipe.id));
        assert!(project.sheet().cues.len() > before, "{}", recipe.id);
        let told = json!({ "helper_id": recipe.id, "params": { "on": "fronts", "nix": 1 } });
        let refusal = project.ask("cue.apply_helper", &told).unwrap_err();
        assert_eq!(refusal.reason(), "invalid");
        assert_eq!(refusal.errors()[0].path, "/params/nix");
    }
}

/// The levels of the fixtures of [`Project::channels`] at a time: of universe 1, then of 2.
fn light(project: &Project, seconds: f64) -> Vec<u8> {
    let edition = project.edition();
    let timeline = edition.timeline();
    let universes = &timeline.header().universes;
    let frame = timeline.header().rate.nearest_frame(seconds);
    let row = |(index, universe): (usize, &gobo_canvas::UniverseEntry)| {
        let mut row = vec![0; usize::from(universe.slots_used)];
        timeline.frame(index, frame, &mut row);
        row
    };
    universes.iter().enumerate().flat_map(row).collect()
}

/// A show of rows, without rows.
fn bare() -> Project {
    let project = Project::channels();
    project.write(CUES, "{\n  \"rules\": \"channels\",\n  \"cues\": [\n  ]\n}\n");
    project
}

/// A recipe, what it is told, how many rows come of it, the first and the last of them, and a time
/// at which the first two slots of `par1` are lit.
type Case = (&'static str, Value, usize, &'static str, &'static str, f64);

fn cases() -> Vec<Case> {
    vec![
        (
            "flash_downbeats",
            json!({ "on": "pars", "section": "chorus", "color": "sun" }),
            16,
            r##"{"at":16,"for":0.5,"on":"par1","flash":{"color":"#ffcc00"},"name":"Downbeats"}"##,
            r##"{"at":30,"for":0.5,"on":"par2","flash":{"color":"#ffcc00"},"name":"Downbeats"}"##,
            16.1,
        ),
        (
            "chase_bars",
            json!({ "on": "all", "section": "verse 2", "level": 0.5, "direction": "forward" }),
            64,
            r##"{"at":32,"for":0.25,"on":"par1","flash":{"color":"#808080"},"name":"Chase"}"##,
            r##"{"at":47.75,"for":0.25,"on":"bar1","flash":{"color":"#808080"},"name":"Chase"}"##,
            32.1,
        ),
        (
            "section_colors",
            json!({ "on": "par1", "colors": ["red", "#00f"], "level": "80%", "fade": 2 }),
            4,
            r#"{"at":0,"for":2,"on":"par1","fade_in":{"to":{"dimmer":204,"red":255,"green":0,"blue":0}},"name":"Colour of verse"}"#,
            r#"{"at":48,"for":2,"on":"par1","fade_in":{"to":{"dimmer":204,"red":0,"green":0,"blue":255}},"name":"Colour of chorus 2"}"#,
            2.5,
        ),
        (
            "build",
            json!({ "on": "par1", "section": "chorus", "bars": 2, "color": "red" }),
            13,
            r#"{"at":12,"for":2,"on":"par1","fade_in":{"from":{"dimmer":26,"red":255,"green":0,"blue":0},"to":{"dimmer":255,"red":255,"green":0,"blue":0}},"name":"Build into chorus"}"#,
            r##"{"at":15.875,"for":0.125,"on":"par1","flash":{"color":"#ff0000"},"name":"Build into chorus"}"##,
            13.5,
        ),
        (
            "strobe_hit",
            json!({ "on": "par1", "time": 20, "duration": 2, "rate": 5 }),
            1,
            r#"{"at":20,"for":2,"on":"par1","strobe":{"rate":5},"name":"Strobe hit"}"#,
            r#"{"at":20,"for":2,"on":"par1","strobe":{"rate":5},"name":"Strobe hit"}"#,
            20.05,
        ),
        (
            "fade_to_black",
            json!({ "on": "spot1", "duration": 3 }),
            1,
            r#"{"at":57,"for":3,"on":"spot1","fade_out":{},"name":"To black"}"#,
            r#"{"at":57,"for":3,"on":"spot1","fade_out":{},"name":"To black"}"#,
            f64::NAN,
        ),
    ]
}

#[test]
fn every_recipe_writes_rows_where_a_show_has_no_other() {
    let asked: Vec<_> = cases().iter().map(|case| case.0).collect();
    let known: Vec<_> = bare().sheet().cue_helpers.iter().map(|recipe| recipe.id).collect();
    assert_eq!(asked, known);
    for (id, params, count, first, last, lit) in cases() {
        let project = bare();
        let payload = json!({ "helper_id": id, "params": params });
        let written = project.ask("cue.apply_helper", &payload);
        let written = written.unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(written.len(), 1);
        let text: Value = serde_json::from_str(&project.text(CUES)).unwrap();
        let cues = text["cues"].as_array().unwrap();
        let ends = [cues.first(), cues.last()].map(|cue| cue.unwrap().to_string());
        assert_eq!((cues.len(), ends), (count, [first.to_owned(), last.to_owned()]), "{id}");
        let times: Vec<f64> = cues.iter().map(|cue| cue["at"].as_f64().unwrap()).collect();
        assert!(times.is_sorted(), "{id}: {times:?}");
        // Slots of `par1`: the dimmer, and red where something has a colour.
        let levels = light(&project, lit);
        let is_lit = levels[0] > 20 && (levels[1] > 20 || id == "strobe_hit");
        assert!(is_lit || lit.is_nan(), "{id}: {levels:?}");
        // Once more, the same rows take the place of those.
        let before = project.text(CUES);
        project.ask("cue.apply_helper", &payload).unwrap();
        assert_eq!(changed(&before, &project.text(CUES)), (vec![], vec![]), "{id}");
    }
}

#[test]
fn rows_of_recipes_do_what_they_are_told() {
    let project = bare();
    let ask = |id: &str, params: Value| {
        project.ask("cue.apply_helper", &json!({ "helper_id": id, "params": params })).unwrap();
    };
    ask("section_colors", json!({ "on": "pars", "colors": ["red"], "fade": 1 }));
    // The spot has a dimmer only, the bar colours only.
    ask("flash_downbeats", json!({ "on": "spot1", "section": "chorus", "level": "50%" }));
    ask("flash_downbeats", json!({ "on": "bar1", "section": "chorus", "level": "50%" }));
    ask("fade_to_black", json!({ "on": "all", "duration": 2 }));
    let at = |seconds| light(&project, seconds);
    assert_eq!(at(10.0)[..8], [255, 255, 0, 0, 255, 255, 0, 0]);
    let spot = at(16.0)[9];
    let fell = at(16.25)[9];
    assert_eq!((spot, fell, at(16.6)[9]), (128, 64, 0));
    let bar = at(16.0);
    let bar = &bar[bar.len() - 13..];
    assert_eq!(bar[..3], [128; 3]);
    assert_eq!(at(57.9)[..2], [255, 255]);
    assert!((100..150).contains(&at(59.0)[0]));
    assert!(at(59.98)[0] < 5);
}

#[test]
fn rows_go_to_a_channel_layer_that_is_named() {
    let project = Project::channels();
    let toml = project.text("shows/show/show.toml");
    let cues = r#"cues = ["channels.json", "looks.json"]"#;
    project.write("shows/show/show.toml", &toml.replace(r#"cues = ["channels.json"]"#, cues));
    project.write("shows/show/looks.json", "{ \"cues\": [] }\n");
    let file = |file: Option<&str>| {
        let mut asked = json!({ "helper_id": "strobe_hit", "params": { "time": 30 } });
        asked["file"] = json!(file);
        project.ask("cue.apply_helper", &asked).unwrap()[0].file.clone()
    };
    assert_eq!(file(None), "shows/show/looks.json");
    assert_eq!(file(Some("channels.json")), CUES);
    assert!(project.text(CUES).contains(r#""on": "bar1", "strobe": { "rate": 10 }"#));
    // A row of the same identity within a tenth of a second gives way, others stay.
    let before = project.text(CUES);
    let params = json!({ "on": "par1", "section": "verse", "direction": "forward" });
    let asked = json!({ "helper_id": "chase_bars", "params": params, "file": CUES });
    project.ask("cue.apply_helper", &asked).unwrap();
    let (gone, new) = changed(&before, &project.text(CUES));
    assert_eq!(
        gone,
        [r#"    { "at": 2.5, "for": 1, "on": "par1", "flash": { "color": "sun" } },"#]
    );
    assert_eq!(new.len(), 64);
    project.edition();
}

#[test]
fn what_rows_cannot_do_is_refused() {
    let project = Project::channels();
    let toml = project.text("fixtures/club.toml");
    let hazer = "[[fixture]]\nid = \"hazer\"\nprofile = \"test/hazer\"\nuniverse = 2\naddress = 100\n\n[poi]";
    project.write("fixtures/club.toml", &toml.replace("[poi]", hazer));
    let before = project.files();
    let table = [
        (
            "flash_downbeats",
            json!({ "on": "par" }),
            "/params/on",
            "there is no fixture or group `par`: did you mean `par1`?",
        ),
        (
            "chase_bars",
            json!({ "on": "par1 | par2" }),
            "/params/on",
            "there is no fixture or group `par1 | par2`",
        ),
        (
            "strobe_hit",
            json!({ "on": "hazer" }),
            "/params/on",
            "nothing of `hazer` has a dimmer, or red, green and blue",
        ),
        (
            "chase_bars",
            json!({ "color": "sum" }),
            "/params/color",
            "no colour has the name `sum`; did you mean `sun`?",
        ),
        (
            "section_colors",
            json!({ "colors": ["red", "#12"] }),
            "/params/colors/1",
            "expected a colour such as `#ff8800`, `orange` or `hsv(30, 100%, 100%)` for `colors`, found the text \"#12\"",
        ),
        (
            "chase_bars",
            json!({ "level": 80 }),
            "/params/level",
            "`level` must be from 0% to 100% (0 to 1), found the number 80; did you mean `\"80%\"`?",
        ),
        (
            "build",
            json!({ "section": "verse" }),
            "/params",
            "there is no time to build in: the section is at the start of the show",
        ),
    ];
    for (id, params, path, message) in table {
        let asked = json!({ "helper_id": id, "params": params });
        let refusal = project.ask("cue.apply_helper", &asked).unwrap_err();
        let [fault] = refusal.errors() else { panic!("{asked}: {refusal:?}") };
        assert_eq!((&*fault.path, &*fault.message), (path, message), "{asked}");
    }
    assert_eq!(project.files(), before);
    // A hazer among others is left out.
    let asked = json!({ "helper_id": "strobe_hit", "params": { "on": "all" } });
    project.ask("cue.apply_helper", &asked).unwrap();
    let text = project.text(CUES);
    assert!(text.contains(r#""on": "bar1", "strobe""#) && !text.contains("hazer"), "{text}");
}

#[test]
fn so_many_rows_are_refused_that_nobody_means() {
    let project = bare();
    let par = |index: usize| {
        let (universe, address) = (index / 100 + 1, index % 100 * 4 + 1);
        format!(
            "[[fixture]]\nid = \"p{index}\"\nprofile = \"test/par\"\nmode = \"4 channels\"\n\
             universe = {universe}\naddress = {address}\n\n"
        )
    };
    project.write("fixtures/club.toml", &(0..400).map(par).collect::<String>());
    let ask = |section: &str| {
        let params = json!({ "section": section });
        project
            .ask("cue.apply_helper", &json!({ "helper_id": "flash_downbeats", "params": params }))
    };
    let refusal = ask("all").unwrap_err();
    assert!(refusal.to_string().contains("more than 10000 cues"), "{refusal}");
    ask("chorus").unwrap();
    assert_eq!(project.sheet().cues.len(), 8 * 400);
}
