//! Writing: version 2.0 as long as that suffices, frames chosen by time, an id that stands for the
//! content.

use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use flate2::write::ZlibEncoder;
use gobo_dmx::{FrameRate, SLOTS};
use xxhash_rust::xxh3::Xxh3;

use super::{
    BLOCK, FseqCompression, FseqError, HEADER, MAGIC, MOST_BLOCK_BYTES, MOST_BLOCKS, MOST_BLOCKS_1,
    MOST_CHANNELS, RANGE,
};
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
            _ => blocks(frames, channels)?,
        };
        Ok(Self { step_ms, frames, ranges, places, channels, blocks, sparse: options.sparse })
    }

    /// The header with the tables, to be filled in at the end.
    fn head(&self, options: &FseqOptions) -> Result<Vec<u8>, FseqError> {
        let ranges = if self.sparse { self.ranges.as_slice() } else { &[] };
        let variables = HEADER + BLOCK * self.blocks.len() + RANGE * ranges.len();
        let mut head = vec![0; HEADER];
        head[..4].copy_from_slice(&MAGIC);
        head[6] = u8::from(self.blocks.len() > MOST_BLOCKS as usize);
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
        // In version 2.0 these four bits are 0.
        head[20] |= (self.blocks.len() >> 8 << 4) as u8;
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
fn blocks(frames: u32, channels: u32) -> Result<Vec<Range<u32>>, FseqError> {
    let first = frames.min(FIRST_BLOCK);
    let fits = |each: &u32| u64::from(*each) * u64::from(channels) <= MOST_BLOCK_BYTES;
    let each = [MOST_BLOCKS, MOST_BLOCKS_1].into_iter().find_map(|most| {
        let each = (frames - first).div_ceil(most - 1).max(BLOCK_BYTES / channels).max(1);
        Some(each).filter(fits)
    });
    let Some(each) = each else {
        return Err(FseqError::Unsayable(format!(
            "{frames} frames of {channels} channels are too many for the {MOST_BLOCKS_1} blocks \
             of an FSEQ file: take a longer step, only the slots that are used, or no compression"
        )));
    };
    let starts = (first..frames).step_by(each as usize);
    let rest = starts.map(|start| start..frames.min(start.saturating_add(each)));
    Ok(std::iter::once(0..first).chain(rest).collect())
}

/// A block on its way: its frames are pressed as they come.
enum Press {
    Zlib(ZlibEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Press {
    /// For a block of so many bytes, at most [`MOST_BLOCK_BYTES`].
    fn new(compression: FseqCompression, length: usize) -> io::Result<Self> {
        if compression == FseqCompression::Zlib {
            return Ok(Self::Zlib(ZlibEncoder::new(Vec::new(), flate2::Compression::default())));
        }
        let level = zstd::DEFAULT_COMPRESSION_LEVEL;
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), level)?;
        // Finds what was changed on the way; every reader knows it.
        encoder.include_checksum(true)?;
        encoder.set_pledged_src_size(Some(length as u64))?;
        Ok(Self::Zstd(encoder))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Zlib(encoder) => encoder.write_all(bytes),
            Self::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Zlib(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
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
            let mut press = Press::new(compression, block.len() * row.len())?;
            for frame in block.clone() {
                self.frame(canvas, &mut reader, frame, &mut row)?;
                press.write_all(&row)?;
            }
            let pressed = press.finish()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of blocks, and the most bytes of one.
    fn planned(frames: u32, channels: u32) -> Option<(usize, u64)> {
        let blocks = blocks(frames, channels).ok()?;
        assert_eq!(blocks[0].start, 0);
        assert_eq!(blocks[blocks.len() - 1].end, frames);
        assert!(blocks.windows(2).all(|pair| pair[0].end == pair[1].start));
        let most = blocks.iter().map(|block| block.len() as u64 * u64::from(channels)).max();
        Some((blocks.len(), most.unwrap_or(0)))
    }

    #[test]
    fn there_are_as_many_blocks_as_it_takes_and_no_more() {
        // A day at 40 frames a second.
        let day = 24 * 3600 * 40;
        assert_eq!(planned(1, 512), Some((1, 512)));
        assert_eq!(planned(10, MOST_CHANNELS), Some((1, 10 * u64::from(MOST_CHANNELS))));
        assert_eq!(planned(day, 512), Some((255, 512 * 13_607)));
        assert_eq!(planned(day, 100_000).map(|plan| plan.0), Some(255));
        // Where 254 blocks would be too long, there are more.
        let (count, most) = planned(day, 1 << 20).unwrap();
        assert!((256..=4095).contains(&count) && most <= MOST_BLOCK_BYTES, "{count} of {most}");
        assert_eq!(planned(day, MOST_CHANNELS), None);
        assert_eq!(planned(u32::MAX, 1).map(|plan| plan.0), Some(255));
    }

    #[test]
    fn more_than_255_blocks_are_said_in_version_2_1() {
        for (count, bytes) in
            [(255_u32, [0, 2, 0x01, 255]), (256, [1, 2, 0x11, 0]), (4095, [1, 2, 0xf1, 255])]
        {
            let plan = Plan {
                step_ms: 25,
                frames: count,
                ranges: Vec::new(),
                places: Vec::new(),
                channels: 1,
                blocks: (0..count).map(|frame| frame..frame + 1).collect(),
                sparse: false,
            };
            let head = plan.head(&FseqOptions::default()).unwrap();
            assert_eq!([head[6], head[7], head[20], head[21]], bytes);
            let variables = u16::from_le_bytes([head[8], head[9]]);
            assert_eq!(usize::from(variables), HEADER + BLOCK * count as usize);
            assert_eq!(usize::from(u16::from_le_bytes([head[4], head[5]])), head.len());
        }
    }
}
