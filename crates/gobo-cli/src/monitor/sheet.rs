//! A sheet of coloured character cells, and the escape codes that put it on a terminal.

use std::fmt::Write;

/// A colour on a screen (sRGB).
pub(crate) type Rgb = [u8; 3];

/// Rows of character cells; a cell holds two pixels, one above the other, or a character.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    columns: usize,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Cell {
    Text(char, Option<Rgb>),
    Pixels(Option<Rgb>, Option<Rgb>),
}

impl Sheet {
    /// An empty sheet.
    pub(crate) fn new(columns: usize, rows: usize) -> Self {
        Self { columns, cells: vec![Cell::Text(' ', None); columns * rows] }
    }

    /// How many columns it has.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Writes text from a column on, cut at the edge; `None` is the terminal's own colour.
    pub(crate) fn text(&mut self, row: usize, column: usize, text: &str, color: Option<Rgb>) {
        for (offset, glyph) in text.chars().enumerate() {
            if let Some(cell) = self.cell(row, column + offset) {
                *cell = Cell::Text(glyph, color);
            }
        }
    }

    /// Colours a pixel; there are two pixels to a row of text, so `y` is twice a row.
    pub(crate) fn pixel(&mut self, x: usize, y: usize, color: Rgb) {
        if let Some(cell) = self.cell(y / 2, x) {
            let (upper, lower) = match *cell {
                Cell::Pixels(upper, lower) => (upper, lower),
                Cell::Text(..) => (None, None),
            };
            *cell = match y % 2 {
                0 => Cell::Pixels(Some(color), lower),
                _ => Cell::Pixels(upper, Some(color)),
            };
        }
    }

    fn cell(&mut self, row: usize, column: usize) -> Option<&mut Cell> {
        if column < self.columns { self.cells.get_mut(row * self.columns + column) } else { None }
    }

    /// The sheet as lines of text with 24-bit colours, or shaded without.
    pub(crate) fn lines(&self, colored: bool) -> Vec<String> {
        self.cells.chunks(self.columns.max(1)).map(|row| line(row, colored)).collect()
    }
}

fn line(row: &[Cell], colored: bool) -> String {
    let end =
        row.iter().rposition(|&cell| cell != Cell::Text(' ', None)).map_or(0, |last| last + 1);
    let mut text = String::new();
    let mut pen = Pen::default();
    for cell in &row[..end] {
        let (glyph, wanted) = cell.drawn(colored);
        if colored {
            pen.change(wanted, &mut text);
        }
        text.push(glyph);
    }
    if pen != Pen::default() {
        text.push_str("\x1b[0m");
    }
    text
}

impl Cell {
    /// The character and the colours that show this cell.
    fn drawn(self, colored: bool) -> (char, Pen) {
        match self {
            Self::Text(glyph, fore) => (glyph, Pen { fore, back: None }),
            Self::Pixels(upper, lower) if !colored => (shade(upper.or(lower)), Pen::default()),
            Self::Pixels(Some(upper), lower) if Some(upper) == lower => {
                ('█', Pen { fore: Some(upper), back: None })
            }
            Self::Pixels(Some(upper), lower) => ('▀', Pen { fore: Some(upper), back: lower }),
            Self::Pixels(None, lower) => ('▄', Pen { fore: lower, back: None }),
        }
    }
}

/// Brightness without colour.
fn shade(color: Option<Rgb>) -> char {
    let brightest = color.and_then(|color| color.into_iter().max()).unwrap_or(0);
    match brightest {
        0..=40 => '·',
        41..=90 => '░',
        91..=160 => '▒',
        161..=220 => '▓',
        221.. => '█',
    }
}

/// The colours in force on the terminal.
#[derive(Clone, Copy, PartialEq, Default)]
struct Pen {
    fore: Option<Rgb>,
    back: Option<Rgb>,
}

impl Pen {
    fn change(&mut self, wanted: Self, text: &mut String) {
        // Writing to a String cannot fail.
        if self.fore != wanted.fore {
            let _ = match wanted.fore {
                Some([r, g, b]) => write!(text, "\x1b[38;2;{r};{g};{b}m"),
                None => write!(text, "\x1b[39m"),
            };
        }
        if self.back != wanted.back {
            let _ = match wanted.back {
                Some([r, g, b]) => write!(text, "\x1b[48;2;{r};{g};{b}m"),
                None => write!(text, "\x1b[49m"),
            };
        }
        *self = wanted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pixels_share_a_cell() {
        let mut sheet = Sheet::new(4, 1);
        sheet.pixel(0, 0, [255, 0, 0]);
        sheet.pixel(0, 1, [255, 0, 0]);
        sheet.pixel(1, 1, [0, 0, 255]);
        sheet.text(0, 2, "abc", None);
        let colored = "\x1b[38;2;255;0;0m█\x1b[38;2;0;0;255m▄\x1b[39mab";
        assert_eq!(sheet.lines(true), [colored]);
        assert_eq!(sheet.lines(false), ["██ab"]);
    }
}
