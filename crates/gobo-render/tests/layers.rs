//! Cues over cues and layers over layers: holds, releases, fades, sums.

mod kit;

use gobo_show::effect::{Effect, Fade, Flash, Look};
use gobo_show::show::{Blend, Cue, Show, Then};
use gobo_show::value::{Aim, Easing, Level};
use kit::*;

/// One dimmer over two seconds at 20 frames a second.
fn show() -> Show {
    Kit::new().add("one", 1, vec![dimmer(1)]).show(2.0)
}

fn at(level: f64, start: f64, end: f64, then: Then) -> Cue {
    Cue { then, ..cue(&show(), start, end, Effect::Set(dim(level))) }
}

/// The level, of 100, in every fourth frame: 0.2 s apart.
fn levels(layers: Vec<(Blend, Vec<Cue>)>) -> Vec<u32> {
    let mut show = show();
    show.layers = layers.into_iter().map(|(blend, cues)| layer(blend, cues)).collect();
    let percent = |row: &Vec<u8>| (f64::from(row[0]) / 2.55).round() as u32;
    frames(&show, 0).iter().step_by(4).map(percent).collect()
}

fn replaced(cues: Vec<Cue>) -> Vec<u32> {
    levels(vec![(Blend::Replace, cues)])
}

#[test]
fn a_value_holds_until_the_next_write_and_a_released_one_does_not() {
    let cues = vec![
        at(0.2, 0.2, 0.6, Then::Hold),
        at(0.8, 1.0, 1.4, Then::Release),
        at(0.4, 1.8, 1.8, Then::Hold),
    ];
    assert_eq!(replaced(cues), [0, 20, 20, 20, 20, 80, 80, 0, 0, 40]);
}

#[test]
fn what_still_runs_shows_again() {
    let cues = vec![at(0.2, 0.2, 1.6, Then::Release), at(0.8, 0.6, 1.0, Then::Release)];
    assert_eq!(replaced(cues), [0, 20, 20, 80, 80, 20, 20, 20, 0, 0]);
    let cues = vec![at(0.2, 0.2, 1.6, Then::Release), at(0.8, 0.6, 1.0, Then::Hold)];
    assert_eq!(replaced(cues), [0, 20, 20, 80, 80, 80, 80, 80, 80, 80]);
}

#[test]
fn fades_in_from_what_the_layer_showed_and_out_to_what_is_below() {
    let below = (Blend::Replace, vec![at(0.4, 0.0, 0.0, Then::Hold)]);
    let first = at(1.0, 0.2, 0.6, Then::Hold);
    let second = Cue { fade_in: 0.4, fade_out: 0.4, ..at(0.0, 0.6, 1.6, Then::Release) };
    assert_eq!(
        levels(vec![below, (Blend::Replace, vec![first, second])]),
        [40, 100, 100, 100, 50, 0, 0, 20, 40, 40]
    );
}

#[test]
fn a_fade_from_nothing_starts_where_the_channel_rests() {
    let cue = Cue { fade_in: 0.8, ..at(1.0, 0.2, 0.2, Then::Hold) };
    assert_eq!(replaced(vec![cue]), [0, 0, 25, 50, 75, 100, 100, 100, 100, 100]);
    let mut show = show();
    rig_of(&mut show).fixtures[0].channels[0].default = 51;
    let cue = Cue { fade_in: 0.8, ..at(1.0, 0.2, 0.2, Then::Hold) };
    let rows = frames(&with(show, vec![cue]), 0);
    assert_eq!((rows[0][0], rows[4][0], rows[12][0], rows[20][0]), (51, 51, 153, 255));
}

#[test]
fn a_fade_starts_from_what_shows_and_ends_exactly() {
    let fade = |level| {
        let to = dim(level);
        Effect::Fade(Fade { from: Look::default(), to, easing: Easing::Linear })
    };
    let cues = vec![
        at(0.2, 0.0, 0.0, Then::Hold),
        cue(&show(), 0.4, 0.8, fade(0.6)),
        cue(&show(), 1.2, 1.6, fade(1.0)),
    ];
    assert_eq!(replaced(cues), [20, 20, 20, 40, 60, 60, 60, 80, 100, 100]);
}

#[test]
fn adding_layers_add_up_to_full() {
    let base = (Blend::Replace, vec![at(0.4, 0.0, 0.0, Then::Hold)]);
    let flash = Flash {
        level: Level(0.8),
        color: None,
        easing: Easing::Linear,
        hold: gobo_show::value::Span::Seconds(0.0),
        decay: None,
    };
    let hits = vec![
        Cue { then: Then::Release, ..cue(&show(), 0.4, 1.2, Effect::Flash(flash)) },
        Cue { fade_in: 0.4, ..at(0.2, 1.4, 1.4, Then::Hold) },
    ];
    assert_eq!(levels(vec![base, (Blend::Add, hits)]), [40, 40, 100, 100, 80, 60, 40, 40, 50, 60]);
}

#[test]
fn adding_layers_add_degrees() {
    let aim = |pan| {
        let position = Some(Aim::Angles { pan_deg: Some(pan), tilt_deg: None });
        Effect::Set(Look { position, ..Look::default() })
    };
    let mut show = Kit::new().add("spot", 1, spot()).show(0.1);
    let (base, over) = (cue(&show, 0.0, 0.0, aim(200.0)), cue(&show, 0.0, 0.0, aim(-110.0)));
    show.layers = vec![layer(Blend::Replace, vec![base]), layer(Blend::Add, vec![over])];
    assert_eq!(frames(&show, 0)[0][2..4], [170, 170]);
}

#[test]
fn a_color_fades_in_only_where_no_dimmer_does() {
    let fade = |look| {
        let show = Kit::new().add("par", 1, par()).show(0.5);
        let cue = Cue { fade_in: 0.4, ..cue(&show, 0.0, 0.0, Effect::Set(look)) };
        let rows = frames(&with(show, vec![cue]), 0);
        [0, 2, 4, 6, 8].map(|frame: usize| rows[frame][0])
    };
    assert_eq!(fade(tint(RED)), [0, 64, 128, 191, 255]);
    assert_eq!(fade(Look { dimmer: Some(Level(1.0)), ..tint(RED) }), [0, 64, 128, 191, 255]);
}

#[test]
fn the_shortest_cue_still_shows_a_frame() {
    let flash = at(1.0, 0.4, 0.41, Then::Release);
    assert_eq!(replaced(vec![flash]), [0, 0, 100, 0, 0, 0, 0, 0, 0, 0]);
}
