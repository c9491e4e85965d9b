//! Every effect over places on a small matrix, as pictures in letters; and what holds for all of
//! them: a frame alone is that frame in a run, and the same seed gives the same bytes.

mod kit;

use std::fmt::Write as _;

use gobo_render::Timeline;
use gobo_show::effect::{Effect, Field};
use gobo_show::reference::sample::{SHOW, Stage, project, sample};
use gobo_show::reference::{Row, rows};
use gobo_show::show::Show;
use kit::{frames, rig_of};
use proptest::prelude::*;
use proptest::sample::select;

const COLUMNS: u32 = 10;
const ROWS: u32 = 6;

fn fields() -> Vec<Row> {
    let mut rows = rows();
    rows.retain(|row| matches!(row.family, "pixels" | "WLED"));
    assert!(rows.len() >= 29, "{}", rows.len());
    rows
}

fn show_of(row: &Row, stage: Stage) -> Show {
    let loaded = gobo_show::load(&sample(row, stage).expect(row.name), SHOW);
    loaded.show.unwrap_or_else(|| panic!("{}: {:?}", row.name, loaded.diagnostics))
}

/// The slots of a frame in all universes, one after the other.
fn frame(timeline: &Timeline, number: u32) -> Vec<u8> {
    let mut slots = Vec::new();
    for universe in 0..timeline.universes().len() {
        let width = timeline.cell_len(universe, 0) / usize::from(timeline.header().frames_in(0));
        let mut row = vec![0; width];
        timeline.frame(universe, number, &mut row);
        slots.extend(row);
    }
    slots
}

/// Rows of the matrix from the top, a letter a pixel: the brightest part of its colour, by which
/// of red, green and blue are in it.
fn drawn(slots: &[u8]) -> Vec<String> {
    let pixel = |rgb: &[u8]| {
        let most = rgb.iter().copied().max().unwrap_or(0);
        if most < 16 {
            return "  ".to_owned();
        }
        let parts = rgb.iter().zip([1, 2, 4]).filter(|(part, _)| **part > most / 2);
        let hue =
            [" ", "r", "g", "y", "b", "m", "c", "w"][parts.map(|(_, bit)| bit).sum::<usize>()];
        format!("{hue}{}", u32::from(most) * 9 / 255)
    };
    let rows = slots.chunks(COLUMNS as usize * 3);
    let mut rows: Vec<String> = rows.map(|row| row.chunks(3).map(pixel).collect()).collect();
    rows.reverse();
    rows
}

/// Six moments of a field side by side.
fn film(show: &Show) -> String {
    let cue = &show.layers[0].cues[0];
    let (timeline, length) = (Timeline::new(show), cue.end.min(4.0) - cue.start);
    let moments = [0.0, 0.15, 0.3, 0.5, 0.7, 0.95];
    let at = |part: f64| (part * length * 60.0).round() as u32;
    let stills: Vec<_> = moments.iter().map(|part| drawn(&frame(&timeline, at(*part)))).collect();
    let mut text = String::new();
    for part in moments {
        let _ = write!(text, "{:<22}", format!("frame {}", at(part)));
    }
    for row in 0..ROWS as usize {
        let line = stills.iter().map(|still| still[row].as_str()).collect::<Vec<_>>().join("| ");
        let _ = write!(text, "\n{}", line.trim_end());
    }
    text
}

#[test]
fn every_field_looks_as_it_did() {
    for row in fields() {
        let show = show_of(&row, Stage::Matrix(COLUMNS, ROWS));
        insta::assert_snapshot!(row.name, film(&show));
    }
}

#[test]
fn every_field_shines_and_moves() {
    for row in fields() {
        for stage in [Stage::Matrix(COLUMNS, ROWS), Stage::Row(12)] {
            let show = show_of(&row, stage);
            let timeline = Timeline::new(&show);
            let frames: Vec<_> =
                (0..900).step_by(5).map(|number| frame(&timeline, number)).collect();
            assert!(frames.iter().flatten().any(|slot| *slot > 60), "{} is dark", row.name);
            assert!(frames.iter().any(|row| *row != frames[0]), "{} stands", row.name);
        }
    }
}

/// A field by the names and values of its parameters, as a cue on the matrix.
fn with_parameters(row: &Row, changes: &[(&str, serde_json::Value)], seed: u64) -> Option<Show> {
    let mut cue: serde_json::Value = serde_json::from_str(row.example).ok()?;
    cue["at"] = 0.into();
    cue["seed"] = seed.into();
    for (name, value) in changes {
        cue[row.name][*name] = value.clone();
    }
    let layer = serde_json::json!({ "cues": [cue] }).to_string();
    gobo_show::load(&project(Stage::Matrix(5, 3), &[&layer]), SHOW).show
}

fn field(show: &Show) -> &Field {
    match &show.layers[0].cues[0].effect {
        Effect::Field(field) => field,
        other => panic!("{} is no field", other.name()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_frame_alone_equals_that_frame_in_a_run(
        row in select(fields()),
        plane in select(vec!["auto", "xz", "x", "z", "order"]),
        every in 0.05..3.0_f64,
        seed in 0_u64..1000,
        start in 0_u32..600,
    ) {
        let mut changes = vec![("plane", serde_json::json!(plane))];
        if row.name != "vu_meter" {
            changes.push(("every", serde_json::json!(every)));
        }
        let show = with_parameters(&row, &changes, seed).expect("a show");
        prop_assert_eq!(field(&show).name(), row.name);
        let timeline = Timeline::new(&show);
        let run = frames(&show, 0);
        for number in (start..start + 120).step_by(7) {
            prop_assert_eq!(&frame(&timeline, number), &run[number as usize], "{}", number);
        }
        // The same sources give the same bytes and keys.
        let again = with_parameters(&row, &changes, seed).expect("a show");
        prop_assert_eq!(&frames(&again, 0), &run);
        let keys = |timeline: &Timeline| (0..20).map(|cell| timeline.key(0, cell)).collect::<Vec<_>>();
        prop_assert_eq!(keys(&Timeline::new(&again)), keys(&timeline));
    }

    #[test]
    fn equal_keys_mean_equal_cells(
        row in select(fields()),
        colors in (0..4_usize, 0..4_usize),
        levels in (0.0..1.0, 0.0..1.0),
        seeds in (0_u64..3, 0_u64..3),
    ) {
        const COLORS: [&str; 4] = ["red", "lime", "white", "#102030"];
        let show = |color: usize, level: f64, seed| {
            let changes = [("colors", serde_json::json!([COLORS[color]])), ("level", serde_json::json!(level))];
            with_parameters(&row, &changes, seed).expect("a show")
        };
        let shows = [show(colors.0, levels.0, seeds.0), show(colors.1, levels.1, seeds.1)];
        let [one, other] = shows.each_ref().map(Timeline::new);
        let [first, second] = shows.each_ref().map(|show| frames(show, 0));
        for cell in 0..8_u32 {
            let of = cell as usize * 60..cell as usize * 60 + 60;
            if one.key(0, cell) == other.key(0, cell) {
                prop_assert_eq!(&first[of.clone()], &second[of], "cell {}", cell);
            }
        }
    }
}

#[test]
fn a_field_on_heads_without_colour_is_its_brightness() {
    let mut show = show_of(&fields()[0], Stage::Matrix(4, 4));
    let rig = kit::Kit::new();
    let mut plain =
        rig.add("plain", 1, kit::par()).add("dimmer", 1, vec![kit::dimmer(1)]).show(2.0);
    let position = plain.rig.fixtures[0].position;
    rig_of(&mut plain).fixtures[1].position = position;
    let mut cue = show.layers[0].cues.remove(0);
    cue.selection = kit::cue(&plain, 0.0, 1.0, cue.effect.clone()).selection;
    cue.ranks = 2;
    let plain = kit::with(plain, vec![cue]);
    let lit = frames(&plain, 0);
    assert!(lit.iter().any(|row| row[3] > 200), "the dimmer follows");
}
