//! Hosts of a test's own: threads in network namespaces, and cables between them. They need root;
//! tests say so and are skipped without.

use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use nix::sched::{CloneFlags, unshare};

type Job = Box<dyn FnOnce() + Send>;

/// A host with a network of its own. Threads and programs that its jobs start are on it, too.
pub struct Host {
    thread: i32,
    jobs: Sender<Job>,
}

impl Host {
    /// A host with nothing but its loopback interface; `None` where that is not permitted.
    pub fn new() -> Option<Self> {
        let (jobs, todo) = channel::<Job>();
        let (tell, told) = channel();
        thread::spawn(move || {
            let made = unshare(CloneFlags::CLONE_NEWNET).is_ok();
            tell.send(made.then(|| nix::unistd::gettid().as_raw())).ok();
            todo.into_iter().for_each(|job| job());
        });
        let host = Self { thread: told.recv().ok()??, jobs };
        host.ip("link set lo up");
        Some(host)
    }

    /// Runs a job on the host and returns what it gives.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (tell, told) = channel();
        self.jobs.send(Box::new(move || tell.send(job()).unwrap())).unwrap();
        told.recv().expect("the job broke down")
    }

    /// `ip` with these arguments, on the host.
    #[track_caller]
    pub fn ip(&self, arguments: &str) {
        self.command("ip", arguments);
    }

    /// A program of the system with these arguments, on the host.
    #[track_caller]
    pub fn command(&self, program: &'static str, arguments: &str) {
        let split: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        let output = self.run(move || Command::new(program).args(split).output()).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments}: {said}");
    }
}

/// Two hosts with a cable between them: 10.0.0.1 and 10.0.0.2 (/24), fd00::1 and fd00::2 (/64), by
/// interfaces `eth0`. Says so and gives `None` where that is not permitted.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn two_hosts() -> Option<(Host, Host)> {
    let (Some(a), Some(b)) = (Host::new(), Host::new()) else {
        eprintln!("SKIPPED: network namespaces need root");
        return None;
    };
    connect(&a, &b);
    Some((a, b))
}

/// Puts a cable between two hosts that have none, with the addresses of [`two_hosts`].
pub fn connect(a: &Host, b: &Host) {
    a.ip(&format!("link add eth0 type veth peer name eth0 netns {}", b.thread));
    for (host, number) in [(a, 1), (b, 2)] {
        host.ip(&format!("addr add 10.0.0.{number}/24 brd + dev eth0"));
        host.ip(&format!("addr add fd00::{number}/64 dev eth0 nodad"));
        host.ip("link set eth0 up");
        host.ip("route add 224.0.0.0/4 dev eth0");
    }
}
