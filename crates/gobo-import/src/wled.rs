//! WLED light servers: boards to strips of pixels, programs to shows.

mod look;
mod source;
mod venue;

use std::collections::BTreeMap;

use gobo_show::diagnostic::{Place, Spot};
use serde_json::{Map, Value, json};

use crate::folder::Folder;
use crate::imported::{ImportError, Imported};
use crate::native::{Names, Toml, Vocabulary, cue_file, number};
use source::{Action, Board, Cue, Look, Program, Server};
use venue::Targets;

/// How long the last cue of a program stands when its song is not there, in seconds.
const STANDS: f64 = 4.0;

/// Turns the folder of a WLED light server into a project: `boards.toml`, programs, presets of
/// the server and of WLED, and the tables `WledBoard` and `Cue` as JSON, by what is in the files.
///
/// # Errors
/// [`ImportError::Faulty`] with every mistake in the files, [`ImportError::Missing`] when nothing
/// in the folder is such a server's.
pub fn import(folder: &dyn Folder) -> Result<Imported, ImportError> {
    let mut server = source::read(folder);
    if !server.faults.is_empty() {
        return Err(ImportError::Faulty(server.faults));
    }
    if server.boards.is_empty() && server.programs.is_empty() {
        let looked = "there are no boards (`boards.toml`) and no programs (JSON with `cues`) here";
        return Err(ImportError::Missing(looked.to_owned()));
    }
    let mut imported = Imported::default();
    if server.boards.is_empty() {
        imported.note(
            "the boards",
            "are not there: one strip of 60 pixels at 127.0.0.1 stands in for them",
            Place { file: "boards.toml".into(), spot: Spot::File },
        );
        server.boards.push(stand_in());
    }
    let (venue, targets) = venue::venue(&server, &mut imported);
    imported.text("fixtures/boards.toml", venue);
    if server.programs.is_empty() {
        server.programs.push(standing(&server));
    }
    let mut importer = Importer {
        server: &server,
        targets: &targets,
        vocabulary: Vocabulary::default(),
        folder,
        imported: &mut imported,
    };
    let mut names = Names::default();
    let shows: Vec<String> =
        server.programs.iter().map(|program| names.take(&program.title)).collect();
    for (program, name) in server.programs.iter().zip(&shows) {
        importer.program(program, name);
    }
    Ok(imported)
}

fn stand_in() -> Board {
    Board {
        id: "board".to_owned(),
        ip: Some("127.0.0.1".to_owned()),
        leds: 60,
        universe: None,
        has_white: false,
        look: None,
        place: Place { file: "boards.toml".into(), spot: Spot::File },
    }
}

/// A program for boards without one: what each shows now.
fn standing(server: &Server) -> Program {
    let place = server.boards[0].place.clone();
    let cue = |board: &Board| Cue {
        seconds: 0.0,
        label: String::new(),
        targets: vec![board.id.clone()],
        action: match &board.look {
            Some(look) => Action::Look(look.clone()),
            None => Action::Look(Look {
                effect: "solid".to_owned(),
                color: None,
                level: 1.0,
                speed: None,
            }),
        },
        sync_rate: 1.0,
        place: board.place.clone(),
    };
    Program {
        id: "boards".to_owned(),
        title: "Boards".to_owned(),
        audio: None,
        bpm: None,
        offset: 0.0,
        cues: server.boards.iter().map(cue).collect(),
        next: None,
        transition: ("immediate".to_owned(), 0.0),
        place,
    }
}

struct Importer<'a> {
    server: &'a Server,
    targets: &'a Targets,
    vocabulary: Vocabulary,
    folder: &'a dyn Folder,
    imported: &'a mut Imported,
}

impl Importer<'_> {
    fn program(&mut self, program: &Program, name: &str) {
        let song = self.song(program);
        let mut lost = Lost::default();
        let mut cues = Vec::new();
        for cue in &program.cues {
            let cue = self.cue(program, cue, song.is_some(), &mut lost);
            cues.extend(cue);
        }
        lost.note(program, self.imported);
        let mut toml = Toml::default();
        self.after(program, &mut toml);
        toml.key("title", program.title.as_str());
        if let Some(song) = &song {
            toml.key("song", song.as_str());
        }
        toml.key("venue", "boards").key("fps", 40);
        if song.is_none() {
            let last = program.cues.last().map_or(0.0, |cue| cue.seconds);
            toml.key("length", number(last + STANDS));
        }
        if program.transition.0 == "hold" {
            toml.key("last_look", "hold");
        }
        toml.key("cues", json!(["cues.json"]));
        self.imported.text(format!("shows/{name}/show.toml"), toml.finish());
        self.imported.text(format!("shows/{name}/cues.json"), cue_file(&Map::new(), &cues));
    }

    /// What comes after a program, as remarks and notes.
    fn after(&mut self, program: &Program, toml: &mut Toml) {
        let (kind, ms) = &program.transition;
        if let Some(next) = &program.next {
            let next = self.server.programs.iter().find(|other| other.id == *next);
            let title = next.map_or("a program that is not there", |next| &next.title);
            toml.comment(&format!("After it comes: {title} ({kind}, {ms} ms)."));
            let what = format!("what follows `{}`", program.title);
            let why = format!("is not carried: {title} ({kind}, {ms} ms); a playlist would say it");
            self.imported.note(what, why, program.place.clone());
        } else if *ms > 0.0 {
            let what = format!("the transition of `{}`", program.title);
            let why = format!("has no length here ({kind}, {ms} ms)");
            self.imported.note(what, why, program.place.clone());
        }
    }

    /// The song's file, taken over with its tempo.
    fn song(&mut self, program: &Program) -> Option<String> {
        let audio = program.audio.as_ref()?;
        let name = audio.rsplit(['/', '\\']).next().unwrap_or(audio);
        let there =
            self.folder.files().into_iter().find(|file| file.rsplit('/').next() == Some(name));
        let Some(bytes) = there.and_then(|there| self.folder.read(&there).ok()) else {
            let what = format!("the song `{name}` of `{}`", program.title);
            let why = "is not in the folder: put it into songs/ and name it in show.toml";
            self.imported.note(what, why, program.place.clone());
            return None;
        };
        self.imported.files.insert(format!("songs/{name}"), bytes);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let facts = json!({
            "title": program.title,
            "bpm": number(program.bpm.unwrap_or(120.0)),
            "offset": number(program.offset),
        });
        self.imported.text(format!("songs/{stem}.song.json"), gobo_show::pretty::pretty(&facts));
        Some(name.to_owned())
    }

    fn cue(
        &mut self,
        program: &Program,
        cue: &Cue,
        has_song: bool,
        lost: &mut Lost,
    ) -> Option<Value> {
        let on = self.selection(&cue.targets, &cue.place, lost)?;
        let mut whole = Map::new();
        whole.insert("at".into(), number(cue.seconds));
        whole.insert("on".into(), on.into());
        if !cue.label.is_empty() {
            whole.insert("name".into(), cue.label.as_str().into());
        }
        if matches!(cue.action, Action::Off) {
            whole.insert("set".into(), json!({"dimmer": 0}));
            return Some(whole.into());
        }
        let look = self.look(cue, lost)?;
        let every = match has_song {
            true => beats(1.0 / cue.sync_rate),
            false => number(60.0 / program.bpm.unwrap_or(120.0) / cue.sync_rate),
        };
        let done = look::action(&look, &every, &self.vocabulary);
        if done.is_plain {
            lost.add(
                format!("the effect `{}`", look.effect),
                "is shown as its plain colour",
                &cue.place,
            );
        }
        if done.by_board {
            whole.insert("spread".into(), "fixtures".into());
        }
        whole.extend(
            done.action.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())),
        );
        Some(whole.into())
    }

    fn look(&self, cue: &Cue, lost: &mut Lost) -> Option<Look> {
        let label = cue.label.to_lowercase();
        match &cue.action {
            Action::Off => None,
            Action::Look(look) => Some(look.clone()),
            Action::Named(name) => {
                let saved = || self.server.presets.get(&name.to_lowercase()).cloned();
                let named = self.server.looks.get(name).cloned().or_else(saved);
                let named = named.or_else(|| look::of_label(name));
                if named.is_none() {
                    let what = format!("the preset `{name}`");
                    lost.add(what, "is left out: no file says what it is", &cue.place);
                }
                named
            }
            Action::Preset(0, _) => {
                lost.add("cues without a preset".to_owned(), "are left out", &cue.place);
                None
            }
            Action::Preset(number, own) => {
                let known = self.server.presets.get(&number.to_string());
                let known = known.or_else(|| self.server.presets.get(&label)).cloned();
                let known = known.or_else(|| look::of_label(&cue.label));
                if known.is_none() && own.is_some() {
                    let what = format!("the preset {number} (`{}`)", cue.label);
                    lost.add(
                        what,
                        "is not in the files: the cue's own colour stands in",
                        &cue.place,
                    );
                }
                known.or_else(|| own.clone())
            }
        }
    }

    /// Targets as a selection; every one that is not known is noted.
    fn selection(&self, targets: &[String], place: &Place, lost: &mut Lost) -> Option<String> {
        if targets.is_empty() {
            return Some("all".to_owned());
        }
        let mut names = Vec::new();
        for target in targets {
            match self.targets.get(target) {
                Some(name) => names.push(name.as_str()),
                None if matches!(target.to_lowercase().as_str(), "group" | "all") => {
                    let what = format!("the target `{target}`");
                    lost.add(what, "is no board and no group: it stands for all boards", place);
                    names.push("all");
                }
                None => {
                    lost.add(format!("the target `{target}`"), "is no board and no group", place);
                }
            }
        }
        names.dedup();
        (!names.is_empty()).then(|| names.join(" | "))
    }
}

/// So many beats, as text.
fn beats(count: f64) -> Value {
    let count = number(count);
    let one = count.as_f64() == Some(1.0);
    Value::from(if one { "1 beat".to_owned() } else { format!("{count} beats") })
}

/// What a program lost, each once with how often.
#[derive(Default)]
struct Lost {
    found: BTreeMap<(String, &'static str), (u32, Option<Place>)>,
}

impl Lost {
    fn add(&mut self, what: String, why: &'static str, place: &Place) {
        let entry = self.found.entry((what, why)).or_insert((0, None));
        entry.0 += 1;
        entry.1.get_or_insert_with(|| place.clone());
    }

    fn note(self, program: &Program, imported: &mut Imported) {
        for ((what, why), (count, place)) in self.found {
            let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
            let why = format!("{why}{times}");
            let what = format!("{what} in `{}`", program.title);
            imported.note(what, why, place.unwrap_or_else(|| program.place.clone()));
        }
    }
}
