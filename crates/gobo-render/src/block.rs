//! Cues that block: what tracked up to them and is not said again.
//!
//! A console blocks a cue by writing what tracks into it as its own values. A source cannot be
//! written here: what is missing is told of instead, with the values to write.

use gobo_show::Diagnostic;
use gobo_show::show::{Cue, Selected, Show};

use crate::attribute::Attribute;
use crate::bundle::Bundles;
use crate::lowered::Lowered;

/// A warning for each blocking cue that leaves something out.
pub(crate) fn check(lowered: &Lowered<'_>) -> Vec<Diagnostic> {
    let show = lowered.show;
    let blocking = || {
        let layers = (0..).zip(&show.layers);
        let cues = layers.flat_map(|(layer, one)| one.cues.iter().map(move |cue| (layer, cue)));
        cues.filter(|(_, cue)| cue.blocks)
    };
    if blocking().next().is_none() {
        return Vec::new();
    }
    let bundles = lowered.bundles();
    let mut found: Vec<Diagnostic> = Vec::new();
    for (layer, cue) in blocking() {
        // A cue that is repeated, or delayed from head to head, is told of once.
        if found.last().is_none_or(|last| last.place != cue.place) {
            found.extend(left_out(show, bundles, layer, cue));
        }
    }
    found
}

fn left_out(show: &Show, bundles: &Bundles, layer: u32, cue: &Cue) -> Option<Diagnostic> {
    let frame = show.rate.nearest_frame(cue.start);
    let held = |selected: &Selected| {
        let (tracks, member) = bundles.of_head(selected.head)?;
        let color = tracks.color.released(layer, member, frame);
        let color = color.map(|color| {
            let [r, g, b] = [color.red, color.green, color.blue].map(|part| (part * 255.0).round());
            format!("`\"color\": \"#{:02x}{:02x}{:02x}\"`", r as u8, g as u8, b as u8)
        });
        let numbers = tracks.scalars.iter().filter_map(|(attribute, track)| {
            let value = track.released(layer, member, frame)?;
            said(*attribute, value)
        });
        let mut held: Vec<String> = color.into_iter().chain(numbers).collect();
        held.dedup();
        (!held.is_empty()).then_some((selected.head, held))
    };
    let mut all = cue.selection.iter().filter_map(held);
    let (head, held) = all.next()?;
    let fixture = show.rig.heads.get(head as usize)?.fixture as usize;
    let others = match all.count() {
        0 => String::new(),
        1 => ", and more on another head".to_owned(),
        count => format!(", and more on {count} other heads"),
    };
    let message = format!(
        "this blocks, and does not say what `{}` held: {}{others}",
        show.rig.fixtures.get(fixture)?.id,
        held.join(", ")
    );
    let warning = Diagnostic::warning("block-leaves-out", cue.place.clone(), message);
    Some(warning.hint("what it does not say ends here: say it to keep it, or `release` it before"))
}

/// A value as a cue says it; `None` for what no cue says.
fn said(attribute: Attribute, value: f64) -> Option<String> {
    Some(match attribute {
        Attribute::Dimmer => format!("`\"dimmer\": {}`", short(value)),
        Attribute::Pan => format!("`\"pan\": {}`", short(value)),
        Attribute::Tilt => format!("`\"tilt\": {}`", short(value)),
        Attribute::Strobe => format!("`\"strobe\": \"{} Hz\"`", short(value)),
        Attribute::Tint => return None,
        Attribute::Beam(_) => "its beam".to_owned(),
        Attribute::Emitter(_) => "an emitter".to_owned(),
        Attribute::Raw(_) => "a channel".to_owned(),
    })
}

/// A number to a thousandth, which is finer than what a channel of 8 bits shows.
fn short(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
