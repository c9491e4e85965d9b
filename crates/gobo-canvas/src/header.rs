//! What a canvas says of itself, as JSON. It holds no level and nothing that only the sources know.

use gobo_dmx::{FrameRate, LastLook, Route, SLOTS, Universe};
use serde::{Deserialize, Serialize};

use crate::PatchedGroup;
use crate::patch::{self, PatchedFixture};

/// What a canvas says of itself: enough to play it, to name where it is, and to draw it.
///
/// Stored as JSON. A reader ignores keys that it does not know and fills in those that are
/// missing, so that later versions can add to it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Header {
    /// The show's name: its folder's.
    pub name: String,
    /// The show's title for people.
    pub title: String,
    /// The version of the engine that rendered the cells; cell keys compare only within one.
    pub engine: String,
    /// Frames a second.
    pub rate: FrameRate,
    /// The length in frames; at least 1.
    pub frames: u32,
    /// The universes, rising.
    pub universes: Vec<UniverseEntry>,
    /// Where the universes go unless the player is told otherwise.
    pub routes: Vec<Route>,
    /// The song, if the show has one.
    pub song: Option<SongReference>,
    /// The song's sections, by start.
    pub sections: Vec<SectionMark>,
    /// When each bar starts, rising, in seconds of the show.
    pub bars: Vec<f64>,
    /// The names of the layers, lowest first.
    pub layers: Vec<String>,
    /// The cues, by layer, then by start.
    pub cues: Vec<CueMark>,
    /// The fixtures, in the venue's order.
    #[serde(with = "patch::interned")]
    pub patch: Vec<PatchedFixture>,
    /// The venue's groups, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<PatchedGroup>,
    /// What the lights do at the end.
    pub last_look: LastLook,
    /// What it was made from, for the compiler to see at once that nothing of it has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_from: Option<MadeFrom>,
}

/// What a canvas was made from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MadeFrom {
    /// The build of the compiler.
    pub by: String,
    /// What it was told besides the sources.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
    /// How many warnings the sources gave.
    pub warnings: usize,
    /// All that was read.
    pub sources: Vec<SourceMark>,
}

/// Something that was read to make a canvas.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct SourceMark {
    /// What was read.
    pub kind: SourceKind,
    /// Its path, relative to the project.
    pub path: String,
    /// XXH3-128 of it; 0 if it was not there.
    #[serde(with = "hex")]
    pub hash: u128,
}

/// What can be read to make a canvas.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// The bytes of a file.
    File,
    /// The names of the files of a folder.
    Files,
    /// The names of the folders of a folder.
    Folders,
    /// The bytes of a song and of its stems.
    Sound,
}

/// A universe of a canvas.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UniverseEntry {
    /// Its number.
    pub universe: Universe,
    /// Its name for people; may be empty.
    #[serde(default)]
    pub name: String,
    /// How many slots are stored, 1 to 512; those after are always 0.
    pub slots_used: u16,
}

/// The song of a show, by name and content.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SongReference {
    /// The file, relative to the project.
    pub path: String,
    /// XXH3-128 of the file.
    #[serde(with = "hex")]
    pub hash: u128,
    /// Its length in seconds.
    pub seconds: f64,
    /// Where show time 0 lies in the song, in seconds; negative starts the show before the song.
    pub offset: f64,
}

/// A named stretch of the song.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SectionMark {
    /// Its name: `chorus`.
    pub name: String,
    /// When it starts, in seconds of the show.
    pub start: f64,
    /// When it ends.
    pub end: f64,
}

/// Where a cue stands in the show, and which fixtures it drives.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CueMark {
    /// Its name, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its effect: `fade`.
    #[serde(default)]
    pub effect: String,
    /// Its layer, an index into [`Header::layers`].
    pub layer: u32,
    /// When it starts, in seconds of the show.
    pub start: f64,
    /// When it ends; not before `start`.
    pub end: f64,
    /// Its fixtures: the first and the last index into [`Header::patch`] of each run; see
    /// [`CueMark::runs_of`].
    #[serde(default)]
    pub fixtures: Vec<[u32; 2]>,
}

impl CueMark {
    /// Fixture indices, in any order, as sorted runs of first and last.
    pub fn runs_of(indices: impl IntoIterator<Item = u32>) -> Vec<[u32; 2]> {
        let mut indices: Vec<u32> = indices.into_iter().collect();
        indices.sort_unstable();
        let mut runs: Vec<[u32; 2]> = Vec::new();
        for index in indices {
            match runs.last_mut() {
                Some([_, last]) if index <= last.saturating_add(1) => *last = index,
                _ => runs.push([index; 2]),
            }
        }
        runs
    }
}

impl Header {
    /// The same without what it was made from: all that matters to who plays it.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self { made_from: None, ..self.clone() }
    }

    /// Whether what made both is the same, so that equal keys of cells mean equal levels: the
    /// engine, and the build of it where that is known.
    pub fn is_rendered_as(&self, other: &Self) -> bool {
        let by = |header: &Self| header.made_from.as_ref().map(|made_from| made_from.by.clone());
        self.engine == other.engine && by(self) == by(other)
    }

    /// How many cells each universe has: `ceil(frames / frames a cell)`.
    pub fn cells(&self) -> u32 {
        self.frames.div_ceil(self.rate.frames_per_cell())
    }

    /// The first frame of a cell.
    pub fn first_frame(&self, cell: u32) -> u32 {
        cell.saturating_mul(self.rate.frames_per_cell())
    }

    /// How many frames a cell has: the last one may be shorter, one past the end has none.
    pub fn frames_in(&self, cell: u32) -> u16 {
        let left = self.frames.saturating_sub(self.first_frame(cell));
        // A rate is at most 1000.
        left.min(self.rate.frames_per_cell()) as u16
    }

    /// The length of the show in seconds.
    pub fn seconds(&self) -> f64 {
        self.rate.seconds_at(self.frames)
    }

    /// The section at `seconds` of the show, the latest to start where they overlap.
    pub fn section_at(&self, seconds: f64) -> Option<&SectionMark> {
        self.sections.iter().rev().find(|section| (section.start..section.end).contains(&seconds))
    }

    /// The index of a universe in [`Header::universes`].
    pub fn universe_index(&self, universe: Universe) -> Option<usize> {
        self.universes.binary_search_by_key(&universe, |entry| entry.universe).ok()
    }

    /// Refuses what no canvas can hold, in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.frames == 0 {
            return Err("the show has no frames".to_owned());
        }
        for entry in &self.universes {
            if entry.slots_used == 0 || usize::from(entry.slots_used) > SLOTS {
                let (universe, slots) = (entry.universe, entry.slots_used);
                return Err(format!("universe {universe} uses {slots} slots, not 1 to 512"));
            }
        }
        match self.universes.windows(2).find(|pair| pair[0].universe >= pair[1].universe) {
            Some(pair) => Err(format!(
                "universe {} follows universe {}: they must rise",
                pair[1].universe, pair[0].universe
            )),
            None => Ok(()),
        }
    }
}

/// A hash as 32 hexadecimal digits: JSON numbers do not hold 128 bits.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(hash: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{hash:032x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        u128::from_str_radix(&String::deserialize(from)?, 16).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn floats_come_back_as_they_were(bars in proptest::collection::vec(-1e6..1e6, 20)) {
            let header = Header { bars, ..Header::default() };
            let json = serde_json::to_string(&header).unwrap();
            prop_assert_eq!(serde_json::from_str::<Header>(&json).unwrap(), header);
        }
    }

    #[test]
    fn indices_become_runs() {
        assert_eq!(CueMark::runs_of([3, 1, 2, 7, 9, 2, 8]), [[1, 3], [7, 9]]);
        assert_eq!(CueMark::runs_of([u32::MAX, u32::MAX]), [[u32::MAX; 2]]);
        assert!(CueMark::runs_of([]).is_empty());
    }

    #[test]
    fn the_last_cell_may_be_shorter() {
        let header = Header { frames: 121, ..Header::default() };
        assert_eq!(header.cells(), 3);
        assert_eq!([0, 1, 2, 3].map(|cell| header.frames_in(cell)), [60, 60, 1, 0]);
        assert_eq!(header.frames_in(u32::MAX), 0);
    }

    #[test]
    fn a_header_from_another_version_still_reads() {
        let header: Header =
            serde_json::from_str(r#"{"name":"x","frames":7,"a later key":[1,{"b":2}]}"#).unwrap();
        assert_eq!(header, Header { name: "x".to_owned(), frames: 7, ..Header::default() });
    }
}
