//! Rows of cue sheets and steps of chasers as cues of a channel layer.

use serde_json::{Map, Value, json};

use super::rig::{Fixture, Poi};
use super::value::Json;

/// The fastest strobe that ours takes, in hertz.
const FASTEST_HZ: f64 = 1000.0;

/// What effects are looked up in.
pub(super) struct Stage<'a> {
    pub(super) fixtures: &'a [Fixture],
    pub(super) pois: &'a [Poi],
}

/// The effect of a row: its name and parameters with us, or why there is none.
pub(super) type Effect = Result<(&'static str, Value), String>;

/// What stands for a row that wrote nothing and still counted for the rows after it.
pub(super) const EXPECT: &str = "expect";

/// Channels that a row names and its fixture does not have.
pub(super) type Lost = Vec<String>;

impl Stage<'_> {
    pub(super) fn fixture(&self, id: &str) -> Option<&Fixture> {
        self.fixtures.iter().find(|fixture| fixture.id == id)
    }

    /// What `effect` with its data does on a fixture.
    pub(super) fn effect(
        &self,
        effect: &str,
        data: Option<&Json<'_>>,
        fixture: &Fixture,
        lost: &mut Lost,
    ) -> Effect {
        let row = Row { data, fixture, pois: self.pois };
        let nothing = || json!({});
        let name = effect.trim().to_lowercase();
        if matches!(name.as_str(), "fade_in" | "fade_out" | "fade") {
            lost.extend(row.beside_lights());
        }
        match name.as_str() {
            "set_channels" => Ok(("set_channels", row.channels(lost))),
            "full" => Ok(("full", nothing())),
            "blackout" => Ok(("blackout", nothing())),
            "flash" => Ok(("flash", row.flash(lost))),
            // A frame is lit and the next one dark at any rate beyond the frames a second.
            "strobe" => Ok(("strobe", json!({ "rate": row.rate().min(FASTEST_HZ) }))),
            "fade_in" => row.fade_in().map(|fade| ("fade_in", fade)),
            "fade_out" => row.fade_out().map(|fade| ("fade_out", fade)),
            "fade" => row.fade().map(|fade| ("fade", fade)),
            "color_fade" if fixture.template.colors.len() < 3 => {
                Err("it has no red, green and blue".to_owned())
            }
            "color_fade" => Ok(("color_fade", row.color_fade())),
            "move_to" | "move_to_poi" | "seek" | "circle" | "orbit" | "orbit_out" | "sweep"
                if !fixture.turns() =>
            {
                Err("it has no pan and tilt of 16 bits".to_owned())
            }
            "move_to" => Ok(("move_to", row.axes()?)),
            "seek" if row.text(&["subject_POI"]).is_some() => {
                row.orbit().map(|orbit| ("orbit", orbit))
            }
            "seek" => Ok(("seek", row.axes()?)),
            "move_to_poi" => {
                let point = row.aimed(&["target_POI", "poi", "POI"])?;
                Ok(("move_to_poi", json!({ "point": point })))
            }
            "circle" => row.circle().map(|circle| ("circle", circle)),
            "orbit" => row.orbit_or_end("orbit", "start_POI", "subject_POI"),
            "orbit_out" => row.orbit_or_end("orbit_out", "subject_POI", "start_POI"),
            "sweep" => row.sweep().map(|sweep| ("sweep", sweep)),
            other => Err(format!("there is no effect `{other}`")),
        }
    }
}

/// A row's data and what it is for.
struct Row<'a> {
    data: Option<&'a Json<'a>>,
    fixture: &'a Fixture,
    pois: &'a [Poi],
}

impl Row<'_> {
    fn get(&self, key: &str) -> Option<Json<'_>> {
        self.data?.get(key)
    }

    /// The first text among these keys.
    fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.get(key)?.text())
    }

    fn float(&self, key: &str, usual: f64) -> f64 {
        self.get(key).and_then(|value| value.float()).unwrap_or(usual)
    }

    fn channels(&self, lost: &mut Lost) -> Value {
        let named = self.get("channels").filter(Json::is_object);
        let mut all: Vec<_> = named.iter().flat_map(Json::members).collect();
        let more = self.data.map(Json::members).unwrap_or_default();
        all.extend(more.into_iter().filter(|(key, _)| self.fixture.template.has(key)));
        let mut channels = Map::new();
        for (key, value) in all {
            match self.fixture.template.has(key) {
                true => _ = channels.insert(key.to_owned(), json!(value.byte())),
                false => lost.push(key.to_owned()),
            }
        }
        channels.into()
    }

    /// The channels that a fade names beside the dimmer and the colours.
    fn beside_lights<'k>(&'k self) -> impl Iterator<Item = String> + 'k {
        let lights = self.lights();
        let named = self.data.map(Json::members).unwrap_or_default().into_iter();
        let beside = move |key: &str| {
            self.fixture.template.has(key) && lights.iter().all(|(_, name)| *name != key)
        };
        named.map(|(key, _)| key.to_owned()).filter(move |key| beside(key))
    }

    fn flash(&self, lost: &mut Lost) -> Value {
        if let Some(names) = self.get("channels").filter(Json::is_list) {
            let names = names.items().into_iter().filter_map(|name| name.text());
            let (known, other): (Vec<_>, Vec<_>) =
                names.partition(|name| self.fixture.template.has(name));
            lost.extend(other);
            return json!({ "channels": known });
        }
        match self.color("color") {
            Some(color) if color != "#ffffff" => json!({ "color": color }),
            _ => json!({}),
        }
    }

    /// A colour, `#rrggbb` or by its name in the template; `None` when it is neither.
    fn color(&self, key: &str) -> Option<String> {
        let text = self.get(key)?.text()?.to_lowercase();
        if let Some(digits) = text.strip_prefix('#') {
            let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            return fits.then(|| text.clone());
        }
        let palette = &self.fixture.template.palette;
        palette.iter().find(|(name, _)| *name == text).map(|(_, color)| color.clone())
    }

    fn rate(&self) -> f64 {
        let rate = match self.data.and_then(|data| data.node.get("rate")) {
            Some(_) => match self.get("rate") {
                Some(rate) => rate.float().unwrap_or(10.0),
                None => 0.0,
            },
            None => {
                let speed = match self.get("speed") {
                    Some(speed) => speed.int().unwrap_or(0),
                    None => 255,
                };
                1.0 + (speed.clamp(0, 255) as f64 / 255.0) * 19.0
            }
        };
        if rate <= 0.0 { 10.0 } else { rate }
    }

    /// Our names of the dimmer and the colours with those of the fixture.
    fn lights(&self) -> Vec<(&'static str, &str)> {
        let template = &self.fixture.template;
        let dimmer = template.dimmer.as_deref().map(|name| ("dimmer", name));
        let colors = ["red", "green", "blue"].into_iter().zip(&template.colors);
        dimmer.into_iter().chain(colors.map(|(ours, name)| (ours, &**name))).collect()
    }

    /// The levels that `of` finds for the dimmer and the colours.
    fn levels(
        &self,
        of: impl Fn(&str, &str) -> Result<Option<u8>, String>,
    ) -> Result<Map<String, Value>, String> {
        let mut levels = Map::new();
        for (ours, name) in self.lights() {
            if let Some(level) = of(ours, name)? {
                levels.insert(ours.to_owned(), json!(level));
            }
        }
        Ok(levels)
    }

    /// The level that a value says; an error where the original fails.
    fn level(value: Option<Json<'_>>) -> Result<Option<u8>, String> {
        let level =
            |value: Json<'_>| value.level().ok_or_else(|| "a level is no number".to_owned());
        value.map(level).transpose()
    }

    /// Where a fade starts, of what is given.
    fn start(&self, ours: &str, name: &str) -> Result<Option<u8>, String> {
        match self.get("start_value") {
            Some(start) if ours == "dimmer" && start.is_number() => Self::level(Some(start)),
            Some(start) if ours != "dimmer" => Self::level(start.get(name)),
            _ => Ok(None),
        }
    }

    fn fade_in(&self) -> Result<Value, String> {
        let dim =
            |name: &str| self.get(name).or_else(|| self.get("dim")).or_else(|| self.get("dimmer"));
        let end = |ours: &str, name: &str| match ours {
            "dimmer" => Self::level(dim(name)),
            _ => Self::level(self.get(name)),
        };
        let (from, to) = (self.levels(|ours, name| self.start(ours, name))?, self.levels(end)?);
        Ok(self.eased([("from", from), ("to", to)]))
    }

    fn fade_out(&self) -> Result<Value, String> {
        let start = |ours: &str, name: &str| match self.start(ours, name)? {
            Some(level) => Ok(Some(level)),
            None if ours == "dimmer" => Self::level(self.get(name).or_else(|| self.get("dim"))),
            None => Self::level(self.get(name)),
        };
        Ok(self.eased([("from", self.levels(start)?)]))
    }

    fn fade(&self) -> Result<Value, String> {
        let to = self.levels(|_, name| Self::level(self.get(name)))?;
        match to.is_empty() {
            true => Err("it names no level to fade to".to_owned()),
            false => Ok(self.eased([("to", to)])),
        }
    }

    fn color_fade(&self) -> Value {
        let mut fade = Map::new();
        if self.get("start_color").is_some() {
            let color = self.color("start_color").unwrap_or_else(|| "#000000".to_owned());
            fade.insert("from".to_owned(), json!(color));
        }
        if let Some(color) = self.color("end_color").filter(|color| color != "#ffffff") {
            fade.insert("to".to_owned(), json!(color));
        }
        fade.extend(self.easing());
        fade.into()
    }

    /// An object of what is not empty, and the easing.
    fn eased<const N: usize>(&self, parts: [(&str, Map<String, Value>); N]) -> Value {
        let parts = parts.into_iter().filter(|(_, part)| !part.is_empty());
        let parts = parts.map(|(key, part)| (key.to_owned(), part.into()));
        parts.chain(self.easing()).collect::<Map<String, Value>>().into()
    }

    fn easing(&self) -> Option<(String, Value)> {
        let easing = match self.get("easing")?.node.text()? {
            "ease-in" => "in",
            "ease-out" => "out",
            "ease-in-out" => "in_out",
            _ => return None,
        };
        Some(("easing".to_owned(), json!(easing)))
    }

    fn axes(&self) -> Result<Value, String> {
        let preset = self.text(&["preset"]).map(|name| name.to_lowercase());
        let axes = match &preset {
            Some(name) => {
                let known = self.fixture.presets.iter().find(|(known, _)| known == name);
                known.map(|(_, axes)| *axes)
            }
            None => self.data.and_then(Json::axes),
        };
        match (axes, preset) {
            (Some([pan, tilt]), _) => Ok(json!({ "pan": pan, "tilt": tilt })),
            (None, Some(preset)) => Err(format!("it has no preset `{preset}`")),
            (None, None) => Err("it gives no pan and tilt".to_owned()),
        }
    }

    fn poi(&self, name: &str) -> Result<&Poi, String> {
        let lower = name.to_lowercase();
        let known = self.pois.iter().find(|poi| poi.id.to_lowercase() == lower);
        known.ok_or_else(|| format!("there is no point of interest `{name}`"))
    }

    /// The point that these keys name, for which pan and tilt were measured.
    fn aimed(&self, keys: &[&str]) -> Result<String, String> {
        let name = self.text(keys).ok_or_else(|| format!("it gives no `{}`", keys[0]))?;
        let poi = self.poi(&name)?;
        match poi.aim(&self.fixture.id) {
            Some(_) => Ok(poi.id.clone()),
            None => Err(format!("`{name}` has no pan and tilt for it")),
        }
    }

    fn circle(&self) -> Result<Value, String> {
        let keys = ["target_poi", "target_POI", "poi_id"];
        let name = self.text(&keys).ok_or("it gives no `target_poi`")?;
        let point = self.poi(&name)?.id.clone();
        let turns = self.get("orbits").or_else(|| self.get("cycles"));
        let turns = turns.and_then(|turns| turns.float()).unwrap_or(1.0);
        let radius = self.float("radius", 0.0).max(0.0);
        Ok(json!({ "point": point, "radius": radius, "turns": turns }))
    }

    /// An orbit; where one of its points is not known, the original writes nothing and still counts
    /// on the head to be at its end.
    fn orbit_or_end(&self, name: &'static str, other: &str, end: &str) -> Effect {
        match self.orbit() {
            Ok(orbit) => Ok((name, orbit)),
            Err(why) => match self.aimed(&[end]) {
                Ok(point) if self.text(&[other]).is_some() || name == "orbit_out" => {
                    Ok((EXPECT, json!({ "point": point })))
                }
                _ => Err(why),
            },
        }
    }

    fn orbit(&self) -> Result<Value, String> {
        let easing = match self.text(&["easing"]).map(|easing| easing.to_lowercase()).as_deref() {
            Some(easing @ ("linear" | "early_focus" | "balanced")) => easing.to_owned(),
            _ => "late_focus".to_owned(),
        };
        let turns = match self.data.and_then(|data| data.node.get("orbits")) {
            Some(_) => self.float("orbits", 0.0).max(0.0),
            None => 1.0,
        };
        let dark = self.get("write_dimmer").or_else(|| self.get("dimmer"));
        let dark = dark.is_none_or(|value| match value.node.value {
            gobo_show::tree::Value::Bool(flag) => flag,
            _ => {
                let text = value.text().unwrap_or_default().to_lowercase();
                !matches!(&*text, "0" | "false" | "off" | "no")
            }
        });
        let (subject, start) = (self.aimed(&["subject_POI"])?, self.aimed(&["start_POI"])?);
        let mut orbit =
            json!({ "subject": subject, "start": start, "turns": turns, "easing": easing });
        if !dark {
            orbit["dark"] = json!(false);
        }
        Ok(orbit)
    }

    fn sweep(&self) -> Result<Value, String> {
        let (subject, start) = (self.aimed(&["subject_POI"])?, self.aimed(&["start_POI"])?);
        let mut sweep = json!({ "subject": subject, "start": start });
        if let Ok(end) = self.aimed(&["end_POI"]) {
            sweep["end"] = json!(end);
        }
        let keys = [("easing", "easing", 0.0), ("dimmer_easing", "dimmer_easing", 0.0)];
        for (ours, theirs, usual) in keys.into_iter().chain([("arc", "arc_strength", 0.015)]) {
            let value = self.float(theirs, usual);
            if value != usual {
                sweep[ours] = json!(value);
            }
        }
        let level = self.float("max_dim", 1.0).clamp(0.0, 1.0);
        if level < 1.0 {
            sweep["level"] = json!(level);
        }
        Ok(sweep)
    }
}
