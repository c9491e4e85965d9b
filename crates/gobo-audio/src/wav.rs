use std::path::Path;

use crate::AudioError;

/// Writes interleaved samples as a 16-bit WAV file; levels outside -1.0 to 1.0 are clipped.
pub fn write_wav(
    path: &Path,
    samples: &[f32],
    sample_rate: u32,
    channels: u16,
) -> Result<(), AudioError> {
    let wav = |cause| AudioError::Wav { path: path.into(), cause };
    let spec = hound::WavSpec {
        channels,
        sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).map_err(wav)?;
    for sample in samples {
        // Symmetric, so that silence is 0 and an inverted signal stays inverted.
        let level = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round();
        writer.write_sample(level as i16).map_err(wav)?;
    }
    writer.finalize().map_err(wav)
}
