//! Playlists: shows in order, and how one becomes the next.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, Spanned, record};
use crate::diagnostic::Diagnostic;
use crate::tree::Value;
use crate::value::{LONGEST, Span};

record! {
    /// A playlist: shows in order.
    pub struct PlaylistSource as "playlist" {
        /// The shows, in order: by name, or with more to say.
        pub shows: Vec<Spanned<PlaylistEntry>>,
        /// What lies between two shows: a length of time, or `go`.
        pub gap: Option<GapSource>,
        /// How the look changes from one show to the next.
        pub transition: Option<TransitionSource>,
        /// Whether the list starts over at its end.
        "loop" => pub repeat: bool = false,
        /// Whether each round has another order, the same on every day.
        pub shuffle: bool = false,
    }
}

impl PlaylistSource {
    /// The names of its shows, as often as they come; not its files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let named = self.shows.iter().map(|entry| entry.value.0.show.value.as_str());
        named.filter(|named| !crate::load::is_file(named))
    }
}

record! {
    /// A show of a playlist.
    pub struct EntryKeys as "entry of a playlist" {
        /// The show: its name, or a canvas, FSEQ or DMXP file, relative to the playlist.
        pub show: Spanned<String>,
        /// Where to start: seconds, `m:ss.mmm`, or a section such as `chorus 2`.
        pub from: Option<Spanned<Position>>,
        /// Where to end; a section's name is its end.
        pub to: Option<Spanned<Position>>,
        /// What lies between the show before and this one, instead of the list's.
        pub gap: Option<GapSource>,
        /// How the look changes to this one, instead of the list's.
        pub transition: Option<TransitionSource>,
        /// How many times it is played, or `go`: until then.
        "loop" => pub rounds: Rounds = 1.0,
    }
}

/// A show of a playlist, as a name alone or with more to say.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PlaylistEntry(pub EntryKeys);

impl Decode for PlaylistEntry {
    fn about() -> About {
        About::new("show of a playlist", "a show's name such as `intro`, or { show = …, gap = … }")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.value {
            Value::Object(_) => EntryKeys::decode(at, decoder).map(Self),
            Value::Text(_) => {
                let show = Spanned::decode(at, decoder)?;
                let rounds = Rounds::Times(1);
                let (from, to, gap, transition) = (None, None, None, None);
                Some(Self(EntryKeys { show, from, to, gap, transition, rounds }))
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let keys = EntryKeys::schema(definitions);
        json!({"anyOf": [{"type": "string"}, keys]})
    }
}

/// What lies between two shows.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum GapSource {
    /// So many seconds.
    Seconds(f64),
    /// As long as it takes until somebody says go.
    Go,
}

impl FromStr for GapSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text.trim(), seconds(text)) {
            ("go", _) => Ok(Self::Go),
            (_, Some(seconds)) => Ok(Self::Seconds(seconds)),
            _ => Err(format!("expected {GAP}, found `{text}`")),
        }
    }
}

const GAP: &str = "a length of time such as `5s` or `500ms`, or `go`";

impl Decode for GapSource {
    fn about() -> About {
        About { unit: "s", range: Some((0.0, LONGEST)), ..About::new("gap", GAP) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Number(seconds) => {
                decoder.in_range(at, *seconds, 0.0, LONGEST).map(Self::Seconds)
            }
            Value::Text(text) => match text.parse() {
                Ok(gap) => Some(gap),
                Err(_) => decoder.wrong::<Self, _>(at),
            },
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("gap", |_| {
            json!({
                "description": "What lies between two shows: seconds, `5s`, `500ms`, or `go`.",
                "anyOf": [
                    {"type": "number", "minimum": 0},
                    {"const": "go", "description": "Until somebody says go: a key, or SIGUSR1."},
                    {"type": "string", "pattern": SECONDS_PATTERN},
                ],
            })
        })
    }
}

/// How the look changes from one show to the next.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum TransitionSource {
    /// At once; in the gap, the show before leaves its own last look.
    Cut,
    /// At once; the last frame stays for the gap.
    Hold,
    /// At once; all is dark for the gap.
    Blackout,
    /// The last frame stays for the gap, and becomes the next show's frames in so many seconds.
    Crossfade(f64),
}

impl FromStr for TransitionSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || format!("expected {TRANSITION}, found `{text}`");
        match text {
            "cut" => Ok(Self::Cut),
            "hold" => Ok(Self::Hold),
            "blackout" => Ok(Self::Blackout),
            _ => {
                let length = text.strip_prefix("crossfade").ok_or_else(wrong)?.trim_start();
                let length = seconds(length.strip_prefix('=').ok_or_else(wrong)?);
                length.map(Self::Crossfade).ok_or_else(wrong)
            }
        }
    }
}

const TRANSITION: &str = "one of `cut`, `hold`, `blackout`, `crossfade=3s`";
const TRANSITIONS: [&str; 4] = ["cut", "hold", "blackout", "crossfade=3s"];

impl Decode for TransitionSource {
    fn about() -> About {
        About::new("transition", TRANSITION)
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(text) = at.node.text() else { return decoder.wrong::<Self, _>(at) };
        text.parse()
            .map_err(|_| {
                let message =
                    format!("expected {TRANSITION} for `{}`, found {}", at.name(), at.found());
                let error = Diagnostic::error("bad-value", at.place(), message);
                decoder.say(error.nearest(text, TRANSITIONS));
            })
            .ok()
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("transition", |_| {
            json!({"anyOf": [
                {"const": "cut", "description":
                    "At once; in the gap, the show before leaves its own last look."},
                {"const": "hold", "description": "At once; the last frame stays for the gap."},
                {"const": "blackout", "description": "At once; all is dark for the gap."},
                {"type": "string", "pattern": r"^\s*crossfade\s*=\s*[0-9][0-9.]*\s*(s|ms|min)?\s*$",
                    "description": "The last frame stays for the gap, and becomes the next show's \
                        frames over this time: `crossfade=3s`."},
            ]})
        })
    }
}

/// How many times a show is played.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Rounds {
    /// So many times, with the gap and the transition between.
    Times(u32),
    /// Without a seam until somebody says go.
    UntilGo,
}

/// The most times that an entry says.
const ROUNDS_MAX: f64 = 1000.0;

impl Decode for Rounds {
    fn about() -> About {
        let expected = "a number of times, or `go`";
        About { range: Some((1.0, ROUNDS_MAX)), ..About::new("loop", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Text(text) if text == "go" => Some(Self::UntilGo),
            Value::Number(times) if times.fract() == 0.0 => {
                decoder.in_range(at, *times, 1.0, ROUNDS_MAX).map(|times| Self::Times(times as u32))
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"anyOf": [
            {"type": "integer", "minimum": 1, "maximum": ROUNDS_MAX},
            {"const": "go"},
        ]})
    }
}

/// A place in a show: seconds, or a section.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Position {
    /// Seconds of the show.
    Seconds(f64),
    /// The section of this name, in its occurrence from 1.
    Section(String, usize),
}

const POSITION: &str = "seconds, `m:ss.mmm` or a section such as `chorus 2`";

impl FromStr for Position {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with(|first: char| first.is_ascii_digit() || ".-+".contains(first)) {
            return clock(text).map(Self::Seconds);
        }
        let (name, number) = match text.rsplit_once(' ') {
            Some((name, number)) if number.parse::<usize>().is_ok_and(|number| number > 0) => {
                (name.trim(), number.parse().unwrap_or(1))
            }
            _ => (text, 1),
        };
        match name.is_empty() {
            true => Err("expected seconds, m:ss.mmm or a section".to_owned()),
            false => Ok(Self::Section(name.to_owned(), number)),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds} s"),
            Self::Section(name, 1) => f.write_str(name),
            Self::Section(name, number) => write!(f, "{name} {number}"),
        }
    }
}

impl Decode for Position {
    fn about() -> About {
        About::new("place in a show", POSITION)
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Number(seconds) => {
                decoder.in_range(at, *seconds, 0.0, LONGEST).map(Self::Seconds)
            }
            Value::Text(text) => match text.parse() {
                Ok(position) => Some(position),
                Err(_) => decoder.wrong::<Self, _>(at),
            },
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]})
    }
}

const SECONDS_PATTERN: &str = r"^\s*\+?[0-9][0-9.]*\s*(s|sec|seconds?|ms|min|minutes?)?\s*$";

/// A length of time that no song has to count.
fn seconds(text: &str) -> Option<f64> {
    match text.parse() {
        Ok(Span::Seconds(seconds)) if (0.0..=LONGEST).contains(&seconds) => Some(seconds),
        _ => None,
    }
}

/// Seconds from `12.5`, `12.5s` or `1:30.250`.
fn clock(text: &str) -> Result<f64, String> {
    let wrong = || format!("expected seconds or m:ss.mmm, found `{text}`");
    if text.starts_with('-') {
        return Err("a time is not negative".to_owned());
    }
    let Some((minutes, rest)) = text.split_once(':') else {
        return seconds(text).ok_or_else(wrong);
    };
    let minutes: u32 = minutes.parse().map_err(|_| wrong())?;
    let seconds: f64 = rest.parse().map_err(|_| wrong())?;
    match (0.0..60.0).contains(&seconds) && rest.starts_with(|first: char| first.is_ascii_digit()) {
        true => Ok(f64::from(minutes) * 60.0 + seconds),
        false => Err(wrong()),
    }
}
