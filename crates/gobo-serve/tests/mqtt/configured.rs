use std::path::PathBuf;

use gobo_serve::live::Order;
use gobo_serve::live::queue::Queue;
use gobo_serve::mqtt::{Broker, ClientCertificate, MqttConfig, MqttTls, Secret};

fn refused(change: impl FnOnce(&mut MqttConfig)) -> String {
    let mut config = MqttConfig::default();
    change(&mut config);
    let broker = Broker::new(&config, Queue::<Order>::new(1), std::sync::Arc::new(drop));
    broker.err().expect("refused").to_string()
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_tried() {
    assert!(refused(|config| config.host.clear()).starts_with("mqtt.host: "));
    assert!(refused(|config| config.prefix = "a/#".to_owned()).starts_with("mqtt.prefix: "));
    assert!(refused(|config| config.device = "a/b".to_owned()).starts_with("mqtt.device: "));
    assert!(refused(|config| config.keep_alive_s = 0).starts_with("mqtt.keep_alive_s: "));
    let empty = Some(String::new());
    assert!(refused(|config| config.client_id = empty).starts_with("mqtt.client_id: "));
    let secret = Some(Secret::new("x"));
    assert!(refused(|config| config.password = secret).starts_with("mqtt.password: "));
}

#[test]
fn files_that_are_none_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let tls = |ca: PathBuf| Some(MqttTls { ca: Some(ca), client: None });
    assert!(refused(|config| config.tls = tls(file.clone())).contains("ca.pem"));
    std::fs::write(&file, "nothing").expect("written");
    let told = refused(|config| config.tls = tls(file.clone()));
    assert!(told.ends_with("there is no certificate in it"), "{told}");
    let client = ClientCertificate { certificate: file.clone(), key: file };
    let told = refused(|config| {
        config.tls = Some(MqttTls { ca: None, client: Some(client) });
    });
    assert!(!told.is_empty());
}

#[test]
fn defaults_are_those_that_are_documented() {
    let config = MqttConfig::default();
    assert_eq!((config.port(), &*config.client_id()), (1883, "gobo-server"));
    assert_eq!(config.command_topic(), "v1/demo/rgb/cmd");
    assert_eq!(config.device_topic(), "v1/devices/server/state");
    let with_tls = MqttConfig { tls: Some(MqttTls::default()), ..config };
    assert_eq!(with_tls.port(), 8883);
}
