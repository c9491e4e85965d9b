//! Frames as JSON, an object a line, for scripts.

use std::io::{self, Write};

use gobo_canvas::Header;
use gobo_dmx::{SLOTS, Slots, Universe, UniverseSet};
use gobo_output::{FrameLog, Logged, Place};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::canvas_log::chosen;

/// Writes frames to stdout: one line each, when it is another frame or its levels are others.
pub(super) struct Lines {
    out: io::Stdout,
    /// Places in the frame, and universes.
    chosen: Vec<(usize, Universe)>,
    frame: Option<(u64, u32)>,
    levels: Vec<Slots>,
    line: Vec<u8>,
}

/// `{"reason":"frame","frame":60,"seconds":1.0,"universes":{"1":[255,0,128]}}`
#[derive(serde::Serialize)]
struct Line<'a> {
    reason: &'static str,
    /// Which show it is of several, from 0; left out for the first.
    #[serde(skip_serializing_if = "is_first")]
    show: u64,
    /// The frame of the show.
    frame: u32,
    /// Its time in the show.
    seconds: f64,
    /// On the last line only: the look that the show leaves.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    last_look: bool,
    universes: Universes<'a>,
}

fn is_first(show: &u64) -> bool {
    *show == 0
}

/// Every universe by its number; zeros after the last lit slot are left out.
struct Universes<'a> {
    chosen: &'a [(usize, Universe)],
    levels: &'a [Slots],
}

impl Serialize for Universes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.chosen.len()))?;
        for ((_, universe), levels) in self.chosen.iter().zip(self.levels) {
            let lit = levels.iter().rposition(|&level| level > 0).map_or(0, |last| last + 1);
            map.serialize_entry(&universe.to_string(), &levels[..lit])?;
        }
        map.end()
    }
}

impl Lines {
    pub(super) fn new(header: &Header, only: Option<&UniverseSet>) -> Self {
        let chosen = chosen(header, only);
        let levels = vec![[0; SLOTS]; chosen.len()];
        Self { out: io::stdout(), chosen, frame: None, levels, line: Vec::new() }
    }

    /// The line of a frame, unless it says nothing new.
    fn line(&mut self, frame: &Logged<'_>) -> io::Result<Option<&[u8]>> {
        let Place { show, frame: number, seconds, .. } = frame.place;
        let mut fresh = self.frame.replace((show, number)) != Some((show, number));
        for (levels, (index, _)) in self.levels.iter_mut().zip(&self.chosen) {
            let Some(sent) = frame.universes.get(*index) else { continue };
            fresh |= levels != sent;
            *levels = *sent;
        }
        if !fresh && !frame.last_look {
            return Ok(None);
        }
        self.line.clear();
        let universes = Universes { chosen: &self.chosen, levels: &self.levels };
        let last_look = frame.last_look;
        let line = Line { reason: "frame", show, frame: number, seconds, last_look, universes };
        serde_json::to_writer(&mut self.line, &line)?;
        self.line.push(b'\n');
        Ok(Some(&self.line))
    }
}

impl FrameLog for Lines {
    fn put(&mut self, frame: &Logged<'_>) -> io::Result<()> {
        let mut out = self.out.lock();
        match self.line(frame)? {
            Some(line) => out.write_all(line).and_then(|()| out.flush()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use gobo_canvas::UniverseEntry;

    use super::*;

    #[test]
    fn a_line_says_where_and_what_and_only_what_is_new() {
        let entry = |number| UniverseEntry {
            universe: Universe::new(number).unwrap(),
            name: String::new(),
            slots_used: 3,
        };
        let universes = vec![entry(1), entry(2), entry(9)];
        let header = Header { frames: 60, universes, ..Header::default() };
        let mut lines = Lines::new(&header, Some(&"2-9".parse().unwrap()));
        let mut line = |frame: u32, level: u8, last_look| {
            let mut slots = [0; SLOTS];
            slots[1] = level;
            let seconds = f64::from(frame) / 60.0;
            let place = Place { show: 0, frame, turn: frame, seconds, speed: 1.0 };
            let universes = &[[7; SLOTS], slots, [0; SLOTS]];
            let logged = Logged { at: Instant::now(), place, last_look, universes };
            let line = lines.line(&logged).unwrap();
            line.map(|line| String::from_utf8(line.to_vec()).unwrap())
        };
        let first = line(30, 5, false).unwrap();
        let expected =
            r#"{"reason":"frame","frame":30,"seconds":0.5,"universes":{"2":[0,5],"9":[]}}"#;
        assert_eq!(first.trim_end(), expected);
        assert_eq!(line(30, 5, false), None);
        assert!(line(31, 5, false).is_some());
        assert!(line(31, 6, false).is_some());
        assert!(line(31, 6, true).unwrap().contains(r#""last_look":true"#));
    }
}
