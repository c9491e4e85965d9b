//! Reads a score's text.

use gobo_show::Source;
use gobo_show::diagnostic::{Diagnostic, Place, Spot, nearest};
use gobo_show::select::Selection;
use gobo_show::show::Blend;
use serde_json::Value;

use super::line::{Fault, Line};
use super::place::{Position, Range, rounded};
use super::{Chosen, Clip, Score, ScoreLayer, blend, blend_name};

/// The highest bar that a score may name.
const BARS: u32 = 100_000;

/// Reads a score.
///
/// # Errors
/// A `score-syntax` mistake for every line that cannot be read.
pub fn read(source: &Source) -> Result<Score, Vec<Diagnostic>> {
    let mut reader = Reader { source, score: Score::default(), z: None, open: false };
    let (mut mistakes, mut at) = (Vec::new(), 0);
    for line in source.text.split_inclusive('\n') {
        if let Err(fault) = reader.line(line.trim_end(), at) {
            let place = reader.place(at, &fault.span);
            let error = Diagnostic::error("score-syntax", place, fault.message);
            mistakes.push(fault.hint.into_iter().fold(error, Diagnostic::hint));
        }
        at += line.len();
    }
    if mistakes.is_empty() { Ok(reader.score) } else { Err(mistakes) }
}

struct Reader<'a> {
    source: &'a Source,
    score: Score,
    /// The height that the next layer says it has.
    z: Option<i64>,
    /// Whether the last layer goes on.
    open: bool,
}

impl Reader<'_> {
    fn place(&self, at: usize, span: &std::ops::Range<usize>) -> Place {
        let spot = Spot::Bytes { start: at + span.start, end: at + span.end };
        Place { file: self.source.path.clone(), spot }
    }

    fn line(&mut self, text: &str, at: usize) -> Result<(), Fault> {
        let mut line = Line::new(text);
        line.space();
        if line.peek().is_none() {
            self.open = false;
            return Ok(());
        }
        if line.is_over() {
            return Ok(());
        }
        if let Some(z) = heading(&line)? {
            self.z = Some(z);
            self.open = false;
            return Ok(());
        }
        let start = line.at();
        let clip = clip(&mut line)?;
        let place = self.place(at, &(start..line.at()));
        let clip = Clip { place, ..clip };
        if !self.open {
            let next = self.score.layers.last().map_or(0, |layer| layer.z.saturating_add(1));
            let z = self.z.take().unwrap_or(next);
            if self.score.layers.iter().any(|layer| layer.z == z) {
                let message = format!("there are two layers of the height {z}");
                return Err(Fault::new(start..text.len(), message).hint("say it as `layer N:`"));
            }
            self.score.layers.push(ScoreLayer { z, clips: Vec::new() });
            self.open = true;
        }
        if let Some(layer) = self.score.layers.last_mut() {
            layer.clips.push(clip);
        }
        Ok(())
    }
}

/// The height in `layer N:`, if that is what the line is.
fn heading(line: &Line<'_>) -> Result<Option<i64>, Fault> {
    let mut line = line.clone();
    if line.word(char::is_alphanumeric) != "layer" || !line.peek().is_some_and(char::is_whitespace)
    {
        return Ok(None);
    }
    line.space();
    let fault = line.fault("the height of a layer, as in `layer 2:`");
    let z = line.word(|c| c.is_ascii_digit() || c == '-').parse().map_err(|_| fault)?;
    line.space();
    if !line.take(':') || !line.is_over() {
        return Err(line.fault("`:` after the height of the layer"));
    }
    Ok(Some(z))
}

/// A clip; its place is not known yet.
fn clip(line: &mut Line<'_>) -> Result<Clip, Fault> {
    if line.peek() == Some('@') {
        let hint = "as in `pulse(all) @5-9`";
        return Err(line.fault("a pattern before the bars").hint(hint));
    }
    let mut pattern = line.name("a pattern's name")?;
    // Luma writes the clip's own id before the pattern, and the pattern's behind it.
    if line.take(':') {
        line.space();
        pattern = line.name("a pattern's name")?;
    }
    if line.take('[') {
        line.bracketed('[', ']')?;
    }
    if !line.take('(') {
        return Err(line.fault("`(` and a selection after the pattern's name"));
    }
    let start = line.at();
    let on = line.bracketed('(', ')')?;
    let on = chosen(on).map_err(|message| Fault::new(start..start + on.len(), message))?;
    line.space();
    if !line.take('@') {
        return Err(line.fault("`@` and the bars").hint("as in `@5`, `@5:3-7` or `@1.5s-3s`"));
    }
    let range = range(line)?;
    let place = Place { file: "".into(), spot: Spot::File };
    let mut clip =
        Clip { pattern, on, range, args: Vec::new(), blend: Blend::Replace, seed: None, place };
    let mut has_blend = false;
    while !line.is_over() {
        let start = line.at();
        let is_quoted = line.peek() == Some('"');
        let key = line.name("an argument")?;
        if !line.take('=') {
            return Err(line.fault("`=` and the argument's value"));
        }
        let at = line.at();
        let value = value(line)?;
        let twice = match key.as_str() {
            "blend" if !is_quoted => {
                clip.blend =
                    mode(&value).map_err(|fault| Fault { span: at..line.at(), ..fault })?;
                std::mem::replace(&mut has_blend, true)
            }
            "seed" if !is_quoted => {
                let seed = value.as_u64();
                let fault = || Fault::new(at..line.at(), "expected a whole number for `seed`");
                clip.seed.replace(seed.ok_or_else(fault)?).is_some()
            }
            _ => {
                let twice = clip.args.iter().any(|(known, _)| *known == key);
                clip.args.push((key.clone(), value));
                twice
            }
        };
        if twice {
            return Err(Fault::new(start..line.at(), format!("`{key}` is given twice")));
        }
    }
    Ok(clip)
}

/// The selection between the parentheses; nothing there leaves the pattern its own.
fn chosen(text: &str) -> Result<Option<Chosen>, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (reference, text) = match text.split_once(": ") {
        Some((reference @ ("global" | "group_local"), rest)) => (reference, rest),
        _ => ("global", text.as_str()),
    };
    if text.is_empty() {
        return Ok(None);
    }
    text.parse::<Selection>().map_err(|error| error.message)?;
    Ok(Some(Chosen { expression: text.to_owned(), by_group: reference == "group_local" }))
}

fn mode(value: &Value) -> Result<Blend, Fault> {
    let name = value.as_str().unwrap_or_default();
    blend(name).ok_or_else(|| {
        let known: Vec<_> = Blend::ALL.iter().map(|blend| blend_name(*blend)).collect();
        let fault = Fault::new(0..0, format!("there is no blend mode `{name}`"));
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint(format!("there are {}", known.join(", "))),
        }
    })
}

/// A value: a number, a colour, a word, or JSON.
fn value(line: &mut Line<'_>) -> Result<Value, Fault> {
    match line.peek() {
        Some('#') => {
            let mut colour = line.clone();
            colour.take('#');
            let digits = colour.word(|c| c.is_ascii_hexdigit()).len();
            let is_over = colour.peek().is_none_or(char::is_whitespace);
            if !matches!(digits, 6 | 8) || !is_over {
                return Err(line.fault("a colour such as `#ff8800` or `#ff880080`"));
            }
            Ok(line.word(|c| !c.is_whitespace()).to_lowercase().into())
        }
        Some('"' | '{' | '[') => line.json(),
        _ => {
            let fault = line.fault("a number, a colour, a word, or JSON");
            match line.word(|c| !c.is_whitespace()) {
                "" => Err(fault),
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                "null" => Ok(Value::Null),
                word if word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                    number(word).ok_or(fault)
                }
                word if super::is_plain(word) => Ok(word.into()),
                _ => Err(fault.hint("put text into quotes")),
            }
        }
    }
}

fn number(word: &str) -> Option<Value> {
    if let Ok(whole) = word.parse::<i64>() {
        return Some(whole.into());
    }
    word.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from)
}

/// An end of a range as written.
enum End {
    Bars(Position),
    Seconds(f64),
}

fn range(line: &mut Line<'_>) -> Result<Range, Fault> {
    let at = line.at();
    let first = end(line)?;
    let second = if line.take('-') { Some(end(line)?) } else { None };
    let span = at..line.at();
    if line.peek().is_some_and(|c| !c.is_whitespace()) {
        return Err(line.fault("a space after the bars"));
    }
    let empty = || {
        let message = "this ends before it starts: a range ends where its second place starts";
        Fault::new(span.clone(), message)
    };
    match (first, second) {
        (End::Bars(start), None) => {
            let end = Position { bar: start.bar + 1, quarters: 0 };
            Ok(Range::Bars { start, end })
        }
        (End::Bars(start), Some(End::Bars(end))) if start < end => Ok(Range::Bars { start, end }),
        (End::Seconds(start), Some(End::Seconds(end))) if start < end => {
            Ok(Range::Seconds { start, end })
        }
        (End::Seconds(_), None) => Err(Fault::new(span, "expected an end, as in `@1.5s-3s`")),
        (End::Bars(_), Some(End::Bars(_))) | (End::Seconds(_), Some(End::Seconds(_))) => {
            Err(empty())
        }
        _ => Err(Fault::new(span, "a range is in bars or in seconds, not in both")),
    }
}

fn end(line: &mut Line<'_>) -> Result<End, Fault> {
    let fault = line.fault("a bar such as `5`, `5:3` or `5:3:2`, or seconds such as `1.5s`");
    let word = line.word(|c| c.is_ascii_digit() || matches!(c, '.' | ':'));
    if line.take('s') {
        let seconds = word.parse::<f64>().ok().filter(|seconds| *seconds <= 86_400.0);
        return Ok(End::Seconds(rounded(seconds.ok_or(fault)?)));
    }
    let mut parts = word.split(':').map(|part| part.parse::<u32>().ok());
    let bar = parts.next().flatten();
    let (beat, quarter) = (parts.next().unwrap_or(Some(1)), parts.next().unwrap_or(Some(1)));
    match (bar, beat, quarter, parts.next()) {
        (Some(bar @ 1..=BARS), Some(beat @ 1..=64), Some(quarter @ 1..=4), None) => {
            Ok(End::Bars(Position { bar, quarters: (beat - 1) * 4 + quarter - 1 }))
        }
        _ => Err(fault.hint("bars, beats and quarters of beats count from 1")),
    }
}
