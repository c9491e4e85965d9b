//! Everything a show sends to, as one. It owns the order of things at a frame
//! and at the end; what goes on the wire is each output's own affair.

use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use gobo_dmx::{Route, Slots, Universe};
use uuid::Uuid;

use crate::open::open;
use crate::plan::OpenError;
use crate::report::Report;

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
}

impl Options {
    /// Every frame, from any local address, under the name "gobo".
    pub fn new(cid: Uuid) -> Self {
        Self {
            cid,
            source_name: "gobo".to_owned(),
            source: None,
            on_change_only: false,
            multicast_ttl: 16,
            dry_run: false,
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

    /// Called once every output has taken the frame: packets of one frame, over
    /// all targets, become visible together.
    fn sync(&mut self, now: Instant);

    /// Sends the last frame whatever the rate cap or earlier failures say.
    fn last_look(&mut self, now: Instant, frame: &[Slots]);

    /// Says once that no more will come; called several times.
    fn end(&mut self, now: Instant);

    /// How the target fares.
    fn report(&self) -> Report;
}

/// Between the last frames: no faster than a DMX512 line refreshes (44 Hz).
const LAST_LOOK_GAP: Duration = Duration::from_millis(25);

/// Times that the last look, and then the end of each stream, are sent
/// (E1.31-2018 6.2.6 asks for three).
const LAST_LOOKS: u32 = 3;

/// All outputs of a show.
#[derive(Default)]
pub struct Outputs {
    outputs: Vec<Box<dyn Output>>,
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
    /// the data goes: to its group on each interface, or to the unicast host.
    ///
    /// # Errors
    /// The first route that cannot work, with the reason: [`OpenError`].
    pub fn open(
        routes: &[Route],
        universes: &[Universe],
        options: &Options,
    ) -> Result<Self, OpenError> {
        let senders = open(routes, universes, options)?;
        let outputs = senders.into_iter().map(|sender| Box::new(sender) as _).collect();
        Ok(Self { outputs })
    }

    /// Adds a target of another kind.
    pub fn push(&mut self, output: Box<dyn Output>) {
        self.outputs.push(output);
    }

    /// Whether there is nothing to send to.
    pub fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Sends the frame of `now`, a time that never runs backwards, to every
    /// target. To be called for each frame, also while nothing changes: that is
    /// what keeps receivers from giving the source up. Allocates nothing, takes
    /// no lock, never blocks. Universes that `frame` is too short for are left
    /// out.
    pub fn send(&mut self, now: Instant, frame: &[Slots]) {
        self.outputs.iter_mut().for_each(|output| output.send(now, frame));
        self.outputs.iter_mut().for_each(|output| output.sync(now));
    }

    /// Sends the last look three times, then ends every stream; takes 75 ms.
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
            self.outputs.iter_mut().for_each(|output| output.last_look(now, last_look));
            self.outputs.iter_mut().for_each(|output| output.sync(now));
        }
        for _ in 0..LAST_LOOKS {
            let now = now();
            self.outputs.iter_mut().for_each(|output| output.end(now));
        }
    }

    /// How each target fares: its name and its report, in the order of routes.
    pub fn reports(&self) -> impl ExactSizeIterator<Item = (&str, Report)> {
        self.outputs.iter().map(|output| (output.name(), output.report()))
    }
}
