//! What can be asked for, read from the intents of the protocol.

use gobo_show::tree::below;
use serde_json::{Map, Value};

use super::payload::{Payload, thousandth};
use super::refusal::{Fault, Refusal};

/// A row as the AI Light Show has it.
#[derive(Clone, PartialEq, Debug)]
pub struct OldRow {
    /// When it starts, in seconds of the show, to the thousandth.
    pub time: f64,
    /// A fixture, or another selection.
    pub fixture: String,
    /// The effect, by its name there or here.
    pub effect: String,
    /// How long it runs, in seconds.
    pub duration: f64,
    /// The effect's parameters, as there or as here.
    pub data: Map<String, Value>,
    /// Its name, if it has one.
    pub name: Option<String>,
}

/// A cue to be written.
#[derive(Clone, PartialEq, Debug)]
pub enum NewCue {
    /// As a cue file has it.
    Native(Map<String, Value>),
    /// A row that becomes what its file takes.
    Row(OldRow),
}

/// An edit of source files.
#[derive(Clone, PartialEq, Debug)]
pub enum Authoring {
    /// A cue more; a row in the place of one that starts within 0.1 s on the same fixture with the
    /// same effect. Without a file, that of the cue nearest before on the fixture.
    AddCue(NewCue, Option<String>),
    /// Members of a cue anew, null takes them out. Beside those of the file there are `time`,
    /// `duration`, `fixture_id`, `effect` and `data`.
    UpdateCue {
        /// Which, of the rows of the edition.
        index: usize,
        /// What is anew.
        patch: Map<String, Value>,
        /// The object that it is expected to be.
        source: Option<Value>,
    },
    /// A cue less.
    DeleteCue {
        /// Which, of the rows of the edition.
        index: usize,
        /// The object that it is expected to be.
        source: Option<Value>,
    },
    /// All cues less that start in a stretch of the show; a cue that repeats goes by its first
    /// start.
    ClearCues {
        /// The start of the stretch, in seconds.
        from: f64,
        /// Its end, which belongs to it.
        to: f64,
    },
    /// All cues less.
    ClearAllCues,
    /// What a recipe writes.
    ApplyRecipe {
        /// Which.
        id: String,
        /// Its parameters.
        params: Map<String, Value>,
        /// The file; the last one of cues that are no rows, if not given, or of rows where there is
        /// no other.
        file: Option<String>,
    },
    /// The levels of fixtures as a cue.
    AddLook {
        /// When, in seconds of the show.
        time: f64,
        /// By fixture its channels: a number is a value at the channel's full resolution, text a
        /// part (`50%`), a colour (`#ff8000`) or the label of a range.
        fixtures: Map<String, Value>,
        /// The file, as for a cue.
        file: Option<String>,
    },
    /// A cue that runs a chaser.
    ApplyChaser {
        /// Which.
        id: String,
        /// When, in seconds of the show.
        time: f64,
        /// How often.
        times: usize,
        /// The file, one of a channel layer; the last of these if not given.
        file: Option<String>,
    },
    /// A remark more on the song.
    CreateHint {
        /// When, in seconds of the show.
        time: f64,
        /// When it ends.
        end: Option<f64>,
        /// What it says.
        text: String,
    },
    /// A remark anew, in what is given.
    UpdateHint {
        /// Which.
        id: String,
        /// When.
        time: Option<f64>,
        /// When it ends.
        end: Option<f64>,
        /// What it says.
        text: Option<String>,
    },
    /// A remark less.
    DeleteHint {
        /// Which.
        id: String,
    },
    /// The sections of the song anew.
    SaveSections {
        /// Each by its name, its start and its end, in seconds of the show; rising.
        sections: Vec<(String, f64, f64)>,
    },
    /// A point of interest more.
    CreatePoint {
        /// Its name.
        id: String,
        /// Where, in metres.
        location: [f64; 3],
        /// Pan and tilt of fixtures for it, by their id.
        aims: Vec<(String, [u16; 2])>,
    },
    /// A point of interest elsewhere, or met otherwise, in what is given.
    UpdatePoint {
        /// Which, in any case.
        id: String,
        /// Where, in metres.
        location: Option<[f64; 3]>,
        /// Pan and tilt of fixtures for it, by their id; those of others stay.
        aims: Vec<(String, [u16; 2])>,
    },
    /// A point of interest less, with what was measured for it.
    DeletePoint {
        /// Which, in any case.
        id: String,
    },
    /// Pan and tilt of a fixture for a point, as measured.
    AimFixture {
        /// The point, in any case.
        id: String,
        /// The fixture.
        fixture: String,
        /// Pan, then tilt, from end stop to end stop.
        axes: [u16; 2],
    },
}

/// The most often that a chaser is run by one cue.
const MOST_TIMES: usize = 10_000;

impl Authoring {
    /// The names of the intents that edit files.
    pub const NAMES: [&str; 16] = [
        "cue.add",
        "cue.update",
        "cue.delete",
        "cue.clear",
        "cue.clear_all",
        "cue.apply_helper",
        "cue.add_look",
        "chaser.apply",
        "song.hints.create",
        "song.hints.update",
        "song.hints.delete",
        "song.sections.save",
        "poi.create",
        "poi.update",
        "poi.delete",
        "poi.update_fixture_target",
    ];

    /// Whether an intent edits files.
    pub fn is_named(name: &str) -> bool {
        Self::NAMES.contains(&name)
    }

    /// Reads an intent.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with each mistake, also when no intent of this name edits files.
    pub fn parse(name: &str, payload: &Value) -> Result<Self, Refusal> {
        let asked = Payload::of(payload)?;
        let found = match name {
            "cue.add" => add_cue(&asked),
            "cue.update" => update_cue(&asked),
            "cue.delete" => delete_cue(&asked),
            "cue.clear" => clear_cues(&asked),
            "cue.clear_all" => Some(Self::ClearAllCues),
            "cue.apply_helper" => apply_recipe(&asked),
            "cue.add_look" => add_look(&asked),
            "chaser.apply" => apply_chaser(&asked),
            "poi.create" | "poi.update" => point(&asked, name == "poi.create"),
            "poi.delete" => id(&asked).map(|id| Self::DeletePoint { id }),
            "poi.update_fixture_target" => aim(&asked),
            "song.hints.create" => create_hint(&asked),
            "song.hints.update" => update_hint(&asked),
            "song.sections.save" => save_sections(&asked),
            "song.hints.delete" => id(&asked).map(|id| Self::DeleteHint { id }),
            other => {
                let fault = Fault::unknown("/name", ("intent that edits", other), Self::NAMES);
                return Err(Refusal::Invalid { errors: vec![fault] });
            }
        };
        asked.finished(found)
    }
}

fn id(asked: &Payload<'_>) -> Option<String> {
    asked.needed("id", asked.text("id"))
}

fn add_cue(asked: &Payload<'_>) -> Option<Authoring> {
    let file = asked.text("file");
    if asked.get("cue").is_some() {
        let cue = asked.object("cue")?;
        return Some(Authoring::AddCue(NewCue::Native(cue.clone()), file));
    }
    old_row(asked).map(|row| Authoring::AddCue(NewCue::Row(row), file))
}

/// Reads a row of the AI Light Show.
fn old_row(asked: &Payload<'_>) -> Option<OldRow> {
    let time = asked.needed("time", asked.seconds("time"));
    let fixture = asked.needed("fixture_id", asked.text("fixture_id"));
    let effect = asked.needed("effect", asked.text("effect"));
    let duration = asked.seconds("duration").unwrap_or_default();
    let data = asked.object("data").cloned().unwrap_or_default();
    let name = asked.text("name");
    // Who made it: rows of old carry it along.
    let _ = asked.get("created_by");
    Some(OldRow { time: time?, fixture: fixture?, effect: effect?, duration, data, name })
}

fn update_cue(asked: &Payload<'_>) -> Option<Authoring> {
    let index = asked.needed("index", asked.count("index"));
    let patch = asked.needed("patch", asked.object("patch"));
    let source = asked.get("source").cloned();
    Some(Authoring::UpdateCue { index: index?, patch: patch?.clone(), source })
}

fn delete_cue(asked: &Payload<'_>) -> Option<Authoring> {
    let index = asked.needed("index", asked.count("index"));
    let source = asked.get("source").cloned();
    Some(Authoring::DeleteCue { index: index?, source })
}

fn clear_cues(asked: &Payload<'_>) -> Option<Authoring> {
    let from = asked.needed("from_time", asked.seconds("from_time"));
    let to = asked.needed("to_time", asked.seconds("to_time"));
    let (from, to) = (from?, to?);
    if to < from {
        asked.wrong("to_time", format!("`to_time` {to} lies before `from_time` {from}"));
    }
    Some(Authoring::ClearCues { from, to })
}

fn apply_recipe(asked: &Payload<'_>) -> Option<Authoring> {
    let id = asked.needed("helper_id", asked.text("helper_id"));
    let params = asked.object("params").cloned().unwrap_or_default();
    let file = asked.text("file");
    Some(Authoring::ApplyRecipe { id: id?, params, file })
}

fn add_look(asked: &Payload<'_>) -> Option<Authoring> {
    let time = asked.needed("time", asked.seconds("time"));
    let fixtures = asked.needed("fixtures", asked.object("fixtures"));
    let file = asked.text("file");
    Some(Authoring::AddLook { time: time?, fixtures: fixtures?.clone(), file })
}

fn apply_chaser(asked: &Payload<'_>) -> Option<Authoring> {
    let id = asked.needed("chaser_id", asked.text("chaser_id"));
    let time = asked.needed("time", asked.seconds("time"));
    let times = asked.count("repetitions").unwrap_or(1);
    if !(1..=MOST_TIMES).contains(&times) {
        asked.wrong("repetitions", format!("`repetitions` is from 1 to {MOST_TIMES}, not {times}"));
    }
    let file = asked.text("file");
    Some(Authoring::ApplyChaser { id: id?, time: time?, times, file })
}

fn create_hint(asked: &Payload<'_>) -> Option<Authoring> {
    let time = asked.needed("time", asked.seconds("time"));
    let end = asked.seconds("end");
    let text = asked.needed("text", asked.text("text"));
    if let (Some(time), Some(end)) = (time, end)
        && end <= time
    {
        asked.wrong("end", ends_too_soon(time, end));
    }
    Some(Authoring::CreateHint { time: time?, end, text: text? })
}

fn update_hint(asked: &Payload<'_>) -> Option<Authoring> {
    let (time, end, text) = (asked.seconds("time"), asked.seconds("end"), asked.text("text"));
    Some(Authoring::UpdateHint { id: id(asked)?, time, end, text })
}

/// What is wrong with an end that is not after its start, both in seconds.
pub(super) fn ends_too_soon(start: f64, end: f64) -> String {
    format!("it ends at {end}, not after its start at {start}")
}

fn save_sections(asked: &Payload<'_>) -> Option<Authoring> {
    let rows = asked.needed("sections", asked.list("sections"))?;
    let section = |(index, row): (usize, &Value)| {
        let read = Payload::at(row, &format!("/sections/{index}")).and_then(|row| {
            // As the protocol says it, or as files of old do.
            let name = row.text("name").or_else(|| row.text("label"));
            let start = row.seconds("start_s").or_else(|| row.seconds("start"));
            let end = row.seconds("end_s").or_else(|| row.seconds("end"));
            if let (Some(start), Some(end)) = (start, end)
                && end <= start
            {
                row.wrong("end_s", ends_too_soon(start, end));
            }
            let name = row.needed("name", name);
            let (start, end) = (row.needed("start_s", start), row.needed("end_s", end));
            let all = name.zip(start.zip(end));
            row.finished(all.map(|(name, (start, end))| (name, start, end)))
        });
        taken(asked, read)
    };
    let found: Vec<_> = rows.iter().enumerate().map(section).collect();
    let mut sections = found.into_iter().collect::<Option<Vec<_>>>()?;
    sections.sort_by(|(_, a, _), (_, b, _)| a.total_cmp(b));
    Some(Authoring::SaveSections { sections })
}

fn point(asked: &Payload<'_>, is_new: bool) -> Option<Authoring> {
    let (id, name) = (asked.text("id"), asked.text("name"));
    if let (Some(id), Some(name)) = (&id, &name)
        && plain(id) != plain(name)
    {
        asked.wrong("name", format!("points have one name: `{id}` is not called `{name}`"));
    }
    // A new one may be called by its name alone.
    let id = asked.needed("id", id.or(name.filter(|_| is_new)));
    let location = asked.get("location").map(|location| place(asked, location));
    let aims = aims(asked);
    if is_new {
        let location = asked.needed("location", location.flatten());
        return Some(Authoring::CreatePoint { id: id?, location: location?, aims: aims? });
    }
    if location.is_none() && aims.as_ref().is_some_and(Vec::is_empty) {
        asked.wrong("location", "there is nothing to change: neither `location` nor `fixtures`");
    }
    let location = match location {
        Some(location) => Some(location?),
        None => None,
    };
    Some(Authoring::UpdatePoint { id: id?, location, aims: aims? })
}

/// A place of the room, in metres.
fn place(asked: &Payload<'_>, location: &Value) -> Option<[f64; 3]> {
    let read = Payload::at(location, "/location").and_then(|place| {
        let axis = |key| place.needed(key, place.within(key, -10_000.0, 10_000.0));
        let axes = (axis("x"), axis("y"), axis("z"));
        let all = axes.0.zip(axes.1).zip(axes.2);
        place.finished(all.map(|((x, y), z)| [x, y, z].map(thousandth)))
    });
    taken(asked, read)
}

/// A name without its case, spaces and underscores: what is alike by it is one name.
fn plain(name: &str) -> String {
    let parts = name.chars().filter(|c| !c.is_whitespace() && *c != '_');
    parts.flat_map(char::to_lowercase).collect()
}

/// Pan and tilt of fixtures by their id; none if they are not given.
fn aims(asked: &Payload<'_>) -> Option<Vec<(String, [u16; 2])>> {
    let fixtures = match asked.get("fixtures") {
        Some(_) => asked.object("fixtures")?,
        None => return Some(Vec::new()),
    };
    let read = |(id, aim): (&String, &Value)| {
        let read = Payload::at(aim, &below("/fixtures", id)).and_then(|aim| {
            let axes = axes(&aim);
            aim.finished(axes)
        });
        taken(asked, read).map(|axes| (id.clone(), axes))
    };
    let all: Vec<_> = fixtures.iter().map(read).collect();
    all.into_iter().collect()
}

/// Pan and tilt, from end stop to end stop.
fn axes(asked: &Payload<'_>) -> Option<[u16; 2]> {
    let axis = |key| asked.needed(key, asked.within(key, 0.0, 65_535.0));
    let (pan, tilt) = (axis("pan"), axis("tilt"));
    Some([pan?, tilt?].map(|axis| axis.round() as u16))
}

/// What was read of an object within; its mistakes become those of the whole.
fn taken<T>(asked: &Payload<'_>, read: Result<T, Refusal>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(refusal) => {
            asked.add(refusal.errors());
            None
        }
    }
}

fn aim(asked: &Payload<'_>) -> Option<Authoring> {
    let id = id(asked);
    let fixture = asked.needed("fixture_id", asked.text("fixture_id"));
    let axes = axes(asked);
    Some(Authoring::AimFixture { id: id?, fixture: fixture?, axes: axes? })
}
