//! Sound that comes in: what a device hears, with the moment at which it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{ErrorKind, FromSample, InputCallbackInfo, Sample, SampleFormat, SizedSample};
use rtrb::{Consumer, Producer, RingBuffer};

use super::device::{is_named, name_of};
use crate::AudioError;

/// Sound kept for who reads late.
const BUFFER_SECONDS: usize = 1;
/// Blocks kept for who reads late.
const BLOCKS: usize = 1024;

/// An input device that listens until it is dropped.
pub struct SoundInput {
    device: String,
    sample_rate: u32,
    channels: usize,
    blocks: Consumer<Block>,
    samples: Consumer<f32>,
    lost: Arc<AtomicBool>,
    _stream: cpal::Stream,
}

/// A stretch of sound as it came in.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Block {
    frames: usize,
    at: Instant,
}

/// The callback's end.
struct Ears {
    blocks: Producer<Block>,
    samples: Producer<f32>,
    channels: usize,
}

impl Ears {
    /// Takes a block, or leaves it when nobody reads.
    fn take<S: Sample>(&mut self, heard: &[S], at: Instant)
    where
        f32: FromSample<S>,
    {
        if self.samples.slots() < heard.len() || self.blocks.is_full() {
            return;
        }
        for &sample in heard {
            // There is room for each.
            let _ = self.samples.push(f32::from_sample(sample));
        }
        let _ = self.blocks.push(Block { frames: heard.len() / self.channels, at });
    }
}

impl SoundInput {
    /// Opens the input `name`, or the default one, in its own configuration.
    ///
    /// # Errors
    /// [`AudioError`], when there is none or it does not open.
    pub fn open(name: Option<&str>) -> Result<Self, AudioError> {
        let host = cpal::default_host();
        let device = match name {
            None => host.default_input_device(),
            Some(name) => {
                host.input_devices().into_iter().flatten().find(|device| is_named(device, name))
            }
        };
        let device = device.ok_or_else(|| AudioError::NoInput { name: name.map(Into::into) })?;
        let refused = |error: cpal::Error| AudioError::Device {
            device: name_of(&device),
            reason: error.to_string(),
        };
        let supported = device.default_input_config().map_err(refused)?;
        let (sample_rate, channels) = (supported.sample_rate(), usize::from(supported.channels()));
        let (samples_in, samples) =
            RingBuffer::new(BUFFER_SECONDS * sample_rate as usize * channels.max(1));
        let (blocks_in, blocks) = RingBuffer::new(BLOCKS);
        let ears = Ears { blocks: blocks_in, samples: samples_in, channels: channels.max(1) };
        let lost = Arc::new(AtomicBool::new(false));
        let stream = stream(&device, &supported, ears, Arc::clone(&lost)).map_err(refused)?;
        stream.play().map_err(refused)?;
        let device = name_of(&device);
        Ok(Self { device, sample_rate, channels, blocks, samples, lost, _stream: stream })
    }

    /// The device's name.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Frames a second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Channels, at least 1.
    pub fn channels(&self) -> usize {
        self.channels.max(1)
    }

    /// Whether the device is gone.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Puts the next block that came in into `samples`, interleaved, in place of what is there;
    /// gives when its first frame was heard, or `None` when there is no more.
    pub fn read(&mut self, samples: &mut Vec<f32>) -> Option<Instant> {
        let Block { frames, at } = self.blocks.pop().ok()?;
        samples.clear();
        for _ in 0..frames * self.channels() {
            samples.extend(self.samples.pop().ok());
        }
        Some(at)
    }
}

/// The names of the inputs that can be opened, the default first.
pub(super) fn names() -> Vec<String> {
    let host = cpal::default_host();
    let mut names: Vec<String> = host.default_input_device().iter().map(name_of).collect();
    for device in host.input_devices().into_iter().flatten() {
        let name = name_of(&device);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn stream(
    device: &cpal::Device,
    supported: &cpal::SupportedStreamConfig,
    ears: Ears,
    lost: Arc<AtomicBool>,
) -> Result<cpal::Stream, cpal::Error> {
    match supported.sample_format() {
        SampleFormat::F32 => typed::<f32>(device, supported, ears, lost),
        SampleFormat::F64 => typed::<f64>(device, supported, ears, lost),
        SampleFormat::I8 => typed::<i8>(device, supported, ears, lost),
        SampleFormat::I32 => typed::<i32>(device, supported, ears, lost),
        SampleFormat::U8 => typed::<u8>(device, supported, ears, lost),
        SampleFormat::U16 => typed::<u16>(device, supported, ears, lost),
        // Every system converts to 16 bits from a device that has something rarer.
        _ => typed::<i16>(device, supported, ears, lost),
    }
}

fn typed<S: SizedSample>(
    device: &cpal::Device,
    supported: &cpal::SupportedStreamConfig,
    mut ears: Ears,
    lost: Arc<AtomicBool>,
) -> Result<cpal::Stream, cpal::Error>
where
    f32: FromSample<S>,
{
    let take = move |heard: &[S], block: &InputCallbackInfo| {
        let times = block.timestamp();
        let age = times.callback.saturating_duration_since(times.capture);
        let now = Instant::now();
        ears.take(heard, now.checked_sub(age.min(Duration::from_secs(1))).unwrap_or(now));
    };
    let failed = move |error: cpal::Error| {
        if !matches!(
            error.kind(),
            ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged
        ) {
            lost.store(true, Ordering::Relaxed);
        }
    };
    device.build_input_stream(supported.config(), take, failed, None)
}
