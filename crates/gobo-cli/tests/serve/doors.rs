//! Who may come in, and by which door.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::client::{Client, Greeting};
use crate::common::outside::tool;
use crate::house::{Serving, eventually, studio};
use crate::http;

const CONTROL: &str = "control-of-the-studio";
const VIEW: &str = "view-of-the-studio";
const TOKENS: [(&str, &str); 2] = [("GOBO_CONTROL_TOKEN", CONTROL), ("GOBO_VIEW_TOKEN", VIEW)];

fn guarded() -> Serving {
    Serving::with(studio(), &[], &TOKENS)
}

#[test]
fn a_token_opens_wherever_it_may_stand() {
    let mut serving = guarded();
    let port = serving.port;
    let bearer = format!("Bearer {CONTROL}");
    let login = http::ask(port, "POST", "/login", &[], &json!({ "token": CONTROL }).to_string());
    assert_eq!((login.status, &login.json()["role"]), (200, &json!("control")));
    let head = login.head.to_lowercase();
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.expect("a cookie").to_owned();
    assert!(cookie.contains("httponly") && cookie.contains("samesite=strict"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a value");
    for headers in [[("authorization", &*bearer)], [("x-api-key", CONTROL)], [("cookie", cookie)]] {
        assert_eq!(http::ask(port, "GET", "/rgb", &headers, "").status, 200, "{headers:?}");
        let mut client = Client::connect(port, "/ws", &headers).expect("a WebSocket");
        client.hello(Greeting::default());
        assert_eq!(client.role, "control", "{headers:?}");
    }
    let query = format!("/rgb?token={CONTROL}");
    assert_eq!(serving.get(&query).status, 200);
    let mut client = serving.speaks(&format!("/ws?token={CONTROL}"));
    client.hello(Greeting::default());
    let client = serving.client_as(Greeting { token: Some(CONTROL), deep: true });
    assert_eq!(client.role, "control");
    for open in ["/healthz", "/readyz", "/"] {
        assert_ne!(serving.get(open).status, 401, "{open}");
    }
    assert!(!serving.told().contains(CONTROL) && !serving.told().contains(VIEW));
}

#[test]
fn whoever_may_see_does_nothing() {
    let serving = guarded();
    let port = serving.port;
    let mut client = serving.client_as(Greeting { token: Some(VIEW), deep: true });
    assert_eq!(client.role, "view");
    client.may_not("transport.play", &json!({}), "forbidden");
    let ack = client.commands(
        &json!({ "type": "dmx.set", "id": "a", "ts": 1, "universe": 1, "channel": 1, "value": 1 }),
    );
    assert_eq!((&ack["accepted"], &ack["reason"]), (&json!(false), &json!("forbidden")));
    let see = [("x-api-key", VIEW)];
    assert_eq!(http::ask(port, "GET", "/rgb", &see, "").status, 200);
    assert_eq!(http::ask(port, "POST", "/rgb", &see, "{}").status, 403);
    assert_eq!(http::ask(port, "POST", "/projects/other/select", &see, "").status, 403);
}

#[test]
fn without_a_token_or_with_a_wrong_one_nobody_comes_in() {
    let serving = guarded();
    let port = serving.port;
    for path in ["/rgb", "/metrics", "/song", "/song/peaks", "/projects"] {
        assert_eq!(serving.get(path).status, 401, "{path}");
    }
    assert_eq!(http::ask(port, "POST", "/rgb", &[], "{}").status, 401);
    assert_eq!(http::ask(port, "GET", "/rgb", &[("x-api-key", "wrong")], "").status, 401);
    for path in ["/ws", "/ws/live", "/ws/v1"] {
        let mut client = Client::connect(port, path, &[("x-api-key", "wrong")]).expect("it opens");
        assert_eq!(client.closed(), 4401, "{path}");
        let mut client = serving.speaks(path);
        client.say(&json!({ "type": "intent", "name": "transport.play" }));
        assert_eq!(client.closed(), 4401, "{path}");
    }
    let mut client = serving.speaks("/ws");
    client.say(&json!({ "type": "hello", "token": "wrong" }));
    assert_eq!(client.closed(), 4401);
}

#[test]
fn whoever_guesses_too_often_is_told_to_wait() {
    let serving = guarded();
    let mut statuses = Vec::new();
    for guess in 0..200 {
        let guess = format!("guess-number-{guess}");
        let answer = http::ask(serving.port, "GET", "/rgb", &[("x-api-key", &guess)], "");
        statuses.push(answer.status);
        if answer.status == 429 {
            break;
        }
    }
    assert_eq!((statuses[0], statuses.last()), (401, Some(&429)), "{statuses:?}");
    let right = http::ask(serving.port, "GET", "/rgb", &[("x-api-key", CONTROL)], "");
    assert_eq!(right.status, 200, "the right one opens, whatever others at its address do");
    let wrong = http::ask(serving.port, "GET", "/rgb", &[("x-api-key", "another-guess")], "");
    assert_eq!(wrong.status, 429);
}

#[test]
fn pages_of_others_and_strange_names_are_turned_away() {
    let options = ["--origin", "https://desk.example.org", "--host", "lights.local"];
    let serving = Serving::of(studio(), &options);
    let port = serving.port;
    let ask = |headers: &[(&str, &str)]| http::ask(port, "GET", "/rgb", headers, "").status;
    let ours = format!("http://127.0.0.1:{port}");
    assert_eq!(ask(&[("Origin", &ours)]), 200);
    assert_eq!(ask(&[("Origin", "https://desk.example.org")]), 200);
    assert_eq!(ask(&[("Origin", "https://evil.example")]), 403);
    assert_eq!(ask(&[("Origin", "null")]), 403);
    assert_eq!(ask(&[("Host", "lights.local")]), 200);
    assert_eq!(ask(&[("Host", "evil.example")]), 421);
    let post = http::ask(port, "POST", "/rgb", &[("Origin", "https://evil.example")], "{}");
    assert_eq!(post.status, 403);
    let socket = |headers: &[(&'static str, &str)]| Client::connect(port, "/ws", headers).err();
    assert_eq!(socket(&[("origin", "https://evil.example")]), Some(403));
    assert_eq!(socket(&[("host", "evil.example")]), Some(421));
    assert_eq!(socket(&[("origin", &ours)]), None);
}

#[test]
fn beyond_this_machine_a_token_is_needed() {
    let project = studio();
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let ran = project.run(&["serve", "studio", "--audio", "null", "--listen", listen]).exits(2);
        assert!(ran.err.contains("a token is needed"), "{}", ran.err);
        assert!(ran.err.contains("--control-token FILE"), "{}", ran.err);
    }
    project.write("weak", "short\n");
    let ran = project.run(&["serve", "--control-token", "weak"]).exits(2);
    assert!(ran.err.contains("weak") && ran.err.contains("16"), "{}", ran.err);
    project.write("view", VIEW);
    project.run(&["serve", "--listen", "0.0.0.0:0", "--view-token", "view"]).exits(2);
    project.write("strong", CONTROL);
    let check = ["serve", "--check", "--listen", "0.0.0.0:0", "--control-token", "strong"];
    project.run(&check).exits(0);
}

#[test]
fn a_configuration_is_checked_before_anything_is_served() {
    let project = studio();
    let check = |config: &str| {
        project.write("serve.toml", config);
        project.run(&["serve", "studio", "--check", "--listen", "127.0.0.1:0"])
    };
    let ran = check("[limits]\nrate = 50\n").exits(0);
    assert!(ran.out.contains("studio would be served"), "{}", ran.out);
    let cases = [
        ("listn = 'x'\n", "serve.toml:1:1: "),
        ("origins = []\n[tokens]\ncontrl = 'x'\n", "serve.toml:3:1: "),
        ("[live]\nqueue = 'many'\n", "serve.toml:2:9: "),
        ("[llm]\nurl = 'ftp://x'\nmodel = 'm'\n", "llm.url"),
        ("[mqtt\n", "serve.toml:1:6: "),
    ];
    for (config, place) in cases {
        let ran = check(config).exits(2);
        assert!(ran.err.contains(place), "{config}: {}", ran.err);
        let ran = project.run(&["serve", "studio", "--listen", "127.0.0.1:0"]).exits(2);
        assert!(ran.err.contains(place), "{config}: {}", ran.err);
    }
    // What is to be opened is opened, and what serving would refuse is refused.
    let cases = [
        ("[mqtt]\npassword = 'x'\n", 2, "mqtt.password"),
        ("[mqtt]\ntls = { ca = 'none.pem' }\n", 3, "none.pem"),
        ("[live]\nfolder = 'serve.toml/x'\n", 3, "serve.toml/x"),
        ("[live]\ncolour = { group = 'parss' }\n", 2, "did you mean `pars`"),
        ("[live]\ncolour = { fixtures = ['haed'] }\n", 2, "did you mean `head`"),
    ];
    for (config, code, words) in cases {
        let ran = check(config).exits(code);
        assert!(ran.err.contains(words), "{config}: {}", ran.err);
    }
    fs::remove_file(project.path("serve.toml")).unwrap();
    let device = ["--check", "--listen", "127.0.0.1:0", "--audio", "nosuchdevice"];
    let ran = project.run(&[&["serve", "studio"][..], &device].concat()).exits(3);
    assert!(ran.err.contains("nosuchdevice"), "{}", ran.err);
    project.edit("shows/studio/base.json", "\"amber\"", "\"ambr\"");
    let ran = project.run(&["serve", "studio", "--check", "--listen", "127.0.0.1:0"]).exits(1);
    assert!(ran.err.contains("ambr"), "{}", ran.err);
    project.run(&["serve", "studo", "--check"]).exits(2);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let ran = project.run(&["serve", "other", "--check", "--listen", &taken]);
    assert!(ran.code != Some(0) && ran.err.contains(&taken), "{:?} {}", ran.code, ran.err);
}

#[test]
fn connections_are_encrypted_where_there_is_a_certificate() {
    let Some(openssl) = tool("openssl") else { return };
    let project = studio();
    let make = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
                -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1";
    let make = make.split_whitespace();
    let made = Command::new(&openssl).args(make).current_dir(project.root()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    project.write("bad.pem", "no certificate\n");
    let bad = ["serve", "--check", "--tls-cert", "bad.pem", "--tls-key", "key.pem"];
    let ran = project.run(&bad);
    assert!(ran.code != Some(0) && ran.err.contains("bad.pem"), "{:?} {}", ran.code, ran.err);
    let mut serving = Serving::of(project, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    assert!(serving.told().contains("\"url\":\"https://"));
    let (port, cert) = (serving.port, serving.project.path("cert.pem"));
    let ask = |version: &str| ask_secretly(&openssl, version, port, &cert);
    eventually("it answers", || ask("-tls1_3").contains("200 OK"));
    assert!(ask("-tls1_2").contains("200 OK"));
    assert!(!ask("-tls1_1").contains("200 OK"), "old versions are refused");
    let plain = http::raw(port, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assert!(!String::from_utf8_lossy(&plain).contains("200 OK"), "nothing is said plainly");
}

/// Whether the server is alive, asked by another program that trusts this certificate only.
fn ask_secretly(openssl: &Path, version: &str, port: u16, cert: &Path) -> String {
    let mut client = Command::new(openssl)
        .args(["s_client", "-quiet", "-verify_return_error", version])
        .args(["-connect", &format!("127.0.0.1:{port}"), "-CAfile"])
        .arg(cert)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let host = format!("Host: 127.0.0.1:{port}");
    let request = format!("GET /healthz HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n");
    let mut pipe = client.stdin.take().unwrap();
    // Where versions do not fit, nobody listens.
    let _ = pipe.write_all(request.as_bytes());
    let answer = client.wait_with_output().unwrap().stdout;
    drop(pipe);
    String::from_utf8_lossy(&answer).into_owned()
}
