//! The page of `gobo serve` in a headless browser, against the server itself: its own tests, which
//! are TypeScript (`crates/gobo-serve/page/tests`), run by Node.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{free_port, gobo};
use serde_json::{Value, json};

const TOKEN: &str = "a-token-of-the-page-tests";

/// A server that goes when it is dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Serves the demo of a copy of our own project; more arguments and variables.
    fn new(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let mut command = gobo(folder);
        command
            .args(["serve", "demo", "--audio", "null", "--dry-run", "--quiet", "--listen", &listen])
            .args(args)
            .envs(variables.iter().copied());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(&listen).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "nobody listens at {listen}");
            thread::sleep(Duration::from_millis(20));
        }
        Self { child, url: format!("http://{listen}") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

fn project(folder: &Path) {
    for part in ["shows", "songs", "fixtures"] {
        copy(&root().join(part), &folder.join(part));
    }
}

/// A language model that has one answer: a few words and a cue. Its address.
fn model() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream);
        }
    });
    format!("http://{address}/v1")
}

fn answer(stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let asked: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(asked["stream"], true);
    let cue = json!({ "at": 1, "on": "washes", "set": { "color": "blue" }, "name": "Blue" });
    let arguments = json!({
        "summary": "A blue wash",
        "intents": [{ "name": "cue.add", "payload": { "cue": cue } }],
    });
    let call = json!({ "name": "propose_changes", "arguments": arguments.to_string() });
    let chunks = [
        json!({ "content": "How about " }),
        json!({ "content": "this?" }),
        json!({ "tool_calls": [{ "index": 0, "function": call }] }),
    ];
    let events =
        chunks.map(|delta| format!("data: {}\n\n", json!({ "choices": [{ "delta": delta }] })));
    let mut stream = stream;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    // Whoever cancels has gone.
    let _ = write!(stream, "{head}{}data: [DONE]\n\n", events.concat());
}

#[allow(clippy::print_stderr, reason = "a test that tests nothing has to say so")]
#[test]
fn the_page_leads_the_show() {
    let page = root().join("crates/gobo-serve/page");
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if !page.join("node_modules/.gobo-lock").is_file() || !Path::new(&browser).is_file() {
        eprintln!("the page is not tested: that needs Node and Chromium (make setup-test)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (main, guarded) = (folder.path().join("main"), folder.path().join("guarded"));
    project(&main);
    project(&guarded);
    fs::write(main.join("serve.toml"), format!("[llm]\nurl = '{}'\nmodel = 'm'\n", model()))
        .unwrap();
    let open = Server::new(&main, &["--watch"], &[]);
    let closed = Server::new(&guarded, &[], &[("GOBO_CONTROL_TOKEN", TOKEN)]);
    let again = folder.path().join("again");
    project(&again);
    let port = free_port();
    let command = json!({
        "command": env!("CARGO_BIN_EXE_gobo"),
        "args": ["serve", "demo", "--audio", "null", "--dry-run", "--listen", format!("127.0.0.1:{port}")],
        "cwd": again,
        "url": format!("http://127.0.0.1:{port}"),
    });
    let tests =
        ["remote", "connection", "pictures", "restart"].map(|name| format!("tests/{name}.test.ts"));
    let ran = Command::new("node")
        .args(["--import", "tsx", "--test", "--test-concurrency=1"])
        .args(tests)
        .current_dir(&page)
        .env("GOBO_URL", &open.url)
        .env("GOBO_TOKEN_URL", &closed.url)
        .env("GOBO_TOKEN", TOKEN)
        .env("GOBO_COMMAND", command.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
}
