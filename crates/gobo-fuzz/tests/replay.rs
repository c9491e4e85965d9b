//! Replays the committed corpus, and mutations of it, through every fuzz target.

use std::fs;
use std::path::{Path, PathBuf};

use gobo_fuzz::TARGETS;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target)
}

#[test]
fn the_corpus_is_survived() {
    for (name, feed) in TARGETS {
        let mut fed = 0;
        for entry in fs::read_dir(corpus(name)).unwrap() {
            feed(&fs::read(entry.unwrap().path()).unwrap());
            fed += 1;
        }
        assert!(fed >= 3, "{name}: a corpus of {fed}");
    }
}

/// Bytes changed, cut and doubled: what a fuzzer would try first, without one.
#[test]
fn mutations_of_the_corpus_are_survived() {
    for (name, feed) in TARGETS {
        for entry in fs::read_dir(corpus(name)).unwrap() {
            let seed = fs::read(entry.unwrap().path()).unwrap();
            for mutation in 0..64 {
                feed(&mutate(&seed, mutation));
            }
        }
    }
}

fn mutate(seed: &[u8], mutation: u64) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let mut dice = mutation;
    for _ in 0..=mutation % 4 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (dice >> 33) as usize % bytes.len().max(1);
        match dice >> 61 {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, (dice >> 8) as u8),
            2 => {
                let tail = bytes[at.min(bytes.len())..].to_vec();
                bytes.extend(tail);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (dice >> 40 & 7);
                }
            }
        }
    }
    bytes
}
