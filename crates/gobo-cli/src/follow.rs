//! A show that is played while its files are edited: what `watch` and `serve` share.
//!
//! One thread follows the files and leads the player ([`Follower`]); another does what nobody
//! waits for ([`Idle`]). Whoever is to know of it all is an [`Audience`].

mod follower;
mod idle;
mod kept;
mod raised;
mod saves;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gobo_dmx::Route;
use gobo_live::{Changes, Edition, Ground, Hands, Part, Unloaded};
use gobo_play::Tap;
use gobo_show::{Diagnostic, World};

use crate::args::OnEdit;

pub(crate) use follower::Follower;
pub(crate) use idle::{Change, Idle};
pub(crate) use raised::{Raised, Words};
pub(crate) use saves::Inbox;

/// How edits are followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Whether files are looked at at all, but when told to.
    pub(crate) follows: bool,
    /// How often files are looked at, where the system is not asked.
    pub(crate) poll: Option<Duration>,
    /// Whether edits wait for [`Command::Apply`].
    pub(crate) hold_edits: bool,
    /// Where the show goes after an edit.
    pub(crate) on_edit: OnEdit,
}

/// What somebody wants of the loop.
pub(crate) enum Command {
    /// Play the edits that are held.
    Apply,
    /// Play this part.
    Play(Part),
    /// Read the files again, even those that nothing has happened to.
    Reload,
    /// Play another show of the project, from its start; what became of it goes here.
    Load(String, Box<dyn FnOnce(Result<(), Unloaded>) + Send>),
    /// Do this, and look at the files again if it says that it has changed any.
    Do(Box<dyn FnOnce(&Ground<'_>) -> bool + Send>),
    /// End.
    Leave,
}

/// An edit that is on stage.
pub(crate) struct Edit {
    /// The files that have changed.
    pub(crate) files: BTreeSet<String>,
    pub(crate) changes: Changes,
    /// Where the show was when it came on, in seconds.
    pub(crate) place: f64,
    pub(crate) steps: Took,
    /// Cells rendered so far.
    pub(crate) rendered: usize,
    /// What else is to be said.
    pub(crate) note: Option<String>,
}

/// How long each step from a save to the wire took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Took {
    /// Until it was quiet, and it was known which files have changed.
    pub(crate) notice: Duration,
    /// Reading the sources and looking up their names.
    pub(crate) read: Duration,
    /// Lowering the show to a timeline.
    pub(crate) lower: Duration,
    /// Rendering what the next moments need.
    pub(crate) render: Duration,
    /// Until the first frame of it was sent.
    pub(crate) wire: Duration,
    /// All of it.
    pub(crate) all: Duration,
}

/// What plays.
pub(crate) struct OnStage<'a> {
    pub(crate) edition: &'a Arc<Edition>,
    /// The files that it was made of, as they were read.
    pub(crate) world: &'a dyn World,
    pub(crate) hands: Hands,
    /// A tap on what goes out, if the stage is another one than before.
    pub(crate) tap: Option<Tap>,
    /// Where it goes.
    pub(crate) routes: &'a [Route],
}

/// Who is to know what becomes of a show's files. Called from more than one thread.
pub(crate) trait Audience: Send + Sync {
    /// The show of this name has come up, made of so many files.
    fn watching(&self, show: &str, files: usize);

    /// What there is to say about the sources, as they were read last.
    fn diagnostics(&self, found: &[Diagnostic]);

    /// Edits of these files wait for a word; none do any more if there are none.
    fn held(&self, files: &BTreeSet<String>);

    /// This is what plays by now.
    fn on_stage(&self, on: OnStage<'_>);

    /// An edit is on stage. It leads to a place in seconds, whether the show goes there or not.
    fn edited(&self, edit: &Edit, goal: Option<f64>);

    /// How much of the show an edit changed.
    fn counted(&self, changes: &Changes, edition: &Edition);

    /// The canvas on the disk is up to date.
    fn written(&self, canvas: &Path);

    /// The canvas on the disk could not be written; the show goes on without.
    fn unwritten(&self, error: &anyhow::Error);

    /// Something that is to be known.
    fn note(&self, text: &str);
}
