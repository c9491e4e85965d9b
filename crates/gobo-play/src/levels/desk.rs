//! What a person or a program wants of the levels of a show that runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gobo_canvas::Header;
use gobo_dmx::{MergeMode, Universe};
use triple_buffer::{Input, Output, triple_buffer};

use super::hand::Hand;
use super::lamps::Lamps;
use super::plan::Plan;
use super::rooms::Rooms;
use super::spot::{Spot, UnknownSpot};

/// All that is wanted of the levels, as of now.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// The grand master, 0.0 to 1.0.
    pub grand: f64,
    /// The masters of groups that are not full, by the group's name.
    pub groups: BTreeMap<String, f64>,
    /// Whether all light is put out.
    pub blackout: bool,
    /// Whether the frame stays as it is while the show goes on.
    pub frozen: bool,
    /// How input of the show's own priority shares a universe with it.
    pub merge: MergeMode,
    /// What is parked: universe, slot from 0, and at what.
    pub parked: BTreeMap<(Universe, u16), Held>,
    /// What is held by hand instead of what the show says, beneath masters and blackout:
    /// universe, slot from 0, and at what.
    pub by_hand: BTreeMap<(Universe, u16), u8>,
    /// Whether nothing is to be seen of the show itself, which stands by.
    pub stands_by: bool,
}

impl Default for Settings {
    /// Everything at full, nothing parked.
    fn default() -> Self {
        Self {
            grand: 1.0,
            groups: BTreeMap::new(),
            blackout: false,
            frozen: false,
            merge: MergeMode::default(),
            parked: BTreeMap::new(),
            by_hand: BTreeMap::new(),
            stands_by: false,
        }
    }
}

impl Settings {
    fn lowers(&self) -> bool {
        self.blackout || self.grand < 1.0 || self.groups.values().any(|level| *level < 1.0)
    }
}

/// At what a parked slot is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    /// At this level.
    At(u8),
    /// At what it was on the wire when it was parked; rises with every parking.
    AsItWas(u64),
}

/// At what something is to be parked.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Hold {
    /// At a level, 0.0 to 1.0: as bright for a dimmer or an emitter, as far for all else.
    Level(f64),
    /// At what is on the wire when it is obeyed.
    AsItIs,
}

/// A group that no venue of the shows has.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no group `{0}`")]
pub struct UnknownGroup(pub String);

/// A fixture without light cannot be put at a level: a hazer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} has no light to be put at a level")]
pub struct NoLight(pub String);

/// A hand on the levels of a show. Clones act on the same show, from any thread; nothing waits
/// for the show to obey.
#[derive(Clone)]
pub struct Desk {
    /// The universes that frames have, rising.
    universes: Arc<[Universe]>,
    // The lock is between desks only: the show reads its end without one.
    wanted: Arc<Mutex<Wanted>>,
}

/// Where the real-time thread reads what is wanted.
pub(super) struct Ends {
    pub(super) plan: Output<Plan>,
    pub(super) hand: Output<Hand>,
}

struct Wanted {
    /// The patches of the shows.
    rooms: Arc<Rooms>,
    settings: Settings,
    /// Made when light is lowered for the first time: a large patch takes its time.
    lamps: Option<Arc<Lamps>>,
    plans: Input<Plan>,
    hands: Input<Hand>,
    parkings: u64,
}

impl Desk {
    pub(super) fn new(rooms: Rooms) -> (Self, Ends) {
        let (plans, plan) = triple_buffer(&Plan::default());
        let (hands, hand) = triple_buffer(&Hand::default());
        let (settings, lamps) = (Settings::default(), None);
        let universes = rooms.universes.as_slice().into();
        let rooms = Arc::new(rooms);
        let wanted = Wanted { rooms, settings, lamps, plans, hands, parkings: 0 };
        (Self { universes, wanted: Arc::new(Mutex::new(wanted)) }, Ends { plan, hand })
    }

    pub(super) fn rooms(&self) -> Arc<Rooms> {
        Arc::clone(&self.lock().rooms)
    }

    /// Goes by the patches and groups of these shows from now on, which have the same universes.
    /// Masters of groups that are gone do nothing.
    pub fn go_by<'h>(&self, shows: impl IntoIterator<Item = &'h Header>) {
        let rooms = Rooms::of(shows);
        let wanted = &mut *self.lock();
        if rooms.universes == *self.universes && rooms.rooms != wanted.rooms.rooms {
            (wanted.rooms, wanted.lamps) = (Arc::new(rooms), None);
            wanted.publish();
            wanted.publish_hand();
        }
    }

    /// The universes that frames have, rising.
    pub fn universes(&self) -> impl Iterator<Item = Universe> {
        self.universes.iter().copied()
    }

    /// The names of the groups that have masters.
    pub fn groups(&self) -> Vec<String> {
        self.rooms().groups().map(str::to_owned).collect()
    }

    /// What can be parked under a name: see [`Spot::find`].
    ///
    /// # Errors
    /// [`UnknownSpot`], with what there is.
    pub fn spot(&self, name: &str) -> Result<Spot, UnknownSpot> {
        let mut first = None;
        for room in &self.rooms().rooms {
            match Spot::find(&room.patch, name) {
                Ok(spot) => return Ok(spot),
                Err(error) => first = first.or(Some(error)),
            }
        }
        let nothing = || UnknownSpot::Fixture { fixture: name.to_owned(), known: Vec::new() };
        Err(first.unwrap_or_else(nothing))
    }

    /// All settings as of now.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Wanted> {
        // Settings are whole at any moment, so a panic elsewhere does not spoil them.
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Settings)) {
        let wanted = &mut *self.lock();
        change(&mut wanted.settings);
        wanted.publish();
    }

    /// Sets all of it, as another desk had it.
    pub fn set(&self, settings: Settings) {
        let wanted = &mut *self.lock();
        let parked = settings.parked.values().filter_map(|held| match held {
            Held::At(_) => None,
            Held::AsItWas(parking) => Some(*parking),
        });
        wanted.parkings = parked.fold(wanted.parkings, u64::max);
        wanted.settings = settings;
        wanted.publish();
        wanted.publish_hand();
    }

    /// Sets the grand master, 0.0 to 1.0.
    pub fn set_grand(&self, level: f64) {
        self.change(|settings| settings.grand = clamped(level));
    }

    /// Moves the grand master up or down by a part, in thousandths, within 0.0 to 1.0.
    pub fn move_grand(&self, by: f64) {
        // Twenty steps of 5 % are to lead from dark to full, whatever floats say.
        let rounded = |level: f64| (level * 1000.0).round() / 1000.0;
        self.change(|settings| settings.grand = clamped(rounded(settings.grand + by)));
    }

    /// Sets the master of a group, 0.0 to 1.0. Where a head is in more than one group, their
    /// masters multiply.
    ///
    /// # Errors
    /// [`UnknownGroup`], when the venue has none of this name.
    pub fn set_group(&self, name: &str, level: f64) -> Result<(), UnknownGroup> {
        if !self.rooms().groups().any(|group| group == name) {
            return Err(UnknownGroup(name.to_owned()));
        }
        self.change(|settings| {
            settings.groups.remove(name);
            if clamped(level) < 1.0 {
                settings.groups.insert(name.to_owned(), clamped(level));
            }
        });
        Ok(())
    }

    /// Holds slots (from 0) by hand at levels, instead of what the show says, or lets go of them:
    /// the newest level of a slot counts. Masters and a blackout lower what is held.
    pub fn hold(&self, levels: impl IntoIterator<Item = ((Universe, u16), Option<u8>)>) {
        let wanted = &mut *self.lock();
        let by_hand = &mut wanted.settings.by_hand;
        for (place, level) in levels {
            match level {
                Some(level) => drop(by_hand.insert(place, level)),
                None => drop(by_hand.remove(&place)),
            }
        }
        wanted.publish_hand();
    }

    /// Lets go of everything that is held by hand.
    pub fn let_go(&self) {
        let wanted = &mut *self.lock();
        wanted.settings.by_hand.clear();
        wanted.publish_hand();
    }

    /// Shows nothing of the show, only what is held by hand, comes in, or is parked; or the show
    /// again.
    pub fn set_stands_by(&self, stands_by: bool) {
        self.change(|settings| settings.stands_by = stands_by);
    }

    /// Puts all light out, or back. What moves, moves on.
    pub fn set_blackout(&self, blackout: bool) {
        self.change(|settings| settings.blackout = blackout);
    }

    /// Puts all light out, or back if it is.
    pub fn toggle_blackout(&self) {
        self.change(|settings| settings.blackout = !settings.blackout);
    }

    /// Keeps the frame as it is while the show goes on, or shows the one that is due again.
    pub fn set_frozen(&self, frozen: bool) {
        self.change(|settings| settings.frozen = frozen);
    }

    /// Freezes what runs and lets go what is frozen.
    pub fn toggle_frozen(&self) {
        self.change(|settings| settings.frozen = !settings.frozen);
    }

    /// How input of the show's own priority shares a universe with it.
    pub fn set_merge(&self, merge: MergeMode) {
        self.change(|settings| settings.merge = merge);
    }

    /// Holds something whatever the show, its masters and a blackout say. A fixture at a level
    /// is its light; as it is, it is all its slots.
    ///
    /// # Errors
    /// [`NoLight`], when a fixture that has none is to be put at a level.
    pub fn park(&self, spot: &Spot, hold: Hold) -> Result<(), NoLight> {
        if matches!(hold, Hold::Level(_)) && !spot.takes_level() {
            return Err(NoLight(spot.name().to_owned()));
        }
        let wanted = &mut *self.lock();
        wanted.parkings += 1;
        let parked = &mut wanted.settings.parked;
        match hold {
            Hold::Level(level) => spot.each_at(level, |place, level| {
                parked.insert(place, Held::At(level));
            }),
            Hold::AsItIs => {
                let as_it_was = Held::AsItWas(wanted.parkings);
                // What is parked already is as it is.
                for place in spot.slots() {
                    parked.entry(place).or_insert(as_it_was);
                }
            }
        }
        wanted.publish();
        Ok(())
    }

    /// Lets go of something that is parked, and of every part of it.
    pub fn unpark(&self, spot: &Spot) {
        self.change(|settings| {
            for place in spot.slots() {
                settings.parked.remove(&place);
            }
        });
    }

    /// Lets go of everything that is parked.
    pub fn unpark_all(&self) {
        self.change(|settings| settings.parked.clear());
    }
}

impl Wanted {
    fn publish(&mut self) {
        let Self { rooms, settings, lamps, plans, .. } = self;
        let lamps =
            settings.lowers().then(|| &**lamps.get_or_insert_with(|| Arc::new(Lamps::of(rooms))));
        plans.write(Plan::new(rooms, settings, lamps));
    }

    fn publish_hand(&mut self) {
        self.hands.write(Hand::new(&self.rooms, &self.settings.by_hand));
    }
}

/// A level that is no number is dark.
pub(super) fn clamped(level: f64) -> f64 {
    if level.is_nan() { 0.0 } else { level.clamp(0.0, 1.0) }
}
