//! The heads of a definition as pixels: which key each has, and how they lie.

use indexmap::IndexSet;
use serde_json::{Value, json};

use super::fine::Bytes;
use super::source::{Definition, Mode};
use crate::profile::PIXEL_KEY;

/// The pixel key of each slot of a mode; `None` belongs to the fixture as a whole.
///
/// A mode with one head has none: it is the fixture. A slot of several heads belongs to all. A
/// fine byte goes with its coarse one.
pub(super) fn pixels(mode: &Mode, slots: &[Option<usize>], bytes: &Bytes) -> Vec<Option<String>> {
    let mut pixels = vec![None; slots.len()];
    let owners = |slot: usize| mode.heads.iter().filter(|head| head.contains(&slot)).count();
    let own = |head: &Vec<usize>| -> Vec<usize> {
        let mut own: Vec<usize> = head.iter().copied().filter(|&slot| owners(slot) == 1).collect();
        own.retain(|&slot| slots.get(slot).is_some_and(Option::is_some));
        own
    };
    let heads: Vec<Vec<usize>> =
        mode.heads.iter().map(own).filter(|head| !head.is_empty()).collect();
    if heads.len() < 2 {
        return pixels;
    }
    let name = |slot: usize| mode.channels[slot].as_str();
    let keys: Vec<String> = heads
        .iter()
        .enumerate()
        .map(|(index, head)| common_number(head.iter().map(|&slot| name(slot)), index + 1))
        .collect();
    let distinct = keys.iter().collect::<IndexSet<_>>().len() == keys.len();
    for (index, head) in heads.iter().enumerate() {
        let key = if distinct { keys[index].clone() } else { (index + 1).to_string() };
        for &slot in head {
            pixels[slot] = Some(key.clone());
        }
    }
    for slot in 0..slots.len() {
        let Some(coarse) = slots[slot].and_then(|channel| bytes.coarse[channel]) else { continue };
        let place = slots.iter().position(|channel| *channel == Some(coarse));
        pixels[slot] = place.and_then(|place| pixels[place].clone());
    }
    pixels
}

/// The number that all names hold: `wanted` if they do, else the first common one, else `wanted`.
fn common_number<'a>(mut names: impl Iterator<Item = &'a str>, wanted: usize) -> String {
    let wanted = wanted.to_string();
    let mut common: Vec<String> = names.next().map(numbers).unwrap_or_default();
    for name in names {
        let here = numbers(name);
        common.retain(|number| here.contains(number));
    }
    if common.contains(&wanted) { wanted } else { common.into_iter().next().unwrap_or(wanted) }
}

/// The numbers in a name, as they are written.
fn numbers(name: &str) -> Vec<String> {
    let runs = name.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

/// The template of a channel called `name` for the pixel `key`: `Red $pixelKey` of `Red 3`.
pub(super) fn template(name: &str, key: &str) -> String {
    let mut rest = name;
    let mut before = 0;
    while let Some(at) = rest.find(key) {
        let (start, end) = (before + at, before + at + key.len());
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if !digit(name[..start].chars().next_back()) && !digit(name[end..].chars().next()) {
            return format!("{}{PIXEL_KEY}{}", &name[..start], &name[end..]);
        }
        before = end;
        rest = &name[end..];
    }
    format!("{name} {PIXEL_KEY}")
}

/// The matrix of these pixels, in rows when the definition's layout has a place for each.
pub(super) fn matrix(definition: &Definition, pixels: &[String]) -> Value {
    let mut pixels = pixels.to_vec();
    let number = |key: &String| key.parse::<u64>().ok();
    if pixels.iter().all(|key| number(key).is_some()) {
        pixels.sort_by_key(number);
    }
    let layouts = definition.modes.iter().filter_map(|mode| mode.layout);
    let fits = |&(columns, rows): &(u32, u32)| (columns * rows) as usize == pixels.len();
    let layout = definition.physical.layout.into_iter().chain(layouts).find(fits);
    let columns = layout.map_or(pixels.len(), |(columns, _)| columns as usize);
    let rows: Vec<_> = pixels.chunks(columns.max(1)).collect();
    json!({ "pixelKeys": [rows] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_templates() {
        assert_eq!(template("Red 1", "1"), "Red $pixelKey");
        assert_eq!(template("Red 11 of 1", "1"), "Red 11 of $pixelKey");
        assert_eq!(template("R1fine", "1"), "R$pixelKeyfine");
        assert_eq!(template("Red", "1"), "Red $pixelKey");
        assert_eq!(common_number(["Red 3", "Green 3"].into_iter(), 1), "3");
        assert_eq!(common_number(["Red 3 1", "1 Green"].into_iter(), 7), "1");
        assert_eq!(common_number(["Red", "Green"].into_iter(), 7), "7");
    }
}
