//! The song of a canvas: where it lies on this machine, and the device that plays it.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use gobo_audio::{Sound, SoundDevice, SoundLink, device_names};
use gobo_canvas::{Header, SongReference};
use gobo_play::{SoundState, State};

use super::status::sound_trouble;
use crate::project::Project;
use crate::terminal::Terminal;
use crate::world::hash;

/// How long it is shown that the sound is back.
const SHOWN: Duration = Duration::from_secs(5);
const BACK: &str = "the sound is back";

/// Opens the song on a device. Without one the show plays by the clock until there is one, and
/// that is said; only a device that was asked for by name must be there.
pub(crate) fn open(
    terminal: &Terminal,
    canvas: &Path,
    header: &Header,
    device: Option<&str>,
) -> Result<Option<(Sound, SoundLink)>> {
    let device = match device {
        Some("none") => return Ok(None),
        Some("null") => SoundDevice::Null,
        Some(name) => SoundDevice::Named(name.to_owned()),
        None => SoundDevice::Default,
    };
    let Some(song) = &header.song else { return Ok(None) };
    let Some(path) = find(terminal, canvas, song) else { return Ok(None) };
    match Sound::open_around(&path, &device, hushed) {
        Ok((sound, link)) => {
            if let Some(missing) = sound.missing() {
                let missing = missing.to_string();
                let missing = missing.trim_end_matches('.');
                terminal.warn(format_args!("{missing}: playing without sound until there is one"));
            }
            Ok(Some((sound, link)))
        }
        Err(error) if error.is_of_device() && matches!(device, SoundDevice::Named(_)) => {
            let mut known = Vec::new();
            hushed(&mut || known = device_names());
            bail!("{error}; there are none, null (gobo's own), {}", known.join(", "))
        }
        Err(error) => {
            terminal.warn(format_args!("{error}: playing without sound"));
            Ok(None)
        }
    }
}

/// What became of the sound while a show plays.
#[derive(Default)]
pub(crate) struct News {
    program: u64,
    /// Whether it was gone at the last look, if there was one.
    gone: Option<bool>,
    back: Option<Instant>,
    untold: Option<&'static str>,
}

impl News {
    /// Takes note of how the sound fares at `now`. That a show starts without a device was said
    /// when it was opened.
    pub(crate) fn hear(&mut self, state: &State, now: Instant) {
        if std::mem::replace(&mut self.program, state.program) != state.program {
            (self.gone, self.untold) = (None, None);
        }
        let gone = match state.sound {
            SoundState::Lost | SoundState::Silent => true,
            SoundState::Followed | SoundState::Damaged => false,
            // Nothing is to be heard, which tells nothing of the device.
            SoundState::None | SoundState::Muted => return,
        };
        match (self.gone.replace(gone), gone) {
            (Some(false), true) => (self.back, self.untold) = (None, sound_trouble(state.sound)),
            (Some(true), false) => (self.back, self.untold) = (Some(now), Some(BACK)),
            _ => self.back = self.back.filter(|&back| now.duration_since(back) < SHOWN),
        }
    }

    /// Says what is new as a line of its own.
    pub(crate) fn tell(&mut self, terminal: &Terminal) {
        match self.untold.take() {
            // Whoever closed stdout does not want to hear it.
            Some(BACK) => drop(terminal.status(BACK)),
            Some(trouble) => terminal.warn(format_args!("{trouble}: the show goes on without")),
            None => {}
        }
    }

    /// The good news, while it is new.
    pub(crate) fn good(&self) -> Option<&'static str> {
        self.back.map(|_| BACK)
    }
}

/// What something gives that is done hushed.
pub(crate) fn hushed_value<T>(act: impl FnOnce() -> T) -> Option<T> {
    let (mut act, mut value) = (Some(act), None);
    hushed(&mut || value = act.take().map(|act| act()));
    value
}

/// Does something with stderr closed: where there is no sound card, ALSA's library complains
/// there by itself, at length, about what our one line says.
pub(crate) fn hushed(act: &mut dyn FnMut()) {
    // What we have to say ourselves waits until it can be read.
    let _ours = io::stderr().lock();
    let null = OpenOptions::new().write(true).open("/dev/null");
    let kept = rustix::io::dup(rustix::stdio::stderr());
    let (Ok(null), Ok(kept)) = (null, kept) else { return act() };
    if rustix::stdio::dup2_stderr(&null).is_err() {
        return act();
    }
    act();
    // The descriptor was one of ours a moment ago; it can only succeed.
    let _ = rustix::stdio::dup2_stderr(&kept);
}

/// The song's file: in the canvas's project, beside the canvas, or from the folder we are in.
/// One that is missing or not the one compiled for is said; the show goes on without it.
fn find(terminal: &Terminal, canvas: &Path, song: &SongReference) -> Option<PathBuf> {
    let places = places(canvas, song);
    let Some(found) = places.into_iter().find(|place| place.is_file()) else {
        terminal.warn(format_args!("{} is not here: playing without sound", song.path));
        return None;
    };
    match hash(&found) {
        Ok(hash) if hash == song.hash => {}
        Ok(_) => terminal.warn(format_args!(
            "{} is another file than the show was compiled with",
            found.display()
        )),
        Err(error) => {
            terminal.warn(format_args!("cannot read {}: {error}", found.display()));
            return None;
        }
    }
    Some(found)
}

fn places(canvas: &Path, song: &SongReference) -> Vec<PathBuf> {
    let song = Path::new(&song.path);
    let folder = match canvas.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut places = Vec::new();
    places.extend(Project::above(folder).map(|project| project.root().join(song)));
    places.push(folder.join(song));
    places.extend(song.file_name().map(|name| folder.join(name)));
    places.push(song.to_owned());
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canvas_that_was_carried_off_finds_its_song_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let song =
            SongReference { path: "songs/tune.ogg".into(), hash: 0, seconds: 1.0, offset: 0.0 };
        let canvas = folder.path().join("show.canvas");
        let found = |place: &str| {
            let place = folder.path().join(place);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(&place, "").unwrap();
            places(&canvas, &song).into_iter().find(|place| place.is_file()) == Some(place)
        };
        assert!(found("tune.ogg"));
        assert!(found("songs/tune.ogg"));
        for folder_of_project in ["shows", "fixtures"] {
            std::fs::create_dir(folder.path().join(folder_of_project)).unwrap();
        }
        assert!(found("songs/tune.ogg"));
    }
}
