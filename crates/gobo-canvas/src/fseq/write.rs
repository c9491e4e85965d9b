//! Writing: version 2.0, frames chosen by time, an id that stands for the content.

use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use flate2::write::ZlibEncoder;
use gobo_dmx::{FrameRate, SLOTS};
use xxhash_rust::xxh3::Xxh3;

use super::{BLOCK, FseqCompression, FseqError, HEADER, MAGIC, MOST_BLOCKS, MOST_CHANNELS, RANGE};
use crate::{Canvas, Header, Reader};

/// The step where the canvas's own rate has none in whole milliseconds: 40 frames a second, which
/// every controller takes.
const USUAL_STEP_MS: u8 = 25;
/// Frames of the first block, small for a quick start.
const FIRST_BLOCK: u32 = 10;
/// About how many bytes of frames make a block: what has to be undone to get to a frame.
const BLOCK_BYTES: u32 = 1 << 20;

/// How a canvas becomes an FSEQ file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FseqOptions {
    /// Milliseconds from frame to frame, 1 to 255; the canvas's own, or 25 where that is no whole
    /// number.
    pub step_ms: Option<u8>,
    /// How frames are pressed.
    pub compression: FseqCompression,
    /// Whether only slots that are used are stored.
    pub sparse: bool,
    /// The name of the sound that it belongs to.
    pub media: Option<String>,
}

/// What an FSEQ file came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FseqExport {
    /// Milliseconds from frame to frame.
    pub step_ms: u8,
    /// How many frames it has.
    pub frames: u32,
    /// Whether frames had to be chosen by time.
    pub resampled: bool,
}

/// Writes a canvas as FSEQ. Channel 1 is the first slot of the lowest universe, and each universe
/// takes 512 channels.
///
/// # Errors
/// [`FseqError::Unsayable`] if the format has no room for the canvas; [`FseqError::Canvas`] or
/// [`FseqError::Io`] if it cannot be read or written.
pub fn export_fseq(
    canvas: &Arc<Canvas>,
    options: &FseqOptions,
    out: &mut (impl Write + Seek),
) -> Result<FseqExport, FseqError> {
    let header = canvas.header();
    let own = own_step(header.rate);
    let step_ms = options.step_ms.or(own).unwrap_or(USUAL_STEP_MS).max(1);
    let plan = Plan::new(header, step_ms, options)?;
    let mut file = File { head: plan.head(options)?, plan, id: Xxh3::new(), table: Vec::new() };
    out.write_all(&file.head)?;
    file.frames(canvas, options.compression, out)?;
    file.finish(out)?;
    let resampled = own != Some(step_ms);
    Ok(FseqExport { step_ms, frames: file.plan.frames, resampled })
}

/// The milliseconds between frames, if they are a whole number that the format can say.
fn own_step(rate: FrameRate) -> Option<u8> {
    let (frames, seconds) = (u64::from(rate.numerator()), u64::from(rate.denominator()));
    let whole = (1000 * seconds).is_multiple_of(frames);
    whole.then(|| u8::try_from(1000 * seconds / frames).ok()).flatten().filter(|step| *step > 0)
}

/// What is written where.
struct Plan {
    step_ms: u8,
    frames: u32,
    /// The channels stored, counted from 0, as they follow each other.
    ranges: Vec<Range<u32>>,
    /// Where each universe's slots are in a stored frame, and how many of them are stored.
    places: Vec<(usize, usize)>,
    channels: u32,
    /// The frames of each block; none where nothing is pressed.
    blocks: Vec<Range<u32>>,
    sparse: bool,
}

impl Plan {
    fn new(header: &Header, step_ms: u8, options: &FseqOptions) -> Result<Self, FseqError> {
        let unsayable = |reason: String| Err(FseqError::Unsayable(reason));
        let (Some(first), Some(last)) = (header.universes.first(), header.universes.last()) else {
            return unsayable("a canvas without universes is no FSEQ file".to_owned());
        };
        let start = |number: u16| u32::from(number - first.universe.get()) * SLOTS as u32;
        let end = start(last.universe.get()) + SLOTS as u32;
        if end > MOST_CHANNELS {
            return unsayable(format!(
                "universes {} to {} are {end} channels, an FSEQ file has at most {MOST_CHANNELS}",
                first.universe, last.universe
            ));
        }
        let mut ranges: Vec<Range<u32>> = Vec::new();
        let mut places = Vec::new();
        let mut channels = 0;
        for entry in &header.universes {
            let from = start(entry.universe.get());
            let width = if options.sparse { entry.slots_used.into() } else { SLOTS as u32 };
            places.push((if options.sparse { channels } else { from } as usize, width as usize));
            channels += width;
            match ranges.last_mut().filter(|range| range.end == from) {
                Some(range) => range.end += width,
                None => ranges.push(from..from + width),
            }
        }
        if options.sparse && ranges.len() > usize::from(u8::MAX) {
            let count = ranges.len();
            return unsayable(format!("{count} ranges of channels, an FSEQ file has at most 255"));
        }
        let millis = header.seconds() * 1000.0 / f64::from(step_ms);
        let frames = ((millis - 1e-6).ceil() as u32).max(1);
        let channels = if options.sparse { channels } else { end };
        let blocks = match options.compression {
            FseqCompression::None => Vec::new(),
            _ => blocks(frames, channels),
        };
        Ok(Self { step_ms, frames, ranges, places, channels, blocks, sparse: options.sparse })
    }

    /// The header with the tables, to be filled in at the end.
    fn head(&self, options: &FseqOptions) -> Result<Vec<u8>, FseqError> {
        let ranges = if self.sparse { self.ranges.as_slice() } else { &[] };
        let variables = HEADER + BLOCK * self.blocks.len() + RANGE * ranges.len();
        let mut head = vec![0; HEADER];
        head[..4].copy_from_slice(&MAGIC);
        head[7] = 2;
        head[8..10].copy_from_slice(&(variables as u16).to_le_bytes());
        head[10..14].copy_from_slice(&self.channels.to_le_bytes());
        head[14..18].copy_from_slice(&self.frames.to_le_bytes());
        head[18] = self.step_ms;
        head[20] = match options.compression {
            FseqCompression::None => 0,
            FseqCompression::Zstd => 1,
            FseqCompression::Zlib => 2,
        };
        head[21] = self.blocks.len() as u8;
        head[22] = ranges.len() as u8;
        head.resize(HEADER + BLOCK * self.blocks.len(), 0);
        for range in ranges {
            head.extend_from_slice(&range.start.to_le_bytes()[..3]);
            head.extend_from_slice(&(range.end - range.start).to_le_bytes()[..3]);
        }
        let producer = concat!("gobo ", env!("CARGO_PKG_VERSION"));
        for (code, text) in [(b"mf", options.media.as_deref()), (b"sp", Some(producer))] {
            let Some(text) = text else { continue };
            let length = u16::try_from(text.len() + 5).ok().filter(|length| *length < 4096);
            let Some(length) = length else {
                let reason = format!("`{text:.40}…` is too long for the name of a sound");
                return Err(FseqError::Unsayable(reason));
            };
            head.extend_from_slice(&length.to_le_bytes());
            head.extend_from_slice(code);
            head.extend_from_slice(text.as_bytes());
            head.push(0);
        }
        head.resize(head.len().next_multiple_of(4), 0);
        let data = head.len() as u16;
        head[4..6].copy_from_slice(&data.to_le_bytes());
        Ok(head)
    }
}

/// Blocks of frames: a small one, then as many as the format has room for, but none too small.
fn blocks(frames: u32, channels: u32) -> Vec<Range<u32>> {
    let first = frames.min(FIRST_BLOCK);
    let each = (frames - first).div_ceil(MOST_BLOCKS - 1).max(BLOCK_BYTES / channels).max(1);
    let starts = (first..frames).step_by(each as usize);
    let rest = starts.map(|start| start..frames.min(start + each));
    std::iter::once(0..first).chain(rest).collect()
}

/// An FSEQ file on its way.
struct File {
    plan: Plan,
    head: Vec<u8>,
    id: Xxh3,
    /// The first frame and the length of each block.
    table: Vec<(u32, u32)>,
}

impl File {
    fn frames(
        &mut self,
        canvas: &Arc<Canvas>,
        compression: FseqCompression,
        out: &mut impl Write,
    ) -> Result<(), FseqError> {
        let mut reader = Reader::new(Arc::clone(canvas));
        let mut row = vec![0; self.plan.channels as usize];
        if self.plan.blocks.is_empty() {
            for frame in 0..self.plan.frames {
                self.frame(canvas, &mut reader, frame, &mut row)?;
                out.write_all(&row)?;
            }
            return Ok(());
        }
        for block in self.plan.blocks.clone() {
            let mut plain = Vec::with_capacity(block.len() * row.len());
            for frame in block.clone() {
                self.frame(canvas, &mut reader, frame, &mut row)?;
                plain.extend_from_slice(&row);
            }
            let pressed = match compression {
                FseqCompression::Zlib => {
                    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                    encoder.write_all(&plain)?;
                    encoder.finish()?
                }
                _ => {
                    let mut zstd = zstd::bulk::Compressor::new(zstd::DEFAULT_COMPRESSION_LEVEL)?;
                    // Finds what was changed on the way; every reader knows it.
                    zstd.include_checksum(true)?;
                    zstd.compress(&plain)?
                }
            };
            self.table.push((block.start, pressed.len() as u32));
            out.write_all(&pressed)?;
        }
        Ok(())
    }

    /// The stored channels of a frame: those that the canvas shows at its time.
    fn frame(
        &mut self,
        canvas: &Canvas,
        reader: &mut Reader,
        frame: u32,
        row: &mut [u8],
    ) -> Result<(), FseqError> {
        let time = Duration::from_millis(u64::from(frame) * u64::from(self.plan.step_ms));
        let shown = canvas.header().rate.frame_at(time).min(canvas.header().frames - 1);
        let mut slots = [0; SLOTS];
        for (universe, &(at, width)) in self.plan.places.iter().enumerate() {
            reader.frame(universe, shown, &mut slots)?;
            row[at..at + width].copy_from_slice(&slots[..width]);
        }
        self.id.update(row);
        Ok(())
    }

    /// Fills in the table of blocks and the id, which stands for all of the file.
    fn finish(&mut self, out: &mut (impl Write + Seek)) -> Result<(), FseqError> {
        for (at, (first, length)) in self.table.iter().enumerate() {
            let at = HEADER + BLOCK * at;
            self.head[at..at + 4].copy_from_slice(&first.to_le_bytes());
            self.head[at + 4..at + 8].copy_from_slice(&length.to_le_bytes());
        }
        self.id.update(&self.head);
        self.head[24..32].copy_from_slice(&self.id.digest().to_le_bytes());
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&self.head)?;
        out.seek(SeekFrom::End(0))?;
        Ok(out.flush()?)
    }
}
