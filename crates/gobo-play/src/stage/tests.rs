use std::sync::Arc;

use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression, Header, UniverseEntry};
use gobo_dmx::{FrameRate, Universe};
use triple_buffer::{Output, triple_buffer};

use gobo_dmx::Slots;

use super::*;
use crate::ahead::Decoding;
use crate::lineup::lineup;
use crate::{Entry, Faults, Options, Range, Remote};

mod list;

const UNIVERSES: u16 = 3;
const FRAMES: u32 = 300;

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
    let header = Header { frames, universes: entries.collect(), ..Header::default() };
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

struct Bench {
    stage: Stage<Notes>,
    decoding: Decoding,
    remote: Remote,
    state: Output<State>,
    now: Instant,
}

impl Bench {
    fn new(range: Range, last_look: LastLook) -> Self {
        let rate = FrameRate::DEFAULT;
        let options = Options {
            from: rate.seconds_at(range.start),
            to: Some(rate.seconds_at(range.end)),
            repeat: range.repeat,
            last_look: Some(last_look),
            ..Options::default()
        };
        let universes: Vec<_> = (1..=UNIVERSES).map(|n| Universe::new(n).unwrap()).collect();
        let entry = Entry::default();
        let (first, decoding) =
            Program::with_decoding(canvas(), None, &universes, &options, entry).unwrap();
        let (remote, controls) = Remote::new(first.player.controls());
        let (_, wings) = lineup(first);
        let (published, state) = triple_buffer(&State::default());
        let sink = Notes { frames: Vec::with_capacity(10_000), last_looks: Vec::with_capacity(9) };
        let now = Instant::now();
        let stage = Stage::new(universes.len(), controls, wings, sink, published, now);
        Self { stage, decoding, remote, state, now }
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
