//! What a venue measured: pan and tilt of its fixtures for points of interest.

use indexmap::IndexMap;

use super::Loader;
use super::venue::as_key;
use crate::diagnostic::Diagnostic;
use crate::rig::Rig;
use crate::source::VenueSource;

impl Loader<'_> {
    /// Pan and tilt that were measured for points, and the points that others go by.
    pub(super) fn aims(&mut self, source: &VenueSource, rig: &mut Rig) {
        let points = || source.poi.keys().map(String::as_str);
        rig.room = source.room;
        for (point, aims) in &source.aim {
            let mut known = IndexMap::new();
            for (id, aim) in aims {
                let place = as_key(&aim.place);
                if !source.poi.contains_key(point) {
                    let message = format!("the venue has no point of interest `{point}`");
                    let error = Diagnostic::error("unknown-poi", place, message);
                    self.decoder.say(error.nearest(point, points()));
                    break;
                }
                let ids = || rig.fixtures.iter().map(|fixture| &*fixture.id);
                match ids().position(|known| known == id) {
                    Some(index) => {
                        known.insert(index as u32, aim.value.map(|axis| axis.0));
                    }
                    None => {
                        let message = format!("there is no fixture `{id}`");
                        let error = Diagnostic::error("unknown-fixture", place, message);
                        self.decoder.say(error.nearest(id, ids()));
                    }
                }
            }
            rig.aims.insert(point.clone(), known);
        }
        for reference in &source.references {
            if !source.poi.contains_key(&reference.value) {
                let message = format!("the venue has no point of interest `{}`", reference.value);
                let error = Diagnostic::error("unknown-poi", reference.place.clone(), message);
                self.decoder.say(error.nearest(&reference.value, points()));
            }
        }
        rig.references = source.references.iter().map(|name| name.value.clone()).collect();
    }
}
