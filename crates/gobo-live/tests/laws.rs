//! What holds whatever is asked for.

mod common;

use common::Project;
use gobo_live::author::{Author, Authoring};
use gobo_live::preview::{Preview, Trial, TrialEffect};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What may be asked for, and something that may not.
fn names() -> Vec<&'static str> {
    [&Authoring::NAMES[..], &["no.such"]].concat()
}

const WORDS: &[&str] = &[
    "par1",
    "spot1",
    "pars",
    "all",
    "drums",
    "chorus",
    "verse 2",
    "flash",
    "set",
    "strobe",
    "fade_in",
    "circle",
    "move_to_poi",
    "steps",
    "wave",
    "build",
    "flash_downbeats",
    "channels.json",
    "#ff0000",
    "50%",
    "1 bar",
    "end - 1s",
    "",
    "~",
    "../x",
    "\u{0}",
    "é\"\\",
    "hint1",
    "#1",
];

const KEYS: &[&str] = &[
    "time",
    "fixture_id",
    "effect",
    "duration",
    "data",
    "name",
    "cue",
    "file",
    "index",
    "patch",
    "source",
    "from_time",
    "to_time",
    "helper_id",
    "params",
    "fixtures",
    "chaser_id",
    "repetitions",
    "end",
    "text",
    "id",
    "location",
    "x",
    "y",
    "z",
    "pan",
    "tilt",
    "at",
    "for",
    "on",
    "set",
    "flash",
    "chaser",
    "dimmer",
    "channels",
    "Red",
    "par1",
    "spot1",
    "rate",
    "poi",
    "target_poi",
    "section",
    "colors",
    "every",
];

/// Values that mean something somewhere, and those that mean nothing.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(WORDS).prop_map(Value::from),
        (-2_i64..70_000).prop_map(Value::from),
        (-2.0..70.0).prop_map(|number: f64| json!(number)),
        prop::sample::select(vec![
            json!(1e300),
            json!(u64::MAX),
            json!(-0.0),
            Value::Null,
            json!(true)
        ]),
    ]
}

fn payload() -> impl Strategy<Value = Value> {
    let inner = leaf().prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec((prop::sample::select(KEYS), inner.clone()), 0..5)
                .prop_map(|all| all.into_iter().map(|(key, value)| (key.to_owned(), value))
                    .collect::<Map<_, _>>().into()),
            1 => prop::collection::vec(inner, 0..3).prop_map(Value::from),
        ]
    });
    prop::collection::vec((prop::sample::select(KEYS), inner), 0..8).prop_map(|all| {
        all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>().into()
    })
}

/// A payload that is nearly right for an intent, with some members by chance.
fn likely(name: &str, random: &Value) -> Value {
    let usual = match name {
        "cue.add" => json!({ "time": 1, "fixture_id": "par1", "effect": "flash", "duration": 1 }),
        "cue.update" => json!({ "index": 0, "patch": {} }),
        "cue.delete" => json!({ "index": 1 }),
        "cue.clear" => json!({ "from_time": 0, "to_time": 3 }),
        "cue.apply_helper" => json!({ "helper_id": "strobe_hit" }),
        "cue.add_look" => json!({ "time": 1, "fixtures": { "par1": { "Red": 1 } } }),
        "chaser.apply" => json!({ "chaser_id": "steps", "time": 1 }),
        "song.hints.create" => json!({ "time": 1, "text": "x" }),
        "poi.create" | "poi.update" => {
            json!({ "id": "drums", "location": { "x": 1, "y": 1, "z": 1 } })
        }
        "poi.update_fixture_target" => {
            json!({ "id": "drums", "fixture_id": "spot1", "pan": 1, "tilt": 1 })
        }
        _ => json!({ "id": "drums" }),
    };
    // Most often what is usual, so that much is carried out.
    let few = random.as_object().map_or(0, Map::len) % 3;
    let mut all = usual.as_object().cloned().unwrap_or_default();
    all.extend(random.as_object().cloned().unwrap_or_default().into_iter().take(few));
    all.into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_is_asked_for_the_show_stays_right(
        asked in prop::collection::vec((prop::sample::select(names()), payload(), any::<bool>()), 1..12),
    ) {
        let project = Project::channels();
        let author = Author::new(project.root()).unwrap();
        for (name, random, is_likely) in asked {
            let payload = if is_likely { likely(name, &random) } else { random };
            let Ok(intent) = Authoring::parse(name, &payload) else { continue };
            let (edition, sheet) = project.seen();
            let before = project.files();
            let found = author.apply(&edition, &sheet, &project.world(), &intent);
            // Refused, all is as it was; done, the show is still right.
            match found {
                Ok(_) => drop(project.edition()),
                Err(refusal) => {
                    prop_assert!(refusal.reason() != "invalid" || !refusal.errors().is_empty());
                    prop_assert_eq!(project.files(), before, "{} {}", name, payload);
                }
            }
        }
    }

    #[test]
    fn recipes_write_rows_that_are_right_or_say_why(
        recipe in 0_usize..6,
        on in prop::sample::select(vec!["par1", "spot1", "bar1", "pars", "all", "nobody"]),
        section in prop::sample::select(vec!["all", "verse", "chorus 2", "bridge"]),
        direction in prop::sample::select(vec!["bounce", "random", "outward", "up"]),
        color in prop::sample::select(vec![Value::Null, json!("sun"), json!("#012"), json!("x")]),
        level in prop::sample::select(vec![json!(1), json!("30%"), json!(0), json!(2)]),
        numbers in prop::array::uniform3(0.0..70.0),
    ) {
        let project = Project::channels();
        let recipe = project.sheet().cue_helpers.swap_remove(recipe);
        let [time, duration, rate] = numbers.map(|number: f64| json!(number));
        let all = json!({ "on": on, "section": section, "direction": direction, "color": color,
            "level": level, "time": time, "duration": duration, "rate": rate, "fade": duration,
            "bars": rate, "colors": ["red", color] });
        let known = |(key, _): &(&String, &Value)| recipe.params.iter().any(|one| one.name == *key);
        let params: Map<_, _> = all.as_object().into_iter().flatten().filter(known)
            .map(|(key, value)| (key.clone(), value.clone())).collect();
        let before = (project.files(), project.sheet().cues.len());
        let asked = json!({ "helper_id": recipe.id, "params": params });
        match project.ask("cue.apply_helper", &asked) {
            Ok(_) => {
                let rows = project.sheet().cues;
                prop_assert!(rows.len() > before.1);
                for row in rows.iter().filter(|row| !row.name.is_empty()) {
                    prop_assert!(row.fixture_id.is_some() && row.duration > 0.0, "{row:?}");
                    prop_assert!(row.editable && row.file.ends_with("channels.json"));
                }
            }
            Err(refusal) => {
                prop_assert!(refusal.errors().iter().all(|one| one.path.starts_with("/params")));
                prop_assert!(!refusal.errors().is_empty(), "{refusal:?}");
                prop_assert_eq!(project.files(), before.0);
            }
        }
    }

    #[test]
    fn previews_come_of_anything_or_say_why(
        fixture in prop::sample::select(vec!["par1", "spot1", "bar1", "pars", "nobody"]),
        effect in prop::sample::select(effects()),
        params in payload(),
        seconds in -1.0..3.0,
    ) {
        let project = Project::channels();
        let (edition, world) = (project.edition(), project.world());
        let params = params.as_object().cloned().unwrap_or_default();
        let effects = vec![TrialEffect { name: effect, params, seconds }];
        let trial = Trial::Effects { fixture: fixture.to_owned(), effects };
        if let Ok(mut preview) = Preview::of(&edition, &world, &trial) {
            let mut levels = Vec::new();
            preview.frame(preview.frames() / 2, &mut levels);
            prop_assert_eq!(levels.len(), preview.slots().len());
        }
    }
}

/// Every effect by its name.
fn effects() -> Vec<String> {
    use gobo_show::reference::{Kind, rows};
    let named = rows().into_iter().filter(|row| matches!(row.kind, Kind::Effect | Kind::Channel));
    let mut names: Vec<_> =
        named.map(|row| row.name.to_owned()).chain(["flsh".to_owned()]).collect();
    names.sort();
    names.dedup();
    names
}
