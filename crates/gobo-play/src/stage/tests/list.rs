//! Programs one after another.

use proptest::prelude::*;

use super::*;
use crate::lineup::Lineup;
use crate::{Playlist, Towards};

/// Universes of the stage: the first is the first show's alone, the last the others'.
const STAGE: [u16; 3] = [1, 2, 3];
const PERIOD: Duration = Duration::from_nanos(16_666_667);

/// A show of a list: frame `n` of it says `base + n` in the universes that it has.
#[derive(Clone)]
struct Act {
    canvas: Arc<Canvas>,
    entry: Entry,
    repeat: bool,
    last_look: LastLook,
}

fn act(base: u32, frames: u32, entry: Entry) -> Act {
    let universes: &[u16] = if base == 0 { &[1, 2] } else { &[2, 3] };
    let canvas = canvas_of(universes, base, frames);
    Act { canvas, entry, repeat: false, last_look: LastLook::Blackout }
}

fn after(seconds: f64, transition: Transition) -> Entry {
    let gap = Gap::Time(Duration::from_secs_f64(seconds));
    Entry { cue: Cue::After(gap), transition }
}

fn at_go() -> Entry {
    Entry { cue: Cue::After(Gap::Go), transition: Transition::Hold }
}

struct Acts {
    acts: Vec<Act>,
    repeat: bool,
    decodings: Vec<Decoding>,
}

impl Playlist for Acts {
    fn prepare(&mut self, number: u64, _: Towards) -> Option<(u64, Program)> {
        let count = self.acts.len() as u64;
        if !self.repeat && number >= count {
            return None;
        }
        let act = &self.acts[(number % count) as usize];
        let (repeat, last_look) = (act.repeat, Some(act.last_look));
        let options = Options { repeat, last_look, ..Options::default() };
        let universes = STAGE.map(|number| Universe::new(number).unwrap());
        let canvas = Arc::clone(&act.canvas);
        let (program, decoding) = with_decoding(&canvas, &universes, &options, act.entry);
        self.decodings.push(decoding);
        Some((number, program))
    }
}

/// Notes what each universe says, and when.
#[derive(Default)]
struct Wire {
    frames: Vec<(Instant, [u32; 3])>,
    last_looks: Vec<[u32; 3]>,
}

fn numbers(frame: &[Slots]) -> [u32; 3] {
    [0, 1, 2].map(|place| {
        let [a, b, c, d, ..] = frame[place];
        u32::from_be_bytes([a, b, c, d])
    })
}

impl FrameSink for Wire {
    fn send(&mut self, now: Instant, frame: &[Slots]) {
        self.frames.push((now, numbers(frame)));
    }

    fn finish(&mut self, last_look: &[Slots]) {
        self.last_looks.push(numbers(last_look));
    }

    fn faults(&self) -> Faults {
        Faults::default()
    }
}

struct Evening {
    stage: Stage<Wire>,
    lineup: Lineup,
    list: Acts,
    remote: Remote,
    state: Output<State>,
    now: Instant,
    /// Whether programs are made ready.
    prepares: bool,
}

impl Evening {
    fn new(acts: Vec<Act>, repeat: bool) -> Self {
        let every = canvas_of(&STAGE, 0, 1);
        let headers = acts.iter().map(|act| act.canvas.header()).chain([every.header()]);
        let (_, mixer, _) = Levels::new(headers).split();
        let mut list = Acts { acts, repeat, decodings: Vec::new() };
        let (_, first) = list.prepare(0, Towards::Later).unwrap();
        let (remote, controls) = Remote::new(first.player.controls());
        let (lineup, wings) = lineup(first);
        let (published, state) = triple_buffer(&State::default());
        let sink = Wire { frames: Vec::with_capacity(100_000), last_looks: Vec::with_capacity(9) };
        let now = Instant::now();
        let stage = Stage::new(mixer, controls, wings, sink, published, now);
        Self { stage, lineup, list, remote, state, now, prepares: true }
    }

    /// Turns the stage for a while; whether the evening is over.
    fn run(&mut self, seconds: f64) -> bool {
        let end = self.now + Duration::from_secs_f64(seconds);
        while self.now < end {
            if self.turn() {
                return true;
            }
        }
        false
    }

    /// One turn; it must allocate and free nothing, whatever changes.
    fn turn(&mut self) -> bool {
        while self.prepares && self.lineup.step(&mut self.list, &self.remote) {}
        self.list.decodings.retain(|decoding| !decoding.is_abandoned());
        for decoding in &mut self.list.decodings {
            while decoding.step() {}
        }
        let mut wake = None;
        let now = self.now;
        let counted = allocation_counter::measure(|| wake = self.stage.turn(now));
        assert_eq!((counted.count_total, counted.count_current), (0, 0), "a turn allocates");
        let Some(wake) = wake else { return true };
        assert!(wake <= now + PERIOD * 3 / 2, "no target waits for longer than that");
        self.now = wake.max(now + Duration::from_nanos(1));
        false
    }

    fn sent(&mut self) -> Vec<(Instant, [u32; 3])> {
        self.stage.sink.frames.drain(..).collect()
    }

    /// What the universe that all shows have says.
    fn said(&mut self) -> Vec<u32> {
        self.sent().into_iter().map(|(_, numbers)| numbers[1]).collect()
    }

    fn last_looks(&self) -> Vec<u32> {
        self.stage.sink.last_looks.iter().map(|numbers| numbers[1]).collect()
    }
}

fn row(base: u32, frames: u32) -> std::ops::RangeInclusive<u32> {
    base + 1..=base + frames
}

#[test]
fn shows_follow_each_other_frame_by_frame() {
    let next = after(0.0, Transition::Cut);
    let acts = vec![act(0, 50, Entry::default()), act(1000, 1, next), act(2000, 70, next)];
    let mut evening = Evening::new(acts, false);
    assert!(evening.run(9.0));
    let sent = evening.sent();
    let told: Vec<u32> = sent.iter().map(|(_, numbers)| numbers[1]).collect();
    assert_eq!(told, row(0, 50).chain(row(1000, 1)).chain(row(2000, 70)).collect::<Vec<_>>());
    for (&(before, _), &(after, _)) in sent.iter().zip(&sent[1..]) {
        let off = (after - before).as_nanos().abs_diff(PERIOD.as_nanos());
        assert!(off <= 2, "{off} ns");
    }
    // Universes that a show lacks are dark.
    assert!(sent[..50].iter().all(|(_, [first, second, third])| first == second && *third == 0));
    assert!(sent[50..].iter().all(|(_, [first, second, third])| *first == 0 && second == third));
    assert_eq!(evening.last_looks(), [0]);
    let state = *evening.state.read();
    assert_eq!((state.program, state.next, state.status), (2, None, Status::Ended));
    assert_eq!((state.dropped, state.missing, state.unready), (0, 0, 0));
}

#[test]
fn a_list_repeats_and_counts_on() {
    let next = after(0.0, Transition::Cut);
    let acts = vec![act(0, 20, next), act(1000, 10, next)];
    let mut evening = Evening::new(acts, true);
    // The first comes on at once, whatever follows the last.
    assert!(!evening.run(1.4));
    let lap = row(0, 20).chain(row(1000, 10));
    let told = evening.said();
    assert_eq!(told, lap.cycle().take(told.len()).collect::<Vec<_>>());
    let state = *evening.state.read();
    assert_eq!((state.program, state.next), (5, Some(6)));
    evening.remote.leave_after();
    assert!(evening.run(1.0));
    assert_eq!(evening.said().last(), Some(&1010));
    assert_eq!(evening.last_looks(), [0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn gaps_last_as_long_as_asked_and_look_as_asked(
        millis in 0_u64..900,
        kind in 0_usize..3,
        holds in any::<bool>(),
    ) {
        let transition = [Transition::Cut, Transition::Hold, Transition::Blackout][kind];
        let mut first = act(0, 20, Entry::default());
        first.last_look = if holds { LastLook::Hold } else { LastLook::Blackout };
        let gap = Duration::from_millis(millis);
        let next = act(1000, 20, after(gap.as_secs_f64(), transition));
        let mut evening = Evening::new(vec![first, next], false);
        prop_assert!(evening.run(9.0));
        let sent = evening.sent();
        let begun = sent.iter().position(|(_, numbers)| numbers[1] == 1001).unwrap();
        let end = FrameRate::DEFAULT.time_of(20);
        prop_assert!((sent[begun].0 - sent[0].0).abs_diff(end + gap) < Duration::from_nanos(3));
        let lit = match transition {
            Transition::Cut => holds,
            Transition::Hold => true,
            _ => false,
        };
        let looks: Vec<u32> = sent[20..begun].iter().map(|(_, numbers)| numbers[1]).collect();
        prop_assert!(looks.iter().all(|look| *look == if lit { 20 } else { 0 }), "{looks:?}");
        // A look that stays is sent as often as a frame.
        let frames = (gap.as_secs_f64() * 60.0).floor() as usize;
        prop_assert!(looks.len().abs_diff(frames) <= 1, "{} of {frames}", looks.len());
        prop_assert_eq!(evening.last_looks(), [0]);
    }

    #[test]
    fn a_fade_leads_from_the_look_held_to_the_running_show(millis in 1_u64..700, gap in 0_u64..300) {
        let fade = after(gap as f64 / 1e3, Transition::Fade(Duration::from_millis(millis)));
        let acts = vec![act(0, 20, Entry::default()), act(0x0100_0000, 60, fade)];
        let mut evening = Evening::new(acts, false);
        prop_assert!(evening.run(9.0));
        let sent = evening.sent();
        let begun = sent[0].0 + FrameRate::DEFAULT.time_of(20) + Duration::from_millis(gap);
        let over = begun + Duration::from_millis(millis);
        let mut before = 0;
        for (at, numbers) in &sent[20..] {
            let [gone, value, _] = *numbers;
            if *at >= over {
                // The frames of the show, exactly.
                let frame = ((*at - begun).as_secs_f64() * 60.0 + 1e-3).floor() as u32;
                prop_assert_eq!(value, 0x0100_0000 + frame.min(59) + 1);
                prop_assert_eq!(gone, 0);
            } else if *at < begun {
                prop_assert_eq!((gone, value), (20, 20));
            } else {
                prop_assert!(gone <= 20 && value >> 24 >= before && value >> 24 <= 1);
                before = value >> 24;
            }
        }
    }
}

#[test]
fn a_show_waits_for_its_go() {
    let acts = vec![act(0, 20, at_go()), act(1000, 20, at_go())];
    let mut evening = Evening::new(acts, false);
    // Even the first: the stage is dark, and its targets are kept.
    evening.run(0.5);
    let told = evening.said();
    assert!(told.len() > 15 && told.iter().all(|number| *number == 0), "{told:?}");
    assert_eq!(evening.state.read().status, Status::Standby);
    evening.remote.go();
    evening.run(0.1);
    // One too early is no go for the show after.
    evening.remote.go();
    evening.run(0.9);
    assert_eq!(evening.said().last(), Some(&20), "the look stays");
    let state = *evening.state.read();
    assert_eq!((state.status, state.program, state.next), (Status::Standby, 0, Some(1)));
    evening.remote.go();
    assert!(evening.run(9.0));
    let told = evening.said();
    let first = told.iter().position(|number| *number == 1001).unwrap();
    assert!(first <= 1, "at the next frame");
    assert_eq!(told[first..], row(1000, 20).collect::<Vec<_>>());
}

#[test]
fn a_show_that_repeats_ends_at_go() {
    let mut first = act(0, 20, Entry::default());
    first.repeat = true;
    let mut evening = Evening::new(vec![first, act(1000, 20, after(5.0, Transition::Cut))], false);
    evening.run(1.0);
    assert!(evening.said().ends_with(&[19, 20]) || evening.state.read().repeat);
    evening.remote.go();
    evening.run(0.2);
    assert!(evening.said().contains(&1001), "no gap after a go");
    assert!(!evening.state.read().repeat);
}

#[test]
fn what_is_not_ready_in_time_lets_the_look_stay() {
    let acts = vec![act(0, 20, Entry::default()), act(1000, 20, after(0.1, Transition::Blackout))];
    let mut evening = Evening::new(acts, false);
    evening.prepares = false;
    evening.run(1.0);
    let told = evening.said();
    assert!(told.len() >= 58 && told[20..].iter().all(|number| *number == 20), "{told:?}");
    assert_eq!(evening.state.read().status, Status::Between);
    evening.prepares = true;
    assert!(evening.run(9.0));
    let told = evening.said();
    assert_eq!(told[told.len() - 20..], row(1000, 20).collect::<Vec<_>>());
    let state = *evening.state.read();
    assert_eq!(state.unready, 1);
    assert!((33..=36).contains(&state.missing), "{}", state.missing);
}

#[test]
fn a_stall_in_a_gap_is_no_fault_of_the_show() {
    let acts = vec![act(0, 20, Entry::default()), act(1000, 20, after(0.5, Transition::Hold))];
    let mut evening = Evening::new(acts, false);
    evening.run(0.6);
    evening.said();
    evening.now += Duration::from_secs(3600);
    assert!(evening.run(9.0));
    assert_eq!(evening.said(), row(1000, 20).collect::<Vec<_>>(), "from its first frame");
    let state = *evening.state.read();
    assert_eq!((state.unready, state.missing, state.dropped), (0, 0, 0));
}

#[test]
fn next_and_previous_change_at_once() {
    let next = || after(5.0, Transition::Blackout);
    let acts = vec![act(0, 99, Entry::default()), act(1000, 99, next()), act(2000, 99, next())];
    let mut evening = Evening::new(acts, false);
    evening.run(0.2);
    evening.remote.next();
    evening.run(0.2);
    assert!((1005..1020).contains(evening.said().last().unwrap()));
    evening.remote.next();
    evening.run(0.2);
    assert!((2005..2020).contains(evening.said().last().unwrap()));
    // There is none after the last; and the wish is forgotten.
    evening.remote.next();
    evening.run(0.2);
    assert!((2015..2040).contains(evening.said().last().unwrap()));
    evening.remote.previous();
    evening.remote.previous();
    evening.run(0.2);
    let told = evening.said();
    assert!((5..20).contains(told.last().unwrap()), "{told:?}");
    evening.remote.previous();
    evening.run(0.1);
    assert_eq!(evening.state.read().program, 0);
    assert!(!evening.run(1.5), "the list goes on from there");
    assert_eq!(evening.state.read().next, Some(1));
    assert_eq!(evening.state.read().missing, 0);
}

#[test]
fn leaving_in_a_gap_leaves_the_last_look() {
    for (transition, last_look, number) in [
        (Transition::Hold, LastLook::Hold, 20),
        (Transition::Hold, LastLook::Blackout, 0),
        (Transition::Blackout, LastLook::Hold, 0),
    ] {
        for leaves in [Remote::stop, Remote::leave_after] {
            let mut first = act(0, 20, Entry::default());
            first.last_look = last_look;
            let acts = vec![first, act(1000, 20, after(5.0, transition))];
            let mut evening = Evening::new(acts, false);
            evening.run(1.0);
            assert!(evening.last_looks().is_empty());
            leaves(&evening.remote);
            assert!(evening.run(0.1));
            assert_eq!(evening.last_looks(), [number], "{transition:?} {last_look:?}");
        }
    }
}

#[test]
fn a_pause_pushes_a_gap_on() {
    let acts = vec![act(0, 20, Entry::default()), act(1000, 20, after(0.5, Transition::Hold))];
    let mut evening = Evening::new(acts, false);
    evening.run(0.6);
    evening.remote.pause();
    evening.run(2.0);
    assert_eq!(evening.said().last(), Some(&20));
    evening.remote.play();
    evening.run(0.3);
    assert!(evening.said().contains(&1001));
}

#[test]
fn another_canvas_takes_the_place_of_the_one_that_plays() {
    let in_place = Entry { cue: Cue::InPlace, transition: Transition::Cut };
    let acts = vec![act(0, 200, Entry::default()), act(1000, 250, in_place)];
    let mut evening = Evening::new(acts, false);
    evening.prepares = false;
    evening.run(0.5);
    evening.prepares = true;
    evening.run(0.5);
    let told = evening.said();
    let frames: Vec<u32> = told.iter().map(|number| number % 1000).collect();
    assert_eq!(frames, (1..=told.len() as u32).collect::<Vec<_>>(), "no frame is lost");
    let change = told.iter().position(|number| *number > 1000).unwrap();
    assert!((30..36).contains(&change) && told[change..].is_sorted(), "{change}");
    evening.remote.seek(2.0);
    evening.run(0.1);
    assert!(evening.said().ends_with(&[1124, 1125]) || evening.state.read().seconds > 2.0);
    assert!(evening.run(9.0));
    assert_eq!(evening.said().last(), Some(&1250), "to its own end");
    assert_eq!(evening.state.read().missing, 0);
}
