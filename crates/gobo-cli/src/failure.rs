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
    /// A signal came before there was anything to show for it.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => ExitCode::SUCCESS,
            Exit::Faulty => ExitCode::from(1),
            Exit::Misused => ExitCode::from(2),
            Exit::Broken => ExitCode::from(3),
            // What shells report for SIGINT.
            Exit::Interrupted => ExitCode::from(130),
        }
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

/// The user wants it no more.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

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
    } else if error.is::<Interrupted>() {
        Exit::Interrupted
    } else {
        Exit::Broken
    }
}
