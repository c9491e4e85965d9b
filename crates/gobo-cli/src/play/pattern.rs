//! `gobo play --test-pattern`: light for the load-in, made of the patch alone.

use std::fmt;
use std::str::FromStr;

use gobo_canvas::PatchedFixture;
use gobo_dmx::{SLOTS, Slots, Universe};

use super::lit::{BLUE, GREEN, RED, WHITE, levels};

/// Seconds for which a fixture of a chase is lit.
const FIXTURE_SECONDS: f64 = 0.5;
/// Seconds for which a slot of a chase through a universe is lit.
const SLOT_SECONDS: f64 = 0.1;
/// Seconds of each colour.
const COLOR_SECONDS: f64 = 1.0;
/// Seconds for which a fixture that is looked for is lit, and then dark.
const FLASH_SECONDS: f64 = 0.25;

/// What to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Pattern {
    /// All fixtures, open white at full.
    All,
    /// One fixture after another, in the order of the patch.
    Chase,
    /// One slot after another, in all universes at once.
    Universe,
    /// This fixture flashes.
    Identify(String),
    /// All fixtures red, then green, blue and white.
    Rgb,
    /// Nothing.
    Off,
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.split_once('=') {
            Some(("identify", fixture)) if !fixture.is_empty() => {
                Self::Identify(fixture.to_owned())
            }
            None if text == "all" => Self::All,
            None if text == "chase" => Self::Chase,
            None if text == "universe" => Self::Universe,
            None if text == "rgb" => Self::Rgb,
            None if text == "off" => Self::Off,
            _ => {
                return Err(
                    "expected `all`, `chase`, `universe`, `identify=FIXTURE`, `rgb` or `off`"
                        .to_owned(),
                );
            }
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Chase => f.write_str("chase"),
            Self::Universe => f.write_str("universe"),
            Self::Identify(fixture) => write!(f, "identify={fixture}"),
            Self::Rgb => f.write_str("rgb"),
            Self::Off => f.write_str("off"),
        }
    }
}

/// A pattern that is shown.
pub(super) struct Show<'a> {
    pattern: Pattern,
    universes: Vec<Universe>,
    /// Each fixture in each of its universes.
    fixtures: Vec<&'a [PatchedFixture]>,
    /// Which fixture or slot it is at, from 0.
    at: usize,
    /// Seconds since it came there.
    since: f64,
    paused: bool,
}

impl<'a> Show<'a> {
    /// From the first fixture on, or the one that is looked for; the error names the nearest.
    pub(super) fn new(
        pattern: Pattern,
        universes: Vec<Universe>,
        patch: &'a [PatchedFixture],
    ) -> Result<Self, String> {
        // One over several universes stands in the patch once for each.
        let fixtures: Vec<_> = patch.chunk_by(|a, b| a.id == b.id).collect();
        let mut at = 0;
        if let Pattern::Identify(wanted) = &pattern {
            let found = fixtures.iter().position(|fixture| fixture[0].id == *wanted);
            at = found.ok_or_else(|| {
                let ids = fixtures.iter().map(|fixture| fixture[0].id.as_str());
                match gobo_show::diagnostic::nearest(wanted, ids) {
                    Some(near) => format!("there is no fixture `{wanted}`; did you mean `{near}`?"),
                    None => format!("there is no fixture `{wanted}`"),
                }
            })?;
        }
        if fixtures.is_empty() && !matches!(pattern, Pattern::Universe | Pattern::Off) {
            return Err("the patch has no fixtures: `universe` chases through slots".to_owned());
        }
        Ok(Self { pattern, universes, fixtures, at, since: 0.0, paused: false })
    }

    /// How many places it goes through, and for how long it stays at each.
    fn steps(&self) -> (usize, f64) {
        match self.pattern {
            Pattern::Chase => (self.fixtures.len(), FIXTURE_SECONDS),
            Pattern::Universe => (SLOTS, SLOT_SECONDS),
            Pattern::Rgb => (4, COLOR_SECONDS),
            Pattern::Identify(_) => (self.fixtures.len(), f64::INFINITY),
            Pattern::All | Pattern::Off => (1, f64::INFINITY),
        }
    }

    /// Goes on by so many seconds.
    pub(super) fn advance(&mut self, seconds: f64) {
        let (_, stay) = self.steps();
        self.since += seconds;
        if self.paused || self.since < stay {
            return;
        }
        self.go(1);
    }

    /// Goes so many places on, or back.
    pub(super) fn go(&mut self, places: isize) {
        let (count, _) = self.steps();
        self.since = 0.0;
        self.at = (self.at as isize + places).rem_euclid(count.max(1) as isize) as usize;
    }

    /// Stays where it is, or goes on.
    pub(super) fn toggle(&mut self) {
        self.paused = !self.paused;
    }

    /// Draws it into a frame of its universes.
    pub(super) fn draw(&self, frame: &mut [Slots]) {
        frame.iter_mut().for_each(|slots| slots.fill(0));
        match self.pattern {
            Pattern::Off => {}
            Pattern::All => self.fixtures.iter().for_each(|one| self.light(frame, one, WHITE)),
            Pattern::Rgb => {
                let color = [RED, GREEN, BLUE, WHITE][self.at % 4];
                self.fixtures.iter().for_each(|one| self.light(frame, one, color));
            }
            Pattern::Universe => frame.iter_mut().for_each(|slots| slots[self.at] = u8::MAX),
            Pattern::Chase => self.light(frame, self.fixtures[self.at], WHITE),
            Pattern::Identify(_) if self.since % (2.0 * FLASH_SECONDS) < FLASH_SECONDS => {
                self.light(frame, self.fixtures[self.at], WHITE);
            }
            Pattern::Identify(_) => {}
        }
    }

    fn light(&self, frame: &mut [Slots], fixture: &[PatchedFixture], color: [u8; 3]) {
        for piece in fixture {
            let Ok(index) = self.universes.binary_search(&piece.universe) else { continue };
            let first = piece.address.slot();
            let Some(room) = frame.get_mut(index).and_then(|slots| slots.get_mut(first..)) else {
                continue;
            };
            room.iter_mut().zip(levels(piece, color)).for_each(|(slot, level)| *slot = level);
        }
    }

    /// Where it is, in words.
    pub(super) fn words(&self) -> String {
        let (count, at) = (self.fixtures.len(), self.at + 1);
        match self.pattern {
            Pattern::All => format!("{count} fixtures at full"),
            Pattern::Off => "all off".to_owned(),
            Pattern::Rgb => ["red", "green", "blue", "white"][self.at % 4].to_owned(),
            Pattern::Universe => format!("slot {at}"),
            Pattern::Chase | Pattern::Identify(_) => {
                let fixture = &self.fixtures[self.at][0];
                let PatchedFixture { id, name, universe, address, footprint, .. } = fixture;
                let last = address.slot() + usize::from(*footprint);
                let name = if name.is_empty() || name == id {
                    String::new()
                } else {
                    format!(" ({name})")
                };
                format!(
                    "{id}{name}  universe {universe}, slots {address} to {last}  {at} of {count}"
                )
            }
        }
    }
}
