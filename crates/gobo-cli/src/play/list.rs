//! Which shows are played, in which order and how: from the command line and from playlists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use gobo_play::{Cue, Entry, Gap, Transition};
use gobo_show::source::{GapSource, PlaylistSource, Rounds, TransitionSource};
use gobo_show::{Diagnostic, PLAYLIST_ENDING, load_playlist};

use crate::args::{Global, PartArgs, PlayArgs};
use crate::compile;
use crate::failure::misuse;
use crate::project::{Project, project_of};
use crate::report::{report, summary};
use crate::screen::Interrupt;
use crate::terminal::Terminal;
use crate::value::Moment;
use crate::world::FolderWorld;

use super::routes;

/// A show that is to be played.
#[derive(Clone)]
pub(super) struct Act {
    /// What people call it.
    pub(super) name: String,
    /// Its canvas, or a file of frames from elsewhere.
    pub(super) path: PathBuf,
    /// The part that is played.
    pub(super) part: PartArgs,
    /// Whether it repeats until somebody says go.
    pub(super) repeat: bool,
    /// How it comes on.
    pub(super) entry: Entry,
    /// Whether even the first of the list waits for a go.
    pub(super) waits_at_start: bool,
}

/// All that is to be played.
pub(super) struct List {
    /// The shows, in order; at least one.
    pub(super) acts: Vec<Act>,
    /// Whether they start over at the end.
    pub(super) repeat: bool,
    /// Whether each round has another order.
    pub(super) shuffle: bool,
}

/// A playlist as read.
pub(crate) struct ReadList {
    /// What it says; `None` when it has errors.
    pub(crate) source: Option<PlaylistSource>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The folder that the places of those are in.
    pub(crate) project: Project,
    /// The project whose shows it names, if there is one.
    pub(crate) shows_of: Option<Project>,
    /// Its file.
    path: PathBuf,
}

/// The file of a playlist that was typed, if it is one: a path, or the name of one in `shows`.
pub(crate) fn playlist_path(global: &Global, typed: &str) -> Option<PathBuf> {
    let path = Path::new(typed);
    if typed.ends_with(PLAYLIST_ENDING) && path.is_file() {
        return Some(path.to_owned());
    }
    let shows = Project::open(global).ok()?.root().join("shows");
    let name = typed.strip_suffix(PLAYLIST_ENDING).unwrap_or(typed);
    let is_name = Path::new(name).file_name().is_some_and(|file| file == name);
    let path = shows.join(format!("{name}{PLAYLIST_ENDING}"));
    (is_name && !shows.join(name).is_dir() && path.is_file()).then_some(path)
}

/// Reads a playlist, with everything that is to be said about it.
pub(crate) fn read_playlist(global: &Global, path: &Path) -> Result<ReadList> {
    let whole = path.canonicalize()?;
    let project = Project::above(&whole).or_else(|| Project::open(global).ok());
    let shows = project.as_ref().map_or(Ok(Vec::new()), Project::shows)?;
    // One that lies elsewhere is a world of its own.
    let folder = whole.parent().unwrap_or(&whole);
    let root = project.as_ref().map(Project::root).filter(|root| whole.starts_with(root));
    let root = root.unwrap_or(folder).to_owned();
    let inside = whole.strip_prefix(&root).unwrap_or(&whole).to_string_lossy().replace('\\', "/");
    let (source, diagnostics) = load_playlist(&FolderWorld::new(&root), &inside, &shows);
    let of = Project::at(&root);
    Ok(ReadList { source, diagnostics, project: of, shows_of: project, path: whole })
}

/// The shows to play, compiled anew where they are stale. `None` when something has errors, which
/// are printed, all of them. For a player that goes on, none is compiled that there is.
pub(super) fn list(
    terminal: &Terminal,
    global: &Global,
    args: &PlayArgs,
    interrupt: &Interrupt,
    goes_on: bool,
) -> Result<Option<List>> {
    let mut gathered = Gathered {
        terminal,
        global,
        args,
        interrupt,
        goes_on,
        list: List { acts: Vec::new(), repeat: args.repeat, shuffle: args.list.shuffle },
        canvases: BTreeMap::new(),
        is_whole: true,
    };
    match args.shows.as_slice() {
        [] => gathered.only_show()?,
        typed => typed.iter().try_for_each(|typed| gathered.typed(typed))?,
    }
    let Gathered { mut list, is_whole, .. } = gathered;
    if !is_whole {
        return Ok(None);
    }
    list.join_ends(args);
    Ok(Some(list))
}

/// What has been gathered of a list.
struct Gathered<'a> {
    terminal: &'a Terminal,
    global: &'a Global,
    args: &'a PlayArgs,
    interrupt: &'a Interrupt,
    /// Whether canvases are taken as they are, because a show that plays cannot wait.
    goes_on: bool,
    list: List,
    /// The canvases of shows, by project and name; `None` for those with errors.
    canvases: BTreeMap<(PathBuf, String), Option<PathBuf>>,
    /// Whether all shows can be played so far.
    is_whole: bool,
}

impl Gathered<'_> {
    /// The only show of the project, where none was typed.
    fn only_show(&mut self) -> Result<()> {
        let project = project_of(self.global, None);
        let shows = project.as_ref().ok().and_then(|one| one.shows().ok()).unwrap_or_default();
        routes::check_hosts(&self.args.outputs, &shows).map_err(misuse)?;
        let project = project?;
        let name = project.only_show()?;
        self.show(&project, name)
    }

    /// A show, a playlist or a file as typed on the command line.
    fn typed(&mut self, typed: &str) -> Result<()> {
        let path = Path::new(typed);
        if let Some(path) = playlist_path(self.global, typed) {
            return self.playlist(&path);
        }
        let is_canvas = path.extension().is_some_and(|extension| extension == "canvas");
        if is_canvas || path.is_file() {
            self.act(name_of(path), path.to_owned());
            return Ok(());
        }
        let project = project_of(self.global, Some(typed))?;
        let name = project.show(typed)?;
        self.show(&project, name)
    }

    fn show(&mut self, project: &Project, name: String) -> Result<()> {
        if let Some(path) = self.canvas(project, &name)? {
            self.act(name, path);
        }
        Ok(())
    }

    /// An act as the command line says.
    fn act(&mut self, name: String, path: PathBuf) {
        let entry = entry(self.args.list.gap, self.args.list.transition);
        let part = self.args.part.clone();
        self.list.acts.push(Act { name, path, part, repeat: false, entry, waits_at_start: false });
    }

    /// The canvas of a show; its errors are printed once.
    fn canvas(&mut self, project: &Project, name: &str) -> Result<Option<PathBuf>> {
        let key = (project.root().to_owned(), name.to_owned());
        if let Some(known) = self.canvases.get(&key) {
            return Ok(known.clone());
        }
        let kept = Some(project.canvas(name)).filter(|path| self.goes_on && path.is_file());
        let path = match kept {
            Some(path) => Some(path),
            None => compile::current(self.terminal, project, name, self.interrupt)?,
        };
        self.is_whole &= path.is_some();
        self.canvases.insert(key, path.clone());
        Ok(path)
    }

    fn playlist(&mut self, path: &Path) -> Result<()> {
        if self.args.part.from.is_some() || self.args.part.to.is_some() {
            return Err(misuse("--from and --to are for shows: a playlist says them of each"));
        }
        let read = read_playlist(self.global, path)?;
        let tally = report(self.terminal, &read.project, &read.diagnostics)?;
        summary(self.terminal, tally, "");
        let Some(source) = read.source else {
            self.is_whole = false;
            return Ok(());
        };
        self.list.repeat |= source.repeat;
        self.list.shuffle |= source.shuffle;
        // The command line goes before the list, and what an entry says before both.
        let gap = self.args.list.gap.or(source.gap);
        let transition = self.args.list.transition.or(source.transition);
        let folder = read.path.parent().unwrap_or(Path::new("."));
        for item in source.shows {
            let keys = item.value.0;
            let named = keys.show.value;
            let (name, path) = match gobo_show::load::is_file(&named) {
                true => (name_of(Path::new(&named)), folder.join(&named)),
                false => {
                    let Some(project) = &read.shows_of else { continue };
                    let Some(path) = self.canvas(project, &named)? else { continue };
                    (named, path)
                }
            };
            let entry = entry(keys.gap.or(gap), keys.transition.or(transition));
            let moment = |position: gobo_show::decode::Spanned<_>| Moment(position.value);
            let act = Act {
                name,
                path,
                part: PartArgs { from: keys.from.map(moment), to: keys.to.map(moment) },
                repeat: keys.rounds == Rounds::UntilGo,
                entry,
                waits_at_start: keys.gap == Some(GapSource::Go),
            };
            let times = match keys.rounds {
                Rounds::Times(times) => times,
                Rounds::UntilGo => 1,
            };
            self.list.acts.extend((0..times).map(|_| act.clone()));
        }
        Ok(())
    }
}

impl List {
    /// A list of one show that starts over at once is a show that repeats, without a seam.
    fn join_ends(&mut self, args: &PlayArgs) {
        let at_once = Cue::After(Gap::Time(Duration::ZERO));
        if let ([only], true) = (self.acts.as_mut_slice(), args.repeat || self.repeat)
            && only.entry.cue == at_once
            && !matches!(only.entry.transition, Transition::Fade(_))
        {
            (only.repeat, self.repeat) = (true, false);
        }
    }
}

/// What people call a file.
fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn entry(gap: Option<GapSource>, transition: Option<TransitionSource>) -> Entry {
    let gap = match gap {
        None => Gap::Time(Duration::ZERO),
        Some(GapSource::Seconds(seconds)) => Gap::Time(Duration::from_secs_f64(seconds)),
        Some(GapSource::Go) => Gap::Go,
    };
    let transition = match transition {
        None | Some(TransitionSource::Cut) => Transition::Cut,
        Some(TransitionSource::Hold) => Transition::Hold,
        Some(TransitionSource::Blackout) => Transition::Blackout,
        Some(TransitionSource::Crossfade(seconds)) => {
            Transition::Fade(Duration::from_secs_f64(seconds))
        }
    };
    Entry { cue: Cue::After(gap), transition }
}
