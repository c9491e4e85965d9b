//! Effects as cues, layer by layer.

use std::collections::{BTreeMap, BTreeSet};

use gobo_show::diagnostic::Place;
use gobo_show::profile::slug;
use serde_json::{Map, Value, json};

use super::effects;
use super::layout::Layout;
use super::sequence::{Effect, Element, Sequence};
use super::venue::{Target, Venue};
use crate::folder::Folder;
use crate::imported::Imported;
use crate::native::{Vocabulary, cue_file, number};

/// What a layer does with those below, by the methods that xLights has for two layers.
const METHODS: [(&str, &[&str]); 10] = [
    ("Normal", &["lighten", "max", "htp", "add"]),
    ("Effect 1", &["replace"]),
    ("Layered", &["lighten", "max", "htp", "add"]),
    ("Additive", &["add"]),
    ("Max", &["max", "lighten", "htp", "add"]),
    ("Min", &["min", "darken"]),
    ("Subtractive", &["subtract"]),
    ("Average", &["average"]),
    ("Highlight", &["screen", "lighten", "add"]),
    ("1 reveals 2", &["multiply"]),
];

/// Cue files with their names, lowest first.
pub(super) fn layers(
    sequence: &Sequence,
    layout: &Layout,
    venue: &Venue,
    folder: &dyn Folder,
    imported: &mut Imported,
) -> Vec<(String, String)> {
    let mut writer = Writer {
        layout,
        venue,
        folder,
        pictures: BTreeMap::new(),
        vocabulary: Vocabulary::default(),
        files: BTreeMap::new(),
        lost: BTreeMap::new(),
    };
    let ranks = ranks(sequence, venue);
    for (element, rank) in sequence.elements.iter().zip(ranks) {
        let Some(target) = venue.targets.get(&element.name) else { continue };
        let count = element.layers.len();
        for (index, effects) in element.layers.iter().enumerate() {
            // The topmost comes first there, the lowest here.
            let depth = count - 1 - index;
            let is_lowest = rank == 0 && depth == 0;
            for effect in effects {
                writer.effect(element, target, effect, (rank, depth, is_lowest));
            }
        }
    }
    writer.note_lost(imported);
    imported.files.append(&mut writer.pictures);
    writer
        .files
        .into_iter()
        .map(|((rank, depth, blend), cues)| {
            let layer: Map<String, Value> = match blend.as_str() {
                "replace" => Map::new(),
                blend => [("blend".to_owned(), blend.into())].into_iter().collect(),
            };
            let name = format!("{}-{}-{blend}", rank + 1, depth + 1);
            (name, cue_file(&layer, &cues))
        })
        .collect()
}

/// How many elements that share models with each come before it: what is drawn later lies over
/// what was drawn before.
fn ranks(sequence: &Sequence, venue: &Venue) -> Vec<usize> {
    let mut ranks: Vec<usize> = Vec::new();
    let models = |element: &Element| {
        venue.targets.get(&element.name).map(|target| target.models.clone()).unwrap_or_default()
    };
    let all: Vec<BTreeSet<String>> = sequence.elements.iter().map(models).collect();
    for (index, own) in all.iter().enumerate() {
        let before = (0..index).filter(|&other| !all[other].is_disjoint(own));
        let highest = before.map(|other| ranks[other] + 1).max();
        ranks.push(highest.unwrap_or(0));
    }
    ranks
}

struct Writer<'a> {
    layout: &'a Layout,
    venue: &'a Venue,
    folder: &'a dyn Folder,
    /// The pictures that effects show, by their path in the project.
    pictures: BTreeMap<String, Vec<u8>>,
    vocabulary: Vocabulary,
    /// By rank, depth and blend mode.
    files: BTreeMap<(usize, usize, String), Vec<Value>>,
    /// What is not carried, with how often and where first.
    lost: BTreeMap<(String, &'static str), (u32, Place)>,
}

impl Writer<'_> {
    fn lose(&mut self, what: String, why: &'static str, place: &Place) {
        self.lost.entry((what, why)).or_insert((0, place.clone())).0 += 1;
    }

    /// A picture, taken from the folder of the sequence.
    fn picture(&mut self, effect: &Effect) -> Option<(&'static str, Value)> {
        let typed = effect.settings.get("E", "Pictures_Filename").unwrap_or_default();
        let name = typed.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let found = || {
            let files = self.folder.files();
            let file = files.iter().find(|file| file.rsplit('/').next() == Some(&name))?;
            self.folder.read(file).ok()
        };
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
        let ending = ending.to_lowercase();
        let what = format!("the picture `{name}`");
        if !matches!(ending.as_str(), "png" | "gif") {
            self.lose(what, "is left out: a picture is a PNG or a GIF", &effect.place);
            return None;
        }
        let Some(bytes) = found() else {
            self.lose(what, "is left out: it is not beside the sequence", &effect.place);
            return None;
        };
        let path = format!("pictures/{}.{ending}", slug(stem));
        self.pictures.insert(path.clone(), bytes);
        let way = effect.settings.get("E", "Pictures_Direction");
        let way = way.filter(|way| matches!(*way, "up" | "down" | "left" | "right"));
        Some(("picture", json!({ "file": path, "way": way })))
    }

    fn effect(
        &mut self,
        element: &Element,
        target: &Target,
        effect: &Effect,
        (rank, depth, is_lowest): (usize, usize, bool),
    ) {
        if effect.end <= effect.start {
            return;
        }
        let action = match effect.name.as_str() {
            "Pictures" => match self.picture(effect) {
                Some(picture) => Some(picture),
                None => return,
            },
            _ => effects::action(effect),
        };
        let action = action.and_then(|(name, own)| self.vocabulary.action(name, &own));
        let Some(action) = action else {
            let what = format!("the effect `{}`", effect.name);
            self.lose(what, "is left out: gobo has nothing like it", &effect.place);
            return;
        };
        let curves: Vec<String> = effect.settings.curves().map(str::to_owned).collect();
        for curve in curves {
            let name = curve.rsplit("VALUECURVE_").next().unwrap_or(&curve).to_owned();
            self.lose(
                format!("the value curve of `{name}`"),
                "is not carried: it stands still",
                &effect.place,
            );
        }
        let blend = self.blend(effect, is_lowest);
        for (on, order) in self.selections(element, target, effect) {
            let mut cue = Map::new();
            cue.insert("at".into(), number(effect.start));
            cue.insert("for".into(), number(effect.end - effect.start));
            cue.insert("on".into(), on.into());
            for (key, setting) in [("fade_in", "Fadein"), ("fade_out", "Fadeout")] {
                let fade: Option<f64> =
                    effect.settings.get("T", setting).and_then(|t| t.parse().ok());
                let fade = fade.filter(|fade| (0.001..86_400.0).contains(fade));
                if let Some(fade) = fade {
                    cue.insert(key.into(), number(fade.min((effect.end - effect.start) / 2.0)));
                }
            }
            if !cue.contains_key("fade_out") {
                cue.insert("then".into(), "release".into());
            }
            for (name, parameters) in action.as_object().into_iter().flatten() {
                let mut parameters = parameters.clone();
                if let (true, Some(own)) =
                    (order, parameters.as_object_mut().filter(|own| own.contains_key("colors")))
                {
                    own.insert("plane".into(), "order".into());
                }
                cue.insert(name.clone(), parameters);
            }
            self.files.entry((rank, depth, blend.clone())).or_default().push(cue.into());
        }
    }

    /// The blend mode of an effect's layer.
    fn blend(&mut self, effect: &Effect, is_lowest: bool) -> String {
        let method = effect.settings.get("T", "LayerMethod").unwrap_or("Normal");
        if is_lowest && matches!(method, "Normal" | "Effect 1") {
            return "replace".to_owned();
        }
        let known = METHODS.iter().find(|(known, _)| *known == method);
        let ours = known.and_then(|(_, ours)| self.vocabulary.blend(ours));
        ours.map_or_else(
            || {
                let what = format!("the layer method `{method}`");
                self.lose(what, "is not carried: the layer adds to those below", &effect.place);
                "add".to_owned()
            },
            str::to_owned,
        )
    }

    /// Where an effect is drawn: the whole, or each model by itself; and whether it runs along the
    /// order of the pixels.
    fn selections(
        &self,
        element: &Element,
        target: &Target,
        effect: &Effect,
    ) -> Vec<(String, bool)> {
        let style = effect.settings.get("B", "BufferStyle").unwrap_or("Default");
        let order = style.contains("Single Line") || style.contains("Horizontal Per Model");
        if !style.starts_with("Per Model") || !self.layout.groups.contains_key(&element.name) {
            return vec![(target.name.clone(), order)];
        }
        let own = target.models.iter().filter_map(|model| self.venue.targets.get(model));
        own.map(|model| (model.name.clone(), order)).collect()
    }

    fn note_lost(&mut self, imported: &mut Imported) {
        for ((what, why), (count, place)) in std::mem::take(&mut self.lost) {
            let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
            imported.note(what, format!("{why}{times}"), place);
        }
    }
}

/// The sidecar of the song: its beats, bars and sections by the timing tracks.
pub(super) fn grid(sequence: &Sequence, imported: &mut Imported) -> Value {
    let mut facts = Map::new();
    let title =
        if sequence.title.is_empty() { Value::Null } else { sequence.title.as_str().into() };
    if !title.is_null() {
        facts.insert("title".into(), title);
    }
    let mut beats: Vec<f64> = Vec::new();
    for track in &sequence.tracks {
        let name = track.name.to_lowercase();
        let has_labels = track.marks.iter().any(|(label, ..)| !label.trim().is_empty());
        if name.contains("beat") && !name.contains("down") && beats.is_empty() {
            beats = track.marks.iter().map(|(_, start, _)| *start).collect();
            beats.dedup_by(|a, b| (*a - *b).abs() < 1e-3);
        } else if (name.contains("bar") || name.contains("down"))
            && !facts.contains_key("downbeats")
        {
            let downs: Vec<Value> =
                track.marks.iter().map(|(_, start, _)| number(*start)).collect();
            facts.insert("downbeats".into(), downs.into());
        } else if has_labels && !facts.contains_key("sections") {
            facts.insert("sections".into(), sections(&track.marks));
        } else {
            let what = format!("the timing track `{}`", track.name);
            imported.note(
                what,
                "is not carried: gobo has one of beats, bars and sections",
                track.place.clone(),
            );
        }
    }
    let on_beats = |down: &Value| {
        let down = down.as_f64().unwrap_or(0.0);
        beats.iter().any(|beat| (beat - down).abs() < 0.06)
    };
    if let Some(Value::Array(downs)) = facts.get_mut("downbeats") {
        if !beats.is_empty() {
            downs.retain(on_beats);
        }
        if downs.len() < 2 {
            facts.remove("downbeats");
        }
    }
    if beats.len() > 1 {
        let beats: Vec<Value> = beats.into_iter().map(number).collect();
        facts.insert("beats".into(), beats.into());
    }
    facts.into()
}

/// Marks as sections.
fn sections(marks: &[(String, f64, f64)]) -> Value {
    let section = |(label, start, end): &(String, f64, f64)| json!({"name": label.trim(), "start": number(*start), "end": number(*end)});
    marks.iter().filter(|(label, ..)| !label.trim().is_empty()).map(section).collect()
}
