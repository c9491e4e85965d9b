//! The picture of a row: its example, run on a small rig.

use anyhow::{Context, Result, bail};
use gobo_canvas::picture::Image;
use gobo_dmx::Universe;
use gobo_render::Timeline;
use gobo_show::World;
use gobo_show::effect::{Effect, Field};
use gobo_show::reference::sample::{BPM, SHOW, Stage, project, sample};
use gobo_show::reference::{Kind, Row};
use gobo_show::rig::{Channel, Fixture};
use gobo_show::show::Show;
use gobo_show::value::Span;
use serde_json::{Value, json};

use super::graph::{self, Lights};
use super::plot::{self, Line};

/// The matrix on which pictures that move are shown.
const COLUMNS: u32 = 18;
const ROWS: u32 = 24;
/// The columns of the one for blend modes, of which fewer stand side by side.
const WIDE: u32 = 36;
/// The pars of a row, and the heads that move.
const PARS: u32 = 12;
const SPOTS: u32 = 3;
/// Seconds of what has no time of its own.
const FEW: f64 = 4.0;
/// The moments of a film.
const MOMENTS: u32 = 6;

/// The file that holds a row's picture.
pub(super) fn file_name(row: &Row) -> String {
    let kind = row.kind.word().replace(' ', "-");
    format!("{kind}-{}.png", row.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// The picture of a row as PNG.
pub(super) fn png(row: &Row) -> Result<Vec<u8>> {
    let image = match row.kind {
        Kind::Effect => effect(row)?,
        Kind::Curve => curve(row)?,
        Kind::Blend => blend(row)?,
        Kind::Node => node(row)?,
        Kind::Channel => channel(row)?,
    };
    let mut bytes = Vec::new();
    image.write_png(&mut bytes)?;
    Ok(bytes)
}

fn effect(row: &Row) -> Result<Image> {
    let over = |stage| {
        let world = sample(row, stage).with_context(|| format!("`{}` has no cue", row.name))?;
        Played::new(&world, row.name)
    };
    Ok(match (row.family, row.name) {
        // What it gives back has to be there.
        (_, "release") => {
            let set = |color: &str| json!({ "color": color, "dimmer": 1 });
            let below = json!({ "cues": [{ "at": 0, "on": "all", "set": set("navy") }] });
            let above = json!({ "cues": [
                { "at": 0, "on": "all", "set": set("orange") },
                { "at": 1, "on": "all", "release": {}, "fade_in": "1s" },
            ] });
            let layers = [below.to_string(), above.to_string()];
            let layers = layers.each_ref().map(String::as_str);
            heat(row.name, &Played::new(&project(Stage::Row(PARS), &layers), row.name)?)
        }
        ("movement", _) => angles(row.name, &over(Stage::Spots(SPOTS))?),
        ("pixels" | "WLED", name) if !matches!(name, "bursts" | "lightning") => {
            film(row.name, &over(Stage::Matrix(COLUMNS, ROWS))?)
        }
        _ => heat(row.name, &over(Stage::Row(PARS))?),
    })
}

/// The levels or angles that a curve gives.
fn curve(row: &Row) -> Result<Image> {
    let mut look: Value = serde_json::from_str(row.example)?;
    let members = look.as_object_mut().with_context(|| format!("`{}` has no look", row.name))?;
    let moves = members.contains_key("pan") || members.contains_key("tilt");
    // What only some fixtures have is shown by the dimmer, if it is a part of a range there.
    for key in ["zoom", "focus", "iris", "frost", "prism"] {
        if let Some(value) = members.remove(key) {
            members.insert("dimmer".to_owned(), value);
        }
    }
    let strobes = members.contains_key("strobe");
    let dark = json!({ "dimmer": "100%" });
    let cues = json!({ "cues": [
        { "at": 0, "on": "all", "set": if moves { json!({ "pan": 0 }) } else { dark } },
        { "at": 0, "for": "4 bars", "on": "all", "seed": 7, "set": look },
    ] });
    let stage = match (moves, strobes) {
        (true, _) => Stage::Spots(SPOTS),
        (_, true) => Stage::Strobes(SPOTS),
        _ => Stage::Row(PARS),
    };
    let played = Played::new(&project(stage, &[&cues.to_string()]), row.name)?;
    Ok(match (moves, strobes) {
        (true, _) => angles(row.name, &played),
        (_, true) => levels(row.name, &played, "Strobe"),
        _ => heat(row.name, &played),
    })
}

/// What a cue of a channel layer writes after half a second, over fixtures that show something.
fn channel(row: &Row) -> Result<Image> {
    let mut cue: Value = serde_json::from_str(row.example)?;
    let moves = cue["on"] == "spot";
    cue["at"] = json!(0.5);
    cue["on"] = "all".into();
    let mut stage = if moves { Stage::Spots(SPOTS) } else { Stage::Row(PARS) };
    if row.name == "set_channels" {
        stage = Stage::Row(PARS);
        cue["set_channels"] = json!({ "Red": 255, "Green": "30%" });
    }
    let before = match (stage, row.name) {
        (Stage::Spots(_), _) => json!({ "seek": { "pan": 20_000, "tilt": 32_000 } }),
        (_, "fade_in" | "fade" | "full" | "strobe") => json!({ "set_channels": { "Blue": 120 } }),
        _ => json!({ "set_channels": { "Red": 200, "Blue": 120 } }),
    };
    let mut first = json!({ "at": 0, "on": "all" });
    if let (Some(first), Some(before)) = (first.as_object_mut(), before.as_object()) {
        first.extend(before.clone());
    }
    let cues = json!({ "rules": "channels", "bpm": BPM, "cues": [first, cue] }).to_string();
    let played = Played::new(&project(stage, &[&cues]), row.name)?;
    Ok(match stage {
        Stage::Spots(_) => angles(row.name, &played),
        _ => heat(row.name, &played),
    })
}

/// What lies below, what is laid over it, and what comes out.
fn blend(row: &Row) -> Result<Image> {
    let below = json!({ "cues": [
        { "at": 0, "for": "8 bars", "on": "all", "plasma": { "colors": ["red", "gold", "navy"] } }
    ] });
    let above = json!({ "cues": [{ "at": 0, "for": "8 bars", "on": "all", "pinwheel": {
        "colors": ["white", "deepskyblue", "gray"], "relief": "round", "arms": 3 } }] });
    let mut over = above.clone();
    over["layer"] = json!({ "blend": row.name, "alpha": "dimmer" });
    let stage = Stage::Matrix(WIDE, ROWS);
    let still = |layers: &[&Value]| {
        let texts: Vec<_> = layers.iter().map(ToString::to_string).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        Ok::<_, anyhow::Error>(Played::new(&project(stage, &texts), row.name)?.colors(12))
    };
    let stills = [still(&[&below])?, still(&[&above])?, still(&[&below, &over])?];
    let names = ["below", "above", "result"].map(str::to_owned);
    Ok(plot::stills(row.name, (WIDE, ROWS), names.into_iter().zip(stills)))
}

/// What a node gives in a small graph.
fn node(row: &Row) -> Result<Image> {
    let around = graph::around(row);
    let (graph, lights) = around.with_context(|| format!("`{}` shows nothing", row.name))?;
    let cues = json!({ "cues": [
        { "at": 0, "for": "4 bars", "on": "all", "seed": 7, "pattern": { "graph": {} } },
    ] });
    let stage = match lights {
        Lights::Pars => Stage::Row(PARS),
        Lights::Spots => Stage::Spots(SPOTS),
        Lights::Strobes => Stage::Strobes(SPOTS),
        Lights::Mixed => Stage::Mixed(PARS),
    };
    let mut world = project(stage, &[&cues.to_string()]);
    world.files.insert(format!("shows/{SHOW}/patterns/graph.json"), graph.into());
    let played = Played::new(&world, row.name)?;
    Ok(match lights {
        Lights::Pars | Lights::Mixed => heat(row.name, &played),
        Lights::Spots => angles(row.name, &played),
        Lights::Strobes if row.name == "apply_speed" => levels(row.name, &played, "Speed"),
        Lights::Strobes => levels(row.name, &played, "Strobe"),
    })
}

/// Some moments of a matrix.
fn film(name: &str, played: &Played) -> Image {
    let frames = played.frames();
    // The end of what runs once is its last frame; the end of a period is its start again.
    let steps = if played.repeats() { MOMENTS } else { MOMENTS - 1 };
    let moments = (0..MOMENTS).map(|index| (index * frames / steps).min(frames - 1));
    let stills = moments.map(|frame| {
        let seconds = f64::from(frame) / played.show.rate.as_f64();
        (format!("{seconds:.2} s"), played.colors(frame))
    });
    plot::stills(name, (COLUMNS, ROWS), stills)
}

/// Time against fixtures.
fn heat(name: &str, played: &Played) -> Image {
    let frames = played.frames();
    let column = |index: u32| played.colors(index * frames / plot::INNER_WIDTH);
    let columns: Vec<_> = (0..plot::INNER_WIDTH).map(column).collect();
    plot::heat(name, &columns, f64::from(frames) / played.show.rate.as_f64())
}

/// Pan and tilt of each moving head over time.
fn angles(name: &str, played: &Played) -> Image {
    plot::lines(name, &played.lines(&["Pan", "Tilt"]), true)
}

/// One channel of each fixture over time.
fn levels(name: &str, played: &Played, channel: &str) -> Image {
    plot::lines(name, &played.lines(&[channel]), false)
}

/// A length of time in the sample's song.
fn in_seconds(span: Span) -> f64 {
    let beat = 60.0 / BPM;
    match span {
        Span::Seconds(seconds) => seconds,
        Span::Beats(beats) => beats * beat,
        Span::Bars(bars) => bars * 4.0 * beat,
    }
}

/// A show that can be asked for any frame.
struct Played {
    show: Show,
    timeline: Timeline,
}

impl Played {
    fn new(world: &dyn World, name: &str) -> Result<Self> {
        let loaded = gobo_show::load(world, SHOW);
        let Some(show) = loaded.show else {
            let said = loaded.diagnostics.iter().map(|said| said.message.as_str());
            bail!("the example of `{name}` cannot be run: {}", said.collect::<Vec<_>>().join("; "));
        };
        let timeline = Timeline::new(&show);
        Ok(Self { show, timeline })
    }

    /// The last cue: what the picture is about.
    fn effect(&self) -> Option<&Effect> {
        self.show.layers.last()?.cues.last().map(|cue| &cue.effect)
    }

    fn repeats(&self) -> bool {
        match self.effect() {
            Some(Effect::Field(field)) => field.common().every.is_some(),
            _ => true,
        }
    }

    /// How many frames a picture tells of: the whole of what runs once, a period of what repeats
    /// if that is not too short, and else a few seconds.
    fn frames(&self) -> u32 {
        let cue = self.show.layers.last().and_then(|layer| layer.cues.last());
        let length = cue.map_or(FEW, |cue| cue.end - cue.start).max(0.5);
        let seconds = match self.effect() {
            Some(Effect::Field(field)) => match (&**field, field.common().every) {
                (Field::VuMeter(_), _) => FEW.min(length),
                // It strikes now and then.
                (Field::Lightning(_), _) | (_, None) => length,
                (_, Some(every)) => in_seconds(every).clamp(1.0, length),
            },
            // It is over at once; what it leaves stays.
            Some(Effect::Release(_)) => FEW,
            _ => FEW.min(length),
        };
        (seconds * self.show.rate.as_f64()).round().max(1.0) as u32
    }

    /// The slots of a frame of one universe.
    fn slots(&self, universe: Universe, frame: u32) -> Vec<u8> {
        let Some(index) = self.timeline.universes().position(|known| known == universe) else {
            return Vec::new();
        };
        let frames = usize::from(self.timeline.header().frames_in(0)).max(1);
        let mut row = vec![0; self.timeline.cell_len(index, 0) / frames];
        self.timeline.frame(index, frame, &mut row);
        row
    }

    /// Red, green and blue of each fixture in a frame.
    fn colors(&self, frame: u32) -> Vec<[u8; 3]> {
        let mut colors = Vec::with_capacity(self.show.rig.fixtures.len());
        for fixtures in self.show.rig.fixtures.chunk_by(|a, b| a.universe == b.universe) {
            let row = self.slots(fixtures[0].universe, frame);
            let level = |fixture: &Fixture, channel: usize| {
                let slot = fixture.channels.get(channel).and_then(|known| known.slots.first());
                slot.and_then(|slot| row.get(usize::from(*slot))).copied().unwrap_or(0)
            };
            colors.extend(fixtures.iter().map(|of| [level(of, 0), level(of, 1), level(of, 2)]));
        }
        colors
    }

    /// Some channels of each fixture over time, as parts of their ranges.
    fn lines(&self, keys: &[&str]) -> Vec<Line> {
        let frames = self.frames();
        let Some(first) = self.show.rig.fixtures.first() else { return Vec::new() };
        let rows: Vec<_> = (0..plot::INNER_WIDTH)
            .map(|column| self.slots(first.universe, column * frames / plot::INNER_WIDTH))
            .collect();
        let channels = self.show.rig.fixtures.iter().flat_map(|fixture| &fixture.channels);
        let line = |channel: &Channel| {
            let value = |row: &Vec<u8>| {
                let slots = channel.slots.iter().map(|slot| u64::from(row[usize::from(*slot)]));
                slots.fold(0, |value, slot| value << 8 | slot) as f64 / channel.max() as f64
            };
            Line { channel: channel.key.to_string(), values: rows.iter().map(value).collect() }
        };
        channels.filter(|channel| keys.contains(&&*channel.key)).map(line).collect()
    }
}
