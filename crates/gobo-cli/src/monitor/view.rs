//! The monitor's page: fixtures or levels above, sources below.

use gobo_canvas::PatchedFixture;
use gobo_dmx::Universe;
use gobo_output::{Arbiter, HeardUniverse};

use super::feed::Feed;
use super::sheet::{Rgb, Sheet};
use super::stage::Stage;

/// The colour of what is only said.
const WORDS: Rgb = [130, 130, 140];
/// Levels from none to full, in eighths of a character.
const BARS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What the page shows of the wire.
pub(super) struct View {
    /// Fixtures to show in their colours; none shows levels.
    patch: Vec<PatchedFixture>,
    /// What the monitor listens to, in words.
    pub(super) title: String,
    /// The stage, as laid out for a size.
    stage: Option<((usize, usize), Stage)>,
}

impl View {
    /// A view of fixtures, or of levels where there are none.
    pub(super) fn new(patch: Vec<PatchedFixture>, title: String) -> Self {
        Self { patch, title, stage: None }
    }

    /// The page at this moment, on a terminal of this many columns and rows.
    pub(super) fn page(
        &mut self,
        arbiter: &Arbiter,
        feeds: &[Feed],
        (columns, rows): (usize, usize),
    ) -> Sheet {
        let mut sheet = Sheet::new(columns, rows);
        sheet.text(0, 0, &self.title, Some(WORDS));
        let leave = "q leaves";
        sheet.text(0, columns.saturating_sub(leave.len()), leave, Some(WORDS));
        let footer = feeds.len().clamp(1, (rows / 4).max(1));
        let body = rows.saturating_sub(footer + 3);
        match self.patch.is_empty() {
            true => draw_levels(arbiter, body, &mut sheet),
            false => self.draw_stage(arbiter, body, &mut sheet),
        }
        let first = rows.saturating_sub(footer);
        if feeds.is_empty() {
            sheet.text(first, 0, "nothing heard yet", Some(WORDS));
        }
        for (index, feed) in feeds.iter().take(footer).enumerate() {
            let color = feed.parting.map(|_| WORDS);
            sheet.text(first + index, 0, &feed.words(), color);
        }
        if feeds.len() > footer {
            let more = format!("  and {} more", feeds.len() - footer);
            sheet.text(first, columns.saturating_sub(more.len()), &more, Some(WORDS));
        }
        sheet
    }

    fn draw_stage(&mut self, arbiter: &Arbiter, body: usize, sheet: &mut Sheet) {
        let size = (sheet.columns(), body);
        if self.stage.as_ref().is_none_or(|(laid_out, _)| *laid_out != size) {
            self.stage = Some((size, Stage::new(&self.patch, size.0, size.1)));
        }
        let Some((_, stage)) = &self.stage else { return };
        let heard: std::collections::BTreeMap<Universe, &HeardUniverse> =
            arbiter.universes().collect();
        let slots = |fixture: &PatchedFixture| heard.get(&fixture.universe).map(|h| h.levels());
        let top = 2 + body.saturating_sub(stage.rows()) / 2;
        stage.draw(&self.patch, slots, top, sheet);
    }
}

/// A strip of bars for each universe, as far down as there is room.
fn draw_levels(arbiter: &Arbiter, body: usize, sheet: &mut Sheet) {
    let mut row = 2;
    let width = sheet.columns().saturating_sub(6).clamp(1, 128);
    for (universe, heard) in arbiter.universes() {
        let levels = heard.levels();
        let lit = levels.iter().rposition(|&level| level > 0).map_or(0, |last| last + 1);
        // A full packet is mostly air; what is lit, and a little more, is what matters.
        let shown = lit.max(1).next_multiple_of(16);
        for (index, part) in levels[..shown].chunks(width).enumerate() {
            if row >= 2 + body {
                return;
            }
            if index == 0 {
                sheet.text(row, 0, &format!("{universe:>5}"), None);
            }
            for (column, &level) in part.iter().enumerate() {
                let bar = BARS[usize::from(level).div_ceil(32)];
                sheet.text(row, 6 + column, &bar.to_string(), Some(warmth(level)));
            }
            row += 1;
        }
    }
}

/// Dim grey to a warm white.
fn warmth(level: u8) -> Rgb {
    let along = |dark: u16, light: u16| (dark + (light - dark) * u16::from(level) / 255) as u8;
    [along(70, 255), along(70, 236), along(76, 190)]
}
