//! How a look is written: one key for each attribute.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::emitters::EmitterLevels;
use super::presets::Presets;
use super::{BeamParameter, Effect, Look, LookKey, Parts, Preset};
use crate::curve::{Controlled, Curve, TintedValue, Varies};
use crate::decode::{About, At, Decode, Decoder, Definitions, Field, Spanned, record};
use crate::diagnostic::Diagnostic;
use crate::value::{Aim, Amount, Angle, ChannelValue, Level, StrobeRate};

record! {
    /// Values for some attributes of the heads; what is not named stays as it is.
    pub struct LookSource as "look" {
        /// Brightness.
        pub dimmer: Option<Varies<Level>>,
        /// Colour.
        pub color: Option<TintedValue>,
        /// How much of the colour covers the one of the layers below, as an alpha: below 100% it
        /// tints that.
        pub tint: Option<Varies<Level>>,
        /// Pan, in degrees from the middle of the head's range.
        pub pan: Option<Varies<Angle>>,
        /// Tilt, in degrees from the middle of the head's range.
        pub tilt: Option<Varies<Angle>>,
        /// Where to point: a point of interest of the venue, or a point in metres.
        pub position: Option<Spanned<Aim>>,
        /// Strobe by the shutter.
        pub strobe: Option<Varies<StrobeRate>>,
        /// Beam angle.
        pub zoom: Option<Varies<Amount>>,
        /// Focus.
        pub focus: Option<Varies<Amount>>,
        /// Iris opening.
        pub iris: Option<Varies<Amount>>,
        /// Diffusion.
        pub frost: Option<Varies<Amount>>,
        /// Prism: 0 is out.
        pub prism: Option<Varies<Amount>>,
        /// Rotation of the prism.
        pub prism_rotation: Option<Varies<Amount>>,
        /// Speed of pan and tilt, or of the fixture's own programs.
        pub speed: Option<Varies<Amount>>,
        /// White point: `3200K`.
        pub color_temperature: Option<Varies<Amount>>,
        /// Fog or haze output.
        pub fog: Option<Varies<Amount>>,
        /// Emitters by themselves, past the colour: `{ "uv": "80%" }`. They follow the dimmer.
        pub emitters: EmitterLevels,
        /// A gobo, by the name of its slot in the profile.
        pub gobo: Option<String>,
        /// Ranges of channels by name: `{ "Gobo Wheel": "shake", "Effect": { "name": "rainbow",
        /// "amount": "50%" } }`. The name is the profile's, or what it does: `wheel rotation`.
        "ranges" => pub presets: Vec<Preset> as Presets,
        /// A preset of the show, for what is not named here.
        pub preset: Option<String>,
        /// Other values for some of the heads, by selection: { "left": { "pan": "-20deg" } }.
        pub by: Parts,
        /// Channels by their key in the profile, past all that gobo knows of them.
        pub channels: IndexMap<String, Varies<ChannelValue>>,
    }
}

/// The words for the beam parameters.
pub(crate) const LOOK_KINDS: [(BeamParameter, &str); 9] = [
    (BeamParameter::Zoom, "zoom"),
    (BeamParameter::Focus, "focus"),
    (BeamParameter::Iris, "iris"),
    (BeamParameter::Frost, "frost"),
    (BeamParameter::Prism, "prism"),
    (BeamParameter::PrismRotation, "prism_rotation"),
    (BeamParameter::Speed, "speed"),
    (BeamParameter::ColorTemperature, "color_temperature"),
    (BeamParameter::Fog, "fog"),
];

impl LookSource {
    fn aim(
        position: Option<&Spanned<Aim>>,
        (pan, tilt): (Option<Angle>, Option<Angle>),
        turns: bool,
        decoder: &mut Decoder,
    ) -> Option<Aim> {
        let (pan_deg, tilt_deg) = (pan.map(f64::from), tilt.map(f64::from));
        match position {
            Some(position) if pan.is_some() || tilt.is_some() || turns => {
                let message = "`position` says where to point, and so do `pan` and `tilt`";
                let error = Diagnostic::error("conflict", position.place.clone(), message);
                decoder.say(error.hint("keep one of them"));
                None
            }
            Some(position) => Some(position.value),
            None if pan.is_none() && tilt.is_none() => None,
            None => Some(Aim::Angles { pan_deg, tilt_deg }),
        }
    }

    fn resolve(self, decoder: &mut Decoder) -> Look {
        let mut curves = Vec::new();
        let dimmer = apart(self.dimmer, LookKey::Dimmer, &mut curves);
        let angles = (
            apart(self.pan, LookKey::Pan, &mut curves),
            apart(self.tilt, LookKey::Tilt, &mut curves),
        );
        let turns = curves.iter().any(|(key, _)| matches!(key, LookKey::Pan | LookKey::Tilt));
        let position = Self::aim(self.position.as_ref(), angles, turns, decoder);
        let strobe = apart(self.strobe, LookKey::Strobe, &mut curves);
        let beam = [
            self.zoom,
            self.focus,
            self.iris,
            self.frost,
            self.prism,
            self.prism_rotation,
            self.speed,
            self.color_temperature,
            self.fog,
        ];
        let beam = LOOK_KINDS.iter().zip(beam).filter_map(|((kind, _), amount)| {
            Some((*kind, apart(amount, LookKey::Beam(*kind), &mut curves)?))
        });
        let beam = beam.collect();
        let emitters = self.emitters.0.into_iter().filter_map(|(emitter, level)| {
            Some((emitter, apart(Some(level), LookKey::Emitter(emitter), &mut curves)?))
        });
        let emitters = emitters.collect();
        let raw = self.channels.into_iter().filter_map(|(key, value)| {
            let key: Arc<str> = key.into();
            let value = apart(Some(value), LookKey::Raw(Arc::clone(&key)), &mut curves)?;
            Some((key, value.0))
        });
        let raw = raw.collect();
        let tint = apart(self.tint, LookKey::Tint, &mut curves);
        let (color, coloring) = match self.color {
            Some(TintedValue::Constant(color)) => (Some(color), None),
            Some(TintedValue::Tinted(tinted)) => (None, Some(tinted)),
            None => (None, None),
        };
        Look {
            dimmer,
            color,
            tint,
            position,
            strobe_hz: strobe.map(|rate| rate.0),
            beam,
            wheels: self.gobo.iter().map(|slot| ("gobo".into(), slot.as_str().into())).collect(),
            emitters,
            presets: self.presets,
            raw,
            curves,
            coloring,
            parts: self.by,
        }
    }
}

/// A constant; a curve goes to `curves`.
fn apart<T: Controlled>(
    written: Option<Varies<T>>,
    key: LookKey,
    curves: &mut Vec<(LookKey, Curve)>,
) -> Option<T> {
    match written? {
        Varies::Constant(value) => Some(value),
        Varies::Curve(curve, _) => {
            curves.push((key, *curve));
            None
        }
    }
}

/// Keys of a look that say the same thing in other ways.
const AIMS: [&str; 3] = ["position", "pan", "tilt"];

/// Checks that the looks of an effect say something, and that a fade ends what it starts.
///
/// Only for an effect that came out of `at` without a mistake.
pub(crate) fn check_looks(effect: &Effect, at: &At<'_>, decoder: &mut Decoder) {
    match effect {
        Effect::Set(look) if look.is_empty() => {
            decoder.error("empty-look", at, "`set` names nothing to set");
        }
        Effect::Fade(fade) => {
            let Some(to) = at.member("to") else { return };
            if fade.to.is_empty() {
                decoder.error("empty-look", &to, "`to` names nothing to fade to");
                return;
            }
            let aims = AIMS.iter().any(|key| to.node.get(key).is_some());
            for (key, from) in at.member("from").iter().flat_map(At::members) {
                let ends = to.node.get(key).is_some() || (aims && AIMS.contains(&key));
                if !ends {
                    let message = format!("`from` gives `{key}`, and `to` does not");
                    let error = Diagnostic::error("no-end", from.key_place(), message);
                    decoder.say(error.hint("say where it ends, or set it in a cue of its own"));
                }
            }
        }
        _ => {}
    }
}

impl Look {
    /// Whether it leaves everything as it is.
    pub(crate) fn is_empty(&self) -> bool {
        let nowhere = Aim::Angles { pan_deg: None, tilt_deg: None };
        let aims = self.position.filter(|aim| *aim != nowhere);
        Self { position: aims, ..self.clone() } == Self::default()
    }

    /// Every key, for the reference.
    pub(crate) fn fields() -> Vec<Field> {
        LookSource::fields()
    }
}

impl Decode for Look {
    fn about() -> About {
        LookSource::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let node = decoder.with_preset(at)?;
        let at = At { file: at.file, node: &node, pointer: at.pointer.clone() };
        LookSource::decode(&at, decoder).map(|look| look.resolve(decoder))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let look = LookSource::schema(definitions);
        json!({"anyOf": [look, {"type": "string", "minLength": 1}]})
    }
}
