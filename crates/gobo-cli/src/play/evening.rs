//! The shows of a list, made ready one after another while the one before plays.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gobo_canvas::{Canvas, Header, Reader, UniverseEntry};
use gobo_dmx::{LastLook, Route, SLOTS, Universe};
use gobo_output::Outputs;
use gobo_play::{Cue, Entry, Gap, Lead, Playlist, Program, Soundtrack, Towards, Transition};

use super::list::{Act, List};
use super::memo::Place;
use super::{PlayWords, refused, sound};
use crate::args::PlaceArgs;
use crate::canvas::{import, open};
use crate::terminal::Terminal;

/// How many shows stay known by number: that on stage, the next, and some steps back.
const KNOWN: usize = 8;

/// A show as the status line names it.
pub(super) struct Shown {
    /// Its name, with its place in the list if there are others: `2/5 main`.
    pub(super) label: String,
    /// Its name.
    pub(super) name: String,
    /// Its place in the list, from 1.
    pub(super) place: usize,
    /// What its canvas says of itself.
    pub(super) header: Header,
}

/// The shows made ready last, by number.
#[derive(Clone, Default)]
pub(super) struct Billing(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    shown: VecDeque<(u64, Arc<Shown>)>,
    skipped: u64,
}

impl Billing {
    /// The show of this number.
    pub(super) fn shown(&self, number: u64) -> Option<Arc<Shown>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.shown.iter().rev().find(|(known, _)| *known == number);
        found.map(|(_, shown)| Arc::clone(shown))
    }

    /// How many shows could not be played when their turn came.
    pub(super) fn skipped(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).skipped
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The shows of an evening.
pub(super) struct Evening {
    terminal: Terminal,
    list: List,
    words: PlayWords,
    /// The universes of all shows, in the order of a frame.
    universes: Vec<Universe>,
    billing: Billing,
    /// By how many seconds frames are to be sent before their time.
    lead: f64,
}

/// Opens a canvas, or makes one of a file of frames from elsewhere.
pub(super) fn open_any(path: &Path, places: PlaceArgs) -> Result<Canvas> {
    let room = tempfile::tempdir().context("cannot make a temporary folder")?;
    let made = room.path().join("foreign.canvas");
    match path.is_file() && import(path, &made, places)?.is_some() {
        // What is open may be gone from its folder.
        true => open(&made),
        false => open(path),
    }
}

impl Evening {
    /// The shows of a list for a stage of these universes.
    pub(super) fn new(
        terminal: &Terminal,
        list: List,
        words: PlayWords,
        universes: Vec<Universe>,
        lead: f64,
    ) -> Self {
        let billing = Billing::default();
        Self { terminal: terminal.clone(), list, words, universes, billing, lead }
    }

    /// What the status line can know.
    pub(super) fn billing(&self) -> Billing {
        self.billing.clone()
    }

    /// Makes the first show ready, which comes on at once unless it is told to wait.
    /// One that was broken off goes on from its place.
    pub(super) fn first(
        &self,
        broken_off: Option<&Place>,
        canvas: &Arc<Canvas>,
    ) -> Result<Program> {
        let number = broken_off.map_or(0, |place| place.program);
        let act = self.act(number).context("there is no show")?;
        if broken_off.is_some() {
            let canvas = Arc::new(open_any(&act.path, self.words.places)?);
            let program =
                self.program(number, act, Entry::default(), &canvas, broken_off, self.words.lead)?;
            return Ok(program.numbered(number));
        }
        let waits = Entry { cue: Cue::After(Gap::Go), transition: Transition::Cut };
        let entry = if act.waits_at_start { waits } else { Entry::default() };
        self.program(0, act, entry, canvas, None, self.words.lead)
    }

    /// Sends the frame of now, so that targets need not wait for the sound to open. A canvas that
    /// cannot be read is left to the player.
    pub(super) fn hold(&self, place: &Place, outputs: &mut Outputs) {
        let Some(act) = self.act(place.program) else { return };
        let Ok(canvas) = open_any(&act.path, self.words.places) else { return };
        let canvas = Arc::new(canvas);
        let header = canvas.header();
        let seconds = Duration::try_from_secs_f64(place.by_now()).unwrap_or_default();
        let frame = header.rate.frame_at(seconds).min(header.frames.saturating_sub(1));
        let mut reader = Reader::new(Arc::clone(&canvas));
        let mut slots = vec![[0; SLOTS]; self.universes.len()];
        for (index, entry) in header.universes.iter().enumerate() {
            let at = self.universes.iter().position(|&one| one == entry.universe);
            let Some(room) = at.and_then(|at| slots.get_mut(at)) else { continue };
            if reader.frame(index, frame, room).is_err() {
                return;
            }
        }
        outputs.send(Instant::now(), &slots);
    }

    /// The place in the list of a number, counted on over rounds.
    fn place(&self, number: u64) -> Option<usize> {
        let count = self.list.acts.len() as u64;
        if number >= count && !self.list.repeat {
            return None;
        }
        let (round, index) = (number / count, (number % count) as usize);
        Some(if self.list.shuffle { shuffled(self.list.acts.len(), round)[index] } else { index })
    }

    fn act(&self, number: u64) -> Option<&Act> {
        self.list.acts.get(self.place(number)?)
    }

    /// Makes an act ready as it lies on the disk by now.
    fn opened(&self, number: u64, act: &Act) -> Result<Program> {
        let canvas = open_any(&act.path, self.words.places)?;
        self.program(number, act, act.entry, &Arc::new(canvas), None, Lead::Own)
    }

    fn program(
        &self,
        number: u64,
        act: &Act,
        entry: Entry,
        canvas: &Arc<Canvas>,
        broken_off: Option<&Place>,
        lead: Lead,
    ) -> Result<Program> {
        let header = canvas.header();
        let mut options = self.words.options(act, header, self.lead)?;
        options.lead = lead;
        if let Some(place) = broken_off {
            (options.speed, options.repeat) = (place.speed, place.repeat);
            options.resume = Some(place.resume());
        }
        let device = self.words.audio.as_deref();
        let sound = sound::open(&self.terminal, &act.path, header, device)?;
        // The sound lives as long as its show; its link goes to the player.
        let (kept, link) = sound.unzip();
        let soundtrack = link.map(|link| Box::new(link) as Box<dyn Soundtrack>);
        let universes = &self.universes;
        let program = Program::new(Arc::clone(canvas), soundtrack, universes, &options, entry);
        let program = program.map_err(refused)?;
        let place = self.place(number).unwrap_or_default() + 1;
        let (name, count) = (act.name.clone(), self.list.acts.len());
        let label = if count > 1 { format!("{place}/{count} {name}") } else { name.clone() };
        let shown = Arc::new(Shown { label, name, place, header: header.clone() });
        self.billing.change(|known| {
            known.shown.push_back((number, shown));
            if known.shown.len() > KNOWN {
                known.shown.pop_front();
            }
        });
        Ok(match kept {
            Some(kept) => program.keeping(Box::new(kept)),
            None => program,
        })
    }
}

impl Playlist for Evening {
    fn prepare(&mut self, number: u64, towards: Towards) -> Option<(u64, Program)> {
        let mut number = number;
        // A round without a show that can be played is the end.
        for _ in 0..self.list.acts.len() {
            let act = self.act(number)?;
            match self.opened(number, act) {
                Ok(program) => return Some((number, program)),
                Err(error) => {
                    self.terminal.warn(format_args!("{} is left out: {error:#}", act.name));
                    self.billing.change(|known| known.skipped += 1);
                }
            }
            number = match towards {
                Towards::Later => number.checked_add(1)?,
                Towards::Earlier => number.checked_sub(1)?,
            };
        }
        None
    }
}

/// The order of a round: a shuffle (Fisher-Yates) that only the number of the round decides.
fn shuffled(count: usize, round: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = round;
    for last in (1..count).rev() {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        order.swap(last, (mixed % (last as u64 + 1)) as usize);
    }
    order
}

/// What the shows have together: all their universes, and where each goes.
pub(super) fn together(name: &str, headers: &[&Header]) -> Header {
    let mut universes: Vec<UniverseEntry> = Vec::new();
    for entry in headers.iter().flat_map(|header| &header.universes) {
        match universes.iter_mut().find(|known| known.universe == entry.universe) {
            Some(known) => known.slots_used = known.slots_used.max(entry.slots_used),
            None => universes.push(entry.clone()),
        }
    }
    universes.sort_by_key(|entry| entry.universe);
    let rates = headers.iter().map(|header| header.rate);
    let rate = rates.max_by(|a, b| a.as_f64().total_cmp(&b.as_f64())).unwrap_or_default();
    let routes = headers.iter().fold(Vec::new(), |routes, header| merged(routes, header));
    // A look stays only if all shows would have it stay.
    let holds = headers.iter().all(|header| header.last_look == LastLook::Hold);
    let last_look = if holds { LastLook::Hold } else { LastLook::Blackout };
    Header { name: name.to_owned(), universes, routes, rate, last_look, ..Header::default() }
}

/// The routes of shows before, and those of another. What goes to the same universe of the same
/// target is sent once, as the first of the shows says.
fn merged(mut routes: Vec<Route>, header: &Header) -> Vec<Route> {
    let before = routes.clone();
    for route in &header.routes {
        let own = header.universes.iter().map(|entry| entry.universe);
        let own = own.filter(|&universe| route.universes.contains(universe));
        let untaken = own.filter(|&universe| {
            !before.iter().any(|taken| !is_alike(taken, route) && takes(taken, route, universe))
        });
        let universes: Vec<Universe> = untaken.collect();
        match routes.iter_mut().find(|known| is_alike(known, route)) {
            Some(known) => {
                let all = known.universes.ranges().iter().copied();
                known.universes = all.chain(universes.iter().map(|&one| (one, one))).collect();
            }
            None => {
                let universes = universes.into_iter().collect();
                routes.push(Route { universes, ..route.clone() });
            }
        }
    }
    routes.retain(|route| !route.universes.is_empty());
    routes
}

/// Whether two routes differ in nothing but their universes.
fn is_alike(a: &Route, b: &Route) -> bool {
    Route { universes: b.universes.clone(), ..a.clone() } == *b
}

/// Whether `taken` sends to where `route` would send this universe.
fn takes(taken: &Route, route: &Route, universe: Universe) -> bool {
    let same = i32::from(universe.get()) + route.offset - taken.offset;
    let same = u16::try_from(same).ok().and_then(|same| Universe::new(same).ok());
    std::mem::discriminant(&taken.protocol) == std::mem::discriminant(&route.protocol)
        && taken.delivery == route.delivery
        && same.is_some_and(|same| taken.universes.contains(same))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{ArtNetTarget, SacnTarget};

    fn header(universes: &[u16], routes: &[Route]) -> Header {
        let entry = |&number: &u16| UniverseEntry {
            universe: Universe::new(number).unwrap(),
            name: String::new(),
            slots_used: number,
        };
        let universes = universes.iter().map(entry).collect();
        Header { universes, routes: routes.to_vec(), ..Header::default() }
    }

    fn artnet(target: &str, sync: bool) -> Route {
        target.parse::<ArtNetTarget>().unwrap().route(sync)
    }

    fn told(headers: &[Header]) -> (Vec<u16>, Vec<String>) {
        let headers: Vec<&Header> = headers.iter().collect();
        let together = together("list", &headers);
        let universes = together.universes.iter().map(|entry| entry.universe.get()).collect();
        let routes = together.routes.iter();
        let routes = routes.map(|route| format!("{} {:?}", route.universes, route.protocol));
        (universes, routes.collect())
    }

    #[test]
    fn equal_routes_of_shows_are_one() {
        let a = header(&[1, 3], &[artnet("10.0.0.1", false)]);
        let b = header(&[2, 3], &[artnet("10.0.0.1", false)]);
        assert_eq!(told(&[a, b]), (vec![1, 2, 3], vec!["1-3 ArtNet { sync: false }".into()]));
    }

    #[test]
    fn what_goes_to_one_target_twice_goes_once() {
        let a = header(&[1, 2], &[artnet("10.0.0.1", false)]);
        let elsewhere = "10.0.0.2=2".parse::<SacnTarget>().unwrap().route(false);
        let b = header(&[2, 3], &[artnet("10.0.0.1", true), elsewhere]);
        let (universes, routes) = told(&[a, b]);
        assert_eq!(universes, [1, 2, 3]);
        assert_eq!(routes[..2], ["1-2 ArtNet { sync: false }", "3 ArtNet { sync: true }"]);
        assert!(routes[2].starts_with("2 Sacn"));
    }

    #[test]
    fn every_round_has_all_shows_in_its_own_order() {
        let rounds: Vec<Vec<usize>> = (0..20).map(|round| shuffled(7, round)).collect();
        for round in &rounds {
            let mut sorted = round.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..7).collect::<Vec<_>>());
        }
        assert!(rounds.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(shuffled(7, 3), shuffled(7, 3));
    }
}
