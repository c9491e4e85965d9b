//! The few colours that stand for the many of a frame.

use std::ops::Range;

use super::super::paint::Rgb;

/// Colours whose parts lie no further apart than this are one.
const ALIKE: u8 = 4;

/// Colours, and which of them stands for each that was asked about.
pub(super) struct Palette {
    colors: Vec<Rgb>,
    /// Each colour of the frame, rising, with what stands for it.
    known: Vec<(Rgb, u8)>,
}

/// A colour of the frame, and how many pixels have it.
#[derive(Clone, Copy)]
struct Shade {
    color: Rgb,
    count: u64,
}

/// Shades that one colour stands for so far.
struct Group {
    shades: Range<usize>,
    /// Where the shades differ most: an index into the colour.
    part: usize,
    /// The squared distances from the mean there, summed over the pixels; 0 if that is little.
    error: u64,
    count: u64,
    sum: [u64; 3],
}

impl Palette {
    /// At most `most` colours, 1 to 255, for these; what differs most is divided first, at its
    /// mean.
    pub(super) fn new(mut pixels: Vec<Rgb>, most: usize) -> Self {
        pixels.sort_unstable();
        let shade = |run: &[Rgb]| Shade { color: run[0], count: run.len() as u64 };
        let mut shades: Vec<Shade> = pixels.chunk_by(|a, b| a == b).map(shade).collect();
        let alike = if shades.len() > most { ALIKE } else { 0 };
        let group = |shades: &[Shade], range| Group::new(shades, range, alike);
        let mut groups = vec![group(&shades, 0..shades.len())];
        while groups.len() < most {
            let worst = (0..groups.len()).max_by_key(|index| groups[*index].error);
            let Some(worst) = worst.filter(|index| groups[*index].error > 0) else { break };
            let Group { shades: range, part, sum, count, .. } = groups.swap_remove(worst);
            let is_high = |shade: &Shade| u64::from(shade.color[part]) > sum[part] / count;
            let here = &mut shades[range.clone()];
            here.sort_unstable_by_key(is_high);
            let middle = range.start + here.partition_point(|shade| !is_high(shade));
            groups.push(group(&shades, range.start..middle));
            groups.push(group(&shades, middle..range.end));
        }
        let mut known = Vec::with_capacity(shades.len());
        for (group, index) in groups.iter().zip(0..) {
            known.extend(shades[group.shades.clone()].iter().map(|shade| (shade.color, index)));
        }
        known.sort_unstable();
        Self { colors: groups.iter().map(Group::mean).collect(), known }
    }

    /// The colours.
    pub(super) fn colors(&self) -> &[Rgb] {
        &self.colors
    }

    /// What stands for a colour of the frame.
    pub(super) fn index(&self, color: Rgb) -> u8 {
        let found = self.known.binary_search_by_key(&color, |(color, _)| *color);
        found.map_or(0, |at| self.known[at].1)
    }
}

impl Group {
    fn new(all: &[Shade], shades: Range<usize>, alike: u8) -> Self {
        let (mut count, mut sum, mut squares) = (0, [0; 3], [0; 3]);
        let (mut low, mut high) = ([255; 3], [0; 3]);
        for shade in &all[shades.clone()] {
            count += shade.count;
            for part in 0..3 {
                low[part] = shade.color[part].min(low[part]);
                high[part] = shade.color[part].max(high[part]);
                let value = u64::from(shade.color[part]);
                sum[part] += shade.count * value;
                squares[part] += shade.count * value * value;
            }
        }
        let error = |part: usize| squares[part] - sum[part] * sum[part] / count.max(1);
        let part = (0..3).max_by_key(|part| error(*part)).unwrap_or(0);
        // One shade differs from nothing, whatever rounding says.
        let differs = shades.len() > 1 && high[part] - low[part] > alike;
        let error = if differs { error(part) } else { 0 };
        Self { shades, part, error, count, sum }
    }

    fn mean(&self) -> Rgb {
        self.sum.map(|sum| ((sum + self.count / 2) / self.count.max(1)) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_stay_what_they_are() {
        let colors = [[0, 0, 0], [1, 1, 1], [255, 0, 0], [254, 0, 0], [0, 0, 255]];
        let palette = Palette::new(colors.iter().cycle().take(500).copied().collect(), 5);
        assert_eq!(palette.colors().len(), 5);
        for color in colors {
            assert_eq!(palette.colors()[usize::from(palette.index(color))], color);
        }
    }

    #[test]
    fn many_colours_come_near() {
        let ramp = |value: u8| [[value, 0, 0], [0, value, value / 2], [value, value, value]];
        let colors: Vec<Rgb> = (0..=255).flat_map(ramp).collect();
        let palette = Palette::new(colors.clone(), 255);
        assert!(palette.colors().len() <= 255);
        for color in colors {
            let shown = palette.colors()[usize::from(palette.index(color))];
            let far = (0..3).map(|part| color[part].abs_diff(shown[part])).max();
            assert!(far <= Some(4), "{color:?} becomes {shown:?}");
        }
    }
}
