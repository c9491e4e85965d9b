//! Rows of the AI Light Show as cues of a channel layer.

use std::cell::RefCell;

use serde_json::{Map, Value, json};

use super::super::refusal::Fault;
use super::On;
use super::keys::{Keys, PRIMARIES};
use super::members;
use crate::author::payload::{kind, number};
use crate::channel::Purpose;

/// The fastest strobe, in hertz.
const FASTEST_HZ: f64 = 1000.0;

/// What an effect is in a cue of a channel layer: its key and its parameters; or each mistake.
pub(super) fn action(
    name: &str,
    data: &Map<String, Value>,
    on: On<'_>,
) -> Result<(String, Value), Vec<Fault>> {
    let name = if name == "seek" && data.contains_key("subject_POI") { "orbit" } else { name };
    let faults = match super::is_channel_effect(name) {
        true => members::check(name, data, Keys(on.0)),
        false => Vec::new(),
    };
    let row = Row { data, on, faults: RefCell::new(faults) };
    let params = match name {
        "set_channels" => row.channels(),
        "full" | "blackout" => json!({}),
        "flash" => row.flash(),
        "strobe" => json!({ "rate": number(row.rate().min(FASTEST_HZ)) }),
        "fade_in" => row.eased(&[("from", row.starts()), ("to", row.lights(""))]),
        "fade_out" => {
            let mut from = row.lights("");
            from.extend(row.starts());
            row.eased(&[("from", from)])
        }
        "fade" => {
            let to = row.lights("");
            if to.is_empty() {
                row.wrong("", "a fade needs a level to fade to: `dim`, `red`, `green` or `blue`");
            }
            row.eased(&[("to", to)])
        }
        "color_fade" => row.color_fade(),
        "move_to" | "seek" => row.axes(),
        "move_to_poi" | "expect" => {
            json!({ "point": row.point(&["target_POI", "poi", "POI", "point"]) })
        }
        "circle" => row.circle(),
        "orbit" | "orbit_out" => row.orbit(),
        "sweep" => row.sweep(),
        other => {
            let known = super::names(gobo_show::reference::Kind::Channel);
            return Err(vec![Fault::unknown("/effect", ("effect", other), known)]);
        }
    };
    let faults = row.faults.into_inner();
    if faults.is_empty() { Ok((name.to_owned(), params)) } else { Err(faults) }
}

/// A row's data and what it is for.
struct Row<'a> {
    data: &'a Map<String, Value>,
    on: On<'a>,
    faults: RefCell<Vec<Fault>>,
}

impl Row<'_> {
    fn keys(&self) -> Keys<'_> {
        Keys(self.on.0)
    }

    fn wrong(&self, key: &str, message: impl Into<String>) {
        let path = if key.is_empty() { "/data".to_owned() } else { format!("/data/{key}") };
        self.faults.borrow_mut().push(Fault::new(path, message));
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.data.get(key).filter(|value| !value.is_null())
    }

    fn float(&self, key: &str) -> Option<f64> {
        let value = self.get(key)?;
        let text = value.as_str().and_then(|text| text.trim().parse().ok());
        let number = value.as_f64().or(text).filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong(key, format!("expected a number for `{key}`, found {}", kind(value)));
        }
        number
    }

    fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| Some(self.get(key)?.as_str()?.trim().to_owned()))
    }

    fn channels(&self) -> Value {
        let mut all: Vec<(&String, &Value)> = Vec::new();
        match self.get("channels") {
            Some(Value::Object(named)) => all.extend(named),
            Some(other) => {
                let found = kind(other);
                self.wrong("channels", format!("expected channels and values, found {found}"));
            }
            None => {}
        }
        all.extend(self.data.iter().filter(|(key, value)| *key != "channels" && !value.is_null()));
        let mut channels = Map::new();
        for (key, value) in all {
            let Some(slot) = self.keys().slot(key) else {
                let slots: Vec<_> = self.keys().slots().map(|slot| slot.key).collect();
                let what = format!("channel of `{}`", self.on.0.id);
                let path = format!("/data/{key}");
                let known = slots.iter().map(|key| &**key);
                self.faults.borrow_mut().push(Fault::unknown(path, (&what, key), known));
                continue;
            };
            let level = level(value);
            if level.is_none() {
                self.wrong(key, format!("expected 0 to 255 for `{key}`, found {}", kind(value)));
            }
            channels.insert(slot.key.to_string(), json!(level.unwrap_or_default()));
        }
        if channels.is_empty() && self.faults.borrow().is_empty() {
            self.wrong("channels", "this sets no channel");
        }
        channels.into()
    }

    fn flash(&self) -> Value {
        if let Some(Value::Array(names)) = self.get("channels") {
            let key = |name: &Value| Some(self.keys().slot(name.as_str()?)?.key.to_string());
            let keys: Vec<_> = names.iter().filter_map(key).collect();
            if keys.len() < names.len() {
                self.wrong("channels", format!("`{}` has not all of these", self.on.0.id));
            }
            return json!({ "channels": keys });
        }
        match self.color("color") {
            Some(color) if color != "#ffffff" => json!({ "color": color }),
            _ => json!({}),
        }
    }

    /// A colour by its digits or its name, or by three numbers to 255.
    fn color(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::String(text) => Some(text.trim().to_lowercase()),
            Value::Array(parts) => {
                let parts: Vec<u8> = parts.iter().filter_map(level).collect();
                let [red, green, blue] = parts.as_slice() else {
                    self.wrong(key, format!("expected three numbers for `{key}`"));
                    return None;
                };
                Some(format!("#{red:02x}{green:02x}{blue:02x}"))
            }
            other => {
                let found = kind(other);
                self.wrong(key, format!("expected a colour for `{key}`, found {found}"));
                None
            }
        }
    }

    /// Flashes a second.
    fn rate(&self) -> f64 {
        let speed = || 1.0 + self.float("speed").unwrap_or(255.0).clamp(0.0, 255.0) / 255.0 * 19.0;
        let rate = self.float("rate").unwrap_or_else(speed);
        if rate <= 0.0 { 10.0 } else { (rate * 1000.0).round() / 1000.0 }
    }

    /// The levels that are given for the dimmer and the colours, by our names; those of `start_` or
    /// of the end.
    fn lights(&self, prefix: &str) -> Map<String, Value> {
        let mut levels = Map::new();
        let names = [("dimmer", Purpose::Level)];
        let colors = PRIMARIES.map(|(word, emitter)| (word, Purpose::Emitter(emitter)));
        for (ours, purpose) in names.into_iter().chain(colors) {
            let theirs = self.keys().of(purpose, 0).map(|slot| slot.key.to_string());
            let words =
                [theirs, Some(ours.to_owned()), (ours == "dimmer").then(|| "dim".to_owned())];
            for word in words.into_iter().flatten() {
                let key = format!("{prefix}{word}");
                if let Some(value) = self.get(&key) {
                    match level(value) {
                        Some(level) => _ = levels.insert(ours.to_owned(), json!(level)),
                        None => self.wrong(&key, format!("expected a level for `{key}`")),
                    }
                    break;
                }
            }
        }
        levels
    }

    /// Where a fade starts, of what is given.
    fn starts(&self) -> Map<String, Value> {
        match self.get("start_value") {
            Some(value @ Value::Number(_)) => {
                let dimmer = level(value).map(|level| ("dimmer".to_owned(), json!(level)));
                dimmer.into_iter().collect()
            }
            Some(Value::Object(data)) => {
                let faults = members::check_start(data, self.keys());
                self.faults.borrow_mut().extend(faults);
                let start = Row { data, on: self.on, faults: RefCell::default() };
                let levels = start.lights("");
                let faults = start.faults.into_inner().into_iter();
                let within = |fault: Fault| Fault {
                    path: fault.path.replacen("/data", "/data/start_value", 1),
                    ..fault
                };
                self.faults.borrow_mut().extend(faults.map(within));
                levels
            }
            _ => Map::new(),
        }
    }

    fn color_fade(&self) -> Value {
        if !self.keys().mixes() {
            self.wrong("", format!("`{}` has no red, green and blue", self.on.0.id));
        }
        let mut fade = Map::new();
        let from = self.color("start_color").or_else(|| self.color("from"));
        fade.extend(from.map(|color| ("from".to_owned(), json!(color))));
        let to = self.color("end_color").or_else(|| self.color("to"));
        fade.extend(to.map(|color| ("to".to_owned(), json!(color))));
        self.eased(&[]).as_object().into_iter().for_each(|more| fade.extend(more.clone()));
        fade.into()
    }

    /// An object of what is not empty, and the easing.
    fn eased(&self, parts: &[(&str, Map<String, Value>)]) -> Value {
        let parts = parts.iter().filter(|(_, part)| !part.is_empty());
        let mut all: Map<String, Value> =
            parts.map(|(key, part)| ((*key).to_owned(), part.clone().into())).collect();
        let easing = self.text(&["easing"]);
        let Some(easing) = easing.as_deref().map(easing_of).filter(|word| *word != "linear") else {
            return all.into();
        };
        all.insert("easing".to_owned(), json!(easing));
        all.into()
    }

    fn turns(&self) {
        if !self.keys().turns() {
            self.wrong("", format!("`{}` has no pan and tilt", self.on.0.id));
        }
    }

    fn axes(&self) -> Value {
        self.turns();
        json!({ "pan": self.axis("pan"), "tilt": self.axis("tilt") })
    }

    /// Pan or tilt to 65535: whole, or in a coarse and a fine part.
    fn axis(&self, axis: &str) -> u16 {
        let byte = |key: &str| Some(self.float(key)?.clamp(0.0, 255.0) as u8);
        let (coarse, fine) = (byte(&format!("{axis}_msb")), byte(&format!("{axis}_lsb")));
        if coarse.is_some() || fine.is_some() {
            return u16::from_be_bytes([coarse.unwrap_or(0), fine.unwrap_or(0)]);
        }
        let Some(whole) = self.float(axis) else {
            self.wrong(axis, format!("`{axis}` is missing"));
            return 0;
        };
        match byte(&format!("{axis}_fine")) {
            Some(fine) => u16::from_be_bytes([whole.clamp(0.0, 255.0) as u8, fine]),
            None => whole.clamp(0.0, 65_535.0) as u16,
        }
    }

    /// The point of interest that the first of these keys names.
    fn point(&self, keys: &[&str]) -> String {
        let first = keys.first().copied().unwrap_or_default();
        let Some(name) = self.text(keys) else {
            self.wrong(first, format!("`{first}` is missing: a point of interest"));
            return String::new();
        };
        match super::point_called(self.on.1, &name) {
            Some(known) => known.to_owned(),
            None => {
                let key = keys.iter().find(|key| self.data.contains_key(**key)).unwrap_or(&first);
                let known = self.on.1.points.keys().map(String::as_str);
                let path = format!("/data/{key}");
                let fault = Fault::unknown(path, ("point of interest", &name), known);
                self.faults.borrow_mut().push(fault);
                name
            }
        }
    }

    fn circle(&self) -> Value {
        self.turns();
        let point = self.point(&["target_poi", "target_POI", "poi_id", "point"]);
        let turns = self.float("orbits").or_else(|| self.float("cycles"));
        let radius = self.float("radius").unwrap_or_default().max(0.0);
        json!({ "point": point, "radius": number(radius), "turns": number(turns.unwrap_or(1.0)) })
    }

    fn orbit(&self) -> Value {
        self.turns();
        let easing = self.text(&["easing"]).map(|easing| easing.to_lowercase());
        let easing = match easing.as_deref() {
            Some(easing @ ("linear" | "early_focus" | "balanced")) => easing.to_owned(),
            _ => "late_focus".to_owned(),
        };
        let mut orbit = json!({
            "subject": self.point(&["subject_POI", "subject"]),
            "start": self.point(&["start_POI", "start"]),
            "turns": number(self.float("orbits").unwrap_or(1.0).max(0.0)),
            "easing": easing,
        });
        let dark = self.get("write_dimmer").or_else(|| self.get("dimmer"));
        if dark.is_some_and(|dark| dark.as_bool() == Some(false)) {
            orbit["dark"] = json!(false);
        }
        orbit
    }

    fn sweep(&self) -> Value {
        self.turns();
        let mut sweep = json!({
            "subject": self.point(&["subject_POI", "subject"]),
            "start": self.point(&["start_POI", "start"]),
        });
        let end = ["end_POI", "end"];
        if self.text(&end).is_some() {
            sweep["end"] = json!(self.point(&end));
        }
        let keys = [("easing", "easing"), ("dimmer_easing", "dimmer_easing")];
        let keys = keys.into_iter().chain([("arc", "arc_strength"), ("level", "max_dim")]);
        for (ours, theirs) in keys {
            if let Some(value) = self.float(theirs) {
                sweep[ours] = number(if ours == "level" { value.clamp(0.0, 1.0) } else { value });
            }
        }
        sweep
    }
}

/// The word of files for an easing of the AI Light Show; all others are theirs already.
pub(super) fn easing_of(word: &str) -> &str {
    match word.trim() {
        "ease-in" => "in",
        "ease-out" => "out",
        "ease-in-out" => "in_out",
        other => other,
    }
}

/// A level: a number with a point up to 1 is a part of 255, anything else a slot's value.
fn level(value: &Value) -> Option<u8> {
    let number = value.as_f64()?;
    let part = value.is_f64() && number <= 1.0;
    Some((if part { number * 255.0 } else { number }).clamp(0.0, 255.0) as u8)
}
