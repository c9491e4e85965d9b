//! Real songs of every format play with a show of two cues.

mod common;

use std::fs;
use std::os::unix::fs::symlink;

use common::Project;
use common::outside::shared;

const CUES: &str = r##"{ "cues": [
  { "at": 0, "on": "all", "set": { "dimmer": "100%" } },
  { "at": 1, "for": 1, "on": "all", "flash": {} }
] }"##;

#[test]
fn real_songs_play_with_two_cues() {
    let Some(songs) = shared("data/songs") else { return };
    let project = Project::new();
    fs::create_dir_all(project.path("songs")).unwrap();
    let mut played = 0;
    for entry in fs::read_dir(songs).unwrap() {
        let song = entry.unwrap().path();
        let ending = song.extension().unwrap_or_default().to_str().unwrap();
        if !["mp3", "ogg", "flac", "wav", "m4a"].contains(&ending) {
            continue;
        }
        let name = song.file_name().unwrap().to_str().unwrap();
        let show = name.replace('.', "-");
        symlink(&song, project.path("songs").join(name)).unwrap();
        let manifest = format!(
            "title = \"Two cues\"\nsong = \"{name}\"\nvenue = \"room\"\ncues = [\"cues.json\"]\n"
        );
        project.write(&format!("shows/{show}/show.toml"), &manifest);
        project.write(&format!("shows/{show}/cues.json"), CUES);
        project.run(&["check", &show]).exits(0);
        project.run(&["play", &show, "--audio", "null", "--dry-run", "--to", "1.5"]).exits(0);
        project.run(&["canvas", "verify", &format!("build/{show}.canvas")]).exits(0);
        played += 1;
    }
    assert_eq!(played, 7, "songs beside the checkout");
}
