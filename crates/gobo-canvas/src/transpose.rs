//! Rows to columns, in blocks of eight by eight bytes, several of them side by side.

/// Turns rows of `columns` bytes into columns: what was in row r and column c of `from` comes to
/// row c and column r of `to`. Both are whole rows, and as long as each other.
pub(crate) fn transpose(from: &[u8], columns: usize, to: &mut [u8]) {
    let rows = from.len() / columns;
    if rows < SIDE || columns < SIDE {
        for (at, &byte) in from.iter().enumerate() {
            to[at % columns * rows + at / columns] = byte;
        }
        return;
    }
    let wide_rows = rows - rows % (SIDE * LANES);
    for row in (0..wide_rows).step_by(SIDE * LANES) {
        starts(0, columns)
            .for_each(|column| turn::<LANES>(from, to, [row, column], [rows, columns]));
    }
    for row in starts(wide_rows, rows) {
        starts(0, columns).for_each(|column| turn::<1>(from, to, [row, column], [rows, columns]));
    }
}

/// Where blocks start that cover `from..to`; the last one may overlap the one before it.
fn starts(from: usize, to: usize) -> impl Iterator<Item = usize> {
    (from..to).step_by(SIDE).map(move |start| start.min(to - SIDE))
}

/// The side of a block that is turned at once: eight bytes, eight words.
const SIDE: usize = 8;
/// How many blocks, one below the other, are turned in one go: as registers are wide.
const LANES: usize = 4;

/// Turns the blocks from `row` and `column` on: halves are swapped across the diagonal, then the
/// quarters in each half, then the bytes.
#[inline(always)]
fn turn<const N: usize>(
    from: &[u8],
    to: &mut [u8],
    [row, column]: [usize; 2],
    [rows, columns]: [usize; 2],
) {
    let mut block: [[u64; N]; SIDE] = std::array::from_fn(|i| {
        std::array::from_fn(|lane| {
            let row = row + lane * SIDE + i;
            u64::from_le_bytes(eight(&from[row * columns + column..]))
        })
    });
    swap::<N, 4>(&mut block, 0x0000_0000_ffff_ffff);
    swap::<N, 2>(&mut block, 0x0000_ffff_0000_ffff);
    swap::<N, 1>(&mut block, 0x00ff_00ff_00ff_00ff);
    for (i, line) in block.iter().enumerate() {
        let at = (column + i) * rows + row;
        for (out, word) in to[at..at + SIDE * N].chunks_exact_mut(SIDE).zip(line) {
            out.copy_from_slice(&word.to_le_bytes());
        }
    }
}

/// Swaps what the mask leaves out of a line with what it covers of the line `DISTANCE` further on.
#[inline(always)]
fn swap<const N: usize, const DISTANCE: usize>(block: &mut [[u64; N]; SIDE], mask: u64) {
    for i in (0..SIDE).filter(|i| i & DISTANCE == 0) {
        let (above, below) = block.split_at_mut(i + DISTANCE);
        for (line, further) in above[i].iter_mut().zip(&mut below[0]) {
            let swap = ((*line >> (8 * DISTANCE)) ^ *further) & mask;
            *line ^= swap << (8 * DISTANCE);
            *further ^= swap;
        }
    }
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
        fn rows_become_columns(rows in 0_usize..80, columns in 1_usize..40, seed in any::<u8>()) {
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
