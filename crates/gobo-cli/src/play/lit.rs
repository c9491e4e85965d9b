//! How to make a fixture shine in a colour, from what a canvas knows of its channels: whatever
//! looks most like it when drawn.

use gobo_canvas::{Gives, PatchedChannel, PatchedFixture, PatchedHead};

pub(super) const RED: [u8; 3] = [255, 0, 0];
pub(super) const GREEN: [u8; 3] = [0, 255, 0];
pub(super) const BLUE: [u8; 3] = [0, 0, 255];
pub(super) const WHITE: [u8; 3] = [255; 3];

/// How often all channels are gone through: what one can do depends on the others.
const PASSES: usize = 3;
/// Values that are tried in a range.
const TRIES: u64 = 12;

/// The fixture's slots, from its first, such that its heads shine in a colour; those that cannot
/// are dark. Heads that move point to the middle. What the patch does not know of stays at 0.
pub(super) fn levels(fixture: &PatchedFixture, color: [u8; 3]) -> Vec<u8> {
    let mut slots = vec![0; usize::from(fixture.footprint)];
    for head in fixture.heads.iter() {
        for channel in &head.channels {
            put(&mut slots, &channel.slots, brightest(channel));
        }
    }
    for head in fixture.heads.iter() {
        // A colour is never mixed by dimming; a head that cannot have it is dark in the end.
        let dims = |dims: bool| head.channels.iter().filter(move |one| dims == is_dimmer(one));
        for channel in (0..PASSES).flat_map(|_| dims(false)).chain(dims(true)) {
            if let Some(when) = &channel.when {
                tune(head, color, &mut slots, &when.slots, [when.from, when.to].into_iter());
            }
            tune(head, color, &mut slots, &channel.slots, tries(channel));
        }
    }
    slots
}

/// Sets a channel to the value that makes the head look most like a colour, if one is better
/// than what it has.
fn tune(
    head: &PatchedHead,
    color: [u8; 3],
    slots: &mut [u8],
    at: &[u16],
    tries: impl Iterator<Item = u64>,
) {
    let mut least = distance(head.shown(slots), color);
    for value in tries {
        let before: Vec<u8> = at.iter().map(|&slot| get(slots, slot)).collect();
        put(slots, at, value);
        let now = distance(head.shown(slots), color);
        if now < least {
            least = now;
        } else {
            at.iter().zip(before).for_each(|(&slot, level)| set(slots, slot, level));
        }
    }
}

/// Whether a channel does nothing but to lower all light.
fn is_dimmer(channel: &PatchedChannel) -> bool {
    channel.ranges.iter().all(|range| matches!(range.gives, Gives::Brightness(..)))
}

/// Values of a channel that give each of the things that it can give, and one that gives nothing.
fn tries(channel: &PatchedChannel) -> impl Iterator<Item = u64> {
    let moves =
        channel.ranges.iter().any(|one| matches!(one.gives, Gives::Pan(..) | Gives::Tilt(..)));
    let ranges = channel.ranges.iter().filter(move |_| !moves);
    let in_ranges = ranges.flat_map(|range| {
        (0..=TRIES)
            .map(|part| range.from + (range.to - range.from) / TRIES * part)
            .chain([range.to])
    });
    in_ranges.chain([0, most(channel)].into_iter().filter(move |_| !moves))
}

/// The value to begin with: the most light, the middle of a movement.
fn brightest(channel: &PatchedChannel) -> u64 {
    let (mut best, mut light) = (most(channel), f64::NEG_INFINITY);
    if !channel.ranges.iter().any(|range| (range.from..=range.to).contains(&best)) {
        // It gives nothing, and so does not close a shutter either.
        light = 0.5;
    }
    for range in &channel.ranges {
        let ends = match range.gives {
            Gives::Brightness(first, last) | Gives::Emitter(_, first, last) => [first, last],
            Gives::Filter(color, first, last) => {
                let out = if color == WHITE { 1.0 } else { 0.6 };
                [out - first * 0.1, out - last * 0.1]
            }
            Gives::Saturation(first, last) => [1.0 - first, 1.0 - last],
            Gives::Hue(..) => [0.6, 0.6],
            Gives::Pan(..) | Gives::Tilt(..) => return range.from + (range.to - range.from) / 2,
        };
        for (value, given) in [range.from, range.to].into_iter().zip(ends) {
            if given > light {
                (best, light) = (value, given);
            }
        }
    }
    best
}

/// The greatest value of a channel.
fn most(channel: &PatchedChannel) -> u64 {
    u64::MAX.checked_shr(64 - 8 * channel.slots.len().clamp(1, 8) as u32).unwrap_or(u64::MAX)
}

fn put(slots: &mut [u8], at: &[u16], value: u64) {
    let bytes = value.to_be_bytes();
    let from = bytes.len().saturating_sub(at.len());
    at.iter().zip(&bytes[from..]).for_each(|(&slot, &level)| set(slots, slot, level));
}

fn get(slots: &[u8], slot: u16) -> u8 {
    slots.get(usize::from(slot)).copied().unwrap_or(0)
}

fn set(slots: &mut [u8], slot: u16, level: u8) {
    if let Some(place) = slots.get_mut(usize::from(slot)) {
        *place = level;
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use gobo_canvas::{ValueRange, When};
    use gobo_dmx::{Address, Universe};

    use super::*;

    fn channel(slots: &[u16], ranges: &[(u64, u64, Gives)]) -> PatchedChannel {
        let range = |(from, to, gives): &(u64, u64, Gives)| ValueRange {
            from: *from,
            to: *to,
            gives: gives.clone(),
        };
        let ranges = ranges.iter().map(range).collect();
        PatchedChannel { slots: slots.to_vec(), when: None, ranges }
    }

    fn fixture(channels: Vec<PatchedChannel>) -> PatchedFixture {
        PatchedFixture {
            id: "f".into(),
            name: String::new(),
            universe: Universe::FIRST,
            address: Address::FIRST,
            footprint: 8,
            position: [0.0; 3],
            rotation_deg: [0.0; 3],
            head_positions: Vec::new(),
            heads: vec![PatchedHead { name: String::new(), channels }].into(),
        }
    }

    fn emitter(slot: u16, color: [u8; 3]) -> PatchedChannel {
        channel(&[slot], &[(0, 255, Gives::Emitter(color, 0.0, 1.0))])
    }

    #[test]
    fn colours_are_mixed_by_emitters() {
        let dimmer = channel(&[0, 1], &[(0, 65_535, Gives::Brightness(0.0, 1.0))]);
        let shutter = channel(&[6], &[(0, 9, Gives::Brightness(0.0, 0.0))]);
        let pan = channel(&[7], &[(0, 255, Gives::Pan(0.0, 540.0))]);
        let [red, green, blue, white] =
            [(2, RED), (3, GREEN), (4, BLUE), (5, WHITE)].map(|(slot, color)| emitter(slot, color));
        let all = fixture(vec![dimmer, red, green, blue, white, shutter, pan]);
        assert_eq!(levels(&all, WHITE), [255, 255, 255, 255, 255, 255, 255, 127]);
        assert_eq!(levels(&all, RED), [255, 255, 255, 0, 0, 0, 255, 127]);
        assert_eq!(levels(&all, BLUE), [255, 255, 0, 0, 255, 0, 255, 127]);
    }

    #[test]
    fn colours_are_filtered_and_turned() {
        let flag = |slot, color| channel(&[slot], &[(0, 255, Gives::Filter(color, 0.0, 1.0))]);
        let flags = fixture(vec![
            channel(&[0], &[(0, 255, Gives::Brightness(0.0, 1.0))]),
            flag(1, [0, 255, 255]),
            flag(2, [255, 0, 255]),
            flag(3, [255, 255, 0]),
        ]);
        assert_eq!(levels(&flags, WHITE)[..4], [255, 0, 0, 0]);
        assert_eq!(levels(&flags, RED)[..4], [255, 0, 255, 255]);
        let wheel = fixture(vec![channel(
            &[0],
            &[(10, 19, Gives::Filter(GREEN, 1.0, 1.0)), (20, 29, Gives::Filter(RED, 1.0, 1.0))],
        )]);
        assert!((20..30).contains(&levels(&wheel, RED)[0]));
        assert!(levels(&wheel, WHITE)[0] > 29);
        let turned = fixture(vec![
            channel(&[0], &[(0, 255, Gives::Hue(0.0, 1.0))]),
            channel(&[1], &[(0, 255, Gives::Saturation(0.0, 1.0))]),
        ]);
        for color in [RED, GREEN, BLUE, WHITE] {
            let shown = turned.heads[0].shown(&levels(&turned, color));
            assert!(distance(shown, color) < 3 * 40_u32.pow(2), "{shown:?} for {color:?}");
        }
    }

    #[test]
    fn a_channel_that_is_switched_gets_its_switch() {
        let mut dimmer = channel(&[1], &[(0, 255, Gives::Brightness(0.0, 1.0))]);
        dimmer.when = Some(When { slots: vec![0], from: 100, to: 120 });
        let closed = channel(&[0], &[(0, 9, Gives::Brightness(0.0, 0.0))]);
        let all = levels(&fixture(vec![closed, dimmer]), WHITE);
        assert!(all[0] > 9 && all[1] == 255, "{all:?}");
    }
}
