//! Linear timecode, from a file or a sound input.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use gobo_audio::Decoder;
use gobo_timecode::{CodeRate, CodeReader, LtcDecoder};

use super::{CodeError, Ending, LOOK, Teller, is_done};

/// How long the channel that had a code keeps its right to be heard.
const HOLD_SECONDS: f64 = 0.5;

/// Hears the code on whichever channel has one.
struct Ears {
    channels: Vec<(LtcDecoder, CodeReader)>,
    sample_rate: f64,
    /// Frames so far.
    frames: u64,
    /// The channel that is heard, and its last code's end in frames.
    heard: Option<(usize, f64)>,
}

impl Ears {
    fn new(sample_rate: u32, channels: usize, rate: Option<CodeRate>) -> Self {
        let channel = (LtcDecoder::new(sample_rate), CodeReader::new(sample_rate, rate));
        let channels = vec![channel; channels];
        Self { channels, sample_rate: sample_rate.into(), frames: 0, heard: None }
    }

    /// Takes interleaved samples, the first of which was heard at `at`.
    fn take(&mut self, samples: &[f32], at: Instant, teller: &mut Teller) {
        let first = self.frames as f64;
        for frame in samples.chunks_exact(self.channels.len()) {
            self.frames += 1;
            for (index, &sample) in frame.iter().enumerate() {
                let (decoder, reader) = &mut self.channels[index];
                let Some(found) = decoder.feed(sample) else { continue };
                let Some((code, speed)) = reader.read(&found) else { continue };
                let hold = HOLD_SECONDS * self.sample_rate;
                let mine = |(other, end)| other == index || found.end > end + hold;
                if self.heard.is_none_or(mine) {
                    self.heard = Some((index, found.end));
                    let seconds = (found.end - first) / self.sample_rate;
                    teller.see(code, 0.0, moment(at, seconds), Some(speed));
                }
            }
        }
    }
}

/// So many seconds after a moment, or before.
fn moment(at: Instant, seconds: f64) -> Instant {
    let distance = Duration::try_from_secs_f64(seconds.abs()).unwrap_or_default();
    let moved = if seconds < 0.0 { at.checked_sub(distance) } else { at.checked_add(distance) };
    moved.unwrap_or(at)
}

/// Hears a file as it would sound from now on.
pub(super) fn file(path: &Path, mut teller: Teller) -> Result<Ending, CodeError> {
    let mut sound = Decoder::open(path)?;
    let (sample_rate, channels) = (sound.sample_rate(), usize::from(sound.channels()));
    Ending::spawn("gobo-ltc", move |done| {
        let mut ears = Ears::new(sample_rate, channels, teller.rate());
        let begun = Instant::now();
        // A file that breaks off ends there; the show does as when the code stops.
        while let (false, Ok(Some(samples))) = (is_done(done), sound.next_block()) {
            let length = samples.len() / channels;
            let at = |frame: u64| moment(begun, frame as f64 / f64::from(sample_rate));
            let (first, end) = (at(ears.frames), at(ears.frames + length as u64));
            sleep_until(end, done);
            ears.take(samples, first, &mut teller);
        }
        while !is_done(done) {
            thread::sleep(LOOK);
        }
    })
}

fn sleep_until(at: Instant, done: &AtomicBool) {
    while let Some(rest) = at.checked_duration_since(Instant::now()).filter(|_| !is_done(done)) {
        thread::sleep(rest.min(LOOK));
    }
}

/// Hears a sound input; one that goes is opened anew.
#[cfg(feature = "device")]
pub(super) fn input(name: Option<&str>, mut teller: Teller) -> Result<Ending, CodeError> {
    use gobo_audio::{AudioError, SoundInput};

    /// Between two looks for sound.
    const REST: Duration = Duration::from_millis(3);
    let name = name.map(str::to_owned);
    let (opened, open) = std::sync::mpsc::sync_channel::<Option<AudioError>>(1);
    let thread = Ending::spawn("gobo-ltc", move |done| {
        // The device belongs to this thread.
        let mut input = match SoundInput::open(name.as_deref()) {
            Ok(input) => input,
            Err(error) => return opened.send(Some(error)).unwrap_or_default(),
        };
        opened.send(None).unwrap_or_default();
        let mut samples = Vec::new();
        while !is_done(done) {
            let mut ears = Ears::new(input.sample_rate(), input.channels(), teller.rate());
            while !is_done(done) && !input.is_lost() {
                while let Some(at) = input.read(&mut samples) {
                    ears.take(&samples, at, &mut teller);
                }
                thread::sleep(REST);
            }
            while !is_done(done) {
                match SoundInput::open(name.as_deref()) {
                    Ok(again) => {
                        input = again;
                        break;
                    }
                    Err(_) => sleep_until(Instant::now() + super::RETRY, done),
                }
            }
        }
    })?;
    match open.recv() {
        Ok(Some(error)) => Err(error.into()),
        _ => Ok(thread),
    }
}

/// There are no sound inputs in this build.
#[cfg(not(feature = "device"))]
pub(super) fn input(name: Option<&str>, _: Teller) -> Result<Ending, CodeError> {
    Err(gobo_audio::AudioError::NoInput { name: name.map(Into::into) }.into())
}
