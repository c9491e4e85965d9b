//! What the remote asks of those who keep the show.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};

use gobo_canvas::Canvas;
use gobo_serve::house::{Act, Faults, House, Located, ShowName};

use crate::compile;
use crate::follow::{Command, Inbox};
use crate::output::write_with;
use crate::project::Project;
use crate::report::locate;

/// Passes on what is asked to the thread that follows the files.
pub(super) struct Keeper {
    project: Project,
    commands: Mutex<Sender<Inbox<Command>>>,
}

impl Keeper {
    pub(super) fn new(project: &Project, commands: Sender<Inbox<Command>>) -> Self {
        Self { project: project.clone(), commands: Mutex::new(commands) }
    }

    fn send(&self, command: Command) {
        let commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody listens once the command ends.
        let _ = commands.send(Inbox::Command(command));
    }
}

impl House for Keeper {
    fn root(&self) -> &Path {
        self.project.root()
    }

    fn shows(&self) -> Vec<ShowName> {
        let names = self.project.shows().unwrap_or_default();
        names.into_iter().map(|name| show_name(&self.project, name)).collect()
    }

    fn work(&self, act: Act) {
        self.send(Command::Do(act));
    }

    fn reload(&self) {
        self.send(Command::Reload);
    }

    fn load(&self, show: String, told: Box<dyn FnOnce(Result<(), Faults>) + Send>) {
        let project = self.project.clone();
        let told = Box::new(move |loaded: Result<(), gobo_live::Unloaded>| {
            told(loaded.map_err(|unloaded| Faults::of(unloaded, |found| located(&project, found))));
        });
        self.send(Command::Load(show, told));
    }

    fn export(&self, told: Box<dyn FnOnce(Result<PathBuf, String>) + Send>) {
        let project = self.project.clone();
        self.work(Box::new(move |ground| {
            let Some(edition) = ground.edition else {
                told(Err("there is no show yet".to_owned()));
                return false;
            };
            told(export(&project, edition).map_err(|error| format!("{error:#}")));
            false
        }));
    }
}

/// Where diagnostics are in the project's texts.
pub(super) fn located(project: &Project, found: &[gobo_show::Diagnostic]) -> Vec<Located> {
    let each = locate(project, found).into_iter().zip(found);
    each.map(|(at, one)| Located {
        severity: match one.severity {
            gobo_show::Severity::Error => "error",
            gobo_show::Severity::Warning => "warning",
        },
        code: one.code.to_string(),
        message: one.message.clone(),
        file: (!one.place.file.is_empty()).then(|| one.place.file.to_string()),
        line: at.map(|(line, _)| line),
        column: at.map(|(_, column)| column),
    })
    .collect()
}

/// What a show's file says of itself, as far as it can be read.
fn show_name(project: &Project, name: String) -> ShowName {
    let path = project.root().join("shows").join(&name).join("show.toml");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    let member = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let title = member("title").unwrap_or_else(|| name.clone());
    let song = member("song").map(|song| format!("songs/{song}"));
    ShowName { name, title, song }
}

/// Writes the show as DMXP: a file for each universe. The path of the first.
fn export(project: &Project, edition: &gobo_live::Edition) -> anyhow::Result<PathBuf> {
    let name = &edition.header().name;
    compile::refresh(project, name, edition.show(), edition.timeline(), &|| true)?;
    let path = project.canvas(name);
    let canvas = std::sync::Arc::new(Canvas::open(&path)?);
    let universes = &canvas.header().universes;
    let mut first = None;
    for (index, entry) in universes.iter().enumerate() {
        let ending = match universes.len() {
            1 => "dmxp".to_owned(),
            _ => format!("{}.dmxp", entry.universe),
        };
        let to = path.with_extension(ending);
        write_with(&to, |file| Ok(gobo_canvas::export_dmxp(&canvas, index, file)?))?;
        first.get_or_insert(to);
    }
    let first = first.ok_or_else(|| anyhow::anyhow!("the show has no universe"))?;
    Ok(first.strip_prefix(project.root()).map(Path::to_owned).unwrap_or(first))
}
