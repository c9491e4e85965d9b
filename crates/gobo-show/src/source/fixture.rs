//! A fixture of a venue: its place in the patch, and how it is set up.

use gobo_dmx::{Address, Universe};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::pixels::{LayoutSource, Packing, PixelCount, PixelOrder};
use crate::decode::{About, At, Decode, Decoder, Definitions, Spanned, record};
use crate::diagnostic::Diagnostic;
use crate::rig::{DimmerCurve, White};
use crate::value::{Angle, Angles, ChannelValue, TravelTime, TurnSpeed};

record! {
    /// A patched fixture.
    pub struct FixtureSource as "fixture" {
        /// Its id, by which cues name it.
        pub id: Spanned<String>,
        /// Its name for people.
        pub name: Option<String>,
        /// Its profile, `manufacturer/model`, a file in `fixtures/profiles/`; left out for
        /// `pixels`.
        pub profile: Option<Spanned<String>>,
        /// The mode it is set to; may be left out when the profile has one only.
        pub mode: Option<Spanned<String>>,
        /// Pixels on a wire, instead of a profile: how many.
        pub pixels: Option<Spanned<PixelCount>>,
        /// What the slots of a pixel are: R, G, B, W (white; warm beside C), C (cold white),
        /// A (amber), L (lime), U (ultraviolet), I (indigo). `RGB` when not given.
        pub order: Option<Spanned<PixelOrder>>,
        /// How pixels fill universes; `whole` when not given. `dense` lets a profile span
        /// universes too.
        pub packing: Option<Spanned<Packing>>,
        /// Where the pixels are; a line when not given.
        pub layout: Option<Spanned<LayoutSource>>,
        /// The universe it hangs on.
        pub universe: Spanned<Universe>,
        /// Its first DMX address.
        pub address: Spanned<Address>,
        /// Where it hangs, in metres: x right, y to the back, z up, seen from the audience.
        pub position: Option<[f64; 3]>,
        /// How it hangs, in degrees about x, y and z.
        pub rotation: Option<[f64; 3]>,
        /// The groups it belongs to.
        pub groups: Vec<Spanned<String>>,
        /// Its tags, by which selections pick it: `#floor`.
        pub tags: Vec<Spanned<String>>,
        /// Values of channels before any cue, by their key in the profile.
        pub arm: IndexMap<String, Spanned<ChannelValue>>,
        /// What white emitters beside red, green and blue take of a colour; what the profile says,
        /// or else `extract`, when not given.
        pub white: Option<Spanned<White>>,
        /// How a level becomes light, on the dimmer or on the emitters of a fixture without one;
        /// what the profile says, or else `linear`, when not given.
        pub curve: Option<DimmerCurve>,
        /// Whether pan turns the other way.
        pub invert_pan: Option<Spanned<bool>>,
        /// Whether tilt turns the other way.
        pub invert_tilt: Option<Spanned<bool>>,
        /// Whether the profile's pan channel turns the tilt, and the other way round.
        pub swap_pan_tilt: Option<Spanned<bool>>,
        /// Where pan and tilt 0 lie, in degrees from the middle of the range.
        pub home: Option<Spanned<Angles>>,
        /// The lowest and the highest pan that cues may ask for.
        pub pan_limits: Option<Spanned<AngleRange>>,
        /// The lowest and the highest tilt that cues may ask for.
        pub tilt_limits: Option<Spanned<AngleRange>>,
        /// The fastest that pan turns, in degrees a second; what the profile says when not given.
        pub pan_speed: Option<Spanned<TurnSpeed>>,
        /// The fastest that tilt turns, in degrees a second; what the profile says when not given.
        pub tilt_speed: Option<Spanned<TurnSpeed>>,
        /// The seconds that pan takes from end to end, instead of its speed.
        pub pan_travel: Option<Spanned<TravelTime>>,
        /// The seconds that tilt takes from end to end, instead of its speed.
        pub tilt_travel: Option<Spanned<TravelTime>>,
        /// Whether movements are slowed down to what the head can do; else they are only warned
        /// of.
        pub limit_speed: Option<Spanned<bool>>,
    }
}

/// The lowest and the highest of an angle, in degrees.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct AngleRange(pub [f64; 2]);

impl Decode for AngleRange {
    fn about() -> About {
        About::new("angle range", "two angles, the lower first: [-90, 90]")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let ends: Vec<At<'_>> = at.items().collect();
        let [low, high] = ends.as_slice() else { return decoder.wrong::<Self, _>(at) };
        let (low, high) = (decoder.value::<Angle>(low), decoder.value::<Angle>(high));
        let (low, high) = (low?.0, high?.0);
        if low < high {
            return Some(Self([low, high]));
        }
        let message = format!("`{}` goes from {low} to {high}: the lower comes first", at.name());
        let error = Diagnostic::error("bad-range", at.place(), message);
        let hint = format!("did you mean `[{high}, {low}]`?");
        decoder.say(if low > high { error.hint(hint) } else { error });
        None
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({
            "type": "array", "items": Angle::schema(definitions), "minItems": 2, "maxItems": 2,
        })
    }
}
