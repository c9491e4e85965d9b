use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard};

use super::*;

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(20);

/// A target under the hand of a test: it can be held up, and told to fail.
#[derive(Clone)]
struct Fake {
    gate: Arc<Mutex<()>>,
    failing: Arc<AtomicBool>,
    took: Sender<Vec<u8>>,
}

impl Target for Fake {
    fn write(&mut self, universes: &[Slots]) -> io::Result<Written> {
        drop(self.gate.lock());
        if self.failing.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // The test may have gone.
        let _ = self.took.send(universes.iter().map(|slots| slots[0]).collect());
        Ok(Written::whole(universes.len() * SLOTS))
    }
}

fn fake() -> (Fake, Receiver<Vec<u8>>) {
    let (took, taken) = channel();
    (Fake { gate: Arc::default(), failing: Arc::default(), took }, taken)
}

fn start(fake: &Fake, indices: &[usize], cap: Option<&str>) -> Threaded {
    let pace = (cap.map(|cap| Cap::new(cap.parse().unwrap())), Repeats::Always);
    Threaded::start("it".into(), "test", indices.into(), pace, Box::new(fake.clone())).unwrap()
}

fn frame(level: u8) -> Vec<Slots> {
    (0..3_u8).map(|n| [level.wrapping_add(n * 100); SLOTS]).collect()
}

/// Waits until the report is as wanted; a test that waits in vain fails.
fn reported(output: &mut Threaded, wanted: impl Fn(&Report) -> bool) -> Report {
    let until = Instant::now() + LONG;
    loop {
        output.sync(Instant::now());
        let report = output.report();
        if wanted(&report) {
            return report;
        }
        assert!(Instant::now() < until, "{report:?}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn hold(fake: &Fake) -> MutexGuard<'_, ()> {
    fake.gate.lock().unwrap()
}

#[test]
fn a_target_gets_its_universes_and_no_others() {
    let (fake, taken) = fake();
    let mut output = start(&fake, &[0, 2], None);
    output.send(Instant::now(), &frame(5));
    assert_eq!(taken.recv_timeout(LONG).unwrap(), [5, 205]);
    let report = reported(&mut output, |report| report.packets > 0);
    assert_eq!((report.packets, report.bytes, report.fault), (2, 1024, None));
    // A frame that is too short leaves out what it has not.
    output.send(Instant::now(), &frame(6)[..2]);
    assert_eq!(taken.recv_timeout(LONG).unwrap(), [6]);
}

#[test]
fn a_target_that_hangs_gets_the_newest_frame_when_it_is_back() {
    let (fake, taken) = fake();
    let mut output = start(&fake, &[0], None);
    let held = hold(&fake);
    for level in 1..=100 {
        output.send(Instant::now(), &frame(level));
    }
    drop(held);
    let mut got = Vec::new();
    while got.last() != Some(&100) {
        got.extend(taken.recv_timeout(LONG).unwrap());
    }
    assert!(got.len() <= 2, "one may have been on its way, all others were replaced: {got:?}");
    let report = reported(&mut output, |report| report.packets as usize == got.len());
    assert_eq!(report.held_back, 100 - got.len() as u64);
}

#[test]
fn a_target_that_fails_rests_and_recovers() {
    let (fake, taken) = fake();
    let mut output = start(&fake, &[0], None);
    fake.failing.store(true, Ordering::SeqCst);
    output.send(Instant::now(), &frame(1));
    let failing = |report: &Report| report.fault.is_some_and(|fault| fault.failing);
    let report = reported(&mut output, failing);
    let fault = report.fault.unwrap();
    assert_eq!(fault.error().kind(), io::ErrorKind::TimedOut);
    // It is tried again by itself, without another frame.
    reported(&mut output, |report| report.fault.is_some_and(|again| again.count > fault.count));
    output.send(Instant::now(), &frame(2));
    fake.failing.store(false, Ordering::SeqCst);
    assert_eq!(taken.recv_timeout(LONG).unwrap(), [2]);
    let report = reported(&mut output, |report| !failing(report));
    assert!(report.fault.is_some_and(|fault| fault.count >= 2));
}

#[test]
fn the_cap_is_kept_and_the_newest_frame_wins() {
    let (fake, taken) = fake();
    let mut output = start(&fake, &[0], Some("20"));
    let begun = Instant::now();
    for n in 0..60_u8 {
        output.send(begun + Duration::from_millis(25) * n.into(), &frame(n));
        // Each is taken before the next comes, where the cap lets it through.
        if n % 2 == 0 {
            assert_eq!(taken.recv_timeout(LONG).unwrap(), [n]);
        }
    }
    assert_eq!(taken.try_recv().ok(), None);
    assert_eq!(reported(&mut output, |report| report.packets == 30).held_back, 30);
}

#[test]
fn the_last_look_arrives_though_the_target_fails_and_the_cap_is_reached() {
    let (fake, taken) = fake();
    let mut output = start(&fake, &[0], Some("1"));
    let now = Instant::now();
    output.send(now, &frame(1));
    assert_eq!(taken.recv_timeout(LONG).unwrap(), [1]);
    fake.failing.store(true, Ordering::SeqCst);
    output.last_look(now, &frame(9));
    reported(&mut output, |report| report.fault.is_some());
    output.end(now);
    assert!(!output.settled());
    fake.failing.store(false, Ordering::SeqCst);
    let until = Instant::now() + LONG;
    while !output.settled() {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(1));
    }
    // Whether it came within the patience is the machine's affair; most often it does.
    match taken.try_recv() {
        Ok(last) => assert_eq!(last, [9]),
        Err(_) => assert!(output.report().fault.is_some_and(|fault| fault.failing)),
    }
}

#[test]
fn a_target_that_never_comes_is_let_go() {
    let (fake, taken) = fake();
    fake.failing.store(true, Ordering::SeqCst);
    let mut outputs = crate::Outputs::default();
    outputs.push(Box::new(start(&fake, &[0], None)));
    outputs.send(Instant::now(), &frame(1));
    let (mut slept, begun) = (Duration::ZERO, Instant::now());
    outputs.finish_with(&frame(0), Instant::now, |span| {
        slept += span;
        thread::sleep(span);
    });
    assert!(slept <= PATIENCE + Duration::from_millis(100), "{slept:?}");
    assert!(begun.elapsed() >= PATIENCE / 2, "it was waited for");
    assert!(outputs.reports().all(|(_, report)| report.fault.is_some_and(|fault| fault.failing)));
    assert_eq!(taken.try_recv().ok(), None);
}

#[test]
fn nobody_waits_for_one_that_was_dropped() {
    let (fake, taken) = fake();
    let output = start(&fake, &[0], None);
    drop(fake);
    drop(output);
    // The thread ends, and its target with it.
    assert!(taken.recv_timeout(LONG).is_err());
}

/// A backup that is left has heard the end, and may be needed again.
#[test]
fn frames_may_come_after_the_end() {
    let (fake, taken) = fake();
    let mut output = start(&fake, &[0], None);
    for level in 1..5 {
        output.send(Instant::now(), &frame(level));
        assert_eq!(taken.recv_timeout(LONG).unwrap(), [level]);
        output.end(Instant::now());
        let until = Instant::now() + LONG;
        while !output.settled() {
            assert!(Instant::now() < until);
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn what_stays_is_handed_over_every_900_ms_when_only_changes_are() {
    let (fake, taken) = fake();
    let pace = (None, Repeats::AfterChange(0));
    let target = Box::new(fake.clone());
    let mut output = Threaded::start("it".into(), "test", [0].into(), pace, target).unwrap();
    let begun = Instant::now();
    for n in 0..100_u32 {
        output.send(begun + Duration::from_millis(20) * n, &frame(u8::from(n >= 50)));
        if matches!(n, 0 | 45 | 50 | 95) {
            assert_eq!(taken.recv_timeout(LONG).unwrap(), [u8::from(n >= 50)]);
        }
    }
    assert_eq!(taken.try_recv().ok(), None);
}
