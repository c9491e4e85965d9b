//! What making so many bytes costs at least: filling memory, and writing it to a file.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rayon::prelude::*;

/// What a core fills at a time.
const TILE: usize = 1 << 20;
/// The most that is held at a time.
const PIECE: usize = 1 << 30;

/// Time to write so many fresh bytes in memory with all cores, a gibibyte at a time.
pub(crate) fn memory(bytes: usize) -> Duration {
    let start = Instant::now();
    for piece in pieces(bytes) {
        let mut memory = vec![0_u8; piece];
        memory.par_chunks_mut(TILE).enumerate().for_each(|(index, tile)| fill(index, tile));
        std::hint::black_box(&memory);
    }
    start.elapsed()
}

/// Sizes of pieces of at most [`PIECE`] that add up to `bytes`.
fn pieces(bytes: usize) -> impl Iterator<Item = usize> {
    (0..bytes).step_by(PIECE).map(move |start| PIECE.min(bytes - start))
}

fn fill(index: usize, tile: &mut [u8]) {
    tile.fill(index as u8 | 1);
}

/// What writing a file took.
pub(crate) struct Written {
    /// Until the system has all bytes.
    pub(crate) written: Duration,
    /// Until they are on the disk, as those of a canvas are.
    pub(crate) synced: Duration,
}

/// Fills and writes so many bytes to a file at `path` with all cores, syncs it, and removes it.
pub(crate) fn file(path: &Path, bytes: usize) -> Result<Written> {
    let result = write(path, bytes).with_context(|| format!("{bytes} raw bytes to write"));
    // Whatever happened, such a file is not to stay.
    let _ = fs::remove_file(path);
    result
}

fn write(path: &Path, bytes: usize) -> Result<Written> {
    let start = Instant::now();
    let file = File::create(path)?;
    let tiles = 0..bytes.div_ceil(TILE);
    tiles.into_par_iter().try_for_each_init(
        || vec![0; TILE],
        |tile, index| {
            let at = index * TILE;
            let tile = &mut tile[..TILE.min(bytes - at)];
            fill(index, tile);
            file.write_all_at(tile, at as u64)
        },
    )?;
    let written = start.elapsed();
    file.sync_all()?;
    Ok(Written { written, synced: start.elapsed() })
}
