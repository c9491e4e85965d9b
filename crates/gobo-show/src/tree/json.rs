//! Strict JSON to the tree.

use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::errors::{ParseError, ParseErrorKind as Kind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{Member, Node, Tree, Value, duplicates, syntax_error};
use crate::diagnostic::Diagnostic;
use crate::world::Source;

/// Nothing but what RFC 8259 allows.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses strict JSON (RFC 8259); the error is the first of the text.
pub fn parse_json(source: &Source) -> Result<Tree, Diagnostic> {
    let parsed = parse_to_ast(&source.text, &CollectOptions::default(), &STRICT)
        .map_err(|error| explain(source, &error))?;
    let Some(root) = parsed.value else {
        let message = "the file is empty: expected a JSON object".to_owned();
        return Err(syntax_error(source, 0..0, message));
    };
    let mut walk = Walk { source, file: source.path.clone(), duplicates: Vec::new() };
    let root = walk.node(root)?;
    Ok(Tree { file: walk.file, root, duplicates: walk.duplicates })
}

struct Walk<'a> {
    source: &'a Source,
    file: Arc<str>,
    duplicates: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn node(&mut self, value: ast::Value<'_>) -> Result<Node, Diagnostic> {
        use jsonc_parser::common::Ranged;
        let range = value.range();
        let span = range.start..range.end;
        let value = match value {
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::StringLit(literal) => {
                // RFC 8259 section 7; the parser lets it pass.
                if self.source.text[span.clone()].contains(['\n', '\r']) {
                    let message = "this is not JSON: a text ends in the line where it begins";
                    let error = syntax_error(self.source, span, message.to_owned());
                    return Err(error.hint("write a line break as `\\n`"));
                }
                Value::Text(literal.value.into_owned())
            }
            ast::Value::NumberLit(literal) => match literal.value.parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Number(number),
                _ => {
                    let message = format!("the number `{}` is too large", literal.value);
                    return Err(syntax_error(self.source, span, message));
                }
            },
            ast::Value::Array(array) => Value::List(
                array.elements.into_iter().map(|item| self.node(item)).collect::<Result<_, _>>()?,
            ),
            ast::Value::Object(object) => Value::Object(self.members(object)?),
        };
        Ok(Node { span, value })
    }

    fn members(&mut self, object: ast::Object<'_>) -> Result<Vec<Member>, Diagnostic> {
        use jsonc_parser::common::Ranged;
        let member = |property: ast::ObjectProp<'_>| {
            let range = property.name.range();
            let key = property.name.into_string();
            Ok(Member { key, key_span: range.start..range.end, node: self.node(property.value)? })
        };
        let members: Vec<_> =
            object.properties.into_iter().map(member).collect::<Result<_, Diagnostic>>()?;
        duplicates(&self.file, &members, &mut self.duplicates);
        Ok(members)
    }
}

fn explain(source: &Source, error: &ParseError) -> Diagnostic {
    let range = error.range();
    let (message, hint) = words(error.kind());
    let found =
        syntax_error(source, range.start..range.end, format!("this is not JSON: {message}"));
    match hint {
        Some(hint) => found.hint(hint),
        None => found,
    }
}

/// What was expected, and what to do about it.
fn words(kind: &Kind) -> (String, Option<&'static str>) {
    let (message, hint) = match kind {
        Kind::CommentsNotAllowed => {
            ("JSON has no comments", Some("say it in a member: `\"note\": \"…\"`"))
        }
        Kind::TrailingCommasNotAllowed => {
            ("no comma may stand after the last item", Some("remove the comma"))
        }
        Kind::ExpectedComma => {
            ("expected `,` or the end of the list or object", Some("is a comma missing before it?"))
        }
        Kind::ExpectedColonAfterObjectKey => ("expected `:` and a value after the key", None),
        Kind::ExpectedObjectValue => ("expected a value after `:`", None),
        Kind::ExpectedStringObjectProperty | Kind::UnexpectedTokenInObject => {
            ("expected a key in double quotes", Some("keys stand in quotes: `\"at\": 1`"))
        }
        Kind::SingleQuotedStringsNotAllowed => {
            ("text stands in double quotes", Some("write \" instead of '"))
        }
        Kind::UnexpectedWord => (
            "expected a value: text in double quotes, a number, true, false, a list or an object",
            Some("put text in double quotes"),
        ),
        Kind::UnexpectedToken | Kind::UnexpectedColon | Kind::UnexpectedComma => {
            ("expected a value here", None)
        }
        Kind::MultipleRootJsonValues => {
            ("expected the end of the file after the first value", None)
        }
        Kind::UnterminatedArray => ("this list has no end: expected `]`", None),
        Kind::UnterminatedObject => ("this object has no end: expected `}`", None),
        Kind::UnexpectedCloseBrace => ("a `}` closes nothing here", None),
        Kind::UnexpectedCloseBracket => ("a `]` closes nothing here", None),
        Kind::NestingDepthExceeded => ("lists and objects are nested too deep", None),
        Kind::BareDecimalPointNumbersNotAllowed => {
            ("a decimal point stands between digits", Some("write `0.5`, not `.5`"))
        }
        Kind::UnaryPlusNumbersNotAllowed => ("a number has no `+` before it", None),
        Kind::HexadecimalNumbersNotAllowed => ("numbers are decimal", None),
        Kind::NonFiniteNumbersNotAllowed => ("a number is finite", None),
        Kind::ExpectedDigit
        | Kind::ExpectedDigitFollowingNegativeSign
        | Kind::ExpectedPlusMinusOrDigitInNumberLiteral => ("expected a digit", None),
        Kind::String(jsonc_parser::ParseStringErrorKind::UnterminatedStringLiteral) => {
            ("this text has no end: expected `\"`", None)
        }
        Kind::String(_) => ("this text has an escape that JSON does not know", None),
        other => return (other.to_string().to_lowercase(), None),
    };
    (message.to_owned(), hint)
}
