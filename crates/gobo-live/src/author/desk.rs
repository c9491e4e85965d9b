//! What edits are planned on: an edition with the texts that it was made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use gobo_show::rig::Fixture;
use gobo_show::time::Time;
use gobo_show::{Show, World};
use serde_json::{Map, Value};

use super::change::{Change, FileChange, ItemEdit, Seen};
use super::intent::Authoring;
use super::refusal::{Fault, Refusal};
use crate::Edition;
use crate::sheet::{CueRow, Sheet};
use crate::sources::Sources;

/// An edition, its sources, and its rows as programs saw them.
pub(super) struct Desk<'a> {
    pub(super) show: &'a Show,
    pub(super) sources: Sources<'a>,
    pub(super) rows: &'a [CueRow],
}

/// What is to become of files.
pub(super) type Changes = Result<Vec<FileChange>, Refusal>;

impl<'a> Desk<'a> {
    pub(super) fn new(edition: &'a Edition, sheet: &'a Sheet, world: &'a dyn World) -> Self {
        let show = edition.show();
        Self { show, sources: Sources::of(world, &show.name), rows: &sheet.cues }
    }

    /// What an edit changes.
    pub(super) fn changes(mut self, intent: &Authoring) -> Changes {
        match intent {
            Authoring::AddCue(cue, file) => self.add_cue(cue, file.as_deref()),
            Authoring::UpdateCue { index, patch, source } => {
                self.update_cue(*index, patch, source.as_ref())
            }
            Authoring::DeleteCue { index, source } => self.delete_cue(*index, source.as_ref()),
            Authoring::ClearCues { from, to } => Ok(self.clear_cues(*from, *to)),
            Authoring::ClearAllCues => Ok(self.clear_all_cues()),
            Authoring::ApplyRecipe { id, params, file } => {
                self.apply_recipe(id, params, file.as_deref())
            }
            Authoring::AddLook { time, fixtures, file } => {
                self.add_look(*time, fixtures, file.as_deref())
            }
            Authoring::ApplyChaser { id, time, times, file } => {
                self.apply_chaser(id, *time, *times, file.as_deref())
            }
            Authoring::CreateHint { .. }
            | Authoring::UpdateHint { .. }
            | Authoring::DeleteHint { .. } => self.change_hint(intent),
            Authoring::SaveSections { sections } => self.save_sections(sections),
            Authoring::CreatePoint { .. }
            | Authoring::UpdatePoint { .. }
            | Authoring::DeletePoint { .. }
            | Authoring::AimFixture { .. } => self.change_point(intent),
        }
    }

    /// The cue files that can be edited: those of show.toml in their order, then those included.
    pub(super) fn cue_files(&mut self) -> Vec<Arc<str>> {
        let mut files = self.sources.cues.clone();
        for row in self.rows {
            if row.item.is_some() && !files.contains(&row.file) {
                files.push(Arc::clone(&row.file));
            }
        }
        files.retain(|file| self.sources.cue_text(file).is_some());
        files
    }

    /// The file that new cues go to: the one named, or else that of the cue nearest before on the
    /// fixture, or else the last that takes them.
    pub(super) fn target(
        &mut self,
        file: Option<&str>,
        (time, fixture): (f64, Option<&str>),
        takes: Option<bool>,
    ) -> Result<Arc<str>, Refusal> {
        let mut files = self.cue_files();
        if let Some(name) = file {
            let ending = format!("shows/{}/{name}", self.show.name);
            let is_it = |file: &&Arc<str>| ***file == *name || ***file == *ending;
            return files.iter().find(is_it).cloned().ok_or_else(|| {
                let known = files.iter().map(|file| &**file);
                let short = known.clone().filter_map(|file| file.rsplit('/').next());
                let near = known.chain(short).collect::<Vec<_>>();
                let fault = Fault::unknown("/file", ("cue file", name), near);
                Refusal::Invalid { errors: vec![fault] }
            });
        }
        if let Some(channels) = takes {
            files.retain(|file| self.is_channels(file) == channels);
        }
        let before = self.rows.iter().rev().filter(|row| row.time <= time);
        let mut on_it = before.filter(|row| {
            let drives = |id: &str| row.fixtures.iter().any(|known| **known == *id);
            files.contains(&row.file) && fixture.is_some_and(drives)
        });
        let near = on_it.next().map(|row| Arc::clone(&row.file));
        let named = files.iter().rev().find(|file| self.sources.cues.contains(file));
        near.or_else(|| named.cloned()).ok_or_else(|| {
            let what = match takes {
                Some(true) => "cue file of a channel layer",
                Some(false) => "cue file that is none of a channel layer",
                None => "cue file",
            };
            Refusal::not_found(format!("the show has no {what}"))
        })
    }

    /// Whether a cue file is a channel layer's.
    pub(super) fn is_channels(&mut self, file: &Arc<str>) -> bool {
        self.sources.cue_text(file).is_some_and(|text| text.is_channels)
    }

    /// When each cue of a file starts first, by its place in the list, with what it says.
    pub(super) fn first_starts(&self, file: &Arc<str>) -> BTreeMap<usize, (f64, Arc<Value>)> {
        let mut starts = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.file == *file) {
            if let Some(item) = row.item {
                starts.entry(item).or_insert_with(|| (row.time, Arc::clone(&row.source)));
            }
        }
        starts
    }

    /// When a cue would start, in seconds; as far as its `at` says it.
    pub(super) fn start_of(&self, cue: &Map<String, Value>) -> Option<f64> {
        match cue.get("at")? {
            Value::String(text) => {
                let length = self.show.rate.seconds_at(self.show.frames);
                text.parse::<Time>().ok()?.seconds(&self.show.grid, length).ok()
            }
            number => number.as_f64(),
        }
    }

    /// New cues of one file, each with its start, where they belong.
    pub(super) fn added(&self, file: &Arc<str>, cues: Vec<(f64, Value)>) -> FileChange {
        cue_change(file, self.additions(file, cues))
    }

    /// The edits that add cues, each with its start: after the one of the file that is the latest
    /// to start by then.
    pub(super) fn additions(&self, file: &Arc<str>, cues: Vec<(f64, Value)>) -> Vec<ItemEdit> {
        let starts = self.first_starts(file);
        let mut known: Vec<_> = starts.iter().map(|(index, (start, _))| (*start, *index)).collect();
        known.sort_by(|(a, first), (b, second)| a.total_cmp(b).then(first.cmp(second)));
        let mut places: BTreeMap<Option<usize>, Vec<Value>> = BTreeMap::new();
        for (time, cue) in cues {
            let by_then = known.partition_point(|(start, _)| *start <= time + 1e-6);
            let place = by_then.checked_sub(1).and_then(|last| known.get(last));
            places.entry(place.map(|(_, index)| *index)).or_default().push(cue);
        }
        let seen = |index: usize| {
            let value = starts.get(&index).map(|(_, value)| (**value).clone());
            Seen { index, value: value.unwrap_or_default() }
        };
        places.into_iter().map(|(place, cues)| ItemEdit::Add(place.map(seen), cues)).collect()
    }

    /// The fixture of this id, or the first one of the group of this name.
    pub(super) fn fixture(&self, name: &str) -> Result<&'a Fixture, Refusal> {
        fixture_of(self.show, name)
    }
}

/// The fixture of this id, or the first one of the group of this name.
pub(crate) fn fixture_of<'a>(show: &'a Show, name: &str) -> Result<&'a Fixture, Refusal> {
    let rig = &show.rig;
    let by_id = || rig.fixtures.iter().find(|fixture| *fixture.id == *name);
    let in_group = || {
        let head = rig.groups.get(name)?.first()?;
        rig.fixtures.get(rig.heads.get(*head as usize)?.fixture as usize)
    };
    by_id().or_else(in_group).ok_or_else(|| no_fixture(show, "/fixture_id", name))
}

/// The mistake of a fixture that is not there.
pub(super) fn no_fixture(show: &Show, path: &str, name: &str) -> Refusal {
    let ids = show.rig.fixtures.iter().map(|fixture| &*fixture.id);
    let known = ids.chain(show.rig.groups.keys().map(String::as_str));
    Refusal::Invalid { errors: vec![Fault::unknown(path, ("fixture", name), known)] }
}

/// Edits of the cues of a file.
pub(super) fn cue_change(file: &Arc<str>, edits: Vec<ItemEdit>) -> FileChange {
    let change = Change::Items { list: "cues", edits, members: Map::new() };
    FileChange { file: file.to_string(), change, id: None }
}
