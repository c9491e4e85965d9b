//! QLC+ fixture definitions (`.qxf`) turned into profiles of the Open Fixture Library's format.
//! A pure function of text; what it writes is read by [`super::Profile::parse`] without an error.

mod fine;
mod heads;
mod meaning;
mod preset;
mod source;
mod switch;
mod words;
mod write;

use std::sync::Arc;

use serde_json::Value;

use super::path::{profile_path, slug};
use crate::diagnostic::Diagnostic;

/// A profile made of a foreign definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The manufacturer, as a part of a path.
    pub manufacturer: String,
    /// The model, as a part of a path.
    pub model: String,
    /// The profile, as JSON with a new line at its end.
    pub json: String,
}

impl Imported {
    /// Where it belongs, from the project's root.
    pub fn path(&self) -> String {
        profile_path(&self.manufacturer, &self.model)
    }
}

/// Turns the QLC+ definition `text`, called `file` in what is said of it, into a profile. Modes
/// keep their names, and the number and order of their channels; heads become pixels.
pub fn import_qxf(text: &str, file: &str) -> (Option<Imported>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let file: Arc<str> = file.into();
    let Some(definition) = source::read(&file, text, &mut diagnostics) else {
        return (None, diagnostics);
    };
    let json = write::profile(&file, &definition, &mut diagnostics);
    let imported = json.map(|json| Imported {
        manufacturer: slug(&definition.manufacturer),
        model: slug(&definition.model),
        json: pretty(&json),
    });
    (imported, diagnostics)
}

/// `json` as text, two spaces deep, what fits on a line of 100 characters on one line.
fn pretty(json: &Value) -> String {
    let mut text = String::new();
    layout(json, 0, &mut text);
    text.push('\n');
    text
}

fn layout(value: &Value, indent: usize, text: &mut String) {
    let line = on_a_line(value);
    let small = |value: &Value| !matches!(value, Value::Object(map) if !map.is_empty());
    let flat = match value {
        Value::Object(members) => members.values().all(|member| match member {
            Value::Array(items) => items.iter().all(small),
            Value::Object(members) => members.len() < 2,
            _ => true,
        }),
        Value::Array(items) => items.iter().all(small),
        _ => true,
    };
    if flat && indent > 0 && indent + line.len() <= 96 || is_bare(value) {
        text.push_str(&line);
        return;
    }
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    let mut first = true;
    let mut start = |text: &mut String| {
        text.push_str(if std::mem::take(&mut first) { "\n" } else { ",\n" });
        text.extend(std::iter::repeat_n(' ', indent + 2));
    };
    text.push(open);
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                start(text);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                layout(member, indent + 2, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                start(text);
                layout(item, indent + 2, text);
            }
        }
        _ => {}
    }
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', indent));
    text.push(close);
}

/// Whether it has nothing inside that could stand on lines of its own.
fn is_bare(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}

fn on_a_line(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let member = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::from(key.as_str()), on_a_line(value))
            };
            let members: Vec<_> = members.iter().map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(on_a_line).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
