//! What comes to a remote from the network and from files.

use std::path::Path;

use gobo_live::author::Authoring;
use gobo_serve::{Config, live, message};
use serde_json::Value;

/// A message of a client: it is one, or it is said why it is none. The same bytes as a command of
/// live control, as each intent that edits files, and as a serve.toml.
pub fn remote(bytes: &[u8]) {
    if let Err(broken) = live::fuzz(bytes) {
        panic!("{broken}");
    }
    let text = String::from_utf8_lossy(bytes);
    if let Err(why) = message(&text) {
        assert!(!why.is_empty(), "nothing is said");
    }
    if let Err(faults) = Config::from_toml(&text, Path::new("/nowhere")) {
        assert!(!faults.0.is_empty(), "nothing is said");
    }
    let Ok(Value::Object(mut members)) = serde_json::from_str::<Value>(&text) else { return };
    let name = members.remove("name").unwrap_or_default();
    let payload = members.remove("payload").unwrap_or_default();
    if let Err(refusal) = Authoring::parse(name.as_str().unwrap_or_default(), &payload) {
        assert!(!refusal.to_string().is_empty(), "nothing is said");
    }
}
