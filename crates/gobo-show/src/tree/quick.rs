//! JSON to values alone, without their places: several times as fast, for what is read to be
//! decoded and not to be pointed into.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Member, Node, Value};

/// The values of strict JSON (RFC 8259), with empty spans. `None` for everything of which there
/// is something to say: what is no JSON, or a key that an object has twice.
pub(super) fn read(text: &str) -> Option<Node> {
    serde_json::from_str(text).ok()
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nodes).map(Self::from)
    }
}

struct Nodes;

impl<'de> Visitor<'de> for Nodes {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members: Vec<Member> = Vec::new();
        while let Some((key, node)) = entries.next_entry::<String, Node>()? {
            members.push(Member { key, key_span: 0..0, node });
        }
        match has_twice(&members) {
            true => Err(A::Error::custom("a key stands here twice")),
            false => Ok(Value::Object(members)),
        }
    }
}

/// Whether two members have one key.
fn has_twice(members: &[Member]) -> bool {
    if members.len() <= 16 {
        let mut pairs = members.iter().enumerate();
        return pairs.any(|(at, one)| members[..at].iter().any(|other| other.key == one.key));
    }
    let mut keys: Vec<&str> = members.iter().map(|member| member.key.as_str()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}
