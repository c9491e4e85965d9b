//! How a command ends: exit codes, and the errors that choose them.

use std::process::ExitCode;

/// A command's end, as scripts see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// All is as asked.
    Fine,
    /// The show has errors, or what was compared differs.
    Faulty,
    /// The command line makes no sense.
    Misused,
    /// A file, a device or the network failed.
    Broken,
    /// This signal came before there was anything to show for it.
    Interrupted(u8),
}

impl Exit {
    /// Its number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Faulty => 1,
            Self::Misused => 2,
            Self::Broken => 3,
            // What shells report for a signal.
            Self::Interrupted(signal) => 128 + signal,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// A mistake on the command line that only a look at the project could show.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(pub(crate) String);

/// Sources or canvases that are wrong in themselves.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(crate) String);

/// Nobody reads our output any more: `gobo ... | head`.
#[derive(Debug, thiserror::Error)]
#[error("the output was closed")]
pub(crate) struct Unread;

/// The user wants it no more, and has said so by this signal.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted(pub(crate) u8);

/// Sources that the world did not let us read; a diagnostic has told which, and why.
#[derive(Debug, thiserror::Error)]
#[error("not all files of the project could be read")]
pub(crate) struct Unreadable;

/// A [`Misuse`] as the error of a command.
pub(crate) fn misuse(message: impl Into<String>) -> anyhow::Error {
    Misuse(message.into()).into()
}

/// A [`Fault`] as the error of a command.
pub(crate) fn fault(message: impl Into<String>) -> anyhow::Error {
    Fault(message.into()).into()
}

/// The exit that an error of a command means.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<Misuse>() {
        Exit::Misused
    } else if error.is::<Fault>() {
        Exit::Faulty
    } else if error.is::<Unread>() {
        Exit::Fine
    } else if let Some(Interrupted(signal)) = error.downcast_ref() {
        Exit::Interrupted(*signal)
    } else {
        Exit::Broken
    }
}
