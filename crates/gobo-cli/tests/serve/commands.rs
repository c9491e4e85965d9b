//! Live control: what is asked for is what leaves, all that is sent is as the schemas have it, and
//! nothing is done twice.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::client::Client;
use crate::common::outside::shared;
use crate::house::{HEAD, LEFT, RIGHT, Serving, eventually, studio};
use crate::http;

const COLOUR_ON_PARS: &str = "[live]\nrate_per_second = 0\ncolour = { group = \"pars\" }\n";

pub(crate) fn ulid(number: u64) -> String {
    format!("{number:026}")
}

fn serving(config: &str) -> Serving {
    let project = studio();
    project.write("serve.toml", config);
    let serving = Serving::of(project, &[]);
    drop(serving.client());
    serving
}

fn accepted(client: &mut Client, command: &Value) {
    let ack = client.commands(command);
    assert_eq!(ack["accepted"], true, "{command}: {ack}");
}

/// A unified command, known by its kind.
fn command(kind: &str, more: &Value) -> Value {
    let mut command = json!({ "type": kind, "id": kind, "ts": 1 });
    let members = more.as_object().expect("members").clone();
    command.as_object_mut().expect("a command").extend(members);
    command
}

/// All commands at one address, and the light of each.
fn commands_at(path: &str) {
    let serving = serving(COLOUR_ON_PARS);
    let mut client = serving.speaks(path);
    accepted(
        &mut client,
        &json!({ "type": "set", "cmdId": ulid(1), "src": "ui", "r": 9, "g": 8, "b": 7 }),
    );
    serving.light_comes("the colour", |light| {
        light[LEFT..LEFT + 4] == [255, 9, 8, 7] && light[RIGHT..RIGHT + 4] == [255, 9, 8, 7]
    });
    accepted(
        &mut client,
        &command("dmx.set", &json!({ "universe": 1, "channel": 40, "value": 41 })),
    );
    let patch = json!([{ "ch": 1, "val": 11 }, { "ch": 512, "val": 12 }]);
    accepted(&mut client, &command("dmx.patch", &json!({ "universe": 1, "patch": patch })));
    let is_there = |light: &[u8]| light[0] == 11 && light[39] == 41 && light[511] == 12;
    serving.light_comes("slots, also of no fixture", |light| light.len() == 512 && is_there(light));
    let fade = json!({ "universe": 1, "durationMs": 300, "easing": "s_curve",
        "patch": [{ "ch": 2, "val": 200 }] });
    accepted(&mut client, &command("dmx.fade", &fade));
    serving.light_comes("the end of the fade", |light| light[1] == 200);
    let attrs = json!({ "dimmer": 50, "pan": { "value16": 0x1234 } });
    accepted(&mut client, &command("fixture.set", &json!({ "fixtureId": "head", "attrs": attrs })));
    let head = serving.light_comes("the fixture", |light| light[HEAD..].contains(&50));
    assert!(head[HEAD..].windows(2).any(|pair| pair == [0x12, 0x34]), "pan: {:?}", &head[HEAD..]);
    accepted(
        &mut client,
        &command("scene.save", &json!({ "name": "red", "snapshot": { "2": 33 } })),
    );
    accepted(&mut client, &command("scene.recall", &json!({ "name": "red" })));
    serving.light_comes("the scene", |light| light[1] == 33);
    let effect =
        json!([{ "effect": "flash", "durationMs": 30_000, "params": { "color": "#0000ff" } }]);
    accepted(
        &mut client,
        &command("effect.apply", &json!({ "fixtureId": "par-right", "effect": effect })),
    );
    serving.light_comes("the effect", |light| light[RIGHT + 3] == 255);
    refusals(&mut client);
}

fn refusals(client: &mut Client) {
    let patch: Vec<Value> = (1..=65).map(|channel| json!({ "ch": channel, "val": 1 })).collect();
    let cases = [
        ("dmx.set", json!({ "universe": 1, "channel": 0, "value": 256 }), "VALIDATION_FAILED"),
        ("dmx.set", json!({ "universe": 7, "channel": 1, "value": 2 }), "not_found"),
        ("dmx.patch", json!({ "universe": 1, "patch": patch }), "PATCH_TOO_LARGE"),
        ("fixture.set", json!({ "fixtureId": "haed", "attrs": {} }), "not_found"),
        ("scene.recall", json!({ "name": "rde" }), "not_found"),
        (
            "effect.apply",
            json!({ "fixtureId": "head", "effect": [{ "effect": "flsh" }] }),
            "not_found",
        ),
        ("motor.move", json!({ "motorId": "m", "steps": 1 }), "not_found"),
    ];
    for (kind, more, reason) in cases {
        let ack = client.commands(&command(kind, &more));
        assert_eq!((&ack["accepted"], &ack["reason"]), (&json!(false), &json!(reason)), "{ack}");
        assert!(ack["errors"].as_array().is_some_and(|errors| !errors.is_empty()), "{ack}");
    }
}

/// What is tried out is all that was asked for, or is refused to whoever asked.
#[test]
fn effects_are_answered_for_what_they_do() {
    let serving = serving(COLOUR_ON_PARS);
    let mut client = serving.speaks("/ws/live");
    let effects = |effect: &Value| {
        command("effect.apply", &json!({ "fixtureId": "par-right", "effect": effect }))
    };
    let flash = json!({ "effect": "flash", "durationMs": 30_000 });
    let refused = [
        (json!([{ "effect": "nope" }, flash]), "not_found", "/effect/0"),
        (json!([flash, { "effect": "flash", "params": [] }]), "refused", "/effect/1"),
        (json!([flash, { "effect": "flash", "durationMs": -1 }]), "refused", "/effect/1"),
        (json!([flash, { "effect": "fade_in", "params": { "red": [] } }]), "refused", "/effect/1"),
    ];
    for (effect, reason, path) in refused {
        let ack = client.commands(&effects(&effect));
        assert_eq!((&ack["accepted"], &ack["reason"]), (&json!(false), &json!(reason)), "{ack}");
        assert_eq!(ack["errors"][0]["path"], path, "{ack}");
    }
    assert_eq!(serving.light()[RIGHT], 0, "nothing of them is shown");
    let both = json!([
        { "effect": "set", "durationMs": 30_000, "params": { "dimmer": "40%" } },
        { "effect": "set", "durationMs": 30_000, "params": { "color": "#00ff00" } },
    ]);
    accepted(&mut client, &effects(&both));
    serving.light_comes("both", |light| light[RIGHT..RIGHT + 4] == [102, 0, 255, 0]);
    let mut other = serving.client();
    other.does("transport.play", &json!({}));
    let ack = client.commands(&effects(&json!([flash])));
    assert_eq!((&ack["accepted"], &ack["reason"]), (&json!(false), &json!("playback_active")));
}

#[test]
fn commands_are_done_on_the_page_s_address() {
    commands_at("/ws");
}

#[test]
fn commands_are_done_on_their_own_address() {
    commands_at("/ws/live");
}

#[test]
fn the_colour_is_taken_and_told_by_rest() {
    let serving = serving(COLOUR_ON_PARS);
    let mut client = serving.speaks("/ws/live");
    let post = |body: &Value| http::ask(serving.port, "POST", "/rgb", &[], &body.to_string());
    let body = json!({ "cmdId": ulid(5), "src": "rest", "r": 20, "g": 30, "b": 40 });
    let answer = post(&body);
    assert_eq!((answer.status, &answer.json()["accepted"]), (200, &json!(true)));
    serving.light_comes("the colour", |light| light[LEFT..LEFT + 4] == [255, 20, 30, 40]);
    let state = serving.get("/rgb").json();
    assert_eq!(
        (&state["r"], &state["seq"], &state["updatedBy"]),
        (&json!(20), &json!(1), &json!("rest"))
    );
    client.hears("the colour", |told| told["type"] == "state" && told["seq"] == 1);
    let again = post(&body).json();
    assert_eq!((&again["accepted"], &again["reason"]), (&json!(true), &json!("duplicate")));
    let wrong = post(&json!({ "cmdId": "short", "src": "rest", "r": 300, "g": 0, "b": 0, "x": 1 }));
    assert_eq!((wrong.status, &wrong.json()["reason"]), (422, &json!("VALIDATION_FAILED")));
    assert_eq!(wrong.json()["errors"].as_array().map(Vec::len), Some(3), "{wrong:?}");
    assert_eq!(post(&Value::Null).status, 422);
    assert_eq!(serving.get("/rgb").json()["seq"], 1);
}

#[test]
fn all_that_is_sent_is_as_the_schemas_have_it() {
    let schema = |name: &str| {
        let path = shared(&format!("data/dmx-demo/{name}"))?;
        let json = std::fs::read_to_string(path).expect("a schema");
        let json: Value = serde_json::from_str(&json).expect("a schema is JSON");
        Some(jsonschema::validator_for(&json).expect("a schema is one"))
    };
    let Some(ack_schema) = schema("ack.schema.json") else { return };
    let Some(update_schema) = schema("state.update.schema.json") else { return };
    let Some(colour_schema) = schema("demo.rgb.state.v1.json") else { return };
    let serving = serving(&format!("{COLOUR_ON_PARS}acks = \"schema\"\n"));
    let mut client = serving.speaks("/ws/live");
    let mut acks = vec![
        client.commands(&json!({ "type": "set", "cmdId": ulid(1), "src": "ui", "r": 9, "g": 8, "b": 7 })),
        client.commands(&json!({ "type": "dmx.set", "id": "a", "ts": 1, "universe": 1, "channel": 9, "value": 9 })),
        client.commands(&json!({ "type": "dmx.set", "id": "b", "ts": 1, "universe": 1, "channel": 900, "value": 9 })),
        client.commands(&json!({ "type": "scene.recall", "id": "c", "ts": 1, "name": "none" })),
    ];
    let body = json!({ "cmdId": ulid(2), "src": "rest", "r": 1, "g": 1, "b": 1 }).to_string();
    acks.push(http::ask(serving.port, "POST", "/rgb", &[], &body).json());
    for ack in acks {
        assert!(ack_schema.is_valid(&ack), "{ack}");
    }
    client.hears("the last colour", |told| told["type"] == "state" && told["r"] == 1);
    client.say(
        &json!({ "type": "dmx.set", "id": "d", "ts": 1, "universe": 1, "channel": 9, "value": 10 }),
    );
    client.hears("an update", |told| {
        if told["type"] == "state.update" {
            assert!(update_schema.is_valid(told), "{told}");
        }
        told["type"] == "state.update" && told["delta"] == json!([{ "ch": 9, "val": 10 }])
    });
    assert!(client.told.iter().any(|told| told["full"] == true), "it was greeted with all levels");
    for told in client.told.iter().filter(|told| told["type"] == "state.update") {
        assert!(update_schema.is_valid(told), "{told}");
    }
    let colour = serving.get("/rgb").json();
    assert!(colour_schema.is_valid(&colour), "{colour}");
}

#[test]
fn a_command_is_done_once_even_if_the_server_was_killed_in_between() {
    let mut serving = serving(COLOUR_ON_PARS);
    let set = |number: u64, red: u8| json!({ "type": "set", "cmdId": ulid(number), "src": "ui", "r": red, "g": 0, "b": 0 });
    let mut client = serving.speaks("/ws/live");
    for number in 1..=20 {
        let ack = client.commands(&set(number, number as u8));
        assert!(ack.get("reason").is_none(), "{ack}");
    }
    serving.kill();
    serving.begin();
    drop(serving.client());
    let mut client = serving.speaks("/ws/live");
    for number in 1..=20 {
        let ack = client.commands(&set(number, number as u8));
        assert_eq!(
            (&ack["accepted"], &ack["reason"]),
            (&json!(true), &json!("duplicate")),
            "{ack}"
        );
    }
    let colour = serving.get("/rgb").json();
    assert_eq!((&colour["r"], &colour["seq"]), (&json!(20), &json!(20)));
    serving.light_comes("the colour as it was", |light| light[LEFT..LEFT + 2] == [255, 20]);
    let figure = |name: &str| {
        let metrics = serving.get("/metrics").body;
        let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.and_then(|value| value.parse::<f64>().ok()).unwrap_or(f64::NAN)
    };
    eventually("they are counted", || figure("dmx_engine_deduped_total") == 20.0);
    assert_eq!(figure("dmx_engine_queue_depth"), 0.0);
    assert_eq!(figure("dmx_ws_clients"), 1.0);
    assert!(figure("dmx_engine_last_latency_ms") >= 0.0);
}

#[test]
fn commands_beyond_the_rate_are_refused() {
    let serving = serving("[live]\nrate_per_second = 5\n");
    let mut client = serving.speaks("/ws/live");
    for number in 0..40 {
        client.say(&json!({ "type": "dmx.set", "id": format!("c{number}"), "ts": 1, "universe": 1,
            "channel": 1, "value": number }));
    }
    client.hears("a refusal", |told| told["reason"] == "RATE_LIMITED");
    client.hears("the last ack", |told| told["ack"] == "c39");
}

#[test]
fn a_client_that_takes_nothing_is_dropped_and_others_go_on() {
    let serving = serving("[limits]\nslow_ms = 200\nrate = 100000\n[live]\nrate_per_second = 0\n");
    let slow = serving.speaks("/ws/live");
    let mut quick = serving.speaks("/ws/live");
    let dropped = || serving.get("/metrics").body.contains("\ngobo_clients_dropped_total 1\n");
    let mut round = 0_u64;
    eventually("the slow one is dropped", || {
        for _ in 0..500 {
            round += 1;
            let patch: Vec<Value> = (1..=64)
                .map(|channel| json!({ "ch": channel, "val": (round + channel) % 256 }))
                .collect();
            let command = json!({ "type": "dmx.patch", "id": round.to_string(), "ts": 1, "universe": 1, "patch": patch });
            quick.say(&command);
            quick.hears("its ack", |told| told["ack"] == *round.to_string());
            quick.told.clear();
        }
        dropped()
    });
    let mut stream = slow.stream();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(!rest.is_empty(), "it was told something before");
    accepted(
        &mut quick,
        &json!({ "type": "dmx.set", "id": "x", "ts": 1, "universe": 1, "channel": 1, "value": 7 }),
    );
    serving.light_comes("commands are done", |light| light[0] == 7);
}

#[test]
fn a_show_that_is_stopped_is_dark_whatever_was_fading() {
    let serving = serving(COLOUR_ON_PARS);
    let mut client = serving.client();
    let patch = json!([{ "ch": 2, "val": 255 }]);
    let fade = json!({ "type": "dmx.fade", "id": "fade", "ts": 1, "universe": 1, "durationMs": 60_000,
        "easing": "linear", "patch": patch });
    accepted(&mut client, &fade);
    serving.light_comes("the fade", |light| light[1] > 0);
    let colour = json!({ "type": "set", "cmdId": ulid(1), "src": "ui", "r": 9, "g": 8, "b": 7 });
    accepted(&mut client, &colour);
    client.does("transport.stop", &json!({}));
    client.hears("it is told", |told| {
        let is_dark = |entry: &Value| entry["val"] == 0;
        told["delta"].as_array().is_some_and(|all| all.len() > 1 && all.iter().all(is_dark))
    });
    client.until("the colour is dark", |state| state["rgb"]["r"] == 0 && state["rgb"]["seq"] == 2);
    assert_eq!(serving.get("/rgb").json()["b"], 0);
    serving.light_comes("all dark", |light| light.iter().all(|level| *level == 0));
    for _ in 0..60 {
        assert!(serving.frame().iter().all(|level| *level == 0), "it stays dark");
    }
    let set =
        json!({ "type": "dmx.set", "id": "set", "ts": 1, "universe": 1, "channel": 2, "value": 9 });
    accepted(&mut client, &set);
    serving.light_comes("what is set afterwards", |light| light[1] == 9);
    client.hears("it is told", |told| told["delta"] == json!([{ "ch": 2, "val": 9 }]));
}
