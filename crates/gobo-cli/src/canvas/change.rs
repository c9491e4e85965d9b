//! `gobo canvas diff`.

use std::path::Path;

use anyhow::Result;
use gobo_canvas::{Diff, Span};
use serde_json::{Value, json};

use super::open;
use crate::args::MessageFormat;
use crate::failure::Exit;
use crate::terminal::{Style, Terminal};
use crate::value::counted;

/// Compares two canvases and says what differs.
pub(super) fn run(terminal: &Terminal, old: &Path, new: &Path) -> Result<Exit> {
    let diff = gobo_canvas::diff(&open(old)?, &open(new)?)?;
    if terminal.format == MessageFormat::Json {
        terminal.line(object(&diff))?;
        return Ok(if diff.is_empty() { Exit::Fine } else { Exit::Faulty });
    }
    if diff.is_empty() {
        terminal.status(terminal.paint(Style::Green, "the canvases are the same"))?;
        return Ok(Exit::Fine);
    }
    terminal.write(&diff)?;
    if !diff.universes.is_empty() {
        let (universes, fixtures) = (diff.universes.len(), diff.universes.iter());
        let fixtures: usize = fixtures.map(|universe| universe.fixtures.len()).sum();
        let (universes, fixtures) = (counted(universes, "universe"), counted(fixtures, "fixture"));
        terminal.status(format_args!("{universes} and {fixtures} differ"))?;
    }
    Ok(Exit::Faulty)
}

/// What differs, for programs: times in seconds, the first and the last address of each run.
fn object(diff: &Diff) -> Value {
    let spans = |spans: &[Span]| -> Vec<Value> {
        let span = |span: &Span| {
            json!({
                "first_frame": span.first_frame, "last_frame": span.last_frame,
                "start": span.start, "end": span.end,
            })
        };
        spans.iter().map(span).collect()
    };
    let universes = diff.universes.iter().map(|universe| {
        let fixtures = universe.fixtures.iter();
        let fixtures = fixtures.map(|one| json!({ "id": one.id, "spans": spans(&one.spans) }));
        json!({
            "universe": universe.universe,
            "spans": spans(&universe.spans),
            "addresses": universe.addresses,
            "fixtures": fixtures.collect::<Vec<_>>(),
        })
    });
    let universes: Vec<Value> = universes.collect();
    json!({ "reason": "compared", "header": diff.header, "universes": universes })
}
