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

/// A folder in which the dummy's port is patched as `ports` say.
fn configure(folder: &Path, ports: &str) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    for plugin in PLUGINS.split_whitespace() {
        write(&format!("ola-{plugin}.conf"), "enabled = false\n");
    }
    write("ola-dummy.conf", "enabled = true\ndummy_device_count = 1\n");
    write("ola-port.conf", ports);
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

/// Whether olad is not installed, which is said.
fn is_missing() -> bool {
    let missing = Command::new("olad").arg("--version").stdout(Stdio::null()).status().is_err();
    if missing {
        eprintln!("SKIPPED: olad is not installed");
    }
    missing
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

/// What the web server answers, if olad is there.
fn ask(daemon: &Daemon, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", daemon.http)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// Patches the dummy's port to universe 1, once olad is there.
fn patch(daemon: &Daemon) {
    let form = "id=1&name=one&add_ports=1-O-0";
    let length = form.len();
    let request = format!(
        "POST /new_universe HTTP/1.0\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
    );
    let until = Instant::now() + LONG;
    while !ask(daemon, &request).is_some_and(|answer| answer.contains("\"ok\": true")) {
        assert!(Instant::now() < until, "olad patches nothing");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The first level of universe 1, if olad is there and has one.
fn level(daemon: &Daemon) -> Option<u8> {
    let answer = ask(daemon, "GET /get_dmx?u=1 HTTP/1.0\r\n\r\n")?;
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
    if is_missing() {
        return;
    }
    for via in [OlaApi::Rpc, OlaApi::Http] {
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path(), "1-1-O-0 = 1\n");
        let daemon = start(folder.path(), free_port(), free_port());
        // It may not be up yet: that is a fault like any other, and is got over.
        let mut outputs = outputs(&daemon, via);
        bring(&mut outputs, &daemon, 11);
        let (rpc, http) = (daemon.rpc, daemon.http);
        drop(daemon);
        let fails = |report: &Report| report.fault.is_some_and(|fault| fault.failing);
        until(&mut outputs, 12, "that it is gone was not noticed", fails);
        let daemon = start(folder.path(), rpc, http);
        bring(&mut outputs, &daemon, 13);
        until(&mut outputs, 13, "still at fault", |report| !fails(report));
        outputs.finish(&[[14; SLOTS]]);
        let until = Instant::now() + LONG;
        while level(&daemon) != Some(14) {
            assert!(Instant::now() < until, "the last look never came");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Sends a level until the report is as wanted.
fn until(outputs: &mut Outputs, level: u8, what: &str, wanted: impl Fn(&Report) -> bool) {
    let until = Instant::now() + LONG;
    while !wanted(&report(outputs)) {
        assert!(Instant::now() < until, "{what}: {:?}", report(outputs));
        outputs.send(Instant::now(), &[[level; SLOTS]]);
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_universe_that_olad_does_not_have_is_told_until_a_port_is_patched_to_it() {
    if is_missing() {
        return;
    }
    for (via, words) in [
        (OlaApi::Rpc, "olad has no universe 1: patch a port to it in olad"),
        (
            OlaApi::Http,
            "olad refuses universe 1: Universe doesn't exist (patch a port to it in olad)",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path(), "");
        let daemon = start(folder.path(), free_port(), free_port());
        let mut outputs = outputs(&daemon, via);
        let says = |report: &Report| {
            report.fault.is_some_and(|fault| fault.failing && fault.error().to_string() == words)
        };
        until(&mut outputs, 20, "nothing is said", says);
        patch(&daemon);
        bring(&mut outputs, &daemon, 21);
        let is_well = |report: &Report| !report.fault.is_some_and(|fault| fault.failing);
        until(&mut outputs, 21, "still at fault", is_well);
    }
}
