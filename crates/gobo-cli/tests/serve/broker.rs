//! A broker that goes and comes back while the server runs.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::commands::ulid;
use crate::common::outside::tool;
use crate::house::{Serving, eventually, studio};

/// A broker of its own.
struct Mosquitto {
    folder: TempDir,
    port: u16,
    program: PathBuf,
    running: Option<Child>,
}

impl Mosquitto {
    fn start() -> Option<Self> {
        tool("mosquitto_pub")?;
        tool("mosquitto_sub")?;
        let usual = PathBuf::from("/usr/sbin/mosquitto");
        let program = if usual.exists() { usual } else { tool("mosquitto")? };
        let folder = tempfile::tempdir().expect("a folder");
        let mut broker = Self { folder, port: 0, program, running: None };
        // A port that is free may be somebody else's by the time the broker wants it.
        let begins = (0..20).any(|_| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            broker.port = listener.local_addr().expect("an address").port();
            drop(listener);
            let config = format!("listener {} 127.0.0.1\nallow_anonymous true\n", broker.port);
            fs::write(broker.folder.path().join("conf"), config).expect("written");
            broker.begin()
        });
        assert!(begins, "mosquitto does not start");
        Some(broker)
    }

    /// Starts it, knowing nothing of what was; whether it listens.
    fn begin(&mut self) -> bool {
        let mut child = Command::new(&self.program)
            .arg("-c")
            .arg(self.folder.path().join("conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let (port, mut ended) = (self.port, false);
        eventually("mosquitto listens", || {
            ended = child.try_wait().expect("a child").is_some();
            ended || TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        self.running = Some(child);
        !ended
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command
    }

    fn publish(&self, topic: &str, message: &Value) {
        let mut client = self.client("mosquitto_pub");
        client.args(["-t", topic, "-q", "1", "-m", &message.to_string()]);
        assert!(client.status().expect("it runs").success());
    }

    fn retained(&self, topic: &str) -> Value {
        let how = ["-t", topic, "-q", "1", "-C", "1", "-W", "1", "--retained-only"];
        let output = self.client("mosquitto_sub").args(how).output().expect("it runs");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(number: u64, red: u8) -> Value {
    json!({ "schema": "demo.rgb.cmd.v1", "cmdId": ulid(number), "src": "mqtt", "r": red, "g": 0, "b": 0 })
}

fn is_ready(serving: &Serving, ready: bool) {
    let what = if ready { "it is ready" } else { "it is not ready" };
    eventually(what, || {
        let answer = serving.get("/readyz");
        assert_eq!(answer.status == 200, answer.json()["ready"] == true);
        (answer.status == 200) == ready
    });
    assert_eq!(serving.get("/readyz").json()["mqtt"], ready);
    assert_eq!(serving.get("/healthz").status, 200);
}

#[test]
fn a_broker_that_is_killed_and_comes_back_is_told_and_listened_to() {
    let Some(mut broker) = Mosquitto::start() else { return };
    let project = studio();
    let config = format!("[mqtt]\nhost = \"127.0.0.1\"\nport = {}\nretry_s = 1\n", broker.port);
    project.write("serve.toml", &config);
    let serving = Serving::of(project, &[]);
    is_ready(&serving, true);
    broker.publish("v1/demo/rgb/cmd", &command(1, 11));
    eventually("the command is done", || serving.get("/rgb").json()["r"] == 11);
    eventually("it is retained", || broker.retained("v1/demo/rgb/state")["r"] == 11);
    eventually("it is online", || {
        broker.retained("v1/devices/server/state").to_string().contains("online")
    });
    broker.kill();
    is_ready(&serving, false);
    let mut client = serving.client();
    let colour = json!({ "type": "set", "cmdId": ulid(2), "src": "ui", "r": 22, "g": 0, "b": 0 });
    assert_eq!(client.commands(&colour)["accepted"], true, "live control goes on without");
    assert!(broker.begin(), "mosquitto starts again");
    is_ready(&serving, true);
    eventually("what it missed is retained", || broker.retained("v1/demo/rgb/state")["r"] == 22);
    eventually("it is online", || {
        broker.retained("v1/devices/server/state").to_string().contains("online")
    });
    broker.publish("v1/demo/rgb/cmd", &command(3, 33));
    eventually("commands are done again", || serving.get("/rgb").json()["r"] == 33);
    client.until("clients are told", |state| state["rgb"]["r"] == 33);
}
