//! Sound devices through cpal.

#[cfg(target_os = "linux")]
mod bridge;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig};

use super::Around;
use super::keeper::{Backend, Opened};
use super::outlet::{Intake, Outlet, Pulse};
use super::timeline::Timeline;
use crate::AudioError;

/// Samples converted at a time when the device does not take floats.
const SCRATCH_SAMPLES: usize = 4096;
/// Frames in a block, at rates up to 48 kHz, in the order tried: about 20 ms, so that the place
/// heard is told often, and a start or a seek is heard soon; two of them are under way. Some
/// devices take whole multiples of their own block only, and some choose by themselves.
const BLOCK_FRAMES: [u32; 3] = [1024, 2048, 4096];

/// The names of the output devices, the default first.
pub(super) fn names() -> Vec<String> {
    let host = cpal::default_host();
    let mut names: Vec<String> = host.default_output_device().iter().map(name_of).collect();
    for device in host.output_devices().into_iter().flatten() {
        let name = name_of(&device);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

pub(super) fn name_of(device: &cpal::Device) -> String {
    match (device.id(), device.description()) {
        (Ok(id), _) => id.id().to_owned(),
        (_, Ok(description)) => description.name().to_owned(),
        _ => "unnamed".to_owned(),
    }
}

pub(super) fn is_named(device: &cpal::Device, name: &str) -> bool {
    device.id().is_ok_and(|id| id.id() == name || id.to_string() == name)
        || device.description().is_ok_and(|description| description.name() == name)
}

/// Opens one of the system's devices, as often as it takes.
pub(super) struct System {
    /// Its name; the default one unless given.
    name: Option<String>,
    around: Around,
}

impl System {
    pub(super) fn new(name: Option<&str>, around: Around) -> Self {
        Self { name: name.map(Into::into), around }
    }

    fn find(&self) -> Result<cpal::Device, AudioError> {
        let host = cpal::default_host();
        let device = match &self.name {
            None => host.default_output_device(),
            Some(name) => {
                host.output_devices().into_iter().flatten().find(|device| is_named(device, name))
            }
        };
        device.ok_or_else(|| AudioError::NoDevice { name: self.name.clone() })
    }
}

impl Backend for System {
    fn open(&mut self, song_rate: u32, _song_channels: u16) -> Result<Opened, AudioError> {
        let mut opened = None;
        (self.around)(&mut || {
            opened = Some(self.find().and_then(|device| {
                let refused = |error: cpal::Error| AudioError::Device {
                    device: name_of(&device),
                    reason: error.to_string(),
                };
                open(&device, song_rate).map_err(refused)
            }));
        });
        opened.unwrap_or_else(|| Err(AudioError::NoDevice { name: self.name.clone() }))
    }
}

/// Opens the device in the first way that it takes.
fn open(device: &cpal::Device, song_rate: u32) -> Result<Opened, cpal::Error> {
    let mut refused = ErrorKind::UnsupportedConfig.into();
    for (config, format) in configurations(device, song_rate)? {
        let (outlet, intake) = Outlet::new();
        match start(device, config, format, outlet, &intake) {
            Ok(stream) => {
                let StreamConfig { sample_rate, channels, .. } = config;
                return Ok(Opened { sample_rate, channels, intake, stream: Box::new(stream) });
            }
            Err(error) => refused = error,
        }
        if !matches!(refused.kind(), ErrorKind::UnsupportedConfig | ErrorKind::InvalidInput) {
            break;
        }
    }
    Err(refused)
}

/// How to open the device, best first: at the song's rate if it takes that, in small blocks.
///
/// A device with one rate that lets its driver convert, as ALSA's `plug` does, often takes small
/// blocks at its own rate only: then the song is resampled here, which is better anyway.
fn configurations(
    device: &cpal::Device,
    song_rate: u32,
) -> Result<Vec<(StreamConfig, SampleFormat)>, cpal::Error> {
    let default = device.default_output_config()?;
    let alike = |range: &cpal::SupportedStreamConfigRange| {
        range.channels() == default.channels() && range.sample_format() == default.sample_format()
    };
    let at_rate = device
        .supported_output_configs()?
        .filter(alike)
        .find_map(|range| range.try_with_sample_rate(song_rate))
        .filter(|_| song_rate != default.sample_rate());
    let mut configs = Vec::new();
    for supported in at_rate.iter().chain([&default]) {
        let scale = supported.sample_rate().div_ceil(48_000).next_power_of_two();
        let sizes = BLOCK_FRAMES.map(|frames| BufferSize::Fixed(frames * scale));
        configs.extend(sizes.map(|buffer_size| StreamConfig { buffer_size, ..supported.config() }));
    }
    configs.push(default.config());
    Ok(configs.into_iter().map(|config| (config, default.sample_format())).collect())
}

fn start(
    device: &cpal::Device,
    config: StreamConfig,
    format: SampleFormat,
    outlet: Outlet,
    intake: &Intake,
) -> Result<cpal::Stream, cpal::Error> {
    let pulse = intake.pulse();
    let lost = move |error: cpal::Error| note(&error, &pulse);
    let samples = f64::from(config.sample_rate) * f64::from(config.channels);
    let untold = untold(device, &config);
    let tap = Tap { outlet, timeline: Timeline::default(), untold, samples };
    let stream = match format {
        SampleFormat::F32 => float_stream(device, config, tap, lost),
        SampleFormat::F64 => converted_stream::<f64>(device, config, tap, lost),
        SampleFormat::I8 => converted_stream::<i8>(device, config, tap, lost),
        SampleFormat::I32 => converted_stream::<i32>(device, config, tap, lost),
        SampleFormat::U8 => converted_stream::<u8>(device, config, tap, lost),
        SampleFormat::U16 => converted_stream::<u16>(device, config, tap, lost),
        // Every system converts 16 bits for a device that has something rarer.
        _ => converted_stream::<i16>(device, config, tap, lost),
    }?;
    stream.play()?;
    Ok(stream)
}

/// An underrun passes, and so does a device that the system replaces by itself.
fn note(error: &cpal::Error, pulse: &Arc<Pulse>) {
    let passes = [ErrorKind::Xrun, ErrorKind::RealtimeDenied, ErrorKind::DeviceChanged];
    if !passes.contains(&error.kind()) {
        pulse.lose();
    }
}

/// How much later than it tells a device is heard.
fn untold(device: &cpal::Device, config: &StreamConfig) -> Duration {
    #[cfg(target_os = "linux")]
    if let Ok(id) = device.id() {
        return bridge::untold(id.id(), config).unwrap_or_default();
    }
    let _ = (device, config);
    Duration::ZERO
}

/// An outlet for a device that tells when it is heard.
struct Tap {
    outlet: Outlet,
    timeline: Timeline,
    untold: Duration,
    /// Samples in a second, all channels.
    samples: f64,
}

impl Tap {
    /// When a block of so many samples, which is asked for now, is heard.
    fn heard(&mut self, samples: usize, block: &cpal::OutputCallbackInfo) -> Instant {
        let times = block.timestamp();
        let delay = times.playback.saturating_duration_since(times.callback) + self.untold;
        self.timeline.heard(Instant::now() + delay, self.length(samples))
    }

    fn length(&self, samples: usize) -> Duration {
        Duration::from_secs_f64(samples as f64 / self.samples)
    }
}

fn float_stream(
    device: &cpal::Device,
    config: StreamConfig,
    mut tap: Tap,
    lost: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let fill = move |out: &mut [f32], block: &cpal::OutputCallbackInfo| {
        let at = tap.heard(out.len(), block);
        tap.outlet.fill(out, at);
    };
    device.build_output_stream(config, fill, lost, None)
}

fn converted_stream<S: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    mut tap: Tap,
    lost: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let channels = usize::from(config.channels);
    let piece = SCRATCH_SAMPLES / channels * channels;
    let mut scratch = vec![0.0; piece];
    let fill = move |out: &mut [S], block: &cpal::OutputCallbackInfo| {
        let mut at = tap.heard(out.len(), block);
        for out in out.chunks_mut(piece) {
            let scratch = &mut scratch[..out.len()];
            tap.outlet.fill(scratch, at);
            for (out, sample) in out.iter_mut().zip(&*scratch) {
                *out = S::from_sample(*sample);
            }
            at += tap.length(out.len());
        }
    };
    device.build_output_stream(config, fill, lost, None)
}
