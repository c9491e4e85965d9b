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

use gobo_dmx::{Delivery, FrameRate, Protocol, Route, SLOTS, Slots, Universe};

use self::find::widgets;
use self::line::Line;
use crate::output::{Options, Output};
use crate::plan::{OpenError, protocol_name};
use crate::threaded::{DryTarget, Target, Threaded};

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
    route: &Route,
    universes: &[Universe],
    claim: Claim,
    options: &Options,
) -> Result<Box<dyn Output>, OpenError> {
    let place = place(route)?;
    let target = place.name();
    let carried = universes.iter().enumerate();
    let carried = carried.filter(|&(_, &universe)| route.universes.contains(universe));
    let (indices, carried): (Vec<usize>, Vec<Universe>) = carried.unzip();
    if indices.len() > OUTPUTS {
        let universes = carried.into_iter().collect();
        return Err(OpenError::Crowded { target, outputs: OUTPUTS, universes });
    }
    let widget: Box<dyn Target> = match options.dry_run {
        true => Box::new(DryTarget),
        false => Box::new(Widget::new(place, Path::new("/sys"), Path::new("/dev"), claim)),
    };
    let max_rate = route.max_rate.or(usual_rate());
    let threaded = Threaded::start(target.clone(), "usbpro", indices.into(), max_rate, widget);
    Ok(Box::new(threaded.map_err(|error| OpenError::Thread { target, error })?))
}

/// 40 Hz: what the widget puts on its line of 512 slots, as it comes.
fn usual_rate() -> Option<FrameRate> {
    "40".parse().ok()
}

fn place(route: &Route) -> Result<WidgetPlace, OpenError> {
    let other = |delivery| {
        let protocol = protocol_name(&route.protocol);
        Err(OpenError::Delivery { protocol, delivery })
    };
    match &route.delivery {
        Delivery::Device { path } => Ok(WidgetPlace::Path(path.into())),
        Delivery::Usb { serial } => Ok(WidgetPlace::Usb(serial.clone())),
        Delivery::Unicast { .. } => other("network host"),
        Delivery::Broadcast { .. } => other("broadcast"),
        Delivery::Multicast { .. } => other("multicast"),
    }
}

/// A device takes one route: a widget puts out what it was told last.
pub(crate) fn refuse_shared(routes: &[Route]) -> Result<(), OpenError> {
    let mut taken = Vec::new();
    for route in routes.iter().filter(|route| route.protocol == Protocol::UsbPro) {
        let place = place(route)?;
        // Routes to any widget share those that are there.
        if place != WidgetPlace::Usb(None) {
            if taken.contains(&place) {
                return Err(OpenError::Shared { target: place.name() });
            }
            taken.push(place);
        }
    }
    Ok(())
}

/// Where a widget is.
#[derive(Clone, PartialEq, Eq, Debug)]
enum WidgetPlace {
    /// At this device.
    Path(PathBuf),
    /// On USB, by its serial number, or any.
    Usb(Option<String>),
}

impl WidgetPlace {
    fn name(&self) -> String {
        match self {
            Self::Path(path) => format!("DMX USB PRO at {}", path.display()),
            Self::Usb(Some(serial)) => format!("DMX USB PRO {serial}"),
            Self::Usb(None) => "DMX USB PRO".to_owned(),
        }
    }
}

/// Which route has which widget, by serial number: one that vanished stays its route's, so that
/// two that come back in another order do not change places.
#[derive(Clone, Default)]
pub(crate) struct Claims(Arc<Mutex<BTreeMap<String, usize>>>);

impl Claims {
    /// What the route of this number may claim.
    pub(crate) fn of(&self, route: usize) -> Claim {
        Claim { claims: self.clone(), route }
    }
}

/// The right of one route to widgets.
pub(crate) struct Claim {
    claims: Claims,
    route: usize,
}

impl Claim {
    /// Claims the first widget of `serials` that is the route's already, or nobody's.
    fn claim(&self, serials: &[String]) -> Option<usize> {
        // Held for an instant, and by threads that may block, never by the real-time one.
        let mut claims = self.claims.0.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn write(&mut self, universes: &[Slots]) -> io::Result<usize> {
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
        Ok(self.messages.len())
    }
}

#[cfg(test)]
mod tests;
