//! Versions of a show in the place of the one that plays.

use super::*;
use crate::lineup::{Handover, Lineup};

/// A stage to which versions are handed over.
struct Studio {
    bench: Bench,
    handover: Handover,
    decodings: Vec<Decoding>,
}

impl Studio {
    /// A show that stays on its last frame, which is on stage for a while.
    fn new(frames: u32, turns: u32) -> Self {
        let range = Range { start: 0, end: frames, repeat: false };
        let (bench, lineup): (Bench, Lineup) = Bench::staying(range, LastLook::Blackout);
        let mut studio = Self { bench, handover: Handover::new(lineup), decodings: Vec::new() };
        studio.run(turns);
        studio
    }

    fn run(&mut self, turns: u32) -> Vec<u32> {
        for _ in 0..turns {
            self.decodings.iter_mut().for_each(|decoding| while decoding.step() {});
            self.bench.run(1, true);
        }
        self.bench.sent()
    }

    /// Hands over a version whose frames say their number and `base`.
    fn version(&mut self, base: u32, frames: u32, options: &Options) {
        let canvas = canvas_of(&[1, 2, 3], base, frames);
        let universes: Vec<_> = (1..=UNIVERSES).map(|n| Universe::new(n).unwrap()).collect();
        let state = *self.bench.state.read();
        let course = state.course.as_ref().map(|course| (course, self.bench.now));
        let source = Box::new(Reader::new(Arc::clone(&canvas)));
        let options = Options { stays: true, ..*options };
        let (program, mut decoding) =
            Program::version(source, canvas.header(), &universes, &options, course).unwrap();
        while decoding.step() {}
        self.decodings.push(decoding);
        assert!(self.handover.hand_over(program.numbered(1)).is_ok());
    }
}

#[test]
fn the_next_frame_is_of_the_new_version() {
    let mut studio = Studio::new(FRAMES, 30);
    studio.version(1000, FRAMES, &Options::default());
    assert_eq!(studio.run(3), [1031, 1032, 1033]);
    studio.version(2000, FRAMES, &Options::default());
    studio.version(3000, FRAMES, &Options::default());
    assert_eq!(studio.run(2), [3034, 3035], "the newest wins");
    assert_eq!(studio.bench.state.read().missing, 0);
}

#[test]
fn in_a_pause_the_frame_on_stage_is_of_the_new_version() {
    let mut studio = Studio::new(FRAMES, 30);
    studio.bench.remote.pause();
    let stood = *studio.run(2).last().unwrap();
    studio.version(1000, FRAMES, &Options::default());
    assert_eq!(studio.run(3), [1000 + stood; 3]);
    studio.bench.remote.play();
    assert!(studio.run(3).ends_with(&[1001 + stood, 1002 + stood]));
}

#[test]
fn a_version_that_ends_before_the_place_stands_on_its_last_frame() {
    let mut studio = Studio::new(FRAMES, 100);
    studio.version(1000, 50, &Options::default());
    let told = studio.run(6);
    assert_eq!(told.last(), Some(&1050), "{told:?}");
    assert_eq!(studio.bench.state.read().status, Status::Paused);
    studio.version(2000, FRAMES, &Options::default());
    assert_eq!(studio.run(4).last(), Some(&2050), "it stands where it was");
    studio.bench.remote.seek(1.0);
    let told = studio.run(8);
    assert!(told.starts_with(&[2062, 2063, 2064]), "{told:?}");
}

#[test]
fn at_its_end_a_show_stands_until_it_is_sought() {
    let mut studio = Studio::new(40, 60);
    assert_eq!(studio.run(3), [40, 40, 40]);
    assert_eq!(studio.bench.state.read().status, Status::Paused);
    studio.bench.remote.seek(0.0);
    let told = studio.run(8);
    assert!(told.starts_with(&[2, 3, 4]), "{told:?}");
    assert_eq!(studio.bench.stage.sink.last_looks, Vec::<u32>::new());
}

#[test]
fn another_part_is_played_from_the_same_place_on() {
    let mut studio = Studio::new(FRAMES, 30);
    let options = Options { from: 20.0 / 60.0, to: Some(35.0 / 60.0), ..Options::default() };
    studio.bench.remote.set_repeat(true);
    studio.version(1000, FRAMES, &Options { repeat: true, ..options });
    let told = studio.run(12);
    assert!(told.starts_with(&[1031, 1032, 1033, 1034, 1035, 1021, 1022]), "{told:?}");
}

#[test]
fn lights_that_another_goes_on_with_are_left_as_they_are() {
    let mut studio = Studio::new(FRAMES, 10);
    studio.bench.remote.hand_on();
    studio.run(2);
    assert_eq!(studio.bench.state.read().status, Status::Ended);
    assert!(studio.bench.stage.sink.last_looks.is_empty());
}
