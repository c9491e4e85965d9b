//! The Enttec DMX USB PRO and its kin: messages over a serial line, to a widget that refreshes
//! its DMX line by itself ("DMX USB Pro Widget API Specification 1.44").
//!
//! A widget is found by its path, or among the USB serial devices of the system; one that
//! vanishes is looked for until it is back.

mod find;
mod line;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gobo_dmx::{FrameRate, SLOTS, Slots};

use self::find::widgets;
use self::line::Line;
use crate::open::pace;
use crate::output::{Options, Output};
use crate::pacing::Cap;
use crate::plan::{Destination, OpenError, Plan, protocol_name};
use crate::threaded::{DryTarget, Target, Threaded, Written};

/// The first and the last byte of a message.
const START: u8 = 0x7e;
const END: u8 = 0xe7;

/// Output Only Send DMX Packet Request: start code and slots.
const SEND_DMX: u8 = 6;
/// The same to the second output of a PRO Mk2.
const SEND_DMX_2: u8 = 0xa9;
/// What makes a PRO Mk2 listen to the two below, and its key.
const SET_API_KEY: u8 = 0x0d;
const API_KEY: [u8; 4] = [0xad, 0x88, 0xd0, 0xc8];
/// Both ports for DMX.
const ASSIGN_PORTS: u8 = 0xcb;
const BOTH_DMX: [u8; 2] = [1, 1];

/// Outputs of a PRO Mk2; the PRO has one.
const OUTPUTS: usize = 2;

/// A message: label, length (low byte first), data.
fn put_message(label: u8, data: &[&[u8]], into: &mut Vec<u8>) {
    let length = data.iter().map(|part| part.len()).sum::<usize>() as u16;
    let [low, high] = length.to_le_bytes();
    into.extend([START, label, low, high]);
    data.iter().for_each(|part| into.extend_from_slice(part));
    into.push(END);
}

/// Opens a route to a widget; the widget itself is looked for in the output's thread.
pub(crate) fn open(
    plan: &Plan<'_>,
    claim: Claim,
    options: &Options,
) -> Result<Box<dyn Output>, OpenError> {
    let target = plan.name.clone();
    let Destination::Widget(place) = &plan.destination else {
        let protocol = protocol_name(&plan.route.protocol);
        return Err(OpenError::Delivery { protocol, delivery: "network host" });
    };
    if plan.universes.len() > OUTPUTS {
        let universes = plan.universes.iter().map(|&(_, show, _)| show).collect();
        return Err(OpenError::Crowded { target, outputs: OUTPUTS, universes });
    }
    let indices = plan.universes.iter().map(|&(index, ..)| index).collect();
    let widget: Box<dyn Target> = match options.dry_run {
        true => Box::new(DryTarget),
        false => {
            let (sys, dev) = (Path::new("/sys"), Path::new("/dev"));
            Box::new(Widget::new(place.clone(), sys, dev, claim))
        }
    };
    let (cap, repeats) = pace(plan.route, options, 0);
    let cap = cap.or_else(|| usual_rate().map(Cap::new));
    let threaded = Threaded::start(target.clone(), "usbpro", indices, (cap, repeats), widget);
    Ok(Box::new(threaded.map_err(|error| OpenError::Thread { target, error })?))
}

/// 40 Hz: what the widget puts on its line of 512 slots, as it comes.
fn usual_rate() -> Option<FrameRate> {
    "40".parse().ok()
}

/// Where a widget is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum WidgetPlace {
    /// At this device.
    Path(PathBuf),
    /// On USB, by its serial number, or any.
    Usb(Option<String>),
}

impl WidgetPlace {
    /// What and where it is, for people.
    pub(crate) fn name(&self, protocol: &str) -> String {
        match self {
            Self::Path(path) => format!("{protocol} at {}", path.display()),
            Self::Usb(Some(serial)) => format!("{protocol} {serial}"),
            Self::Usb(None) => protocol.to_owned(),
        }
    }
}

/// Which route has which widget, by serial number: one that vanished stays its route's, so that
/// two that come back in another order do not change places.
#[derive(Default)]
pub(crate) struct Claims {
    taken: Arc<Mutex<BTreeMap<String, usize>>>,
    routes: usize,
}

impl Claims {
    /// What another route may claim.
    pub(crate) fn next(&mut self) -> Claim {
        self.routes += 1;
        Claim { taken: Arc::clone(&self.taken), route: self.routes }
    }
}

/// The right of one route to widgets.
pub(crate) struct Claim {
    taken: Arc<Mutex<BTreeMap<String, usize>>>,
    route: usize,
}

impl Claim {
    /// Claims the first widget of `serials` that is the route's already, or nobody's.
    fn claim(&self, serials: &[String]) -> Option<usize> {
        // Held for an instant, and by threads that may block, never by the real-time one.
        let mut claims = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |route| serials.iter().position(|serial| claims.get(serial) == route);
        let found = of(Some(&self.route)).or_else(|| of(None))?;
        claims.insert(serials[found].clone(), self.route);
        Some(found)
    }
}

/// A widget, whether it is there or not.
struct Widget {
    place: WidgetPlace,
    /// Where the system tells of its devices, and where they are.
    sys: PathBuf,
    dev: PathBuf,
    claim: Claim,
    line: Option<Line>,
    messages: Vec<u8>,
}

impl Widget {
    fn new(place: WidgetPlace, sys: &Path, dev: &Path, claim: Claim) -> Self {
        let (sys, dev) = (sys.to_owned(), dev.to_owned());
        // Room for two messages with all slots, and what goes before them.
        let messages = Vec::with_capacity(OUTPUTS * (SLOTS + 6) + 32);
        Self { place, sys, dev, claim, line: None, messages }
    }

    fn find(&self) -> io::Result<PathBuf> {
        let serial = match &self.place {
            WidgetPlace::Path(path) => return Ok(path.clone()),
            WidgetPlace::Usb(serial) => serial.as_ref(),
        };
        let mut found = widgets(&self.sys, &self.dev);
        found.retain(|widget| serial.is_none_or(|wanted| *wanted == widget.serial));
        let serials: Vec<String> = found.iter().map(|widget| widget.serial.clone()).collect();
        match self.claim.claim(&serials) {
            Some(index) => Ok(found.swap_remove(index).path),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Target for Widget {
    fn write(&mut self, universes: &[Slots]) -> io::Result<Written> {
        self.messages.clear();
        let mut line = match self.line.take() {
            Some(line) => line,
            None => {
                if universes.len() > 1 {
                    put_message(SET_API_KEY, &[&API_KEY], &mut self.messages);
                    put_message(ASSIGN_PORTS, &[&BOTH_DMX], &mut self.messages);
                }
                Line::open(&self.find()?)?
            }
        };
        for (label, slots) in [SEND_DMX, SEND_DMX_2].into_iter().zip(universes) {
            // The start code of levels is 0 (ANSI E1.11, 8.5.1).
            put_message(label, &[&[0], slots], &mut self.messages);
        }
        line.write(&self.messages)?;
        // Kept only when all went well: after an error the next frame opens it anew.
        self.line = Some(line);
        Ok(Written::whole(self.messages.len()))
    }
}

#[cfg(test)]
mod tests;
