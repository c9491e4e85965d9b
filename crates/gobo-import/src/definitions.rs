//! QLC+ fixture definitions (`.qxf`) as profiles, and profiles that stand in where there is none.

use std::collections::BTreeMap;

use gobo_show::Source;
use gobo_show::profile::{PatchedMode, Profile, ProfileFile, import_qxf, profile_path};
use serde_json::{Value, json};

use crate::imported::Imported;
use crate::xml;

/// A manufacturer and a model.
pub(crate) type Model = (String, String);

/// A profile made of a definition.
pub(crate) struct Known {
    /// `manufacturer/model`.
    pub(crate) path: String,
    pub(crate) profile: Profile,
}

/// Definitions, each converted when it is first asked for.
pub(crate) struct Definitions<'a> {
    sources: BTreeMap<Model, &'a Source>,
    /// `None` where there is no definition that can be used.
    known: BTreeMap<Model, Option<Known>>,
}

impl<'a> Definitions<'a> {
    /// Definitions by the manufacturer and model that they name; of several the first.
    pub(crate) fn new(definitions: &'a [Source]) -> Self {
        let mut sources = BTreeMap::new();
        for source in definitions {
            let Ok(document) = xml::parse(source) else { continue };
            let text = |name| xml::child_text(document.root_element(), name).map(str::to_owned);
            if let (Some(manufacturer), Some(model)) = (text("Manufacturer"), text("Model")) {
                sources.entry((manufacturer, model)).or_insert(source);
            }
        }
        Self { sources, known: BTreeMap::new() }
    }

    /// The manufacturer and model of the definition in a file of this name.
    pub(crate) fn at(&self, path: &str) -> Option<Model> {
        let ends = |long: &str, short: &str| {
            let rest = long.strip_suffix(short).filter(|_| !short.is_empty());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let same = |source: &Source| ends(&source.path, path) || ends(path, &source.path);
        self.sources.iter().find(|(_, source)| same(source)).map(|(model, _)| model.clone())
    }

    /// The profile of a model; its file goes to `imported` when it is first asked for.
    pub(crate) fn get(&mut self, model: &Model, imported: &mut Imported) -> Option<&Known> {
        if !self.known.contains_key(model) {
            let known = self.sources.get(model).and_then(|source| converted(source, imported));
            self.known.insert(model.clone(), known);
        }
        self.known.get(model)?.as_ref()
    }
}

fn converted(source: &Source, imported: &mut Imported) -> Option<Known> {
    let converted = import_qxf(&source.text, &source.path).0?;
    let path = profile_path(&converted.manufacturer, &converted.model);
    let read = Source { path: path.as_str().into(), text: converted.json.as_str().into() };
    let Some(ProfileFile::Profile(profile)) = Profile::parse(&read).0 else { return None };
    imported.text(path, converted.json);
    let path = format!("{}/{}", converted.manufacturer, converted.model);
    Some(Known { path, profile: *profile })
}

/// Adds the profile `json` as `generic/<model>`: its path, its first mode, and that mode's slots.
pub(crate) fn generic(
    model: &str,
    json: &Value,
    imported: &mut Imported,
) -> Option<(String, String, PatchedMode)> {
    let path = profile_path("generic", model);
    let text = gobo_show::pretty::pretty(json);
    let read = Source { path: path.as_str().into(), text: text.as_str().into() };
    let Some(ProfileFile::Profile(profile)) = Profile::parse(&read).0 else { return None };
    let mode = profile.modes().first()?.name.clone();
    let patched = profile.patch(&mode)?;
    imported.text(path, text);
    Some((format!("generic/{model}"), mode, patched))
}

/// A profile of so many dimmers, each a head.
pub(crate) fn dimmers(count: u32) -> (String, Value) {
    let dimmer = json!({"capability": {"type": "Intensity"}});
    let mode = format!("{count} channels");
    let plural = if count == 1 { "dimmer" } else { "dimmers" };
    let profile = if count == 1 {
        json!({
            "name": "Dimmer", "categories": ["Dimmer"],
            "availableChannels": {"Dimmer": dimmer},
            "modes": [{"name": "1 channel", "channels": ["Dimmer"]}],
        })
    } else {
        let keys: Vec<_> = (1..=count).map(|head| format!("Dimmer {head}")).collect();
        json!({
            "name": format!("{count} dimmers"), "categories": ["Dimmer"],
            "matrix": {"pixelCount": [count, 1, 1]},
            "templateChannels": {"Dimmer $pixelKey": dimmer},
            "modes": [{"name": mode, "channels": keys}],
        })
    };
    (format!("{count}-{plural}"), profile)
}
