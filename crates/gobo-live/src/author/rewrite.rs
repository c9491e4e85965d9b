//! A JSON text changed into one that says something else, in its own formatting: what stays is
//! left as it stands, byte by byte, and what is new is written as its neighbours are.

mod align;
mod style;

use std::ops::Range;

use gobo_show::Source;
use gobo_show::tree::{Member, Node, Value as Syntax, parse_json};
use serde_json::{Map, Value};

use align::{Step, align, by_key};
use style::Style;

pub(super) use align::same;

/// Why a text is not rewritten.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum RewriteError {
    /// It is no JSON, or an object of it has a key twice; why.
    #[error("{0}")]
    Syntax(String),
    /// The rewritten text would not say what it should.
    #[error("the text cannot be changed in its own formatting")]
    Lost,
}

/// What a JSON text says.
pub(super) fn parse(text: &str) -> Result<Value, RewriteError> {
    tree(text)?;
    serde_json::from_str(text).map_err(|error| RewriteError::Syntax(error.to_string()))
}

fn tree(text: &str) -> Result<Node, RewriteError> {
    let source = Source { path: "source.json".into(), text: text.into() };
    let tree = parse_json(&source).map_err(|error| RewriteError::Syntax(error.message))?;
    match tree.duplicates.first() {
        Some(twice) => Err(RewriteError::Syntax(twice.message.clone())),
        None => Ok(tree.root),
    }
}

/// The text changed so that it says `new`.
pub(super) fn rewrite(text: &str, new: &Value) -> Result<String, RewriteError> {
    let (root, old) = (tree(text)?, parse(text)?);
    let mut writer = Writer { text, style: Style::of(text), splices: Vec::new() };
    writer.value(&root, &old, new);
    let written = writer.spliced();
    match parse(&written) {
        Ok(said) if same(&said, new) => Ok(written),
        _ => Err(RewriteError::Lost),
    }
}

/// Pieces of a text and what takes their place.
struct Writer<'a> {
    text: &'a str,
    style: Style<'a>,
    splices: Vec<(Range<usize>, String)>,
}

/// An object or a list in the text, and what it is to have.
struct Container<'a> {
    node: &'a Node,
    kids: Vec<Range<usize>>,
    new: Vec<(Option<&'a str>, &'a Value)>,
}

impl Container<'_> {
    fn is_list(&self) -> bool {
        matches!(self.node.value, Syntax::List(_))
    }
}

impl Writer<'_> {
    fn spliced(mut self) -> String {
        self.splices.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut out, mut done) = (String::with_capacity(self.text.len() + 256), 0);
        for (range, new) in &self.splices {
            out.push_str(self.text.get(done..range.start).unwrap_or_default());
            out.push_str(new);
            done = range.end.max(done);
        }
        out.push_str(self.text.get(done..).unwrap_or_default());
        out
    }

    fn put(&mut self, range: Range<usize>, text: String) {
        self.splices.push((range, text));
    }

    fn value(&mut self, node: &Node, old: &Value, new: &Value) {
        if same(old, new) {
            return;
        }
        match (&node.value, old, new) {
            (Syntax::Object(members), Value::Object(old), Value::Object(new)) => {
                self.object(node, members, old, new);
            }
            (Syntax::List(items), Value::Array(old), Value::Array(new)) => {
                self.list(node, items, old, new);
            }
            _ => {
                let indent = self.style.indent_at(node.span.start);
                let text = self.style.fresh(new, indent);
                self.put(node.span.clone(), text);
            }
        }
    }

    fn object(
        &mut self,
        node: &Node,
        members: &[Member],
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) {
        let kids = members.iter().map(|one| one.key_span.start..one.node.span.end).collect();
        let of = |(key, value)| (Some(String::as_str(key)), value);
        let container = Container { node, kids, new: new.iter().map(of).collect() };
        let steps = by_key(old, new);
        for step in &steps {
            let Step::Pair(kid, at) = *step else { continue };
            let (Some(member), Some((Some(key), value))) =
                (members.get(kid), container.new.get(at))
            else {
                continue;
            };
            match old.get(&member.key) {
                Some(before) if member.key == *key => self.value(&member.node, before, value),
                _ => self.replace(&container, kid, at),
            }
        }
        self.around(&container, &steps);
    }

    fn list(&mut self, node: &Node, items: &[Node], old: &[Value], new: &[Value]) {
        let kids = items.iter().map(|item| item.span.clone()).collect();
        let container = Container { node, kids, new: new.iter().map(|one| (None, one)).collect() };
        let steps = align(old, new);
        for step in &steps {
            if let Step::Pair(kid, at) = *step
                && let (Some(item), Some(before), Some(value)) =
                    (items.get(kid), old.get(kid), new.get(at))
            {
                self.value(item, before, value);
            }
        }
        self.around(&container, &steps);
    }

    /// Writes something else in the place of a member.
    fn replace(&mut self, container: &Container<'_>, kid: usize, at: usize) {
        let Some(range) = container.kids.get(kid).cloned() else { return };
        let text = self.written(container, at, Some(&range));
        self.put(range, text);
    }

    /// Takes out and puts in what is no pair.
    fn around(&mut self, container: &Container<'_>, steps: &[Step]) {
        let stays = steps.iter().any(|step| matches!(step, Step::Pair(..)));
        let adds = |step: &&Step| matches!(step, Step::Add(_));
        if !stays {
            let all = steps.iter().filter(adds).filter_map(align::Step::added).collect::<Vec<_>>();
            return self.refill(container, &all);
        }
        let mut before = None;
        let mut rest = steps;
        while let Some(first) = rest.first() {
            if let Step::Pair(kid, _) = first {
                (before, rest) = (Some(*kid), &rest[1..]);
                continue;
            }
            let run = rest.iter().take_while(|step| !matches!(step, Step::Pair(..))).count();
            let (here, after) = rest.split_at(run);
            let next = match after.first() {
                Some(Step::Pair(kid, _)) => Some(*kid),
                _ => None,
            };
            let gone: Vec<usize> = here.iter().filter_map(align::Step::removed).collect();
            let added: Vec<usize> = here.iter().filter_map(align::Step::added).collect();
            self.take_out(container, &gone, before, next);
            self.put_in(container, &added, before, next);
            rest = after;
        }
    }

    /// Takes out neighbours that lie between two that stay.
    fn take_out(
        &mut self,
        container: &Container<'_>,
        gone: &[usize],
        before: Option<usize>,
        next: Option<usize>,
    ) {
        let kid = |index: usize| container.kids.get(index).cloned();
        let (Some(first), Some(last)) =
            (gone.first().and_then(|one| kid(*one)), gone.last().and_then(|one| kid(*one)))
        else {
            return;
        };
        let range = match (before.and_then(kid), next.and_then(kid)) {
            (_, Some(next)) => self
                .style
                .whole_lines(first.start, last.end, next.start)
                .unwrap_or(first.start..next.start),
            (Some(before), None) => before.end..last.end,
            (None, None) => return,
        };
        self.put(range, String::new());
    }

    /// Puts new ones between two that stay.
    fn put_in(
        &mut self,
        container: &Container<'_>,
        added: &[usize],
        before: Option<usize>,
        next: Option<usize>,
    ) {
        if added.is_empty() {
            return;
        }
        let kid = |index: Option<usize>| container.kids.get(index?).cloned();
        let (before, next) = (kid(before), kid(next));
        let Some(near) = before.clone().or_else(|| next.clone()) else { return };
        let gap = self.style.gap(&container.kids, &near);
        let mut text = String::new();
        for &at in added {
            let one = self.written(container, at, Some(&near));
            match before {
                Some(_) => text.extend([",", &*gap, &*one]),
                None => text.extend([&*one, ",", &*gap]),
            }
        }
        let place = if before.is_some() { near.end } else { near.start };
        self.put(place..place, text);
    }

    /// Writes all that an object or a list has anew, for nothing of it stays.
    fn refill(&mut self, container: &Container<'_>, added: &[usize]) {
        let span = container.node.span.clone();
        let inner = span.start + 1..span.end.saturating_sub(1);
        let near = container.kids.first().cloned();
        let indent = self.style.indent_at(span.start);
        let is_block = match &near {
            Some(near) => self.style.starts_line(near.start),
            None => container.is_list() && container.new.iter().any(|(_, one)| one.is_object()),
        };
        let deeper = format!("{indent}{}", self.style.unit);
        let all: Vec<String> = added
            .iter()
            .map(|at| match &near {
                Some(near) => self.written(container, *at, Some(near)),
                None => self.style.member(container.new.get(*at), &deeper, None),
            })
            .collect();
        let text = self.style.filled(&all, (container.is_list(), is_block), indent, &deeper);
        self.put(inner, text);
    }

    /// A new member or item, laid out as the one near it.
    fn written(&self, container: &Container<'_>, at: usize, near: Option<&Range<usize>>) -> String {
        let new = container.new.get(at);
        let Some(near) = near else { return self.style.member(new, "", None) };
        let indent = self.style.indent_at(near.start);
        match new {
            Some((None, value)) if value.is_object() => self.style.like(value, near, indent),
            _ => self.style.member(new, indent, Some(near)),
        }
    }
}

#[cfg(test)]
mod tests;
