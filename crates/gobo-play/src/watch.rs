use std::sync::{Arc, Mutex, PoisonError};

use triple_buffer::Output;

use crate::State;

/// An eye on a running player. Clones see the same player, from any thread.
#[derive(Clone)]
pub struct Watch {
    // The lock is between watches only: the player writes its end without one.
    state: Arc<Mutex<Output<State>>>,
}

impl Watch {
    pub(crate) fn new(state: Output<State>) -> Self {
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The newest state.
    pub fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner).read()
    }
}
