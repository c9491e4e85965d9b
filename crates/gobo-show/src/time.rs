//! When a cue starts: seconds, clock, bars and beats, sections, and spans before or after them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::nearest;
use crate::grid::Grid;
use crate::tree::Value;
use crate::value::written::number;
use crate::value::{LONGEST, Span};

/// A time as written: a place in the show and spans before or after it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Time {
    /// The place.
    pub anchor: Anchor,
    /// What is added, in order; amounts below 0 are subtracted.
    pub steps: Vec<Span>,
}

/// A place in the show.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Anchor {
    /// Seconds from the start of the show.
    Seconds(f64),
    /// A beat of a bar, both counted from 1.
    Bar {
        /// The bar.
        bar: u32,
        /// The beat in it; 1 is the downbeat, 2.5 is half way to the third.
        beat: f64,
        /// Whether it is written without `bar`, so that it may be meant as a clock.
        bare: bool,
    },
    /// A beat of the song, counted from 1.
    Beat(f64),
    /// The start of a section.
    Section {
        /// Its name, as the song gives it, possibly with a number that counts occurrences.
        name: String,
    },
    /// When another cue starts, or is over.
    Cue {
        /// Whether it is over.
        after: bool,
        /// Its name; the one before in the file when not given.
        name: Option<String>,
    },
    /// The start of the show.
    Start,
    /// The end of the show.
    End,
}

/// Text that is no time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct TimeError(pub String);

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut steps = Vec::new();
        let mut rest = text.trim();
        // Spans stand at the end; what is left when no more can be read is the place.
        while let Some((before, sign, span)) = last_step(rest) {
            steps.insert(0, signed(sign, span));
            rest = before.trim();
        }
        Ok(Self { anchor: anchor(rest)?, steps })
    }
}

/// Splits `… + 4 beats` or `… - 4 beats` at its last operator, which has space before it.
fn last_step(text: &str) -> Option<(&str, char, Span)> {
    let (index, sign) = text.char_indices().rev().find(|(_, c)| matches!(c, '+' | '-'))?;
    let (before, after) = (&text[..index], text[index + 1..].trim());
    let span: Span = after.parse().ok().filter(|_| !after.starts_with(['+', '-']))?;
    let spaced = before.ends_with(char::is_whitespace) && !before.trim().is_empty();
    spaced.then_some((before, sign, span))
}

fn signed(sign: char, span: Span) -> Span {
    let turn = |amount: f64| if sign == '-' { -amount } else { amount };
    match span {
        Span::Seconds(amount) => Span::Seconds(turn(amount)),
        Span::Beats(amount) => Span::Beats(turn(amount)),
        Span::Bars(amount) => Span::Bars(turn(amount)),
    }
}

fn anchor(text: &str) -> Result<Anchor, TimeError> {
    let error = |message: String| Err(TimeError(message));
    if text.is_empty() {
        return error("the time is empty".into());
    }
    match text {
        "start" => return Ok(Anchor::Start),
        "end" => return Ok(Anchor::End),
        _ => {}
    }
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if matches!(word, "after" | "with") {
        let name = Some(rest.trim().to_owned()).filter(|name| !name.is_empty());
        return Ok(Anchor::Cue { after: word == "after", name });
    }
    if word.eq_ignore_ascii_case("bar") {
        return match bar_and_beat(rest.trim()).filter(|_| word == "bar") {
            Some((bar, beat)) => Ok(Anchor::Bar { bar, beat, bare: false }),
            None => error(format!("expected a bar such as `bar 17` or `bar 17:3`, found `{text}`")),
        };
    }
    if word.eq_ignore_ascii_case("beat") {
        return match number(rest.trim()).filter(|beat| *beat >= 1.0 && word == "beat") {
            Some(beat) => Ok(Anchor::Beat(beat)),
            None => error(format!("expected a beat such as `beat 33`, found `{text}`")),
        };
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return counted(text);
    }
    if text.starts_with(['-', '+']) {
        return error(format!("a time is counted from the start of the show, found `{text}`"));
    }
    Ok(Anchor::Section { name: text.to_owned() })
}

/// A time that starts with a digit: seconds, a clock, or bar:beat.
fn counted(text: &str) -> Result<Anchor, TimeError> {
    let unreadable = || {
        TimeError(format!(
            "expected a time such as 12.5, `1:30.250`, `bar 17:3` or `17:3`, found `{text}`"
        ))
    };
    if let Some((before, last)) = text.rsplit_once(':') {
        let digits = last.split('.').next().unwrap_or_default().len();
        if digits == 2 {
            return clock(before, last).map(Anchor::Seconds).ok_or_else(unreadable);
        }
        return match bar_and_beat(text).filter(|_| digits == 1) {
            Some((bar, beat)) => Ok(Anchor::Bar { bar, beat, bare: true }),
            None => Err(unreadable()),
        };
    }
    match text.parse() {
        Ok(Span::Seconds(seconds)) => Ok(Anchor::Seconds(seconds)),
        Ok(span) => Err(TimeError(format!(
            "`{text}` is a length of time: from when? \
             (`start + {span}`, or `beat 33`, `bar 9`)"
        ))),
        Err(_) => Err(unreadable()),
    }
}

/// `mm:ss.mmm` or `h:mm:ss.mmm` in seconds.
fn clock(before: &str, seconds: &str) -> Option<f64> {
    let whole = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    let minutes = match before.split_once(':') {
        Some((hours, minutes)) => {
            f64::from(whole(hours)?) * 60.0 + f64::from(whole(minutes).filter(|m| *m < 60)?)
        }
        None => f64::from(whole(before)?),
    };
    number(seconds).filter(|seconds| *seconds < 60.0).map(|seconds| minutes * 60.0 + seconds)
}

fn bar_and_beat(text: &str) -> Option<(u32, f64)> {
    let (bar, beat) = text.split_once(':').unwrap_or((text, "1"));
    let bar = bar.parse().ok().filter(|bar| *bar >= 1)?;
    Some((bar, number(beat).filter(|beat| *beat >= 1.0)?))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.anchor {
            Anchor::Seconds(seconds) => write!(f, "{seconds}s")?,
            Anchor::Bar { bar, beat, bare: true } => write!(f, "{bar}:{beat}")?,
            Anchor::Bar { bar, beat, bare: false } => write!(f, "bar {bar}:{beat}")?,
            Anchor::Beat(beat) => write!(f, "beat {beat}")?,
            Anchor::Section { name } => f.write_str(name)?,
            Anchor::Cue { after, name } => {
                f.write_str(if *after { "after" } else { "with" })?;
                name.iter().try_for_each(|name| write!(f, " {name}"))?;
            }
            Anchor::Start => f.write_str("start")?,
            Anchor::End => f.write_str("end")?,
        }
        for step in &self.steps {
            let sign = if step.amount().is_sign_negative() { '-' } else { '+' };
            let span = if sign == '-' { signed('-', *step) } else { *step };
            write!(f, " {sign} {span}")?;
        }
        Ok(())
    }
}

impl Decode for Time {
    fn about() -> About {
        let expected = "a time such as 12.5, `1:30.250`, `bar 17:3`, `beat 33`, `chorus 2` or \
            `end - 4 bars`";
        About::new("time", expected)
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let text = match &at.node.value {
            Value::Number(seconds) => {
                let seconds = decoder.in_range(at, *seconds, 0.0, LONGEST)?;
                return Some(Self { anchor: Anchor::Seconds(seconds), steps: Vec::new() });
            }
            Value::Text(text) => text,
            _ => return decoder.wrong::<Self, _>(at),
        };
        match text.parse::<Self>() {
            Ok(time) => {
                let far = |span: &Span| span.amount().abs() > LONGEST;
                if time.steps.iter().any(far)
                    || matches!(time.anchor, Anchor::Seconds(seconds) if seconds > LONGEST)
                {
                    let message = format!("`{time}` is further away than {LONGEST}");
                    decoder.error("out-of-range", at, message);
                    return None;
                }
                let beats = matches!(time.anchor, Anchor::Bar { .. } | Anchor::Beat(_));
                if beats || time.steps.iter().any(|step| step.counts_beats()) {
                    decoder.counted(at, Span::Beats(0.0));
                }
                Some(time)
            }
            Err(error) => {
                decoder.error("bad-value", at, error.to_string());
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("time", |_| {
            json!({
                "description": "A time: seconds, `1:30.250`, `bar 17`, `bar 17:3` or `17:3`, \
                    `beat 33`, a section (`chorus`, `chorus 2`), `start`, `end`, another cue \
                    (`after`, `with`, `after Night`), each with `+ 2 beats` or `- 1s` after it.",
                "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "minLength": 1}],
            })
        })
    }
}

/// Why a time does not exist in a song: a code, a message and a hint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoSuchTime {
    /// The code of the diagnostic.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Time {
    /// The time in seconds of a show of `length` seconds.
    pub fn seconds(&self, grid: &Grid, length: f64) -> Result<f64, NoSuchTime> {
        let anchor = match &self.anchor {
            Anchor::Seconds(seconds) => *seconds,
            Anchor::Cue { .. } => return Err(no_cue()),
            Anchor::Start => 0.0,
            Anchor::End => length,
            Anchor::Beat(beat) => grid.seconds_at_beat(beat - 1.0),
            Anchor::Bar { bar, beat, bare } => in_bar(grid, *bar, *beat, *bare)?,
            Anchor::Section { name } => section(grid, name)?,
        };
        Ok(self.steps.iter().fold(anchor, |seconds, step| grid.after(seconds, *step)))
    }

    /// Whether it is counted from the end of the show.
    pub fn from_end(&self) -> bool {
        self.anchor == Anchor::End
    }
}

/// Only a cue can follow another.
fn no_cue() -> NoSuchTime {
    NoSuchTime {
        code: "bad-value",
        message: "`after` and `with` say when a cue starts, by another cue of its layer".into(),
        hint: None,
    }
}

fn in_bar(grid: &Grid, bar: u32, beat: f64, bare: bool) -> Result<f64, NoSuchTime> {
    let beat_at = |bar: u32| grid.beat_at(grid.seconds_at_bar(f64::from(bar)));
    let (first, next) = (beat_at(bar - 1), beat_at(bar));
    // The grid's arithmetic is off by less than this.
    if first + beat - 1.0 < next - 1e-6 {
        return Ok(grid.seconds_at_beat(first + beat - 1.0));
    }
    let beats = (next - first).round();
    Err(NoSuchTime {
        code: "no-such-beat",
        message: format!("bar {bar} has {beats} beats, so there is no beat {beat} in it"),
        hint: bare
            .then(|| format!("is a clock time meant? seconds have two digits: `{bar}:{beat:02}`")),
    })
}

/// A section by its name, or by its name and a number that counts from 1.
fn section(grid: &Grid, name: &str) -> Result<f64, NoSuchTime> {
    let named = |name: &str| {
        grid.sections.iter().filter(|section| *section.name == *name).collect::<Vec<_>>()
    };
    if let Some(found) = named(name).first() {
        return Ok(found.start);
    }
    let counted = name.rsplit_once(char::is_whitespace);
    let counted =
        counted.and_then(|(name, count)| Some((name.trim(), count.parse::<usize>().ok()?)));
    let base = counted.map_or(name, |(name, _)| name);
    let found = named(base);
    if let Some((_, count)) = counted.filter(|_| !found.is_empty()) {
        return match count.checked_sub(1).and_then(|index| found.get(index)) {
            Some(section) => Ok(section.start),
            None => Err(NoSuchTime {
                code: "no-such-section",
                message: format!(
                    "the song has `{base}` {}, so there is no `{base} {count}`",
                    match found.len() {
                        1 => "once".into(),
                        times => format!("{times} times"),
                    }
                ),
                hint: None,
            }),
        };
    }
    let known = grid.sections.iter().map(|section| &*section.name);
    let hint = match nearest(base, known.chain(["start", "end"])) {
        Some(near) => format!("did you mean `{near}`?"),
        None if grid.sections.is_empty() => {
            "sections stand in the song's sidecar file `<song>.song.json`".into()
        }
        None => {
            let mut known: Vec<_> = grid.sections.iter().map(|section| &*section.name).collect();
            known.sort_unstable();
            known.dedup();
            format!("the song has {}", crate::decode::listed(known))
        }
    };
    Err(NoSuchTime {
        code: "no-such-section",
        message: format!("the song has no section `{base}`"),
        hint: Some(hint),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form() {
        let seconds = |seconds| Anchor::Seconds(seconds);
        let bar = |bar, beat, bare| Anchor::Bar { bar, beat, bare };
        for (text, anchor) in [
            ("12.5", seconds(12.5)),
            ("12.5s", seconds(12.5)),
            ("1:30.250", seconds(90.25)),
            ("1:05", seconds(65.0)),
            ("1:00:01", seconds(3601.0)),
            ("bar 17", bar(17, 1.0, false)),
            ("bar 17:3", bar(17, 3.0, false)),
            ("17:3", bar(17, 3.0, true)),
            ("17:2.5", bar(17, 2.5, true)),
            ("beat 33", Anchor::Beat(33.0)),
            ("start", Anchor::Start),
            ("after", Anchor::Cue { after: true, name: None }),
            ("with First light", Anchor::Cue { after: false, name: Some("First light".into()) }),
            ("pre-chorus 2", Anchor::Section { name: "pre-chorus 2".into() }),
        ] {
            assert_eq!(text.parse(), Ok(Time { anchor, steps: vec![] }), "{text}");
        }
        let time: Time = "chorus 2 + 4 beats - 500ms".parse().unwrap();
        assert_eq!(time.anchor, Anchor::Section { name: "chorus 2".into() });
        assert_eq!(time.steps, [Span::Beats(4.0), Span::Seconds(-0.5)]);
        for bad in [
            "", "1:5:3", "1:75", "bar 0", "bar x", "Bar 2", "bar - 1", "beat", "beat 0", "-3",
            "4 bars", "1:305", "3x",
        ] {
            assert!(bad.parse::<Time>().is_err(), "{bad}");
        }
    }
}
