//! Live levels between the canvas and the wire: masters, blackout, freeze, input, parking.
//!
//! What a frame goes through, always in this order:
//!
//! 1. the canvas's frame, or the one that was frozen, or nothing while the show stands by,
//! 2. merged with what comes in by Art-Net or E1.31,
//! 3. what is held by hand instead,
//! 4. its light lowered by the group masters times the grand master,
//! 5. its light put out by a blackout,
//! 6. what is parked put where it is parked. Parked wins over everything.
//!
//! Light is what the patch says it is: of a head with a dimmer the dimmer alone, of one without
//! its emitters, and of one with neither its shutter, which closes once nothing is left of the
//! light. What moves, colours or shapes the light is never touched, nor is what belongs to no
//! fixture.
//!
//! A [`Desk`] is the hand on all this, from any thread. It works out a plan, outside the
//! real-time thread, and hands it over newest-wins; plans that are done with come back the same
//! way and are freed by the desk. Nothing set costs nothing: the frame goes out as it lies.

mod brightness;
mod desk;
mod hand;
mod input;
mod lamps;
mod merge;
mod mixer;
mod plan;
mod rooms;
mod spot;

use std::net::SocketAddr;
use std::time::Instant;

use gobo_canvas::Header;
use gobo_dmx::Slots;

pub use desk::{Desk, Held, Hold, NoLight, Settings, UnknownGroup};
pub use input::{InputError, InputOptions};
pub use mixer::LevelState;
pub use spot::{Spot, UnknownSpot};

pub(crate) use input::Listening;
pub(crate) use mixer::Mixer;

use rooms::Rooms;

/// The levels of shows that are about to be played: a [`Desk`], what it leads, and what listens.
pub struct Levels {
    desk: Desk,
    mixer: Mixer,
    listening: Option<Listening>,
}

impl Levels {
    /// Everything at full, nothing parked, nothing coming in: for frames of all universes that
    /// these shows have, in rising order. Masters and parking go by the patches of all of them.
    pub fn new<'h>(shows: impl IntoIterator<Item = &'h Header>) -> Self {
        let rooms = Rooms::of(shows);
        let universes = rooms.universes.len();
        let (desk, ends) = Desk::new(rooms);
        Self { desk, mixer: Mixer::new(ends, universes), listening: None }
    }

    /// The hand on them.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Listens to other sources from now on, instead of those before.
    ///
    /// # Errors
    /// [`InputError`], when an address cannot be had.
    pub fn listen(&mut self, options: &InputOptions) -> Result<(), InputError> {
        let rooms = self.desk.rooms();
        let (listening, feeds) = input::listen(options, &rooms.universes)?;
        self.mixer.feed(feeds, &rooms);
        self.listening = Some(listening);
        Ok(())
    }

    /// The addresses that are listened at, for Art-Net and for E1.31.
    pub fn input_addresses(&self) -> [Option<SocketAddr>; 2] {
        self.listening.as_ref().map_or([None; 2], |listening| listening.addresses)
    }

    /// What goes out at `now` for a frame, before anything is played.
    pub fn mix<'a>(&'a mut self, now: Instant, shown: &'a [Slots]) -> &'a [Slots] {
        self.mixer.mix(now, shown)
    }

    pub(crate) fn split(self) -> (Desk, Mixer, Option<Listening>) {
        (self.desk, self.mixer, self.listening)
    }
}

#[cfg(test)]
mod tests;
