//! The loop: a save comes, the sources are read, the player goes on with what they say.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use gobo_live::{
    Changes, Compiled, Compiler, Edition, Ground, Part, Shown, SoundChange, Steps, Stock, Unloaded,
};
use gobo_play::State;
use gobo_show::Diagnostic;

use super::idle::{Change, Idle};
use super::kept::KeptWorld;
use super::raised::{Raised, Unraised, Words};
use super::saves::{Inbox, News, Saved, Saves};
use super::{Audience, Command, Edit, Manner, OnStage, Took};
use crate::args::OnEdit;

/// How often files are looked at that the system may not tell of: it loses events, and some file
/// systems have none.
const LOOK: Duration = Duration::from_millis(500);
/// How long a file with errors may be half-written.
const HALF_WRITTEN: Duration = Duration::from_millis(150);
/// The longest that saves which follow each other are taken for one.
const LONGEST: Duration = Duration::from_millis(250);
/// The longest that an edition may take to come on.
const PATIENCE: Duration = Duration::from_millis(250);

/// Follows edits.
pub(crate) struct Follower<'a> {
    words: &'a Words<'a>,
    manner: Manner,
    pub(crate) audience: Arc<dyn Audience>,
    saves: Saves<Command>,
    world: KeptWorld,
    compiler: Compiler,
    show: String,
    stock: Arc<Stock>,
    /// Files that have changed and are not played yet.
    changed: BTreeSet<String>,
    /// Files that have changed and are not read yet.
    unread: BTreeSet<String>,
}

impl<'a> Follower<'a> {
    /// Follows a show; gives where commands go, too.
    pub(crate) fn new(
        words: &'a Words<'a>,
        manner: Manner,
        show: &str,
        audience: Arc<dyn Audience>,
    ) -> (Self, Sender<Inbox<Command>>, Arc<Stock>) {
        let asks = manner.follows && manner.poll.is_none();
        let (saves, commands, untold) = Saves::new(!asks);
        if let Some(error) = untold {
            audience.note(&format!("the system tells of no changes ({error}): files are polled"));
        }
        let stock = Arc::new(Stock::default());
        let follower = Self {
            words,
            manner,
            audience,
            saves,
            world: KeptWorld::new(words.project.root()),
            compiler: Compiler::default(),
            show: show.to_owned(),
            stock: Arc::clone(&stock),
            changed: BTreeSet::new(),
            unread: BTreeSet::new(),
        };
        (follower, commands, stock)
    }

    /// How long to wait for news.
    fn wait(&self) -> Duration {
        self.manner.poll.unwrap_or(LOOK)
    }

    /// The first edition: that of now, or that of the save that mends it.
    pub(crate) fn first(&mut self, is_over: impl Fn() -> bool) -> Option<Arc<Edition>> {
        let mut compiled = self.compile();
        loop {
            self.audience.diagnostics(&compiled.diagnostics);
            if let Some(edition) = compiled.edition {
                self.audience.watching(&self.show, self.world.count());
                return Some(edition);
            }
            compiled = loop {
                if is_over() {
                    return None;
                }
                let saved = match self.saves.next(self.wait().min(LOOK / 5)) {
                    News::Files(saved) => saved,
                    News::Nothing => Saved::unnamed(),
                    News::Other => continue,
                    News::Command(Command::Leave) => return None,
                    News::Command(command) => match self.mends(command) {
                        true => Saved::unnamed(),
                        false => continue,
                    },
                };
                if let Some((compiled, _)) = self.take_in(saved) {
                    break compiled;
                }
            };
        }
    }

    /// Obeys before there is anything to play; whether files may be others by now.
    fn mends(&mut self, command: Command) -> bool {
        match command {
            Command::Do(act) => {
                act(&Ground { root: self.words.project.root(), world: &self.world, edition: None })
            }
            Command::Load(show, told) => {
                self.show = show;
                (self.world, self.compiler) = (self.anew(), Compiler::default());
                self.unread.insert(String::new());
                told(Ok(()));
                true
            }
            Command::Reload => {
                self.world = self.anew();
                self.unread.insert(String::new());
                true
            }
            Command::Apply | Command::Play(_) | Command::Leave => false,
        }
    }

    /// The files with nothing of them read yet.
    fn anew(&self) -> KeptWorld {
        KeptWorld::new(self.words.project.root())
    }

    /// Follows edits until told to leave, or until nothing plays any more.
    pub(crate) fn run(mut self, mut raised: Raised, idle: &Idle) -> Result<Raised> {
        while !raised.is_over() {
            match self.saves.next(self.wait()) {
                News::Files(saved) => raised = self.follow(saved, raised, idle)?,
                News::Nothing if self.manner.follows => {
                    raised = self.follow(Saved::unnamed(), raised, idle)?;
                }
                News::Nothing | News::Other => {}
                News::Command(Command::Leave) => break,
                News::Command(command) => raised = self.obey(command, raised, idle)?,
            }
        }
        idle.interrupt();
        Ok(raised)
    }

    fn obey(&mut self, command: Command, mut raised: Raised, idle: &Idle) -> Result<Raised> {
        match command {
            Command::Apply => self.apply(raised, idle),
            Command::Play(part) => {
                self.play(part, &mut raised);
                Ok(raised)
            }
            Command::Reload => {
                (self.world, self.unread) = (self.anew(), BTreeSet::from([String::new()]));
                self.take_on(Saved::unnamed(), raised, idle)
            }
            Command::Load(show, told) => self.load(show, told, raised, idle),
            Command::Do(act) => {
                let edition = Some(raised.live.edition());
                let root = self.words.project.root();
                match act(&Ground { root, world: &self.world, edition }) {
                    true => self.take_on(Saved::unnamed(), raised, idle),
                    false => Ok(raised),
                }
            }
            Command::Leave => Ok(raised),
        }
    }

    /// Plays another show, if there is one without errors.
    fn load(
        &mut self,
        show: String,
        told: Box<dyn FnOnce(Result<(), Unloaded>) + Send>,
        raised: Raised,
        idle: &Idle,
    ) -> Result<Raised> {
        let (world, mut compiler) = (self.anew(), Compiler::default());
        world.begin();
        let Compiled { edition, diagnostics, .. } = compiler.compile(&world, &show);
        let Some(edition) = edition else {
            told(Err(Unloaded::Faulty(diagnostics)));
            return Ok(raised);
        };
        idle.interrupt();
        let raised = match self.bring_on(&edition, raised) {
            Ok((stage, _)) => stage,
            Err(Unraised::Kept(stage, error)) => {
                told(Err(Unloaded::Unplayable(format!("{error:#}"))));
                return Ok(*stage);
            }
            Err(Unraised::Lost(error)) => return Err(error),
        };
        (self.world, self.compiler, self.show) = (world, compiler, show);
        self.saves.watch(self.world.folders(), self.world.files());
        Ok(self.begin(edition, &diagnostics, raised, idle, told))
    }

    /// Plays a show that was loaded from its start.
    fn begin(
        &mut self,
        edition: Arc<Edition>,
        diagnostics: &[Diagnostic],
        mut raised: Raised,
        idle: &Idle,
        told: impl FnOnce(Result<(), Unloaded>),
    ) -> Raised {
        self.changed.clear();
        self.play(Part::default(), &mut raised);
        raised.hands().remote.seek(0.0);
        self.see(&mut raised);
        self.audience.watching(&self.show, self.world.count());
        self.audience.diagnostics(diagnostics);
        idle.tell(Change { before: None, edition, seconds: 0.0 });
        told(Ok(()));
        raised
    }

    /// Plays what was saved, or holds it.
    fn follow(&mut self, saved: Saved, raised: Raised, idle: &Idle) -> Result<Raised> {
        if self.manner.hold_edits {
            let changed = self.world.sweep(&saved.files);
            if !changed.is_empty() {
                self.changed.extend(changed);
                self.audience.held(&self.changed);
            }
            return Ok(raised);
        }
        self.take_on(saved, raised, idle)
    }

    /// Plays what was saved.
    fn take_on(&mut self, saved: Saved, raised: Raised, idle: &Idle) -> Result<Raised> {
        let at = saved.at;
        let Some((compiled, took)) = self.take_in(saved) else { return Ok(raised) };
        self.put_on(compiled, took, at, raised, idle)
    }

    /// Plays the edits that are held.
    fn apply(&mut self, raised: Raised, idle: &Idle) -> Result<Raised> {
        if self.changed.is_empty() {
            return Ok(raised);
        }
        self.audience.held(&BTreeSet::new());
        let at = Instant::now();
        let compiled = self.compile();
        self.put_on(compiled, at.elapsed(), at, raised, idle)
    }

    /// What the sources come to after a save, once nothing more belongs to it; and how long it took
    /// until the last of them was known. `None` if nothing that the show is made of has changed.
    ///
    /// The sources are read at once; the time in which more may come passes meanwhile.
    fn take_in(&mut self, mut saved: Saved) -> Option<(Compiled, Duration)> {
        self.saves.until_closed(&mut saved);
        let mut changed = self.world.sweep(&saved.files);
        changed.append(&mut self.unread);
        if changed.is_empty() {
            return None;
        }
        loop {
            self.changed.append(&mut changed);
            let (noticed, since) = (saved.at.elapsed(), saved.last());
            let compiled = self.compile();
            let has_errors = compiled.edition.is_none();
            let quiet = if has_errors { Some(HALF_WRITTEN) } else { None };
            // What happens to files that are not read does not count.
            while changed.is_empty() && self.saves.more(&mut saved, since, quiet) {
                changed = self.world.sweep(&saved.files);
            }
            // Saves without a pause are seen now and then.
            let is_long = !has_errors && saved.at.elapsed() > LONGEST;
            if changed.is_empty() || is_long {
                self.unread = changed;
                return Some((compiled, noticed));
            }
        }
    }

    /// Reads the sources, and from then on hears of what was read.
    fn compile(&mut self) -> Compiled {
        self.world.begin();
        let compiled = self.compiler.compile(&self.world, &self.show);
        self.saves.watch(self.world.folders(), self.world.files());
        compiled
    }

    /// Has an edition come on, if there is no error.
    fn put_on(
        &mut self,
        compiled: Compiled,
        notice: Duration,
        at: Instant,
        mut raised: Raised,
        idle: &Idle,
    ) -> Result<Raised> {
        let Compiled { edition, diagnostics, steps } = compiled;
        let Some(edition) = edition else {
            self.audience.diagnostics(&diagnostics);
            return Ok(raised);
        };
        idle.interrupt();
        let before = Arc::clone(raised.live.edition());
        let shown = match self.bring_on(&edition, raised) {
            Ok((stage, shown)) => {
                raised = stage;
                shown
            }
            Err(Unraised::Kept(stage, error)) => {
                self.audience.note(&format!("this edit cannot be played: {error:#}"));
                return Ok(*stage);
            }
            Err(Unraised::Lost(error)) => return Err(error),
        };
        self.see(&mut raised);
        let state = on_stage(&raised, shown.as_ref());
        let took = took(notice, steps, at, shown.as_ref(), &state);
        let changes = Changes::of_cues(&before, &edition);
        let goal = self.go(&changes, &raised);
        let edit = Edit {
            files: std::mem::take(&mut self.changed),
            changes,
            place: state.seconds,
            steps: took,
            rendered: shown.map_or(0, |shown| shown.rendered),
            note: shown.and_then(|shown| note(&shown)),
        };
        self.audience.edited(&edit, goal);
        self.audience.diagnostics(&diagnostics);
        idle.tell(Change { before: Some(before), edition, seconds: state.seconds });
        Ok(raised)
    }

    /// Has an edition come on, on this stage where it fits, or on another.
    fn bring_on(
        &self,
        edition: &Arc<Edition>,
        mut raised: Raised,
    ) -> Result<(Raised, Option<Shown>), Unraised> {
        if !raised.live.fits(edition) {
            if self.words.is_recorded() {
                let error = "another patch or output than the recording's: start again to see it";
                return Err(Unraised::Kept(Box::new(raised), anyhow!(error)));
            }
            return Ok((raised.anew(self.words, edition, &self.stock)?, None));
        }
        match self.show(edition, &mut raised) {
            Ok(shown) => Ok((raised, Some(shown))),
            Err(error) => Err(Unraised::Kept(Box::new(raised), error)),
        }
    }

    /// Hands an edition to the player, with another sound where it has one.
    fn show(&self, edition: &Arc<Edition>, raised: &mut Raised) -> Result<Shown> {
        let sound = match raised.live.changes_sound(edition) {
            true => match self.words.sound(edition)? {
                Some((sound, device)) => SoundChange::To(sound, device),
                None => SoundChange::Silence,
            },
            false => SoundChange::Same,
        };
        let told = raised.told;
        let shown = raised.live.show(Arc::clone(edition), sound, &told)?;
        let hands = raised.hands();
        if shown.cut_short.is_some() {
            hands.remote.pause();
        }
        hands.desk.go_by([edition.header()]);
        Ok(shown)
    }

    /// Shows what plays by now.
    pub(crate) fn see(&self, raised: &mut Raised) {
        let (hands, tap) = (raised.hands(), raised.tap.take());
        let (edition, routes) = (raised.live.edition(), raised.routes());
        self.audience.on_stage(OnStage { edition, world: &self.world, hands, tap, routes });
    }

    /// Goes where an edit leads, if it is to; where that is, in any case.
    fn go(&self, changes: &Changes, raised: &Raised) -> Option<f64> {
        let place = raised.state().seconds;
        let near = changes.cues.iter().rev().find(|cue| cue.start <= place);
        let cue = near.or(changes.cues.first());
        let before = |seconds: f64| cue.map(|cue| (cue.start - seconds).max(0.0));
        let goal = match self.manner.on_edit {
            OnEdit::Stay => None,
            OnEdit::Start => Some(raised.live.part().from),
            OnEdit::Before(seconds) => before(seconds),
        };
        if let Some(goal) = goal {
            raised.hands().remote.seek(goal);
        }
        goal.or(before(0.0))
    }

    /// Plays another part of the show.
    fn play(&self, part: Part, raised: &mut Raised) {
        let told = raised.told;
        if let Err(error) = raised.live.play_part(part, &told) {
            self.audience.note(&error.to_string());
        }
    }
}

/// The state with the first frame of an edition.
fn on_stage(raised: &Raised, shown: Option<&Shown>) -> State {
    match shown {
        Some(shown) => {
            raised.live.wait_for(shown.number, PATIENCE).unwrap_or_else(|| raised.state())
        }
        None => {
            let until = Instant::now() + PATIENCE;
            while raised.state().sent == 0 && Instant::now() < until {
                thread::sleep(Duration::from_millis(1));
            }
            raised.state()
        }
    }
}

fn took(notice: Duration, steps: Steps, at: Instant, shown: Option<&Shown>, state: &State) -> Took {
    let all = state.at.unwrap_or_else(Instant::now).saturating_duration_since(at);
    let render = shown.map_or(Duration::ZERO, |shown| shown.render);
    let Steps { load: read, lower } = steps;
    let wire = all.saturating_sub(notice + read + lower + render);
    Took { notice, read, lower, render, wire, all }
}

fn note(shown: &Shown) -> Option<String> {
    let end = crate::value::minutes(shown.cut_short?);
    Some(format!("the show ends at {end} by now, before where it was: it stands there"))
}
