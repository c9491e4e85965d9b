//! How a layer's values go over those below.
//!
//! `b` is what is below and `t` the layer's own value, levels from 0 to 1. Where a cue fades, or
//! its layer has an opacity or a mask, the result shows as much as that says, over what is below.
//!
//! | mode | levels, beam, raw | colours | pan and tilt | strobe |
//! |---|---|---|---|---|
//! | `replace` | t | t | t | t |
//! | `add` | min(b + t, 1) | each part | b + t degrees | b + t Hz |
//! | `subtract` | max(b - t, 0) | each part | b - t degrees | max(b - t, 0) Hz |
//! | `multiply` | b t | each part | t | t |
//! | `screen` | 1 - (1 - b)(1 - t) | each part | t | t |
//! | `max`, `lighten` | max(b, t) | each part | t | max(b, t) |
//! | `min` | min(b, t) | each part | t | min(b, t) |
//! | `value` | t t + b (1 - t) | t l + b (1 - l), l its luminance | t | t |
//! | `htp` | max(b, t) for the dimmer, else as `ltp` | as `ltp` | as `ltp` | as `ltp` |
//! | `ltp` | whichever was written later | the same | the same | the same |
//!
//! Where nothing writes below, b is what the channel rests at, and black for a colour.

use serde::Serialize;

use crate::decode::choice;
use crate::reference::{Kind, Row};

macro_rules! blends {
    ($( $(#[$meta:meta])* $variant:ident $name:literal $family:literal $doc:literal )*) => {
        /// How a layer's values go over those below.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Blend {
            $( #[doc = $doc] $(#[$meta])* $variant ),*
        }

        impl Blend {
            /// Every mode, in the order of the reference.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),*];
        }

        choice! { Blend, "blend": $( $variant = $name, $doc; )* }

        /// A row for every mode.
        pub(crate) fn rows() -> Vec<Row> {
            vec![$(
                Row::new(Kind::Blend, $family, $name, $doc).example(concat!(
                    "{ \"layer\": { \"blend\": \"", $name, "\" }, \"cues\": [] }"
                ))
            ),*]
        }
    };
}

blends! {
    #[default]
    Replace "replace" "layers" "Takes the place of the layers below."
    Add "add" "layers" "Adds to the layers below, levels and colours up to full; pan and tilt in degrees."
    Subtract "subtract" "layers" "Takes away from the layers below, levels and colours down to 0; pan and tilt in degrees."
    Multiply "multiply" "layers" "Multiplies the levels and colours below, which never rise by it: full leaves them as they are, and 0 makes them dark."
    Screen "screen" "layers" "Multiplies what is missing to full, so that levels and colours only rise: 0 leaves them as they are."
    Max "max" "layers" "The higher of the two; of colours, part by part."
    Lighten "lighten" "layers" "The same as max, by another name."
    Min "min" "layers" "The lower of the two; of colours, part by part."
    Value "value" "layers" "As much of the layer as it is bright: dark parts let the layers below through, bright ones cover them. A colour counts by its luminance."
    Htp "htp" "consoles" "Highest takes precedence: the higher dimmer wins, and of everything else what was written latest, as playbacks of consoles do."
    Ltp "ltp" "consoles" "Latest takes precedence: whichever of this layer and the one below was written later, whatever its place in the stack."
}

impl Blend {
    /// Its name, as sources write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Screen => "screen",
            Self::Max => "max",
            Self::Lighten => "lighten",
            Self::Min => "min",
            Self::Value => "value",
            Self::Htp => "htp",
            Self::Ltp => "ltp",
        }
    }

    /// Whether the layer's place in the stack decides less than when it was written.
    pub fn goes_by_time(self) -> bool {
        matches!(self, Self::Htp | Self::Ltp)
    }
}
