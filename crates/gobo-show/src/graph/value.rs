//! How the parameters of nodes are written: as Luma writes them, and as the rest of gobo does.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, choice};
use crate::tree::{Node, Tree, Value, parse_json};
use crate::value::Color;
use crate::world::Source;

/// A number, also as text.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Figure(pub f64);

impl From<Figure> for f64 {
    fn from(figure: Figure) -> Self {
        figure.0
    }
}

/// The number that a value says, bare or as text.
fn figure(node: &Node) -> Option<f64> {
    let number = match &node.value {
        Value::Number(number) => *number,
        Value::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

impl Decode for Figure {
    fn about() -> About {
        About::new("node figure", "a number such as 0.5 or `0.5`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        figure(at.node).map(Self).or_else(|| decoder.wrong::<Self, _>(at))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define(
            "node figure",
            |_| json!({"description": "A number, or an argument.", "type": ["number", "string"]}),
        )
    }
}

/// A number that has a range of its own.
macro_rules! ranged {
    ($( $(#[$doc:meta])* $name:ident: $kind:literal, $expected:literal, $unit:literal, $low:expr, $high:expr; )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Debug, Serialize)]
        pub struct $name(pub f64);

        impl From<$name> for f64 {
            fn from(number: $name) -> f64 {
                number.0
            }
        }

        impl Decode for $name {
            fn about() -> About {
                let range = Some(($low, $high));
                About { unit: $unit, range, ..About::new($kind, $expected) }
            }

            fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
                let Some(number) = figure(at.node) else { return decoder.wrong::<Self, _>(at) };
                decoder.in_range(at, number, $low, $high).map(Self)
            }

            fn schema(definitions: &mut Definitions) -> Json {
                definitions.define($kind, |_| {
                    let mut number = json!({"type": "number", "minimum": $low});
                    if f64::is_finite($high) {
                        number["maximum"] = json!($high);
                    }
                    json!({"anyOf": [number, {"type": "string"}]})
                })
            }
        }
    )*};
}

ranged! {
    /// A part of a whole, 0 to 1.
    Share: "node share", "a number from 0 to 1", "", 0.0, 1.0;
    /// A number that is not negative.
    Positive: "node positive number", "a number from 0 up", "", 0.0, f64::INFINITY;
    /// How many layers of detail noise has.
    Octaves: "node octaves", "a number from 1 to 8", "", 1.0, 8.0;
    /// A frequency of sound.
    Cutoff: "node cutoff", "a frequency in hertz", "Hz", 1.0, 96_000.0;
}

/// On or off: Luma writes 1 and 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Switch(pub bool);

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch.0
    }
}

impl Decode for Switch {
    fn about() -> About {
        About::new("node switch", "true or false, or 1 or 0")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match (&at.node.value, figure(at.node)) {
            (Value::Bool(flag), _) => Some(Self(*flag)),
            (_, Some(number)) => Some(Self(number > 0.5)),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": ["boolean", "number", "string"]})
    }
}

/// A colour with how much it tints what is below.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Tinted {
    /// The colour.
    pub color: Color,
    /// 0 leaves the colour below, 1 takes its place.
    pub alpha: f64,
}

impl Tinted {
    /// Luma's object: bytes of red, green and blue, and alpha from 0 to 1.
    fn of_object(node: &Node) -> Option<Self> {
        let part = |key: &str| node.get(key).and_then(figure);
        let byte = |key: &str| Some((part(key)? / 255.0).clamp(0.0, 1.0));
        let color = Color { red: byte("r")?, green: byte("g")?, blue: byte("b")? };
        let alpha = if node.get("a").is_some() { part("a")? } else { 1.0 };
        Some(Self { color, alpha: alpha.clamp(0.0, 1.0) })
    }

    fn of_text(text: &str) -> Option<Self> {
        if text.trim_start().starts_with('{') {
            return Self::of_object(&json_in(text)?.root);
        }
        let digits = text.trim().strip_prefix('#')?;
        let is_long = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let rgba = u32::from_str_radix(digits, 16).ok().filter(|_| is_long)?;
        Some(Self { color: Color::from_rgb(rgba >> 8), alpha: f64::from(rgba & 0xff) / 255.0 })
    }
}

/// A JSON text that stands in a text.
fn json_in(text: &str) -> Option<Tree> {
    parse_json(&Source { path: "text".into(), text: text.into() }).ok()
}

impl Decode for Tinted {
    fn about() -> About {
        Color::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let read = match &at.node.value {
            Value::Object(_) => Self::of_object(at.node),
            Value::Text(text) => Self::of_text(text),
            _ => None,
        };
        read.or_else(|| Color::decode(at, decoder).map(|color| Self { color, alpha: 1.0 }))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("node tinted", |_| {
            json!({
                "description": "A colour, `#rrggbbaa`, or { r, g, b (0 to 255), a (0 to 1) }.",
                "anyOf": [{"type": "string"}, {"type": "object"}],
            })
        })
    }
}

/// Ranges of frequencies, in hertz; none is all of them.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Ranges(pub Vec<[f64; 2]>);

impl Ranges {
    fn of(list: &Node) -> Option<Self> {
        let Value::List(items) = &list.value else { return None };
        let pair = |item: &Node| match item.items() {
            [low, high] => figure(low).zip(figure(high)).map(|(a, b)| [a.min(b), a.max(b)]),
            _ => None,
        };
        items.iter().map(pair).collect::<Option<_>>().map(Self)
    }
}

impl Decode for Ranges {
    fn about() -> About {
        About::new("node frequency ranges", "pairs of hertz such as `[[20, 200]]`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let read = match at.node.text() {
            Some("") => Some(Self::default()),
            Some(text) => json_in(text).and_then(|tree| Self::of(&tree.root)),
            None => Self::of(at.node),
        };
        read.or_else(|| decoder.wrong::<Self, _>(at))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"anyOf": [{"type": "string"}, {"type": "array"}]})
    }
}

/// Something that is kept for others and not used here.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Kept;

impl Decode for Kept {
    fn about() -> About {
        About::new("anything", "anything")
    }

    fn decode(_: &At<'_>, _: &mut Decoder) -> Option<Self> {
        Some(Self)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!(true)
    }
}

/// Declares an enum with its names.
macro_rules! named {
    ($( $(#[doc = $about:literal])* $type:ident $kind:literal { $( $variant:ident = $name:literal, $doc:literal; )* } )*) => {$(
        $(#[doc = $about])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
        pub enum $type { $( #[doc = $doc] $variant ),* }

        choice! { $type, $kind: $( $variant = $name, $doc; )* }
    )*};
}

named! {
    /// What `math` does.
    MathOperation "math operation" {
    Add = "add", "a + b.";
    Subtract = "subtract", "a - b.";
    Multiply = "multiply", "a times b.";
    Divide = "divide", "a / b; 0 where b is 0.";
    Max = "max", "The greater.";
    Min = "min", "The lesser.";
    AbsDiff = "abs_diff", "How far they are apart.";
    Abs = "abs", "a without its sign.";
    Modulo = "modulo", "What is left of a after whole b, with the sign of a; 0 where b is 0.";
    CircularDistance = "circular_distance", "How far they are apart on a circle of 1: 0 to 0.5.";
    }

    /// What `round` does.
    RoundOperation "round operation" {
    Round = "round", "To the nearest whole number, halves away from 0.";
    Floor = "floor", "Down.";
    Ceil = "ceil", "Up.";
    }

    /// What `get_attribute` gives.
    AttributeName "attribute name" {
    Index = "index", "The place in the selection, from 0.";
    NormalizedIndex = "normalized_index", "The place in the selection, 0 to 1.";
    Count = "count", "How many there are, once for each group.";
    PosX = "pos_x", "Metres to the right.";
    PosY = "pos_y", "Metres to the back.";
    PosZ = "pos_z", "Metres up.";
    RelX = "rel_x", "From the left end of the selection to the right, 0 to 1.";
    RelY = "rel_y", "From the front of the selection to its back, 0 to 1.";
    RelZ = "rel_z", "From the lowest of the selection to the highest, 0 to 1.";
    RelMajorSpan = "rel_major_span", "Along the axis in which the selection is longest, 0 to 1.";
    RelMajorCount = "rel_major_count", "Along the axis with the most places, 0 to 1.";
    CircleRadius = "circle_radius", "Metres from the middle, seen from above.";
    AngularPosition = "angular_position", "The angle on the circle that fits the selection, 0 to 1.";
    AngularIndex = "angular_index", "The place by the angle around the middle, from 0.";
    }

    /// What `filter_selection` asks for.
    CapabilityName "capability name" {
    Movement = "movement", "Pan or tilt.";
    Color = "color", "Emitters of colours, or a colour wheel.";
    Strobe = "strobe", "A shutter that strobes.";
    Dimmer = "dimmer", "A dimmer.";
    }

    /// The axis that `mirror` folds.
    AxisName "axis name" {
    X = "x", "Left and right.";
    Y = "y", "Front and back.";
    Z = "z", "Below and above.";
    }
}
