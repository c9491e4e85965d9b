//! Pictures that tests compare.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The size and the pixels of a PNG: another encoder may write the same picture in other bytes.
pub(crate) fn pixels(path: &Path) -> (u32, u32, Vec<u8>) {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    (frame.width, frame.height, pixels)
}
