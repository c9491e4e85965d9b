//! Shows a test pattern until told to leave. No real-time thread: 40 frames a second of what
//! stands still do not need one.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use gobo_canvas::Header;
use gobo_dmx::{FrameRate, SLOTS, Slots};
use gobo_output::{Outputs, Place};
use gobo_play::State;

use super::evening::open_any;
use super::pattern::{Pattern, Show};
use super::{outputs, report};
use crate::args::{Global, PlayArgs};
use crate::failure::{Exit, misuse};
use crate::project::project_of;
use crate::screen::{Interrupt, Key, Screen};
use crate::terminal::Terminal;
use crate::venue;
use crate::wall::Deadline;

/// As fast as a DMX512 line refreshes, and a little less (44 Hz).
const RATE: u32 = 40;

/// Outputs that go dark however they are left.
struct Lit {
    outputs: Outputs,
    frame: Vec<Slots>,
}

impl Drop for Lit {
    fn drop(&mut self) {
        self.frame.iter_mut().for_each(|slots| slots.fill(0));
        self.outputs.finish(&self.frame);
    }
}

/// Runs the command.
pub(super) fn run(
    terminal: &Terminal,
    global: &Global,
    args: &PlayArgs,
    pattern: &Pattern,
) -> Result<Exit> {
    let mut interrupt = Interrupt::listen()?;
    let Some(mut header) = header(terminal, global, args)? else { return Ok(Exit::Faulty) };
    if let Ok(rate) = FrameRate::new(RATE, 1) {
        header.rate = rate;
    }
    header.name = "test pattern".to_owned();
    // What is recorded has nothing of the show but its fixtures.
    (header.song, header.made_from) = (None, None);
    header.sections.clear();
    header.bars.clear();
    header.cues.clear();
    let universes: Vec<_> = header.universes.iter().map(|entry| entry.universe).collect();
    let frame = vec![[0; SLOTS]; universes.len()];
    let mut show = Show::new(pattern.clone(), universes, &header.patch).map_err(misuse)?;
    let (outputs, _, records) =
        outputs(terminal, &header, &header, &args.outputs, args.manner.last_look())?;
    interrupt.keep_on();
    let until = args.list.until.map(Deadline::of).transpose().map_err(misuse)?;
    let mut lit = Lit { outputs, frame };
    let is_over = || interrupt.came() || records.abandoned() || until.is_some_and(Deadline::came);
    attend(terminal, &mut show, &mut lit, is_over, pattern)?;
    let Lit { outputs, frame } = &mut lit;
    frame.iter_mut().for_each(|slots| slots.fill(0));
    outputs.finish(frame);
    let exit = report(terminal, &State::default(), Some(outputs));
    let recorded = records.finish(terminal);
    Ok(if exit == Exit::Fine { recorded } else { exit })
}

fn attend(
    terminal: &Terminal,
    show: &mut Show<'_>,
    lit: &mut Lit,
    is_over: impl Fn() -> bool,
    pattern: &Pattern,
) -> Result<()> {
    let mut screen = if terminal.watched() { Screen::take(false) } else { None };
    if screen.is_none() {
        terminal.status(format_args!("test pattern {pattern}: {}", show.words()))?;
    }
    let period = Duration::from_secs(1) / RATE;
    let mut next = Instant::now();
    for frame in 0.. {
        if is_over() {
            break;
        }
        show.draw(&mut lit.frame);
        let seconds = f64::from(frame) * period.as_secs_f64();
        lit.outputs.place(Place { show: 0, frame, turn: frame, seconds, speed: 1.0 });
        lit.outputs.send(Instant::now(), &lit.frame);
        next = (next + period).max(Instant::now());
        while let left = next.saturating_duration_since(Instant::now())
            && !left.is_zero()
        {
            if lit.outputs.due().is_some_and(|due| due <= Instant::now()) {
                lit.outputs.turn(Instant::now());
            }
            let due =
                lit.outputs.due().map_or(left, |due| due.saturating_duration_since(Instant::now()));
            let wait = left.min(due);
            let Some(taken) = &screen else {
                std::thread::sleep(wait);
                continue;
            };
            match taken.key(wait) {
                Ok(Some(Key::Leave)) => return Ok(()),
                Ok(Some(Key::Pause)) => show.toggle(),
                Ok(Some(Key::Right | Key::Down)) => show.go(1),
                Ok(Some(Key::Left | Key::Up)) => show.go(-1),
                Ok(Some(Key::Go | Key::Next)) => show.go(1),
                Ok(Some(Key::Previous)) => show.go(-1),
                // Patterns have no levels.
                Ok(Some(_) | None) => {}
                // The terminal is gone; the lights are not.
                Err(_) => screen = None,
            }
        }
        show.advance(period.as_secs_f64());
        if let Some(taken) = &screen {
            let words = show.words();
            let line = format!("{pattern}  {words}  space stay  ←→ step  q leave");
            taken.line(&line.chars().take(terminal.size().0.saturating_sub(1)).collect::<String>());
        }
    }
    Ok(())
}

/// The patch, the universes and the outputs: of a canvas, or of the venue that is named, or of a
/// show's. `None` when there are errors, which are printed.
fn header(terminal: &Terminal, global: &Global, args: &PlayArgs) -> Result<Option<Header>> {
    if let Some(venue) = &args.venue {
        return venue::header(terminal, global, venue);
    }
    let typed = args.shows.first();
    if let Some(path) = typed.map(Path::new).filter(|path| path.is_file()) {
        return Ok(Some(open_any(path, args.places)?.header().clone()));
    }
    let project = project_of(global, typed.map(String::as_str))?;
    let name = match typed {
        Some(typed) => project.show(typed)?,
        None => project.only_show()?,
    };
    venue::header_of_show(terminal, &project, &name)
}
