//! Attributes on fixtures of many kinds: which slots get which levels.

mod kit;

use gobo_show::effect::{BeamParameter, Effect, Look};
use gobo_show::rig::{Action, Case, Channel, Emitter, Function, Rate, Unit, max_of};
use gobo_show::show::Show;
use gobo_show::value::{Aim, Amount, Color, Level};
use kit::*;

/// What a look gives on fixture `kit` with these channels, all heads alike.
fn shown(heads: u32, channels: Vec<Channel>, look: Look) -> Vec<u8> {
    let show = Kit::new().add("kit", heads, channels).show(0.1);
    let cue = cue(&show, 0.0, 0.0, Effect::Set(look));
    frames(&with(show, vec![cue]), 0).remove(0)
}

fn lit(level: f64, color: Color) -> Look {
    Look { dimmer: Some(Level(level)), ..tint(color) }
}

/// Each head its own look.
fn each(show: Show, looks: &[Look]) -> Vec<u8> {
    let cues = looks.iter().enumerate().map(|(head, look)| {
        let mut cue = cue(&show, 0.0, 0.0, Effect::Set(look.clone()));
        kit::keep(&mut cue, |selected| selected.head == head as u32);
        cue
    });
    let cues = cues.collect();
    frames(&with(show, cues), 0).remove(0)
}

#[test]
fn a_color_alone_lights_what_has_no_dimmer() {
    assert_eq!(shown(1, par(), tint(ORANGE)), [255, 128, 64]);
    let mut dimmed = par();
    dimmed.push(dimmer(1));
    assert_eq!(shown(1, dimmed.clone(), tint(ORANGE)), [255, 128, 64, 0]);
    assert_eq!(shown(1, dimmed, lit(0.5, ORANGE)), [255, 128, 64, 128]);
}

#[test]
fn a_dimmer_alone_shines_white_or_as_the_fixture_rests() {
    assert_eq!(shown(1, par(), dim(0.5)), [128, 128, 128]);
    let mut warm = par();
    warm[0].default = 200;
    assert_eq!(shown(1, warm, dim(0.5)), [100, 0, 0]);
    let filters = [Emitter::Cyan, Emitter::Magenta, Emitter::Yellow].map(emitter);
    assert_eq!(shown(1, [vec![dimmer(1)], filters.to_vec()].concat(), dim(1.0)), [255, 0, 0, 0]);
}

#[test]
fn white_takes_what_colors_share_and_filters_take_away() {
    let rgbw = [par(), vec![emitter(Emitter::White)]].concat();
    assert_eq!(shown(1, rgbw, tint(ORANGE)), [191, 64, 0, 64]);
    let filters = [Emitter::Cyan, Emitter::Magenta, Emitter::Yellow].map(emitter);
    assert_eq!(shown(1, filters.to_vec(), tint(ORANGE)), [0, 128, 191]);
    // Without a dimmer, filters close over what is left.
    assert_eq!(shown(1, filters.to_vec(), lit(0.0, ORANGE)), [255, 255, 255]);
}

#[test]
fn a_wheel_takes_the_nearest_color_however_dark_and_stays_for_black() {
    let wheel = || vec![dimmer(1), color_wheel()];
    let dark_red = Color { red: 0.2, green: 0.02, blue: 0.0 };
    assert_eq!(shown(1, wheel(), tint(dark_red)), [0, 14]);
    assert_eq!(shown(1, wheel(), tint(Color { blue: 0.9, ..ORANGE })), [0, 0]);
    let show = Kit::new().add("kit", 1, wheel()).show(0.2);
    let cues = vec![
        cue(&show, 0.0, 0.0, Effect::Set(tint(BLUE))),
        cue(&show, 0.1, 0.1, Effect::Set(tint(Color::default()))),
    ];
    assert_eq!(frames(&with(show, cues), 0)[3], [0, 34]);
}

#[test]
fn presets_stay_out_of_what_mixes_colors() {
    let mixing = [par(), vec![color_wheel()]].concat();
    assert_eq!(shown(1, mixing, tint(RED)), [255, 0, 0, 0]);
    let white = vec![emitter(Emitter::White), color_wheel()];
    assert_eq!(shown(1, white, tint(RED)), [255, 14]);
}

#[test]
fn a_master_takes_the_highest_head_and_the_heads_do_the_rest() {
    let looks = [lit(0.5, RED), lit(0.25, RED)];
    let bar = [vec![dimmer(1)], strip(2)].concat();
    let show = || Kit::new().add("bar", 2, bar.clone()).show(0.1);
    assert_eq!(each(show(), &looks), [128, 255, 0, 0, 128, 0, 0]);
    assert_eq!(each(show(), &[dim(0.0), dim(0.0)]), [0; 7]);
    let own =
        [vec![dimmer(1)], vec![of_head(0, dimmer(1)), of_head(1, dimmer(1))], strip(2)].concat();
    let show = Kit::new().add("bar", 2, own).show(0.1);
    assert_eq!(each(show, &looks), [128, 255, 128, 255, 0, 0, 255, 0, 0]);
}

#[test]
fn a_shutter_opens_for_light_and_closes_where_nothing_else_can() {
    let closed = || vec![dimmer(1), shutter()];
    assert_eq!(shown(1, closed(), dim(0.5)), [128, 227]);
    assert_eq!(shown(1, closed(), Look::default()), [0, 0]);
    assert_eq!(shown(1, vec![shutter()], dim(1.0)), [227]);
    assert_eq!(shown(1, vec![shutter()], dim(0.0)), [0]);
    let mut open = shutter();
    open.default = 255;
    assert_eq!(shown(1, vec![dimmer(1), open], dim(0.5)), [128, 255]);
}

#[test]
fn strobe_is_set_in_hertz_and_never_in_the_dark() {
    let strobing = |hertz, level| Look { strobe_hz: Some(hertz), ..dim(level) };
    let fixture = || vec![dimmer(1), shutter()];
    assert_eq!(shown(1, fixture(), strobing(1.0, 1.0)), [255, 10]);
    assert_eq!(shown(1, fixture(), strobing(20.0, 1.0)), [255, 199]);
    assert_eq!(shown(1, fixture(), strobing(99.0, 1.0)), [255, 199]);
    assert_eq!(shown(1, fixture(), strobing(0.0, 1.0)), [255, 227]);
    assert_eq!(shown(1, fixture(), strobing(5.0, 0.0)), [0, 227]);
    // One channel for all of it: the level while it is steady, the strobe while it strobes.
    let both = || {
        vec![channel(
            "Both",
            1,
            vec![
                capability(0, 127, Action::Intensity(0.0, 1.0)),
                capability(128, 255, Action::Strobe(Rate::Fraction(0.0), Rate::Fraction(1.0))),
            ],
        )]
    };
    assert_eq!(shown(1, both(), dim(1.0)), [127]);
    assert_eq!(shown(1, both(), strobing(25.0, 1.0)), [255]);
    assert_eq!(shown(1, both(), strobing(25.0, 0.0)), [0]);
}

#[test]
fn pan_and_tilt_count_from_the_middle_and_stop_at_the_ends() {
    let turned = |pan, tilt| Look {
        position: Some(Aim::Angles { pan_deg: Some(pan), tilt_deg: Some(tilt) }),
        ..Look::default()
    };
    let pan_tilt = || {
        vec![simple("Pan", 2, Action::Pan(0.0, 540.0)), simple("Tilt", 2, Action::Tilt(270.0, 0.0))]
    };
    let at = |pan, tilt| shown(1, pan_tilt(), turned(pan, tilt));
    assert_eq!(at(0.0, 0.0), [128, 0, 128, 0]);
    assert_eq!(at(-270.0, -135.0), [0, 0, 255, 255]);
    assert_eq!(at(999.0, 999.0), [255, 255, 0, 0]);
    let only_pan = Look {
        position: Some(Aim::Angles { pan_deg: Some(90.0), tilt_deg: None }),
        ..Look::default()
    };
    assert_eq!(shown(1, pan_tilt(), only_pan), [170, 170, 0, 0]);
}

#[test]
fn all_of_eight_slots_are_used() {
    for slots in 1..=8 {
        assert_eq!(shown(1, vec![dimmer(slots)], dim(1.0)), vec![255; slots], "{slots}");
        assert_eq!(shown(1, vec![dimmer(slots)], dim(0.0)), vec![0; slots], "{slots}");
    }
    assert_eq!(shown(1, vec![dimmer(3)], dim(1.0 / 3.0)), [0x55; 3]);
}

#[test]
fn beam_parameters_by_unit_or_by_part_of_the_range() {
    let zoom =
        || vec![simple("Zoom", 1, Action::Beam(BeamParameter::Zoom, Unit::Physical, 50.0, 10.0))];
    let set = |amount| Look { beam: vec![(BeamParameter::Zoom, amount)], ..Look::default() };
    assert_eq!(shown(1, zoom(), set(Amount::Physical(50.0))), [0]);
    assert_eq!(shown(1, zoom(), set(Amount::Physical(20.0))), [191]);
    assert_eq!(shown(1, zoom(), set(Amount::Fraction(0.0))), [255]);
    let prism = || {
        let on = capability(100, 200, Action::Beam(BeamParameter::Prism, Unit::Fraction, 1.0, 1.0));
        vec![channel("Prism", 1, vec![capability(0, 99, Action::None), on])]
    };
    let set = |part| Look {
        beam: vec![(BeamParameter::Prism, Amount::Fraction(part))],
        ..Look::default()
    };
    assert_eq!(shown(1, prism(), set(1.0)), [150]);
    assert_eq!(shown(1, prism(), set(0.0)), [0]);
}

#[test]
fn wheels_by_name_or_number_and_raw_channels_before_all() {
    let fixture = || vec![dimmer(1), gobo_wheel(), color_wheel()];
    let wheel = |wheel: &str, slot: &str| Look {
        wheels: vec![(wheel.into(), slot.into())],
        ..Look::default()
    };
    assert_eq!(shown(1, fixture(), wheel("gobo", "stars"))[1], 14);
    assert_eq!(shown(1, fixture(), wheel("Gobo Wheel", "3"))[1], 24);
    assert_eq!(shown(1, fixture(), wheel("gobos", "rings"))[1], 24);
    assert_eq!(shown(1, fixture(), wheel("gobo", "moon"))[1], 0);
    let raw = Look { raw: vec![("Color Wheel".into(), 0.5)], ..lit(1.0, RED) };
    assert_eq!(shown(1, fixture(), raw), [255, 0, 128]);
}

#[test]
fn a_switching_channel_means_what_its_trigger_says() {
    let case = |from, to, default, action| Case {
        from,
        to,
        default,
        capabilities: vec![capability(0, 255, action)],
    };
    let cases = vec![
        case(0, 127, 7, Action::Intensity(0.0, 1.0)),
        case(128, 255, 9, Action::Beam(BeamParameter::Speed, Unit::Fraction, 0.0, 1.0)),
    ];
    // The switched channel comes before its trigger: the trigger is worked out first.
    let switched = Channel {
        function: Function::Switched { trigger: 1, cases },
        ..channel("Switched", 1, vec![])
    };
    let mode = simple("Mode", 1, Action::Other("Mode".into()));
    let fixture = || vec![switched.clone(), mode.clone()];
    let raw = |value| Look { raw: vec![("Mode".into(), value)], ..dim(1.0) };
    assert_eq!(shown(1, fixture(), raw(0.0)), [255, 0]);
    assert_eq!(shown(1, fixture(), raw(1.0)), [9, 255]);
    assert_eq!(shown(1, fixture(), Look::default()), [7, 0]);
}

#[test]
fn defaults_and_the_venues_own_values_stand_where_nothing_is_written() {
    let mut mode = simple("Mode", 2, Action::None);
    mode.default = 0x0102;
    assert_eq!(shown(1, vec![mode.clone()], dim(1.0)), [1, 2]);
    mode.arm = Some(max_of(2));
    assert_eq!(shown(1, vec![mode], dim(1.0)), [255, 255]);
}
