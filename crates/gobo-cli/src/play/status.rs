//! The line under a playing show: where it is and how it fares.

use gobo_canvas::Header;
use gobo_play::{LevelState, SoundState, State, Status};

use super::sound::News;
use crate::terminal::{Style, Terminal};
use crate::value::{counted, minutes};

/// How many characters the progress bar takes.
const BAR: usize = 24;

/// What the keys do, first what there should be room for.
pub(crate) const KEYS: [&str; 7] =
    ["space pause", "q leave", "←→ seek", "b blackout", "+- master", "f freeze", "↑↓ section"];

/// The line, no wider than the terminal.
///
/// There is the label of the show, with that of the one that is ready to follow, and what there is
/// to say of who leads the show.
pub(crate) fn line(
    terminal: &Terminal,
    header: &Header,
    state: &State,
    (label, next): (&str, Option<&str>),
    lead: Option<String>,
    news: &News,
    keys: &[&'static str],
) -> String {
    let (length, seconds) = (header.seconds(), state.seconds);
    let sign = match state.status {
        Status::Paused | Status::Standby | Status::Waiting => "▮▮",
        _ => "▶ ",
    };
    let mut parts = vec![(Some(Style::Bold), label.to_owned())];
    match (state.status, next) {
        (Status::Standby, Some(next)) => {
            parts.push((Some(Style::Yellow), format!("Enter for {next}")));
        }
        (Status::Between, Some(next)) => parts.push((Some(Style::Cyan), format!("then {next}"))),
        _ => {}
    }
    parts.extend([
        (None, format!("{sign} {} / {}", clock(seconds), clock(length))),
        (Some(Style::Cyan), bar(seconds / length)),
    ]);
    parts.extend(lead.map(|lead| (Some(Style::Bold), lead)));
    if let Some(section) = state.section(header) {
        parts.push((Some(Style::Bold), section.to_owned()));
    }
    if let Some(bar) = bar_number(header, seconds) {
        parts.push((None, format!("bar {bar}")));
    }
    parts.extend(levels(&state.levels));
    parts.push((None, format!("{:.1} fps", state.rate)));
    let late = state.dropped + state.missing;
    let style = if late > 0 { Style::Yellow } else { Style::Dim };
    parts.push((Some(style), format!("{late} late")));
    match (trouble(state), news.good()) {
        (Some(trouble), _) => parts.push((Some(Style::Red), trouble)),
        (None, Some(good)) => parts.push((Some(Style::Green), good.into())),
        (None, None) => {
            let shows = next.map(|_| "n p show");
            let keys = shows.into_iter().chain(keys.iter().copied());
            parts.extend(keys.map(|key| (Some(Style::Dim), key.to_owned())));
        }
    }
    fit(terminal, &parts, terminal.size().0.saturating_sub(1))
}

/// What is done to the levels, where anything is.
fn levels(levels: &LevelState) -> Vec<(Option<Style>, String)> {
    let mut parts = Vec::new();
    if levels.blackout {
        parts.push((Some(Style::Yellow), "blackout".to_owned()));
    }
    if levels.frozen {
        parts.push((Some(Style::Yellow), "frozen".to_owned()));
    }
    if levels.grand < 1.0 {
        parts.push((Some(Style::Yellow), format!("master {:.0}%", levels.grand * 100.0)));
    }
    for (count, thing, done) in [
        (levels.groups, "group", "lowered"),
        (levels.parked, "slot", "parked"),
        (levels.input, "universe", "merged"),
    ] {
        if count > 0 {
            parts.push((None, format!("{} {done}", counted(count as usize, thing))));
        }
    }
    parts
}

/// What goes wrong at this moment, in a few words.
fn trouble(state: &State) -> Option<String> {
    match state.faults.failing {
        0 => sound_trouble(state.sound).map(str::to_owned),
        failing => {
            let error = state.faults.first.map(|(_, fault)| fault.error().to_string());
            let (outputs, fail) =
                if failing == 1 { ("output", "fails") } else { ("outputs", "fail") };
            Some(format!("{failing} {outputs} {fail}: {}", error.unwrap_or_default()))
        }
    }
}

/// What to do where the system grants no real-time priority.
pub(crate) fn real_time_advice() -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| "gobo".into());
    format!(
        "no real-time priority, so frames may come late when the machine is busy: \
         `sudo setcap cap_sys_nice=ep {}`, or `@audio - rtprio 95` in /etc/security/limits.conf \
         for users of that group",
        program.display()
    )
}

/// What is wrong with the sound, in a few words.
pub(crate) fn sound_trouble(sound: SoundState) -> Option<&'static str> {
    match sound {
        SoundState::Silent => Some("the sound device is silent"),
        SoundState::Lost => Some("the sound device is gone"),
        SoundState::Damaged => Some("the song is damaged"),
        SoundState::None | SoundState::Followed | SoundState::Muted => None,
    }
}

/// As many parts as there is room for.
fn fit(terminal: &Terminal, parts: &[(Option<Style>, String)], columns: usize) -> String {
    let (mut line, mut used) = (String::new(), 0);
    for (style, text) in parts {
        let gap = if used > 0 { 2 } else { 0 };
        let width = text.chars().count() + gap;
        if used + width > columns {
            break;
        }
        line.push_str(&" ".repeat(gap));
        match style {
            Some(style) => line.push_str(&terminal.paint_err(*style, text)),
            None => line.push_str(text),
        }
        used += width;
    }
    line
}

/// Minutes, seconds and tenths.
fn clock(seconds: f64) -> String {
    let mut text = minutes((seconds * 10.0).floor() / 10.0);
    text.truncate(text.len() - 2);
    text
}

fn bar(part: f64) -> String {
    let eighths = (part.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    let (full, rest) = (eighths / 8, eighths % 8);
    let mut bar = "━".repeat(full);
    if full < BAR {
        bar.push(if rest >= 4 { '╸' } else { '─' });
        bar.push_str(&"─".repeat(BAR - full - 1));
    }
    bar
}

/// The bar at a time, from 1, where the song has bars.
fn bar_number(header: &Header, seconds: f64) -> Option<usize> {
    Some(header.bars.partition_point(|&bar| bar <= seconds)).filter(|&bar| bar > 0)
}

/// Where the section before or after this one starts; near a start, "before" is the one before.
pub(crate) fn neighbour(header: &Header, seconds: f64, forward: bool) -> f64 {
    let mut starts = header.sections.iter().map(|section| section.start);
    match forward {
        true => starts.find(|&start| start > seconds + 0.05).unwrap_or(seconds),
        false => starts.rev().find(|&start| start < seconds - 1.0).unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use gobo_canvas::SectionMark;

    use super::*;

    #[test]
    fn bars_fill_from_the_left() {
        assert_eq!(bar(0.0), "─".repeat(BAR));
        assert_eq!(bar(0.5), format!("{}{}", "━".repeat(BAR / 2), "─".repeat(BAR / 2)));
        assert_eq!(bar(2.0), "━".repeat(BAR));
        assert_eq!(clock(83.99), "1:23.9");
    }

    #[test]
    fn levels_are_told_where_they_are_set() {
        let words = |state: &LevelState| {
            let parts = levels(state).into_iter().map(|(_, text)| text);
            parts.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(words(&LevelState::default()), "");
        let state = LevelState {
            grand: 0.85,
            groups: 1,
            blackout: true,
            frozen: true,
            parked: 7,
            input: 1,
        };
        assert_eq!(
            words(&state),
            "blackout, frozen, master 85%, 1 group lowered, 7 slots parked, 1 universe merged"
        );
    }

    #[test]
    fn sections_are_stepped_through() {
        let section = |start: f64| SectionMark { name: "x".into(), start, end: start + 8.0 };
        let header = Header {
            sections: vec![section(0.0), section(8.0), section(16.0)],
            bars: vec![0.0, 2.0, 4.0],
            ..Header::default()
        };
        assert_eq!(neighbour(&header, 9.5, true), 16.0);
        assert_eq!(neighbour(&header, 9.5, false), 8.0);
        assert_eq!(neighbour(&header, 8.5, false), 0.0);
        assert_eq!(neighbour(&header, 17.0, true), 17.0);
        assert_eq!(bar_number(&header, 3.0), Some(2));
    }
}
