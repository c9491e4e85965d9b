//! Rows to columns, in blocks of sixteen by sixteen bytes.

use wide::u8x16;

/// The side of a block that is turned at once: sixteen bytes, sixteen registers.
const SIDE: usize = 16;

/// Turns rows of `columns` bytes into columns: what was in row r and column c of `from` comes to
/// row c and column r of `to`. Both are whole rows, and as long as each other.
pub(crate) fn transpose(from: &[u8], columns: usize, to: &mut [u8]) {
    let rows = from.len() / columns;
    if rows < SIDE || columns < SIDE {
        for (row, line) in from.chunks_exact(columns).enumerate() {
            for (column, &byte) in line.iter().enumerate() {
                to[column * rows + row] = byte;
            }
        }
        return;
    }
    for row in starts(rows) {
        for column in starts(columns) {
            let mut lines = [u8x16::ZERO; SIDE];
            for (i, line) in lines.iter_mut().enumerate() {
                let at = (row + i) * columns + column;
                *line = u8x16::new(from[at..at + SIDE].as_chunks().0[0]);
            }
            for (i, line) in transposed(&lines).iter().enumerate() {
                let at = (column + i) * rows + row;
                to[at..at + SIDE].copy_from_slice(line.as_array());
            }
        }
    }
}

/// Where the blocks begin that cover `length`, which is at least a side: the last may lie over the
/// one before it.
fn starts(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by(SIDE).map(move |start| start.min(length - SIDE))
}

/// Two halves shuffled into each other as cards are, four times.
fn transposed(lines: &[u8x16; SIDE]) -> [u8x16; SIDE] {
    shuffled(&shuffled(&shuffled(&shuffled(lines))))
}

#[inline(always)]
fn shuffled(lines: &[u8x16; SIDE]) -> [u8x16; SIDE] {
    let mut out = [u8x16::ZERO; SIDE];
    for i in 0..SIDE / 2 {
        let (one, other) = (lines[i], lines[i + SIDE / 2]);
        out[2 * i] = u8x16::unpack_low(one, other);
        out[2 * i + 1] = u8x16::unpack_high(one, other);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_become_columns(rows in 0_usize..40, columns in 1_usize..80, seed in any::<u8>()) {
            let from: Vec<u8> =
                (0..rows * columns).map(|i| ((i * 31) >> 3) as u8 ^ i as u8 ^ seed).collect();
            let mut to = vec![0; from.len()];
            transpose(&from, columns, &mut to);
            for (i, &byte) in from.iter().enumerate() {
                prop_assert_eq!(to[i % columns * rows + i / columns], byte);
            }
        }
    }
}
