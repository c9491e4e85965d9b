//! `gobo canvas`: what is in canvases, whether they are whole, and where they differ.

use std::path::Path;

use anyhow::{Context, Result};
use gobo_canvas::{Canvas, CanvasError, Header};
use gobo_dmx::{
    Delivery, IpVersion, LastLook, OlaApi, OutputDelay, Pixels, Protocol, Route, UniverseSet,
};
use serde_json::json;

use crate::args::{CanvasCommand, MessageFormat};
use crate::failure::{Exit, Fault};
use crate::terminal::{Style, Terminal, printable};
use crate::value::minutes;

mod change;
mod draw;
mod export;
mod import;

pub(crate) use export::{Source, beside, export};
pub(crate) use import::import;

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, command: &CanvasCommand) -> Result<Exit> {
    match command {
        CanvasCommand::Info { canvas, json } => info(terminal, canvas, *json),
        CanvasCommand::Verify { canvases } => verify(terminal, canvases),
        CanvasCommand::Diff { old, new } => change::run(terminal, old, new),
        CanvasCommand::Png { canvas, output, width, part } => {
            draw::png(terminal, canvas, output.as_deref(), *width, part)
        }
        CanvasCommand::Gif { canvas, output, film, part } => {
            draw::gif(terminal, canvas, output.as_deref(), *film, part)
        }
        CanvasCommand::Export { canvas, format, output, fseq } => {
            export::run(terminal, canvas, *format, output.as_deref(), fseq)
        }
        CanvasCommand::Import { file, output, places } => {
            import::run(terminal, file, output.as_deref(), *places)
        }
    }
}

/// Opens a canvas; one that is no good is a fault of the file, one that is not there of the world.
pub(crate) fn open(path: &Path) -> Result<Canvas> {
    Canvas::open(path).map_err(|error| match error {
        CanvasError::Io(error) => {
            anyhow::Error::new(error).context(format!("cannot read {}", path.display()))
        }
        error => Fault(format!("{}: {error}", path.display())).into(),
    })
}

fn info(terminal: &Terminal, path: &Path, as_json: bool) -> Result<Exit> {
    let canvas = open(path)?;
    let header = canvas.header();
    if as_json || terminal.format == MessageFormat::Json {
        let object = json!({
            "file": path,
            "bytes": canvas.file_len(),
            "cells": u64::from(canvas.cells()) * header.universes.len() as u64,
            "unique_cells": canvas.unique_cells(),
            "header": header,
        });
        terminal.line(object)?;
        return Ok(Exit::Fine);
    }
    terminal.line(terminal.paint(Style::Bold, path.display()))?;
    for (name, value) in facts(&canvas) {
        let value = printable(&value);
        terminal
            .line(format_args!("  {} {value}", terminal.paint(Style::Dim, format!("{name:<9}"))))?;
    }
    Ok(Exit::Fine)
}

/// What a canvas holds, in words.
fn facts(canvas: &Canvas) -> Vec<(&'static str, String)> {
    let header = canvas.header();
    let universes: UniverseSet = header.universes.iter().map(|entry| entry.universe).collect();
    let cells = u64::from(canvas.cells()) * header.universes.len() as u64;
    // One over several universes stands in the patch once for each.
    let fixtures = header.patch.chunk_by(|a, b| a.id == b.id).count();
    let heads: usize = header.patch.iter().map(|fixture| fixture.heads.len()).sum();
    let mut facts = vec![
        ("show", format!("{} ({})", header.title, header.name)),
        (
            "length",
            format!(
                "{}, {} frames at {} FPS",
                minutes(header.seconds()),
                header.frames,
                header.rate
            ),
        ),
        ("song", song(header)),
        ("universes", format!("{} ({universes})", header.universes.len())),
        ("fixtures", format!("{fixtures}, {heads} heads")),
        (
            "cues",
            format!(
                "{} in {} layers ({})",
                header.cues.len(),
                header.layers.len(),
                header.layers.join(", ")
            ),
        ),
    ];
    if !header.sections.is_empty() {
        let names: Vec<String> = header
            .sections
            .iter()
            .map(|section| format!("{} {}", minutes(section.start), section.name))
            .collect();
        facts.push(("sections", names.join(", ")));
    }
    let routes: Vec<String> = header.routes.iter().map(route).collect();
    facts.push(("outputs", if routes.is_empty() { "none".into() } else { routes.join("; ") }));
    facts.push(("ends with", last_look(header.last_look).to_owned()));
    facts.push(("cells", format!("{cells}, {} of them unique", canvas.unique_cells())));
    facts.push(("size", bytes(canvas.file_len())));
    facts.push(("engine", header.engine.clone()));
    facts
}

fn song(header: &Header) -> String {
    match &header.song {
        None => "none".to_owned(),
        Some(song) if song.offset == 0.0 => format!("{}, {}", song.path, minutes(song.seconds)),
        Some(song) => {
            format!("{}, {}, from {} s on", song.path, minutes(song.seconds), song.offset)
        }
    }
}

/// What the lights do at the end, in a word.
pub(crate) fn last_look(look: LastLook) -> &'static str {
    match look {
        LastLook::Blackout => "blackout",
        LastLook::Hold => "the last frame, held",
    }
}

/// A route in words: `1-4 by Art-Net to 10.0.0.5:6454, backup 10.0.0.6:6454`.
pub(crate) fn route(route: &Route) -> String {
    let protocol = protocol(route);
    let backup = route.backup.as_ref().map(|backup| format!(", backup {}", target(backup)));
    let (universes, to) = (&route.universes, target(&route.delivery));
    let mut words = format!("{universes} by {protocol} to {to}{}", backup.unwrap_or_default());
    if let Some(rate) = route.max_rate {
        words += &format!(", at most {rate} fps");
    }
    if route.delay != OutputDelay::ZERO {
        words += &format!(", {} later", route.delay);
    }
    words
}

/// What a route's protocol is called.
pub(crate) fn protocol(route: &Route) -> &'static str {
    match &route.protocol {
        Protocol::ArtNet { .. } => "Art-Net",
        Protocol::Sacn(_) => "E1.31",
        Protocol::Ddp { pixels: Pixels::Rgb } => "DDP",
        Protocol::Ddp { pixels: Pixels::Rgbw } => "DDP (RGBW)",
        Protocol::UsbPro => "DMX USB PRO",
        Protocol::Ola { via: OlaApi::Rpc, .. } => "OLA",
        Protocol::Ola { via: OlaApi::Http, .. } => "OLA (HTTP)",
    }
}

/// Where a route goes, in words.
pub(crate) fn target(delivery: &Delivery) -> String {
    let with = |words: &str, interface: &Option<String>| match interface {
        Some(interface) => format!("{words} on {interface}"),
        None => words.to_owned(),
    };
    match delivery {
        Delivery::Unicast { .. } | Delivery::Device { .. } => delivery.to_string(),
        Delivery::Usb { serial: Some(serial) } => format!("the widget {serial}"),
        Delivery::Usb { serial: None } => "the first widget found".to_owned(),
        Delivery::Broadcast { .. } => format!("{delivery}, broadcast"),
        Delivery::Nodes { on, .. } => with("the nodes that subscribe", on),
        Delivery::Multicast { ip: IpVersion::V4, interface } => with("multicast", interface),
        Delivery::Multicast { ip: IpVersion::V6, interface } => with("IPv6 multicast", interface),
    }
}

/// A number of bytes for people.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.2} GB", count as f64 / 1e9),
    }
}

fn verify(terminal: &Terminal, paths: &[std::path::PathBuf]) -> Result<Exit> {
    let mut exit = Exit::Fine;
    for path in paths {
        let shown = path.display();
        let faults: Vec<String> = match Canvas::open(path) {
            Err(CanvasError::Io(error)) => {
                return Err(error).with_context(|| format!("cannot read {shown}"));
            }
            Err(error) => vec![error.to_string()],
            Ok(canvas) => canvas
                .verify()
                .with_context(|| format!("cannot read {shown}"))?
                .iter()
                .map(ToString::to_string)
                .collect(),
        };
        if !faults.is_empty() {
            exit = Exit::Faulty;
        }
        if terminal.format == MessageFormat::Json {
            terminal.line(json!({ "reason": "verified", "file": path, "faults": faults }))?;
            continue;
        }
        if faults.is_empty() {
            terminal.status(format_args!("{shown}: {}", terminal.paint(Style::Green, "whole")))?;
            continue;
        }
        for fault in faults {
            terminal.note(format_args!(
                "{shown}: {} {fault}",
                terminal.paint_err(Style::Red, "error:")
            ));
        }
    }
    Ok(exit)
}
