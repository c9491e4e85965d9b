//! The benchmark show with lights that tell of edits.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::wire::SLOTS;
use crate::show::{self, Dice};

/// The universe of the lights that tell of edits.
pub(super) const UNIVERSE: u16 = 101;
/// The lights' first slots, from 0: a pixel lit by either cue file, one lit by a colour of the
/// palette, and a bar.
const CUES: [usize; 2] = [0, 3];
const PALETTE: usize = 6;
const PATCHED: [usize; 2] = [9, 12];
const BAR: usize = 15;
/// The level of the bar's first pixel: half, and half through a square curve.
const HALF: [u8; 2] = [128, 64];
const FILES: [&str; 2] = ["shows/bench/base.json", "shows/bench/hits.json"];

/// The project, and what its lights are to show.
pub(super) struct Marked {
    project: PathBuf,
    texts: [String; 2],
    manifest: String,
    venue: String,
    profile: String,
    cues: [[u8; 3]; 2],
    palette: [u8; 3],
    is_moved: bool,
    is_square: bool,
    saves: u32,
}

/// A colour as it is written.
fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn color(dice: &mut Dice) -> [u8; 3] {
    [0; 3].map(|_| dice.below(255) as u8 + 1)
}

impl Marked {
    /// Writes it: 100 universes of it as ever, five minutes long.
    pub(super) fn write(folder: &Path) -> Result<Self> {
        let project = show::write(folder, UNIVERSE - 1, 300)?;
        let read =
            |path: &str| fs::read_to_string(project.join(path)).context("a file of the show");
        let mut texts = [read(FILES[0])?, read(FILES[1])?];
        for (index, text) in texts.iter_mut().enumerate() {
            let more = if index == 0 { BACKGROUND } else { "" };
            let cue = format!(
                "\"cues\": [ {{ \"at\": 0, \"for\": \"300s\", \"on\": \"m{index}\", \"set\": {{ \"color\": \"MARK\" }} }},{more}"
            );
            *text = text.replacen("\"cues\": [", &cue, 1);
            // Every colour of the first layer is of the palette.
            if index == 0 {
                *text = painted(text);
            }
        }
        let manifest = format!("{}[colors]\npaint = \"PAINT\"\n", read("shows/bench/show.toml")?);
        let venue = read("fixtures/hall.toml")?;
        let pixel = |id: &str, slot: usize| {
            format!(
                "\n[[fixture]]\nid = \"{id}\"\nuniverse = {UNIVERSE}\naddress = {}\npixels = 1\n",
                slot + 1
            )
        };
        let bar = format!(
            "\n[[fixture]]\nid = \"bar\"\nprofile = \"bench/bar\"\nmode = \"pixels\"\nuniverse = {UNIVERSE}\n\
             address = {}\n",
            BAR + 1
        );
        let marks =
            [pixel("m0", CUES[0]), pixel("m1", CUES[1]), pixel("mp", PALETTE), pixel("mv", 0), bar];
        let marks = marks.concat().replace(
            "id = \"mv\"\nuniverse = 101\naddress = 1",
            "id = \"mv\"\nuniverse = 101\naddress = MOVED",
        );
        let venue = venue.replacen("\n[[output]]", &format!("{marks}\n[[output]]"), 1);
        let profile = read("fixtures/profiles/bench/bar.json")?;
        let (cues, palette) = ([[1, 2, 3], [4, 5, 6]], [7, 8, 9]);
        let mut marked = Self {
            project,
            texts,
            manifest,
            venue,
            profile,
            cues,
            palette,
            is_moved: false,
            is_square: false,
            saves: 0,
        };
        marked.save_cues(0)?;
        marked.save_cues(1)?;
        marked.save_manifest()?;
        marked.save_venue()?;
        marked.save_profile()?;
        Ok(marked)
    }

    pub(super) fn path(&self) -> &Path {
        &self.project
    }

    /// The slots that are to be on the wire.
    pub(super) fn expected(&self) -> [u8; SLOTS] {
        let mut slots = [0; SLOTS];
        let patched = PATCHED[usize::from(self.is_moved)];
        let pixels = [
            (CUES[0], self.cues[0]),
            (CUES[1], self.cues[1]),
            (PALETTE, self.palette),
            (patched, [9, 9, 9]),
        ];
        for (at, color) in pixels {
            slots[at..at + 3].copy_from_slice(&color);
        }
        slots[BAR..BAR + 3].fill(HALF[usize::from(self.is_square)]);
        slots
    }

    pub(super) fn edit_cue(&mut self, dice: &mut Dice) -> Result<()> {
        let file = dice.below(2) as usize;
        self.cues[file] = color(dice);
        self.save_cues(file)
    }

    pub(super) fn edit_palette(&mut self, dice: &mut Dice) -> Result<()> {
        self.palette = color(dice);
        self.save_manifest()
    }

    pub(super) fn edit_profile(&mut self) -> Result<()> {
        self.is_square = !self.is_square;
        self.save_profile()
    }

    pub(super) fn edit_patch(&mut self) -> Result<()> {
        self.is_moved = !self.is_moved;
        self.save_venue()
    }

    fn save_cues(&mut self, file: usize) -> Result<()> {
        let text = self.texts[file].replacen("MARK", &hex(self.cues[file]), 1);
        self.save(FILES[file], &text)
    }

    fn save_manifest(&mut self) -> Result<()> {
        let text = self.manifest.replace("PAINT", &hex(self.palette));
        self.save("shows/bench/show.toml", &text)
    }

    fn save_venue(&mut self) -> Result<()> {
        let moved = PATCHED[usize::from(self.is_moved)] + 1;
        let text = self.venue.replace("MOVED", &moved.to_string());
        self.save("fixtures/hall.toml", &text)
    }

    fn save_profile(&mut self) -> Result<()> {
        let curve = if self.is_square { "square" } else { "linear" };
        let with = format!("\"availableChannels\": {{}}, \"gobo\": {{ \"curve\": \"{curve}\" }}");
        let text = self.profile.replacen("\"availableChannels\": {}", &with, 1);
        self.save("fixtures/profiles/bench/bar.json", &text)
    }

    /// Saves a file, by turns over the old one and beside it, to be moved to its place.
    fn save(&mut self, path: &str, text: &str) -> Result<()> {
        self.saves += 1;
        let path = self.project.join(path);
        if self.saves.is_multiple_of(2) {
            return fs::write(&path, text).context("a save");
        }
        let beside = path.with_extension("tmp");
        fs::write(&beside, text)?;
        fs::rename(beside, path).context("a save")
    }
}

/// What the lights show that is not edited in the cues.
const BACKGROUND: &str = r##"
  { "at": 0, "for": "300s", "on": "mp", "set": { "color": "PALETTE" } },
  { "at": 0, "for": "300s", "on": "mv", "set": { "color": "#090909" } },
  { "at": 0, "for": "300s", "on": "bar:1", "set": { "color": "#ffffff", "dimmer": 0.5 } },"##;

/// A cue file in which all colours that were written out are one of the palette.
fn painted(text: &str) -> String {
    let mut parts = text.split("\"color\": \"#");
    let mut painted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (color, rest) = part.split_at(6.min(part.len()));
        match color {
            "090909" | "ffffff" => painted += &format!("\"color\": \"#{color}{rest}"),
            _ => painted += &format!("\"color\": \"paint{rest}"),
        }
    }
    painted.replace("PALETTE", "paint")
}
