use std::ops::RangeInclusive;

use gobo_show::diagnostic::nearest;
use serde_json::{Map, Value};

use crate::live::Mistake;
use crate::live::ack::MISTAKES;

type Object = Map<String, Value>;

/// Reads members and collects every mistake, in plain words.
#[derive(Default)]
pub(crate) struct Reader {
    mistakes: Vec<Mistake>,
    untold: usize,
}

impl Reader {
    pub(crate) fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// Every mistake; beyond [`MISTAKES`] only how many more.
    pub(crate) fn into_mistakes(mut self) -> Vec<Mistake> {
        if self.untold > 0 {
            let message = format!("and {} more mistakes", self.untold);
            self.mistakes.push(Mistake { path: String::new(), message });
        }
        self.mistakes
    }

    pub(crate) fn mistake(&mut self, path: String, message: String) {
        if self.mistakes.len() < MISTAKES {
            self.mistakes.push(Mistake { path, message });
        } else {
            self.untold += 1;
        }
    }

    /// An object, whose members that are not `known` are mistakes.
    pub(crate) fn object<'v>(
        &mut self,
        value: &'v Value,
        at: &str,
        known: &[&str],
    ) -> Option<&'v Object> {
        let object = self.any_object(value, at)?;
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let hint = did_you_mean(name, known.iter().copied());
            self.mistake(
                below(at, name),
                format!("there is no member `{}` here{hint}", short(name)),
            );
        }
        Some(object)
    }

    pub(crate) fn any_object<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v Object> {
        let object = value.as_object();
        if object.is_none() {
            self.mistake(at.to_owned(), format!("an object was expected, not {}", kind(value)));
        }
        object
    }

    /// A member that must be there.
    pub(crate) fn member<'v>(
        &mut self,
        object: &'v Object,
        at: &str,
        name: &str,
    ) -> Option<&'v Value> {
        let value = object.get(name);
        if value.is_none() {
            self.mistake(below(at, name), format!("`{name}` is missing"));
        }
        value
    }

    pub(crate) fn text<'v>(&mut self, object: &'v Object, at: &str, name: &str) -> Option<&'v str> {
        let value = self.member(object, at, name)?;
        let text = value.as_str();
        if text.is_none() {
            self.mistake(below(at, name), format!("a text was expected, not {}", kind(value)));
        }
        text
    }

    /// A text that is not empty.
    pub(crate) fn name<'v>(&mut self, object: &'v Object, at: &str, name: &str) -> Option<&'v str> {
        let text = self.text(object, at, name)?;
        if text.is_empty() {
            self.mistake(below(at, name), format!("`{name}` must not be empty"));
        }
        Some(text).filter(|text| !text.is_empty())
    }

    pub(crate) fn constant(&mut self, object: &Object, at: &str, name: &str, expected: &str) {
        if let Some(text) = self.text(object, at, name)
            && text != expected
        {
            let message = format!("`{expected}` was expected, not `{}`", short(text));
            self.mistake(below(at, name), message);
        }
    }

    /// One of some words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        object: &Object,
        name: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(object, "", name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let hint = did_you_mean(text, words.iter().map(|(word, _)| *word));
            let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            let message = format!("one of {all} was expected, not `{}`{hint}", short(text));
            self.mistake(below("", name), message);
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// A whole number within a range; never clamped.
    pub(crate) fn whole(
        &mut self,
        object: &Object,
        at: &str,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let value = self.member(object, at, name)?;
        self.number(value, || below(at, name), range)
    }

    pub(crate) fn number(
        &mut self,
        value: &Value,
        at: impl FnOnce() -> String,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let found =
            value.as_number().map_or_else(|| kind(value), |number| short(&number.to_string()));
        let number = whole(value).filter(|number| range.contains(number));
        if number.is_none() {
            let expected = match (*range.start(), *range.end()) {
                (low, u64::MAX) => format!("a whole number from {low}"),
                (low, high) => format!("a whole number from {low} to {high}"),
            };
            self.mistake(at(), format!("{expected} was expected, not {found}"));
        }
        number
    }

    /// A byte, 0 to 255.
    pub(crate) fn byte(&mut self, object: &Object, at: &str, name: &str) -> Option<u8> {
        self.whole(object, at, name, 0..=255).and_then(|value| u8::try_from(value).ok())
    }

    /// `r`, `g` and `b`.
    pub(crate) fn rgb(&mut self, object: &Object) -> Option<[u8; 3]> {
        let [r, g, b] = ["r", "g", "b"].map(|name| self.byte(object, "", name));
        Some([r?, g?, b?])
    }

    /// A list with something in it.
    pub(crate) fn list<'v>(&mut self, object: &'v Object, name: &str) -> Option<&'v [Value]> {
        let value = self.member(object, "", name)?;
        let list = value.as_array().map(Vec::as_slice);
        match list {
            None => {
                let message = format!("a list was expected, not {}", kind(value));
                self.mistake(below("", name), message);
            }
            Some([]) => self.mistake(below("", name), format!("`{name}` must not be empty")),
            Some(_) => {}
        }
        list.filter(|list| !list.is_empty())
    }
}

/// A whole number as JSON Schema counts them: `3.0` is one.
fn whole(value: &Value) -> Option<u64> {
    // 2^53: above, floats are no longer exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let of_float = |float: f64| {
        let exact = float.fract() == 0.0 && (0.0..=EXACT).contains(&float);
        exact.then_some(float as u64)
    };
    value.as_u64().or_else(|| value.as_f64().and_then(of_float))
}

/// A JSON pointer to a member (RFC 6901, 3); long names are cut.
pub(crate) fn below(at: &str, name: &str) -> String {
    format!("{at}/{}", short(name).replace('~', "~0").replace('/', "~1"))
}

/// Text of a stranger, cut to what a message can bear.
pub(crate) fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The nearest of what there is, as the end of a message.
pub(crate) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    // What is much longer than any name means none of them, and would take its time.
    let near = if name.len() <= 100 { nearest(name, known) } else { None };
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// What a value is, in words.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => format!("the number {}", short(&number.to_string())),
        Value::String(text) => format!("the text `{}`", short(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
