//! What plays, as the lead sees it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gobo_canvas::Header;
use gobo_dmx::Universe;
use gobo_live::sheet::{FixtureRow, Sheet};
use gobo_live::{Edition, Hands};
use gobo_play::Tap;

use super::Lead;
use crate::frames::Shot;
use crate::house::{News, OnStage};
use crate::live::Place;

/// What plays.
pub(super) struct Stage {
    pub(super) edition: Arc<Edition>,
    pub(super) sheet: Arc<Sheet>,
    pub(super) hands: Hands,
    tap: Tap,
    /// The fixtures that have slots in a universe.
    by_universe: HashMap<u16, Vec<Arc<str>>>,
}

impl Stage {
    pub(super) fn header(&self) -> &Header {
        self.edition.header()
    }

    /// The numbers of its universes, rising.
    pub(super) fn numbers(&self) -> Vec<u16> {
        self.header().universes.iter().map(|entry| entry.universe.get()).collect()
    }

    pub(super) fn fixture(&self, id: &str) -> Option<&FixtureRow> {
        self.sheet.fixtures.get(id)
    }

    /// The ids of fixtures with slots in a universe.
    pub(super) fn in_universe(&self, universe: u16) -> &[Arc<str>] {
        self.by_universe.get(&universe).map_or(&[], Vec::as_slice)
    }
}

/// The slots of a fixture's channel on the wire, coarsest first.
pub(super) fn places(fixture: &FixtureRow, slots: &[u16]) -> Vec<Place> {
    let first = fixture.address.saturating_sub(1);
    let place = |slot: &u16| {
        let at = u32::from(first) + u32::from(*slot);
        // What does not fit goes on in the next universe.
        let universe = fixture.universe.saturating_add((at / 512) as u16);
        Place { universe, slot: (at % 512) as u16 }
    };
    slots.iter().map(place).collect()
}

impl Lead {
    /// Takes note of news.
    pub(super) fn take_note(&mut self, news: News) {
        match news {
            News::OnStage(stage) => self.come_on(*stage),
            News::Diagnostics(found) => {
                self.store.set("diagnostics", &found);
            }
            News::Song(song, peaks) => {
                let is_known = peaks.is_some();
                let media = &mut *self.ways.shared.media();
                (media.song, media.peaks) = (song, peaks);
                let state = if is_known { "ready" } else { "none" };
                self.store.set("analyzer", &serde_json::json!({ "state": state }));
            }
            News::Edited(text, edit) => {
                self.event("info", &text, &serde_json::json!({ "edit": edit }));
            }
            News::Note(text) => self.event("warning", &text, &serde_json::Value::Null),
        }
    }

    /// Another edition plays.
    fn come_on(&mut self, on: OnStage) {
        let OnStage { edition, sheet, told, hands, tap, targets } = on;
        let before = self.stage.take();
        let is_other_show =
            before.as_ref().is_none_or(|one| one.header().name != edition.header().name);
        let is_new_stage = tap.is_some();
        let known = before.as_ref().map(|one| Arc::clone(&one.sheet));
        let Some(tap) = tap.or(before.map(|one| one.tap)) else { return };
        tap.watch(true);
        let mut by_universe: HashMap<u16, Vec<Arc<str>>> = HashMap::new();
        for fixture in sheet.fixtures.values() {
            let slots: Vec<u16> = (0..fixture.footprint).collect();
            let universes: BTreeMap<u16, ()> =
                places(fixture, &slots).iter().map(|place| (place.universe, ())).collect();
            for universe in universes.into_keys() {
                by_universe.entry(universe).or_default().push(Arc::clone(&fixture.id));
            }
        }
        let sheet = Arc::new(sheet);
        let is_patched_anew = known.as_ref().is_none_or(|one| one.fixtures != sheet.fixtures);
        self.stage = Some(Stage { edition, sheet, hands, tap, by_universe });
        if is_new_stage {
            self.set_shot_anew();
            self.set_volume();
        }
        if is_other_show {
            let begins = std::mem::take(&mut self.begins);
            if !begins && let Some(stage) = &self.stage {
                stage.hands.remote.pause();
            }
            self.stand_by(!begins);
        } else if let Some(known) = known {
            self.let_go_of_moved(&known);
        }
        if is_new_stage {
            self.begin_live();
        }
        self.store.set("outputs", &targets);
        for (key, json) in told {
            self.store.set_json(key, &json);
        }
        self.tell_stage(is_patched_anew);
    }

    fn set_shot_anew(&mut self) {
        let Some(stage) = &self.stage else { return };
        let universes = stage.header().universes.iter();
        let shot =
            Shot::of(universes.map(|entry| (entry.universe.get(), entry.slots_used)), &self.shot);
        self.begun = None;
        self.shot = Arc::new(shot);
        self.ways.frames.send_replace(Arc::clone(&self.shot));
    }

    /// Looks at what went out.
    pub(super) fn see_frame(&mut self) {
        let Some(stage) = &mut self.stage else { return };
        let Some(sent) = stage.tap.unseen() else { return };
        let at = sent.at.map_or(0.0, crate::clock::unix_ms_at);
        if let Some(shot) = self.shot.next(sent, at) {
            self.shot = Arc::new(shot);
            self.ways.frames.send_replace(Arc::clone(&self.shot));
        }
    }
}

/// A universe by its number.
pub(super) fn universe(number: u16) -> Option<Universe> {
    Universe::new(number).ok()
}
