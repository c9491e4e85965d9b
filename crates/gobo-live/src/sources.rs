//! The texts that an edition was made of, as far as rows and edits need them.

use std::collections::BTreeMap;
use std::sync::Arc;

use gobo_show::diagnostic::Spot;
use gobo_show::tree::{self, Member, Node};
use gobo_show::value::Color;
use gobo_show::{Place, World};
use indexmap::IndexMap;
use serde_json::Value;

/// A cue file as its text says it.
#[derive(Debug, Default)]
pub(crate) struct CueText {
    /// Its cues.
    pub(crate) cues: Vec<Arc<Value>>,
    /// Whether it is a channel layer's.
    pub(crate) is_channels: bool,
    /// Whether it gives a tempo.
    pub(crate) has_tempo: bool,
}

/// The files of a show.
pub(crate) struct Sources<'w> {
    world: &'w dyn World,
    /// The cue files that show.toml names, lowest layer first, as paths in the project.
    pub(crate) cues: Vec<Arc<str>>,
    /// The venue's path.
    pub(crate) venue: Option<String>,
    /// The path of the song's facts.
    pub(crate) facts: Option<String>,
    /// The palette: the show's own names of colours.
    pub(crate) colors: IndexMap<String, Color>,
    texts: BTreeMap<Arc<str>, Option<CueText>>,
}

impl<'w> Sources<'w> {
    /// The sources of the show `name`; what cannot be read is left out.
    pub(crate) fn of(world: &'w dyn World, name: &str) -> Self {
        let path = format!("shows/{name}/show.toml");
        let tree = world.read(&path).ok().and_then(|source| tree::parse(&source).ok());
        let get = |key: &str| tree.as_ref().and_then(|tree| tree.root.get(key));
        let text = |key: &str| get(key).and_then(Node::text);
        let files = get("cues").map(Node::items).unwrap_or_default();
        let file = |node: &Node| Some(Arc::from(format!("shows/{name}/{}", node.text()?)));
        let facts = |song: &str| {
            let stem = song.rsplit_once('.').map_or(song, |(stem, _)| stem);
            format!("songs/{stem}.song.json")
        };
        let colors = get("colors").map(Node::members).unwrap_or_default();
        let color = |one: &Member| Some((one.key.clone(), one.node.text()?.parse().ok()?));
        Self {
            world,
            colors: colors.iter().filter_map(color).collect(),
            cues: files.iter().filter_map(file).collect(),
            venue: text("venue").map(|venue| format!("fixtures/{venue}.toml")),
            facts: text("song").map(facts),
            texts: BTreeMap::new(),
        }
    }

    /// A cue file, unless its text is none.
    pub(crate) fn cue_text(&mut self, path: &Arc<str>) -> Option<&CueText> {
        let read = || cue_text(self.json(path)?);
        if !self.texts.contains_key(path) {
            let text = read();
            self.texts.insert(Arc::clone(path), text);
        }
        self.texts.get(path)?.as_ref()
    }

    /// The cue at a place: its file, its place in the list, and what it says.
    pub(crate) fn cue_at(&mut self, place: &Place) -> Option<(usize, Arc<Value>)> {
        let index = cue_index(place)?;
        let cue = self.cue_text(&place.file)?.cues.get(index)?;
        Some((index, Arc::clone(cue)))
    }

    /// Whether there is a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.world.read(path).is_ok()
    }

    /// What a JSON file says.
    pub(crate) fn json(&self, path: &str) -> Option<Value> {
        let source = self.world.read(path).ok()?;
        serde_json::from_str(&source.text).ok()
    }

    /// The names of the JSON files in a folder, without their ending.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let files = self.world.list(folder).into_iter();
        let stem = |path: String| {
            let name = path.rsplit('/').next().unwrap_or_default();
            name.strip_suffix(".json").map(str::to_owned)
        };
        files.filter_map(stem).collect()
    }
}

fn cue_text(value: Value) -> Option<CueText> {
    let Value::Object(mut file) = value else { return None };
    let is_channels = file.get("rules").and_then(Value::as_str) == Some("channels");
    let has_tempo = file.contains_key("bpm");
    let cues = match file.remove("cues") {
        Some(Value::Array(cues)) => cues.into_iter().map(Arc::new).collect(),
        _ => Vec::new(),
    };
    Some(CueText { cues, is_channels, has_tempo })
}

/// The place in its file's list of the cue that stands at a place.
fn cue_index(place: &Place) -> Option<usize> {
    let Spot::Value(pointer) = &place.spot else { return None };
    pointer.strip_prefix("/cues/")?.parse().ok()
}
