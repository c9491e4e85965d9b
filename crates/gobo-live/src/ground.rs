//! What is done to a show's files between two editions.

use std::path::Path;
use std::sync::Arc;

use gobo_play::{Desk, Remote, Watch};
use gobo_show::{Diagnostic, World};

use crate::Edition;

/// Hands and eyes on what plays.
#[derive(Clone)]
pub struct Hands {
    /// A hand on where it is.
    pub remote: Remote,
    /// An eye on where it is.
    pub watch: Watch,
    /// A hand on its levels.
    pub desk: Desk,
}

/// What something is done to between two editions, when nobody else reads the files.
pub struct Ground<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// Its files as they were read last.
    pub world: &'a dyn World,
    /// What plays; nothing as long as the sources have errors from the start.
    pub edition: Option<&'a Arc<Edition>>,
}

/// Why another show was not loaded: the one before plays on.
#[derive(Clone, PartialEq, Debug)]
pub enum Unloaded {
    /// Its sources have errors.
    Faulty(Vec<Diagnostic>),
    /// It cannot be played.
    Unplayable(String),
}
