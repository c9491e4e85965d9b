//! Rows to columns, in blocks of eight by eight bytes.

/// Turns rows of `columns` bytes into columns: what was in row r and column c of `from` comes to
/// row c and column r of `to`. Both are whole rows, and as long as each other.
pub(crate) fn transpose(from: &[u8], columns: usize, to: &mut [u8]) {
    let rows = from.len() / columns;
    let (whole_rows, whole_columns) = (rows - rows % SIDE, columns - columns % SIDE);
    for row in (0..whole_rows).step_by(SIDE) {
        for column in (0..whole_columns).step_by(SIDE) {
            let block = transposed(std::array::from_fn(|i| {
                u64::from_le_bytes(eight(&from[(row + i) * columns + column..]))
            }));
            for (i, line) in block.into_iter().enumerate() {
                let at = (column + i) * rows + row;
                to[at..at + SIDE].copy_from_slice(&line.to_le_bytes());
            }
        }
    }
    // What is left at the right and at the bottom.
    for row in 0..rows {
        let first = if row < whole_rows { whole_columns } else { 0 };
        for column in first..columns {
            to[column * rows + row] = from[row * columns + column];
        }
    }
}

/// The side of a block that is turned at once: eight bytes, eight words.
const SIDE: usize = 8;

/// Swaps the halves across the diagonal, then the quarters in each half, then the bytes.
fn transposed(mut block: [u64; SIDE]) -> [u64; SIDE] {
    const STEPS: [(usize, u64); 3] =
        [(4, 0x0000_0000_ffff_ffff), (2, 0x0000_ffff_0000_ffff), (1, 0x00ff_00ff_00ff_00ff)];
    for (distance, mask) in STEPS {
        let shift = 8 * distance;
        for i in (0..SIDE).filter(|i| i & distance == 0) {
            let swap = ((block[i] >> shift) ^ block[i + distance]) & mask;
            block[i] ^= swap << shift;
            block[i + distance] ^= swap;
        }
    }
    block
}

fn eight(bytes: &[u8]) -> [u8; SIDE] {
    let mut eight = [0; SIDE];
    eight.copy_from_slice(&bytes[..SIDE]);
    eight
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_become_columns(rows in 0_usize..40, columns in 1_usize..40, seed in any::<u8>()) {
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
