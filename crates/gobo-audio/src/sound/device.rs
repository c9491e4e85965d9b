//! Sound devices through cpal.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig, SupportedStreamConfig};

use super::link::{SoundFault, SoundLink};
use super::voice::Voice;
use super::{Pipeline, Sound};
use crate::{AudioError, Decoder};

/// Samples converted at a time when the device does not take floats.
const SCRATCH_SAMPLES: usize = 4096;

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

/// Opens the device `name`, or the default one, for `song`.
pub(super) fn open(song: Decoder, name: Option<&str>) -> Result<(Sound, SoundLink), AudioError> {
    let host = cpal::default_host();
    let device = match name {
        None => host.default_output_device(),
        Some(name) => {
            host.output_devices().into_iter().flatten().find(|device| is_named(device, name))
        }
    };
    let device = device.ok_or_else(|| AudioError::NoDevice { name: name.map(Into::into) })?;
    let refused = |error: cpal::Error| AudioError::Device {
        device: name_of(&device),
        reason: error.to_string(),
    };
    let supported = configuration(&device, song.sample_rate()).map_err(refused)?;
    let config = supported.config();
    let Pipeline { voice, link, feeder, status } =
        Pipeline::new(song, config.sample_rate, config.channels);
    let lost = move |error: cpal::Error| {
        // An underrun passes, and so does a device that the system replaces by itself.
        if !matches!(
            error.kind(),
            ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged
        ) {
            status.set(SoundFault::DeviceLost);
        }
    };
    let stream = stream(&device, &supported, voice, lost).map_err(refused)?;
    stream.play().map_err(refused)?;
    let mut sound = Sound {
        device: name_of(&device),
        sample_rate: config.sample_rate,
        stop: Arc::new(AtomicBool::new(false)),
        threads: Vec::new(),
        _stream: Some(stream),
    };
    sound.feed(feeder)?;
    Ok((sound, link))
}

/// The device's own configuration, at the song's rate if it takes that.
fn configuration(
    device: &cpal::Device,
    sample_rate: u32,
) -> Result<SupportedStreamConfig, cpal::Error> {
    let default = device.default_output_config()?;
    let alike = |range: &cpal::SupportedStreamConfigRange| {
        range.channels() == default.channels() && range.sample_format() == default.sample_format()
    };
    let at_rate = device
        .supported_output_configs()?
        .filter(alike)
        .find_map(|range| range.try_with_sample_rate(sample_rate));
    Ok(at_rate.unwrap_or(default))
}

fn stream(
    device: &cpal::Device,
    supported: &SupportedStreamConfig,
    voice: Voice,
    lost: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let config = supported.config();
    match supported.sample_format() {
        SampleFormat::F32 => float_stream(device, config, voice, lost),
        SampleFormat::F64 => converted_stream::<f64>(device, config, voice, lost),
        SampleFormat::I8 => converted_stream::<i8>(device, config, voice, lost),
        SampleFormat::I32 => converted_stream::<i32>(device, config, voice, lost),
        SampleFormat::U8 => converted_stream::<u8>(device, config, voice, lost),
        SampleFormat::U16 => converted_stream::<u16>(device, config, voice, lost),
        // Every system converts 16 bits for a device that has something rarer.
        _ => converted_stream::<i16>(device, config, voice, lost),
    }
}

/// When the first frame of a block that is asked for at `now` is heard.
fn heard_at(now: Instant, block: &cpal::OutputCallbackInfo) -> Instant {
    let times = block.timestamp();
    now + times.playback.saturating_duration_since(times.callback)
}

fn float_stream(
    device: &cpal::Device,
    config: StreamConfig,
    mut voice: Voice,
    lost: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let fill = move |out: &mut [f32], block: &cpal::OutputCallbackInfo| {
        voice.fill(out, heard_at(Instant::now(), block));
    };
    device.build_output_stream(config, fill, lost, None)
}

fn converted_stream<S: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    mut voice: Voice,
    lost: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let (channels, sample_rate) = (usize::from(config.channels), f64::from(config.sample_rate));
    let piece = SCRATCH_SAMPLES / channels * channels;
    let mut scratch = vec![0.0; piece];
    let fill = move |out: &mut [S], block: &cpal::OutputCallbackInfo| {
        let mut at = heard_at(Instant::now(), block);
        for out in out.chunks_mut(piece) {
            let scratch = &mut scratch[..out.len()];
            voice.fill(scratch, at);
            for (out, sample) in out.iter_mut().zip(&*scratch) {
                *out = S::from_sample(*sample);
            }
            let seconds = (out.len() / channels) as f64 / sample_rate;
            at += std::time::Duration::from_secs_f64(seconds);
        }
    };
    device.build_output_stream(config, fill, lost, None)
}
