//! `gobo serve`: a show that others lead, by a page, WebSockets, REST and MQTT.
//!
//! One thread follows the files and leads the player ([`crate::follow`]); the remote
//! ([`gobo_serve`]) has its own. They meet at [`house::Keeper`], by which the remote asks, and at
//! [`audience::Forward`], by which it is told.

mod audience;
mod check;
mod house;
mod settings;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use gobo_canvas::Canvas;
use gobo_live::Part;
use gobo_live::sheet::Sheet;
use gobo_serve::live::ColourTarget;
use gobo_serve::mqtt::MqttError;
use gobo_serve::{Level, Log, Remote, ServeError};
use serde_json::{Value, json};

use crate::args::{Global, MessageFormat, OnEdit, ServeArgs};
use crate::failure::{Exit, misuse};
use crate::follow::{Change, Command, Follower, Idle, Inbox, Manner, Raised, Words};
use crate::fresh;
use crate::output::make_folder_of;
use crate::project::{Project, project_of};
use crate::screen::Interrupt;
use crate::terminal::Terminal;
use crate::watch::{Board, Teller};
use crate::world::FolderWorld;

use audience::Forward;
use house::Keeper;

/// Between two looks at signals.
const LOOK: Duration = Duration::from_millis(40);

/// Runs the command, until told to leave.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &ServeArgs) -> Result<Exit> {
    let terminal = &terminal.in_json(args.json).beside(args.outputs.stdout);
    let project = project_of(global, args.show.as_deref())?;
    let name = show_of(&project, args.show.as_deref())?;
    let config = settings::config(terminal, &project, args)?;
    let ServeArgs { manner, levels, outputs, .. } = args;
    let hushed = terminal.hushed();
    let stands_by = !args.play;
    let words = Words { terminal: &hushed, project: &project, manner, levels, outputs, stands_by };
    if args.check {
        return check::check(terminal, &words, &name, &config);
    }
    let interrupt = Interrupt::listen()?;
    make_folder_of(&project.canvas(&name))?;
    let told =
        Manner { follows: args.watch, poll: args.poll, hold_edits: false, on_edit: OnEdit::Stay };
    let lines = Teller::new(terminal, &project, &Board::default(), false);
    let (mut follower, commands, stock) =
        Follower::new(&words, told, &name, Arc::new(lines.clone()));
    let keeper = Arc::new(Keeper::new(&project, commands.clone()));
    let colour = config.live.colour.clone();
    let remote = Remote::start(config, keeper, &log(terminal)).map_err(told_as)?;
    tell_address(terminal, &remote)?;
    follower.audience = Arc::new(Forward::new(lines, &project, remote.teller()));
    if let Some(canvas) = Canvas::open(&project.canvas(&name)).ok().filter(fresh::is_ours) {
        stock.take_from(canvas.into());
    }
    let leave = |commands: &std::sync::mpsc::Sender<Inbox<Command>>| {
        // The loop may have ended by itself.
        let _ = commands.send(Inbox::Command(Command::Leave));
    };
    let raised = thread::scope(|scope| {
        let following = thread::Builder::new()
            .name("gobo-follow".to_owned())
            .spawn_scoped(scope, || follow(follower, &words, (args, &colour), &stock, &interrupt))
            .context("cannot start a thread")?;
        while !following.is_finished() && !interrupt.came() {
            thread::sleep(LOOK);
        }
        leave(&commands);
        // Clients and the broker are told while the lights go out.
        remote.stop();
        following.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    match raised {
        Some(raised) => {
            let exit = raised.close(terminal)?;
            // Whoever asked it to end got what was asked for, wherever the light went.
            Ok(if args.outputs.record.is_empty() { Exit::Fine } else { exit })
        }
        None => Ok(Exit::Faulty),
    }
}

/// Has the show come up, and follows it; nothing if it never did.
fn follow(
    mut follower: Follower<'_>,
    words: &Words<'_>,
    (args, colour): (&ServeArgs, &ColourTarget),
    stock: &Arc<gobo_live::Stock>,
    interrupt: &Interrupt,
) -> Result<Option<Raised>> {
    let Some(edition) = follower.first(|| interrupt.came()) else { return Ok(None) };
    let world = FolderWorld::new(words.project.root());
    if let Some(unknown) = colour.unknown(&Sheet::of(&edition, &world)) {
        follower.audience.note(&unknown);
    }
    let part = Part { from: 0.0, to: None, repeat: args.repeat };
    let stands_at = (!args.play).then_some(0.0);
    let mut raised = Raised::new(words, &edition, stock, part, stands_at)?;
    follower.see(&mut raised);
    let idle = Idle::begin(words.project, stock, Arc::clone(&follower.audience))?;
    idle.tell(Change { before: None, edition, seconds: 0.0 });
    follower.run(raised, &idle).map(Some)
}

/// The show that was typed, or the first of the project.
fn show_of(project: &Project, typed: Option<&str>) -> Result<String> {
    let is_project = |typed: &str| {
        std::path::Path::new(typed).canonicalize().is_ok_and(|path| path == project.root())
    };
    match typed.filter(|typed| !is_project(typed)) {
        Some(typed) => project.show(typed),
        None => {
            let first = project.shows()?.into_iter().next();
            first.ok_or_else(|| misuse(format!("{} has no show", project.root().display())))
        }
    }
}

/// Says where the remote is to be found.
fn tell_address(terminal: &Terminal, remote: &Remote) -> Result<()> {
    let scheme = if remote.is_secret() { "https" } else { "http" };
    let url = format!("{scheme}://{}/", remote.address());
    if terminal.format == MessageFormat::Json {
        return terminal.line(json!({ "reason": "serving", "url": url }));
    }
    terminal.status(format_args!("serving {url}"))
}

/// Where the remote's log goes: to programs all of it, to people what went wrong.
fn log(terminal: &Terminal) -> Log {
    let terminal = terminal.clone();
    Arc::new(move |level: Level, event: &str, more: &Value| {
        if terminal.format == MessageFormat::Json {
            let level = format!("{level:?}").to_lowercase();
            let mut line = json!({ "reason": "log", "level": level, "event": event });
            if let (Some(line), Some(more)) = (line.as_object_mut(), more.as_object()) {
                line.extend(more.clone());
            }
            // Whoever closed stdout does not want to hear it.
            let _ = terminal.line(line);
        } else if level == Level::Warning {
            let more = more.as_object().into_iter().flatten();
            let more: Vec<String> = more
                .map(|(key, value)| match value {
                    Value::String(text) => text.clone(),
                    value => format!("{key} {value}"),
                })
                .collect();
            terminal.warn(format_args!("{event}: {}", more.join(", ")));
        }
    })
}

/// An error of the remote as the command's: what is configured wrongly is misuse.
fn told_as(error: ServeError) -> anyhow::Error {
    match error {
        ServeError::Open(_) => misuse(format!(
            "{error}: put one into a file and give --control-token FILE (`head -c 24 /dev/urandom | \
             base64` makes one)"
        )),
        ServeError::Mqtt(MqttError::Config { .. }) => misuse(error.to_string()),
        error => error.into(),
    }
}
