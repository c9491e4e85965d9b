//! What an edition plays on: outputs, sound, the player.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use gobo_dmx::LastLook;
use gobo_live::{Edition, Live, Part, Stock};
use gobo_output::Outputs;
use gobo_play::{
    Desk, Ending, Options, Playback, RealTime, Remote, Resume, Settings, Soundtrack, State, Status,
    Watch,
};

use crate::args::WatchArgs;
use crate::failure::Exit;
use crate::play::record::Records;
use crate::play::{levels, ours, outputs, report, sound};
use crate::terminal::Terminal;

/// Hands and eyes on what plays.
#[derive(Clone)]
pub(super) struct Hands {
    pub(super) remote: Remote,
    pub(super) watch: Watch,
    pub(super) desk: Desk,
}

/// What the command line says of how a show is played.
pub(super) struct Words<'a> {
    pub(super) terminal: &'a Terminal,
    pub(super) args: &'a WatchArgs,
    /// Where the show's canvas lies, and its song is looked for.
    pub(super) canvas: PathBuf,
}

/// A sound, and what it lives by.
type Sounding = (Box<dyn Soundtrack>, Box<dyn Any + Send>);

impl Words<'_> {
    /// The song of an edition on its device.
    pub(super) fn sound(&self, edition: &Edition) -> Result<Option<Sounding>> {
        let device = self.args.audio.as_deref();
        let opened = sound::open(self.terminal, &self.canvas, edition.header(), device)?;
        Ok(opened.map(|(kept, link)| -> Sounding { (Box::new(link), Box::new(kept)) }))
    }

    fn last_look(&self) -> Option<LastLook> {
        match (self.args.blackout, self.args.hold) {
            (true, _) => Some(LastLook::Blackout),
            (_, true) => Some(LastLook::Hold),
            _ => None,
        }
    }

    /// Whether what is sent is written down, which ties it to its universes.
    pub(super) fn is_recorded(&self) -> bool {
        !self.args.outputs.record.is_empty()
    }
}

/// What another stage was like when it was struck.
struct Struck {
    speed: f64,
    settings: Settings,
    numbers: Vec<Vec<u8>>,
}

/// What plays, with everything that is to be closed after it.
pub(super) struct Raised {
    pub(super) live: Live,
    /// How editions are played.
    pub(super) told: Options,
    playback: Playback<Outputs>,
    records: Records,
    numbers: gobo_output::Numbers,
}

impl Raised {
    /// Opens all that an edition needs, and has it come on; or has it stand at a place, in seconds.
    pub(super) fn new(
        words: &Words<'_>,
        edition: &Arc<Edition>,
        stock: &Arc<Stock>,
        part: Part,
        stands_at: Option<f64>,
    ) -> Result<Self> {
        let resume = stands_at.map(|seconds| Resume { seconds, since: None, playing: false });
        Self::raise(words, edition, stock, part, (resume, None))
    }

    /// Opens all anew for an edition with other universes or outputs, and goes on from the place
    /// where this stage is.
    pub(super) fn anew(
        self,
        words: &Words<'_>,
        edition: &Arc<Edition>,
        stock: &Arc<Stock>,
    ) -> Result<Self> {
        let (part, settings) = (self.live.part(), self.playback.desk().settings());
        self.playback.remote().hand_on();
        let numbers = self.numbers;
        let (_, state, outputs) = self.playback.join();
        let numbers = numbers.read();
        drop(outputs);
        let since = state.at.filter(|_| state.status == Status::Playing);
        let playing = state.status != Status::Paused;
        let resume = Resume { seconds: state.seconds, since, playing };
        let struck = Struck { speed: state.speed, settings, numbers };
        Self::raise(words, edition, stock, part, (Some(resume), Some(struck)))
    }

    fn raise(
        words: &Words<'_>,
        edition: &Arc<Edition>,
        stock: &Arc<Stock>,
        part: Part,
        (resume, struck): (Option<Resume>, Option<Struck>),
    ) -> Result<Self> {
        let (terminal, args, header) = (words.terminal, words.args, edition.header());
        let mut levels = levels::levels(&[header], &args.levels)?;
        let (outputs, opened, records) =
            outputs(terminal, header, header, &args.outputs, words.last_look())?;
        levels::listen(&mut levels, &args.levels, &opened.routes, ours(terminal, &outputs))?;
        let lead = gobo_output::lead(&opened.routes).seconds();
        let numbers = outputs.numbers();
        let mut told = Options {
            speed: args.speed,
            offset: args.offset.unwrap_or(0.0) - lead,
            last_look: words.last_look(),
            volume: args.volume,
            ..Options::default()
        };
        let mut first = Options { resume, ..told };
        if let Some(struck) = struck {
            levels.desk().set(struck.settings);
            numbers.go_on(&struck.numbers, 1);
            (told.speed, first.speed) = (struck.speed, struck.speed);
        }
        let (sound, kept) = words.sound(edition)?.unzip();
        let universes = opened.universes;
        let program = gobo_live::first(edition, stock, sound, &universes, part, &first)?;
        let program = match kept {
            Some(kept) => program.keeping(kept),
            None => program,
        };
        let real_time =
            RealTime { spin: args.spin.unwrap_or_default(), keep_memory: true, succeeded: false };
        let (playback, handover) = gobo_play::play_live(program, levels, outputs, real_time)?;
        let ends = (handover, playback.remote(), playback.watch());
        let live = Live::new(Arc::clone(edition), Arc::clone(stock), universes, part, ends);
        Ok(Self { live, told, playback, records, numbers })
    }

    /// Hands and eyes on it.
    pub(super) fn hands(&self) -> Hands {
        let playback = &self.playback;
        Hands { remote: playback.remote(), watch: playback.watch(), desk: playback.desk() }
    }

    /// Where it is.
    pub(super) fn state(&self) -> State {
        self.playback.state()
    }

    /// Whether it is over, or nobody takes what is recorded any more.
    pub(super) fn is_over(&self) -> bool {
        self.playback.is_over() || self.records.abandoned()
    }

    /// Leaves the last look, and says what went wrong on the way.
    pub(super) fn close(self, terminal: &Terminal) -> Result<Exit> {
        self.playback.remote().stop();
        let (ending, state, outputs) = self.playback.join();
        let exit = report(terminal, &state, outputs.as_ref());
        drop(outputs);
        let recorded = self.records.finish(terminal);
        match ending {
            Ending::Finished => Ok(if exit == Exit::Fine { recorded } else { exit }),
            Ending::Panicked(reason) => anyhow::bail!("the player broke down: {reason}"),
        }
    }
}
