//! The venue: fixtures, points of interest and their pan and tilt.

use std::fmt::Write as _;

use gobo_show::diagnostic::Diagnostic;
use gobo_show::profile::{profile_path, slug};
use serde_json::json;

use super::cues::Stage;
use super::files::{Files, split};
use super::profile;
use super::rig::{Fixture, Poi, Template};
use super::value::Document;
use crate::{Folder, Imported};

/// The venue's name, and that of its profiles' folder.
pub(super) const NAME: &str = "ai-light-show";

/// The shortest time from end stop to end stop that a venue can say, in seconds.
const SHORTEST_TRAVEL: f64 = 0.01;

/// Reads fixtures and points of interest; fixtures that cannot be had are told of.
pub(super) fn read(
    folder: &dyn Folder,
    files: &Files,
    fixtures: &str,
    out: &mut Imported,
    faults: &mut Vec<Diagnostic>,
) -> (Vec<Fixture>, Vec<Poi>) {
    let mut templates: Vec<(String, Template)> = Vec::new();
    for path in &files.templates {
        let document = Document::read(folder, path);
        match document.and_then(|document| Template::read(&document.root())) {
            Ok(template) => {
                let stem = split(path).1.strip_suffix(".json").unwrap_or_default();
                templates.push((stem.to_owned(), template.clone()));
                templates.push((template.id.clone(), template));
            }
            Err(fault) => faults.push(fault),
        }
    }
    let fixtures = list(folder, fixtures, faults, |document| patched(document, &templates, out));
    let pois = files.pois.as_ref().map(|path| {
        list(folder, path, faults, |document| {
            let mut pois: Vec<Poi> = Vec::new();
            for poi in document.root().items().iter().filter_map(Poi::read) {
                if pois.iter().all(|known| known.id.to_lowercase() != poi.id.to_lowercase()) {
                    pois.push(poi);
                }
            }
            pois
        })
    });
    let mut pois = pois.unwrap_or_default();
    // Old fixtures know themselves where points are for them.
    for fixture in &fixtures {
        for (name, aim) in &fixture.presets {
            let poi = pois.iter_mut().find(|poi| poi.id.to_lowercase() == *name);
            if let Some(poi) = poi.filter(|poi| poi.aim(&fixture.id).is_none()) {
                poi.aims.push((fixture.id.to_lowercase(), *aim));
            }
        }
    }
    (fixtures, pois)
}

/// What `take` makes of a file that is a list.
fn list<T>(
    folder: &dyn Folder,
    path: &str,
    faults: &mut Vec<Diagnostic>,
    take: impl FnOnce(&Document) -> Vec<T>,
) -> Vec<T> {
    match Document::read(folder, path) {
        Ok(document) if document.root().is_list() => take(&document),
        Ok(document) => {
            faults.push(document.root().wrong("a list"));
            Vec::new()
        }
        Err(fault) => {
            faults.push(fault);
            Vec::new()
        }
    }
}

fn patched(
    document: &Document,
    templates: &[(String, Template)],
    out: &mut Imported,
) -> Vec<Fixture> {
    let mut fixtures: Vec<Fixture> = Vec::new();
    for json in document.root().items() {
        match Fixture::read(&json, templates) {
            Ok(fixture) => match refused(&fixture, &fixtures) {
                None => fixtures.push(fixture),
                Some(why) => {
                    out.note(format!("the fixture `{}`", fixture.id), why, fixture.place.clone());
                }
            },
            Err(fault) => {
                let id = json.get("id").and_then(|id| id.text()).unwrap_or_default();
                let why = format!("is left out: {}", fault.message);
                out.note(format!("the fixture `{id}`"), why, fault.place);
            }
        }
    }
    fixtures
}

/// Why a fixture cannot be patched beside others.
fn refused(fixture: &Fixture, others: &[Fixture]) -> Option<String> {
    let end =
        |fixture: &Fixture| u32::from(fixture.address) + u32::from(fixture.template.footprint());
    if fixture.address == 0 || end(fixture) > 513 {
        return Some("is left out: it reaches past the universe".to_owned());
    }
    if others.iter().any(|other| other.id == fixture.id) {
        return Some("is left out: there is another with this id before".to_owned());
    }
    let shares = |other: &&Fixture| {
        u32::from(other.address) < end(fixture) && u32::from(fixture.address) < end(other)
    };
    others
        .iter()
        .find(shares)
        .map(|other| format!("is left out: it shares slots with `{}`", other.id))
}

/// A fixture's id as selections can say it.
pub(super) fn name(id: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    id.chars().map(|c| if fits(c) { c } else { '-' }).collect()
}

/// A key of TOML.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => json!(name).to_string(),
    }
}

/// Writes the venue file and the profiles.
pub(super) fn write(stage: &Stage<'_>, out: &mut Imported) {
    let mut text = String::from(
        "name = \"AI Light Show\"\n# The room is one metre wide, deep and high, as all places were given in parts of it.\n\
         room = [1.0, 1.0, 1.0]\n",
    );
    let references: Vec<&str> =
        stage.pois.iter().filter(|poi| poi.is_reference()).map(|poi| &*poi.id).collect();
    if !references.is_empty() {
        let _ = writeln!(text, "references = {}", json!(references));
    }
    for fixture in stage.fixtures {
        let template = &fixture.template;
        let model = slug(&template.id);
        out.text(profile_path(NAME, &model), profile::profile(template));
        let _ = write!(
            text,
            "\n[[fixture]]\nid = {}\nname = {}\nprofile = \"{NAME}/{model}\"\nuniverse = 1\naddress = {}\nposition = {:?}\n",
            json!(name(&fixture.id)),
            json!(fixture.name),
            fixture.address,
            fixture.location,
        );
        for (name, seconds) in
            ["pan_travel", "tilt_travel"].iter().zip(template.travel.unwrap_or_default())
        {
            // A head that takes no time turns as fast as can be said.
            if template.travel.is_some() {
                let _ = writeln!(text, "{name} = {:?}", seconds.max(SHORTEST_TRAVEL));
            }
        }
        let arm = profile::armed(template);
        if !arm.is_empty() {
            let arm: Vec<String> =
                arm.iter().map(|(channel, value)| format!("{} = {value}", key(channel))).collect();
            let _ = writeln!(text, "arm = {{ {} }}", arm.join(", "));
        }
    }
    if !stage.pois.is_empty() {
        text.push_str("\n[poi]\n");
    }
    for poi in stage.pois {
        let _ = writeln!(text, "{} = {:?}", key(&poi.id), poi.location);
    }
    for poi in stage.pois {
        let aims =
            stage.fixtures.iter().filter_map(|fixture| Some((fixture, poi.aim(&fixture.id)?)));
        let aims: Vec<String> = aims
            .map(|(fixture, [pan, tilt])| {
                format!("{} = [{pan}, {tilt}]\n", key(&name(&fixture.id)))
            })
            .collect();
        if !aims.is_empty() {
            let _ = write!(text, "\n[aim.{}]\n{}", key(&poi.id), aims.concat());
        }
    }
    text.push_str("\n[[output]]\nuniverses = \"1\"\nprotocol = \"artnet\"\nto = \"127.0.0.1\"\n");
    out.text(format!("fixtures/{NAME}.toml"), text);
}
