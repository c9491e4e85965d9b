//! Edits of cues.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::change::{Change, FileChange, ItemEdit, Seen};
use super::convert::{channel_action, native_action, takes_channels};
use super::desk::{Changes, Desk, cue_change};
use super::intent::{NewCue, OldRow};
use super::payload::{kind, number, thousandth};
use super::refusal::{Fault, Refusal};
use super::rewrite::same;
use crate::sheet::{CueRow, actions, chasers};

/// How far apart two rows of one identity may start, in seconds.
const SAME_TIME: f64 = 0.1 + 1e-9;
/// How long an effect runs that needs time and was given none, in seconds.
const SHORTEST: f64 = 0.1;

impl Desk<'_> {
    pub(super) fn add_cue(&mut self, cue: &NewCue, file: Option<&str>) -> Changes {
        match cue {
            NewCue::Native(cue) => {
                let start = self.start_of(cue);
                let on = cue.get("on").and_then(Value::as_str);
                let end = self.show.rate.seconds_at(self.show.frames);
                let place = (start.unwrap_or(end), on);
                let file = self.target(file, place, takes_channels(cue))?;
                let cue = Value::Object(cue.clone());
                Ok(vec![self.added(&file, vec![(start.unwrap_or(end), cue)])])
            }
            NewCue::Row(row) => {
                let file = self.target(file, (row.time, Some(&row.fixture)), None)?;
                let cue = self.row_cue(row, &file)?;
                Ok(vec![self.put_row(row, &file, cue)])
            }
        }
    }

    /// A row as a cue of a file, in the form that the file takes.
    fn row_cue(&mut self, row: &OldRow, file: &Arc<str>) -> Result<Map<String, Value>, Refusal> {
        let (key, params, duration) =
            self.action((&row.effect, &row.data), &row.fixture, row.duration, file)?;
        let mut cue = Map::new();
        cue.insert("at".to_owned(), number(row.time));
        if duration > 0.0 {
            cue.insert("for".to_owned(), number(duration));
        }
        cue.insert("on".to_owned(), row.fixture.clone().into());
        cue.insert(key, params);
        if let Some(name) = &row.name {
            cue.insert("name".to_owned(), name.clone().into());
        }
        Ok(cue)
    }

    /// What an effect with its data is in a file, and how long it runs there.
    fn action(
        &mut self,
        (effect, data): (&str, &Map<String, Value>),
        fixture: &str,
        duration: f64,
        file: &Arc<str>,
    ) -> Result<(String, Value, f64), Refusal> {
        let found = self.fixture(fixture)?;
        let rig = &self.show.rig;
        if self.is_channels(file) {
            let (key, params) = channel_action(effect, data, (found, rig)).map_err(invalid)?;
            return Ok((key, params, duration));
        }
        let native = native_action(effect, data, (found, rig), duration).map_err(invalid)?;
        let duration = match (native.runs, duration > 0.0) {
            (true, false) => SHORTEST,
            (false, _) => 0.0,
            (true, true) => duration,
        };
        Ok((native.name, native.params, duration))
    }

    /// Puts a row where one of the same identity is, or adds it.
    fn put_row(&self, row: &OldRow, file: &Arc<str>, cue: Map<String, Value>) -> FileChange {
        match self.alike(row, file, &cue, &BTreeSet::new()) {
            Some(seen) => cue_change(file, vec![ItemEdit::Replace(seen, cue.into())]),
            None => self.added(file, vec![(row.time, cue.into())]),
        }
    }

    /// Puts rows where such of the same identity are, or adds them, all in one change.
    pub(super) fn put_rows(
        &mut self,
        rows: &[OldRow],
        file: &Arc<str>,
    ) -> Result<FileChange, Refusal> {
        let (mut edits, mut new, mut taken) = (Vec::new(), Vec::new(), BTreeSet::new());
        for row in rows {
            let cue = self.row_cue(row, file)?;
            match self.alike(row, file, &cue, &taken) {
                Some(seen) => {
                    taken.insert(seen.index);
                    edits.push(ItemEdit::Replace(seen, cue.into()));
                }
                None => new.push((row.time, cue.into())),
            }
        }
        edits.extend(self.additions(file, new));
        Ok(cue_change(file, edits))
    }

    /// The cue of a file that is of one identity with a row: the nearest in time that does the same
    /// on the same fixture, unless it is taken.
    fn alike(
        &self,
        row: &OldRow,
        file: &Arc<str>,
        cue: &Map<String, Value>,
        taken: &BTreeSet<usize>,
    ) -> Option<Seen> {
        // Rows are by time.
        let first = self.rows.partition_point(|known| known.time < row.time - SAME_TIME);
        let near = self.rows.iter().skip(first);
        let near = near.take_while(|known| known.time <= row.time + SAME_TIME);
        let is_alike = |known: &&CueRow| {
            let one = known.source.as_object();
            known.file == *file
                && known.on.as_str() == Some(&*row.fixture)
                && cue.contains_key(&known.effect)
                && known.item.is_some_and(|item| !taken.contains(&item))
                && one.is_some_and(|one| !one.contains_key("every"))
        };
        let away = |known: &CueRow| (known.time - row.time).abs();
        let found = near.filter(is_alike).min_by(|a, b| away(a).total_cmp(&away(b)))?;
        Some(Seen { index: found.item?, value: (*found.source).clone() })
    }

    /// The row that an edit means, and the object that it expects.
    fn row(&self, index: usize, source: Option<&Value>) -> Result<(&CueRow, Seen), Refusal> {
        let row = self.rows.get(index);
        let row = match source {
            // The rows may have moved since they were seen.
            Some(source) => {
                let is_it = |row: &&CueRow| same(&row.source, source);
                let here = row.filter(is_it);
                let others = self.rows.iter().filter(is_it);
                here.or_else(|| others.min_by_key(|row| row.index.abs_diff(index))).or(row)
            }
            None => row,
        };
        let none = || Refusal::not_found(format!("there is no cue {index}"));
        let row = row.ok_or_else(none)?;
        let Some(item) = row.item else {
            return Err(Refusal::invalid("/index", "this cue stands in no file that is edited"));
        };
        let value = source.cloned().unwrap_or_else(|| (*row.source).clone());
        Ok((row, Seen { index: item, value }))
    }

    pub(super) fn update_cue(
        &mut self,
        index: usize,
        patch: &Map<String, Value>,
        source: Option<&Value>,
    ) -> Changes {
        let (row, seen) = self.row(index, source)?;
        let row = row.clone();
        let Value::Object(was) = &seen.value else {
            return Err(Refusal::invalid("/source", "a cue is an object"));
        };
        let now = self.patched(&row, was, patch)?;
        Ok(vec![cue_change(&row.file, vec![ItemEdit::Replace(seen, now.into())])])
    }

    /// A cue with members anew.
    fn patched(
        &mut self,
        row: &CueRow,
        was: &Map<String, Value>,
        patch: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Refusal> {
        let actions = actions();
        let is_action = |key: &str| actions.contains(&key);
        let mut now = was.clone();
        let mut native = patch.clone();
        let old = Old::take(&mut native)?;
        if let Some(time) = old.time {
            // A cue that repeats moves by as much as the row does.
            let first = was.get("at").and_then(Value::as_f64);
            let first = first.or_else(|| self.first_start(row)).unwrap_or(row.time);
            now.insert("at".to_owned(), number(thousandth((first + time - row.time).max(0.0))));
        }
        if let Some(fixture) = &old.fixture {
            now.insert("on".to_owned(), fixture.clone().into());
        }
        if let Some(duration) = old.duration {
            set(&mut now, "for", (duration > 0.0).then(|| number(duration)));
        }
        if old.effect.is_some() || old.data.is_some() {
            let (key, params, duration) = self.patched_action(row, &old)?;
            rename(&mut now, (&row.effect, key), params);
            if !now.contains_key("for") && duration > 0.0 {
                now.insert("for".to_owned(), number(duration));
            }
        }
        let action = now.keys().find(|key| is_action(key)).cloned();
        for (key, value) in native {
            match &action {
                Some(known) if is_action(&key) && *known != key && !value.is_null() => {
                    rename(&mut now, (known, key), value);
                }
                _ => set(&mut now, &key, Some(value).filter(|value| !value.is_null())),
            }
        }
        Ok(now)
    }

    fn patched_action(&mut self, row: &CueRow, old: &Old) -> Result<(String, Value, f64), Refusal> {
        let effect = old.effect.as_deref().unwrap_or(&row.effect);
        let data = match (&old.data, row.data.as_object()) {
            (Some(data), _) => data.clone(),
            (None, Some(data)) if effect == row.effect => data.clone(),
            _ => Map::new(),
        };
        let fixture = old.fixture.clone();
        let first = || row.fixtures.first().map(ToString::to_string);
        let fixture = fixture.or_else(first).unwrap_or_default();
        let duration = old.duration.unwrap_or(thousandth(row.duration));
        let action = self.action((effect, &data), &fixture, duration, &row.file);
        action.map_err(|refusal| match refusal {
            Refusal::Invalid { errors } => {
                let of_patch =
                    |fault: Fault| Fault { path: format!("/patch{}", fault.path), ..fault };
                Refusal::Invalid { errors: errors.into_iter().map(of_patch).collect() }
            }
            other => other,
        })
    }

    /// When the object of a row starts first.
    fn first_start(&self, row: &CueRow) -> Option<f64> {
        let rows = self.rows.iter().filter(|one| one.file == row.file && one.item == row.item);
        rows.map(|one| one.time).min_by(f64::total_cmp)
    }

    pub(super) fn delete_cue(&mut self, index: usize, source: Option<&Value>) -> Changes {
        let (row, seen) = self.row(index, source)?;
        Ok(vec![cue_change(&row.file, vec![ItemEdit::Remove(seen)])])
    }

    pub(super) fn clear_cues(&mut self, from: f64, to: f64) -> Vec<FileChange> {
        self.removed(|start| (from..=to).contains(&start))
    }

    pub(super) fn clear_all_cues(&mut self) -> Vec<FileChange> {
        self.removed(|_| true)
    }

    /// The objects less whose first start is to go, file by file.
    fn removed(&self, goes: impl Fn(f64) -> bool) -> Vec<FileChange> {
        let mut files: Vec<&Arc<str>> = self.rows.iter().map(|row| &row.file).collect();
        files.sort_unstable();
        files.dedup();
        let change = |file: &Arc<str>| {
            let starts = self.first_starts(file).into_iter();
            let gone = starts.filter(|(_, (start, _))| goes(*start));
            let edits: Vec<_> = gone
                .map(|(index, (_, value))| {
                    ItemEdit::Remove(Seen { index, value: (*value).clone() })
                })
                .collect();
            (!edits.is_empty()).then(|| cue_change(file, edits))
        };
        files.into_iter().filter_map(change).collect()
    }

    pub(super) fn apply_chaser(
        &mut self,
        id: &str,
        time: f64,
        times: usize,
        file: Option<&str>,
    ) -> Changes {
        let known = chasers(&self.sources);
        if known.iter().all(|chaser| chaser.id != id) {
            let names = known.iter().map(|chaser| &*chaser.id);
            let fault = Fault::unknown("/chaser_id", ("chaser", id), names);
            return Err(Refusal::Invalid { errors: vec![fault] });
        }
        let file = self.target(file, (time, None), Some(true))?;
        let cue = json!({ "at": number(time), "chaser": { id: { "times": times } } });
        let mut change = self.added(&file, vec![(time, cue)]);
        let has_tempo = self.sources.cue_text(&file).is_some_and(|text| text.has_tempo);
        if let (false, Change::Items { members, .. }) = (has_tempo, &mut change.change) {
            members.insert("bpm".to_owned(), number(self.tempo()));
        }
        Ok(vec![change])
    }

    /// Beats a minute of the song where it begins; 120 without one.
    fn tempo(&self) -> f64 {
        let grid = &self.show.grid;
        let beat = grid.seconds_at_beat(1.0) - grid.seconds_at_beat(0.0);
        (60.0 / beat * 100.0).round() / 100.0
    }
}

/// The members of a patch that are named as in the AI Light Show.
#[derive(Default)]
struct Old {
    time: Option<f64>,
    duration: Option<f64>,
    fixture: Option<String>,
    effect: Option<String>,
    data: Option<Map<String, Value>>,
}

impl Old {
    /// Takes them out of a patch. Null takes the duration and the data away; the others cannot be.
    fn take(patch: &mut Map<String, Value>) -> Result<Self, Refusal> {
        let mut errors = Vec::new();
        for (key, none) in [("duration", json!(0)), ("data", json!({}))] {
            if let Some(value @ Value::Null) = patch.get_mut(key) {
                *value = none;
            }
        }
        let mut take = |key: &str, expected: &str, fits: fn(&Value) -> bool| {
            let value = patch.remove(key)?;
            if fits(&value) {
                return Some(value);
            }
            let message = match &value {
                Value::Null => format!("`{key}` cannot be taken away: a cue has one"),
                other => format!("expected {expected} for `{key}`, found {}", kind(other)),
            };
            errors.push(Fault::new(format!("/patch/{key}"), message));
            None
        };
        let is_time =
            |value: &Value| value.as_f64().is_some_and(|time| (0.0..=1e6).contains(&time));
        let seconds = |value: Option<Value>| value.and_then(|value| value.as_f64()).map(thousandth);
        let text = |value: Option<Value>| Some(value?.as_str()?.to_owned());
        let old = Self {
            time: seconds(take("time", "seconds from 0 up", is_time)),
            duration: seconds(take("duration", "seconds from 0 up", is_time)),
            fixture: text(take("fixture_id", "text", Value::is_string)),
            effect: text(take("effect", "text", Value::is_string)),
            data: match take("data", "an object", Value::is_object) {
                Some(Value::Object(data)) => Some(data),
                _ => None,
            },
        };
        if errors.is_empty() { Ok(old) } else { Err(Refusal::Invalid { errors }) }
    }
}

fn invalid(errors: Vec<Fault>) -> Refusal {
    Refusal::Invalid { errors }
}

/// Sets a member, or takes it out.
fn set(cue: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    match value {
        Some(value) => _ = cue.insert(key.to_owned(), value),
        None => _ = cue.shift_remove(key),
    }
}

/// Gives a member another key and value, in its place.
fn rename(cue: &mut Map<String, Value>, (old, key): (&str, String), value: Value) {
    if !cue.contains_key(old) || old == key {
        cue.insert(key, value);
        return;
    }
    let members = std::mem::take(cue).into_iter().filter(|(known, _)| *known != key);
    let all: Vec<_> = members
        .map(|(known, kept)| match known == old {
            true => (key.clone(), value.clone()),
            false => (known, kept),
        })
        .collect();
    cue.extend(all);
}
