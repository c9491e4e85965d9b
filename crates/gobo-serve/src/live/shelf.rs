use super::{Colour, CommandId, Scenes};

/// What is to be kept over restarts.
#[derive(Clone, PartialEq, Debug)]
pub enum Kept {
    /// A command for the colour was done, or done before.
    Seen {
        /// Its identity.
        id: CommandId,
        /// When, in ms since 1970.
        at_ms: u64,
        /// The colour, if it made another of it. It is kept in one with the identity, so that a
        /// restart knows both or neither.
        colour: Option<Colour>,
    },
    /// All scenes, after one was saved.
    Scenes(Scenes),
}

/// What is to be done when something is kept.
pub type Then = Box<dyn FnOnce() + Send>;

/// Where live control keeps what is to survive it.
pub trait Shelf: Send {
    /// Keeps something, and does what follows when it would survive this process being killed.
    /// Things are kept in the order in which they come. Never waits.
    fn keep(&mut self, kept: Kept, then: Then);

    /// Whether more can be kept now. While it cannot, the engine is to be given no orders.
    fn has_room(&self) -> bool {
        true
    }
}

/// Keeps nothing: what follows, follows at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoShelf;

impl Shelf for NoShelf {
    fn keep(&mut self, _kept: Kept, then: Then) {
        then();
    }
}
