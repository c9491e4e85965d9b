//! Hints of a song and points of interest, as the AI Light Show tells of them.

mod common;

use common::{Project, changed};
use gobo_live::preview::{Preview, Trial, TrialEffect};
use serde_json::{Value, json};

const VENUE: &str = "fixtures/club.toml";

#[test]
fn hints_and_points_come_and_go() {
    let project = Project::demo();
    let facts = "songs/switch-on.song.json";
    let (song, venue) = (project.text(facts), project.text("fixtures/club.toml"));
    let made = project.ask("song.hints.create", &json!({ "time": 8, "text": "verse" })).unwrap();
    assert_eq!(made[0].id.as_deref(), Some("hint1"));
    assert_eq!(
        changed(&song, &project.text(facts)).1,
        ["  ],", "  \"hints\": [", r#"    {"id":"hint1","time":8,"text":"verse"}"#, "  ]"][..]
            .iter()
            .filter(|line| **line != "  ]")
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>(),
    );
    project.ask("song.hints.update", &json!({ "id": "hint1", "end": 9.5 })).unwrap();
    let hints = project.sheet().song.unwrap().hints;
    assert_eq!((hints[0].time, hints[0].end, &*hints[0].text), (8.0, Some(9.5), "verse"));
    let text = project.text(facts);
    for (name, payload, path, message) in [
        (
            "create",
            json!({ "time": 3, "end": 1, "text": "x" }),
            "/end",
            "it ends at 1, not after its start at 3",
        ),
        (
            "create",
            json!({ "time": 3, "end": 3, "text": "x" }),
            "/end",
            "it ends at 3, not after its start at 3",
        ),
        (
            "update",
            json!({ "id": "hint1", "end": 7 }),
            "/end",
            "it ends at 7, not after its start at 8",
        ),
        (
            "update",
            json!({ "id": "hint1", "time": 10 }),
            "/time",
            "it ends at 9.5, not after its start at 10",
        ),
        (
            "update",
            json!({ "id": "hint1", "time": 2, "end": 1 }),
            "/end",
            "it ends at 1, not after its start at 2",
        ),
    ] {
        let refusal = project.ask(&format!("song.hints.{name}"), &payload).unwrap_err();
        let [fault] = refusal.errors() else { panic!("{payload}: {refusal:?}") };
        assert_eq!((&*fault.path, &*fault.message), (path, message), "{payload}");
    }
    assert_eq!(project.text(facts), text);
    project.ask("song.hints.delete", &json!({ "id": "hint1" })).unwrap();
    assert!(project.sheet().song.unwrap().hints.is_empty());
    let place = json!({ "x": 1, "y": 2, "z": 3 });
    project.ask("poi.create", &json!({ "id": "bar", "location": place })).unwrap();
    project
        .ask("poi.update", &json!({ "id": "bar", "location": { "x": 1, "y": 2, "z": 4 } }))
        .unwrap();
    let aim = json!({ "id": "bar", "fixture_id": "spot1", "pan": 7, "tilt": 65535 });
    project.ask("poi.update_fixture_target", &aim).unwrap();
    let point = project.sheet().pois.into_iter().find(|point| point.id == "bar").unwrap();
    assert_eq!((point.location.z, point.fixtures["spot1"].tilt), (4.0, 65_535));
    project.ask("poi.delete", &json!({ "id": "bar" })).unwrap();
    assert_eq!(project.text("fixtures/club.toml").trim_end(), venue.trim_end());
}

#[test]
fn points_come_with_what_was_measured_for_them() {
    let project = Project::channels();
    let ask = |name: &str, payload: Value| {
        let before = project.text(VENUE);
        let written = project.ask(name, &payload);
        let written = written.unwrap_or_else(|error| panic!("{name} {payload}: {error}"));
        assert_eq!(written.len(), 1);
        project.edition();
        (written[0].id.clone(), changed(&before, &project.text(VENUE)))
    };
    let lines = |all: &[&str]| all.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let made = json!({
        "id": "side_stage", "name": "Side Stage", "location": { "x": 1, "y": 2, "z": 0.5 },
        "fixtures": { "spot1": { "pan": 7, "tilt": 65535 }, "par1": { "pan": 0, "tilt": 1 } },
    });
    let (id, (gone, new)) = ask("poi.create", made);
    assert_eq!((id.as_deref(), gone), (Some("side_stage"), vec![]));
    let point = ["side_stage = [1.0, 2.0, 0.5]", "[aim.side_stage]", "spot1 = [7, 65535]"];
    assert_eq!(new, lines(&[&point[..], &["par1 = [0, 1]", ""]].concat()));
    let row = project.sheet().pois.into_iter().find(|point| point.id == "side_stage").unwrap();
    assert_eq!((row.fixtures["spot1"].pan, row.fixtures["par1"].tilt), (7, 1));
    // What is given changes, whatever the case of the name; the rest stays.
    let fixtures = json!({ "spot1": { "pan": 8, "tilt": 65535 } });
    let update = json!({ "id": "Side_STAGE", "fixtures": fixtures });
    let (gone, new) = ask("poi.update", update).1;
    assert_eq!((gone, new), (lines(&["spot1 = [7, 65535]"]), lines(&["spot1 = [8, 65535]"])));
    let place = json!({ "x": 1, "y": 3, "z": 0.5 });
    let fixtures = json!({ "par1": { "pan": 5, "tilt": 1 } });
    let update = json!({
        "id": "SIDE_STAGE", "name": "side stage", "location": place, "fixtures": fixtures,
    });
    let (gone, new) = ask("poi.update", update).1;
    assert_eq!(gone, lines(&["side_stage = [1.0, 2.0, 0.5]", "par1 = [0, 1]"]));
    assert_eq!(new, lines(&["side_stage = [1.0, 3.0, 0.5]", "par1 = [5, 1]"]));
    let aim = json!({ "id": "Drums", "fixture_id": "spot1", "pan": 1, "tilt": 2000 });
    let (gone, new) = ask("poi.update_fixture_target", aim).1;
    assert_eq!((gone, new), (lines(&["spot1 = [1000, 2000]"]), lines(&["spot1 = [1, 2000]"])));
    ask("poi.delete", json!({ "id": "SIDE_stage" }));
    assert_eq!(project.sheet().pois.len(), 1);
}

#[test]
fn what_is_wrong_with_a_point_is_said_as_it_is() {
    let project = Project::channels();
    let before = project.files();
    let place = json!({ "x": 0, "y": 0, "z": 0 });
    let aim = json!({ "pan": 1, "tilt": 1 });
    let table = [
        (
            "poi.create",
            json!({ "id": "DRUMS", "location": place }),
            vec![("/id", "the venue has a point of interest `drums`")],
        ),
        (
            "poi.create",
            json!({ "id": "a", "name": "b", "location": place, "fixtures": {} }),
            vec![("/name", "points have one name: `a` is not called `b`")],
        ),
        (
            "poi.create",
            json!({ "id": "a", "locaton": place, "fixtures": { "spot1": { "pan": 70_000 } } }),
            vec![
                ("/fixtures/spot1/pan", "`pan` is from 0 to 65535, not 70000"),
                ("/fixtures/spot1/tilt", "`tilt` is missing"),
                ("/location", "`location` is missing"),
                ("/locaton", "there is no member `locaton`: did you mean `location`?"),
            ],
        ),
        (
            "poi.create",
            json!({ "id": "a", "location": place, "fixtures": { "spt1": aim, "spot1": aim } }),
            vec![("/fixtures/spt1", "there is no fixture `spt1`: did you mean `spot1`?")],
        ),
        (
            "poi.update",
            json!({ "id": "Drums", "fixtures": { "a/b": { "pan": 1, "tilt": 1, "roll": 1 } } }),
            vec![("/fixtures/a~1b/roll", "there is no member `roll`")],
        ),
        (
            "poi.update",
            json!({ "id": "drums", "name": "Drums" }),
            vec![("/location", "there is nothing to change: neither `location` nor `fixtures`")],
        ),
        (
            "poi.update",
            json!({ "id": "drums", "fixtures": [] }),
            vec![("/fixtures", "expected an object for `fixtures`, found a list")],
        ),
    ];
    for (name, payload, expected) in table {
        let refusal = project.ask(name, &payload).unwrap_err();
        let found = refusal.errors().iter().map(|fault| (&*fault.path, &*fault.message));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{name} {payload}");
    }
    assert_eq!(project.files(), before);
}

#[test]
fn what_is_tried_out_finds_points_in_any_case() {
    let tried = [
        (Project::channels as fn() -> Project, "move_to_poi", json!({ "target_POI": "DRUMS" })),
        (Project::channels, "move_to_poi", json!({ "point": "Drums" })),
        (Project::demo, "move", json!({ "to": "DRUMS" })),
        (Project::demo, "circle", json!({ "center": "Drums" })),
        (Project::demo, "move_to_poi", json!({ "poi": "Drums" })),
    ];
    for (project, name, params) in tried {
        let project = project();
        let effect = TrialEffect {
            name: name.to_owned(),
            params: params.as_object().unwrap().clone(),
            seconds: 1.0,
        };
        let trial = Trial::Effects { fixture: "spot1".to_owned(), effects: vec![effect] };
        if let Err(error) = Preview::of(&project.edition(), &project.world(), &trial) {
            panic!("{name} {params}: {error}");
        }
    }
}
