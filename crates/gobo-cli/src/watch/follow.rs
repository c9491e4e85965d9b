//! The loop: a save comes, the sources are read, the player goes on with what they say.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use gobo_live::{Changes, Compiled, Compiler, Edition, Part, Shown, SoundChange, Steps, Stock};
use gobo_play::State;
use gobo_show::Diagnostic;

use super::board::Board;
use super::idle::{Change, Idle};
use super::kept::KeptWorld;
use super::raised::{Raised, Unraised, Words};
use super::saves::{Inbox, News, Saved, Saves};
use super::tell::{Edit, Teller, Took};
use crate::args::OnEdit;
use crate::project::Project;

/// How often files are looked at that the system may not tell of: it loses events, and some file
/// systems have none.
const LOOK: Duration = Duration::from_millis(500);
/// How long a file with errors may be half-written.
const HALF_WRITTEN: Duration = Duration::from_millis(150);
/// The longest that saves which follow each other are taken for one.
const LONGEST: Duration = Duration::from_millis(250);
/// The longest that an edition may take to come on.
const PATIENCE: Duration = Duration::from_millis(250);

/// What somebody at the keys wants of the loop.
pub(super) enum Command {
    /// Play the edits that are held.
    Apply,
    /// Play this part.
    Play(Part),
    /// End.
    Leave,
}

/// Follows edits.
pub(super) struct Follower<'a> {
    pub(super) words: &'a Words<'a>,
    pub(super) board: Board,
    pub(super) teller: Teller,
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
    /// Follows the show of a project; gives where commands go, too.
    pub(super) fn new(
        words: &'a Words<'a>,
        project: &Project,
        show: &str,
        board: &Board,
        teller: &Teller,
    ) -> (Self, Sender<Inbox<Command>>, Arc<Stock>) {
        let (saves, commands, untold) = Saves::new(words.args.poll.is_some());
        if let Some(error) = untold {
            teller.note(&format!("the system tells of no changes ({error}): files are polled"));
        }
        let stock = Arc::new(Stock::default());
        let follower = Self {
            words,
            board: board.clone(),
            teller: teller.clone(),
            saves,
            world: KeptWorld::new(project.root()),
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
        self.words.args.poll.unwrap_or(LOOK)
    }

    /// The first edition: that of now, or that of the save that mends it.
    pub(super) fn first(&mut self, is_over: impl Fn() -> bool) -> Option<Arc<Edition>> {
        let mut compiled = self.compile();
        loop {
            self.tell(&compiled.diagnostics);
            if let Some(edition) = compiled.edition {
                self.teller.watching(&self.show, self.world.count());
                return Some(edition);
            }
            compiled = loop {
                if is_over() {
                    return None;
                }
                match self.saves.next(self.wait().min(LOOK / 5)) {
                    News::Files(saved) => match self.take_in(saved) {
                        Some((compiled, _)) => break compiled,
                        None => continue,
                    },
                    News::Other => continue,
                    News::Nothing => match self.take_in(Saved::unnamed()) {
                        Some((compiled, _)) => break compiled,
                        None => continue,
                    },
                    News::Command(_) => return None,
                }
            };
        }
    }

    /// Follows edits until told to leave, or until nothing plays any more.
    pub(super) fn run(mut self, mut raised: Raised, idle: &Idle) -> Result<Raised> {
        while !raised.is_over() {
            match self.saves.next(self.wait()) {
                News::Files(saved) => raised = self.follow(saved, raised, idle)?,
                News::Other => {}
                News::Nothing => raised = self.follow(Saved::unnamed(), raised, idle)?,
                News::Command(Command::Apply) => raised = self.apply(raised, idle)?,
                News::Command(Command::Play(part)) => self.play(part, &mut raised),
                News::Command(Command::Leave) => break,
            }
        }
        idle.interrupt();
        Ok(raised)
    }

    /// Plays what was saved, or holds it.
    fn follow(&mut self, saved: Saved, raised: Raised, idle: &Idle) -> Result<Raised> {
        if self.words.args.hold_edits {
            let changed = self.world.sweep(&saved.files);
            if !changed.is_empty() {
                self.changed.extend(changed);
                self.teller.held(&self.changed);
            }
            return Ok(raised);
        }
        let at = saved.at;
        let Some((compiled, took)) = self.take_in(saved) else { return Ok(raised) };
        self.put_on(compiled, took, at, raised, idle)
    }

    /// Plays the edits that are held.
    fn apply(&mut self, raised: Raised, idle: &Idle) -> Result<Raised> {
        if self.changed.is_empty() {
            return Ok(raised);
        }
        self.board.view().held.clear();
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

    fn tell(&self, diagnostics: &[Diagnostic]) {
        self.teller.diagnostics(diagnostics);
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
            self.tell(&diagnostics);
            return Ok(raised);
        };
        idle.interrupt();
        let before = Arc::clone(raised.live.edition());
        let fits = raised.live.fits(&edition);
        if !fits && self.words.is_recorded() {
            self.teller.note("another patch or output than the recording's: start again to see it");
            return Ok(raised);
        }
        let shown = match self.bring_on(&edition, raised, fits) {
            Ok((stage, shown)) => {
                raised = stage;
                shown
            }
            Err(Unraised::Kept(stage, error)) => {
                self.teller.note(&format!("this edit cannot be played: {error:#}"));
                return Ok(*stage);
            }
            Err(Unraised::Lost(error)) => return Err(error),
        };
        self.see(&raised);
        let state = on_stage(&raised, shown.as_ref());
        let took = took(notice, steps, at, shown.as_ref(), &state);
        let changes = Changes::of_cues(&before, &edition);
        self.go(&changes, &raised);
        self.teller.edited(&Edit {
            files: std::mem::take(&mut self.changed),
            changes,
            place: state.seconds,
            steps: took,
            rendered: shown.map_or(0, |shown| shown.rendered),
            note: shown.and_then(|shown| note(&shown)),
        });
        self.tell(&diagnostics);
        idle.tell(Change { before: Some(before), edition, seconds: state.seconds });
        Ok(raised)
    }

    /// Has an edition come on, on this stage where it fits, or on another.
    fn bring_on(
        &self,
        edition: &Arc<Edition>,
        mut raised: Raised,
        fits: bool,
    ) -> Result<(Raised, Option<Shown>), Unraised> {
        if !fits {
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
    pub(super) fn see(&self, raised: &Raised) {
        let view = &mut *self.board.view();
        view.header = Arc::new(raised.live.edition().header().clone());
        view.hands = Some(raised.hands());
    }

    /// Goes where an edit leads.
    fn go(&self, changes: &Changes, raised: &Raised) {
        let place = raised.state().seconds;
        let near = changes.cues.iter().rev().find(|cue| cue.start <= place);
        let cue = near.or(changes.cues.first());
        let before = |seconds: f64| cue.map(|cue| (cue.start - seconds).max(0.0));
        let goal = match self.words.args.on_edit {
            OnEdit::Stay => None,
            OnEdit::Start => Some(raised.live.part().from),
            OnEdit::Before(seconds) => before(seconds),
        };
        self.board.view().goal = goal.or(before(0.0));
        if let Some(goal) = goal {
            raised.hands().remote.seek(goal);
        }
    }

    /// Plays another part of the show.
    fn play(&self, part: Part, raised: &mut Raised) {
        let told = raised.told;
        if let Err(error) = raised.live.play_part(part, &told) {
            self.teller.note(&error.to_string());
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
