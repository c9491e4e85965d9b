//! Reports of outputs while they send: newest wins, and the real-time thread waits for nobody.

use std::sync::{Arc, Mutex, PoisonError};

use triple_buffer::{Input, Output, triple_buffer};

use crate::Report;

/// How the targets of a show fare, seen from outside the real-time thread. Clones see the same.
#[derive(Clone)]
pub struct Reports {
    names: Arc<[String]>,
    // The lock is between readers only: the real-time thread writes its end without one.
    newest: Arc<Mutex<Output<Box<[Report]>>>>,
}

impl Reports {
    /// Both ends, for outputs of these names.
    pub(crate) fn new(names: Vec<String>) -> (Self, Input<Box<[Report]>>) {
        let blank = vec![Report::default(); names.len()].into_boxed_slice();
        let (input, output) = triple_buffer(&blank);
        (Self { names: names.into(), newest: Arc::new(Mutex::new(output)) }, input)
    }

    /// Each target's name and its newest report, in the order of routes.
    pub fn read(&self) -> Vec<(String, Report)> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        self.names.iter().cloned().zip(newest.read().iter().copied()).collect()
    }
}
