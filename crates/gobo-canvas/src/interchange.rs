//! Frames to and from formats of others. Only frames travel: marks, patch and routes stay behind.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use gobo_dmx::{FrameRate, RateError, SLOTS, Universe};
use xxhash_rust::xxh3::xxh3_128;

use crate::{
    Canvas, CanvasError, CanvasWriter, Compression, Encoder, Header, Reader, UniverseEntry,
    WriteError,
};

const DMXP_MAGIC: [u8; 4] = *b"DMXP";
const DMXP_HEADER: usize = 32;

/// Why frames cannot be carried over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InterchangeError {
    /// The canvas cannot be read.
    #[error(transparent)]
    Canvas(#[from] CanvasError),
    /// The canvas cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The foreign file cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The foreign file starts with other bytes than its format does.
    #[error("this is not a DMXP file: it does not start with `DMXP`")]
    NotDmxp,
    /// A version of DMXP that nobody has described.
    #[error("the DMXP file has version {0}, only version 1 is known")]
    DmxpVersion(u16),
    /// DMXP version 1 has one universe.
    #[error("the DMXP file has {0} universes, version 1 holds exactly one")]
    DmxpUniverses(u16),
    /// A frame rate that cannot be.
    #[error("the DMXP file has a wrong frame rate: {0}")]
    Rate(#[from] RateError),
    /// A file without frames.
    #[error("the DMXP file has no frames")]
    NoFrames,
    /// A file that ends early.
    #[error("the DMXP file was cut short: it promises {promised} frames and ends in frame {found}")]
    CutShort {
        /// How many frames the file promises.
        promised: u32,
        /// The frame, from 0, that is not whole.
        found: u32,
    },
    /// A file that goes on after its last frame.
    #[error("the DMXP file goes on after its {0} frames")]
    TooLong(u32),
}

/// Writes all frames one after another, for each frame every universe with all 512 slots, in the
/// order of [`Header::universes`].
pub fn export_raw(canvas: &Arc<Canvas>, out: &mut impl Write) -> Result<(), InterchangeError> {
    let mut reader = Reader::new(Arc::clone(canvas));
    let mut slots = [0; SLOTS];
    for frame in 0..canvas.header().frames {
        for universe in 0..canvas.header().universes.len() {
            reader.frame(universe, frame, &mut slots)?;
            out.write_all(&slots)?;
        }
    }
    Ok(out.flush()?)
}

/// Writes one universe (an index into [`Header::universes`]) as DMXP version 1.
///
/// DMXP says whole frames a second only; another rate is rounded there, while the time of each
/// frame, in whole milliseconds, stays right for 49 days.
pub fn export_dmxp(
    canvas: &Arc<Canvas>,
    universe: usize,
    out: &mut impl Write,
) -> Result<(), InterchangeError> {
    let Header { rate, frames, .. } = *canvas.header();
    let mut header = [0; DMXP_HEADER];
    header[..4].copy_from_slice(&DMXP_MAGIC);
    header[4..6].copy_from_slice(&1_u16.to_le_bytes());
    header[6..8].copy_from_slice(&1_u16.to_le_bytes());
    header[8..12].copy_from_slice(&frames.to_le_bytes());
    header[12..16].copy_from_slice(&(rate.as_f64().round() as u32).to_le_bytes());
    out.write_all(&header)?;
    let mut reader = Reader::new(Arc::clone(canvas));
    let mut slots = [0; SLOTS];
    for frame in 0..frames {
        reader.frame(universe, frame, &mut slots)?;
        let millis = u32::try_from(rate.time_of(frame).as_millis()).unwrap_or(u32::MAX);
        out.write_all(&millis.to_le_bytes())?;
        out.write_all(&slots)?;
    }
    Ok(out.flush()?)
}

/// Reads a DMXP file into a canvas named `name` at `path`, with its frames on `universe`.
///
/// Its rate is the whole number that the file says, unless the times of its frames say another one.
pub fn import_dmxp(
    input: &mut (impl Read + Seek),
    path: &Path,
    name: &str,
    universe: Universe,
) -> Result<Header, InterchangeError> {
    let (said, frames) = read_dmxp_header(input)?;
    let rate = rate_by_times(input, said, frames)?;
    let entry = UniverseEntry { universe, name: String::new(), slots_used: SLOTS as u16 };
    let header = Header {
        name: name.to_owned(),
        title: name.to_owned(),
        engine: "dmxp".to_owned(),
        rate,
        frames,
        universes: vec![entry],
        ..Header::default()
    };
    let mut writer = CanvasWriter::create(path, &header)?;
    let mut encoder = Encoder::new(Compression::Fast);
    let mut rows = Vec::new();
    for cell in 0..header.cells() {
        rows.clear();
        for row in 0..u32::from(header.frames_in(cell)) {
            let frame = header.first_frame(cell) + row;
            rows.extend_from_slice(&read_dmxp_frame(input, frame, frames)?);
        }
        writer.put(0, cell, &encoder.encode(xxh3_128(&rows), SLOTS as u16, &rows))?;
    }
    if input.read(&mut [0])? != 0 {
        return Err(InterchangeError::TooLong(frames));
    }
    writer.finish()?;
    Ok(header)
}

fn read_dmxp_header(input: &mut impl Read) -> Result<(FrameRate, u32), InterchangeError> {
    let mut header = [0; DMXP_HEADER];
    input.read_exact(&mut header).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => InterchangeError::NotDmxp,
        _ => error.into(),
    })?;
    let [m0, m1, m2, m3, v0, v1, u0, u1, f0, f1, f2, f3, r0, r1, r2, r3, ..] = header;
    let (version, universes) = (u16::from_le_bytes([v0, v1]), u16::from_le_bytes([u0, u1]));
    let frames = u32::from_le_bytes([f0, f1, f2, f3]);
    match (version, universes, frames) {
        _ if [m0, m1, m2, m3] != DMXP_MAGIC => Err(InterchangeError::NotDmxp),
        (1, 1, 0) => Err(InterchangeError::NoFrames),
        (1, 1, _) => Ok((FrameRate::new(u32::from_le_bytes([r0, r1, r2, r3]), 1)?, frames)),
        (1, universes, _) => Err(InterchangeError::DmxpUniverses(universes)),
        (version, ..) => Err(InterchangeError::DmxpVersion(version)),
    }
}

/// The rate that the times of a file's frames tell: `said` as long as they agree with it to a
/// millisecond, or else the simplest that they do agree with, if there is one.
fn rate_by_times(
    input: &mut (impl Read + Seek),
    said: FrameRate,
    frames: u32,
) -> Result<FrameRate, InterchangeError> {
    let end = input.seek(SeekFrom::End(0))?;
    let mut times = Vec::new();
    for frame in [frames / 2, frames - 1] {
        let at = DMXP_HEADER as u64 + u64::from(frame) * (4 + SLOTS as u64);
        // That the file is too short is told when its frames are read.
        if at + 4 > end {
            break;
        }
        let mut millis = [0; 4];
        input.seek(SeekFrom::Start(at))?;
        input.read_exact(&mut millis)?;
        times.push((frame, u32::from_le_bytes(millis)));
    }
    input.seek(SeekFrom::Start(DMXP_HEADER as u64))?;
    let agrees = |rate: &FrameRate| {
        let off = |&(frame, millis): &(u32, u32)| {
            rate.time_of(frame).as_millis().abs_diff(u128::from(millis))
        };
        times.iter().all(|time| off(time) <= 1)
    };
    let (last, millis) = times.last().copied().unwrap_or_default();
    let seconds = f64::from(millis) / 1000.0;
    let measured = |seconds_of: u32| {
        let count = (f64::from(last) / seconds * f64::from(seconds_of)).round() as u32;
        FrameRate::new(count, seconds_of).ok()
    };
    // The rates of television first, which others come near to.
    let television = FrameRate::new(said.numerator() * 1000, 1001).ok();
    let rates = std::iter::once(said).chain(television);
    let rates = rates.chain((1..=1000).filter_map(measured).filter(|_| millis > 0));
    Ok(rates.into_iter().find(agrees).unwrap_or(said))
}

/// The levels of a frame. Its time is passed over: frames come at one rate.
fn read_dmxp_frame(
    input: &mut impl Read,
    found: u32,
    promised: u32,
) -> Result<[u8; SLOTS], InterchangeError> {
    let (mut millis, mut slots) = ([0; 4], [0; SLOTS]);
    let read = input.read_exact(&mut millis).and_then(|()| input.read_exact(&mut slots));
    read.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => InterchangeError::CutShort { promised, found },
        _ => error.into(),
    })?;
    Ok(slots)
}
