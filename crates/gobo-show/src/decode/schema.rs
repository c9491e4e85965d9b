//! JSON Schema's `$defs`: each type described once a file.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Decode;

/// The definitions that one schema refers to.
#[derive(Debug, Default)]
pub struct Definitions(BTreeMap<&'static str, Json>);

impl Definitions {
    /// A reference to the definition `name`, made by `schema` when it is not there yet.
    pub fn define(&mut self, name: &'static str, schema: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.0.contains_key(name) {
            // Holds the place while a schema that refers to itself is made.
            self.0.insert(name, Json::Null);
            let schema = schema(self);
            self.0.insert(name, schema);
        }
        json!({"$ref": format!("#/$defs/{}", name.replace(' ', "%20"))})
    }
}

/// The schema of a file whose root is a `T`.
pub(crate) fn file_schema<T: Decode>(title: &str) -> Json {
    let mut definitions = Definitions::default();
    T::schema(&mut definitions);
    let mut root = definitions.0.remove(T::about().kind).unwrap_or_default();
    if let Some(properties) = root.get_mut("properties").and_then(Json::as_object_mut) {
        let schema = json!({"type": "string", "description": "The schema that editors use."});
        properties.insert("$schema".into(), schema);
    }
    let mut file = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
    });
    if let (Some(file), Json::Object(root)) = (file.as_object_mut(), root) {
        file.extend(root);
        file.insert("$defs".into(), json!(definitions.0));
    }
    file
}
