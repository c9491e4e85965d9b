use gobo_serve::live::{
    Ask, Command, Reason, SchemaMember, fuzz, is_live, parse_colour, parse_message,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{schema, ulid};

fn mistakes(message: &Value) -> (Reason, Vec<String>) {
    let refused = parse_message(message.to_string().as_bytes()).expect_err("refused");
    let told = refused.refusal.mistakes.iter();
    (refused.refusal.reason, told.map(|told| format!("{}: {}", told.path, told.message)).collect())
}

#[test]
fn all_mistakes_are_told_at_once_and_name_what_was_meant() {
    let message = json!({
        "type": "dmx.patch", "id": 7, "ts": -1, "univers": 1,
        "patch": [{ "ch": 0, "val": 256 }, { "ch": 1.5, "val": "9" }, 3],
    });
    let (reason, told) = mistakes(&message);
    assert_eq!(reason, Reason::ValidationFailed);
    let expected = [
        "/univers: there is no member `univers` here; did you mean `universe`?",
        "/id: a text was expected, not the number 7",
        "/ts: a whole number from 0 was expected, not -1",
        "/universe: `universe` is missing",
        "/patch/0/ch: a whole number from 1 to 512 was expected, not 0",
        "/patch/0/val: a whole number from 0 to 255 was expected, not 256",
        "/patch/1/ch: a whole number from 1 to 512 was expected, not 1.5",
        "/patch/1/val: a whole number from 0 to 255 was expected, not the text `9`",
        "/patch/2: an object was expected, not the number 3",
    ];
    assert_eq!(told, expected);
}

#[test]
fn an_unknown_type_is_answered_with_the_nearest() {
    let (_, told) = mistakes(&json!({ "type": "dmx.fad", "id": "1", "ts": 0 }));
    assert_eq!(told, ["/type: there is no command `dmx.fad`; did you mean `dmx.fade`?"]);
    let (_, told) = mistakes(&json!([1]));
    assert_eq!(told, [": an object was expected, not a list"]);
    assert!(is_live("scene.save") && is_live("set") && !is_live("intent"));
}

#[test]
fn a_fade_with_two_mistakes_tells_both() {
    let message = json!({ "type": "dmx.fade", "id": "1", "ts": 0, "universe": "a",
        "durationMs": 5, "easing": "exp", "patch": [] });
    let (_, told) = mistakes(&message);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[1].contains("did you mean `expo`?"), "{told:?}");
}

#[test]
fn a_patch_has_64_entries_at_most_and_a_fade_a_universe() {
    let patch = |kind: &str, entries: usize| {
        let entries: Vec<_> = (0..entries).map(|_| json!({ "ch": 1, "val": 1 })).collect();
        let mut message =
            json!({ "type": kind, "id": "1", "ts": 0, "universe": 1, "patch": entries });
        if kind == "dmx.fade" {
            message["durationMs"] = 0.into();
            message["easing"] = "linear".into();
        }
        parse_message(message.to_string().as_bytes()).map_err(|refused| refused.refusal.reason)
    };
    assert!(patch("dmx.patch", 64).is_ok());
    assert_eq!(patch("dmx.patch", 65), Err(Reason::PatchTooLarge));
    assert!(patch("dmx.fade", 512).is_ok());
    assert_eq!(patch("dmx.fade", 513), Err(Reason::PatchTooLarge));
}

#[test]
fn mistakes_without_end_are_counted_not_told() {
    let attrs: serde_json::Map<_, _> = (0..500).map(|n| (format!("a{n}"), json!(-1))).collect();
    let message = json!({ "type": "fixture.set", "id": "1", "ts": 0.5, "fixtureId": "f",
        "attrs": attrs });
    let (_, told) = mistakes(&message);
    assert_eq!((told.len(), &*told[100]), (101, ": and 400 more mistakes"));
}

#[test]
fn the_schema_of_a_colour_is_needed_over_mqtt_only() {
    let bytes = json!({ "cmdId": ulid(1), "src": "esp", "r": 1, "g": 2.0, "b": 255 }).to_string();
    let colour = parse_colour(bytes.as_bytes(), SchemaMember::Optional).expect("a colour");
    assert_eq!((colour.rgb, &*colour.src), ([1, 2, 255], "esp"));
    let refused = parse_colour(bytes.as_bytes(), SchemaMember::Needed).expect_err("no schema");
    assert_eq!(refused.id, ulid(1));
    assert_eq!(refused.refusal.mistakes[0].message, "`schema` is missing");
}

#[test]
fn what_is_out_of_range_is_refused_and_not_clamped() {
    for r in [json!(-1), json!(256), json!(1e300), json!(0.5), json!(null), json!("1")] {
        let body = json!({ "cmdId": ulid(1), "src": "ui", "r": r, "g": 0, "b": 0 });
        let refused = parse_colour(body.to_string().as_bytes(), SchemaMember::Optional);
        assert_eq!(refused.expect_err("refused").refusal.mistakes[0].path, "/r", "{r}");
    }
}

#[test]
fn huge_and_deep_input_is_refused() {
    let deep = "[".repeat(100_000);
    assert!(parse_message(deep.as_bytes()).is_err());
    let long = "x".repeat(1 << 20);
    let message = json!({ "type": long, "id": long, long.clone(): 1 });
    let refused = parse_message(message.to_string().as_bytes()).expect_err("refused");
    assert!(refused.refusal.mistakes.iter().all(|told| told.message.len() < 500));
}

/// A value for a member: often right, sometimes at the edge, sometimes nonsense.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..600_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z.]{0,12}".prop_map(Value::from),
    ];
    let names = prop::sample::select(vec!["ch", "val", "value16", "a/b", "1", "2.14", "~"]);
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names.clone(), inner, 0..4).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

const MEMBERS: [&str; 19] = [
    "id",
    "ts",
    "universe",
    "channel",
    "value",
    "patch",
    "durationMs",
    "easing",
    "fixtureId",
    "attrs",
    "name",
    "snapshot",
    "effect",
    "motorId",
    "steps",
    "speed",
    "cmdId",
    "src",
    "r",
];

fn any_command() -> impl Strategy<Value = Value> {
    let kinds = vec![
        "dmx.set",
        "dmx.patch",
        "dmx.fade",
        "fixture.set",
        "scene.save",
        "scene.recall",
        "effect.apply",
        "motor.move",
        "set",
        "nothing",
    ];
    let members =
        prop::collection::hash_map(prop::sample::select(MEMBERS.to_vec()), any_json(), 0..9);
    (prop::sample::select(kinds), members).prop_map(|(kind, members)| {
        let mut message: serde_json::Map<String, Value> =
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        message.insert("type".to_owned(), kind.into());
        Value::Object(message)
    })
}

/// A command that is nearly right: what the schemas are asked about.
fn near_command() -> impl Strategy<Value = Value> {
    let byte = prop_oneof![8 => 0..=255_i64, 1 => -2..=300_i64].prop_map(Value::from);
    let channel = prop_oneof![8 => 1..=512_i64, 1 => -1..=600_i64].prop_map(Value::from);
    let entry = (channel.clone(), byte.clone()).prop_map(|(ch, val)| json!({"ch": ch, "val": val}));
    let patch = prop::collection::vec(entry, 0..5);
    let kinds = prop::sample::select(vec!["dmx.set", "dmx.patch", "dmx.fade", "fixture.set"]);
    let gone = prop::option::weighted(0.2, prop::sample::select(MEMBERS.to_vec()));
    let easing = prop::sample::select(vec!["linear", "s_curve", "expo", "expo.in"]);
    (kinds, channel, byte, patch, easing, gone).prop_map(
        |(kind, channel, byte, patch, easing, gone)| {
            let mut message = match kind {
                "dmx.set" => json!({ "universe": 1, "channel": channel, "value": byte }),
                "dmx.patch" => json!({ "universe": 0, "patch": patch }),
                "dmx.fade" => {
                    json!({ "universe": 7, "patch": patch, "durationMs": byte, "easing": easing })
                }
                _ => json!({ "fixtureId": "f", "attrs": { "pan": { "value16": channel },
                    "dimmer": byte } }),
            };
            message["type"] = kind.into();
            message["id"] = "1".into();
            message["ts"] = 0.into();
            if let (Some(gone), Some(members)) = (gone, message.as_object_mut()) {
                members.shift_remove(gone);
            }
            message
        },
    )
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(fuzz(&bytes), Ok(()));
    }

    #[test]
    fn no_json_makes_it_panic_and_refusals_say_why(message in any_command()) {
        prop_assert_eq!(fuzz(message.to_string().as_bytes()), Ok(()));
    }

    #[test]
    fn files_of_any_json_are_read_or_refused(scenes in prop::collection::vec(any_json(), 0..3)) {
        let named = |levels| json!({ "name": "a", "channelValues": levels, "timestamp": 5 });
        let scenes: Value = scenes.into_iter().map(named).collect();
        prop_assert_eq!(fuzz(scenes.to_string().as_bytes()), Ok(()));
    }

    #[test]
    fn commands_are_taken_exactly_when_their_schema_allows_them(message in near_command()) {
        let file = match message["type"].as_str() {
            Some("dmx.fade") => "fade.schema.json",
            Some("fixture.set") => "fixture.set.schema.json",
            _ => "command.schema.json",
        };
        let Some(schema) = schema(file) else { return Ok(()) };
        let parsed = parse_message(message.to_string().as_bytes());
        prop_assert_eq!(schema.is_valid(&message), parsed.is_ok(), "{}: {:?}", message, parsed);
    }
}

#[test]
fn every_type_of_the_schema_is_read() {
    let commands = [
        json!({ "type": "dmx.set", "universe": 1, "channel": 512, "value": 255 }),
        json!({ "type": "dmx.patch", "universe": 1, "patch": [{ "ch": 1, "val": 0 }] }),
        json!({ "type": "scene.save", "name": "a", "snapshot": { "1": 5, "2.14": 6 } }),
        json!({ "type": "scene.recall", "name": "a" }),
        json!({ "type": "effect.apply", "fixtureId": "f", "effect": [{}] }),
        json!({ "type": "motor.move", "motorId": "m", "steps": -4, "speed": 0.5 }),
    ];
    for mut command in commands {
        (command["id"], command["ts"]) = ("x".into(), 1.into());
        if let Some(schema) = schema("command.schema.json") {
            assert!(schema.is_valid(&command), "{command}");
        }
        let parsed = parse_message(command.to_string().as_bytes());
        assert!(matches!(parsed, Ok(Command::Unified(_))), "{command}: {parsed:?}");
    }
}

#[test]
fn a_scene_without_snapshot_is_of_the_present() {
    for snapshot in [json!({}), Value::Null] {
        let mut message = json!({ "type": "scene.save", "id": "1", "ts": 0, "name": "a" });
        if snapshot.is_object() {
            message["snapshot"] = snapshot;
        }
        let Ok(Command::Unified(unified)) = parse_message(message.to_string().as_bytes()) else {
            panic!("a scene");
        };
        assert_eq!(unified.ask, Ask::SaveScene { name: "a".to_owned(), snapshot: None });
    }
}
