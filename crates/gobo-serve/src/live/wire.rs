use std::collections::BTreeMap;

use gobo_live::sheet::Sheet;
use gobo_show::diagnostic::nearest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The highest universe that `state.update` can tell of.
pub const LAST_UNIVERSE: u16 = 32_767;

/// A slot of the show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The universe, by the number that clients know it by.
    pub universe: u16,
    /// The slot, from 0 to 511.
    pub slot: u16,
}

/// A level for a slot of the show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    /// Where.
    pub place: Place,
    /// The level, 0 to 255.
    pub value: u8,
}

/// The attributes of a fixture by name, each with its slots, coarsest first.
pub type Attributes = BTreeMap<String, Vec<Place>>;

/// The show as live control sees it: what it asks about and what it acts on. The binding to the
/// player implements it; tests have one of their own.
pub trait Wire {
    /// The universes that there are, by the numbers that clients know them by, rising. Those above
    /// [`LAST_UNIVERSE`] are out of reach.
    fn universes(&self) -> Vec<u16>;

    /// Whether there is this universe.
    fn has(&self, universe: u16) -> bool {
        self.universes().binary_search(&universe).is_ok()
    }

    /// The level that goes out now; 0 where nothing does.
    fn level(&self, place: Place) -> u8;

    /// Holds slots at levels from now on, whatever the show says. All places are in universes that
    /// there are; none comes twice.
    fn hold(&mut self, levels: &[Level]);

    /// Every slot that some fixture uses: what a scene of the present levels is made of.
    fn used(&self) -> Vec<Place>;

    /// The attributes of a fixture, or `None` if there is none of this id.
    fn fixture(&self, id: &str) -> Option<Attributes>;

    /// The ids of all fixtures, for hints at what was meant.
    fn fixtures(&self) -> Vec<String>;

    /// The levels at which fixtures show a colour, as well as each of them can; of those that are
    /// not there, none. They are held by [`Wire::hold`].
    fn paint(&self, whom: Painted<'_>, rgb: [u8; 3]) -> Vec<Level>;

    /// Runs effects on a fixture, as `effect.apply` has them.
    ///
    /// # Errors
    /// [`EffectRefused`]; then nothing runs that did not before.
    fn effect(
        &mut self,
        fixture: &str,
        effects: &[Map<String, Value>],
    ) -> Result<(), EffectRefused>;
}

/// Why an effect does not run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EffectRefused {
    /// There is no such fixture.
    #[error("there is no fixture of this id")]
    UnknownFixture,
    /// There is no such effect.
    #[error("there is no effect `{name}`")]
    UnknownEffect {
        /// Which of the effects, from 0.
        index: usize,
        /// As it was given.
        name: String,
    },
    /// None is tried out while the show plays.
    #[error("the show plays: pause it, or open the edit lock")]
    Playing,
    /// It is there and does not run with this.
    #[error("{message}")]
    Refused {
        /// Which of the effects, from 0.
        index: usize,
        /// Why.
        message: String,
    },
}

/// What the colour of live control is shown on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ColourTarget {
    /// Nothing: the colour is kept and told, no light follows it.
    #[default]
    Off,
    /// Three slots, raw.
    Slots(ColourSlots),
    /// These fixtures, by id.
    Fixtures(Vec<String>),
    /// The fixtures of this group.
    Group(String),
}

impl ColourTarget {
    /// What it names that a show does not have, in words.
    pub fn unknown(&self, sheet: &Sheet) -> Option<String> {
        let groups = sheet.groups.iter().map(|group| &*group.name);
        let fixtures = sheet.fixtures.keys().map(|id| &**id);
        let (what, name, known): (_, _, Vec<&str>) = match self {
            Self::Off | Self::Slots(_) => return None,
            Self::Group(name) => ("group", name, groups.collect()),
            Self::Fixtures(ids) => {
                let known: Vec<&str> = fixtures.collect();
                let strange = ids.iter().find(|id| !known.contains(&id.as_str()))?;
                ("fixture", strange, known)
            }
        };
        if known.contains(&name.as_str()) {
            return None;
        }
        let hint = nearest(name, known).map(|near| format!("; did you mean `{near}`?"));
        Some(format!("live.colour: there is no {what} `{name}`{}", hint.unwrap_or_default()))
    }
}

/// Three slots that are red, green and blue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColourSlots {
    /// The universe; the first one that there is, if not given.
    pub universe: Option<u16>,
    /// The channels of red, green and blue, 1 to 512 each; 1, 2 and 3 if not given.
    pub channels: [gobo_dmx::Address; 3],
}

impl Default for ColourSlots {
    /// The first three slots of the first universe.
    fn default() -> Self {
        let channels = [1, 2, 3]
            .map(|channel| gobo_dmx::Address::new(channel).unwrap_or(gobo_dmx::Address::FIRST));
        Self { universe: None, channels }
    }
}

/// Fixtures that a colour is shown on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Painted<'t> {
    /// By id.
    Fixtures(&'t [String]),
    /// All of a group.
    Group(&'t str),
}
