use std::fmt::Write;

use serde_json::{Value, json};

use super::{Colour, Level, Protocol, Verdict};

/// What live control tells, in this order, to whom it may concern.
#[derive(Clone, PartialEq, Debug)]
pub enum Said {
    /// The colour has changed, or was taken up at the start: to all clients, and retained over
    /// MQTT.
    Colour(Colour),
    /// Levels have changed: to all clients.
    Levels(LevelsUpdate),
    /// A scene was saved or forgotten; these are the names of all.
    Scenes(Vec<String>),
    /// A command was heard: for the log.
    Heard(Heard),
}

/// `state.update`: levels of one universe that live control has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LevelsUpdate {
    /// Rises by one with every change of this universe, from 1 since the server began; a client
    /// that misses one asks for all. A `full` one has that of the last change.
    pub rev: u64,
    /// The server's clock, in ms since 1970.
    pub ts: u64,
    /// The universe, 0 to 32767.
    pub universe: u16,
    /// What has changed, or all slots if `full`, rising.
    pub delta: Vec<Level>,
    /// Whether `delta` is the whole universe as it goes out.
    pub full: bool,
}

impl LevelsUpdate {
    /// `{type: "state.update", rev, ts, universe, delta [{ch, val}], full}`.
    pub fn to_json(&self) -> Value {
        let entry = |level: &Level| json!({ "ch": level.place.slot + 1, "val": level.value });
        json!({
            "type": "state.update", "rev": self.rev, "ts": self.ts, "universe": self.universe,
            "delta": self.delta.iter().map(entry).collect::<Value>(), "full": self.full,
        })
    }

    /// The same as text, many times as fast: a client that begins is told of every slot.
    pub fn to_text(&self) -> String {
        let Self { rev, ts, universe, delta, full } = self;
        let mut text = format!(
            r#"{{"type":"state.update","rev":{rev},"ts":{ts},"universe":{universe},"full":{full},"delta":["#
        );
        text.reserve(delta.len() * r#"{"ch":512,"val":255},"#.len());
        for (index, level) in delta.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let (channel, value) = (level.place.slot + 1, level.value);
            // A string takes everything.
            let _ = write!(text, r#"{comma}{{"ch":{channel},"val":{value}}}"#);
        }
        text.push_str("]}");
        text
    }
}

/// A command that was heard and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Heard {
    /// The identity that its sender gave it.
    pub id: String,
    /// Where it says it comes from, if it does.
    pub src: Option<String>,
    /// How it came.
    pub protocol: Protocol,
    /// What became of it.
    pub verdict: Verdict,
    /// The `seq` of the colour after it.
    pub seq: u64,
    /// From its arrival until it was done, in ms.
    pub latency_ms: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Place;

    #[test]
    fn the_text_of_an_update_is_its_json() {
        let level = |slot| Level { place: Place { universe: 7, slot }, value: (slot * 3) as u8 };
        for delta in [vec![], vec![level(3)], (0..512).map(level).collect()] {
            let update =
                LevelsUpdate { rev: 3, ts: 1_763_107_631_013, universe: 7, delta, full: true };
            let read: Value = serde_json::from_str(&update.to_text()).unwrap();
            assert_eq!(read, update.to_json());
        }
    }
}
