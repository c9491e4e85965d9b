//! What is printed and how: colour, quiet, width. The only place that names stdout and stderr.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::args::{Global, MessageFormat, When};
use crate::failure::{Unread, exit_of};
use crate::output::{Unwritten, advice};

/// The two streams of the process and what the user wants of them.
#[derive(Clone)]
pub(crate) struct Terminal {
    /// Whether to leave out what is no error.
    pub(crate) quiet: bool,
    /// How diagnostics are printed.
    pub(crate) format: MessageFormat,
    color: When,
    /// Whether stdout is for something else than lines about what was done.
    taken: bool,
}

/// A colour or weight of text (ECMA-48 SGR parameter).
#[derive(Clone, Copy)]
pub(crate) enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

impl Style {
    fn parameter(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "1;31",
            Self::Green => "1;32",
            Self::Yellow => "1;33",
            Self::Cyan => "1;36",
        }
    }
}

impl Terminal {
    /// The terminal as the global arguments want it.
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            quiet: global.quiet,
            format: global.message_format,
            color: global.color,
            taken: false,
        }
    }

    /// The same, with stdout left to something else if it is `taken`.
    pub(crate) fn beside(&self, taken: bool) -> Self {
        Self { taken, ..*self }
    }

    /// The same that says only what went wrong.
    pub(crate) fn hushed(&self) -> Self {
        Self { quiet: true, ..*self }
    }

    /// The same that speaks JSON, if that is wanted.
    pub(crate) fn in_json(&self, wanted: bool) -> Self {
        let format = if wanted { MessageFormat::Json } else { self.format };
        Self { format, ..*self }
    }

    /// Prints a line of the command's result on stdout.
    pub(crate) fn line(&self, text: impl Display) -> Result<()> {
        self.write(format_args!("{text}\n"))
    }

    /// Prints a part of the command's result on stdout, as it is.
    pub(crate) fn write(&self, text: impl Display) -> Result<()> {
        let mut out = io::stdout().lock();
        closed(write!(out, "{text}").and_then(|()| out.flush()))
    }

    /// Writes bytes of the command's result on stdout.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut out = io::stdout().lock();
        closed(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// Prints a line about what was done, unless quiet: on stdout, or on stderr where programs
    /// read stdout.
    pub(crate) fn status(&self, text: impl Display) -> Result<()> {
        match self.format {
            _ if self.quiet => Ok(()),
            MessageFormat::Human | MessageFormat::Github | MessageFormat::Short if !self.taken => {
                self.line(text)
            }
            _ => {
                self.note(text);
                Ok(())
            }
        }
    }

    /// Prints a line for people on stderr; one that cannot be printed is let go.
    pub(crate) fn note(&self, text: impl Display) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Prints a warning on stderr, unless quiet.
    pub(crate) fn warn(&self, text: impl Display) {
        if !self.quiet {
            self.note(format_args!("{} {text}", self.paint_err(Style::Yellow, "warning:")));
        }
    }

    /// Prints the error that ends the command, with its causes.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        if self.format == MessageFormat::Json {
            let exit = exit_of(error).code();
            let object = json!({ "reason": "error", "message": told(error), "exit": exit });
            if self.line(object).is_ok() {
                return;
            }
        }
        self.note(format_args!("{} {}", self.paint_err(Style::Red, "error:"), told(error)));
    }

    /// `text` in a style, for stdout.
    pub(crate) fn paint(&self, style: Style, text: impl Display) -> String {
        paint(self.colored(), style, text)
    }

    /// `text` in a style, for stderr.
    pub(crate) fn paint_err(&self, style: Style, text: impl Display) -> String {
        paint(self.colored_err(), style, text)
    }

    /// Whether stdout takes colours.
    pub(crate) fn colored(&self) -> bool {
        colored(self.color, io::stdout().is_terminal())
    }

    /// Whether stderr takes colours.
    pub(crate) fn colored_err(&self) -> bool {
        colored(self.color, io::stderr().is_terminal())
    }

    /// Whether somebody watches stderr, where progress and status lines go.
    pub(crate) fn watched(&self) -> bool {
        io::stderr().is_terminal() && !self.quiet && self.format == MessageFormat::Human
    }

    /// A bar on stderr for so many `units`, with rate and time left, if somebody watches.
    pub(crate) fn progress(&self, units: &str, message: String) -> ProgressBar {
        let target = match self.watched() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = format!(
            "{{msg}} {{bar:32.cyan/dim}} {{pos}}/{{len}} {units}, {{per_sec}}, {{eta}} left"
        );
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.with_message(message)
    }

    /// Columns and rows, or 80 x 24 where there is no terminal.
    pub(crate) fn size(&self) -> (usize, usize) {
        match crossterm::terminal::size() {
            Ok((columns, rows)) if columns > 0 && rows > 0 => (columns.into(), rows.into()),
            _ => (80, 24),
        }
    }
}

/// An error and its causes, but for those that it tells of in its own words, and what to do.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    if let Some(advice) = advice(error) {
        text.push_str("; ");
        text.push_str(advice);
    }
    text
}

/// A text from a file, with the control characters that would command the terminal escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.is_control() {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    shown
}

fn paint(colored: bool, style: Style, text: impl Display) -> String {
    match colored {
        true => format!("\x1b[{}m{text}\x1b[0m", style.parameter()),
        false => text.to_string(),
    }
}

/// The order of <https://no-color.org> and <https://bixense.com/clicolors>: the flag, then the
/// environment, then the terminal.
fn colored(color: When, terminal: bool) -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        When::Always => true,
        When::Never => false,
        When::Auto if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        When::Auto if set("CLICOLOR_FORCE") => true,
        When::Auto => terminal && env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

fn closed(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Unread.into()),
        result => result.with_context(Unwritten::stdout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("no such file").context("cannot write: no such file");
        assert_eq!(told(&error), "cannot write: no such file");
        assert_eq!(
            told(&error.context("cannot record")),
            "cannot record: cannot write: no such file"
        );
    }
}
