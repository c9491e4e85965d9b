//! Cross-fades of whole frames.

use std::time::{Duration, Instant};

use gobo_canvas::PatchedFixture;
use gobo_dmx::{SLOTS, Slots, Universe};

/// The whole of a fade, in parts.
const WHOLE: u32 = 1 << 16;

/// A channel of several slots, which fades as one number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct WideChannel {
    /// Its universe, by the place in a frame.
    place: usize,
    /// Its slots in the universe, coarsest first; at most 8.
    slots: Box<[u16]>,
}

/// The channels of several slots that a canvas tells of, for a stage of these universes.
pub(crate) fn wide_channels(
    patch: &[PatchedFixture],
    universes: &[Universe],
) -> Box<[WideChannel]> {
    let mut wide = Vec::new();
    for fixture in patch {
        let place = universes.iter().position(|&universe| universe == fixture.universe);
        let Some(place) = place else { continue };
        let first = fixture.address.slot();
        let channels = fixture.heads.iter().flat_map(|head| &head.channels);
        for channel in channels.filter(|channel| (2..=8).contains(&channel.slots.len())) {
            let slots = channel.slots.iter().map(|&slot| first + usize::from(slot));
            let slots: Box<[u16]> =
                slots.filter(|&slot| slot < SLOTS).map(|slot| slot as u16).collect();
            if slots.len() == channel.slots.len() {
                wide.push(WideChannel { place, slots });
            }
        }
    }
    // Heads share channels.
    wide.sort();
    wide.dedup();
    wide.into_boxed_slice()
}

/// A fade that runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fade {
    pub(crate) begun: Instant,
    pub(crate) length: Duration,
}

impl Fade {
    /// How far it is at `now`, in parts; `None` once it is over.
    pub(crate) fn part(&self, now: Instant) -> Option<u32> {
        let elapsed = now.saturating_duration_since(self.begun);
        if elapsed >= self.length {
            return None;
        }
        let part = elapsed.as_nanos() * u128::from(WHOLE) / self.length.as_nanos();
        Some(part as u32)
    }
}

/// Lays `part` of the way from one frame to another into `out`: every slot on a line, and the
/// slots of a wide channel together as one number.
pub(crate) fn mix(
    out: &mut [Slots],
    from: &[Slots],
    to: &[Slots],
    part: u32,
    wide: &[WideChannel],
) {
    for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
        for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
            let sum = u32::from(*from) * (WHOLE - part) + u32::from(*to) * part;
            *out = ((sum + WHOLE / 2) >> 16) as u8;
        }
    }
    for WideChannel { place, slots } in wide {
        let (from, to) = (number(&from[*place], slots), number(&to[*place], slots));
        let (part, rest) = (u128::from(part), u128::from(WHOLE - part));
        let mut mixed = (u128::from(from) * rest + u128::from(to) * part + (1 << 15)) >> 16;
        for slot in slots.iter().rev() {
            out[*place][usize::from(*slot)] = mixed as u8;
            mixed >>= 8;
        }
    }
}

fn number(frame: &Slots, slots: &[u16]) -> u64 {
    slots.iter().fold(0, |number, &slot| number << 8 | u64::from(frame[usize::from(slot)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide() -> [WideChannel; 2] {
        let channel = |place, slots: &[u16]| WideChannel { place, slots: slots.into() };
        // Fine before coarse, and apart: the patch allows any order.
        [channel(0, &[3, 1]), channel(1, &[509, 510, 511])]
    }

    fn frame(seed: &[u8]) -> Vec<Slots> {
        let mut frame = vec![[0; SLOTS]; 2];
        let slots = frame.iter_mut().flatten();
        slots.zip(seed.iter().cycle()).for_each(|(slot, seed)| *slot = *seed);
        frame
    }

    proptest! {
        #[test]
        fn a_fade_is_monotone_between_its_looks(
            from in prop::collection::vec(any::<u8>(), 7),
            to in prop::collection::vec(any::<u8>(), 5),
            mut parts in prop::collection::vec(0..=WHOLE, 1..20),
        ) {
            let (from, to, wide) = (frame(&from), frame(&to), wide());
            parts.sort_unstable();
            let (mut before, mut out) = (from.clone(), from.clone());
            for part in parts {
                mix(&mut out, &from, &to, part, &wide);
                let is_wide = |place, slot| {
                    wide.iter().any(|wide| wide.place == place && wide.slots.contains(&slot))
                };
                for place in 0..2 {
                    for slot in 0..SLOTS {
                        if !is_wide(place, slot as u16) {
                            let values = [&from, &before, &out, &to].map(|f| f[place][slot]);
                            prop_assert!(values.is_sorted() || values.iter().rev().is_sorted());
                        }
                    }
                }
                for WideChannel { place, slots } in &wide {
                    let values = [&from, &before, &out, &to].map(|f| number(&f[*place], slots));
                    prop_assert!(values.is_sorted() || values.iter().rev().is_sorted());
                }
                before.clone_from(&out);
            }
            mix(&mut out, &from, &to, 0, &wide);
            prop_assert_eq!(&out, &from);
            mix(&mut out, &from, &to, WHOLE, &wide);
            prop_assert_eq!(&out, &to);
        }
    }

    #[test]
    fn a_fine_slot_carries_over() {
        let (mut from, mut to) = (frame(&[0]), frame(&[0]));
        // 0x00ff to 0x0101: a line by slots would pass through 0x0080.
        (from[0][1], to[0][3], to[0][1]) = (0xff, 1, 1);
        let mut out = from.clone();
        mix(&mut out, &from, &to, WHOLE / 2, &wide());
        assert_eq!((out[0][3], out[0][1]), (1, 0));
    }

    #[test]
    fn a_fade_takes_its_time() {
        let begun = Instant::now();
        let fade = Fade { begun, length: Duration::from_secs(2) };
        assert_eq!(fade.part(begun), Some(0));
        assert_eq!(fade.part(begun + Duration::from_secs(1)), Some(WHOLE / 2));
        assert_eq!(fade.part(begun + Duration::from_secs(2)), None);
        assert_eq!(Fade { begun, length: Duration::ZERO }.part(begun), None);
    }
}
