//! Passwords and TLS.

use std::path::Path;
use std::process::{Command, Stdio};

use gobo_serve::mqtt::{ClientCertificate, MqttConfig, MqttTls, Secret};

use crate::mosquitto::{Mosquitto, eventually};
use crate::server::{COMMAND, STATE, Server, command, is_red};

fn run(program: &str, folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().expect(program).success(), "{program} {arguments:?}");
}

fn password(folder: &Path) {
    run("mosquitto_passwd", folder, &["-c", "-b", "passwords", "gobo", "open sesame"]);
}

/// `NAME.pem` and `NAME.key`, vouched for by `ca` or, if it is that, by itself.
fn certificate(folder: &Path, name: &str, extensions: &str) {
    let conf = format!("[req]\ndistinguished_name=dn\n[dn]\n[ext]\n{extensions}\n");
    std::fs::write(folder.join("openssl.conf"), conf).expect("written");
    let (key, pem, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/CN={name}"));
    let mut arguments = vec![
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-config",
        "openssl.conf",
        "-extensions",
        "ext",
        "-subj",
        &subject,
        "-keyout",
        &key,
        "-out",
        &pem,
    ];
    if name != "ca" {
        arguments.extend(["-CA", "ca.pem", "-CAkey", "ca.key"]);
    }
    run("openssl", folder, &arguments);
}

fn certificates(folder: &Path) {
    certificate(folder, "ca", "basicConstraints=critical,CA:TRUE");
    let leaf = "basicConstraints=critical,CA:FALSE\nsubjectAltName=IP:127.0.0.1";
    certificate(folder, "broker", leaf);
    certificate(folder, "client", leaf);
    password(folder);
}

fn there(program: &str) -> bool {
    let there = Command::new(program).arg("version").stdout(Stdio::null()).status().is_ok();
    if !there {
        println!("skipped: {program} is not installed");
    }
    there
}

fn login(mut config: MqttConfig, password: &str) -> MqttConfig {
    config.username = Some("gobo".to_owned());
    config.password = Some(Secret::new(password));
    config
}

#[test]
fn a_password_lets_in_and_a_wrong_one_is_told_but_not_shown() {
    let conf = "allow_anonymous false\npassword_file FOLDER/passwords\n";
    let Some(mut mosquitto) = Mosquitto::with(conf, password) else { return };
    mosquitto.login = ["-u", "gobo", "-P", "open sesame"].map(str::to_owned).to_vec();
    let wrong = Server::start(&login(mosquitto.config(), "open barley"));
    eventually("it is refused", || wrong.losses() > 0);
    let status = wrong.broker.status();
    assert!(!status.connected);
    let error = status.last_error.expect("a reason");
    assert!(error.starts_with("the broker refused us"), "{error}");
    let config = login(mosquitto.config(), "open sesame");
    for shown in [format!("{:?}", wrong.events()), format!("{config:?}"), error] {
        assert!(!shown.contains("barley") && !shown.contains("sesame"), "{shown}");
    }
    drop(wrong);
    let server = Server::start(&config);
    server.connects();
    mosquitto.publish(COMMAND, &command(1, 4));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 4));
}

#[test]
fn tls_goes_both_ways_and_trusts_whom_it_should() {
    if !there("openssl") {
        return;
    }
    let conf = "allow_anonymous false\npassword_file FOLDER/passwords\nrequire_certificate true\n\
        cafile FOLDER/ca.pem\ncertfile FOLDER/broker.pem\nkeyfile FOLDER/broker.key\n";
    let Some(mut mosquitto) = Mosquitto::with(conf, certificates) else { return };
    let file = |name: &str| mosquitto.folder.path().join(name);
    let shown = |name: &str| file(name).display().to_string();
    let login_of_clients = [
        "-u",
        "gobo",
        "-P",
        "open sesame",
        "--cafile",
        &shown("ca.pem"),
        "--cert",
        &shown("client.pem"),
        "--key",
        &shown("client.key"),
    ];
    let login_of_clients = login_of_clients.map(str::to_owned).to_vec();
    let client = ClientCertificate { certificate: file("client.pem"), key: file("client.key") };
    let mut config = login(mosquitto.config(), "open sesame");
    config.tls = Some(MqttTls { ca: Some(file("ca.pem")), client: Some(client.clone()) });
    // Somebody else's word for the broker, and no word for us.
    let stranger = MqttTls { ca: Some(file("client.pem")), client: Some(client) };
    let nobody = MqttTls { ca: Some(file("ca.pem")), client: None };
    mosquitto.login = login_of_clients;
    for tls in [stranger, nobody] {
        let server = Server::start(&MqttConfig { tls: Some(tls), ..config.clone() });
        eventually("it is lost", || server.losses() > 0);
        assert!(!server.broker.status().connected);
    }
    let server = Server::start(&config);
    server.connects();
    mosquitto.publish(COMMAND, &command(1, 5));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 5));
}
