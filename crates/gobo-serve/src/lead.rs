//! The one who leads the show: all that anybody wants comes here, one after the other, and all that
//! clients see of it comes from here.
//!
//! A thread of its own. It waits for nobody: files are edited and shows are read elsewhere
//! ([`crate::house`]), what is told goes out by [`crate::link`].

mod authoring;
mod converse;
mod hold;
mod masters;
mod preview;
mod scenes;
mod stage;
mod tell;
mod transport;
mod wire;

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use gobo_live::author::Author;
use gobo_play::Spread;
use serde_json::{Map, Value};
use tokio::sync::{broadcast, watch};

use crate::access::Role;
use crate::chat::Chat;
use crate::clock;
use crate::config::Manner;
use crate::frames::Shot;
use crate::house::{House, News};
use crate::link::{Answer, Asked, Audience, Begun, Intent, Reason, Refused, Told};
use crate::live::queue::{Queue, Taken};
use crate::live::{Engine, Now, Said};
use crate::shared::Shared;
use crate::state::{Store, View};

use hold::Holds;
use preview::Preview;
use stage::Stage;
use transport::Lock;

/// Between two looks at what plays: 60 a second.
const TICK: Duration = Duration::from_nanos(16_666_667);
/// How many commands are done before clients are told of any.
const BATCH: usize = 64;

/// Where what the lead tells goes.
pub(crate) struct Ways {
    pub(crate) views: watch::Sender<Arc<View>>,
    pub(crate) frames: watch::Sender<Arc<Shot>>,
    pub(crate) told: broadcast::Sender<Told>,
    /// Colours as they change, for the broker.
    pub(crate) said: Box<dyn Fn(&Said) + Send>,
    pub(crate) audience: Arc<Audience>,
    pub(crate) shared: Arc<Shared>,
}

/// What a lead is made of.
pub(crate) struct Parts {
    pub(crate) house: Arc<dyn House>,
    pub(crate) author: Arc<Author>,
    pub(crate) queue: Queue<Asked>,
    pub(crate) news: Receiver<News>,
    pub(crate) engine: Engine,
    pub(crate) ways: Ways,
    pub(crate) chat: Chat,
    pub(crate) manner: Manner,
}

/// The one who leads.
pub(crate) struct Lead {
    house: Arc<dyn House>,
    author: Arc<Author>,
    queue: Queue<Asked>,
    news: Receiver<News>,
    /// Comes back to ourselves from other threads, as news does.
    later: Later,
    engine: Engine,
    ways: Ways,
    store: Store,
    stage: Option<Stage>,
    shot: Arc<Shot>,
    /// What clients of live control begin with, and since when.
    begun: Option<(Instant, Arc<Begun>)>,
    holds: Holds,
    preview: Option<Preview>,
    lock: Lock,
    /// How loud the sound is at the server, 0 to 1.
    volume: f32,
    chat: Chat,
    /// Whether more was said than the state has.
    chat_is_behind: bool,
    /// Whether the broker is connected, if there is one.
    broker: Box<dyn Fn() -> Option<bool> + Send>,
    told_health: Option<Instant>,
    /// From when somebody asked for something until it was done, or handed to who does it.
    applied: Spread,
    /// Whether the next show that comes on plays at once.
    begins: bool,
    /// Whether edits of the show's files are followed.
    watches: bool,
}

/// What others do for us comes back as something that is done here.
pub(crate) type Then = Box<dyn FnOnce(&mut Lead) + Send>;

/// Where it comes back.
#[derive(Clone)]
pub(crate) struct Later {
    sender: std::sync::mpsc::Sender<Then>,
    receiver: Arc<std::sync::Mutex<Receiver<Then>>>,
    queue: Queue<Asked>,
}

impl Later {
    fn new(queue: Queue<Asked>) -> Self {
        let (sender, receiver) = std::sync::mpsc::channel();
        Self { sender, receiver: Arc::new(std::sync::Mutex::new(receiver)), queue }
    }

    /// Has the lead do something, soon.
    pub(crate) fn then(&self, act: impl FnOnce(&mut Lead) + Send + 'static) {
        // Nobody listens once the server ends.
        let _ = self.sender.send(Box::new(act));
        let _ = self.queue.try_push(Asked::Wake);
    }

    fn next(&self) -> Option<Then> {
        self.receiver.lock().unwrap_or_else(std::sync::PoisonError::into_inner).try_recv().ok()
    }
}

impl Lead {
    pub(crate) fn new(parts: Parts, broker: Box<dyn Fn() -> Option<bool> + Send>) -> Self {
        let Parts { house, author, queue, news, engine, ways, chat, manner } = parts;
        let later = Later::new(queue.clone());
        let mut lead = Self {
            house,
            author,
            queue,
            news,
            later,
            engine,
            ways,
            store: Store::default(),
            stage: None,
            shot: Arc::default(),
            begun: None,
            holds: Holds::default(),
            preview: None,
            lock: Lock::default(),
            volume: manner.volume,
            begins: manner.begins,
            watches: manner.watches,
            chat,
            chat_is_behind: false,
            broker,
            told_health: None,
            applied: Spread::default(),
        };
        lead.begin();
        lead
    }

    /// Leads until the queue is closed.
    pub(crate) fn run(mut self) {
        let mut next = Instant::now();
        loop {
            let now = Instant::now();
            if now >= next {
                self.tick(now);
                // After a pause of the machine nothing is made up for.
                next = (next + TICK).max(now);
            }
            self.hear_news();
            self.publish();
            if !self.engine.is_ready() {
                std::thread::sleep(TICK / 8);
                continue;
            }
            match self.queue.take(next.saturating_duration_since(Instant::now())) {
                Taken::One(asked) => {
                    self.obey(asked);
                    for _ in 1..BATCH {
                        match self.queue.take(Duration::ZERO) {
                            Taken::One(asked) => self.obey(asked),
                            Taken::Nothing | Taken::Over => break,
                        }
                    }
                }
                Taken::Nothing => {}
                Taken::Over => return self.publish(),
            }
        }
    }

    fn hear_news(&mut self) {
        while let Ok(news) = self.news.try_recv() {
            self.take_note(news);
        }
        while let Some(then) = self.later.next() {
            then(self);
        }
    }

    fn obey(&mut self, asked: Asked) {
        let arrived = asked.arrived();
        self.carry_out(asked);
        if let Some(arrived) = arrived {
            self.applied.add(arrived.elapsed());
        }
    }

    fn carry_out(&mut self, asked: Asked) {
        match asked {
            Asked::Live(order) => {
                let now = now();
                let (engine, mut wire) = self.wire();
                engine.obey(order, &mut wire, now);
                self.pass_on();
            }
            Asked::Intent(intent) => self.intend(intent),
            Asked::Whole(tell) => tell(self.begun()),
            Asked::Wake => {}
        }
    }

    /// What is done 60 times a second.
    fn tick(&mut self, now: Instant) {
        if self.engine.is_fading() {
            let at = self::now();
            let (engine, mut wire) = self.wire();
            engine.tick(&mut wire, at);
            self.pass_on();
        }
        self.preview_on(now);
        self.see_frame();
        self.tell_playback(now);
        self.tell_health(now);
    }

    /// Passes on what live control says.
    fn pass_on(&mut self) {
        for said in self.engine.said() {
            self.begun = None;
            (self.ways.said)(&said);
            let message = match &said {
                Said::Colour(colour) => {
                    self.store.set("rgb", &colour_of(colour));
                    Some(colour.to_message())
                }
                Said::Levels(levels) => Some(levels.to_json()),
                Said::Scenes(names) => {
                    self.store.set("scenes", names);
                    None
                }
                Said::Heard(_) => None,
            };
            if let Some(message) = message {
                // Nobody may be there.
                let _ = self.ways.told.send(Told::Live(message.to_string().into()));
            }
        }
    }

    fn intend(&mut self, intent: Intent) {
        let Intent { name, payload, role, answer, .. } = intent;
        let may = role >= Role::Control || is_harmless(&name);
        if !may {
            let words = "this token may see, not do";
            return answer(Err(Refused::new(Reason::Forbidden, words)));
        }
        let payload = match payload {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        match name.split_once('.') {
            Some((family @ ("transport" | "system"), word)) => {
                answer(self.transport(family, word, &payload));
            }
            Some(("levels", "set")) => answer(self.set_levels(&payload)),
            Some(("channel", "set")) => answer(self.set_channel(&payload)),
            Some(("fixture", word)) => self.fixture(word, &payload, answer),
            Some(("chaser", word)) if word != "apply" => self.chaser(word, &payload, answer),
            Some(("scene", word)) => self.scene(word, &payload, answer),
            Some(("llm", word)) => self.converse(word, &payload, answer),
            Some(("song", "list")) => answer(Ok(self.songs())),
            Some(("song", "load")) => self.load(&payload, answer),
            _ => self.author(&name, payload, answer),
        }
    }

    /// Tells clients what has changed.
    fn publish(&mut self) {
        if let Some(view) = self.store.publish() {
            self.ways.views.send_replace(view);
        }
    }

    /// An event for all clients.
    fn event(&self, level: &str, message: &str, data: &Value) {
        let event = serde_json::json!({
            "type": "event", "level": level, "message": message, "data": data,
        });
        let _ = self.ways.told.send(Told::Event(event.to_string().into()));
    }
}

/// Whether somebody who may only see may ask for this.
fn is_harmless(name: &str) -> bool {
    matches!(name, "song.list" | "chaser.list")
}

fn now() -> Now {
    Now { instant: Instant::now(), unix_ms: clock::unix_ms() }
}

/// The colour as it stands in the state.
fn colour_of(colour: &crate::live::Colour) -> Value {
    let mut json = colour.to_json();
    if let Some(members) = json.as_object_mut() {
        members.remove("schema");
    }
    json
}

/// The answer that something was done.
fn done() -> Answer {
    Ok(Value::Object(Map::new()))
}
