//! Graphs of nodes: each file of `tests/graphs` is a graph as Luma writes it, played for two
//! seconds on four pars and two spots; its levels are a snapshot. There is one for each type of
//! node, more for each way that some can work, and some whole patterns.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gobo_render::{Timeline, check};
use gobo_show::reference::{Kind, rows};
use gobo_show::show::Show;
use gobo_show::spectrum::{BANDS, Spectrum, StemSpectrum};
use gobo_show::world::SongFacts;
use gobo_show::{Diagnostic, MemoryWorld, load};
use proptest::prelude::*;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphs")
}

fn graphs() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).expect("the graphs");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut graphs: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a plain name");
            (name.to_owned(), fs::read_to_string(&path).expect("text"))
        })
        .collect();
    graphs.sort();
    graphs
}

fn profile(channels: &[(&str, Value)]) -> String {
    let names: Vec<&str> = channels.iter().map(|channel| channel.0).collect();
    let available: serde_json::Map<_, _> =
        channels.iter().map(|(name, channel)| ((*name).to_owned(), channel.clone())).collect();
    json!({
        "name": "Kit", "categories": ["Other"],
        "meta": {"authors": ["gobo"], "createDate": "2026-01-01", "lastModifyDate": "2026-01-01"},
        "availableChannels": available,
        "modes": [{"name": "only", "channels": names}],
    })
    .to_string()
}

fn one(capability: &Value) -> Value {
    json!({"capability": capability})
}

fn colors() -> Vec<(&'static str, Value)> {
    ["Red", "Green", "Blue"]
        .map(|color| (color, one(&json!({"type": "ColorIntensity", "color": color}))))
        .into()
}

/// A song of noise: low on each beat, high between, and a new pitch class every half second.
fn spectrum() -> Spectrum {
    let frame = |index: usize, low: bool, high: bool| -> Vec<u16> {
        let loud = [40_000, 30_000, 20_000, 10_000, 5_000][index % 5];
        let on = |band: usize| (low && band < 36) || (high && band > 80);
        (0..BANDS).map(|band| if on(band) { loud } else { 0 }).collect()
    };
    let stem = |low: bool, high: bool| StemSpectrum {
        bands: (0..40)
            .flat_map(|index| frame(index, low && index % 10 < 5, high && index % 10 >= 5))
            .collect(),
    };
    let chroma = (0..40_usize).map(|index| {
        let mut classes = [0; 12];
        classes[index / 5 % 12] = 255;
        classes[(index / 5 + index % 5) % 12] = 255;
        classes
    });
    Spectrum {
        hop_seconds: 0.1,
        mix: stem(true, true),
        drums: stem(false, true),
        bass: stem(true, false),
        chroma: chroma.collect(),
        ..Spectrum::default()
    }
}

fn world(graph: &str) -> MemoryWorld {
    let mut world = MemoryWorld::default();
    let mut add = |path: &str, text: String| world.files.insert(path.to_owned(), text.into());
    let dimmer = ("Dimmer", one(&json!({"type": "Intensity"})));
    add("fixtures/profiles/kit/par.json", profile(&[vec![dimmer.clone()], colors()].concat()));
    let strobe = json!({"capabilities": [
        {"dmxRange": [0, 9], "type": "ShutterStrobe", "shutterEffect": "Open"},
        {"dmxRange": [10, 255], "type": "ShutterStrobe", "shutterEffect": "Strobe", "speedStart": "1Hz", "speedEnd": "20Hz"},
    ]});
    let angle = |kind: &str, end: &str| json!({"defaultValue": "50%", "capability": {"type": kind, "angleStart": "0deg", "angleEnd": end}});
    let speed = one(&json!({"type": "PanTiltSpeed", "speedStart": "slow", "speedEnd": "fast"}));
    let moving = vec![
        dimmer,
        ("Shutter", strobe),
        ("Pan", angle("Pan", "540deg")),
        ("Tilt", angle("Tilt", "270deg")),
        ("Speed", speed),
    ];
    add("fixtures/profiles/kit/spot.json", profile(&[moving, colors()].concat()));
    let mut venue = String::from("name = \"Kit\"\n[movement.spots]\nextent_u = 45\n");
    let places = [
        ("par1", "par", "[-3, 0, 3]", "pars"),
        ("par2", "par", "[-1, 1, 3]", "pars"),
        ("par3", "par", "[1, 1, 3.5]", "pars"),
        ("par4", "par", "[3, 0, 3]", "pars"),
        ("spot1", "spot", "[-2, 3, 4]", "spots"),
        ("spot2", "spot", "[2, 3, 4]", "spots"),
    ];
    for (index, (id, profile, position, group)) in places.into_iter().enumerate() {
        let address = 1 + 10 * index;
        let _ = writeln!(
            venue,
            "[[fixture]]\nid = \"{id}\"\nprofile = \"kit/{profile}\"\nuniverse = 1\n\
             address = {address}\nposition = {position}\ngroups = [\"{group}\"]",
        );
    }
    add("fixtures/kit.toml", venue);
    let show = "venue = \"kit\"\nsong = \"song.ogg\"\nfps = 20\ncues = [\"cues.json\"]\nlength = \"2.6s\"\n";
    add("shows/show/show.toml", show.to_owned());
    let cue = r#"{"cues": [{"at": 0.5, "for": 2, "on": "all", "then": "release", "pattern": {"graph": {}}}]}"#;
    add("shows/show/cues.json", cue.to_owned());
    add("shows/show/patterns/graph.json", graph.to_owned());
    add("songs/song.song.json", r#"{"bpm": 120}"#.to_owned());
    world.songs.insert("songs/song.ogg".into(), SongFacts { seconds: 4.0, hash: 7 });
    world.spectra.insert("songs/song.ogg".into(), Arc::new(spectrum()));
    world
}

fn show(name: &str, graph: &str) -> Show {
    let mut world = world(graph);
    if name == "apply_color-tint" {
        // A red in the layer below, for there must be something to tint.
        let red = r#"{"cues": [{"at": 0, "on": "all", "set": {"color": "red", "dimmer": 1}}]}"#;
        world.files.insert("shows/show/red.json".to_owned(), red.into());
        let show = world.files["shows/show/show.toml"].replace("[\"cues", "[\"red.json\", \"cues");
        world.files.insert("shows/show/show.toml".to_owned(), show.into());
    }
    let loaded = load(&world, "show");
    let errors: Vec<_> =
        loaded.diagnostics.iter().map(|found| found.plain(|file| world.files.get(file))).collect();
    loaded.show.unwrap_or_else(|| panic!("{name}: {errors:?}"))
}

fn frames(show: &Show) -> Vec<Vec<u8>> {
    let timeline = Timeline::new(show);
    let width = usize::from(timeline.header().universes[0].slots_used);
    (0..show.frames)
        .map(|frame| {
            let mut row = vec![0; width];
            timeline.frame(0, frame, &mut row);
            row
        })
        .collect()
}

/// The channels that the graph changes, a column every other frame.
fn picture(show: &Show) -> String {
    let frames = frames(show);
    let mut text = format!("{:16}", "frame");
    let columns = || (0..frames.len()).step_by(2);
    for frame in columns() {
        let _ = write!(text, "{frame:>4}");
    }
    for fixture in &show.rig.fixtures {
        for channel in &fixture.channels {
            let Some(&slot) = channel.slots.first() else { continue };
            let level = |frame: usize| frames[frame][usize::from(slot)];
            if columns().all(|frame| level(frame) == level(0)) {
                continue;
            }
            let _ = write!(text, "\n{:16}", format!("{} {}", fixture.id, channel.key));
            for frame in columns() {
                let _ = write!(text, "{:>4}", level(frame));
            }
        }
    }
    text
}

#[test]
fn every_graph_gives_what_it_gave() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, graph) in graphs() {
            insta::assert_snapshot!(name.clone(), picture(&show(&name, &graph)));
        }
    });
}

#[test]
fn every_type_of_node_has_its_graph() {
    let known: BTreeSet<String> = graphs().into_iter().map(|(name, _)| name).collect();
    let nodes = rows().into_iter().filter(|row| row.kind == Kind::Node);
    let missing: Vec<_> = nodes.map(|row| row.name).filter(|name| !known.contains(*name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn a_circle_that_winds_pan_up_is_told_of() {
    let graph = fs::read_to_string(folder().join("circle.json")).unwrap();
    let fast =
        graph.replace("\"circle\", \"params\": {}", "\"circle\", \"params\": {\"speed\": 1}");
    let told = |direction: &str| {
        let mut world = world(&fast);
        let venue = &world.files["fixtures/kit.toml"];
        let venue =
            venue.replace("extent_u = 45", &format!("extent_u = 45\ndirection = {direction}"));
        world.files.insert("fixtures/kit.toml".to_owned(), venue.into());
        let show = load(&world, "show").show.unwrap();
        let said = |found: Diagnostic| format!("{}: {}", found.code, found.message);
        check(&show).into_iter().map(said).collect::<Vec<_>>()
    };
    let back =
        "pan-ends: `spot1` comes to the end of its pan and turns back by 160° while it is to go on";
    assert_eq!(told("[0, 0, -1]"), [back]);
    assert_eq!(told("[0, -1, -1]"), Vec::<String>::new());
}

/// A graph's members in an order that `keys` draws.
fn shuffled(graph: &str, keys: &[u64]) -> String {
    let mut graph: Value = serde_json::from_str(graph).unwrap();
    for part in ["nodes", "edges"] {
        let items = graph[part].as_array_mut().unwrap();
        let mut order: Vec<_> = items.drain(..).zip(keys.iter().cycle()).collect();
        order.sort_by_key(|(_, key)| **key);
        items.extend(order.into_iter().map(|(item, _)| item));
    }
    graph.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_the_file_says_nothing(
        index in any::<prop::sample::Index>(),
        keys in prop::collection::vec(any::<u64>(), 7),
    ) {
        let graphs = graphs();
        let (name, graph) = index.get(&graphs);
        let shuffled = shuffled(graph, &keys);
        prop_assert_eq!(frames(&show(name, graph)), frames(&show(name, &shuffled)), "{}", name);
    }

    #[test]
    fn a_frame_alone_equals_that_frame_in_a_run(index in any::<prop::sample::Index>()) {
        let graphs = graphs();
        let (name, graph) = index.get(&graphs);
        let show = show(name, graph);
        let timeline = Timeline::new(&show);
        let width = usize::from(timeline.header().universes[0].slots_used);
        let alone = frames(&show);
        for cell in 0..timeline.header().cells() {
            let mut rows = vec![0; timeline.cell_len(0, cell)];
            timeline.render(0, cell, &mut rows);
            let first = timeline.header().first_frame(cell) as usize;
            for (row, alone) in rows.chunks_exact(width).zip(&alone[first..]) {
                prop_assert_eq!(row, alone.as_slice(), "{} cell {}", name, cell);
            }
        }
    }

    #[test]
    fn one_value_goes_with_all_heads(value in -2.0..2.0, operation in prop::sample::select(vec![
        "add", "subtract", "multiply", "divide", "max", "min", "abs_diff", "modulo",
    ])) {
        let edge = |from: &str, to: &str| {
            let ((from_node, from_port), (to_node, to_port)) =
                (from.split_once('.').unwrap(), to.split_once('.').unwrap());
            json!({"id": to, "fromNode": from_node, "fromPort": from_port, "toNode": to_node, "toPort": to_port})
        };
        let graph = |rows: bool| {
            // The same value for each head by itself: nothing of where it hangs, and the value.
            let spread = json!({"id": "b", "typeId": "math", "params": {"operation": "add"}});
            let single = json!({"id": "b", "typeId": "scalar", "params": {"value": value}});
            let zero = json!({"id": "zero", "typeId": "math", "params": {"operation": "multiply"}});
            let mut edges = vec![
                edge("args.sel", "x.selection"), edge("x.out", "m.a"), edge("b.out", "m.b"),
                edge("args.sel", "out.selection"), edge("m.out", "out.signal"),
                edge("x.out", "zero.a"),
            ];
            if rows {
                edges.extend([edge("zero.out", "b.a"), edge("value.out", "b.b")]);
            }
            json!({
                "nodes": [
                    {"id": "args", "typeId": "pattern_args"}, zero,
                    {"id": "x", "typeId": "get_attribute", "params": {"attribute": "rel_x"}},
                    {"id": "value", "typeId": "scalar", "params": {"value": value}},
                    {"id": "m", "typeId": "math", "params": {"operation": operation}},
                    if rows { spread } else { single },
                    {"id": "out", "typeId": "apply_dimmer"},
                ],
                "edges": edges,
                "args": [{"id": "sel", "argType": "Selection", "defaultValue": {"expression": "all"}}],
            })
            .to_string()
        };
        let frames = |rows| frames(&show("broadcast", &graph(rows)));
        prop_assert_eq!(frames(true), frames(false));
    }
}
