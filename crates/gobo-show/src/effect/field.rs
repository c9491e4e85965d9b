//! Effects over places: pictures that move over the selection, whatever its fixtures are.
//!
//! A field is a function of a place and a time. The places are those of the selection's heads in
//! the room, laid flat by [`Plane`] and brought to a box from 0 to 1; or their order. Every field
//! has `every`, `colors`, `plane` and `level` besides its own parameters.
//!
//! # What other programs call them
//!
//! The names that xLights has are its own. Those of the WLED light server are:
//!
//! | there | here |
//! |---|---|
//! | effect `solid`, `SOLID` | `set` with a dimmer and a colour |
//! | `RAINBOW` | `rainbow`; its speed is `every`, its intensity `level` |
//! | effect `pulse`, `PULSE_CUSTOM` | `pulse` with `shape: "decay"`; intensity is `high`, speed `every` |
//! | effect `strobe` | `strobe` |
//! | effect `flash` | `flash` with `hold: "30ms"`, `decay: "200ms"`, `easing: "quad_out"` |
//! | effect `bursts`, `lightning`, `puddles`, `sparkle` | the same |
//! | effect `wipe_up` | `curtain` with `edge: "bottom"` and `every` |
//! | effect `wipe_center` | `curtain` with `edge: "center"` and `every` |
//! | pattern `wave`, `wave_reverse` | `wave` with `direction: "forward"`, `"backward"` |
//! | pattern `ping_pong` | `chase` with `direction: "bounce"` |
//! | pattern `alternate` | `marquee` with `band: 1`, `gap: 1`, `steps: true`, `plane: "order"`, `every: "2 beats"` |
//! | pattern `outside_in`, `center_out` | `chase` with `direction: "inward"`, `"outward"` |
//! | pattern `random` | `chase` with `direction: "random"` |
//!
//! `bpm * sync_rate` is a period: `every: "1/<sync_rate> beat"`.

mod drawing;
mod geometry;
mod picture;
mod wled;

pub use drawing::{
    Fire, FireEdge, Fireworks, Garlands, Meteors, MeterStyle, Picture, Running, Scale, Snowflakes,
    SparkleStrobe, TextField, Tree, Twinkle, VuMeter,
};
pub use geometry::{
    Bars, Butterfly, ButterflyStyle, ColorWash, Curtain, CurtainEdge, Fan, Marquee, Morph,
    Movement, Outline, Pinwheel, Plasma, Ripple, Shockwave, SingleStrand, Spirals, Wave2d,
};
pub use picture::{Animation, PictureFile, Still};
pub use wled::{Bursts, Lightning, Puddles, Sparkle};

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, choice};
use crate::reference::{Kind, Row};
use crate::tree::Value;
use crate::value::{Color, Span};

/// How the room is laid flat for a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Plane {
    /// The two axes along which the selection is the longest.
    Auto,
    /// Seen from the audience: across and up.
    Front,
    /// Seen from above: across and to the back.
    Top,
    /// Seen from the side: to the back and up.
    Side,
    /// Only across.
    Across,
    /// Only to the back.
    Back,
    /// Only up.
    Up,
    /// Not by place: along the order of the selection.
    Order,
}

choice! { Plane, "plane":
    Auto = "auto", "The two axes along which the selection is the longest.";
    Front = "xz", "Seen from the audience: across and up.";
    Top = "xy", "Seen from above: across and to the back.";
    Side = "yz", "Seen from the side: to the back and up.";
    Across = "x", "Only across, from left to right.";
    Back = "y", "Only from the front to the back.";
    Up = "z", "Only up.";
    Order = "order", "Along the order of the selection, wherever its heads are.";
}

/// The way a field moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Way {
    Up,
    Down,
    Left,
    Right,
    Expand,
    Compress,
}

choice! { Way, "way":
    Up = "up", "From the bottom to the top.";
    Down = "down", "From the top to the bottom.";
    Left = "left", "From right to left.";
    Right = "right", "From left to right.";
    Expand = "expand", "From the middle outwards.";
    Compress = "compress", "From outside to the middle.";
}

/// How the cross-section of a stripe is lit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Relief {
    Flat,
    Rising,
    Falling,
    Round,
}

choice! { Relief, "relief":
    Flat = "flat", "Evenly.";
    Rising = "rising", "From dark at the start to full at the end.";
    Falling = "falling", "From full at the start to dark at the end.";
    Round = "round", "Full in the middle, dark at both edges.";
}

/// The colours of a field, at least one.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Colors(Vec<Color>);

impl From<Colors> for Vec<Color> {
    fn from(colors: Colors) -> Self {
        colors.0
    }
}

impl Decode for Colors {
    fn about() -> About {
        About::new("colors", "a colour such as `#ff8800`, or a list of them")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Text(_) => Color::decode(at, decoder).map(|color| Self(vec![color])),
            Value::List(items) if items.is_empty() => {
                decoder.error("empty-list", at, "`colors` has no colour: expected at least one");
                None
            }
            Value::List(items) => {
                let colors: Vec<Color> =
                    at.items().filter_map(|item| decoder.value(&item)).collect();
                (colors.len() == items.len()).then_some(Self(colors))
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let color = Color::schema(definitions);
        json!({"anyOf": [color, {"type": "array", "items": color, "minItems": 1}]})
    }
}

/// A whole number of things, at least one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Count(u32);

/// The most of anything that a field may be asked for.
const MOST: f64 = 1000.0;

impl From<Count> for u32 {
    fn from(count: Count) -> Self {
        count.0
    }
}

impl Decode for Count {
    fn about() -> About {
        let expected = "a whole number from 1 to 1000";
        About { range: Some((1.0, MOST)), ..About::new("number of", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.number() {
            Some(number) if number.fract() == 0.0 => {
                decoder.in_range(at, number, 1.0, MOST).map(|number| Self(number as u32))
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "integer", "minimum": 1, "maximum": MOST})
    }
}

/// A place of a field's box: across and up, each a part of it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Spot {
    /// 0 is the left edge, 1 the right one.
    pub across: f64,
    /// 0 is the bottom, 1 the top.
    pub up: f64,
}

impl Decode for Spot {
    fn about() -> About {
        About {
            range: Some((-2.0, 3.0)),
            ..About::new("spot", "two numbers: [across, up], 0 to 1")
        }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let items: Vec<_> = at.items().collect();
        let [across, up] = items.as_slice() else { return decoder.wrong::<Self, _>(at) };
        let mut part = |at: &At<'_>| match at.node.number() {
            Some(number) => decoder.in_range(at, number, -2.0, 3.0),
            None => decoder.wrong::<Self, _>(at),
        };
        let (across, up) = (part(across), part(up));
        Some(Self { across: across?, up: up? })
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
    }
}

/// What every field has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Common<'a> {
    /// How often it repeats; `None` runs once over the cue.
    pub every: Option<Span>,
    /// Its colours, at least one.
    pub colors: &'a [Color],
    /// How the room is laid flat.
    pub plane: Plane,
    /// The level where it is full.
    pub level: f64,
}

/// Declares the parameters of a field: its own, then those that every field has. `every` has the
/// sentence that says what a period of it is, and its default unless it runs once over the cue.
macro_rules! field {
    (
        $(#[doc = $about:literal])*
        $name:ident as $kind:literal, every $doc:literal $(= $every:literal)?,
        colors $colors:expr, plane $plane:literal { $($own:tt)* }
    ) => {
        $crate::decode::record! {
            $(#[doc = $about])*
            pub struct $name as $kind {
                $($own)*
                #[doc = $doc]
                pub every: Option<$crate::value::Every> $(= $every)?,
                /// Its colours.
                pub colors: Vec<$crate::value::Color> as $crate::effect::field::Colors = $colors,
                /// How the places of the selection in the room are laid flat.
                pub plane: $crate::effect::field::Plane = $plane,
                /// The level where it is full.
                pub level: $crate::value::Level = "100%",
            }
        }

        impl $name {
            /// What every field has.
            pub fn common(&self) -> $crate::effect::field::Common<'_> {
                $crate::effect::field::Common {
                    every: self.every.map(|every| every.0),
                    colors: &self.colors,
                    plane: self.plane,
                    level: self.level.0,
                }
            }
        }
    };
}
use field;

/// The table of fields: family, name, type and example.
macro_rules! fields {
    ($( $family:literal $name:literal $variant:ident($parameters:ident) $doc:literal $example:literal )*) => {
        /// An effect over places.
        #[derive(Clone, PartialEq, Debug, Serialize)]
        pub enum Field {
            $( #[doc = $doc] $variant($parameters) ),*
        }

        impl Field {
            /// The name of every field.
            pub(crate) const NAMES: &'static [&'static str] = &[$($name),*];

            /// The rows of the reference.
            pub(crate) fn rows() -> Vec<Row> {
                vec![$(
                    Row::new(Kind::Effect, $family, $name, $doc)
                        .parameters($parameters::fields())
                        .example($example)
                ),*]
            }

            /// Reads the parameters of the field `name`.
            pub(crate) fn decode(name: &str, at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
                match name {
                    $( $name => {
                        <$parameters as Decode>::decode(at, decoder).map(Self::$variant)
                    } )*
                    _ => None,
                }
            }

            /// The schema of each field's parameters, by its name.
            pub(crate) fn schemas(definitions: &mut Definitions) -> Vec<(&'static str, Json)> {
                vec![$({
                    let mut schema = <$parameters as Decode>::schema(definitions);
                    schema["description"] = json!($doc);
                    ($name, schema)
                }),*]
            }

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self {
                    $( Self::$variant(_) => $name ),*
                }
            }

            /// What every field has.
            pub fn common(&self) -> Common<'_> {
                match self {
                    $( Self::$variant(field) => field.common() ),*
                }
            }
        }
    };
}

fields! {
    "pixels" "bars" Bars(Bars)
    "Bars of the colours that move over the selection."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "bars": { "colors": ["red", "gold", "blue"], "way": "up", "repeats": 2 } }"##

    "pixels" "butterfly" Butterfly(Butterfly)
    "The wings of a butterfly: a figure of two mirrored waves whose colours flow."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "butterfly": { "style": "wings" } }"##

    "pixels" "color_wash" ColorWash(ColorWash)
    "The whole selection goes from colour to colour; its brightness may fall towards the sides."
    r##"{ "at": "verse", "for": "8 bars", "on": "all", "color_wash": { "colors": ["navy", "teal", "purple"], "fade_across": true } }"##

    "pixels" "curtain" Curtain(Curtain)
    "A curtain that opens or closes once over the cue, or again and again with `every`: a wipe."
    r##"{ "at": "chorus", "for": "2 bars", "on": "matrix", "curtain": { "edge": "center", "movement": "open", "colors": ["crimson"] } }"##

    "pixels" "fan" Fan(Fan)
    "The blades of a fan that turns around a spot."
    r##"{ "at": "chorus", "for": "4 bars", "on": "matrix", "fan": { "blades": 4, "width": "60%", "every": "2 bars" } }"##

    "pixels" "fire" Fire(Fire)
    "Flames that lick from an edge, each moment and place drawn from the seed."
    r##"{ "at": "bridge", "for": "8 bars", "on": "matrix", "fire": { "height": "80%" } }"##

    "pixels" "fireworks" Fireworks(Fireworks)
    "Rockets burst at places drawn from the seed; their sparks fly, fall and die away."
    r##"{ "at": "chorus", "for": "8 bars", "on": "matrix", "fireworks": { "bursts": 3, "sparks": 14 } }"##

    "pixels" "garlands" Garlands(Garlands)
    "Garlands come down from the top one after the other and lie over each other."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "garlands": { "count": 6, "swags": 2 } }"##

    "pixels" "marquee" Marquee(Marquee)
    "Lights that run around the edge of the selection, as around a cinema's sign."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "marquee": { "band": 3, "gap": 3, "thickness": 1, "colors": ["gold"] } }"##

    "pixels" "meteors" Meteors(Meteors)
    "Meteors with tails: they rain, rise, fly sideways, or burst out of the middle."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "meteors": { "count": 6, "length": "40%", "way": "down" } }"##

    "pixels" "morph" Morph(Morph)
    "A bar of light that goes from one spot to another and changes its width and colour on the way."
    r##"{ "at": "chorus", "for": "2 bars", "on": "matrix", "morph": { "from": [0, 0], "to": [1, 1], "tail": "50%" } }"##

    "pixels" "pinwheel" Pinwheel(Pinwheel)
    "Arms that turn around a spot, straight or twisted."
    r##"{ "at": "chorus", "for": "8 bars", "on": "matrix", "pinwheel": { "arms": 4, "twist": "120deg", "relief": "falling" } }"##

    "pixels" "plasma" Plasma(Plasma)
    "Colours that flow into each other like a slow liquid."
    r##"{ "at": "bridge", "for": "8 bars", "on": "all", "plasma": { "density": 2 } }"##

    "pixels" "ripple" Ripple(Ripple)
    "Rings in the shape of a circle, a square, a diamond or a star that run out from a spot, or in."
    r##"{ "at": "chorus", "for": "8 bars", "on": "matrix", "ripple": { "shape": "circle", "rings": 2 } }"##

    "pixels" "shockwave" Shockwave(Shockwave)
    "One ring that grows from a spot, once over the cue, or again and again with `every`."
    r##"{ "at": "drop", "for": "2 beats", "on": "matrix", "shockwave": { "end_radius": 1.2, "end_width": 0.3 } }"##

    "pixels" "single_strand" SingleStrand(SingleStrand)
    "Stretches of light that run smoothly along a strand: by the order of the selection, unless \
     `plane` says otherwise."
    r##"{ "at": "verse", "for": "8 bars", "on": "strips", "single_strand": { "count": 2, "length": "25%", "relief": "rising", "direction": "bounce" } }"##

    "pixels" "snowflakes" Snowflakes(Snowflakes)
    "Snow that falls, near flakes faster than far ones, with a wind if there is any."
    r##"{ "at": "outro", "for": "8 bars", "on": "matrix", "snowflakes": { "count": 20, "wind": 0.3 } }"##

    "pixels" "spirals" Spirals(Spirals)
    "Slanted stripes that wind around the selection as around a pole."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "spirals": { "stripes": 3, "turns": 1.5, "thickness": "60%", "relief": "round" } }"##

    "pixels" "sparkle_strobe" SparkleStrobe(SparkleStrobe)
    "Single lights of the selection flash, others each time."
    r##"{ "at": "drop", "for": "2 bars", "on": "matrix", "sparkle_strobe": { "share": "20%", "every": "12 Hz" } }"##

    "pixels" "text" Text(TextField)
    "Text that runs over the selection, or stands."
    r##"{ "at": "chorus", "for": "8 bars", "on": "matrix", "text": { "text": "gobo", "colors": ["deepskyblue"] } }"##

    "pixels" "tree" Tree(Tree)
    "A fir tree in the first colour, with lights in the others that run along its branches."
    r##"{ "at": "outro", "for": "8 bars", "on": "matrix", "tree": { "branches": 4 } }"##

    "pixels" "twinkle" Twinkle(Twinkle)
    "Lights that come and go softly, each in its own time."
    r##"{ "at": "intro", "for": "8 bars", "on": "all", "twinkle": { "share": "40%", "colors": ["white", "lightblue"] } }"##

    "pixels" "vu_meter" VuMeter(VuMeter)
    "What the song sounds like, as bars of its bands or as one level."
    r##"{ "at": "chorus", "for": "8 bars", "on": "matrix", "vu_meter": { "style": "bars", "bands": 12 } }"##

    "pixels" "wave_2d" Wave2d(Wave2d)
    "A line that swings over the selection; `wave` is the one that runs along its order."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "wave_2d": { "waves": 2, "shape": "sine", "thickness": "25%" } }"##

    "pixels" "picture" Picture(Picture)
    "A PNG, or the frames of a GIF, laid over the selection; it may move."
    r##"{ "at": "chorus", "for": "8 bars", "on": "matrix", "picture": { "file": "pictures/star.png", "way": "left", "every": "2 bars" } }"##

    "WLED" "bursts" Bursts(Bursts)
    "A few short flashes one after the other, then a rest."
    r##"{ "at": "drop", "for": "4 bars", "on": "all", "bursts": { "flashes": 4, "every": "1 bar" } }"##

    "WLED" "lightning" Lightning(Lightning)
    "Strikes of lightning at times drawn from the seed: a main flash, and some that flicker after it."
    r##"{ "at": "bridge", "for": "8 bars", "on": "all", "lightning": { "chance": "60%", "every": "1 bar" } }"##

    "WLED" "puddles" Puddles(Puddles)
    "Spots of light fall at places drawn from the seed, spread and dry up."
    r##"{ "at": "verse", "for": "8 bars", "on": "matrix", "puddles": { "count": 3, "radius": 0.4 } }"##

    "WLED" "sparkle" Sparkle(Sparkle)
    "A ground in the first colour, on which single lights flash up in the last and fade."
    r##"{ "at": "verse", "for": "8 bars", "on": "all", "sparkle": { "colors": ["midnightblue", "white"], "share": "10%" } }"##
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Tree, parse_json};
    use crate::world::Source;

    #[test]
    fn every_example_and_every_default_is_right() {
        for row in Field::rows() {
            let source = Source { path: "example.json".into(), text: row.example.into() };
            let tree = parse_json(&source).unwrap();
            let mut decoder = Decoder::default();
            let action = At::root(&tree).member(row.name).expect("the example uses its effect");
            let field = Field::decode(row.name, &action, &mut decoder).expect(row.name);
            assert_eq!(decoder.diagnostics, [], "{}", row.name);
            assert_eq!(field.name(), row.name);
            assert!(!field.common().colors.is_empty(), "{}", row.name);
            // With nothing given, only what is required may be missing.
            let empty = Tree { root: Value::Object(Vec::new()).into(), ..tree };
            Field::decode(row.name, &At::root(&empty), &mut decoder);
            let required = row.parameters.iter().filter(|parameter| parameter.required).count();
            let codes: Vec<_> = decoder.diagnostics.iter().map(|said| said.code).collect();
            assert_eq!(codes, vec!["missing-key"; required], "{}", row.name);
        }
    }
}
