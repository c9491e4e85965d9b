//! Which members and items of two versions are the same.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// What becomes of the members of an object or the items of a list, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The old one becomes the new one; most often they are equal.
    Pair(usize, usize),
    /// The old one goes.
    Remove(usize),
    /// The new one comes.
    Add(usize),
}

impl Step {
    pub(super) fn removed(&self) -> Option<usize> {
        if let Self::Remove(old) = self { Some(*old) } else { None }
    }

    pub(super) fn added(&self) -> Option<usize> {
        if let Self::Add(new) = self { Some(*new) } else { None }
    }
}

/// Whether two values say the same: 1 is 1.0, and members may stand in any order.
pub(in crate::author) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let in_b = |(key, a): (&String, &Value)| b.get(key).is_some_and(|b| same(a, b));
            a.len() == b.len() && a.iter().all(in_b)
        }
        (a, b) => a == b,
    }
}

/// The members of two objects by their keys. One that goes and one that comes are a pair: the new
/// one stands where the old one stood.
pub(super) fn by_key(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Step> {
    let place = |key: &String| new.keys().position(|known| known == key);
    let mut added = (0..).zip(new.keys()).filter(|(_, key)| !old.contains_key(*key));
    let mut steps: Vec<Step> = Vec::with_capacity(old.len());
    for (index, key) in old.keys().enumerate() {
        steps.push(match place(key).or_else(|| added.next().map(|(at, _)| at)) {
            Some(at) => Step::Pair(index, at),
            None => Step::Remove(index),
        });
    }
    steps.extend(added.map(|(at, _)| Step::Add(at)));
    steps
}

/// The items of two lists: those that are equal in order, and of what lies between them, as many
/// pairs as there can be.
pub(super) fn align(old: &[Value], new: &[Value]) -> Vec<Step> {
    let both = || old.iter().zip(new);
    let first = both().take_while(|(a, b)| same(a, b)).count();
    let (old_rest, new_rest) = (&old[first..], &new[first..]);
    let ends = old_rest.iter().rev().zip(new_rest.iter().rev());
    let last = ends.take_while(|(a, b)| same(a, b)).count();
    let between =
        Between::new(&old_rest[..old_rest.len() - last], &new_rest[..new_rest.len() - last], first);
    let mut steps: Vec<Step> = (0..first).map(|index| Step::Pair(index, index)).collect();
    steps.extend(paired(&between.steps()));
    let pair = |back: usize| Step::Pair(old.len() - back, new.len() - back);
    steps.extend((1..=last).rev().map(pair));
    steps
}

/// What lies between what two lists have in common at their starts and their ends.
struct Between {
    old: Vec<String>,
    new: Vec<String>,
    first: usize,
}

impl Between {
    fn new(old: &[Value], new: &[Value], first: usize) -> Self {
        let texts = |all: &[Value]| all.iter().map(Value::to_string).collect();
        Self { old: texts(old), new: texts(new), first }
    }

    fn steps(&self) -> Vec<Step> {
        // Where each item stands last.
        let places = |all: &[String]| -> HashMap<String, usize> {
            all.iter().enumerate().map(|(index, text)| (text.clone(), index)).collect()
        };
        let (in_old, in_new) = (places(&self.old), places(&self.new));
        let (mut steps, mut i, mut j) = (Vec::new(), 0, 0);
        loop {
            let (old, new) = (self.old.get(i), self.new.get(j));
            let stays = old.is_some_and(|old| in_new.get(old).is_some_and(|at| *at >= j));
            let stayed = new.is_some_and(|new| in_old.get(new).is_some_and(|at| *at >= i));
            let (old_at, new_at) = (self.first + i, self.first + j);
            let step = match (old, new) {
                (None, None) => return steps,
                (Some(a), Some(b)) if a == b || !stays && !stayed => Step::Pair(old_at, new_at),
                (None, Some(_)) => Step::Add(new_at),
                (Some(_), Some(_)) if stays && !stayed => Step::Add(new_at),
                (Some(_), _) => Step::Remove(old_at),
            };
            i += usize::from(!matches!(step, Step::Add(_)));
            j += usize::from(!matches!(step, Step::Remove(_)));
            steps.push(step);
        }
    }
}

/// The same steps, but one that goes and one that comes beside each other are a pair.
fn paired(steps: &[Step]) -> Vec<Step> {
    let mut out = Vec::with_capacity(steps.len());
    for run in steps.chunk_by(|a, b| is_pair(a) == is_pair(b)) {
        if run.first().is_some_and(is_pair) {
            out.extend_from_slice(run);
            continue;
        }
        let removed: Vec<_> = run.iter().filter_map(Step::removed).collect();
        let added: Vec<_> = run.iter().filter_map(Step::added).collect();
        let both = removed.len().min(added.len());
        let pairs = removed.iter().zip(&added);
        out.extend(pairs.map(|(old, new)| Step::Pair(*old, *new)));
        out.extend(removed[both..].iter().map(|old| Step::Remove(*old)));
        out.extend(added[both..].iter().map(|new| Step::Add(*new)));
    }
    out
}

fn is_pair(step: &Step) -> bool {
    matches!(step, Step::Pair(..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn steps(old: &Value, new: &Value) -> Vec<Step> {
        align(old.as_array().unwrap(), new.as_array().unwrap())
    }

    #[test]
    fn what_is_equal_stays() {
        use Step::{Add, Pair, Remove};
        let of = |old, new| steps(&old, &new);
        assert_eq!(
            of(json!([1, 2, 3, 4, 5]), json!([1, 3, 5])),
            [Pair(0, 0), Remove(1), Pair(2, 1), Remove(3), Pair(4, 2)]
        );
        assert_eq!(of(json!([1, 2]), json!([1, 9, 2])), [Pair(0, 0), Add(1), Pair(1, 2)]);
        assert_eq!(of(json!([1, 2, 3]), json!([1, 7, 3])), [Pair(0, 0), Pair(1, 1), Pair(2, 2)]);
        assert_eq!(of(json!([]), json!([1])), [Add(0)]);
        assert_eq!(of(json!([1, 1, 1]), json!([1, 1])), [Pair(0, 0), Pair(1, 1), Remove(2)]);
    }

    #[test]
    fn numbers_and_order_of_members_do_not_matter() {
        assert!(same(&json!({"a": 1, "b": [2.0]}), &json!({"b": [2], "a": 1.0})));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": null})));
        assert!(!same(&json!(u64::MAX), &json!("x")));
    }
}
