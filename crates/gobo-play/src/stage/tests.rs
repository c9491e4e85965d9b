use std::sync::Arc;

use gobo_canvas::{
    Canvas, CanvasWriter, Cell, Compression, Gives, Header, PatchedChannel, PatchedFixture,
    PatchedHead, Reader, UniverseEntry, ValueRange,
};
use gobo_dmx::{Address, FrameRate, Slots, Universe};
use triple_buffer::{Output, triple_buffer};

use super::*;
use crate::ahead::Decoding;
use crate::lineup::{Lineup, lineup};
use crate::{Desk, Entry, Faults, Levels, Options, Range, Remote};

mod list;
mod live;

const UNIVERSES: u16 = 3;
const FRAMES: u32 = 300;

/// A lamp whose dimmer is the four slots that say a frame's number.
fn lamp(entry: &UniverseEntry) -> PatchedFixture {
    let gives = Gives::Brightness(0.0, 1.0);
    let range = ValueRange { from: 0, to: u32::MAX.into(), gives };
    let channel = PatchedChannel { slots: vec![0, 1, 2, 3], when: None, ranges: vec![range] };
    PatchedFixture {
        id: format!("lamp{}", entry.universe),
        name: String::new(),
        universe: entry.universe,
        address: Address::FIRST,
        footprint: 4,
        position: [0.0; 3],
        rotation_deg: [0.0; 3],
        head_positions: Vec::new(),
        heads: [PatchedHead { name: "1".to_owned(), channels: vec![channel] }].into(),
    }
}

/// A canvas whose every frame says its number in each universe.
fn canvas() -> Arc<Canvas> {
    canvas_of(&[1, 2, 3], 0, FRAMES)
}

/// A canvas of these universes, whose frames say their number, `base` being added.
fn canvas_of(universes: &[u16], base: u32, frames: u32) -> Arc<Canvas> {
    let entries = universes.iter().map(|&number| UniverseEntry {
        universe: Universe::new(number).unwrap(),
        name: String::new(),
        slots_used: 4,
    });
    let entries: Vec<UniverseEntry> = entries.collect();
    let patch = entries.iter().map(lamp).collect();
    let header = Header { frames, universes: entries, patch, ..Header::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("show.canvas");
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    for cell in 0..header.cells() {
        let first = header.first_frame(cell);
        let frames = first..first + u32::from(header.frames_in(cell));
        let rows: Vec<u8> = frames.flat_map(|frame| (base + frame + 1).to_be_bytes()).collect();
        let cell_key = u128::from(cell);
        for universe in 0..universes.len() {
            let encoded = Cell::encode(cell_key, 4, &rows, Compression::Fast);
            writer.put(universe, cell, &encoded).unwrap();
        }
    }
    writer.finish().unwrap();
    Arc::new(Canvas::open(&path).unwrap())
}

/// Notes the number in each frame that it gets; 0 is a blackout.
struct Notes {
    frames: Vec<u32>,
    last_looks: Vec<u32>,
}

fn number(frame: &[Slots]) -> u32 {
    assert!(frame.iter().all(|slots| slots == &frame[0]), "the universes differ");
    assert_eq!(frame.len(), usize::from(UNIVERSES));
    u32::from_be_bytes([frame[0][0], frame[0][1], frame[0][2], frame[0][3]])
}

impl FrameSink for Notes {
    fn send(&mut self, _: Instant, frame: &[Slots]) {
        self.frames.push(number(frame));
    }

    fn finish(&mut self, last_look: &[Slots]) {
        self.last_looks.push(number(last_look));
    }

    fn faults(&self) -> Faults {
        Faults::default()
    }
}

/// A program of a canvas, and what decodes for it.
fn with_decoding(
    canvas: &Arc<Canvas>,
    universes: &[Universe],
    options: &Options,
    entry: Entry,
) -> (Program, Decoding) {
    let source = Box::new(Reader::new(Arc::clone(canvas)));
    Program::with_decoding(source, canvas.header(), None, universes, options, entry).unwrap()
}

struct Bench {
    stage: Stage<Notes>,
    decoding: Decoding,
    remote: Remote,
    desk: Desk,
    state: Output<State>,
    now: Instant,
}

impl Bench {
    fn new(range: Range, last_look: LastLook) -> Self {
        Self::playing(range, last_look, false).0
    }

    /// One that stays on its last frame, and what hands others over to it.
    fn staying(range: Range, last_look: LastLook) -> (Self, Lineup) {
        Self::playing(range, last_look, true)
    }

    fn playing(range: Range, last_look: LastLook, stays: bool) -> (Self, Lineup) {
        let rate = FrameRate::DEFAULT;
        let options = Options {
            from: rate.seconds_at(range.start),
            to: Some(rate.seconds_at(range.end)),
            repeat: range.repeat,
            last_look: Some(last_look),
            stays,
            ..Options::default()
        };
        let canvas = canvas();
        let (desk, mixer, _) = Levels::new([canvas.header()]).split();
        let universes: Vec<_> = (1..=UNIVERSES).map(|n| Universe::new(n).unwrap()).collect();
        let entry = Entry::default();
        let (first, decoding) = with_decoding(&canvas, &universes, &options, entry);
        let (remote, controls) = Remote::new(first.player.controls());
        let (lineup, wings) = lineup(first);
        let (published, state) = triple_buffer(&State::default());
        let sink = Notes { frames: Vec::with_capacity(10_000), last_looks: Vec::with_capacity(9) };
        let now = Instant::now();
        let stage = Stage::new(mixer, controls, wings, sink, published, now);
        (Self { stage, decoding, remote, desk, state, now }, lineup)
    }

    /// Turns the stage, with frames decoded meanwhile if `decodes`; true at the end.
    fn run(&mut self, turns: u32, decodes: bool) -> bool {
        for _ in 0..turns {
            while decodes && self.decoding.step() {}
            let now = self.now;
            let mut wake = None;
            let counted = allocation_counter::measure(|| wake = self.stage.turn(now));
            assert_eq!(counted.count_total, 0, "a turn allocates");
            let Some(wake) = wake else { return true };
            self.now = wake;
        }
        false
    }

    fn sent(&mut self) -> Vec<u32> {
        self.stage.sink.frames.drain(..).collect()
    }
}

#[test]
fn a_show_goes_out_whole_and_leaves_its_last_look() {
    for (last_look, number) in [(LastLook::Blackout, 0), (LastLook::Hold, FRAMES)] {
        let mut bench = Bench::new(Range { start: 0, end: FRAMES, repeat: false }, last_look);
        assert!(bench.run(2000, true));
        assert_eq!(bench.sent(), (1..=FRAMES).collect::<Vec<_>>());
        bench.stage.finish(bench.now);
        assert_eq!(bench.stage.sink.last_looks, [number], "left once");
        let state = *bench.state.read();
        assert_eq!((state.status, state.sent), (Status::Ended, FRAMES.into()));
        assert_eq!((state.dropped, state.missing, state.lateness.late()), (0, 0, 0));
        assert!((state.rate - 60.0).abs() < 1.5);
    }
}

#[test]
fn repeats_seeks_and_pauses_show_the_right_frames() {
    let mut bench = Bench::new(Range { start: 100, end: 140, repeat: true }, LastLook::Blackout);
    bench.run(100, true);
    assert_eq!(bench.sent(), (101..141).cycle().take(100).collect::<Vec<_>>());
    bench.remote.seek(2.0);
    bench.run(3, true);
    // The seek is read in the turn that throws away what was decoded for the old place.
    let sent = bench.sent();
    assert!(sent.ends_with(&[122, 123]) || sent.ends_with(&[121, 122]), "{sent:?}");
    bench.remote.pause();
    bench.remote.seek(1.8);
    bench.run(60, true);
    let sent = bench.sent();
    assert!(sent.len() >= 50 && sent.ends_with(&[109; 50]), "{sent:?}");
}

#[test]
fn a_seek_costs_no_late_frames() {
    let mut bench = Bench::new(Range { start: 0, end: FRAMES, repeat: false }, LastLook::Blackout);
    bench.run(20, true);
    for seconds in [3.0, 1.0] {
        bench.remote.seek(seconds);
        bench.run(2, false);
        bench.run(20, true);
    }
    let state = *bench.state.read();
    assert_eq!((state.seeks, state.missing, state.dropped), (2, 0, 0));
    assert!((1.2..1.5).contains(&state.seconds), "{}", state.seconds);
}

#[test]
fn what_is_not_decoded_in_time_leaves_the_look_as_it_is() {
    let mut bench = Bench::new(Range { start: 0, end: FRAMES, repeat: false }, LastLook::Hold);
    assert!(!bench.run(10, false), "nothing to show yet");
    assert!(bench.sent().is_empty());
    bench.run(20, true);
    bench.sent();
    bench.run(60, false);
    let stuck = bench.sent();
    assert_eq!(stuck.last(), Some(&61), "32 frames were ahead of the 29th");
    bench.run(10, true);
    // What was missed is not sent late.
    assert!(bench.sent().ends_with(&[98, 99, 100]));
    assert!(bench.state.read().missing >= 28);
}

#[test]
fn levels_reach_a_look_that_stands() {
    let mut bench = Bench::new(Range { start: 0, end: FRAMES, repeat: false }, LastLook::Hold);
    bench.run(41, true);
    bench.remote.pause();
    bench.run(3, true);
    let still = *bench.sent().last().unwrap();
    bench.desk.toggle_blackout();
    bench.run(1, true);
    assert_eq!(bench.sent(), [0], "at the next turn");
    assert!(bench.state.read().levels.blackout);
    bench.desk.toggle_blackout();
    bench.desk.set_grand(0.5);
    bench.run(2, true);
    assert!(bench.sent().ends_with(&[still.div_ceil(2)]), "to the nearest level");
    bench.remote.stop();
    assert!(bench.run(2, true));
    assert_eq!(bench.stage.sink.last_looks, [still.div_ceil(2)], "what is held is lowered, too");
}

#[test]
fn a_frozen_show_goes_on_and_is_where_it_would_have_been() {
    let mut bench = Bench::new(Range { start: 0, end: FRAMES, repeat: false }, LastLook::Hold);
    bench.run(40, true);
    assert!(bench.sent().ends_with(&[40]));
    bench.desk.set_frozen(true);
    bench.run(30, true);
    assert_eq!(bench.sent(), [41; 30]);
    assert_eq!(bench.state.read().frame, 69, "time does not stand still");
    bench.desk.set_frozen(false);
    bench.run(2, true);
    assert_eq!(bench.sent(), [71, 72]);
}

#[test]
fn parked_stays_parked_through_seeks_and_the_end() {
    let mut bench = Bench::new(Range { start: 0, end: FRAMES, repeat: false }, LastLook::Blackout);
    bench.run(10, true);
    for lamp in ["lamp1", "lamp2", "lamp3"] {
        let lamp = bench.desk.spot(lamp).unwrap();
        bench.desk.park(&lamp, crate::Hold::AsItIs).unwrap();
    }
    bench.run(1, true);
    let parked = *bench.sent().last().unwrap();
    assert_eq!(parked, 11);
    bench.desk.set_grand(0.2);
    bench.desk.set_blackout(true);
    bench.remote.seek(3.0);
    bench.run(30, true);
    assert!(bench.sent().iter().all(|number| *number == parked));
    bench.remote.stop();
    assert!(bench.run(2, true));
    assert_eq!(bench.stage.sink.last_looks, [parked]);
}
