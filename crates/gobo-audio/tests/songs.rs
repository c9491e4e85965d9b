//! Real songs, decoded by gobo and by ffmpeg, which shares no code with it.
//!
//! The songs are third-party data read in place; without them or without ffmpeg the tests say
//! so and pass.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::{Path, PathBuf};
use std::process::Command;

use gobo_audio::{Decoder, probe, write_wav};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

const SONGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/songs");

/// ffmpeg before 7 leaves the padding at the end of an M4A, which its edit list cuts off.
const FFMPEG_M4A_PADDING_MAX: u64 = 1024;

fn songs() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(SONGS) else {
        eprintln!("SKIPPED: no songs in {SONGS}");
        return Vec::new();
    };
    let mut songs: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    songs.retain(|path| {
        ["mp3", "ogg", "flac", "wav", "m4a"].iter().any(|format| has_format(path, format))
    });
    songs.sort();
    songs
}

fn has_format(path: &Path, format: &str) -> bool {
    path.extension().is_some_and(|extension| extension == format)
}

fn decode(path: &Path) -> Vec<f32> {
    let mut decoder = Decoder::open(path).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block().unwrap() {
        samples.extend_from_slice(block);
    }
    samples
}

fn ffmpeg(path: &Path) -> Option<Vec<f32>> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-f", "f32le", "-"])
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: ffmpeg is not installed, nothing to compare {} with", path.display());
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let samples = output.stdout.as_chunks::<4>().0;
    Some(samples.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

fn largest_difference(ours: &[f32], theirs: &[f32]) -> f32 {
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// The power of the difference by the power of the sound, as a ratio of amplitudes.
fn relative_difference(ours: &[f32], theirs: &[f32]) -> f32 {
    let power = |samples: &mut dyn Iterator<Item = f32>| samples.map(|s| s * s).sum::<f32>();
    let difference = power(&mut ours.iter().zip(theirs).map(|(a, b)| a - b));
    (difference / power(&mut ours.iter().copied()).max(1e-6)).sqrt()
}

#[test]
fn every_sample_is_the_one_that_ffmpeg_decodes() {
    for path in songs() {
        let name = path.display();
        let Some(theirs) = ffmpeg(&path) else { return };
        let length = probe(&path).unwrap();
        let their_frames = theirs.len() as u64 / u64::from(length.channels);
        let padding = if has_format(&path, "m4a") { FFMPEG_M4A_PADDING_MAX } else { 0 };
        assert!(
            (length.frames..=length.frames + padding).contains(&their_frames),
            "{name}: {} frames, ffmpeg has {their_frames}",
            length.frames
        );
        let ours = decode(&path);
        assert_eq!(ours.len() as u64, length.frames * u64::from(length.channels), "{name}");
        let difference = largest_difference(&ours, &theirs);
        assert!(difference < 1e-3, "{name}: samples differ by {difference}");
        assert!(largest_difference(&ours[1000..], &theirs) > 1e-2, "{name}: too quiet to tell");
    }
}

#[test]
fn reading_after_a_seek_is_reading_on() {
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    for path in songs() {
        let name = path.display();
        let linear = decode(&path);
        let mut decoder = Decoder::open(&path).unwrap();
        let channels = usize::from(decoder.channels());
        let frames = linear.len() / channels;
        let random_frames = (0..8).map(|_| random.next_u64() as usize % frames);
        let edges = [0, 1, 500, frames - 1, frames - 700, frames / 2, 3, frames - 30_000];
        for frame in edges.into_iter().chain(random_frames) {
            decoder.seek(frame as u64).unwrap();
            assert_eq!(decoder.position(), frame as u64, "{name}");
            let expected = &linear[frame * channels..];
            let mut read = Vec::new();
            while read.len() < 8192 * channels {
                let Some(block) = decoder.next_block().unwrap() else { break };
                read.extend_from_slice(block);
            }
            assert!(read.len() >= expected.len().min(8192 * channels), "{name}: {frame}");
            // AAC fills bands with noise of its own, which differs from one decoding to another.
            let (difference, allowed) = match has_format(&path, "m4a") {
                true => (relative_difference(&read, expected), 0.3),
                false => (largest_difference(&read, expected), 1e-4),
            };
            assert!(difference < allowed, "{name}: from {frame} samples differ by {difference}");
        }
        decoder.seek(frames as u64).unwrap();
        assert!(decoder.next_block().unwrap().is_none(), "{name}");
    }
}

#[test]
fn an_mp3_without_its_tag_keeps_all_its_sound() {
    let Some(path) = songs().into_iter().find(|path| has_format(path, "mp3")) else { return };
    let bytes = std::fs::read(&path).unwrap();
    let tag = bytes.windows(4).position(|four| four == b"Xing" || four == b"Info").unwrap();
    let is_header = |&at: &usize| bytes[at] == 0xff && bytes[at + 1] & 0xe0 == 0xe0;
    let second_frame = (tag..bytes.len() - 1).find(is_header).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("bare.mp3");
    std::fs::write(&bare, &bytes[second_frame..]).unwrap();
    // With its tag the song has lost the encoder's delay and padding; without it they stay.
    let (tagged, untagged) = (decode(&path), decode(&bare));
    assert_eq!(probe(&bare).unwrap().frames * 2, untagged.len() as u64);
    assert_eq!(untagged.len() % (2 * 1152), 0);
    let delay = 2 * 1105;
    assert!(largest_difference(&tagged, &untagged[delay..]) < 1e-4);
    let mut decoder = Decoder::open(&bare).unwrap();
    decoder.seek((untagged.len() / 2 - 100) as u64).unwrap();
    assert_eq!(decoder.next_block().unwrap().unwrap().len(), 200);
}

/// Where clicks begin, in frames, in the first channel of frames that begin at `from`.
fn clicks(samples: &[f32], channels: usize, from: usize, quiet: usize) -> Vec<i64> {
    let (mut clicks, mut last) = (Vec::new(), None);
    for (n, frame) in samples.chunks(channels).enumerate() {
        if frame[0].abs() > 0.3 {
            if last.is_none_or(|last| n - last > quiet) {
                clicks.push((from + n) as i64);
            }
            last = Some(n);
        }
    }
    clicks
}

/// Encoders put some silence before a song, and say so in its file; light that follows the sound
/// would be 25 ms off if that were not taken away again.
#[test]
fn clicks_stay_where_they_were_through_every_encoder() {
    let folder = tempfile::tempdir().unwrap();
    let (wav, frames) = (folder.path().join("clicks.wav"), 44_100 * 6);
    let click = |n: usize| n >= 44_100 && n % 44_100 < 2205;
    let level = |n: usize| if (n / 22).is_multiple_of(2) { 0.8 } else { -0.8 };
    let samples: Vec<f32> =
        (0..frames).flat_map(|n| [if click(n) { level(n % 44_100) } else { 0.0 }; 2]).collect();
    write_wav(&wav, &samples, 44_100, 2).unwrap();
    for (name, rate, delay, options) in [
        ("cbr.mp3", 44_100, 0, "-b:a 128k"),
        ("vbr.mp3", 44_100, 0, "-q:a 4"),
        ("half.mp3", 22_050, 0, "-b:a 64k -ar 22050"),
        // Nothing tells: 576 frames of LAME's, 529 of any decoder's.
        ("untagged.mp3", 44_100, 1105, "-b:a 192k -write_xing 0"),
        ("aac.m4a", 44_100, 0, "-c:a aac -b:a 128k"),
        ("index-first.m4a", 44_100, 0, "-c:a aac -movflags +faststart"),
        ("alike.ogg", 44_100, 0, "-c:a libvorbis"),
        ("alike.flac", 44_100, 0, ""),
    ] {
        let path = folder.path().join(name);
        let mut encode = Command::new("ffmpeg");
        encode.args(["-v", "error", "-i"]).arg(&wav).args(options.split_whitespace()).arg(&path);
        let Ok(output) = encode.output() else {
            eprintln!("SKIPPED: ffmpeg is not installed, no encoder to try");
            return;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let length = probe(&path).unwrap();
        let padding = length.frames as i64 - (frames as i64 * rate / 44_100);
        assert!(if delay == 0 { padding == 0 } else { padding > delay }, "{name}: {padding}");
        let channels = usize::from(length.channels);
        let expected: Vec<i64> = (1..6).map(|second| second * rate + delay).collect();
        let assert_near = |found: &[i64], expected: &[i64]| {
            let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 2);
            assert!(near && found.len() == expected.len(), "{name}: {found:?}, not {expected:?}");
        };
        assert_near(&clicks(&decode(&path), channels, 0, rate as usize / 4), &expected);
        // And after a seek.
        let mut decoder = Decoder::open(&path).unwrap();
        let from = (rate * 7 / 2) as usize;
        decoder.seek(from as u64).unwrap();
        let mut samples = Vec::new();
        while let Some(block) = decoder.next_block().unwrap() {
            samples.extend_from_slice(block);
        }
        assert_near(&clicks(&samples, channels, from, rate as usize / 4), &expected[3..]);
    }
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ramp.wav");
    let samples: Vec<f32> = (0..4410).map(|n| n as f32 / 2205.0 - 1.0).collect();
    write_wav(&path, &samples, 22_050, 2).unwrap();
    let length = probe(&path).unwrap();
    assert_eq!((length.frames, length.channels, length.sample_rate), (2205, 2, 22_050));
    assert_eq!(length.seconds, 0.1);
    assert!(largest_difference(&decode(&path), &samples) < 1e-4);
}

#[test]
fn what_is_no_song_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("song.ogg");
    assert!(probe(&path).unwrap_err().to_string().contains("cannot open the song"));
    for bytes in [&b""[..], b"OggS", &[0; 5000], &[0xff; 5000], b"RIFF\xff\xff\xff\xffWAVE"] {
        std::fs::write(&path, bytes).unwrap();
        assert!(probe(&path).is_err());
    }
    let text = folder.path().join("notes.ogg");
    std::fs::write(&text, "no sound at all").unwrap();
    let error = probe(&text).unwrap_err().to_string();
    assert!(error.contains("no sound file that gobo reads: expected mp3"), "{error}");
}

#[test]
fn a_song_cut_short_ends_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    for path in songs() {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(bytes.len().min(400_000) / 2);
        let cut = folder.path().join(path.file_name().unwrap());
        std::fs::write(&cut, &bytes).unwrap();
        if let Ok(mut decoder) = Decoder::open(&cut) {
            while let Ok(Some(_)) = decoder.next_block() {}
        }
    }
}

#[test]
fn bytes_that_break_a_parser_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tone.wav");
    write_wav(&path, &[0.1; 4410], 44_100, 1).unwrap();
    let whole = std::fs::read(&path).unwrap();
    // 65535 channels of 32 bits overflow a product in the parser of debug builds.
    let mut wide = whole.clone();
    wide[22..24].fill(0xff);
    wide[34] = 32;
    std::fs::write(&path, &wide).unwrap();
    assert!(probe(&path).is_err());
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            bytes[random.next_u64() as usize % 60] = random.next_u64() as u8;
        }
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(length) = probe(&path) {
            assert!(length.sample_rate > 0 && length.channels > 0);
        }
    }
}
