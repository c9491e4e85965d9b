//! Where two canvases differ. Tells, and judges nothing: any difference is one.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use gobo_dmx::{SLOTS, Universe};

use crate::error::CanvasError;
use crate::{Canvas, CueMark, Decoder, Header};

/// How two canvases differ; empty when they play the same and say the same.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diff {
    /// What the headers say differently, a sentence each.
    pub header: Vec<String>,
    /// The universes whose levels differ. Universes that only one canvas has are in `header`.
    pub universes: Vec<UniverseDiff>,
}

/// Where the levels of a universe differ.
#[derive(Clone, PartialEq, Debug)]
pub struct UniverseDiff {
    /// The universe.
    pub universe: Universe,
    /// When, as stretches with less than a second between their frames.
    pub spans: Vec<Span>,
    /// The differing addresses, the first and the last of each run.
    pub addresses: Vec<[u16; 2]>,
    /// The fixtures that differ, in the order of the patch.
    pub fixtures: Vec<FixtureDiff>,
}

/// Where a fixture's levels differ.
#[derive(Clone, PartialEq, Debug)]
pub struct FixtureDiff {
    /// Its id.
    pub id: String,
    /// When.
    pub spans: Vec<Span>,
}

/// Frames from the first that differs to the last, with their times.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Span {
    /// The first differing frame.
    pub first_frame: u32,
    /// The last differing frame.
    pub last_frame: u32,
    /// When the first starts, in seconds of the show.
    pub start: f64,
    /// When the last ends.
    pub end: f64,
}

impl Diff {
    /// Whether the canvases are the same.
    pub fn is_empty(&self) -> bool {
        self.header.is_empty() && self.universes.is_empty()
    }
}

/// Compares two canvases, `new` against `old`. Levels are compared as far as both are long, and
/// only where both have the same frame rate.
///
/// Cells with equal keys are taken as equal where one build of one engine rendered both; all others are
/// compared level by level.
pub fn diff(old: &Canvas, new: &Canvas) -> Result<Diff, CanvasError> {
    let mut universes = Vec::new();
    if old.header().rate == new.header().rate {
        let mut comparison = Comparison::new(old, new);
        for (old_index, entry) in old.header().universes.iter().enumerate() {
            let Some(new_index) = new.header().universe_index(entry.universe) else { continue };
            universes.extend(comparison.universe(old_index, new_index)?);
        }
    }
    Ok(Diff { header: header_words(old.header(), new.header()), universes })
}

/// Two canvases while they are compared, and room for a cell of each.
struct Comparison<'a> {
    canvases: [&'a Canvas; 2],
    decoder: Decoder,
    packed: Vec<u8>,
    narrow: Vec<u8>,
    rows: [Vec<u8>; 2],
    same_engine: bool,
    frames: u32,
}

impl<'a> Comparison<'a> {
    fn new(old: &'a Canvas, new: &'a Canvas) -> Self {
        Self {
            canvases: [old, new],
            decoder: Decoder::new(),
            packed: Vec::new(),
            narrow: Vec::new(),
            rows: [Vec::new(), Vec::new()],
            same_engine: old.header().is_rendered_as(new.header()),
            frames: old.header().frames.min(new.header().frames),
        }
    }

    fn universe(
        &mut self,
        old_index: usize,
        new_index: usize,
    ) -> Result<Option<UniverseDiff>, CanvasError> {
        let header = self.canvases[1].header();
        let entry = &header.universes[new_index];
        let mut found = Differences::new(self.canvases, entry.universe);
        let cells = self.frames.div_ceil(header.rate.frames_per_cell());
        let mut cell = 0;
        while cell < cells {
            // As long as the same two records face each other, one comparison serves.
            let records = [
                self.canvases[0].record_index(old_index, cell)?,
                self.canvases[1].record_index(new_index, cell)?,
            ];
            let end = self.canvases[0].run_end(old_index, cell)?;
            let end = end.min(self.canvases[1].run_end(new_index, cell)?).min(cells);
            if !self.equal(records)? {
                (cell..end).for_each(|cell| self.collect(header, cell, &mut found));
            }
            cell = end;
        }
        Ok(found.into_diff(header))
    }

    /// Whether two records decode to the same levels; if not, they are in `rows`.
    fn equal(&mut self, records: [u64; 2]) -> Result<bool, CanvasError> {
        let [old, new] = [0, 1].map(|side| *self.canvases[side].record(records[side]));
        let same_shape = (old.frames, old.width) == (new.frames, new.width);
        if self.same_engine && old.key == new.key && same_shape {
            return Ok(true);
        }
        for (side, record) in [old, new].iter().enumerate() {
            let Self { decoder, packed, narrow, .. } = self;
            self.canvases[side].decode(records[side], decoder, packed, narrow)?;
            widen(narrow, record.width.into(), &mut self.rows[side]);
        }
        let common = self.rows[0].len().min(self.rows[1].len());
        Ok(self.rows[0][..common] == self.rows[1][..common])
    }

    fn collect(&self, header: &Header, cell: u32, found: &mut Differences) {
        let (old, new) = (self.rows[0].chunks_exact(SLOTS), self.rows[1].chunks_exact(SLOTS));
        for ((old, new), frame) in old.zip(new).zip(header.first_frame(cell)..self.frames) {
            if old != new {
                found.frame(frame, old, new);
            }
        }
    }
}

/// Rows of `width` slots as rows of 512.
fn widen(narrow: &[u8], width: usize, wide: &mut Vec<u8>) {
    wide.clear();
    for row in narrow.chunks_exact(width) {
        wide.extend_from_slice(row);
        wide.extend_from_slice(&[0; SLOTS][width..]);
    }
}

/// What differs in one universe so far.
struct Differences {
    universe: Universe,
    /// Frames between differences that are still one stretch.
    gap: u32,
    slots: [bool; SLOTS],
    frames: Vec<[u32; 2]>,
    fixtures: Vec<DifferingFixture>,
}

struct DifferingFixture {
    id: String,
    slots: Range<usize>,
    frames: Vec<[u32; 2]>,
}

impl Differences {
    fn new([old, new]: [&Canvas; 2], universe: Universe) -> Self {
        let mut fixtures: Vec<DifferingFixture> = Vec::new();
        let patched = new.header().patch.iter().chain(&old.header().patch);
        for fixture in patched.filter(|fixture| fixture.universe == universe) {
            let first = fixture.address.slot();
            let slots = first..SLOTS.min(first + usize::from(fixture.footprint));
            if !fixtures.iter().any(|known| known.id == fixture.id && known.slots == slots) {
                fixtures.push(DifferingFixture {
                    id: fixture.id.clone(),
                    slots,
                    frames: Vec::new(),
                });
            }
        }
        let gap = new.header().rate.frames_per_cell();
        Self { universe, gap, slots: [false; SLOTS], frames: Vec::new(), fixtures }
    }

    fn frame(&mut self, frame: u32, old: &[u8], new: &[u8]) {
        push(&mut self.frames, frame, self.gap);
        for ((differs, old), new) in self.slots.iter_mut().zip(old).zip(new) {
            *differs |= old != new;
        }
        for fixture in &mut self.fixtures {
            if old[fixture.slots.clone()] != new[fixture.slots.clone()] {
                push(&mut fixture.frames, frame, self.gap);
            }
        }
    }

    fn into_diff(self, header: &Header) -> Option<UniverseDiff> {
        let span = |[first_frame, last_frame]: [u32; 2]| Span {
            first_frame,
            last_frame,
            start: header.rate.seconds_at(first_frame),
            end: header.rate.seconds_at(last_frame.saturating_add(1)),
        };
        let spans: Vec<Span> = self.frames.into_iter().map(span).collect();
        let differing = (0..).zip(self.slots).filter(|&(_, differs)| differs);
        let addresses = CueMark::runs_of(differing.map(|(slot, _): (u32, bool)| slot + 1));
        let fixture = |fixture: DifferingFixture| FixtureDiff {
            id: fixture.id,
            spans: fixture.frames.into_iter().map(span).collect(),
        };
        let fixtures = self.fixtures.into_iter().filter(|fixture| !fixture.frames.is_empty());
        (!spans.is_empty()).then(|| UniverseDiff {
            universe: self.universe,
            spans,
            addresses: addresses.into_iter().map(|run| run.map(|address| address as u16)).collect(),
            fixtures: fixtures.map(fixture).collect(),
        })
    }
}

/// Adds a frame to stretches with fewer than `gap` frames between.
fn push(stretches: &mut Vec<[u32; 2]>, frame: u32, gap: u32) {
    match stretches.last_mut() {
        Some([_, last]) if frame - *last < gap => *last = frame,
        _ => stretches.push([frame; 2]),
    }
}

fn header_words(old: &Header, new: &Header) -> Vec<String> {
    let mut words = Vec::new();
    let mut changed = |what: &str, old: &dyn fmt::Display, new: &dyn fmt::Display| {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            let named = |text: String| if text.is_empty() { "none".to_owned() } else { text };
            words.push(format!("{what}: {} became {}", named(old), named(new)));
        }
    };
    changed("name", &old.name, &new.name);
    changed("title", &old.title, &new.title);
    changed("engine", &old.engine, &new.engine);
    changed("frame rate", &old.rate, &new.rate);
    changed("frames", &old.frames, &new.frames);
    let song = |header: &Header| match &header.song {
        Some(song) => {
            format!("{} ({:032x}, offset {} s)", song.path, song.hash, song.offset)
        }
        None => "none".to_owned(),
    };
    changed("song", &song(old), &song(new));
    let names = |names: &[String]| names.join(", ");
    changed("layers", &names(&old.layers), &names(&new.layers));
    for (what, differs) in [
        ("sections", old.sections != new.sections),
        ("bars", old.bars != new.bars),
        ("cue marks", old.cues != new.cues),
        ("groups", old.groups != new.groups),
        ("outputs", old.routes != new.routes),
        ("last look", old.last_look != new.last_look),
    ] {
        if differs {
            words.push(format!("{what} differ"));
        }
    }
    members(
        "universe",
        &old.universes,
        &new.universes,
        |entry| entry.universe.to_string(),
        &mut words,
    );
    members("fixture", &old.patch, &new.patch, |fixture| fixture.id.clone(), &mut words);
    words
}

/// What was added to a list, taken from it, and changed in it.
fn members<T: PartialEq>(
    what: &str,
    old: &[T],
    new: &[T],
    name: impl Fn(&T) -> String,
    words: &mut Vec<String>,
) {
    let by_name = |list: &'_ [T]| -> BTreeMap<String, usize> {
        list.iter().enumerate().map(|(index, member)| (name(member), index)).collect()
    };
    let (old_names, new_names) = (by_name(old), by_name(new));
    for member in old {
        let name = name(member);
        match new_names.get(&name) {
            None => words.push(format!("{what} {name} is gone")),
            Some(&index) if new[index] != *member => words.push(format!("{what} {name} changed")),
            Some(_) => {}
        }
    }
    let added = new.iter().map(name).filter(|name| !old_names.contains_key(name));
    words.extend(added.map(|name| format!("{what} {name} is new")));
}

impl fmt::Display for Span {
    /// Minutes, seconds and thousandths: `1:02.350-1:03.100`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |seconds: f64| {
            let millis = (seconds * 1000.0).round() as u64;
            format!("{}:{:02}.{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000)
        };
        write!(f, "{}-{}", clock(self.start), clock(self.end))
    }
}

impl fmt::Display for Diff {
    /// A line for each difference; nothing for none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.header {
            writeln!(f, "{line}")?;
        }
        for universe in &self.universes {
            let spans = join(&universe.spans);
            let addresses: Vec<String> = universe.addresses.iter().map(run).collect();
            writeln!(
                f,
                "universe {}: {spans} (addresses {})",
                universe.universe,
                join(&addresses)
            )?;
            for fixture in &universe.fixtures {
                writeln!(f, "  {}: {}", fixture.id, join(&fixture.spans))?;
            }
        }
        Ok(())
    }
}

fn run([first, last]: &[u16; 2]) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

fn join(parts: &[impl ToString]) -> String {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    parts.join(", ")
}
