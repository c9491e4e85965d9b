//! Databases of Luma: both schemas imported, checked, rendered, and broken.

mod common;

use std::fmt::Write as _;

use common::{Lights, all, checked, mistakes, notes, show, world};
use gobo_import::{ImportError, Imported, MemoryFolder, luma};
use rusqlite::{Connection, MAIN_DB};

const PLANNED: &str = include_str!("foreign/luma/planned.sql");
const SHIPPED: &str = include_str!("foreign/luma/shipped.sql");
const CLUB: &str = include_str!("foreign/luma/club.sql");

/// Two scores of the planned schema: heights, blends, overlaps, and what is not there.
const PLANNED_SCORES: &str = r##"
INSERT INTO scores VALUES (1, 1, 'Opening'), (2, 1, NULL);
INSERT INTO score_annotations (score_id, pattern_id, start_time, end_time, z_index, blend_mode, args_json) VALUES
  (1, 1, 0, 4, 0, 'replace', '{"sel":{"expression":"all","spatialReference":"global"},"tint":{"r":255,"g":0,"b":0,"a":1}}'),
  (1, 1, 3, 5, 0, 'replace', '{"sel":{"expression":"front","spatialReference":"global"},"tint":{"r":0,"g":255,"b":0,"a":1}}'),
  (1, 1, 2, 4, 2, 'add', '{"sel":{"expression":"front & ~right_side","spatialReference":"group_local"},"tint":{"r":0,"g":0,"b":255,"a":1}}'),
  (1, 2, 6, 8, 1, 'replace', '{"level":0.25}'),
  (1, 1, 6.1, 8, 0, 'replace', '{"tint":{"r":255,"g":255,"b":255,"a":0.5},"gone":1}'),
  (1, 2, 8, 10, 1, 'value', '{"sel":{"expression":"front side","spatialReference":"global"},"level":1}'),
  (1, 99, 1, 2, 0, 'replace', '{}'),
  (1, 1, 5, 5, 0, 'replace', '{}'),
  (1, 1, 10, 11, 3, 'sparkle', '{"tint":'),
  (2, 1, 0, 2, -1, 'max', '{}');
INSERT INTO track_waveforms VALUES (1, '[0,1]', 44100);
INSERT INTO track_stems VALUES (1, 'drums', '/stems/drums.ogg'), (1, 'bass', '/stems/bass.ogg');
UPDATE fixture_groups SET tags = '["left", "wash"]' WHERE id = 2;
UPDATE patterns SET default_implementation_id = 3, category_id = 1 WHERE id = 2;
UPDATE tracks SET album_art_path = '/art/bus.png', album = 'Buses';
UPDATE venues SET remote_id = 'r' || id;
"##;

/// A score of the shipped schema, in the second venue.
const SHIPPED_SCORES: &str = r##"
INSERT INTO _sqlx_migrations VALUES (20260323000000, 'uuid everywhere');
INSERT INTO scores (id, track_id, venue_id, name) VALUES ('s-1', '1', '2', 'Late set'), ('s-2', '1', '1', 'Late set');
INSERT INTO track_scores (id, score_id, pattern_id, start_time, end_time, z_index, blend_mode, args_json) VALUES
  ('a-1', 's-1', '2', 0, 4, 0, 'replace', '{"sel":{"expression":"front","spatialReference":"global"}}'),
  ('a-2', 's-2', '2', 0, 4, 0, 'replace', '{"level":0.75}');
UPDATE venue_implementation_overrides SET implementation_id = 3;
UPDATE fixture_group_members SET head_index = 1 WHERE fixture_id = 'f-m';
UPDATE fixture_group_members SET id = fixture_id || group_id;
INSERT INTO track_waveforms VALUES ('1', x'00ff', 44100);
"##;

fn bytes(parts: &[&str]) -> Vec<u8> {
    let mut connection = Connection::open_in_memory().unwrap();
    for part in parts {
        connection.execute_batch(part).unwrap();
    }
    connection.serialize(MAIN_DB).unwrap().to_vec()
}

/// The database with the definition of its pars, and other files.
fn folder(bytes: Vec<u8>, others: &[(&str, &[u8])]) -> MemoryFolder {
    let par = include_bytes!("foreign/acme-par.qxf");
    let mut folder = MemoryFolder::default();
    folder.0.insert("luma.db".to_owned(), bytes);
    folder.0.insert("fixtures/Acme-Par.qxf".to_owned(), par.to_vec());
    for (name, bytes) in others {
        folder.0.insert((*name).to_owned(), bytes.to_vec());
    }
    folder
}

fn planned() -> MemoryFolder {
    let sound = [("sounds/night bus.ogg", b"\xffno text" as &[u8])];
    folder(bytes(&[PLANNED, CLUB, PLANNED_SCORES]), &sound)
}

fn shipped() -> MemoryFolder {
    folder(bytes(&[SHIPPED, CLUB, SHIPPED_SCORES]), &[])
}

fn import(folder: &MemoryFolder) -> Imported {
    luma::import(folder, "luma.db", Vec::new()).unwrap()
}

/// The texts of a project, without sounds.
fn texts(imported: &Imported) -> String {
    let mut imported = imported.clone();
    imported.files.retain(|path, _| path.ends_with(".json") || path.ends_with(".toml"));
    all(&imported)
}

#[test]
fn the_planned_schema_becomes_a_project() {
    let folder = planned();
    let imported = import(&folder);
    insta::assert_snapshot!("planned", texts(&imported));
    insta::assert_snapshot!("planned-notes", notes(&imported, &folder));
    checked(&world(&imported, 12.0));
    assert!(imported.files.contains_key("songs/nobody-night-bus.ogg"));
}

#[test]
fn the_shipped_schema_becomes_a_project() {
    let folder = shipped();
    let imported = import(&folder);
    insta::assert_snapshot!("shipped", texts(&imported));
    insta::assert_snapshot!("shipped-notes", notes(&imported, &folder));
    checked(&world(&imported, 12.0));
    // Twelve seconds of silence, 8000 bytes each, after a header of 44.
    assert_eq!(imported.files["songs/nobody-night-bus.wav"].len(), 44 + 96_000);
}

#[test]
fn scores_are_lit_as_in_luma() {
    let show = show(&world(&import(&planned()), 12.0), "opening");
    let lights = Lights::new(&show);
    // The pars are dimmer, red, green, blue from slot 1 and from slot 5; the grand master is 80 %.
    let pars = |seconds: f64| lights.levels(0, (seconds * 60.0) as u32)[..8].to_vec();
    let (left, right) = ([204, 255, 0, 0], [204, 255, 0, 0]);
    assert_eq!(pars(1.0), [left, right].concat());
    // Blue is added on what is in front: red and blue, as bright as can be.
    assert_eq!(pars(2.5), [[204, 255, 0, 255], [204, 255, 0, 255]].concat());
    // From 3 s the later of two of a height covers the earlier; blue still goes on top.
    assert_eq!(pars(3.5), [[204, 0, 255, 255], [204, 0, 255, 255]].concat());
    assert_eq!(pars(4.5), [[204, 0, 255, 0], [204, 0, 255, 0]].concat());
    // Nothing between 5 s and 6 s: dark.
    assert_eq!([pars(5.5)[0], pars(5.5)[4]], [0, 0]);
    // The club takes the steady way: a quarter of full, 80 % of that.
    assert_eq!([pars(7.0)[0], pars(7.0)[4]], [51, 51]);
}

#[test]
fn a_venue_takes_its_own_implementation() {
    let world = world(&import(&shipped()), 12.0);
    let club = Lights::new(&show(&world, "late-set-2"));
    let barn = Lights::new(&show(&world, "late-set"));
    let dimmer = |lights: &Lights, seconds: f64| lights.levels(0, (seconds * 60.0) as u32)[0];
    // In the club on the beat: full for the first half of it, then down to 0. 0.4 s is 0.8 of a
    // beat and 0.6 of the way down. In the barn the first of them, which is steady at a half. All
    // of it at 80 %.
    assert_eq!([dimmer(&club, 0.1), dimmer(&club, 0.4)], [204, 82]);
    assert_eq!([dimmer(&barn, 0.1), dimmer(&barn, 0.4)], [102, 102]);
}

#[test]
fn old_databases_have_heights_in_y() {
    let old = "CREATE TABLE _sqlx_migrations (version BIGINT); \
        INSERT INTO _sqlx_migrations VALUES (20251228120000)";
    let imported = import(&folder(bytes(&[PLANNED, CLUB, old]), &[]));
    let venue = std::str::from_utf8(&imported.files["fixtures/the-club.toml"]).unwrap();
    assert!(venue.contains("position = [-2, 3, 0.5]"), "{venue}");
}

#[test]
fn a_score_of_a_database_is_text_and_comes_back() {
    let world = world(&import(&planned()), 12.0);
    let (text, unsaid) = luma::score::export(&world, "opening").unwrap();
    insta::assert_snapshot!("opening", text);
    assert_eq!(unsaid, []);
    let source = gobo_show::Source { path: "opening.score".into(), text: text.as_str().into() };
    let again = luma::score::write(&luma::score::read(&source).unwrap());
    assert_eq!(again, text);
}

#[test]
fn a_log_beside_the_database_is_told_of() {
    let mut folder = planned();
    let database = folder.0.get_mut("luma.db").unwrap();
    // The file says that it has a write-ahead log, as Luma's do.
    database[18..20].fill(2);
    folder.0.insert("luma.db-wal".to_owned(), vec![1]);
    let imported = import(&folder);
    assert!(notes(&imported, &folder).starts_with("luma.db:1:1: the file `luma.db-wal` holds"));
}

/// What is wrong with a database, or what its notes say besides those of a sound one.
fn told(bytes: Vec<u8>) -> String {
    let usual = notes(&import(&planned()), &planned());
    let folder = folder(bytes, &[("sounds/night bus.ogg", b"\xff")]);
    match luma::import(&folder, "luma.db", Vec::new()) {
        Ok(imported) => {
            checked(&world(&imported, 12.0));
            let notes = notes(&imported, &folder);
            notes.lines().filter(|line| !usual.contains(line)).fold(
                String::new(),
                |mut text, line| {
                    let _ = writeln!(text, "{line}");
                    text
                },
            )
        }
        Err(error @ ImportError::Faulty(_)) => mistakes(&error, &folder),
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn broken_databases_say_what_is_wrong() {
    let whole = bytes(&[PLANNED, CLUB, PLANNED_SCORES]);
    let with = |sql: &str| bytes(&[PLANNED, CLUB, PLANNED_SCORES, sql]);
    let mut torn = whole.clone();
    torn[4096..20_000].fill(0xff);
    let broken = [
        ("no database", b"<Workspace/>".to_vec()),
        ("empty", Vec::new()),
        ("only a header", whole[..512].to_vec()),
        ("torn", torn),
        ("no table", bytes(&["PRAGMA user_version = 1; CREATE TABLE other (id INTEGER)"])),
        ("empty tables", bytes(&[PLANNED])),
        ("missing tables", bytes(&[PLANNED, "DROP TABLE scores; DROP TABLE fixtures"])),
        (
            "a graph that is no JSON",
            with("UPDATE implementations SET graph_json = '{\"nodes\": [' WHERE id = 1"),
        ),
        (
            "an unknown node",
            with(
                "UPDATE implementations SET graph_json = replace(graph_json, 'apply_color', 'apply_colour') WHERE id = 1",
            ),
        ),
        (
            "a wire to nowhere",
            with(
                "UPDATE implementations SET graph_json = replace(graph_json, '\"toPort\":\"signal\"', '\"toPort\":\"level\"') WHERE id = 2",
            ),
        ),
        (
            "a bad default selection",
            with(
                "UPDATE implementations SET graph_json = replace(graph_json, '\"front\"', '\"front &\"') WHERE id = 3",
            ),
        ),
        (
            "neither a sound, nor a length, nor beats",
            with("DELETE FROM track_beats; UPDATE tracks SET duration_seconds = NULL"),
        ),
        ("beats that are no JSON", with("UPDATE track_beats SET beats_json = 'x'")),
        ("beats that fall", with("UPDATE track_beats SET beats_json = '[1,0.5]', bpm = NULL")),
        ("bars off the beat", with("UPDATE track_beats SET downbeats_json = '[0.25,2,4]'")),
        ("roots that are no JSON", with("UPDATE track_roots SET sections_json = '[1'")),
        (
            "movement that is no JSON",
            with("UPDATE fixture_groups SET movement_config = '{' WHERE id = 1"),
        ),
        (
            "movement all around",
            with("UPDATE fixture_groups SET movement_config = '{\"extentU\": 360}' WHERE id = 1"),
        ),
        ("tags that are no JSON", with("UPDATE fixture_groups SET tags = 'left'")),
        ("a fixture outside", with("UPDATE fixtures SET address = 511 WHERE id = 'f-l'")),
        ("an unknown mode", with("UPDATE fixtures SET mode_name = '9 channels' WHERE id = 'f-l'")),
        ("an unknown default", with("UPDATE patterns SET default_implementation_id = 77")),
        (
            "an unknown override",
            with("UPDATE venue_implementation_overrides SET implementation_id = 77"),
        ),
        ("a score without track", with("UPDATE scores SET track_id = 9 WHERE id = 2")),
        ("no venue", with("DELETE FROM venues")),
        ("a level of text", with("UPDATE settings SET value = 'full' WHERE key = 'max_dimmer'")),
        (
            "text for numbers",
            with(
                "UPDATE fixtures SET address = 'one'; UPDATE tracks SET duration_seconds = 'long'; UPDATE score_annotations SET start_time = 'now'",
            ),
        ),
        (
            "bytes for text",
            with("UPDATE patterns SET name = x'00ff'; UPDATE tracks SET title = x'80'"),
        ),
        (
            "control characters",
            with("UPDATE patterns SET name = char(10) || '\"/../x'; UPDATE venues SET name = '..'"),
        ),
    ];
    let mut text = String::new();
    for (name, database) in broken {
        let _ = writeln!(text, "{name}\n{}", told(database));
    }
    insta::assert_snapshot!(text);
}
