//! Names that refer to each other, in an order in which they can be looked up.

use std::collections::BTreeSet;

/// Names in order, and what goes round in circles.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Order<'a> {
    /// The names, each behind those that it refers to, else as they came.
    pub(super) names: Vec<&'a str>,
    /// Each circle, its first name repeated at its end.
    pub(super) circles: Vec<Vec<&'a str>>,
}

impl<'a> Order<'a> {
    /// Of `names`, of which each `refers` to others; names that are none of them do not count.
    pub(super) fn of(
        names: impl IntoIterator<Item = &'a str>,
        refers: impl Fn(&str) -> Vec<&'a str>,
    ) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let all: BTreeSet<&str> = names.iter().copied().collect();
        let mut seen = BTreeSet::new();
        let mut order = Self::default();
        for name in names {
            // Names that are being looked at, with those left to look at of what they refer to.
            let mut chain: Vec<(&str, Vec<&str>)> = Vec::new();
            if seen.insert(name) {
                chain.push((name, refers(name)));
            }
            while let Some((last, left)) = chain.last_mut() {
                let last = *last;
                let Some(next) = left.pop().filter(|next| all.contains(next)) else {
                    if left.is_empty() {
                        order.names.push(last);
                        chain.pop();
                    }
                    continue;
                };
                if let Some(first) = chain.iter().position(|(known, _)| *known == next) {
                    let circle = chain[first..].iter().map(|(known, _)| *known).chain([next]);
                    order.circles.push(circle.collect());
                } else if seen.insert(next) {
                    chain.push((next, refers(next)));
                }
            }
        }
        order
    }
}

/// A circle as a message shows it.
pub(super) fn circle(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(refers: &[(&'static str, &[&'static str])]) -> Order<'static> {
        let find = |name: &str| refers.iter().find(|known| known.0 == name);
        let of = |name: &str| find(name).map(|known| known.1.to_vec()).unwrap_or_default();
        Order::of(refers.iter().map(|known| known.0), of)
    }

    #[test]
    fn each_comes_behind_what_it_refers_to() {
        let found = order(&[("a", &["c", "unknown"]), ("b", &["a", "c"]), ("c", &[])]);
        assert_eq!((found.names, found.circles.len()), (vec!["c", "a", "b"], 0));
    }

    #[test]
    fn circles_are_closed() {
        let found = order(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &["d"])]);
        assert_eq!(found.circles, [vec!["b", "c", "b"], vec!["d", "d"]]);
        assert_eq!(circle(&found.circles[0]), "`b` → `c` → `b`");
    }
}
