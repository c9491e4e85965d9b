//! What the remote asks of those who keep the show, and what they tell it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gobo_live::sheet::Sheet;
use gobo_live::{Edition, Ground, Hands, Unloaded};
use gobo_play::Tap;
use serde::Serialize;
use serde_json::Value;

/// A show of the project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ShowName {
    /// Its name: the folder.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its song, relative to the project.
    pub song: Option<String>,
}

/// A diagnostic with its place in the text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Located {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// Its stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// The file, relative to the project.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
}

/// A target of the show.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Target {
    /// `artnet`, `sacn`, ...
    pub protocol: String,
    /// Where it goes.
    pub to: String,
    /// Which universes, as `1-4, 7`.
    pub universes: String,
}

/// What is done between two editions; whether it has changed files.
pub type Act = Box<dyn FnOnce(&Ground<'_>) -> bool + Send>;

/// Those who keep the show: its files, its player. No call waits.
pub trait House: Send + Sync + 'static {
    /// The project's folder.
    fn root(&self) -> &Path;

    /// The shows of the project.
    fn shows(&self) -> Vec<ShowName>;

    /// Does something when nobody else reads the files.
    fn work(&self, act: Act);

    /// Reads all files again.
    fn reload(&self);

    /// Plays another show from its start.
    fn load(&self, show: String, told: Box<dyn FnOnce(Result<(), Faults>) + Send>);

    /// Writes the show as a DMXP file; tells where it lies, relative to the project.
    fn export(&self, told: Box<dyn FnOnce(Result<PathBuf, String>) + Send>);
}

/// Why another show was not loaded.
#[derive(Clone, PartialEq, Debug)]
pub enum Faults {
    /// Its sources have errors.
    Faulty(Vec<Located>),
    /// It cannot be played, or there is none.
    Unplayable(String),
}

/// What plays.
pub struct OnStage {
    /// The edition.
    pub edition: Arc<Edition>,
    /// What is to be seen of it.
    pub sheet: Sheet,
    /// The same as JSON, by the state's keys, and the patch that the stage is drawn by: made where
    /// nobody waits for it.
    pub(crate) told: Vec<(&'static str, String)>,
    /// Hands and eyes on it.
    pub hands: Hands,
    /// A tap on what goes out, where the stage is another one than before.
    pub tap: Option<Tap>,
    /// Where it goes.
    pub targets: Vec<Target>,
}

impl OnStage {
    /// What plays, ready to be told of.
    pub fn new(
        edition: &Arc<Edition>,
        sheet: Sheet,
        hands: Hands,
        tap: Option<Tap>,
        targets: Vec<Target>,
    ) -> Self {
        let patch = serde_json::to_value(edition.header()).map(|mut header| header["patch"].take());
        let told = vec![
            ("song", crate::state::json(&sheet.song)),
            ("pois", crate::state::json(&sheet.pois)),
            ("cues", crate::state::json(&sheet.cues)),
            ("cue_helpers", crate::state::json(&sheet.cue_helpers)),
            ("groups", crate::state::json(&sheet.groups)),
            ("patch", crate::state::json(&patch.unwrap_or_default())),
        ];
        Self { edition: Arc::clone(edition), sheet, told, hands, tap, targets }
    }
}

/// What the remote is told.
pub enum News {
    /// This plays from now on.
    OnStage(Box<OnStage>),
    /// What there is to say about the sources.
    Diagnostics(Vec<Located>),
    /// Where the sound of the song lies, and its waveform as JSON, once it is known.
    Song(Option<PathBuf>, Option<Arc<str>>),
    /// An edit of files is on stage: in words, and what it changed.
    Edited(String, Value),
    /// Something that is to be known.
    Note(String),
}

impl Faults {
    /// Of what the follower says, with places by `locate`.
    pub fn of(
        unloaded: Unloaded,
        locate: impl FnOnce(&[gobo_show::Diagnostic]) -> Vec<Located>,
    ) -> Self {
        match unloaded {
            Unloaded::Faulty(found) => Self::Faulty(locate(&found)),
            Unloaded::Unplayable(why) => Self::Unplayable(why),
        }
    }
}
