//! The AI Light Show: its `backend` folder, of any generation, to a project with a channel layer
//! for each song.
//!
//! What its renderer would skip is left out with a note; what it would read in its own way (parts
//! of 255 cut off, colours by the names of a template) is read so here, so that the project says
//! in plain numbers what happened.

mod cues;
mod files;
mod profile;
mod rig;
mod song;
mod value;
mod venue;

use gobo_show::diagnostic::{Diagnostic, Place, Severity, Spot, nearest};
use gobo_show::profile::slug;
use serde_json::{Map, Value, json};

use self::cues::{EXPECT, Stage};
use self::files::{Files, Sheet};
use self::song::Song;
use self::value::{Document, Json};
use crate::native::Names;
use crate::{Folder, ImportError, Imported};

/// What stands in for what a song does not say, or goes before it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Facts {
    /// Frames a second.
    pub fps: Option<u32>,
    /// Beats a minute.
    pub bpm: Option<f64>,
    /// The song's length in seconds.
    pub seconds: Option<f64>,
}

/// The latest that a cue of ours may start, and the longest that it may last, in seconds.
const LATEST: f64 = 1e6;

/// The frames a second of the original.
const FPS: u32 = 60;

/// Imports the song of a name, or every song with a cue sheet.
pub fn import(
    folder: &dyn Folder,
    song: Option<&str>,
    facts: Facts,
) -> Result<Imported, ImportError> {
    let files = Files::find(folder);
    let sheets = chosen(&files, song)?;
    let Some(fixtures) = &files.fixtures else {
        let message = "there is no `fixtures.json`: expected the AI Light Show's `backend` folder";
        return Err(ImportError::Missing(message.to_owned()));
    };
    let mut out = Imported::default();
    let mut faults = Vec::new();
    let (fixtures, pois) = venue::read(folder, &files, fixtures, &mut out, &mut faults);
    let stage = Stage { fixtures: &fixtures, pois: &pois };
    venue::write(&stage, &mut out);
    let chasers = chasers(folder, &files, &stage, &mut out, &mut faults);
    let mut names = Names::of_files();
    for sheet in sheets {
        let name = names.take(&sheet.song);
        if name != slug(&sheet.song) {
            let place = Place { file: sheet.path.as_str().into(), spot: Spot::File };
            let why = format!("is the show `{name}`: another song has the same name in lower case");
            out.note(format!("the song `{}`", sheet.song), why, place);
        }
        let facts = Facts { fps: Some(facts.fps.unwrap_or(FPS)), ..facts };
        let song = Song::read(folder, &files, sheet, facts, &mut out, &mut faults);
        match Document::read(folder, &sheet.path) {
            Ok(document) => {
                if let Err(fault) = show(&document, &name, &song, &stage, &chasers, &mut out) {
                    faults.push(fault);
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
    match faults.iter().any(|fault| fault.severity == Severity::Error) {
        true => Err(ImportError::Faulty(faults)),
        false => Ok(out),
    }
}

/// The cue sheets of the song that was asked for, or all.
fn chosen<'a>(files: &'a Files, song: Option<&str>) -> Result<Vec<&'a Sheet>, ImportError> {
    let names = || files.sheets.iter().map(|sheet| sheet.song.as_str());
    if files.sheets.is_empty() {
        let message = "there is no cue sheet: expected `cues/<song>.json` or `<song>.cue.json`";
        return Err(ImportError::Missing(message.to_owned()));
    }
    let Some(typed) = song else { return Ok(files.sheets.iter().collect()) };
    let bare = files::song_name(typed);
    let by = |same: &dyn Fn(&str) -> bool| files.sheets.iter().find(|sheet| same(&sheet.song));
    let found = by(&|song| song == bare || song == typed)
        .or_else(|| by(&|song| song.to_lowercase() == bare.to_lowercase()))
        .or_else(|| by(&|song| slug(song) == slug(bare)));
    match found {
        Some(sheet) => Ok(vec![sheet]),
        None => {
            let hint = match nearest(bare, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            };
            Err(ImportError::Unknown(format!("there is no song `{typed}`; {hint}")))
        }
    }
}

/// A chaser: its id in lower case, and the name of its file with us.
type Chaser = (String, String);

/// Writes every chaser to a file of its own.
fn chasers(
    folder: &dyn Folder,
    files: &Files,
    stage: &Stage<'_>,
    out: &mut Imported,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Chaser> {
    let mut chasers: Vec<Chaser> = Vec::new();
    let mut names = Names::of_files();
    for path in &files.chasers {
        let document = match Document::read(folder, path) {
            Ok(document) => document,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let root = document.root();
        let all = if root.is_list() { root.items() } else { vec![root] };
        for json in all {
            let text = |key: &str| json.get(key).and_then(|value| value.text());
            let Some(id) = text("id").or_else(|| text("name")) else {
                faults.push(json.wrong("a chaser with an `id`"));
                continue;
            };
            let lower = id.to_lowercase();
            if chasers.iter().any(|(known, _)| *known == lower) {
                out.note(
                    format!("the chaser `{id}`"),
                    "is there twice: the first counts",
                    json.place(),
                );
                continue;
            }
            match chaser(&json, &id, stage, out) {
                Ok(value) => {
                    let name = names.take(&id);
                    out.text(format!("chasers/{name}.json"), listed(&value, "steps"));
                    chasers.push((lower, name));
                }
                Err(why) => out.note(format!("the chaser `{id}`"), why, json.place()),
            }
        }
    }
    chasers
}

fn chaser(
    json: &Json<'_>,
    id: &str,
    stage: &Stage<'_>,
    out: &mut Imported,
) -> Result<Value, String> {
    let text = |key: &str| json.get(key).and_then(|value| value.text());
    let mut chaser = Map::new();
    chaser.insert("title".to_owned(), json!(text("name").unwrap_or_else(|| id.to_owned())));
    if let Some(note) = text("description") {
        chaser.insert("note".to_owned(), json!(note));
    }
    if text("type").as_deref() == Some("dynamic") {
        let params = json.get("default_params");
        let mut wave = wave(params.as_ref(), stage);
        if wave.get("on").is_none() {
            let usual = ["parcan_pl", "parcan_l", "parcan_r", "parcan_pr"];
            wave.insert("on".to_owned(), json!(selection(usual.into_iter(), stage)));
        }
        chaser.insert("wave".to_owned(), wave.into());
        return Ok(chaser.into());
    }
    let (mut steps, mut cycle, mut kept): (Vec<Value>, f64, f64) = (Vec::new(), 0.0, 0.0);
    for effect in json.get("effects").iter().flat_map(Json::items) {
        let number = |key: &str| effect.get(key).and_then(|value| value.float()).unwrap_or(0.0);
        let (beat, beats) = (number("beat"), number("duration"));
        cycle = cycle.max(beat + beats);
        let what = |name: &str| format!("the effect `{name}` at beat {beat} of the chaser `{id}`");
        if let Some((name, on, action)) = action(&effect, stage, out, &what) {
            kept = kept.max(beat + beats);
            let mut step = json!({ "beat": beat, "beats": beats, "on": on });
            step[name] = action;
            steps.push(step);
        }
    }
    if steps.is_empty() {
        return Err("is left out: nothing of it does anything".to_owned());
    }
    if cycle > kept {
        chaser.insert("beats".to_owned(), json!(cycle));
    }
    chaser.insert("steps".to_owned(), steps.into());
    Ok(chaser.into())
}

/// The parameters of a wave, as far as they are given.
fn wave(params: Option<&Json<'_>>, stage: &Stage<'_>) -> Map<String, Value> {
    let mut wave = Map::new();
    let get = |key: &str| params.and_then(|params| params.get(key));
    if let Some(fixtures) = get("fixtures") {
        let names: Vec<String> = fixtures.items().iter().filter_map(Json::text).collect();
        let on = selection(names.iter().map(String::as_str), stage);
        wave.insert("on".to_owned(), json!(on));
    }
    for (ours, theirs) in [("base", "base_color"), ("accent", "accent_color")] {
        if let Some(color) = get(theirs).and_then(|color| color.text()) {
            wave.insert(ours.to_owned(), json!(format!("#{}", color.trim_start_matches('#'))));
        }
    }
    let numbers = [
        ("beats", "duration_beats"),
        ("step", "step_size"),
        ("speed", "speed"),
        ("fade_in", "fade_in_beats"),
        ("fade_out", "fade_out_beats"),
    ];
    for (ours, theirs) in numbers {
        if let Some(number) = get(theirs).and_then(|number| number.float()) {
            wave.insert(ours.to_owned(), json!(number));
        }
    }
    wave
}

/// The fixtures of these ids that there are, as a selection.
fn selection<'a>(ids: impl Iterator<Item = &'a str>, stage: &Stage<'_>) -> String {
    let there = ids.filter(|id| stage.fixture(id).is_some());
    there.map(venue::name).collect::<Vec<_>>().join(" | ")
}

/// What a row does and on which fixture, with a note when it does nothing.
fn action(
    row: &Json<'_>,
    stage: &Stage<'_>,
    out: &mut Imported,
    what: &dyn Fn(&str) -> String,
) -> Option<(&'static str, String, Value)> {
    let effect = row.get("effect").or_else(|| row.get("action")).and_then(|name| name.text())?;
    let id = row.get("fixture_id").and_then(|id| id.text()).unwrap_or_default();
    let Some(fixture) = stage.fixture(&id) else {
        out.note(what(&effect), format!("is left out: there is no fixture `{id}`"), row.place());
        return None;
    };
    let mut lost = Vec::new();
    let data = row.get("data").filter(Json::is_object);
    let found = stage.effect(&effect, data.as_ref(), fixture, &mut lost);
    for channel in lost {
        let why = match fixture.template.has(&channel) {
            true => format!("does not fade `{channel}`: the dimmer and the colours only"),
            false => format!("loses `{channel}`: `{id}` has no such channel"),
        };
        out.note(what(&effect), why, row.place());
    }
    match found {
        Ok((name, action)) => {
            if name == EXPECT {
                let why = "writes nothing, for a point is not known; where it was to leave the head \
                           is kept";
                out.note(what(&effect), why, row.place());
            } else if name != effect.trim().to_lowercase() || name == "fade" || name == "seek" {
                let why =
                    format!("is `{name}` here; the original's last version had no `{effect}`");
                out.note(what(&effect), why, row.place());
            }
            Some((name, venue::name(&id), action))
        }
        Err(why) => {
            let why = format!("is left out: `{id}` does nothing, for {why}");
            out.note(what(&effect), why, row.place());
            None
        }
    }
}

/// Writes the show of a song.
fn show(
    document: &Document,
    name: &str,
    song: &Song,
    stage: &Stage<'_>,
    chasers: &[Chaser],
    out: &mut Imported,
) -> Result<(), Diagnostic> {
    let root = document.root();
    let entries = if root.is_list() { Some(root.clone()) } else { root.get("entries") };
    let entries = entries.filter(Json::is_list);
    let entries = entries.ok_or_else(|| root.wrong("a list of cues, or `entries` with one"))?;
    let mut cues = Vec::new();
    for row in entries.items() {
        if let Some(cue) = cue(&row, song, stage, chasers, out)? {
            cues.push(cue);
        }
    }
    let mut file = Map::new();
    file.insert("rules".to_owned(), json!("channels"));
    if song.bpm > 0.0 {
        file.insert("bpm".to_owned(), json!(song.bpm));
    }
    file.insert("cues".to_owned(), cues.into());
    let folder = format!("shows/{name}");
    out.text(format!("{folder}/cues.json"), listed(&file.into(), "cues"));
    out.text(format!("{folder}/show.toml"), song.show());
    Ok(())
}

/// A row of a cue sheet as a cue; `None` with a note when it does nothing.
fn cue(
    row: &Json<'_>,
    song: &Song,
    stage: &Stage<'_>,
    chasers: &[Chaser],
    out: &mut Imported,
) -> Result<Option<Value>, Diagnostic> {
    let time = row.get("time").and_then(|time| time.float());
    let time = time.ok_or_else(|| row.wrong("a cue with a `time` in seconds"))?;
    let what = |name: &str| format!("the effect `{name}` at {time} s");
    let chaser = row.get("chaser_id").and_then(|id| id.text());
    let has_effect = ["fixture_id", "effect", "action"].iter().any(|key| row.get(key).is_some());
    let note = row.get("name").and_then(|name| name.text());
    let mut cue = json!({ "at": time });
    match chaser {
        Some(id) if has_effect => {
            let message =
                format!("this row has an effect and the chaser `{id}`: expected one of them");
            return Err(Diagnostic::error("both-forms", row.place(), message));
        }
        Some(id) => {
            let known = chasers.iter().find(|(known, _)| *known == id.to_lowercase());
            let why = match known {
                None => "is left out: there is no such chaser",
                Some(_) if song.bpm <= 0.0 => {
                    "is left out: the song has no tempo (`--bpm` gives one)"
                }
                Some((_, file)) => {
                    cue["chaser"] = json!({ file.as_str(): call(row, stage) });
                    ""
                }
            };
            if !why.is_empty() {
                out.note(format!("the chaser `{id}` at {time} s"), why, row.place());
                return Ok(None);
            }
        }
        None if row.get("effect").or_else(|| row.get("action")).is_none() => {
            return Err(row.wrong("a row with an `effect` or a `chaser_id`"));
        }
        None => {
            let Some((name, on, action)) = action(row, stage, out, &what) else { return Ok(None) };
            let seconds = row.get("duration").and_then(|seconds| seconds.float());
            let seconds = seconds.unwrap_or(0.0).max(0.0);
            if seconds > 0.0 {
                cue["for"] = json!(seconds);
            }
            cue["on"] = json!(on);
            cue[name] = action;
        }
    }
    let seconds = cue.get("for").and_then(Value::as_f64).unwrap_or(0.0);
    if !(0.0..=LATEST).contains(&time) || seconds > LATEST {
        let why = format!("is left out: it never begins, or lasts longer than {LATEST} s");
        out.note(format!("the cue at {time} s"), why, row.place());
        return Ok(None);
    }
    if let Some(note) = note {
        cue["name"] = json!(note);
    }
    Ok(Some(cue))
}

/// How a chaser is run.
fn call(row: &Json<'_>, stage: &Stage<'_>) -> Value {
    let data = row.get("data").filter(Json::is_object);
    let times = data.as_ref().and_then(|data| data.get("repetitions"));
    let times = times.and_then(|times| times.int()).unwrap_or(1).max(1);
    let mut call = Map::new();
    if times > 1 {
        call.insert("times".to_owned(), json!(times));
    }
    call.extend(wave(data.as_ref(), stage));
    call.into()
}

/// An object as JSON with a line for each of its members, and for each item of the list `key`.
fn listed(object: &Value, key: &str) -> String {
    let members = object.as_object().into_iter().flatten().map(|(name, value)| {
        let name = json!(name);
        match value.as_array().filter(|_| name == *key) {
            None => format!("  {name}: {value}"),
            Some(items) if items.is_empty() => format!("  {name}: []"),
            Some(items) => {
                let items: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
                format!("  {name}: [\n{}\n  ]", items.join(",\n"))
            }
        }
    });
    format!("{{\n{}\n}}\n", members.collect::<Vec<_>>().join(",\n"))
}
