//! Devices that go, hang, refuse, and come back as others.

use super::*;

const MILLI: Duration = Duration::from_millis(1);

impl Bench {
    fn lose(&mut self) {
        let mut hardware = self.backend.hardware();
        hardware.pulse.take().unwrap().lose();
        hardware.outlet = None;
    }

    fn attempts(&self) -> u32 {
        self.backend.hardware().attempts
    }
}

#[test]
fn a_device_that_comes_back_with_another_rate_falls_in_with_the_show() {
    for (song_rate, first, second) in [(44_100, 44_100, 48_000), (48_000, 96_000, 44_100)] {
        let mut bench = Bench::new(song_rate);
        bench.backend.hardware().sample_rate = first;
        bench.lose();
        bench.wait(300 * MILLI);
        bench.link.start(0.2, None, true);
        assert!(bench.take(1000)[0] > 0.1);
        bench.lose();
        bench.backend.hardware().sample_rate = second;
        bench.wait(10 * MILLI);
        assert_eq!(bench.link.fault(), Some(SoundFault::DeviceLost));
        bench.wait(300 * MILLI);
        assert_eq!(bench.link.fault(), Some(SoundFault::Interrupted));
        // The new device is silent until it is told to fall in, whatever the old one played.
        assert!(bench.take(500).iter().all(|&level| level == 0.0));
        let due = bench.now + 50 * MILLI;
        bench.link.join(0.7, due, None);
        assert_eq!((bench.link.fault(), bench.link.heard()), (None, None));
        let frames = second as usize / 10;
        let levels = bench.take(frames);
        assert!(levels[..frames / 2 - 1].iter().all(|&level| level == 0.0));
        for (n, level) in levels[frames / 2 + 1..].iter().enumerate() {
            let expected = level_at(0.7 + (n + 1) as f64 / f64::from(second));
            assert!((level - expected).abs() < 2e-3, "frame {n}: {level}, expected {expected}");
        }
        let heard = bench.link.heard().unwrap();
        assert!(heard.at.max(due) - heard.at.min(due) < MILLI / 10);
        assert!((heard.seconds - 0.7).abs() < 1e-6 && heard.running);
    }
}

#[test]
fn what_comes_too_late_is_left_out() {
    for late in [3, 40, 700] {
        let mut bench = Bench::new(RATE);
        bench.take(100);
        let due = bench.now;
        bench.link.join(0.25, due, None);
        bench.now += late * MILLI;
        // What is left out may be more than is decoded ahead; then it is silent for a while yet.
        let levels = loop {
            let from = bench.now;
            let levels = bench.take(480);
            if levels.iter().any(|&level| level != 0.0) {
                break (from, levels);
            }
            assert!(from < due + Duration::from_secs(2), "nothing is ever heard");
        };
        assert_levels(&levels.1, 0.25 + (levels.0 - due).as_secs_f64());
    }
}

#[test]
fn attempts_grow_rare_and_never_end() {
    let mut bench = Bench::new(RATE);
    bench.backend.hardware().refuses = true;
    bench.lose();
    let (lost, mut before, mut gaps) = (bench.now, bench.now, Vec::new());
    while gaps.len() < 10 {
        let attempts = bench.attempts();
        bench.wait(5 * MILLI);
        if bench.attempts() > attempts {
            gaps.push(bench.now - before);
            before = bench.now;
        }
        assert!(bench.now < lost + Duration::from_secs(60), "it gave up");
    }
    assert!(gaps[0] < 300 * MILLI && gaps.is_sorted(), "{gaps:?}");
    assert!(gaps[9] > Duration::from_secs(1) && gaps[9] < Duration::from_secs(3), "{gaps:?}");
    assert_eq!(bench.link.fault(), Some(SoundFault::DeviceLost));
    bench.backend.hardware().refuses = false;
    bench.wait(gaps[9]);
    assert_eq!(bench.link.fault(), Some(SoundFault::Interrupted));
    // And the next time it is quick again.
    bench.lose();
    bench.wait(300 * MILLI);
    assert_eq!(bench.link.fault(), Some(SoundFault::Interrupted));
}

#[test]
fn a_device_that_hangs_is_opened_anew() {
    let mut bench = Bench::new(RATE);
    bench.link.start(0.2, None, true);
    bench.take(1000);
    bench.wait(Duration::from_secs(3));
    assert_eq!((bench.link.fault(), bench.attempts()), (None, 1));
    // It takes sound again in time, and is the same device.
    bench.take(1000);
    bench.assert_heard(0.2 + 1000.0 / 48_000.0, true);
    bench.wait(Duration::from_secs(3));
    assert_eq!((bench.link.fault(), bench.attempts()), (None, 1));
    bench.wait(Duration::from_secs(2));
    assert_eq!((bench.link.fault(), bench.attempts()), (Some(SoundFault::Interrupted), 2));
}

#[test]
fn a_keeper_that_was_held_up_itself_blames_no_device() {
    let mut bench = Bench::new(RATE);
    bench.link.start(0.2, None, true);
    bench.take(1000);
    bench.now += Duration::from_secs(3600);
    bench.keeper.turn(bench.now);
    assert_eq!((bench.link.fault(), bench.attempts()), (None, 1));
}

#[test]
fn a_default_device_may_be_missing_at_first_a_named_one_not() {
    let (folder, path) = ramp(RATE);
    let backend = FakeBackend::new(RATE);
    backend.hardware().refuses = true;
    assert!(Sound::keep(&path, backend.clone(), false).is_err());
    let (sound, mut link) = Sound::keep(&path, backend.clone(), true).unwrap();
    assert!(sound.missing().is_some());
    assert_eq!(link.fault(), Some(SoundFault::DeviceLost));
    backend.hardware().refuses = false;
    let deadline = Instant::now() + Duration::from_secs(60);
    while link.fault() == Some(SoundFault::DeviceLost) {
        assert!(Instant::now() < deadline, "it never came");
        thread::sleep(MILLI);
    }
    link.join(0.5, Instant::now(), None);
    assert_eq!(link.fault(), None);
    drop(sound);
    // A song that is not there is no fault of a device.
    drop(folder);
    assert!(Sound::keep(&path, backend, true).is_err());
}
