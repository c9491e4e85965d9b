//! Writes a score's text in one form: what is read and written again is the same.

use std::fmt::Write as _;

use gobo_show::show::Blend;
use serde_json::Value;

use super::{Clip, Score, blend_name, is_plain};

/// The text of a score.
pub fn write(score: &Score) -> String {
    let mut text = String::new();
    let counted = score.layers.iter().zip(0..).all(|(layer, index)| layer.z == index);
    for (index, layer) in score.layers.iter().filter(|layer| !layer.clips.is_empty()).enumerate() {
        if index > 0 {
            text.push('\n');
        }
        if !counted {
            let _ = writeln!(text, "layer {}:", layer.z);
        }
        for clip in &layer.clips {
            line(clip, &mut text);
        }
    }
    text
}

fn line(clip: &Clip, text: &mut String) {
    let on = match &clip.on {
        Some(on) if on.by_group => format!("group_local: {}", on.expression),
        Some(on) => on.expression.clone(),
        None => String::new(),
    };
    let _ = write!(text, "{}({on}) @{}", name(&clip.pattern, &[]), clip.range);
    for (key, value) in &clip.args {
        let _ = write!(text, " {}={}", name(key, &["blend", "seed"]), self::value(value));
    }
    if clip.blend != Blend::Replace {
        let _ = write!(text, " blend={}", blend_name(clip.blend));
    }
    if let Some(seed) = clip.seed {
        let _ = write!(text, " seed={seed}");
    }
    text.push('\n');
}

/// A name, in quotes where it would not be read as one, or as one of `kept`.
fn name(name: &str, kept: &[&str]) -> String {
    match is_plain(name) && !kept.contains(&name) {
        true => name.to_owned(),
        false => Value::from(name).to_string(),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) if is_bare(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether text reads back as the same text without quotes.
fn is_bare(text: &str) -> bool {
    let is_colour = text.strip_prefix('#').is_some_and(|digits| {
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        matches!(digits.len(), 6 | 8) && digits.chars().all(is_digit)
    });
    is_colour || is_plain(text) && !matches!(text, "true" | "false" | "null")
}
