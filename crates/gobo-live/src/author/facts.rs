//! Edits of a song's hints and of a venue's points.

use gobo_show::tree::below;
use serde_json::{Map, Value, json};

use super::change::{Change, FileChange, ItemEdit, Seen};
use super::convert::point_called;
use super::desk::{Changes, Desk, no_fixture};
use super::intent::{Authoring, ends_too_soon};
use super::payload::{number, thousandth};
use super::refusal::{Fault, Refusal};
use super::venue::VenueEdit;
use crate::sheet::hint_id;

impl Desk<'_> {
    pub(super) fn change_hint(&self, intent: &Authoring) -> Changes {
        let (file, offset, hints) = self.facts("hints")?;
        let (hints, of_song) = (&*hints, |time: f64| of_song(time, offset));
        let (edit, id) = match intent {
            Authoring::CreateHint { time, end, text } => {
                let id = free_id(hints);
                let mut hint = json!({ "id": id, "time": of_song(*time) });
                if let Some(end) = end {
                    hint["end"] = of_song(*end);
                }
                hint["text"] = json!(text);
                let place = hints.iter().enumerate().rev().find(|(_, hint)| {
                    hint.get("time").and_then(Value::as_f64) <= of_song(*time).as_f64()
                });
                let place = place.map(|(index, hint)| Seen { index, value: hint.clone() });
                (ItemEdit::Add(place, vec![hint]), Some(id))
            }
            Authoring::UpdateHint { id, time, end, text } => {
                let seen = find(hints, id)?;
                check_times(&seen.value, (*time, *end), offset)?;
                let mut hint = seen.value.clone();
                let new = [("time", time), ("end", end)];
                for (key, value) in new.into_iter().filter_map(|(key, time)| Some((key, (*time)?)))
                {
                    hint[key] = of_song(value);
                }
                if let Some(text) = text {
                    hint["text"] = json!(text);
                }
                (ItemEdit::Replace(seen, hint), None)
            }
            Authoring::DeleteHint { id } => (ItemEdit::Remove(find(hints, id)?), None),
            _ => return Ok(Vec::new()),
        };
        let change = Change::Items { list: "hints", edits: vec![edit], members: Map::new() };
        Ok(vec![FileChange { file, change, id }])
    }

    /// Other sections in the place of all.
    pub(super) fn save_sections(&self, sections: &[(String, f64, f64)]) -> Changes {
        let (file, offset, old) = self.facts("sections")?;
        let gone = old.iter().enumerate();
        let gone = gone.map(|(index, old)| ItemEdit::Remove(Seen { index, value: old.clone() }));
        let section = |(name, start, end): &(String, f64, f64)| json!({ "name": name, "start": of_song(*start, offset), "end": of_song(*end, offset) });
        let new = ItemEdit::Add(None, sections.iter().map(section).collect());
        let edits = std::iter::once(new).chain(gone).collect();
        let change = Change::Items { list: "sections", edits, members: Map::new() };
        Ok(vec![FileChange { file, change, id: None }])
    }

    /// The file of the song's facts, where the show starts in the song, and a list of the facts.
    fn facts(&self, list: &str) -> Result<(String, f64, Vec<Value>), Refusal> {
        let (Some(song), Some(file)) = (&self.show.song, &self.sources.facts) else {
            return Err(Refusal::not_found("the show has no song"));
        };
        if !self.sources.has(file) {
            return Err(Refusal::not_found(format!("there is no `{file}`")));
        }
        let unreadable = || Refusal::conflict(format!("`{file}` cannot be read at the moment"));
        let facts = self.sources.json(file).ok_or_else(unreadable)?;
        let list = facts.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        Ok((file.clone(), song.offset, list))
    }

    pub(super) fn change_point(&self, intent: &Authoring) -> Changes {
        let edits = match intent {
            Authoring::CreatePoint { id, location, aims } => {
                if let Some(known) = point_called(&self.show.rig, id) {
                    let message = format!("the venue has a point of interest `{known}`");
                    return Err(Refusal::invalid("/id", message));
                }
                let create = VenueEdit::Create(id.clone(), *location);
                std::iter::once(create).chain(self.aimed(id, aims)?).collect()
            }
            Authoring::UpdatePoint { id, location, aims } => {
                let (id, place) = self.point(id)?;
                let to = location.map(|location| VenueEdit::Move(id.to_owned(), place, location));
                to.into_iter().chain(self.aimed(id, aims)?).collect()
            }
            Authoring::DeletePoint { id } => {
                vec![VenueEdit::Delete(self.point(id)?.0.to_owned())]
            }
            Authoring::AimFixture { id, fixture, axes } => {
                let (id, _) = self.point(id)?;
                if !self.has_fixture(fixture) {
                    return Err(no_fixture(self.show, "/fixture_id", fixture));
                }
                vec![VenueEdit::Aim(id.to_owned(), fixture.clone(), *axes)]
            }
            _ => return Ok(Vec::new()),
        };
        let none = || Refusal::not_found("the show has no venue");
        let file = self.sources.venue.clone().ok_or_else(none)?;
        let id = match intent {
            Authoring::CreatePoint { id, .. } => Some(id.clone()),
            _ => None,
        };
        Ok(vec![FileChange { file, change: Change::Venue(edits), id }])
    }

    /// Pan and tilt of fixtures for a point, as edits; or each fixture that is not there.
    fn aimed(&self, id: &str, aims: &[(String, [u16; 2])]) -> Result<Vec<VenueEdit>, Refusal> {
        let unknown = aims.iter().filter(|(fixture, _)| !self.has_fixture(fixture));
        let fault = |(fixture, _): &(String, _)| {
            no_fixture(self.show, &below("/fixtures", fixture), fixture).errors().to_vec()
        };
        let errors: Vec<Fault> = unknown.flat_map(fault).collect();
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        let aim =
            |(fixture, axes): &(String, _)| VenueEdit::Aim(id.to_owned(), fixture.clone(), *axes);
        Ok(aims.iter().map(aim).collect())
    }

    fn has_fixture(&self, id: &str) -> bool {
        self.show.rig.fixtures.iter().any(|known| *known.id == *id)
    }

    /// A point by its name, in any case: as the venue calls it, and where it is.
    fn point(&self, id: &str) -> Result<(&str, [f64; 3]), Refusal> {
        let points = &self.show.rig.points;
        let known = point_called(&self.show.rig, id);
        let found = known.and_then(|known| Some((known, *points.get(known)?)));
        found.ok_or_else(|| {
            let known = points.keys().map(String::as_str);
            Refusal::not_found(Fault::unknown("/id", ("point of interest", id), known).message)
        })
    }
}

/// A time of the show as its song has it.
fn of_song(time: f64, offset: f64) -> Value {
    number(thousandth((time + offset).max(0.0)))
}

/// Refuses times of a hint of which the end is not after the start; what is not new is as the hint
/// has it.
fn check_times(
    hint: &Value,
    (time, end): (Option<f64>, Option<f64>),
    offset: f64,
) -> Result<(), Refusal> {
    let known = |key: &str| Some(thousandth(hint.get(key)?.as_f64()? - offset));
    let at = match (time, end) {
        (None, None) => return Ok(()),
        (Some(_), None) => "/time",
        (_, Some(_)) => "/end",
    };
    match time.or_else(|| known("time")).zip(end.or_else(|| known("end"))) {
        Some((time, end)) if end <= time => Err(Refusal::invalid(at, ends_too_soon(time, end))),
        _ => Ok(()),
    }
}

/// The hint of an id.
fn find(hints: &[Value], id: &str) -> Result<Seen, Refusal> {
    let mut all = hints.iter().enumerate();
    let found = all.find(|(index, hint)| hint_id(*index, hint) == id);
    let seen = found.filter(|(_, hint)| hint.is_object());
    let seen = seen.map(|(index, hint)| Seen { index, value: hint.clone() });
    seen.ok_or_else(|| Refusal::not_found(format!("the song has no hint `{id}`")))
}

/// An id that no hint has.
fn free_id(hints: &[Value]) -> String {
    let taken = |id: &String| hints.iter().any(|hint| hint.get("id") == Some(&json!(id)));
    let mut ids = (1..=hints.len() + 1).map(|number| format!("hint{number}"));
    ids.find(|id| !taken(id)).unwrap_or_default()
}
