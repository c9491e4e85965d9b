//! Source files edited while a show runs: what programs ask for becomes the smallest change of a
//! file's text, in the file's own formatting.
//!
//! Nothing that an editor wrote meanwhile is lost. An edit says what it expects to find; if that
//! has moved in the file it is found again, and if it is not there any more the edit is refused.
//! A file is replaced whole, by exchanging it for a new one that the disk has all of, and put back
//! if what comes out is not what was read. An edit that would leave the show with mistakes is
//! refused with them.

mod change;
mod check;
mod convert;
mod cues;
mod desk;
mod disk;
mod facts;
mod intent;
mod leftover;
mod look;
mod payload;
mod recipe;
mod refusal;
mod rewrite;
mod venue;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use gobo_show::World;

use crate::Edition;
use crate::sheet::Sheet;
use change::{Change, FileChange};
use check::Check;
pub(crate) use check::Overlay;
pub(crate) use convert::{channel_action, is_channel_effect, is_effect, native_action};
use desk::Desk;
pub(crate) use desk::fixture_of;
use disk::{Disk, OnDisk, Replaced};
pub(crate) use refusal::errors;

pub use intent::{Authoring, NewCue, OldRow};
pub use recipe::{Parameter, Recipe};
pub use refusal::{Fault, Refusal};

/// How often an edit is tried when others write to the file at the same time.
const TRIES: usize = 16;
/// How often a text that makes no sense is looked at, and the time between.
const LOOKS: usize = 40;
const LOOK: Duration = Duration::from_millis(5);

/// A file that was changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The file, relative to the project.
    pub file: String,
    /// The id of what is new, where it was made up.
    pub id: Option<String>,
}

/// What is to become of a file.
struct Plan {
    file: String,
    changes: Vec<Change>,
    /// The id of what is new, where it was made up.
    id: Option<String>,
    read: OnDisk,
    /// The text with all changes made.
    text: String,
}

/// Edits the source files of a project.
pub struct Author {
    disk: Disk,
    check: Check,
}

impl Author {
    /// Edits files below the folder of a project. What a program that was killed left behind there
    /// is tidied away.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { disk: Disk::new(root)?, check: Check::default() })
    }

    /// Carries out an edit of what programs saw of an edition; `world` reads the project. When this
    /// returns, the disk has the new text.
    ///
    /// # Errors
    /// The edit is not made, and why. Of an edit of several files some may be made by then: the
    /// message says which.
    pub fn apply(
        &self,
        edition: &Edition,
        sheet: &Sheet,
        world: &dyn World,
        intent: &Authoring,
    ) -> Result<Vec<Written>, Refusal> {
        self.apply_all(edition, sheet, world, std::slice::from_ref(intent))
    }

    /// Carries out edits, all or none: each goes by the same rows, and by what those before it
    /// leave of the files.
    ///
    /// # Errors
    /// As of [`Author::apply`].
    pub fn apply_all(
        &self,
        edition: &Edition,
        sheet: &Sheet,
        world: &dyn World,
        intents: &[Authoring],
    ) -> Result<Vec<Written>, Refusal> {
        let mut plans: Vec<Plan> = Vec::new();
        let mut overlay = Overlay { world, files: BTreeMap::new() };
        for intent in intents {
            for change in Desk::new(edition, sheet, &overlay).changes(intent)? {
                self.plan(&mut plans, change)?;
            }
            let texts = plans.iter().map(|plan| (plan.file.clone(), plan.text.as_str().into()));
            overlay.files = texts.collect();
        }
        let (show, texts) = (&edition.show().name, overlay.files);
        self.check.check(world, show, &texts)?;
        let mut written: Vec<Written> = Vec::with_capacity(plans.len());
        for plan in plans {
            let (file, id) = (plan.file.clone(), plan.id.clone());
            let found = self.write(plan, |file, text| {
                let mut texts = texts.clone();
                texts.insert(file.to_owned(), text.into());
                self.check.check(world, show, &texts)
            });
            if let Err(refusal) = found {
                return Err(and_written(refusal, &written));
            }
            written.push(Written { file, id });
        }
        Ok(written)
    }

    /// Adds a change to what is to become of files.
    fn plan(&self, plans: &mut Vec<Plan>, change: FileChange) -> Result<(), Refusal> {
        let FileChange { file, change, id } = change;
        if let Some(plan) = plans.iter_mut().find(|plan| plan.file == file) {
            // An object that repeats is several rows: it goes once.
            if change.only_removes() && plan.changes.contains(&change) {
                return Ok(());
            }
            plan.text = change.apply(&plan.text)?;
            plan.changes.push(change);
            plan.id = plan.id.take().or(id);
            return Ok(());
        }
        let changes = vec![change];
        let (read, text) = self.changed(&file, &changes)?;
        plans.push(Plan { file, changes, id, read, text });
        Ok(())
    }

    /// A file as it is, and its text with a change made. A text that makes no sense may be half of
    /// one that an editor is writing: it is looked at again for a while.
    fn changed(&self, file: &str, changes: &[Change]) -> Result<(OnDisk, String), Refusal> {
        let mut looks = LOOKS;
        loop {
            let read = self.disk.read(file)?;
            let is_read = |text: &str| changes.iter().all(|change| change.can_read(text));
            let is_half = read.text().is_none_or(|text| !is_read(text));
            looks -= 1;
            if is_half && looks > 0 {
                thread::sleep(LOOK);
                continue;
            }
            let Some(text) = read.text() else {
                return Err(Refusal::conflict(format!("`{file}` is no text")));
            };
            let begun = text.to_owned();
            let text = changes.iter().try_fold(begun, |text, change| change.apply(&text))?;
            return Ok((read, text));
        }
    }

    /// Writes a changed text, made anew for as long as editors write to the file. Programs of ours
    /// take turns: a text that is made anew is made while no other may write.
    fn write(
        &self,
        plan: Plan,
        check: impl Fn(&str, &str) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let Plan { file, changes, mut read, mut text, .. } = plan;
        let failed = |error: io::Error| Refusal::failed(format!("`{file}`: {error}"));
        let lock = self.disk.lock();
        for _ in 0..TRIES {
            if read.text() == Some(&text) {
                return Ok(());
            }
            if self.disk.replace(&lock, &read, &text).map_err(failed)? == Replaced::Yes {
                return Ok(());
            }
            (read, text) = self.changed(&file, &changes)?;
            check(&file, &text)?;
        }
        let message = format!("`{file}` is being written to all the time");
        Err(Refusal::conflict(message))
    }
}

/// A refusal that also says what was done before.
fn and_written(refusal: Refusal, written: &[Written]) -> Refusal {
    if written.is_empty() {
        return refusal;
    }
    let done: Vec<_> = written.iter().map(|written| format!("`{}`", written.file)).collect();
    Refusal::failed(format!("{refusal}; {} had been written before", done.join(", ")))
}
