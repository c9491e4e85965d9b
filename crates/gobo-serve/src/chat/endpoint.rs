//! An OpenAI-compatible endpoint: `POST /chat/completions`, streamed.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ProposedIntent, Speaker};

/// How long an endpoint may take to begin, and between two pieces.
const PATIENCE: Duration = Duration::from_secs(120);
/// The most letters of an answer.
const LONGEST: usize = 256 * 1024;
/// How many of the last messages go along.
const LAST: usize = 40;
/// The tool by which a model proposes changes.
const TOOL: &str = "propose_changes";

/// An endpoint.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmConfig {
    /// Where it is, up to `/v1`: `http://localhost:11434/v1`.
    pub url: String,
    /// The model's name.
    pub model: String,
    /// The key, if it wants one. Better in a file or a variable of the environment.
    #[serde(default)]
    pub key: Option<String>,
}

impl fmt::Debug for LlmConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, model, .. } = self;
        f.debug_struct("LlmConfig").field("url", url).field("model", model).finish_non_exhaustive()
    }
}

impl LlmConfig {
    /// Where it is, without what proves who asks.
    fn place(&self) -> String {
        let url = self.url.trim_end_matches('/');
        match url.split_once("://") {
            Some((scheme, rest)) => {
                let host = rest.split('/').next().and_then(|host| host.rsplit_once('@'));
                let secret = host.map_or(0, |(secret, _)| secret.len() + 1);
                format!("{scheme}://{}", &rest[secret..])
            }
            None => url.to_owned(),
        }
    }

    /// Words without the secrets that may stand in them: they are told to all who see the show.
    fn hushed(&self, words: &str) -> String {
        let place = words.replace(self.url.trim_end_matches('/'), &self.place());
        match self.key.as_deref().filter(|key| !key.is_empty()) {
            Some(key) => place.replace(key, "..."),
            None => place,
        }
    }
}

/// What was heard besides text.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Heard {
    pub(super) proposal: Option<Proposal>,
}

/// What a model proposes to change.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) summary: String,
    pub(crate) intents: Vec<ProposedIntent>,
}

/// What is said where no endpoint is set.
pub(super) fn echo(said: &[(Speaker, String)]) -> String {
    let last = said.last().map_or("", |(_, text)| text);
    format!(
        "No language model is set: give `[llm]` a `url` and a `model` in serve.toml. You said: \
         {last}"
    )
}

/// Asks an endpoint; tells what it says as it comes.
///
/// # Errors
/// Why it broke off, in words for all who see the show.
pub(super) fn ask(
    config: &LlmConfig,
    show: &str,
    said: &[(Speaker, String)],
    tell: impl Fn(&str),
    has_ended: impl Fn() -> bool,
) -> Result<Heard, String> {
    converse(config, show, said, tell, has_ended).map_err(|error| config.hushed(&error))
}

fn converse(
    config: &LlmConfig,
    show: &str,
    said: &[(Speaker, String)],
    tell: impl Fn(&str),
    has_ended: impl Fn() -> bool,
) -> Result<Heard, String> {
    let agent = ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_recv_body(Some(PATIENCE * 5))
        .http_status_as_error(false)
        .build()
        .new_agent();
    let url = format!("{}/chat/completions", config.url.trim_end_matches('/'));
    let mut request = agent
        .post(&url)
        .header("content-type", "application/json")
        .header("accept", "text/event-stream");
    if let Some(key) = &config.key {
        request = request.header("authorization", &format!("Bearer {key}"));
    }
    let body = body(config, show, said).to_string();
    let mut response = request.send(body).map_err(|error| format!("{url}: {error}"))?;
    let status = response.status();
    if !status.is_success() {
        let said = response.body_mut().with_config().limit(4096).read_to_string();
        let why: Value = serde_json::from_str(&said.unwrap_or_default()).unwrap_or_default();
        let why = why["error"]["message"].as_str().unwrap_or_default();
        return Err(format!("{url} answers {status} {why}").trim_end().to_owned());
    }
    let mut stream = Stream::default();
    for line in BufReader::new(response.body_mut().as_reader()).lines() {
        if has_ended() {
            return Ok(Heard::default());
        }
        let line = line.map_err(|error| format!("{url} broke off: {error}"))?;
        let Some(text) = stream.take(&line)? else { break };
        if !text.is_empty() {
            tell(&text);
        }
    }
    stream.heard()
}

fn body(config: &LlmConfig, show: &str, said: &[(Speaker, String)]) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": show })];
    let last = &said[said.len().saturating_sub(LAST)..];
    messages.extend(
        last.iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(who, text)| json!({ "role": who, "content": text })),
    );
    let intents = json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "payload": { "type": "object" },
            },
            "required": ["name", "payload"],
        },
    });
    let parameters = json!({
        "type": "object",
        "properties": { "summary": { "type": "string" }, "intents": intents },
        "required": ["summary", "intents"],
    });
    let function = json!({
        "name": TOOL,
        "description": "Propose changes of the show. The user confirms or rejects them; until \
                        then nothing is changed.",
        "parameters": parameters,
    });
    json!({
        "model": config.model,
        "stream": true,
        "messages": messages,
        "tools": [{ "type": "function", "function": function }],
    })
}

/// What came of an answer so far.
#[derive(Default)]
struct Stream {
    letters: usize,
    arguments: String,
}

impl Stream {
    /// Takes a line of the stream; the text in it, or `None` at its end.
    fn take(&mut self, line: &str) -> Result<Option<String>, String> {
        // Anything else is a comment, a name of an event, or a blank line.
        let Some(data) = line.strip_prefix("data:").map(str::trim) else {
            return Ok(Some(String::new()));
        };
        if data == "[DONE]" {
            return Ok(None);
        }
        let chunk: Value = serde_json::from_str(data)
            .map_err(|_| "the endpoint sends what is no stream of chat completions".to_owned())?;
        if let Some(error) = chunk["error"]["message"].as_str() {
            return Err(format!("the endpoint says: {error}"));
        }
        let delta = &chunk["choices"][0]["delta"];
        let text = delta["content"].as_str().unwrap_or_default().to_owned();
        let calls = delta["tool_calls"].as_array().into_iter().flatten();
        // Of more than one call the first counts.
        for call in calls.filter(|call| call["index"].as_u64().unwrap_or(0) == 0) {
            self.arguments += call["function"]["arguments"].as_str().unwrap_or_default();
        }
        self.letters += text.len();
        if self.letters + self.arguments.len() > LONGEST {
            return Err("the answer is too long".to_owned());
        }
        Ok(Some(text))
    }

    fn heard(self) -> Result<Heard, String> {
        if self.arguments.trim().is_empty() {
            return Ok(Heard::default());
        }
        let proposal = serde_json::from_str(&self.arguments)
            .map_err(|_| "the model proposes something that is no change".to_owned())?;
        Ok(Heard { proposal: Some(proposal) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_put_together() {
        let mut stream = Stream::default();
        let lines = [
            r#"data: {"choices":[{"delta":{"role":"assistant","content":"Let "}}]}"#,
            ": a comment",
            "",
            r#"data: {"choices":[{"delta":{"content":"us"}}]}"#,
            r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"propose_changes","arguments":"{\"summary\":\"more red\","}}]}}]}"#,
            r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"intents\":[{\"name\":\"cue.clear_all\"}]}"}}]}}]}"#,
        ];
        let text: String = lines.iter().map(|line| stream.take(line).unwrap().unwrap()).collect();
        assert_eq!(text, "Let us");
        assert_eq!(stream.take("data: [DONE]"), Ok(None));
        let proposal = stream.heard().unwrap().proposal.unwrap();
        assert_eq!((proposal.summary.as_str(), proposal.intents.len()), ("more red", 1));
    }

    #[test]
    fn what_is_no_stream_is_said() {
        assert!(Stream::default().take("data: nonsense").is_err());
        let error = Stream::default().take(r#"data: {"error":{"message":"no credit"}}"#);
        assert_eq!(error, Err("the endpoint says: no credit".to_owned()));
        let broken = Stream { arguments: "{".to_owned(), ..Stream::default() };
        assert!(broken.heard().is_err());
    }

    #[test]
    fn secrets_are_not_told() {
        let (url, key) = ("https://me:p@ss@x/v1/".into(), Some("the-key".into()));
        let config = LlmConfig { url, model: "m".into(), key };
        let told = config.hushed("https://me:p@ss@x/v1/chat/completions: no such key: the-key");
        assert_eq!(told, "https://x/v1/chat/completions: no such key: ...");
        let plain = LlmConfig { url: "http://x/v1".into(), model: "m".into(), key: None };
        assert_eq!(plain.hushed("http://x/v1: y@z"), "http://x/v1: y@z");
    }

    #[test]
    fn a_key_is_not_printed() {
        let config =
            LlmConfig { url: "http://x".into(), model: "m".into(), key: Some("secret".into()) };
        assert!(!format!("{config:?}").contains("secret"));
    }
}
