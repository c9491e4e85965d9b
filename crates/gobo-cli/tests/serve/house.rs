//! A server of a project of its own, and the light that it makes.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Client, Greeting};
use crate::common::{Project, Ran, gobo};
use crate::http::{self, Answer};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Slots of `par-left`, `par-right` and `head`, from 0.
pub(crate) const LEFT: usize = 0;
pub(crate) const RIGHT: usize = 7;
pub(crate) const HEAD: usize = 20;

/// Waits until it is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// What a process has said so far, read as it comes.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<String>>);

impl Heard {
    fn listen(pipe: impl Read + Send + 'static) -> Self {
        let heard = Self::default();
        let told = heard.clone();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                let Ok(line) = line else { break };
                let text = &mut *told.0.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&line);
                text.push('\n');
            }
        });
        heard
    }

    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The process; killed when forgotten.
struct Process {
    child: Child,
    out: Heard,
    err: Heard,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.expect("gobo starts");
        let out = Heard::listen(child.stdout.take().expect("a pipe"));
        let err = Heard::listen(child.stderr.take().expect("a pipe"));
        Self { child, out, err }
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server, its project, and the light that it makes.
pub(crate) struct Serving {
    process: Option<Process>,
    pub(crate) project: Project,
    pub(crate) port: u16,
    wire: UdpSocket,
    options: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Serving {
    /// The studio's show, standing by.
    pub(crate) fn new() -> Self {
        Self::of(studio(), &[])
    }

    /// A project's show with options beside.
    pub(crate) fn of(project: Project, options: &[&str]) -> Self {
        Self::with(project, options, &[])
    }

    /// The same with variables of the environment.
    pub(crate) fn with(project: Project, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let wire = UdpSocket::bind("127.0.0.1:0").expect("a port");
        wire.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let options = options.iter().map(|&one| one.to_owned()).collect();
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables = variables.iter().map(text).collect();
        let mut serving = Self { process: None, project, port: 0, wire, options, variables };
        serving.begin();
        serving
    }

    /// Starts it, anew at the address that it had.
    #[track_caller]
    pub(crate) fn begin(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let target = self.wire.local_addr().expect("an address").to_string();
        let mut command = gobo(&self.project.root());
        command.args(["serve", "studio", "--audio", "null", "--json", "--listen", &listen]);
        command.args(["--artnet", &target]).args(&self.options);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let mut process = Process::start(&mut command);
        let (out, err) = (process.out.clone(), process.err.clone());
        eventually("the server listens and has a show", || {
            let ended = process.has_ended();
            assert!(!ended, "it ended: {}{}", out.text(), err.text());
            out.text().contains("\"serving\"") && out.text().contains("\"watching\"")
        });
        self.process = Some(process);
        self.port = self.port_of(&out.text());
    }

    fn port_of(&self, told: &str) -> u16 {
        let lines = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut serving = lines.filter(|line| line["reason"] == "serving");
        let url = serving.next().expect("it says where it listens")["url"].clone();
        let url = url.as_str().expect("a text").trim_end_matches('/').to_owned();
        url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("it runs")
    }

    /// All that it has said by now.
    pub(crate) fn told(&mut self) -> String {
        let process = self.process();
        process.out.text() + &process.err.text()
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Has it end as it should.
    pub(crate) fn terminate(&mut self) {
        let id = self.process().child.id().to_string();
        let done = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(done.expect("kill runs").success());
    }

    /// Waits for its end; its exit code and what it said.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> Ran {
        let mut process = self.process.take().expect("it runs");
        eventually("the server ends", || process.has_ended());
        let code = process.child.wait().expect("a child").code();
        Ran { code, out: process.out.text(), err: process.err.text() }
    }

    /// A client of the remote that goes deep, and has the show on stage.
    #[track_caller]
    pub(crate) fn client(&self) -> Client {
        self.client_as(Greeting { deep: true, ..Greeting::default() })
    }

    /// A client of the remote, as it greets.
    #[track_caller]
    pub(crate) fn client_as(&self, greeting: Greeting<'_>) -> Client {
        let mut client = Client::connect(self.port, "/ws", &[]).expect("a WebSocket");
        client.hello(greeting);
        client.until("a show is on stage", |state| state["system"]["show"].is_string());
        client
    }

    /// A client of another address.
    #[track_caller]
    pub(crate) fn speaks(&self, path: &str) -> Client {
        Client::connect(self.port, path, &[]).expect("a WebSocket")
    }

    /// Asks by HTTP.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        http::ask(self.port, "GET", path, &[], "")
    }

    /// The newest frame of the first universe that goes out.
    #[track_caller]
    pub(crate) fn light(&self) -> Vec<u8> {
        self.wire.set_nonblocking(true).expect("a socket");
        while self.wire.recv(&mut [0; 1024]).is_ok() {}
        self.wire.set_nonblocking(false).expect("a socket");
        self.frame()
    }

    /// The next frame of the first universe: an ArtDmx packet without its header.
    #[track_caller]
    pub(crate) fn frame(&self) -> Vec<u8> {
        loop {
            let mut packet = [0; 1024];
            let length = self.wire.recv(&mut packet).expect("a frame comes");
            if length > 18 && packet[14] == 0 {
                return packet[18..length].to_vec();
            }
        }
    }

    /// The same if one has come.
    pub(crate) fn frame_if_any(&self) -> Option<Vec<u8>> {
        let mut packet = [0; 1024];
        self.wire.set_nonblocking(true).expect("a socket");
        loop {
            let length = self.wire.recv(&mut packet).ok()?;
            if length > 18 && packet[14] == 0 {
                return Some(packet[18..length].to_vec());
            }
        }
    }

    /// Waits for light that is so.
    #[track_caller]
    pub(crate) fn light_comes(&self, what: &str, so: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let frame = self.light();
            if so(&frame) {
                return frame;
            }
            let lit = &frame[..frame.len().min(30)];
            assert!(Instant::now() < deadline, "never on the wire: {what}; it is {lit:?}");
        }
    }
}

/// The project of most tests: a show with a song, a chaser and rows of old, and another show.
pub(crate) fn studio() -> Project {
    let project = Project::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/studio");
    copy(&from, &project.root());
    fs::write(project.path("songs/beat.wav"), silence(16)).expect("the song is written");
    project
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("the file is copied");
        }
    }
}

/// So many seconds of nothing, as WAV.
fn silence(seconds: u32) -> Vec<u8> {
    const RATE: u32 = 8_000;
    let length = seconds * RATE * 2;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend(RATE.to_le_bytes());
    wav.extend((RATE * 2).to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.resize(wav.len() + length as usize, 0);
    wav
}

/// The sources of a project by path: all but what is built.
pub(crate) fn sources(project: &Project) -> Vec<(PathBuf, Vec<u8>)> {
    let root = project.root();
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(&root).expect("within").to_owned();
            if path.is_dir() {
                let is_built = name == Path::new("build") || name == Path::new(".state");
                folders.extend((!is_built).then_some(path));
            } else {
                files.push((name, fs::read(path).expect("the file is read")));
            }
        }
    }
    files.sort();
    files
}
