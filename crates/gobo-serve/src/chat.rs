//! The conversation about a show with a language model: what is said, what it proposes, and what
//! somebody has to agree to before it is done.

mod endpoint;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use endpoint::LlmConfig;
use endpoint::{Heard, Proposal};

/// How many messages of a conversation are kept.
const KEPT: usize = 200;
/// The most letters of a prompt.
pub(crate) const LONGEST: usize = 16 * 1024;

/// Who said something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Speaker {
    User,
    Assistant,
}

/// One thing that was said.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Said {
    pub(crate) id: u64,
    pub(crate) role: Speaker,
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<Action>,
}

/// What was proposed, and what became of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Action {
    pub(crate) id: String,
    pub(crate) summary: String,
    pub(crate) intents: Vec<ProposedIntent>,
    /// The show that it is about.
    pub(crate) show: Option<String>,
    pub(crate) status: Status,
}

/// An intent that a model proposes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct ProposedIntent {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) payload: Value,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Proposed,
    Confirmed,
    Rejected,
}

impl Action {
    /// What the answer of this id proposes. Where it means cues by their indices it says what they
    /// were when the model was told of them: they may move, or be edited, before somebody agrees.
    fn of(id: u64, proposal: Proposal, subject: Subject) -> Self {
        let Proposal { summary, mut intents } = proposal;
        for ProposedIntent { payload, .. } in &mut intents {
            let Some(payload) = payload.as_object_mut() else { continue };
            let index = payload.get("index").and_then(Value::as_u64);
            if let Some(cue) = index.and_then(|index| subject.cues.get(index as usize)) {
                payload.insert("source".to_owned(), (**cue).clone());
            }
        }
        let (id, show) = (format!("a{id}"), subject.show);
        Self { id, summary, intents, show, status: Status::Proposed }
    }
}

/// A conversation.
pub(crate) struct Chat {
    config: Option<Arc<LlmConfig>>,
    pub(crate) said: Vec<Said>,
    next: u64,
    /// The answer that is being given.
    under_way: Option<UnderWay>,
}

/// What the one that answers was told of.
#[derive(Clone, Default)]
pub(crate) struct Subject {
    /// The show, by name.
    pub(crate) show: Option<String>,
    /// Its cues: what the indices of an answer are of.
    pub(crate) cues: Vec<Arc<Value>>,
}

/// An answer that is being given.
struct UnderWay {
    id: u64,
    subject: Subject,
    /// Set to end it.
    ends: Arc<AtomicBool>,
}

impl Chat {
    /// With an endpoint, or with an echo that says that there is none.
    pub(crate) fn new(config: Option<LlmConfig>) -> Self {
        Self { config: config.map(Arc::new), said: Vec::new(), next: 1, under_way: None }
    }

    /// Whether there is an endpoint.
    pub(crate) fn is_set(&self) -> bool {
        self.config.is_some()
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.under_way.is_some()
    }

    /// As it stands in the state.
    pub(crate) fn state(&self) -> Value {
        json!({ "messages": self.said, "busy": self.is_busy() })
    }

    fn add(&mut self, role: Speaker, text: String) -> u64 {
        let id = self.next;
        self.next += 1;
        if self.said.len() >= KEPT {
            self.said.remove(0);
        }
        self.said.push(Said { id, role, text, action: None });
        id
    }

    /// Sends a prompt, with what is to be known of the show. What is answered is told piece by
    /// piece, from another thread; the id of the answer.
    pub(crate) fn ask(
        &mut self,
        prompt: String,
        (show, subject): (String, Subject),
        tell: impl Fn(u64, Piece) + Send + 'static,
    ) -> std::io::Result<u64> {
        self.add(Speaker::User, prompt);
        let said: Vec<(Speaker, String)> =
            self.said.iter().map(|said| (said.role, said.text.clone())).collect();
        let id = self.add(Speaker::Assistant, String::new());
        let ends = Arc::new(AtomicBool::new(false));
        self.under_way = Some(UnderWay { id, subject, ends: Arc::clone(&ends) });
        let config = self.config.clone();
        let asking = move || {
            let has_ended = || ends.load(Ordering::Relaxed);
            let told = |text: &str| tell(id, Piece::Delta(text.to_owned()));
            let ended = match config {
                Some(config) => endpoint::ask(&config, &show, &said, told, has_ended),
                None => {
                    told(&endpoint::echo(&said));
                    Ok(Heard::default())
                }
            };
            if !has_ended() {
                tell(id, Piece::Over(ended.map(|heard| heard.proposal)));
            }
        };
        thread::Builder::new().name("gobo-chat".to_owned()).spawn(asking).inspect_err(|_| {
            self.under_way = None;
        })?;
        Ok(id)
    }

    /// Takes in a piece of an answer; whether it is still wanted, and the action, if it proposes
    /// one.
    pub(crate) fn take(&mut self, id: u64, piece: &Piece) -> (bool, Option<Action>) {
        if self.under_way.as_ref().is_none_or(|current| current.id != id) {
            return (false, None);
        }
        let Some(said) = self.said.iter_mut().find(|said| said.id == id) else {
            return (false, None);
        };
        match piece {
            Piece::Delta(text) => said.text.push_str(text),
            Piece::Over(ended) => {
                let subject = self.under_way.take().map(|current| current.subject);
                if let Ok(Some(proposal)) = ended {
                    let subject = subject.unwrap_or_default();
                    said.action = Some(Action::of(id, proposal.clone(), subject));
                    return (true, said.action.clone());
                }
            }
        }
        (true, None)
    }

    /// Ends the answer that is being given; its id, if one was.
    pub(crate) fn cancel(&mut self) -> Option<u64> {
        let current = self.under_way.take()?;
        current.ends.store(true, Ordering::Relaxed);
        Some(current.id)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.cancel();
        self.said.clear();
    }

    /// Has what could not be done wait again.
    pub(crate) fn reopen(&mut self, id: &str) {
        let actions = self.said.iter_mut().filter_map(|said| said.action.as_mut());
        for action in actions.filter(|one| one.id == id) {
            action.status = Status::Proposed;
        }
    }

    /// Settles what was proposed; what it was, if it waited.
    pub(crate) fn settle(&mut self, id: &str, status: Status) -> Option<Action> {
        let actions = self.said.iter_mut().filter_map(|said| said.action.as_mut());
        let action = actions.into_iter().find(|one| one.id == id)?;
        if action.status != Status::Proposed {
            return None;
        }
        action.status = status;
        Some(action.clone())
    }
}

/// A piece of an answer.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Piece {
    /// More text.
    Delta(String),
    /// The end: with what it proposes, or why it broke off.
    Over(Result<Option<Proposal>, String>),
}
