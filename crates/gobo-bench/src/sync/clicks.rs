//! A song that clicks each second, and a show that flashes with it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process;

/// Seconds between clicks.
pub(super) const EVERY: u32 = 1;
/// How long a click sounds, and a flash lasts, in seconds.
const LENGTH: f64 = 0.1;
/// Below full, as songs are.
const LEVEL: f32 = 0.8;

/// A project with the song at this rate and the show, compiled; `to` is where its light goes.
pub(super) fn project(
    gobo: &Path,
    folder: &Path,
    rate: u32,
    seconds: u32,
    to: &str,
) -> Result<PathBuf> {
    let project = folder.join(format!("clicks-{rate}"));
    process::run(gobo, folder, &["new", &project.to_string_lossy()])?;
    fs::create_dir_all(project.join("songs"))?;
    let mut second = vec![0.0; 2 * (rate * EVERY) as usize];
    // A square wave of 500 Hz: loud from its first sample on.
    for (n, frame) in second.chunks_mut(2).take((f64::from(rate) * LENGTH) as usize).enumerate() {
        let is_high = (n * 1000 / rate as usize).is_multiple_of(2);
        frame.fill(if is_high { LEVEL } else { -LEVEL });
    }
    let silence = vec![0.0; second.len()];
    let song: Vec<f32> =
        silence.into_iter().chain(second.repeat((seconds / EVERY) as usize)).collect();
    gobo_audio::write_wav(&project.join("songs/clicks.wav"), &song, rate, 2)?;
    let mut cues = String::new();
    for at in (EVERY..=seconds).step_by(EVERY as usize) {
        let comma = if at > EVERY { "," } else { "" };
        write!(
            cues,
            r#"{comma}{{"at":{at},"for":"{LENGTH}s","on":"pars","then":"release","set":{{"dimmer":"100%"}}}}"#
        )?;
    }
    let show = project.join("shows/hello");
    fs::write(show.join("base.json"), format!(r#"{{"cues":[{cues}]}}"#))?;
    fs::write(
        show.join("show.toml"),
        "venue = \"room\"\nsong = \"clicks.wav\"\ncues = [\"base.json\"]\n",
    )?;
    let venue = project.join("fixtures/room.toml");
    let text = fs::read_to_string(&venue)?.replace("\"127.0.0.1\"", &format!("\"{to}\""));
    fs::write(venue, text)?;
    process::run(gobo, &project, &["compile"])?;
    Ok(project)
}
