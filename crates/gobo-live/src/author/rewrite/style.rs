//! How a JSON text is laid out, and new pieces laid out the same way.

use std::ops::Range;

use serde_json::Value;

/// The longest line that something new without a neighbour is written on.
const WIDTH: usize = 100;

/// The habits of a text.
#[derive(Clone, Debug)]
pub(super) struct Style<'a> {
    text: &'a str,
    /// What ends its lines.
    eol: &'static str,
    /// One step of indentation.
    pub(super) unit: &'a str,
    spacing: Spacing,
}

/// What stands between the signs of an object on one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Spacing {
    /// Inside braces.
    brace: &'static str,
    /// After a colon.
    colon: &'static str,
    /// After a comma.
    comma: &'static str,
}

impl Spacing {
    /// How most of ours are written.
    const USUAL: Self = Self { brace: " ", colon: " ", comma: " " };

    /// As in a piece of text, and as `usual` where it has no example.
    fn of(text: &str, usual: Self) -> Self {
        let (mut spacing, mut seen) = (usual, [false; 3]);
        let (mut in_text, mut escaped) = (false, false);
        let bytes = text.as_bytes();
        for (index, byte) in bytes.iter().enumerate() {
            let quote = *byte == b'"' && !escaped;
            escaped = in_text && *byte == b'\\' && !escaped;
            in_text ^= quote;
            let sign = match byte {
                b'{' => 0,
                b':' => 1,
                b',' => 2,
                _ => continue,
            };
            let after = match bytes.get(index + 1) {
                Some(b' ' | b'\t') => " ",
                // At the end of a line, or of an empty object, it says nothing.
                Some(b'\n' | b'\r' | b'}') | None => continue,
                Some(_) => "",
            };
            if in_text || std::mem::replace(&mut seen[sign], true) {
                continue;
            }
            *[&mut spacing.brace, &mut spacing.colon, &mut spacing.comma][sign] = after;
        }
        if seen == [true, true, false] {
            spacing.comma = spacing.colon;
        }
        spacing
    }

    /// A value on one line.
    fn on_a_line(self, value: &Value) -> String {
        let comma = format!(",{}", self.comma);
        match value {
            Value::Object(members) if !members.is_empty() => {
                let member = |(key, value): (&String, &Value)| {
                    let key = Value::from(key.as_str());
                    format!("{key}:{}{}", self.colon, self.on_a_line(value))
                };
                let members: Vec<_> = members.iter().map(member).collect();
                format!("{{{0}{1}{0}}}", self.brace, members.join(&comma))
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.on_a_line(item)).collect();
                format!("[{}]", items.join(&comma))
            }
            other => other.to_string(),
        }
    }
}

impl<'a> Style<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut indents = text.lines().map(indent).filter(|indent| !indent.is_empty());
        let unit = indents.next().unwrap_or("  ");
        let spacing = Spacing::of(text, Spacing::USUAL);
        // An object on one line says more than what stands around it.
        let spacing = example(text).map_or(spacing, |object| Spacing::of(object, spacing));
        Self { text, eol, unit, spacing }
    }

    /// The start of the line that a byte is in.
    fn line_start(&self, at: usize) -> usize {
        self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
    }

    /// The indentation of the line that a byte is in.
    pub(super) fn indent_at(&self, at: usize) -> &'a str {
        indent(self.text.get(self.line_start(at)..).unwrap_or_default())
    }

    /// Whether only space stands before a byte in its line.
    pub(super) fn starts_line(&self, at: usize) -> bool {
        let start = self.line_start(at);
        start > 0 && self.text.get(start..at).is_some_and(|before| before.trim().is_empty())
    }

    /// The bytes of the lines from `start` to `end`, if nothing else is on them but a comma;
    /// `next` is where the next value starts.
    pub(super) fn whole_lines(
        &self,
        start: usize,
        end: usize,
        next: usize,
    ) -> Option<Range<usize>> {
        let after = self.text.get(end..next)?;
        let line_end = after.find('\n')?;
        let alone = self.starts_line(start) && after.get(..line_end)?.trim() == ",";
        alone.then(|| self.line_start(start)..end + line_end + 1)
    }

    /// What stands between a comma and the value after it, beside one of these.
    pub(super) fn gap(&self, kids: &[Range<usize>], near: &Range<usize>) -> String {
        if self.starts_line(near.start) {
            return format!("{}{}", self.eol, self.indent_at(near.start));
        }
        let between = kids.windows(2).filter_map(|pair| self.text.get(pair[0].end..pair[1].start));
        let mut on_a_line = between.filter(|between| !between.contains('\n'));
        let gap = on_a_line.next().and_then(|between| between.split_once(','));
        gap.map_or(self.spacing.comma, |(_, gap)| gap).to_owned()
    }

    /// An object laid out as the value near it: on one line or over several.
    pub(super) fn like(&self, value: &Value, near: &Range<usize>, indent: &str) -> String {
        let example = self.text.get(near.clone()).unwrap_or_default();
        let spacing = Spacing::of(example, self.spacing);
        if !example.contains('\n') || !example.starts_with('{') {
            return spacing.on_a_line(value);
        }
        // Whether what is within it stands on lines of its own, too.
        let inner = example.get(1..).unwrap_or_default();
        let deep = inner.lines().any(|line| line.trim_end().ends_with(['{', '[']));
        self.block(value, spacing, indent, deep)
    }

    /// A value over several lines; what is in it too, if it is to be deep.
    fn block(&self, value: &Value, spacing: Spacing, indent: &str, deep: bool) -> String {
        let inner = format!("{indent}{}", self.unit);
        let one = |value: &Value| match value {
            Value::Object(_) | Value::Array(_) if deep => self.block(value, spacing, &inner, deep),
            value => spacing.on_a_line(value),
        };
        let (all, is_list): (Vec<String>, bool) = match value {
            Value::Object(members) if !members.is_empty() => {
                let member = |(key, value): (&String, &Value)| {
                    format!("{}:{}{}", Value::from(key.as_str()), spacing.colon, one(value))
                };
                (members.iter().map(member).collect(), false)
            }
            Value::Array(items) if !items.is_empty() => (items.iter().map(one).collect(), true),
            other => return spacing.on_a_line(other),
        };
        let text = self.filled(&all, (is_list, true), indent, &inner);
        if is_list { format!("[{text}]") } else { format!("{{{text}}}") }
    }

    /// Something new without a neighbour.
    pub(super) fn fresh(&self, value: &Value, indent: &str) -> String {
        let line = self.spacing.on_a_line(value);
        let deeper = format!("{indent}{}", self.unit);
        match value {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let all: Vec<_> = items.iter().map(|item| self.fresh(item, &deeper)).collect();
                format!("[{}]", self.filled(&all, (true, true), indent, &deeper))
            }
            _ if indent.len() + line.chars().count() <= WIDTH => line,
            value => self.block(value, self.spacing, indent, false),
        }
    }

    /// A new member with its key as the one near it, or an item without one.
    pub(super) fn member(
        &self,
        new: Option<&(Option<&str>, &Value)>,
        indent: &str,
        near: Option<&Range<usize>>,
    ) -> String {
        match new {
            Some((Some(key), value)) => {
                let near = near.and_then(|near| self.text.get(near.clone())).unwrap_or_default();
                let (key, colon) = (Value::from(*key), Spacing::of(near, self.spacing).colon);
                format!("{key}:{colon}{}", self.fresh(value, indent))
            }
            Some((None, value)) => self.fresh(value, indent),
            None => String::new(),
        }
    }

    /// What stands between the brackets of a list or the braces of an object.
    pub(super) fn filled(
        &self,
        all: &[String],
        (is_list, is_block): (bool, bool),
        indent: &str,
        inner: &str,
    ) -> String {
        if all.is_empty() {
            return String::new();
        }
        if is_block {
            let line = format!(",{}{inner}", self.eol);
            return format!("{0}{inner}{1}{0}{indent}", self.eol, all.join(&line));
        }
        let pad = if is_list { "" } else { self.spacing.brace };
        format!("{pad}{}{pad}", all.join(&format!(",{}", self.spacing.comma)))
    }
}

/// The rest of the first line in which an object begins and goes on.
fn example(text: &str) -> Option<&str> {
    text.lines().find_map(|line| {
        let object = line.get(line.find('{')?..)?;
        let is_it = object.contains(':') && !object.starts_with("{}");
        is_it.then_some(object)
    })
}

/// The space that a line starts with.
fn indent(line: &str) -> &str {
    let end = line.find(|c: char| c != ' ' && c != '\t').unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}
