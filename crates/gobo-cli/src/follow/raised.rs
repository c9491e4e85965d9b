//! What an edition plays on: outputs, sound, the player.

use std::any::Any;
use std::sync::Arc;

use anyhow::Result;
use gobo_dmx::{Route, SLOTS, Universe};
use gobo_live::{Edition, Hands, Live, Part, Stock};
use gobo_output::Outputs;
use gobo_play::{
    Ending, Levels, Options, Playback, Program, RealTime, Resume, Settings, Soundtrack, State,
    Status, Tap, Tapped,
};

use crate::args::{LevelArgs, MannerArgs, OutputArgs};
use crate::failure::Exit;
use crate::play::memo::Opened;
use crate::play::record::Records;
use crate::play::{levels, opened_again, ours, outputs, report, sound};
use crate::project::Project;
use crate::terminal::Terminal;

/// What the command line says of how a show is played.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) terminal: &'a Terminal,
    pub(crate) project: &'a Project,
    pub(crate) manner: &'a MannerArgs,
    pub(crate) levels: &'a LevelArgs,
    pub(crate) outputs: &'a OutputArgs,
    /// Whether nothing of the show is to be seen at first.
    pub(crate) stands_by: bool,
}

/// A sound, and what it lives by.
type Sounding = (Box<dyn Soundtrack>, Box<dyn Any + Send>);

impl Words<'_> {
    /// The song of an edition on its device.
    pub(crate) fn sound(&self, edition: &Edition) -> Result<Option<Sounding>> {
        let device = self.manner.audio.as_deref();
        // The song is looked for from where the show's canvas lies.
        let canvas = self.project.canvas(&edition.header().name);
        let opened = sound::open(self.terminal, &canvas, edition.header(), device)?;
        Ok(opened.map(|(kept, link)| -> Sounding { (Box::new(link), Box::new(kept)) }))
    }

    /// Opens all that an edition needs, and closes it again before anything is sent. What would be
    /// recorded is left as it is.
    pub(crate) fn check(&self, edition: &Arc<Edition>) -> Result<()> {
        if self.is_recorded() {
            return self.sound(edition).map(drop);
        }
        let part = Part { from: 0.0, to: None, repeat: false };
        Ready::new(self, edition, &Arc::default(), part, (None, None)).map(drop)
    }

    /// Leaves what was sent to before, and is not now, dark.
    fn put_out(&self, before: &Opened, now: &Opened) -> Result<()> {
        let left = |route: &Route| {
            let alike = now.routes.iter().filter(|one| {
                one.protocol == route.protocol
                    && one.delivery == route.delivery
                    && one.offset == route.offset
            });
            let is_sent = |universe: &Universe| {
                now.universes.contains(universe)
                    && alike.clone().any(|one| one.universes.contains(*universe))
            };
            let sent = before.universes.iter().filter(|one| route.universes.contains(**one));
            let universes = sent.filter(|one| !is_sent(one)).copied().collect();
            Route { universes, ..route.clone() }
        };
        let left = before.routes.iter().map(left).filter(|route| !route.universes.is_empty());
        let opened = Opened { routes: left.collect(), ..before.clone() };
        if !opened.routes.is_empty() {
            let mut outputs = opened_again(self.terminal, self.outputs, &opened, None)?;
            outputs.finish(&vec![[0; SLOTS]; opened.universes.len()]);
        }
        Ok(())
    }

    /// Whether what is sent is written down, which ties it to its universes.
    pub(crate) fn is_recorded(&self) -> bool {
        !self.outputs.record.is_empty()
    }
}

/// All that is opened for an edition, before anything of it is sent.
struct Ready {
    program: Program,
    levels: Levels,
    outputs: Outputs,
    opened: Opened,
    records: Records,
    told: Options,
}

impl Ready {
    /// Opens it, to go on at a place with the levels of another stage, if there is one.
    fn new(
        words: &Words<'_>,
        edition: &Arc<Edition>,
        stock: &Arc<Stock>,
        part: Part,
        (resume, before): (Option<Resume>, Option<(f64, Settings)>),
    ) -> Result<Self> {
        let (terminal, manner, header) = (words.terminal, words.manner, edition.header());
        let mut levels = levels::levels(&[header], words.levels)?;
        let (outputs, opened, records) =
            outputs(terminal, header, header, words.outputs, manner.last_look())?;
        levels::listen(&mut levels, words.levels, &opened.routes, ours(terminal, &outputs))?;
        let lead = gobo_output::lead(&opened.routes).seconds();
        let mut told = Options {
            speed: manner.speed,
            offset: manner.offset.unwrap_or(0.0) - lead,
            last_look: manner.last_look(),
            volume: manner.volume,
            ..Options::default()
        };
        match before {
            Some((speed, settings)) => {
                levels.desk().set(settings);
                told.speed = speed;
            }
            None => levels.desk().set_stands_by(words.stands_by),
        }
        let (sound, kept) = words.sound(edition)?.unzip();
        let first = Options { resume, ..told };
        let program = gobo_live::first(edition, stock, sound, &opened.universes, part, &first)?;
        let program = match kept {
            Some(kept) => program.keeping(kept),
            None => program,
        };
        Ok(Self { program, levels, outputs, opened, records, told })
    }

    /// Has it come on.
    fn start(
        self,
        words: &Words<'_>,
        edition: &Arc<Edition>,
        stock: &Arc<Stock>,
        part: Part,
    ) -> Result<Raised> {
        let Self { program, levels, outputs, opened, records, told } = self;
        let numbers = outputs.numbers();
        let spin = words.manner.spin.unwrap_or_default();
        let real_time = RealTime { spin, keep_memory: true, succeeded: false };
        let (outputs, tap) = Tapped::new(outputs, opened.universes.len());
        let (playback, handover) = gobo_play::play_live(program, levels, outputs, real_time)?;
        let ends = (handover, playback.remote(), playback.watch());
        let universes = opened.universes.clone();
        let live = Live::new(Arc::clone(edition), Arc::clone(stock), universes, part, ends);
        Ok(Raised { live, told, tap: Some(tap), playback, opened, records, numbers })
    }
}

/// Why another stage was not raised.
pub(crate) enum Unraised {
    /// It could not be opened: the one before plays on.
    Kept(Box<Raised>, anyhow::Error),
    /// The system gives no thread for it, and the one before is struck.
    Lost(anyhow::Error),
}

/// What plays, with everything that is to be closed after it.
pub(crate) struct Raised {
    pub(crate) live: Live,
    /// How editions are played.
    pub(crate) told: Options,
    /// A tap on what goes out, until somebody takes it.
    pub(crate) tap: Option<Tap>,
    playback: Playback<Tapped<Outputs>>,
    opened: Opened,
    records: Records,
    numbers: gobo_output::Numbers,
}

impl Raised {
    /// Opens all that an edition needs, and has it come on; or has it stand at a place, in seconds.
    pub(crate) fn new(
        words: &Words<'_>,
        edition: &Arc<Edition>,
        stock: &Arc<Stock>,
        part: Part,
        stands_at: Option<f64>,
    ) -> Result<Self> {
        let resume = stands_at.map(|seconds| Resume { seconds, since: None, playing: false });
        let ready = Ready::new(words, edition, stock, part, (resume, None))?;
        ready.start(words, edition, stock, part)
    }

    /// Opens all anew for an edition with other universes or outputs, and goes on from the place
    /// where this stage is. What is not sent to any more goes dark.
    pub(crate) fn anew(
        self,
        words: &Words<'_>,
        edition: &Arc<Edition>,
        stock: &Arc<Stock>,
    ) -> Result<Self, Unraised> {
        let (part, state) = (self.live.part(), self.playback.state());
        let since = state.at.filter(|_| state.status == Status::Playing);
        let playing = state.status != Status::Paused;
        let resume = Resume { seconds: state.seconds, since, playing };
        let before = (state.speed, self.playback.desk().settings());
        let ready = Ready::new(words, edition, stock, part, (Some(resume), Some(before)));
        let ready = match ready {
            Ok(ready) => ready,
            Err(error) => return Err(Unraised::Kept(Box::new(self), error)),
        };
        let Self { playback, opened, numbers, .. } = self;
        playback.remote().hand_on();
        drop(playback.join());
        ready.outputs.numbers().go_on(&numbers.read(), 0);
        let raised = ready.start(words, edition, stock, part).map_err(Unraised::Lost)?;
        // Without that the show goes on all the same.
        let _ = words.put_out(&opened, &raised.opened);
        Ok(raised)
    }

    /// Where it goes.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.opened.routes
    }

    /// Hands and eyes on it.
    pub(crate) fn hands(&self) -> Hands {
        let playback = &self.playback;
        Hands { remote: playback.remote(), watch: playback.watch(), desk: playback.desk() }
    }

    /// Where it is.
    pub(crate) fn state(&self) -> State {
        self.playback.state()
    }

    /// Whether it is over, or nobody takes what is recorded any more.
    pub(crate) fn is_over(&self) -> bool {
        self.playback.is_over() || self.records.abandoned()
    }

    /// Leaves the last look, and says what went wrong on the way.
    pub(crate) fn close(self, terminal: &Terminal) -> Result<Exit> {
        self.playback.remote().stop();
        let (ending, state, outputs) = self.playback.join();
        let outputs = outputs.map(Tapped::into_inner);
        let exit = report(terminal, &state, outputs.as_ref());
        drop(outputs);
        let recorded = self.records.finish(terminal);
        match ending {
            Ending::Finished => Ok(if exit == Exit::Fine { recorded } else { exit }),
            Ending::Panicked(reason) => anyhow::bail!("the player broke down: {reason}"),
        }
    }
}
