//! A server as `gobo serve` is one: an engine on a thread, a broker on a runtime.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gobo_serve::live::queue::{Queue, Taken};
use gobo_serve::live::{
    Attributes, ColourTarget, EffectRefused, Engine, Level, NoShelf, Now, Order, Painted, Place,
    Restored, Said, Seen, Shelf, Wire,
};
use gobo_serve::mqtt::{Broker, MqttConfig, MqttEvent};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::mosquitto::eventually;

pub(crate) struct Server {
    pub(crate) broker: Broker,
    pub(crate) queue: Queue<Order>,
    events: Arc<Mutex<Vec<MqttEvent>>>,
    /// The `r` of every colour there was.
    reds: Arc<Mutex<BTreeSet<u8>>>,
    runtime: Option<Runtime>,
    engine: Option<JoinHandle<()>>,
}

struct Dark;

impl Wire for Dark {
    fn universes(&self) -> Vec<u16> {
        vec![1]
    }
    fn level(&self, _place: Place) -> u8 {
        0
    }
    fn hold(&mut self, _levels: &[Level]) {}
    fn used(&self) -> Vec<Place> {
        Vec::new()
    }
    fn fixture(&self, _id: &str) -> Option<Attributes> {
        None
    }
    fn fixtures(&self) -> Vec<String> {
        Vec::new()
    }
    fn paint(&self, _whom: Painted<'_>, _rgb: [u8; 3]) -> Vec<Level> {
        Vec::new()
    }
    fn effect(&mut self, _: &str, _: &[Map<String, Value>]) -> Result<(), EffectRefused> {
        Err(EffectRefused::UnknownFixture)
    }
}

fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Now { instant: Instant::now(), unix_ms: since.as_millis() as u64 }
}

impl Server {
    /// One that does what it is told.
    pub(crate) fn start(config: &MqttConfig) -> Self {
        let restored = Restored::nothing(Seen::new(900, 4096));
        let mut server = Self::idle(config, 10_000);
        server.work(restored, Box::new(NoShelf));
        server
    }

    /// One whose engine does not work yet.
    pub(crate) fn idle(config: &MqttConfig, capacity: usize) -> Self {
        let queue = Queue::new(capacity);
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&events);
        let on_event = Arc::new(move |event| heard.lock().expect("ours").push(event));
        let (broker, connection) =
            Broker::new(config, queue.clone(), on_event).expect("a configuration");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.spawn(connection.run());
        let (reds, runtime) = (Arc::default(), Some(runtime));
        Self { broker, queue, events, reds, runtime, engine: None }
    }

    pub(crate) fn work(&mut self, restored: Restored, shelf: Box<dyn Shelf>) {
        let (queue, broker, reds) =
            (self.queue.clone(), self.broker.clone(), Arc::clone(&self.reds));
        let mut engine = Engine::new(ColourTarget::Off, 60, restored, shelf);
        self.engine = Some(std::thread::spawn(move || {
            engine.start(&mut Dark, now());
            loop {
                for said in engine.said() {
                    if let Said::Colour(colour) = said {
                        reds.lock().expect("ours").insert(colour.rgb[0]);
                        broker.publish(colour);
                    }
                }
                match queue.take(Duration::from_millis(20)) {
                    Taken::One(order) => engine.obey(order, &mut Dark, now()),
                    Taken::Nothing => {}
                    Taken::Over => break,
                }
            }
        }));
    }

    pub(crate) fn events(&self) -> MutexGuard<'_, Vec<MqttEvent>> {
        self.events.lock().expect("ours")
    }

    /// How often the connection was lost or not made.
    pub(crate) fn losses(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, MqttEvent::Lost { .. })).count()
    }

    pub(crate) fn reds(&self) -> BTreeSet<u8> {
        self.reds.lock().expect("ours").clone()
    }

    pub(crate) fn connects(&self) {
        eventually("it connects", || self.broker.status().connected);
    }

    /// Its greetings are out.
    pub(crate) fn answers(&self, count: usize) {
        let answered = |event: &&MqttEvent| matches!(event, MqttEvent::Answered(_));
        eventually("answers", || self.events().iter().filter(answered).count() >= count);
    }

    /// Ends as a process does that is killed: the sockets close, nothing is said.
    pub(crate) fn die(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
            assert!(!self.broker.status().connected, "nobody is connected any more");
        }
        self.queue.close();
        if let Some(engine) = self.engine.take() {
            engine.join().expect("it ends");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.die();
    }
}

pub(crate) const COMMAND: &str = "v1/demo/rgb/cmd";
pub(crate) const STATE: &str = "v1/demo/rgb/state";
pub(crate) const DEVICE: &str = "v1/devices/server/state";
pub(crate) const ONLINE: &str = r#"{"online":true}"#;
pub(crate) const OFFLINE: &str = r#"{"online":false}"#;

pub(crate) fn command(number: u64, r: u8) -> String {
    let id = format!("{number:026}");
    json!({ "schema": "demo.rgb.cmd.v1", "cmdId": id, "src": "esp-1", "r": r, "g": 0, "b": 0 })
        .to_string()
}

/// Whether a text is a state of this `r`.
pub(crate) fn is_red(text: &str, r: u8) -> bool {
    let state: Value = serde_json::from_str(text).expect("JSON");
    state["schema"] == "demo.rgb.state.v1" && state["r"] == r && state["updatedBy"] == "esp-1"
}
