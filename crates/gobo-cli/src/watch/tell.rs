//! What `gobo watch` tells: to a screen, as lines, or as JSON.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gobo_live::{ChangedCue, Changes, Edition};
use gobo_show::{Diagnostic, Severity};
use serde_json::{Value, json};

use super::board::Board;
use crate::args::MessageFormat;
use crate::follow::{Audience, Edit, OnStage, Took};
use crate::project::{Project, shown};
use crate::report::{self, Tally};
use crate::terminal::{Style, Terminal, told};
use crate::value::{counted, minutes};

/// How many names are told of many.
const NAMES: usize = 3;

/// Tells, wherever it is to be told.
#[derive(Clone)]
pub(crate) struct Teller {
    terminal: Terminal,
    project: Project,
    board: Board,
    /// Whether there is a screen, which draws what the board says.
    on_screen: bool,
}

impl Teller {
    pub(crate) fn new(
        terminal: &Terminal,
        project: &Project,
        board: &Board,
        on_screen: bool,
    ) -> Self {
        let (terminal, project, board) = (terminal.clone(), project.clone(), board.clone());
        Self { terminal, project, board, on_screen }
    }

    /// Tells programs; nobody else.
    fn object(&self, object: Value) -> bool {
        let is_json = self.terminal.format == MessageFormat::Json;
        if is_json {
            // Whoever closed stdout does not want to hear it.
            let _ = self.terminal.line(object);
        }
        is_json
    }

    /// A line that stays.
    fn say(&self, text: &str) {
        match self.on_screen {
            true => self.board.view().above.push(text.to_owned()),
            false => drop(self.terminal.status(text)),
        }
    }
}

impl Audience for Teller {
    fn watching(&self, show: &str, files: usize) {
        let object = json!({ "reason": "watching", "show": show, "files": files });
        if !self.object(object) && !self.on_screen {
            self.say(&format!("watching {show}: {}", counted(files, "file")));
        }
    }

    /// What is wrong with the sources, or that nothing is any more. What was told before is not told
    /// again.
    fn diagnostics(&self, found: &[Diagnostic]) {
        let is_told = |one: &&Diagnostic| one.severity == Severity::Error || !self.terminal.quiet;
        let found: Vec<Diagnostic> = found.iter().filter(is_told).cloned().collect();
        let found = found.as_slice();
        let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
        let tally = Tally { errors, warnings: found.len() - errors };
        let brief = report::brief(&self.project, found);
        let full = report::full(&self.terminal, &self.project, found);
        let (is_new, was_wrong) = {
            let view = &mut *self.board.view();
            view.diagnostics = full;
            let before = std::mem::replace(&mut view.faults, brief);
            (before != view.faults, !before.is_empty())
        };
        if self.terminal.format == MessageFormat::Short {
            // Editors take what lies between two such lines in the place of what they knew.
            self.say("reading the show");
            let _ = report::report(&self.terminal, &self.project, found);
            return self.say(&format!("read the show: {tally}"));
        }
        let is_json = self.terminal.format == MessageFormat::Json;
        if is_new && (is_json || !self.on_screen) {
            // Whoever closed stdout does not want to hear it.
            let _ = report::report(&self.terminal, &self.project, found);
        }
        let (errors, warnings) = (tally.errors, tally.warnings);
        let object = json!({ "reason": "diagnostics", "errors": errors, "warnings": warnings });
        if self.object(object) || self.on_screen {
            return;
        }
        if errors > 0 {
            self.say(&format!("{tally}: what was on stays on"));
        } else if was_wrong && found.is_empty() {
            self.say("mended: no errors, no warnings");
        }
    }

    fn on_stage(&self, on: OnStage<'_>) {
        let view = &mut *self.board.view();
        view.header = Arc::new(on.edition.header().clone());
        view.hands = Some(on.hands);
    }

    fn edited(&self, edit: &Edit, goal: Option<f64>) {
        let Edit { files, changes, place, steps, rendered, note } = edit;
        let ms = |time: Duration| (time.as_secs_f64() * 1e5).round() / 100.0;
        let Took { notice, read, lower, render, wire, all } = *steps;
        let cue =
            |cue: &ChangedCue| json!({ "name": cue.name, "start": cue.start, "end": cue.end });
        let object = json!({
            "reason": "edit",
            "files": files,
            "cues": changes.cues.iter().map(cue).collect::<Vec<_>>(),
            "removed": changes.removed,
            "fixtures": changes.fixtures,
            "rendered": rendered,
            "place": place,
            "ms": {
                "notice": ms(notice), "read": ms(read), "lower": ms(lower), "render": ms(render),
                "wire": ms(wire), "all": ms(all),
            },
            "note": note,
        });
        let (files, what) = words(edit);
        let text = format!("{}  {what}", self.terminal.paint_err(Style::Bold, files));
        let took = format!(
            "on the wire after {:.0} ms: notice {:.0}, read {:.0}, lower {:.0}, render {:.0}, \
             frame {:.0}",
            ms(all),
            ms(notice),
            ms(read),
            ms(lower),
            ms(render),
            ms(wire),
        );
        {
            let view = &mut *self.board.view();
            (view.edit, view.took) = (Some(text.clone()), Some(took.clone()));
            view.goal = goal;
            view.note.clone_from(note);
        }
        if !self.object(object) && !self.on_screen {
            self.say(&format!("{text}, {took}"));
            note.iter().for_each(|note| self.say(note));
        }
    }

    fn counted(&self, changes: &Changes, edition: &Edition) {
        let each = edition.header().rate.seconds_at(edition.header().rate.frames_per_cell());
        let span = |cells: &std::ops::Range<u32>| {
            [f64::from(cells.start) * each, f64::from(cells.end) * each]
        };
        let seconds: Vec<[f64; 2]> = changes.seconds.iter().map(span).collect();
        let object = json!({ "reason": "changed", "cells": changes.cells, "seconds": seconds });
        if self.object(object) {
            return;
        }
        let total: f64 = seconds.iter().map(|[start, end]| end - start).sum();
        let text = match seconds.first() {
            Some([start, _]) => {
                let cells = counted(changes.cells, "cell");
                format!("{cells} in {total:.0} s, the first at {}", minutes(*start))
            }
            None => "the light is as it was".to_owned(),
        };
        let view = &mut *self.board.view();
        if let Some(edit) = &mut view.edit {
            *edit = format!("{edit}  {}", self.terminal.paint_err(Style::Dim, text));
        }
    }

    fn held(&self, files: &BTreeSet<String>) {
        self.board.view().held.clone_from(files);
        if files.is_empty() {
            return;
        }
        if !self.object(json!({ "reason": "held", "files": files })) && !self.on_screen {
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            self.say(&format!("held: {}", few(&files)));
        }
    }

    fn written(&self, canvas: &Path) {
        self.object(json!({ "reason": "canvas", "path": shown(canvas) }));
    }

    fn unwritten(&self, error: &anyhow::Error) {
        self.note(&told(error));
    }

    fn note(&self, text: &str) {
        let before = self.board.view().note.replace(text.to_owned());
        if before.as_deref() == Some(text) {
            return;
        }
        if !self.object(json!({ "reason": "note", "message": text })) && !self.on_screen {
            self.terminal.warn(text);
        }
    }
}

/// The files of an edit and what it changes, in a few words.
pub(crate) fn words(edit: &Edit) -> (String, String) {
    let files: Vec<&str> = edit.files.iter().map(String::as_str).collect();
    (few(&files), what(&edit.changes))
}

fn what(changes: &Changes) -> String {
    let mut parts = Vec::new();
    if !changes.cues.is_empty() {
        let names: Vec<&str> = changes.cues.iter().map(|cue| cue.name.as_str()).collect();
        parts.push(format!("{} ({})", counted(names.len(), "cue"), few(&names)));
    }
    if changes.removed > 0 {
        parts.push(format!("{} gone", counted(changes.removed, "cue")));
    }
    if !changes.fixtures.is_empty() {
        parts.push(counted(changes.fixtures.len(), "fixture"));
    }
    if parts.is_empty() { "no cue and no fixture".to_owned() } else { parts.join(", ") }
}

/// The first names of many.
fn few(names: &[&str]) -> String {
    let first = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
