//! A picture on a grid of heads as a pattern of our effects on its group.

use serde_json::{Map, Value, json};

use super::function::{Function, Matrix};
use super::patterns::{Draft, Patterns};
use super::workspace::Group;
use crate::native::{hex, number, seconds};

/// Milliseconds that a step takes when the workspace says 0.
const TICK: f64 = 20.0;

/// The pattern of a picture; `None`, which is noted, when its group is not there.
pub(super) fn draft(
    patterns: &mut Patterns<'_>,
    function: &Function,
    matrix: &Matrix,
) -> Option<Draft> {
    let name = matrix.group.and_then(|id| patterns.groups.get(&id)).cloned();
    let workspace = patterns.workspace;
    let group = workspace.groups.iter().find(|group| Some(group.id) == matrix.group);
    let (Some(name), Some(group)) = (name, group) else {
        patterns.note(function, "is left out: it has no group of fixtures");
        return None;
    };
    let colors: Vec<Value> = match matrix.colors.as_slice() {
        [] => vec!["#ff0000".into()],
        colors => colors.iter().map(|color| hex(*color).into()).collect(),
    };
    let picture = Picture { function, matrix, group, colors: &colors };
    let (action, is_plain) = match picture
        .effect()
        .and_then(|(name, parameters)| patterns.vocabulary.action(name, &parameters))
    {
        Some(action) => (action, false),
        None => (json!({"set": {"color": colors[0]}}), matrix.algorithm != "Plain"),
    };
    if is_plain {
        let what = picture.name();
        patterns.note(function, format!("shows its first colour: `{what}` is not carried"));
    } else if matrix.algorithm == "Script" {
        let ours = action.as_object().and_then(|action| action.keys().next().cloned());
        let ours = ours.unwrap_or_default();
        let what = picture.name();
        patterns.note(
            function,
            format!("runs our `{ours}` for the script `{what}`, which is like it and not the same"),
        );
    }
    let mut step = Map::new();
    step.insert("on".into(), name.as_str().into());
    step.extend(action.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    let mut draft = Draft { cycle: f64::INFINITY, steps: vec![step.into()], ..Draft::default() };
    draft.colored.insert(name);
    Some(draft)
}

/// A picture, and what it is drawn on.
struct Picture<'a> {
    function: &'a Function,
    matrix: &'a Matrix,
    group: &'a Group,
    colors: &'a [Value],
}

impl Picture<'_> {
    fn name(&self) -> &str {
        match self.matrix.algorithm.as_str() {
            "Script" => &self.matrix.content,
            algorithm => algorithm,
        }
    }

    fn property(&self, name: &str) -> Option<&str> {
        let found = self.matrix.properties.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// So many steps, in seconds.
    fn steps(&self, count: u32) -> Value {
        let step = self.function.speed.duration;
        let step = if step.is_finite() { step.max(TICK) } else { 1000.0 };
        seconds(step * f64::from(count.max(1)))
    }

    /// Steps along the grid: its rows when the script runs up or down, else its columns.
    fn along(&self) -> (u32, bool) {
        let upright = self.property("orientation").is_some_and(|way| way.starts_with('V'));
        let [columns, rows] = self.group.size;
        if upright { (rows, true) } else { (columns, false) }
    }

    /// The name and the parameters of our effect; `None` when there is nothing like it.
    fn effect(&self) -> Option<(&'static str, Value)> {
        let colors = self.colors;
        match self.matrix.algorithm.as_str() {
            "Plain" if colors.len() > 1 => {
                Some(("color_wash", json!({"colors": colors, "every": self.steps(2)})))
            }
            "Text" => {
                let letters = self.matrix.content.chars().count().max(1) as u32;
                let text = json!({
                    "text": self.matrix.content, "colors": colors, "way": "left",
                    "every": self.steps(letters * 6 + self.group.size[0]),
                });
                Some(("text", text)).filter(|_| !self.matrix.content.trim().is_empty())
            }
            "Audio" => {
                let bands = self.group.size[0].clamp(1, 64);
                Some(("vu_meter", json!({"style": "bars", "bands": bands, "colors": colors})))
            }
            "Script" => self.script(),
            _ => None,
        }
    }

    /// What is like a script, by the script's name.
    fn script(&self) -> Option<(&'static str, Value)> {
        let letters = |c: &char| c.is_ascii_alphanumeric();
        let name: String = self.matrix.content.to_lowercase().chars().filter(letters).collect();
        let (count, upright) = self.along();
        let all = self.group.heads.len().max(1) as u32;
        let (effect, own, steps) = match name.as_str() {
            "stripes" | "fullcolumns" | "fullrows" | "straightline" | "verticalline"
            | "horizontalline" => {
                let plane = if upright { "z" } else { "x" };
                let length = number(1.0 / f64::from(count.max(1)));
                ("single_strand", json!({"plane": plane, "length": length}), count)
            }
            "fill" | "randomfillcolumn" | "randomfillrow" => {
                ("curtain", json!({"edge": if upright { "top" } else { "left" }}), count)
            }
            "fillfromcenter" | "stripesfromcenter" => {
                ("curtain", json!({"edge": if upright { "middle" } else { "center" }}), count / 2)
            }
            "fillunfill" => {
                let edge = if upright { "top" } else { "left" };
                ("curtain", json!({"edge": edge, "movement": "open_close"}), count * 2)
            }
            "fillunfillfromcenter" | "fillunfillsquaresfromcenter" => {
                ("curtain", json!({"edge": "center", "movement": "open_close"}), count)
            }
            "evenodd" | "alternate" | "checkers" | "opposite" | "splitinhalf" => {
                let steps = json!({"band": 1, "gap": 1, "steps": true, "plane": "order"});
                ("marquee", steps, 2)
            }
            "marquee" => ("marquee", json!({"band": 1, "gap": 2, "thickness": 1}), 3),
            "onebyone" | "sinelon" | "juggle" => {
                ("single_strand", json!({"length": number(1.0 / f64::from(all))}), all)
            }
            "gradient" | "strum" | "waterflow" => {
                ("bars", json!({"way": if upright { "up" } else { "right" }, "blend": true}), count)
            }
            "waves" | "lines" | "ortholines" | "explines" | "bars" => (
                "bars",
                json!({"way": if upright { "up" } else { "right" }, "relief": "round"}),
                count,
            ),
            "sinewave" => ("wave_2d", json!({}), count),
            "plasma" | "plasmacolors" | "plasmacolorsdirect" | "noise" | "aurora" | "pacifica"
            | "fractal" => ("plasma", json!({}), 64),
            "randomsingle" | "randomfillsingle" | "randompixelperrow" | "randomcolumn"
            | "randomrow" | "confetti" | "spark" => {
                ("sparkle_strobe", json!({"share": number(1.0 / f64::from(all)), "duty": 1}), 1)
            }
            "twinklefox" | "xmasstars" | "fireflies" | "lantern" => ("twinkle", json!({}), 16),
            "strobe" | "blinder" => ("strobe", json!({"color": self.colors[0]}), 2),
            "circles" | "ripple" | "balls" => ("ripple", json!({}), count),
            "squares" | "squaresfromcenter" => ("ripple", json!({"shape": "square"}), count),
            "fireworks" | "firework" => ("fireworks", json!({}), 32),
            "fire" | "flames" | "fireflicker" => ("fire", json!({}), 16),
            "lightning" => ("lightning", json!({}), 32),
            "meteor" | "verticalfall" => ("meteors", json!({"way": "down"}), self.group.size[1]),
            "starfield" => ("meteors", json!({"way": "expand"}), count),
            "snow" | "snowbubbles" => ("snowflakes", json!({}), self.group.size[1]),
            "circular" | "propellor" => ("pinwheel", json!({}), 32),
            "levelgauge" => ("vu_meter", json!({"style": "level"}), 1),
            _ => return None,
        };
        let mut parameters = json!({"colors": self.colors, "every": self.steps(steps)});
        if let (Some(whole), Some(own)) = (parameters.as_object_mut(), own.as_object()) {
            whole.extend(own.clone());
        }
        Some((effect, parameters))
    }
}
