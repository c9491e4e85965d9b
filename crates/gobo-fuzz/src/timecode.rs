use gobo_timecode::{
    CodeRate, CodeReader, Label, LtcDecoder, MtcParser, MtcReader, Timecode, parse_art_time_code,
};

/// A timecode as text: what is read is printed so that it reads the same.
pub fn timecode(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = text.parse::<CodeRate>();
    let Ok(label) = text.parse::<Label>() else { return };
    assert_eq!(label.to_string().parse(), Ok(label));
    for rate in CodeRate::all() {
        if let Ok(code) = Timecode::new(label, rate) {
            assert_eq!(code.label(), label);
            assert_eq!(Timecode::at_seconds(code.seconds(), rate), code);
        }
        Timecode::nearest(label, rate).label();
    }
}

/// Linear timecode, as samples of one byte: a frame has a length, and its label is one.
pub fn ltc(bytes: &[u8]) {
    let mut decoder = LtcDecoder::new(8000);
    let mut reader = CodeReader::new(8000, None);
    let samples = bytes.iter().map(|&byte| f32::from(byte) / 128.0 - 1.0);
    for frame in samples.filter_map(|sample| decoder.feed(sample)) {
        assert!(frame.length > 0.0 && frame.end <= bytes.len() as f64);
        if let Some((code, speed)) = reader.read(&frame) {
            assert!(speed.is_finite() && code.number() < code.rate().frames_in_a_day());
        }
    }
}

/// The bytes of a MIDI cable.
pub fn mtc(bytes: &[u8]) {
    let (mut parser, mut reader) = (MtcParser::default(), MtcReader::default());
    for message in bytes.iter().filter_map(|&byte| parser.feed(byte)) {
        if let Some(sighting) = reader.read(message) {
            let (code, quarters) = sighting.place();
            assert!(quarters < 4 && code.number() < code.rate().frames_in_a_day());
        }
    }
}

/// An Art-Net packet: a timecode that is read is written so that it reads the same.
pub fn art_time_code(bytes: &[u8]) {
    if let Some(Ok(read)) = parse_art_time_code(bytes) {
        let again = parse_art_time_code(&gobo_timecode::art_time_code(read.code));
        assert_eq!(again.map(|again| again.map(|one| one.code)), Some(Ok(read.code)));
    }
}
