//! What a Luma database says, whichever of its schemas it has: one with whole numbers as keys, or
//! one with UUIDs.

use std::collections::BTreeMap;

use gobo_show::diagnostic::Diagnostic;

use super::database::{Database, Row};
use crate::imported::ImportError;

/// A database read.
#[derive(Debug, Default)]
pub(super) struct Luma {
    pub(super) venues: Vec<Venue>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) tracks: Vec<Track>,
    pub(super) scores: Vec<Score>,
    pub(super) settings: BTreeMap<String, String>,
    /// Whether heights are in `pos_y`, as before a change of axes.
    pub(super) y_is_up: bool,
    /// Tables with rows that nothing here reads, each with how many.
    pub(super) unread: Vec<(&'static str, i64)>,
    /// What nothing here reads of tables that are read, each with how often it is there.
    pub(super) unsaid: Vec<(&'static str, i64)>,
}

#[derive(Debug)]
pub(super) struct Venue {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) fixtures: Vec<Fixture>,
    pub(super) groups: Vec<Group>,
    /// Patterns with the implementation that each has here, by their keys.
    pub(super) overrides: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) struct Fixture {
    pub(super) id: String,
    pub(super) name: String,
    /// From 1.
    pub(super) universe: i64,
    /// From 1.
    pub(super) address: i64,
    pub(super) channels: i64,
    pub(super) manufacturer: String,
    pub(super) model: String,
    pub(super) mode: String,
    pub(super) path: String,
    /// In metres.
    pub(super) position: [f64; 3],
    /// In radians.
    pub(super) rotation: [f64; 3],
}

/// A fixture by its key, whole or one of its heads (from 0).
type Member = (String, Option<u32>);

#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    /// JSON.
    pub(super) tags: Option<String>,
    /// JSON.
    pub(super) movement: Option<String>,
    pub(super) members: Vec<Member>,
}

#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) default: Option<String>,
    pub(super) implementations: Vec<Implementation>,
}

#[derive(Debug)]
pub(super) struct Implementation {
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// JSON.
    pub(super) graph: String,
}

#[derive(Debug)]
pub(super) struct Track {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) artist: Option<String>,
    pub(super) seconds: Option<f64>,
    pub(super) path: String,
    pub(super) beats: Option<Beats>,
    /// JSON.
    pub(super) roots: Option<String>,
}

#[derive(Debug)]
pub(super) struct Beats {
    /// JSON.
    pub(super) beats: Option<String>,
    /// JSON.
    pub(super) downbeats: Option<String>,
    pub(super) bpm: Option<f64>,
    pub(super) offset: Option<f64>,
    pub(super) per_bar: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Score {
    pub(super) name: Option<String>,
    pub(super) track: String,
    pub(super) venue: Option<String>,
    pub(super) annotations: Vec<Annotation>,
}

#[derive(Debug)]
pub(super) struct Annotation {
    pub(super) pattern: String,
    /// In seconds of the track.
    pub(super) start: f64,
    /// In seconds of the track.
    pub(super) end: f64,
    pub(super) z: i64,
    pub(super) blend: String,
    /// JSON.
    pub(super) args: String,
}

/// The tables that every Luma database has.
const NEEDED: [&str; 6] = ["venues", "fixtures", "patterns", "implementations", "tracks", "scores"];

/// The tables that hold what a project of ours does not, or makes anew.
const UNREAD: [&str; 8] = [
    "track_waveforms",
    "track_stems",
    "midi_modifiers",
    "midi_bindings",
    "cues",
    "venue_mixer",
    "stage_pieces",
    "track_drum_onsets",
];

/// What nothing here reads: its name, and the column that holds it.
const UNSAID: [(&str, &str, &str); 6] = [
    ("the key for the cloud", "venues", "remote_id"),
    ("the storage in the cloud", "tracks", "storage_path"),
    ("the album art", "tracks", "album_art_path"),
    ("the album", "tracks", "album"),
    ("the weights of the roots", "track_roots", "logits_path"),
    ("the category of a pattern", "patterns", "category_id"),
];

/// The first version of the database in which heights are in `pos_z`.
const Z_UP: i64 = 20_260_130_100_000;

/// Reads a database.
///
/// # Errors
/// `missing-table` for every table that is not there, and what [`Database`] says.
pub(super) fn read(database: &Database) -> Result<Luma, ImportError> {
    let missing: Vec<_> = NEEDED.into_iter().filter(|table| !database.has(table)).collect();
    if missing.len() == NEEDED.len() {
        let tables = NEEDED.join(", ");
        return Err(ImportError::Missing(format!(
            "this is no database of Luma: it has none of the tables {tables}"
        )));
    }
    if !missing.is_empty() {
        let mistake = |table: &&str| {
            let message = format!("the table `{table}` is not there");
            Diagnostic::error("missing-table", database.place(), message)
        };
        return Err(ImportError::Faulty(missing.iter().map(mistake).collect()));
    }
    let mut luma = Luma {
        venues: venues(database)?,
        patterns: patterns(database)?,
        tracks: tracks(database)?,
        scores: scores(database)?,
        y_is_up: y_is_up(database)?,
        ..Luma::default()
    };
    for row in database.rows("settings", &["key", "value"])? {
        if let (Some(key), Some(value)) = (row.text("key"), row.key("value")) {
            luma.settings.insert(key, value);
        }
    }
    for table in UNREAD {
        let count = database.count(table, None)?;
        luma.unread.extend((count > 0).then_some((table, count)));
    }
    for (what, table, column) in UNSAID {
        let count = database.count(table, Some(column))?;
        luma.unsaid.extend((count > 0).then_some((what, count)));
    }
    Ok(luma)
}

fn y_is_up(database: &Database) -> Result<bool, Diagnostic> {
    let versions = database.rows("_sqlx_migrations", &["version"])?;
    let newest = versions.iter().filter_map(|row| row.whole("version")).max();
    Ok(newest.is_some_and(|newest| newest < Z_UP))
}

fn venues(database: &Database) -> Result<Vec<Venue>, Diagnostic> {
    let mut fixtures = fixtures(database)?;
    let mut groups = groups(database)?;
    let columns = ["venue_id", "pattern_id", "implementation_id"];
    let mut overrides: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in database.rows("venue_implementation_overrides", &columns)? {
        let [Some(venue), Some(pattern), Some(way)] = columns.map(|column| row.key(column)) else {
            continue;
        };
        overrides.entry(venue).or_default().push((pattern, way));
    }
    let rows = database.rows("venues", &["id", "name", "description"])?;
    let venues = rows.iter().filter_map(|row| {
        let id = row.key("id")?;
        Some(Venue {
            name: row.text("name").unwrap_or_else(|| format!("Venue {id}")),
            description: row.text("description"),
            fixtures: fixtures.remove(&id).unwrap_or_default(),
            groups: groups.remove(&id).unwrap_or_default(),
            overrides: overrides.remove(&id).unwrap_or_default(),
            id,
        })
    });
    Ok(venues.collect())
}

const FIXTURE: [&str; 16] = [
    "id",
    "venue_id",
    "universe",
    "address",
    "num_channels",
    "manufacturer",
    "model",
    "mode_name",
    "fixture_path",
    "label",
    "pos_x",
    "pos_y",
    "pos_z",
    "rot_x",
    "rot_y",
    "rot_z",
];

fn fixtures(database: &Database) -> Result<BTreeMap<String, Vec<Fixture>>, Diagnostic> {
    let mut fixtures: BTreeMap<String, Vec<Fixture>> = BTreeMap::new();
    for row in database.rows("fixtures", &FIXTURE)? {
        let (Some(id), Some(venue)) = (row.key("id"), row.key("venue_id")) else { continue };
        let text = |column| row.text(column).unwrap_or_default();
        let number = |column| row.number(column).unwrap_or_default();
        let model = text("model");
        fixtures.entry(venue).or_default().push(Fixture {
            id,
            name: row.text("label").unwrap_or_else(|| model.clone()),
            universe: row.whole("universe").unwrap_or(1),
            address: row.whole("address").unwrap_or_default(),
            channels: row.whole("num_channels").unwrap_or_default(),
            manufacturer: text("manufacturer"),
            model,
            mode: text("mode_name"),
            path: text("fixture_path"),
            position: ["pos_x", "pos_y", "pos_z"].map(number),
            rotation: ["rot_x", "rot_y", "rot_z"].map(number),
        });
    }
    Ok(fixtures)
}

fn groups(database: &Database) -> Result<BTreeMap<String, Vec<Group>>, Diagnostic> {
    let columns = ["fixture_id", "group_id", "head_index", "display_order"];
    let mut members: BTreeMap<String, Vec<(i64, Member)>> = BTreeMap::new();
    for row in database.rows("fixture_group_members", &columns)? {
        let (Some(fixture), Some(group)) = (row.key("fixture_id"), row.key("group_id")) else {
            continue;
        };
        let head = row.whole("head_index").and_then(|head| u32::try_from(head).ok());
        let order = row.whole("display_order").unwrap_or_default();
        members.entry(group).or_default().push((order, (fixture, head)));
    }
    let columns = ["id", "venue_id", "name", "tags", "movement_config", "display_order"];
    let mut groups: BTreeMap<String, Vec<(i64, Group)>> = BTreeMap::new();
    for row in database.rows("fixture_groups", &columns)? {
        let (Some(id), Some(venue)) = (row.key("id"), row.key("venue_id")) else { continue };
        let mut members = members.remove(&id).unwrap_or_default();
        members.sort_by_key(|(order, _)| *order);
        let group = Group {
            name: row.text("name").unwrap_or_else(|| "group".to_owned()),
            tags: row.text("tags"),
            movement: row.text("movement_config"),
            members: members.into_iter().map(|(_, member)| member).collect(),
        };
        let order = row.whole("display_order").unwrap_or_default();
        groups.entry(venue).or_default().push((order, group));
    }
    let ordered = groups.into_iter().map(|(venue, mut groups)| {
        groups.sort_by_key(|(order, _)| *order);
        (venue, groups.into_iter().map(|(_, group)| group).collect())
    });
    Ok(ordered.collect())
}

fn patterns(database: &Database) -> Result<Vec<Pattern>, Diagnostic> {
    let mut ways: BTreeMap<String, Vec<Implementation>> = BTreeMap::new();
    for row in database.rows("implementations", &["id", "pattern_id", "name", "graph_json"])? {
        let Some(pattern) = row.key("pattern_id") else { continue };
        ways.entry(pattern.clone()).or_default().push(Implementation {
            id: row.key("id").unwrap_or(pattern),
            name: row.text("name"),
            graph: row.text("graph_json").unwrap_or_default(),
        });
    }
    let columns = ["id", "name", "description", "default_implementation_id"];
    let rows = database.rows("patterns", &columns)?;
    let patterns = rows.iter().filter_map(|row| {
        let id = row.key("id")?;
        Some(Pattern {
            name: row.text("name").unwrap_or_else(|| format!("pattern_{id}")),
            description: row.text("description"),
            default: row.key("default_implementation_id"),
            implementations: ways.remove(&id).unwrap_or_default(),
            id,
        })
    });
    Ok(patterns.collect())
}

fn by_track(rows: Vec<Row>) -> BTreeMap<String, Row> {
    rows.into_iter().filter_map(|row| Some((row.key("track_id")?, row))).collect()
}

fn tracks(database: &Database) -> Result<Vec<Track>, Diagnostic> {
    let columns =
        ["track_id", "beats_json", "downbeats_json", "bpm", "downbeat_offset", "beats_per_bar"];
    let beats = by_track(database.rows("track_beats", &columns)?);
    let roots = by_track(database.rows("track_roots", &["track_id", "sections_json"])?);
    let columns = ["id", "track_hash", "title", "artist", "duration_seconds", "file_path"];
    let rows = database.rows("tracks", &columns)?;
    let tracks = rows.iter().filter_map(|row| {
        let id = row.key("id")?;
        let path = row.text("file_path").unwrap_or_default();
        let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned();
        let beats = beats.get(&id).map(|row| Beats {
            beats: row.text("beats_json"),
            downbeats: row.text("downbeats_json"),
            bpm: row.number("bpm").filter(|bpm| *bpm > 0.0),
            offset: row.number("downbeat_offset"),
            per_bar: row.whole("beats_per_bar").filter(|beats| *beats > 0),
        });
        Some(Track {
            title: row.text("title").unwrap_or(stem),
            artist: row.text("artist"),
            seconds: row.number("duration_seconds").filter(|seconds| *seconds > 0.0),
            roots: roots.get(&id).and_then(|row| row.text("sections_json")),
            path,
            beats,
            id,
        })
    });
    Ok(tracks.collect())
}

fn scores(database: &Database) -> Result<Vec<Score>, Diagnostic> {
    let columns =
        ["score_id", "pattern_id", "start_time", "end_time", "z_index", "blend_mode", "args_json"];
    let mut annotations: BTreeMap<String, Vec<Annotation>> = BTreeMap::new();
    for table in ["score_annotations", "track_scores"] {
        for row in database.rows(table, &columns)? {
            let (Some(score), Some(pattern)) = (row.key("score_id"), row.key("pattern_id")) else {
                continue;
            };
            annotations.entry(score).or_default().push(Annotation {
                pattern,
                start: row.number("start_time").unwrap_or_default(),
                end: row.number("end_time").unwrap_or_default(),
                z: row.whole("z_index").unwrap_or_default(),
                blend: row.text("blend_mode").unwrap_or_else(|| "replace".to_owned()),
                args: row.text("args_json").unwrap_or_else(|| "{}".to_owned()),
            });
        }
    }
    let rows = database.rows("scores", &["id", "track_id", "venue_id", "name"])?;
    let scores = rows.iter().filter_map(|row| {
        Some(Score {
            name: row.text("name"),
            track: row.key("track_id")?,
            venue: row.key("venue_id"),
            annotations: annotations.remove(&row.key("id")?).unwrap_or_default(),
        })
    });
    Ok(scores.collect())
}
