//! The remote of a show that runs: WebSocket, REST, MQTT, metrics, the page. `REMOTE.md` beside the
//! crates is what it says to programs.
//!
//! | part | duty |
//! |---|---|
//! | [`house`] | what is asked of those who keep the show and its files, and what they tell |
//! | `lead` | the one who leads the show, a thread: all that anybody wants, one after the other |
//! | `state` | what clients see of it, and what leads from one moment of it to another |
//! | `frames` | what goes out on the wire, for those who draw it |
//! | [`live`] | live control: colour, levels, fades, scenes; kept over restarts |
//! | [`mqtt`] | the same by way of a broker |
//! | `chat` | the conversation with a language model |
//! | `net` | connections, HTTP, WebSockets, the page |
//! | `access`, `origin` | who may see, who may do, and which pages may speak to it |
//!
//! This is the only crate with a runtime for asynchronous work. Nothing of it runs on a player's
//! threads, and the lead waits for no client: each takes what it is told as quickly as it can.
#![forbid(unsafe_code)]

mod access;
mod chat;
mod clock;
mod config;
mod figures;
mod frames;
pub mod house;
mod lead;
mod link;
pub mod live;
pub mod mqtt;
mod net;
mod origin;
mod shared;
mod state;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use gobo_live::author::Author;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{broadcast, watch};

pub use access::{TOKEN_LETTERS, Token, Tokens, WeakToken};
pub use chat::LlmConfig;
pub use config::{Config, ConfigFaults, Limits, Manner, TlsFiles};

use access::Access;
use chat::Chat;
use frames::Shot;
use house::{House, News};
use lead::{Lead, Parts, Ways};
use link::{Asked, Audience, Link};
use live::queue::Queue;
use live::{Engine, Said};
use mqtt::{Broker, MqttEvent};
use origin::Origins;
use shared::Shared;
use state::View;

/// Whether a text is a message of a client: an object with a type.
///
/// # Errors
/// Why it is none, in words.
pub fn message(text: &str) -> Result<(), String> {
    net::parse(text).map(drop)
}

/// How many things that are told to many may wait for one of them.
const TOLD: usize = 1024;
/// How long clients may take to be told that the server ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// Hears what happens: how much it matters, what it is, and what belongs to it.
pub type Log = Arc<dyn Fn(Level, &str, &Value) + Send + Sync>;

/// How much something matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// For whoever looks for something.
    Debug,
    /// What happens.
    Info,
    /// What should not, and is got over.
    Warning,
}

/// Why a remote cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Anybody could lead the show.
    #[error("{0} can be reached from elsewhere: a token is needed")]
    Open(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("{path}: {message}")]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The broker cannot even be asked.
    #[error(transparent)]
    Mqtt(#[from] mqtt::MqttError),
    /// What live control keeps cannot be kept.
    #[error(transparent)]
    Folder(#[from] live::FolderError),
    /// The project cannot be read, or the system gives no thread.
    #[error("{0}")]
    System(#[from] io::Error),
}

/// A remote that runs.
pub struct Remote {
    address: SocketAddr,
    is_secret: bool,
    queue: Queue<Asked>,
    news: Sender<News>,
    ending: watch::Sender<bool>,
    broker: Option<Broker>,
    lead: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
}

/// Tells a remote what becomes of the show.
#[derive(Clone)]
pub struct Teller {
    news: Sender<News>,
    queue: Queue<Asked>,
}

impl Teller {
    /// Tells it; does not wait.
    pub fn tell(&self, news: News) {
        // Nobody listens once the remote ends.
        let _ = self.news.send(news);
        let _ = self.queue.try_push(Asked::Wake);
    }
}

impl Remote {
    /// Begins to listen. Nothing is led until the house tells that something is on stage.
    ///
    /// # Errors
    /// [`ServeError`]; then nothing listens.
    pub fn start(config: Config, house: Arc<dyn House>, log: &Log) -> Result<Self, ServeError> {
        config.check()?;
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let is_secret = tls.is_some();
        let author = Arc::new(Author::new(house.root())?);
        let queue = Queue::new(config.live.queue);
        let (engine, restored) = engine(&config, log)?;
        let runtime = runtime()?;
        let listener = runtime
            .block_on(TcpListener::bind(config.listen))
            .map_err(|source| ServeError::Listen { address: config.listen, source })?;
        let address = listener.local_addr()?;
        let broker = connect(&config, &queue, &runtime, log)?;
        if let Some(broker) = &broker {
            broker.publish(restored);
        }
        let (manner, chat) = (config.manner, Chat::new(config.llm.clone()));
        let (link, ways, ending) = ways(config, &queue, passing_on(broker.clone(), log));
        let (news, heard) = channel();
        let status = broker.clone();
        let is_connected = Box::new(move || status.as_ref().map(|one| one.status().connected));
        let queued = queue.clone();
        let parts = Parts { house, author, queue: queued, news: heard, engine, ways, chat, manner };
        let lead = Lead::new(parts, is_connected);
        let lead = thread::Builder::new().name("gobo-lead".to_owned()).spawn(|| lead.run())?;
        runtime.spawn(net::accept::accept(listener, tls, net::routes(link.clone()), link));
        let (lead, runtime) = (Some(lead), Some(runtime));
        Ok(Self { address, is_secret, queue, news, ending, broker, lead, runtime })
    }

    /// Whether a remote of a project could begin: the tokens, the certificate, what is kept, the
    /// broker's certificates, the address. Nothing listens afterwards, and no broker is asked.
    ///
    /// # Errors
    /// [`ServeError`].
    pub fn check(config: &Config, root: &Path) -> Result<(), ServeError> {
        config.check()?;
        config.tls.as_ref().map(tls::acceptor).transpose()?;
        Author::new(root)?;
        let silent: Log = Arc::new(|_, _, _| {});
        match engine(config, &silent) {
            // Of a server that runs, whose next configuration this may be.
            Ok(_) | Err(ServeError::Folder(live::FolderError::InUse(_))) => {}
            Err(error) => return Err(error),
        }
        if let Some(mqtt) = &config.mqtt {
            Broker::new(mqtt, Queue::<Asked>::new(1), Arc::new(|_| {}))?;
        }
        let address = config.listen;
        let listening = std::net::TcpListener::bind(address);
        listening.map_err(|source| ServeError::Listen { address, source })?;
        Ok(())
    }

    /// Whether connections are encrypted.
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who tells it what becomes of the show.
    pub fn teller(&self) -> Teller {
        Teller { news: self.news.clone(), queue: self.queue.clone() }
    }

    /// Ends it: clients are told, the broker knows that it is gone, what is kept is on the disk.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.queue.close();
        if let Some(lead) = self.lead.take() {
            // Had it broken down, there is nothing left to wait for.
            let _ = lead.join();
        }
        self.ending.send_replace(true);
        if let Some(broker) = &self.broker {
            broker.stop();
        }
        if let Some(runtime) = self.runtime.take() {
            let ended = async {
                while self.ending.receiver_count() > 0 {
                    tokio::time::sleep(FAREWELL / 100).await;
                }
            };
            let _ = runtime.block_on(async { tokio::time::timeout(FAREWELL, ended).await });
            runtime.shutdown_timeout(FAREWELL / 4);
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.end();
    }
}

/// What runs all that waits for the network.
fn runtime() -> io::Result<Runtime> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).thread_name("gobo-net").enable_all().build()
}

/// What lies between connections and the lead; and what ends them.
fn ways(
    config: Config,
    queue: &Queue<Asked>,
    said: Box<dyn Fn(&Said) + Send>,
) -> (Link, Ways, watch::Sender<bool>) {
    let (views, seen) = watch::channel(Arc::new(View::default()));
    let (frames, shots) = watch::channel(Arc::new(Shot::default()));
    let (told, _) = broadcast::channel(TOLD);
    let (ending, ends) = watch::channel(false);
    let (audience, shared) = (Arc::new(Audience::default()), Arc::new(Shared::default()));
    let link = Link {
        queue: queue.clone(),
        views: seen,
        frames: shots,
        told: told.clone(),
        audience: Arc::clone(&audience),
        access: Arc::new(Access::new(config.tokens)),
        origins: Arc::new(Origins { allowed: config.origins, hosts: config.hosts }),
        shared: Arc::clone(&shared),
        limits: config.limits,
        acks: config.live.acks,
        ending: ends,
    };
    (link, Ways { views, frames, told, said, audience, shared }, ending)
}

/// The engine of live control, as it was left; and the colour that it was left with.
fn engine(config: &Config, log: &Log) -> Result<(Engine, live::Colour), ServeError> {
    let trouble = Arc::clone(log);
    let on_trouble = Box::new(move |unwritten: live::Unwritten| {
        let error = unwritten.to_string();
        trouble(Level::Warning, "live control is not kept", &json!({ "error": error }));
    });
    let (engine, spoilt) = config.live.engine(on_trouble)?;
    for what in spoilt {
        log(Level::Warning, "spoilt", &json!({ "what": what }));
    }
    let colour = engine.colour().clone();
    Ok((engine, colour))
}

/// Connects to the broker, if there is one.
fn connect(
    config: &Config,
    queue: &Queue<Asked>,
    runtime: &Runtime,
    log: &Log,
) -> Result<Option<Broker>, ServeError> {
    let Some(mqtt) = &config.mqtt else { return Ok(None) };
    let log = Arc::clone(log);
    let on_event = Arc::new(move |event: MqttEvent| match event {
        MqttEvent::Connected { session } => {
            log(Level::Info, "mqtt connected", &json!({ "session": session }));
        }
        MqttEvent::Lost { error } => {
            log(Level::Warning, "mqtt lost", &json!({ "error": error }));
        }
        MqttEvent::Malformed { malformed } => {
            let ack = malformed.ack(clock::unix_ms()).to_json(live::AckForm::Whole);
            log(Level::Warning, "mqtt malformed", &ack);
        }
        MqttEvent::Ignored { why } => {
            log(Level::Warning, "mqtt ignored", &json!({ "why": format!("{why:?}") }));
        }
        MqttEvent::Answered(_) => {}
    });
    let (broker, connection) = Broker::new(mqtt, queue.clone(), on_event)?;
    runtime.spawn(connection.run());
    Ok(Some(broker))
}

/// Passes on what live control says: to the broker, and to the log.
fn passing_on(broker: Option<Broker>, log: &Log) -> Box<dyn Fn(&Said) + Send> {
    let log = Arc::clone(log);
    Box::new(move |said| match said {
        Said::Colour(colour) => {
            if let Some(broker) = &broker {
                broker.publish(colour.clone());
            }
        }
        Said::Heard(heard) => {
            let reason = match &heard.verdict {
                live::Verdict::Refused(refusal) => Some(refusal.reason.as_str()),
                live::Verdict::Duplicate => Some("duplicate"),
                live::Verdict::Accepted => None,
            };
            log(
                Level::Info,
                "command",
                &json!({
                    "cmdId": heard.id, "src": heard.src, "protocol": heard.protocol,
                    "seq": heard.seq, "latency_ms": heard.latency_ms, "refused": reason,
                }),
            );
        }
        Said::Levels(_) | Said::Scenes(_) => {}
    })
}
