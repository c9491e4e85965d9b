//! Variables: which ones a file may name, each resolved to what it refers to.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::Loader;
use super::order::{self, Order};
use crate::decode::{Argument, ArgumentKind, At, Decode, argument_name};
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::effect::Look;
use crate::source::{Variable, Vars};
use crate::tree::{Node, Value, below};

/// How many values one variable may come to.
const MOST: usize = 10_000;

/// The variables that a file may name.
pub(super) type Scope = IndexMap<String, Argument>;

impl Loader<'_> {
    /// The scope in which `own`, declared under `pointer` of `file`, stand in the place of those
    /// of `outer` with the same name. What goes round in a circle is told of and left out.
    pub(super) fn scope(
        &mut self,
        outer: &Scope,
        Vars(own): &Vars,
        file: &str,
        pointer: &str,
    ) -> Scope {
        let (mut broken, mut straight) = (BTreeSet::new(), BTreeSet::new());
        for name in own.keys() {
            let mut chain = vec![name.as_str()];
            if !broken.contains(name.as_str()) && circle(own, &mut chain, &mut straight) {
                self.tell_circle(&chain, file, pointer);
                broken.extend(chain.iter().map(|name| (*name).to_owned()));
            }
        }
        spread(own, &mut broken);
        let mut scope = outer.clone();
        for name in own.keys().filter(|name| !broken.contains(*name)) {
            let mut node = own[name].0.clone();
            let mut left = MOST;
            resolve(&mut node, own, outer, &broken, &mut left);
            if left == 0 {
                let place = Place { file: file.into(), spot: Spot::Key(below(pointer, name)) };
                let message = format!("the variable `{name}` comes to more than {MOST} values");
                self.decoder.say(Diagnostic::error("variable-too-big", place, message));
                broken.extend(own.keys().cloned());
                break;
            }
            scope.insert(name.clone(), Argument { kind: ArgumentKind::Any, node });
        }
        self.decoder.names.broken_vars.append(&mut broken);
        scope
    }

    /// Reads the presets of a show, each after those that it names.
    pub(super) fn presets(&mut self, Vars(presets): &Vars, path: &str) {
        let file = path.into();
        let refers = |name: &str| presets.get(name).map_or(Vec::new(), |one| named(&one.0));
        let Order { names, circles } = Order::of(presets.keys().map(String::as_str), refers);
        for circle in &circles {
            let name = circle.first().copied().unwrap_or_default();
            let place = Place { file: path.into(), spot: Spot::Key(below("/presets", name)) };
            let message =
                format!("these presets are made of each other: {}", order::circle(circle));
            self.decoder.say(Diagnostic::error("preset-circle", place, message));
            self.decoder.names.broken_presets.extend(circle.iter().map(|name| (*name).to_owned()));
        }
        for name in names {
            let Some(Variable(node)) = presets.get(name) else { continue };
            if self.decoder.names.broken_presets.contains(name) {
                continue;
            }
            let at = At { file: &file, node, pointer: below("/presets", name) };
            let said = self.decoder.diagnostics.len();
            let object = self.decoder.object::<Look>(&at);
            let whole = object.then(|| self.decoder.with_preset(&at)).flatten();
            let whole = whole.map(std::borrow::Cow::into_owned);
            if let Some(node) = &whole {
                let at = At { node, ..at };
                let look = Look::decode(&at, &mut self.decoder);
                let plain = self.decoder.diagnostics.len() == said;
                if look.is_some_and(|look| plain && look.is_empty()) {
                    let message = format!("the preset `{name}` sets nothing");
                    self.decoder.error("empty-look", &at, message);
                }
            }
            match whole.filter(|_| self.decoder.diagnostics.len() == said) {
                Some(node) => _ = self.decoder.names.presets.insert(name.to_owned(), node),
                None => _ = self.decoder.names.broken_presets.insert(name.to_owned()),
            }
        }
    }

    fn tell_circle(&mut self, chain: &[&str], file: &str, pointer: &str) {
        let name = chain.last().copied().unwrap_or_default();
        let spot = Spot::Key(below(pointer, name));
        let place = Place { file: file.into(), spot };
        let way: Vec<_> = chain.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("these variables stand for each other: {}", way.join(" → "));
        self.decoder.say(Diagnostic::error("variable-circle", place, message));
    }
}

/// The presets that a look names.
fn named(look: &Node) -> Vec<&str> {
    let parts = look.get("by").map_or(&[][..], Node::members);
    let looks = parts.iter().map(|part| &part.node);
    let text = Node::text;
    let of_parts = looks.filter_map(|look| text(look).or(look.get("preset").and_then(text)));
    look.get("preset").and_then(text).into_iter().chain(of_parts).collect()
}

/// Whether the names that the last of `chain` refers to lead back into it; then the chain is cut
/// to the circle, closed.
/// What leads nowhere back goes to `straight`, to be looked at once.
fn circle<'a>(
    own: &'a IndexMap<String, Variable>,
    chain: &mut Vec<&'a str>,
    straight: &mut BTreeSet<&'a str>,
) -> bool {
    let Some(variable) = chain.last().and_then(|last| own.get(*last)) else { return false };
    for name in variable.names() {
        if let Some(first) = chain.iter().position(|known| *known == name) {
            chain.drain(..first);
            chain.push(name);
            return true;
        }
        if straight.contains(name) {
            continue;
        }
        chain.push(name);
        if circle(own, chain, straight) {
            return true;
        }
        chain.pop();
        straight.insert(name);
    }
    false
}

/// Counts what refers to something broken as broken, too.
fn spread(own: &IndexMap<String, Variable>, broken: &mut BTreeSet<String>) {
    loop {
        let known = broken.len();
        let refers =
            |variable: &Variable| variable.names().iter().any(|name| broken.contains(*name));
        let more: Vec<_> = own
            .iter()
            .filter(|(_, variable)| refers(variable))
            .map(|(name, _)| name.clone())
            .collect();
        broken.extend(more);
        if broken.len() == known {
            return;
        }
    }
}

/// Puts what `$name` stands for in its place, where it is the whole of a text, as long as there
/// are values `left` to be made.
fn resolve(
    node: &mut Node,
    own: &IndexMap<String, Variable>,
    outer: &Scope,
    broken: &BTreeSet<String>,
    left: &mut usize,
) {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return;
    }
    match &mut node.value {
        Value::Text(text) => {
            let Some(name) = argument_name(text).filter(|name| !broken.contains(*name)) else {
                return;
            };
            if let Some(inner) = own.get(name) {
                let mut inner = inner.0.clone();
                resolve(&mut inner, own, outer, broken, left);
                *node = inner;
            } else if let Some(inner) = outer.get(name) {
                *node = inner.node.clone();
            }
        }
        Value::List(items) => {
            items.iter_mut().for_each(|item| resolve(item, own, outer, broken, left));
        }
        Value::Object(members) => {
            members
                .iter_mut()
                .for_each(|member| resolve(&mut member.node, own, outer, broken, left));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Date(_) => {}
    }
}
