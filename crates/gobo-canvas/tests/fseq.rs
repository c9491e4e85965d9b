//! FSEQ: round trips, the header byte by byte, the Falcon Player's own files, and damaged ones.
#![allow(clippy::print_stderr)]

mod common;

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use common::{header, places, write};
use gobo_canvas::fseq::{
    FseqCompression, FseqError, FseqImport, FseqOptions, export_fseq, import_fseq, read_fseq,
};
use gobo_canvas::{Canvas, Header, Reader};
use gobo_dmx::{FrameRate, SLOTS, Universe};
use proptest::prelude::*;

const ALL: [FseqCompression; 3] =
    [FseqCompression::None, FseqCompression::Zstd, FseqCompression::Zlib];

fn canvas(header: &Header) -> Arc<Canvas> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.canvas");
    write(&path, header, &places(header));
    Arc::new(Canvas::from_bytes(fs::read(path).unwrap()).unwrap())
}

fn exported(canvas: &Arc<Canvas>, options: &FseqOptions) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    export_fseq(canvas, options, &mut out).unwrap();
    out.into_inner()
}

/// The canvas that a file becomes, with universe 1 as the first.
fn imported(file: &[u8], size: u16) -> Result<Arc<Canvas>, FseqError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.canvas");
    let places = FseqImport { first: Universe::new(1).unwrap(), size };
    import_fseq(&mut Cursor::new(file), &path, "in", places)?;
    Ok(Arc::new(Canvas::from_bytes(fs::read(path).unwrap()).unwrap()))
}

/// All frames, each universe in turn with all of its slots.
fn frames(canvas: &Arc<Canvas>) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(Arc::clone(canvas));
    let universes = canvas.header().universes.len();
    let mut frame = |frame| {
        let mut row = vec![0; universes * SLOTS];
        for (universe, slots) in row.chunks_exact_mut(SLOTS).enumerate() {
            reader.frame(universe, frame, slots.try_into().unwrap()).unwrap();
        }
        row
    };
    (0..canvas.header().frames).map(&mut frame).collect()
}

fn at(file: &[u8], from: usize, bytes: usize) -> u64 {
    file[from..from + bytes].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(
        step in prop::sample::select(vec![5_u32, 20, 25, 40, 50, 200]),
        frames_count in 1_u32..400,
        widths in prop::collection::vec(1_u16..=512, 1..5),
        apart in 0_u16..3,
        sparse in any::<bool>(),
        compression in prop::sample::select(ALL.to_vec()),
    ) {
        let mut header = header(frames_count, &widths);
        header.rate = FrameRate::new(1000, step).unwrap();
        for (index, entry) in (0..).zip(&mut header.universes) {
            entry.universe = Universe::new(1 + index * (1 + apart)).unwrap();
        }
        let canvas = canvas(&header);
        let options = FseqOptions { compression, sparse, ..FseqOptions::default() };
        let file = exported(&canvas, &options);
        prop_assert_eq!(&file, &exported(&canvas, &options), "the same bytes again");
        let back = imported(&file, 512).unwrap();
        prop_assert_eq!(back.header().rate, header.rate);
        let (whole, mut came) = (frames(&canvas), frames(&back));
        if !sparse {
            // Universes between those of the canvas are dark.
            let numbers = || header.universes.iter().map(|entry| usize::from(entry.universe.get()) - 1);
            for row in &mut came {
                let kept = numbers().flat_map(|number| row[number * SLOTS..][..SLOTS].to_vec());
                *row = kept.collect();
            }
        }
        prop_assert_eq!(whole, came);
    }

    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200), version in 0_u8..4,
    ) {
        let mut file = b"PSEQ".to_vec();
        file.extend(bytes);
        if let Some(major) = file.get_mut(7) {
            *major = version;
        }
        let _ = imported(&file, 512);
    }
}

/// A file of version 2.`minor` by the letter of its layout: these frames of so many channels each
/// 25 ms, a block for each of `lengths`, then blocks that are empty.
fn in_blocks(plain: &[u8], channels: u32, lengths: &[u32], empty: usize, minor: u8) -> Vec<u8> {
    let count = lengths.len() + empty;
    let data = (32 + 8 * count).next_multiple_of(4);
    let mut file = b"PSEQ".to_vec();
    file.extend((data as u16).to_le_bytes());
    file.extend([minor, 2]);
    file.extend(((32 + 8 * count) as u16).to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend((plain.len() as u32 / channels).to_le_bytes());
    file.extend([25, 0, 1 | (count >> 8 << 4) as u8, count as u8, 0, 0]);
    file.extend([7; 8]);
    let (mut first, mut blocks) = (0, Vec::new());
    for length in lengths {
        let bytes = (first * channels) as usize..((first + length) * channels) as usize;
        let pressed = zstd::bulk::compress(&plain[bytes], 1).unwrap();
        file.extend(first.to_le_bytes());
        file.extend((pressed.len() as u32).to_le_bytes());
        blocks.extend(pressed);
        first += length;
    }
    file.resize(data, 0);
    file.extend(blocks);
    file
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn blocks_may_be_cut_anywhere_and_be_many(
        lengths in prop_oneof![
            prop::collection::vec(1_u32..60, 1..20),
            prop::collection::vec(1_u32..3, 200..700),
        ],
        channels in 1_u32..700,
        empty in prop_oneof![Just(0_usize), 0_usize..300],
        newer in 1_u8..3,
    ) {
        let frames_count: u32 = lengths.iter().sum();
        let level = |at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8;
        let plain: Vec<u8> = (0..frames_count * channels).map(level).collect();
        let minor = if lengths.len() + empty > 255 { newer } else { 0 };
        let file = in_blocks(&plain, channels, &lengths, empty, minor);
        let head = read_fseq(&mut Cursor::new(&file)).unwrap();
        prop_assert_eq!((head.version, head.frames), ((2, minor), frames_count));
        let came = frames(&imported(&file, 512).unwrap());
        for (row, stored) in came.iter().zip(plain.chunks_exact(channels as usize)) {
            prop_assert_eq!(&row[..channels as usize], stored);
        }
        prop_assert_eq!(came.len(), frames_count as usize);
        prop_assert!(imported(&file[..file.len() - 1], 512).is_err());
    }
}

#[test]
fn as_many_blocks_as_twelve_bits_count() {
    let plain: Vec<u8> = (0..4095_u32).map(|frame| (frame * 7) as u8).collect();
    let file = in_blocks(&plain, 1, &[1; 4095], 0, 1);
    assert_eq!((file[20], file[21]), (0xf1, 0xff));
    let came = frames(&imported(&file, 512).unwrap());
    assert!(came.iter().map(|row| row[0]).eq(plain));
    // With the upper bits lost, as to a reader of version 2.0, nothing fits.
    let mut older = file;
    older[20] &= 0x0f;
    assert!(imported(&older, 512).is_err());
}

#[test]
fn more_than_memory_is_not_asked_for() {
    let mut file = in_blocks(&[9; 100], 1, &[100], 0, 0);
    file[10..14].copy_from_slice(&8_388_608_u32.to_le_bytes());
    file[18] = 1;
    let said = imported(&file, 512).unwrap_err().to_string();
    assert!(said.contains("8388608 channels each 1 ms"), "{said}");
}

#[test]
fn as_many_universes_as_there_are_and_no_more() {
    let mut file = in_blocks(&[9; 64_000], 64_000, &[1], 0, 0);
    let said = imported(&file, 1).unwrap_err().to_string();
    assert!(said.contains("beyond the last universe, from 1 on"), "{said}");
    assert_eq!(imported(&file, 2).unwrap().header().universes.len(), 32_000);
    // Far more are refused before one is made.
    file.truncate(32);
    file[4..6].copy_from_slice(&32_u16.to_le_bytes());
    file[8..10].copy_from_slice(&32_u16.to_le_bytes());
    file[10..14].copy_from_slice(&8_388_608_u32.to_le_bytes());
    file[20..22].fill(0);
    file.resize(32 + 8_388_608, 1);
    assert!(matches!(imported(&file, 1), Err(FseqError::Header(_))));
}

#[test]
fn bytes_after_the_end_of_a_block_are_refused() {
    let canvas = canvas(&header(200, &[40, 7]));
    for compression in [FseqCompression::Zstd, FseqCompression::Zlib] {
        let mut file = exported(&canvas, &FseqOptions { compression, ..FseqOptions::default() });
        let last = 32 + 8 * (usize::from(file[21]) - 1);
        let length = at(&file, last + 4, 4) as u32 + 3;
        file[last + 4..last + 8].copy_from_slice(&length.to_le_bytes());
        file.extend([1, 2, 3]);
        let said = imported(&file, 512).unwrap_err().to_string();
        assert!(said.ends_with("has bytes after its end"), "{compression:?}: {said}");
    }
}

#[test]
fn the_header_says_what_the_field_reads() {
    let mut header = header(100, &[512, 100]);
    header.rate = FrameRate::new(40, 1).unwrap();
    let canvas = canvas(&header);
    let media = Some("song.mp3".to_owned());
    let file = exported(&canvas, &FseqOptions { media, sparse: true, ..FseqOptions::default() });
    assert_eq!(&file[..4], b"PSEQ");
    let blocks = at(&file, 21, 1) as usize;
    let (variables, data) = (at(&file, 8, 2) as usize, at(&file, 4, 2) as usize);
    assert_eq!((file[6], file[7]), (0, 2));
    assert_eq!(variables, 32 + 8 * blocks + 6);
    assert_eq!((at(&file, 10, 4), at(&file, 14, 4), file[18]), (612, 100, 25));
    assert_eq!((file[19], file[20], file[22], file[23]), (0, 1, 1, 0));
    assert_ne!(at(&file, 24, 8), 0);
    // One range: universe 1 and the used slots of universe 2 follow each other.
    assert_eq!((at(&file, variables - 6, 3), at(&file, variables - 3, 3)), (0, 612));
    assert_eq!(at(&file, variables, 2), 4 + 9);
    assert_eq!(&file[variables + 2..variables + 13], b"mfsong.mp3\0");
    assert_eq!(&file[variables + 15..variables + 21], b"spgobo");
    assert_eq!(data % 4, 0);
    // The frames are what a decoder that knows nothing of FSEQ makes of the blocks.
    let (mut from, mut plain, mut first) = (data, Vec::new(), 0);
    for block in 0..blocks {
        assert_eq!(at(&file, 32 + 8 * block, 4), first);
        let length = at(&file, 36 + 8 * block, 4) as usize;
        let some = zstd::decode_all(&file[from..from + length]).unwrap();
        assert!(block > 0 || some.len() <= 10 * 612, "the first block is small");
        (from, first) = (from + length, first + some.len() as u64 / 612);
        plain.extend(some);
    }
    assert_eq!((from, first), (file.len(), 100));
    let shown: Vec<u8> = frames(&canvas).iter().flat_map(|row| row[..612].to_vec()).collect();
    assert_eq!(plain, shown);
}

#[test]
fn sixty_frames_a_second_are_chosen_by_time() {
    let canvas = canvas(&header(600, &[3]));
    let mut out = Cursor::new(Vec::new());
    let export = export_fseq(&canvas, &FseqOptions::default(), &mut out).unwrap();
    assert_eq!((export.step_ms, export.frames, export.resampled), (25, 400, true));
    let (shown, came) = (frames(&canvas), frames(&imported(&out.into_inner(), 512).unwrap()));
    for (frame, row) in came.iter().enumerate() {
        assert_eq!(row[..3], shown[frame * 60 / 40][..3], "{frame}");
    }
}

#[test]
fn as_many_blocks_as_the_field_reads() {
    let mut header = header(40 * 3600, &[1]);
    header.rate = FrameRate::new(40, 1).unwrap();
    for (channels, sparse) in [(1, true), (512, false)] {
        let file = exported(&canvas(&header), &FseqOptions { sparse, ..FseqOptions::default() });
        let head = read_fseq(&mut Cursor::new(&file)).unwrap();
        assert_eq!((head.channels, head.frames), (channels, 40 * 3600));
        assert!(file[21] > 1 && file[20] >> 4 == 0);
    }
}

#[test]
fn universes_may_be_smaller() {
    let canvas = canvas(&header(4, &[512]));
    let file = exported(&canvas, &FseqOptions::default());
    let back = imported(&file, 510).unwrap();
    let entries: Vec<_> = back.header().universes.iter().map(|entry| entry.slots_used).collect();
    assert_eq!(entries, [510, 2]);
    for (row, shown) in frames(&back).iter().zip(frames(&canvas)) {
        assert_eq!(row[..510], shown[..510]);
        assert_eq!(row[512..514], shown[510..]);
    }
}

#[test]
fn what_is_changed_or_cut_is_refused_with_the_reason() {
    let canvas = canvas(&header(200, &[40, 7]));
    let said = |file: &[u8]| imported(file, 512).map(|_| ()).map_err(|error| error.to_string());
    for compression in ALL {
        let file = exported(&canvas, &FseqOptions { compression, ..FseqOptions::default() });
        assert_eq!(said(&file), Ok(()));
        for cut in [0, 3, 20, 31, 40, file.len() / 2, file.len() - 1] {
            assert!(said(&file[..cut]).is_err(), "{compression:?} cut to {cut}");
        }
        assert!(said(&[&file[..], &[0]].concat()).is_err());
        // Of the header, the id and a frame's length in time are free.
        for bit in (0..8 * 32).filter(|bit| !matches!(bit / 8, 6 | 18 | 24..)) {
            let mut changed = file.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(said(&changed).is_err(), "{compression:?}, bit {bit} of the header");
        }
    }
    // Zstandard's checksum finds what is changed in the frames.
    let file = exported(&canvas, &FseqOptions::default());
    let shown = frames(&imported(&file, 512).unwrap());
    let data = at(&file, 4, 2) as usize;
    for at in (data..file.len()).step_by(7) {
        let mut changed = file.clone();
        changed[at] ^= 16;
        // One bit of each block means nothing.
        let came = imported(&changed, 512).map(|canvas| frames(&canvas));
        assert!(came.is_err() || came.unwrap() == shown, "byte {at}");
    }
    let mut other = file.clone();
    other[7] = 3;
    insta::assert_snapshot!(
        [said(&file[..9]), said(b"RIFF"), said(&other), said(&file[..file.len() - 3]), {
            let mut changed = file.clone();
            changed[data + 60] ^= 1;
            said(&changed)
        }]
        .map(|said| said.unwrap_err())
        .join("\n")
    );
}

/// The Falcon Player's own files, where they are there.
fn sample(name: &str) -> Option<Vec<u8>> {
    let samples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fseq");
    let file = fs::read(samples.join(name)).ok();
    if file.is_none() {
        eprintln!("{name} is not there: nothing was compared");
    }
    file
}

#[test]
fn the_falcon_players_files_read_right() {
    let names = ["v2-none.fseq", "v2-zstd.fseq", "v2.1-zstd.fseq", "v2-sparse.fseq"];
    let Some([none, zstd, newer, sparse]) = names
        .map(sample)
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .and_then(|files| <[Vec<u8>; 4]>::try_from(files).ok())
    else {
        return;
    };
    let shown = frames(&imported(&none, 512).unwrap());
    assert_eq!((shown.len(), shown[0].len()), (600, 2048));
    let plain = &none[at(&none, 4, 2) as usize..];
    assert!(shown.iter().flatten().eq(plain), "the frames are the file's bytes");
    for pressed in [zstd, newer] {
        assert_eq!(frames(&imported(&pressed, 512).unwrap()), shown);
        assert!(imported(&pressed[..pressed.len() - 1], 512).is_err());
    }
    let head = read_fseq(&mut Cursor::new(&sparse)).unwrap();
    assert_eq!((head.ranges.len(), head.channels, head.frames), (2, 1512, 7200));
    let canvas = imported(&sparse, 512).unwrap();
    let stored: usize = head.ranges.iter().map(ExactSizeIterator::len).sum();
    assert_eq!(stored, 1512);
    // Block by block, by a decoder that knows nothing of FSEQ.
    let (mut from, mut plain) = (at(&sparse, 4, 2) as usize, Vec::new());
    for block in 0..at(&sparse, 21, 1) as usize {
        let length = at(&sparse, 36 + 8 * block, 4) as usize;
        if length > 0 {
            plain.extend(zstd::decode_all(&sparse[from..from + length]).unwrap());
        }
        from += length;
    }
    let first = usize::from(canvas.header().universes[0].universe.get()) - 1;
    let numbers = canvas.header().universes.iter().map(|entry| entry.universe.get());
    let numbers: Vec<usize> = numbers.map(|number| usize::from(number) - 1).collect();
    assert!(first < 4);
    for (row, stored) in frames(&canvas).iter().zip(plain.chunks_exact(1512)) {
        let mut stored = stored.iter();
        for channel in head.ranges.iter().cloned().flatten() {
            let universe = numbers.binary_search(&(channel as usize / SLOTS)).unwrap();
            let level = row[universe * SLOTS + channel as usize % SLOTS];
            assert_eq!(Some(&level), stored.next());
        }
    }
}

#[test]
fn version_1_is_read() {
    let mut file = b"PSEQ".to_vec();
    file.extend(40_u16.to_le_bytes());
    file.extend([0, 1]);
    file.extend(28_u16.to_le_bytes());
    file.extend(6_u32.to_le_bytes());
    file.extend(3_u32.to_le_bytes());
    file.extend(50_u16.to_le_bytes());
    file.extend([0; 8]);
    file.extend(12_u16.to_le_bytes());
    file.extend(b"mfa.mp3\0\0\0");
    let rows: Vec<u8> = (1..=18).collect();
    file.extend(&rows);
    let head = read_fseq(&mut Cursor::new(&file)).unwrap();
    assert_eq!((head.version, head.step_ms, head.media.as_deref()), ((1, 0), 50, Some("a.mp3")));
    let canvas = imported(&file, 512).unwrap();
    assert_eq!(canvas.header().rate, FrameRate::new(20, 1).unwrap());
    let shown = frames(&canvas);
    assert!(shown.iter().flat_map(|row| &row[..6]).eq(&rows));
}
