//! From bytes to commands: strict, and with all mistakes at once.

pub(crate) mod reader;
mod unified;

use serde_json::Value;

use self::reader::{Reader, did_you_mean, short};
use super::{Ack, ColourCommand, Command, Mistake, Reason, Refusal, Verdict};

/// The schema that a command for the colour says it follows.
pub const COMMAND_SCHEMA: &str = "demo.rgb.cmd.v1";

/// Whether a command for the colour must say which schema it follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SchemaMember {
    /// It must: over MQTT.
    Needed,
    /// It may: over REST and WebSocket.
    Optional,
}

/// What came is no command.
#[derive(Clone, PartialEq, Debug)]
pub struct Malformed {
    /// The identity that it gave itself, if any; else empty.
    pub id: String,
    /// What is wrong with it.
    pub refusal: Refusal,
}

impl Malformed {
    /// The answer to it.
    pub fn ack(self, ts: u64) -> Ack {
        Ack { ack: self.id, verdict: Verdict::Refused(self.refusal), ts }
    }

    fn all(message: String) -> Self {
        let mistakes = vec![Mistake { path: String::new(), message }];
        let refusal = Refusal { reason: Reason::ValidationFailed, mistakes };
        Self { id: String::new(), refusal }
    }
}

/// Reads `demo.rgb.cmd.v1`: a body of `POST /rgb`, or a message of MQTT.
///
/// # Errors
/// [`Malformed`], with every mistake.
pub fn parse_colour(bytes: &[u8], schema: SchemaMember) -> Result<ColourCommand, Malformed> {
    colour(&json(bytes)?, schema, None)
}

/// Reads a message of a WebSocket: `{type: "set", ...}` or a unified command.
///
/// # Errors
/// [`Malformed`], with every mistake.
pub fn parse_message(bytes: &[u8]) -> Result<Command, Malformed> {
    parse_value(&json(bytes)?)
}

/// The same as [`parse_message`] for what has been read as JSON already.
///
/// # Errors
/// [`Malformed`], with every mistake.
pub fn parse_value(value: &Value) -> Result<Command, Malformed> {
    let kind = value.get("type").and_then(Value::as_str);
    if kind == Some("set") {
        return colour(value, SchemaMember::Optional, Some("set")).map(Command::Colour);
    }
    let reader = Reader::default();
    let Some(read) = kind.and_then(unified::kind) else {
        return Err(unknown_kind(value, reader));
    };
    unified::parse(value, read, reader).map(Command::Unified)
}

/// Whether a message of this `type` is for live control.
pub fn is_live(kind: &str) -> bool {
    kind == "set" || unified::kind(kind).is_some()
}

fn json(bytes: &[u8]) -> Result<Value, Malformed> {
    serde_json::from_slice(bytes)
        .map_err(|error| Malformed::all(format!("this is no JSON: {error}")))
}

fn unknown_kind(value: &Value, mut reader: Reader) -> Malformed {
    if let Some(object) = reader.any_object(value, "")
        && let Some(kind) = reader.text(object, "", "type")
    {
        let known = unified::KINDS.iter().map(|(word, _)| *word);
        let hint = did_you_mean(kind, known.chain(["set"]));
        reader.mistake("/type".to_owned(), format!("there is no command `{}`{hint}", short(kind)));
    }
    malformed(value, "id", reader)
}

fn malformed(value: &Value, id: &str, reader: Reader) -> Malformed {
    let id = value.get(id).and_then(Value::as_str).unwrap_or_default().to_owned();
    let refusal = Refusal { reason: Reason::ValidationFailed, mistakes: reader.into_mistakes() };
    Malformed { id, refusal }
}

fn colour(
    value: &Value,
    schema: SchemaMember,
    kind: Option<&str>,
) -> Result<ColourCommand, Malformed> {
    let mut reader = Reader::default();
    match read_colour(value, schema, kind, &mut reader) {
        Some(command) if reader.mistakes().is_empty() => Ok(command),
        _ => Err(malformed(value, "cmdId", reader)),
    }
}

fn read_colour(
    value: &Value,
    schema: SchemaMember,
    kind: Option<&str>,
    reader: &mut Reader,
) -> Option<ColourCommand> {
    let known = ["schema", "cmdId", "src", "r", "g", "b", "ts", "type"];
    let known = if kind.is_some() { &known[..] } else { &known[..7] };
    let object = reader.object(value, "", known)?;
    if schema == SchemaMember::Needed || object.contains_key("schema") {
        reader.constant(object, "", "schema", COMMAND_SCHEMA);
    }
    let id = reader.text(object, "", "cmdId").and_then(|text| {
        let id = text.parse();
        id.map_err(|error| reader.mistake("/cmdId".to_owned(), format!("{error}"))).ok()
    });
    let src = reader.name(object, "", "src");
    let rgb = reader.rgb(object);
    if object.contains_key("ts") {
        reader.whole(object, "", "ts", 0..=u64::MAX);
    }
    Some(ColourCommand { id: id?, src: src?.to_owned(), rgb: rgb? })
}
