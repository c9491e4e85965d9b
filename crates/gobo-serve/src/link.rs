//! What a connection has of the rest of the server.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};

use crate::access::{Access, Role};
use crate::config::Limits;
use crate::frames::Shot;
use crate::live::queue::Queue;
use crate::live::queue::Queued;
use crate::live::{AckForm, LevelsUpdate, Mistake, Order};
use crate::origin::Origins;
use crate::shared::Shared;
use crate::state::{Text, View};

/// What comes to the one who leads the show.
pub(crate) enum Asked {
    /// A command of live control.
    Live(Order),
    /// Something of the remote.
    Intent(Intent),
    /// All levels of all universes, for a client of live control that begins.
    Whole(Box<dyn FnOnce(Arc<Begun>) + Send>),
    /// There is other news to be looked at.
    Wake,
}

impl Asked {
    /// When somebody asked for something that is done.
    pub(crate) fn arrived(&self) -> Option<Instant> {
        match self {
            Self::Live(order) => Some(order.arrived),
            Self::Intent(intent) => Some(intent.arrived),
            Self::Whole(_) | Self::Wake => None,
        }
    }
}

impl Queued for Asked {
    fn gives_way(&self) -> bool {
        match self {
            Self::Live(order) => order.gives_way(),
            Self::Intent(intent) => intent.req_id.is_none() && intent.name == SET_VALUES,
            Self::Whole(_) | Self::Wake => false,
        }
    }

    fn gave_way(self, unix_ms: u64) {
        match self {
            Self::Live(order) => order.give_way(unix_ms),
            Self::Intent(intent) => {
                let refused = Refused::new(Reason::Busy, "it gave way to a newer one");
                (intent.answer)(Err(refused));
            }
            Self::Whole(_) | Self::Wake => {}
        }
    }
}

impl From<Order> for Asked {
    fn from(order: Order) -> Self {
        Self::Live(order)
    }
}

/// The intent of a fader that moves: the next follows anyhow.
const SET_VALUES: &str = "fixture.set_values";

/// What somebody wants.
pub(crate) struct Intent {
    pub(crate) name: String,
    pub(crate) payload: Value,
    /// By which its answer is known; without, only a refusal is told.
    pub(crate) req_id: Option<Value>,
    pub(crate) role: Role,
    /// When it came.
    pub(crate) arrived: Instant,
    /// Where the answer goes. It must not wait.
    pub(crate) answer: Box<dyn FnOnce(Answer) + Send>,
}

/// What became of an intent.
pub(crate) type Answer = Result<Value, Refused>;

/// Why something was not done.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    pub(crate) mistakes: Vec<Mistake>,
}

/// Reasons for programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    PlaybackActive,
    Invalid,
    NotFound,
    Conflict,
    Forbidden,
    Busy,
    Failed,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PlaybackActive => "playback_active",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Forbidden => "forbidden",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

impl Refused {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), mistakes: Vec::new() }
    }

    /// A payload with one mistake.
    pub(crate) fn invalid(path: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mistakes = vec![Mistake { path: path.to_owned(), message: message.clone() }];
        Self { reason: Reason::Invalid, message, mistakes }
    }
}

/// The event that answers an intent.
pub(crate) fn answer_event(name: &str, req_id: Option<&Value>, answer: &Answer) -> Value {
    let mut data = json!({ "req_id": req_id, "name": name, "accepted": answer.is_ok() });
    let (level, message) = match answer {
        Ok(more) => {
            if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
                data.extend(more.clone());
            }
            ("info", name)
        }
        Err(refused) => {
            data["reason"] = refused.reason.as_str().into();
            if !refused.mistakes.is_empty() {
                data["errors"] = json!(refused.mistakes);
            }
            ("error", refused.message.as_str())
        }
    };
    json!({ "type": "event", "level": level, "message": message, "data": data })
}

/// What a client of live control begins with: the colour and all levels.
#[derive(Debug)]
pub(crate) struct Begun {
    colour: Value,
    levels: Vec<LevelsUpdate>,
    texts: OnceLock<Vec<Text>>,
}

impl Begun {
    pub(crate) fn new(colour: Value, levels: Vec<LevelsUpdate>) -> Self {
        Self { colour, levels, texts: OnceLock::new() }
    }

    /// Its messages: made by the first who tells them, not by the one who leads.
    pub(crate) fn texts(&self) -> &[Text] {
        self.texts.get_or_init(|| {
            let colour = self.colour.to_string().into();
            let levels = self.levels.iter().map(|update| update.to_text().into());
            std::iter::once(colour).chain(levels).collect()
        })
    }
}

/// What is told to one.
pub(crate) enum Answered {
    Text(Text),
    Begun(Arc<Begun>),
}

/// What is told to many.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// An event, for clients of the remote.
    Event(Text),
    /// Something of live control.
    Live(Text),
}

/// Who is there.
#[derive(Debug, Default)]
pub(crate) struct Audience {
    /// WebSocket clients.
    pub(crate) clients: AtomicUsize,
    /// Those that want frames.
    pub(crate) watching: AtomicUsize,
    /// Those that want the levels of fixtures in the state.
    pub(crate) shallow: AtomicUsize,
    /// Clients that were dropped, since they did not take what they were sent.
    pub(crate) dropped: AtomicU64,
    /// Messages that were none.
    pub(crate) malformed: AtomicU64,
    /// Connections refused: no token, a wrong one, a strange page, too many.
    pub(crate) refused: AtomicU64,
}

/// One more, as long as it lives.
pub(crate) struct Counted<'c>(&'c AtomicUsize);

impl<'c> Counted<'c> {
    pub(crate) fn one(counter: &'c AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a connection has of the rest.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) queue: Queue<Asked>,
    pub(crate) views: watch::Receiver<Arc<View>>,
    pub(crate) frames: watch::Receiver<Arc<Shot>>,
    pub(crate) told: broadcast::Sender<Told>,
    pub(crate) audience: Arc<Audience>,
    pub(crate) access: Arc<Access>,
    pub(crate) origins: Arc<Origins>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) limits: Limits,
    /// Which members acks have.
    pub(crate) acks: AckForm,
    /// Set once the server ends.
    pub(crate) ending: watch::Receiver<bool>,
}

/// Waits until the server ends.
pub(crate) async fn end(ending: &mut watch::Receiver<bool>) {
    // An error is that it has ended.
    let _ = ending.wait_for(|ends| *ends).await;
}
