use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::{FORMAT_ID_ISOMP4, FORMAT_ID_MP3};
use symphonia::core::formats::{FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::packet::Packet;
use symphonia::core::units::Timestamp;

use crate::AudioError;
use crate::edit_list;

/// What an AAC encoder is taken to prime when the file does not say: one block.
const AAC_PRIMING_FRAMES: u64 = 1024;
/// Frames in a block of AAC; MP4 files written from a live stream place them only roughly.
const AAC_BLOCK_FRAMES: i64 = 1024;
/// Timestamps this near to the end of the packet before are that end, told badly.
const JITTER_FRAMES: u64 = 1024;
/// Said of bytes that no decoder of ours was written for.
const PANIC: &str = "its decoder gave up";
/// Seconds decoded and dropped before the frame sought: longer than a page of Ogg, whose last
/// page alone cannot be placed in time, and than any codec's memory of earlier packets.
const RUN_UP_SECONDS: u64 = 2;
/// A hole in the stream up to this long is played as silence; a longer one is damage.
const HOLE_SECONDS_MAX: u64 = 10;

/// Decodes a song into interleaved samples, -1.0 to 1.0, every frame at its exact position.
///
/// Frame 0 is the first that is meant to be heard: an encoder's delay and padding are cut off.
/// Reading from frame `n` after a seek gives the same samples as reading on from 0.
pub struct Decoder {
    path: PathBuf,
    reader: Box<dyn FormatReader>,
    codec: Box<dyn AudioDecoder>,
    track_id: u32,
    sample_rate: u32,
    channels: u16,
    /// The timestamp of the first packet, at least 0.
    first_ts: i64,
    /// The timestamp of frame 0.
    origin: i64,
    /// Frames that every packet is a multiple of, 1 when they vary.
    block_frames: i64,
    /// Where the packet before ended; `None` after a seek.
    next_start: Option<i64>,
    frames: Option<u64>,
    /// Whether the container's trims at the end can be trusted.
    trims: bool,
    position: u64,
    samples: Vec<f32>,
    /// The decoded frames in `samples` that no one has read yet.
    unread: std::ops::Range<usize>,
    /// Whether the codec panicked.
    broken: bool,
}

impl Decoder {
    /// Opens `path`; the format is told by the content, not by the name.
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        // The parsers behind this are not ours, and bytes may be anything.
        catch_unwind(|| Self::open_any(path)).unwrap_or_else(|_| {
            Err(AudioError::Damaged { path: path.into(), seconds: 0.0, reason: PANIC.to_owned() })
        })
    }

    fn open_any(path: &Path) -> Result<Self, AudioError> {
        let file =
            File::open(path).map_err(|cause| AudioError::Open { path: path.into(), cause })?;
        let format = |cause| match cause {
            Error::Unsupported(_) => AudioError::Unknown { path: path.into() },
            cause => AudioError::Format { path: path.into(), cause },
        };
        let stream = MediaSourceStream::new(Box::new(file), Default::default());
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let reader = symphonia::default::get_probe()
            .probe(&hint, stream, Default::default(), Default::default())
            .map_err(format)?;
        let no_sound = || AudioError::NoSound { path: path.into() };
        let track = reader.default_track(TrackType::Audio).ok_or_else(no_sound)?;
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err(no_sound());
        };
        let codec = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default().gapless(false))
            .map_err(format)?;
        let is_mp3 = reader.format_info().format == FORMAT_ID_MP3;
        let is_mp4 = reader.format_info().format == FORMAT_ID_ISOMP4;
        let is_aac = params.codec == CODEC_ID_AAC;
        let first_ts = track.start_ts.get().max(0);
        let priming = edit_list::media_start(path).filter(|_| is_mp4);
        let priming = priming.unwrap_or(if is_aac { AAC_PRIMING_FRAMES } else { 0 });
        let origin = first_ts.saturating_add_unsigned(priming);
        // Without an encoder's tag an MP3's length is a guess from its first bit rate.
        let trims = !is_mp3 || track.delay.is_some();
        let (track_id, sample_rate) = (track.id, params.sample_rate.unwrap_or(0));
        // A length of 0 is how streams say that they do not know.
        let frames = track.num_frames.filter(|&frames| trims && frames > 0);
        let frames = frames.map(|frames| frames.saturating_sub(priming));
        let mut decoder = Self {
            path: path.into(),
            codec,
            track_id,
            sample_rate,
            channels: 0,
            first_ts,
            origin,
            block_frames: if is_mp4 && is_aac { AAC_BLOCK_FRAMES } else { 1 },
            next_start: None,
            frames,
            trims,
            position: 0,
            samples: Vec::new(),
            unread: 0..0,
            broken: false,
            reader,
        };
        decoder.learn_shape()?;
        Ok(decoder)
    }

    /// Decodes the first block, which alone knows the shape of some streams.
    fn learn_shape(&mut self) -> Result<(), AudioError> {
        let any = self.decode_one()?;
        if !any || self.sample_rate == 0 || self.channels == 0 {
            return Err(AudioError::NoSound { path: self.path.clone() });
        }
        Ok(())
    }

    /// Frames a second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Samples a frame, at least 1.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    /// Frames in all, when the container says so; [`crate::probe`] counts when it does not.
    pub fn frames(&self) -> Option<u64> {
        self.frames
    }

    /// The frame that the next block begins with.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next frames, interleaved, of any number above 0; `None` at the end of the song.
    pub fn next_block(&mut self) -> Result<Option<&[f32]>, AudioError> {
        while self.unread.is_empty() {
            if !self.guarded(Self::decode_one)? {
                return Ok(None);
            }
        }
        let block = std::mem::take(&mut self.unread);
        self.position += block.len() as u64;
        let channels = usize::from(self.channels);
        Ok(Some(&self.samples[block.start * channels..block.end * channels]))
    }

    /// Goes to `frame`; past the end the next block is `None`.
    pub fn seek(&mut self, frame: u64) -> Result<(), AudioError> {
        self.guarded(|decoder| decoder.seek_any(frame))
    }

    /// Turns a panic of a codec into an error; what it left behind is not used again.
    fn guarded<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, AudioError>,
    ) -> Result<T, AudioError> {
        if self.broken {
            return Err(self.damaged(PANIC));
        }
        catch_unwind(AssertUnwindSafe(|| act(self))).unwrap_or_else(|_| {
            self.broken = true;
            Err(self.damaged(PANIC))
        })
    }

    fn seek_any(&mut self, frame: u64) -> Result<(), AudioError> {
        let run_up = frame.saturating_sub(RUN_UP_SECONDS * u64::from(self.sample_rate));
        self.position = frame;
        // A song without a known length refuses seeks that its guess does not cover.
        if run_up == 0 || self.jump(self.origin.saturating_add_unsigned(run_up)).is_err() {
            return self.jump(self.first_ts);
        }
        // The first block after a seek is none or a half one in some codecs, so it says nothing.
        self.decode_one()?;
        self.next_start = None;
        Ok(())
    }

    fn jump(&mut self, ts: i64) -> Result<(), AudioError> {
        self.unread = 0..0;
        self.next_start = None;
        let to = SeekTo::Timestamp { ts: Timestamp::new(ts), track_id: self.track_id };
        self.reader
            .seek(SeekMode::Accurate, to)
            .map_err(|cause| AudioError::Format { path: self.path.clone(), cause })?;
        self.codec.reset();
        Ok(())
    }

    /// Decodes the next packet and keeps what of it lies at or after `position`; false at the
    /// end of the song.
    fn decode_one(&mut self) -> Result<bool, AudioError> {
        // Reading on past the last packet is an error in some containers.
        let reached = self.position.max(self.next_start.unwrap_or(0).max(0).unsigned_abs());
        if self.frames.is_some_and(|all| reached >= all) {
            return Ok(false);
        }
        let Some(packet) = self.next_packet()? else { return Ok(false) };
        let start = self.start_of(&packet);
        let duration = packet.dur.get();
        let frames = match self.codec.decode(&packet) {
            Ok(buffer) => {
                buffer.copy_to_vec_interleaved(&mut self.samples);
                if self.channels == 0 {
                    self.channels = buffer.spec().channels().count() as u16;
                    self.sample_rate = buffer.spec().rate();
                }
                if buffer.spec().channels().count() != usize::from(self.channels) {
                    return Err(self.damaged("the number of channels changes"));
                }
                buffer.frames()
            }
            // A broken packet leaves a hole, which the next one fills with silence.
            Err(Error::DecodeError(_)) => {
                self.next_start = self.next_start.map(|at| at.saturating_add_unsigned(duration));
                return Ok(true);
            }
            Err(cause) => return Err(AudioError::Format { path: self.path.clone(), cause }),
        };
        let trimmed = if self.trims { packet.trim_end.get() as usize } else { 0 };
        self.next_start = Some(start.saturating_add_unsigned(frames as u64));
        self.keep(start, frames.saturating_sub(trimmed))
    }

    /// Where in the song a packet begins, which is negative in the encoder's delay.
    fn start_of(&self, packet: &Packet) -> i64 {
        let ts = packet.pts.get();
        match self.next_start {
            Some(expected) => {
                let told = ts.saturating_sub(self.origin);
                if told.abs_diff(expected) < JITTER_FRAMES { expected } else { told }
            }
            None => {
                let blocks = ts.saturating_add(self.block_frames / 2).div_euclid(self.block_frames);
                (blocks * self.block_frames).saturating_sub(self.origin)
            }
        }
    }

    /// Keeps those of the `frames` just decoded, which begin at `start`, that are due.
    fn keep(&mut self, start: i64, frames: usize) -> Result<bool, AudioError> {
        let due = self.position.cast_signed();
        let end = start.saturating_add_unsigned(frames as u64);
        let end = self.frames.map_or(end, |all| end.min(all.cast_signed()));
        if start > due && end > start {
            return self.fill_hole(start, end);
        }
        let skipped = due.saturating_sub(start).max(0) as usize;
        let kept_end = end.saturating_sub(start).max(0) as usize;
        self.unread = if skipped < kept_end { skipped..kept_end } else { 0..0 };
        Ok(true)
    }

    /// Puts silence before the frames just decoded, which are `start..end` of the song.
    fn fill_hole(&mut self, start: i64, end: i64) -> Result<bool, AudioError> {
        let hole = (start - self.position.cast_signed()).unsigned_abs();
        if hole > HOLE_SECONDS_MAX * u64::from(self.sample_rate) {
            return Err(self.damaged("the sound jumps ahead"));
        }
        let silence = hole as usize * usize::from(self.channels);
        self.samples.splice(0..0, std::iter::repeat_n(0.0, silence));
        self.unread = 0..hole as usize + (end - start).unsigned_abs() as usize;
        Ok(true)
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, AudioError> {
        loop {
            match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track_id => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                // A second stream chained to the first is another song.
                Ok(None) | Err(Error::ResetRequired) => return Ok(None),
                Err(Error::IoError(cause)) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return Ok(None);
                }
                Err(cause) => return Err(self.damaged(&cause.to_string())),
            }
        }
    }

    fn damaged(&self, reason: &str) -> AudioError {
        let seconds = self.position as f64 / f64::from(self.sample_rate.max(1));
        AudioError::Damaged { path: self.path.clone(), seconds, reason: reason.to_owned() }
    }
}
