//! What a song sounds like: its own analysis, and its stems where there are files of them.

use std::io;
use std::path::{Path, PathBuf};

use gobo_audio::{AudioError, SongSpectrum, SpectrumPart};
use gobo_show::Spectrum;
use gobo_show::spectrum::StemSpectrum;
use xxhash_rust::xxh3::Xxh3;

use crate::world::hash;

/// The stems that a folder `<song>.stems` may have files of, with any ending.
const STEMS: [&str; 4] = ["drums", "bass", "vocals", "other"];

/// A song and the files of its stems.
pub(crate) struct SongFiles {
    song: PathBuf,
    /// In the order of [`STEMS`].
    stems: [Option<PathBuf>; 4],
}

impl SongFiles {
    /// The song at `song`, and what lies in the folder of its name and `.stems`.
    pub(crate) fn of(song: &Path) -> Self {
        let entries = std::fs::read_dir(song.with_extension("stems")).into_iter().flatten();
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let file = |stem: &str| {
            files.iter().find(|file| file.file_stem().is_some_and(|name| name == stem)).cloned()
        };
        Self { song: song.to_owned(), stems: STEMS.map(file) }
    }

    /// Stands for the bytes of all the files and for the version of the analysis.
    pub(crate) fn hash(&self) -> io::Result<u128> {
        let mut all = Xxh3::new();
        all.update(&gobo_audio::SPECTRUM_VERSION.to_le_bytes());
        all.update(&hash(&self.song)?.to_le_bytes());
        for stem in &self.stems {
            let bytes = stem.as_deref().map_or(Ok(0), hash)?;
            all.update(&bytes.to_le_bytes());
        }
        Ok(all.digest128())
    }

    /// Listens to the song, and for each stem to its file; a stem without a file is split off the
    /// song.
    pub(crate) fn listen(&self, hash: u128) -> Result<Spectrum, AudioError> {
        let SongSpectrum { mix, drums, bass, vocals, other, chroma } =
            gobo_audio::spectrum(&self.song)?;
        let mut split = [drums, bass, vocals, other];
        for (part, file) in split.iter_mut().zip(&self.stems) {
            if let Some(file) = file {
                *part = gobo_audio::spectrum(file)?.mix;
            }
        }
        let stem = |part: SpectrumPart| StemSpectrum { bands: part.bands };
        let [drums, bass, vocals, other] = split.map(stem);
        let hop_seconds = gobo_audio::HOP_SECONDS;
        Ok(Spectrum { hash, hop_seconds, mix: stem(mix), drums, bass, vocals, other, chroma })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of a tone.
    fn tone(path: &Path, hz: f64) {
        let sample = |n: i32| (f64::from(n) * hz / 22_050.0 * std::f64::consts::TAU).sin() as f32;
        let samples: Vec<f32> = (0..22_050).map(sample).collect();
        gobo_audio::write_wav(path, &samples, 22_050, 1).unwrap();
    }

    #[test]
    fn bands_of_both_crates_are_the_same() {
        assert_eq!(gobo_audio::BANDS, gobo_show::spectrum::BANDS);
        assert_eq!(gobo_audio::LOWEST_HZ, gobo_show::spectrum::LOWEST_HZ);
    }

    #[test]
    fn a_file_of_a_stem_takes_its_place_and_changes_the_hash() {
        let folder = tempfile::tempdir().unwrap();
        let song = folder.path().join("song.wav");
        tone(&song, 1000.0);
        let alone = SongFiles::of(&song);
        let (hash, before) = (alone.hash().unwrap(), alone.listen(1).unwrap());
        let stems = folder.path().join("song.stems");
        std::fs::create_dir(&stems).unwrap();
        tone(&stems.join("drums.wav"), 100.0);
        let with = SongFiles::of(&song);
        assert_ne!(with.hash().unwrap(), hash);
        let after = with.listen(1).unwrap();
        assert_eq!(after.vocals, before.vocals);
        let loudest = |stem: &StemSpectrum| {
            let frame = &stem.bands[20 * gobo_audio::BANDS..21 * gobo_audio::BANDS];
            (0..frame.len()).max_by_key(|band| frame[*band]).unwrap()
        };
        // 27.86 semitones above 20 Hz, and 67.7.
        assert_eq!((loudest(&after.drums), loudest(&before.vocals)), (27, 67));
    }
}
