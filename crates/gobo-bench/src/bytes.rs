//! What other ways make of the same bytes.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use gobo_canvas::{Canvas, export_raw};

/// Counts what is written to it.
#[derive(Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes that `zstd -1` makes of the raw frames of a canvas, as `--emit raw` writes them.
pub(crate) fn zstd_len(canvas: &Path) -> Result<u64> {
    let canvas = Arc::new(Canvas::open(canvas)?);
    let press = zstd::stream::write::Encoder::new(Count::default(), 1)?;
    // Frames come in pieces of 512 bytes.
    let mut press = BufWriter::with_capacity(1 << 20, press);
    export_raw(&canvas, &mut press)?;
    let press = press.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(press.finish()?.0)
}
