//! A thread that listens to other sources and hands their levels on, newest-wins.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gobo_dmx::{MergeMode, Priority, Universe, UniverseSet};
use gobo_output::{Event, Ours, Receiver, ReceiverError, ReceiverOptions};
use triple_buffer::{Input, triple_buffer};

use super::merge::{Feed, HeardLevels, SILENCE};

/// How long the thread waits for packets before it looks whether it is still wanted.
const WAIT: Duration = Duration::from_millis(50);

/// What to listen to, and what it is worth.
#[derive(Clone, Debug)]
pub struct InputOptions {
    /// The address for Art-Net; `None` does not listen for it.
    pub artnet: Option<SocketAddr>,
    /// The address for E1.31; `None` does not listen for it.
    pub sacn: Option<SocketAddr>,
    /// Whether to join the E1.31 multicast groups of the universes, and on which interface.
    pub multicast: bool,
    /// The interface to join them on, by its name or an address; `None` lets the system choose.
    pub interface: Option<String>,
    /// The universes of the show that input is for.
    pub universes: UniverseSet,
    /// Added to the number of a universe that comes in, to get that of the show.
    pub offset: i32,
    /// The priority of what comes in; that of its packets unless given, 100 for Art-Net.
    pub priority: Option<Priority>,
    /// How sources from outside that are of equal priority share a universe.
    pub merge: MergeMode,
    /// The show's own priority in each universe; the default one where none is given.
    pub own: BTreeMap<Universe, Priority>,
    /// What we send ourselves, not to be heard.
    pub ours: Ours,
}

impl Default for InputOptions {
    /// No protocol yet; every universe under its own number, by the priority of its packets.
    fn default() -> Self {
        Self {
            artnet: None,
            sacn: None,
            multicast: false,
            interface: None,
            universes: UniverseSet::all(),
            offset: 0,
            priority: None,
            merge: MergeMode::default(),
            own: BTreeMap::new(),
            ours: Ours::default(),
        }
    }
}

/// Why input cannot be listened to.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The sockets cannot be had.
    #[error(transparent)]
    Receiver(#[from] ReceiverError),
    /// The system gives no thread.
    #[error("cannot start a thread to listen: {0}")]
    Thread(std::io::Error),
}

/// A thread that listens until it is dropped.
pub(crate) struct Listening {
    /// Where it listens: Art-Net, E1.31.
    pub(super) addresses: [Option<SocketAddr>; 2],
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A listener that broke down is a source that fell silent.
            let _ = thread.join();
        }
    }
}

/// Listens for the universes of a show from now on.
pub(super) fn listen(
    options: &InputOptions,
    universes: &[Universe],
) -> Result<(Listening, Vec<Feed>), InputError> {
    let (mut feeds, mut inputs) = (Vec::new(), BTreeMap::new());
    for (index, &universe) in universes.iter().enumerate() {
        let wire = i32::from(universe.get()) - options.offset;
        let wire = u16::try_from(wire).ok().and_then(|number| Universe::new(number).ok());
        let Some(wire) = wire.filter(|_| options.universes.contains(universe)) else { continue };
        let (input, heard) = triple_buffer(&HeardLevels::default());
        let own = options.own.get(&universe).copied().unwrap_or_default();
        feeds.push(Feed { universe: index, own, heard });
        inputs.insert(wire, input);
    }
    let multicast = options.sacn.filter(|_| options.multicast);
    let receiver = Receiver::open(&ReceiverOptions {
        artnet: options.artnet,
        sacn: options.sacn,
        multicast: multicast.into_iter().flat_map(|_| inputs.keys().copied()).collect(),
        interface: options.interface.clone(),
        merge: options.merge,
        silence: SILENCE,
        live: true,
        ours: options.ours.clone(),
        ..ReceiverOptions::default()
    })?;
    let addresses = [receiver.artnet_address(), receiver.sacn_address()];
    let done = Arc::new(AtomicBool::new(false));
    let (stop, priority) = (Arc::clone(&done), options.priority);
    let thread = thread::Builder::new().name("gobo-input".to_owned());
    let thread = thread.spawn(move || run(receiver, inputs, priority, &stop));
    let thread = Some(thread.map_err(InputError::Thread)?);
    Ok((Listening { addresses, done, thread }, feeds))
}

fn run(
    mut receiver: Receiver,
    mut inputs: BTreeMap<Universe, Input<HeardLevels>>,
    priority: Option<Priority>,
    done: &AtomicBool,
) {
    let mut changed = BTreeSet::new();
    while !done.load(Ordering::Relaxed) {
        let heard = receiver.receive(WAIT, |event| match event {
            Event::Levels { universe, .. } | Event::Left { universe, .. } => {
                changed.insert(universe);
            }
            _ => {}
        });
        if heard.is_err() {
            // What cannot be waited for now may be later; the show does without.
            thread::sleep(WAIT);
        }
        for universe in std::mem::take(&mut changed) {
            let Some(input) = inputs.get_mut(&universe) else { continue };
            let Some(heard) = receiver.arbiter().universe(universe) else { continue };
            let room = input.input_buffer_mut();
            (room.levels, room.priorities) = (*heard.levels(), heard.priorities());
            if let Some(priority) = priority {
                let driven = room.priorities.iter_mut().filter(|told| **told > 0);
                driven.for_each(|told| *told = priority.get().max(1));
            }
            room.at = (!heard.sources().is_empty()).then(Instant::now);
            input.publish();
        }
    }
}
