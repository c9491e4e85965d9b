//! The look on stage where no single frame of a show is it: between shows, and in a fade.

use gobo_dmx::{SLOTS, Slots};

use crate::fade::{WideChannel, mix};

/// Which look is on stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Which {
    Dark,
    /// What was there as the show before ended or was left.
    Held,
    /// On the way from the one held to the show's.
    Mixed,
    /// The show's own frame.
    Live,
}

/// The looks of a stage, in memory that is there from the start.
pub(crate) struct Looks {
    which: Which,
    dark: Box<[Slots]>,
    held: Box<[Slots]>,
    mixed: Box<[Slots]>,
}

impl Looks {
    /// Darkness in so many universes.
    pub(crate) fn new(universes: usize) -> Self {
        let dark = || {
            // Written to, so that the first change of shows finds the memory there.
            let mut frame = vec![[1; SLOTS]; universes].into_boxed_slice();
            frame.fill([0; SLOTS]);
            frame
        };
        Self { which: Which::Dark, dark: dark(), held: dark(), mixed: dark() }
    }

    /// The look, `live` being the show's own frame.
    pub(crate) fn shown<'a>(&'a self, live: Option<&'a [Slots]>) -> &'a [Slots] {
        match self.which {
            Which::Dark => &self.dark,
            Which::Held => &self.held,
            Which::Mixed => &self.mixed,
            Which::Live => live.unwrap_or(&self.dark),
        }
    }

    /// Darkness.
    pub(crate) fn dark(&self) -> &[Slots] {
        &self.dark
    }

    /// Keeps the look that is there.
    pub(crate) fn hold(&mut self, live: Option<&[Slots]>) {
        let shown = match self.which {
            Which::Held => return,
            Which::Dark => &self.dark,
            Which::Mixed => &self.mixed,
            Which::Live => live.unwrap_or(&self.dark),
        };
        self.held.copy_from_slice(shown);
        self.which = Which::Held;
    }

    /// Shows the look that was kept, or none.
    pub(crate) fn show_held(&mut self, is_lit: bool) {
        self.which = if is_lit { Which::Held } else { Which::Dark };
    }

    /// Whether the look is on its way to another.
    pub(crate) fn is_mixed(&self) -> bool {
        self.which == Which::Mixed
    }

    /// Shows the show's own frame.
    pub(crate) fn show_live(&mut self) {
        self.which = Which::Live;
    }

    /// Shows `part` of the way from the look that was kept to the show's own frame.
    pub(crate) fn show_mixed(&mut self, live: &[Slots], part: u32, wide: &[WideChannel]) {
        mix(&mut self.mixed, &self.held, live, part, wide);
        self.which = Which::Mixed;
    }
}
