//! `gobo watch`: a show plays, and every edit of its files is seen at once.
//!
//! One thread follows the files and leads the player ([`crate::follow`]), one draws and hears keys
//! (here). They meet at a board and a channel.

mod board;
mod screen;
mod tell;

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gobo_canvas::{Canvas, Header};
use gobo_live::Part;
use gobo_play::Status;
use serde_json::json;

use crate::args::{Global, MessageFormat, PartArgs, WatchArgs};
use crate::failure::{Exit, misuse};
use crate::follow::{Change, Command, Follower, Idle, Inbox, Manner, Raised, Words};
use crate::fresh;
use crate::output::make_folder_of;
use crate::play::sound::News;
use crate::project::project_of;
use crate::screen::{Call, Interrupt, Screen};
use crate::terminal::Terminal;

pub(crate) use board::Board;
use screen::Drawn;
pub(crate) use tell::{Teller, words};

/// Between two looks at keys, signals and the state.
const LOOK: Duration = Duration::from_millis(40);
/// How long the loop may take to end, once the lights have.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two times that programs are told of the place.
const TOLD: Duration = Duration::from_secs(1);

/// Runs the command, until told to leave.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &WatchArgs) -> Result<Exit> {
    let terminal = &terminal.in_json(args.json).beside(args.outputs.stdout);
    let project = project_of(global, args.show.as_deref())?;
    let name = match &args.show {
        Some(typed) => project.show(typed)?,
        None => project.only_show()?,
    };
    let mut interrupt = Interrupt::listen()?;
    let call = Call::listen()?;
    let WatchArgs { manner, levels, outputs, .. } = args;
    let words = Words { terminal, project: &project, manner, levels, outputs, stands_by: false };
    let canvas = project.canvas(&name);
    make_folder_of(&canvas)?;
    // What is opened later must not write into the screen.
    let hushed = terminal.hushed();
    let later = Words { terminal: &hushed, ..words };
    let (board, screen) = (Board::default(), terminal.watched());
    let teller = |screen| Arc::new(Teller::new(terminal, &project, &board, screen));
    // Until there is something to play, diagnostics are lines like any other.
    let (mut follower, commands, stock) =
        Follower::new(&later, manner_of(args), &name, teller(false));
    if let Some(canvas) = Canvas::open(&canvas).ok().filter(fresh::is_ours) {
        stock.take_from(canvas.into());
    }
    let edition = follower.first(|| interrupt.came());
    follower.audience = teller(screen);
    let Some(edition) = edition else { return Ok(Exit::Faulty) };
    let part = part(args, edition.header())?;
    let stands_at = args.hold_at.as_ref().map(|place| place.start(&edition.header().sections));
    let stands_at = stands_at.transpose().map_err(misuse)?;
    if stands_at.is_some_and(|seconds| seconds >= edition.header().seconds()) {
        return Err(misuse(format!("the show is only {} s long", edition.header().seconds())));
    }
    let mut raised = Raised::new(&words, &edition, &stock, part, stands_at)?;
    interrupt.keep_on();
    follower.see(&mut raised);
    board.view().looped = looped(part, edition.header());
    let idle = Idle::begin(&project, &stock, Arc::clone(&follower.audience))?;
    idle.tell(Change { before: None, edition, seconds: part.from });
    let raised = thread::scope(|scope| {
        let following = thread::Builder::new()
            .name("gobo-watch".to_owned())
            .spawn_scoped(scope, || follower.run(raised, &idle))
            .context("cannot start a thread")?;
        let told = Told { interrupt: &interrupt, call: &call, commands: &commands };
        attend(terminal, &board, &name, &told, || following.is_finished());
        leave(&board, &commands, || following.is_finished());
        following.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    raised.close(terminal)
}

fn manner_of(args: &WatchArgs) -> Manner {
    let WatchArgs { poll, hold_edits, on_edit, .. } = *args;
    Manner { follows: true, poll, hold_edits, on_edit }
}

/// Has the last look sent at once, whatever the loop is about, and waits for the loop to end; one
/// that reads a file without an end is not waited for.
fn leave(board: &Board, commands: &Sender<Inbox<Command>>, has_ended: impl Fn() -> bool) {
    // The loop may have ended by itself.
    let _ = commands.send(Inbox::Command(Command::Leave));
    let hands = board.hands();
    hands.iter().for_each(|hands| hands.remote.stop());
    let begun = Instant::now();
    while !has_ended() {
        let is_dark = hands.iter().all(|hands| hands.watch.state().status == Status::Ended);
        if is_dark && begun.elapsed() > PATIENCE {
            std::process::exit(Exit::Fine.code().into());
        }
        thread::sleep(LOOK / 8);
    }
}

/// What is played of a show.
fn part(args: &WatchArgs, header: &Header) -> Result<Part> {
    let range = match &args.loop_section {
        Some(section) => PartArgs { from: Some(section.clone()), to: Some(section.clone()) },
        None => args.part.clone(),
    };
    let (from, to) = range.seconds(&header.sections).map_err(misuse)?;
    let part = Part { from, to, repeat: args.repeat || args.loop_section.is_some() };
    match from < header.seconds() {
        true => Ok(part),
        false => Err(misuse(format!("the show is only {} s long", header.seconds()))),
    }
}

/// What a part that is played again and again is called.
fn looped(part: Part, header: &Header) -> Option<String> {
    let to = part.to.filter(|_| part.repeat)?;
    let same = |a: f64, b: f64| (a - b).abs() < 1e-6;
    let mut sections = header.sections.iter();
    let found = sections.find(|section| same(section.start, part.from) && same(section.end, to));
    Some(found.map_or_else(|| "part".to_owned(), |section| section.name.clone()))
}

/// Who tells the show what to do, besides keys.
struct Told<'a> {
    interrupt: &'a Interrupt,
    call: &'a Call,
    commands: &'a Sender<Inbox<Command>>,
}

/// Draws, and passes on what the user wants, until it is over.
fn attend(
    terminal: &Terminal,
    board: &Board,
    name: &str,
    told: &Told<'_>,
    is_over: impl Fn() -> bool,
) {
    let mut screen = if terminal.watched() { Screen::take(false) } else { None };
    let mut drawn = Drawn::new(terminal, name);
    let mut news = News::default();
    let mut since = TOLD;
    while !is_over() && !told.interrupt.came() {
        if told.call.came() {
            let _ = told.commands.send(Inbox::Command(Command::Apply));
        }
        let Some(taken) = &screen else {
            since += LOOK;
            if since >= TOLD {
                since = Duration::ZERO;
                tell_place(terminal, board);
            }
            thread::sleep(LOOK);
            continue;
        };
        drawn.draw(taken, board, &mut news);
        match taken.key(LOOK) {
            Ok(Some(key)) if drawn.obey(key, board, told.commands) => break,
            Ok(_) => {}
            // The terminal is gone; the show is not.
            Err(_) => screen = None,
        }
    }
}

/// Tells programs where the show is.
fn tell_place(terminal: &Terminal, board: &Board) {
    if terminal.format != MessageFormat::Json {
        return;
    }
    let view = board.view();
    let Some(hands) = &view.hands else { return };
    let state = hands.watch.state();
    if state.sent == 0 {
        return;
    }
    let cues: Vec<&str> = state.cues(&view.header).map(|cue| cue.name.as_str()).collect();
    let object = json!({
        "reason": "place",
        "seconds": state.seconds,
        "playing": state.status == Status::Playing,
        "section": state.section(&view.header),
        "cues": cues,
        "late": state.dropped + state.missing,
    });
    // Whoever closed stdout does not want to hear it.
    let _ = terminal.line(object);
}
