//! Those who mean no good, and those whose programs are broken.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use tungstenite::Message;

use crate::house::{PATIENCE, Serving, eventually, studio};
use crate::http;

/// A server with little patience.
fn impatient() -> Serving {
    let project = studio();
    project.write("serve.toml", "[limits]\npatience_ms = 300\nmessage = 4096\n");
    Serving::of(project, &[])
}

/// The server is well, and leads the show.
#[track_caller]
fn goes_on(serving: &Serving) {
    let mut client = serving.client();
    client.does("levels.set", &json!({ "grand": 1 }));
    assert_eq!(serving.get("/healthz").status, 200);
}

#[test]
fn messages_that_are_none_are_told_and_borne_for_a_while() {
    let serving = impatient();
    let mut client = serving.client();
    let broken = [
        "{",
        "",
        "[]",
        "null",
        "42",
        "\"hello\"",
        "{\"type\":7}",
        "{\"kind\":\"hello\"}",
        "{\"type\":\"helo\"}",
        "{\"type\":\"intent\"}",
        "{\"type\":\"intent\",\"name\":3}",
    ];
    for text in broken {
        client.say_raw(Message::text(text)).unwrap();
        let told = client.hears(text, |told| told["level"] == "error");
        assert_eq!(told["data"]["reason"], "invalid", "{text}: {told}");
    }
    client.say_raw(Message::binary(vec![0, 159, 146, 150])).unwrap();
    let told = client.hears("binary", |told| told["level"] == "error");
    assert!(told["message"].to_string().contains("not binary"), "{told}");
    client.does("levels.set", &json!({ "grand": 0.5 }));
    for _ in 0..60 {
        // It may close in between.
        let _ = client.say_raw(Message::text("nonsense"));
    }
    assert_eq!(client.closed(), 1008);
    let mut polite = serving.client();
    let leave = tungstenite::protocol::CloseFrame { code: 1000.into(), reason: "bye".into() };
    polite.say_raw(Message::Close(Some(leave))).unwrap();
    assert_eq!(polite.closed(), 1000, "a leave is answered");
    let deep = format!("{}1{}", "[".repeat(2000), "]".repeat(2000));
    serving.speaks("/ws").say_raw(Message::text(deep)).unwrap();
    goes_on(&serving);
}

#[test]
fn a_message_that_is_too_large_ends_its_own_connection_only() {
    let serving = impatient();
    let mut other = serving.client();
    for path in ["/ws", "/ws/live", "/ws/v1"] {
        let mut client = serving.speaks(path);
        let giant = json!({ "type": "hello", "more": "x".repeat(100_000) });
        // The door may close before all of it is said.
        let _ = client.say_raw(Message::text(giant.to_string()));
        assert_eq!(client.closed(), 1009);
    }
    let answer = http::ask(serving.port, "POST", "/rgb", &[], &" ".repeat(100_000));
    assert_eq!(answer.status, 413);
    other.does("levels.set", &json!({ "grand": 0.5 }));
    goes_on(&serving);
}

/// What is promised and does not come, and answers that nobody takes, keep nobody else out.
#[test]
fn bodies_that_do_not_come_are_not_waited_for() {
    let project = studio();
    project.write("serve.toml", "[limits]\npatience_ms = 300\nconnections = 8\n");
    let serving = Serving::of(project, &[]);
    drop(serving.client());
    eventually("nobody is here", || serving.get("/metrics").body.contains("dmx_ws_clients 0"));
    let waiting: Vec<TcpStream> = (0..7)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
            let begin = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{";
            stream.write_all(begin.as_bytes()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream
        })
        .collect();
    for mut stream in waiting {
        let mut told = Vec::new();
        stream.read_to_end(&mut told).unwrap();
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    }
    goes_on(&serving);
}

#[test]
fn half_a_handshake_and_slow_headers_are_not_waited_for() {
    let serving = impatient();
    let begins = [
        "",
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n",
        "GET /rgb HT",
        "\u{0}\u{1}\u{2}",
    ];
    let mut waiting: Vec<TcpStream> = Vec::new();
    for begin in begins {
        let mut stream = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
        stream.write_all(begin.as_bytes()).unwrap();
        waiting.push(stream);
    }
    goes_on(&serving);
    for (stream, begin) in waiting.iter_mut().zip(begins) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // Ends by itself, with a word or without.
        let ended = stream.read_to_end(&mut Vec::new());
        assert!(
            !ended.is_err_and(|error| matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            )),
            "`{begin}` is waited for"
        );
    }
    // A letter now and then does not keep the door open.
    let mut slow = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
    let letters =
        "GET /rgb HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".bytes().chain(std::iter::repeat(b'x'));
    let closed = letters.take(600).any(|letter| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        slow.write_all(&[letter]).is_err()
    });
    assert!(closed, "slow headers are waited for");
    let wrong = http::ask(serving.port, "GET", "/ws", &[], "");
    assert!((400..500).contains(&wrong.status), "{wrong:?}");
    goes_on(&serving);
}

#[test]
fn no_path_leads_to_files() {
    let serving = impatient();
    drop(serving.client());
    let paths = [
        "/../serve.toml",
        "/serve.toml",
        "/song/../serve.toml",
        "/song/../../etc/passwd",
        "/song/%2e%2e/%2e%2e/serve.toml",
        "/song/..%2f..%2fserve.toml",
        "/%2e%2e/serve.toml",
        "/song?of=../serve.toml",
        "/song/peaks?of=/etc/passwd",
        "/projects/..%2fother/select",
        "/page.js/../../serve.toml",
        "//etc/passwd",
        "/song%00/etc/passwd",
        "/shows/studio/show.toml",
    ];
    for path in paths {
        for method in ["GET", "POST"] {
            let answer = http::ask(serving.port, method, path, &[], "");
            for secret in ["patience_ms", "root:", "Studio\""] {
                assert!(!answer.body.contains(secret), "{method} {path}: {}", answer.body);
            }
            let is_song = path.starts_with("/song?") || path.starts_with("/song/peaks?");
            assert!(answer.status >= 400 || is_song, "{method} {path}: {}", answer.status);
        }
    }
    let mut client = serving.client();
    for show in ["../studio", "/etc", "..", "studio/../studio", ""] {
        client.may_not("song.load", &json!({ "show": show }), "not_found");
    }
    goes_on(&serving);
}
