//! The player, ticked by hand: no thread, no sleep.

use std::time::{Duration, Instant};

use gobo_dmx::FrameRate;
use gobo_play::{Due, Player, Range, Remote, Start, Status, Tick};
use proptest::prelude::*;

const RATE: FrameRate = FrameRate::DEFAULT;

struct Bench {
    player: Player,
    remote: Remote,
    now: Instant,
    ended: bool,
}

impl Bench {
    fn new(rate: FrameRate, range: Range, speed: f64) -> Self {
        let now = Instant::now();
        let start = Start { rate, range, frame: range.start, speed, song_ahead: 0.0, volume: 1.0 };
        let (player, remote) = Player::new(&start, None, now);
        Self { player, remote, now, ended: false }
    }

    fn show(frames: u32) -> Self {
        Self::new(RATE, Range { start: 0, end: frames, repeat: false }, 1.0)
    }

    /// Ticks whenever the player asks for it; the frames that became due.
    fn run(&mut self, time: Duration) -> Vec<Due> {
        let end = self.now + time;
        let mut frames = Vec::new();
        while self.now < end && !self.ended {
            match self.player.tick(self.now) {
                Tick::Frame(due) => frames.push(due),
                Tick::Same => {}
                Tick::End => self.ended = true,
            }
            let wake = self.player.wake(self.now);
            assert!(wake > self.now || self.ended, "asks for the same moment again");
            self.now = wake.min(end);
        }
        frames
    }
}

fn numbers(frames: &[Due]) -> Vec<u32> {
    frames.iter().map(|due| due.frame).collect()
}

#[test]
fn each_frame_comes_once_and_in_time() {
    for rate in ["60", "30000/1001", "44", "1000"] {
        let range = Range { start: 0, end: 100, repeat: false };
        let mut bench = Bench::new(rate.parse().unwrap(), range, 1.0);
        let start = bench.now;
        let frames = bench.run(Duration::from_secs(10));
        assert_eq!(numbers(&frames), (0..100).collect::<Vec<_>>(), "{rate}");
        assert!(frames.iter().all(|due| due.dropped == 0 && due.lateness.is_zero()), "{rate}");
        assert!(bench.ended);
        assert_eq!(bench.now - start, rate.parse::<FrameRate>().unwrap().time_of(100));
    }
}

#[test]
fn a_pause_of_a_fast_show_is_no_lateness() {
    let mut bench = Bench::new(RATE, Range { start: 0, end: 600, repeat: false }, 1.3);
    bench.run(Duration::from_millis(200));
    bench.remote.pause();
    bench.run(Duration::from_millis(500));
    bench.remote.play();
    let after = bench.run(Duration::from_millis(1000));
    assert!((59..=61).contains(&after.len()), "{}", after.len());
    assert!(after.iter().all(|due| due.dropped == 0 && due.lateness < Duration::from_millis(1)));
}

#[test]
fn speeds_leave_frames_out_or_let_them_stand() {
    let run = |speed, millis| {
        let mut bench = Bench::new(RATE, Range { start: 0, end: 600, repeat: false }, speed);
        bench.run(Duration::from_millis(millis))
    };
    let double = run(2.0, 1000);
    assert_eq!(numbers(&double), (0..60).map(|n| n * 2).collect::<Vec<_>>());
    assert!(double.iter().all(|due| due.dropped == 0));
    for (speed, frames) in [(1.1, 66), (1.5, 90), (3.7, 222)] {
        let fast = run(speed, 1000);
        assert!((59..=61).contains(&fast.len()), "{speed}: {} frames", fast.len());
        assert!(fast.iter().all(|due| due.dropped == 0 && due.lateness.is_zero()), "{speed}");
        assert!(fast.last().unwrap().frame.abs_diff(frames) <= 4, "{speed}");
    }
    assert_eq!(numbers(&run(0.5, 1000)), (0..30).collect::<Vec<_>>());
}

#[test]
fn a_pause_keeps_the_look_and_a_seek_shows_its_frame() {
    let mut bench = Bench::show(600);
    bench.run(Duration::from_millis(495));
    bench.remote.pause();
    assert!(bench.run(Duration::from_secs(3)).is_empty());
    assert_eq!(bench.player.status(), Status::Paused);
    bench.remote.seek(5.0);
    assert_eq!(numbers(&bench.run(Duration::from_secs(1))), [300]);
    bench.remote.play();
    let frames = numbers(&bench.run(Duration::from_millis(95)));
    assert_eq!(frames[..3], [301, 302, 303]);
    bench.remote.toggle();
    assert!(bench.run(Duration::from_secs(1)).is_empty());
    bench.remote.seek(1e9);
    assert_eq!(numbers(&bench.run(Duration::from_secs(1))), [599]);
    bench.remote.seek(f64::NAN);
    assert_eq!(numbers(&bench.run(Duration::from_secs(1))), [0]);
    assert!(!bench.ended);
}

#[test]
fn a_stretch_repeats_until_it_is_told_not_to() {
    let mut bench = Bench::new(RATE, Range { start: 10, end: 40, repeat: true }, 1.0);
    let frames = numbers(&bench.run(Duration::from_millis(1500)));
    assert_eq!(frames, (10..40).cycle().take(frames.len()).collect::<Vec<_>>());
    assert_eq!(frames.len(), 90);
    bench.remote.set_repeat(false);
    bench.run(Duration::from_secs(2));
    assert!(bench.ended);
}

#[test]
fn after_a_stall_the_newest_frame_comes_and_no_burst() {
    let mut bench = Bench::show(6000);
    bench.run(Duration::from_millis(995));
    bench.now += Duration::from_secs(1);
    let frames = bench.run(Duration::from_millis(100));
    assert_eq!(frames[0].frame, 119);
    assert_eq!(frames[0].dropped, 59);
    assert!(frames[0].lateness < RATE.time_of(1));
    assert_eq!(frames[1].frame, 120);
    assert_eq!(frames[1].dropped, 0);
    assert!(frames.len() <= 7);
}

#[test]
fn a_stop_ends_the_show() {
    let mut bench = Bench::show(6000);
    bench.run(Duration::from_millis(100));
    bench.remote.clone().stop();
    assert!(bench.run(Duration::from_millis(100)).is_empty());
    assert!(bench.ended);
}

proptest! {
    /// Whenever it is asked, however late, the frame due is floor(t x fps).
    #[test]
    fn the_frame_due_is_the_floor_of_time_by_rate(
        n in 1_u32..1000, d in 1_u32..50, gaps in prop::collection::vec(0_u64..80_000_000, 1..60),
    ) {
        let Ok(rate) = FrameRate::new(n, d) else { return Ok(()) };
        let mut bench = Bench::new(rate, Range { start: 0, end: u32::MAX, repeat: false }, 1.0);
        let start = bench.now;
        let mut last = None;
        for gap in gaps {
            bench.now += Duration::from_nanos(gap);
            let due = rate.frame_at(bench.now - start);
            match bench.player.tick(bench.now) {
                Tick::Frame(frame) => prop_assert_eq!(frame.frame, due),
                Tick::Same => prop_assert_eq!(last, Some(due)),
                Tick::End => prop_assert!(false),
            }
            last = Some(due);
        }
    }
}
