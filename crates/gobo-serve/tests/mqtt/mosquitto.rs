//! A broker for a test, and those who talk to it: programs that are not ours.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gobo_serve::mqtt::MqttConfig;
use tempfile::TempDir;

/// How long something may take that does not take long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until it is so.
pub(crate) fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) struct Mosquitto {
    pub(crate) folder: TempDir,
    pub(crate) port: u16,
    /// What those who talk to it say besides: who they are.
    pub(crate) login: Vec<String>,
    program: String,
    running: Option<Child>,
}

impl Mosquitto {
    /// One that anybody may talk to.
    pub(crate) fn start() -> Option<Self> {
        Self::with("allow_anonymous true\n", |_| {})
    }

    /// One with this configuration, where `FOLDER` is its folder, which is prepared first.
    pub(crate) fn with(config: &str, prepare: impl FnOnce(&Path)) -> Option<Self> {
        let Some(program) = program() else {
            println!("skipped: mosquitto or its clients are not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path());
        let path = folder.path().display().to_string();
        let config = config.replace("FOLDER", &path);
        let mut broker = Self { folder, port: 0, login: Vec::new(), program, running: None };
        // A port that is free may be somebody else's by the time the broker wants it.
        let found = (0..20).any(|_| {
            broker.port = free_port();
            let listener = format!("user root\nlistener {} 127.0.0.1\n{config}", broker.port);
            std::fs::write(broker.folder.path().join("conf"), listener).expect("written");
            broker.try_begin()
        });
        assert!(found, "mosquitto does not start");
        Some(broker)
    }

    /// Starts it anew, knowing nothing of what was.
    pub(crate) fn begin(&mut self) {
        assert!(self.try_begin(), "mosquitto does not start");
    }

    /// Says whether it listens; it ends at once if it cannot.
    fn try_begin(&mut self) -> bool {
        let mut child = Command::new(&self.program)
            .arg("-c")
            .arg(self.folder.path().join("conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let (port, mut ended) = (self.port, false);
        eventually("mosquitto listens", || {
            let listens = TcpStream::connect(("127.0.0.1", port)).is_ok();
            ended = child.try_wait().expect("a child").is_some();
            listens || ended
        });
        self.running = Some(child);
        !ended
    }

    /// Kills it, without a farewell.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().expect("killed");
            child.wait().expect("it is gone");
        }
    }

    /// Has it do nothing, its connections open, or go on.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.running.as_ref().expect("it runs").id().to_string();
        let done = Command::new("kill").args([signal, &id]).status().expect("it runs");
        assert!(done.success(), "kill {signal}");
    }

    pub(crate) fn config(&self) -> MqttConfig {
        let (host, port) = ("127.0.0.1".to_owned(), Some(self.port));
        MqttConfig { host, port, retry_s: 1, ..MqttConfig::default() }
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(&self.login);
        command
    }

    pub(crate) fn publish(&self, topic: &str, message: &str) {
        self.publish_as(topic, message, &["-q", "1"]);
    }

    pub(crate) fn publish_as(&self, topic: &str, message: &str, how: &[&str]) {
        let file = self.folder.path().join("message");
        std::fs::write(&file, message).expect("written");
        let mut client = self.client("mosquitto_pub");
        let done = client.args(["-t", topic, "-f"]).arg(file).args(how).status().expect("it runs");
        assert!(done.success(), "mosquitto_pub {topic}");
    }

    /// Publishes each line of a text.
    pub(crate) fn publish_lines(&self, topic: &str, lines: &str) {
        let file = self.folder.path().join("lines");
        std::fs::write(&file, lines).expect("written");
        let lines = std::fs::File::open(file).expect("it is there");
        let mut client = self.client("mosquitto_pub");
        let done = client.args(["-t", topic, "-q", "1", "-l"]).stdin(lines).status();
        assert!(done.expect("it runs").success(), "mosquitto_pub -l {topic}");
    }

    /// What is retained at a topic, if anything is.
    pub(crate) fn retained(&self, topic: &str) -> Option<String> {
        let how = ["-t", topic, "-q", "1", "-C", "1", "-W", "1", "--retained-only"];
        let output = self.client("mosquitto_sub").args(how).output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("text");
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    pub(crate) fn eventually_retains(&self, topic: &str, what: impl Fn(&str) -> bool) {
        eventually(topic, || self.retained(topic).is_some_and(|text| what(&text)));
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("a port").port()
}

fn program() -> Option<String> {
    let runs = |program: &str| {
        Command::new(program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    runs("mosquitto_sub").ok()?;
    runs("mosquitto_pub").ok()?;
    let places = ["mosquitto", "/usr/sbin/mosquitto"];
    places.into_iter().find(|place| runs(place).is_ok()).map(str::to_owned)
}
