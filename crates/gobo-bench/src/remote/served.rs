//! The process that is measured: `gobo serve`, or what it is measured against.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process;

const PATIENCE: Duration = Duration::from_secs(60);

/// What is counted by `gobo serve`: frames late and missing, clients dropped, messages that were
/// none, connections refused.
pub(super) const COUNTED: [&str; 5] = [
    "gobo_frames_late_total",
    "gobo_frames_missing_total",
    "gobo_clients_dropped_total",
    "gobo_messages_malformed_total",
    "gobo_connections_refused_total",
];

/// A server that runs.
pub(super) struct Served {
    child: Child,
    pub(super) address: SocketAddr,
    is_bare: bool,
}

impl Served {
    /// `gobo serve` in a project, to a target.
    pub(super) fn gobo(gobo: &Path, project: &Path, target: &str) -> Result<Self> {
        let mut command = Command::new(gobo);
        command.current_dir(project).args(["serve", "bench", "--play", "--loop", "--json"]);
        command.args(["--audio", "null", "--listen", "127.0.0.1:0", "--artnet", target]);
        let served = Self::start(command, false)?;
        let until = Instant::now() + PATIENCE;
        while served.figures()?.get("gobo_playing") != Some(&1.0) {
            if Instant::now() > until {
                bail!("the show does not play");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(served)
    }

    /// The bare broadcaster: this program, called otherwise.
    pub(super) fn bare() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(super::BARE);
        Self::start(command, true)
    }

    fn start(mut command: Command, is_bare: bool) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().context("the server did not start")?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let mut told = lines.by_ref().map_while(Result::ok);
        let Some(address) = told.find_map(|line| address(&line)) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("the server does not say where it is");
        };
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self { child, address, is_bare })
    }

    /// How much of [`COUNTED`] there is so far.
    pub(super) fn counted(&self) -> Result<[f64; COUNTED.len()]> {
        let figures = if self.is_bare { HashMap::new() } else { self.figures()? };
        Ok(COUNTED.map(|name| figures.get(name).copied().unwrap_or_default()))
    }

    /// How long the server takes to do what it is asked for, in ms: p99, p99.9, the longest.
    pub(super) fn applying(&self) -> Result<[f64; 3]> {
        let figures = if self.is_bare { HashMap::new() } else { self.figures()? };
        let names = ["gobo_apply_p99_ms", "gobo_apply_p999_ms", "gobo_apply_max_ms"];
        Ok(names.map(|name| figures.get(name).copied().unwrap_or(f64::NAN)))
    }

    /// What `/metrics` says.
    fn figures(&self) -> Result<HashMap<String, f64>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text).context("no figures")?;
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect())
    }

    pub(super) fn memory(&self) -> u64 {
        process::memory(&self.child)
    }

    pub(super) fn cpu_seconds(&self) -> f64 {
        process::cpu_seconds(self.child.id())
    }

    pub(super) fn end(mut self) -> Result<()> {
        process::terminate(&mut self.child)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in `http://ADDRESS/`, wherever it stands in a line.
fn address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    rest.split('/').next()?.parse().ok()
}
