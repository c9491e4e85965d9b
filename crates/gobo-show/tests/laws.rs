//! Laws: what is printed reads back, no text makes a parser panic, and selections are an algebra.

use gobo_show::Source;
use gobo_show::grid::Grid;
use gobo_show::rig::{Fixture, Head, HeadIndex, Rig};
use gobo_show::select::{Found, Function, Scope, Selection, Side, functions};
use gobo_show::show::{Section, Selected};
use gobo_show::time::{Anchor, Time};
use gobo_show::tree::{Tree, locate, parse, read};
use gobo_show::value::{Color, Every, Span};
use proptest::prelude::*;

/// Numbers that people write.
fn amount() -> impl Strategy<Value = f64> {
    prop_oneof![
        (0_u32..100_000).prop_map(f64::from),
        (0_u32..1_000_000).prop_map(|thousandths| f64::from(thousandths) / 1000.0),
        0.0..1e6,
    ]
}

fn span() -> impl Strategy<Value = Span> {
    amount().prop_flat_map(|amount| {
        prop_oneof![
            Just(Span::Seconds(amount)),
            Just(Span::Beats(amount)),
            Just(Span::Bars(amount)),
        ]
    })
}

fn anchor() -> impl Strategy<Value = Anchor> {
    let beat = (8_u32..80).prop_map(|eighths| f64::from(eighths) / 8.0);
    prop_oneof![
        amount().prop_map(Anchor::Seconds),
        (1_u32..10_000, beat.clone(), Just(false)).prop_map(|(bar, beat, bare)| Anchor::Bar {
            bar,
            beat,
            bare
        }),
        (1_u32..10_000, 1_u32..10).prop_map(|(bar, beat)| Anchor::Bar {
            bar,
            beat: beat.into(),
            bare: true
        }),
        beat.prop_map(Anchor::Beat),
        "[a-z]{2,8}(-[a-z]{2,8})?( [1-9])?".prop_map(|name| Anchor::Section { name }),
        Just(Anchor::Start),
        Just(Anchor::End),
    ]
    .prop_filter("words with a meaning of their own are no sections", |anchor| {
        !matches!(anchor, Anchor::Section { name }
            if ["start", "end"].contains(&name.as_str())
                || name.starts_with("bar ") || name.starts_with("beat "))
    })
}

fn time() -> impl Strategy<Value = Time> {
    let step = (span(), any::<bool>()).prop_map(|(span, minus)| match (span, minus) {
        (span, false) => span,
        (Span::Seconds(amount), true) => Span::Seconds(-amount),
        (Span::Beats(amount), true) => Span::Beats(-amount),
        (Span::Bars(amount), true) => Span::Bars(-amount),
    });
    (anchor(), prop::collection::vec(step, 0..3)).prop_map(|(anchor, steps)| Time { anchor, steps })
}

/// Selections without `^`, which draws by its place in the text.
fn plain() -> impl Strategy<Value = Selection> {
    selection().prop_map(settled)
}

/// The same with `|` for `^`.
fn settled(selection: Selection) -> Selection {
    let deep = |inner: Box<Selection>| Box::new(settled(*inner));
    match selection {
        Selection::Either(a, b) | Selection::Union(a, b) => Selection::Union(deep(a), deep(b)),
        Selection::Fallback(a, b) => Selection::Fallback(deep(a), deep(b)),
        Selection::Both(a, b) => Selection::Both(deep(a), deep(b)),
        Selection::Not(inner) => Selection::Not(deep(inner)),
        Selection::Call(Function::Shuffled(None), inner) => {
            Selection::Call(Function::Shuffled(Some(3)), deep(inner))
        }
        Selection::Call(function, inner) => Selection::Call(function, deep(inner)),
        other => other,
    }
}

/// Functions of every kind.
fn function() -> impl Strategy<Value = Function> {
    let sides = [Side::Left, Side::Right, Side::Top, Side::Bottom, Side::Front, Side::Back];
    let side = prop::sample::select([&sides[..], &[Side::Center]].concat());
    prop_oneof![
        (side, prop::option::of(1_u32..4)).prop_map(|(side, count)| Function::Side(side, count)),
        order(),
    ]
}

/// Functions that leave every head in.
fn order() -> impl Strategy<Value = Function> {
    prop_oneof![
        (0_usize..3).prop_map(Function::By),
        Just(Function::ByAngle),
        prop::option::of(Just("drums".to_owned())).prop_map(Function::ByDistance),
        Just(Function::Reversed),
        prop::option::of(any::<u64>()).prop_map(Function::Shuffled),
        Just(Function::Mirror),
        Just(Function::FromCenter),
        (1_u32..5).prop_map(Function::Blocks),
        (1_u32..5).prop_map(Function::Repeats),
        (1_u32..5).prop_map(Function::Wings),
        Just(Function::Fixtures),
    ]
}

fn selection() -> impl Strategy<Value = Selection> {
    let leaf = prop_oneof![
        Just("all"),
        Just("this"),
        Just("par1"),
        Just("par*"),
        Just("bar1"),
        Just("bar?"),
        Just("left"),
        Just("bar1:2"),
        Just("bar1:2-3"),
        Just("left:odd"),
        Just("all:even"),
        Just("all:every(3)"),
        Just("all:every(3, 2)"),
        Just("left:first(2)"),
        Just("all:last(3)"),
        Just("par1..par3"),
        Just("par2..bar1"),
        Just("#floor"),
        Just("#*"),
        Just("has(pan)"),
        Just("has(pixels)"),
    ];
    let leaf = leaf.prop_map(|text| text.parse().expect("a selection"));
    leaf.prop_recursive(4, 24, 2, |inner: BoxedStrategy<Selection>| {
        let pair = (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            pair.clone().prop_map(|(a, b)| Selection::Fallback(a, b)),
            pair.clone().prop_map(|(a, b)| Selection::Union(a, b)),
            pair.clone().prop_map(|(a, b)| Selection::Either(a, b)),
            pair.prop_map(|(a, b)| Selection::Both(a, b)),
            inner.clone().prop_map(|inner| Selection::Not(Box::new(inner))),
            (function(), inner).prop_map(|(function, inner)| call(function, &inner)),
        ]
    })
}

fn call(function: Function, inner: &Selection) -> Selection {
    Selection::Call(function, Box::new(inner.clone()))
}

/// Three pars of one head, two bars of four, and a group in an order of its own.
fn rig() -> Rig {
    let mut rig = Rig::default();
    for (id, heads) in [("par1", 1), ("par2", 1), ("par3", 1), ("bar1", 4), ("bar2", 4)] {
        let first = rig.heads.len() as u32;
        rig.heads.extend((1..=heads).map(|head| Head {
            fixture: rig.fixtures.len() as u32,
            name: head.to_string().into(),
            position: [f64::from(first) - 3.0, f64::from(heads), f64::from(head)],
        }));
        rig.fixtures.push(Fixture {
            id: id.into(),
            name: id.into(),
            profile: String::new(),
            mode: String::new(),
            universe: gobo_dmx::Universe::FIRST,
            address: gobo_dmx::Address::FIRST,
            travel_seconds: [None; 2],
            footprint: 0,
            position: [0.0; 3],
            rotation_deg: [0.0; 3],
            heads: first..first + heads,
            channels: Vec::new(),
            setup: gobo_show::rig::Setup::default(),
        });
    }
    rig.groups.insert("left".into(), vec![4, 1, 0, 7]);
    rig.tags.insert("floor".into(), vec![1, 2, 8]);
    rig.points.insert("drums".into(), [0.0, 2.0, 1.0]);
    rig
}

fn heads(selection: &Selection) -> Vec<HeadIndex> {
    found(selection).heads
}

fn found(selection: &Selection) -> Found {
    let this = [5, 2].map(|head| Selected { head, rank: u32::from(head == 2) });
    selection.find(Scope { rig: &rig(), this: Some(&this), seed: 9 })
}

fn joined(
    join: fn(Box<Selection>, Box<Selection>) -> Selection,
    a: &Selection,
    b: &Selection,
) -> Selection {
    join(Box::new(a.clone()), Box::new(b.clone()))
}

fn sorted(mut heads: Vec<HeadIndex>) -> Vec<HeadIndex> {
    heads.sort_unstable();
    heads
}

proptest! {
    #[test]
    fn a_span_reads_back(span in span()) {
        prop_assert_eq!(span.to_string().parse::<Span>(), Ok(span));
    }

    #[test]
    fn a_time_reads_back(time in time()) {
        prop_assert_eq!(time.to_string().parse::<Time>(), Ok(time));
    }

    #[test]
    fn a_selection_reads_back(selection in selection()) {
        prop_assert_eq!(selection.to_string().parse::<Selection>(), Ok(selection));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,40}|[(~|&^>:$a1 -]{0,40}|([a-z_]{0,7}[(,)#.:1-9]{1,3}){0,4}|[0-9:. +-]{0,12}") {
        let _ = text.parse::<Span>();
        let _ = text.parse::<Every>();
        let _ = text.parse::<Color>();
        let _ = text.parse::<Selection>().map(|selection| heads(&selection));
        let section = |name: &str| Section { name: name.into(), start: 0.0, end: 1.0 };
        let grid = Grid::new(vec![0.0, 0.5, 1.0], vec![0, 2], vec![section("a"), section("a1")]);
        let _ = text.parse::<Time>().map(|time| time.seconds(&grid, 60.0));
    }

    #[test]
    fn arbitrary_bytes_are_a_tree_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        path in prop::sample::select(vec!["a.json", "a.toml"]),
    ) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let source = Source { path: path.into(), text: text.as_str().into() };
        if let Err(error) = parse(&source) {
            let place = locate(&text, &error.place).expect("a syntax error has bytes");
            prop_assert!(place.start <= place.end && place.end <= text.len());
        }
    }

    #[test]
    fn a_text_is_read_as_it_is_parsed(
        text in "([\\[\\]{},:]|\"(a|b|~|/|é|\\\\n|\\\\u00e9|\\\\ud800|\t)?\"|-?[0-9]{1,3}([.][0-9]{1,20})?(e[0-9]{1,3})?|-0|true|null| ){0,24}",
        (name, other) in ("[ab]", "[ab]"),
    ) {
        let whole = format!(r#"{{"{name}": [{text}], "{other}": {{"c": [{text}]}}}}"#);
        for text in [text, whole] {
            let source = Source { path: "a.json".into(), text: text.as_str().into() };
            let values = |tree: Tree| (format!("{:?}", tree.root.to_json()), tree.duplicates);
            prop_assert_eq!(read(&source).map(values), parse(&source).map(values), "{}", text);
        }
    }

    #[test]
    fn and_and_or_are_as_sets(a in plain(), b in plain()) {
        let union = joined(Selection::Union, &a, &b);
        let both = joined(Selection::Both, &a, &b);
        let (in_a, in_b) = (heads(&a), heads(&b));
        let expected: Vec<_> =
            (0..rig().heads.len() as u32).filter(|head| in_a.contains(head) || in_b.contains(head)).collect();
        prop_assert_eq!(sorted(heads(&union)), expected);
        let expected: Vec<_> = in_a.iter().copied().filter(|head| in_b.contains(head)).collect();
        prop_assert_eq!(heads(&both), expected);
    }

    #[test]
    fn laws_of_the_algebra(a in plain(), b in plain()) {
        let not = |inner: &Selection| Selection::Not(Box::new(inner.clone()));
        prop_assert_eq!(heads(&not(&not(&a))), sorted(heads(&a)));
        prop_assert_eq!(heads(&joined(Selection::Union, &a, &a)), heads(&a));
        prop_assert_eq!(heads(&joined(Selection::Both, &a, &not(&a))), Vec::<HeadIndex>::new());
        prop_assert_eq!(
            heads(&not(&joined(Selection::Union, &a, &b))),
            sorted(heads(&joined(Selection::Both, &not(&a), &not(&b))))
        );
        let (either, fallback) = (joined(Selection::Either, &a, &b), joined(Selection::Fallback, &a, &b));
        prop_assert!([heads(&a), heads(&b)].contains(&heads(&either)));
        let first = if heads(&a).is_empty() { heads(&b) } else { heads(&a) };
        prop_assert_eq!(heads(&fallback), first);
    }

    #[test]
    fn joining_and_picking_are_associative_and_share_out(a in plain(), b in plain(), c in plain()) {
        for join in [Selection::Union, Selection::Both, Selection::Fallback] {
            let left = joined(join, &joined(join, &a, &b), &c);
            let right = joined(join, &a, &joined(join, &b, &c));
            prop_assert_eq!(heads(&left), heads(&right));
        }
        let (union, both) = (Selection::Union, Selection::Both);
        prop_assert_eq!(
            sorted(heads(&joined(both, &a, &joined(union, &b, &c)))),
            sorted(heads(&joined(union, &joined(both, &a, &b), &joined(both, &a, &c))))
        );
    }

    #[test]
    fn an_order_leaves_every_head_in(a in plain(), order in order()) {
        prop_assert_eq!(sorted(heads(&call(order, &a))), sorted(heads(&a)));
    }

    #[test]
    fn places_have_no_gaps(a in selection()) {
        let found = found(&a);
        let mut places = found.ranks.clone();
        places.sort_unstable();
        places.dedup();
        prop_assert_eq!(found.ranks.len(), found.heads.len());
        prop_assert!((0..).zip(&places).all(|(at, place)| at == *place), "{:?}", found);
    }

    #[test]
    fn sorting_twice_is_sorting_once_and_reversing_twice_is_nothing(a in plain(), axis in 0_usize..3) {
        let by = call(Function::By(axis), &a);
        prop_assert_eq!(found(&call(Function::By(axis), &by)), found(&by));
        let twice = call(Function::Reversed, &call(Function::Reversed, &a));
        prop_assert_eq!(found(&twice).selected(), found(&a).selected());
    }

    #[test]
    fn a_seed_shuffles_the_same(a in plain(), seed: u64) {
        let shuffled = call(Function::Shuffled(Some(seed)), &a);
        prop_assert_eq!(found(&shuffled), found(&shuffled.clone()));
        let unseeded = call(Function::Shuffled(None), &a);
        prop_assert_eq!(found(&unseeded), found(&unseeded.clone()));
    }

    #[test]
    fn mirrored_places_meet(count in 1_u32..12) {
        let text = format!("mirror(all:first({count}))");
        let ranks = found(&text.parse().expect("a selection")).ranks;
        prop_assert!(ranks.iter().eq(ranks.iter().rev()), "{:?}", ranks);
        let text = format!("from_center(all:first({count}))");
        let inward = found(&text.parse().expect("a selection")).ranks;
        let last = (count - 1) / 2;
        prop_assert!(ranks.iter().zip(&inward).all(|(a, b)| a + b == last), "{:?}", inward);
    }

    #[test]
    fn sides_do_not_meet(a in plain()) {
        for (one, other) in
            [(Side::Left, Side::Right), (Side::Top, Side::Bottom), (Side::Front, Side::Back)]
        {
            let half = |side| call(Function::Side(side, None), &a);
            let both = joined(Selection::Both, &half(one), &half(other));
            prop_assert_eq!(heads(&both), Vec::<HeadIndex>::new());
        }
    }

    #[test]
    fn heads_come_once(a in selection()) {
        let found = heads(&a);
        let mut unique = sorted(found.clone());
        unique.dedup();
        prop_assert_eq!(unique.len(), found.len());
    }
}

#[test]
fn every_function_has_an_example_that_reads_back() {
    for row in functions() {
        let selection: Selection = row.example.parse().unwrap_or_else(|error| {
            panic!("{}: {error}", row.name);
        });
        assert_eq!(selection.to_string(), row.example);
        assert!(matches!(&selection, Selection::Call(function, _) if function.name() == row.name));
    }
}

#[test]
fn expressions_of_luma_read_as_they_are() {
    for text in ["all", "front_wash", "front_wash > all", "~blinders & (spots | washes) ^ bars"] {
        assert!(text.parse::<Selection>().is_ok(), "{text}");
    }
}

#[test]
fn orders_give_places() {
    let ranks = |text: &str| found(&text.parse().expect("a selection")).ranks;
    // x is -3, -2, -1, then four heads at 0 and four at 4.
    assert_eq!(ranks("by_x(all)"), [0, 1, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
    assert_eq!(ranks("reversed(by_x(all))"), [0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4]);
    assert_eq!(ranks("mirror(par1..par3)"), [0, 1, 0]);
    assert_eq!(ranks("from_center(bar1)"), [1, 0, 0, 1]);
    assert_eq!(ranks("blocks(bar1, 2)"), [0, 0, 1, 1]);
    assert_eq!(ranks("repeats(bar1, 3)"), [0, 1, 2, 0]);
    assert_eq!(ranks("wings(bar1 | bar2, 4)"), [0, 1, 1, 0, 0, 1, 1, 0]);
    assert_eq!(ranks("fixtures(bar1 | par1 | bar2)"), [0, 0, 0, 0, 1, 2, 2, 2, 2]);
    assert_eq!(ranks("by_z(bar1) | par1"), [0, 1, 2, 3, 4]);
    let heads = |text: &str| heads(&text.parse().expect("a selection"));
    assert_eq!(heads("left(all)"), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(heads("right(all)"), [7, 8, 9, 10]);
    assert_eq!(heads("left(reversed(all), 2)"), [1, 0]);
    assert_eq!(heads("center(bar1)"), [4, 5]);
    assert_eq!(heads("top(bar1 | bar2, 2)"), [6, 10]);
    assert_eq!(heads("all:every(4, 2)"), [1, 5, 9]);
    assert_eq!(heads("par3..par1"), Vec::<HeadIndex>::new());
    assert_eq!(heads("par2..par3"), [1, 2]);
    assert_eq!(heads("#floor & par*"), [1, 2]);
}
