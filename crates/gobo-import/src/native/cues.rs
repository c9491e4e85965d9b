//! Cue files and patterns: a line a cue where it fits.

use gobo_show::pretty::{layout, on_a_line};
use serde_json::{Map, Value};

/// The longest line.
const WIDTH: usize = 100;

/// A cue file: how the layer goes over others, if it says so, and its cues.
pub fn cue_file(layer: &Map<String, Value>, cues: &[Value]) -> String {
    let mut members = Vec::new();
    if !layer.is_empty() {
        members.push(("layer", on_a_line(&layer.clone().into())));
    }
    members.push(("cues", list(cues)));
    object(&members)
}

/// A pattern of steps: `title` for people, `every` how often they repeat.
pub fn pattern_file(title: &str, every: Option<Value>, steps: &[Value]) -> String {
    let mut members = vec![("title", Value::from(title).to_string())];
    members.extend(every.map(|every| ("every", every.to_string())));
    members.push(("steps", list(steps)));
    object(&members)
}

fn object(members: &[(&str, String)]) -> String {
    let lines: Vec<_> =
        members.iter().map(|(key, value)| format!("  \"{key}\": {value}")).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn list(items: &[Value]) -> String {
    if items.is_empty() {
        return "[]".to_owned();
    }
    let lines: Vec<_> = items.iter().map(item).collect();
    format!("[\n{}\n  ]", lines.join(",\n"))
}

/// An item four columns in, on a line if it fits.
fn item(value: &Value) -> String {
    let line = on_a_line(value);
    if line.chars().count() + 5 <= WIDTH {
        return format!("    {line}");
    }
    let mut text = "    ".to_owned();
    layout(value, 4, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cue_is_a_line_where_it_fits() {
        let short = json!({"at": 1, "on": "par", "set": {"dimmer": "50%"}});
        let long = json!({"at": 1, "note": "x".repeat(90), "set": {"dimmer": "50%"}});
        let text = cue_file(&Map::new(), &[short.clone(), long.clone()]);
        assert!(
            text.contains(
                "    { \"at\": 1, \"on\": \"par\", \"set\": { \"dimmer\": \"50%\" } },\n"
            )
        );
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, json!({"cues": [short, long]}));
        let pattern = pattern_file("A \"b\"", Some(json!(2)), &[]);
        let read: Value = serde_json::from_str(&pattern).unwrap();
        assert_eq!(read, json!({"title": "A \"b\"", "every": 2, "steps": []}));
    }
}
