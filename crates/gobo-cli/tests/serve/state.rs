//! The state: patches that lead from what was told, for every client at its own depth and speed.

use serde_json::{Value, json};

use crate::client::{Client, Greeting};
use crate::house::Serving;

/// A state without what only clients have that do not go deep.
fn common(state: &Value) -> Value {
    let mut state = state.clone();
    for fixture in state["fixtures"].as_object_mut().expect("fixtures").values_mut() {
        fixture.as_object_mut().expect("a fixture").remove("values");
    }
    state
}

#[test]
fn clients_of_either_depth_and_any_speed_end_with_the_same_state() {
    let serving = Serving::new();
    let mut deep = serving.client();
    let mut shallow = serving.client_as(Greeting::default());
    // Reads nothing until all is over.
    let mut idle = serving.client_as(Greeting::default());
    for step in 0..40 {
        let level = step * 6;
        deep.does("levels.set", &json!({ "grand": f64::from(step) / 50.0 }));
        let values = json!({ "fixture_id": "head", "values": { "dimmer": level } });
        shallow.does("fixture.set_values", &values);
    }
    for client in [&mut deep, &mut shallow, &mut idle] {
        client.until("all is told", |state| {
            state["levels"]["grand"] == 0.78 && state["fixtures"]["head"]["held"]["Dimmer"] == 234
        });
    }
    assert_eq!(common(&deep.state), common(&shallow.state));
    assert_eq!(common(&deep.state), common(&idle.state));
    let fresh = serving.client();
    assert_eq!(common(&deep.state), common(&fresh.state));
    let is_one_key = |path: &Value| path.as_array().is_some_and(|path| path.len() == 1);
    assert!(shallow.paths.iter().chain(&idle.paths).all(is_one_key));
    assert!(
        deep.paths.contains(&json!(["fixtures", "head", "held"])),
        "it goes deep: {:?}",
        deep.paths
    );
    assert!(idle.paths.len() < deep.paths.len(), "what has changed twice is told once");
}

#[test]
fn levels_are_told_to_clients_that_do_not_go_deep() {
    let serving = Serving::new();
    let mut shallow = serving.client_as(Greeting::default());
    let values = json!({ "fixture_id": "head", "values": { "dimmer": 77, "pan": 4660 } });
    shallow.does("fixture.set_values", &values);
    shallow.until("the levels on the wire", |state| {
        let values = &state["fixtures"]["head"]["values"];
        values["Dimmer"] == 77 && values["Pan"] == 4660
    });
    let deep = serving.client();
    assert!(deep.state["fixtures"]["head"].get("values").is_none());
}

#[test]
fn another_hello_brings_a_snapshot_of_the_other_depth() {
    let serving = Serving::new();
    let mut client = serving.client();
    client.does("levels.set", &json!({ "grand": 0.5 }));
    client.role.clear();
    client.hello(Greeting::default());
    client.until("it is told", |state| state["levels"]["grand"] == 0.5);
    client.does("levels.set", &json!({ "grand": 0.25 }));
    client.until("it is told", |state| state["levels"]["grand"] == 0.25);
    client.until("levels", |state| state["fixtures"]["head"].get("values").is_some());
}

#[test]
fn what_is_asked_without_an_id_is_answered_only_if_it_is_refused() {
    let serving = Serving::new();
    let mut client = serving.client();
    let say = |client: &mut Client, grand: f64| {
        client
            .say(&json!({ "type": "intent", "name": "levels.set", "payload": { "grand": grand } }));
    };
    say(&mut client, 0.5);
    say(&mut client, 5.0);
    let refused = client.hears("an answer", |told| told["data"]["name"] == "levels.set");
    assert_eq!(refused["data"]["accepted"], false);
    client.until("the first was done", |state| state["levels"]["grand"] == 0.5);
    let is_answered = |told: &Value| told["data"]["accepted"] == true;
    assert!(!client.told.iter().any(is_answered), "and not answered");
}

#[test]
fn frames_are_what_goes_out_on_the_wire() {
    let serving = Serving::new();
    let mut client = serving.client();
    client.does("stage.watch", &json!({ "on": true, "fps": 60 }));
    let values =
        json!({ "fixture_id": "par-left", "values": { "dimmer": 200, "color": "#0a141e" } });
    client.does("fixture.set_values", &values);
    serving.light_comes("what is held", |light| light[..4] == [200, 10, 20, 30]);
    loop {
        let message = client.frames();
        assert_eq!(message[0], 1, "a frame");
        let number = |at: usize| u16::from_le_bytes([message[at], message[at + 1]]);
        // A universe that has not changed may be left out.
        if number(2) == 1 && message[28..32] == [200, 10, 20, 30] {
            assert_eq!((number(24), usize::from(number(26))), (1, message.len() - 28));
            break;
        }
    }
}
