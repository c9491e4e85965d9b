//! `gobo play`: a canvas to lights and sound, until its end or until told to leave.
//!
//! However it ends, the last look is sent and streams are terminated before the process goes:
//! that is the player's duty; here nobody leaves without asking it.

mod identity;
mod routes;
mod sound;
mod status;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gobo_canvas::{Canvas, Header};
use gobo_dmx::{LastLook, Universe};
use gobo_output::{Backup, Outputs, Report, Subscribers};
use gobo_play::{Ending, Options, PlayError, Playback, Remote, Soundtrack, State};

use crate::args::{Global, PlayArgs};
use crate::canvas::{import, open, route};
use crate::compile;
use crate::failure::{Exit, misuse};
use crate::project::project_of;
use crate::screen::{Interrupt, Key, Screen};
use crate::terminal::Terminal;
use crate::value::counted;

/// Between two looks at keys, signals and the state.
const LOOK: Duration = Duration::from_millis(40);
/// How far an arrow goes, in seconds.
const STEP_SECONDS: f64 = 5.0;

/// Runs the command. Being told to leave by a key or a signal is an end like any other: 0.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &PlayArgs) -> Result<Exit> {
    let mut interrupt = Interrupt::listen()?;
    let Some(path) = canvas(terminal, global, args, &interrupt)? else { return Ok(Exit::Faulty) };
    let canvas = Arc::new(open_any(&path, args)?);
    let header = canvas.header();
    let (from, to) = args.part.seconds(&header.sections).map_err(misuse)?;
    let (outputs, lead) = outputs(terminal, header, args)?;
    let options = Options {
        from,
        to,
        repeat: args.repeat,
        speed: args.speed,
        offset: args.offset.unwrap_or(0.0) - lead,
        last_look: last_look(args),
        spin: args.spin.unwrap_or_default(),
        keep_memory: true,
        ..Options::default()
    };
    // The sound lives as long as the show; its link goes to the player.
    let (_sound, link) = sound::open(terminal, &path, header, args.audio.as_deref())?.unzip();
    let soundtrack = link.map(|link| Box::new(link) as Box<dyn Soundtrack>);
    interrupt.keep_on();
    let mut playback =
        gobo_play::play(Arc::clone(&canvas), outputs, soundtrack, &options).map_err(refused)?;
    attend(terminal, header, &mut playback, &interrupt);
    let (ending, state, outputs) = playback.join();
    let exit = report(terminal, &state, outputs.as_ref());
    match ending {
        Ending::Finished => Ok(exit),
        Ending::Panicked(reason) => bail!("the player broke down: {reason}"),
    }
}

/// Opens a canvas, or makes one of a file of frames from elsewhere.
fn open_any(path: &Path, args: &PlayArgs) -> Result<Canvas> {
    let room = tempfile::tempdir().context("cannot make a temporary folder")?;
    let made = room.path().join("foreign.canvas");
    match path.is_file() && import(path, &made, args.places)?.is_some() {
        // What is open may be gone from its folder.
        true => open(&made),
        false => open(path),
    }
}

/// A part that is not there is the user's mistake, a thread that does not start the system's.
fn refused(error: PlayError) -> anyhow::Error {
    match error {
        PlayError::NothingToPlay { .. } => misuse(error.to_string()),
        PlayError::Thread(_) => error.into(),
    }
}

/// Shows where the show is, and passes on what the user wants, until it is over.
fn attend(
    terminal: &Terminal,
    header: &Header,
    playback: &mut Playback<Outputs>,
    interrupt: &Interrupt,
) {
    let mut pilot = Pilot { remote: playback.remote(), seeks: 0, goal: 0.0 };
    let mut screen = if terminal.watched() { Screen::take(false) } else { None };
    while !playback.is_over() {
        if interrupt.came() {
            pilot.remote.stop();
        }
        let Some(taken) = &screen else {
            thread::sleep(LOOK);
            continue;
        };
        let state = playback.state();
        taken.line(&status::line(terminal, header, &state));
        match taken.key(LOOK) {
            Ok(Some(key)) => pilot.obey(key, header, &state),
            Ok(None) => {}
            // The terminal is gone; the show is not.
            Err(_) => screen = None,
        }
    }
}

/// Turns keys into what the player is to do.
struct Pilot {
    remote: Remote,
    /// Seeks asked for so far.
    seeks: u64,
    /// Where the last of them goes.
    goal: f64,
}

impl Pilot {
    fn obey(&mut self, key: Key, header: &Header, state: &State) {
        // Keys may come faster than the player obeys: each goes on from where the last one leads.
        let place = if state.seeks < self.seeks { self.goal } else { state.seconds };
        match key {
            Key::Leave => self.remote.stop(),
            Key::Pause => self.remote.toggle(),
            Key::Left => self.seek(place - STEP_SECONDS),
            Key::Right => self.seek(place + STEP_SECONDS),
            Key::Up => self.seek(status::neighbour(header, place, false)),
            Key::Down => self.seek(status::neighbour(header, place, true)),
        }
    }

    fn seek(&mut self, seconds: f64) {
        (self.seeks, self.goal) = (self.seeks + 1, seconds.max(0.0));
        self.remote.seek(self.goal);
    }
}

/// Says afterwards what went wrong on the way; an output that failed to the last is no good end.
fn report(terminal: &Terminal, state: &State, outputs: Option<&Outputs>) -> Exit {
    let mut exit = Exit::Fine;
    for (name, report) in outputs.into_iter().flat_map(Outputs::reports) {
        tell_routing(terminal, name, &report);
        let Some(fault) = report.fault else { continue };
        let (count, error) = (fault.count, fault.error());
        let words = format!("{name}: {count} packets were not sent: {error}");
        if fault.failing {
            exit = Exit::Broken;
            terminal.error(&anyhow!(words));
        } else {
            terminal.warn(words);
        }
    }
    if let Some(trouble) = status::sound_trouble(state.sound) {
        terminal.warn(format_args!("{trouble}: the show went on without"));
    }
    let State { dropped, missing, sent, .. } = *state;
    if dropped > 0 {
        terminal.warn(format_args!("{dropped} of {} frames came too late", sent + dropped));
    }
    if missing > 0 {
        terminal.warn(format_args!(
            "{missing} frames could not be read in time: `gobo canvas verify` tells whether the \
             canvas is whole"
        ));
    }
    exit
}

/// Says where levels went otherwise than meant: to nobody, or to a backup.
fn tell_routing(terminal: &Terminal, name: &str, report: &Report) {
    if let Some(Subscribers { nodes, unclaimed, first_unclaimed: Some(first) }) = report.subscribers
    {
        let nodes = counted(nodes as usize, "node");
        let others =
            if unclaimed > 1 { format!(" and {} more", unclaimed - 1) } else { String::new() };
        terminal.warn(format_args!(
            "{name}: nobody subscribes to universe {first}{others} at the end ({nodes} found)"
        ));
    }
    if let Some(Backup { active, takeovers: takeovers @ 1.. }) = report.backup {
        let times = counted(takeovers as usize, "time");
        let still = if active { ", and did at the end" } else { "" };
        terminal.warn(format_args!("{name}: the backup stood in {times}{still}"));
    }
}

/// The last look, where the command line names one.
fn last_look(args: &PlayArgs) -> Option<LastLook> {
    match (args.blackout, args.hold) {
        (true, _) => Some(LastLook::Blackout),
        (_, true) => Some(LastLook::Hold),
        _ => None,
    }
}

/// The canvas to play: as typed, or that of a show, compiled anew when it is stale. `None` when
/// the show has errors, which are printed.
fn canvas(
    terminal: &Terminal,
    global: &Global,
    args: &PlayArgs,
    interrupt: &Interrupt,
) -> Result<Option<PathBuf>> {
    if let Some(typed) = &args.show {
        let path = Path::new(typed);
        let is_canvas = path.extension().is_some_and(|extension| extension == "canvas");
        if is_canvas || path.is_file() {
            return Ok(Some(path.to_owned()));
        }
    }
    let project = project_of(global, args.show.as_deref());
    if args.show.is_none() {
        let shows = project.as_ref().ok().and_then(|one| one.shows().ok()).unwrap_or_default();
        routes::check_hosts(&args.outputs, &shows).map_err(misuse)?;
    }
    let project = project?;
    let name = match &args.show {
        Some(typed) => project.show(typed)?,
        None => project.only_show()?,
    };
    compile::current(terminal, &project, &name, interrupt)
}

/// Opens everything to send to, and says what goes nowhere; with it, by how many seconds frames
/// are to be sent before their time.
fn outputs(terminal: &Terminal, header: &Header, args: &PlayArgs) -> Result<(Outputs, f64)> {
    routes::check(header, &args.outputs).map_err(misuse)?;
    let routes = routes::routes(header, &args.outputs);
    let unrouted = routes::unrouted(header, &routes, &args.outputs);
    if !unrouted.is_empty() {
        terminal.warn(format_args!("universes {unrouted} go nowhere: no output takes them"));
    }
    if args.outputs.dry_run {
        for sent in &routes {
            terminal.status(format_args!("{} (not sent)", route(sent)))?;
        }
    }
    let universes: Vec<Universe> = header.universes.iter().map(|entry| entry.universe).collect();
    let mut options = gobo_output::Options::new(identity::cid(terminal));
    options.dry_run = args.outputs.dry_run;
    options.on_change_only = args.outputs.only_changes;
    options.source_name = format!("gobo {}", header.name);
    options.period = header.rate.time_of(1);
    options.spread = args.outputs.pace.map(|part| options.period.mul_f64(part));
    options.segmentation = !args.outputs.no_offload;
    let outputs = Outputs::open(&routes, &universes, &options)?;
    Ok((outputs, gobo_output::lead(&routes).seconds()))
}
