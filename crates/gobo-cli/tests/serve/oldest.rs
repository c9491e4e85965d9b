//! The oldest protocol, at `/ws/v1`.

use serde_json::{Value, json};

use crate::client::Client;
use crate::house::Serving;

fn hears(client: &mut Client, kind: &str) -> Value {
    client.hears(kind, |told| told["type"] == kind)
}

fn begins(serving: &Serving) -> Client {
    // The show is on stage by then.
    drop(serving.client());
    let mut client = serving.speaks("/ws/v1");
    let initial = hears(&mut client, "initial");
    assert!(initial["fixtures"]["par-left"].is_object(), "{initial}");
    assert_eq!(initial["song"]["filename"], "songs/beat.wav");
    let status = hears(&mut client, "status");
    assert_eq!((&status["is_playing"], status["time"].as_f64()), (&json!(false), Some(0.0)));
    client
}

#[test]
fn a_channel_is_set_and_seen_in_frames() {
    let serving = Serving::new();
    let mut client = begins(&serving);
    client.say(&json!({ "type": "delta", "channel": 3, "value": 99 }));
    serving.light_comes("the channel", |light| light[2] == 99);
    client.hears("the frame", |told| told["type"] == "dmx_frame" && told["values"][2] == 99);
    client.say(&json!({ "type": "delta", "channel": 513, "value": 256 }));
    assert_eq!(hears(&mut client, "delta_rejected")["reason"], "invalid");
}

#[test]
fn the_clock_is_led_and_edits_wait_while_it_runs() {
    let serving = Serving::new();
    let mut client = begins(&serving);
    let is_at = |told: &Value, time: f64| {
        told["type"] == "status" && told["time"].as_f64().is_some_and(|at| (at - time).abs() < 0.2)
    };
    client.say(&json!({ "type": "seek", "time": 4.0 }));
    client.hears("the place", |told| is_at(told, 4.0));
    client.say(&json!({ "type": "timecode", "time": 9.0 }));
    client.hears("the place", |told| is_at(told, 9.0) && told["section"] == "chorus");
    client.say(&json!({ "type": "playback", "playing": true, "time": 1.0 }));
    client.hears("it plays", |told| told["type"] == "status" && told["is_playing"] == true);
    client.say(&json!({ "type": "delta", "channel": 1, "value": 255 }));
    assert_eq!(hears(&mut client, "delta_rejected")["reason"], "playback_active");
    client.say(&json!({ "type": "preview_effect", "fixture_id": "par-left", "effect": "flash" }));
    let refused = hears(&mut client, "preview_status");
    assert_eq!(
        (&refused["active"], &refused["reason"]),
        (&json!(false), &json!("playback_active"))
    );
    let cue = json!({ "type": "add_cue", "time": 2, "fixture_id": "par-left", "effect": "flash" });
    client.say(&cue);
    assert_eq!(hears(&mut client, "error")["reason"], "playback_active");
    client.say(&json!({ "type": "playback", "playing": false }));
    client.hears("it stands", |told| told["type"] == "status" && told["is_playing"] == false);
}

#[test]
fn cues_and_previews_are_made() {
    let serving = Serving::new();
    let mut client = begins(&serving);
    client.say(&json!({ "type": "preview_effect", "fixture_id": "par-left", "effect": "flash",
        "duration": 20.0, "data": { "color": "#ff0000" } }));
    assert_eq!(hears(&mut client, "preview_status")["active"], true);
    serving.light_comes("the preview", |light| light[0] > 0 && light[1] > 0);
    client.say(&json!({ "type": "add_cue", "time": 2.5, "fixture_id": "par-left",
        "effect": "flash", "duration": 1.0, "data": { "color": "#00ff00" } }));
    serving.client().until("the cue", |state| {
        let cues = state["cues"].as_array().expect("cues");
        cues.iter().any(|cue| cue["time"] == 2.5 && cue["effect"] == "flash")
    });
}

#[test]
fn sections_are_saved() {
    let serving = Serving::new();
    let mut client = begins(&serving);
    client.say(&json!({ "type": "save_sections", "sections": [
        { "name": "verse", "start_s": 0, "end_s": 6.5 }, { "label": "drop", "start": 6.5, "end": 16 },
    ] }));
    serving.client().until("the sections", |state| {
        state["song"]["sections"]
            == json!([
                { "name": "verse", "start_s": 0.0, "end_s": 6.5 },
                { "name": "drop", "start_s": 6.5, "end_s": 16.0 },
            ])
    });
    let facts: Value = serde_json::from_str(&serving.project.read("songs/beat.song.json")).unwrap();
    assert_eq!(facts["sections"][1], json!({ "name": "drop", "start": 6.5, "end": 16 }));
    assert_eq!(facts["bpm"], 120, "all else is as it was");
    client.say(
        &json!({ "type": "save_sections", "sections": [{ "name": "x", "start": 3, "end": 1 }] }),
    );
    let refused = hears(&mut client, "error");
    assert_eq!(refused["reason"], "invalid", "{refused}");
}

#[test]
fn songs_are_loaded_and_somebody_chats() {
    let serving = Serving::new();
    let mut watching = serving.client();
    let mut client = begins(&serving);
    client.say(&json!({ "type": "load_song", "filename": "other" }));
    watching.until("the other show", |state| state["system"]["show"] == "other");
    client.say(&json!({ "type": "load_song", "filename": "beet.wav" }));
    assert_eq!(hears(&mut client, "error")["reason"], "not_found");
    client.say(&json!({ "type": "load_song", "filename": "beat.wav" }));
    watching.until("the show again", |state| state["system"]["show"] == "studio");
    client.say(&json!({ "type": "chat", "message": "hello there" }));
    let said = hears(&mut client, "chat");
    assert!(said["message"].as_str().is_some_and(|text| text.contains("hello there")), "{said}");
    client.say(&json!({ "type": "dance" }));
    client.hears("what is wrong", |told| {
        told["message"].as_str().is_some_and(|text| text.contains("dance"))
    });
}
