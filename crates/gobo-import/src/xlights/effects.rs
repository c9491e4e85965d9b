//! Effects of xLights as effects of ours.

use serde_json::{Value, json};

use super::sequence::Effect;
use crate::native::{hex, number};

/// A percentage of xLights as a part of a whole.
fn part(percent: f64) -> Value {
    number(percent.clamp(0.0, 100.0) / 100.0)
}

/// Settings of one effect with their defaults.
struct Panel<'a>(&'a Effect);

impl Panel<'_> {
    fn number(&self, name: &str, default: f64) -> f64 {
        self.0.settings.number(name).unwrap_or(default)
    }

    fn choice(&self, name: &str) -> &str {
        self.0.settings.get("E", name).unwrap_or_default()
    }

    fn is_on(&self, name: &str) -> bool {
        self.0.settings.is_on(name)
    }

    /// The time of one round, when the effect makes so many.
    fn cycles(&self, cycles: f64) -> Value {
        number((self.0.end - self.0.start).max(0.02) / cycles.abs().max(0.01))
    }

    /// The time of one round at a speed from 0 to 100: a second at 50, slower below.
    fn speed(&self, name: &str, default: f64) -> Value {
        number(50.0 / self.number(name, default).clamp(1.0, 100.0))
    }
}

/// The way that xLights names, as ours.
fn way(direction: &str) -> &'static str {
    match direction.to_lowercase().as_str() {
        "down" | "vmirror down" => "down",
        "left" | "hleft" | "moving left" => "left",
        "right" | "hright" | "moving right" => "right",
        "expand" | "h-expand" | "explode" => "expand",
        "compress" | "h-compress" | "implode" => "compress",
        _ => "up",
    }
}

/// The name and the parameters of our effect; `None` when there is nothing like it.
pub(super) fn action(effect: &Effect) -> Option<(&'static str, Value)> {
    let colors = effect.palette.colors();
    let colors: Vec<Value> = colors.into_iter().map(|color| hex(color).into()).collect();
    let first = colors.first().cloned().unwrap_or_else(|| "#ffffff".into());
    let (name, mut parameters) = own(effect, &first)?;
    let takes_colors = !matches!(name, "set" | "fade" | "strobe" | "pulse");
    if let Some(parameters) =
        parameters.as_object_mut().filter(|_| takes_colors && !colors.is_empty())
    {
        parameters.insert("colors".into(), colors.into());
    }
    Some((name, parameters))
}

/// An effect by its name, and its parameters.
type Own = (&'static str, Value);

/// The effect of ours that does what this one does, with its parameters.
fn own(effect: &Effect, first: &Value) -> Option<Own> {
    let panel = Panel(effect);
    plain(&panel, first)
        .or_else(|| edges(&panel))
        .or_else(|| strands(&panel))
        .or_else(|| figures(&panel))
        .or_else(|| shapes(&panel))
        .or_else(|| particles(&panel))
}

/// The effects that treat all of a model alike, light by light, or by the song.
fn plain(panel: &Panel<'_>, first: &Value) -> Option<Own> {
    Some(match panel.0.name.as_str() {
        "On" => {
            let (from, to) =
                (panel.number("Eff_On_Start", 100.0), panel.number("Eff_On_End", 100.0));
            match from == to {
                true => ("set", json!({"dimmer": part(from), "color": first})),
                false => {
                    let look = |level| json!({"dimmer": part(level), "color": first});
                    ("fade", json!({"from": look(from), "to": look(to)}))
                }
            }
        }
        "Off" => ("set", json!({"dimmer": 0})),
        "Color Wash" => (
            "color_wash",
            json!({
                "every": panel.cycles(panel.number("ColorWash_Cycles", 1.0)),
                "fade_across": panel.is_on("ColorWash_HFade"),
                "fade_up": panel.is_on("ColorWash_VFade"),
                "shimmer": if panel.is_on("ColorWash_Shimmer") { json!(1) } else { Value::Null },
            }),
        ),
        "Shimmer" => (
            "strobe",
            json!({"color": first, "every": panel.cycles(panel.number("Shimmer_Cycles", 1.0)), "duty": part(panel.number("Shimmer_Duty_Factor", 50.0))}),
        ),
        "Strobe" => (
            "sparkle_strobe",
            json!({"share": part(panel.number("Number_Strobes", 3.0).clamp(1.0, 100.0))}),
        ),
        "Candle" => ("twinkle", json!({"share": 1})),
        "Twinkle" => (
            "twinkle",
            json!({"share": part(panel.number("Twinkle_Count", 3.0) * 10.0), "strobe": panel.is_on("Twinkle_Strobe"), "every": number(panel.number("Twinkle_Steps", 30.0) * 0.05)}),
        ),
        "Lightning" => ("lightning", json!({"chance": 1})),
        "VU Meter" => (
            "vu_meter",
            json!({
                "style": match panel.choice("VUMeter_Type") { "Volume Bars" | "Level Bar" | "Level Color" => "level", "Level Pulse" | "Level Pulse Color" | "On" | "Pulse" | "Intensity Wave" => "pulse", _ => "bars" },
                "bands": panel.number("VUMeter_Bars", 6.0).round(),
            }),
        ),
        _ => return None,
    })
}

/// The effects of bars and edges.
fn edges(panel: &Panel<'_>) -> Option<Own> {
    Some(match panel.0.name.as_str() {
        "Bars" => (
            "bars",
            json!({
                "way": way(panel.choice("Bars_Direction")),
                "repeats": panel.number("Bars_BarCount", 1.0).round(),
                "every": panel.cycles(panel.number("Bars_Cycles", 1.0)),
                "relief": if panel.is_on("Bars_3D") { "falling" } else { "flat" },
                "blend": panel.is_on("Bars_Gradient"),
            }),
        ),
        "Curtain" => (
            "curtain",
            json!({
                "edge": match panel.choice("Curtain_Edge") { "left" => "left", "right" => "right", "bottom" => "bottom", "top" => "top", _ => "center" },
                "movement": match panel.choice("Curtain_Effect") { "close" => "close", "open then close" => "open_close", "close then open" => "close_open", _ => "open" },
                "every": panel.cycles(panel.number("Curtain_Speed", 1.0)),
                "swag": part(panel.number("Curtain_Swag", 0.0)),
            }),
        ),
        "Fill" => (
            "curtain",
            json!({
                "edge": match way(panel.choice("Fill_Direction")) { "down" => "top", "left" => "right", "right" => "left", _ => "bottom" },
            }),
        ),
        "Garlands" => {
            ("garlands", json!({"every": panel.cycles(panel.number("Garlands_Cycles", 1.0))}))
        }
        _ => return None,
    })
}

/// The effects that run along strands.
fn strands(panel: &Panel<'_>) -> Option<Own> {
    Some(match panel.0.name.as_str() {
        "Marquee" => (
            "marquee",
            json!({
                "band": panel.number("Marquee_Band_Size", 3.0).round(),
                "gap": panel.number("Marquee_Skip_Size", 0.0).round(),
                "thickness": panel.number("Marquee_Thickness", 1.0).round(),
                "every": panel.speed("Marquee_Speed", 3.0),
                "reverse": panel.is_on("Marquee_Reverse"),
            }),
        ),
        "SingleStrand" => (
            "single_strand",
            json!({
                "count": panel.number("Number_Chases", 1.0).round(),
                "length": part(panel.number("Color_Mix1", 10.0)),
                "every": panel.cycles(panel.number("Chase_Rotations", 10.0) / 10.0),
                "direction": match panel.choice("Chase_Type1") { "Right-Left" => "backward", "Bounce from Left" | "Bounce from Right" | "Dual Bounce" => "bounce", _ => "forward" },
            }),
        ),
        "Spirals" => (
            "spirals",
            json!({
                "stripes": panel.number("Spirals_Count", 1.0).round(),
                "turns": number(panel.number("Spirals_Rotation", 20.0) / 10.0),
                "thickness": part(panel.number("Spirals_Thickness", 50.0)),
                "every": panel.cycles(panel.number("Spirals_Movement", 1.0)),
                "relief": if panel.is_on("Spirals_3D") { "falling" } else { "flat" },
                "reverse": panel.number("Spirals_Movement", 1.0) < 0.0,
            }),
        ),
        "Wave" => (
            "wave_2d",
            json!({
                "waves": number(panel.number("Number_Waves", 900.0) / 360.0),
                "shape": match panel.choice("Wave_Type") { "Triangle" => "triangle", "Square" => "square", _ => "sine" },
                "height": part(panel.number("Wave_Height", 50.0)),
                "thickness": part(panel.number("Thickness_Percentage", 5.0)),
                "every": panel.speed("Wave_Speed", 10.0),
                "reverse": panel.choice("Wave_Direction") == "Right to Left",
            }),
        ),
        _ => return None,
    })
}

/// The effects of figures that turn, bend and flow.
fn figures(panel: &Panel<'_>) -> Option<Own> {
    Some(match panel.0.name.as_str() {
        "Butterfly" => (
            "butterfly",
            json!({
                "style": match panel.number("Butterfly_Style", 1.0) as i32 { 1 => "wings", 2 | 3 => "petals", _ => "weave" },
                "chunks": panel.number("Butterfly_Chunks", 1.0).round(),
                "every": panel.speed("Butterfly_Speed", 10.0),
            }),
        ),
        "Fan" => (
            "fan",
            json!({
                "blades": panel.number("Fan_Num_Blades", 3.0).round(),
                "width": part(panel.number("Fan_Blade_Width", 50.0)),
                "center": center(panel, "Fan_CenterX", "Fan_CenterY"),
                "every": panel.cycles(panel.number("Fan_Revolutions", 720.0) / 360.0),
                "clockwise": !panel.is_on("Fan_Reverse"),
            }),
        ),
        "Galaxy" => (
            "pinwheel",
            json!({"arms": 2, "twist": panel.number("Galaxy_Revolutions", 1440.0) / 4.0, "center": center(panel, "Galaxy_CenterX", "Galaxy_CenterY")}),
        ),
        "Morph" => (
            "morph",
            json!({
                "from": center(panel, "Morph_Start_X1", "Morph_Start_Y1"),
                "to": center(panel, "Morph_End_X1", "Morph_End_Y1"),
            }),
        ),
        "Pinwheel" => (
            "pinwheel",
            json!({
                "arms": panel.number("Pinwheel_Arms", 3.0).round(),
                "thickness": part(panel.number("Pinwheel_Thickness", 0.0).max(5.0)),
                "twist": panel.number("Pinwheel_Twist", 0.0),
                "every": panel.speed("Pinwheel_Speed", 10.0),
                "clockwise": panel.0.settings.get("E", "Pinwheel_Rotation") != Some("0"),
                "relief": match panel.choice("Pinwheel_3D") { "3D" => "round", "3D Inverted" => "rising", "Sweep" => "falling", _ => "flat" },
            }),
        ),
        "Plasma" => (
            "plasma",
            json!({
                "density": panel.number("Plasma_Line_Density", 1.0).max(0.5),
                "every": panel.speed("Plasma_Speed", 10.0),
            }),
        ),
        _ => return None,
    })
}

/// The effects of shapes and letters.
fn shapes(panel: &Panel<'_>) -> Option<Own> {
    Some(match panel.0.name.as_str() {
        "Ripple" | "Circles" | "Shape" => (
            "ripple",
            json!({
                "shape": match panel.choice("Ripple_Object_To_Draw") { "Square" => "square", "Star" => "star", "Diamond" => "diamond", _ => "circle" },
                "inward": panel.choice("Ripple_Movement") == "Implode",
                "every": panel.cycles(panel.number("Ripple_Cycles", 1.0)),
            }),
        ),
        "Shockwave" => ("shockwave", shockwave(panel)),
        "Text" => text(panel)?,
        "Tree" => ("tree", json!({"branches": panel.number("Tree_Branches", 3.0).round()})),
        _ => return None,
    })
}

/// The effects of flames and of things that fly.
fn particles(panel: &Panel<'_>) -> Option<Own> {
    Some(match panel.0.name.as_str() {
        "Fire" => (
            "fire",
            json!({
                "height": part(panel.number("Fire_Height", 50.0)),
                "edge": match panel.choice("Fire_Location") { "Top" => "top", "Left" => "left", "Right" => "right", _ => "bottom" },
            }),
        ),
        "Fireworks" => (
            "fireworks",
            json!({
                "sparks": (panel.number("Fireworks_Count", 50.0) / 3.0).round(),
                "bursts": (panel.number("Fireworks_Explosions", 16.0) / 4.0).round(),
            }),
        ),
        "Meteors" => (
            "meteors",
            json!({
                "count": panel.number("Meteors_Count", 10.0).round(),
                "length": part(panel.number("Meteors_Length", 25.0)),
                "way": match way(panel.choice("Meteors_Effect")) { "up" if panel.choice("Meteors_Effect") != "Up" => "down", way => way },
                "every": panel.speed("Meteors_Speed", 10.0),
            }),
        ),
        "Snowflakes" => (
            "snowflakes",
            json!({"count": panel.number("Snowflakes_Count", 5.0).round(), "every": panel.speed("Snowflakes_Speed", 10.0)}),
        ),
        "Snowstorm" => (
            "snowflakes",
            json!({"count": panel.number("Snowstorm_Count", 50.0).round(), "wind": 0.5, "every": panel.speed("Snowstorm_Speed", 10.0)}),
        ),
        _ => return None,
    })
}

/// A spot given in percent, across and up.
fn center(panel: &Panel<'_>, x: &str, y: &str) -> Value {
    json!([part(panel.number(x, 50.0)), part(panel.number(y, 50.0))])
}

/// Radii and widths are steps of which some 250 make the model's longer side.
fn shockwave(panel: &Panel<'_>) -> Value {
    let size = |name, default| number(panel.number(name, default) / 250.0);
    json!({
        "center": center(panel, "Shockwave_CenterX", "Shockwave_CenterY"),
        "start_radius": size("Shockwave_Start_Radius", 1.0),
        "end_radius": size("Shockwave_End_Radius", 10.0),
        "start_width": size("Shockwave_Start_Width", 5.0),
        "end_width": size("Shockwave_End_Width", 10.0),
        "blend": panel.choice("Shockwave_Blend_Edges") != "0",
    })
}

fn text(panel: &Panel<'_>) -> Option<(&'static str, Value)> {
    let words = panel.choice("Text");
    let way = match panel.choice("Text_Dir") {
        "right" => "right",
        "up" => "up",
        "down" => "down",
        "none" => "still",
        _ => "left",
    };
    (!words.trim().is_empty()).then(|| ("text", json!({"text": words, "way": way})))
}
