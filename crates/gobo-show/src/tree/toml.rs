//! TOML to the tree.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Member, Node, Tree, Value, syntax_error};
use crate::diagnostic::Diagnostic;
use crate::world::Source;

/// Parses TOML 1.1; the error is the first of the text.
pub fn parse_toml(source: &Source) -> Result<Tree, Diagnostic> {
    let table = DeTable::parse(&source.text).map_err(|error| {
        let bytes = error.span().unwrap_or_default();
        let found = source.text.get(bytes.clone()).unwrap_or_default();
        let (message, hint) = explain(error.message(), found);
        let error = syntax_error(source, bytes, format!("this is not TOML: {message}"));
        hint.into_iter().fold(error, Diagnostic::hint)
    })?;
    let file: Arc<str> = source.path.clone();
    let mut walk = Walk { source };
    let root = Node { span: table.span(), value: Value::Object(walk.members(table.into_inner())?) };
    Ok(Tree { file, root, duplicates: Vec::new() })
}

/// What the parser says of `found`, in the words of people who write shows, and a hint.
fn explain<'m>(message: &'m str, found: &str) -> (&'m str, Option<String>) {
    let word = found.trim();
    match message {
        _ if message.starts_with("string values must be quoted") && word.is_empty() => {
            ("expected a value after `=`", None)
        }
        _ if message.starts_with("string values must be quoted") => {
            ("text stands in quotes", Some(format!("write `\"{word}\"`")))
        }
        _ if message.starts_with("invalid basic string")
            || message.starts_with("invalid literal string") =>
        {
            ("this text has no end: expected a closing quote in the same line", None)
        }
        _ if message.starts_with("unclosed array table") => ("expected `]]` after the name", None),
        _ if message.starts_with("unclosed table") => ("expected `]` after the name", None),
        _ if message.starts_with("unclosed array") => ("this list has no end: expected `]`", None),
        _ if message.starts_with("key with no value") => {
            ("this key has no value", Some(format!("write `{word} = …`")))
        }
        _ if message.starts_with("unexpected key or value") => {
            ("expected a new line before this", None)
        }
        "duplicate key" => ("the key is here twice", None),
        other => (other, None),
    }
}

struct Walk<'a> {
    source: &'a Source,
}

impl Walk<'_> {
    fn node(&mut self, node: Spanned<DeValue<'_>>) -> Result<Node, Diagnostic> {
        let span = node.span();
        let value = match node.into_inner() {
            DeValue::Boolean(flag) => Value::Bool(flag),
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Integer(number) => {
                let parsed = i64::from_str_radix(number.as_str(), number.radix());
                self.number(&span, parsed.map(|number| number as f64).ok())?
            }
            DeValue::Float(number) => self.number(&span, number.as_str().parse().ok())?,
            DeValue::Array(items) => Value::List(
                items.into_iter().map(|item| self.node(item)).collect::<Result<_, _>>()?,
            ),
            DeValue::Table(table) => Value::Object(self.members(table)?),
        };
        Ok(Node { span, value })
    }

    fn number(&self, span: &Range<usize>, number: Option<f64>) -> Result<Value, Diagnostic> {
        number.filter(|number| number.is_finite()).map(Value::Number).ok_or_else(|| {
            let message = "expected a finite number of ordinary size".to_owned();
            syntax_error(self.source, span.clone(), message)
        })
    }

    fn members(&mut self, table: DeTable<'_>) -> Result<Vec<Member>, Diagnostic> {
        let mut members = Vec::with_capacity(table.len());
        for (key, value) in table {
            let key_span = key.span();
            let node = self.node(value)?;
            members.push(Member { key: key.into_inner().into_owned(), key_span, node });
        }
        // The parser's map goes by name; what people wrote goes by place.
        members.sort_by_key(|member| member.key_span.start);
        Ok(members)
    }
}
