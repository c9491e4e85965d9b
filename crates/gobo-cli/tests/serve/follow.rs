//! Files that change, other shows, the end of a show and that of the server.

use serde_json::json;

use crate::house::{LEFT, Serving, studio};

const BASE: &str = "shows/studio/base.json";

#[test]
fn an_edit_in_an_editor_is_told_and_a_broken_one_leaves_the_light() {
    let serving = Serving::of(studio(), &["--watch"]);
    let mut client = serving.client();
    assert_eq!(client.state["system"]["watch"], true);
    client.does("transport.jump_to_time", &json!({ "time_ms": 5000 }));
    client.does("transport.play", &json!({}));
    client.does("transport.set_speed", &json!({ "speed": 0.1 }));
    serving.light_comes("the show", |light| light[LEFT] == 102);
    serving.project.edit(BASE, "40%", "60%");
    let told = client.hears("of the edit", |told| !told["data"]["edit"].is_null());
    assert_eq!(told["level"], "info", "{told}");
    assert_eq!(told["data"]["edit"]["files"], json!([BASE]), "{told}");
    assert_eq!(told["data"]["edit"]["cues"].as_array().map(Vec::len), Some(1), "{told}");
    client.until("the edit", |state| state["cues"][0]["source"]["set"]["dimmer"] == "60%");
    serving.light_comes("the edit", |light| light[LEFT] == 153);
    serving.project.edit(BASE, "\"amber\"", "\"ambr\"");
    client.until("what is wrong", |state| !state["diagnostics"].as_array().unwrap().is_empty());
    let found = &client.state["diagnostics"][0];
    assert_eq!((&found["severity"], &found["file"]), (&json!("error"), &json!(BASE)), "{found}");
    assert_eq!((&found["line"], &found["column"]), (&json!(3), &json!(81)), "{found}");
    assert_eq!(serving.light()[LEFT], 153, "the light stays");
    assert_eq!(client.state["playback"]["state"], "playing");
    serving.project.edit(BASE, "\"ambr\"", "\"amber\"");
    client.until("all is well", |state| state["diagnostics"] == json!([]));
}

#[test]
fn another_show_is_played_and_the_first_again() {
    let serving = Serving::new();
    let mut client = serving.client();
    client.does("song.load", &json!({ "show": "other" }));
    client.until("the other", |state| state["system"]["show"] == "other");
    client.until("it stands by", |state| state["playback"]["state"] == "stopped");
    assert_eq!(client.state["song"], json!(null));
    assert_eq!(serving.get("/song").status, 404);
    client.does("transport.play", &json!({}));
    serving.light_comes("the other", |light| light[LEFT] == 204 && light[LEFT + 3] == 255);
    client.may_not("song.load", &json!({ "show": "nothing" }), "not_found");
    serving.project.write("shows/broken/show.toml", "title = \"Broken\"\nvenue = \"rom\"\n");
    let (refused, _) = client.answer("song.load", &json!({ "show": "broken" }));
    assert_eq!(refused["reason"], "invalid", "{refused}");
    assert_eq!(client.state["system"]["show"], "other", "what plays goes on");
    client.does("song.load", &json!({ "show": "studio" }));
    client.until("the first", |state| state["system"]["show"] == "studio");
    client.does("transport.jump_to_time", &json!({ "time_ms": 3000 }));
    client.does("transport.play", &json!({}));
    serving.light_comes("the first", |light| light[LEFT] == 102);
    let song = serving.get("/song");
    assert!(song.status == 200 && song.body.starts_with("RIFF"), "{}", song.head);
}

#[test]
fn the_end_is_dark_and_clients_are_told() {
    let mut serving = Serving::of(studio(), &["--play", "--loop"]);
    let mut client = serving.client();
    let mut live = serving.speaks("/ws/live");
    serving.light_comes("the show", |light| light[LEFT] == 102);
    serving.terminate();
    assert_eq!(client.closed(), 1001);
    assert_eq!(live.closed(), 1001);
    let ran = serving.ended();
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let mut last = serving.frame();
    while let Some(next) = serving.frame_if_any() {
        last = next;
    }
    assert!(last.iter().all(|level| *level == 0), "{last:?}");
}

#[test]
fn a_show_is_played_to_its_end_and_again() {
    let serving = Serving::new();
    let mut client = serving.client();
    client.does("song.load", &json!({ "show": "other" }));
    client.until("the other", |state| state["system"]["show"] == "other");
    client.does("transport.set_speed", &json!({ "speed": 8 }));
    client.does("transport.play", &json!({}));
    client.until("it plays", |state| state["playback"]["state"] == "playing");
    client.until("its end", |state| state["playback"]["state"] != "playing");
    client.until("it is not locked", |state| state["system"]["edit_lock"] == false);
    client.does("transport.play", &json!({}));
    client.until("it plays again", |state| state["playback"]["state"] == "playing");
    assert_eq!(serving.get("/readyz").status, 200);
}

#[test]
fn what_is_exported_is_a_file_of_the_old_program() {
    let serving = Serving::new();
    let mut client = serving.client();
    let answer = client.does("cue.export_dmx", &json!({}));
    let path = answer["path"].as_str().expect("a path");
    let bytes = std::fs::read(serving.project.path(path)).expect("the file is there");
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four"));
    assert_eq!(&bytes[..4], b"DMXP");
    assert_eq!((&bytes[4..8], number(12)), (&[1, 0, 1, 0][..], 60));
    let frames = number(8) as usize;
    assert_eq!(bytes.len(), 32 + frames * (4 + 512));
    let at = 32 + 180 * 516;
    assert_eq!((number(at), bytes[at + 4 + LEFT]), (3000, 102), "the third second");
}
