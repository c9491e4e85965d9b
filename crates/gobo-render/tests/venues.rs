//! Fixtures as a venue and their profiles hang them: setups, pixels over universes, and what a
//! canvas lists of them.

mod kit;

use std::fmt::Write as _;

use gobo_render::Timeline;
use gobo_show::show::Show;
use gobo_show::{Loaded, MemoryWorld, load};
use kit::*;

/// A show of the venue `fixtures`, in which cues run.
fn venue(fixtures: &str, cues: &str) -> Show {
    let mut world = MemoryWorld::default();
    let show = "venue = \"club\"\nlength = \"2s\"\nfps = 10\ncues = [\"cues.json\"]";
    for (path, text) in [
        ("fixtures/club.toml", fixtures),
        ("shows/show/show.toml", show),
        ("shows/show/cues.json", cues),
    ] {
        world.files.insert(path.to_owned(), text.into());
    }
    let Loaded { show, diagnostics, .. } = load(&world, "show");
    show.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

#[test]
fn a_profile_says_how_its_fixtures_are_set_up() {
    let levels = |own: &str| {
        let mut world = MemoryWorld::default();
        let channels: String = ["Red", "Green", "Blue", "White"]
            .map(|color| {
                let kind = format!(r#""type": "ColorIntensity", "color": "{color}""#);
                format!(r#""{color}": {{ "capability": {{ {kind} }} }}"#)
            })
            .join(", ");
        let profile = format!(
            r#"{{ "name": "Par", "gobo": {{ "white": "none", "curve": "square" }},
            "availableChannels": {{ {channels} }},
            "modes": [{{ "name": "all", "channels": ["Red", "Green", "Blue", "White"] }}] }}"#
        );
        let venue = format!(
            "[[fixture]]\nid = \"par\"\nprofile = \"a/par\"\nuniverse = 1\naddress = 1\n{own}\n\
             [[output]]\nuniverses = \"1\"\nprotocol = \"artnet\"\nto = \"127.0.0.1\"\n"
        );
        let cues = r##"{ "cues": [{ "at": 0, "on": "par", "set": { "color": "#ffffff", "dimmer": 0.5 } }] }"##;
        for (path, text) in [
            ("fixtures/club.toml", venue.as_str()),
            ("fixtures/profiles/a/par.json", profile.as_str()),
            ("shows/show/show.toml", "venue = \"club\"\nlength = \"2s\"\ncues = [\"cues.json\"]"),
            ("shows/show/cues.json", cues),
        ] {
            world.files.insert(path.to_owned(), text.into());
        }
        let Loaded { show, diagnostics, .. } = load(&world, "show");
        frames(&show.unwrap_or_else(|| panic!("{diagnostics:#?}")), 0).remove(0)
    };
    // Half, squared, and no white: as the profile says; and each as the venue says instead.
    assert_eq!(levels(""), [64, 64, 64, 0]);
    assert_eq!(levels("curve = \"linear\""), [128, 128, 128, 0]);
    assert_eq!(levels("white = \"extract\""), [0, 0, 0, 64]);
}

/// The first frame of each universe: how many slots, and the lit ones.
fn universes(show: &Show) -> String {
    let timeline = Timeline::new(show);
    let mut text = String::new();
    for (index, universe) in timeline.universes().enumerate() {
        let row = frames(show, index).remove(0);
        let lit: Vec<_> = row.iter().enumerate().filter(|(_, level)| **level > 0).collect();
        let shown: Vec<_> =
            lit.iter().map(|(slot, level)| format!("{}={level}", slot + 1)).collect();
        let _ = writeln!(text, "universe {universe}: {} slots, {}", row.len(), shown.join(" "));
    }
    text
}

#[test]
fn packings_over_universes() {
    let mut text = String::new();
    for (order, packing) in
        [("RGB", "wled-rgb"), ("GRB", "dense"), ("GRBW", "wled-rgbw"), ("RGBWA", "whole")]
    {
        let strip = format!(
            "[[fixture]]\nid = \"s\"\nuniverse = 3\naddress = 508\npixels = 180\n\
             order = \"{order}\"\npacking = \"{packing}\"\n"
        );
        let cues = r##"{"cues": [
            {"at": 0, "on": "s:1", "set": {"color": "#010203"}},
            {"at": 0, "on": "s:2", "set": {"color": "#040506"}},
            {"at": 0, "on": "s:171-173", "set": {"color": "#0a0b0c"}},
            {"at": 0, "on": "s:180", "set": {"color": "#ff8040"}}
        ]}"##;
        let _ = writeln!(text, "{order} {packing}\n{}", universes(&venue(&strip, cues)));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_canvas_lists_a_strip_once_for_each_universe() {
    let strip = "[[fixture]]\nid = \"s\"\nuniverse = 1\naddress = 1\npixels = 400\n";
    let cues = r#"{"cues": [{"at": 0, "on": "s", "set": {"color": "red"}}]}"#;
    let show = venue(strip, cues);
    let timeline = Timeline::new(&show);
    let header = timeline.header();
    let patch: Vec<_> = header
        .patch
        .iter()
        .map(|one| (one.universe.get(), one.address.get(), one.footprint, one.heads.len()))
        .collect();
    assert_eq!(patch, [(1, 1, 512, 170), (2, 1, 512, 170), (3, 1, 180, 60)]);
    assert_eq!(header.cues[0].fixtures, [[0, 2]]);
    let mut slots = [0; 512];
    timeline.frame(2, 0, &mut slots[..180]);
    assert!(header.patch[2].shown(&slots).all(|color| color == [255, 0, 0]));
    assert_eq!(header.patch[2].heads[0].name, "341");
}

#[test]
fn a_canvas_lists_groups_by_fixture_and_head() {
    let strips = "[[fixture]]\nid = \"s\"\nuniverse = 1\naddress = 1\npixels = 400\n\
                  [[fixture]]\nid = \"t\"\nuniverse = 9\naddress = 1\npixels = 4\n\
                  [groups]\nevery = \"s | t\"\nnear = \"s:1-200 | t:2 | t:4\"\n";
    let cues = r#"{"cues": [{"at": 0, "on": "every", "set": {"color": "red"}}]}"#;
    let show = venue(strips, cues);
    let timeline = Timeline::new(&show);
    let groups = &timeline.header().groups;
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["every", "near"]);
    assert_eq!((&groups[0].fixtures[..], groups[0].heads.len()), (&[[0, 3]][..], 0));
    assert!(groups[1].fixtures.is_empty());
    assert_eq!(groups[1].heads, [[0, 0, 169], [1, 0, 29], [3, 1, 1], [3, 3, 3]]);
}

#[test]
fn a_universe_of_a_strip_does_not_change_with_the_others() {
    let strip = "[[fixture]]\nid = \"s\"\nuniverse = 1\naddress = 1\npixels = 400\n";
    let cues = |on: &str| {
        format!(r#"{{"cues": [{{"at": 0, "on": "s:{on}", "set": {{"color": "red"}}}}]}}"#)
    };
    let keys = |on: &str| {
        let timeline = Timeline::new(&venue(strip, &cues(on)));
        [0, 1, 2].map(|universe| timeline.key(universe, 0))
    };
    let (first, second) = (keys("1-10"), keys("1-11"));
    assert_ne!(first[0], second[0]);
    assert_eq!(first[1..], second[1..]);
}
