//! TOML line by line, with comments.

use std::fmt::Write as _;

use serde_json::Value;

/// A TOML file on its way: keys, tables and comments in the order in which they are added.
#[derive(Clone, Debug, Default)]
pub struct Toml {
    text: String,
}

impl Toml {
    /// A line of comment; what would end it becomes a space.
    pub fn comment(&mut self, words: &str) -> &mut Self {
        let clean: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(self.text, "# {}", clean.trim_end());
        self
    }

    /// An empty line.
    pub fn gap(&mut self) -> &mut Self {
        self.text.push('\n');
        self
    }

    /// A key with its value; nothing for `null`.
    pub fn key(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        if let Some(value) = written(&value.into()) {
            let _ = writeln!(self.text, "{} = {value}", bare(key));
        }
        self
    }

    /// The header of a table, after an empty line.
    pub fn table(&mut self, name: &str) -> &mut Self {
        let _ = writeln!(self.text, "\n[{name}]");
        self
    }

    /// The header of the table that a table has under a key, after an empty line.
    pub fn table_in(&mut self, name: &str, key: &str) -> &mut Self {
        let _ = writeln!(self.text, "\n[{name}.{}]", bare(key));
        self
    }

    /// The header of one table of a list, after an empty line.
    pub fn item(&mut self, name: &str) -> &mut Self {
        let _ = writeln!(self.text, "\n[[{name}]]");
        self
    }

    /// Adds the lines of another file at the end.
    pub fn append(&mut self, other: &mut Toml) -> &mut Self {
        self.text.push_str(&other.finish());
        self
    }

    /// The text.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// A value as TOML; `None` for what TOML does not have.
fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(written).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                Some(format!("{} = {}", bare(key), written(value)?))
            };
            let members: Vec<_> = members.iter().filter_map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
    })
}

/// A key without quotes where it needs none.
fn bare(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(plain) { key.to_owned() } else { quoted(key) }
}

/// A basic string: JSON's escapes are TOML's, but for one character that JSON leaves as it is.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gobo_show::Source;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let mut toml = Toml::default();
        toml.comment("a\nb").key("a b", "x\"\u{7f}\n\\").key("n", json!([1, 2.5, true, null]));
        toml.table("t").key("o", json!({"k": "v", "none": null})).item("l").key("i", 1);
        toml.table_in("u", "Ⰰ.b").key("j", 2);
        let text = toml.finish();
        let source = Source { path: "a.toml".into(), text: text.as_str().into() };
        let read = gobo_show::tree::parse(&source).unwrap().root.to_json();
        let expected = json!({
            "a b": "x\"\u{7f}\n\\", "n": [1, 2.5, true], "t": {"o": {"k": "v"}}, "l": [{"i": 1}],
            "u": {"Ⰰ.b": {"j": 2}},
        });
        assert_eq!(read, expected, "{text}");
    }
}
