//! The composition as a table: sections, and for each the patterns of its bars.
//!
//! A pattern is a bar of sixteenths. Percussion: `X` accent, `x` hit, `-` soft, `.` rest, and
//! `r` two hits in one sixteenth. Bass: a digit starts a degree of the chord (`1` root, `5`
//! fifth, `8` octave), `_` holds it, `.` rests. Chord stabs: `x` strikes, `_` holds. Melodies are
//! words `pitch:sixteenths`, with `.` as the pitch of a rest. A list shorter than its section
//! starts over; an empty list is silence.

/// A chord: its name, its root in the bass and its voicing, as MIDI note numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chord {
    /// Its name, as musicians write it.
    pub name: &'static str,
    /// The bass note.
    pub root: u8,
    /// The notes above it, rising.
    pub voicing: [u8; 4],
}

/// The parts of a section that are more than on or off.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sound {
    /// Loudness of the whole section; the drops have a little more than 1.
    pub level: f32,
    /// The filter of pad and arpeggio at the start and at the end, 0 dark to 1 bright.
    pub sweep: (f32, f32),
    /// Loudness of the pad, 0 to 1.
    pub pad: f32,
    /// Loudness of the arpeggio, 0 to 1.
    pub arpeggio: f32,
    /// Whether the lead is the bright one.
    pub bright_lead: bool,
    /// Whether noise and pitch rise to the end of the section.
    pub riser: bool,
    /// Whether the section opens with a cymbal and a falling sub.
    pub impact: bool,
}

/// A section of the song.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Section {
    /// Its name in the song's facts.
    pub name: &'static str,
    /// Its length in bars.
    pub bars: usize,
    /// A chord a bar.
    pub chords: &'static [Chord],
    /// Bass drum.
    pub kick: &'static [&'static str],
    /// Claps and snare.
    pub clap: &'static [&'static str],
    /// Closed hats.
    pub hat: &'static [&'static str],
    /// Open hats.
    pub open: &'static [&'static str],
    /// High and low woods.
    pub wood: &'static [&'static str],
    /// Bass.
    pub bass: &'static [&'static str],
    /// Chord stabs.
    pub stab: &'static [&'static str],
    /// Melody.
    pub lead: &'static [&'static str],
    /// The rest.
    pub sound: Sound,
}

const AM: Chord = Chord { name: "Am7", root: 33, voicing: [57, 60, 64, 67] };
const FM: Chord = Chord { name: "Fmaj7", root: 29, voicing: [57, 60, 64, 65] };
const CM: Chord = Chord { name: "Cmaj7", root: 36, voicing: [55, 59, 64, 67] };
const EM: Chord = Chord { name: "Em7", root: 28, voicing: [55, 59, 62, 64] };
const G: Chord = Chord { name: "G", root: 31, voicing: [55, 59, 62, 67] };
const DM: Chord = Chord { name: "Dm9", root: 38, voicing: [53, 57, 60, 64] };
const E7: Chord = Chord { name: "E7", root: 28, voicing: [56, 59, 62, 64] };

const FOUR: &str = "X...x...X...x...";
const HALF_TIME: &str = "X.........x.....";
const BACKBEAT: &str = "....X.......X...";
const OFFBEAT: &str = "..x...x...x...x.";
const SHUFFLE: &str = "x.-xx.-xx.-xx.-x";

const WALK: &str = "1_.1..8_..1_.5_.";
const ROLL: &str = "..11..18..11..15";

const HOOK: [&str; 4] = [
    "E5:3 C5:3 A4:2 C5:3 D5:3 E5:2",
    "D5:3 B4:3 G4:2 B4:4 D5:4",
    "E5:3 G5:3 A5:4 G5:2 E5:4",
    "D5:3 E5:3 D5:2 B4:6 G4:2",
];

const VERSE: &[Chord] = &[AM, FM, CM, EM];
const LIFT: &[Chord] = &[FM, G, AM, EM];

const SILENT: Section = Section {
    name: "",
    bars: 0,
    chords: VERSE,
    kick: &[],
    clap: &[],
    hat: &[],
    open: &[],
    wood: &[],
    bass: &[],
    stab: &[],
    lead: &[],
    sound: Sound {
        level: 0.8,
        sweep: (0.3, 0.3),
        pad: 0.0,
        arpeggio: 0.0,
        bright_lead: false,
        riser: false,
        impact: false,
    },
};

const BUILD: Section = Section {
    name: "build",
    bars: 4,
    chords: &[FM, G, AM, E7],
    kick: &[FOUR, FOUR, "X.x.X.x.X.x.X.x.", "xxxxxxxxXXXX...."],
    clap: &["....X.......X...", "x...x...x...x...", "x.x.x.x.x.x.x.x.", "xxxxxxxxrrrr...."],
    hat: &["x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx", "xxxxxxxxxxxx...."],
    bass: &["1_______________", "1_______________", "1_______8_______", "1_____8_____...."],
    sound: Sound {
        level: 0.7,
        sweep: (0.25, 0.95),
        pad: 0.7,
        arpeggio: 0.9,
        riser: true,
        ..SILENT.sound
    },
    ..SILENT
};

const DROP: Section = Section {
    name: "drop",
    bars: 8,
    chords: LIFT,
    kick: &[FOUR, FOUR, FOUR, "X...x...X...x..x"],
    clap: &[BACKBEAT, BACKBEAT, BACKBEAT, "....X.......X.-x"],
    hat: &[SHUFFLE],
    open: &[OFFBEAT],
    wood: &["...x..x....x..-.", "...x..x...x-..x."],
    bass: &[ROLL],
    stab: &["x_....x_...x_...", "..x_..x_...x_..."],
    lead: &HOOK,
    sound: Sound {
        level: 1.12,
        sweep: (0.75, 0.9),
        pad: 0.6,
        arpeggio: 0.35,
        bright_lead: true,
        impact: true,
        ..SILENT.sound
    },
};

/// The whole song.
pub const SECTIONS: [Section; 8] = [
    Section {
        name: "intro",
        bars: 4,
        kick: &["", "", FOUR, "X...x...X......."],
        hat: &["", "..-...-...-...-.", SHUFFLE, SHUFFLE],
        sound: Sound { sweep: (0.08, 0.35), pad: 0.8, arpeggio: 0.6, ..SILENT.sound },
        ..SILENT
    },
    Section {
        name: "verse",
        bars: 8,
        kick: &[FOUR],
        clap: &[BACKBEAT],
        hat: &[SHUFFLE],
        open: &["", "", "", "", OFFBEAT, OFFBEAT, OFFBEAT, OFFBEAT],
        wood: &["......x....x....", "...x..x....x.-x."],
        bass: &[WALK, WALK, WALK, "1_.1..8_..5_7_8_"],
        stab: &["...x_.....x_....", "...x_.....x_..x_"],
        sound: Sound { sweep: (0.25, 0.45), pad: 0.35, arpeggio: 0.25, ..SILENT.sound },
        ..SILENT
    },
    BUILD,
    DROP,
    Section {
        name: "break",
        bars: 6,
        chords: &[DM, EM, FM, CM, DM, E7],
        kick: &["", "", HALF_TIME],
        clap: &["", "", "........X.......", "........X.......", "", "........X......."],
        hat: &["", "", "x...x...x...x...", "x...x...x...x.x."],
        bass: &["1_______________"],
        lead: &[
            "E5:6 D5:2 C5:8",
            "B4:6 C5:2 D5:8",
            "E5:6 G5:2 A5:6 G5:2",
            "E5:12 .:4",
            "F5:6 E5:2 D5:4 C5:4",
            "B4:8 .:8",
        ],
        sound: Sound { sweep: (0.3, 0.55), pad: 1.0, arpeggio: 0.45, ..SILENT.sound },
        ..SILENT
    },
    BUILD,
    Section {
        lead: &[
            HOOK[0],
            HOOK[1],
            HOOK[2],
            "D5:3 E5:3 G5:2 B5:4 A5:4",
            HOOK[0],
            HOOK[1],
            HOOK[2],
            "D5:3 E5:3 D5:2 B4:2 A4:6",
        ],
        wood: &["x..x..x....x..x.", "...x..x...xx..xx"],
        sound: Sound { sweep: (0.85, 1.0), arpeggio: 0.6, ..DROP.sound },
        ..DROP
    },
    Section {
        name: "outro",
        bars: 4,
        chords: &[AM, FM, AM, AM],
        kick: &[FOUR, FOUR, "X...............", ""],
        hat: &[SHUFFLE, SHUFFLE, "..-...-...-...-.", ""],
        bass: &[WALK, WALK, "1_______________", ""],
        sound: Sound { sweep: (0.5, 0.08), pad: 0.8, arpeggio: 0.5, impact: true, ..SILENT.sound },
        ..SILENT
    },
];

/// The song's length in bars.
pub const BARS: usize = {
    let (mut bars, mut section) = (0, 0);
    while section < SECTIONS.len() {
        bars += SECTIONS[section].bars;
        section += 1;
    }
    bars
};
