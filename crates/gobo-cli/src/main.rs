//! The `gobo` command. Arguments, files and the terminal live here; all that is known of shows
//! and lights lives in the other crates.
#![forbid(unsafe_code)]

mod args;
mod failure;
mod output;
mod project;
mod report;
mod screen;
mod terminal;
mod value;
mod venue;
mod wall;
mod world;

mod canvas;
mod check;
mod compile;
mod effects;
mod export;
mod fixture;
mod follow;
mod fresh;
mod import;
mod listen;
mod monitor;
mod new;
mod node;
mod play;
mod schema;
mod serve;
mod shell;
mod song;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::failure::Unread;
use crate::terminal::Terminal;

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let terminal = Terminal::new(&global);
    let result = match &command {
        Command::New(args) => new::run(&terminal, args),
        Command::Check(args) => check::run(&terminal, &global, args),
        Command::Compile(args) => compile::run(&terminal, &global, args),
        Command::Play(args) => play::run(&terminal, &global, args),
        Command::Watch(args) => watch::run(&terminal, &global, args),
        Command::Serve(args) => serve::run(&terminal, &global, args),
        Command::Monitor(args) => monitor::run(&terminal, &global, args),
        Command::Node(command) => node::run(&terminal, command),
        Command::Canvas(command) => canvas::run(&terminal, command),
        Command::Fixture(command) => fixture::run(&terminal, &global, command),
        Command::Import(command) => import::run(&terminal, command),
        Command::Export(command) => export::run(&terminal, &global, command),
        Command::Song(command) => song::run(&terminal, &global, command),
        Command::Effects(args) => effects::run(&terminal, args),
        Command::Schema(args) => schema::run(&terminal, &global, args),
        Command::Completions(args) => shell::completions(&terminal, args),
        Command::Man(args) => shell::man(&terminal, args),
    };
    let exit = result.unwrap_or_else(|error| {
        if !error.is::<Unread>() {
            terminal.error(&error);
        }
        failure::exit_of(&error)
    });
    ExitCode::from(exit)
}
