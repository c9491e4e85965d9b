//! Writes the demo's song and its sidecar: `gobo-synth <folder> [name]`.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::path::Path;

use gobo_synth::{RATE, render, sidecar};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        return Err("say where: gobo-synth <folder> [name]".into());
    };
    let name = arguments.next().unwrap_or_else(|| String::from("switch-on"));
    let folder = Path::new(&folder);
    fs::write(folder.join(format!("{name}.song.json")), sidecar())?;
    write_wav(&folder.join(format!("{name}.wav")))
}

fn write_wav(path: &Path) -> Result<(), Box<dyn Error>> {
    let format = hound::WavSpec {
        channels: 2,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, format)?;
    for sample in render().into_iter().flatten() {
        writer.write_sample(sample)?;
    }
    Ok(writer.finalize()?)
}
