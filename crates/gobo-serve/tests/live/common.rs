//! A show to act on, a clock to set, and the schemas of the contract where they are.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use gobo_serve::live::{
    Ack, Attributes, ColourTarget, Command, EffectRefused, Engine, Level, NoShelf, Now, Order,
    Origin, Painted, Place, Protocol, Reply, Restored, Said, Seen, Wire, parse_message,
};
use serde_json::{Map, Value};

/// A show of two universes and two fixtures, dark.
pub(crate) struct Show {
    pub(crate) levels: BTreeMap<Place, u8>,
    pub(crate) holds: Vec<Vec<Level>>,
    pub(crate) effects: Vec<String>,
}

impl Show {
    pub(crate) fn new() -> Self {
        let (levels, holds) = (BTreeMap::new(), Vec::new());
        Self { levels, holds, effects: Vec::new() }
    }

    pub(crate) fn at(&self, universe: u16, channel: u16) -> u8 {
        self.level(place(universe, channel))
    }
}

pub(crate) fn place(universe: u16, channel: u16) -> Place {
    Place { universe, slot: channel - 1 }
}

impl Wire for Show {
    fn universes(&self) -> Vec<u16> {
        vec![1, 2, 40_000]
    }

    fn level(&self, place: Place) -> u8 {
        self.levels.get(&place).copied().unwrap_or_default()
    }

    fn hold(&mut self, levels: &[Level]) {
        self.holds.push(levels.to_vec());
        self.levels.extend(levels.iter().map(|level| (level.place, level.value)));
    }

    fn used(&self) -> Vec<Place> {
        (1..=8).map(|channel| place(1, channel)).collect()
    }

    fn fixture(&self, id: &str) -> Option<Attributes> {
        let attribute = |name: &str, channels: &[u16]| {
            (name.to_owned(), channels.iter().map(|channel| place(1, *channel)).collect())
        };
        let spot = [attribute("dimmer", &[4]), attribute("pan", &[5, 6]), attribute("tilt", &[7])];
        (id == "spot-1").then(|| spot.into_iter().collect())
    }

    fn fixtures(&self) -> Vec<String> {
        vec!["spot-1".to_owned(), "wash-1".to_owned()]
    }

    /// `spot-1` and the group `front` take the colour's brightest at channel 4.
    fn paint(&self, whom: Painted<'_>, rgb: [u8; 3]) -> Vec<Level> {
        let known = match whom {
            Painted::Fixtures(ids) => ids.contains(&"spot-1".to_owned()),
            Painted::Group(name) => name == "front",
        };
        let value = rgb.into_iter().max().unwrap_or_default();
        if known { vec![Level { place: place(1, 4), value }] } else { Vec::new() }
    }

    fn effect(
        &mut self,
        fixture: &str,
        effects: &[Map<String, Value>],
    ) -> Result<(), EffectRefused> {
        if fixture != "spot-1" {
            return Err(EffectRefused::UnknownFixture);
        }
        for (index, effect) in effects.iter().enumerate() {
            match effect.get("name").and_then(Value::as_str) {
                Some("strobe") => self.effects.push(fixture.to_owned()),
                Some("broken") => {
                    let message = "it takes a speed".to_owned();
                    return Err(EffectRefused::Refused { index, message });
                }
                name => {
                    let name = name.unwrap_or_default().to_owned();
                    return Err(EffectRefused::UnknownEffect { index, name });
                }
            }
        }
        Ok(())
    }
}

/// An engine, its show, and a clock that stands until it is set.
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) show: Show,
    pub(crate) now: Now,
}

pub(crate) const BEGIN_MS: u64 = 1_763_107_616_000;

impl Desk {
    pub(crate) fn new(target: ColourTarget) -> Self {
        let restored = Restored::nothing(Seen::new(900, 4096));
        Self::of(Engine::new(target, 60, restored, Box::new(NoShelf)))
    }

    pub(crate) fn of(engine: Engine) -> Self {
        let now = Now { instant: Instant::now(), unix_ms: BEGIN_MS };
        Self { engine, show: Show::new(), now }
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        self.now.instant += Duration::from_millis(ms);
        self.now.unix_ms += ms;
    }

    pub(crate) fn tick(&mut self) {
        self.engine.tick(&mut self.show, self.now);
    }

    /// Says a message and returns the ack.
    pub(crate) fn say(&mut self, message: &Value) -> Ack {
        match parse_message(message.to_string().as_bytes()) {
            Ok(command) => self.obey(command, Protocol::WebSocket, "10.0.0.1"),
            Err(malformed) => malformed.ack(self.now.unix_ms),
        }
    }

    pub(crate) fn obey(&mut self, command: Command, protocol: Protocol, address: &str) -> Ack {
        let (reply, ack) = reply();
        let origin = Origin { protocol, address: Arc::from(address) };
        let order = Order { command, origin, arrived: self.now.instant, reply };
        self.engine.obey(order, &mut self.show, self.now);
        ack.try_recv().expect("without a shelf the answer is there at once")
    }

    /// What was said that is no log.
    pub(crate) fn said(&mut self) -> Vec<Said> {
        let said = self.engine.said().into_iter();
        said.filter(|said| !matches!(said, Said::Heard(_))).collect()
    }
}

pub(crate) fn reply() -> (Reply, Receiver<Ack>) {
    let (sender, ack) = channel();
    (Reply::new(move |ack| drop(sender.send(ack))), ack)
}

/// A ULID of a number.
pub(crate) fn ulid(number: u64) -> String {
    format!("{number:026}")
}

/// A schema of the contract; `None`, having said so, where it is not there.
pub(crate) fn schema(file: &str) -> Option<jsonschema::Validator> {
    let json: Value = serde_json::from_str(&contract(file)?).expect("a schema is JSON");
    Some(jsonschema::validator_for(&json).expect("a schema is one"))
}

/// A file of the contract; `None`, having said so, where it is not there.
pub(crate) fn contract(file: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // A worktree lies one folder deeper than the repository.
    let places = ["../shared", "../../shared"];
    let read = |place| std::fs::read_to_string(root.join(place).join("data/dmx-demo").join(file));
    let text = places.into_iter().find_map(|place| read(place).ok());
    if text.is_none() {
        println!("skipped: ../shared/data/dmx-demo/{file} is not there");
    }
    text
}
