//! Who is on the network: a monitor as a node, a player as a source, all on loopback.

mod common;

use std::time::Duration;

use common::{Project, free_port, wait_until_taken};
use serde_json::Value;

#[test]
fn nodes_and_sources_are_listed() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let ports = [(); 4].map(|()| free_port());
    let [artnet, sacn, asking, discovering] = ports.map(|port| port.to_string());
    let [at_monitor, at_list] = [&artnet, &discovering].map(|port| format!("127.0.0.1:{port}"));
    let monitor = ["monitor", "--json", "--announce", "--bind", "127.0.0.1"];
    let _monitor =
        project.start(&[&monitor[..], &["--artnet-port", &artnet, "--sacn-port", &sacn]].concat());
    wait_until_taken(ports[0]);
    let list = |format: &str, wait: &str| {
        let list = ["node", "list", "--to", &at_monitor, "--bind", "127.0.0.1", "--wait", wait];
        let ports = ["--artnet-port", &asking, "--sacn-port", &discovering];
        project.start(&[&list[..], &ports, &["--message-format", format]].concat())
    };
    // Starts before the player, which tells of its universes at once and then after ten seconds.
    let listed = list("json", "7");
    wait_until_taken(ports[3]);
    let play = ["play", "build/hello.canvas", "--loop", "--audio", "none"];
    let to = ["--artnet", &at_monitor, "--sacn", &at_list];
    let player = project.start(&[&play[..], &to].concat());
    let ran = listed.wait(Duration::from_secs(60)).exits(0);
    let lines: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let node = lines.iter().find(|line| line["reason"] == "node").expect("a node");
    assert_eq!((&node["address"], &node["name"]), (&"127.0.0.1".into(), &"gobo monitor".into()));
    // It is polled again after three seconds, when it has heard the player.
    assert_eq!(node["outputs"][0]["universe"], 1, "{node}");
    assert_eq!(node["outputs"][0]["port_address"], 0);
    let source = lines.iter().find(|line| line["reason"] == "source").expect("a source");
    assert_eq!((&source["protocol"], &source["name"]), (&"E1.31".into(), &"gobo hello".into()));
    assert_eq!(source["universes"], serde_json::json!([1]));
    assert!(source["heard"][0]["rate"].as_f64().unwrap() > 10.0, "{source}");

    let ran = list("human", "2").wait(Duration::from_secs(60)).exits(0);
    assert!(ran.out.contains("1 (0:0:0)"), "{}", ran.out);
    assert!(ran.out.contains("gobo monitor: shows the levels it hears"), "{}", ran.out);
    assert!(ran.out.contains("gobo hello"), "{}", ran.out);
    drop(player);
}

#[test]
fn nobody_is_no_failure_and_no_network_is() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [free_port(), free_port()].map(|port| port.to_string());
    let list = ["node", "list", "--bind", "127.0.0.1", "--wait", "0.2", "--artnet-port", &ports[0]];
    let more = ["--sacn-port", &ports[1], "--to", "127.0.0.1:9"];
    let ran = common::run(folder.path(), &[&list[..], &more].concat()).exits(0);
    assert_eq!(ran.out, "no nodes answered\nno sources were heard\n");
    let elsewhere = ["node", "list", "--bind", "192.0.2.1", "--to", "192.0.2.2"];
    let ran = common::run(folder.path(), &elsewhere).exits(3);
    assert!(ran.err.starts_with("error: cannot listen at 192.0.2.1:6454: "), "{}", ran.err);
}
