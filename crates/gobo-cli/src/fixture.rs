//! `gobo fixture`: profiles brought in, listed and explained.

mod import;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use gobo_show::diagnostic::{Diagnostic, Severity, nearest};
use gobo_show::profile::{FOLDER, Mode, PatchedMode, Profile, ProfileFile};
use gobo_show::rig::{Action, Capability, Channel, Function, Rate, Unit};
use gobo_show::{Source, World};

use crate::args::{FixtureCommand, Global};
use crate::failure::{Exit, misuse};
use crate::project::Project;
use crate::report::report;
use crate::terminal::{Style, Terminal};
use crate::world::FolderWorld;
use import::Import;

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, command: &FixtureCommand) -> Result<Exit> {
    match command {
        FixtureCommand::Import { files, manufacturer, force } => {
            let project = Project::open(global)?;
            let manufacturer = manufacturer.as_deref();
            Import { terminal, project: &project, manufacturer, force: *force }.run(files)
        }
        FixtureCommand::List => list(terminal, &Project::open(global)?),
        FixtureCommand::Show { profile, mode } => show(terminal, global, profile, mode.as_deref()),
    }
}

/// The names of the profiles of a project, `manufacturer/model`, sorted.
fn names(project: &Project) -> Vec<String> {
    let folder = project.root().join(FOLDER);
    let makers = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = makers
        .filter_map(|maker| maker.file_name().into_string().ok())
        .flat_map(|maker| {
            let models = fs::read_dir(folder.join(&maker)).into_iter().flatten().flatten();
            let models = models.filter_map(|model| model.file_name().into_string().ok());
            let models: Vec<String> =
                models.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).collect();
            models.into_iter().map(move |model| format!("{maker}/{model}"))
        })
        .collect();
    names.sort();
    names
}

fn list(terminal: &Terminal, project: &Project) -> Result<Exit> {
    let world = FolderWorld::new(project.root());
    let names = names(project);
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut broken = Vec::new();
    for name in &names {
        let source = world.read(&format!("{FOLDER}/{name}.json"));
        let source = source.with_context(|| format!("cannot read the profile {name}"))?;
        let (file, diagnostics) = Profile::parse(&source);
        let words = match file {
            Some(ProfileFile::Profile(profile)) => brief(&profile),
            Some(ProfileFile::Redirect(redirect)) => format!("the same as {}", redirect.to),
            None => terminal.paint(Style::Red, "not a profile"),
        };
        terminal.line(format_args!("{name:<width$}  {words}"))?;
        broken.extend(diagnostics.into_iter().filter(|found| found.severity == Severity::Error));
    }
    let tally = report(terminal, project, &broken)?;
    Ok(if tally.errors > 0 { Exit::Faulty } else { Exit::Fine })
}

fn brief(profile: &Profile) -> String {
    let mode = |mode: &Mode| match mode.footprint() {
        1 => format!("{} (1 slot)", mode.name),
        slots => format!("{} ({slots} slots)", mode.name),
    };
    let modes: Vec<String> = profile.modes().iter().map(mode).collect();
    format!("{}: {}", profile.name, modes.join(", "))
}

fn show(terminal: &Terminal, global: &Global, typed: &str, mode: Option<&str>) -> Result<Exit> {
    let (project, source) = find(global, typed)?;
    let (file, diagnostics) = Profile::parse(&source);
    let tally = report(terminal, &project, &diagnostics)?;
    let profile = match file {
        Some(ProfileFile::Profile(profile)) if tally.errors == 0 => profile,
        Some(ProfileFile::Redirect(redirect)) => {
            terminal.line(format_args!("{} is the same as {}", redirect.name, redirect.to))?;
            return Ok(Exit::Fine);
        }
        _ => return Ok(Exit::Faulty),
    };
    let names = || profile.modes().iter().map(|mode| mode.name.as_str());
    if let Some(mode) = mode.filter(|mode| profile.mode(mode).is_none()) {
        let hint = match nearest(mode, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        };
        return Err(misuse(format!("{} has no mode `{mode}`; {hint}", profile.name)));
    }
    let categories = profile.categories.join(", ");
    terminal.line(format_args!("{}  {categories}", terminal.paint(Style::Bold, &profile.name)))?;
    for shown in profile.modes() {
        if mode.is_none_or(|mode| shown.name == mode || shown.short_name.as_deref() == Some(mode)) {
            show_mode(terminal, &profile, shown)?;
        }
    }
    Ok(Exit::Fine)
}

/// The profile that was typed, a file or a name, and the project to print its places from.
fn find(global: &Global, typed: &str) -> Result<(Project, Source)> {
    let path = Path::new(typed);
    if path.is_file() {
        let folder = path.canonicalize()?.parent().map(Path::to_owned).unwrap_or_default();
        let project = Project::at(&folder);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let source = FolderWorld::new(&folder).read(&name);
        return Ok((project, source.with_context(|| format!("cannot read {typed}"))?));
    }
    let project = Project::open(global)?;
    if let Ok(source) = FolderWorld::new(project.root()).read(&format!("{FOLDER}/{typed}.json")) {
        return Ok((project, source));
    }
    let names = names(&project);
    let hint = match nearest(typed, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`gobo fixture list` names them".to_owned(),
    };
    Err(misuse(format!("there is no profile `{typed}`; {hint}")))
}

fn show_mode(terminal: &Terminal, profile: &Profile, mode: &Mode) -> Result<()> {
    let Some(patched) = profile.patch(&mode.name) else { return Ok(()) };
    let heads = match patched.heads.len() {
        1 => String::new(),
        heads => format!(", {heads} heads"),
    };
    let slots = mode.footprint();
    let title = terminal.paint(Style::Cyan, &mode.name);
    terminal.line(format_args!("\n{title}  {slots} slots{heads}"))?;
    for (index, key) in mode.channels().enumerate() {
        let slot = index as u16;
        let channel = patched.channels.iter().find(|channel| channel.slots.first() == Some(&slot));
        let words = channel.map(|channel| meaning(channel, &patched)).unwrap_or_default();
        let key = key.unwrap_or("-");
        terminal.line(format_args!("  {:>3}  {key:<24} {}", index + 1, words.trim_end()))?;
    }
    Ok(())
}

/// What a channel's values mean, in a line.
fn meaning(channel: &Channel, patched: &PatchedMode) -> String {
    match &channel.function {
        Function::Fixed(capabilities) => capabilities_words(capabilities),
        Function::Switched { trigger, cases } => {
            let trigger = patched.channels.get(*trigger as usize);
            let key = trigger.map_or("another channel", |channel| &*channel.key);
            format!("depends on {key}: {} meanings", cases.len())
        }
    }
}

fn capabilities_words(capabilities: &[Capability]) -> String {
    let words = |capability: &Capability| match capabilities.len() {
        1 => action_words(capability),
        _ => format!("{}-{} {}", capability.from, capability.to, action_words(capability)),
    };
    let all: Vec<String> = capabilities.iter().map(words).collect();
    all.join(", ")
}

/// What a range of values does: in the profile's words, else in ours.
fn action_words(capability: &Capability) -> String {
    let percent = |from: f64, to: f64| format!("{:.0}-{:.0}%", from * 100.0, to * 100.0);
    let name = &capability.name;
    match &capability.action {
        Action::Intensity(from, to) => format!("intensity {}", percent(*from, *to)),
        Action::Emitter(emitter, from, to) => {
            format!("{} {}", spaced(emitter), percent(*from, *to))
        }
        Action::Pan(from, to) => format!("pan {from}-{to} deg"),
        Action::Tilt(from, to) => format!("tilt {from}-{to} deg"),
        Action::Strobe(Rate::Hertz(from), Rate::Hertz(to)) => format!("strobe {from}-{to} Hz"),
        Action::Beam(parameter, Unit::Physical, from, to) => {
            format!("{} {from}-{to}", spaced(parameter))
        }
        Action::None if name.is_empty() => "nothing".to_owned(),
        Action::Other(kind) if name.is_empty() => kind.to_string(),
        Action::Beam(parameter, ..) if name.is_empty() => spaced(parameter),
        _ => name.to_string(),
    }
}

/// The name of a variant in words: `WarmWhite` is `warm white`.
fn spaced(variant: &impl fmt::Debug) -> String {
    let mut words = String::new();
    for letter in format!("{variant:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// Whether diagnostics have an error.
fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
