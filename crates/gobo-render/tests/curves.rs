//! Every curve, fan and gradient of a look, as levels over time.

mod kit;

use std::sync::Arc;

use gobo_render::Timeline;
use gobo_show::decode::{At, Decode, Decoder};
use gobo_show::effect::{Effect, Fade, Look};
use gobo_show::grid::Grid;
use gobo_show::show::{Cue, Section, Show, Song, Then};
use gobo_show::spectrum::{BANDS, Spectrum, StemSpectrum};
use gobo_show::tree::parse_json;
use gobo_show::value::Easing;
use gobo_show::world::Source;
use kit::*;
use proptest::prelude::*;

/// A look as it is written.
fn look(text: &str) -> Look {
    let tree = parse_json(&Source { path: "look.json".into(), text: text.into() }).unwrap();
    let mut decoder = Decoder::default();
    let look = Look::decode(&At::root(&tree), &mut decoder);
    assert_eq!(decoder.diagnostics, [], "{text}");
    look.unwrap()
}

/// Heads with a dimmer only, so that a row is a course.
fn lamps(count: u32) -> Show {
    let fixture = |kit: Kit, index| kit.add(&format!("lamp {index}"), 1, vec![dimmer(1)]);
    (1..=count).fold(Kit::new(), fixture).show(2.0)
}

/// The look from 0.1 s to 1.6 s.
fn run(show: Show, text: &str) -> Show {
    let cue = Cue { then: Then::Release, ..cue(&show, 0.1, 1.6, Effect::Set(look(text))) };
    with(show, vec![cue])
}

/// What each of some curves gives on one lamp.
fn rows(curves: &[&str]) -> String {
    let row = |curve: &&str| {
        let show = run(lamps(1), &format!("{{ \"dimmer\": {curve} }}"));
        format!("{curve}\n{}", picture(&show, 1).lines().nth(1).unwrap_or_default())
    };
    curves.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn waves() {
    insta::assert_snapshot!(rows(&[
        r#"{ "sine": {} }"#,
        r#"{ "sine": { "every": "1s", "low": "20%", "high": "80%", "phase": 0.25 } }"#,
        r#"{ "triangle": { "every": "1s" } }"#,
        r#"{ "saw": { "every": "1s" } }"#,
        r#"{ "saw": { "every": "1s", "rising": true, "low": "100%", "high": "0%" } }"#,
        r#"{ "square": { "every": "0.5s", "duty": "30%" } }"#,
        r#"{ "square": { "every": "0.5s", "phase": 0.5, "high": "50%" } }"#,
    ]));
}

#[test]
fn courses() {
    insta::assert_snapshot!(rows(&[
        r#"{ "ramp": {} }"#,
        r#"{ "ramp": { "from": "100%", "to": "20%", "over": "1 beat", "easing": "out" } }"#,
        r#"{ "progress": { "low": "50%", "easing": "in" } }"#,
        r#"{ "points": [["0.2s", "10%"], ["1 beat", "100%"], ["50%", 0, "step"], ["1.2s", 1]] }"#,
        r#"{ "points": [[0, "0%"], ["25%", "100%"], ["1 beat", "50%"]], "every": "1 beat" }"#,
    ]));
}

#[test]
fn noises() {
    insta::assert_snapshot!(rows(&[
        r#"{ "noise": { "every": "0.25s" } }"#,
        r#"{ "noise": { "every": "0.25s", "kind": "value" } }"#,
        r#"{ "noise": { "every": "0.5s", "octaves": 3, "low": "40%", "high": "60%" } }"#,
        r#"{ "noise": { "every": "0.25s", "seed": 1 } }"#,
    ]));
    let apart = run(lamps(3), r#"{ "dimmer": { "noise": { "every": "0.5s" } } }"#);
    let near = run(lamps(3), r#"{ "dimmer": { "noise": { "every": "0.5s", "spread": 0.1 } } }"#);
    let alike = run(lamps(3), r#"{ "dimmer": { "noise": { "every": "0.5s", "spread": 0 } } }"#);
    insta::assert_snapshot!(
        "noise_over_places",
        [apart, near, alike].map(|show| picture(&show, 2)).join("\n")
    );
}

#[test]
fn envelopes_fall_on_the_beats_of_the_song() {
    // Beats every 0.4 s from 0.05 s on, bars of two; the cue starts at 0.1 s.
    let grid =
        || Grid::new((0..6).map(|n| 0.05 + 0.4 * f64::from(n)).collect(), vec![0, 2, 4], vec![]);
    let row = |keys: &str| {
        let show = Show { grid: grid(), ..lamps(1) };
        let show = run(show, &format!("{{ \"dimmer\": {{ \"beat_envelope\": {keys} }} }}"));
        format!("{keys}\n{}", picture(&show, 1).lines().nth(1).unwrap_or_default())
    };
    let rows = [
        "{}",
        r#"{ "attack": 0, "decay": 1, "sustain": 0, "release": 0, "sustain_level": 0 }"#,
        r#"{ "subdivision": 2, "amplitude": 0.5 }"#,
        r#"{ "only_downbeats": true, "attack_curve": 1, "decay_curve": -1 }"#,
        r#"{ "offset": 0.5, "low": "20%" }"#,
    ];
    insta::assert_snapshot!(rows.map(row).join("\n"));
}

/// A song of two seconds: bass in its first half, treble in its second.
fn sung(offset: f64) -> Show {
    let frame = |n: usize| {
        let mut bands = vec![0; BANDS];
        let (band, loud) = if n < 20 { (24, 60_000) } else { (80, 30_000) };
        bands[band] = if n.is_multiple_of(5) { loud } else { loud / 10 };
        bands
    };
    let mix = StemSpectrum { bands: (0..40).flat_map(frame).collect() };
    let spectrum = Spectrum { hop_seconds: 0.05, mix, ..Spectrum::default() };
    let song = Song {
        path: "songs/song.ogg".to_owned(),
        hash: 1,
        seconds: 2.0,
        offset,
        spectrum: Some(Arc::new(spectrum)),
    };
    let section = |start, end| Section { name: "part".into(), start, end };
    let sections = vec![section(0.0, 0.5), section(0.5, 1.0), section(1.2, 2.0)];
    Show { song: Some(song), grid: Grid::new(vec![], vec![], sections), ..lamps(1) }
}

#[test]
fn audio_and_sections() {
    let row = |curve: &str| {
        let show = run(sung(0.0), &format!("{{ \"dimmer\": {curve} }}"));
        format!("{curve}\n{}", picture(&show, 1).lines().nth(1).unwrap_or_default())
    };
    let rows = [
        r#"{ "audio": { "to": "150 Hz", "smooth": 0 } }"#,
        r#"{ "audio": { "to": "150 Hz", "smooth": "100ms" } }"#,
        r#"{ "audio": { "from": 1000, "smooth": 0, "gain": 0.5, "low": "10%" } }"#,
        r#"{ "audio": { "smooth": 0, "gain": 2 } }"#,
        r#"{ "audio": { "stem": "vocals" } }"#,
        r#"{ "section_progress": {} }"#,
        r#"{ "section_progress": { "low": "100%", "high": "50%", "easing": "in" } }"#,
    ];
    insta::assert_snapshot!(rows.map(row).join("\n"));
}

#[test]
fn a_song_that_starts_later_is_heard_later() {
    let text = r#"{ "dimmer": { "audio": { "to": "150 Hz", "smooth": 0 } } }"#;
    let [now, later] = [0.0, -0.15].map(|offset| frames(&run(sung(offset), text), 0));
    assert_eq!(now[5..20], later[8..23]);
    assert_ne!(now[5..20], later[5..20]);
}

/// The first frame of a fan over some lamps.
fn places(curve: &str, count: u32) -> String {
    let show = run(lamps(count), &format!("{{ \"dimmer\": {curve} }}"));
    format!("{curve}: {:?}", frames(&show, 0)[2])
}

#[test]
fn fans() {
    let shapes = ["linear", "mirror", "alternate", "blocks", "random"];
    let mut rows: Vec<_> = shapes
        .iter()
        .map(|shape| places(&format!(r#"{{ "fan": ["0%", "100%"], "shape": "{shape}" }}"#), 6))
        .collect();
    rows.push(places(r#"{ "fan": [0, "50%", 0.2], "easing": "in_out" }"#, 7));
    rows.push(places(r#"{ "sine": { "phase": { "from": 0, "to": 1 } } }"#, 5));
    rows.push(places(r#"{ "sine": { "spread": 1 } }"#, 4));
    rows.push(places(r#"{ "square": { "high": { "fan": ["20%", "100%"] } } }"#, 3));
    rows.push(places(r#"{ "saw": { "phase": { "fan": [0, 0.5], "shape": "alternate" } } }"#, 4));
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn a_fan_alone_needs_no_time() {
    let show = lamps(3);
    let look = look(r#"{ "dimmer": { "fan": ["0%", "100%"] } }"#);
    let effect = Effect::Set(look);
    assert!(effect.writes_once());
    let cue = cue(&show, 0.5, 0.5, effect);
    let frames = frames(&with(show, vec![cue]), 0);
    assert_eq!((frames[9].as_slice(), frames[39].as_slice()), (&[0, 0, 0][..], &[0, 128, 255][..]));
}

#[test]
fn heads_fan_out() {
    let spots =
        || Kit::new().add("left", 1, spot()).add("middle", 1, spot()).add("right", 1, spot());
    let text = r#"{
        "pan": { "fan": ["-90deg", "90deg"] },
        "tilt": { "triangle": { "every": "1s", "low": "-20deg", "high": "40deg", "spread": 1 } },
        "zoom": { "ramp": { "from": "10deg", "to": "100%" } },
        "strobe": { "square": { "every": "1s", "low": "open", "high": "12 Hz" } },
        "channels": { "Gobo Wheel": { "ramp": { "to": 128 } } }
    }"#;
    insta::assert_snapshot!(picture(&run(spots().show(2.0), text), 4));
}

#[test]
fn colors() {
    let strip = || Kit::new().add("strip", 3, strip(3)).show(2.0);
    let tints = [
        r#"{ "fan": ["red", "blue"] }"#,
        r##"{ "gradient": ["red", "lime", "blue"], "by": { "ramp": { "from": { "fan": [0, 0.5] } } } }"##,
        r#"{ "gradient": ["black", "white"], "by": { "fan": [0, 1] } }"#,
        r#"{ "gradient": ["black", "red"], "by": { "points": [[0, 0], ["1s", 1]] } }"#,
        r#"{ "rainbow": { "every": "1s", "spread": 1 } }"#,
    ];
    let rows = tints.map(|tint| {
        format!("{tint}\n{}", picture(&run(strip(), &format!("{{ \"color\": {tint} }}")), 4))
    });
    insta::assert_snapshot!(rows.join("\n\n"));
}

#[test]
fn fades_go_from_and_to_what_varies() {
    let fade = |from: &str, to: &str| {
        let fade = Fade { from: look(from), to: look(to), easing: Easing::Linear };
        let show = lamps(1);
        let cues = vec![
            cue(&show, 0.0, 0.0, Effect::Set(dim(1.0))),
            cue(&show, 0.1, 1.1, Effect::Fade(fade)),
        ];
        format!(
            "{from} to {to}\n{}",
            picture(&with(show, cues), 1).lines().nth(1).unwrap_or_default()
        )
    };
    let square = r#"{ "dimmer": { "square": { "every": "0.2s", "low": "50%", "high": "100%" } } }"#;
    let still = r#"{ "dimmer": "0%" }"#;
    insta::assert_snapshot!(
        [fade("{}", square), fade(still, square), fade(square, still)].join("\n")
    );
}

#[test]
fn equal_stretches_of_a_song_share_their_cells() {
    let text = r#"{ "dimmer": { "audio": { "to": "150 Hz", "smooth": 0 } } }"#;
    // Twelve seconds of two that come again and again.
    let mut show = sung(0.0);
    let spectrum = show.song.as_ref().and_then(|song| song.spectrum.clone()).unwrap();
    let again = StemSpectrum { bands: spectrum.mix.bands.repeat(6) };
    let spectrum = Spectrum { mix: again, ..Spectrum::clone(&spectrum) };
    show.song.as_mut().unwrap().spectrum = Some(Arc::new(spectrum));
    show.frames = 240;
    let cue = cue(&show, 0.0, 12.0, Effect::Set(look(text)));
    let timeline = Timeline::new(&with(show, vec![cue]));
    let keys: Vec<_> = (0..12).map(|cell| timeline.key(0, cell)).collect();
    assert_eq!(keys[0], keys[2]);
    assert_eq!(keys[1], keys[11]);
    assert_ne!(keys[0], keys[1]);
}

/// Curves of every kind, as looks write them.
fn any_curve() -> impl Strategy<Value = String> {
    let every = prop_oneof!["[1-9]00ms", "[1-3] beats", Just("1/2 beat".to_owned())];
    let wave =
        prop_oneof![Just("sine"), Just("triangle"), Just("saw"), Just("square"), Just("noise"),];
    let free = (wave, every, -1.0..1.0).prop_map(|(wave, every, spread)| {
        format!(r#""{wave}": {{ "every": "{every}", "spread": {spread:.2}, ENDS }}"#)
    });
    let rest = prop_oneof![
        Just(r#""ramp": { "from": LOW, "to": HIGH, "easing": "in" }"#.to_owned()),
        Just(r#""progress": { ENDS }"#.to_owned()),
        Just(r#""section_progress": { ENDS }"#.to_owned()),
        Just(r#""audio": { "gain": 3, ENDS }"#.to_owned()),
        Just(r#""beat_envelope": { "subdivision": 2, "attack_curve": -0.5, ENDS }"#.to_owned()),
        Just(r#""points": [[0, LOW], ["0.31s", HIGH, "out"], ["80%", LOW]]"#.to_owned()),
        Just(r#""fan": [LOW, HIGH], "shape": "mirror""#.to_owned()),
    ];
    prop_oneof![free, rest]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn curves_stay_within_their_ends_and_any_frame_alone_is_the_frame_of_a_run(
        curve in any_curve(), low in 0_u32..101, high in 0_u32..101, fade_in in 0.0..0.5, start in 0.0..0.5,
    ) {
        let curve = curve
            .replace("ENDS", r#""low": LOW, "high": HIGH"#)
            .replace("LOW", &format!("\"{low}%\""))
            .replace("HIGH", &format!("\"{high}%\""));
        let base = Show { rig: lamps(4).rig, ..sung(0.1) };
        let look = look(&format!("{{ \"dimmer\": {{ {curve} }} }}"));
        let cue = Cue { fade_in, ..cue(&base, start, 1.7, Effect::Set(look)) };
        let show = with(base, vec![cue]);
        let all = frames(&show, 0);
        let timeline = Timeline::new(&show);
        let level = |percent: u32| (f64::from(percent) / 100.0 * 255.0).round() as u8;
        let (least, most) = (level(low.min(high)), level(low.max(high)));
        for (frame, row) in all.iter().enumerate() {
            let mut alone = vec![0; row.len()];
            timeline.frame(0, frame as u32, &mut alone);
            prop_assert_eq!(&alone, row);
            let seconds = frame as f64 / 20.0;
            for level in row {
                prop_assert!(*level <= most);
                prop_assert!(*level >= least || seconds < start + fade_in + 0.05, "{frame}: {row:?}");
            }
        }
    }
}
