//! Prints selections so that they read back the same.

use std::fmt;

use super::{Function, Heads, Selection};

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, operator, b) = match self {
            Self::All => return f.write_str("all"),
            Self::This => return f.write_str("this"),
            Self::Name(name) => return f.write_str(name),
            Self::Tag(tag) => return write!(f, "#{tag}"),
            Self::Span(first, last) => return write!(f, "{first}..{last}"),
            Self::Has(ability) => return write!(f, "has({})", ability.name()),
            Self::Call(function, inner) => return call(function, inner, f),
            Self::Not(inner) => return write!(f, "~{inner}"),
            Self::Heads(inner, heads) if matches!(**inner, Self::Not(_)) => {
                return write!(f, "({inner}):{heads}");
            }
            Self::Heads(inner, heads) => return write!(f, "{inner}:{heads}"),
            Self::Fallback(a, b) => (a, '>', b),
            Self::Union(a, b) => (a, '|', b),
            Self::Either(a, b) => (a, '^', b),
            Self::Both(a, b) => (a, '&', b),
        };
        write!(f, "({a} {operator} {b})")
    }
}

fn call(function: &Function, inner: &Selection, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}({inner}", function.name())?;
    match function {
        Function::Side(_, Some(count))
        | Function::Blocks(count)
        | Function::Repeats(count)
        | Function::Wings(count) => write!(f, ", {count}")?,
        Function::ByDistance(Some(point)) => write!(f, ", {point}")?,
        Function::Shuffled(Some(seed)) => write!(f, ", {seed}")?,
        _ => {}
    }
    f.write_str(")")
}

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Odd => f.write_str("odd"),
            Self::Even => f.write_str("even"),
            Self::Named(name) => f.write_str(name),
            Self::Every(count, 1) => write!(f, "every({count})"),
            Self::Every(count, from) => write!(f, "every({count}, {from})"),
            Self::First(count) => write!(f, "first({count})"),
            Self::Last(count) => write!(f, "last({count})"),
            Self::Range(first, last) if first == last => write!(f, "{first}"),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
        }
    }
}
