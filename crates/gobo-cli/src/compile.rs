//! `gobo compile`: shows to canvases in `build`.

pub(crate) mod part;
mod timings;

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use gobo_canvas::{Canvas, CanvasError, CanvasWriter, Compression, Header, MadeFrom};
use gobo_dmx::FrameRate;
use gobo_render::{CompileError, Compiled, Options, Progress, Stats, Timeline};
use gobo_show::{Loaded, Severity, Show};

use crate::args::{CompileArgs, Emit, FseqArgs, Global, MessageFormat, Pressing};
use crate::canvas::{Source, beside, bytes, export, open};
use crate::failure::{Exit, Unreadable, fault, misuse};
use crate::fresh;
use crate::output::{Unwritten, make_folder_of};
use crate::project::{Project, project_of, shown};
use crate::report::{Tally, report, summary};
use crate::screen::Interrupt;
use crate::terminal::{Style, Terminal};
use crate::value::{counted, minutes};
use crate::world::FolderWorld;

use timings::Timings;

/// Runs the command; goes on with the next show after one that has errors.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &CompileArgs) -> Result<Exit> {
    let project = project_of(global, args.shows.first().map(String::as_str))?;
    let names: Vec<String> = match args.shows.as_slice() {
        [] if args.all => project.shows()?,
        [] => vec![project.only_show()?],
        typed => typed.iter().map(|typed| project.show(typed)).collect::<Result<_>>()?,
    };
    if names.len() > 1 && args.output.is_some() {
        return Err(misuse("-o is for one show"));
    }
    beside(args.output.as_deref(), &args.emit)?;
    if let Some(jobs) = args.jobs {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.into());
        pool.build_global().context("cannot start threads")?;
    }
    let interrupt = Interrupt::listen()?;
    let mut exit = Exit::Fine;
    for name in names {
        if compile(terminal, &project, &name, args, &interrupt)? != Exit::Fine {
            exit = Exit::Faulty;
        }
    }
    Ok(exit)
}

/// Loads a show and prints its errors, to people with no more than the number of its warnings,
/// which comes along; `None` when it has errors.
fn load(
    terminal: &Terminal,
    project: &Project,
    world: &FolderWorld,
    name: &str,
) -> Result<Option<(Show, usize)>> {
    let Loaded { show, mut diagnostics, .. } = gobo_show::load(world, name);
    world.has_listed_all()?;
    let warnings = diagnostics.iter().filter(|one| one.severity == Severity::Warning).count();
    if terminal.format == MessageFormat::Human {
        diagnostics.retain(|one| one.severity == Severity::Error);
    }
    let tally = report(terminal, project, &diagnostics)?;
    summary(terminal, Tally { warnings, ..tally }, SEE_WARNINGS);
    if show.is_none() && world.has_failed() {
        return Err(Unreadable.into());
    }
    Ok(show.map(|show| (show, warnings)))
}

/// What follows the number of warnings that are not shown.
const SEE_WARNINGS: &str = "; `gobo check` shows warnings";

fn compile(
    terminal: &Terminal,
    project: &Project,
    name: &str,
    args: &CompileArgs,
    interrupt: &Interrupt,
) -> Result<Exit> {
    let start = Instant::now();
    let whole = args.part.from.is_none() && args.part.to.is_none();
    let world = FolderWorld::new(project.root());
    let told = told(args);
    if whole && !args.check && !args.timings {
        let path = args.output.clone().unwrap_or_else(|| project.canvas(name));
        let fresh = fresh(terminal, &path, &world, name, &told);
        // A canvas that is damaged is made anew.
        if let Some(canvas) = fresh.filter(Canvas::is_whole) {
            done(terminal, &path, canvas.header(), "nothing has changed", start)?;
            return emit(terminal, &path, &args.emit, interrupt);
        }
    }
    let mut timings = Timings::new(args.timings);
    let loaded = load(terminal, project, &world, name)?;
    timings.note("read and check");
    let Some((mut show, warnings)) = loaded else { return Ok(Exit::Faulty) };
    if let Some(rate) = args.fps {
        change_rate(&mut show, rate);
    }
    let timeline = Timeline::new(&show);
    timings.note("lower");
    let path = match &args.output {
        Some(path) => path.clone(),
        None if whole => project.canvas(name),
        // A part must not take the place of the show.
        None => project.canvas(&format!("{name}.part")),
    };
    if args.check {
        return check(terminal, &path, &timeline);
    }
    if whole {
        let made_from = world.witness.made_from(&told, warnings);
        let pressing = args.compression.into();
        let compiled =
            write(terminal, &timeline, made_from, pressing, &path, interrupt, &mut timings)?;
        done(terminal, &path, timeline.header(), &work(&compiled.stats), start)?;
        timings.tell(terminal, &show, &compiled)?;
    } else {
        let part = args.part.seconds(&timeline.header().sections).map_err(misuse)?;
        let frames = part::frames(timeline.header(), part).map_err(misuse)?;
        let header = part::write(&timeline, &frames, &path, args.compression.into(), interrupt)?;
        let from = minutes(timeline.header().rate.seconds_at(frames.start));
        done(terminal, &path, &header, &format!("from {from} on"), start)?;
    }
    emit(terminal, &path, &args.emit, interrupt)
}

/// What a compile is told besides the sources that matters to the bytes.
fn told(args: &CompileArgs) -> String {
    let rate = args.fps.map(|rate| format!("--fps {rate}"));
    let pressing = match args.compression {
        Pressing::Fast => None,
        Pressing::Small => Some("--compression small".to_owned()),
        Pressing::None => Some("--compression none".to_owned()),
    };
    rate.into_iter().chain(pressing).collect::<Vec<_>>().join(" ")
}

/// The canvas of a show, compiled anew when it is stale; `None` when the show has errors, which
/// are printed.
pub(crate) fn current(
    terminal: &Terminal,
    project: &Project,
    name: &str,
    interrupt: &Interrupt,
) -> Result<Option<PathBuf>> {
    let (world, path) = (FolderWorld::new(project.root()), project.canvas(name));
    if fresh(terminal, &path, &world, name, "").is_some() {
        return Ok(Some(path));
    }
    let Some((show, warnings)) = load(terminal, project, &world, name)? else { return Ok(None) };
    let timeline = Timeline::new(&show);
    let is_current = Canvas::open(&path)
        .is_ok_and(|canvas| fresh::is_ours(&canvas) && timeline.is_current(&canvas));
    if !is_current {
        let made_from = world.witness.made_from("", warnings);
        let (pressing, mut timings) = (Compression::default(), Timings::new(false));
        write(terminal, &timeline, made_from, pressing, &path, interrupt, &mut timings)?;
    }
    Ok(Some(path))
}

/// The canvas at a path, if the sources of a show make it, as their bytes tell; says how many
/// warnings they give.
fn fresh(
    terminal: &Terminal,
    path: &Path,
    world: &FolderWorld,
    show: &str,
    options: &str,
) -> Option<Canvas> {
    let canvas = Canvas::open(path).ok()?;
    let warnings = fresh::warnings(&canvas, world, show, options)?;
    // Machines are told what the warnings are.
    if warnings > 0 && terminal.format != MessageFormat::Human {
        return None;
    }
    summary(terminal, Tally { warnings, ..Tally::default() }, SEE_WARNINGS);
    Some(canvas)
}

/// Another rate for the same length of time.
fn change_rate(show: &mut Show, rate: FrameRate) {
    let seconds = show.rate.seconds_at(show.frames);
    show.rate = rate;
    // As many frames as begin before the end; a division may miss a whole number by a hair.
    show.frames = ((seconds * rate.as_f64() - 1e-6).ceil() as u32).max(1);
}

/// Brings the canvas of a show up to date with a timeline that was made of its sources as they
/// are; false if they are other by now, or have errors, or it need not go on.
pub(crate) fn refresh(
    project: &Project,
    name: &str,
    show: &Show,
    timeline: &Timeline,
    goes_on: &dyn Fn() -> bool,
) -> Result<bool> {
    let (world, path) = (FolderWorld::new(project.root()), project.canvas(name));
    let old = Canvas::open(&path).ok();
    if old.is_some_and(|old| fresh::warnings(&old, &world, name, "").is_some()) {
        return Ok(false);
    }
    let Loaded { show: found, diagnostics, .. } = gobo_show::load(&world, name);
    if found.as_ref() != Some(show) || !goes_on() {
        return Ok(false);
    }
    let made_from = world.witness.made_from("", diagnostics.len());
    let (mut writer, previous) = writer_of(timeline, made_from, &path)?;
    let tell = |_: &Progress| match goes_on() {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    };
    let options = Options::default();
    match gobo_render::compile(timeline, previous.as_ref(), &mut writer, options, tell) {
        Err(CompileError::Cancelled) => return Ok(false),
        compiled => compiled.with_context(|| Unwritten::file(&path))?,
    };
    writer.finish().with_context(|| Unwritten::file(&path))?;
    Ok(true)
}

/// What writes the canvas of a timeline, and the one that is there if cells can be copied from it.
fn writer_of(
    timeline: &Timeline,
    made_from: MadeFrom,
    path: &Path,
) -> Result<(CanvasWriter, Option<Canvas>)> {
    let previous = Canvas::open(path).ok();
    let previous = previous
        .filter(|old| fresh::is_ours(old) && fresh::is_pressed_alike(old, &made_from.options));
    let header = Header { made_from: Some(made_from), ..timeline.header().clone() };
    Ok((create(path, &header)?, previous))
}

/// Writes the canvas of a show, copying from the one that is there what has stayed the same.
///
/// An interrupt leaves that one as it is.
fn write(
    terminal: &Terminal,
    timeline: &Timeline,
    made_from: MadeFrom,
    compression: Compression,
    path: &Path,
    interrupt: &Interrupt,
    timings: &mut Timings,
) -> Result<Compiled> {
    let (mut writer, previous) = writer_of(timeline, made_from, path)?;
    timings.note("open");
    let options = Options { compression, clock: timings.clock() };
    let bar = terminal.progress("cells", format!("compiling {}", timeline.header().name));
    let tell = |progress: &Progress| {
        bar.set_length(progress.cells);
        bar.set_position(progress.done);
        if interrupt.came() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let compiled = gobo_render::compile(timeline, previous.as_ref(), &mut writer, options, tell);
    bar.finish_and_clear();
    let compiled = match compiled {
        Err(CompileError::Cancelled) => return Err(interrupt.end().into()),
        compiled => compiled.with_context(|| Unwritten::file(path))?,
    };
    timings.note("cells");
    writer.finish().with_context(|| Unwritten::file(path))?;
    timings.note("bring to the disk");
    Ok(compiled)
}

impl From<Pressing> for Compression {
    fn from(pressing: Pressing) -> Self {
        match pressing {
            Pressing::Fast => Self::Fast,
            Pressing::Small => Self::Small,
            Pressing::None => Self::None,
        }
    }
}

/// Starts a canvas file, in a folder that is made if it is not there.
fn create(path: &Path, header: &Header) -> Result<CanvasWriter> {
    make_folder_of(path)?;
    CanvasWriter::create(path, header).with_context(|| Unwritten::file(path))
}

/// Where the cells came from, in words.
fn work(stats: &Stats) -> String {
    let Stats { rendered, copied, shared, .. } = stats;
    format!("{rendered} cells rendered, {copied} copied, {shared} shared")
}

/// Prints the line that a compile comes to.
fn done(
    terminal: &Terminal,
    path: &Path,
    header: &Header,
    work: &str,
    start: Instant,
) -> Result<()> {
    let seconds = start.elapsed().as_secs_f64();
    let size = fs::metadata(path).map_or(0, |file| file.len());
    let universes = counted(header.universes.len(), "universe");
    terminal.status(format_args!(
        "{}  {} at {} FPS, {universes}: {work}, in {seconds:.2} s, {}",
        terminal.paint(Style::Bold, shown(path)),
        minutes(header.seconds()),
        header.rate,
        bytes(size),
    ))
}

/// Writes the canvas in other formats, too.
fn emit(terminal: &Terminal, path: &Path, formats: &[Emit], interrupt: &Interrupt) -> Result<Exit> {
    if formats.is_empty() {
        return Ok(Exit::Fine);
    }
    let canvas = Arc::new(open(path)?);
    let source = Source { canvas: &canvas, path, interrupt };
    for &format in formats {
        for written in export(terminal, &source, format, None, &FseqArgs::default())? {
            terminal.status(terminal.paint(Style::Bold, shown(&written)))?;
        }
    }
    Ok(Exit::Fine)
}

/// Whether the canvas on disk is what the sources say; says where it is not.
fn check(terminal: &Terminal, path: &Path, timeline: &Timeline) -> Result<Exit> {
    let reason = match Canvas::open(path) {
        Err(CanvasError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            Some("it is not there".to_owned())
        }
        Err(error) => Some(error.to_string()),
        Ok(canvas) => match difference(&canvas, timeline) {
            None => canvas.verify()?.first().map(ToString::to_string),
            difference => difference,
        },
    };
    match reason {
        None => {
            terminal.status(format_args!("{} is what the sources say", shown(path)))?;
            Ok(Exit::Fine)
        }
        Some(reason) => {
            let shown = shown(path);
            terminal.error(&fault(format!("{shown} is not what the sources say: {reason}")));
            Ok(Exit::Faulty)
        }
    }
}

/// The first thing in which a canvas is not what a timeline gives.
fn difference(canvas: &Canvas, timeline: &Timeline) -> Option<String> {
    let (header, engine) = (timeline.header(), &canvas.header().engine);
    if *engine != header.engine {
        return Some(format!("it was made by {engine}, this is {}", header.engine));
    }
    if canvas.header().apart() != *header {
        return Some("its show, patch, cues or outputs have changed".to_owned());
    }
    let is_ours = fresh::is_ours(canvas);
    let is_stale = |index: usize, cell: u32| match is_ours {
        true => canvas.key(index, cell).ok() != Some(timeline.key(index, cell)),
        false => shows_otherwise(canvas, timeline, (index, cell)),
    };
    let universes = header.universes.iter().enumerate();
    let stale = universes.flat_map(|(index, entry)| {
        let stale = move |cell: &u32| is_stale(index, *cell);
        (0..header.cells()).filter(stale).map(move |cell| (cell, entry.universe))
    });
    let stale: Vec<_> = stale.collect();
    let (cell, universe) = stale.iter().min()?;
    let at = minutes(header.rate.seconds_at(header.first_frame(*cell)));
    Some(format!("{} cells have changed, the first at {at} in universe {universe}", stale.len()))
}

/// Whether a cell has other levels than a timeline gives.
fn shows_otherwise(canvas: &Canvas, timeline: &Timeline, (universe, cell): (usize, u32)) -> bool {
    let mut levels = Vec::new();
    let mut rows = vec![0; timeline.cell_len(universe, cell)];
    timeline.render(universe, cell, &mut rows);
    canvas.cell(universe, cell, &mut levels).is_err() || levels != rows
}
