//! Blend modes, opacities, masks, alphas and masters: what each makes of every kind of attribute.

mod kit;

use gobo_dmx::FrameRate;
use gobo_show::effect::{BeamParameter, Effect, Look};
use gobo_show::rig::{Action, Unit};
use gobo_show::show::{Alpha, Blend, Cue, Fader, FaderPoint, Layer, Master, Show, Then};
use gobo_show::value::{Aim, Amount, Color, Easing, Level};
use kit::*;
use proptest::prelude::*;

/// A head with an attribute of every kind, for a second at 20 frames a second.
fn show() -> Show {
    let mut channels = vec![dimmer(1)];
    channels.extend(par());
    channels.push(simple("Pan", 1, Action::Pan(0.0, 510.0)));
    channels.push(shutter());
    let zoom = Action::Beam(BeamParameter::Zoom, Unit::Physical, 0.0, 100.0);
    channels.push(simple("Zoom", 1, zoom));
    channels.push(simple("Extra", 1, Action::Other("Effect".into())));
    Kit::new().add("one", 1, channels).show(1.0)
}

fn look(level: f64, color: Color, pan: f64, strobe_hz: f64) -> Look {
    Look {
        dimmer: Some(Level(level)),
        color: Some(color),
        position: Some(Aim::Angles { pan_deg: Some(pan), tilt_deg: None }),
        strobe_hz: Some(strobe_hz),
        beam: vec![(BeamParameter::Zoom, Amount::Fraction(level))],
        raw: vec![("Extra".into(), level)],
        ..Look::default()
    }
}

fn below(show: &Show) -> Layer {
    let color = Color { red: 1.0, green: 0.5, blue: 0.2 };
    layer(Blend::Replace, vec![cue(show, 0.0, 0.0, Effect::Set(look(0.6, color, 90.0, 5.0)))])
}

/// A cue from 0.2 s to 0.8 s that fades in over 0.2 s, then lets go.
fn above(show: &Show) -> Cue {
    let color = Color { red: 0.2, green: 0.8, blue: 0.4 };
    let cue = cue(show, 0.2, 0.8, Effect::Set(look(0.5, color, 30.0, 12.0)));
    Cue { fade_in: 0.2, then: Then::Release, ..cue }
}

fn stacked(layers: impl FnOnce(&Show) -> Vec<Layer>) -> Show {
    let mut show = show();
    show.layers = layers(&show);
    show
}

#[test]
fn every_blend_mode() {
    let each = Blend::ALL.iter().map(|&blend| {
        let show = stacked(|show| vec![below(show), layer(blend, vec![above(show)])]);
        format!("{}\n{}", blend.name(), picture(&show, 3))
    });
    insta::assert_snapshot!(each.collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn every_blend_mode_at_half_opacity() {
    let each = Blend::ALL.iter().filter(|blend| **blend != Blend::Ltp).map(|&blend| {
        let over = |show: &Show| Layer {
            opacity: Some(Fader::constant(0.5)),
            ..layer(blend, vec![above(show)])
        };
        let show = stacked(|show| vec![below(show), over(show)]);
        format!("{}\n{}", blend.name(), picture(&show, 6))
    });
    insta::assert_snapshot!(each.collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn every_blend_mode_over_nothing() {
    let each = Blend::ALL.iter().map(|&blend| {
        let show = stacked(|show| vec![layer(blend, vec![above(show)])]);
        format!("{}\n{}", blend.name(), picture(&show, 6))
    });
    insta::assert_snapshot!(each.collect::<Vec<_>>().join("\n\n"));
}

fn set(show: &Show, at: f64, level: f64) -> Cue {
    cue(show, at, at, Effect::Set(dim(level)))
}

/// The dimmer in percent, every 0.1 s.
fn dimmers(show: &Show) -> Vec<u32> {
    let percent = |row: &Vec<u8>| (f64::from(row[0]) / 2.55).round() as u32;
    frames(show, 0).iter().step_by(2).map(percent).collect()
}

#[test]
fn the_latest_write_wins_whatever_its_place() {
    let show = stacked(|show| {
        let under = layer(Blend::Replace, vec![set(show, 0.0, 0.3), set(show, 0.6, 0.4)]);
        vec![under, layer(Blend::Ltp, vec![set(show, 0.2, 0.9), set(show, 0.8, 0.1)])]
    });
    assert_eq!(dimmers(&show), [30, 30, 90, 90, 90, 90, 40, 40, 10, 10]);
}

#[test]
fn the_highest_dimmer_wins_and_the_latest_color() {
    let dimmed = |level, color| Effect::Set(Look { dimmer: Some(Level(level)), ..tint(color) });
    let show = stacked(|show| {
        let under =
            vec![cue(show, 0.0, 0.0, dimmed(0.3, RED)), cue(show, 0.6, 0.6, dimmed(0.5, RED))];
        let over =
            vec![cue(show, 0.2, 0.2, dimmed(0.8, BLUE)), cue(show, 0.8, 0.8, dimmed(0.2, BLUE))];
        vec![layer(Blend::Replace, under), layer(Blend::Htp, over)]
    });
    assert_eq!(dimmers(&show), [30, 30, 80, 80, 80, 80, 80, 80, 50, 50]);
    let reds: Vec<u8> = frames(&show, 0).iter().step_by(2).map(|row| row[1]).collect();
    assert_eq!(reds, [255, 255, 0, 0, 0, 0, 255, 255, 0, 0]);
}

#[test]
fn a_cue_with_its_own_blend_lies_over_the_rest_of_its_layer() {
    let show = stacked(|show| {
        let over =
            Cue { blend: Some(Blend::Add), then: Then::Release, end: 0.5, ..set(show, 0.2, 0.3) };
        let halved = Cue {
            blend: Some(Blend::Multiply),
            then: Then::Release,
            end: 0.9,
            ..set(show, 0.7, 0.5)
        };
        vec![layer(Blend::Replace, vec![set(show, 0.0, 0.4), over, set(show, 0.4, 0.6), halved])]
    });
    assert_eq!(dimmers(&show), [40, 40, 70, 70, 90, 60, 60, 30, 30, 60]);
}

fn fader(points: &[(f64, f64)]) -> Fader {
    let point = |&(at, level): &(f64, f64)| FaderPoint { at, level, easing: Easing::Linear };
    Fader { points: points.iter().map(point).collect() }
}

#[test]
fn opacities_run_over_time() {
    let show = stacked(|show| {
        let opacity = Some(fader(&[(0.2, 0.0), (0.6, 1.0)]));
        let over = Layer { opacity, ..layer(Blend::Replace, vec![set(show, 0.0, 1.0)]) };
        vec![layer(Blend::Replace, vec![set(show, 0.0, 0.2)]), over]
    });
    assert_eq!(dimmers(&show), [20, 20, 20, 40, 60, 80, 100, 100, 100, 100]);
    let show = stacked(|show| {
        let opacity = Some(fader(&[(0.4, 0.0), (0.8, 1.0)]));
        vec![layer(
            Blend::Replace,
            vec![set(show, 0.0, 0.2), Cue { opacity, ..set(show, 0.2, 1.0) }],
        )]
    });
    assert_eq!(dimmers(&show)[..2], [20, 20]);
    assert_eq!(dimmers(&show)[4..], [0, 25, 50, 75, 100, 100]);
}

#[test]
fn masks_pick_heads_and_levels_of_other_layers() {
    let mut show =
        Kit::new().add("bar", 3, (0..3).map(|head| of_head(head, dimmer(1))).collect()).show(0.2);
    let one = |show: &Show, head: u32, level: f64| {
        let mut cue = set(show, 0.0, level);
        kit::keep(&mut cue, |selected| selected.head == head);
        cue
    };
    let base = layer(Blend::Replace, vec![set(&show, 0.0, 0.2)]);
    let over = layer(Blend::Replace, vec![set(&show, 0.0, 1.0)]);
    let matte = layer(Blend::Replace, vec![one(&show, 0, 1.0), one(&show, 1, 0.5)]);
    show.layers = vec![base.clone(), Layer { mask: Some(vec![0, 2]), ..over.clone() }];
    assert_eq!(frames(&show, 0)[0], [255, 51, 255]);
    show.layers = vec![base.clone(), Layer { mask_by: Some(2), ..over.clone() }, matte.clone()];
    assert_eq!(frames(&show, 0)[0], [255, 153, 51]);
    // A matte that is masked itself.
    let half = layer(Blend::Replace, vec![set(&show, 0.0, 0.5)]);
    let matte = Layer { mask_by: Some(3), ..matte };
    show.layers = vec![base, Layer { mask_by: Some(2), ..over }, matte, half];
    assert_eq!(frames(&show, 0)[0], [153, 102, 51]);
}

#[test]
fn colors_show_as_much_as_the_dimmer_and_the_tint_say() {
    let colored = |alpha, dimmer: f64, tinted: Option<f64>| {
        let show = stacked(|show| {
            let look = Look { dimmer: Some(Level(dimmer)), tint: tinted.map(Level), ..tint(BLUE) };
            let red = layer(Blend::Replace, vec![cue(show, 0.0, 0.0, Effect::Set(tint(RED)))]);
            let blue = layer(Blend::Replace, vec![cue(show, 0.0, 0.0, Effect::Set(look))]);
            vec![red, Layer { alpha, ..blue }]
        });
        let row = &frames(&show, 0)[4];
        [row[0], row[1], row[3]]
    };
    assert_eq!(colored(Alpha::None, 0.4, None), [102, 0, 255]);
    assert_eq!(colored(Alpha::Dimmer, 0.4, None), [102, 153, 102]);
    assert_eq!(colored(Alpha::None, 1.0, Some(0.2)), [255, 204, 51]);
    assert_eq!(colored(Alpha::Dimmer, 0.5, Some(0.4)), [128, 204, 51]);
}

#[test]
fn masters_lower_dimmers_or_else_emitters() {
    let mut show = Kit::new()
        .add("plain", 1, par())
        .add("dimmed", 1, [vec![dimmer(1)], par()].concat())
        .show(1.0);
    let look = |dimmer: Option<f64>| Effect::Set(Look { dimmer: dimmer.map(Level), ..tint(RED) });
    let mut colors = cue(&show, 0.0, 0.0, look(None));
    kit::keep(&mut colors, |one| one.head == 0);
    let mut dims = cue(&show, 0.0, 0.0, look(Some(0.8)));
    kit::keep(&mut dims, |one| one.head != 0);
    show = with(show, vec![colors, dims]);
    show.masters = vec![
        Master { heads: None, level: Fader::constant(0.5) },
        Master { heads: Some(vec![1]), level: fader(&[(0.0, 1.0), (1.0, 0.0)]) },
    ];
    insta::assert_snapshot!(picture(&show, 2));
}

fn level() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..1.0]
}

fn writes() -> impl Strategy<Value = Vec<(u32, u32, f64, u32)>> {
    prop::collection::vec((0..8_u32, 1..6_u32, level(), 0..4_u32), 1..5)
}

/// Dimmers that are set, faded in, and let go.
fn dims(show: &Show, writes: &[(u32, u32, f64, u32)]) -> Vec<Cue> {
    let mut writes = writes.to_vec();
    writes.sort_by_key(|write| write.0);
    let one = |&(start, length, level, fade): &(u32, u32, f64, u32)| {
        let (start, length) = (f64::from(start) / 8.0, f64::from(length) / 8.0);
        let cue = cue(show, start, start + length, Effect::Set(dim(level)));
        Cue { fade_in: f64::from(fade) / 10.0, then: Then::Release, ..cue }
    };
    writes.iter().map(one).collect()
}

fn blend() -> impl Strategy<Value = Blend> {
    prop::sample::select(Blend::ALL)
}

/// What a layer is drawn from: its writes, its blend, its opacity, and which masks it.
type Drawn = (Vec<(u32, u32, f64, u32)>, Blend, f64, usize);

fn any_layers() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec((writes(), blend(), level(), 0..4_usize), 1..4)
}

/// Layers with all that layers may have.
fn any_stack(layers: &[Drawn]) -> Show {
    stacked(|show| {
        let one = |(at, (some, blend, opacity, by)): (usize, &Drawn)| {
            let mut layer = layer(*blend, dims(show, some));
            layer.opacity = Some(fader(&[(0.2, *opacity), (0.7, 1.0 - opacity / 2.0)]));
            layer.mask_by = (at + by + 1 < layers.len()).then_some(at + by + 1);
            layer.alpha = if by % 2 == 0 { Alpha::Dimmer } else { Alpha::None };
            if let Some(cue) = layer.cues.first_mut() {
                cue.effect = Effect::Set(look(*opacity, ORANGE, 12.0, 4.0));
                cue.blend = (by % 2 == 1).then_some(Blend::Screen);
                cue.opacity = Some(fader(&[(0.0, 0.3), (0.5, *opacity)]));
            }
            layer
        };
        layers.iter().enumerate().map(one).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_highest_does_not_ask_for_the_order(a in writes(), b in writes(), c in writes()) {
        let of = |order: [&[(u32, u32, f64, u32)]; 3]| {
            let show = stacked(|show| order.map(|some| layer(Blend::Htp, dims(show, some))).to_vec());
            frames(&show, 0)
        };
        let first = of([&a, &b, &c]);
        prop_assert_eq!(&first, &of([&c, &a, &b]));
        prop_assert_eq!(&first, &of([&b, &a, &c]));
    }

    #[test]
    fn a_layer_at_no_opacity_is_not_there_and_one_at_full_is(
        a in writes(), b in writes(), blend in blend(), color in any::<bool>(),
    ) {
        prop_assume!(blend != Blend::Ltp && blend != Blend::Htp);
        let of = |opacity: Option<f64>, present: bool| {
            let show = stacked(|show| {
                let mut over = layer(blend, dims(show, &b));
                if color {
                    over.cues.push(cue(show, 0.9, 0.95, Effect::Set(look(0.3, ORANGE, 20.0, 3.0))));
                }
                over.opacity = opacity.map(Fader::constant);
                let under = layer(Blend::Replace, dims(show, &a));
                if present { vec![under, over] } else { vec![under] }
            });
            frames(&show, 0)
        };
        prop_assert_eq!(of(Some(0.0), true), of(None, false));
        prop_assert_eq!(of(Some(1.0), true), of(None, true));
    }

    #[test]
    fn full_masters_change_nothing_and_others_never_raise(
        a in writes(), b in writes(), blend in blend(), master in level(),
    ) {
        let of = |levels: &[f64]| {
            let mut show = stacked(|show| {
                vec![layer(Blend::Replace, dims(show, &a)), layer(blend, dims(show, &b))]
            });
            let heads = |at: usize| (at > 0).then(|| vec![0]);
            let master = |(at, level): (usize, &f64)| Master { heads: heads(at), level: Fader::constant(*level) };
            show.masters = levels.iter().enumerate().map(master).collect();
            frames(&show, 0)
        };
        let without = of(&[]);
        prop_assert_eq!(&of(&[1.0, 1.0]), &without);
        for (lower, row) in of(&[master, 0.7]).iter().zip(&without) {
            prop_assert!(lower[0] <= row[0]);
        }
    }

    #[test]
    fn a_frame_of_any_stack_alone_equals_that_frame_in_a_run(
        layers in any_layers(),
        rate in prop::sample::select(vec!["20", "30000/1001"]),
    ) {
        let mut show = any_stack(&layers);
        let rate: FrameRate = rate.parse().unwrap();
        show.frames = rate.nearest_frame(1.0);
        show.rate = rate;
        let timeline = gobo_render::Timeline::new(&show);
        for (frame, row) in frames(&show, 0).iter().enumerate() {
            let mut alone = vec![0xee; row.len()];
            timeline.frame(0, frame as u32, &mut alone);
            prop_assert_eq!(&alone, row, "frame {}", frame);
        }
    }

    #[test]
    fn equal_keys_of_stacks_mean_equal_cells(
        layers in any_layers(), edit in 0..6_usize, which in any::<prop::sample::Index>(),
    ) {
        let mut show = any_stack(&layers);
        show.frames = 60;
        show.masters = vec![Master { heads: None, level: fader(&[(0.5, 1.0), (1.5, 0.4)]) }];
        let mut edited = show.clone();
        let layer = &mut edited.layers[which.index(layers.len())];
        match edit {
            0 => layer.opacity = Some(fader(&[(1.2, 0.5), (1.8, 0.9)])),
            1 => layer.blend = Blend::Multiply,
            2 => layer.alpha = if layer.alpha == Alpha::None { Alpha::Dimmer } else { Alpha::None },
            3 => layer.mask_by = None,
            4 => layer.cues.iter_mut().for_each(|cue| cue.opacity = Some(Fader::constant(0.4))),
            _ => edited.masters[0].level = fader(&[(0.5, 1.0), (1.5, 0.2)]),
        }
        let mut known: Vec<(u128, Vec<u8>)> = Vec::new();
        for show in [&show, &edited] {
            let timeline = gobo_render::Timeline::new(show);
            for cell in 0..3 {
                let mut rows = vec![0xee; timeline.cell_len(0, cell)];
                timeline.render(0, cell, &mut rows);
                known.push((timeline.key(0, cell), rows));
            }
        }
        known.sort();
        for pair in known.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            prop_assert_eq!(&pair[0].1, &pair[1].1);
        }
    }
}
