//! What the terminal shows under a watched show, and what its keys do.

use std::sync::mpsc::Sender;
use std::time::Instant;

use gobo_live::Part;
use gobo_play::State;

use super::board::{Board, View};
use super::looped;
use crate::follow::{Command, Inbox};
use crate::play::sound::News;
use crate::play::status;
use crate::screen::{Key, Screen};
use crate::terminal::{Style, Terminal};
use crate::value::counted;

/// How many faults are shown, the first of all.
const FAULTS: usize = 6;
/// How far a key moves the grand master.
const STEP_MASTER: f64 = 0.05;
/// How far an arrow goes, in seconds.
const STEP_SECONDS: f64 = 5.0;
/// What the keys do, first what there should be room for.
const KEYS: [&str; 10] = [
    "space pause",
    "q leave",
    "←→ seek",
    "[ ] section",
    "l loop",
    "r again",
    "d diagnostics",
    "b blackout",
    "+- master",
    "f freeze",
];

/// The lines, and what they were drawn from.
pub(super) struct Drawn<'a> {
    terminal: &'a Terminal,
    name: &'a str,
    advises: bool,
}

impl<'a> Drawn<'a> {
    pub(super) fn new(terminal: &'a Terminal, name: &'a str) -> Self {
        Self { terminal, name, advises: true }
    }

    /// Draws what there is to see by now.
    pub(super) fn draw(&mut self, screen: &Screen, board: &Board, news: &mut News) {
        let mut view = board.view();
        for line in std::mem::take(&mut view.above) {
            screen.above(&line);
        }
        let Some(hands) = view.hands.clone() else { return };
        let state = hands.watch.state();
        news.hear(&state, Instant::now());
        if self.advises && state.sent > 0 {
            self.advises = false;
            if !state.real_time {
                screen.above(&status::real_time_advice());
            }
        }
        screen.block(&self.lines(&view, &state, news));
    }

    fn lines(&self, view: &View, state: &State, news: &News) -> Vec<String> {
        let columns = self.terminal.size().0.saturating_sub(1);
        let looped = view.looped.as_ref().map(|looped| format!("loop {looped}"));
        let labels = (self.name, None);
        let mut lines =
            vec![status::line(self.terminal, &view.header, state, labels, looped, news, &KEYS)];
        let cues: Vec<&str> = state
            .cues(&view.header)
            .map(|cue| cue.name.as_str())
            .filter(|name| !name.is_empty())
            .collect();
        if !cues.is_empty() {
            lines.push(cut(&format!("   {}", cues.join(", ")), columns));
        }
        lines.extend(view.edit.as_ref().map(|edit| cut(&format!("   {edit}"), columns)));
        if let Some(took) = &view.took {
            lines.push(self.terminal.paint_err(Style::Dim, cut(&format!("   {took}"), columns)));
        }
        if !view.held.is_empty() {
            let files = counted(view.held.len(), "edited file");
            let text = format!("   {files} held: Enter plays them");
            lines.push(self.terminal.paint_err(Style::Yellow, cut(&text, columns)));
        }
        if let Some(note) = &view.note {
            lines.push(self.terminal.paint_err(Style::Yellow, cut(&format!("   {note}"), columns)));
        }
        for fault in view.faults.iter().take(FAULTS) {
            let is_error = fault.contains(": error: ");
            let style = if is_error { Style::Red } else { Style::Yellow };
            lines.push(self.terminal.paint_err(style, cut(&format!("   {fault}"), columns)));
        }
        if let more @ 1.. = view.faults.len().saturating_sub(FAULTS) {
            lines.push(
                self.terminal.paint_err(Style::Red, format!("   and {more} more: d shows all")),
            );
        }
        lines
    }

    /// Does what a key wants; whether that is to leave.
    pub(super) fn obey(&self, key: Key, board: &Board, commands: &Sender<Inbox<Command>>) -> bool {
        let Some(hands) = board.hands() else { return key == Key::Leave };
        let state = hands.watch.state();
        let (remote, desk, place) = (&hands.remote, &hands.desk, state.seconds);
        let header = board.view().header.clone();
        match key {
            Key::Leave => return true,
            Key::Pause => remote.toggle(),
            Key::Left => remote.seek((place - STEP_SECONDS).max(0.0)),
            Key::Right => remote.seek(place + STEP_SECONDS),
            Key::Up | Key::SectionBefore | Key::Previous => {
                remote.seek(status::neighbour(&header, place, false));
            }
            Key::Down | Key::SectionAfter | Key::Next => {
                remote.seek(status::neighbour(&header, place, true));
            }
            Key::Go => drop(commands.send(Inbox::Command(Command::Apply))),
            Key::Loop => self.toggle_loop(board, &state, commands),
            Key::Again => {
                let goal = board.view().goal;
                goal.into_iter().for_each(|goal| remote.seek(goal));
            }
            Key::Details => {
                let view = &mut *board.view();
                let text = view.diagnostics.clone();
                view.above.push(if text.is_empty() {
                    "no errors, no warnings".into()
                } else {
                    text
                });
            }
            Key::Blackout => desk.toggle_blackout(),
            Key::Freeze => desk.toggle_frozen(),
            Key::Brighter => desk.move_grand(STEP_MASTER),
            Key::Darker => desk.move_grand(-STEP_MASTER),
        }
        false
    }

    /// Plays the section that the show is in again and again, or all of it again.
    fn toggle_loop(&self, board: &Board, state: &State, commands: &Sender<Inbox<Command>>) {
        let view = &mut *board.view();
        let section = view.header.section_at(state.seconds);
        let part = match section.filter(|_| view.looped.is_none()) {
            Some(section) => Part { from: section.start, to: Some(section.end), repeat: true },
            None if view.looped.is_some() => Part::default(),
            None => {
                view.note = Some("there is no section here to be played again".to_owned());
                return;
            }
        };
        view.looped = looped(part, &view.header);
        // The loop has ended when nobody hears of it.
        let _ = commands.send(Inbox::Command(Command::Play(part)));
    }
}

/// As much of a line as there is room for; colours take none.
fn cut(text: &str, columns: usize) -> String {
    let (mut kept, mut width, mut escaped) = (String::new(), 0, false);
    for letter in text.chars() {
        match letter {
            '\x1b' => escaped = true,
            'm' if escaped => escaped = false,
            _ if escaped => {}
            _ if width == columns => continue,
            _ => width += 1,
        }
        if escaped || letter == 'm' || width <= columns {
            kept.push(letter);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_room_and_are_closed() {
        assert_eq!(cut("abcdef", 3), "abc");
        assert_eq!(cut("\x1b[1mabmcdef\x1b[0m", 3), "\x1b[1mabm\x1b[0m");
        assert_eq!(cut("mm", 9), "mm");
    }
}
