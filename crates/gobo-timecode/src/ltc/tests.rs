use proptest::prelude::*;

use super::*;
use crate::Direction;

/// Frames heard in samples.
fn heard(sample_rate: u32, samples: &[f32]) -> Vec<LtcFrame> {
    let mut decoder = LtcDecoder::new(sample_rate);
    samples.iter().filter_map(|&sample| decoder.feed(sample)).collect()
}

/// What frames come to, by a reader that is told nothing.
fn codes(sample_rate: u32, frames: &[LtcFrame]) -> Vec<(String, f64)> {
    let mut reader = CodeReader::new(sample_rate, None);
    let read = |frame| reader.read(frame).map(|(code, speed)| (code.to_string(), speed));
    frames.iter().filter_map(read).collect()
}

/// A number from -1.0 to 1.0 that looks drawn.
fn noise(seed: &mut u64) -> f32 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
}

#[test]
fn words_have_an_even_number_of_zeros_and_say_their_label() {
    for rate in CodeRate::all() {
        for number in (0..rate.frames_in_a_day()).step_by(997) {
            let code = Timecode::of_number(number, rate);
            let word = Word::new(code);
            assert_eq!(word.0.count_ones() % 2, 0, "{code}");
            assert_eq!(word.label(), Some((code.label(), rate.drops())));
        }
    }
}

#[test]
fn frames_are_placed_to_a_part_of_a_sample() {
    let start = Timecode::new("09:59:58:20".parse().unwrap(), CodeRate::Fps30).unwrap();
    let mut samples = Vec::new();
    let mut encoder = LtcEncoder::new(44_100, 0.5);
    (0..90).for_each(|n| encoder.frame(start.offset(n), 1.0, &mut samples));
    let frames = heard(44_100, &samples);
    assert!(frames.len() >= 87, "{}", frames.len());
    for frame in frames {
        let code = Timecode::new(frame.label, CodeRate::Fps30).unwrap();
        let end = (code.offset(1).seconds_since(start)) * 44_100.0;
        // The decoder counts from the middle of the first sample.
        assert!((frame.end - end + 0.5).abs() < 0.1, "{} for {end}", frame.end);
        assert!((frame.length - 1470.0).abs() < 0.1);
    }
}

/// Samples of a code of libltc 1.3.2, unsigned bytes at 48 kHz.
const LIBLTC_25: &[u8] = include_bytes!("testdata/libltc-25.u8");
const LIBLTC_DROP: &[u8] = include_bytes!("testdata/libltc-2997-drop.u8");

#[test]
fn another_encoder_is_understood() {
    let samples = |bytes: &[u8]| -> Vec<f32> {
        bytes.iter().map(|&byte| f32::from(byte) / 128.0 - 1.0).collect()
    };
    let forwards = samples(LIBLTC_25);
    let read = codes(48_000, &heard(48_000, &forwards));
    let said: Vec<&str> = read.iter().map(|(code, _)| code.as_str()).collect();
    // From 01:00:00:18; each is told at its end, the last has no edge after it.
    let expected: Vec<String> =
        (19..=27).map(|n| format!("01:00:{:02}:{:02}", n / 25, n % 25)).collect();
    assert!(expected.ends_with(&said.iter().map(|&one| one.to_owned()).collect::<Vec<_>>()));
    assert!(said.len() >= 8, "{said:?}");
    let backwards: Vec<f32> = forwards.into_iter().rev().collect();
    let back = heard(48_000, &backwards);
    assert!(back.len() >= 8 && back.iter().all(|one| one.direction == Direction::Backwards));
    let drop = codes(48_000, &heard(48_000, &samples(LIBLTC_DROP)));
    assert!(drop.iter().any(|(code, _)| code == "00:01:00;02"), "{drop:?}");
    assert!(drop.iter().all(|(_, speed)| (speed - 1.0).abs() < 0.001), "{drop:?}");
}

#[test]
fn the_rate_is_found_out_however_fast_the_tape_runs() {
    for (rate, speed) in [(CodeRate::Fps24, 1.22), (CodeRate::Fps25, 0.8), (CodeRate::Fps30, 0.8)] {
        let start = Timecode::of_number(5 * rate.counted() - 6, rate);
        let mut samples = Vec::new();
        let mut encoder = LtcEncoder::new(48_000, 0.5);
        (0..60).for_each(|n| encoder.frame(start.offset(n), speed, &mut samples));
        let mut reader = CodeReader::new(48_000, None);
        let frames = heard(48_000, &samples);
        let read: Vec<_> = frames.iter().filter_map(|frame| reader.read(frame)).collect();
        let (code, seen) = *read.last().unwrap();
        assert_eq!(code.rate(), rate);
        assert!((seen - speed).abs() < 0.01, "{seen} at {rate}");
    }
}

#[test]
fn a_lost_frame_at_the_end_of_a_second_makes_no_other_rate() {
    let mut samples = Vec::new();
    let mut encoder = LtcEncoder::new(48_000, 0.5);
    for n in (10..120).filter(|n| n % 25 != 24) {
        encoder.frame(Timecode::of_number(n, CodeRate::Fps25), 1.0, &mut samples);
        if n % 25 == 23 {
            samples.extend([0.0; 1920]);
        }
    }
    let mut reader = CodeReader::new(48_000, None);
    for frame in heard(48_000, &samples) {
        let (code, _) = reader.read(&frame).unwrap();
        assert_eq!(code.rate(), CodeRate::Fps25, "after {}", frame.label);
    }
}

#[test]
fn noise_alone_says_nothing() {
    let mut seed = 7;
    for level in [0.000_5, 0.01, 1.0] {
        let samples: Vec<f32> = (0..480_000).map(|_| level * noise(&mut seed)).collect();
        assert_eq!(heard(48_000, &samples), []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Level, polarity, an offset, noise 20 dB below, the sample rate and the speed: none matters.
    #[test]
    fn what_is_encoded_is_heard(
        rate in prop::sample::select(CodeRate::all().collect::<Vec<_>>()),
        sample_rate in prop::sample::select(vec![44_100_u32, 48_000, 96_000]),
        number: u32,
        speed in 0.25_f64..2.5,
        backwards: bool,
        decibels in -40.0_f32..-1.0,
        inverted: bool,
        offset in -0.2_f32..0.2,
        mut seed: u64,
    ) {
        let start = Timecode::of_number(number, rate);
        let (speed, step) = if backwards { (-speed, -1) } else { (speed, 1) };
        let level = 10.0_f32.powf(decibels / 20.0);
        let mut samples = Vec::new();
        let mut encoder = LtcEncoder::new(sample_rate, level);
        (0..12).for_each(|n| encoder.frame(start.offset(n * step), speed, &mut samples));
        let sign = if inverted { -1.0 } else { 1.0 };
        for sample in &mut samples {
            *sample = sign * *sample + level * (0.1 * noise(&mut seed) + offset);
        }
        let frames = heard(sample_rate, &samples);
        // One to find the bits, and the last, which no edge ends.
        prop_assert!(frames.len() >= 9, "{} frames", frames.len());
        let first = 12 - 1 - frames.len() as i64;
        for (n, frame) in (first..).zip(&frames) {
            prop_assert_eq!(frame.label, start.offset(n * step).label());
            prop_assert_eq!(frame.direction == Direction::Backwards, backwards);
            prop_assert_eq!(frame.drop, rate.drops());
            let fps = f64::from(sample_rate) / frame.length;
            prop_assert!((fps / (rate.as_f64() * speed.abs()) - 1.0).abs() < 0.01, "{}", fps);
        }
    }

    #[test]
    fn a_tape_that_starts_and_stops_is_followed(number in 0_u32..2_000_000, mut seed: u64) {
        let start = Timecode::of_number(number, CodeRate::Fps25);
        let mut samples = Vec::new();
        let mut encoder = LtcEncoder::new(48_000, 0.1);
        // Up to twice its speed and down again within two seconds.
        for n in 0..60 {
            let speed = 0.3 + 1.7 * (f64::from(n) / 60.0 * std::f64::consts::PI).sin();
            encoder.frame(start.offset(n.into()), speed, &mut samples);
        }
        samples.iter_mut().for_each(|sample| *sample += 0.01 * noise(&mut seed));
        let frames = heard(48_000, &samples);
        prop_assert!(frames.len() >= 56, "{} frames", frames.len());
        let labels = frames.iter().map(|frame| frame.label);
        let last = 59 - frames.len() as i64;
        prop_assert!(labels.eq((last..59).map(|n| start.offset(n).label())));
    }

    #[test]
    fn any_samples_are_survived(samples in prop::collection::vec(any::<f32>(), 0..4000)) {
        for frame in heard(48_000, &samples) {
            prop_assert!(frame.length > 0.0);
        }
    }
}
