//! What holds for any show: drawn at random, with every effect, layer and kind of fixture.

mod kit;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use gobo_canvas::{Canvas, CanvasWriter};
use gobo_render::{Options, Stats, Timeline, compile};
use gobo_show::effect::{
    BeamParameter, Chase, Circle, ColorFade, Effect, Fade, Flash, Look, Move, Parts, Pulse,
    Rainbow, Release, Strobe, Wave,
};
use gobo_show::grid::Grid;
use gobo_show::rig::{Action, Channel, Unit};
use gobo_show::show::{Blend, Cue, Show, Then};
use gobo_show::value::{Aim, Amount, Color, Direction, Easing, Level, Shape, Span};
use kit::*;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

const SECONDS: f64 = 6.0;

fn rig() -> Kit {
    let zoom = simple("Zoom", 1, Action::Beam(BeamParameter::Zoom, Unit::Physical, 10.0, 50.0));
    Kit::new()
        .add("par", 1, par())
        .gap(3)
        .add("bar", 3, [vec![dimmer(2)], strip(3)].concat())
        .gap(1)
        .add("spot", 1, spot())
        .add_to(9, "far", 2, [strip(2), vec![zoom, shutter()]].concat())
}

fn level() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..1.0]
}

fn color() -> impl Strategy<Value = Color> {
    (level(), level(), level()).prop_map(|(red, green, blue)| Color { red, green, blue })
}

fn aim() -> impl Strategy<Value = Aim> {
    let angles = (of(-300.0..300.0), of(-150.0..150.0))
        .prop_map(|(pan_deg, tilt_deg)| Aim::Angles { pan_deg, tilt_deg });
    prop_oneof![angles, prop::array::uniform3(-5.0..5.0).prop_map(Aim::Point)]
}

fn look() -> impl Strategy<Value = Look> {
    (of(level()), of(color()), of(aim()), of(0.0..25.0), of(level()), of(level())).prop_map(
        |(dimmer, color, position, strobe_hz, zoom, raw)| Look {
            dimmer: dimmer.map(Level),
            color,
            tint: None,
            position,
            strobe_hz,
            beam: zoom
                .map(|zoom| (BeamParameter::Zoom, Amount::Fraction(zoom)))
                .into_iter()
                .collect(),
            wheels: Vec::new(),
            emitters: Vec::new(),
            presets: Vec::new(),
            parts: Parts::default(),
            raw: raw.map(|raw| ("Gobo Wheel".into(), raw)).into_iter().collect(),
            ..Look::default()
        },
    )
}

fn every() -> impl Strategy<Value = Span> {
    prop_oneof![
        (0.05..2.0).prop_map(Span::Seconds),
        select(vec![Span::Beats(0.5), Span::Beats(1.0), Span::Beats(3.0), Span::Bars(1.0)]),
    ]
}

/// Every effect, from the same few numbers.
fn effect() -> impl Strategy<Value = Effect> {
    let easing = select(vec![Easing::Linear, Easing::In, Easing::Out, Easing::InOut, Easing::Step]);
    let shape = select(vec![Shape::Sine, Shape::Triangle, Shape::Saw, Shape::Square]);
    let way =
        select(vec![Direction::Forward, Direction::Backward, Direction::Bounce, Direction::Random]);
    let looks = (look(), look(), easing);
    let lights = (every(), level(), level(), of(color()), shape, way, 0.0..3.0);
    let others = (color(), aim(), of(aim()), any::<bool>(), 0..11_u8);
    (looks, lights, others).prop_map(|(looks, lights, others)| {
        let (from, to, easing) = looks;
        let (every, high, low, color, shape, direction, spread) = lights;
        let (target, aim, start, turn, which) = others;
        let (high, low) = (Level(high), Level(low));
        match which {
            0 => Effect::Set(to),
            1 => Effect::Fade(Fade { from, to, easing }),
            2 => Effect::Flash(Flash {
                level: high,
                color,
                easing,
                hold: Span::Seconds(0.0),
                decay: None,
            }),
            3 => Effect::Strobe(Strobe { every, duty: 0.5, high, low, color }),
            4 => Effect::Pulse(Pulse { every, shape, high, low, color }),
            5 => Effect::Chase(Chase {
                every,
                width: 1.0 + low.0,
                tail: spread,
                high,
                low,
                color,
                direction,
            }),
            6 => Effect::Rainbow(Rainbow { every, spread, saturation: high.0, level: None }),
            7 => Effect::Wave(Wave { every, spread, shape, high, low, color, direction }),
            8 => Effect::ColorFade(ColorFade { from: color, to: target, around: turn, easing }),
            9 => Effect::Move(Move { from: start, to: aim, easing }),
            _ => Effect::Circle(Circle {
                center: aim,
                radius_deg: 20.0,
                every,
                spread,
                clockwise: turn,
            }),
        }
    })
}

/// Changes what an effect gives, but not when.
fn nudge(effect: &mut Effect) {
    let level = |level: &mut Level| level.0 = 1.0 - level.0 / 2.0;
    let look = |look: &mut Look| {
        look.dimmer = Some(Level(0.3));
        look.color = Some(ORANGE);
        look.position = Some(Aim::Angles { pan_deg: Some(11.0), tilt_deg: Some(-7.0) });
    };
    match effect {
        Effect::Set(set) => look(set),
        Effect::Fade(fade) => look(&mut fade.to),
        Effect::Flash(flash) => level(&mut flash.level),
        Effect::Strobe(strobe) => strobe.duty = 0.25,
        Effect::Pulse(pulse) => level(&mut pulse.low),
        Effect::Chase(chase) => chase.tail += 1.0,
        Effect::Rainbow(rainbow) => rainbow.spread += 0.3,
        Effect::Wave(wave) => wave.spread += 0.3,
        Effect::ColorFade(fade) => fade.to = ORANGE,
        Effect::Move(way) => way.to = Aim::Point([1.0, 2.0, 3.0]),
        Effect::Circle(circle) => circle.radius_deg += 5.0,
        Effect::Field(_) | Effect::Release(_) | Effect::Graph(_) => {}
    }
}

fn a_cue() -> impl Strategy<Value = Cue> {
    let time = (0..24_u32, prop_oneof![Just(0), 1..16_u32], 0.0..0.01);
    let fades = (select(vec![0.0, 0.0, 0.3, 1.0]), select(vec![0.0, 0.0, 0.4]));
    (time, fades, any::<bool>(), effect(), 1..255_u8).prop_map(
        |((start, length, off), (fade_in, fade_out), holds, effect, heads)| {
            let start = f64::from(start) / 4.0 + off;
            let mut cue = cue(&rig().show(1.0), start, start + f64::from(length) / 4.0, effect);
            kit::keep(&mut cue, |selected| heads & 1 << (selected.head % 8) != 0);
            cue.then = match (holds, heads & 3) {
                (true, _) => Then::Hold,
                (false, 0) => Then::CueOnly,
                (false, _) => Then::Release,
            };
            cue.mark = heads & 12 == 4;
            if heads & 48 == 16 {
                cue.effect = Effect::Release(Release { only: Vec::new() });
            }
            let ease_in = if holds { Easing::SineInOut } else { Easing::Linear };
            Cue { fade_in, ease_in, fade_out, ..cue }
        },
    )
}

fn cues() -> impl Strategy<Value = Vec<(usize, Cue)>> {
    prop::collection::vec((0..3_usize, a_cue()), 0..12)
}

/// Three layers, the middle one adding; a song whose tempo changes.
fn show_of(cues: &[(usize, Cue)]) -> Show {
    show_on(rig(), Blend::Replace, cues)
}

/// The same on another rig, with another topmost blend.
fn show_on(rig: Kit, top: Blend, cues: &[(usize, Cue)]) -> Show {
    let mut show = rig.show(SECONDS);
    let beats = (0..9).map(f64::from).chain([8.5, 9.0, 9.5].map(|beat| beat + 0.01));
    show.grid = Grid::new(beats.map(|beat| beat * 0.4).collect(), vec![0, 4, 8], vec![]);
    for (index, blend) in [Blend::Replace, Blend::Add, top].into_iter().enumerate() {
        let mine = cues.iter().filter(|(layer, _)| *layer == index).map(|(_, cue)| cue.clone());
        let mut mine: Vec<Cue> = mine.collect();
        mine.sort_by(|a, b| a.start.total_cmp(&b.start));
        show.layers.push(layer(blend, mine));
    }
    show
}

fn written(show: &Show, previous: Option<&Canvas>, to: &Path, threads: usize) -> (Vec<u8>, Stats) {
    let timeline = Timeline::new(show);
    let mut writer = CanvasWriter::create(to, timeline.header()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let heard = |_: &_| ControlFlow::Continue(());
    let compiled =
        pool.install(|| compile(&timeline, previous, &mut writer, Options::default(), heard));
    writer.finish().unwrap();
    (fs::read(to).unwrap(), compiled.unwrap().stats)
}

fn cell(timeline: &Timeline, universe: usize, cell: u32) -> Vec<u8> {
    let mut rows = vec![0xee; timeline.cell_len(universe, cell)];
    timeline.render(universe, cell, &mut rows);
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_frame_alone_equals_that_frame_in_a_run(cues in cues()) {
        let show = show_of(&cues);
        let timeline = Timeline::new(&show);
        for universe in 0..2 {
            for (frame, row) in frames(&show, universe).iter().enumerate() {
                let mut alone = vec![0xee; row.len()];
                timeline.frame(universe, frame as u32, &mut alone);
                prop_assert_eq!(&alone, row, "universe {} frame {}", universe, frame);
            }
        }
    }

    #[test]
    fn pixels_drawn_together_show_what_each_shows_alone(
        cues in cues(),
        top in select(vec![Blend::Replace, Blend::Htp, Blend::Screen]),
    ) {
        // A channel that is no emitter keeps a fixture from being drawn with others.
        let other = simple("Other", 1, Action::Other("none".into()));
        let shown = |more: &[Channel]| {
            let channels = [strip(4), more.to_vec()].concat();
            let kit = Kit::new().add("one", 4, channels.clone()).add("two", 4, channels);
            frames(&show_on(kit, top, &cues), 0)
        };
        for (together, alone) in shown(&[]).iter().zip(&shown(&[other])) {
            prop_assert_eq!(&together[..12], &alone[..12]);
            prop_assert_eq!(&together[12..24], &alone[13..25]);
        }
    }

    #[test]
    fn no_level_leaves_the_footprints(cues in cues()) {
        let show = show_of(&cues);
        for row in frames(&show, 0) {
            // par 3, gap 3, bar 11, gap 1, spot 9.
            prop_assert_eq!(row.len(), 27);
            prop_assert_eq!((&row[3..6], row[17]), (&[0; 3][..], 0));
        }
    }

    #[test]
    fn equal_keys_mean_equal_cells(
        cues in prop::collection::vec((0..3_usize, a_cue()), 1..12),
        edit in any::<prop::sample::Index>(),
        seed: bool,
    ) {
        let mut edited = cues.clone();
        let (_, cue) = &mut edited[edit.index(cues.len())];
        if seed {
            cue.seed += 1;
        } else {
            nudge(&mut cue.effect);
        }
        let timelines = [&cues, &edited].map(|cues| Timeline::new(&show_of(cues)));
        let mut known: Vec<(u128, Vec<u8>)> = Vec::new();
        for timeline in &timelines {
            for place in (0..2).flat_map(|universe| (0..6).map(move |cell| (universe, cell))) {
                known.push((timeline.key(place.0, place.1), cell(timeline, place.0, place.1)));
            }
        }
        known.sort();
        for pair in known.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            prop_assert_eq!(&pair[0].1, &pair[1].1);
        }
    }

    #[test]
    fn a_cue_moved_by_whole_seconds_gives_the_same_levels(cue in a_cue()) {
        let early = cue.start % 2.0;
        // A mark reaches back to where the head went dark.
        let first =
            Cue { start: early, end: early + cue.end - cue.start, mark: false, ..cue };
        // By the clock: the song's beats would move it in the song as well.
        let mut moved = first.clone();
        moved.start += 3.0;
        moved.end += 3.0;
        let alone = |cue: Cue| {
            let mut show = show_of(&[(0, cue)]);
            show.grid = Grid::default();
            frames(&show, 0)
        };
        let (early, late) = (alone(first), alone(moved));
        prop_assert_eq!(&early[..60], &late[60..]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_bytes_do_not_depend_on_threads_nor_on_what_was_there(
        cues in cues(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), a_cue()), 1..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (before, _) = written(&show_of(&cues), None, &path("before"), 1);
        let (threaded, _) = written(&show_of(&cues), None, &path("threaded"), 3);
        prop_assert!(before == threaded, "another number of threads, another canvas");
        let previous = Canvas::from_bytes(before).unwrap();
        let mut edited = cues.clone();
        for (index, cue) in edits {
            match edited.len() {
                0 => edited.push((0, cue)),
                count => edited[index.index(count)].1 = cue,
            }
        }
        let show = show_of(&edited);
        let (clean, _) = written(&show, None, &path("clean"), 2);
        let (incremental, _) = written(&show, Some(&previous), &path("incremental"), 2);
        prop_assert!(clean == incremental, "a copied cell is not what it should be");
        let (again, stats) =
            written(&show, Some(&Canvas::from_bytes(clean.clone()).unwrap()), &path("again"), 2);
        prop_assert_eq!(stats.rendered, 0);
        prop_assert!(clean == again);
        prop_assert!(Timeline::new(&show).is_current(&Canvas::from_bytes(again).unwrap()));
    }
}

#[test]
fn a_hold_is_rendered_once_and_an_edit_renders_only_what_it_touches() {
    let folder = tempfile::tempdir().unwrap();
    let base = (0, cue(&rig().show(1.0), 0.0, 0.0, Effect::Set(dim(1.0))));
    let (bytes, stats) =
        written(&show_of(std::slice::from_ref(&base)), None, &folder.path().join("hold"), 2);
    assert_eq!((stats.cells, stats.rendered, stats.shared), (12, 2, 10));
    let flash = Flash {
        level: Level(0.0),
        color: None,
        easing: Easing::Linear,
        hold: Span::Seconds(0.0),
        decay: None,
    };
    let hit = cue(&rig().show(1.0), 2.25, 2.5, Effect::Flash(flash));
    let hit = Cue { then: Then::Release, ..hit };
    let previous = Canvas::from_bytes(bytes).unwrap();
    let show = show_of(&[base, (2, hit)]);
    let (_, stats) = written(&show, Some(&previous), &folder.path().join("edited"), 2);
    assert_eq!((stats.rendered, stats.copied, stats.shared), (2, 2, 8));
    assert_eq!(stats.frames, 40);
}

#[test]
fn a_seed_changes_keys_only_where_it_is_used() {
    let chase = Chase {
        every: Span::Seconds(0.1),
        width: 1.0,
        tail: 0.0,
        high: Level(1.0),
        low: Level(0.0),
        color: None,
        direction: Direction::Random,
    };
    let keys = |seed, effect| {
        let cue = Cue { seed, ..cue(&rig().show(1.0), 1.0, 3.0, effect) };
        let timeline = Timeline::new(&show_of(&[(0, cue)]));
        (0..6).map(|cell| timeline.key(0, cell)).collect::<Vec<_>>()
    };
    let [one, other] = [1, 2].map(|seed| keys(seed, Effect::Chase(chase.clone())));
    assert_eq!(one[0], other[0]);
    assert!((1..3).all(|cell| one[cell] != other[cell]));
    assert_eq!(keys(1, Effect::Set(dim(0.5))), keys(2, Effect::Set(dim(0.5))));
}

#[test]
fn a_compile_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let timeline = Timeline::new(&show_of(&[]));
    let mut writer =
        CanvasWriter::create(&folder.path().join("canvas"), timeline.header()).unwrap();
    let stop = |_: &_| ControlFlow::Break(());
    let stopped = compile(&timeline, None, &mut writer, Options::default(), stop);
    assert!(matches!(stopped, Err(gobo_render::CompileError::Cancelled)));
}
