//! Diagnostics as people and programs read them. Prints; judges nothing.

mod excerpt;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;
use gobo_show::World;
use gobo_show::diagnostic::{Diagnostic, Place, Severity, Spot};
use gobo_show::tree::{Tree, parse};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};
use serde_json::{Value, json};

use crate::args::MessageFormat;
use crate::project::Project;
use crate::terminal::{Style, Terminal};
use crate::world::FolderWorld;

use excerpt::Excerpt;

/// How many of each severity there were.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    /// Errors.
    pub(crate) errors: usize,
    /// Warnings.
    pub(crate) warnings: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: usize, name: &str| match count {
            1 => format!("1 {name}"),
            count => format!("{count} {name}s"),
        };
        match (self.errors, self.warnings) {
            (0, 0) => f.write_str("no errors, no warnings"),
            (errors, 0) => f.write_str(&counted(errors, "error")),
            (0, warnings) => f.write_str(&counted(warnings, "warning")),
            (errors, warnings) => {
                write!(f, "{}, {}", counted(errors, "error"), counted(warnings, "warning"))
            }
        }
    }
}

/// Prints diagnostics of a project in the format asked for; quiet leaves out warnings.
pub(crate) fn report(
    terminal: &Terminal,
    project: &Project,
    diagnostics: &[Diagnostic],
) -> Result<Tally> {
    let mut sources = Sources::new(project);
    let mut tally = Tally::default();
    for diagnostic in diagnostics {
        match diagnostic.severity {
            Severity::Error => tally.errors += 1,
            Severity::Warning => tally.warnings += 1,
        }
        if terminal.quiet && diagnostic.severity == Severity::Warning {
            continue;
        }
        match terminal.format {
            MessageFormat::Human => terminal.note(human(terminal, &mut sources, diagnostic)),
            MessageFormat::Json => terminal.line(json_line(&mut sources, diagnostic))?,
            MessageFormat::Github => terminal.line(annotation(&mut sources, diagnostic))?,
            MessageFormat::Short => terminal.line(short(&mut sources, diagnostic))?,
        }
    }
    Ok(tally)
}

/// Diagnostics as people read them on a terminal, one after the other.
pub(crate) fn full(terminal: &Terminal, project: &Project, diagnostics: &[Diagnostic]) -> String {
    let mut sources = Sources::new(project);
    diagnostics.iter().map(|one| human(terminal, &mut sources, one)).collect()
}

/// Diagnostics in a line each: `FILE:LINE:COLUMN: error: MESSAGE`.
pub(crate) fn brief(project: &Project, diagnostics: &[Diagnostic]) -> Vec<String> {
    let mut sources = Sources::new(project);
    diagnostics.iter().map(|one| short(&mut sources, one)).collect()
}

/// The line and the column of each, from 1, columns in characters; nothing for those that are of
/// no text.
pub(crate) fn locate(project: &Project, diagnostics: &[Diagnostic]) -> Vec<Option<(usize, usize)>> {
    let mut sources = Sources::new(project);
    let start = |one: &Diagnostic| {
        let Position { line, column } = sources.find(&one.place)?.start();
        Some((line, column))
    };
    diagnostics.iter().map(start).collect()
}

/// The summary after [`report`], on stderr, in the colour of the worst; `more` follows warnings.
pub(crate) fn summary(terminal: &Terminal, tally: Tally, more: &str) {
    let style = match tally {
        Tally { errors: 1.., .. } => Style::Red,
        Tally { warnings: 1.., .. } => Style::Yellow,
        Tally { .. } => return,
    };
    if terminal.format == MessageFormat::Human && (!terminal.quiet || tally.errors > 0) {
        let more = if tally.warnings > 0 { more } else { "" };
        terminal.note(format_args!("{}{more}", terminal.paint_err(style, tally)));
    }
}

/// The texts that places point into, read once each.
struct Sources<'a> {
    project: &'a Project,
    world: FolderWorld,
    texts: BTreeMap<Arc<str>, Option<Text>>,
}

/// A text with its syntax, if it has any: parsed once for all that is said of it.
#[derive(Clone)]
struct Text {
    text: Arc<str>,
    tree: Option<Arc<Tree>>,
}

impl Text {
    fn locate(&self, spot: &Spot) -> Option<Range<usize>> {
        match spot {
            Spot::File => Some(0..0),
            Spot::Bytes { start, end } => Some(*start..*end),
            spot => self.tree.as_ref().map(|tree| tree.locate(spot)),
        }
    }
}

/// A place as an editor counts: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Position {
    line: usize,
    column: usize,
}

/// A place found in its text.
struct Found {
    source: Text,
    text: Arc<str>,
    bytes: Range<usize>,
}

impl Found {
    fn start(&self) -> Position {
        position(&self.text, self.bytes.start)
    }

    fn end(&self) -> Position {
        position(&self.text, self.bytes.end)
    }

    /// What to underline: of a value over several lines its key, or else its first line.
    fn on_one_line(&self, place: &Place) -> Range<usize> {
        let is_one_line = |range: &Range<usize>| !self.text[range.clone()].contains('\n');
        if is_one_line(&self.bytes) {
            return self.bytes.clone();
        }
        if let Spot::Value(pointer) = &place.spot {
            let key = Spot::Key(pointer.clone());
            let range = self.source.locate(&key).filter(|key| self.text.get(key.clone()).is_some());
            if let Some(range) = range.filter(is_one_line).filter(|key| !key.is_empty()) {
                return range;
            }
        }
        let first = self.text[self.bytes.clone()].lines().next().unwrap_or_default().trim_end();
        self.bytes.start..self.bytes.start + first.len()
    }
}

impl<'a> Sources<'a> {
    fn new(project: &'a Project) -> Self {
        let world = FolderWorld::new(project.root());
        Self { project, world, texts: BTreeMap::new() }
    }

    fn name(&self, place: &Place) -> String {
        self.project.shown(&place.file)
    }

    /// The bytes that a place means; `None` for a file as a whole, or one that is not there.
    fn find(&mut self, place: &Place) -> Option<Found> {
        if place.spot == Spot::File {
            return None;
        }
        let world = &self.world;
        let read = || {
            let source = world.read(&place.file).ok()?;
            let tree = parse(&source).ok().map(Arc::new);
            Some(Text { text: source.text, tree })
        };
        let source = self.texts.entry(place.file.clone()).or_insert_with(read).clone()?;
        let (range, text) = (source.locate(&place.spot)?, source.text.clone());
        let end = floor(&text, range.end.min(text.len()));
        let bytes = floor(&text, range.start.min(end))..end;
        Some(Found { source, text, bytes })
    }
}

/// The last character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|&offset| text.is_char_boundary(offset)).unwrap_or(0)
}

fn position(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    Position { line, column: before[line_start..].chars().count() + 1 }
}

/// A diagnostic in miette's terms.
#[derive(Debug)]
struct Shown {
    message: String,
    code: &'static str,
    severity: Severity,
    source: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
    help: Vec<String>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(self.help.join("\n")) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}

fn human(terminal: &Terminal, sources: &mut Sources<'_>, diagnostic: &Diagnostic) -> String {
    let shown = shown(sources, diagnostic);
    let theme = match terminal.colored_err() {
        true => GraphicalTheme::unicode(),
        false => GraphicalTheme::unicode_nocolor(),
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(terminal.size().0.clamp(40, 120))
        .with_links(false);
    match handler.render_report(&mut text, &shown) {
        Ok(()) => text,
        Err(fmt::Error) => plain(sources, diagnostic),
    }
}

/// The same in one line, for what cannot be drawn.
fn plain(sources: &mut Sources<'_>, diagnostic: &Diagnostic) -> String {
    format!("{}: {} [{}]", sources.name(&diagnostic.place), diagnostic.message, diagnostic.code)
}

/// A line for editors that look for places in what a command prints.
fn short(sources: &mut Sources<'_>, diagnostic: &Diagnostic) -> String {
    let name = sources.name(&diagnostic.place);
    let Position { line, column } =
        sources.find(&diagnostic.place).map_or(Position { line: 1, column: 1 }, |at| at.start());
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let hints: String = diagnostic.hints.iter().map(|hint| format!("; {hint}")).collect();
    let text = format!("{}{hints}", diagnostic.message).replace('\n', " ");
    format!("{name}:{line}:{column}: {severity}: {text} [{}]", diagnostic.code)
}

fn shown(sources: &mut Sources<'_>, diagnostic: &Diagnostic) -> Shown {
    let found = sources.find(&diagnostic.place);
    let name = sources.name(&diagnostic.place);
    let primary = found.as_ref().map(|found| found.on_one_line(&diagnostic.place));
    let excerpt = found
        .as_ref()
        .zip(primary.as_ref())
        .map(|(found, place)| Excerpt::new(name.clone(), found.text.clone(), place));
    let shown = |bytes| excerpt.as_ref().and_then(|excerpt| excerpt.shown(bytes));
    let mut help = Vec::new();
    let mut labels: Vec<LabeledSpan> = primary
        .into_iter()
        .filter_map(shown)
        .map(|bytes| LabeledSpan::new_primary_with_span(None, bytes))
        .collect();
    for label in &diagnostic.labels {
        let Some(found) = sources.find(&label.place) else {
            help.push(format!("{}: {}", sources.name(&label.place), label.message));
            continue;
        };
        let is_here = label.place.file == diagnostic.place.file;
        match shown(found.on_one_line(&label.place)).filter(|_| is_here) {
            Some(bytes) => labels.push(LabeledSpan::at(bytes, label.message.clone())),
            None => {
                let Position { line, column } = found.start();
                let name = sources.name(&label.place);
                help.push(format!("{name}:{line}:{column}: {}", label.message));
            }
        }
    }
    help.extend(diagnostic.hints.iter().cloned());
    let message = match found {
        Some(_) => diagnostic.message.clone(),
        None => format!("{name}: {}", diagnostic.message),
    };
    let source = excerpt;
    let (code, severity) = (diagnostic.code, diagnostic.severity);
    Shown { message, code, severity, source, labels, help }
}

fn json_line(sources: &mut Sources<'_>, diagnostic: &Diagnostic) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let mut object = json_place(sources, &label.place);
            object["message"] = json!(label.message);
            object
        })
        .collect();
    let mut object = json!({
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
    });
    if let (Value::Object(object), Value::Object(place)) =
        (&mut object, json_place(sources, &diagnostic.place))
    {
        object.extend(place);
    }
    object["labels"] = json!(labels);
    object["hints"] = json!(diagnostic.hints);
    object
}

/// `line`, `column` and `end` are null for a file as a whole.
fn json_place(sources: &mut Sources<'_>, place: &Place) -> Value {
    let found = sources.find(place);
    let start = found.as_ref().map(Found::start);
    let end = found.as_ref().map(Found::end);
    json!({
        "file": sources.name(place),
        "line": start.map(|start| start.line),
        "column": start.map(|start| start.column),
        "end": end.map(|end| json!({ "line": end.line, "column": end.column })),
    })
}

/// A workflow command of GitHub Actions.
fn annotation(sources: &mut Sources<'_>, diagnostic: &Diagnostic) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let kind = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = format!("file={}", property(&sources.name(&diagnostic.place)));
    if let Some(found) = sources.find(&diagnostic.place) {
        let (start, end) = (found.start(), found.end());
        properties += &format!(",line={},endLine={}", start.line, end.line);
        properties += &format!(",col={},endColumn={}", start.column, end.column);
    }
    let mut message = diagnostic.message.clone();
    for hint in &diagnostic.hints {
        message += &format!("\n{hint}");
    }
    format!("::{kind} {properties},title={}::{}", property(diagnostic.code), data(&message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "{\n  \"ä\": 1 }";
        let at = text.find('1').unwrap();
        assert_eq!(position(text, at), Position { line: 2, column: 8 });
        assert_eq!(position(text, text.len()), Position { line: 2, column: 11 });
        assert_eq!(floor(text, text.find('ä').unwrap() + 1), text.find('ä').unwrap());
    }

    #[test]
    fn tallies_count_in_words() {
        let words = |errors, warnings| Tally { errors, warnings }.to_string();
        assert_eq!(words(2, 1), "2 errors, 1 warning");
        assert_eq!(words(0, 3), "3 warnings");
        assert_eq!(words(0, 0), "no errors, no warnings");
    }
}
