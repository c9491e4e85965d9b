//! Heads that turn only so fast, and what they are told of: movements that ask for more, points
//! beyond reach, heads seen turning.

mod kit;

use std::fmt::Write as _;

use gobo_render::{Timeline, check};
use gobo_show::effect::{Circle, Effect, Look, Move};
use gobo_show::rig::{Axis, Setup};
use gobo_show::show::{Cue, Show, Then};
use gobo_show::value::{Aim, Easing, Level, Span};
use kit::*;

/// Two heads, of which the second is slow.
fn slow(limit_speed: bool) -> Show {
    let mut show = Kit::new().add("fast", 1, head()).add("slow", 1, head()).show(2.0);
    let axis = |speed| Axis { speed: Some(speed), ..Axis::default() };
    rig_of(&mut show).fixtures[1].setup =
        Setup { pan: axis(90.0), tilt: axis(60.0), limit_speed, ..Setup::default() };
    let to = |pan: f64, tilt: f64| Aim::Angles { pan_deg: Some(pan), tilt_deg: Some(tilt) };
    let way = |from, to| Effect::Move(Move { from: Some(from), to, easing: Easing::Linear });
    let cues = vec![
        cue(&show, 0.0, 0.0, Effect::Set(turned(0.0, 0.0))),
        cue(&show, 0.2, 0.7, way(to(0.0, 0.0), to(90.0, 20.0))),
        cue(&show, 1.5, 1.5, Effect::Set(turned(0.0, 0.0))),
    ];
    with(show, cues)
}

#[test]
fn a_limited_head_follows_as_fast_as_it_can() {
    insta::assert_snapshot!(picture(&slow(true), 2));
    let (free, limited) = (frames(&slow(false), 0), frames(&slow(true), 0));
    assert_ne!(free, limited);
    for (frame, row) in limited.iter().enumerate() {
        assert_eq!(row[..4], free[frame][..4], "the fast head is not held back");
    }
    let pan = |row: &Vec<u8>| f64::from(u16::from_be_bytes([row[4], row[5]])) / 65535.0 * 540.0;
    for pair in limited.windows(2) {
        let speed = (pan(&pair[1]) - pan(&pair[0])).abs() * 20.0;
        assert!(speed <= 90.0 + 0.2, "{speed}");
    }
    // By the end it has come where it was sent.
    assert!((pan(&limited[39]) - pan(&free[39])).abs() < 50.0);
}

#[test]
fn frames_of_a_limited_head_need_no_past() {
    let show = slow(true);
    let timeline = Timeline::new(&show);
    for (frame, row) in frames(&show, 0).iter().enumerate() {
        let mut alone = vec![0; row.len()];
        timeline.frame(0, frame as u32, &mut alone);
        assert_eq!(&alone, row, "{frame}");
    }
}

#[test]
fn points_beyond_reach_are_told_of() {
    let told = |point: [f64; 3], limits_deg: Option<[f64; 2]>| -> Vec<String> {
        let mut show = Kit::new().add("spot", 1, head()).show(1.0);
        rig_of(&mut show).fixtures[0].setup =
            Setup { tilt: Axis { limits_deg, ..Axis::default() }, ..Setup::default() };
        let look = Look { position: Some(Aim::Point(point)), ..Look::default() };
        let cue = cue(&show, 0.0, 0.0, Effect::Set(look));
        check(&with(show, vec![cue])).iter().map(|said| said.message.clone()).collect()
    };
    assert!(told([1.0, 3.0, -2.0], None).is_empty());
    // 45 degrees from straight down, and no more than 30 allowed.
    let said = told([0.0, 6.0, -2.0], Some([-30.0, 30.0]));
    assert_eq!(said, ["`spot` cannot aim at the point [0, 6, -2]: it aims 15° beside it"]);
}

#[test]
fn movements_that_are_too_fast_are_told_of() {
    let told = |show: &Show| -> Vec<String> {
        let line = |found: &gobo_show::Diagnostic| {
            format!("{} ({})", found.message, found.hints.join("; "))
        };
        check(show).iter().map(line).collect()
    };
    let mut text = told(&slow(false)).join("\n");
    let _ = write!(text, "\n{}", told(&slow(true)).join("\n"));
    let mut circling = slow(false);
    circling.layers.clear();
    let circle = Circle {
        center: Aim::Angles { pan_deg: Some(0.0), tilt_deg: Some(45.0) },
        radius_deg: 30.0,
        every: Span::Seconds(1.0),
        spread: 0.0,
        clockwise: true,
    };
    let circle = cue(&circling, 0.0, 2.0, Effect::Circle(circle));
    let _ = write!(text, "\n{}", told(&with(circling, vec![circle])).join("\n"));
    insta::assert_snapshot!(text);
    let mut unknown = slow(false);
    rig_of(&mut unknown).fixtures[1].setup = Setup::default();
    assert!(check(&unknown).is_empty());
}

#[test]
fn heads_that_are_seen_turning_are_told_of() {
    let bare = Show { layers: Vec::new(), ..slow(false) };
    let lit = |pan, dimmer| Look { dimmer: Some(Level(dimmer)), ..turned(pan, 0.0) };
    let set = |start, look| cue(&bare, start, start, Effect::Set(look));
    let told = |cues: Vec<Cue>| {
        let show = with(bare.clone(), cues);
        let line = |found: gobo_show::Diagnostic| {
            format!("{}\n  {}\n", found.message, found.hints.join("; "))
        };
        check(&show).into_iter().map(line).collect::<String>()
    };
    let mut text = String::new();
    let mut case = |name: &str, cues: Vec<Cue>| {
        let _ = write!(text, "{name}\n{}", told(cues));
    };
    let off = || set(0.5, Look { dimmer: Some(Level(0.0)), ..Look::default() });
    let at_once = || vec![set(0.0, lit(0.0, 1.0)), set(1.0, lit(45.0, 1.0))];
    case("in the light", at_once());
    case("in the dark", vec![set(0.0, lit(0.0, 0.0)), set(0.4, lit(45.0, 0.0)), off()]);
    let fading = Cue { fade_in: 0.5, ..at_once().remove(1) };
    case("in its time", vec![set(0.0, lit(0.0, 1.0)), fading]);
    let marked = |pan| Cue { mark: true, ..set(1.0, lit(pan, 1.0)) };
    case("marked, with time", vec![set(0.0, lit(0.0, 1.0)), off(), marked(40.0)]);
    case("marked, with too little time", vec![set(0.0, lit(0.0, 1.0)), off(), marked(90.0)]);
    case("a nudge", vec![set(0.0, lit(0.0, 1.0)), set(1.0, lit(8.0, 1.0))]);
    let light = set(0.0, Look { dimmer: Some(Level(1.0)), ..Look::default() });
    let away = Cue { then: Then::Release, ..cue(&bare, 0.0, 1.0, Effect::Set(turned(90.0, 0.0))) };
    case("let go", vec![light, away]);
    let nudges = (1..9)
        .map(|at| set(0.1 + 0.1 * f64::from(at), lit(if at % 2 == 0 { 0.0 } else { 90.0 }, 1.0)));
    case("never there", [set(0.0, lit(0.0, 1.0))].into_iter().chain(nudges).collect());
    insta::assert_snapshot!(text);
}
