//! Whatever happens to the bytes of a foreign file, it is imported whole or refused with a reason,
//! and what comes out has no errors.

mod common;

use common::{checked, files, world};
use gobo_import::{MemoryFolder, luma, qlcplus, wled, xlights};
use proptest::prelude::*;

const CLUB: &str = include_str!("foreign/club.qxw");
const HOUSE: &str = include_str!("foreign/house.xsq");
const MODELS: &str = include_str!("foreign/xlights_rgbeffects.xml");
const BOARDS: &str = include_str!("foreign/boards.toml");
const PROGRAM: &str = include_str!("foreign/program.json");

/// A change to a text.
#[derive(Clone, Debug)]
enum Change {
    Cut(f64, f64),
    Double(f64, f64),
    Put(f64, char),
    Digit(f64, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || 0.0..1.0_f64;
    prop_oneof![
        (at(), 0.0..0.02_f64).prop_map(|(at, length)| Change::Cut(at, length)),
        (at(), 0.0..0.05_f64).prop_map(|(at, length)| Change::Double(at, length)),
        (at(), prop::char::any()).prop_map(|(at, c)| Change::Put(at, c)),
        (at(), 0..10_u8).prop_map(|(at, digit)| Change::Digit(at, digit)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for change in changes {
        let place = |at: f64| (at * letters.len() as f64) as usize;
        match *change {
            Change::Cut(at, length) => {
                let (from, to) = (place(at), place((at + length).min(1.0)));
                letters.drain(from..to);
            }
            Change::Double(at, length) => {
                let (from, to) = (place(at), place((at + length).min(1.0)));
                let part = letters[from..to].to_vec();
                letters.splice(to..to, part);
            }
            Change::Put(at, c) => letters.insert(place(at), c),
            // The next digit from there on becomes another: most are numbers that mean something.
            Change::Digit(at, digit) => {
                let from = place(at);
                if let Some(found) = letters[from..].iter_mut().find(|c| c.is_ascii_digit()) {
                    *found = char::from(b'0' + digit);
                }
            }
        }
    }
    letters.into_iter().collect()
}

fn club(workspace: &str) -> MemoryFolder {
    files(&[
        ("club.qxw", workspace),
        ("par.qxf", include_str!("foreign/acme-par.qxf")),
        ("scan.qxf", include_str!("foreign/acme-scan.qxf")),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn workspaces_are_imported_or_refused(changes in prop::collection::vec(change(), 1..6)) {
        let workspace = changed(CLUB, &changes);
        if let Ok(imported) = qlcplus::import(&club(&workspace), "club.qxw", Vec::new()) {
            checked(&world(&imported, 12.0));
        }
    }

    #[test]
    fn sequences_are_imported_or_refused(
        changes in prop::collection::vec(change(), 1..6),
        models in prop::collection::vec(change(), 0..4),
    ) {
        let folder = files(&[
            ("house.xsq", &changed(HOUSE, &changes)),
            ("xlights_rgbeffects.xml", &changed(MODELS, &models)),
            ("xlights_networks.xml", include_str!("foreign/xlights_networks.xml")),
        ]);
        if let Ok(imported) = xlights::import(&folder, "house.xsq") {
            checked(&world(&imported, 12.0));
        }
    }

    #[test]
    fn servers_are_imported_or_refused(
        boards in prop::collection::vec(change(), 0..4),
        program in prop::collection::vec(change(), 0..6),
    ) {
        let folder = files(&[
            ("boards.toml", &changed(BOARDS, &boards)),
            ("tune.json", &changed(PROGRAM, &program)),
            ("tables.json", include_str!("foreign/tables.json")),
        ]);
        if let Ok(imported) = wled::import(&folder) {
            checked(&world(&imported, 12.0));
        }
    }

    #[test]
    fn databases_are_imported_or_refused(
        bytes in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 0..12),
        rows in prop::collection::vec(change(), 0..4),
    ) {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let schema = include_str!("foreign/luma/planned.sql");
        connection.execute_batch(schema).unwrap();
        // A change that breaks the SQL leaves the rows before it.
        let _ = connection.execute_batch(&changed(include_str!("foreign/luma/club.sql"), &rows));
        let mut connection = connection;
        let mut database = connection.serialize(rusqlite::MAIN_DB).unwrap().to_vec();
        for (at, byte) in bytes {
            let at = (at * database.len() as f64) as usize;
            database[at] = byte;
        }
        let folder = MemoryFolder([("luma.db".to_owned(), database)].into_iter().collect());
        if let Ok(imported) = luma::import(&folder, "luma.db", Vec::new()) {
            checked(&world(&imported, 12.0));
        }
    }
}
