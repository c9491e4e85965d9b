//! Levels over time: one number, or points that lead from one to the next.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, Spanned, record};
use crate::time::Time;
use crate::tree::Value;
use crate::value::{Easing, Level, Span};

record! {
    /// A level at a time of the show.
    pub struct ShowPoint as "level point" {
        /// When it is reached.
        pub at: Spanned<Time>,
        /// The level.
        pub level: Level,
        /// The course of the change from the point before.
        pub easing: Easing = "linear",
    }
}

record! {
    /// A level at a time of the cue.
    pub struct CuePoint as "cue level point" {
        /// When it is reached, from the cue's start.
        pub at: Spanned<Span>,
        /// The level.
        pub level: Level,
        /// The course of the change from the point before.
        pub easing: Easing = "linear",
    }
}

/// A level, or points of it over time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum LevelSource<P> {
    /// Always the same.
    Constant(Level),
    /// From point to point; the first holds before it, and the last after it.
    Points(Vec<P>),
}

impl<P: Decode> Decode for LevelSource<P> {
    fn about() -> About {
        let expected = "a level such as `80%` or 0.8, or a list of points with `at` and `level`";
        About::new("level over time", expected)
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::List(items) if items.is_empty() => {
                decoder.error("no-points", at, "a level over time needs at least one point");
                None
            }
            Value::List(_) => Vec::<P>::decode(at, decoder).map(Self::Points),
            Value::Number(_) | Value::Text(_) => Level::decode(at, decoder).map(Self::Constant),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let (level, point) = (Level::schema(definitions), P::schema(definitions));
        json!({"anyOf": [level, {"type": "array", "items": point, "minItems": 1}]})
    }
}

record! {
    /// What lowers the light of heads after all layers.
    pub struct MastersSource as "masters" {
        /// Every head of the venue.
        pub grand: Option<Spanned<LevelSource<ShowPoint>>>,
        /// Some heads each; where more than one has a head, their levels multiply.
        pub group: Vec<Spanned<GroupMasterSource>>,
    }
}

record! {
    /// A master of some heads.
    pub struct GroupMasterSource as "group master" {
        /// The heads.
        pub on: Spanned<crate::select::Selection>,
        /// How much of their light is left.
        pub level: Spanned<LevelSource<ShowPoint>>,
    }
}
