//! A world that remembers what it was asked, so that it can be asked again later whether
//! everything is still the same.

use std::sync::Arc;

use crate::spectrum::Spectrum;
use crate::world::{SongFacts, Source, World, WorldError};

/// A world, and every answer that it has given.
pub(super) struct Asking<'w> {
    world: &'w dyn World,
    pub(super) answers: Vec<Answer>,
}

/// What a world was asked, and what it answered.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Read(String, Result<Source, WorldError>),
    List(String, Vec<String>),
    Folders(String, Vec<String>),
    Song(String, Result<SongFacts, WorldError>),
    Spectrum(String, Result<Arc<Spectrum>, WorldError>),
    Bytes(String, Result<Arc<[u8]>, WorldError>),
}

impl Answer {
    /// Whether `world` gives the same answer.
    pub(super) fn is_given_by(&self, world: &dyn World) -> bool {
        match self {
            Self::Read(path, answer) => match (world.read(path), answer) {
                (Ok(now), Ok(then)) => is_same_source(&now, then),
                (now, then) => now == *then,
            },
            Self::List(folder, answer) => world.list(folder) == *answer,
            Self::Folders(folder, answer) => world.folders(folder) == *answer,
            Self::Song(path, answer) => world.song(path) == *answer,
            Self::Spectrum(path, answer) => is_same(&world.spectrum(path), answer),
            Self::Bytes(path, answer) => is_same(&world.bytes(path), answer),
        }
    }
}

fn is_same_source(now: &Source, then: &Source) -> bool {
    now.path == then.path && (Arc::ptr_eq(&now.text, &then.text) || now.text == then.text)
}

/// Whether two answers are the same; what is one and the same is not compared.
fn is_same<T: PartialEq + ?Sized>(
    now: &Result<Arc<T>, WorldError>,
    then: &Result<Arc<T>, WorldError>,
) -> bool {
    match (now, then) {
        (Ok(now), Ok(then)) => Arc::ptr_eq(now, then) || now == then,
        (now, then) => now == then,
    }
}

impl<'w> Asking<'w> {
    pub(super) fn new(world: &'w dyn World) -> Self {
        Self { world, answers: Vec::new() }
    }

    /// Whether the world still gives all of these answers.
    pub(super) fn gives(&self, answers: &[Answer]) -> bool {
        answers.iter().all(|answer| answer.is_given_by(self.world))
    }

    pub(super) fn read(&mut self, path: &str) -> Result<Source, WorldError> {
        let answer = self.world.read(path);
        self.answers.push(Answer::Read(path.to_owned(), answer.clone()));
        answer
    }

    pub(super) fn list(&mut self, folder: &str) -> Vec<String> {
        let answer = self.world.list(folder);
        self.answers.push(Answer::List(folder.to_owned(), answer.clone()));
        answer
    }

    pub(super) fn folders(&mut self, folder: &str) -> Vec<String> {
        let answer = self.world.folders(folder);
        self.answers.push(Answer::Folders(folder.to_owned(), answer.clone()));
        answer
    }

    pub(super) fn song(&mut self, path: &str) -> Result<SongFacts, WorldError> {
        let answer = self.world.song(path);
        self.answers.push(Answer::Song(path.to_owned(), answer.clone()));
        answer
    }

    pub(super) fn spectrum(&mut self, path: &str) -> Result<Arc<Spectrum>, WorldError> {
        let answer = self.world.spectrum(path);
        self.answers.push(Answer::Spectrum(path.to_owned(), answer.clone()));
        answer
    }

    pub(super) fn bytes(&mut self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        let answer = self.world.bytes(path);
        self.answers.push(Answer::Bytes(path.to_owned(), answer.clone()));
        answer
    }
}
