//! What programs that control a show see of it: rows for the keys of the state, worked out once an
//! edition.

mod cues;
mod fixtures;
mod song;

use std::sync::Arc;

use gobo_show::World;
use indexmap::IndexMap;
use serde::Serialize;

use crate::Edition;
use crate::author::Recipe;
use crate::sources::Sources;

use cues::cues;
pub use cues::{ChaserRow, CueRow};
pub(crate) use cues::{actions, chasers};
pub use fixtures::{ChannelRow, FixtureRow, GroupRow, Label, Location, PanTilt, PointRow};
pub(crate) use song::hint_id;
pub use song::{BeatRow, HintRow, SectionRow, SongRow};

/// All that is seen of an edition besides what plays. Each member is the value of the state's key
/// of the same name.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Sheet {
    /// The song, if the show has one.
    pub song: Option<SongRow>,
    /// The venue's points of interest, in its order.
    pub pois: Vec<PointRow>,
    /// The cues, by start.
    pub cues: Vec<CueRow>,
    /// What writes several cues at once.
    pub cue_helpers: Vec<Recipe>,
    /// The chasers of channel layers, by name.
    pub chasers: Vec<ChaserRow>,
    /// The fixtures by id, in the order of the venue.
    pub fixtures: IndexMap<Arc<str>, FixtureRow>,
    /// The venue's groups, in its order.
    pub groups: Vec<GroupRow>,
}

impl Sheet {
    /// What is seen of an edition; `world` has the texts that it was made of.
    pub fn of(edition: &Edition, world: &dyn World) -> Self {
        let show = edition.show();
        let mut sources = Sources::of(world, &show.name);
        Self {
            song: song::song(show, &sources),
            pois: fixtures::points(&show.rig),
            cues: cues(show, &mut sources),
            cue_helpers: Recipe::all(show),
            chasers: chasers(&sources),
            fixtures: fixtures::fixtures(&show.rig),
            groups: fixtures::groups(&show.rig),
        }
    }
}
