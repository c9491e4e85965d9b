//! What this version of gobo can do: its effects and what they take.

use std::collections::BTreeMap;

use gobo_show::reference::{Kind, Parameter, rows};
use serde_json::{Map, Value, json};

/// The effects by name, with their parameters.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    effects: BTreeMap<&'static str, Vec<Parameter>>,
    blends: Vec<&'static str>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let mut vocabulary = Self { effects: BTreeMap::new(), blends: vec!["replace", "add"] };
        for row in rows() {
            match row.kind {
                Kind::Effect => drop(vocabulary.effects.insert(row.name, row.parameters)),
                Kind::Blend => vocabulary.blends.push(row.name),
                _ => {}
            }
        }
        vocabulary
    }
}

impl Vocabulary {
    /// The action of the effect `name`; `None` when there is no such effect. What it cannot take
    /// is left out, and numbers are brought into their range.
    pub fn action(&self, name: &str, parameters: &Value) -> Option<Value> {
        let known = self.effects.get(name)?;
        let mut fitting = Map::new();
        for (key, value) in parameters.as_object().into_iter().flatten() {
            let parameter = known.iter().find(|parameter| parameter.name == key);
            if let Some(value) = parameter.and_then(|parameter| fitted(parameter, value)) {
                fitting.insert(key.clone(), value);
            }
        }
        Some(json!({name: fitting}))
    }

    /// The first of some blend modes that there is.
    pub fn blend<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().copied().find(|name| self.blends.contains(name))
    }
}

/// A value as a parameter can take it.
fn fitted(parameter: &Parameter, value: &Value) -> Option<Value> {
    match (value, parameter.range) {
        (Value::Null, _) => None,
        (Value::String(text), _) if parameter.written.starts_with("one of `") => {
            parameter.written.contains(&format!("`{text}`")).then(|| value.clone())
        }
        (Value::Number(number), Some((low, high))) => {
            Some(super::number(number.as_f64()?.clamp(low, high)))
        }
        _ => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_take_what_there_is() {
        let vocabulary = Vocabulary::default();
        let action = |name, parameters| vocabulary.action(name, &parameters);
        let chase = action("chase", json!({"every": "1 beat", "width": 0, "wing": 3}));
        assert_eq!(chase, Some(json!({"chase": {"every": "1 beat", "width": 1}})));
        let chase = action("chase", json!({"direction": "sideways", "color": "red"}));
        assert_eq!(chase, Some(json!({"chase": {"color": "red"}})));
        assert_eq!(action("no such", json!({})), None);
        assert_eq!(vocabulary.blend(&["no such", "add", "replace"]), Some("add"));
    }
}
