//! Levels to a real olad, which tells by its web server what it has. Says so and passes when olad
//! is not installed.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use gobo_dmx::{DEFAULT_PRIORITY, Delivery, OlaApi, Protocol, Route, SLOTS, Universe};
use gobo_output::{Options, Outputs, Report, Uuid};

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(60);

/// Everything but the dummy: nothing may go to a network or a device.
const PLUGINS: &str = "artnet e131 espnet ftdidmx gpio karate kinet milinst nanoleaf opendmx \
    openpixelcontrol osc pathport renard sandnet shownet spi stageprofi uartdmx usbdmx usbserial";

/// olad refuses to run as root: then it runs as nobody.
const NOBODY: u32 = 65_534;

/// An olad of the test's own; killed when dropped.
struct Daemon {
    process: Child,
    rpc: u16,
    http: u16,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A folder in which the dummy's port is patched to universe 1.
fn configure(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    for plugin in PLUGINS.split_whitespace() {
        write(&format!("ola-{plugin}.conf"), "enabled = false\n");
    }
    write("ola-dummy.conf", "enabled = true\ndummy_device_count = 1\n");
    write("ola-port.conf", "1-1-O-0 = 1\n");
    if is_root() {
        for file in fs::read_dir(folder).unwrap() {
            chown(file.unwrap().path(), Some(NOBODY), None).unwrap();
        }
        chown(folder, Some(NOBODY), None).unwrap();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn start(folder: &Path, rpc: u16, http: u16) -> Daemon {
    let mut olad = Command::new("olad");
    olad.arg("-c").arg(folder).args(["-r", &rpc.to_string(), "-p", &http.to_string()]);
    olad.args(["-i", "127.0.0.1", "-l", "0", "--no-register-with-dns-sd"]);
    olad.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if is_root() {
        olad.uid(NOBODY);
    }
    Daemon { process: olad.spawn().unwrap(), rpc, http }
}

/// The first level of universe 1, if olad is there and has one.
fn level(daemon: &Daemon) -> Option<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", daemon.http)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(b"GET /get_dmx?u=1 HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let levels = answer.split_once("\"dmx\": [")?.1;
    levels.split([',', ']']).next()?.trim().parse().ok()
}

fn outputs(daemon: &Daemon, via: OlaApi) -> Outputs {
    let port = if via == OlaApi::Rpc { daemon.rpc } else { daemon.http };
    let route = Route::new(
        "all".parse().unwrap(),
        Protocol::Ola { via, priority: DEFAULT_PRIORITY },
        Delivery::Unicast { host: "127.0.0.1".into(), port },
    );
    Outputs::open(&[route], &[Universe::FIRST], &Options::new(Uuid::nil())).unwrap()
}

/// Sends a level until olad has it.
fn bring(outputs: &mut Outputs, daemon: &Daemon, wanted: u8) {
    let until = Instant::now() + LONG;
    while level(daemon) != Some(wanted) {
        assert!(Instant::now() < until, "{wanted} never came: {:?}", report(outputs));
        outputs.send(Instant::now(), &[[wanted; SLOTS]]);
        thread::sleep(Duration::from_millis(20));
    }
}

fn report(outputs: &Outputs) -> Report {
    outputs.reports().next().unwrap().1
}

#[test]
fn olad_has_the_levels_also_after_it_was_killed() {
    if Command::new("olad").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("SKIPPED: olad is not installed");
        return;
    }
    for via in [OlaApi::Rpc, OlaApi::Http] {
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path());
        let daemon = start(folder.path(), free_port(), free_port());
        // It may not be up yet: that is a fault like any other, and is got over.
        let mut outputs = outputs(&daemon, via);
        bring(&mut outputs, &daemon, 11);
        let (rpc, http) = (daemon.rpc, daemon.http);
        drop(daemon);
        let until = Instant::now() + LONG;
        while !report(&outputs).fault.is_some_and(|fault| fault.failing) {
            assert!(Instant::now() < until, "that it is gone was not noticed");
            outputs.send(Instant::now(), &[[12; SLOTS]]);
            thread::sleep(Duration::from_millis(20));
        }
        let daemon = start(folder.path(), rpc, http);
        bring(&mut outputs, &daemon, 13);
        let until = Instant::now() + LONG;
        while report(&outputs).fault.is_some_and(|fault| fault.failing) {
            assert!(Instant::now() < until, "{:?}", report(&outputs));
            outputs.send(Instant::now(), &[[13; SLOTS]]);
            thread::sleep(Duration::from_millis(20));
        }
        outputs.finish(&[[14; SLOTS]]);
        let until = Instant::now() + LONG;
        while level(&daemon) != Some(14) {
            assert!(Instant::now() < until, "the last look never came");
            thread::sleep(Duration::from_millis(20));
        }
    }
}
