//! A WebSocket client: what it is sent and when, what it says, and when it has had its chance.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::json;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::oldest::Oldest;
use super::rate::Rate;
use super::show;
use super::socket::{PIECE, Socket, Unheard, Unsent};
use crate::access::{Denied, Role};
use crate::link::{Answered, Asked, Begun, Counted, Link, Told};
use crate::state::{Depth, Telling, Text};

/// How many answers may wait for a client.
const ANSWERS: usize = 256;
/// How many messages that were none are borne.
const NONSENSE: u32 = 50;
/// How long somebody who says nothing is taken for a client of the remote, who says hello.
const HELLO: Duration = Duration::from_millis(250);
/// Between two times that a client is asked whether it is there.
const PING: Duration = Duration::from_secs(10);
/// Between two patches on average: room for a fader's 60 a second and what a show tells besides;
/// and for clients that do not go deep, while the show stands and while it plays.
const SHORT: Duration = Duration::from_millis(10);
const STANDING: Duration = Duration::from_millis(50);
const PLAYING: Duration = Duration::from_millis(250);
/// How many patches may come at once after a while without any.
const BURST: u32 = 4;
/// A hello is answered by all there is: it counts as what may be said in so many seconds.
const SNAPSHOT: f64 = 0.125;
/// The close codes (RFC 6455, 7.4) for whoever may not be here, when the server ends, and for
/// nonsense of several kinds.
const UNAUTHORISED: u16 = 4401;
const AWAY: u16 = 1001;
const POLICY: u16 = 1008;
const PROTOCOL: u16 = 1002;
const NO_TEXT: u16 = 1007;
const TOO_LONG: u16 = 1009;

/// Which address was called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Door {
    /// `/ws`: the first message tells.
    Any,
    /// `/ws/live`.
    Live,
    /// `/ws/v1`.
    Oldest,
}

/// Why a client is let go.
pub(super) enum End {
    /// It went, or does not take what it is sent.
    Gone,
    /// It took its leave.
    Left,
    /// It is told why.
    Closed(u16, &'static str),
}

impl From<Unheard> for End {
    fn from(unheard: Unheard) -> Self {
        match unheard {
            Unheard::Gone => Self::Gone,
            Unheard::TooLong => Self::Closed(TOO_LONG, "a message is longer than may be"),
            Unheard::Nonsense => Self::Closed(PROTOCOL, "this is no WebSocket message"),
            Unheard::NoText => Self::Closed(NO_TEXT, "a text is UTF-8"),
        }
    }
}

pub(super) type Outcome = Result<(), End>;

/// A client.
pub(super) struct Session {
    pub(super) link: Link,
    socket: Socket,
    door: Door,
    pub(super) from: SocketAddr,
    role: Result<Role, Denied>,
    answers: (mpsc::Sender<Answered>, mpsc::Receiver<Answered>),
    told: broadcast::Receiver<Told>,
    /// What it has of the state, once it has said hello.
    seen: Option<Seen>,
    /// Whether it is told of live control.
    is_live: bool,
    pub(super) oldest: Oldest,
    /// How often it wants frames, when it had the last, and which.
    frames: Option<(Duration, Instant, u64)>,
    /// When patches would have come if none had come earlier than it is due.
    patched: Instant,
    heard: Instant,
    rate: Rate,
    nonsense: u32,
}

/// What a client has of the state.
#[derive(Clone, Copy)]
struct Seen {
    depth: Depth,
    /// The moment that it was told of last.
    told: u64,
    /// The moment up to which there was nothing more that it could see.
    looked: u64,
}

/// Speaks with a client until it goes or is let go.
pub(super) async fn attend(
    socket: Socket,
    link: Link,
    door: Door,
    from: SocketAddr,
    role: Result<Role, Denied>,
) {
    let audience = Arc::clone(&link.audience);
    let _here = Counted::one(&audience.clients);
    let now = Instant::now();
    let mut session = Session {
        socket,
        door,
        from,
        role,
        answers: mpsc::channel(ANSWERS),
        told: link.told.subscribe(),
        seen: None,
        is_live: false,
        oldest: Oldest::default(),
        frames: None,
        patched: now,
        heard: now,
        rate: Rate::new(link.limits.rate),
        nonsense: 0,
        link,
    };
    match session.run().await {
        Err(End::Closed(code, reason)) => {
            let frame = CloseFrame { code: code.into(), reason: Text::from_static(reason) };
            let slow = session.link.limits.slow;
            // Whoever is gone hears nothing.
            let _ = session.socket.send(Message::Close(Some(frame)), slow).await;
            session.socket.drain().await;
        }
        Err(End::Left) => session.socket.take_leave().await,
        Err(End::Gone) | Ok(()) => {}
    }
    session.leave();
}

impl Session {
    async fn run(&mut self) -> Outcome {
        self.greet().await?;
        let mut pings = interval(PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ending = self.link.ending.clone();
        let hello_by = Instant::now() + HELLO;
        let token_by = Instant::now() + self.link.limits.patience;
        loop {
            let now = Instant::now();
            let listens_at = self.rate.ready_at(now);
            let patch_at = self.patch_at();
            let frame_at = self.frame_at();
            let waits_for_hello = self.door == Door::Any && self.is_new();
            tokio::select! {
                message = self.socket.recv(), if listens_at <= now => {
                    self.rate.take_one();
                    self.hear(message.map_err(End::from)?).await?;
                }
                () = sleep_until(listens_at), if listens_at > now => {}
                _ = self.link.views.changed(), if patch_at.is_none() => {}
                () = at(patch_at) => self.patch().await?,
                _ = self.link.frames.changed(), if self.frames.is_some() && frame_at.is_none() => {}
                () = at(frame_at) => self.frame().await?,
                Some(answer) = self.answers.1.recv() => self.say_answer(answer).await?,
                told = self.told.recv() => self.tell(told).await?,
                () = sleep_until(hello_by), if waits_for_hello && self.role.is_ok() => {
                    self.become_live().await?;
                }
                () = sleep_until(token_by), if self.role.is_err() => {
                    return Err(End::Closed(UNAUTHORISED, "a token is needed"));
                }
                _ = pings.tick() => self.ping().await?,
                () = crate::link::end(&mut ending) => {
                    return Err(End::Closed(AWAY, "the server ends"));
                }
            }
        }
    }

    fn is_new(&self) -> bool {
        self.seen.is_none() && !self.is_live
    }

    async fn greet(&mut self) -> Outcome {
        match (self.door, self.role) {
            (_, Err(Denied::Wrong)) => {
                Err(End::Closed(UNAUTHORISED, "this token is not one of ours"))
            }
            (_, Err(Denied::Barred)) => Err(End::Closed(UNAUTHORISED, "too many wrong tokens")),
            (Door::Live, Ok(_)) => self.become_live().await,
            (Door::Oldest, Ok(_)) => self.greet_oldest().await,
            _ => Ok(()),
        }
    }

    /// When the next patch is due, if anything has changed that it was not sent.
    fn patch_at(&self) -> Option<Instant> {
        let Seen { depth, looked, .. } = self.seen?;
        let view = self.link.views.borrow();
        if view.seq() <= looked {
            return None;
        }
        Some(match depth {
            Depth::Members => self.patched,
            Depth::Keys if view.plays() => self.patched + PLAYING,
            Depth::Keys => self.patched + STANDING,
        })
    }

    /// Takes note that a patch goes now, of those that may be close to each other a few.
    fn note_patch(&mut self, depth: Depth, now: Instant) {
        self.patched = match depth {
            Depth::Keys => now,
            Depth::Members => {
                let begun = now.checked_sub(SHORT * BURST).unwrap_or(now);
                self.patched.max(begun) + SHORT
            }
        };
    }

    async fn patch(&mut self) -> Outcome {
        let Some(Seen { depth, .. }) = self.seen else { return Ok(()) };
        self.note_patch(depth, Instant::now());
        let view = Arc::clone(&self.link.views.borrow_and_update());
        let Some(seen) = &mut self.seen else { return Ok(()) };
        seen.looked = view.seq();
        if self.door == Door::Oldest {
            return self.patch_oldest(&view).await;
        }
        let Some(patch) = view.patch(seen.told, seen.depth) else { return Ok(()) };
        seen.told = view.seq();
        self.say(patch).await
    }

    /// When the next frame is due, if there is one that it was not sent.
    fn frame_at(&self) -> Option<Instant> {
        let (every, last, seen) = self.frames?;
        let serial = self.link.frames.borrow().serial();
        (serial > seen).then_some(last + every)
    }

    async fn frame(&mut self) -> Outcome {
        let shot = Arc::clone(&self.link.frames.borrow_and_update());
        let Some((_, last, seen)) = &mut self.frames else { return Ok(()) };
        let message = shot.message(*seen);
        (*last, *seen) = (Instant::now(), shot.serial());
        if self.door == Door::Oldest {
            return self.frame_oldest(&shot).await;
        }
        self.send(Message::Binary(message)).await
    }

    /// Begins to send frames so often, or ends it.
    pub(super) fn watch_frames(&mut self, every: Option<Duration>) {
        let watching = &self.link.audience.watching;
        match (&self.frames, every) {
            (None, Some(_)) => drop(watching.fetch_add(1, Ordering::Relaxed)),
            (Some(_), None) => drop(watching.fetch_sub(1, Ordering::Relaxed)),
            _ => {}
        }
        let now = Instant::now();
        self.frames = every.map(|every| (every, now, 0));
    }

    /// Counts it as one that goes so deep.
    pub(super) fn see_from(&mut self, depth: Depth, seq: u64) {
        let shallow = &self.link.audience.shallow;
        let was = self.seen.is_some_and(|seen| seen.depth == Depth::Keys);
        match (was, depth == Depth::Keys) {
            (false, true) => drop(shallow.fetch_add(1, Ordering::Relaxed)),
            (true, false) => drop(shallow.fetch_sub(1, Ordering::Relaxed)),
            _ => {}
        }
        self.seen = Some(Seen { depth, told: seq, looked: seq });
    }

    /// Takes it out of all counts.
    fn leave(&mut self) {
        self.watch_frames(None);
        if self.seen.is_some() {
            self.see_from(Depth::Members, 0);
        }
    }

    async fn ping(&mut self) -> Outcome {
        if self.heard.elapsed() > PING + self.link.limits.patience {
            return Err(End::Gone);
        }
        self.send(Message::Ping(Bytes::new())).await
    }

    async fn hear(&mut self, message: Message) -> Outcome {
        self.heard = Instant::now();
        match message {
            Message::Text(text) => self.hear_text(&text).await,
            Message::Binary(_) => self.nonsense("a message is text, not binary").await,
            Message::Close(_) => Err(End::Left),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        }
    }

    async fn hear_text(&mut self, text: &str) -> Outcome {
        let message = match show::parse(text) {
            Ok(message) => message,
            Err(error) => return self.nonsense(&error).await,
        };
        if self.role.is_err() {
            return self.show_token(message).await;
        }
        match self.door {
            Door::Oldest => self.hear_oldest(message).await,
            Door::Any | Door::Live => self.hear_message(message).await,
        }
    }

    /// The first message of somebody who has offered no token: it is to have one.
    async fn show_token(&mut self, message: show::Incoming) -> Outcome {
        let offered = message.token();
        let now = std::time::Instant::now();
        self.role = self.link.access.role(offered, self.from.ip(), now);
        match self.role {
            Ok(_) => {
                self.greet().await?;
                match self.door {
                    Door::Oldest => Ok(()),
                    Door::Any | Door::Live => self.hear_message(message).await,
                }
            }
            Err(Denied::Barred) => Err(End::Closed(UNAUTHORISED, "too many wrong tokens")),
            Err(Denied::Wrong) => Err(End::Closed(UNAUTHORISED, "this token is not one of ours")),
            Err(Denied::Missing) => Err(End::Closed(UNAUTHORISED, "a token is needed")),
        }
    }

    /// What it may do.
    pub(super) fn role(&self) -> Role {
        self.role.unwrap_or(Role::View)
    }

    /// Where answers to it go: without waiting, and lost if it does not take them.
    pub(super) fn answers(&self) -> mpsc::Sender<Answered> {
        self.answers.0.clone()
    }

    /// Hands something to the one who leads the show.
    pub(super) async fn ask(&mut self, asked: Asked) -> Outcome {
        let handed = self.link.queue.hand(asked, crate::clock::unix_ms()).await;
        handed.map_err(|_| End::Closed(AWAY, "the server ends"))
    }

    async fn become_live(&mut self) -> Outcome {
        self.is_live = true;
        let answers = self.answers();
        let tell = move |begun: Arc<Begun>| drop(answers.try_send(Answered::Begun(begun)));
        self.ask(Asked::Whole(Box::new(tell))).await
    }

    async fn say_answer(&mut self, answer: Answered) -> Outcome {
        match answer {
            Answered::Text(text) => self.say(text).await,
            Answered::Begun(begun) => {
                for text in begun.texts() {
                    self.say(text.clone()).await?;
                }
                Ok(())
            }
        }
    }

    /// Is told of live control from now on, since it speaks it.
    pub(super) async fn speak_live(&mut self) -> Outcome {
        if self.is_live { Ok(()) } else { self.become_live().await }
    }

    /// What cannot be understood: said, and borne for a while.
    pub(super) async fn nonsense(&mut self, what: &str) -> Outcome {
        self.link.audience.malformed.fetch_add(1, Ordering::Relaxed);
        self.nonsense += 1;
        if self.nonsense > NONSENSE {
            return Err(End::Closed(POLICY, "too many messages that are none"));
        }
        let data = json!({ "accepted": false, "reason": "invalid" });
        let event = json!({ "type": "event", "level": "error", "message": what, "data": data });
        self.say(event.to_string()).await
    }

    async fn tell(&mut self, told: Result<Told, broadcast::error::RecvError>) -> Outcome {
        match told {
            Ok(Told::Event(event)) if self.seen.is_some() && self.door == Door::Any => {
                self.say(event).await
            }
            Ok(Told::Event(event)) if self.door == Door::Oldest => self.chat_oldest(&event).await,
            Ok(Told::Live(said)) if self.is_live => self.say(said).await,
            Ok(_) => Ok(()),
            Err(broadcast::error::RecvError::Lagged(_)) if self.is_live => self.become_live().await,
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                let data = json!({ "missed": missed });
                let message = "some messages were left out: you were too slow";
                let event = json!({ "type": "event", "level": "warning", "message": message,
                                    "data": data });
                self.say(event.to_string()).await
            }
            Err(broadcast::error::RecvError::Closed) => Err(End::Closed(AWAY, "the server ends")),
        }
    }

    /// Sends a text.
    pub(super) async fn say(&mut self, text: impl Into<Text>) -> Outcome {
        self.send(Message::Text(text.into())).await
    }

    async fn send(&mut self, message: Message) -> Outcome {
        let sent = self.socket.send(message, self.link.limits.slow).await;
        self.note(sent)
    }

    /// Counts it if it does not take what it is sent.
    fn note(&self, sent: Result<(), Unsent>) -> Outcome {
        sent.map_err(|unsent| {
            if matches!(unsent, Unsent::Slow) {
                self.link.audience.dropped.fetch_add(1, Ordering::Relaxed);
            }
            End::Gone
        })
    }

    /// Sends the whole state.
    pub(super) async fn snapshot(&mut self, depth: Depth) -> Outcome {
        let view = Arc::clone(&self.link.views.borrow_and_update());
        self.see_from(depth, view.seq());
        let role = json!(self.role());
        let time_ms = crate::clock::unix_ms();
        let mut text = format!(
            r#"{{"type":"snapshot","seq":{},"role":{role},"time_ms":{time_ms},"state":"#,
            view.seq(),
        );
        self.rate.take_seconds(SNAPSHOT);
        let (mut telling, mut is_first) = (Telling::new(view, depth), true);
        loop {
            let is_last = !telling.fill(&mut text, PIECE);
            text.push_str(if is_last { "}" } else { "" });
            let part = std::mem::take(&mut text).into();
            let slow = self.link.limits.slow;
            let sent = self.socket.send_part(part, is_first, is_last, slow).await;
            self.note(sent)?;
            if is_last {
                return Ok(());
            }
            is_first = false;
        }
    }
}

/// Waits until a moment, or for ever.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
