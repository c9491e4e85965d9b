//! QLC+ workspaces: imported, checked, rendered, and broken.

mod common;

use std::fmt::Write as _;

use common::{Lights, all, checked, counts, files, folder, mistakes, notes, shared, show, world};
use gobo_import::{MemoryFolder, qlcplus};

const CLUB: &str = include_str!("foreign/club.qxw");

/// The workspace with its two definitions, and a sound file that is not looked into.
fn club(workspace: &str) -> MemoryFolder {
    files(&[
        ("club.qxw", workspace),
        ("par.qxf", include_str!("foreign/acme-par.qxf")),
        ("scan.qxf", include_str!("foreign/acme-scan.qxf")),
        ("tune.ogg", "no text of a show"),
    ])
}

#[test]
fn a_workspace_of_everything_becomes_a_project() {
    let folder = club(CLUB);
    let imported = qlcplus::import(&folder, "club.qxw", Vec::new()).unwrap();
    insta::assert_snapshot!("club", all(&imported));
    insta::assert_snapshot!("club-notes", notes(&imported, &folder));
    checked(&world(&imported, 12.0));
}

#[test]
fn scenes_and_chasers_are_lit_as_there() {
    let imported = qlcplus::import(&club(CLUB), "club.qxw", Vec::new()).unwrap();
    let show = show(&world(&imported, 12.0), "opening");
    let lights = Lights::new(&show);
    // 50 frames a second: the two pars are the slots 1 to 8 of universe 1.
    let pars = |seconds: f64| lights.levels(0, (seconds * 50.0) as u32)[..8].to_vec();
    assert_eq!(pars(0.0), [0; 8]);
    // 0.24 s of a fade of 0.5 s: 48 %.
    assert_eq!(pars(0.24), [122, 122, 0, 0, 122, 122, 0, 0]);
    assert_eq!(pars(1.0), [255, 255, 0, 0, 255, 255, 0, 0]);
    // The first step sets par 1 only; what the scene lit goes out with it.
    assert_eq!(pars(2.1), [128, 0, 0, 200, 0, 0, 0, 0]);
    // In the second step both are red, and the blue of the first is out.
    assert_eq!(pars(2.6), [255, 255, 0, 0, 255, 255, 0, 0]);
    assert_eq!(pars(3.1), [128, 0, 0, 200, 0, 0, 0, 0]);
    assert_eq!(pars(6.5), [0; 8]);
}

#[test]
fn a_circle_passes_its_extreme_points() {
    let imported = qlcplus::import(&club(CLUB), "club.qxw", Vec::new()).unwrap();
    let show = show(&world(&imported, 12.0), "opening");
    let lights = Lights::new(&show);
    // Pan has two bytes, tilt one: the middle is (127, 120), the extent 50 and 100.
    let beam = |seconds: f64| {
        let slots = lights.levels(0, (seconds * 50.0) as u32);
        (slots[8], slots[10])
    };
    for (seconds, pan, tilt) in [(0.0, 127, 220), (2.0, 77, 120), (4.0, 127, 20), (6.0, 177, 120)] {
        let (found_pan, found_tilt) = beam(seconds);
        assert!(
            found_pan.abs_diff(pan) <= 1 && found_tilt.abs_diff(tilt) <= 1,
            "{seconds} s: {found_pan} {found_tilt}"
        );
    }
}

#[test]
fn a_sequence_goes_there_and_back() {
    let imported = qlcplus::import(&club(CLUB), "club.qxw", Vec::new()).unwrap();
    let show = show(&world(&imported, 12.0), "opening");
    let lights = Lights::new(&show);
    let blinders = |seconds: f64| lights.levels(1, (seconds * 50.0) as u32)[..2].to_vec();
    // Steps of 0.2 s, 0.3 s (0.1 s of it fade) and 0.2 s, then the second again.
    assert_eq!(blinders(6.1), [255, 0]);
    assert_eq!(blinders(6.4), [0, 90]);
    assert_eq!(blinders(6.6), [0, 0]);
    assert_eq!(blinders(6.9), [0, 90]);
    assert_eq!(blinders(7.1), [255, 0]);
}

#[test]
fn a_workspace_without_a_show_plays_what_runs() {
    let (before, rest) = CLUB.split_once("  <Function ID=\"12\"").unwrap();
    let (_, after) = rest.split_once("</Function>").unwrap();
    let imported =
        qlcplus::import(&club(&format!("{before}{after}")), "club.qxw", Vec::new()).unwrap();
    let world = world(&imported, 12.0);
    checked(&world);
    let show = show(&world, "club");
    let lights = Lights::new(&show);
    let lit =
        (0..show.frames).filter(|frame| lights.levels(0, *frame).iter().any(|level| *level > 0));
    assert!(lit.count() > 50, "nothing is lit");
}

#[test]
fn broken_workspaces_say_what_is_wrong() {
    let broken = [
        ("not XML", CLUB.replace("</Engine>", "</Engin>")),
        ("cut short", CLUB[..CLUB.len() / 2].to_owned()),
        ("another root", "<Fixtures/>".to_owned()),
        ("no engine", "<Workspace><Monitor/></Workspace>".to_owned()),
        ("no number", CLUB.replace("<Address>4</Address>", "<Address>four</Address>")),
        ("no address", CLUB.replace("<Address>8</Address>", "")),
        ("an id twice", CLUB.replace("<ID>1</ID>", "<ID>0</ID>")),
        ("a function twice", CLUB.replace("Function ID=\"1\"", "Function ID=\"0\"")),
        ("no function id", CLUB.replace("Function ID=\"1\" ", "Function ")),
        ("bad values", CLUB.replace("0,128,3,200", "0,high,3,200")),
    ];
    let mut text = String::new();
    for (name, workspace) in broken {
        let folder = club(&workspace);
        let error = qlcplus::import(&folder, "club.qxw", Vec::new()).unwrap_err();
        let _ = writeln!(text, "{name}\n{}", mistakes(&error, &folder));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_sample_workspace_is_a_whole_project() {
    let Some(path) = shared("qxf") else { return };
    let folder = folder(&path);
    let imported = qlcplus::import(&folder, "Sample.qxw", Vec::new()).unwrap();
    insta::assert_debug_snapshot!("sample-files", counts(&imported));
    assert_eq!(imported.notes.len(), 3, "{}", notes(&imported, &folder));
    let world = world(&imported, 0.0);
    checked(&world);
    let show = show(&world, "sample");
    let lights = Lights::new(&show);
    assert!(lights.lit(0, 25) > 20, "nothing is lit");
}
