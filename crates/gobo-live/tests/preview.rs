//! Effects and chasers tried out.

mod common;

use common::Project;
use gobo_live::preview::{Preview, Trial, TrialEffect};
use gobo_show::reference::{Kind, rows};
use serde_json::{Map, Value, json};

fn effect(fixture: &str, effect: &str, params: &Value, seconds: f64) -> Trial {
    let params = params.as_object().cloned().unwrap_or_default();
    let effects = vec![TrialEffect { name: effect.to_owned(), params, seconds }];
    Trial::Effects { fixture: fixture.to_owned(), effects }
}

/// The levels of every frame.
fn frames(preview: &mut Preview) -> Vec<Vec<u8>> {
    let count = preview.frames();
    let frame = |frame| {
        let mut levels = Vec::new();
        preview.frame(frame, &mut levels);
        levels
    };
    (0..count).map(frame).collect()
}

#[test]
fn a_flash_decays_and_touches_its_fixture_alone() {
    let project = Project::demo();
    let before = project.files();
    let trial = effect("front1", "flash", &json!({ "color": "#ff0000" }), 1.0);
    let mut preview = Preview::of(&project.edition(), &project.world(), &trial).unwrap();
    let fixture = &project.sheet().fixtures["front1"];
    let first = fixture.address - 1;
    let slots: Vec<_> =
        preview.slots().iter().map(|(universe, slot)| (universe.get(), *slot)).collect();
    let own: Vec<_> =
        (first..first + fixture.footprint).map(|slot| (fixture.universe, slot)).collect();
    assert_eq!(slots, own);
    let frames = frames(&mut preview);
    assert_eq!(frames.len(), 60);
    let brightest = |levels: &Vec<u8>| levels.iter().copied().max().unwrap();
    assert_eq!(
        (brightest(&frames[0]), frames[0].iter().filter(|level| **level > 0).count()),
        (255, 2)
    );
    let dimmer = fixture.channels.iter().find(|channel| channel.kind == "level").unwrap();
    let course: Vec<u8> =
        frames.iter().map(|levels| levels[usize::from(dimmer.slots[0])]).collect();
    assert!(course.is_sorted_by(|a, b| a >= b) && course[59] < 10, "{course:?}");
    let mut after = Vec::new();
    preview.frame(1_000_000, &mut after);
    assert_eq!(after, frames[59]);
    assert_eq!(project.files(), before);
}

/// Every effect that the reference has an example of, and the names of the AI Light Show.
#[test]
fn every_effect_can_be_tried_out() {
    let project = Project::demo();
    let (edition, world) = (project.edition(), project.world());
    let (mut tried, mut dark) = (0, Vec::new());
    for row in rows().into_iter().filter(|row| row.kind == Kind::Effect) {
        let example: Value = serde_json::from_str(row.example).unwrap();
        let fixture = if matches!(row.name, "move" | "circle") { "spots" } else { "bars" };
        let params = match row.name {
            "move" => json!({ "to": "drums" }),
            "circle" => json!({ "center": "drums" }),
            "picture" | "vu_meter" | "music" => continue,
            name => example.get(name).cloned().unwrap_or_default(),
        };
        let trial = effect(fixture, row.name, &params, 1.0);
        match Preview::of(&edition, &world, &trial) {
            Ok(mut preview) => {
                if !frames(&mut preview).iter().any(|levels| levels.iter().any(|level| *level > 0))
                {
                    dark.push(row.name);
                }
                tried += 1;
            }
            // What an example names of a venue of its own, or a song that is listened to.
            Err(refusal) => assert!(!refusal.errors().is_empty(), "{}: {refusal}", row.name),
        }
    }
    assert!(tried > 20, "{tried}");
    assert!(dark.len() <= 2, "{dark:?}");
    let old = [
        ("full", json!({})),
        ("strobe", json!({ "rate": 5 })),
        ("fade_in", json!({})),
        ("color_fade", json!({ "end_color": "#00ff00" })),
        ("set_channels", json!({ "channels": { "red": 3, "dim": 200 } })),
    ];
    for (name, params) in old {
        let trial = effect("front1", name, &params, 0.5);
        let mut preview =
            Preview::of(&edition, &world, &trial).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            frames(&mut preview).iter().any(|levels| levels.iter().any(|level| *level > 0)),
            "{name}"
        );
    }
}

#[test]
fn chasers_run_as_often_as_asked() {
    let project = Project::channels();
    let (edition, world) = (project.edition(), project.world());
    let preview = |times| {
        let trial = Trial::Chaser { id: "steps".to_owned(), times };
        Preview::of(&edition, &world, &trial).unwrap()
    };
    // A beat and a half, at 120 a minute.
    assert_eq!((preview(1).frames(), preview(2).frames()), (45, 90));
    assert!(frames(&mut preview(1)).concat().contains(&255));
    let trial = Trial::Chaser { id: "step".to_owned(), times: 1 };
    let refusal = Preview::of(&edition, &world, &trial).err().unwrap();
    assert_eq!(refusal.errors()[0].message, "there is no chaser `step`: did you mean `steps`?");
    let trial = effect("par1", "flash", &json!({ "nix": Map::new() }), 0.0);
    assert_eq!(
        Preview::of(&edition, &world, &trial).err().unwrap().errors()[0].path,
        "/duration_ms"
    );
}
