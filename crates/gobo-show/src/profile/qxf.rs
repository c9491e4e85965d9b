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

use serde_json::{Value, json};

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
    if is_bare(value) || indent > 0 && is_flat(value) && indent + line.len() <= 96 {
        text.push_str(&line);
        return;
    }
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (format!("{}: ", json!(key)), value)).collect()
        }
        Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        _ => Vec::new(),
    };
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    let new_line = |text: &mut String, indent| {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
    };
    text.push(open);
    for (index, (key, value)) in inner.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        new_line(text, indent + 2);
        text.push_str(key);
        layout(value, indent + 2, text);
    }
    new_line(text, indent);
    text.push(close);
}

/// Whether it reads well on one line: nothing in it has much inside.
fn is_flat(value: &Value) -> bool {
    let small = |value: &Value| !matches!(value, Value::Object(members) if !members.is_empty());
    match value {
        Value::Object(members) => members.values().all(|member| match member {
            Value::Array(items) => items.iter().all(small),
            Value::Object(members) => members.len() < 2,
            _ => true,
        }),
        Value::Array(items) => items.iter().all(small),
        _ => true,
    }
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
            let member =
                |(key, value): (&String, &Value)| format!("{}: {}", json!(key), on_a_line(value));
            let members: Vec<_> = members.iter().map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(on_a_line).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
