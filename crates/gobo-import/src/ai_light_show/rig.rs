//! Fixtures, templates and points of interest of every generation.

use gobo_show::diagnostic::{Diagnostic, Place};

use super::value::Json;

/// What a template says, or an old fixture of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pub(super) id: String,
    pub(super) is_head: bool,
    /// Names and offsets from the first slot, by offset.
    pub(super) channels: Vec<(String, u16)>,
    pub(super) dimmer: Option<String>,
    pub(super) shutter: Option<String>,
    pub(super) strobe: Option<String>,
    pub(super) colors: Vec<String>,
    pub(super) pan: Option<[String; 2]>,
    pub(super) tilt: Option<[String; 2]>,
    /// Seconds from end stop to end stop of pan and tilt.
    pub(super) travel: Option<[f64; 2]>,
    /// Values before any cue: slots and 8-bit values.
    pub(super) arm: Vec<(String, u8)>,
    /// The meanings of values, by channel: value and label.
    pub(super) labels: Vec<(String, Vec<(u8, String)>)>,
    /// Colours by name, as `#rrggbb`.
    pub(super) palette: Vec<(String, String)>,
}

/// A fixture in its place.
#[derive(Clone, Debug)]
pub(super) struct Fixture {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) address: u16,
    pub(super) location: [f64; 3],
    pub(super) template: Template,
    /// Pan and tilt by the name of a preset or of a point, in lower case.
    pub(super) presets: Vec<(String, [u16; 2])>,
    pub(super) place: Place,
}

impl Template {
    pub(super) fn has(&self, channel: &str) -> bool {
        self.channels.iter().any(|(name, _)| name == channel)
    }

    pub(super) fn footprint(&self) -> u16 {
        self.channels.iter().map(|(_, offset)| offset + 1).max().unwrap_or(1)
    }

    /// Reads a `fixture.<type>.<model>.json`.
    pub(super) fn read(json: &Json<'_>) -> Result<Self, Diagnostic> {
        let kind = json.get("type").and_then(|kind| kind.text()).unwrap_or_default();
        let id = json.get("id").and_then(|id| id.text());
        let id = id.ok_or_else(|| json.wrong("a template with an `id`"))?;
        let mut template = Self {
            id,
            is_head: matches!(&*kind.to_lowercase(), "moving_head" | "moving-head"),
            channels: channels(json, 0)?,
            ..Self::default()
        };
        if let Some(travel) = json.get("physical_movement") {
            let seconds =
                |key: &str, usual| travel.get(key).and_then(|s| s.float()).unwrap_or(usual);
            let pan = seconds("pan_full_travel_seconds", 2.0);
            template.travel = Some([pan, seconds("tilt_full_travel_seconds", 0.9)]);
        }
        let mappings = json.get("mappings");
        for (key, meta) in json.get("meta_channels").iter().flat_map(Json::members) {
            template.learn(key, &meta, mappings.as_ref());
        }
        template.palette = palette(mappings.and_then(|all| all.get("color")).as_ref());
        Ok(template)
    }

    /// Takes in a meta-channel.
    fn learn(&mut self, key: &str, meta: &Json<'_>, mappings: Option<&Json<'_>>) {
        let channel = meta.get("channel").and_then(|name| name.text());
        let channel = channel.filter(|name| self.has(name));
        let names = meta.get("channels").map(|all| all.items()).unwrap_or_default();
        let names: Vec<String> = names.iter().filter_map(Json::text).collect();
        let kind = meta.get("kind").and_then(|kind| kind.text()).unwrap_or_default();
        let pair = || match (kind.as_str(), names.as_slice()) {
            ("u16", [coarse, fine]) if self.has(coarse) && self.has(fine) => {
                Some([coarse.clone(), fine.clone()])
            }
            _ => None,
        };
        match key {
            "dim" => self.dimmer = channel.clone(),
            "shutter" => self.shutter = channel.clone(),
            "strobe" => self.strobe = channel.clone(),
            "rgb" => self.colors.clone_from(&names),
            "pan" => self.pan = pair(),
            "tilt" => self.tilt = pair(),
            _ => {}
        }
        if let Some(arm) = meta.get("arm").and_then(|arm| arm.int()) {
            if let ("u16", [coarse, fine, ..]) = (kind.as_str(), names.as_slice()) {
                let byte = |shift: u32| (arm >> shift & 0xff) as u8;
                self.arm.extend([(coarse.clone(), byte(8)), (fine.clone(), byte(0))]);
            } else if let Some(channel) = &channel {
                self.arm.push((channel.clone(), arm.clamp(0, 255) as u8));
            }
        }
        let mapping = meta.get("mapping").and_then(|name| name.text());
        let mapping = mapping.and_then(|name| mappings?.get(&name));
        if let Some((channel, mapping)) = channel.zip(mapping) {
            self.labels.push((channel, labels(&mapping)));
        }
    }

    /// What a fixture with absolute channels says of itself, with its first address.
    fn of_old(json: &Json<'_>, id: &str) -> Result<(Self, u16), Diagnostic> {
        let first = json.get("channels").map(|all| all.members()).unwrap_or_default();
        let first = first.iter().filter_map(|(_, channel)| channel.int()).min().unwrap_or(1);
        let kind = json.get("type").and_then(|kind| kind.text()).unwrap_or_default();
        let mut template = Self {
            id: id.to_owned(),
            is_head: matches!(&*kind.to_lowercase(), "moving_head" | "moving-head"),
            channels: channels(json, first)?,
            ..Self::default()
        };
        let named = |names: &[&str]| {
            names.iter().find(|name| template.has(name)).map(|name| (*name).to_owned())
        };
        let pair = |axis: &str| {
            let pair = [format!("{axis}_msb"), format!("{axis}_lsb")];
            pair.iter().all(|name| template.has(name)).then_some(pair)
        };
        let colors: Vec<String> = ["red", "green", "blue"].map(str::to_owned).to_vec();
        let (dimmer, shutter) = (named(&["dim", "dimmer", "intensity"]), named(&["shutter"]));
        let (strobe, pan, tilt) = (named(&["strobe"]), pair("pan"), pair("tilt"));
        if colors.iter().all(|name| template.has(name)) {
            template.colors = colors;
        }
        (template.dimmer, template.shutter, template.strobe) = (dimmer, shutter, strobe);
        (template.pan, template.tilt) = (pan, tilt);
        for (name, value) in json.get("arm").iter().flat_map(Json::members) {
            if template.has(name) {
                template.arm.push((name.to_owned(), value.byte()));
            }
        }
        let mappings = json.get("meta").and_then(|meta| meta.get("value_mappings"));
        for (name, mapping) in mappings.iter().flat_map(Json::members) {
            if template.has(name) {
                template.labels.push((name.to_owned(), labels(&mapping)));
            }
        }
        Ok((template, first.clamp(1, 512) as u16))
    }
}

/// Channels by name, less the number of the first slot.
fn channels(json: &Json<'_>, first: i64) -> Result<Vec<(String, u16)>, Diagnostic> {
    let all = json.get("channels").filter(Json::is_object);
    let all = all.ok_or_else(|| json.wrong("`channels`, an object of names and numbers"))?;
    let mut channels = Vec::new();
    for (name, offset) in all.members() {
        let number = offset.int().map(|number| number - first);
        let number = number.and_then(|number| u16::try_from(number).ok().filter(|n| *n < 512));
        channels.push((name.to_owned(), number.ok_or_else(|| offset.wrong("a slot's number"))?));
    }
    channels.sort_by_key(|(_, offset)| *offset);
    Ok(channels)
}

fn labels(mapping: &Json<'_>) -> Vec<(u8, String)> {
    let label = |(value, label): (&str, Json<'_>)| {
        Some((value.trim().parse().ok()?, label.text().unwrap_or_default()))
    };
    let mut labels: Vec<(u8, String)> = mapping.members().into_iter().filter_map(label).collect();
    labels.sort();
    labels.dedup_by_key(|label| label.0);
    labels
}

fn palette(mapping: Option<&Json<'_>>) -> Vec<(String, String)> {
    let color = |(name, color): (&str, Json<'_>)| {
        let color = color.text()?;
        let digits = color.strip_prefix('#').unwrap_or(&color);
        let is_color = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_color.then(|| (name.trim().to_lowercase(), format!("#{}", digits.to_lowercase())))
    };
    mapping.map(|all| all.members().into_iter().filter_map(color).collect()).unwrap_or_default()
}

impl Fixture {
    /// Reads an entry of `fixtures.json`; the error says why there is no such fixture.
    pub(super) fn read(
        json: &Json<'_>,
        templates: &[(String, Template)],
    ) -> Result<Self, Diagnostic> {
        let text = |key: &str| json.get(key).and_then(|value| value.text());
        let id = text("id").ok_or_else(|| json.wrong("a fixture with an `id`"))?;
        let (template, address) = match text("fixture") {
            Some(name) => {
                let known = templates.iter().find(|(known, _)| *known == name);
                let Some((_, template)) = known else {
                    let message = format!("there is no template `{name}` for the fixture `{id}`");
                    let error = Diagnostic::error("no-template", json.place(), message);
                    return Err(error.nearest(&name, templates.iter().map(|(name, _)| &**name)));
                };
                let base = json.get("base_channel").map_or(Some(1), |base| base.int());
                let base = base.and_then(|base| u16::try_from(base).ok());
                (template.clone(), base.ok_or_else(|| json.wrong("a whole `base_channel`"))?)
            }
            None => Template::of_old(json, &id)?,
        };
        let location = json.get("location");
        Ok(Self {
            name: text("name").unwrap_or_else(|| id.clone()),
            presets: presets(json),
            location: point(location.as_ref()),
            place: json.place(),
            id,
            address,
            template,
        })
    }

    /// Whether it has pan and tilt of 16 bits.
    pub(super) fn turns(&self) -> bool {
        self.template.is_head && self.template.pan.is_some() && self.template.tilt.is_some()
    }
}

/// Old fixtures know pan and tilt of presets and points themselves; points go first.
fn presets(json: &Json<'_>) -> Vec<(String, [u16; 2])> {
    let targets: Vec<_> = json.get("poi_targets").iter().flat_map(Json::members).collect();
    let target =
        |(name, target): &(&str, Json<'_>)| Some((name.trim().to_lowercase(), target.axes()?));
    let mut presets: Vec<_> = targets.iter().filter_map(target).collect();
    for preset in json.get("presets").iter().flat_map(Json::items) {
        let Some(name) = preset.get("name").and_then(|name| name.text()) else { continue };
        let linked = preset.get("poi_id").and_then(|id| id.text()).map(|id| id.to_lowercase());
        let linked =
            linked.and_then(|id| presets.iter().find(|known| known.0 == id).map(|known| known.1));
        if let Some(axes) = preset.get("values").and_then(|values| values.axes()).or(linked) {
            presets.push((name.to_lowercase(), axes));
        }
    }
    presets
}

/// A place in the room, each coordinate from 0 to 1.
fn point(location: Option<&Json<'_>>) -> [f64; 3] {
    ["x", "y", "z"].map(|axis| {
        let coordinate = location.and_then(|location| location.get(axis)?.float());
        coordinate.unwrap_or(0.0).clamp(0.0, 1.0)
    })
}

/// A point of interest.
#[derive(Clone, Debug)]
pub(super) struct Poi {
    pub(super) id: String,
    pub(super) location: [f64; 3],
    /// Pan and tilt by the fixture's id in lower case.
    pub(super) aims: Vec<(String, [u16; 2])>,
}

impl Poi {
    pub(super) fn read(json: &Json<'_>) -> Option<Self> {
        let aims = json.get("fixtures").map(|all| all.members()).unwrap_or_default();
        let aim = |(id, aim): (&str, Json<'_>)| Some((id.trim().to_lowercase(), aim.axes()?));
        Some(Self {
            id: json.get("id")?.text()?,
            location: point(json.get("location").as_ref()),
            aims: aims.into_iter().filter_map(aim).collect(),
        })
    }

    /// Whether pan and tilt of other places are worked out from it.
    pub(super) fn is_reference(&self) -> bool {
        self.id.to_lowercase().starts_with("ref_")
    }

    pub(super) fn aim(&self, fixture: &str) -> Option<[u16; 2]> {
        let fixture = fixture.to_lowercase();
        self.aims.iter().find(|(id, _)| *id == fixture).map(|(_, aim)| *aim)
    }
}
