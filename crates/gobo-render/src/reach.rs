//! Points that heads are asked to aim at and cannot reach.

use std::sync::Arc;

use gobo_show::Diagnostic;
use gobo_show::effect::Effect;
use gobo_show::rig::Fixture;
use gobo_show::show::{Cue, Show};
use gobo_show::value::Aim;

use crate::attribute::Attribute;
use crate::fixture::FixturePlan;
use crate::lowered::Lowered;

/// How far beside its target a head may aim before it is told of, in degrees.
const TOLERANCE_DEG: f64 = 1.0;

/// A warning for each cue that aims heads at a point beyond their reach, for the head that misses
/// it most.
pub(crate) fn check(lowered: &Lowered<'_>) -> Vec<Diagnostic> {
    let show = lowered.show;
    let cues = || show.layers.iter().flat_map(|layer| &layer.cues);
    if cues().all(|cue| targets(&cue.effect).is_empty()) {
        return Vec::new();
    }
    cues().filter_map(|cue| missed(show, lowered.plans(), cue)).collect()
}

/// The points that an effect aims at.
fn targets(effect: &Effect) -> Vec<[f64; 3]> {
    let aims = match effect {
        Effect::Set(look) => vec![look.position],
        Effect::Fade(fade) => vec![fade.from.position, fade.to.position],
        Effect::Move(way) => vec![way.from, Some(way.to)],
        Effect::Circle(circle) => vec![Some(circle.center)],
        _ => Vec::new(),
    };
    let point = |aim: Option<Aim>| match aim {
        Some(Aim::Point(point)) => Some(point),
        _ => None,
    };
    aims.into_iter().filter_map(point).collect()
}

fn missed(show: &Show, plans: &[Arc<FixturePlan>], cue: &Cue) -> Option<Diagnostic> {
    let mut worst: Option<(f64, &Fixture, [f64; 3])> = None;
    for target in targets(&cue.effect) {
        for selected in cue.selection.iter() {
            let index = show.rig.heads.get(selected.head as usize)?.fixture as usize;
            let (fixture, plan) = (show.rig.fixtures.get(index)?, plans.get(index)?);
            let part = plan.parts.get((selected.head - fixture.heads.start) as usize)?;
            if [Attribute::Pan, Attribute::Tilt].iter().any(|axis| part.rest(*axis).is_none()) {
                continue;
            }
            let beside = part.mount.misses(target);
            if beside > worst.map_or(TOLERANCE_DEG, |worst| worst.0) {
                worst = Some((beside, fixture, target));
            }
        }
    }
    let (beside, fixture, [x, y, z]) = worst?;
    let message = format!(
        "`{}` cannot aim at the point [{x}, {y}, {z}]: it aims {beside:.0}° beside it",
        fixture.id
    );
    let warning = Diagnostic::warning("beyond-reach", cue.place.clone(), message);
    Some(warning.hint("see its `position`, `rotation`, `pan_limits` and `tilt_limits`"))
}
