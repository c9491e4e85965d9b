//! Which channel a fine byte belongs to. QLC+ does not say; names, presets and neighbours do.

use super::preset;
use super::source::{Channel, Definition};

/// For each channel, the channels that are its finer bytes.
#[derive(Debug)]
pub(super) struct Bytes {
    /// Each channel's coarse byte, if it is a fine one.
    pub(super) coarse: Vec<Option<usize>>,
    /// Each channel's fine bytes, coarsest first.
    pub(super) fine: Vec<Vec<usize>>,
}

/// Pairs the bytes of `definition`. A fine byte that some mode has without its coarse one stays a
/// channel of its own.
pub(super) fn pair(definition: &Definition) -> Bytes {
    let channels = &definition.channels;
    let mut bytes =
        Bytes { coarse: vec![None; channels.len()], fine: vec![Vec::new(); channels.len()] };
    let modes: Vec<Vec<usize>> =
        definition.modes.iter().map(|mode| slots(channels, mode)).collect();
    for index in 0..channels.len() {
        if !is_fine(&channels[index]) {
            continue;
        }
        let fits = |coarse: &usize| {
            !is_fine(&channels[*coarse])
                && bytes.fine[*coarse].is_empty()
                && modes.iter().all(|mode| !mode.contains(&index) || mode.contains(coarse))
        };
        let candidates: Vec<usize> = (0..channels.len()).filter(fits).collect();
        let best =
            candidates.into_iter().max_by_key(|&coarse| score(channels, &modes, index, coarse));
        let best = best.filter(|&coarse| score(channels, &modes, index, coarse).0 > 0);
        if let Some(coarse) = best {
            bytes.coarse[index] = Some(coarse);
            bytes.fine[coarse].push(index);
        }
    }
    bytes
}

/// The channels on a mode's slots, those that exist.
fn slots(channels: &[Channel], mode: &super::source::Mode) -> Vec<usize> {
    let find = |name: &String| channels.iter().position(|channel| channel.name == *name);
    mode.channels.iter().filter_map(find).collect()
}

fn is_fine(channel: &Channel) -> bool {
    let preset = channel.preset.as_deref();
    preset.map_or(channel.byte == 1, |preset| preset::coarse(preset).is_some())
}

/// How well `coarse` goes with the fine byte `fine`: what speaks for it, then how near it stands
/// before it.
fn score(channels: &[Channel], modes: &[Vec<usize>], fine: usize, coarse: usize) -> (u32, i64) {
    let (one, other) = (&channels[fine], &channels[coarse]);
    let same_name = stem(&one.name) == stem(&other.name) && !stem(&one.name).is_empty();
    let same_preset = match (one.preset.as_deref().and_then(preset::coarse), &other.preset) {
        (Some(wanted), Some(preset)) => preset.starts_with(wanted),
        (None, None) => one.group == other.group && !one.group.is_empty(),
        (Some(wanted), None) => !other.group.is_empty() && wanted.starts_with(color_word(other)),
        (None, Some(_)) => false,
    };
    let distance = |mode: &Vec<usize>| {
        let place = |channel| mode.iter().position(|slot| *slot == channel);
        Some(place(fine)? as i64 - place(coarse)? as i64)
    };
    let steps = modes.iter().find_map(distance).unwrap_or(i64::MAX / 2);
    let next = u32::from(steps == 1);
    let points = match (same_name, same_preset) {
        (true, _) => 4 + next,
        (false, true) => 2 + next,
        // A neighbour is no proof when the preset says what the byte is of.
        (false, false) if one.preset.is_some() => 0,
        (false, false) => next,
    };
    let nearness = if steps > 0 { -steps } else { i64::MIN / 2 + steps };
    (points, nearness)
}

/// The group's word as presets write it.
fn color_word(channel: &Channel) -> &str {
    if channel.group == "Colour" { "Color" } else { &channel.group }
}

/// A name without the words that tell a fine byte from a coarse one.
fn stem(name: &str) -> String {
    const WORDS: &[&str] = &[
        "fine",
        "coarse",
        "lsb",
        "msb",
        "16bit",
        "16",
        "8bit",
        "8",
        "bit",
        "least",
        "most",
        "significant",
        "byte",
        "adjustment",
        "adjust",
        "fein",
        "f",
        "movement",
        "of",
    ];
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty() && !WORDS.contains(word)).collect::<Vec<_>>().join(" ")
}
