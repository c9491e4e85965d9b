//! QLC+'s presets, of channels and of capabilities, as capabilities of the Open Fixture Library.
//! The names are those of QLC+'s documentation ("Channel presets", "Capability presets").

use serde_json::{Map, Value, json};

use super::source::{Capability, Channel, Physical};
use super::words::{self, ranged};

/// A capability without its range.
pub(super) type Meaning = Map<String, Value>;

/// A capability of `kind` without properties.
pub(super) fn plain(kind: &str) -> Meaning {
    with(kind, &[])
}

/// A capability of `kind` with these properties.
pub(super) fn with(kind: &str, properties: &[(&str, &str)]) -> Meaning {
    let mut meaning = Map::new();
    meaning.insert("type".into(), json!(kind));
    for (name, value) in properties {
        meaning.insert((*name).into(), json!(value));
    }
    meaning
}

/// The name of the preset's coarse byte, if it is a fine byte's: `PositionPan` of
/// `PositionPanFine`.
pub(super) fn coarse(preset: &str) -> Option<&str> {
    preset.strip_suffix("Fine").filter(|coarse| !coarse.is_empty())
}

/// The OFL colour of an emitter, from the word that ends QLC+'s preset or names its colour.
pub(super) fn emitter(word: &str, channel: &str) -> Option<&'static str> {
    Some(match word {
        "White" if words::is_warm_white(channel) => "Warm White",
        "White" if words::is_cold_white(channel) => "Cold White",
        "White" => "White",
        "Red" => "Red",
        "Green" => "Green",
        "Blue" => "Blue",
        "Cyan" => "Cyan",
        "Magenta" => "Magenta",
        "Yellow" => "Yellow",
        "Amber" => "Amber",
        "UV" => "UV",
        "Lime" => "Lime",
        "Indigo" => "Indigo",
        _ => return None,
    })
}

/// Pan or tilt over the whole channel.
pub(super) fn turn(kind: &str, physical: &Physical) -> Meaning {
    let full = if kind == "Pan" { physical.pan_deg } else { physical.tilt_deg };
    match full {
        Some(degrees) => ranged(kind, "angle", "0deg", &format!("{degrees}deg")),
        None => ranged(kind, "angle", "0%", "100%"),
    }
}

/// What a whole channel with a preset is, as ranges; `None` is no preset that is known.
pub(super) fn channel(channel: &Channel, physical: &Physical) -> Option<Vec<(u8, u8, Meaning)>> {
    let preset = channel.preset.as_deref()?;
    let slow_fast = |kind: &str| ranged(kind, "speed", "slow", "fast");
    let fast_slow = |kind: &str| ranged(kind, "speed", "fast", "slow");
    let one = match preset {
        "IntensityMasterDimmer" | "IntensityDimmer" | "IntensityLightness" | "IntensityValue" => {
            plain("Intensity")
        }
        "IntensityHue" => with("Generic", &[("comment", "Hue")]),
        "IntensitySaturation" => with("Generic", &[("comment", "Saturation")]),
        "ColorRGBMixer" => with("Generic", &[("comment", &channel.name)]),
        "PositionPan" => turn("Pan", physical),
        "PositionTilt" => turn("Tilt", physical),
        "PositionXAxis" => ranged("BeamPosition", "horizontalAngle", "left", "right"),
        "PositionYAxis" => ranged("BeamPosition", "verticalAngle", "top", "bottom"),
        // QLC+ means how fast the head turns to its position, not an endless turn.
        "SpeedPanSlowFast" | "SpeedTiltSlowFast" | "SpeedPanTiltSlowFast" => {
            slow_fast("PanTiltSpeed")
        }
        "SpeedPanFastSlow" | "SpeedTiltFastSlow" | "SpeedPanTiltFastSlow" => {
            fast_slow("PanTiltSpeed")
        }
        "ColorMacro" | "ColorWheel" => with("ColorPreset", &[("comment", &channel.name)]),
        "ColorCTOMixer" => ranged("ColorTemperature", "colorTemperature", "default", "warm"),
        "ColorCTBMixer" => ranged("ColorTemperature", "colorTemperature", "default", "cold"),
        "ColorCTCMixer" => ranged("ColorTemperature", "colorTemperature", "warm", "cold"),
        "GoboWheel" => with("Generic", &[("comment", &channel.name)]),
        "GoboIndex" => ranged("Rotation", "angle", "0deg", "360deg"),
        "ShutterStrobeSlowFast" => return Some(strobe("slow", "fast")),
        "ShutterStrobeFastSlow" => return Some(strobe("fast", "slow")),
        "ShutterIrisMinToMax" => ranged("Iris", "openPercent", "closed", "open"),
        "ShutterIrisMaxToMin" => ranged("Iris", "openPercent", "open", "closed"),
        "BeamFocusNearFar" => ranged("Focus", "distance", "near", "far"),
        "BeamFocusFarNear" => ranged("Focus", "distance", "far", "near"),
        "BeamZoomSmallBig" => zoom(physical, true),
        "BeamZoomBigSmall" => zoom(physical, false),
        "PrismRotationSlowFast" => ranged("PrismRotation", "speed", "slow CW", "fast CW"),
        "PrismRotationFastSlow" => ranged("PrismRotation", "speed", "fast CW", "slow CW"),
        "NoFunction" => plain("NoFunction"),
        // A fine byte without its coarse one.
        _ if coarse(preset).is_some() => with("Generic", &[("comment", &channel.name)]),
        _ => {
            let color = emitter(preset.strip_prefix("Intensity")?, &channel.name)?;
            with("ColorIntensity", &[("color", color)])
        }
    };
    Some(vec![(0, 255, one)])
}

/// A whole channel of strobe. Its lowest value lets the light through: it is what the channel
/// rests at.
fn strobe(from: &str, to: &str) -> Vec<(u8, u8, Meaning)> {
    let open = with("ShutterStrobe", &[("shutterEffect", "Open")]);
    vec![(0, 0, open), (1, 255, shutter("Strobe", Some((from, to)), false))]
}

fn zoom(physical: &Physical, grows: bool) -> Meaning {
    let (narrow, wide) = match physical.beam_deg {
        Some((narrow, wide)) if narrow < wide => (format!("{narrow}deg"), format!("{wide}deg")),
        _ => ("narrow".to_owned(), "wide".to_owned()),
    };
    let (from, to) = if grows { (narrow, wide) } else { (wide, narrow) };
    ranged("Zoom", "angle", &from, &to)
}

/// A shutter effect with its speeds.
pub(super) fn shutter(effect: &str, speeds: Option<(&str, &str)>, random: bool) -> Meaning {
    let mut meaning = match speeds {
        Some((from, to)) => ranged("ShutterStrobe", "speed", from, to),
        None => plain("ShutterStrobe"),
    };
    meaning.insert("shutterEffect".into(), json!(effect));
    if random {
        meaning.insert("randomTiming".into(), json!(true));
    }
    meaning
}

/// What a capability's preset says that it is; `None` is no preset that speaks for itself.
pub(super) fn capability(capability: &Capability, channel: &Channel) -> Option<Meaning> {
    let preset = capability.preset.as_deref()?;
    if let Some(meaning) = strobing(preset, &capability.resources) {
        return Some(meaning);
    }
    if let Some(turning) = preset.strip_prefix("Rotation") {
        return rotation(turning, channel);
    }
    Some(match preset {
        "ShutterOpen" => with("ShutterStrobe", &[("shutterEffect", "Open")]),
        "ShutterClose" => with("ShutterStrobe", &[("shutterEffect", "Closed")]),
        "SlowToFast" => ranged(speed_kind(channel), "speed", "slow", "fast"),
        "FastToSlow" => ranged(speed_kind(channel), "speed", "fast", "slow"),
        "NearToFar" => ranged("Focus", "distance", "near", "far"),
        "FarToNear" => ranged("Focus", "distance", "far", "near"),
        "SmallToBig" | "BigToSmall" => sizes(channel, preset == "SmallToBig"),
        "ColorMacro" | "ColorDoubleMacro" => return color(capability),
        "ColorWheelIndex" => ranged("Rotation", "angle", "0deg", "360deg"),
        "PrismEffectOn" => match capability.resources.first() {
            Some(facets) => with("Prism", &[("comment", &format!("{facets}-facet"))]),
            None => plain("Prism"),
        },
        "PrismEffectOff" => plain("NoFunction"),
        "LampOn" | "LampOff" => plain("Maintenance"),
        _ if preset.starts_with("Reset") => plain("Maintenance"),
        _ => return None,
    })
}

/// `StrobeSlowToFast`, `PulseFrequency` and their kin.
fn strobing(preset: &str, resources: &[String]) -> Option<Meaning> {
    let effects = ["Strobe", "Pulse", "RampUp", "RampDown"];
    let (effect, how) =
        effects.iter().find_map(|effect| Some((*effect, preset.strip_prefix(effect)?)))?;
    let (random, how) = match how.strip_prefix("Random") {
        Some(how) => (true, how),
        None => (false, how),
    };
    let hertz = |index: usize| {
        let number: f64 = resources.get(index)?.parse().ok()?;
        (number.is_finite() && number >= 0.0).then(|| format!("{number}Hz"))
    };
    let speeds = match how {
        "" => None,
        "SlowToFast" => Some(("slow".to_owned(), "fast".to_owned())),
        "FastToSlow" => Some(("fast".to_owned(), "slow".to_owned())),
        "Frequency" => hertz(0).map(|speed| (speed.clone(), speed)),
        "FreqRange" => hertz(0).zip(hertz(1)),
        _ => return None,
    };
    let speeds = speeds.as_ref().map(|(from, to)| (from.as_str(), to.as_str()));
    Some(shutter(effect, speeds, random))
}

fn rotation(how: &str, channel: &Channel) -> Option<Meaning> {
    let kind = match channel.group.as_str() {
        "Pan" => "PanContinuous",
        "Tilt" => "TiltContinuous",
        "Prism" => "PrismRotation",
        _ => "Rotation",
    };
    let (way, how) = match how.strip_prefix("CounterClockwise") {
        Some(how) => ("CCW", how),
        None => ("CW", how.strip_prefix("Clockwise").unwrap_or(how)),
    };
    let (slow, fast) = (format!("slow {way}"), format!("fast {way}"));
    Some(match how {
        "" => ranged(kind, "speed", &fast, &fast),
        "SlowToFast" => ranged(kind, "speed", &slow, &fast),
        "FastToSlow" => ranged(kind, "speed", &fast, &slow),
        "Stop" => ranged(kind, "speed", "stop", "stop"),
        "Indexed" => match kind {
            "PanContinuous" => ranged("Pan", "angle", "0%", "100%"),
            "TiltContinuous" => ranged("Tilt", "angle", "0%", "100%"),
            _ => ranged(kind, "angle", "0deg", "360deg"),
        },
        _ => return None,
    })
}

/// What a speed on this channel is the speed of.
pub(super) fn speed_kind(channel: &Channel) -> &'static str {
    let name = &channel.name;
    match channel.group.as_str() {
        "Shutter" => "StrobeSpeed",
        _ if words::is_strobe(name) => "StrobeSpeed",
        _ if words::is_pan_tilt(name) => "PanTiltSpeed",
        "Effect" => "EffectSpeed",
        _ if words::is_program(name) => "EffectSpeed",
        _ => "Speed",
    }
}

/// What grows from small to big on this channel.
fn sizes(channel: &Channel, grows: bool) -> Meaning {
    let pair = |a, b| if grows { (a, b) } else { (b, a) };
    if words::is_iris(&channel.name) || channel.group == "Shutter" {
        let (from, to) = pair("closed", "open");
        return ranged("Iris", "openPercent", from, to);
    }
    if words::is_frost(&channel.name) {
        let (from, to) = pair("0%", "100%");
        return ranged("Frost", "frostIntensity", from, to);
    }
    let (from, to) = pair("narrow", "wide");
    ranged("Zoom", "angle", from, to)
}

/// A colour, or two, by the hexadecimal numbers of the resources.
fn color(capability: &Capability) -> Option<Meaning> {
    let is_color = |text: &&String| crate::profile::hex_color(text).is_some();
    let colors: Vec<_> =
        capability.resources.iter().filter(is_color).map(|color| color.to_lowercase()).collect();
    if colors.is_empty() {
        return None;
    }
    let mut meaning = plain("ColorPreset");
    meaning.insert("colors".into(), json!(colors));
    Some(meaning)
}
