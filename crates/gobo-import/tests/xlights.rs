//! xLights sequences: imported, checked, rendered, and broken.

mod common;

use std::fmt::Write as _;

use common::{Lights, all, checked, counts, files, folder, mistakes, notes, shared, show, world};
use gobo_import::{MemoryFolder, xlights};

const HOUSE: &str = include_str!("foreign/house.xsq");
const MODELS: &str = include_str!("foreign/xlights_rgbeffects.xml");
const NETWORKS: &str = include_str!("foreign/xlights_networks.xml");

fn house(sequence: &str) -> MemoryFolder {
    files(&[
        ("house.xsq", sequence),
        ("xlights_rgbeffects.xml", MODELS),
        ("xlights_networks.xml", NETWORKS),
        ("house.ogg", "no text of a show"),
    ])
}

#[test]
fn a_sequence_of_everything_becomes_a_project() {
    let folder = house(HOUSE);
    let imported = xlights::import(&folder, "house.xsq").unwrap();
    insta::assert_snapshot!("house", all(&imported));
    insta::assert_snapshot!("house-notes", notes(&imported, &folder));
    checked(&world(&imported, 12.0));
}

#[test]
fn models_are_lit_where_their_channels_are() {
    let imported = xlights::import(&house(HOUSE), "house.xsq").unwrap();
    let show = show(&world(&imported, 12.0), "house");
    let lights = Lights::new(&show);
    // 20 frames a second. The roof is the slots 1 to 24 of universe 7, the star 25 to 33, in the
    // order green, red, blue. Universe 9 is the fence's, put on a free one.
    let at = |seconds: f64| lights.levels(0, (seconds * 20.0) as u32);
    // Half of the fade in of a second, then full.
    assert_eq!(at(0.5)[..3], [128, 0, 0]);
    assert_eq!(at(1.5)[..3], [255, 0, 0]);
    // The star goes from dark to full in four seconds.
    assert_eq!(at(2.0)[24..27], [0, 128, 0]);
    // The part of the roof: pixels 1 to 4 and 8, green, half way up; not the rest.
    let edge = at(11.0);
    assert_eq!((edge[1], edge[10], edge[13], edge[22]), (128, 128, 0, 128));
}

#[test]
fn the_timing_tracks_become_the_songs_grid() {
    let imported = xlights::import(&house(HOUSE), "house.xsq").unwrap();
    let show = show(&world(&imported, 12.0), "house");
    assert!((show.grid.seconds_at_bar(2.0) - 2.0).abs() < 1e-9);
    let names: Vec<_> = show.grid.sections.iter().map(|section| &*section.name).collect();
    assert_eq!(names, ["verse", "chorus"]);
}

#[test]
fn broken_sequences_say_what_is_wrong() {
    let broken = [
        ("not XML", HOUSE.replace("</head>", "</hat>")),
        ("cut short", HOUSE[..HOUSE.len() / 2].to_owned()),
        ("another root", "<xrgb/>".to_owned()),
        ("no head", "<xsequence><ElementEffects/></xsequence>".to_owned()),
        ("no elements", HOUSE.replace("ElementEffects", "Elements")),
        ("no duration", HOUSE.replace("12.000", "long")),
        ("no timing", HOUSE.replace("<sequenceTiming>50 ms", "<sequenceTiming>0 ms")),
        (
            "no time",
            HOUSE.replace(
                "startTime=\"2000\" endTime=\"4000\"",
                "startTime=\"soon\" endTime=\"4000\"",
            ),
        ),
        (
            "backwards",
            HOUSE.replace(
                "startTime=\"2000\" endTime=\"4000\"",
                "startTime=\"5000\" endTime=\"4000\"",
            ),
        ),
        ("no such settings", HOUSE.replace("ref=\"3\"", "ref=\"33\"")),
        ("no such palette", HOUSE.replace("palette=\"1\"", "palette=\"9\"")),
        ("no name", HOUSE.replace("name=\"Star\"", "")),
    ];
    let mut text = String::new();
    for (name, sequence) in broken {
        let folder = house(&sequence);
        let error = xlights::import(&folder, "house.xsq").unwrap_err();
        let _ = writeln!(text, "{name}\n{}", mistakes(&error, &folder));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_sample_sequences_are_whole_projects() {
    let Some(path) = shared("xlights") else { return };
    let folder = folder(&path);
    let mut found = Vec::new();
    for file in ["tiny.xsq", "sample_sequence.xsq", "default.xsq", "no_tier_selection.xsq"] {
        let imported = xlights::import(&folder, file).unwrap();
        checked(&world(&imported, 0.0));
        found.push((file, counts(&imported)));
    }
    insta::assert_debug_snapshot!("sample-files", found);
}

#[test]
fn pictures_come_along_from_beside_the_sequence() {
    let own = "E_TEXTCTRL_Text=Hi&amp;comma; there,E_CHOICE_Text_Dir=left";
    let picture =
        "E_FILEPICKER_Pictures_Filename=C:\\xl\\Big Star.PNG,E_CHOICE_Pictures_Direction=left";
    let sequence = HOUSE.replace(own, picture).replace("name=\"Text\"", "name=\"Pictures\"");
    let mut folder = house(&sequence);
    let missing = xlights::import(&folder, "house.xsq").unwrap();
    assert!(notes(&missing, &folder).contains("the picture `Big Star.PNG`"));
    folder.0.insert("images/Big Star.PNG".to_owned(), b"a picture".to_vec());
    let imported = xlights::import(&folder, "house.xsq").unwrap();
    assert_eq!(imported.files["pictures/big-star.png"], b"a picture");
    let cues = imported.files.iter().filter(|(path, _)| path.starts_with("shows/"));
    let cues: String = cues.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect();
    assert!(
        cues.contains(r#""picture": { "file": "pictures/big-star.png", "way": "left" }"#),
        "{cues}"
    );
}
