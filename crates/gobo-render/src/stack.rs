//! The stack of layers: which are laid down, in which sheets, and how much of each shows on each
//! head.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gobo_dmx::FrameRate;
use gobo_show::effect::Effect;
use gobo_show::rig::HeadIndex;
use gobo_show::show::{Alpha, Blend, Cue, Layer, Show};

use crate::attribute::Attribute;
use crate::blend::Mode;
use crate::bundle::{Bundle, Bundles};
use crate::curve::{Curve, Scalar};
use crate::fade::Fade;
use crate::track::{Sheet, Track};
use crate::veil::{Matte, Veil};

/// A layer's cues that lie together, and where they lie.
pub(crate) struct LaidSheet<'a> {
    pub(crate) cues: Vec<&'a Cue>,
    pub(crate) layer: &'a Layer,
    number: u32,
    blend: Blend,
    veil: Option<Arc<Veil>>,
}

/// More than there are blend modes: the sheets that a layer may have.
pub(crate) const SHEETS: u32 = 16;

impl<'a> LaidSheet<'a> {
    /// The sheets of a layer, an index into the show's: those cues that go as the layer does, then
    /// those of each other mode, by their first cue.
    pub(crate) fn of(layer: &'a Layer, index: usize, rate: FrameRate) -> Vec<Self> {
        let mut cues: Vec<&Cue> = layer.cues.iter().collect();
        cues.sort_by(|a, b| a.start.total_cmp(&b.start));
        let fade = layer.opacity.as_ref().and_then(|level| Fade::new(level, rate, 0.0));
        let veil =
            fade.map(|fade| Arc::new(Veil { fade: Some(Arc::new(fade)), mattes: Vec::new() }));
        let mut blends = vec![None];
        for cue in cues.iter().filter(|cue| !matches!(cue.effect, Effect::Release(_))) {
            if !blends.contains(&cue.blend) {
                blends.push(cue.blend);
            }
        }
        let first = SHEETS * index as u32;
        let sheets = (first..).zip(blends).map(|(number, blend)| Self {
            // What is released is, on whichever sheet it lies.
            cues: cues
                .iter()
                .copied()
                .filter(|cue| cue.blend == blend || matches!(cue.effect, Effect::Release(_)))
                .collect(),
            layer,
            number,
            blend: blend.unwrap_or(layer.blend),
            veil: veil.clone(),
        });
        sheets.collect()
    }

    pub(crate) fn reaches(&self, head: HeadIndex) -> bool {
        self.layer.mask.as_ref().is_none_or(|mask| mask.binary_search(&head).is_ok())
    }

    pub(crate) fn for_color(&self) -> Sheet {
        self.with(Mode::of_color(self.blend))
    }

    pub(crate) fn for_scalar(&self, attribute: Attribute) -> Sheet {
        self.with(Mode::of(self.blend, attribute, self.layer.alpha))
    }

    /// As a sheet that replaces what is below.
    pub(crate) fn replacing(&self) -> Sheet {
        self.with(Mode::Replace)
    }

    fn with(&self, mode: Mode) -> Sheet {
        // What goes by time is there or not.
        let veil = self.veil.clone().filter(|_| mode != Mode::Latest);
        Sheet { number: self.number, mode, veil }
    }
}

/// The layers that only mask others, each after those that mask it.
pub(crate) fn mattes(layers: &[Layer]) -> Vec<usize> {
    fn visit(at: usize, layers: &[Layer], seen: &mut BTreeSet<usize>, order: &mut Vec<usize>) {
        let Some(by) = layers.get(at).map(|layer| layer.mask_by) else { return };
        if seen.insert(at) {
            by.into_iter().for_each(|by| visit(by, layers, seen, order));
            order.push(at);
        }
    }
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    for by in layers.iter().filter_map(|layer| layer.mask_by) {
        visit(by, layers, &mut seen, &mut order);
    }
    order
}

/// The levels of the layers that mask others, by layer.
#[derive(Default)]
pub(crate) struct Mattes(BTreeMap<usize, Bundles>);

impl Mattes {
    /// Takes the dimmers of a layer that masks others.
    pub(crate) fn insert(&mut self, layer: usize, bundles: Bundles) {
        self.0.insert(layer, bundles);
    }

    /// How much a layer shows on the heads of a bundle.
    fn of(&self, layer: usize, bundle: &Bundle) -> Option<Matte> {
        let bundles = self.0.get(&layer)?;
        // Bundles are only ever split: all of these heads were in one.
        let places: Vec<_> = bundle.heads.iter().filter_map(|head| bundles.place(*head)).collect();
        let members: Vec<usize> = places.iter().map(|(_, member)| *member).collect();
        let tracks = &bundles.all[places.first()?.0].tracks;
        let level = tracks.scalar(Attribute::Dimmer).map(|track| track.subset(&members));
        let level = level.unwrap_or_else(|| Track::new(None, Attribute::Dimmer.limits()));
        Some(Matte { level: Arc::new(level.over(0.0)), otherwise: 0.0 })
    }

    /// Puts the masks and alphas of `show` over the tracks of a bundle.
    pub(crate) fn veil(&self, show: &Show, bundle: &mut Bundle) {
        let masks: Vec<Option<Matte>> = show
            .layers
            .iter()
            .map(|layer| layer.mask_by.and_then(|by| self.of(by, bundle)))
            .collect();
        let tracks = &mut bundle.tracks;
        let tint = tracks.scalars.iter().position(|(known, _)| *known == Attribute::Tint);
        let tint = tint.map(|at| tracks.scalars.remove(at).1);
        let dimmer = tracks.scalar(Attribute::Dimmer);
        let alone = |track: Option<&Track<Scalar>>, sheet: u32, rest: f64| {
            let layer = track?.layers.iter().find(|layer| layer.sheet == sheet)?;
            let level = Arc::new(Track::alone(layer.alone(), rest));
            Some(Matte { level, otherwise: rest })
        };
        let mut alphas: Vec<Vec<Matte>> = Vec::with_capacity(tracks.color.layers.len());
        for layer in &tracks.color.layers {
            let source = show.layers.get((layer.sheet / SHEETS) as usize);
            let by_dimmer = source.is_some_and(|source| source.alpha == Alpha::Dimmer);
            let own = by_dimmer.then(|| alone(dimmer, layer.sheet, 0.0)).flatten();
            alphas.push(own.into_iter().chain(alone(tint.as_ref(), layer.sheet, 1.0)).collect());
        }
        for (layer, alphas) in tracks.color.layers.iter_mut().zip(alphas) {
            add(&mut layer.veil, alphas);
        }
        mask(&masks, &mut tracks.color);
        tracks.scalars.iter_mut().for_each(|(_, track)| mask(&masks, track));
    }
}

/// Puts the mask of each layer of the show over a track.
fn mask<C: Curve>(masks: &[Option<Matte>], track: &mut Track<C>) {
    for layer in &mut track.layers {
        if let Some(Some(matte)) = masks.get((layer.sheet / SHEETS) as usize)
            && layer.mode != Mode::Latest
        {
            add(&mut layer.veil, vec![matte.clone()]);
        }
    }
}

fn add(veil: &mut Option<Arc<Veil>>, mattes: Vec<Matte>) {
    if mattes.is_empty() {
        return;
    }
    let mut whole = veil.as_deref().cloned().unwrap_or_default();
    whole.mattes.extend(mattes);
    *veil = Some(Arc::new(whole));
}

/// For each head, the masters that are not always full.
pub(crate) fn masters(show: &Show) -> Vec<Vec<Arc<Fade>>> {
    let mut heads = vec![Vec::new(); show.rig.heads.len()];
    for master in &show.masters {
        let Some(fade) = Fade::new(&master.level, show.rate, 0.0).map(Arc::new) else { continue };
        match &master.heads {
            None => heads.iter_mut().for_each(|head| head.push(Arc::clone(&fade))),
            Some(some) => {
                for head in some {
                    heads.get_mut(*head as usize).into_iter().for_each(|head| {
                        head.push(Arc::clone(&fade));
                    });
                }
            }
        }
    }
    heads
}
