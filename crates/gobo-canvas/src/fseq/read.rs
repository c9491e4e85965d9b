//! Reading: the header checked against itself and the file's length, the frames one by one.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use flate2::bufread::ZlibDecoder;
use gobo_dmx::{FrameRate, SLOTS, Universe};
use xxhash_rust::xxh3::xxh3_128;

use super::{
    BLOCK, FseqCompression, FseqError, FseqHeader, HEADER, HEADER_1, MAGIC, MOST_CHANNELS, RANGE,
    wrong,
};
use crate::{CanvasWriter, Compression, Encoder, Header, UniverseEntry};

/// The most bytes of a second that are read: all channels that the field has, at 60 frames.
const MOST_SECOND: u64 = 64 * MOST_CHANNELS as u64;

/// Where the channels of a file go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FseqImport {
    /// The universe of the first channel.
    pub first: Universe,
    /// How many channels make a universe, 1 to 512.
    pub size: u16,
}

/// Reads the header of an FSEQ file and checks it against itself and the length of the file.
///
/// # Errors
/// [`FseqError`] says what is wrong with it.
pub fn read_fseq(input: &mut (impl Read + Seek)) -> Result<FseqHeader, FseqError> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut start = [0; HEADER_1];
    if length < start.len() as u64 {
        let mut magic = Vec::new();
        input.take(MAGIC.len() as u64).read_to_end(&mut magic)?;
        let is_fseq = magic == MAGIC;
        return Err(if is_fseq { wrong("the file ends in it") } else { FseqError::NotFseq });
    }
    read_whole(input, &mut start)?;
    let header = match (start[..4] == MAGIC, start[7], start[6]) {
        (false, ..) => return Err(FseqError::NotFseq),
        (true, 1, minor) => version_1(input, &start, minor)?,
        (true, 2, minor @ 0..=2) => version_2(input, &start, minor)?,
        (true, major, minor) => return Err(FseqError::Version(major, minor)),
    };
    check(&header, length)?;
    Ok(header)
}

/// Reads bytes that the file has to have.
fn read_whole(input: &mut impl Read, out: &mut [u8]) -> Result<(), FseqError> {
    input.read_exact(out).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => wrong("the file ends in it"),
        _ => error.into(),
    })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u24_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], 0])
}

fn version_1(
    input: &mut impl Read,
    start: &[u8; HEADER_1],
    minor: u8,
) -> Result<FseqHeader, FseqError> {
    let (data, fixed) = (u16_at(start, 4), u16_at(start, 8));
    if usize::from(fixed) != HEADER_1 || data < fixed {
        return Err(wrong(format!("it has {fixed} bytes, and the frames start at {data}")));
    }
    let channels = u32_at(start, 10);
    let (media, producer) = variable(input, usize::from(data - fixed))?;
    Ok(FseqHeader {
        version: (1, minor),
        channels,
        frames: u32_at(start, 14),
        step_ms: u16_at(start, 18),
        compression: FseqCompression::None,
        ranges: std::iter::once(0..channels).collect(),
        media,
        producer,
        id: 0,
        data: data.into(),
        blocks: Vec::new(),
    })
}

fn version_2(
    input: &mut impl Read,
    start: &[u8; HEADER_1],
    minor: u8,
) -> Result<FseqHeader, FseqError> {
    let mut rest = [0; HEADER - HEADER_1];
    read_whole(input, &mut rest)?;
    let fixed: Vec<u8> = start.iter().chain(&rest).copied().collect();
    let compression = match fixed[20] & 0xf {
        0 => FseqCompression::None,
        1 => FseqCompression::Zstd,
        2 => FseqCompression::Zlib,
        other => return Err(wrong(format!("compression {other} is not known"))),
    };
    let (blocks, ranges) = (usize::from(fixed[20] >> 4) << 8 | usize::from(fixed[21]), fixed[22]);
    let (data, variables) = (u16_at(&fixed, 4), u16_at(&fixed, 8));
    let tables = HEADER + BLOCK * blocks + RANGE * usize::from(ranges);
    if fixed[19] != 0 || fixed[23] != 0 {
        return Err(wrong("bytes that have to be 0 are not"));
    }
    if usize::from(variables) != tables || data < variables || data % 4 != 0 {
        return Err(wrong(format!(
            "{blocks} blocks and {ranges} ranges end at {tables}, but it says {variables}, and \
             frames from {data} on"
        )));
    }
    let mut table = vec![0; tables - HEADER];
    read_whole(input, &mut table)?;
    let (table, sparse) = table.split_at(BLOCK * blocks);
    let channels = u32_at(&fixed, 10);
    let (media, producer) = variable(input, usize::from(data - variables))?;
    Ok(FseqHeader {
        version: (2, minor),
        channels,
        frames: u32_at(&fixed, 14),
        step_ms: fixed[18].into(),
        compression,
        ranges: read_ranges(sparse, channels)?,
        media,
        producer,
        id: fixed[24..].iter().rev().fold(0, |id, byte| id << 8 | u64::from(*byte)),
        data: data.into(),
        blocks: table
            .chunks_exact(BLOCK)
            .map(|block| (u32_at(block, 0), u32_at(block, 4).into()))
            .filter(|block| block.1 > 0)
            .collect(),
    })
}

/// The channels that are stored.
fn read_ranges(table: &[u8], channels: u32) -> Result<Vec<Range<u32>>, FseqError> {
    if table.is_empty() {
        return Ok(std::iter::once(0..channels).collect());
    }
    let range = |range: &[u8]| u24_at(range, 0)..u24_at(range, 0) + u24_at(range, 3);
    let ranges: Vec<Range<u32>> = table.chunks_exact(RANGE).map(range).collect();
    let stored: u64 = ranges.iter().map(|range| range.len() as u64).sum();
    if stored != u64::from(channels) {
        return Err(wrong(format!("its ranges have {stored} channels, its frames {channels}")));
    }
    let mut sorted: Vec<_> = ranges.iter().collect();
    sorted.sort_by_key(|range| range.start);
    if sorted.windows(2).any(|pair| pair[1].start < pair[0].end) {
        return Err(wrong("its ranges overlap"));
    }
    Ok(ranges)
}

/// The sound and the maker from the variable headers, which fill so many bytes with their padding.
fn variable(
    input: &mut impl Read,
    length: usize,
) -> Result<(Option<String>, Option<String>), FseqError> {
    let mut bytes = vec![0; length];
    read_whole(input, &mut bytes)?;
    let (mut media, mut producer) = (None, None);
    let mut rest = bytes.as_slice();
    // Up to three bytes pad to a multiple of four; a length of 0 is padding, too.
    while rest.len() >= 4 && u16_at(rest, 0) != 0 {
        let length = usize::from(u16_at(rest, 0));
        let Some((entry, after)) = rest.split_at_checked(length).filter(|_| length >= 4) else {
            return Err(wrong(format!("a variable header of {length} bytes does not fit")));
        };
        let text = || {
            let text = entry[4..].split(|byte| *byte == 0).next().unwrap_or_default();
            Some(String::from_utf8_lossy(text).into_owned()).filter(|text| !text.is_empty())
        };
        match &entry[2..4] {
            b"mf" => media = text(),
            b"sp" => producer = text(),
            _ => {}
        }
        rest = after;
    }
    if rest.iter().any(|byte| *byte != 0) {
        return Err(wrong("what pads it is not 0"));
    }
    Ok((media, producer))
}

/// What of a header has to fit together.
fn check(header: &FseqHeader, length: u64) -> Result<(), FseqError> {
    let FseqHeader { channels, frames, step_ms, compression, data, ref blocks, .. } = *header;
    let last = header.ranges.iter().map(|range| range.end).max().unwrap_or(0);
    if channels == 0 || last > MOST_CHANNELS {
        return Err(wrong(format!("{last} channels are not 1 to {MOST_CHANNELS}")));
    }
    // Frames become cells of a second, which are made in memory.
    let second = u64::from(channels) * u64::from(1000 / step_ms.max(1)).max(1);
    if second > MOST_SECOND {
        return Err(wrong(format!(
            "{channels} channels each {step_ms} ms are more than a show has"
        )));
    }
    if frames == 0 || step_ms == 0 {
        return Err(wrong(format!("{frames} frames of {step_ms} ms are no show")));
    }
    let promised = match compression {
        FseqCompression::None => u64::from(channels) * u64::from(frames),
        _ => {
            let firsts = blocks.iter().map(|block| block.0);
            let rises = firsts.clone().is_sorted_by(|a, b| a < b);
            let ends = firsts.clone().next_back() >= Some(frames);
            if firsts.clone().next() != Some(0) || !rises || ends {
                return Err(wrong(format!("its blocks do not lead through {frames} frames")));
            }
            blocks.iter().map(|block| block.1).sum()
        }
    };
    let promised = data.saturating_add(promised);
    match promised == length {
        true => Ok(()),
        false => Err(FseqError::Length { promised, found: length }),
    }
}

impl FseqHeader {
    /// Gives every frame's stored channels to `each`, in order.
    ///
    /// # Errors
    /// What `each` says, or [`FseqError::Block`] where the file does not give its frames.
    pub fn frames(
        &self,
        input: &mut (impl Read + Seek),
        mut each: impl FnMut(u32, &[u8]) -> Result<(), FseqError>,
    ) -> Result<(), FseqError> {
        input.seek(SeekFrom::Start(self.data))?;
        let mut row = vec![0; self.channels as usize];
        if self.compression == FseqCompression::None {
            let mut input = BufReader::new(input);
            for frame in 0..self.frames {
                input.read_exact(&mut row)?;
                each(frame, &row)?;
            }
            return Ok(());
        }
        let mut next = self.data;
        for (block, &(first, length)) in self.blocks.iter().enumerate() {
            let end = self.blocks.get(block + 1).map_or(self.frames, |next| next.0);
            let mut pressed = BufReader::new(input.by_ref().take(length));
            let failed = |reason: String| FseqError::Block { block, first, reason };
            let mut plain: Box<dyn Read + '_> = match self.compression {
                FseqCompression::Zlib => Box::new(ZlibDecoder::new(&mut pressed)),
                _ => Box::new(zstd::Decoder::with_buffer(&mut pressed)?.single_frame()),
            };
            for frame in first..end {
                plain
                    .read_exact(&mut row)
                    .map_err(|_| failed(format!("is damaged in frame {frame}")))?;
                each(frame, &row)?;
            }
            let more = plain.read(&mut [0]).map_err(|_| failed("is damaged".to_owned()))?;
            if more > 0 {
                return Err(failed(format!("goes on after frame {}", end - 1)));
            }
            drop(plain);
            if !pressed.fill_buf()?.is_empty() {
                return Err(failed("has bytes after its end".to_owned()));
            }
            next += length;
            input.seek(SeekFrom::Start(next))?;
        }
        Ok(())
    }
}

/// Reads an FSEQ file into a canvas named `name` at `path`. A universe that stores no channel is
/// left out.
///
/// # Errors
/// [`FseqError`] says what is wrong with the file, or why the canvas cannot be written.
pub fn import_fseq(
    input: &mut (impl Read + Seek),
    path: &Path,
    name: &str,
    places: FseqImport,
) -> Result<(Header, FseqHeader), FseqError> {
    let fseq = read_fseq(input)?;
    let rate =
        FrameRate::new(1000, fseq.step_ms.into()).map_err(|error| wrong(error.to_string()))?;
    let map = Map::new(&fseq, places)?;
    let header = Header {
        name: name.to_owned(),
        title: name.to_owned(),
        engine: "fseq".to_owned(),
        rate,
        frames: fseq.frames,
        universes: map.universes.clone(),
        ..Header::default()
    };
    let mut writer = CanvasWriter::create(path, &header)?;
    let mut encoder = Encoder::new(Compression::Fast);
    let mut rows: Vec<Vec<u8>> = vec![Vec::new(); header.universes.len()];
    fseq.frames(input, |frame, stored| {
        map.add(stored, &mut rows);
        let cell = frame / rate.frames_per_cell();
        if frame + 1 == header.first_frame(cell) + u32::from(header.frames_in(cell)) {
            for (universe, rows) in rows.iter_mut().enumerate() {
                let width = header.universes[universe].slots_used;
                writer.put(universe, cell, &encoder.encode(xxh3_128(rows), width, rows))?;
                rows.clear();
            }
        }
        Ok(())
    })?;
    writer.finish()?;
    Ok((header, fseq))
}

/// Which stored channels are which slots.
struct Map {
    universes: Vec<UniverseEntry>,
    /// Stored channels, the universe's index, and the slot of the first of them.
    parts: Vec<(Range<usize>, usize, usize)>,
}

impl Map {
    fn new(fseq: &FseqHeader, FseqImport { first, size }: FseqImport) -> Result<Self, FseqError> {
        let size = u32::from(size).clamp(1, SLOTS as u32);
        let ends = fseq.ranges.iter().filter(|range| !range.is_empty()).map(|range| range.end);
        let last = ends.max().map_or(0, |end| (end - 1) / size);
        let universe = |number: u32| {
            let universe = u16::try_from(u32::from(first.get()) + number).ok();
            universe.and_then(|universe| Universe::new(universe).ok()).ok_or_else(|| {
                wrong(format!("its channels lead beyond the last universe, from {first} on"))
            })
        };
        universe(last)?;
        // Stored channels, the number of the universe from `first` on, and the slot.
        let mut parts: Vec<(Range<usize>, u32, usize)> = Vec::new();
        let mut used: BTreeMap<u32, usize> = BTreeMap::new();
        let mut stored = 0;
        for range in &fseq.ranges {
            let mut channel = range.start;
            while channel < range.end {
                let end = range.end.min((channel / size + 1) * size);
                let length = (end - channel) as usize;
                let (number, slot) = (channel / size, (channel % size) as usize);
                parts.push((stored..stored + length, number, slot));
                let slots = used.entry(number).or_default();
                *slots = (*slots).max(slot + length);
                (stored, channel) = (stored + length, end);
            }
        }
        let entry = |(&number, &slots): (&u32, &usize)| {
            let (universe, slots_used) = (universe(number)?, slots as u16);
            Ok(UniverseEntry { universe, name: String::new(), slots_used })
        };
        let universes = used.iter().map(entry).collect::<Result<_, FseqError>>()?;
        let numbers: Vec<u32> = used.into_keys().collect();
        let place = |number: u32| numbers.binary_search(&number).unwrap_or_default();
        let parts = parts.into_iter().map(|(stored, number, slot)| (stored, place(number), slot));
        Ok(Self { universes, parts: parts.collect() })
    }

    /// Adds a frame to the rows of each universe.
    fn add(&self, stored: &[u8], rows: &mut [Vec<u8>]) {
        for (rows, entry) in rows.iter_mut().zip(&self.universes) {
            rows.resize(rows.len() + usize::from(entry.slots_used), 0);
        }
        for (channels, universe, slot) in &self.parts {
            let rows = &mut rows[*universe];
            let row = rows.len() - usize::from(self.universes[*universe].slots_used);
            let at = row + slot;
            rows[at..at + channels.len()].copy_from_slice(&stored[channels.clone()]);
        }
    }
}
