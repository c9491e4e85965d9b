//! Fixtures as they are set up: emitters and white modes, dimmer curves, inverts and limits.

mod kit;

use std::fmt::Write as _;

use gobo_show::effect::{Effect, Look, Preset};
use gobo_show::rig::{Action, Axis, Channel, DimmerCurve, Emitter, Setup, White};
use gobo_show::value::{Aim, Color, Level};
use kit::*;
use proptest::prelude::*;

/// A fixture with these channels and this setup, shown a look.
fn shown(channels: Vec<Channel>, setup: &Setup, look: Look) -> Vec<u8> {
    let mut show = Kit::new().add("kit", 1, channels).show(0.1);
    rig_of(&mut show).fixtures[0].setup = setup.clone();
    let cue = cue(&show, 0.0, 0.0, Effect::Set(look));
    frames(&with(show, vec![cue]), 0).remove(0)
}

fn emitters(all: &[Emitter]) -> Vec<Channel> {
    all.iter().map(|one| emitter(*one)).collect()
}

const SETS: [&[Emitter]; 11] = {
    use Emitter::{
        Amber, Blue, ColdWhite, Cyan, Green, Indigo, Lime, Magenta, Red, Uv, WarmWhite, White,
        Yellow,
    };
    [
        &[Red, Green, Blue],
        &[Red, Green, Blue, White],
        &[Red, Green, Blue, Amber],
        &[Red, Green, Blue, White, Amber, Uv],
        &[Red, Green, Blue, White, Amber, Lime, Indigo],
        &[Red, Green, Blue, WarmWhite],
        &[Red, Green, Blue, WarmWhite, ColdWhite],
        &[Cyan, Magenta, Yellow],
        &[WarmWhite, ColdWhite],
        &[White],
        &[Red, Amber],
    ]
};
const MODES: [White; 4] = [White::Extract, White::None, White::Add, White::Match];

#[test]
fn each_emitter_set_in_each_white_mode() {
    let colors = ["#ffffff", "#ff8040", "#4080ff", "#ffc896", "#200000", "#00ff00"];
    let mut text = String::new();
    for set in SETS {
        let _ = writeln!(text, "{set:?}");
        for mode in MODES {
            let setup = Setup { white: mode, ..Setup::default() };
            for color in colors {
                let levels = shown(emitters(set), &setup, tint(color.parse().unwrap()));
                let _ = writeln!(text, "  {:8} {color} {levels:?}", format!("{mode:?}"));
            }
        }
    }
    insta::assert_snapshot!(text);
}

/// The light of red, green and blue that levels of a set give, in the sense of `White::Extract`.
fn mixed(set: &[Emitter], levels: &[u8]) -> [f64; 3] {
    use Emitter::{Blue, Cyan, Green, Magenta, Red, White, Yellow};
    let filters = !set.contains(&Red);
    let mut light = [if filters { 1.0 } else { 0.0 }; 3];
    for (emitter, level) in set.iter().zip(levels) {
        let drive = f64::from(*level) / 255.0;
        let part = match emitter {
            Red => [drive, 0.0, 0.0],
            Green => [0.0, drive, 0.0],
            Blue => [0.0, 0.0, drive],
            White => [drive; 3],
            Cyan => [-drive, 0.0, 0.0],
            Magenta => [0.0, -drive, 0.0],
            Yellow => [0.0, 0.0, -drive],
            _ => {
                assert_eq!(*level, 0, "{emitter:?} is lit by a colour");
                [0.0; 3]
            }
        };
        light.iter_mut().zip(part).for_each(|(light, part)| *light += part);
    }
    light
}

fn color() -> impl Strategy<Value = Color> {
    (0.0..=1.0, 0.0..=1.0, 0.0..=1.0).prop_map(|(red, green, blue)| Color { red, green, blue })
}

/// A fixture that makes colours by intensity, hue and saturation, each of two slots.
fn hsi() -> Vec<Channel> {
    vec![
        simple("Intensity", 2, Action::Intensity(0.0, 1.0)),
        simple("Hue", 2, Action::Hue(0.0, 1.0)),
        simple("Saturation", 2, Action::Saturation(0.0, 1.0)),
    ]
}

/// The colour that hue, saturation and value, each 0 to 1, are: the textbook's six sectors.
fn of_hsv(hue: f64, saturation: f64, value: f64) -> [f64; 3] {
    let sector = (hue * 6.0).rem_euclid(6.0);
    let chroma = value * saturation;
    let second = chroma * (1.0 - (sector.rem_euclid(2.0) - 1.0).abs());
    let [r, g, b] = match sector as u8 {
        0 => [chroma, second, 0.0],
        1 => [second, chroma, 0.0],
        2 => [0.0, chroma, second],
        3 => [0.0, second, chroma],
        4 => [second, 0.0, chroma],
        _ => [chroma, 0.0, second],
    };
    [r, g, b].map(|part| part + value - chroma)
}

fn near(light: [f64; 3], color: Color) -> bool {
    let parts = [color.red, color.green, color.blue];
    light.iter().zip(parts).all(|(light, part)| (light - part).abs() <= 1.0 / 255.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_colour_survives_its_emitters(color in color(), which in 0..5_usize, dims: bool) {
        let set = [SETS[0], SETS[1], SETS[2], SETS[3], SETS[7]][which];
        let mut channels = emitters(set);
        let mut look = tint(color);
        if dims {
            channels.push(dimmer(1));
            look.dimmer = Some(Level(1.0));
        }
        let levels = shown(channels, &Setup::default(), look);
        let light = mixed(set, &levels);
        prop_assert!(near(light, color), "{set:?} {levels:?} {light:?}");
    }

    #[test]
    fn a_colour_survives_hue_and_saturation(color in color()) {
        let look = Look { dimmer: Some(Level(1.0)), ..tint(color) };
        let levels = shown(hsi(), &Setup::default(), look);
        let part = |at: usize| f64::from(u16::from_be_bytes([levels[at], levels[at + 1]])) / 65535.0;
        let light = of_hsv(part(2), part(4), part(0));
        prop_assert!(near(light, color), "{levels:?} {light:?}");
    }
}

#[test]
fn a_hue_fixture_is_dimmed_by_how_bright_the_colour_is() {
    let dark_red = Color { red: 0.5, green: 0.0, blue: 0.0 };
    let look = Look { dimmer: Some(Level(0.5)), ..tint(dark_red) };
    assert_eq!(shown(hsi(), &Setup::default(), look), [64, 0, 0, 0, 255, 255]);
    // The dimmer is real: a colour alone leaves it.
    assert_eq!(shown(hsi(), &Setup::default(), tint(BLUE)), [0, 0, 170, 170, 255, 255]);
}

#[test]
fn a_wheel_fixture_is_dimmed_by_how_bright_the_colour_is() {
    let spot = || vec![dimmer(1), color_wheel()];
    let level = |color| {
        let look = Look { dimmer: Some(Level(1.0)), ..tint(color) };
        shown(spot(), &Setup::default(), look)[0]
    };
    let red = |red| Color { red, green: 0.0, blue: 0.0 };
    assert_eq!([0.25, 0.5, 1.0].map(|part| level(red(part))), [64, 128, 255]);
}

#[test]
fn emitters_by_name_go_past_the_colour() {
    let set = emitters(SETS[3]);
    let look = Look {
        emitters: vec![(Emitter::Uv, Level(0.8)), (Emitter::Amber, Level(0.2))],
        ..tint(ORANGE)
    };
    assert_eq!(shown(set.clone(), &Setup::default(), look.clone()), [191, 64, 0, 64, 51, 204]);
    let dimmed = Look { dimmer: Some(Level(0.5)), ..look };
    assert_eq!(shown(set, &Setup::default(), dimmed), [96, 32, 0, 32, 26, 102]);
}

#[test]
fn dimmer_curves_on_a_dimmer_and_on_emitters() {
    use DimmerCurve::{InverseSquare, Linear, S, Square};
    let mut text = String::new();
    for curve in [Linear, Square, InverseSquare, S] {
        let setup = Setup { curve, ..Setup::default() };
        for level in [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0] {
            let real = shown(vec![dimmer(2)], &setup, dim(level));
            let real = u16::from_be_bytes([real[0], real[1]]);
            let virtual_ =
                shown(par(), &setup, Look { dimmer: Some(Level(level)), ..tint(ORANGE) });
            let name = format!("{curve:?}");
            let _ = writeln!(text, "{name:14} {level:4} {real:6} {virtual_:?}");
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_curve_is_the_same_before_and_behind_a_master() {
    let bar = [vec![dimmer(1)], strip(2)].concat();
    let mut show = Kit::new().add("bar", 2, bar).show(0.1);
    rig_of(&mut show).fixtures[0].setup.curve = DimmerCurve::S;
    let cues = [0.5, 0.25].into_iter().enumerate().map(|(head, level)| {
        let look = Look { dimmer: Some(Level(level)), ..tint(RED) };
        let mut cue = cue(&show, 0.0, 0.0, Effect::Set(look));
        kit::keep(&mut cue, |selected| selected.head == head as u32);
        cue
    });
    let cues = cues.collect();
    // S of 0.5 is 0.5; S of 0.25 is 0.15625, which is 0.3125 of it.
    assert_eq!(frames(&with(show, cues), 0)[0], [128, 255, 0, 0, 80, 0, 0]);
}

#[test]
fn inverts_homes_limits_and_swaps() {
    let axis =
        |inverted, home_deg, limits_deg| Axis { inverted, home_deg, limits_deg, speed: None };
    let plain = Axis::default();
    let setups = [
        ("plain", Setup::default()),
        ("inverted", Setup { pan: axis(true, 0.0, None), ..Setup::default() }),
        (
            "home",
            Setup {
                pan: axis(false, 10.0, None),
                tilt: axis(false, -5.0, None),
                ..Setup::default()
            },
        ),
        ("inverted home", Setup { tilt: axis(true, 20.0, None), ..Setup::default() }),
        ("limits", Setup { pan: axis(false, 0.0, Some([-90.0, 45.0])), ..Setup::default() }),
        (
            "limits that leave the default out",
            Setup { tilt: axis(true, 0.0, Some([-30.0, 30.0])), ..Setup::default() },
        ),
        ("swapped", Setup { pan: plain, swap_pan_tilt: true, ..Setup::default() }),
    ];
    let mut text = String::new();
    for (name, setup) in setups {
        let _ = writeln!(text, "{name}");
        let mut looks = vec![("nothing".to_owned(), Look::default())];
        for (pan, tilt) in [(0.0, 0.0), (90.0, 30.0), (-180.0, -120.0), (999.0, 999.0)] {
            looks.push((format!("{pan} {tilt}"), turned(pan, tilt)));
        }
        for (look_name, look) in looks {
            let levels = shown(head(), &setup, look);
            let value = |at: usize| u16::from_be_bytes([levels[at], levels[at + 1]]);
            let degrees = |at: usize, full: f64| f64::from(value(at)) / 65535.0 * full - full / 2.0;
            let _ = writeln!(
                text,
                "  {look_name:10} pan {:8.2}° tilt {:8.2}°",
                degrees(0, 540.0),
                degrees(2, 270.0)
            );
        }
    }
    insta::assert_snapshot!(text);
}

/// The unit vector of a beam at mechanical pan and tilt, by the convention that `aim` documents.
fn beam(pan_deg: f64, tilt_deg: f64, rotation_deg: [f64; 3]) -> [f64; 3] {
    let ((sin_pan, cos_pan), (sin_tilt, cos_tilt)) =
        (libm::sincos(pan_deg.to_radians()), libm::sincos(tilt_deg.to_radians()));
    rotated([-sin_pan * sin_tilt, cos_pan * sin_tilt, -cos_tilt], rotation_deg)
}

/// A vector turned about x, then y, then z.
fn rotated(mut way: [f64; 3], rotation_deg: [f64; 3]) -> [f64; 3] {
    for (axis, degrees) in rotation_deg.into_iter().enumerate() {
        let (sin, cos) = libm::sincos(degrees.to_radians());
        let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
        (way[a], way[b]) = (way[a] * cos - way[b] * sin, way[a] * sin + way[b] * cos);
    }
    way
}

fn degrees_between(a: [f64; 3], b: [f64; 3]) -> f64 {
    let length = |v: [f64; 3]| v.iter().map(|part| part * part).sum::<f64>().sqrt();
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    libm::acos((dot / length(a) / length(b)).clamp(-1.0, 1.0)).to_degrees()
}

fn an_axis(reach: f64) -> impl Strategy<Value = Axis> {
    let limits = prop::option::of((-reach..-20.0, 20.0..reach).prop_map(|(a, b)| [a, b]));
    (any::<bool>(), -20.0..20.0, limits).prop_map(|(inverted, home_deg, limits_deg)| Axis {
        inverted,
        home_deg,
        limits_deg,
        speed: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn a_solved_head_points_at_its_target_within_a_tenth_of_a_degree(
        position in prop::array::uniform3(-5.0..5.0),
        rotation_deg in prop::array::uniform3(-180.0..180.0),
        target in prop::array::uniform3(-8.0..8.0),
        pan in an_axis(270.0), tilt in an_axis(135.0),
    ) {
        let mut show = Kit::new().add("head", 1, head()).show(0.1);
        let setup = Setup { pan, tilt, ..Setup::default() };
        rig_of(&mut show).fixtures[0].setup = setup;
        rig_of(&mut show).fixtures[0].position = position;
        rig_of(&mut show).fixtures[0].rotation_deg = rotation_deg;
        rig_of(&mut show).heads[0].position = position;
        let look = Look { position: Some(Aim::Point(target)), ..Look::default() };
        let cue = cue(&show, 0.0, 0.0, Effect::Set(look));
        let levels = frames(&with(show, vec![cue]), 0).remove(0);
        let turn = |at: usize, full: f64| {
            f64::from(u16::from_be_bytes([levels[at], levels[at + 1]])) / 65535.0 * full - full / 2.0
        };
        let (pan_deg, tilt_deg) = (turn(0, 540.0), turn(2, 270.0));
        // Never past the limits, by the venue's own count of degrees.
        for (axis, at, reach) in [(pan, pan_deg, 270.0), (tilt, tilt_deg, 135.0)] {
            let sign = if axis.inverted { -1.0 } else { 1.0 };
            let told = sign * (at - axis.home_deg);
            let [low, high] = axis.limits_deg.unwrap_or([-999.0, 999.0]);
            prop_assert!((low - 0.01..=high + 0.01).contains(&told), "{told} {axis:?}");
            prop_assert!(at.abs() <= reach);
        }
        let way = [0, 1, 2].map(|axis| target[axis] - position[axis]);
        prop_assume!(way.iter().map(|part| part * part).sum::<f64>() > 0.01);
        let missed = degrees_between(beam_told(pan_deg, tilt_deg, [pan, tilt], rotation_deg), way);
        prop_assert!(
            missed <= 0.1 || !reachable(way, rotation_deg, pan, tilt),
            "missed by {missed}"
        );
    }
}

/// The beam of a head whose motors stand at these angles: home is where it hangs straight, and an
/// inverted motor turns the other way.
fn beam_told(pan_deg: f64, tilt_deg: f64, axes: [Axis; 2], rotation_deg: [f64; 3]) -> [f64; 3] {
    let told = |axis: &Axis, at: f64| (at - axis.home_deg) * if axis.inverted { -1.0 } else { 1.0 };
    beam(told(&axes[0], pan_deg), told(&axes[1], tilt_deg), rotation_deg)
}

/// Whether any pan and tilt within reach point along `way`: all the ways there are, one by one.
fn reachable(way: [f64; 3], rotation_deg: [f64; 3], pan: Axis, tilt: Axis) -> bool {
    let ends = |axis: Axis, reach: f64| {
        let sign = if axis.inverted { -1.0 } else { 1.0 };
        let ends = [sign * (-reach - axis.home_deg), sign * (reach - axis.home_deg)];
        let [low, high] = axis.limits_deg.unwrap_or([-999.0, 999.0]);
        // A little inside, so that rounding at an end is no matter.
        ends[0].min(ends[1]).max(low) + 0.1..ends[0].max(ends[1]).min(high) - 0.1
    };
    // The parts of the way along the axes of the fixture, each turned as the fixture is.
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let length = way.iter().map(|part| part * part).sum::<f64>().sqrt();
    let [x, y, z] = axes.map(|axis| {
        let turned = rotated(axis, rotation_deg);
        turned.iter().zip(way).map(|(a, b)| a * b / length).sum::<f64>()
    });
    let (lean, around) =
        (libm::acos((-z).clamp(-1.0, 1.0)).to_degrees(), libm::atan2(-x, y).to_degrees());
    let (pans, tilts) = (ends(pan, 270.0), ends(tilt, 135.0));
    (-3..=3).map(|turn| around + 360.0 * f64::from(turn)).any(|pan| {
        (pans.contains(&pan) && tilts.contains(&lean))
            || (pans.contains(&(pan + 180.0)) && tilts.contains(&-lean))
    })
}

#[test]
fn presets_reach_ranges_by_name_and_by_what_they_do() {
    let wheel = channel(
        "Gobo Wheel",
        1,
        vec![
            named("Stars", 0, 9, Action::WheelSlot("Gobos".into(), 2.0, 2.0)),
            named("Stars shake", 10, 29, Action::Other("WheelShake".into())),
            capability(30, 255, Action::Other("WheelRotation".into())),
        ],
    );
    let shown = |name: &str, amount| {
        let preset = Preset { channel: "gobo".into(), name: name.into(), amount };
        let look = Look { presets: vec![preset], ..Look::default() };
        shown(vec![dimmer(1), wheel.clone()], &Setup::default(), look)[1]
    };
    assert_eq!(shown("stars shake", None), 19);
    assert_eq!(shown("Shake", Some(1.0)), 29);
    assert_eq!(shown("wheel rotation", Some(0.0)), 30);
    assert_eq!(shown("stars", None), 4);
}

#[test]
fn a_separate_strobe_speed_follows_the_strobe() {
    let rate = |hertz| gobo_show::rig::Rate::Hertz(hertz);
    let speed = simple("Strobe Speed", 1, Action::Strobe(rate(0.0), rate(25.0)));
    let look = Look { strobe_hz: Some(10.0), ..dim(1.0) };
    assert_eq!(shown(vec![dimmer(1), shutter(), speed], &Setup::default(), look), [255, 100, 102]);
}
