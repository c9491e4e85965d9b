//! `gobo play`: a canvas to lights and sound, until its end or until told to leave.
//!
//! However it ends, the last look is sent and streams are terminated before the process goes:
//! that is the player's duty; here nobody leaves without asking it.

mod evening;
mod identity;
mod lead;
pub(crate) mod levels;
pub(crate) mod list;
mod lit;
mod load_in;
pub(crate) mod memo;
mod opened;
mod pattern;
mod pilot;
pub(crate) mod record;
mod routes;
pub(crate) mod sound;
mod stats;
pub(crate) mod status;
mod supervise;

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use gobo_canvas::{Canvas, Header};
use gobo_dmx::{LastLook, SLOTS};
use gobo_output::Outputs;
use gobo_play::{
    CodePlan, CodeSender, CodeState, Ending, Lead, Options, PlayError, Playback, RealTime, Remote,
    State, Status, Watch,
};
use serde_json::json;

use crate::args::{Global, MessageFormat, PlaceArgs, PlayArgs};
use crate::failure::{Exit, misuse};
use crate::screen::{Call, Interrupt, Screen};
use crate::terminal::Terminal;
use crate::value::StatsFormat;
use crate::wall::Deadline;
use evening::{Billing, Evening, Shown};
use lead::{Leader, Leading};
use list::{Act, List};
use memo::{Charge, Show, Task, Telling};
pub(crate) use opened::{opened_again, ours, outputs, report};
pub(crate) use pattern::Pattern;
use pilot::Pilot;
use record::Records;
pub(crate) use routes::check;
use sound::News;
use stats::Stats;

/// Between two looks at keys, signals and the state.
const LOOK: Duration = Duration::from_millis(40);

/// Runs the command. Being told to leave by a key or a signal is an end like any other: 0.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &PlayArgs) -> Result<Exit> {
    if let Some(pattern) = &args.test_pattern {
        return load_in::run(terminal, global, args, pattern);
    }
    let charge = Charge::find()?;
    match &charge {
        None if args.supervise => {
            let until = args.list.until.map(Deadline::of).transpose().map_err(misuse)?;
            return supervise::run(terminal, until);
        }
        Some(Charge { task: Task::Leave(show), .. }) => return leave(terminal, args, show),
        _ => {}
    }
    // Where frames or figures go to stdout, nothing else does.
    let figures = matches!(args.stats, Some(StatsFormat::Json(None)));
    let terminal = &terminal.beside(args.outputs.stdout || figures);
    let mut interrupt = Interrupt::listen()?;
    let call = Call::listen()?;
    let until = match charge.as_ref().and_then(Charge::until) {
        Some(until) => Some(until),
        None => args.list.until.map(Deadline::of).transpose().map_err(misuse)?,
    };
    let resumed = charge.as_ref().and_then(Charge::goes_on);
    let Some(list) = list::list(terminal, global, args, &interrupt, resumed.is_some())? else {
        return Ok(Exit::Faulty);
    };
    let night = Night::begin(terminal, args, charge.as_ref(), list, &mut interrupt)?;
    let finish = args.list.finish;
    let told = Told { interrupt: &interrupt, call: &call, records: &night.records, until, finish };
    attend(terminal, &night.billing, &night.playback, told, &night.leading)?;
    night.close(terminal)
}

/// What plays, with everything that is to be closed after it.
struct Night {
    playback: Playback<Outputs>,
    billing: Billing,
    leading: Leading,
    codes: Codes,
    records: Records,
    stats: Option<Stats>,
    telling: Option<Telling>,
}

impl Night {
    /// Opens all that the acts need, and has the first come on.
    fn begin(
        terminal: &Terminal,
        args: &PlayArgs,
        charge: Option<&Charge>,
        list: List,
        interrupt: &mut Interrupt,
    ) -> Result<Self> {
        let broken_off = charge.and_then(Charge::goes_on).and_then(|show| show.place.as_ref());
        let leader = Leader::of(args, list.acts.len(), broken_off.is_some())?;
        let words = PlayWords::of(args, leader.lead(args));
        let canvases = opened(terminal, &list.acts, &words)?;
        let headers: Vec<&Header> = canvases.iter().map(|canvas| canvas.header()).collect();
        let together = evening::together(&list.acts[0].name, &headers);
        let mut levels = levels::levels(&headers, &args.levels)?;
        // What is recorded of a show alone is its own: with its song, its patch, its cues.
        let whole = if let [only] = headers[..] { only } else { &together };
        let (mut outputs, opened, records) =
            outputs(terminal, &together, whole, &args.outputs, args.manner.last_look())?;
        levels::listen(&mut levels, &args.levels, &opened.routes, ours(terminal, &outputs))?;
        let lead = gobo_output::lead(&opened.routes).seconds();
        let evening = Evening::new(terminal, list, words, opened.universes.clone(), lead);
        let billing = evening.billing();
        let (numbers, reports) = (outputs.numbers(), outputs.watch());
        if let Some(place) = broken_off {
            place.set(levels.desk());
            place.count_on(&numbers, opened.rate);
            evening.hold(place, &mut levels, &mut outputs);
        }
        let first = evening.first(broken_off, &canvases[0])?;
        drop(canvases);
        interrupt.keep_on();
        let real_time = RealTime {
            spin: args.manner.spin.unwrap_or_default(),
            keep_memory: true,
            succeeded: charge.is_some(),
        };
        let playback = gobo_play::play_list(first, evening, levels, outputs, real_time);
        let playback = playback.map_err(refused)?;
        let telling = charge.map(|charge| Telling::begin(charge, opened, &playback, numbers));
        let telling = telling.transpose()?;
        let restarts = charge.map_or(0, |charge| charge.restarts);
        let stats = Stats::begin(args, &billing, playback.watch(), reports, restarts)?;
        let plan = lead::plan(args, lead);
        let leading = leader.take(plan, lead, playback.remote())?;
        leading.announce(terminal, args)?;
        let codes = Codes::open(args, plan, &playback.watch())?;
        Ok(Self { playback, billing, leading, codes, records, stats, telling })
    }

    /// Waits for the last look, and says what went wrong on the way.
    fn close(self, terminal: &Terminal) -> Result<Exit> {
        self.codes.report(terminal);
        let (ending, state, outputs) = self.playback.join();
        let exit = report(terminal, &state, outputs.as_ref());
        drop(outputs);
        let recorded = self.records.finish(terminal);
        let exit = if exit == Exit::Fine { recorded } else { exit };
        self.stats.map_or(Ok(()), Stats::end)?;
        match ending {
            Ending::Finished => {
                self.telling.into_iter().for_each(Telling::end);
                Ok(if self.billing.skipped() > 0 { Exit::Broken } else { exit })
            }
            Ending::Panicked(reason) => bail!("the player broke down: {reason}"),
        }
    }
}

/// What the command line says of every show.
struct PlayWords {
    places: PlaceArgs,
    audio: Option<String>,
    volume: f32,
    speed: f64,
    offset: f64,
    last_look: Option<LastLook>,
    /// Who leads the first of them.
    lead: Lead,
}

impl PlayWords {
    fn of(args: &PlayArgs, lead: Lead) -> Self {
        Self {
            places: args.places,
            audio: audio(args).map(str::to_owned),
            volume: args.manner.volume,
            speed: args.manner.speed,
            offset: args.manner.offset.unwrap_or(0.0),
            last_look: args.manner.last_look(),
            lead,
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
            volume: self.volume,
            ..Options::default()
        };
        options.range(header).map_err(refused)?;
        Ok(options)
    }
}

/// The canvases of all acts, each once, that of the first act first, opened to see that they can
/// be played as asked; what stands against that is told of all.
fn opened(terminal: &Terminal, acts: &[Act], words: &PlayWords) -> Result<Vec<Arc<Canvas>>> {
    let mut tried: Vec<(&Path, Option<Arc<Canvas>>)> = Vec::new();
    let mut errors: Vec<anyhow::Error> = Vec::new();
    for act in acts {
        let known = tried.iter().position(|(path, _)| *path == act.path);
        let index = known.unwrap_or_else(|| {
            let canvas = evening::open_any(&act.path, words.places);
            let canvas = canvas.map_err(|error| errors.push(error)).ok().map(Arc::new);
            tried.push((&act.path, canvas));
            tried.len() - 1
        });
        let Some(canvas) = &tried[index].1 else { continue };
        if let Err(error) = words.options(act, canvas.header(), 0.0) {
            errors.push(if acts.len() > 1 { named(&error, &act.name) } else { error });
        }
    }
    let Some(last) = errors.pop() else {
        return Ok(tried.into_iter().filter_map(|(_, canvas)| canvas).collect());
    };
    errors.iter().for_each(|error| terminal.error(error));
    Err(last)
}

/// A mistake with the name of the show that it is about.
fn named(error: &anyhow::Error, name: &str) -> anyhow::Error {
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
    playback: &Playback<Outputs>,
    mut told: Told<'_>,
    leading: &Leading,
) -> Result<()> {
    let remote = playback.remote();
    let mut pilot = Pilot::new(remote.clone(), playback.desk());
    let mut screen = if terminal.watched() { Screen::take(false) } else { None };
    let mut announced = None;
    let mut advise = true;
    let mut code = CodeState::None;
    let mut news = News::default();
    while !playback.is_over() {
        told.pass_on(&remote);
        let state = playback.state();
        let shown = billing.shown(state.program);
        news.hear(&state, Instant::now());
        if advise && state.sent > 0 && !state.real_time {
            match &screen {
                Some(taken) => taken.above(&status::real_time_advice()),
                None => terminal.warn(status::real_time_advice()),
            }
        }
        advise &= state.sent == 0;
        let Some(taken) = &screen else {
            let is_on = state.sent > 0 && state.status != Status::Standby;
            if is_on && announced.replace(state.program) != Some(state.program) {
                shown.map_or(Ok(()), |shown| announce(terminal, &shown))?;
            }
            leading.tell_change(terminal, std::mem::replace(&mut code, state.code), state.code);
            news.tell(terminal);
            thread::sleep(LOOK);
            continue;
        };
        let Some(shown) = shown else { continue };
        let (header, next) = (&shown.header, state.next.and_then(|next| billing.shown(next)));
        let next = next.as_ref().map(|next| next.label.as_str());
        let words = leading.words(&state, state.is_dark());
        let names = (shown.label.as_str(), next);
        taken.line(&status::line(terminal, header, &state, names, words, &news, &status::KEYS));
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

/// The sound device: none for a show that follows a timecode, whose sender makes the sound.
fn audio(args: &PlayArgs) -> Option<&str> {
    let silent = args.timecode.follow.as_ref().map(|_| "none");
    args.manner.audio.as_deref().or(silent)
}

/// The senders of timecode.
struct Codes(Vec<CodeSender>);

impl Codes {
    fn open(args: &PlayArgs, plan: CodePlan, watch: &Watch) -> Result<Self> {
        let targets = args.timecode.send_timecode.iter();
        let senders = targets.map(|to| {
            let watch = watch.clone();
            CodeSender::open(&to.0, plan, move || watch.state().course)
        });
        Ok(Self(senders.collect::<Result<_, _>>()?))
    }

    fn report(&self, terminal: &Terminal) {
        for fault in self.0.iter().filter_map(CodeSender::fault) {
            terminal.warn(format_args!("timecode was not sent at times: {fault}"));
        }
    }
}

/// Leaves the last look of a show that nobody plays any more.
fn leave(terminal: &Terminal, args: &PlayArgs, show: &Show) -> Result<Exit> {
    let Show { opened, place } = show;
    let mut outputs = opened_again(terminal, &args.outputs, opened, None)?;
    if let Some(place) = place {
        place.count_on(&outputs.numbers(), opened.rate);
    }
    let dark = vec![[0; SLOTS]; opened.universes.len()];
    outputs.finish(&dark);
    Ok(report(terminal, &State::default(), Some(&outputs)))
}
