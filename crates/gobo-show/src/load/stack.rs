//! The stack of layers: their order, opacities and masks; and the masters over all of them.

use super::Loader;
use super::cues::{Stage, Used};
use super::include::LayerFile;
use super::timing::Timing;
use super::venue::Venue;
use crate::decode::listed;
use crate::diagnostic::{Diagnostic, Place};
use crate::grid::Grid;
use crate::select::Scope;
use crate::show::{Blend, Fader, FaderPoint, Layer, Master};
use crate::source::{CuePoint, LayerSettings, LevelSource, MastersSource, ShowPoint};
use crate::value::{Easing, Level};

impl Loader<'_> {
    /// A layer with its settings; masks by other layers come when all of them are there.
    pub(super) fn settings(
        &mut self,
        settings: &LayerSettings,
        layer: Layer,
        stage: &mut Stage<'_>,
    ) -> Layer {
        let opacity = settings.opacity.as_ref();
        let mask = settings.mask.as_ref().map(|mask| {
            let seed = xxhash_rust::xxh3::xxh3_64(layer.name.as_bytes());
            let mut heads = self.heads((&mask.value, &mask.place), None, seed, stage).heads;
            heads.sort_unstable();
            heads
        });
        Layer {
            blend: settings.blend,
            opacity: opacity
                .and_then(|level| self.fader(level, stage.grid, stage.length, stage.has_times)),
            mask,
            alpha: settings.alpha,
            ..layer
        }
    }

    /// Layers from the lowest to the highest, each with the one that masks it.
    pub(super) fn stacked(&mut self, layers: Vec<Layer>, files: &[LayerFile]) -> Vec<Layer> {
        let by: Vec<Option<usize>> = files.iter().map(|file| self.masked_by(file, files)).collect();
        for (at, file) in files.iter().enumerate() {
            self.check_circle(at, &by, files);
            self.check_latest(file);
        }
        let z = |at: usize| files[at].layer.z;
        let mut order: Vec<usize> = (0..layers.len()).collect();
        order.sort_by(|&a, &b| z(a).total_cmp(&z(b)));
        let place = |of: usize| order.iter().position(|at| *at == of);
        let mut layers: Vec<Option<Layer>> = layers.into_iter().map(Some).collect();
        let stacked = order.iter().filter_map(|&at| {
            let layer = layers[at].take()?;
            Some(Layer { mask_by: by[at].and_then(place), ..layer })
        });
        stacked.collect()
    }

    fn masked_by(&mut self, file: &LayerFile, files: &[LayerFile]) -> Option<usize> {
        let by = file.layer.mask_by.as_ref()?;
        let found = files.iter().position(|other| other.name == by.value);
        if found.is_none() {
            let message = format!("there is no layer `{}` to be a mask", by.value);
            let error = Diagnostic::error("unknown-layer", by.place.clone(), message);
            let known = files.iter().map(|file| file.name.as_str());
            self.decoder.say(error.nearest(&by.value, known));
        }
        found
    }

    /// Says that a layer masks itself, by others or at once; of a circle the first layer tells.
    fn check_circle(&mut self, at: usize, by: &[Option<usize>], files: &[LayerFile]) {
        let Some(place) = files[at].layer.mask_by.as_ref().map(|by| &by.place) else {
            return;
        };
        let mut around = vec![at];
        while let Some(next) = around.last().and_then(|last| by[*last]) {
            if next == at {
                let names = around[1..].iter().map(|layer| files[*layer].name.as_str());
                let message = match around.len() {
                    1 => format!("the layer `{}` masks itself", files[at].name),
                    _ => {
                        format!("the layer `{}` masks itself by {}", files[at].name, listed(names))
                    }
                };
                self.decoder.say(Diagnostic::error("mask-circle", place.clone(), message));
                return;
            }
            if next < at || around.contains(&next) {
                return;
            }
            around.push(next);
        }
    }

    /// What goes by the latest write is there or not: nothing shows through it.
    fn check_latest(&mut self, file: &LayerFile) {
        let settings = &file.layer;
        if settings.blend != Blend::Ltp
            || (settings.opacity.is_none() && settings.mask_by.is_none())
        {
            return;
        }
        let message = "a layer of the latest write is there or not: it has no opacity and no mask";
        let error = Diagnostic::error("conflict", file.place.clone(), message);
        self.decoder.say(error.hint("`htp` scales its dimmer by both"));
    }

    /// A level over the show's time; `None` when it is always full, or cannot be read.
    fn fader(
        &mut self,
        level: &LevelSource<ShowPoint>,
        grid: &Grid,
        length: f64,
        has_times: bool,
    ) -> Option<Fader> {
        let points = match level {
            LevelSource::Constant(level) => return constant(*level),
            LevelSource::Points(points) => points,
        };
        let mut found = Vec::with_capacity(points.len());
        for point in points {
            match point.at.value.seconds(grid, length) {
                Ok(at) => found.push((at, point.level, point.easing, &point.at.place)),
                Err(_) if !has_times => {}
                Err(none) => {
                    let place = point.at.place.clone();
                    let error = Diagnostic::error(none.code, place, none.message);
                    self.decoder.say(none.hint.into_iter().fold(error, Diagnostic::hint));
                }
            }
        }
        self.points(&found)
    }

    /// A cue's opacity over the show's time.
    pub(super) fn cue_opacity(
        &mut self,
        level: Option<&LevelSource<CuePoint>>,
        start: f64,
        grid: &Grid,
    ) -> Option<Fader> {
        match level? {
            LevelSource::Constant(level) => constant(*level),
            LevelSource::Points(points) => {
                let points: Vec<_> = points
                    .iter()
                    .map(|point| {
                        let at = grid.after(start, point.at.value);
                        (at, point.level, point.easing, &point.at.place)
                    })
                    .collect();
                self.points(&points)
            }
        }
    }

    fn points(&mut self, points: &[(f64, Level, Easing, &Place)]) -> Option<Fader> {
        for pair in points.windows(2) {
            if pair[1].0 <= pair[0].0 {
                let message = "points must rise: this one is not after the one before it";
                let error = Diagnostic::error("not-rising", pair[1].3.clone(), message);
                self.decoder.say(error.label(pair[0].3.clone(), "the one before"));
            }
        }
        let points =
            points.iter().map(|&(at, level, easing, _)| FaderPoint { at, level: level.0, easing });
        let points: Vec<_> = points.collect();
        points.iter().any(|point| point.level < 1.0).then_some(Fader { points })
    }

    /// The masters of a show; those that are always full do nothing.
    pub(super) fn masters(
        &mut self,
        source: Option<&MastersSource>,
        venue: &Venue,
        timing: &Timing<'_>,
        used: &mut Used,
    ) -> Vec<Master> {
        let Some(source) = source else { return Vec::new() };
        let (grid, length, whole) = (timing.grid, timing.length, timing.is_whole);
        let grand = source.grand.as_ref();
        let grand = grand.and_then(|level| self.fader(&level.value, grid, length, whole));
        let mut masters: Vec<_> =
            grand.into_iter().map(|level| Master { heads: None, level }).collect();
        for group in &source.group {
            let on = &group.value.on;
            let mut found = on.value.find(Scope { rig: &venue.rig, this: None, seed: 0 });
            if venue.is_whole {
                self.check_found((&on.value, &on.place), &mut found, true);
            }
            used.groups.append(&mut found.groups);
            found.heads.sort_unstable();
            let heads = Some(found.heads);
            let level = self.fader(&group.value.level.value, grid, length, whole);
            masters.extend(level.map(|level| Master { heads, level }));
        }
        masters
    }
}

fn constant(level: Level) -> Option<Fader> {
    (level.0 < 1.0).then(|| Fader::constant(level.0))
}
