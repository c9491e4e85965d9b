//! Effects and chasers tried out: on the wire, and nowhere else.

use serde_json::json;

use crate::house::{LEFT, RIGHT, Serving, sources};

#[test]
fn a_preview_shows_on_the_wire_and_leaves_no_trace() {
    let serving = Serving::new();
    let before = sources(&serving.project);
    let mut client = serving.client();
    let held = json!({ "fixture_id": "par-left", "values": { "dimmer": 30, "color": "#010203" } });
    client.does("fixture.set_values", &held);
    let calm = serving.light_comes("what is held", |light| light[LEFT..LEFT + 4] == [30, 1, 2, 3]);
    let flash = |seconds: u32| {
        json!({ "fixture_id": "par-left", "effect_id": "flash", "duration_ms": seconds * 1000,
            "params": { "color": "#00ff00" } })
    };
    client.does("fixture.preview_effect", &flash(60));
    serving.light_comes("the flash", |light| light[LEFT + 2] == 255 && light[LEFT] > 100);
    client.does("fixture.stop_preview", &json!({}));
    serving.light_comes("all as before", |light| light == calm);
    client.does("fixture.preview_effect", &flash(1));
    serving.light_comes("the flash", |light| light[LEFT + 2] == 255);
    serving.light_comes("all as before, by itself", |light| light == calm);
    client.does("chaser.start", &json!({ "chaser_id": "run" }));
    client.until("it runs", |state| state["chasers"][0]["running"] == true);
    serving.light_comes("the left", |light| light[LEFT..LEFT + 2] == [255, 200]);
    serving.light_comes("the right", |light| light[RIGHT] == 255 && light[RIGHT + 3] == 200);
    client.does("chaser.stop", &json!({}));
    serving.light_comes("all as before", |light| light == calm);
    assert_eq!(client.state["fixtures"]["par-left"]["held"]["Dimmer"], 30);
    assert!(before == sources(&serving.project), "no file is touched");
}

#[test]
fn a_preview_ends_when_the_show_begins() {
    let serving = Serving::new();
    let mut client = serving.client();
    client.does("transport.jump_to_time", &json!({ "time_ms": 5000 }));
    client.does("transport.set_speed", &json!({ "speed": 0.1 }));
    let long = json!({ "fixture_id": "par-right", "effect_id": "full", "duration_ms": 60_000 });
    client.does("fixture.preview_effect", &long);
    serving.light_comes("the preview", |light| light[RIGHT] == 255);
    client.does("transport.stop", &json!({}));
    serving.light_comes("all dark", |light| light.iter().all(|level| *level == 0));
    client.does("transport.play", &json!({}));
    serving.light_comes("the show", |light| light[RIGHT] == 102 && light[LEFT] == 102);
    client.does("transport.pause", &json!({}));
    client.does("fixture.preview_effect", &long);
    serving.light_comes("the preview", |light| light[RIGHT] == 255);
    client.does("transport.play", &json!({}));
    serving.light_comes("the show", |light| light[RIGHT] == 102 && light[LEFT] == 102);
}
