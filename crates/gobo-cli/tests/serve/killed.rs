//! A server that is killed in the middle of many edits.

use serde_json::{Value, json};

use crate::client::Came;
use crate::house::{PATIENCE, Serving};

/// The names of the cues of a file.
fn names(text: &str) -> Vec<String> {
    let file: Value = serde_json::from_str(text).expect("the file is whole");
    let cues = file["cues"].as_array().expect("cues").iter();
    cues.filter_map(|cue| Some(cue["name"].as_str()?.to_owned())).collect()
}

/// Kills the server once so many edits are acknowledged.
fn killed_after(count: usize) {
    let mut serving = Serving::new();
    let mut client = serving.client();
    for number in 0..200 {
        let cue = json!({ "name": format!("edit {number}"), "at": 0.01 * f64::from(number),
            "on": "pars", "set": { "dimmer": "50%" } });
        client.ask("cue.add", &json!({ "cue": cue, "file": "base.json" }));
    }
    let mut acknowledged = Vec::new();
    while acknowledged.len() < count {
        client.take();
        while let Some(told) = client.told.pop_front() {
            if told["data"]["name"] == "cue.add" {
                assert_eq!(told["data"]["accepted"], true, "{told}");
                acknowledged.push(told["data"]["req_id"].clone());
            }
        }
    }
    serving.kill();
    // What was said before the end counts, too.
    loop {
        match client.next_within(PATIENCE) {
            Some(Came::Told(told)) if told["data"]["accepted"] == true => {
                acknowledged.push(told["data"]["req_id"].clone());
            }
            Some(Came::Closed(_)) => break,
            _ => {}
        }
    }
    let kept = names(&serving.project.read("shows/studio/base.json"));
    for id in &acknowledged {
        let number: usize = id.as_str().and_then(|id| id.parse().ok()).expect("a number");
        let name = format!("edit {}", number - 1);
        assert!(kept.contains(&name), "{name} was acknowledged and is lost");
    }
    assert!(kept.contains(&"warm".to_owned()), "what was there before is there");
    for file in ["heads.json", "rows.json"] {
        let text = serving.project.read(&format!("shows/studio/{file}"));
        serde_json::from_str::<Value>(&text).expect("the file is whole");
    }
    serving.project.run(&["compile", "studio"]).exits(0);
    serving.begin();
    let client = serving.client();
    assert_eq!(client.state["cues"].as_array().map(Vec::len), Some(kept.len() + 3));
}

#[test]
fn no_edit_that_was_acknowledged_is_lost_early_on() {
    killed_after(3);
}

#[test]
fn no_edit_that_was_acknowledged_is_lost_in_the_middle() {
    killed_after(60);
}
