//! The two declarations that most of the language is made of: a record (an object with known
//! keys) and a choice (one of some names). Each gives the type, its decoder and its schema.

use serde_json::{Value as Json, json};

use super::{About, Definitions};
use crate::tree::Node;

/// A key of a record, for the schema and the reference.
#[derive(Clone, Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What it means.
    pub doc: String,
    /// How its value is written.
    pub about: About,
    /// What it is when not given, as it would be written; `None` when it has no default.
    pub default: Option<Node>,
    /// Whether it must be given.
    pub required: bool,
    /// Its value's schema.
    pub schema: fn(&mut Definitions) -> Json,
}

/// The lines of a doc comment as a paragraph.
pub(crate) fn paragraph(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// The schema of an object with these keys and no others.
pub(crate) fn object_schema(doc: &str, fields: &[Field], definitions: &mut Definitions) -> Json {
    let mut properties = serde_json::Map::new();
    for field in fields {
        let mut schema = (field.schema)(definitions);
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".into(), field.doc.clone().into());
            if let Some(default) = &field.default {
                object.insert("default".into(), default.to_json());
            }
        }
        properties.insert(field.key.into(), schema);
    }
    let required: Vec<_> =
        fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    let mut schema = json!({"type": "object", "description": doc, "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema["additionalProperties"] = json!(false);
    schema
}

/// Declares a struct that is written as an object.
///
/// `"key" => pub field: Type as Source = default`: the key when it is not the field's name, the
/// type that it is written as when it is another, and the default as it would be written.
macro_rules! record {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident as $kind:literal {
            $(
                $(#[doc = $doc:literal])*
                $($key:literal =>)? pub $field:ident : $type:ty
                    $(as $source:ty)? $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, PartialEq, Debug, serde::Serialize)]
        pub struct $name { $( $(#[doc = $doc])* pub $field: $type ),* }

        impl $name {
            /// Every key.
            pub(crate) const KEYS: &'static [&'static str] =
                &[$( $crate::decode::record!(@key $($key)? ; $field) ),*];

            /// Every key with what is to be known about it.
            pub(crate) fn fields() -> Vec<$crate::decode::Field> {
                vec![$({
                    type Source = $crate::decode::record!(@source $type $(, $source)?);
                    let default: Option<$crate::tree::Node> =
                        $crate::decode::record!(@default $($default)?);
                    $crate::decode::Field {
                        key: $crate::decode::record!(@key $($key)? ; $field),
                        doc: $crate::decode::paragraph(&[$($doc),*]),
                        about: <Source as $crate::decode::Decode>::about(),
                        required: default.is_none()
                            && <Source as $crate::decode::Decode>::missing().is_none(),
                        default,
                        schema: <Source as $crate::decode::Decode>::schema,
                    }
                }),*]
            }

            /// Reads the keys that are its own; `others` are known to the caller.
            pub(crate) fn decode_with(
                at: &$crate::decode::At<'_>,
                decoder: &mut $crate::decode::Decoder,
                others: &[&str],
            ) -> Option<Self> {
                if !decoder.object::<Self>(at) {
                    return None;
                }
                decoder.refuse_unknown(at, Self::KEYS, others);
                $(
                    let $field = decoder
                        .field::<$crate::decode::record!(@source $type $(, $source)?)>(
                            at,
                            $crate::decode::record!(@key $($key)? ; $field),
                            $crate::decode::record!(@default $($default)?),
                        );
                )*
                Some(Self { $( $field: $field?.into() ),* })
            }
        }

        impl $crate::decode::Decode for $name {
            fn about() -> $crate::decode::About {
                $crate::decode::About::new($kind, concat!("an object (", $kind, ")"))
            }

            fn decode(
                at: &$crate::decode::At<'_>,
                decoder: &mut $crate::decode::Decoder,
            ) -> Option<Self> {
                Self::decode_with(at, decoder, &[])
            }

            fn schema(definitions: &mut $crate::decode::Definitions) -> serde_json::Value {
                definitions.define($kind, |definitions| {
                    let doc = $crate::decode::paragraph(&[$($about),*]);
                    $crate::decode::object_schema(&doc, &Self::fields(), definitions)
                })
            }
        }
    };
    (@key $key:literal ; $field:ident) => { $key };
    (@key ; $field:ident) => { stringify!($field) };
    (@source $type:ty) => { $type };
    (@source $type:ty, $source:ty) => { $source };
    (@default) => { None };
    (@default $default:expr) => { Some($crate::tree::Node::from($default)) };
}
pub(crate) use record;

/// Makes an enum one that is written as one of some names.
macro_rules! choice {
    ($type:ty, $kind:literal: $( $variant:ident = $name:literal, $doc:literal; )*) => {
        impl $crate::decode::Decode for $type {
            fn about() -> $crate::decode::About {
                const EXPECTED: &str =
                    concat!("one of", $( " `", $name, "`", )*);
                $crate::decode::About::new($kind, EXPECTED)
            }

            fn decode(
                at: &$crate::decode::At<'_>,
                decoder: &mut $crate::decode::Decoder,
            ) -> Option<Self> {
                match at.node.text() {
                    $( Some($name) => Some(Self::$variant), )*
                    other => {
                        let message = format!(
                            "expected {} for `{}`, found {}",
                            $crate::decode::offered([$($name),*]),
                            at.name(),
                            at.found(),
                        );
                        let code = if other.is_some() { "bad-value" } else { "wrong-type" };
                        let error =
                            $crate::diagnostic::Diagnostic::error(code, at.place(), message);
                        decoder.say(error.nearest(other.unwrap_or_default(), [$($name),*]));
                        None
                    }
                }
            }

            fn schema(definitions: &mut $crate::decode::Definitions) -> serde_json::Value {
                definitions.define($kind, |_| serde_json::json!({
                    "oneOf": [$( {"const": $name, "description": $doc} ),*]
                }))
            }
        }
    };
}
pub(crate) use choice;
