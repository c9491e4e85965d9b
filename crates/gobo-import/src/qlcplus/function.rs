//! The functions of a QLC+ workspace as their XML has them.

use gobo_show::diagnostic::Place;
use roxmltree::Node;

use super::workspace::Reader;
use crate::xml;

/// A function.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) speed: Speed,
    pub(super) order: RunOrder,
    pub(super) backward: bool,
    pub(super) place: Place,
}

/// What a function is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Scene(Vec<Level>),
    Chaser(Chaser),
    Collection(Vec<u32>),
    Efx(Efx),
    Matrix(Matrix),
    Show(Vec<Track>),
    /// A sound file.
    Audio(String),
    /// Something else, by its type.
    Other(String),
}

/// A value of a fixture's channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Level {
    pub(super) fixture: u32,
    pub(super) channel: u32,
    pub(super) value: u8,
}

/// Times in milliseconds; infinite where a function goes on until it is stopped.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Speed {
    pub(super) fade_in: f64,
    pub(super) fade_out: f64,
    pub(super) duration: f64,
}

/// In which order steps run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RunOrder {
    Loop,
    SingleShot,
    PingPong,
    Random,
}

/// Steps that call functions, or (a sequence) have values of their own.
#[derive(Clone, Debug)]
pub(super) struct Chaser {
    pub(super) steps: Vec<Step>,
    pub(super) fade_in: SpeedMode,
    pub(super) fade_out: SpeedMode,
    pub(super) duration: SpeedMode,
    /// The scene whose channels a sequence sets.
    pub(super) bound: Option<u32>,
}

/// Whose time counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SpeedMode {
    /// That of the function that the step calls.
    Default,
    /// The chaser's.
    Common,
    /// The step's.
    PerStep,
}

/// A step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) function: Option<u32>,
    pub(super) levels: Vec<Level>,
    pub(super) speed: Speed,
    pub(super) place: Place,
}

/// A movement.
#[derive(Clone, Debug)]
pub(super) struct Efx {
    pub(super) algorithm: String,
    pub(super) fixtures: Vec<EfxFixture>,
    /// Half of the movement's extent, in steps of 1/255 of the range.
    pub(super) size: [f64; 2],
    /// The middle, 0 to 255.
    pub(super) offset: [f64; 2],
    pub(super) frequency: [f64; 2],
    pub(super) phase_deg: [f64; 2],
    pub(super) rotation_deg: f64,
    pub(super) start_deg: f64,
    pub(super) relative: bool,
    pub(super) propagation: String,
}

/// A head in a movement.
#[derive(Clone, Debug)]
pub(super) struct EfxFixture {
    pub(super) fixture: u32,
    pub(super) head: u32,
    pub(super) backward: bool,
    pub(super) start_deg: f64,
    /// 0 turns pan and tilt, 1 the dimmer, 2 the colour.
    pub(super) mode: u32,
}

/// A picture on a grid of heads.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    pub(super) group: Option<u32>,
    /// `Plain`, `Script`, `Text`, `Image`, `Audio`.
    pub(super) algorithm: String,
    /// A script's name, or what it shows.
    pub(super) content: String,
    pub(super) colors: Vec<[u8; 3]>,
    pub(super) properties: Vec<(String, String)>,
}

/// A track of a show.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) name: String,
    pub(super) muted: bool,
    pub(super) items: Vec<TrackItem>,
}

/// A function on a track; times in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct TrackItem {
    pub(super) function: u32,
    pub(super) start: f64,
    /// The function's own length when not given.
    pub(super) duration: Option<f64>,
    pub(super) place: Place,
}

/// The longest finite time, in milliseconds: a day.
const LONGEST: f64 = 86_400_000.0;

/// A time in milliseconds; the two highest numbers mean "the default" and "without end".
fn time(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
    match number as i64 {
        -1 | 4_294_967_295 => None,
        -2 | 4_294_967_294 => Some(f64::INFINITY),
        _ => Some(number.clamp(0.0, LONGEST)),
    }
}

fn time_of(node: Node<'_, '_>, name: &str) -> Option<f64> {
    node.attribute(name).and_then(time)
}

/// Reads a function.
pub(super) fn read(node: Node<'_, '_>, reader: &mut Reader) -> Function {
    let speed = xml::child(node, "Speed");
    let of = |name| speed.and_then(|speed| time_of(speed, name)).unwrap_or(0.0);
    let speed = Speed { fade_in: of("FadeIn"), fade_out: of("FadeOut"), duration: of("Duration") };
    let type_name = node.attribute("Type").unwrap_or_default();
    let kind = match type_name {
        "Scene" => Kind::Scene(scene(node, reader)),
        "Chaser" | "Sequence" => Kind::Chaser(chaser(node, reader)),
        "Collection" => {
            let steps = xml::children(node, "Step").filter_map(|step| xml::text(step).parse().ok());
            Kind::Collection(steps.collect())
        }
        "EFX" => Kind::Efx(efx(node)),
        "RGBMatrix" => Kind::Matrix(matrix(node)),
        "Show" => {
            Kind::Show(xml::children(node, "Track").map(|node| track(node, reader)).collect())
        }
        "Audio" => Kind::Audio(xml::child_text(node, "Source").unwrap_or_default().to_owned()),
        other => Kind::Other(other.to_owned()),
    };
    let name = node.attribute("Name").unwrap_or_default();
    let id = node.attribute("ID").unwrap_or_default();
    Function {
        name: if name.is_empty() { format!("{type_name} {id}") } else { name.to_owned() },
        kind,
        speed,
        order: match xml::child_text(node, "RunOrder") {
            Some("SingleShot") => RunOrder::SingleShot,
            Some("PingPong") => RunOrder::PingPong,
            Some("Random") => RunOrder::Random,
            _ => RunOrder::Loop,
        },
        backward: xml::child_text(node, "Direction") == Some("Backward"),
        place: reader.place(node),
    }
}

/// The values of a scene: `<FixtureVal ID="0">channel,value,…`, or an older `<Value>` for each.
fn scene(node: Node<'_, '_>, reader: &mut Reader) -> Vec<Level> {
    let mut levels = Vec::new();
    for value in xml::children(node, "FixtureVal") {
        let Some(fixture) = reader.attribute(value, "ID") else { continue };
        let numbers = numbers(value, xml::text(value), reader);
        levels.extend(numbers.chunks_exact(2).map(|pair| level(fixture, pair[0], pair[1])));
    }
    for value in xml::children(node, "Value") {
        let (fixture, channel) =
            (xml::attribute(value, "Fixture"), xml::attribute(value, "Channel"));
        let text = xml::text(value);
        if let (Some(fixture), Some(channel), Ok(value)) = (fixture, channel, text.parse()) {
            levels.push(level(fixture, channel, value));
        }
    }
    levels
}

fn level(fixture: u32, channel: u32, value: u32) -> Level {
    Level { fixture, channel, value: value.min(255) as u8 }
}

/// Numbers joined by commas; says when one is none.
fn numbers(node: Node<'_, '_>, text: &str, reader: &mut Reader) -> Vec<u32> {
    let mut numbers = Vec::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let Some(number) = reader.number(node, part, "a channel or a value") else {
            return Vec::new();
        };
        numbers.push(number);
    }
    numbers
}

fn chaser(node: Node<'_, '_>, reader: &mut Reader) -> Chaser {
    let modes = xml::child(node, "SpeedModes");
    let mode = |name, default| match modes.and_then(|modes| modes.attribute(name)) {
        Some("Common") => SpeedMode::Common,
        Some("PerStep") => SpeedMode::PerStep,
        Some("Default") => SpeedMode::Default,
        _ => default,
    };
    let older = xml::child(node, "Sequence").and_then(|node| xml::attribute(node, "BoundScene"));
    let mut steps: Vec<(u32, Step)> = Vec::new();
    for (index, node) in xml::children(node, "Step").enumerate() {
        let number = xml::attribute(node, "Number").unwrap_or(index as u32);
        steps.push((number, step(node, reader)));
    }
    steps.sort_by_key(|(number, _)| *number);
    Chaser {
        steps: steps.into_iter().map(|(_, step)| step).collect(),
        fade_in: mode("FadeIn", SpeedMode::Default),
        fade_out: mode("FadeOut", SpeedMode::Default),
        duration: mode("Duration", SpeedMode::Common),
        bound: xml::attribute(node, "BoundScene").or(older),
    }
}

fn step(node: Node<'_, '_>, reader: &mut Reader) -> Step {
    let fade_in = time_of(node, "FadeIn").unwrap_or(0.0);
    let hold = time_of(node, "Hold").map(|hold| fade_in + hold);
    let has_levels = node.attribute("Values").is_some();
    Step {
        function: xml::text(node).parse().ok().filter(|_| !has_levels),
        levels: if has_levels { step_levels(node, reader) } else { Vec::new() },
        speed: Speed {
            fade_in,
            fade_out: time_of(node, "FadeOut").unwrap_or(0.0),
            duration: hold.or(time_of(node, "Duration")).unwrap_or(0.0),
        },
        place: reader.place(node),
    }
}

/// `fixture:channel,value,channel,value:fixture:…`, or older `fixture,channel,value,…`.
fn step_levels(node: Node<'_, '_>, reader: &mut Reader) -> Vec<Level> {
    let text = xml::text(node);
    if !text.contains(':') {
        let numbers = numbers(node, text, reader);
        return numbers.chunks_exact(3).map(|part| level(part[0], part[1], part[2])).collect();
    }
    let parts: Vec<&str> = text.split(':').collect();
    let mut levels = Vec::new();
    for pair in parts.chunks_exact(2) {
        let Some(fixture) = reader.number(node, pair[0], "a fixture's id") else { break };
        let values = numbers(node, pair[1], reader);
        levels.extend(values.chunks_exact(2).map(|value| level(fixture, value[0], value[1])));
    }
    levels
}

fn efx(node: Node<'_, '_>) -> Efx {
    let axis =
        |name: &str| xml::children(node, "Axis").find(|axis| axis.attribute("Name") == Some(name));
    let axes = [axis("X"), axis("Y")];
    let both = |name: &str, defaults: [f64; 2], most: f64| {
        let of = |side: usize| axes[side].and_then(|axis| xml::value::<f64>(axis, name));
        [0, 1].map(|side| of(side).unwrap_or(defaults[side]).clamp(0.0, most))
    };
    let value = |name, default: f64, most: f64| {
        xml::value::<f64>(node, name).unwrap_or(default).clamp(0.0, most)
    };
    let fixture = |fixture: Node<'_, '_>| {
        Some(EfxFixture {
            fixture: xml::value(fixture, "ID")?,
            head: xml::value(fixture, "Head").unwrap_or(0),
            backward: xml::child_text(fixture, "Direction") == Some("Backward"),
            start_deg: xml::value::<f64>(fixture, "StartOffset").unwrap_or(0.0).clamp(0.0, 360.0),
            mode: xml::value(fixture, "Mode").unwrap_or(0),
        })
    };
    let text = |name, default: &str| xml::child_text(node, name).unwrap_or(default).to_owned();
    Efx {
        algorithm: text("Algorithm", "Circle"),
        fixtures: xml::children(node, "Fixture").filter_map(fixture).collect(),
        size: [value("Width", 127.0, 127.0), value("Height", 127.0, 127.0)],
        offset: both("Offset", [127.0, 127.0], 255.0),
        frequency: both("Frequency", [2.0, 3.0], 32.0),
        phase_deg: both("Phase", [90.0, 0.0], 359.0),
        rotation_deg: value("Rotation", 0.0, 359.0),
        start_deg: value("StartOffset", 0.0, 359.0),
        relative: xml::child_text(node, "IsRelative") == Some("1"),
        propagation: text("PropagationMode", "Parallel"),
    }
}

fn matrix(node: Node<'_, '_>) -> Matrix {
    let algorithm = xml::child(node, "Algorithm");
    let content = algorithm.map(|node| match xml::child_text(node, "Content") {
        Some(content) => content,
        None => xml::child_text(node, "Filename").unwrap_or(xml::text(node)),
    });
    let color = |text: &str| {
        let argb: u32 = text.parse().ok()?;
        Some([16, 8, 0].map(|shift| (argb >> shift & 0xff) as u8))
    };
    let mut colors: Vec<(u32, [u8; 3])> = Vec::new();
    for (index, name) in ["MonoColor", "EndColor"].into_iter().enumerate() {
        let found = xml::child_text(node, name).and_then(color);
        colors.extend(found.map(|color| (index as u32, color)));
    }
    for node in xml::children(node, "Color") {
        let index = xml::attribute(node, "Index").unwrap_or(colors.len() as u32);
        colors.extend(color(xml::text(node)).map(|color| (index, color)));
    }
    colors.sort_by_key(|(index, _)| *index);
    let property = |node: Node<'_, '_>| {
        Some((node.attribute("Name")?.to_owned(), node.attribute("Value")?.to_owned()))
    };
    Matrix {
        group: xml::value(node, "FixtureGroup"),
        algorithm: algorithm.and_then(|node| node.attribute("Type")).unwrap_or("Plain").to_owned(),
        content: content.unwrap_or_default().to_owned(),
        colors: colors.into_iter().map(|(_, color)| color).collect(),
        properties: xml::children(node, "Property").filter_map(property).collect(),
    }
}

fn track(node: Node<'_, '_>, reader: &Reader) -> Track {
    let item = |item: Node<'_, '_>| {
        Some(TrackItem {
            function: xml::attribute(item, "ID")?,
            start: time_of(item, "StartTime").filter(|start| start.is_finite()).unwrap_or(0.0),
            duration: time_of(item, "Duration").filter(|time| time.is_finite() && *time > 0.0),
            place: reader.place(item),
        })
    };
    Track {
        name: node.attribute("Name").unwrap_or_default().to_owned(),
        muted: matches!(node.attribute("isMute"), Some("1" | "true")),
        items: xml::children(node, "ShowFunction").filter_map(item).collect(),
    }
}
