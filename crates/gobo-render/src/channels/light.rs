//! Channel effects on dimmer, shutter and colours.

use gobo_show::effect::{
    ColorFadeSlots, FadeIn, FadeOut, FadeSlots, FlashSlots, LightSlots, SetChannels, SlotValue,
    StrobeSlots,
};
use gobo_show::value::{Color, Easing};

use super::nearest;
use super::schedule::Running;
use super::stage::{Slots, Stage};

pub(super) fn set(set: &SetChannels, cue: &Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    if frame != cue.start {
        return;
    }
    for (key, value, _) in &set.0 {
        if let Some(slot) = slots.named(key) {
            slots.write(frame, slot, value.0);
        }
    }
}

/// Dimmer, shutter and colours to one value.
pub(super) fn all(value: u8, cue: &Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    if frame != cue.start {
        return;
    }
    let lights = [slots.dimmer, slots.shutter].into_iter().chain(slots.colors);
    for slot in lights.flatten() {
        slots.write(frame, slot, value);
    }
}

pub(super) fn flash(flash: &FlashSlots, cue: &Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    let rest = 1.0 - cue.progress(frame);
    let level = nearest(255.0 * rest) as u8;
    if let Some(keys) = &flash.channels {
        for key in keys {
            if let Some(slot) = slots.named(&key.value) {
                slots.write(frame, slot, level);
            }
        }
        return;
    }
    if let Some(dimmer) = slots.dimmer {
        slots.write(frame, dimmer, level);
        slots.open(frame);
    }
    let falls = slots.dimmer.is_none();
    for (slot, part) in slots.colors.into_iter().zip(bytes(flash.color)) {
        let value = if falls { nearest(f64::from(part) * rest) as u8 } else { part };
        if let Some(slot) = slot {
            slots.write(frame, slot, value);
        }
    }
}

pub(super) fn strobe(strobe: &StrobeSlots, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (rate, frame) = (stage.rate, stage.frame);
    let slots = &mut stage.fixtures[cue.fixture as usize];
    begin(cue, slots);
    let [_, colors @ ..] = cue.memory.light;
    let colored = slots.colors.into_iter().zip(colors);
    if frame >= cue.end {
        if let Some(dimmer) = slots.dimmer {
            slots.write(frame, dimmer, 0);
        }
        for (slot, value) in colored {
            if let Some((slot, value)) = slot.zip(value) {
                slots.write(frame, slot, value);
            }
        }
        return;
    }
    let half = nearest(rate / (strobe.rate * 2.0)).clamp(1.0, f64::from(u32::MAX)) as u32;
    let is_on = ((frame - cue.start) / half).is_multiple_of(2);
    if let Some(dimmer) = slots.dimmer {
        slots.write(frame, dimmer, if is_on { 255 } else { 0 });
        slots.open(frame);
        return;
    }
    for (slot, value) in colored {
        if let Some((slot, value)) = slot.zip(value) {
            slots.write(frame, slot, if is_on { value } else { 0 });
        }
    }
}

pub(super) fn fade_in(fade: &FadeIn, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    let Some(along) = along(cue, frame, fade.easing) else { return };
    begin(cue, slots);
    let ends = values(&fade.to).map(|end| Some(end.unwrap_or(255)));
    lead(values(&fade.from), ends, along, cue, frame, slots);
    if slots.dimmer.is_some() {
        slots.open(frame);
    }
}

pub(super) fn fade_out(fade: &FadeOut, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    let Some(along) = along(cue, frame, fade.easing) else { return };
    begin(cue, slots);
    lead(values(&fade.from), [Some(0); 4], along, cue, frame, slots);
}

pub(super) fn fade(fade: &FadeSlots, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    let Some(along) = along(cue, frame, fade.easing) else { return };
    begin(cue, slots);
    lead([None; 4], values(&fade.to), along, cue, frame, slots);
}

/// Leads dimmer and colours from `starts`, or from what they were, to those of `ends` there are.
fn lead(
    starts: [Option<u8>; 4],
    ends: [Option<u8>; 4],
    along: f64,
    cue: &Running<'_>,
    frame: u32,
    slots: &mut Slots<'_>,
) {
    let lights = lights(slots);
    for (index, slot) in lights.into_iter().enumerate() {
        let (Some(slot), Some(end)) = (slot, ends[index]) else { continue };
        let start = f64::from(starts[index].or(cue.memory.light[index]).unwrap_or(0));
        let value = nearest(start + (f64::from(end) - start) * along);
        slots.write(frame, slot, value.clamp(0.0, 255.0) as u8);
    }
}

pub(super) fn color_fade(fade: &ColorFadeSlots, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    let Some(along) = along(cue, frame, fade.easing) else { return };
    let [Some(red), Some(green), Some(blue)] = slots.colors else { return };
    if !cue.memory.begun {
        cue.memory.begun = true;
        let now = || [red, green, blue].map(|slot| slots.read(slot));
        let from = hsv(fade.from.map_or_else(now, bytes));
        let to = hsv(bytes(fade.to));
        let mut turn = to[0] - from[0];
        if turn > 0.5 {
            turn -= 1.0;
        } else if turn < -0.5 {
            turn += 1.0;
        }
        cue.memory.hues = [from[0], from[1], from[2], turn, to[1] - from[1], to[2] - from[2]];
    }
    let [hue, saturation, value, turn, more, brighter] = cue.memory.hues;
    let hue = (hue + turn * along).rem_euclid(1.0);
    let color = rgb(hue, saturation + more * along, value + brighter * along);
    for (slot, part) in [red, green, blue].into_iter().zip(color) {
        slots.write(frame, slot, nearest(part * 255.0).clamp(0.0, 255.0) as u8);
    }
}

/// How far along a fade is; `None` when there is nothing more to do. One without length is at its
/// end at once.
fn along(cue: &Running<'_>, frame: u32, easing: Easing) -> Option<f64> {
    if cue.end <= cue.start {
        return (frame == cue.start).then(|| ease(easing, 1.0));
    }
    Some(ease(easing, cue.progress(frame)))
}

/// The course of a fade, in the arithmetic of the AI Light Show.
fn ease(easing: Easing, along: f64) -> f64 {
    match easing {
        Easing::Linear => along,
        Easing::In => along * along * along,
        Easing::Out => {
            let rest = along - 1.0;
            rest * rest * rest + 1.0
        }
        Easing::InOut if along < 0.5 => 4.0 * along * along * along,
        Easing::InOut => {
            let rest = 2.0 * along - 2.0;
            0.5 * rest * rest * rest + 1.0
        }
        other => crate::easing::ease(other, along),
    }
}

/// Keeps what dimmer and colours are when the cue begins.
fn begin(cue: &mut Running<'_>, slots: &Slots<'_>) {
    if !cue.memory.begun {
        cue.memory.begun = true;
        cue.memory.light = lights(slots).map(|slot| slot.map(|slot| slots.read(slot)));
    }
}

fn lights(slots: &Slots<'_>) -> [Option<u16>; 4] {
    let [red, green, blue] = slots.colors;
    [slots.dimmer, red, green, blue]
}

fn values(slots: &LightSlots) -> [Option<u8>; 4] {
    let byte = |value: Option<SlotValue>| value.map(|value| value.0);
    [byte(slots.dimmer), byte(slots.red), byte(slots.green), byte(slots.blue)]
}

fn bytes(color: Color) -> [u8; 3] {
    [color.red, color.green, color.blue].map(|part| (part * 255.0).round() as u8)
}

/// Hue, saturation and value, each 0 to 1, in the arithmetic of Python's `colorsys`.
fn hsv(bytes: [u8; 3]) -> [f64; 3] {
    let [red, green, blue] = bytes.map(|byte| f64::from(byte) / 255.0);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    if most == least {
        return [0.0, 0.0, most];
    }
    let range = most - least;
    let [r, g, b] = [red, green, blue].map(|part| (most - part) / range);
    let hue = if red == most {
        b - g
    } else if green == most {
        2.0 + r - b
    } else {
        4.0 + g - r
    };
    [(hue / 6.0).rem_euclid(1.0), range / most, most]
}

fn rgb(hue: f64, saturation: f64, value: f64) -> [f64; 3] {
    if saturation == 0.0 {
        return [value; 3];
    }
    let sector = (hue * 6.0).trunc();
    let part = hue * 6.0 - sector;
    let low = value * (1.0 - saturation);
    let falling = value * (1.0 - saturation * part);
    let rising = value * (1.0 - saturation * (1.0 - part));
    match sector as i64 % 6 {
        0 => [value, rising, low],
        1 => [falling, value, low],
        2 => [low, value, rising],
        3 => [low, falling, value],
        4 => [rising, low, value],
        _ => [value, low, falling],
    }
}
