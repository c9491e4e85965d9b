//! `gobo effects`: the reference of effects, curves, blend modes and nodes, from the one table of
//! them.

mod graph;
mod page;
mod picture;
mod plot;

use std::path::Path;

use anyhow::Result;
use gobo_show::diagnostic::nearest;
use gobo_show::reference::{ELSEWHERE, Kind, Parameter, Row, rows};
use serde_json::json;

use crate::args::EffectsArgs;
use crate::failure::{Exit, misuse};
use crate::output;
use crate::project::shown;
use crate::terminal::{Style, Terminal};

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, args: &EffectsArgs) -> Result<Exit> {
    let rows = rows();
    if let Some(file) = &args.reference {
        let count = page::write(file, &rows)?;
        terminal.status(format_args!("{} tells of {count} of them", shown(file)))?;
        return Ok(Exit::Fine);
    }
    let Some(name) = &args.name else {
        return match &args.png {
            Some(folder) => draw(terminal, folder, rows.iter()),
            None => list(terminal, &rows, args.json),
        };
    };
    let elsewhere = ELSEWHERE.iter().find(|(known, ..)| *known == name.to_lowercase());
    let elsewhere = elsewhere.filter(|_| rows.iter().all(|row| row.name != name));
    let wanted = elsewhere.map_or(name.as_str(), |(_, ours, _)| ours);
    let named: Vec<&Row> = rows
        .iter()
        .filter(|row| row.name == wanted && (elsewhere.is_none() || row.kind == Kind::Effect))
        .collect();
    if named.is_empty() {
        let hint = match nearest(name, rows.iter().map(|row| row.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`gobo effects` lists them".to_owned(),
        };
        return Err(misuse(format!("there is no effect `{name}`; {hint}")));
    }
    if let Some(folder) = &args.png {
        return draw(terminal, folder, named.into_iter());
    }
    if let Some((theirs, ours, cue)) = elsewhere.filter(|_| !args.json) {
        terminal
            .line(format_args!("`{theirs}` of other systems is `{ours}` here:\n\n  {cue}\n"))?;
    }
    for (index, row) in named.into_iter().enumerate() {
        if args.json {
            terminal.line(json!(row))?;
            continue;
        }
        if index > 0 {
            terminal.line("")?;
        }
        explain(terminal, row)?;
    }
    Ok(Exit::Fine)
}

/// A picture a row, in a folder that is made if it is not there.
fn draw<'a>(
    terminal: &Terminal,
    folder: &Path,
    rows: impl Iterator<Item = &'a Row>,
) -> Result<Exit> {
    let mut count = 0;
    for row in rows {
        output::write(&folder.join(picture::file_name(row)), picture::png(row)?)?;
        count += 1;
    }
    terminal.status(format_args!("{count} pictures are in {}", shown(folder)))?;
    Ok(Exit::Fine)
}

/// A line a row, under the titles of kinds and families.
fn list(terminal: &Terminal, rows: &[Row], as_json: bool) -> Result<Exit> {
    if as_json {
        terminal.line(json!(rows))?;
        return Ok(Exit::Fine);
    }
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0) + 2;
    for (index, family) in
        rows.chunk_by(|a, b| (a.kind, a.family) == (b.kind, b.family)).enumerate()
    {
        let title = format!("{}: {}", family[0].kind.title(), family[0].family);
        let title = terminal.paint(Style::Bold, title);
        terminal.line(if index > 0 { format!("\n{title}") } else { title })?;
        for row in family {
            let name = terminal.paint(Style::Cyan, format!("{:<width$}", row.name));
            terminal.line(format_args!("  {name}{}", first_sentence(row.doc)))?;
        }
    }
    Ok(Exit::Fine)
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn explain(terminal: &Terminal, row: &Row) -> Result<()> {
    let width = terminal.size().0.clamp(40, 100);
    let title = terminal.paint(Style::Cyan, row.name);
    terminal.line(format_args!("{title}  {}, {}", row.kind.word(), row.family))?;
    terminal.line(wrapped(row.doc, 2, width))?;
    let ports = row.inputs.iter().map(|port| ("in", port));
    for (way, port) in ports.chain(row.outputs.iter().map(|port| ("out", port))) {
        let name = terminal.paint(Style::Bold, port.name);
        terminal.line(format_args!("\n  {way} {name}  {}", port.kind))?;
        terminal.line(wrapped(port.doc, 6, width))?;
    }
    for parameter in &row.parameters {
        let name = terminal.paint(Style::Bold, parameter.name);
        terminal.line(format_args!("\n  {name}  {}", terms(parameter)))?;
        terminal.line(wrapped(&parameter.doc, 6, width))?;
    }
    let title = terminal.paint(Style::Dim, "For example");
    terminal.line(format_args!("\n  {title}\n      {}", row.example))
}

/// What may be written for a parameter: its kind, its range, its default.
fn terms(parameter: &Parameter) -> String {
    let mut terms = parameter.written.to_owned();
    if let Some((least, most)) = parameter.range.filter(|(_, most)| most.is_finite()) {
        terms += &format!(", {least} to {most}");
    }
    match &parameter.default {
        Some(default) => terms += &format!("; {default} unless given"),
        None if parameter.required => terms += "; must be given",
        None => {}
    }
    terms
}

/// Text in lines of at most `width` columns, `indent` of them empty.
fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.last().is_some_and(|line| {
            !line.is_empty() && indent + line.chars().count() + 1 + word.chars().count() > width
        });
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let margin = " ".repeat(indent);
    lines.iter().map(|line| format!("{margin}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_words() {
        assert_eq!(wrapped("one two three", 2, 9), "  one two\n  three");
        assert_eq!(wrapped("extraordinary", 1, 4), " extraordinary");
    }
}
