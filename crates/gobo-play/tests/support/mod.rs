//! A sound device that is driven by hand.

#![allow(unreachable_pub, dead_code, reason = "a module shared by tests")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gobo_audio::{Heard, SoundFault};
use gobo_play::Soundtrack;

/// The song that a device takes with each block.
pub const BLOCK: Duration = Duration::from_millis(10);

/// A device, and what its player wants of it.
pub struct Device {
    next_block: Instant,
    /// How fast its crystal runs, 1.0 being right.
    pub crystal: f64,
    /// From a block taken to the block heard.
    pub latency: Duration,
    /// Whether it takes blocks at all.
    pub alive: bool,
    pub fault: Option<SoundFault>,
    pub volume: f32,
    pub starts: Vec<f64>,
    pub playing: bool,
    /// What is added to the moments that the device tells, at random, at most this much.
    pub jitter: Duration,
    pub joins: Vec<f64>,
    place: f64,
    due: Option<Instant>,
    repeat: Option<(f64, f64)>,
    blocks: u64,
    heard: Option<Heard>,
    /// The place that is truly heard at a moment.
    truth: Option<(f64, Instant)>,
    dice: u32,
}

#[derive(Clone)]
pub struct FakeSound(pub Arc<Mutex<Device>>);

impl FakeSound {
    pub fn new(now: Instant) -> Self {
        Self(Arc::new(Mutex::new(Device {
            next_block: now,
            crystal: 1.0,
            latency: Duration::from_millis(25),
            alive: true,
            fault: None,
            volume: 1.0,
            starts: Vec::new(),
            playing: false,
            jitter: Duration::ZERO,
            joins: Vec::new(),
            place: 0.0,
            due: None,
            repeat: None,
            blocks: 0,
            heard: None,
            truth: None,
            dice: 1,
        })))
    }

    pub fn set(&self, change: impl FnOnce(&mut Device)) {
        change(&mut self.0.lock().unwrap());
    }

    /// Takes the blocks due until `now`.
    pub fn advance(&self, now: Instant) {
        let mut device = self.0.lock().unwrap();
        while device.next_block <= now {
            let at = device.next_block + device.latency;
            let length = BLOCK.div_f64(device.crystal);
            device.next_block += length;
            if device.alive && device.starts.len() + device.joins.len() > 0 {
                device.take(at);
            }
        }
    }

    /// Takes many blocks at once, as a device does that goes down.
    pub fn swallow(&self, blocks: u32, now: Instant) {
        let mut device = self.0.lock().unwrap();
        (0..blocks).for_each(|_| device.take(now));
    }

    /// The song second heard at `now`, as the fake's own arithmetic has it.
    pub fn truth(&self, now: Instant) -> f64 {
        let device = self.0.lock().unwrap();
        let (seconds, at) = device.truth.unwrap();
        let after = now.saturating_duration_since(at).as_secs_f64();
        let before = at.saturating_duration_since(now).as_secs_f64();
        seconds + (after - before) * device.crystal
    }
}

impl Device {
    fn begin(
        &mut self,
        seconds: f64,
        due: Option<Instant>,
        repeat: Option<(f64, f64)>,
        playing: bool,
    ) {
        (self.place, self.due, self.repeat, self.playing) = (seconds, due, repeat, playing);
        (self.blocks, self.heard) = (0, None);
        if self.fault == Some(SoundFault::Interrupted) {
            self.fault = None;
        }
    }

    fn take(&mut self, at: Instant) {
        if self.playing {
            if let Some(due) = self.due {
                if at + BLOCK <= due {
                    return;
                }
                // The part of a block before it is silent, what is late is left out.
                self.due = None;
                self.place += at.saturating_duration_since(due).as_secs_f64();
                self.place -= due.saturating_duration_since(at).as_secs_f64();
            }
            self.blocks += 1;
            self.truth = Some((self.place, at));
            self.dice = self.dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = at + self.jitter.mul_f64(f64::from(self.dice) / f64::from(u32::MAX));
            // The first blocks of a real device have rough times.
            let rough = Duration::from_millis(15) * u32::from(self.blocks < 5 && self.blocks > 1);
            let (seconds, blocks) = (self.place, self.blocks);
            self.heard = Some(Heard { seconds, at: at + rough, blocks, running: true });
            self.place += BLOCK.as_secs_f64();
            if let Some((from, to)) = self.repeat
                && self.place > to - 1e-9
            {
                self.place += from - to;
            }
        } else if let Some(heard) = &mut self.heard {
            *heard = Heard { seconds: self.place, at, running: false, ..*heard };
        }
    }
}

impl Soundtrack for FakeSound {
    fn start(&mut self, seconds: f64, repeat: Option<(f64, f64)>, playing: bool) {
        let mut device = self.0.lock().unwrap();
        device.starts.push(seconds);
        device.begin(seconds, None, repeat, playing);
    }

    fn join(&mut self, seconds: f64, due: Instant, repeat: Option<(f64, f64)>) {
        let mut device = self.0.lock().unwrap();
        device.joins.push(seconds);
        device.begin(seconds, Some(due), repeat, true);
    }

    fn set_playing(&mut self, playing: bool) {
        self.0.lock().unwrap().playing = playing;
    }

    fn set_volume(&mut self, volume: f32) {
        self.0.lock().unwrap().volume = volume;
    }

    fn heard(&mut self) -> Option<Heard> {
        self.0.lock().unwrap().heard
    }

    fn fault(&self) -> Option<SoundFault> {
        self.0.lock().unwrap().fault
    }
}
