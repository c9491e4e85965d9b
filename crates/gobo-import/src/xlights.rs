//! xLights sequences (`.xsq`): models to strips and matrices of pixels, effects to those of ours,
//! timing tracks to beats, bars and sections.

mod cues;
mod effects;
mod layout;
mod sequence;
mod venue;

use gobo_show::diagnostic::{Diagnostic, Place, Spot};
use serde_json::{Value, json};

use crate::folder::Folder;
use crate::imported::{ImportError, Imported};
use crate::native::{Names, Toml, number};
use layout::Layout;
use sequence::Sequence;
use venue::Venue;

/// The files of a layout, which lie in the show's folder.
const MODELS: &str = "xlights_rgbeffects.xml";
const NETWORKS: &str = "xlights_networks.xml";

/// Turns the sequence `file` of `folder` into a project. Models and networks come from
/// `xlights_rgbeffects.xml` and `xlights_networks.xml` in the folder; models that are not there
/// become strips of 50 pixels.
///
/// # Errors
/// [`ImportError::Faulty`] with every mistake when a file is no sequence or not whole.
pub fn import(folder: &dyn Folder, file: &str) -> Result<Imported, ImportError> {
    let source = folder.source(file)?;
    let sequence = sequence::read(&source).map_err(ImportError::Faulty)?;
    let layout = read_layout(folder)?;
    let mut imported = Imported::default();
    let mut venue = Venue::new(&layout, &mut imported);
    for element in &sequence.elements {
        let known = venue.targets.contains_key(&element.name);
        // A part of a model that is not known is the whole model.
        let base = element.name.split('/').next().unwrap_or(&element.name);
        if !known && !element.is_group && !venue.targets.contains_key(base) {
            venue.stand_in(base, &element.place, &mut imported);
        }
        if let (false, Some(whole)) = (known, venue.targets.get(base).cloned()) {
            if base != element.name {
                let what = format!("the part `{}`", element.name);
                imported.note(
                    what,
                    "is not in the layout: it is the whole model",
                    element.place.clone(),
                );
            }
            venue.targets.insert(element.name.clone(), whole);
        }
    }
    for element in &sequence.elements {
        if !venue.targets.contains_key(&element.name) {
            venue.stand_in_group(&element.name, &element.place, &mut imported);
        }
    }
    let layers = cues::layers(&sequence, &layout, &venue, folder, &mut imported);
    let stem = stem(file);
    imported.text("fixtures/layout.toml", venue.finish(stem, &layout));
    let name = Names::default().take(stem);
    show(&sequence, &layers, (&name, stem), folder, &mut imported);
    Ok(imported)
}

fn read_layout(folder: &dyn Folder) -> Result<Layout, Diagnostic> {
    let mut layout = Layout::default();
    let files = folder.files();
    if files.iter().any(|path| path == NETWORKS) {
        layout::networks(&folder.source(NETWORKS)?, &mut layout)?;
    }
    if files.iter().any(|path| path == MODELS) {
        layout::models(&folder.source(MODELS)?, &mut layout)?;
    }
    Ok(layout)
}

/// Writes the show: its manifest, its song and its cue files.
fn show(
    sequence: &Sequence,
    layers: &[(String, String)],
    (name, stem): (&str, &str),
    folder: &dyn Folder,
    imported: &mut Imported,
) {
    let song = song(sequence, stem, folder, imported);
    let mut toml = Toml::default();
    let title = if sequence.title.is_empty() { stem } else { &sequence.title };
    toml.key("title", title);
    if let Some(song) = song {
        toml.key("song", song);
    }
    toml.key("venue", "layout").key("fps", fps(sequence.frame_ms));
    toml.key("length", number(sequence.seconds));
    toml.comment("By what lies over what, lowest first: elements, their layers, how they blend.");
    let cues: Vec<Value> = layers.iter().map(|(layer, _)| json!(format!("{layer}.json"))).collect();
    toml.key("cues", cues);
    imported.text(format!("shows/{name}/show.toml"), toml.finish());
    for (layer, text) in layers {
        imported.text(format!("shows/{name}/{layer}.json"), text.as_str());
    }
}

/// Frames a second for frames of so many milliseconds.
fn fps(frame_ms: f64) -> Value {
    let rate = 1000.0 / frame_ms;
    if rate.fract() == 0.0 { number(rate) } else { format!("1000/{}", frame_ms.round()).into() }
}

/// The song's file in the project, with its sidecar.
fn song(
    sequence: &Sequence,
    stem_of_file: &str,
    folder: &dyn Folder,
    imported: &mut Imported,
) -> Option<String> {
    let facts = cues::grid(sequence, imported);
    let media = sequence.media.as_deref().unwrap_or(stem_of_file);
    let name = media.rsplit(['/', '\\']).next().unwrap_or(media);
    let has_facts = facts.as_object().is_some_and(|facts| !facts.is_empty());
    if has_facts {
        let path = format!("songs/{}.song.json", stem(name));
        imported.text(path, gobo_show::pretty::pretty(&facts));
    }
    sequence.media.as_ref()?;
    let there = folder.files().into_iter().find(|file| file.rsplit('/').next() == Some(name));
    match there.and_then(|there| folder.read(&there).ok()) {
        Some(bytes) => {
            imported.files.insert(format!("songs/{name}"), bytes);
            Some(name.to_owned())
        }
        None => {
            let place = Place { file: name.into(), spot: Spot::File };
            let why = "is not beside the sequence: put it into songs/ and name it in show.toml";
            imported.note(format!("the song `{name}`"), why, place);
            None
        }
    }
}

/// A file's name without its folder and its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
