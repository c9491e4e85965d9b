//! Foreign XML: parsed with the place of everything, read leniently.

use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use gobo_show::Source;
use gobo_show::diagnostic::{Diagnostic, Place, Spot};
use roxmltree::{Document, Node, ParsingOptions, TextPos};

/// The most XML nodes that a file may have.
const MOST_NODES: u32 = 20_000_000;

/// Parses `source`.
///
/// # Errors
/// A `syntax` mistake with its place when it is not XML.
pub(crate) fn parse(source: &Source) -> Result<Document<'_>, Diagnostic> {
    let options =
        ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, entity_resolver: None };
    Document::parse_with_options(&source.text, options).map_err(|error| {
        let at = match error {
            // The parser has no place for it but the start.
            roxmltree::Error::UnexpectedEndOfStream => source.text.len(),
            _ => offset(&source.text, error.pos()),
        };
        let place = bytes(&source.path, at..at);
        Diagnostic::error("syntax", place, format!("this is not XML: {error}"))
    })
}

/// Where a node stands: its first line, so that messages point to its start.
pub(crate) fn place(file: &Arc<str>, node: Node<'_, '_>) -> Place {
    let range = node.range();
    let text = node.document().input_text();
    let end = text
        .get(range.clone())
        .and_then(|text| text.find('>'))
        .map_or(range.end, |at| range.start + at + 1);
    bytes(file, range.start..end)
}

fn bytes(file: &Arc<str>, range: Range<usize>) -> Place {
    Place { file: file.clone(), spot: Spot::Bytes { start: range.start, end: range.end } }
}

/// The byte at a row and column, both from 1; columns count characters.
fn offset(text: &str, at: TextPos) -> usize {
    let row = (at.row as usize).saturating_sub(1);
    let line = text.split_inclusive('\n').take(row).map(str::len).sum::<usize>().min(text.len());
    let column = (at.col as usize).saturating_sub(1);
    let rest = &text[line..];
    rest.char_indices().nth(column).map_or(text.len(), |(index, _)| line + index)
}

/// The child elements called `name`.
pub(crate) fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'i>> + 'a {
    node.children().filter(move |child| child.has_tag_name(name))
}

/// The first child element called `name`.
pub(crate) fn child<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'a str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// The text of an element, without space around it; empty when there is none.
pub(crate) fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

/// The text of the first child element called `name`.
pub(crate) fn child_text<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'a str) -> Option<&'a str> {
    child(node, name).map(text)
}

/// An attribute that reads as `T`.
pub(crate) fn attribute<T: FromStr>(node: Node<'_, '_>, name: &str) -> Option<T> {
    node.attribute(name).and_then(|text| text.trim().parse().ok())
}

/// The text of a child element that reads as `T`.
pub(crate) fn value<T: FromStr>(node: Node<'_, '_>, name: &str) -> Option<T> {
    child(node, name).and_then(|child| text(child).parse().ok())
}
