//! How cues track: what is held, released, brought back and moved in black, as levels over time.

mod kit;

use gobo_render::check;
use gobo_show::effect::{AttributeKind, Effect, Look, Release};
use gobo_show::rig::Action;
use gobo_show::show::{Blend, Cue, Then};
use gobo_show::value::{Aim, Color, Easing, Level};
use kit::*;

fn pars() -> gobo_show::show::Show {
    let mut dimmed = par();
    dimmed.insert(0, dimmer(1));
    Kit::new().add("dimmed", 1, dimmed).show(1.5)
}

fn set(show: &gobo_show::show::Show, at: f64, look: Look) -> Cue {
    cue(show, at, at, Effect::Set(look))
}

fn release(show: &gobo_show::show::Show, at: f64, only: Vec<AttributeKind>) -> Cue {
    cue(show, at, at, Effect::Release(Release { only }))
}

#[test]
fn fades_take_their_course() {
    let show = pars();
    let all = [
        Easing::Linear,
        Easing::SineIn,
        Easing::SineOut,
        Easing::SineInOut,
        Easing::QuadIn,
        Easing::QuadOut,
        Easing::QuadInOut,
        Easing::ExpoIn,
        Easing::ExpoOut,
        Easing::ExpoInOut,
    ];
    let courses = all.map(|ease_in| {
        let cue = Cue { fade_in: 1.0, ease_in, ..set(&show, 0.0, dim(1.0)) };
        let levels = frames(&with(show.clone(), vec![cue]), 0);
        let levels: Vec<_> = levels.iter().step_by(10).map(|row| row[0]).collect();
        format!("{ease_in:?}: {levels:?}")
    });
    insta::assert_snapshot!(courses.join("\n"));
}

#[test]
fn a_release_gives_back_what_it_names() {
    let show = pars();
    let below = set(&show, 0.0, Look { dimmer: Some(Level(0.2)), ..tint(BLUE) });
    let above = set(&show, 0.2, Look { dimmer: Some(Level(1.0)), ..tint(RED) });
    let color = Cue { fade_in: 0.4, ..release(&show, 0.5, vec![AttributeKind::Color]) };
    let all = release(&show, 1.1, Vec::new());
    let mut show = with(show, vec![below]);
    show.layers.push(layer(Blend::Replace, vec![above, color, all]));
    insta::assert_snapshot!(picture(&show, 6));
}

#[test]
fn what_a_layer_held_shows_again_after_a_cue_only() {
    let show = pars();
    let held = set(&show, 0.0, dim(0.4));
    let only = cue(&show, 0.5, 1.0, Effect::Set(dim(1.0)));
    let only = Cue { then: Then::CueOnly, fade_in: 0.2, fade_out: 0.2, ..only };
    insta::assert_snapshot!(picture(&with(show, vec![held, only]), 6));
}

#[test]
fn nothing_tracks_through_a_block() {
    let show = pars();
    let through = |before: Look| {
        let first = set(&show, 0.0, before);
        let block = [release(&show, 0.5, Vec::new()), set(&show, 0.5, dim(0.5))];
        frames(&with(show.clone(), [vec![first], block.to_vec()].concat()), 0)
    };
    let (red, blue) =
        (through(tint(RED)), through(Look { dimmer: Some(Level(0.9)), ..tint(BLUE) }));
    assert_ne!(red[..10], blue[..10]);
    assert_eq!(red[10..], blue[10..]);
}

#[test]
fn what_a_block_leaves_out_is_told_of() {
    let show = Kit::new().add("spot", 1, spot()).add("other", 1, spot()).show(1.5);
    let told = |said: Look, fade_in: f64| {
        let first = set(&show, 0.0, Look { dimmer: Some(Level(0.8)), ..aim(-90.0) });
        let end = Cue { blocks: true, fade_in, ..release(&show, 0.5, Vec::new()) };
        let block = Cue { fade_in, ..set(&show, 0.5, said) };
        let warnings = check(&with(show.clone(), vec![first, end, block]));
        warnings.into_iter().map(|found| found.message).collect::<Vec<_>>()
    };
    for fade_in in [0.0, 0.3] {
        assert!(told(Look { dimmer: Some(Level(0.1)), ..aim(0.0) }, fade_in).is_empty());
        let left = "this blocks, and does not say what `spot` held: `\"pan\": -90`, \
                    `\"tilt\": 10`, and more on another head";
        assert_eq!(told(dim(0.5), fade_in), [left]);
    }
}

fn aim(pan: f64) -> Look {
    let position = Some(Aim::Angles { pan_deg: Some(pan), tilt_deg: Some(10.0) });
    Look { position, ..Look::default() }
}

#[test]
fn marked_heads_move_in_black() {
    let show = Kit::new().add("spot", 1, spot()).show(1.5);
    let first = set(&show, 0.0, Look { dimmer: Some(Level(1.0)), ..aim(-90.0) });
    let dark = set(&show, 0.4, dim(0.0));
    let lit = Cue { mark: true, ..set(&show, 1.0, Look { dimmer: Some(Level(1.0)), ..aim(90.0) }) };
    let show = with(show, vec![first, dark, lit]);
    insta::assert_snapshot!(picture(&show, 3));
    let mut plain = show.clone();
    plain.layers[0].cues[2].mark = false;
    // In the dark alone it is another; in the light it is the same.
    let (marked, plain) = (frames(&show, 0), frames(&plain, 0));
    assert_eq!(marked[..8], plain[..8]);
    assert_ne!(marked[8..20], plain[8..20]);
    assert_eq!(marked[20..], plain[20..]);
}

/// The frames of a show of three pixels, four a second, of which `cues` is the list.
fn pixels(patterns: &[(&str, &str)], cues: &str) -> Vec<Vec<u8>> {
    let mut world = gobo_show::MemoryWorld::default();
    let mut venue =
        "[[output]]\nuniverses = \"1\"\nprotocol = \"artnet\"\nto = \"127.0.0.1\"\n".to_owned();
    for par in 1..=3 {
        let address = par * 3 - 2;
        venue += &format!(
            "[[fixture]]\nid = \"p{par}\"\npixels = 1\nuniverse = 1\naddress = {address}\n"
        );
    }
    let mut put = |path: String, text: &str| world.files.insert(path, text.into());
    put("fixtures/club.toml".to_owned(), &venue);
    put(
        "shows/show/show.toml".to_owned(),
        "venue = \"club\"\nlength = \"6s\"\nfps = 4\ncues = [\"cues.json\"]",
    );
    put("shows/show/cues.json".to_owned(), &format!(r#"{{ "cues": [{cues}] }}"#));
    for (name, text) in patterns {
        put(format!("shows/show/patterns/{name}.json"), text);
    }
    let loaded = gobo_show::load(&world, "show");
    frames(&loaded.show.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics)), 0)
}

#[test]
fn a_delayed_cue_keeps_its_length_and_its_fades() {
    let cue = |delay: &str| {
        let cue = format!(
            r#"{{ "at": 1, "for": "2s", "on": "p1 | p2", "set": {{ "color": "red" }},
            "fade_in": "0.5s", "fade_out": "1s"{delay} }}"#
        );
        pixels(&[], &cue)
    };
    let red =
        |rows: &[Vec<u8>], par: usize| rows.iter().map(|row| row[3 * par]).collect::<Vec<_>>();
    let plain = red(&cue(""), 0);
    assert_eq!(plain[3..14], [0, 0, 128, 255, 255, 255, 191, 128, 64, 0, 0]);
    // Four frames a second: the second par is a second later, or both are.
    let fan = cue(r#", "delay": { "to": "1s" }"#);
    assert_eq!(red(&fan, 0), plain);
    assert_eq!(red(&fan, 1)[4..], plain[..plain.len() - 4]);
    assert_eq!(red(&cue(r#", "delay": "1s""#), 0)[4..], plain[..plain.len() - 4]);
}

#[test]
fn a_colour_that_was_black_does_not_come_early() {
    let pan = simple("Pan", 1, Action::Pan(0.0, 540.0));
    let head = [vec![dimmer(1), pan], par()].concat();
    let show = Kit::new().add("wash", 1, head).show(1.5);
    let first = set(&show, 0.0, Look { dimmer: Some(Level(1.0)), ..tint(RED) });
    let black = set(&show, 0.4, tint(Color::default()));
    let look = Look { color: Some(RED), ..aim(90.0) };
    let marked = Cue { mark: true, ..set(&show, 1.0, look) };
    let plain = Cue { mark: false, ..marked.clone() };
    let run = |last: Cue| frames(&with(show.clone(), vec![first.clone(), black.clone(), last]), 0);
    let (marked, plain) = (run(marked), run(plain));
    // It turns in the dark, and stays dark.
    assert_ne!(marked[8..20], plain[8..20]);
    assert_eq!(marked[20..], plain[20..]);
    let light = |rows: &[Vec<u8>]| rows.iter().map(|row| [row[0], row[2]]).collect::<Vec<_>>();
    assert_eq!(light(&marked), light(&plain));
}

#[test]
fn a_release_of_one_part_of_the_light_leads_to_what_it_implies() {
    let released = |only: &str| {
        let cues = format!(
            r#"{{ "at": 0, "on": "p1", "set": {{ "dimmer": 0.5, "color": "red" }} }},
            {{ "at": 1, "on": "p1", "release": {{ "only": ["{only}"] }}, "fade_in": "1s" }}"#
        );
        pixels(&[], &cues)[3..10].iter().map(|row| [row[0], row[1]]).collect::<Vec<_>>()
    };
    // A colour without a dimmer is full.
    let full = [[128, 0], [128, 0], [159, 0], [191, 0], [223, 0], [255, 0], [255, 0]];
    assert_eq!(released("dimmer"), full);
    // A dimmer without a colour is white.
    let white = [[128, 0], [128, 0], [128, 32], [128, 64], [128, 96], [128, 128], [128, 128]];
    assert_eq!(released("color"), white);
}

#[test]
fn random_cues_on_different_heads_may_stand_in_any_order() {
    let noise = |on: &str| {
        format!(
            r#"{{ "at": 0, "for": "5s", "on": "{on}", "set": {{ "dimmer": {{ "noise": {{ "every": "1s" }} }}, "color": "white" }} }}"#
        )
    };
    let draw = r#"{ "at": 0, "on": "p2 ^ p3", "set": { "color": "white" } }"#.to_owned();
    let cues = [noise("p1"), draw, r#"{ "at": 5, "on": "p1", "set": { "dimmer": 1 } }"#.to_owned()];
    let shown = pixels(&[], &cues.join(", "));
    let turned: Vec<String> = cues.iter().rev().cloned().collect();
    assert_eq!(pixels(&[], &turned.join(", ")), shown);
    assert_ne!(shown[1][0], shown[2][0], "noise moves");
}

#[test]
fn a_chaser_shows_one_step_at_a_time() {
    let steps = |crossfade: &str| {
        let pattern = format!(
            r#"{{ "chaser": {{ "step": "1s"{crossfade} }}, "steps": [
                {{ "on": "p1", "set": {{ "color": "white" }} }},
                {{ "on": "p2", "set": {{ "color": "white" }} }},
                {{ "on": "p3", "set": {{ "color": "white" }} }} ] }}"#
        );
        let cue = r#"{ "at": 0, "for": "5s", "on": "all", "then": "release",
            "pattern": { "run": {} } }"#;
        let rows = pixels(&[("run", &pattern)], cue);
        rows.iter().map(|row| [row[0], row[3], row[6]]).collect::<Vec<_>>()
    };
    let hard = steps("");
    for (frame, row) in hard[..20].iter().enumerate() {
        let mut expected = [0; 3];
        expected[frame / 4 % 3] = 255;
        assert_eq!(*row, expected, "frame {frame}");
    }
    // Over half of each step, what goes and what comes make one whole.
    let soft = steps(r#", "crossfade": "50%""#);
    assert_eq!(soft[4..8], [[255, 0, 0], [128, 128, 0], [0, 255, 0], [0, 255, 0]]);
}
