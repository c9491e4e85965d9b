use std::path::PathBuf;

use gobo_serve::live::{AckForm, ColourSlots, ColourTarget, Figures, LiveConfig, LiveEnv, Metric};
use gobo_serve::mqtt::MqttConfig;

#[derive(serde::Deserialize, Debug)]
struct File {
    #[serde(default)]
    live: LiveConfig,
    mqtt: Option<MqttConfig>,
}

fn file(text: &str) -> Result<File, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

fn env(variables: &[(&str, &str)]) -> Result<LiveEnv, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    LiveEnv::read(variables.iter().map(owned)).map_err(|error| error.to_string())
}

#[test]
fn nothing_configured_is_the_contract() {
    let live = file("").expect("a file").live;
    assert_eq!((live.queue, live.rate_per_second), (10_000, 60));
    assert_eq!((live.dedupe_ttl_s, live.dedupe_capacity), (900, 4_096));
    assert_eq!((live.colour, live.acks, live.folder), (ColourTarget::Off, AckForm::Whole, None));
}

#[test]
fn a_colour_goes_where_it_is_configured_to() {
    let colour =
        |text: &str| file(&format!("[live]\ncolour = {text}")).map(|file| file.live.colour);
    assert_eq!(colour("'off'"), Ok(ColourTarget::Off));
    assert_eq!(colour("{ slots = {} }"), Ok(ColourTarget::Slots(ColourSlots::default())));
    let slots = colour("{ slots = { universe = 2, channels = [10, 11, 512] } }");
    let Ok(ColourTarget::Slots(slots)) = slots else { panic!("{slots:?}") };
    assert_eq!(
        (slots.universe, slots.channels.map(gobo_dmx::Address::get)),
        (Some(2), [10, 11, 512])
    );
    assert_eq!(colour("{ group = 'front' }"), Ok(ColourTarget::Group("front".to_owned())));
    assert!(colour("{ slots = { channels = [0, 1, 2] } }").is_err());
    assert!(colour("{ slots = { chanels = [1, 2, 3] } }").is_err());
    assert!(file("[live]\nque = 1").is_err() && file("[mqtt]\nhots = 'a'").is_err());
}

#[test]
fn the_environment_takes_the_place_of_the_file() {
    let File { mut live, mut mqtt } =
        file("[live]\nqueue = 5\n[mqtt]\nhost = 'a'\npassword = 'old'\nusername = 'me'")
            .expect("it");
    let env = env(&[
        ("DMX_MQTT_HOST", "broker"),
        ("DMX_MQTT_PORT", "1884"),
        ("DMX_MQTT_PASSWORD", "hush"),
        ("DMX_MQTT_CLIENT_ID_PREFIX", "hall"),
        ("DMX_QUEUE_SIZE", "7"),
        ("DMX_CMD_DEDUPE_TTL_SECONDS", "60"),
        ("DMX_CMD_DEDUPE_CAPACITY", "9"),
        ("DMX_PERSISTENCE_PATH", "data/state.json"),
        ("DMX_DEDUPE_PATH", "data/cmd_seen.json"),
        ("DMX_MQTT_KEEPALIVE", ""),
        ("DMX_OLA_FPS", "44"),
        ("DMX_ALLOWED_ORIGINS", "https://a.example, https://b.example:8443"),
        ("PATH", "/bin"),
    ])
    .expect("it makes sense");
    assert_eq!(env.others(), ["DMX_OLA_FPS (outputs are the venue's, or `--ola`)"]);
    assert_eq!(env.origins(), ["https://a.example", "https://b.example:8443"]);
    assert!(!format!("{env:?}").contains("hush"));
    env.apply(&mut live, &mut mqtt);
    assert_eq!((live.queue, live.dedupe_ttl_s, live.dedupe_capacity), (7, 60, 9));
    assert_eq!(live.folder, Some(PathBuf::from("data")));
    let mqtt = mqtt.expect("a broker");
    assert_eq!((&*mqtt.host, mqtt.port(), mqtt.keep_alive_s), ("broker", 1884, 30));
    assert_eq!((&*mqtt.client_id(), mqtt.username.as_deref()), ("hall-server", Some("me")));
    assert_eq!(mqtt.password.expect("one").reveal(), "hush");
}

#[test]
fn no_broker_is_spoken_to_unless_something_says_so() {
    let (mut live, mut mqtt) = (LiveConfig::default(), None);
    env(&[("DMX_QUEUE_SIZE", "7")]).expect("it").apply(&mut live, &mut mqtt);
    assert_eq!(mqtt, None);
    env(&[("DMX_MQTT_HOST", "b")]).expect("it").apply(&mut live, &mut mqtt);
    assert_eq!(mqtt.map(|mqtt| mqtt.port()), Some(1883));
}

#[test]
fn all_that_makes_no_sense_is_told_at_once() {
    let told = env(&[
        ("DMX_MQTT_PORT", "70000"),
        ("DMX_QUEUE_SIZE", "0"),
        ("DMX_CMD_DEDUPE_CAPACITY", "many"),
        ("DMX_PERSISTENCE_PATH", "data/other.json"),
    ])
    .expect_err("four mistakes");
    let expected = "\
        DMX_CMD_DEDUPE_CAPACITY: a whole number from 1 to 10000000 was expected, not `many`\n\
        DMX_MQTT_PORT: a whole number from 1 to 65535 was expected, not `70000`\n\
        DMX_PERSISTENCE_PATH: a path that ends in `state.json` was expected\n\
        DMX_QUEUE_SIZE: a whole number from 1 to 10000000 was expected, not `0`";
    assert_eq!(told, expected);
    let apart = [("DMX_PERSISTENCE_PATH", "a/state.json"), ("DMX_DEDUPE_PATH", "b/cmd_seen.json")];
    assert_eq!(env(&apart), Err("DMX_DEDUPE_PATH: all is kept in one folder, a".to_owned()));
}

#[test]
fn metrics_have_the_names_of_the_contract() {
    let figures = Figures { processed_total: 3, last_latency_ms: 0.5, ..Figures::default() };
    let metrics = figures.metrics(7, true);
    let value = |name: &str| {
        metrics.iter().find(|metric| metric.name == name).map(|Metric { value, .. }| *value)
    };
    assert_eq!(value("dmx_engine_processed_total"), Some(3.0));
    assert_eq!(value("dmx_engine_deduped_total"), Some(0.0));
    assert_eq!(value("dmx_engine_queue_depth"), Some(7.0));
    assert_eq!(value("dmx_engine_last_latency_ms"), Some(0.5));
    assert_eq!(value("dmx_mqtt_connected"), Some(1.0));
}
