//! What arrives, written down frame by frame as a canvas.
//!
//! The wire carries no frame numbers. Without a pattern a packet belongs to the frame that its
//! arrival time says. With one (`--like`) only changes count: new levels belong to the next frame
//! of the pattern at which they follow those before. So neither a late packet nor a show that
//! waits for its sound is taken for a wrong one. Levels that the pattern has nowhere near are
//! recorded by their time, and show up in the diff.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use gobo_canvas::{Canvas, CanvasWriter, Compression, Encoder, Header, Track, UniverseEntry};
use gobo_dmx::{FrameRate, SLOTS, Slots, Universe};

use crate::output::{Unwritten, make_folder_of};

/// How far ahead, in seconds, of where its time says a packet may belong.
const SLACK_SECONDS: f64 = 0.25;

/// A recording in progress.
pub(crate) struct Recorder {
    path: PathBuf,
    header: Header,
    pattern: Option<Arc<Canvas>>,
    tracks: BTreeMap<Universe, Heard>,
    /// When frame 0 was, as the latest change tells.
    start: Option<Instant>,
    /// When the last packet came.
    last: Option<Instant>,
    encoder: Encoder,
}

/// Where levels belong.
enum Placed {
    /// To this frame, at which the pattern changes to them.
    Change(u32),
    /// To this frame by their time alone: the pattern has them nowhere near.
    ByTime(u32),
    /// To frames that go on as before.
    Same,
    /// After the last frame.
    After,
}

/// One universe as recorded so far.
struct Heard {
    track: Track,
    /// Its index in the pattern.
    index: usize,
    window: Window,
}

impl Recorder {
    /// A recording at a rate, of whatever universes come.
    pub(crate) fn free(path: &Path, rate: FrameRate) -> Self {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| "recording".to_owned());
        let title = name.clone();
        let engine = format!("recorded by gobo {}", env!("CARGO_PKG_VERSION"));
        Self::new(path, Header { name, title, engine, rate, ..Header::default() }, None)
    }

    /// A recording of a canvas that is being played from its start at its own speed.
    pub(crate) fn like(path: &Path, pattern: Canvas) -> Self {
        Self::new(path, pattern.header().clone(), Some(Arc::new(pattern)))
    }

    fn new(path: &Path, header: Header, pattern: Option<Arc<Canvas>>) -> Self {
        let (path, encoder) = (path.to_owned(), Encoder::new(Compression::Fast));
        let mut tracks = BTreeMap::new();
        for (index, entry) in header.universes.iter().enumerate() {
            let track = Track::new(entry.slots_used.into(), header.rate);
            tracks.insert(entry.universe, Heard { track, index, window: Window::default() });
        }
        Self { path, header, pattern, tracks, start: None, last: None, encoder }
    }

    /// Records the levels of a universe as they arrived.
    pub(crate) fn put(&mut self, at: Instant, universe: Universe, slots: &Slots) -> Result<()> {
        let due = self.due(at);
        self.last = Some(at);
        let rate = self.header.rate;
        let Some(pattern) = &self.pattern else {
            let heard = self.tracks.entry(universe).or_insert_with(|| Heard {
                track: Track::new(SLOTS, rate),
                index: 0,
                window: Window::default(),
            });
            heard.track.put(due.round() as u32, slots, &mut self.encoder);
            return Ok(());
        };
        let Some(heard) = self.tracks.get_mut(&universe) else { return Ok(()) };
        match heard.place(pattern, due, slots)? {
            Placed::Change(frame) => {
                heard.track.put(frame, slots, &mut self.encoder);
                self.start = at.checked_sub(rate.time_of(frame)).or(self.start);
            }
            Placed::ByTime(frame) => heard.track.put(frame, slots, &mut self.encoder),
            Placed::Same => {}
            Placed::After => heard.track.hold(self.header.frames, &mut self.encoder),
        }
        Ok(())
    }

    /// The frame, with its fraction, that is due at a time; frame 0 at the first.
    fn due(&mut self, at: Instant) -> f64 {
        let start = *self.start.get_or_insert(at);
        at.saturating_duration_since(start).as_secs_f64() * self.header.rate.as_f64()
    }

    /// How many frames were recorded: to the last change, or to the last packet.
    fn frames(&mut self) -> u32 {
        let changed = self.tracks.values().map(|heard| heard.track.frames()).max().unwrap_or(0);
        match self.last {
            Some(last) if changed > 0 => changed.max(self.due(last).round() as u32 + 1),
            _ => changed,
        }
    }

    /// Writes the canvas; `None` when nothing came. Universes that fell silent early keep their
    /// last levels as long as others went on; what never came is dark.
    pub(crate) fn finish(mut self) -> Result<Option<Header>> {
        let recorded = self.frames();
        if recorded == 0 {
            return Ok(None);
        }
        if self.pattern.is_none() {
            self.header.frames = recorded;
            let entry = |&universe| UniverseEntry {
                universe,
                name: String::new(),
                slots_used: SLOTS as u16,
            };
            self.header.universes = self.tracks.keys().map(entry).collect();
        }
        let failed = || Unwritten::file(&self.path);
        make_folder_of(&self.path)?;
        let mut writer = CanvasWriter::create(&self.path, &self.header).with_context(failed)?;
        for (index, Heard { mut track, .. }) in self.tracks.into_values().enumerate() {
            let held = if track.frames() > 0 { recorded } else { 0 };
            track.hold(held.min(self.header.frames), &mut self.encoder);
            for (cell, encoded) in (0..).zip(track.finish(self.header.frames, &mut self.encoder)) {
                writer.put(index, cell, &encoded).with_context(failed)?;
            }
        }
        writer.finish().with_context(failed)?;
        Ok(Some(self.header))
    }
}

impl Heard {
    /// The frame of the pattern to which levels belong that came when `due` was due.
    fn place(&mut self, pattern: &Canvas, due: f64, slots: &Slots) -> Result<Placed> {
        let (frames, wanted) = (pattern.header().frames, &slots[..self.track.width()]);
        let (next, before) = (self.track.frames(), &self.track.last()[..wanted.len()]);
        if next > 0 && wanted == before {
            return Ok(Placed::Same);
        }
        if next >= frames {
            return Ok(Placed::After);
        }
        let slack = SLACK_SECONDS * pattern.header().rate.as_f64();
        let last = ((due + slack).ceil() as u32).clamp(next, frames - 1);
        let (mut follows, mut anywhere) = (true, None);
        for frame in next..=last {
            let row = self.window.row(pattern, self.index, frame)?;
            let fits = row == wanted;
            if fits && follows {
                return Ok(Placed::Change(frame));
            }
            anywhere = anywhere.or(fits.then_some(frame));
            follows = row == before;
        }
        if let Some(frame) = anywhere {
            // A frame between was dropped.
            return Ok(Placed::Change(frame));
        }
        // Dark, near the end and not in the show: the blackout after it.
        let is_dark = wanted.iter().all(|&level| level == 0);
        match due + slack >= f64::from(frames) && is_dark {
            true => Ok(Placed::After),
            false => Ok(Placed::ByTime((due.round() as u32).clamp(next, frames - 1))),
        }
    }
}

/// The two cells of a universe that were looked at last.
#[derive(Default)]
struct Window {
    cells: [Option<(u32, Vec<u8>)>; 2],
}

impl Window {
    /// The used slots of a frame of a canvas.
    fn row(&mut self, canvas: &Canvas, universe: usize, frame: u32) -> Result<&[u8]> {
        let header = canvas.header();
        let cell = frame / header.rate.frames_per_cell();
        let half = &mut self.cells[cell as usize % 2];
        if half.as_ref().is_none_or(|&(held, _)| held != cell) {
            let mut rows = half.take().map(|(_, rows)| rows).unwrap_or_default();
            canvas.cell(universe, cell, &mut rows)?;
            *half = Some((cell, rows));
        }
        let rows = half.as_ref().map_or(&[][..], |(_, rows)| rows);
        let width = usize::from(header.universes[universe].slots_used);
        let first = (frame - header.first_frame(cell)) as usize * width;
        Ok(rows.get(first..first + width).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gobo_canvas::Cell;

    use super::*;

    const UNIVERSE: Universe = Universe::FIRST;

    /// A canvas of one universe in which slot 0 is the frame, and slot 1 always 9.
    fn ramp(path: &Path, frames: u32) -> Canvas {
        let entry = UniverseEntry { universe: UNIVERSE, name: String::new(), slots_used: 2 };
        let header = Header { frames, universes: vec![entry], ..Header::default() };
        let mut writer = CanvasWriter::create(path, &header).unwrap();
        for cell in 0..header.cells() {
            let first = header.first_frame(cell);
            let frames = first..first + u32::from(header.frames_in(cell));
            let rows: Vec<u8> = frames.flat_map(|frame| [frame as u8, 9]).collect();
            let encoded = Cell::encode(u128::from(cell), 2, &rows, Compression::None);
            writer.put(0, cell, &encoded).unwrap();
        }
        writer.finish().unwrap();
        Canvas::open(path).unwrap()
    }

    fn slots(level: u8) -> Slots {
        let mut slots = [0; SLOTS];
        (slots[0], slots[1]) = (level, 9);
        slots
    }

    /// Slot 0 of every frame recorded from packets of (milliseconds, level).
    fn recorded(packets: &[(f64, u8)], frames: u32) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let pattern = ramp(&folder.path().join("a.canvas"), frames);
        let path = folder.path().join("b.canvas");
        let mut recorder = Recorder::like(&path, pattern);
        let start = Instant::now();
        for &(millis, level) in packets {
            let at = start + Duration::from_secs_f64(millis / 1000.0);
            recorder.put(at, UNIVERSE, &slots(level)).unwrap();
        }
        recorder
            .put(start + Duration::from_secs_f64(f64::from(frames) / 60.0), UNIVERSE, &[0; SLOTS])
            .unwrap();
        recorder.finish().unwrap().unwrap();
        let canvas = Canvas::open(&path).unwrap();
        let mut out = [0; SLOTS];
        (0..frames)
            .map(|frame| {
                canvas.frame(0, frame, &mut out).unwrap();
                out[0]
            })
            .collect()
    }

    #[test]
    fn late_packets_are_still_the_same_frames() {
        let frames: Vec<u8> = (0..100).collect();
        let jitter = |frame: u8| f64::from(frame) * 16.7 + f64::from(frame % 7) * 9.0;
        let packets: Vec<(f64, u8)> = frames.iter().map(|&frame| (jitter(frame), frame)).collect();
        assert_eq!(recorded(&packets, 100), frames);
    }

    #[test]
    fn a_show_that_waits_for_its_sound_is_not_longer() {
        let waiting = (0..40).map(|packet| (f64::from(packet) * 16.7, 0));
        let playing = (1..90).map(|frame| (400.0 + f64::from(frame) * 16.7, frame as u8));
        let packets: Vec<(f64, u8)> = waiting.chain(playing).collect();
        assert_eq!(recorded(&packets, 90), (0..90).collect::<Vec<u8>>());
    }

    #[test]
    fn a_dropped_frame_repeats_the_one_before_and_a_wrong_one_stays_wrong() {
        let packets: Vec<(f64, u8)> =
            (0..70).filter(|&n| n != 30).map(|n| (f64::from(n) * 16.7, n)).collect();
        let mut expected: Vec<u8> = (0..70).collect();
        expected[30] = 29;
        assert_eq!(recorded(&packets, 70), expected);
        let wrong: Vec<(f64, u8)> =
            (0..70).map(|n| (f64::from(n) * 16.7, if n == 30 { 200 } else { n })).collect();
        expected[30] = 200;
        assert_eq!(recorded(&wrong, 70), expected);
    }

    #[test]
    fn without_a_pattern_time_says_the_frame() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("free.canvas");
        let mut recorder = Recorder::free(&path, FrameRate::DEFAULT);
        let start = Instant::now();
        for (millis, level) in [(0, 1), (17, 2), (50, 3)] {
            let at = start + Duration::from_millis(millis);
            recorder.put(at, UNIVERSE, &slots(level)).unwrap();
        }
        let header = recorder.finish().unwrap().unwrap();
        assert_eq!((header.frames, header.universes.len()), (4, 1));
        let canvas = Canvas::open(&path).unwrap();
        let mut out = [0; SLOTS];
        canvas.frame(0, 2, &mut out).unwrap();
        assert_eq!(out[..2], [2, 9]);
    }
}
