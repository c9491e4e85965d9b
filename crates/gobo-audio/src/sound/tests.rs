use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::keeper::Opened;
use super::null::NullDevice;
use super::outlet::{Outlet, Pulse};
use super::*;

mod keeping;

const RATE: u32 = 48_000;

/// A song of a second and a half, whose level tells its place: a slow ramp.
fn ramp(sample_rate: u32) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ramp.wav");
    let frames = sample_rate * 3 / 2;
    let samples: Vec<f32> =
        (0..frames).map(|n| n as f32 / frames as f32).flat_map(|level| [level, -level]).collect();
    crate::write_wav(&path, &samples, sample_rate, 2).unwrap();
    (folder, path)
}

fn level_at(seconds: f64) -> f32 {
    if (0.0..1.5).contains(&seconds) { (seconds / 1.5) as f32 } else { 0.0 }
}

/// A device of such a rate, driven by hand, and what may go wrong with it.
struct Hardware {
    sample_rate: u32,
    refuses: bool,
    attempts: u32,
    outlet: Option<Outlet>,
    pulse: Option<Arc<Pulse>>,
}

#[derive(Clone)]
struct FakeBackend(Arc<Mutex<Hardware>>);

impl FakeBackend {
    fn new(sample_rate: u32) -> Self {
        let hardware =
            Hardware { sample_rate, refuses: false, attempts: 0, outlet: None, pulse: None };
        Self(Arc::new(Mutex::new(hardware)))
    }

    fn hardware(&self) -> MutexGuard<'_, Hardware> {
        self.0.lock().unwrap()
    }
}

impl Backend for FakeBackend {
    fn open(&mut self, _rate: u32, _channels: u16) -> Result<Opened, AudioError> {
        let mut hardware = self.hardware();
        hardware.attempts += 1;
        if hardware.refuses {
            return Err(AudioError::NoDevice { name: None });
        }
        let (outlet, intake) = Outlet::new();
        (hardware.outlet, hardware.pulse) = (Some(outlet), Some(intake.pulse()));
        let sample_rate = hardware.sample_rate;
        Ok(Opened { sample_rate, channels: 2, intake, stream: Box::new(()) })
    }
}

/// A song at such a device.
struct Bench {
    keeper: Keeper<FakeBackend>,
    link: SoundLink,
    backend: FakeBackend,
    now: Instant,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(song_rate: u32) -> Self {
        let (folder, path) = ramp(song_rate);
        let (link, plug) = link::link();
        let backend = FakeBackend::new(RATE);
        let mut keeper = Keeper::new(path, backend.clone(), plug);
        let now = Instant::now();
        assert_eq!(link.fault(), Some(SoundFault::DeviceLost));
        keeper.open(now).unwrap();
        Self { keeper, link, backend, now, _folder: folder }
    }

    /// Lets the keeper work, after stale sound went back, then takes `frames`; the left channel.
    fn take(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![9.0; frames * 2];
        self.fill(&mut []);
        self.keeper.turn(self.now);
        self.fill(&mut out);
        let rate = self.backend.hardware().sample_rate;
        self.now += Duration::from_secs_f64(frames as f64 / f64::from(rate));
        out.iter().step_by(2).copied().collect()
    }

    fn fill(&self, out: &mut [f32]) {
        self.backend.hardware().outlet.as_mut().unwrap().fill(out, self.now);
    }

    /// Turns the keeper for so long, while the device takes nothing.
    fn wait(&mut self, length: Duration) {
        let end = self.now + length;
        while self.now < end {
            self.now += Duration::from_millis(5);
            self.keeper.turn(self.now);
        }
    }

    fn assert_heard(&mut self, seconds: f64, running: bool) {
        let heard = self.link.heard().unwrap();
        assert!((heard.seconds - seconds).abs() < 1e-6, "{heard:?}, expected {seconds}");
        assert_eq!(heard.running, running);
    }
}

fn assert_levels(levels: &[f32], from: f64) {
    for (n, level) in levels.iter().enumerate() {
        let expected = level_at(from + n as f64 / f64::from(RATE));
        assert!((level - expected).abs() < 2e-3, "frame {n}: {level}, expected {expected}");
    }
}

#[test]
fn what_is_heard_is_where_it_is_said_to_be() {
    for song_rate in [48_000, 44_100, 22_050, 96_000] {
        let mut bench = Bench::new(song_rate);
        assert!(bench.take(300).iter().all(|&level| level == 0.0));
        assert_eq!(bench.link.heard(), None);
        bench.link.start(0.5, None, true);
        assert_levels(&bench.take(1000), 0.5);
        bench.assert_heard(0.5, true);
        assert_levels(&bench.take(5000), 0.5 + 1000.0 / 48_000.0);
        bench.assert_heard(0.5 + 1000.0 / 48_000.0, true);
        bench.link.start(0.1, None, true);
        assert_levels(&bench.take(1000), 0.1);
        bench.assert_heard(0.1, true);
    }
}

#[test]
fn a_pause_goes_on_where_it_began() {
    let mut bench = Bench::new(RATE);
    bench.link.start(0.25, None, true);
    assert_levels(&bench.take(1000), 0.25);
    bench.link.set_playing(false);
    assert!(bench.take(700).iter().all(|&level| level == 0.0));
    bench.assert_heard(0.25 + 1000.0 / 48_000.0, false);
    bench.link.set_playing(true);
    assert_levels(&bench.take(1000), 0.25 + 1000.0 / 48_000.0);
    bench.link.start(1.0, None, false);
    assert!(bench.take(700).iter().all(|&level| level == 0.0));
    bench.link.set_playing(true);
    assert_levels(&bench.take(1000), 1.0);
}

#[test]
fn silence_lies_before_and_after_the_song() {
    let mut bench = Bench::new(RATE);
    bench.link.start(-0.1, None, true);
    let levels = bench.take(9600);
    assert!(levels[..4800].iter().all(|&level| level == 0.0));
    assert_levels(&levels[4800..], 0.0);
    bench.assert_heard(-0.1, true);
    bench.link.start(1.45, None, true);
    let levels = bench.take(9600);
    assert_levels(&levels, 1.45);
    assert!(levels[2400..].iter().all(|&level| level == 0.0));
    bench.take(100);
    bench.assert_heard(1.65, true);
    assert_eq!(bench.link.fault(), None);
}

#[test]
fn a_repeat_has_no_gap() {
    for song_rate in [48_000, 44_100] {
        let mut bench = Bench::new(song_rate);
        bench.link.start(0.9, Some((0.5, 1.0)), true);
        let levels = bench.take(9600);
        assert_levels(&levels[..4790], 0.9);
        assert_levels(&levels[4810..], 0.5 + 10.0 / 48_000.0);
        bench.take(100);
        bench.assert_heard(0.6, true);
    }
}

#[test]
fn the_volume_is_a_factor() {
    let mut bench = Bench::new(RATE);
    bench.link.set_volume(0.5);
    bench.link.start(0.75, None, true);
    let levels = bench.take(100);
    assert!((levels[0] - 0.25).abs() < 1e-3, "{}", levels[0]);
}

#[test]
fn the_null_device_keeps_the_pace_of_its_clock() {
    let mut bench = Bench::new(RATE);
    bench.link.start(0.0, None, true);
    let start = bench.now;
    let outlet = bench.backend.hardware().outlet.take().unwrap();
    let mut null = NullDevice::new(outlet, RATE, 2, start);
    for millis in 0..1200 {
        bench.keeper.turn(start);
        let now = start + Duration::from_millis(millis);
        let wait = null.advance(now);
        assert!(wait <= Duration::from_millis(11));
        let heard = bench.link.heard().unwrap();
        let place = heard.seconds + now.duration_since(start).as_secs_f64()
            - heard.at.duration_since(start).as_secs_f64();
        let expected = millis as f64 / 1000.0 - 512.0 / 48_000.0;
        assert!((place - expected).abs() < 1e-6, "{place}, expected {expected}");
    }
    // After a stall it does not hurry through what it missed.
    let before = bench.link.heard().unwrap();
    null.advance(start + Duration::from_secs(60));
    assert_eq!(bench.link.heard().unwrap().blocks, before.blocks + 1);
}

#[test]
fn a_song_plays_at_the_null_device() {
    let (_folder, path) = ramp(44_100);
    let (sound, mut link) = Sound::open(&path, &SoundDevice::Null).unwrap();
    assert!(sound.missing().is_none());
    link.start(0.2, None, true);
    let deadline = Instant::now() + Duration::from_secs(5);
    let heard = loop {
        match link.heard() {
            Some(heard) if heard.blocks > 3 => break heard,
            _ => assert!(Instant::now() < deadline, "nothing is heard"),
        }
        thread::sleep(Duration::from_millis(1));
    };
    assert!(heard.running && heard.seconds > 0.2);
    assert!(Sound::open(&path, &SoundDevice::Named("no such device".into())).is_err());
}
