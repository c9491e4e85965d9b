//! The `gobo` command. Arguments, files and the terminal live here; all that is known of shows
//! and lights lives in the other crates.

#![allow(dead_code)]

mod args;
mod failure;
mod project;
mod report;
mod terminal;
mod value;
mod world;

mod canvas;
mod effects;
mod fixture;
mod monitor;
mod screen;
mod shell;
mod song;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::failure::Unread;
use crate::terminal::Terminal;

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let terminal = Terminal::new(&global);
    let result = match &command {
        Command::Monitor(args) => monitor::run(&terminal, args),
        Command::Canvas(command) => canvas::run(&terminal, command),
        Command::Fixture(command) => fixture::run(&terminal, &global, command),
        Command::Song(command) => song::run(&terminal, &global, command),
        Command::Effects(args) => effects::run(&terminal, args),
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
