//! Frames that are sent, as a canvas: what plays afterwards is what was seen.
//!
//! Frames of the show follow each other in the recording as they do in the show, however late
//! they were. Where the show does not go on as written (it pauses, seeks, plays faster) time says
//! where a frame belongs.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use gobo_canvas::{CanvasWriter, Compression, Encoder, Header, Track, UniverseEntry};
use gobo_dmx::{FrameRate, LastLook, SLOTS, Universe, UniverseSet};
use gobo_output::{FrameLog, Logged, Place};

use crate::compile::part;
use crate::output::{Unwritten, make_folder_of};

/// How far the show may be from the time, in seconds, before time says where a frame belongs.
const SLACK_SECONDS: f64 = 0.25;

/// The part of what the show is off the time that is forgotten with a frame: clocks of sound
/// devices differ from the computer's.
const FORGOTTEN: f64 = 1.0 / 256.0;

/// The universes of a canvas, or those of them in `only`: places in the frame, and numbers.
pub(super) fn chosen(header: &Header, only: Option<&UniverseSet>) -> Vec<(usize, Universe)> {
    let all = header.universes.iter().map(|entry| entry.universe).enumerate();
    all.filter(|(_, universe)| only.is_none_or(|only| only.contains(*universe))).collect()
}

/// A recording of frames in progress.
pub(super) struct CanvasLog {
    path: PathBuf,
    header: Header,
    chosen: Vec<(usize, Universe)>,
    tracks: Vec<Track>,
    encoder: Encoder,
    reckoning: Reckoning,
    last_look: LastLook,
}

impl CanvasLog {
    pub(super) fn new(path: &Path, header: &Header, only: Option<&UniverseSet>) -> Self {
        let chosen = chosen(header, only);
        let used = |index: usize| header.universes[index].slots_used.into();
        let tracks = chosen.iter().map(|&(index, _)| Track::new(used(index), header.rate));
        Self {
            path: path.to_owned(),
            header: header.clone(),
            tracks: tracks.collect(),
            chosen,
            encoder: Encoder::new(Compression::Fast),
            reckoning: Reckoning::new(header.rate),
            last_look: LastLook::Hold,
        }
    }

    /// Writes the canvas; `None` when nothing came.
    pub(super) fn finish(mut self) -> Result<Option<Header>> {
        let frames = self.tracks.iter().map(Track::frames).max().unwrap_or(0);
        if frames == 0 {
            return Ok(None);
        }
        let header = self.header(frames);
        let failed = || Unwritten::file(&self.path);
        make_folder_of(&self.path)?;
        let mut writer = CanvasWriter::create(&self.path, &header).with_context(failed)?;
        for (index, mut track) in self.tracks.into_iter().enumerate() {
            track.hold(frames, &mut self.encoder);
            for (cell, encoded) in (0..).zip(track.finish(frames, &mut self.encoder)) {
                writer.put(index, cell, &encoded).with_context(failed)?;
            }
        }
        writer.finish().with_context(failed)?;
        Ok(Some(header))
    }

    /// That of the part of the show that was played, if it was played as written; otherwise it
    /// has no song, and nothing that goes by its time.
    fn header(&self, frames: u32) -> Header {
        let mut header = match self.reckoning.in_step() {
            Some(first) => part::header(&self.header, &(first..first + frames)),
            None => Header {
                song: None,
                sections: Vec::new(),
                bars: Vec::new(),
                cues: Vec::new(),
                ..self.header.clone()
            },
        };
        let entries = &self.header.universes;
        let recorded = self.chosen.iter().zip(&self.tracks).map(|((index, _), track)| {
            UniverseEntry { slots_used: track.width() as u16, ..entries[*index].clone() }
        });
        header.universes = recorded.collect();
        if header.engine.is_empty() {
            header.engine = format!("recorded by gobo {}", env!("CARGO_PKG_VERSION"));
        }
        header.made_from = None;
        (header.frames, header.last_look) = (frames, self.last_look);
        header
    }
}

impl FrameLog for CanvasLog {
    fn put(&mut self, frame: &Logged<'_>) -> io::Result<()> {
        if frame.last_look {
            let is_dark = frame.universes.iter().all(|slots| slots.iter().all(|&level| level == 0));
            self.last_look = if is_dark { LastLook::Blackout } else { LastLook::Hold };
            return Ok(());
        }
        let number = self.reckoning.frame(frame.at, frame.place);
        for (track, (index, _)) in self.tracks.iter_mut().zip(&self.chosen) {
            if let Some(slots) = frame.universes.get(*index) {
                // What is laid over a show may light slots that it does not use.
                if slots[track.width()..].iter().any(|&level| level > 0) {
                    track.widen(SLOTS, &mut self.encoder);
                }
                track.put(number, slots, &mut self.encoder);
            }
        }
        Ok(())
    }
}

/// Which frame of the recording a frame of the show is.
struct Reckoning {
    rate: FrameRate,
    /// The first frame of the show.
    first: Option<u32>,
    /// When the recording began, as its latest frame tells; in seconds after `origin`.
    origin: Option<Instant>,
    began: f64,
    /// The last frame of the recording, and of the show.
    frame: u32,
    place: Place,
    strayed: bool,
}

impl Reckoning {
    fn new(rate: FrameRate) -> Self {
        let (first, origin) = (None, None);
        let place = Place::default();
        Self { rate, first, origin, began: 0.0, frame: 0, place, strayed: false }
    }

    /// The first frame of the show, if all others followed as they are written.
    fn in_step(&self) -> Option<u32> {
        self.first.filter(|_| !self.strayed)
    }

    fn frame(&mut self, at: Instant, place: Place) -> u32 {
        let origin = *self.origin.get_or_insert(at);
        let now = at.saturating_duration_since(origin).as_secs_f64();
        if *self.first.get_or_insert(place.turn) == place.turn && self.frame == 0 {
            // The show has not begun yet: it waits for its sound.
            (self.began, self.place) = (now, place);
            return 0;
        }
        let rate = self.rate.as_f64();
        let by_time = (now - self.began) * rate;
        let before = std::mem::replace(&mut self.place, place);
        let further = place.turn.checked_sub(before.turn).filter(|_| place.show == before.show);
        let by_show = further.map(|further| self.frame + further);
        let off = |frame: u32| by_time - f64::from(frame);
        let by_show =
            by_show.filter(|&frame| place.speed == 1.0 && off(frame).abs() <= SLACK_SECONDS * rate);
        self.frame = match by_show {
            Some(frame) => {
                self.began += off(frame) / rate * FORGOTTEN;
                frame
            }
            None => {
                self.strayed = true;
                self.frame.max(self.rate.nearest_frame(now - self.began))
            }
        };
        self.frame
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The frames of the recording for frames of the show sent at these seconds.
    fn reckoned(sent: &[(f64, u32, f64)]) -> (Vec<u32>, Option<u32>) {
        let mut reckoning = Reckoning::new(FrameRate::DEFAULT);
        let start = Instant::now();
        let frames = sent.iter().map(|&(seconds, turn, speed)| {
            let place = Place { frame: turn, turn, speed, ..Place::default() };
            reckoning.frame(start + Duration::from_secs_f64(seconds), place)
        });
        (frames.collect(), reckoning.in_step())
    }

    /// So many frames from `turn` on, from a time on, each late by some milliseconds.
    fn played(from: f64, turn: u32, count: u32) -> impl Iterator<Item = (f64, u32, f64)> {
        let late = |n: u32| f64::from(n * 7 % 40) / 1000.0;
        (0..count).map(move |n| (from + f64::from(n) / 60.0 + late(n), turn + n, 1.0))
    }

    #[test]
    fn late_and_dropped_frames_keep_their_places() {
        let mut sent: Vec<_> = played(0.0, 100, 300).collect();
        sent.remove(50);
        let (frames, first) = reckoned(&sent);
        let expected: Vec<u32> = (0..300).filter(|&frame| frame != 50).collect();
        assert_eq!((frames, first), (expected, Some(100)));
    }

    #[test]
    fn waiting_for_the_sound_is_not_recorded() {
        let waiting = (0..60).map(|n| (f64::from(n) / 60.0, 0, 1.0));
        let sent: Vec<_> = waiting.chain(played(1.0, 1, 60)).collect();
        let (frames, first) = reckoned(&sent);
        assert_eq!((frames.last(), first), (Some(&60), Some(0)));
    }

    #[test]
    fn a_sound_device_with_a_clock_of_its_own_is_followed() {
        // Half a per cent, a hundred times what there is: two seconds in five minutes or so.
        let sent: Vec<_> = (0..20_000).map(|n| (f64::from(n) / 60.3, n, 1.0)).collect();
        let (frames, first) = reckoned(&sent);
        assert_eq!((frames, first), ((0..20_000).collect(), Some(0)));
    }

    #[test]
    fn pauses_and_seeks_take_the_time_that_they_took() {
        let pause = (0..120).map(|n| (1.0 + f64::from(n) / 60.0, 59, 1.0));
        let sent: Vec<_> = played(0.0, 0, 60)
            .chain(pause)
            .chain(played(3.0, 60, 60))
            .chain(played(4.0, 10, 60))
            .collect();
        let (frames, first) = reckoned(&sent);
        assert_eq!(first, None);
        assert!(frames.is_sorted());
        // Two seconds stood still, and a second each before, after, and after the seek.
        let last = f64::from(*frames.last().unwrap()) / 60.0;
        assert!((last - 5.0).abs() < 2.0 * SLACK_SECONDS, "{last}");
    }

    #[test]
    fn at_twice_the_speed_time_counts() {
        let sent: Vec<_> = (0..600).map(|n| (f64::from(n) / 60.0, n * 2, 2.0)).collect();
        let (frames, first) = reckoned(&sent);
        assert_eq!(first, None);
        assert!((598..=600).contains(frames.last().unwrap()));
    }
}
