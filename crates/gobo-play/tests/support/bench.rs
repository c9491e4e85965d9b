//! A player and its sound, both driven by hand.

#![allow(unreachable_pub, dead_code, reason = "a module shared by tests")]

use std::time::{Duration, Instant};

use gobo_dmx::FrameRate;
use gobo_play::{Player, Range, Remote, Start, Tick};

use crate::support::{Device, FakeSound};

pub const MILLI: Duration = Duration::from_millis(1);

pub struct Bench {
    pub player: Player,
    pub remote: Remote,
    pub sound: FakeSound,
    pub now: Instant,
    song_ahead: f64,
    pub latest: Duration,
}

impl Bench {
    pub fn new(range: Range, song_ahead: f64) -> Self {
        Self::with(range, song_ahead, |_| {})
    }

    pub fn with(range: Range, song_ahead: f64, change: impl FnOnce(&mut Device)) -> Self {
        let now = Instant::now();
        let sound = FakeSound::new(now);
        sound.set(change);
        let rate = FrameRate::DEFAULT;
        let start = Start { rate, range, frame: range.start, speed: 1.0, song_ahead, volume: 0.5 };
        let (player, remote) = Player::new(&start, Some(Box::new(sound.clone())), now);
        Self { player, remote, sound, now, song_ahead, latest: Duration::ZERO }
    }

    pub fn show() -> Self {
        Self::new(Range { start: 0, end: 60_000, repeat: false }, 0.0)
    }

    /// Frames that became due, by ticks a millisecond apart.
    pub fn run(&mut self, millis: u32) -> Vec<u32> {
        self.run_by(MILLI, millis)
    }

    /// Frames that became due, by so many ticks.
    pub fn run_by(&mut self, tick: Duration, ticks: u32) -> Vec<u32> {
        let mut frames = Vec::new();
        for _ in 0..ticks {
            self.now += tick;
            self.sound.advance(self.now);
            if let Tick::Frame(due) = self.player.tick(self.now) {
                frames.push(due.frame);
                self.latest = self.latest.max(due.lateness);
            }
        }
        frames
    }

    pub fn seconds(&self) -> f64 {
        self.player.place(self.now).as_secs_f64()
    }

    pub fn error(&self) -> f64 {
        self.seconds() + self.song_ahead - self.sound.truth(self.now)
    }
}

pub fn in_order(frames: &[u32]) -> bool {
    frames.is_sorted_by(|a, b| a + 1 == *b)
}
