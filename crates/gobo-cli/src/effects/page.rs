//! The reference page: every row of the table in Markdown, with its picture.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use gobo_show::reference::{self, ELSEWHERE, Parameter, Port, Row};
use gobo_show::select::functions;

use super::picture;
use crate::output;

/// Writes the page and its pictures, which lie in a folder with the page's name in lower case;
/// says how many rows it tells of.
pub(super) fn write(file: &Path, rows: &[Row]) -> Result<usize> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("reference");
    let folder = stem.to_lowercase();
    let pictures = file.with_file_name(&folder);
    for row in rows {
        output::write(&pictures.join(picture::file_name(row)), picture::png(row)?)?;
    }
    output::write(file, page(rows, &folder))?;
    Ok(rows.len())
}

fn page(rows: &[Row], folder: &str) -> String {
    let mut text =
        "# What a show can say\n\nWritten by `gobo effects --reference`, from the table \
        that the parser uses. `gobo effects NAME` tells the same in a terminal.\n"
            .to_owned();
    for family in rows.chunk_by(|a, b| (a.kind, a.family) == (b.kind, b.family)) {
        let names = family.iter().map(|row| format!("[`{}`](#{})", row.name, anchor(row)));
        let names = names.collect::<Vec<_>>().join(", ");
        let (title, family) = (family[0].kind.title(), family[0].family);
        let _ = write!(text, "\n- {title}, {family}: {names}");
    }
    text.push('\n');
    let mut before = None;
    for row in rows {
        let family = Some((row.kind, row.family));
        if before != family {
            let _ = write!(text, "\n## {}: {}\n", row.kind.title(), row.family);
            before = family;
        }
        entry(row, folder, &mut text);
    }
    selections(&mut text);
    objects(&mut text);
    text.push_str(
        "\n## Known by other names\n\n| elsewhere | here | for example |\n|---|---|---|\n",
    );
    for (theirs, ours, cue) in ELSEWHERE {
        let _ = writeln!(text, "| `{theirs}` | [`{ours}`](#effect-{ours}) | `{cue}` |");
    }
    text
}

fn selections(text: &mut String) {
    text.push_str(
        "\n## Functions of selections\n\nThey pick heads of a selection or set their order: \
         `left(pars)`, `from_center(all)`.\n\n\
         | function | meaning | for example |\n|---|---|---|\n",
    );
    for row in functions() {
        let (name, arguments) = (row.name, row.arguments);
        let _ = writeln!(text, "| `{name}({arguments})` | {} | `{}` |", cell(row.doc), row.example);
    }
}

fn objects(text: &mut String) {
    text.push_str("\n## Keys of the files\n");
    for object in reference::objects() {
        let _ = write!(text, "\n### {}, in {}\n\n", object.name, object.file);
        text.push_str("| key | written as | default | meaning |\n|---|---|---|---|\n");
        object.keys.iter().for_each(|key| parameter_line(key, text));
    }
}

/// Where links to a row lead; names that two kinds share are told apart.
fn anchor(row: &Row) -> String {
    format!("{}-{}", row.kind.word().replace(' ', "-"), row.name)
}

fn entry(row: &Row, folder: &str, text: &mut String) {
    let _ = write!(text, "\n<a id=\"{}\"></a>\n### `{}`\n\n{}\n", anchor(row), row.name, row.doc);
    let _ = write!(text, "\n![{}]({folder}/{})\n", row.name, picture::file_name(row));
    for (title, ports) in [("In", &row.inputs), ("Out", &row.outputs)] {
        if ports.is_empty() {
            continue;
        }
        let _ = write!(text, "\n| {title} | type | meaning |\n|---|---|---|\n");
        for Port { name, kind, doc } in ports {
            let _ = writeln!(text, "| `{name}` | {kind} | {} |", cell(doc));
        }
    }
    if !row.parameters.is_empty() {
        text.push_str("\n| parameter | written as | default | meaning |\n|---|---|---|---|\n");
        for parameter in &row.parameters {
            parameter_line(parameter, text);
        }
    }
    let _ = write!(text, "\n```json\n{}\n```\n", row.example);
}

fn parameter_line(parameter: &Parameter, text: &mut String) {
    let mut written = parameter.written.to_owned();
    if let Some((least, most)) = parameter.range.filter(|(_, most)| most.is_finite()) {
        let _ = write!(written, ", {least} to {most}");
    }
    let default = match &parameter.default {
        Some(default) if default.is_empty() => "empty".to_owned(),
        Some(default) => format!("`{default}`"),
        None if parameter.required => "must be given".to_owned(),
        None => String::new(),
    };
    let (name, doc) = (parameter.name, cell(&parameter.doc));
    let _ = writeln!(text, "| `{name}` | {} | {} | {doc} |", cell(&written), cell(&default));
}

/// Text within a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
