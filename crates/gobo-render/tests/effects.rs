//! Every effect on a few fixtures, as levels over time.

mod kit;

use gobo_show::effect::{
    Chase, Circle, ColorFade, Effect, Fade, Flash, Look, Move, Pulse, Rainbow, Strobe, Wave,
};
use gobo_show::grid::Grid;
use gobo_show::show::Show;
use gobo_show::value::{Aim, Color, Direction, Easing, Level, Shape, Span};
use kit::*;

/// A par without a dimmer and one with: each effect must shine on both.
fn pars() -> Show {
    let mut dimmed = par();
    dimmed.insert(0, dimmer(1));
    Kit::new().add("plain", 1, par()).add("dimmed", 1, dimmed).show(1.5)
}

fn strip_of(pixels: u32) -> Show {
    Kit::new().add("strip", pixels, strip(pixels)).show(1.5)
}

fn spots() -> Show {
    Kit::new().add("left", 1, spot()).add("right", 1, spot()).show(1.5)
}

/// The effect from 0.1 s to 1.1 s.
fn run(show: Show, effect: Effect) -> Show {
    let cue = cue(&show, 0.1, 1.1, effect);
    with(show, vec![cue])
}

fn dimmers(show: &Show) -> String {
    let mut only = show.clone();
    for fixture in &mut std::sync::Arc::make_mut(&mut only.rig).fixtures {
        fixture.channels.retain(|channel| &*channel.key == "Red");
    }
    picture(&only, 2)
}

#[test]
fn set() {
    let look = Look { dimmer: Some(Level(0.5)), color: Some(ORANGE), ..Look::default() };
    insta::assert_snapshot!(picture(&run(pars(), Effect::Set(look)), 5));
}

#[test]
fn set_without_length_holds_from_its_frame_on() {
    let show = pars();
    let cue = cue(&show, 0.5, 0.5, Effect::Set(dim(1.0)));
    insta::assert_snapshot!(picture(&with(show, vec![cue]), 5));
}

#[test]
fn fade() {
    let fade = Fade {
        from: tint(RED),
        to: Look { dimmer: Some(Level(1.0)), ..tint(BLUE) },
        easing: Easing::Linear,
    };
    insta::assert_snapshot!(picture(&run(pars(), Effect::Fade(fade)), 2));
}

#[test]
fn flash() {
    let flash = Flash {
        level: Level(1.0),
        color: Some(ORANGE),
        easing: Easing::Out,
        hold: Span::Seconds(0.0),
        decay: None,
    };
    insta::assert_snapshot!(picture(&run(pars(), Effect::Flash(flash)), 2));
}

#[test]
fn strobe() {
    let strobe = Strobe {
        every: Span::Seconds(0.2),
        duty: 0.5,
        high: Level(1.0),
        low: Level(0.1),
        color: None,
    };
    insta::assert_snapshot!(picture(&run(pars(), Effect::Strobe(strobe)), 1));
}

#[test]
fn pulse() {
    let pulse = Pulse {
        every: Span::Seconds(0.5),
        shape: Shape::Sine,
        high: Level(1.0),
        low: Level(0.2),
        color: Some(BLUE),
    };
    insta::assert_snapshot!(picture(&run(pars(), Effect::Pulse(pulse)), 1));
}

fn chase(direction: Direction) -> Effect {
    Effect::Chase(Chase {
        every: Span::Seconds(0.1),
        width: 1.0,
        tail: 1.0,
        high: Level(1.0),
        low: Level(0.0),
        color: Some(Color { red: 1.0, green: 1.0, blue: 1.0 }),
        direction,
    })
}

#[test]
fn chases() {
    let each = [Direction::Forward, Direction::Backward, Direction::Bounce, Direction::Random];
    let rows = each.map(|way| format!("{way:?}\n{}", dimmers(&run(strip_of(5), chase(way)))));
    insta::assert_snapshot!(rows.join("\n\n"));
}

#[test]
fn rainbow() {
    let rainbow = Rainbow {
        every: Span::Seconds(1.0),
        spread: 1.0,
        saturation: 1.0,
        level: Some(Level(1.0)),
    };
    insta::assert_snapshot!(picture(&run(strip_of(3), Effect::Rainbow(rainbow)), 2));
}

fn wave(direction: Direction) -> Effect {
    Effect::Wave(Wave {
        every: Span::Seconds(0.5),
        spread: 1.0,
        shape: Shape::Sine,
        high: Level(1.0),
        low: Level(0.0),
        color: None,
        direction,
    })
}

#[test]
fn waves() {
    let each = [Direction::Forward, Direction::Backward, Direction::Bounce, Direction::Random];
    let rows = each.map(|way| format!("{way:?}\n{}", dimmers(&run(strip_of(4), wave(way)))));
    insta::assert_snapshot!(rows.join("\n\n"));
}

#[test]
fn color_fades() {
    let fade = |around| {
        Effect::ColorFade(ColorFade { from: Some(RED), to: BLUE, around, easing: Easing::InOut })
    };
    let both = [fade(false), fade(true)].map(|effect| picture(&run(strip_of(1), effect), 2));
    insta::assert_snapshot!(both.join("\n\n"));
}

#[test]
fn a_color_fade_starts_from_what_shows() {
    let show = strip_of(1);
    let fade = ColorFade { from: None, to: BLUE, around: false, easing: Easing::Linear };
    let cues = vec![
        cue(&show, 0.0, 0.0, Effect::Set(tint(RED))),
        cue(&show, 0.5, 1.0, Effect::ColorFade(fade)),
    ];
    insta::assert_snapshot!(picture(&with(show, cues), 2));
}

#[test]
fn moves() {
    let from = Some(Aim::Angles { pan_deg: Some(-90.0), tilt_deg: Some(0.0) });
    let way = Move { from, to: Aim::Point([0.0, 4.0, 0.0]), easing: Easing::Linear };
    insta::assert_snapshot!(picture(&run(spots(), Effect::Move(way)), 4));
}

#[test]
fn circle() {
    let circle = Circle {
        center: Aim::Angles { pan_deg: Some(0.0), tilt_deg: Some(45.0) },
        radius_deg: 10.0,
        every: Span::Seconds(0.8),
        spread: 0.5,
        clockwise: true,
    };
    insta::assert_snapshot!(picture(&run(spots(), Effect::Circle(circle)), 2));
}

#[test]
fn periods_follow_the_song() {
    // Two beats of 0.4 s, then beats of 0.2 s.
    let beats = vec![0.1, 0.5, 0.9, 1.1, 1.3, 1.5];
    let mut show = strip_of(1);
    show.grid = Grid::new(beats, vec![0, 2, 4], vec![]);
    let strobe = Strobe {
        every: Span::Beats(1.0),
        duty: 0.5,
        high: Level(1.0),
        low: Level(0.0),
        color: None,
    };
    let cue = cue(&show, 0.1, 1.5, Effect::Strobe(strobe));
    insta::assert_snapshot!(picture(&with(show, vec![cue]), 1));
}
