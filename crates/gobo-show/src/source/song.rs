//! The sidecar file of a song.

use crate::decode::{Spanned, record};
use crate::value::{BarLength, Moment, Tempo};

record! {
    /// What is known of a song: its tempo, bars, sections and chords. Times are seconds of the
    /// song.
    pub struct SongSource as "song" {
        /// The title for people.
        pub title: Option<String>,
        /// The tempo, when it is constant.
        pub bpm: Option<Spanned<Tempo>>,
        /// The first downbeat, when only `bpm` is given.
        pub offset: f64 as Moment = 0.0,
        /// Beats in a bar, when `downbeats` and `bars` are not given.
        pub beats_per_bar: f64 as BarLength = 4.0,
        /// Every beat.
        pub beats: Option<Spanned<Vec<f64>>>,
        /// The beats that start a bar.
        pub downbeats: Option<Spanned<Vec<f64>>>,
        /// The starts of the bars: the same as `downbeats`.
        pub bars: Option<Spanned<Vec<f64>>>,
        /// The song's parts.
        pub sections: Vec<Spanned<SectionSource>>,
        /// The song's chords.
        pub chords: Vec<ChordSource>,
        /// Remarks for whoever lights it, each at its time; they change no light.
        pub hints: Vec<HintSource>,
    }
}

record! {
    /// A part of a song.
    pub struct SectionSource as "section" {
        /// Its name: `chorus`. The same name may come again.
        pub name: String,
        /// Its start.
        pub start: f64 as Moment,
        /// Its end; the next section's start when not given.
        pub end: Option<Moment>,
    }
}

record! {
    /// A chord of a song.
    pub struct ChordSource as "chord" {
        /// When it starts.
        pub time: f64 as Moment,
        /// Its name: `Am7`.
        pub name: String,
    }
}

record! {
    /// A remark at a time of the song.
    pub struct HintSource as "hint" {
        /// Its id, by which programs change it; its place in the list when not given.
        pub id: Option<String>,
        /// When it starts.
        pub time: f64 as Moment,
        /// When it ends; a moment when not given.
        pub end: Option<Moment>,
        /// What it says.
        pub text: String,
    }
}
