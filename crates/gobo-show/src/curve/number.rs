//! Numbers that may vary: a constant, or an object that names a curve.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::source::{self, Control};
use super::table::{self, FORMS};
use super::{Curve, Fan, FanSource, Form};
use crate::decode::{About, At, Decode, Decoder, Definitions, offered};
use crate::diagnostic::{Diagnostic, nearest};
use crate::tree::Value;
use crate::value::{Amount, Angle, ChannelValue, Level, Part, StrobeRate};

/// What curves can control: a type of number, and its natural ends.
pub(crate) trait Controlled: Decode {
    /// From lowest to highest, for curves that do not say; `None` when they have to.
    const ENDS: Option<(f64, f64)> = Some((0.0, 1.0));

    /// The number for any attribute.
    fn amount(self) -> Amount;
}

impl Controlled for Level {
    fn amount(self) -> Amount {
        Amount::Fraction(self.0)
    }
}

impl Controlled for Part {
    fn amount(self) -> Amount {
        Amount::Fraction(self.0)
    }
}

impl Controlled for ChannelValue {
    fn amount(self) -> Amount {
        Amount::Fraction(self.0)
    }
}

impl Controlled for Amount {
    fn amount(self) -> Amount {
        self
    }
}

impl Controlled for Angle {
    const ENDS: Option<(f64, f64)> = None;

    fn amount(self) -> Amount {
        Amount::Physical(self.0)
    }
}

impl Controlled for StrobeRate {
    const ENDS: Option<(f64, f64)> = None;

    fn amount(self) -> Amount {
        Amount::Physical(self.0)
    }
}

/// A number of a look: a constant, or a curve.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub enum Varies<T> {
    /// A constant.
    Constant(T),
    /// A curve of `T`s.
    Curve(Box<Curve>, #[serde(skip)] PhantomData<T>),
}

impl<T: Controlled> Decode for Varies<T> {
    fn about() -> About {
        T::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Object(_) => {
                curve::<T>(at, decoder).map(|curve| Self::Curve(Box::new(curve), PhantomData))
            }
            _ => T::decode(at, decoder).map(Self::Constant),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({"anyOf": [T::schema(definitions), table::schema(definitions)]})
    }
}

/// The one key of `at` that names one of `names`; says so when there is none, or another.
pub(super) fn named<'a>(
    at: &At<'a>,
    names: &[&'static str],
    beside: &[&str],
    decoder: &mut Decoder,
) -> Option<(&'static str, At<'a>)> {
    let mut found: Option<(&'static str, At<'a>)> = None;
    for (key, member) in at.members() {
        let Some(name) = names.iter().find(|name| **name == key) else { continue };
        if let Some((first, _)) = &found {
            let message = format!("a value varies in one way: here are `{first}` and `{key}`");
            decoder.say(Diagnostic::error("two-curves", member.key_place(), message));
            return None;
        }
        found = Some((name, member));
    }
    if let Some((name, member)) = found {
        return Some((name, member));
    }
    let message = format!("this is no curve: expected one of {}", offered(names.iter().copied()));
    let mut stranger = at.members().filter(|(key, _)| !beside.contains(key));
    let near = stranger.find_map(|(key, at)| {
        nearest(key, names.iter().copied()).map(|near| (at.key_place(), near))
    });
    decoder.say(match near {
        Some((place, near)) => Diagnostic::error("unknown-curve", place, message)
            .hint(format!("did you mean `{near}`?")),
        None => Diagnostic::error("unknown-curve", at.place(), message),
    });
    None
}

/// Reads the curve that an object names, of values that are written as `T`s.
pub(super) fn curve<T: Controlled>(at: &At<'_>, decoder: &mut Decoder) -> Option<Curve> {
    let (name, member) = named(at, &FORMS, &["shape", "easing", "every"], decoder)?;
    if name == "fan" {
        let fan = FanSource::decode(at, decoder)?.resolve(at, decoder, T::amount)?;
        return Some(Curve { low: fan.clone(), high: fan, form: Form::Still });
    }
    if name == "points" {
        return source::points::<T>(at, decoder);
    }
    decoder.refuse_unknown(at, &[name], &[]);
    source::form(name, &member, decoder)?.resolve::<T>(&member, decoder)
}

/// One end of a curve: `written`, or the natural end of a `T`.
pub(super) fn end<T: Controlled>(
    (key, written): (&str, Option<&Control>),
    natural: fn((f64, f64)) -> f64,
    at: &At<'_>,
    decoder: &mut Decoder,
) -> Option<Fan<Amount>> {
    let Some(control) = written else {
        let Some(ends) = T::ENDS else {
            let message = format!("`{key}` is missing: expected {}", T::about().expected);
            decoder.error("missing-key", at, message);
            return None;
        };
        return Some(Fan::flat(Amount::Fraction(natural(ends))));
    };
    let at = control.at();
    match &at.node.value {
        Value::Object(_) => FanSource::decode(&at, decoder)?.resolve(&at, decoder, T::amount),
        _ => control.read::<T>(decoder).map(|value| Fan::flat(value.amount())),
    }
}
