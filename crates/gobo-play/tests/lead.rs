//! A player that is led from outside: by a timecode, or by the time at which it starts.

#[allow(dead_code, reason = "a module shared by tests")]
mod support;

use std::time::{Duration, Instant};

use gobo_dmx::FrameRate;
use gobo_play::{CodeState, Lead, Player, Range, Remote, Soundtrack, Start, Status, Tick};
use gobo_timecode::{Chase, Sighting};
use support::FakeSound;

const MILLI: Duration = Duration::from_millis(1);
const FREEWHEEL: Duration = Duration::from_secs(2);
const CODE: Lead = Lead::Code { freewheel: FREEWHEEL };
const SHOW: Range = Range { start: 0, end: 6000, repeat: false };

/// A player, ticked when it asks for it by a clock of milliseconds, and a machine that tells timecode 25 times a second.
struct Bench {
    player: Player,
    remote: Remote,
    sound: FakeSound,
    sounds: bool,
    chase: Chase,
    now: Instant,
    /// Where the machine is, in seconds of the show.
    code: f64,
    /// How fast it runs; silent without.
    speed: Option<f64>,
    /// Milliseconds by which a code comes late, at most.
    jitter: u64,
    seed: u64,
    millis: u32,
    wake: Instant,
    ended: bool,
    dropped: u32,
}

impl Bench {
    fn with(range: Range, lead: Lead, sounds: bool) -> Self {
        let now = Instant::now();
        let sound = FakeSound::new(now);
        let soundtrack = sounds.then(|| Box::new(sound.clone()) as Box<dyn Soundtrack>);
        let rate = FrameRate::DEFAULT;
        let (frame, song_ahead) = (range.start, 0.25);
        let start = Start { rate, range, frame, speed: 1.0, song_ahead, volume: 1.0 };
        let (mut player, remote) = Player::new(&start, soundtrack, now);
        player.lead_by(lead, now);
        Self {
            player,
            remote,
            sound,
            sounds,
            chase: Chase::default(),
            now,
            code: 0.0,
            speed: None,
            jitter: 0,
            seed: 1,
            millis: 0,
            wake: now,
            ended: false,
            dropped: 0,
        }
    }

    fn at(code: f64) -> Self {
        let mut bench = Self::with(SHOW, CODE, false);
        (bench.code, bench.speed) = (code, Some(1.0));
        bench
    }

    fn tell(&mut self) {
        let Some(speed) = self.speed else { return };
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let late = Duration::from_millis((self.seed >> 33) % (self.jitter + 1));
        let speed = (speed != 0.0).then_some(speed);
        let seen = Sighting { seconds: self.code, at: self.now + late, speed };
        if let Some(told) = self.chase.see(seen) {
            self.remote.tell(told);
        }
    }

    /// Frames that became due.
    fn run(&mut self, millis: u32) -> Vec<u32> {
        let mut frames = Vec::new();
        for _ in 0..millis {
            self.now += MILLI;
            self.millis += 1;
            self.code += self.speed.unwrap_or(1.0) * 0.001;
            if self.millis.is_multiple_of(40) {
                self.tell();
            }
            self.sound.advance(self.now);
            if self.now < self.wake {
                continue;
            }
            let (player, now, mut tick) = (&mut self.player, self.now, Tick::Same);
            let counted = allocation_counter::measure(|| tick = player.tick(now));
            // A device that is driven by hand keeps a list of its starts.
            assert!(self.sounds || counted.count_total == 0, "a tick allocates");
            self.wake = self.player.wake(self.now);
            match tick {
                Tick::Frame(due) => {
                    frames.push(due.frame);
                    self.dropped += due.dropped;
                }
                Tick::Same => {}
                Tick::End => {
                    self.ended = true;
                    break;
                }
            }
        }
        frames
    }

    fn error(&self) -> f64 {
        self.player.place(self.now).as_secs_f64() - self.code
    }
}

fn in_order(frames: &[u32]) -> bool {
    frames.is_sorted_by(|a, b| a + 1 == *b)
}

#[test]
fn a_code_with_jitter_is_followed_without_a_step() {
    for jitter in [0, 3, 12] {
        let mut bench = Bench::at(20.0);
        bench.jitter = jitter;
        let joined = bench.run(500);
        assert!(joined[0].abs_diff(1205) <= 1, "joined at {}", joined[0]);
        // A machine whose clock is 300 ppm slow.
        bench.speed = Some(0.999_7);
        let frames = bench.run(60_000);
        assert!(in_order(&frames), "no frame twice, none left out");
        assert_eq!(bench.dropped, 0);
        let (mean, most) = (jitter as f64 / 2000.0, 0.001 + jitter as f64 / 2000.0);
        assert!((bench.error() + mean).abs() < most, "{} s off with {jitter} ms", bench.error());
        assert_eq!(bench.player.code(), CodeState::Followed);
        assert_eq!(bench.player.status(), Status::Playing);
    }
}

#[test]
fn nothing_is_touched_before_the_start_which_is_in_time() {
    let mut bench = Bench::at(-3.0);
    bench.speed = None;
    assert!(bench.run(500).is_empty());
    assert_eq!(bench.player.code(), CodeState::Awaited);
    bench.speed = Some(1.0);
    assert!(bench.run(2400).is_empty());
    assert!(bench.player.is_dark() && bench.player.status() == Status::Waiting);
    assert_eq!(bench.player.code(), CodeState::Outside);
    let wake = bench.player.wake(bench.now);
    assert!(wake <= bench.now + Duration::from_millis(17));
    assert_eq!(bench.run(101), [0], "at the code's zero, to the millisecond");
    assert!(in_order(&bench.run(2000)));
    assert!(bench.error().abs() < 0.002);
}

#[test]
fn the_tick_of_the_start_is_asked_for() {
    let mut bench = Bench::at(-1.0);
    bench.run(990);
    bench.player.tick(bench.now);
    let early = bench.player.wake(bench.now).saturating_duration_since(bench.now);
    assert!(
        (Duration::from_micros(9900)..=Duration::from_micros(10_100)).contains(&early),
        "{early:?}"
    );
}

#[test]
fn a_short_dropout_is_bridged_and_a_long_one_holds_the_look() {
    let mut bench = Bench::at(10.0);
    bench.run(3000);
    bench.speed = None;
    let mut frames = bench.run(1900);
    assert_eq!(bench.player.code(), CodeState::Freewheeling);
    assert_eq!(bench.player.status(), Status::Playing);
    bench.speed = Some(1.0);
    frames.extend(bench.run(1000));
    assert!(in_order(&frames));
    assert_eq!(bench.player.code(), CodeState::Followed);
    bench.speed = None;
    bench.run(2100);
    assert_eq!(bench.player.code(), CodeState::Lost);
    assert_eq!(bench.player.status(), Status::Waiting);
    assert!(bench.run(5000).is_empty());
    bench.speed = Some(1.0);
    let back = bench.run(1000);
    assert!(back[0].abs_diff((bench.code * 60.0) as u32 - 60) <= 6 && in_order(&back), "{back:?}");
    assert!(bench.error().abs() < 0.002);
}

#[test]
fn without_freewheel_the_show_stops_with_its_code() {
    let mut bench = Bench::with(SHOW, Lead::Code { freewheel: Duration::ZERO }, false);
    bench.speed = Some(1.0);
    bench.run(3000);
    bench.speed = None;
    assert!(bench.run(1000).len() <= 10);
    assert_eq!(bench.player.code(), CodeState::Lost);
}

#[test]
fn jumps_are_sought() {
    let mut bench = Bench::at(10.0);
    bench.run(2000);
    for place in [70.0, 3.0] {
        bench.code = place;
        let frames = bench.run(1000);
        let jump = frames.windows(2).position(|pair| pair[1] != pair[0] + 1).unwrap();
        assert!(jump <= 6, "{jump} frames of the old place");
        assert!(in_order(&frames[..=jump]) && in_order(&frames[jump + 1..]), "{frames:?}");
        assert!(bench.error().abs() < 0.002);
        assert_eq!(bench.dropped, 0);
    }
}

#[test]
fn a_tape_that_is_wound_is_sought_after_without_a_burst() {
    let mut bench = Bench::at(30.0);
    bench.run(1000);
    for speed in [-1.0, -8.0, 6.0, 0.2] {
        bench.speed = Some(speed);
        bench.run(300);
        let frames = bench.run(1000);
        assert_eq!(bench.player.code(), CodeState::Sought);
        assert!((5..=26).contains(&frames.len()), "{} frames at {speed}", frames.len());
        let onwards = |a: &u32, b: &u32| if speed < 0.0 { a > b } else { a < b };
        assert!(frames.is_sorted_by(onwards), "{frames:?}");
        assert!(
            bench.error().abs() < (speed.abs() * 0.05).max(0.02),
            "{} at {speed}",
            bench.error()
        );
    }
    bench.speed = Some(1.0);
    bench.run(400);
    assert!(in_order(&bench.run(1000)));
    bench.speed = Some(0.0);
    bench.run(500);
    assert!(bench.run(1000).len() <= 1);
    assert!(bench.error().abs() < 0.03);
}

#[test]
fn a_tape_at_another_speed_is_followed() {
    for speed in [0.7, 1.0, 1.4] {
        let mut bench = Bench::at(10.0);
        bench.speed = Some(speed);
        bench.run(1000);
        let frames = bench.run(5000);
        assert!(bench.error().abs() < 0.005, "{} at {speed}", bench.error());
        let expected = 300.0 * speed.min(1.0);
        assert!((frames.len() as f64 - expected).abs() <= 2.0, "{} at {speed}", frames.len());
        assert_eq!(bench.dropped, 0);
    }
}

#[test]
fn the_show_ends_where_the_code_runs_through_its_end() {
    let mut bench = Bench::at(99.0);
    let frames = bench.run(3000);
    assert_eq!(frames.last(), Some(&5999));
    assert!(bench.ended);
    // Found past it, or gone there, it may come back.
    let mut late = Bench::at(500.0);
    assert!(late.run(1000).is_empty() && late.player.is_dark());
    late.code = 20.0;
    late.run(1000);
    late.code = 3000.0;
    assert_eq!(late.run(1000).last(), Some(&5999));
    late.code = 50.0;
    assert!(late.run(1000).last().unwrap().abs_diff(3060) < 3);
    assert!(!late.ended);
    late.code = -9.0;
    assert_eq!(late.run(1000).last(), Some(&0));
}

#[test]
fn a_show_that_repeats_starts_over_in_step() {
    let mut bench = Bench::with(Range { start: 60, end: 180, repeat: true }, CODE, false);
    (bench.code, bench.speed) = (0.0, Some(1.0));
    let frames = bench.run(10_000);
    assert!(frames.iter().copied().eq((60..180).cycle().take(frames.len())));
    assert!((frames.len() as u32).abs_diff(540) <= 1);
}

#[test]
fn a_pause_holds_and_play_picks_the_code_up() {
    let mut bench = Bench::at(10.0);
    bench.run(1000);
    bench.remote.pause();
    assert!(bench.run(2000).len() <= 1);
    assert_eq!(bench.player.status(), Status::Paused);
    bench.remote.seek(1.0);
    assert!(bench.run(100).is_empty());
    bench.remote.play();
    assert!(in_order(&bench.run(1000)));
    assert!(bench.error().abs() < 0.002);
}

#[test]
fn the_song_goes_with_the_code() {
    let mut bench = Bench::with(SHOW, CODE, true);
    bench.sound.set(|device| device.latency = Duration::from_millis(120));
    (bench.code, bench.speed) = (30.0, Some(1.0));
    bench.run(1500);
    let off = |bench: &Bench| bench.sound.truth(bench.now) - 0.25 - bench.code;
    assert!(off(&bench).abs() < 0.06, "{}", off(&bench));
    let starts = bench.sound.0.lock().unwrap().starts.len();
    assert!(in_order(&bench.run(20_000)));
    assert_eq!(bench.sound.0.lock().unwrap().starts.len(), starts, "sought without need");
    bench.code = 80.0;
    bench.run(1500);
    assert!(off(&bench).abs() < 0.06, "{}", off(&bench));
    bench.speed = Some(-3.0);
    bench.run(500);
    assert!(!bench.sound.0.lock().unwrap().playing);
    bench.speed = Some(1.0);
    bench.run(1500);
    assert!(off(&bench).abs() < 0.06, "{}", off(&bench));
}

#[test]
fn a_start_is_waited_for_however_often_it_moves() {
    let mut bench = Bench::with(Range { start: 120, ..SHOW }, Lead::Start, false);
    let begun = bench.now;
    assert!(bench.run(1000).is_empty());
    bench.remote.start_at(begun + Duration::from_secs(3));
    assert!(bench.run(1900).is_empty());
    bench.remote.start_at(begun + Duration::from_millis(3500));
    assert!(bench.run(595).is_empty());
    assert_eq!(bench.player.wake(bench.now), begun + Duration::from_millis(3500));
    assert_eq!(bench.run(5), [120]);
    // It has begun: nothing moves it any more.
    bench.remote.start_at(begun + Duration::from_secs(60));
    let frames = bench.run(1000);
    assert!(in_order(&frames) && frames.len() == 60, "{frames:?}");
}

#[test]
fn a_start_that_was_slept_through_is_joined_where_the_show_would_be() {
    let mut bench = Bench::with(SHOW, Lead::Start, false);
    bench.remote.start_at(bench.now + Duration::from_secs(2));
    bench.run(100);
    bench.now += Duration::from_secs(10);
    assert_eq!(bench.run(1), [486]);
}

#[test]
fn a_pause_puts_the_start_off() {
    let mut bench = Bench::with(SHOW, Lead::Start, false);
    bench.remote.start_at(bench.now + Duration::from_secs(1));
    bench.remote.pause();
    assert!(bench.run(2000).is_empty());
    bench.remote.play();
    assert_eq!(bench.run(10), [0]);
}

#[test]
fn the_song_is_heard_as_the_show_starts() {
    for (start, latency) in [(0, 30), (600, 180)] {
        let mut bench = Bench::with(Range { start, ..SHOW }, Lead::Start, true);
        bench.sound.set(|device| device.latency = Duration::from_millis(latency));
        let begins = bench.now + Duration::from_secs(4);
        bench.remote.start_at(begins + Duration::from_secs(1));
        bench.run(1000);
        bench.remote.start_at(begins);
        assert!(bench.run(2999).is_empty());
        let frames = bench.run(1000);
        assert!(in_order(&frames) && frames[0] == start, "{frames:?}");
        let off = bench.sound.truth(bench.now) - 0.25 - f64::from(start) / 60.0 - 0.999;
        // A device takes blocks of 10 ms.
        assert!(off.abs() < 0.012, "{off}");
        let place = bench.player.place(bench.now).as_secs_f64() - f64::from(start) / 60.0;
        assert!((place - 0.999).abs() < 0.012, "{place}");
    }
}
