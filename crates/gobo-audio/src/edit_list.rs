//! Where the sound of an MP4 file begins: the first edit of its audio track.
//!
//! An AAC encoder needs a run-up ("priming") that no one is to hear; the file says how long in
//! an edit list (ISO/IEC 14496-12, 8.6.6), which the decoder does not apply.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// More than any real `moov`; a larger one is not read.
const MOOV_BYTES_MAX: u64 = 64 << 20;

/// Frames to drop at the start of the audio track, in its own time base, or `None` when the
/// file does not say.
pub(crate) fn media_start(path: &Path) -> Option<u64> {
    let moov = read_moov(&mut File::open(path).ok()?)?;
    let track = atoms(&moov).filter(|atom| &atom.kind == b"trak").find(is_audio)?;
    let edits = child(child(track.body, *b"edts")?, *b"elst")?;
    first_media_time(edits)
}

struct Atom<'a> {
    kind: [u8; 4],
    body: &'a [u8],
}

/// The atoms that stand one after the other in `bytes`; stops at the first that does not fit.
fn atoms(mut bytes: &[u8]) -> impl Iterator<Item = Atom<'_>> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let kind = [head[4], head[5], head[6], head[7]];
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (body, after) = rest.split_at_checked(size.checked_sub(8)?)?;
        bytes = after;
        Some(Atom { kind, body })
    })
}

fn child(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    atoms(bytes).find(|atom| atom.kind == kind).map(|atom| atom.body)
}

fn is_audio(track: &Atom<'_>) -> bool {
    let handler = child(track.body, *b"mdia").and_then(|media| child(media, *b"hdlr"));
    handler.and_then(|handler| handler.get(8..12)) == Some(b"soun")
}

/// The media time of the first edit that is not an empty one (-1).
fn first_media_time(edits: &[u8]) -> Option<u64> {
    let (head, entries) = edits.split_first_chunk::<8>()?;
    let time_bytes = if head[0] == 1 { 8 } else { 4 };
    entries.chunks_exact(2 * time_bytes + 4).find_map(|entry| {
        let time = &entry[time_bytes..2 * time_bytes];
        let time = match *time {
            [a, b, c, d] => i64::from(i32::from_be_bytes([a, b, c, d])),
            _ => i64::from_be_bytes(time.try_into().ok()?),
        };
        u64::try_from(time).ok()
    })
}

fn read_moov(file: &mut File) -> Option<Vec<u8>> {
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head).ok()?;
        let (size, kind) = head.split_first_chunk::<4>()?;
        let body_bytes = match u64::from(u32::from_be_bytes(*size)) {
            // A size of 1 means that the real one follows in 64 bits.
            1 => {
                let mut large = [0; 8];
                file.read_exact(&mut large).ok()?;
                u64::from_be_bytes(large).checked_sub(16)?
            }
            size => size.checked_sub(8)?,
        };
        if kind == b"moov" {
            let mut moov = Vec::new();
            file.take(body_bytes.min(MOOV_BYTES_MAX)).read_to_end(&mut moov).ok()?;
            return Some(moov);
        }
        file.seek(SeekFrom::Current(i64::try_from(body_bytes).ok()?)).ok()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = (body.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend_from_slice(kind);
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn empty_edits_are_passed_over() {
        let mut edits = vec![0, 0, 0, 0, 0, 0, 0, 2];
        for time in [-1_i32, 2112] {
            edits.extend_from_slice(&480_u32.to_be_bytes());
            edits.extend_from_slice(&time.to_be_bytes());
            edits.extend_from_slice(&[0, 1, 0, 0]);
        }
        assert_eq!(first_media_time(&edits), Some(2112));
        assert_eq!(first_media_time(&edits[..20]), None);
    }

    #[test]
    fn the_sound_track_is_found_among_others() {
        let track = |handler: &[u8; 4], time: i64| {
            let mut hdlr = vec![0; 8];
            hdlr.extend_from_slice(handler);
            let mut elst = vec![1, 0, 0, 0, 0, 0, 0, 1];
            elst.extend_from_slice(&9_u64.to_be_bytes());
            elst.extend_from_slice(&time.to_be_bytes());
            elst.extend_from_slice(&[0, 1, 0, 0]);
            let media = atom(b"mdia", &atom(b"hdlr", &hdlr));
            atom(b"trak", &[media, atom(b"edts", &atom(b"elst", &elst))].concat())
        };
        let moov = atom(b"moov", &[track(b"vide", 7), track(b"soun", 1024)].concat());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.m4a");
        std::fs::write(&path, [atom(b"ftyp", b"M4A "), moov.clone()].concat()).unwrap();
        assert_eq!(media_start(&path), Some(1024));
        std::fs::write(&path, &moov[..moov.len() - 1]).unwrap();
        assert_eq!(media_start(&path), None);
    }
}
