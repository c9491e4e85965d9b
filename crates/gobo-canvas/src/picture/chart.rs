//! Where everything goes: title, sections, cues, fixtures, time.

use super::light::{FixtureRows, Window};
use super::paint::{Area, Image, Rgb, Type};
use crate::{Header, PatchedFixture};

const BACKGROUND: Rgb = [13, 15, 20];
const DARK: Rgb = [5, 6, 9];
const RULE: Rgb = [38, 43, 54];
const TEXT: Rgb = [214, 220, 230];
const FAINT: Rgb = [122, 131, 148];

/// The hues of sections and layers, far enough apart to tell.
const HUES: [Rgb; 8] = [
    [94, 129, 244],
    [240, 113, 120],
    [86, 194, 150],
    [232, 170, 80],
    [176, 124, 232],
    [80, 184, 216],
    [226, 120, 190],
    [160, 184, 88],
];

const MARGIN: u32 = 24;
const TITLE: u32 = 44;
const SECTION: u32 = 26;
const CUES: u32 = 18;
const GAP: u32 = 10;
const AXIS: u32 = 30;
const KIND_GAP: u32 = 7;
/// The height of a head, where that makes its fixture higher than the others.
const HEAD: u32 = 2;
/// Pictures higher than this are cut: viewers and memory have an end.
const MAX_PLOT: u32 = 12_000;
const MAX_LAYERS: usize = 64;

/// The places of all parts for one canvas.
pub(super) struct Chart<'a> {
    header: &'a Header,
    width: u32,
    row_height: u32,
    left: u32,
    /// For each fixture that is drawn, where it starts below the top of the plot.
    tops: Vec<u32>,
    plot_height: u32,
    has_sections: bool,
}

impl<'a> Chart<'a> {
    pub(super) fn new(header: &'a Header, width: u32, row_height: u32) -> Self {
        let labels = header.patch.iter().map(label).chain(header.layers.iter().map(String::as_str));
        let longest = labels.map(|label| Type::Small.width(label)).max().unwrap_or(0);
        let mut chart = Self {
            header,
            width,
            row_height,
            left: MARGIN + longest.min(width / 6) + GAP,
            tops: Vec::new(),
            plot_height: 0,
            has_sections: !header.sections.is_empty(),
        };
        for (index, fixture) in header.patch.iter().enumerate() {
            let other_kind = index > 0 && header.patch[index - 1].heads != fixture.heads;
            let top = chart.plot_height + if other_kind { KIND_GAP } else { 1 };
            let bottom = top.saturating_add(chart.height_of(fixture));
            if bottom > MAX_PLOT {
                break;
            }
            chart.tops.push(top);
            chart.plot_height = bottom;
        }
        chart
    }

    /// How many columns of pixels the time has.
    pub(super) fn columns(&self) -> u32 {
        self.width - self.left - MARGIN
    }

    /// How many fixtures of the patch are drawn.
    pub(super) fn fixtures(&self) -> usize {
        self.tops.len()
    }

    fn height_of(&self, fixture: &PatchedFixture) -> u32 {
        let heads = u32::try_from(fixture.heads.len()).unwrap_or(u32::MAX);
        heads.saturating_mul(HEAD).clamp(self.row_height, 4 * self.row_height)
    }

    /// How many heads of a fixture have a line of their own.
    pub(super) fn heads_drawn(&self, fixture: &PatchedFixture) -> usize {
        fixture.heads.len().min(self.height_of(fixture) as usize)
    }

    /// The layers that are drawn, which are all of any real show.
    fn layers(&self) -> &[String] {
        &self.header.layers[..self.header.layers.len().min(MAX_LAYERS)]
    }

    fn sections_at(&self) -> u32 {
        MARGIN + TITLE
    }

    fn cues_at(&self) -> u32 {
        self.sections_at() + if self.has_sections { SECTION + GAP / 2 } else { 0 }
    }

    fn plot_at(&self) -> u32 {
        let layers = self.layers().len() as u32;
        self.cues_at() + layers * CUES + if layers > 0 { GAP } else { 0 }
    }

    pub(super) fn draw(&self, window: &Window, rows: &[FixtureRows]) -> Image {
        let height = self.plot_at() + self.plot_height + AXIS + MARGIN;
        let mut image = Image::new(self.width, height, BACKGROUND);
        self.draw_title(&mut image, window);
        self.draw_fixtures(&mut image, rows);
        self.draw_time(&mut image, window);
        self.draw_sections(&mut image, window);
        self.draw_cues(&mut image, window);
        image
    }

    fn draw_title(&self, image: &mut Image, window: &Window) {
        let header = self.header;
        let title = if header.title.is_empty() { &header.name } else { &header.title };
        let title = Type::Title.fit(title, self.columns());
        image.text(self.left, MARGIN, &title, Type::Title, TEXT);
        let hidden = header.patch.len() - self.tops.len();
        let mut facts = vec![
            clock(window.to - window.from, 1.0),
            format!("{} fps", header.rate),
            count(header.universes.len(), "universe"),
            count(header.patch.len(), "fixture"),
            count(header.cues.len(), "cue"),
        ];
        if hidden > 0 {
            facts.push(format!("{hidden} fixtures not shown"));
        }
        let facts = facts.join("  \u{b7}  ");
        let (title, room) = (Type::Title.width(&title), self.columns());
        if title + Type::Small.width(&facts) + 4 * GAP <= room {
            let x = self.left + room - Type::Small.width(&facts);
            image.text(x, MARGIN + 7, &facts, Type::Small, FAINT);
        }
    }

    fn draw_fixtures(&self, image: &mut Image, rows: &[FixtureRows]) {
        let mut label_free_at = 0;
        for ((fixture, rows), top) in self.header.patch.iter().zip(rows).zip(&self.tops) {
            let y = self.plot_at() + top;
            let height = self.height_of(fixture);
            image.fill(Area { x: self.left, y, width: self.columns(), height }, DARK, 255);
            for line in 0..height {
                let head = rows.len() * line as usize / height as usize;
                if let Some(colors) = rows.get(head) {
                    image.strip(self.left, y + line, 1, colors);
                }
            }
            // A row lower than a line of text is named where there is room.
            let middle = y + height / 2;
            let top = middle.saturating_sub(Type::Small.height() / 2);
            if top >= label_free_at {
                self.draw_label(image, top, label(fixture), TEXT);
                label_free_at = top + Type::Small.height();
            }
        }
    }

    /// A name to the left of the plot, against its edge.
    fn draw_label(&self, image: &mut Image, y: u32, text: &str, color: Rgb) {
        let text = Type::Small.fit(text, self.left - MARGIN - GAP);
        let x = self.left - GAP - Type::Small.width(&text);
        image.text(x, y, &text, Type::Small, color);
    }

    fn draw_time(&self, image: &mut Image, window: &Window) {
        let (top, height) = (self.plot_at(), self.plot_height);
        let bottom = top + height;
        image.fill(Area { x: self.left, y: bottom, width: self.columns(), height: 1 }, RULE, 255);
        let step = tick_step((window.to - window.from) * 110.0 / f64::from(self.columns()));
        let mut tick = (window.from / step).ceil();
        while tick * step <= window.to {
            let x = self.x(window, tick * step);
            image.fill(Area { x, y: bottom, width: 1, height: 6 }, FAINT, 255);
            let text = clock(tick * step, step);
            let half = Type::Small.width(&text) / 2;
            let x = x.saturating_sub(half).min(self.width - 2 * half - 4);
            image.text(x, bottom + 9, &text, Type::Small, FAINT);
            tick += 1.0;
        }
        let visible = |bar: &&f64| (window.from..window.to).contains(*bar);
        for &bar in self.header.bars.iter().filter(visible) {
            image.fill(Area { x: self.x(window, bar), y: bottom, width: 1, height: 3 }, FAINT, 160);
        }
    }

    fn x(&self, window: &Window, seconds: f64) -> u32 {
        let column = window.column(seconds).clamp(0.0, f64::from(self.columns() - 1));
        self.left + column.round() as u32
    }

    fn draw_sections(&self, image: &mut Image, window: &Window) {
        let mut names: Vec<&str> = Vec::new();
        for section in &self.header.sections {
            let hue = names.iter().position(|&name| name == section.name).unwrap_or_else(|| {
                names.push(&section.name);
                names.len() - 1
            });
            if section.end <= window.from || section.start >= window.to {
                continue;
            }
            let (x, end) = (self.x(window, section.start), self.x(window, section.end));
            if section.start > window.from {
                self.draw_boundary(image, x);
            }
            let width = end.saturating_sub(x + 2).max(1);
            self.draw_section(image, x, width, &section.name, HUES[hue % HUES.len()]);
        }
    }

    fn draw_section(&self, image: &mut Image, x: u32, width: u32, name: &str, color: Rgb) {
        let y = self.sections_at();
        image.rounded(Area { x, y, width, height: SECTION }, 5, color, 72);
        let line = Area { x: x + 3, y: y + SECTION - 2, width: width.saturating_sub(6), height: 2 };
        image.fill(line, color, 200);
        let name = Type::SmallBold.fit(name, width.saturating_sub(8));
        let left = x + (width - Type::SmallBold.width(&name).min(width)) / 2;
        image.text(left, y + 4, &name, Type::SmallBold, TEXT);
    }

    /// A dotted line down the plot, where a section starts.
    fn draw_boundary(&self, image: &mut Image, x: u32) {
        let bottom = self.plot_at() + self.plot_height;
        for y in (self.cues_at()..bottom).filter(|y| y % 6 < 3) {
            image.mix(x, y, [255; 3], 90);
        }
    }

    fn draw_cues(&self, image: &mut Image, window: &Window) {
        for (layer, name) in self.layers().iter().enumerate() {
            let y = self.cues_at() + layer as u32 * CUES;
            self.draw_label(image, y, name, FAINT);
            let lane = Area { x: self.left, y: y + 2, width: self.columns(), height: CUES - 4 };
            image.rounded(lane, 3, RULE, 110);
            let color = HUES[(layer + 5) % HUES.len()];
            let cues = self.header.cues.iter().filter(|cue| cue.layer as usize == layer);
            for cue in cues {
                if cue.end < window.from || cue.start >= window.to {
                    continue;
                }
                let (x, end) = (self.x(window, cue.start), self.x(window, cue.end));
                let length =
                    Area { x, y: y + 4, width: end.saturating_sub(x).max(1), height: CUES - 8 };
                image.fill(length, color, 90);
                if cue.start >= window.from {
                    image.fill(Area { x, y: y + 2, width: 2, height: CUES - 4 }, color, 235);
                }
            }
        }
    }
}

/// What a fixture is called in the picture.
fn label(fixture: &PatchedFixture) -> &str {
    if fixture.name.is_empty() { &fixture.id } else { &fixture.name }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The shortest pleasant step, in seconds, that is no shorter than `least`.
fn tick_step(least: f64) -> f64 {
    const STEPS: [f64; 17] = [
        0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0,
        900.0, 1800.0,
    ];
    let step = STEPS.into_iter().find(|&step| step >= least);
    step.unwrap_or_else(|| (least / 3600.0).ceil() * 3600.0)
}

/// Minutes and seconds, and as many decimals as `step` needs.
fn clock(seconds: f64, step: f64) -> String {
    let decimals = match step {
        step if step < 0.1 => 2,
        step if step < 1.0 => 1,
        _ => 0,
    };
    let scale = 10_u64.pow(decimals);
    let parts = (seconds * scale as f64).round() as u64;
    let (whole, part) = (parts / scale, parts % scale);
    let clock = match whole / 3600 {
        0 => format!("{}:{:02}", whole / 60, whole % 60),
        hours => format!("{hours}:{:02}:{:02}", whole / 60 % 60, whole % 60),
    };
    match decimals {
        0 => clock,
        _ => format!("{clock}.{part:0width$}", width = decimals as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_fine_as_the_steps() {
        assert_eq!(clock(0.0, 1.0), "0:00");
        assert_eq!(clock(61.26, 0.1), "1:01.3");
        assert_eq!(clock(59.999, 0.05), "1:00.00");
        assert_eq!(clock(43_200.0, 60.0), "12:00:00");
    }

    #[test]
    fn steps_are_round() {
        assert_eq!([0.003, 0.3, 6.0, 31.0, 4000.0].map(tick_step), [0.01, 0.5, 10.0, 60.0, 7200.0]);
    }
}
