//! What the remote is told of the show, and the terminal with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use gobo_dmx::Route;
use gobo_live::sheet::Sheet;
use gobo_live::{ChangedCue, Changes, Edition};
use gobo_serve::Teller as Remote;
use gobo_serve::house::{News, OnStage as Told, Target};
use gobo_show::Diagnostic;
use serde_json::json;

use super::house::located;
use crate::follow::{Audience, Edit, OnStage};
use crate::project::Project;
use crate::watch::{Teller, words};

/// Tells the remote what the terminal is told, and what clients see.
pub(super) struct Forward {
    lines: Teller,
    project: Project,
    remote: Remote,
    /// The song whose waveform was told of last.
    song: Arc<Mutex<Option<PathBuf>>>,
}

impl Forward {
    pub(super) fn new(lines: Teller, project: &Project, remote: Remote) -> Self {
        Self { lines, project: project.clone(), remote, song: Arc::default() }
    }

    /// Tells of the song, and of its waveform once it is known.
    fn tell_song(&self, edition: &Edition) {
        let song = edition.header().song.as_ref();
        let path = song.map(|song| self.project.root().join(&song.path));
        let path = path.filter(|path| path.is_file());
        {
            let known = &mut *self.song.lock().unwrap_or_else(PoisonError::into_inner);
            if *known == path {
                return;
            }
            known.clone_from(&path);
        }
        self.remote.tell(News::Song(path.clone(), None));
        let Some(path) = path else { return };
        let (remote, newest) = (self.remote.clone(), Arc::clone(&self.song));
        let draw = move || {
            let Ok(peaks) = gobo_audio::peaks(&path) else { return };
            let is_newest =
                newest.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&path);
            if is_newest {
                let json = json!({
                    "seconds": peaks.seconds, "rate": gobo_audio::PEAK_RATE, "peak": peaks.peak,
                    "low": peaks.low, "mid": peaks.mid, "high": peaks.high,
                });
                remote.tell(News::Song(Some(path), Some(json.to_string().into())));
            }
        };
        // Without a thread there is no waveform; the show goes on.
        let _ = thread::Builder::new().name("gobo-peaks".to_owned()).spawn(draw);
    }
}

fn target(route: &Route) -> Target {
    Target {
        protocol: crate::canvas::protocol(route).to_owned(),
        to: crate::canvas::target(&route.delivery),
        universes: route.universes.to_string(),
    }
}

impl Audience for Forward {
    fn watching(&self, show: &str, files: usize) {
        self.lines.watching(show, files);
    }

    fn diagnostics(&self, found: &[Diagnostic]) {
        self.lines.diagnostics(found);
        self.remote.tell(News::Diagnostics(located(&self.project, found)));
    }

    fn held(&self, files: &BTreeSet<String>) {
        self.lines.held(files);
    }

    fn on_stage(&self, on: OnStage<'_>) {
        let OnStage { edition, world, hands, tap, routes } = on;
        let targets = routes.iter().map(target).collect();
        let told = Told::new(edition, Sheet::of(edition, world), hands, tap, targets);
        self.remote.tell(News::OnStage(Box::new(told)));
        self.tell_song(edition);
    }

    fn edited(&self, edit: &Edit, goal: Option<f64>) {
        self.lines.edited(edit, goal);
        let (files, what) = words(edit);
        let cue = |cue: &ChangedCue| json!({ "name": cue.name, "start": cue.start });
        let data = json!({
            "files": edit.files,
            "cues": edit.changes.cues.iter().map(cue).collect::<Vec<_>>(),
            "removed": edit.changes.removed,
            "fixtures": edit.changes.fixtures,
        });
        self.remote.tell(News::Edited(format!("{files}: {what}"), data));
        edit.note.iter().for_each(|note| self.remote.tell(News::Note(note.clone())));
    }

    fn counted(&self, changes: &Changes, edition: &Edition) {
        self.lines.counted(changes, edition);
    }

    fn written(&self, canvas: &Path) {
        self.lines.written(canvas);
    }

    fn unwritten(&self, error: &anyhow::Error) {
        self.lines.unwritten(error);
    }

    fn note(&self, text: &str) {
        self.lines.note(text);
        self.remote.tell(News::Note(text.to_owned()));
    }
}
