//! What a program asks for, read member by member; all that is wrong with it is said at once.

use std::cell::RefCell;

use gobo_show::tree::below;
use serde_json::{Map, Value};

use super::refusal::{Fault, Refusal};

/// The latest time that anything is asked for, in seconds.
const LONGEST: f64 = 1e6;

/// The members of an object.
pub(super) struct Payload<'a> {
    pointer: String,
    members: Option<&'a Map<String, Value>>,
    known: RefCell<Vec<&'static str>>,
    faults: RefCell<Vec<Fault>>,
}

impl<'a> Payload<'a> {
    /// A payload; null is one without members.
    pub(super) fn of(value: &'a Value) -> Result<Self, Refusal> {
        Self::at(value, "")
    }

    /// An object within a payload, at a JSON pointer.
    pub(super) fn at(value: &'a Value, pointer: &str) -> Result<Self, Refusal> {
        let members = match value {
            Value::Object(members) => Some(members),
            Value::Null => None,
            other => {
                let message = format!("expected an object, found {}", kind(other));
                return Err(Refusal::invalid(pointer, message));
            }
        };
        let (known, faults) = (RefCell::default(), RefCell::default());
        Ok(Self { pointer: pointer.to_owned(), members, known, faults })
    }

    /// A member, unless it is not there or null.
    pub(super) fn get(&self, key: &'static str) -> Option<&'a Value> {
        self.known.borrow_mut().push(key);
        self.members?.get(key).filter(|value| !value.is_null())
    }

    /// Says what is wrong with a member.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) {
        self.faults.borrow_mut().push(Fault::new(below(&self.pointer, key), message));
    }

    /// Takes over what is wrong within a member.
    pub(super) fn add(&self, faults: &[Fault]) {
        self.faults.borrow_mut().extend_from_slice(faults);
    }

    fn typed<T>(
        &self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        let read = read(value);
        if read.is_none() {
            self.wrong(key, format!("expected {expected} for `{key}`, found {}", kind(value)));
        }
        read
    }

    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let text = |value: &Value| value.as_str().map(str::trim).map(str::to_owned);
        self.typed(key, "text", text).filter(|text| {
            if text.is_empty() {
                self.wrong(key, format!("`{key}` is empty"));
            }
            !text.is_empty()
        })
    }

    pub(super) fn number(&self, key: &'static str) -> Option<f64> {
        self.typed(key, "a number", Value::as_f64)
    }

    /// A number within bounds.
    pub(super) fn within(&self, key: &'static str, low: f64, high: f64) -> Option<f64> {
        self.number(key).filter(|number| {
            let fits = (low..=high).contains(number);
            if !fits {
                self.wrong(key, format!("`{key}` is from {low} to {high}, not {number}"));
            }
            fits
        })
    }

    /// A time in seconds, to the thousandth.
    pub(super) fn seconds(&self, key: &'static str) -> Option<f64> {
        self.within(key, 0.0, LONGEST).map(thousandth)
    }

    /// A whole number from 0 up.
    pub(super) fn count(&self, key: &'static str) -> Option<usize> {
        let whole = |value: &Value| {
            let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
            (0.0..=u32::MAX.into()).contains(&number).then_some(number as usize)
        };
        self.typed(key, "a whole number", whole)
    }

    pub(super) fn object(&self, key: &'static str) -> Option<&'a Map<String, Value>> {
        self.typed(key, "an object", Value::as_object)
    }

    pub(super) fn list(&self, key: &'static str) -> Option<&'a [Value]> {
        self.typed(key, "a list", |value| value.as_array().map(Vec::as_slice))
    }

    /// What must be there.
    pub(super) fn needed<T>(&self, key: &'static str, found: Option<T>) -> Option<T> {
        let is_there =
            self.members.and_then(|members| members.get(key)).is_some_and(|value| !value.is_null());
        if found.is_none() && !is_there {
            self.wrong(key, format!("`{key}` is missing"));
        }
        found
    }

    /// What was read, if nothing is wrong and no member is unknown.
    pub(super) fn finished<T>(self, found: Option<T>) -> Result<T, Refusal> {
        let known = self.known.into_inner();
        let mut errors = self.faults.into_inner();
        let unknown = self.members.into_iter().flat_map(Map::keys);
        let unknown = unknown.filter(|key| !known.contains(&key.as_str()));
        errors.extend(unknown.map(|key| {
            let at = below(&self.pointer, key);
            Fault::unknown(at, ("member", key), known.iter().copied())
        }));
        match found {
            Some(found) if errors.is_empty() => Ok(found),
            _ => {
                if errors.is_empty() {
                    errors.push(Fault::new(self.pointer, "this cannot be read"));
                }
                Err(Refusal::Invalid { errors })
            }
        }
    }
}

/// What a value is, as messages say it.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A number to three decimals.
pub(super) fn thousandth(number: f64) -> f64 {
    // Adding 0 makes of -0 what it is.
    (number * 1000.0).round() / 1000.0 + 0.0
}

/// A number as JSON, whole ones without a point.
pub(super) fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}
