//! How places to point at are written: a POI, three metres, or pan and tilt.

use serde_json::{Value as Json, json};

use super::Aim;
use super::number::Angle;
use crate::decode::{About, At, Decode, Decoder, Definitions, record};
use crate::diagnostic::Diagnostic;
use crate::tree::Value;

record! {
    /// Pan and tilt, each in degrees from the middle of the head's range.
    pub struct Angles as "angles" {
        /// Pan; left as it is when not given.
        pub pan: Option<Angle>,
        /// Tilt; left as it is when not given.
        pub tilt: Option<Angle>,
    }
}

impl Decode for Aim {
    fn about() -> About {
        let expected = "a point of interest, a point [x, y, z], or { \"pan\": …, \"tilt\": … }";
        About::new("aim", expected)
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::List(_) => <[f64; 3]>::decode(at, decoder).map(Self::Point),
            Value::Object(_) => {
                let angles = Angles::decode(at, decoder)?;
                let degrees = |angle: Option<Angle>| angle.map(f64::from);
                Some(Self::Angles { pan_deg: degrees(angles.pan), tilt_deg: degrees(angles.tilt) })
            }
            Value::Text(name) => {
                if let Some(point) = decoder.names.points.get(name) {
                    return Some(Self::Point(*point));
                }
                if !decoder.names.has_points {
                    return Some(Self::Point([0.0; 3]));
                }
                let message = format!("the venue has no point of interest `{name}`");
                let error = Diagnostic::error("unknown-poi", at.place(), message)
                    .nearest(name, decoder.names.points.keys().map(String::as_str));
                decoder.say(error);
                None
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("aim", |definitions| {
            json!({
                "description": "Where to point: a point of interest of the venue, a point in \
                    metres, or pan and tilt in degrees.",
                "anyOf": [
                    {"type": "string"},
                    <[f64; 3]>::schema(definitions),
                    Angles::schema(definitions),
                ],
            })
        })
    }
}
