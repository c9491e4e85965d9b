//! How JSON is laid out that people read and compare.

use serde_json::{Value, json};

/// `json` as text, two spaces deep, what fits on a line of 100 characters on one line.
pub fn pretty(json: &Value) -> String {
    let mut text = String::new();
    layout(json, 0, &mut text);
    text.push('\n');
    text
}

/// Appends `value` as [`pretty`] lays it out when it stands `indent` columns in.
pub fn layout(value: &Value, indent: usize, text: &mut String) {
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

/// `value` on one line, with spaces inside the braces of objects.
pub fn on_a_line(value: &Value) -> String {
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
