use std::sync::Mutex;

use rustix::io::Errno;

use super::*;
use crate::report::Ledger;

/// What an output was asked to do, and what it answers.
#[derive(Default)]
struct Log {
    done: Vec<&'static str>,
    error: Option<Errno>,
    ledger: Ledger,
}

struct Fake(&'static str, Arc<Mutex<Log>>);

impl Output for Fake {
    fn name(&self) -> &str {
        self.0
    }

    fn send(&mut self, now: Instant, _: &[Slots]) {
        let mut log = self.1.lock().unwrap();
        log.done.push("send");
        log.ledger.begin(now);
        match log.error {
            Some(error) => log.ledger.refused(None, error, 1),
            None => log.ledger.took(9),
        }
        log.ledger.end(now);
    }

    fn sync(&mut self, _: Instant) {
        self.1.lock().unwrap().done.push("sync");
    }

    fn last_look(&mut self, _: Instant, _: &[Slots]) {
        self.1.lock().unwrap().done.push("last");
    }

    fn end(&mut self, _: Instant) {
        self.1.lock().unwrap().done.push("end");
    }

    fn report(&self) -> Report {
        self.1.lock().unwrap().ledger.report
    }
}

struct Bench {
    both: Failover,
    primary: Arc<Mutex<Log>>,
    backup: Arc<Mutex<Log>>,
    silent: Arc<AtomicBool>,
    now: Instant,
}

const FRAME: Duration = Duration::from_millis(25);

impl Bench {
    fn new() -> Self {
        let (primary, backup) = (Arc::<Mutex<Log>>::default(), Arc::<Mutex<Log>>::default());
        let silent = Arc::new(AtomicBool::new(false));
        let both = Failover::new(
            Box::new(Fake("one", primary.clone())),
            Box::new(Fake("two", backup.clone())),
            Some(silent.clone()),
        );
        Self { both, primary, backup, silent, now: Instant::now() }
    }

    /// Sends a frame; what each output was asked.
    fn frame(&mut self) -> (Vec<&'static str>, Vec<&'static str>) {
        self.now += FRAME;
        self.both.send(self.now, &[]);
        self.both.sync(self.now);
        self.asked()
    }

    fn asked(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let done = |log: &Mutex<Log>| std::mem::take(&mut log.lock().unwrap().done);
        (done(&self.primary), done(&self.backup))
    }

    fn fail(&self, error: Option<Errno>) {
        self.primary.lock().unwrap().error = error;
    }

    /// Frames until the backup gets one, or until it gets none.
    fn until_backup(&mut self, active: bool) -> u32 {
        (1..1000).find(|_| self.frame().1.contains(&"send") == active).unwrap()
    }
}

#[test]
fn the_backup_gets_nothing_while_all_is_well() {
    let mut bench = Bench::new();
    for _ in 0..1000 {
        assert_eq!(bench.frame(), (vec!["send", "sync"], vec![]));
    }
    assert_eq!(bench.both.report().backup, Some(Backup::default()));
    assert_eq!(bench.both.name(), "one, backup two");
}

#[test]
fn it_stands_in_after_three_errors_and_leaves_with_an_end() {
    let mut bench = Bench::new();
    bench.fail(Some(Errno::CONNREFUSED));
    assert_eq!(bench.until_backup(true), 3);
    assert_eq!(bench.frame(), (vec!["send", "sync"], vec!["send", "sync"]));
    let report = bench.both.report();
    assert_eq!(report.backup, Some(Backup { active: true, takeovers: 1 }));
    assert!(!report.fault.unwrap().failing, "the stage is lit");
    assert_eq!(report.packets, 2);
    bench.fail(None);
    let calm = bench.until_backup(false);
    assert_eq!(calm, 200, "five seconds after the last error");
    // The frame that left it said the first farewell.
    assert_eq!(bench.frame().1, ["end"]);
    assert_eq!(bench.frame().1, ["end"]);
    assert_eq!(bench.frame().1, [""; 0]);
    assert_eq!(bench.both.report().backup, Some(Backup { active: false, takeovers: 1 }));
}

#[test]
fn a_port_without_a_listener_refuses_every_other_frame_and_stays_out() {
    let mut bench = Bench::new();
    let mut sent = 0;
    for n in 0..2000 {
        bench.fail((n % 2 == 1).then_some(Errno::CONNREFUSED));
        sent += usize::from(bench.frame().1.contains(&"send"));
    }
    assert_eq!(sent, 2000 - 5, "from the third error on");
}

#[test]
fn a_host_that_is_not_there_needs_no_second_error() {
    let mut bench = Bench::new();
    bench.fail(Some(Errno::HOSTUNREACH));
    assert_eq!(bench.until_backup(true), 1);
    // The system looks for it for three seconds at a time.
    for n in 0..1200 {
        bench.fail((n % 120 == 0).then_some(Errno::HOSTUNREACH));
        assert!(bench.frame().1.contains(&"send"), "frame {n}");
    }
}

#[test]
fn a_full_buffer_is_no_fault_of_the_target() {
    let mut bench = Bench::new();
    bench.fail(Some(Errno::NOBUFS));
    for _ in 0..400 {
        assert_eq!(bench.frame().1, [""; 0]);
    }
}

#[test]
fn a_node_that_answers_no_polls_is_gone_until_it_does() {
    let mut bench = Bench::new();
    bench.silent.store(true, Ordering::Relaxed);
    assert_eq!(bench.until_backup(true), 1);
    bench.silent.store(false, Ordering::Relaxed);
    assert_eq!(bench.until_backup(false), 1);
}

#[test]
fn the_end_reaches_whoever_lights_the_stage() {
    let mut bench = Bench::new();
    bench.frame();
    let end = |bench: &mut Bench| {
        bench.asked();
        bench.both.last_look(bench.now, &[]);
        bench.both.end(bench.now);
        bench.asked()
    };
    assert_eq!(end(&mut bench), (vec!["last", "end"], vec![]));
    bench.fail(Some(Errno::NETDOWN));
    bench.until_backup(true);
    assert_eq!(end(&mut bench), (vec!["last", "end"], vec!["last", "end"]));
    bench.backup.lock().unwrap().error = Some(Errno::NETDOWN);
    bench.frame();
    assert!(bench.both.report().fault.unwrap().failing, "nobody lights it");
}
