//! Cues and chasers as programs see them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gobo_show::show::{ChannelCue, Cue, Selected, Show};
use gobo_show::{Place, reference};
use serde::Serialize;
use serde_json::Value;

use crate::sources::Sources;

/// A cue. Cues that come from one object of a file, by repeats, includes or patterns, share it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CueRow {
    /// Its place in the list: what edits call it.
    pub index: usize,
    /// The file that it stands in, relative to the project.
    pub file: Arc<str>,
    /// Its layer.
    pub layer: Arc<str>,
    /// Its name, or empty.
    pub name: String,
    /// When it starts, in seconds of the show.
    pub time: f64,
    /// When it ends.
    pub end: f64,
    /// How long it runs, in seconds.
    pub duration: f64,
    /// When it starts, as written.
    pub at: Value,
    /// What it is on, as written.
    pub on: Value,
    /// What it does: the key that names it.
    pub effect: String,
    /// The parameters of that, as written.
    pub data: Value,
    /// The fixtures that it drives, each once.
    pub fixtures: Arc<[Arc<str>]>,
    /// Its fixture, if it is one.
    pub fixture_id: Option<Arc<str>>,
    /// The object of the file: what edits expect to find.
    pub source: Arc<Value>,
    /// Whether it can be edited.
    pub editable: bool,
    /// Its object's place in its file's list.
    #[serde(skip)]
    pub(crate) item: Option<usize>,
}

/// A chaser of channel layers.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChaserRow {
    /// Its name: the file's.
    pub id: String,
    /// Its title for people.
    pub name: String,
    /// What it is.
    pub description: String,
    /// How many beats one time takes.
    pub beats: f64,
    /// Whether it runs by itself; who runs it says so.
    pub running: bool,
}

/// The keys that name what a cue does.
pub(crate) fn actions() -> Vec<&'static str> {
    use reference::Kind;
    let rows = reference::rows().into_iter();
    let named = rows.filter(|row| matches!(row.kind, Kind::Effect | Kind::Channel));
    let mut names: Vec<_> = named.map(|row| row.name).chain(["pattern", "chaser"]).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The cues of a show by start, those that start together by layer and place.
pub(super) fn cues(show: &Show, sources: &mut Sources<'_>) -> Vec<CueRow> {
    let mut rows =
        Rows { show, sources, actions: actions(), fixtures: HashMap::new(), said: BTreeMap::new() };
    let mut all = Vec::new();
    for layer in &show.layers {
        let name: Arc<str> = layer.name.as_str().into();
        for cue in layer.cues.iter().filter(|cue| !cue.blocks) {
            let row = rows.row(&name, cue);
            join(&mut all, row);
        }
        for cue in &layer.channels {
            let row = rows.channel_row(&name, cue);
            join(&mut all, row);
        }
    }
    all.sort_by(|a: &CueRow, b: &CueRow| a.time.total_cmp(&b.time));
    (0..).zip(&mut all).for_each(|(index, row)| row.index = index);
    all
}

/// The key of a cue that runs a chaser; all that comes of it is one row.
const CHASER: &str = "chaser";

/// Adds a row, or makes it part of the one before if both are one cue: its parts for some of the
/// fixtures.
fn join(all: &mut Vec<CueRow>, row: CueRow) {
    let Some(last) = all.last_mut().filter(|last| {
        last.item.is_some()
            && (last.item, &last.file) == (row.item, &row.file)
            && last.layer == row.layer
            && (last.time == row.time || row.effect == CHASER)
    }) else {
        return all.push(row);
    };
    last.time = last.time.min(row.time);
    last.end = last.end.max(row.end);
    last.duration = last.end - last.time;
    let more = row.fixtures.iter().filter(|fixture| !last.fixtures.contains(fixture));
    let more: Vec<_> = more.cloned().collect();
    if !more.is_empty() {
        last.fixtures = last.fixtures.iter().cloned().chain(more).collect();
        last.fixture_id = None;
    }
}

/// What an object of a cue file says.
#[derive(Clone)]
struct Said {
    item: Option<usize>,
    source: Arc<Value>,
    name: String,
    at: Value,
    on: Value,
    effect: String,
    data: Value,
}

/// What rows are made from.
struct Rows<'a, 'w> {
    show: &'a Show,
    sources: &'a mut Sources<'w>,
    actions: Vec<&'static str>,
    /// The fixtures of selections that many cues share.
    fixtures: HashMap<*const Selected, Arc<[Arc<str>]>>,
    said: BTreeMap<&'a Place, Said>,
}

impl<'a> Rows<'a, '_> {
    fn said(&mut self, place: &'a Place) -> Said {
        if let Some(said) = self.said.get(place) {
            return said.clone();
        }
        let found = self.sources.cue_at(place);
        let (item, source) = found.map_or((None, Arc::default()), |(at, cue)| (Some(at), cue));
        let get = |key: &str| source.get(key).cloned().unwrap_or_default();
        let mut keys = source.as_object().into_iter().flatten();
        let action = keys.find(|(key, _)| self.actions.contains(&key.as_str()));
        let said = Said {
            item,
            name: source.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            at: get("at"),
            on: get("on"),
            effect: action.map(|(key, _)| key.clone()).unwrap_or_default(),
            data: action.map(|(_, value)| value.clone()).unwrap_or_default(),
            source,
        };
        self.said.insert(place, said.clone());
        said
    }

    fn row(&mut self, layer: &Arc<str>, cue: &'a Cue) -> CueRow {
        let mut said = self.said(&cue.place);
        if said.effect.is_empty() {
            said.effect = cue.effect.name().to_owned();
        }
        if said.name.is_empty() {
            said.name.clone_from(&cue.name);
        }
        let fixtures = self.fixtures_of(&cue.selection);
        finished(said, &cue.place, (cue.start, cue.end), layer, fixtures)
    }

    fn channel_row(&mut self, layer: &Arc<str>, cue: &'a ChannelCue) -> CueRow {
        let mut said = self.said(&cue.place);
        if said.effect.is_empty() {
            said.effect = cue.effect.name().to_owned();
        }
        let fixture = self.show.rig.fixtures.get(cue.fixture as usize);
        let fixtures = fixture.map(|fixture| Arc::clone(&fixture.id)).into_iter().collect();
        finished(said, &cue.place, (cue.start, cue.start + cue.seconds), layer, fixtures)
    }

    fn fixtures_of(&mut self, selection: &Arc<[Selected]>) -> Arc<[Arc<str>]> {
        let rig = &self.show.rig;
        let fixtures = || {
            let mut seen = vec![false; rig.fixtures.len()];
            let mut ids = Vec::new();
            for one in selection.iter() {
                let Some(head) = rig.heads.get(one.head as usize) else { continue };
                let at = head.fixture as usize;
                if let (Some(seen), Some(fixture)) = (seen.get_mut(at), rig.fixtures.get(at))
                    && !std::mem::replace(seen, true)
                {
                    ids.push(Arc::clone(&fixture.id));
                }
            }
            ids.into()
        };
        Arc::clone(self.fixtures.entry(selection.as_ptr()).or_insert_with(fixtures))
    }
}

fn finished(
    said: Said,
    place: &Place,
    (start, end): (f64, f64),
    layer: &Arc<str>,
    fixtures: Arc<[Arc<str>]>,
) -> CueRow {
    let fixture_id = match &*fixtures {
        [only] => Some(Arc::clone(only)),
        _ => None,
    };
    CueRow {
        index: 0,
        file: Arc::clone(&place.file),
        layer: Arc::clone(layer),
        name: said.name,
        time: start,
        end,
        duration: end - start,
        at: said.at,
        on: said.on,
        effect: said.effect,
        data: said.data,
        fixtures,
        fixture_id,
        source: said.source,
        editable: said.item.is_some(),
        item: said.item,
    }
}

/// The chasers of a project.
pub(crate) fn chasers(sources: &Sources<'_>) -> Vec<ChaserRow> {
    let row = |id: String| {
        let chaser = sources.json(&format!("chasers/{id}.json"))?;
        let text = |key: &str| chaser.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(ChaserRow {
            name: text("title").unwrap_or_else(|| id.clone()),
            description: text("note").unwrap_or_default(),
            beats: beats(&chaser),
            running: false,
            id,
        })
    };
    sources.names("chasers").into_iter().filter_map(row).collect()
}

/// How many beats a chaser takes.
fn beats(chaser: &Value) -> f64 {
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_f64);
    if let Some(wave) = chaser.get("wave") {
        return number(wave, "beats").unwrap_or(4.0);
    }
    number(chaser, "beats").unwrap_or_else(|| {
        let steps = chaser.get("steps").and_then(Value::as_array).into_iter().flatten();
        let end = |step: &Value| {
            number(step, "beat").unwrap_or_default() + number(step, "beats").unwrap_or_default()
        };
        steps.map(end).fold(0.0, f64::max)
    })
}
