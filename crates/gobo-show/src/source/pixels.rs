//! Pixels on a wire: how many, in which order of colours, how they fill universes, and where
//! they are.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, Spanned, choice, record};
use crate::diagnostic::Diagnostic;
use crate::rig::Emitter;
use crate::value::{Angle, Metres, Turns};

/// How many pixels there are, from 1 to 65535.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct PixelCount(pub u16);

impl Decode for PixelCount {
    fn about() -> About {
        let range = Some((1.0, f64::from(u16::MAX)));
        About { range, ..About::new("pixel count", "a whole number of pixels") }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.number().filter(|number| number.fract() == 0.0) {
            Some(number) => {
                let number = decoder.in_range(at, number, 1.0, u16::MAX.into())?;
                Some(Self(number as u16))
            }
            None => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "integer", "minimum": 1, "maximum": u16::MAX})
    }
}

/// What the slots of a pixel are, in their order; at least one, none twice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PixelOrder(pub Vec<Emitter>);

/// The letters of an order.
const LETTERS: &str = "RGBWCALUI";

impl PixelOrder {
    /// Red, green, blue.
    pub fn rgb() -> Self {
        Self(vec![Emitter::Red, Emitter::Green, Emitter::Blue])
    }

    fn emitter(letter: char, is_two_white: bool) -> Option<Emitter> {
        Some(match letter.to_ascii_uppercase() {
            'R' => Emitter::Red,
            'G' => Emitter::Green,
            'B' => Emitter::Blue,
            'W' if is_two_white => Emitter::WarmWhite,
            'W' => Emitter::White,
            'C' => Emitter::ColdWhite,
            'A' => Emitter::Amber,
            'L' => Emitter::Lime,
            'U' => Emitter::Uv,
            'I' => Emitter::Indigo,
            _ => return None,
        })
    }
}

impl Decode for PixelOrder {
    fn about() -> About {
        About::new("pixel order", "letters such as `RGB`, `GRB` or `RGBW`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(text) = at.node.text().filter(|text| !text.is_empty()) else {
            return decoder.wrong::<Self, _>(at);
        };
        let is_two_white = text.contains(['c', 'C']);
        let mut order = Vec::new();
        for letter in text.chars() {
            let Some(emitter) = Self::emitter(letter, is_two_white) else {
                let message = format!("`{letter}` in `{text}` is no colour of a pixel");
                let error = Diagnostic::error("bad-value", at.place(), message);
                decoder.say(error.hint(format!("the letters are {LETTERS}")));
                return None;
            };
            if order.contains(&emitter) {
                let message = format!("`{letter}` stands twice in `{text}`");
                decoder.error("bad-value", at, message);
                return None;
            }
            order.push(emitter);
        }
        Some(Self(order))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "string", "pattern": format!("^[{LETTERS}{}]+$", LETTERS.to_lowercase())})
    }
}

/// How pixels fill universes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum Packing {
    /// Only whole pixels: what is left of a universe stays free.
    #[default]
    Whole,
    /// Every slot: a pixel may lie in two universes.
    Dense,
    /// 170 pixels of three slots to a universe, as WLED takes them.
    WledRgb,
    /// 128 pixels of four slots to a universe, as WLED takes them.
    WledRgbw,
}

choice! { Packing, "packing":
    Whole = "whole", "Only whole pixels: what is left of a universe stays free.";
    Dense = "dense", "Every slot: a pixel may lie in two universes.";
    WledRgb = "wled-rgb", "170 pixels of three slots to a universe, as WLED takes them.";
    WledRgbw = "wled-rgbw", "128 pixels of four slots to a universe, as WLED takes them.";
}

record! {
    /// Where the pixels of a fixture are, about its position, before its rotation: x right, z up.
    pub struct LayoutSource as "layout" {
        /// The figure that they stand in.
        pub shape: LayoutShape = "line",
        /// Metres from one pixel to the next; a line and a matrix have it.
        pub spacing: Option<Spanned<Metres>>,
        /// Pixels side by side in a matrix.
        pub columns: Option<Spanned<u64>>,
        /// Pixels on top of each other in a matrix.
        pub rows: Option<Spanned<u64>>,
        /// Whether every second run of a matrix goes back.
        pub serpentine: bool = false,
        /// Whether the runs of a matrix go up and down instead of across.
        pub vertical: bool = false,
        /// The corner of a matrix where the wire starts.
        pub start: Corner = "top-left",
        /// Metres from the middle to the pixels: of an arc, or of a tree at its foot.
        pub radius: Option<Spanned<Metres>>,
        /// How much of a circle an arc is, clockwise; below 0 it runs the other way.
        pub arc: Angle = 360.0,
        /// Where an arc starts: 0 is at the top, 90 to the right.
        pub from: Angle = 0.0,
        /// The height of a tree in metres.
        pub height: Option<Spanned<Metres>>,
        /// How often a tree is wound about.
        pub turns: Turns = 8.0,
        /// Every pixel by itself, in metres from the fixture's position: [x, y, z].
        pub points: Vec<[f64; 3]>,
    }
}

/// The figure that pixels stand in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum LayoutShape {
    /// In a row.
    Line,
    /// In rows and columns.
    Matrix,
    /// On a circle or a part of one.
    Arc,
    /// Wound about a cone, from the foot up.
    Tree,
    /// Each where `points` says.
    Points,
}

choice! { LayoutShape, "layout shape":
    Line = "line", "In a row, from left to right.";
    Matrix = "matrix", "In rows and columns.";
    Arc = "arc", "On a circle or a part of one.";
    Tree = "tree", "Wound about a cone, from the foot up.";
    Points = "points", "Each where `points` says.";
}

/// A corner of a matrix, seen from the audience.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

choice! { Corner, "corner":
    TopLeft = "top-left", "Top left.";
    TopRight = "top-right", "Top right.";
    BottomLeft = "bottom-left", "Bottom left.";
    BottomRight = "bottom-right", "Bottom right.";
}
