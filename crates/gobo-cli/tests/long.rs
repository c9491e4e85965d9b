//! A show of twelve hours compiles at once, in little memory.
#![cfg(target_os = "linux")]

mod common;

use std::sync::Arc;

use common::{Project, Ran, gobo};
use gobo_canvas::{Canvas, Reader};

/// Frames of twelve hours at 60 a second.
const FRAMES: u32 = 12 * 3600 * 60;

/// Runs the command with so many megabytes for all that it allocates.
fn run_within(project: &Project, megabytes: u32, args: &[&str]) -> Ran {
    let script = format!("ulimit -d {}; exec \"$@\"", megabytes * 1024);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script, "sh"]).arg(gobo(&project.root()).get_program());
    shell.args(args).current_dir(project.root()).output().expect("a shell").into()
}

fn twelve_hours() -> Project {
    let project = Project::new();
    let par = |universe: u32| {
        format!(
            "[[fixture]]\nid = \"a{universe}\"\nprofile = \"generic/par-rgbw\"\nmode = \"4ch\"\n\
             universe = {universe}\naddress = 1\nposition = [{universe}.0, 0.0, 3.0]\n"
        )
    };
    let room: String = (1..=4).map(par).collect();
    project.write("fixtures/yard.toml", &format!("name = \"Yard\"\n{room}"));
    let show = "title = \"Night\"\nvenue = \"yard\"\nlength = \"43200s\"\ncues = [\"base.json\"]\n";
    project.write("shows/night/show.toml", show);
    let cues = r##"{ "cues": [
      { "at": 0, "on": "all", "set": { "dimmer": "100%", "color": "#ff0000" } },
      { "at": 7200, "for": "60s", "on": "a2", "chase": { "every": "1s", "color": "#00ff00" } },
      { "at": 21600, "for": "5s", "on": "a1", "color_fade": { "to": "#0000ff" } },
      { "at": 43190, "for": "10s", "on": "all", "fade": { "to": { "dimmer": 0 } } }
    ] }"##;
    project.write("shows/night/base.json", cues);
    project
}

#[test]
fn a_night_is_compiled_in_little_memory() {
    let project = twelve_hours();
    let compile = ["compile", "night", "--jobs", "2"];
    let ran = run_within(&project, 100, &compile).exits(0);
    assert!(ran.out.contains("720:00.000"), "{}", ran.out);
    let path = project.path("build/night.canvas");
    let canvas = Arc::new(Canvas::open(&path).unwrap());
    assert_eq!((canvas.header().frames, canvas.header().universes.len()), (FRAMES, 4));
    assert!(canvas.file_len() < 100_000, "{} bytes", canvas.file_len());
    assert_eq!(canvas.verify().unwrap(), []);
    let mut reader = Reader::new(Arc::clone(&canvas));
    let mut shown = |universe, frame| reader.used(universe, frame).unwrap()[..3].to_vec();
    assert_eq!(shown(3, 0), [255, 0, 0]);
    assert_eq!(shown(0, 21_600 * 60 - 1), [255, 0, 0]);
    assert_eq!(shown(0, 21_605 * 60), [0, 0, 255]);
    assert_eq!(shown(0, 43_190 * 60 - 1), [0, 0, 255]);
    assert!(shown(3, FRAMES - 1)[0] < 3);
    // Again, and with other commands that look at all of it.
    let ran = run_within(&project, 100, &compile).exits(0);
    assert!(ran.out.contains("nothing has changed"), "{}", ran.out);
    run_within(&project, 100, &["compile", "night", "--check", "--jobs", "2"]).exits(0);
    run_within(&project, 100, &["canvas", "png", "build/night.canvas", "-o", "night.png"]).exits(0);
    run_within(&project, 100, &["canvas", "gif", "build/night.canvas", "--from", "7200"]).exits(0);
    // A limit that is too low is met, so there is a limit.
    let ran = run_within(&project, 1, &["canvas", "verify", "build/night.canvas"]);
    assert_ne!(ran.code, Some(0));
}
