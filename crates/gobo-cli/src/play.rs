//! `gobo play`: a canvas to lights and sound, until its end or until told to leave.
//!
//! However it ends, the last look is sent and streams are terminated before the process goes:
//! that is the player's duty; here nobody leaves without asking it.

mod evening;
mod identity;
pub(crate) mod list;
mod record;
mod routes;
mod sound;
mod status;

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use gobo_canvas::{Canvas, Header};
use gobo_dmx::{LastLook, Universe};
use gobo_output::Outputs;
use gobo_play::{Ending, Options, PlayError, Playback, RealTime, Remote, State, Status};
use serde_json::json;

use crate::args::{Global, MessageFormat, PlaceArgs, PlayArgs};
use crate::canvas::route;
use crate::failure::{Exit, misuse};
use crate::screen::{Call, Interrupt, Key, Screen};
use crate::terminal::Terminal;
use crate::value::counted;
use crate::wall::Deadline;
use evening::{Billing, Evening, Shown};
use list::Act;
use record::{Kind, Records};

/// Between two looks at keys, signals and the state.
const LOOK: Duration = Duration::from_millis(40);
/// How far an arrow goes, in seconds.
const STEP_SECONDS: f64 = 5.0;
/// How far into a show a step back leads to its start rather than to the show before.
const BACK_SECONDS: f64 = 3.0;

/// Runs the command. Being told to leave by a key or a signal is an end like any other: 0.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &PlayArgs) -> Result<Exit> {
    // Where frames go to stdout, nothing else does.
    let terminal = &terminal.beside(args.outputs.stdout);
    let mut interrupt = Interrupt::listen()?;
    let call = Call::listen()?;
    let until = args.list.until.map(Deadline::of).transpose().map_err(misuse)?;
    let Some(list) = list::list(terminal, global, args, &interrupt)? else {
        return Ok(Exit::Faulty);
    };
    let words = PlayWords::of(args);
    let canvases = opened(terminal, &list.acts, &words)?;
    let headers: Vec<&Header> = canvases.iter().map(Canvas::header).collect();
    let together = evening::together(&list.acts[0].name, &headers);
    // What is recorded of a show alone is its own: with its song, its patch, its cues.
    let whole = if let [only] = headers[..] { only } else { &together };
    let (outputs, lead, records) = outputs(terminal, &together, whole, args)?;
    drop(canvases);
    let universes: Vec<Universe> = together.universes.iter().map(|entry| entry.universe).collect();
    let count = universes.len();
    let evening = Evening::new(terminal, list, words, universes, lead);
    let billing = evening.billing();
    let first = evening.first()?;
    interrupt.keep_on();
    let real_time = RealTime { spin: args.spin.unwrap_or_default(), keep_memory: true };
    let playback = gobo_play::play_list(first, evening, count, outputs, real_time);
    let mut playback = playback.map_err(refused)?;
    let finish = args.list.finish;
    let told = Told { interrupt: &interrupt, call: &call, records: &records, until, finish };
    attend(terminal, &billing, &mut playback, told)?;
    let (ending, state, outputs) = playback.join();
    let exit = report(terminal, &state, outputs.as_ref());
    drop(outputs);
    let recorded = records.finish(terminal);
    let exit = if exit == Exit::Fine { recorded } else { exit };
    match ending {
        Ending::Finished if billing.skipped() > 0 => Ok(Exit::Broken),
        Ending::Finished => Ok(exit),
        Ending::Panicked(reason) => bail!("the player broke down: {reason}"),
    }
}

/// What the command line says of every show.
struct PlayWords {
    places: PlaceArgs,
    audio: Option<String>,
    speed: f64,
    offset: f64,
    last_look: Option<LastLook>,
}

impl PlayWords {
    fn of(args: &PlayArgs) -> Self {
        Self {
            places: args.places,
            audio: args.audio.clone(),
            speed: args.speed,
            offset: args.offset.unwrap_or(0.0),
            last_look: last_look(args),
        }
    }

    /// How an act is played whose frames are sent `lead` seconds before their time.
    fn options(&self, act: &Act, header: &Header, lead: f64) -> Result<Options> {
        let (from, to) = act.part.seconds(&header.sections).map_err(misuse)?;
        let options = Options {
            from,
            to,
            repeat: act.repeat,
            speed: self.speed,
            offset: self.offset - lead,
            last_look: self.last_look,
            ..Options::default()
        };
        options.range(header).map_err(refused)?;
        Ok(options)
    }
}

/// The canvases of all acts, each opened once to see that it can be played as asked; what stands
/// against that is told of all.
fn opened(terminal: &Terminal, acts: &[Act], words: &PlayWords) -> Result<Vec<Canvas>> {
    let mut canvases = Vec::new();
    let mut errors: Vec<anyhow::Error> = Vec::new();
    let mut told: Vec<&Path> = Vec::new();
    for act in acts {
        let canvas = evening::open_any(&act.path, words.places);
        let playable = canvas.and_then(|canvas| {
            let name = || act.name.clone();
            words.options(act, canvas.header(), 0.0).map_err(|error| match acts {
                [_] => error,
                _ => named(error, &name()),
            })?;
            Ok(canvas)
        });
        match playable {
            Ok(canvas) => canvases.push(canvas),
            Err(error) if told.contains(&act.path.as_path()) => drop(error),
            Err(error) => {
                told.push(&act.path);
                errors.push(error);
            }
        }
    }
    let Some(last) = errors.pop() else { return Ok(canvases) };
    errors.iter().for_each(|error| terminal.error(error));
    Err(last)
}

/// A mistake with the name of the show that it is about.
fn named(error: anyhow::Error, name: &str) -> anyhow::Error {
    misuse(format!("{name}: {error:#}"))
}

/// A part that is not there is the user's mistake, a thread that does not start the system's.
fn refused(error: PlayError) -> anyhow::Error {
    match error {
        PlayError::NothingToPlay { .. } => misuse(error.to_string()),
        PlayError::Thread(_) => error.into(),
    }
}

/// Who tells a show what to do, besides keys.
struct Told<'a> {
    interrupt: &'a Interrupt,
    call: &'a Call,
    records: &'a Records,
    until: Option<Deadline>,
    /// Whether the show that plays ends first, when the time has come.
    finish: bool,
}

impl Told<'_> {
    /// Passes on what has been told since the last look.
    fn pass_on(&mut self, remote: &Remote) {
        if self.interrupt.came() || self.records.abandoned() {
            remote.stop();
        }
        if self.call.came() {
            remote.go();
        }
        if self.until.take_if(|until| until.came()).is_some() {
            match self.finish {
                true => remote.leave_after(),
                false => remote.stop(),
            }
        }
    }
}

/// Shows where the show is, and passes on what the user wants, until it is over.
fn attend(
    terminal: &Terminal,
    billing: &Billing,
    playback: &mut Playback<Outputs>,
    mut told: Told<'_>,
) -> Result<()> {
    let mut pilot = Pilot { remote: playback.remote(), seeks: 0, goal: 0.0 };
    let mut screen = if terminal.watched() { Screen::take(false) } else { None };
    let mut announced = None;
    while !playback.is_over() {
        told.pass_on(&pilot.remote);
        let state = playback.state();
        let shown = billing.shown(state.program);
        let Some(taken) = &screen else {
            let is_new = state.sent > 0 && announced.replace(state.program) != Some(state.program);
            if let Some(shown) = shown.filter(|_| is_new) {
                announce(terminal, &shown)?;
            }
            thread::sleep(LOOK);
            continue;
        };
        let Some(shown) = shown else { continue };
        let (header, next) =
            (shown.canvas.header(), state.next.and_then(|next| billing.shown(next)));
        let next = next.as_ref().map(|next| next.label.as_str());
        taken.line(&status::line(terminal, header, &state, &shown.label, next));
        match taken.key(LOOK) {
            Ok(Some(key)) => pilot.obey(key, header, &state),
            Ok(None) => {}
            // The terminal is gone; the show is not.
            Err(_) => screen = None,
        }
    }
    Ok(())
}

/// Says which show of several has come on, where nobody watches the status line.
fn announce(terminal: &Terminal, shown: &Shown) -> Result<()> {
    let Shown { label, name, place, .. } = shown;
    match terminal.format {
        _ if label == name => Ok(()),
        MessageFormat::Json => {
            terminal.line(json!({ "reason": "show", "place": place, "name": name }))
        }
        _ => terminal.status(label),
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
            Key::Go => self.remote.go(),
            Key::Next => self.remote.next(),
            // As players do: first back to the start.
            Key::Previous if state.status == Status::Playing && place > BACK_SECONDS => {
                self.seek(0.0);
            }
            Key::Previous => self.remote.previous(),
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
        let Some(fault) = report.fault else { continue };
        let (count, error) = (fault.count, fault.error());
        let words = match record::kind(name, &error) {
            Kind::Told => continue,
            Kind::Log => format!("{name}: {count} frames are missing: {error}"),
            Kind::Target => format!("{name}: {count} packets were not sent: {error}"),
        };
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
    let State { dropped, missing, sent, unready, .. } = *state;
    if unready > 0 {
        let shows = counted(unready as usize, "show");
        terminal.warn(format_args!("{shows} not ready in time: the look before stayed meanwhile"));
    }
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

/// The last look, where the command line names one.
fn last_look(args: &PlayArgs) -> Option<LastLook> {
    match (args.blackout, args.hold) {
        (true, _) => Some(LastLook::Blackout),
        (_, true) => Some(LastLook::Hold),
        _ => None,
    }
}

/// Opens everything to send to, and says what goes nowhere; with it, by how many seconds frames
/// are to be sent before their time, and what is written down.
fn outputs(
    terminal: &Terminal,
    header: &Header,
    recorded: &Header,
    args: &PlayArgs,
) -> Result<(Outputs, f64, Records)> {
    routes::check(header, &args.outputs).map_err(misuse)?;
    let routes = routes::routes(header, &args.outputs);
    let unrouted = routes::unrouted(header, &routes, &args.outputs);
    if !args.outputs.stdout && !unrouted.is_empty() {
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
    options.source_name = format!("gobo {}", header.name);
    options.period = header.rate.time_of(1);
    options.spread = args.outputs.pace.map(|part| options.period.mul_f64(part));
    options.segmentation = !args.outputs.no_offload;
    options.slots_used = header.universes.iter().map(|entry| entry.slots_used).collect();
    let mut records = Records::begin(&args.outputs)?;
    options.capture = records.capture();
    let mut outputs = Outputs::open(&routes, &universes, &options)?;
    records.attach(recorded, &args.outputs, &mut outputs)?;
    Ok((outputs, gobo_output::lead(&routes).seconds(), records))
}
