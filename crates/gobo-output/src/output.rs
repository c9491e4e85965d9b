//! Everything a show sends to, as one. It owns the order of things at a frame
//! and at the end; what goes on the wire is each output's own affair.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU16;
use std::thread;
use std::time::{Duration, Instant};

use gobo_dmx::{FrameRate, OutputDelay, Route, Slots, Universe};
use triple_buffer::Input;
use uuid::Uuid;

use crate::capture::Capture;
use crate::delay::DelayLine;
use crate::open::{Opened, open};
use crate::plan::OpenError;
use crate::poller::Poller;
use crate::report::Report;
use crate::{Numbers, Reports, StreamNumbers};

/// How outputs present themselves on the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// The E1.31 component identifier: one for the life of the installation.
    pub cid: Uuid,
    /// The E1.31 source name; cut to 63 bytes.
    pub source_name: String,
    /// The local address to send from; `None` lets the system choose. The port
    /// is always one of the system's, so that local receivers keep theirs.
    pub source: Option<IpAddr>,
    /// Sends a universe when it changes and to keep it alive, not each frame.
    pub on_change_only: bool,
    /// How many routers multicast may pass, plus one.
    pub multicast_ttl: u32,
    /// Does all but send: hosts are looked up and packets counted.
    pub dry_run: bool,
    /// From one frame to the next.
    pub period: Duration,
    /// The part of a frame over which its packets are spread; `None` sends them at once. Not
    /// longer than `period`.
    pub spread: Option<Duration>,
    /// Whether the system may be given the packets of a target of many universes in pieces that
    /// it cuts itself (UDP segmentation offload): a third of the work. Captures on the sending
    /// machine show a piece as one packet.
    pub segmentation: bool,
    /// How many slots of each universe the show uses, in the order of universes; where it is
    /// not said, all. DDP sends no more of a route's last universe.
    pub slots_used: Vec<u16>,
    /// Where to write down what goes over the network.
    pub capture: Option<Capture>,
}

impl Options {
    /// Every frame at 60 a second, from any local address, under the name "gobo".
    pub fn new(cid: Uuid) -> Self {
        Self {
            cid,
            source_name: "gobo".to_owned(),
            source: None,
            on_change_only: false,
            multicast_ttl: 16,
            dry_run: false,
            period: FrameRate::DEFAULT.time_of(1),
            spread: None,
            segmentation: true,
            slots_used: Vec::new(),
            capture: None,
        }
    }
}

/// A target of frames. Every method but [`Output::name`] runs in the real-time
/// thread: it allocates nothing, takes no lock, never blocks, and keeps its
/// errors in its [`Report`].
pub trait Output: Send {
    /// What and where it is, for people: `Art-Net to 10.0.0.9:6454`.
    fn name(&self) -> &str;

    /// Takes the frame of `now`, or leaves it when its target is not ready.
    fn send(&mut self, now: Instant, frame: &[Slots]);

    /// When it has more to send of the frame that it took; `None` when all is sent.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Sends what is due by now of the frame that it took.
    fn turn(&mut self, _now: Instant) {}

    /// Called once every output has sent the frame: packets of one frame, over
    /// all targets, become visible together.
    fn sync(&mut self, now: Instant);

    /// Sends the last frame whatever the rate cap or earlier failures say.
    fn last_look(&mut self, now: Instant, frame: &[Slots]);

    /// Says once that no more will come; called several times.
    fn end(&mut self, now: Instant);

    /// The UDP ports that packets leave from, as of now: to know our own when they are heard. Not
    /// for the real-time thread.
    fn ports(&self) -> Vec<Arc<AtomicU16>> {
        Vec::new()
    }

    /// How the target fares.
    fn report(&self) -> Report;

    /// Where in the show the frame is that [`Output::send`] brings next; for outputs that tell.
    fn place(&mut self, _place: Place) {}

    /// Whether the last look has reached the target, or never will: what has a thread of its
    /// own may still be at it when [`Output::end`] was called.
    fn settled(&mut self) -> bool {
        true
    }

    /// The sequence numbers that it sent last, if it counts. Not for the real-time thread.
    fn numbers(&self) -> Vec<StreamNumbers> {
        Vec::new()
    }
}

/// Where in a show a frame is.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Place {
    /// Which show it is of several, from 0.
    pub show: u64,
    /// The frame of the show.
    pub frame: u32,
    /// The frame, counted on over repeats of the show.
    pub turn: u32,
    /// When the frame begins, in seconds of the show.
    pub seconds: f64,
    /// The speed, 1.0 as written.
    pub speed: f64,
}

/// Between the last frames: no faster than a DMX512 line refreshes (44 Hz).
const LAST_LOOK_GAP: Duration = Duration::from_millis(25);

/// Times that the last look, and then the end of each stream, are sent
/// (E1.31-2018 6.2.6 asks for three).
const LAST_LOOKS: u32 = 3;

/// How often outputs with threads of their own are looked after at the end, and how long the
/// rests between are: a second in all. A target that has not taken the last look by then is
/// left, so that leaving takes no longer than its user waits.
const SETTLING: (u32, Duration) = (200, Duration::from_millis(5));

/// All outputs of a show.
#[derive(Default)]
pub struct Outputs {
    lines: Vec<Line>,
    /// Look for Art-Net nodes as long as this lives.
    _pollers: Vec<Poller>,
    /// Where reports are told, if anybody wants them.
    told: Option<Input<Box<[Report]>>>,
}

/// An output, and what stands before it.
struct Line {
    output: Box<dyn Output>,
    /// What makes it later than the others, if it is.
    delay: Option<DelayLine>,
    /// Whether it took a frame that is not synced yet.
    open: bool,
}

impl Line {
    fn send(&mut self, now: Instant, frame: &[Slots]) {
        match &mut self.delay {
            Some(delay) => delay.put(now, frame),
            None => {
                self.output.send(now, frame);
                self.open = true;
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        let delayed = self.delay.as_ref().and_then(DelayLine::due);
        self.output.due().into_iter().chain(delayed).min()
    }

    fn turn(&mut self, now: Instant) {
        if self.output.due().is_some_and(|due| due <= now) {
            self.output.turn(now);
        }
        let Some(delay) = &mut self.delay else { return };
        if let Some(frame) = delay.take(now) {
            self.output.send(now, frame);
            self.open = true;
        }
        // Its frames are later than those of the others, so it is synced by itself.
        self.sync_if_sent(now);
    }

    fn sync_if_sent(&mut self, now: Instant) {
        if self.open && self.output.due().is_none() {
            self.open = false;
            self.output.sync(now);
        }
    }
}

impl Outputs {
    /// Looks up every host, opens the sockets, and encodes a packet for each
    /// universe of each route. `universes[n]` is the universe of `frame[n]` in
    /// [`Outputs::send`]; a route's other universes are left out.
    ///
    /// Universe n goes out as E1.31 universe n and as Art-Net port address n-1,
    /// after the route's offset, always with all 512 slots: receivers that hold
    /// slots a shorter packet leaves out are then never surprised.
    ///
    /// Each route counts its own sequence numbers. E1.31 discovery goes where
    /// the data goes, to its group on each interface, or to the unicast host, and tells each of
    /// the universes of all routes.
    ///
    /// A route to the nodes that answer polls takes the first answers here, which may take 1.3 s;
    /// nodes that come or go later are seen by a thread that lives as long as the outputs.
    ///
    /// # Errors
    /// The first route that cannot work, with the reason: [`OpenError`].
    pub fn open(
        routes: &[Route],
        universes: &[Universe],
        options: &Options,
    ) -> Result<Self, OpenError> {
        let Opened { outputs, pollers } = open(routes, universes, options)?;
        let lead = lead(routes);
        let lines = routes.iter().zip(outputs).map(|(route, output)| {
            let delay = DelayLine::new(lead + route.delay, universes.len(), options.period);
            Line { output, delay, open: false }
        });
        Ok(Self { lines: lines.collect(), told: None, _pollers: pollers })
    }

    /// Adds a target of another kind.
    pub fn push(&mut self, output: Box<dyn Output>) {
        self.lines.push(Line { output, delay: None, open: false });
    }

    /// Whether there is nothing to send to.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The UDP ports that packets leave from, as of now.
    pub fn ports(&self) -> Vec<Arc<AtomicU16>> {
        self.lines.iter().flat_map(|line| line.output.ports()).collect()
    }

    /// Sends the frame of `now`, a time that never runs backwards, to every
    /// target. To be called for each frame, also while nothing changes: that is
    /// what keeps receivers from giving the source up. Allocates nothing, takes
    /// no lock, never blocks. Universes that `frame` is too short for are left
    /// out.
    pub fn send(&mut self, now: Instant, frame: &[Slots]) {
        self.lines.iter_mut().for_each(|line| line.send(now, frame));
        self.sync_if_sent(now);
        self.tell();
    }

    /// When [`Outputs::turn`] is to be called, if it is before the next frame: packets that are
    /// spread over the frame, and outputs that are later than others.
    pub fn due(&self) -> Option<Instant> {
        self.lines.iter().filter_map(Line::due).min()
    }

    /// Sends what is due by now of frames that were sent before.
    pub fn turn(&mut self, now: Instant) {
        self.lines.iter_mut().for_each(|line| line.turn(now));
        self.sync_if_sent(now);
    }

    /// Syncs the outputs that are not later than others, together, once all have sent.
    fn sync_if_sent(&mut self, now: Instant) {
        let prompt = || self.lines.iter().filter(|line| line.delay.is_none());
        if prompt().all(|line| line.output.due().is_none()) {
            let prompt = self.lines.iter_mut().filter(|line| line.delay.is_none());
            prompt.for_each(|line| line.sync_if_sent(now));
        }
    }

    /// Sends the last look three times, then ends every stream; takes 75 ms, and up to a second
    /// more where a target that can block has not taken it yet.
    pub fn finish(&mut self, last_look: &[Slots]) {
        self.finish_with(last_look, Instant::now, thread::sleep);
    }

    /// [`Outputs::finish`] on a clock and a sleep of the caller's.
    pub fn finish_with(
        &mut self,
        last_look: &[Slots],
        mut now: impl FnMut() -> Instant,
        mut sleep: impl FnMut(Duration),
    ) {
        for _ in 0..LAST_LOOKS {
            // A DMX gateway still refreshes the frame before: let it end.
            sleep(LAST_LOOK_GAP);
            let now = now();
            self.lines.iter_mut().for_each(|line| line.output.last_look(now, last_look));
            self.lines.iter_mut().for_each(|line| line.output.sync(now));
        }
        for _ in 0..LAST_LOOKS {
            let now = now();
            self.lines.iter_mut().for_each(|line| line.output.end(now));
        }
        let (looks, rest) = SETTLING;
        for _ in 0..looks {
            // Each is asked: its report is brought up to date.
            let unsettled =
                self.lines.iter_mut().filter_map(|line| (!line.output.settled()).then_some(()));
            if unsettled.count() == 0 {
                break;
            }
            sleep(rest);
        }
        self.tell();
    }

    /// Tells where in the show the frame is that [`Outputs::send`] brings next.
    pub fn place(&mut self, place: Place) {
        self.lines.iter_mut().for_each(|line| line.output.place(place));
    }

    /// The sequence numbers of all outputs, as they are from now on.
    pub fn numbers(&self) -> Numbers {
        Numbers::of(self.lines.iter().flat_map(|line| line.output.numbers()))
    }

    /// How each target fares, for another thread than the one that sends. Only the last one that
    /// asked is told.
    pub fn watch(&mut self) -> Reports {
        let names = self.lines.iter().map(|line| line.output.name().to_owned()).collect();
        let (reports, told) = Reports::new(names);
        self.told = Some(told);
        reports
    }

    fn tell(&mut self) {
        let Some(told) = &mut self.told else { return };
        let lines = self.lines.iter();
        let places = told.input_buffer_mut().iter_mut();
        places.zip(lines).for_each(|(place, line)| *place = line.output.report());
        told.publish();
    }

    /// How each target fares: its name and its report, in the order of routes.
    pub fn reports(&self) -> impl ExactSizeIterator<Item = (&str, Report)> {
        self.lines.iter().map(|line| (line.output.name(), line.output.report()))
    }
}

/// By how much the earliest of routes goes before its frame's time; what plays to them has to
/// give frames so much earlier, and the others wait so much longer.
pub fn lead(routes: &[Route]) -> OutputDelay {
    let earliest = routes.iter().map(|route| route.delay).min().unwrap_or_default();
    OutputDelay::ZERO.max(-earliest)
}
