//! `gobo monitor`: what is on the wire, seen as a conforming node sees it.
//! Sends nothing, but for answers to ArtPoll when asked to announce itself.

mod feed;
mod intervals;
mod lines;
mod record;
mod sheet;
mod stage;
mod view;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gobo_canvas::PatchedFixture;
use gobo_dmx::{MergeMode, Universe, UniverseSet};
use gobo_output::{Event, Receiver, ReceiverOptions};
use gobo_timecode::ArtTimeCode;

use crate::args::{Global, MonitorArgs};
use crate::canvas::{bytes, open};
use crate::failure::Exit;
use crate::project::shown;
use crate::screen::{Interrupt, Key, Screen};
use crate::terminal::Terminal;
use crate::value::minutes;
use crate::venue;
use feed::{Departed, feeds};
use intervals::Intervals;
use record::Recorder;
use view::View;

/// Between two pages on a terminal.
const PAGE: Duration = Duration::from_millis(33);
/// Between two lines where there is none.
const LINE: Duration = Duration::from_secs(1);

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &MonitorArgs) -> Result<Exit> {
    let mut interrupt = Interrupt::listen()?;
    let Some(patch) = patch(terminal, global, args)? else { return Ok(Exit::Faulty) };
    let recorder = recorder(args)?;
    let options = ReceiverOptions {
        artnet: Some(SocketAddr::new(args.bind, args.artnet_port)),
        sacn: Some(SocketAddr::new(args.bind, args.sacn_port)),
        multicast: args.sacn.clone().unwrap_or_default(),
        interface: args.interface.clone(),
        merge: MergeMode::Htp,
        answer_polls: args.announce,
        subscriptions: args.only.clone().unwrap_or_default(),
    };
    let receiver = Receiver::open(&options)?;
    let mut session = Session {
        terminal,
        args,
        receiver,
        recorder,
        departed: Departed::default(),
        intervals: Intervals::default(),
        dropped: 0,
        looked: Instant::now(),
        timecode: None,
        only: args.only.clone().unwrap_or_else(UniverseSet::all),
        start: Instant::now(),
    };
    interrupt.keep_on();
    session.begin()?;
    session.run(&interrupt, patch)?;
    session.finish()
}

/// The fixtures to show; `None` when their venue has errors, which are printed.
fn patch(
    terminal: &Terminal,
    global: &Global,
    args: &MonitorArgs,
) -> Result<Option<Vec<PatchedFixture>>> {
    match (&args.canvas, &args.venue) {
        (Some(path), _) => Ok(Some(open(path)?.header().patch.clone())),
        (None, Some(name)) => Ok(venue::header(terminal, global, name)?.map(|header| header.patch)),
        (None, None) => Ok(Some(Vec::new())),
    }
}

fn recorder(args: &MonitorArgs) -> Result<Option<Recorder>> {
    let Some(path) = &args.record else { return Ok(None) };
    Ok(Some(match &args.like {
        Some(pattern) => Recorder::like(path, open(pattern)?),
        None => Recorder::free(path, args.fps.unwrap_or_default()),
    }))
}

/// A monitor at work.
struct Session<'a> {
    terminal: &'a Terminal,
    args: &'a MonitorArgs,
    receiver: Receiver,
    recorder: Option<Recorder>,
    departed: Departed,
    intervals: Intervals,
    /// Packets lost in this machine, as far as they were told.
    dropped: u64,
    /// When they were looked for.
    looked: Instant,
    /// The timecode heard since the last line, and who sends it.
    timecode: Option<(SocketAddr, ArtTimeCode)>,
    only: UniverseSet,
    start: Instant,
}

impl Session<'_> {
    /// Says where it listens.
    fn begin(&self) -> Result<()> {
        let (artnet, sacn) = (self.receiver.artnet_address(), self.receiver.sacn_address());
        match self.args.json {
            true => self.terminal.line(lines::listening(artnet, sacn)),
            false => Ok(()),
        }
    }

    fn title(&self) -> String {
        let address = |address: Option<SocketAddr>| {
            address.map(|address| address.to_string()).unwrap_or_default()
        };
        let artnet = address(self.receiver.artnet_address());
        let sacn = address(self.receiver.sacn_address());
        format!("gobo monitor  Art-Net at {artnet}, E1.31 at {sacn}")
    }

    /// Listens until told to leave.
    fn run(&mut self, interrupt: &Interrupt, patch: Vec<PatchedFixture>) -> Result<()> {
        let mut view = View::new(patch, self.title());
        let screen = if self.args.json || self.terminal.quiet { None } else { Screen::take(true) };
        if screen.is_none() && !self.args.json {
            self.terminal.status(&view.title)?;
        }
        let period = if screen.is_some() { PAGE } else { LINE };
        let mut next = self.start + if screen.is_some() { Duration::ZERO } else { LINE };
        loop {
            let wait = next.saturating_duration_since(Instant::now()).min(PAGE);
            self.listen(wait)?;
            let left = screen.as_ref().is_some_and(|screen| {
                matches!(screen.key(Duration::ZERO), Err(_) | Ok(Some(Key::Leave)))
            });
            if left || interrupt.came() || self.is_over() {
                return Ok(());
            }
            if Instant::now() >= next {
                next = Instant::now().max(next + period);
                match &screen {
                    Some(screen) => self.draw(screen, &mut view),
                    None => self.print()?,
                }
            }
        }
    }

    /// Takes what comes, for a while at most.
    fn listen(&mut self, wait: Duration) -> Result<()> {
        let Self {
            receiver, recorder, departed, intervals, timecode, only, args, terminal, ..
        } = self;
        let mut failed = Ok(());
        receiver
            .receive(wait, |event| {
                if universe_of(&event).is_some_and(|universe| !only.contains(universe)) {
                    return;
                }
                let line = if args.json { lines::event(&event) } else { None };
                if let Some(line) = line.filter(|_| failed.is_ok()) {
                    failed = terminal.line(line);
                }
                match event {
                    Event::Joined { universe, source } => departed.join(universe, source),
                    Event::Left { universe, source, parting, .. } => {
                        departed.leave(universe, source, parting);
                        intervals.forget(source.id, universe);
                    }
                    Event::TimeCode { from, code } => *timecode = Some((from, code)),
                    Event::Levels { universe, levels, source } => {
                        intervals.hear(source.id, universe, Instant::now());
                        let Some(recorder) = recorder.as_mut().filter(|_| failed.is_ok()) else {
                            return;
                        };
                        failed = recorder.put(Instant::now(), universe, levels);
                    }
                    _ => {}
                }
            })
            .context("cannot listen any more")?;
        failed
    }

    /// Whether what was to be waited for has come.
    fn is_over(&self) -> bool {
        let seconds = self.start.elapsed().as_secs_f64();
        let mut heard = self.receiver.arbiter().universes().peekable();
        let silent = heard.peek().is_some() && heard.all(|(_, heard)| heard.sources().is_empty());
        self.args.seconds.is_some_and(|limit| seconds >= limit) || self.args.until_end && silent
    }

    fn feeds(&self) -> Vec<feed::Feed> {
        feeds(self.receiver.arbiter(), &self.departed, Instant::now())
    }

    fn draw(&mut self, screen: &Screen, view: &mut View) {
        if self.looked.elapsed() >= LINE && self.has_lost_more() {
            view.title = format!("{}  {}", self.title(), lost_here(self.dropped));
        }
        let page = view.page(self.receiver.arbiter(), &self.feeds(), self.terminal.size());
        screen.page(&page.lines(self.terminal.colored_err()));
    }

    /// Whether this machine has lost more packets than it had before.
    fn has_lost_more(&mut self) -> bool {
        self.looked = Instant::now();
        let dropped = self.receiver.dropped_here().unwrap_or(0);
        std::mem::replace(&mut self.dropped, dropped) < dropped
    }

    fn print(&mut self) -> Result<()> {
        let more = self.has_lost_more();
        let timecode = self.timecode.take();
        if !self.args.json {
            let seconds = self.start.elapsed().as_secs_f64();
            if more {
                self.terminal.status(lost_here(self.dropped))?;
            }
            if let Some((from, ArtTimeCode { code, .. })) = timecode {
                let from = from.ip();
                self.terminal
                    .status(format_args!("{seconds:>6.1} s  timecode {code} from {from}"))?;
            }
            return lines::plain(self.terminal, &self.feeds(), seconds);
        }
        if let Some((from, code)) = timecode {
            self.terminal.line(lines::timecode(from, code))?;
        }
        let wanted = |universe| self.only.contains(universe);
        if more {
            self.terminal.line(lines::dropped(self.dropped))?;
        }
        let (arbiter, intervals) = (self.receiver.arbiter(), &self.intervals);
        for line in lines::universes(arbiter, intervals, wanted, Instant::now()) {
            self.terminal.line(line)?;
        }
        Ok(())
    }

    /// Says what was heard, and writes what was recorded.
    fn finish(self) -> Result<Exit> {
        if !self.args.json {
            for feed in self.feeds() {
                self.terminal.status(feed.words())?;
            }
            if let Some(dropped @ 1..) = self.receiver.dropped_here() {
                self.terminal.status(lost_here(dropped))?;
            }
            for (kind, count) in self.receiver.arbiter().refused() {
                self.terminal.status(format_args!("{count} packets refused: {kind}"))?;
            }
        }
        let (Some(recorder), Some(path)) = (self.recorder, &self.args.record) else {
            return Ok(Exit::Fine);
        };
        let Some(header) = recorder.finish()? else {
            bail!("nothing was heard, so nothing was recorded");
        };
        if !self.args.json {
            let size = std::fs::metadata(path).map_or(0, |file| file.len());
            let length = minutes(header.seconds());
            let (path, size) = (shown(path), bytes(size));
            self.terminal.status(format_args!("recorded {path}: {length}, {size}"))?;
        }
        Ok(Exit::Fine)
    }
}

/// Where losses are not the sender's.
fn lost_here(packets: u64) -> String {
    format!(
        "{packets} packets lost in this machine, which was too slow to read them: not the sender's \
         doing"
    )
}

fn universe_of(event: &Event<'_>) -> Option<Universe> {
    match event {
        Event::Joined { universe, .. }
        | Event::Levels { universe, .. }
        | Event::Left { universe, .. } => Some(*universe),
        _ => None,
    }
}
