//! Runs the binary in folders of its own.
#![allow(dead_code)]

pub(crate) mod outside;
pub(crate) mod picture;
pub(crate) mod watching;

use std::fs;
use std::io::Read;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What a command came to.
pub(crate) struct Ran {
    /// Its exit code, or none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) out: String,
    /// What it said on stderr.
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// The same, after a look at its exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }
}

/// The command in a folder, undisturbed by the environment of whoever runs the tests.
pub(crate) fn gobo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gobo"));
    command.current_dir(folder).stdin(Stdio::null());
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("COLUMNS", "100");
    command.env("XDG_STATE_HOME", folder.join(".state"));
    command
}

/// Runs the command to its end.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Ran {
    gobo(folder).args(args).output().expect("gobo starts").into()
}

/// A new project, `gobo new`'s own.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// Makes it.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        run(folder.path(), &["new", "room", "--quiet"]).exits(0);
        Self { folder }
    }

    /// Its folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("room")
    }

    /// A path in it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Runs the command in it.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(&self.root(), args)
    }

    /// Starts the command in it.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::new(gobo(&self.root()).args(args))
    }

    /// Reads a file of it.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("the file is there")
    }

    /// Writes a file of it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
    }

    /// Replaces a text that a file of it has.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no `{from}`");
        self.write(path, &text.replace(from, to));
    }
}

/// A command that runs; killed when forgotten.
pub(crate) struct Running(Child);

impl Running {
    /// Starts it.
    pub(crate) fn new(command: &mut Command) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Self(child.expect("gobo starts"))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Waits for its end, at most so long.
    #[track_caller]
    pub(crate) fn wait(mut self, at_most: Duration) -> Ran {
        let deadline = Instant::now() + at_most;
        let status: ExitStatus = loop {
            match self.0.try_wait().expect("the process can be asked") {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    let _ = self.0.kill();
                    let mut err = String::new();
                    let _ = self.0.stderr.take().map(|mut pipe| pipe.read_to_string(&mut err));
                    panic!("gobo did not end within {at_most:?}: {err}");
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let (mut out, mut err) = (String::new(), String::new());
        self.0.stdout.take().map(|mut pipe| pipe.read_to_string(&mut out));
        self.0.stderr.take().map(|mut pipe| pipe.read_to_string(&mut err));
        Ran { code: status.code(), out, err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A UDP port on loopback that nobody has, above 20000.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let spread = (std::process::id() % 200) as u16 * 100;
    loop {
        let port = 20_000 + (spread + NEXT.fetch_add(1, Ordering::Relaxed)) % 40_000;
        if UdpSocket::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
}

/// Waits until somebody listens on a UDP port.
#[track_caller]
pub(crate) fn wait_until_taken(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while UdpSocket::bind(("0.0.0.0", port)).is_ok() {
        assert!(Instant::now() < deadline, "nobody came to listen on port {port}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
