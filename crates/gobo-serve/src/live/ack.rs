use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most mistakes that are told of one command.
pub const MISTAKES: usize = 100;

/// The answer to a command.
#[derive(Clone, PartialEq, Debug)]
pub struct Ack {
    /// The identity that the command's sender gave it; empty if it gave none.
    pub ack: String,
    /// What became of it.
    pub verdict: Verdict,
    /// The server's clock, in milliseconds since 1970.
    pub ts: u64,
}

/// What became of a command.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// Done.
    Accepted,
    /// It has been done before: accepted, and not done again.
    Duplicate,
    /// Not done, and not in part either.
    Refused(Refusal),
}

/// Why a command was not done.
#[derive(Clone, PartialEq, Debug)]
pub struct Refusal {
    /// The reason, for programs.
    pub reason: Reason,
    /// All that was wrong, for people; may be empty.
    pub mistakes: Vec<Mistake>,
}

/// A reason for programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// It is not as its schema has it.
    ValidationFailed,
    /// A patch or a fade has too many entries.
    PatchTooLarge,
    /// Too many commands a second of one protocol, address and universe.
    RateLimited,
    /// A universe, fixture, attribute, scene, effect or motor is not there.
    NotFound,
    /// It waited in a full queue and gave way to a newer one.
    Dropped,
    /// As many scenes as there may be are there.
    ScenesFull,
    /// It waits for the show to stand: see the edit lock.
    PlaybackActive,
    /// What it asks for is there and does not do it.
    Refused,
}

impl Reason {
    /// As it stands in acks.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::PatchTooLarge => "PATCH_TOO_LARGE",
            Self::RateLimited => "RATE_LIMITED",
            Self::NotFound => "not_found",
            Self::Dropped => "dropped",
            Self::ScenesFull => "scenes_full",
            Self::PlaybackActive => "playback_active",
            Self::Refused => "refused",
        }
    }
}

/// One thing that is wrong with a command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Mistake {
    /// Where, as a JSON pointer (RFC 6901); empty for the command as a whole.
    pub path: String,
    /// What is wrong, and what was expected.
    pub message: String,
}

/// The members of acks that are sent. The contract's text has `errors` and `ts`, its JSON Schema
/// forbids both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AckForm {
    /// As the contract's text: `{ack, accepted, reason?, errors?, ts}`.
    #[default]
    Whole,
    /// As `ack.schema.json`: `{ack, accepted, reason?}`, for clients that validate.
    Schema,
}

impl Ack {
    /// Whether it was done, now or before.
    pub fn accepted(&self) -> bool {
        !matches!(self.verdict, Verdict::Refused(_))
    }

    /// The ack as it is sent. A duplicate is accepted with the reason `duplicate`.
    pub fn to_json(&self, form: AckForm) -> Value {
        let mut json = json!({ "ack": self.ack, "accepted": self.accepted() });
        match &self.verdict {
            Verdict::Accepted => {}
            Verdict::Duplicate => json["reason"] = "duplicate".into(),
            Verdict::Refused(refusal) => json["reason"] = refusal.reason.as_str().into(),
        }
        if form == AckForm::Whole {
            if let Verdict::Refused(Refusal { mistakes, .. }) = &self.verdict
                && !mistakes.is_empty()
            {
                json["errors"] = json!(mistakes);
            }
            json["ts"] = self.ts.into();
        }
        json
    }
}

impl Refusal {
    pub(super) fn not_found(path: &str, message: String) -> Self {
        let mistakes = vec![Mistake { path: path.to_owned(), message }];
        Self { reason: Reason::NotFound, mistakes }
    }

    pub(super) fn bare(reason: Reason) -> Self {
        Self { reason, mistakes: Vec::new() }
    }
}
