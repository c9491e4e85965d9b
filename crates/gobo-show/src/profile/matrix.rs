//! The pixels of a fixture: keys, places, groups and orders. Reads no JSON.

use std::cmp::Ordering;
use std::sync::Arc;

use indexmap::IndexMap;

/// The most pixels that a matrix may have: a panel of 128 by 128.
pub(super) const MOST_PIXELS: usize = 16_384;

/// The pixels of a fixture and their groups.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Matrix {
    /// How many pixels there are along x (right), y (down) and z (back).
    pub(super) size: [u32; 3],
    /// The pixels; x runs fastest, then y, then z.
    pixels: Vec<Pixel>,
    groups: Vec<Group>,
    /// Pixels and groups by key.
    parts: IndexMap<Arc<str>, Part>,
}

/// A pixel.
#[derive(Clone, PartialEq, Debug)]
struct Pixel {
    key: Arc<str>,
    /// Its place, from 0.
    place: [u32; 3],
}

/// A group of pixels.
#[derive(Clone, PartialEq, Debug)]
struct Group {
    key: Arc<str>,
    /// Indices of pixels, in the group's own order.
    members: Vec<u32>,
}

/// A pixel or a group of pixels, by index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Part {
    Pixel(u32),
    Group(u32),
}

impl Matrix {
    /// A matrix of `size` with the default keys: the number in a line, `(x, y)` in a plane,
    /// `(x, y, z)` in a block.
    pub(super) fn of_size(size: [u32; 3]) -> Self {
        let mut matrix = Self { size, ..Self::default() };
        for (z, y, x) in places(size) {
            let counted = [(x + 1, size[0]), (y + 1, size[1]), (z + 1, size[2])];
            let used: Vec<_> = counted.into_iter().filter(|&(_, size)| size > 1).collect();
            let numbers: Vec<_> = used.iter().map(|(number, _)| number.to_string()).collect();
            let key = match numbers.as_slice() {
                [] => "1".to_owned(),
                [number] => number.clone(),
                _ => format!("({})", numbers.join(", ")),
            };
            matrix.add_pixel(key.into(), [x, y, z]);
        }
        matrix
    }

    /// Adds a pixel; false when the key is taken.
    pub(super) fn add_pixel(&mut self, key: Arc<str>, place: [u32; 3]) -> bool {
        let part = Part::Pixel(self.pixels.len() as u32);
        let free = !self.parts.contains_key(&key);
        if free {
            self.parts.insert(key.clone(), part);
            self.pixels.push(Pixel { key, place });
        }
        free
    }

    /// Adds a group of pixels (their indices); false when the key is taken.
    pub(super) fn add_group(&mut self, key: Arc<str>, members: Vec<u32>) -> bool {
        let part = Part::Group(self.groups.len() as u32);
        let free = !self.parts.contains_key(&key);
        if free {
            self.parts.insert(key.clone(), part);
            self.groups.push(Group { key, members });
        }
        free
    }

    /// Every pixel.
    pub(super) fn all(&self) -> Vec<u32> {
        (0..self.pixels.len() as u32).collect()
    }

    /// The pixel or group called `key`.
    pub(super) fn find(&self, key: &str) -> Option<Part> {
        self.parts.get(key).copied()
    }

    /// The key of `part`.
    pub(super) fn key(&self, part: Part) -> &Arc<str> {
        match part {
            Part::Pixel(index) => &self.pixels[index as usize].key,
            Part::Group(index) => &self.groups[index as usize].key,
        }
    }

    /// The pixels of a group; a pixel has none.
    pub(super) fn members(&self, part: Part) -> &[u32] {
        match part {
            Part::Pixel(_) => &[],
            Part::Group(index) => &self.groups[index as usize].members,
        }
    }

    /// Whether the group holds every pixel.
    pub(super) fn holds_all(&self, group: Part) -> bool {
        self.members(group).len() == self.pixels.len()
    }

    /// The middle of `part`, in pixels from the first.
    pub(super) fn place(&self, part: Part) -> [f64; 3] {
        let place = |index: u32| self.pixels[index as usize].place.map(f64::from);
        match part {
            Part::Pixel(index) => place(index),
            Part::Group(_) => {
                let members = self.members(part);
                let count = members.len().max(1) as f64;
                let sum = members.iter().fold([0.0; 3], |sum, &index| {
                    let place = place(index);
                    [sum[0] + place[0], sum[1] + place[1], sum[2] + place[2]]
                });
                sum.map(|sum| sum / count)
            }
        }
    }

    /// All keys of pixels and groups.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(|key| &**key)
    }

    /// The pixels in the order that `repeat_for` names, if it is one of OFL's words.
    pub(super) fn repeat(&self, repeat_for: &str) -> Option<Vec<Part>> {
        if repeat_for == "eachPixelGroup" {
            return Some((0..self.groups.len() as u32).map(Part::Group).collect());
        }
        let mut order = self.all();
        match repeat_for.strip_prefix("eachPixel")? {
            "ABC" => order.sort_by(|&a, &b| self.by_name(a, b)),
            axes => {
                let axes = ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]
                    .into_iter()
                    .find(|known| *known == axes)?;
                let axis = |index: usize| usize::from(axes.as_bytes()[index] - b'X');
                let (first, second, third) = (axis(0), axis(1), axis(2));
                order.sort_by_key(|&index| {
                    let place = self.pixels[index as usize].place;
                    (place[third], place[second], place[first])
                });
            }
        }
        Some(order.into_iter().map(Part::Pixel).collect())
    }

    fn by_name(&self, a: u32, b: u32) -> Ordering {
        natural(self.key(Part::Pixel(a)), self.key(Part::Pixel(b)))
    }

    /// The pixels that satisfy every constraint, by name when a name is constrained.
    pub(super) fn select(
        &self,
        limits: &[(usize, Limit)],
        names: &[regex_lite::Regex],
    ) -> Vec<u32> {
        let order = if names.is_empty() { "eachPixelXYZ" } else { "eachPixelABC" };
        let fits = |index: u32| {
            let Pixel { key, place } = &self.pixels[index as usize];
            limits.iter().all(|&(axis, limit)| limit.holds(place[axis] + 1))
                && names.iter().all(|name| name.is_match(key))
        };
        let all = self.repeat(order).unwrap_or_default();
        let pixels = all.into_iter().filter_map(|part| match part {
            Part::Pixel(index) => Some(index),
            Part::Group(_) => None,
        });
        pixels.filter(|&index| fits(index)).collect()
    }
}

/// Every place of a block, x fastest.
fn places(size: [u32; 3]) -> impl Iterator<Item = (u32, u32, u32)> {
    (0..size[2])
        .flat_map(move |z| (0..size[1]).flat_map(move |y| (0..size[0]).map(move |x| (z, y, x))))
}

/// A constraint on a pixel's number along an axis, from 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Limit {
    /// `=3`
    Exactly(u32),
    /// `>=3`
    AtLeast(u32),
    /// `<=3`
    AtMost(u32),
    /// `3n+1`, `even`, `odd`: divisor and remainder.
    Every(u32, u32),
}

impl Limit {
    /// Reads a constraint as `schemas/matrix.json` defines it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| -> Option<u32> {
            let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
            if starts { text.parse().ok() } else { None }
        };
        if let Some(rest) = text.strip_prefix(">=") {
            return number(rest).map(Self::AtLeast);
        }
        if let Some(rest) = text.strip_prefix("<=") {
            return number(rest).map(Self::AtMost);
        }
        if let Some(rest) = text.strip_prefix('=') {
            return number(rest).map(Self::Exactly);
        }
        match text {
            "even" => return Some(Self::Every(2, 0)),
            "odd" => return Some(Self::Every(2, 1)),
            _ => {}
        }
        let (divisor, remainder) = text.split_once('n')?;
        let remainder = match remainder {
            "" => 0,
            rest => number(rest.strip_prefix('+')?)?,
        };
        number(divisor)
            .filter(|&divisor| divisor > 0)
            .map(|divisor| Self::Every(divisor, remainder))
    }

    fn holds(self, number: u32) -> bool {
        match self {
            Self::Exactly(exact) => number == exact,
            Self::AtLeast(least) => number >= least,
            Self::AtMost(most) => number <= most,
            Self::Every(divisor, remainder) => number % divisor == remainder,
        }
    }
}

/// Compares as people count: `2` before `10`, `LED 2` before `led 10`, marks before digits before
/// letters.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let ordering = match (leading_number(a_rest), leading_number(b_rest)) {
            (Some((a_number, a_next)), Some((b_number, b_next))) => {
                (a_rest, b_rest) = (a_next, b_next);
                a_number.len().cmp(&b_number.len()).then(a_number.cmp(b_number))
            }
            _ => {
                let (mut a_chars, mut b_chars) = (a_rest.chars(), b_rest.chars());
                let (a_first, b_first) = (a_chars.next(), b_chars.next());
                (a_rest, b_rest) = (a_chars.as_str(), b_chars.as_str());
                match (a_first, b_first) {
                    (None, None) => return a.cmp(b),
                    _ => a_first.map(weight).cmp(&b_first.map(weight)),
                }
            }
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

/// The digits at the start of `text` without leading zeros, and the rest.
fn leading_number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() { None } else { Some((digits.trim_start_matches('0'), rest)) }
}

/// Where a character sorts.
fn weight(c: char) -> (u8, char) {
    let class = if c.is_alphabetic() { 2 } else { u8::from(c.is_numeric()) };
    (class, c.to_lowercase().next().unwrap_or(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(matrix: &Matrix, order: &str) -> Vec<String> {
        let parts = matrix.repeat(order).expect("a known order");
        parts.into_iter().map(|part| matrix.key(part).to_string()).collect()
    }

    #[test]
    fn default_keys_and_orders() {
        assert_eq!(keys(&Matrix::of_size([1, 3, 1]), "eachPixelABC"), ["1", "2", "3"]);
        let plane = Matrix::of_size([2, 2, 1]);
        assert_eq!(keys(&plane, "eachPixelXYZ"), ["(1, 1)", "(2, 1)", "(1, 2)", "(2, 2)"]);
        assert_eq!(keys(&plane, "eachPixelYXZ"), ["(1, 1)", "(1, 2)", "(2, 1)", "(2, 2)"]);
        let line = Matrix::of_size([12, 1, 1]);
        assert_eq!(keys(&line, "eachPixelABC")[8..], ["9", "10", "11", "12"]);
        assert!(line.repeat("eachPixelXXZ").is_none() && line.repeat("all").is_none());
    }

    #[test]
    fn names_sort_as_people_count() {
        let mut names = ["LED 10", "led 2", "Beam 1", "(1, 10)", "(1, 9)", "3", "a", "LED 02"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["(1, 9)", "(1, 10)", "3", "a", "Beam 1", "LED 02", "led 2", "LED 10"]);
    }

    #[test]
    fn limits() {
        let line = Matrix::of_size([6, 1, 1]);
        let select = |limit: &str| -> Vec<u32> {
            let limit = Limit::parse(limit).expect("a limit");
            line.select(&[(0, limit)], &[]).into_iter().map(|index| index + 1).collect()
        };
        assert_eq!(select("=2"), [2]);
        assert_eq!(select(">=5"), [5, 6]);
        assert_eq!(select("<=2"), [1, 2]);
        assert_eq!(select("3n"), [3, 6]);
        assert_eq!(select("3n+1"), [1, 4]);
        assert_eq!((select("even"), select("odd")), (vec![2, 4, 6], vec![1, 3, 5]));
        for wrong in ["", "n", "0n", "2", "=", "3m", "3n-1", ">5", "3n+"] {
            assert_eq!(Limit::parse(wrong), None, "{wrong}");
        }
        let name = regex_lite::Regex::new("^[13]$").expect("a pattern");
        assert_eq!(line.select(&[], &[name]), [0, 2]);
    }
}
