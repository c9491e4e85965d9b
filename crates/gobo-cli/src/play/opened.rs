//! The outputs of a show, opened before it and reported on after it.

use anyhow::{Result, anyhow};
use gobo_canvas::Header;
use gobo_dmx::{LastLook, Universe};
use gobo_output::{Backup, Capture, Ours, Outputs, Report, Subscribers};
use gobo_play::State;

use super::memo::Opened;
use super::record::{self, Kind, Records};
use super::{identity, routes, status};
use crate::args::OutputArgs;
use crate::canvas::route;
use crate::failure::{Exit, misuse};
use crate::terminal::Terminal;
use crate::value::counted;

/// Opens everything to send to, and says what goes nowhere; with it, what is written down of
/// what is sent.
pub(crate) fn outputs(
    terminal: &Terminal,
    header: &Header,
    recorded: &Header,
    args: &OutputArgs,
    last_look: Option<LastLook>,
) -> Result<(Outputs, Opened, Records)> {
    routes::check(header, args).map_err(misuse)?;
    let routes = routes::routes(header, args);
    let unrouted = routes::unrouted(header, &routes, args);
    if !args.stdout && !unrouted.is_empty() {
        terminal.warn(format_args!("universes {unrouted} go nowhere: no output takes them"));
    }
    if args.dry_run {
        for sent in &routes {
            terminal.status(format_args!("{} (not sent)", route(sent)))?;
        }
    }
    let universes: Vec<Universe> = header.universes.iter().map(|entry| entry.universe).collect();
    let opened = Opened {
        routes,
        universes,
        slots_used: header.universes.iter().map(|entry| entry.slots_used).collect(),
        source_name: format!("gobo {}", header.name),
        rate: header.rate,
        last_look: last_look.unwrap_or(header.last_look),
    };
    let mut records = Records::begin(args)?;
    let mut outputs = opened_again(terminal, args, &opened, records.capture())?;
    records.attach(recorded, args, &mut outputs)?;
    Ok((outputs, opened, records))
}

/// Opens what was opened before.
pub(crate) fn opened_again(
    terminal: &Terminal,
    args: &OutputArgs,
    opened: &Opened,
    capture: Option<Capture>,
) -> Result<Outputs> {
    let mut options = gobo_output::Options::new(identity::cid(terminal));
    options.dry_run = args.dry_run;
    options.on_change_only = args.only_changes;
    options.source_name.clone_from(&opened.source_name);
    options.period = opened.rate.time_of(1);
    options.spread = args.pace.map(|part| options.period.mul_f64(part));
    options.segmentation = !args.no_offload;
    options.slots_used.clone_from(&opened.slots_used);
    options.capture = capture;
    Ok(Outputs::open(&opened.routes, &opened.universes, &options)?)
}

/// What is ours on the wire.
pub(crate) fn ours(terminal: &Terminal, outputs: &Outputs) -> Ours {
    Ours { cid: Some(identity::cid(terminal)), ports: outputs.ports() }
}

/// Says afterwards what went wrong on the way; an output that failed to the last is no good end.
pub(crate) fn report(terminal: &Terminal, state: &State, outputs: Option<&Outputs>) -> Exit {
    let mut exit = Exit::Fine;
    for (name, report) in outputs.into_iter().flat_map(Outputs::reports) {
        tell_routing(terminal, name, &report);
        let Some(fault) = report.fault else { continue };
        let (count, error) = (fault.count, fault.error());
        let words = match record::kind(name, &error) {
            Kind::Told => continue,
            Kind::Log => format!("{name}: {count} frames are missing: {error}"),
            Kind::Target => format!("{name}: {count} packets were not sent: {error}"),
        };
        if fault.failing {
            exit = Exit::Broken;
            terminal.error(&anyhow!(words));
        } else {
            terminal.warn(words);
        }
    }
    if let Some(trouble) = status::sound_trouble(state.sound) {
        terminal.warn(format_args!("{trouble}: the show went on without"));
    }
    let State { dropped, missing, sent, unready, .. } = *state;
    if unready > 0 {
        let shows = counted(unready as usize, "show");
        terminal.warn(format_args!("{shows} not ready in time: the look before stayed meanwhile"));
    }
    if dropped > 0 {
        terminal.warn(format_args!("{dropped} of {} frames came too late", sent + dropped));
    }
    if missing > 0 {
        terminal.warn(format_args!(
            "{missing} frames could not be read in time: `gobo canvas verify` tells whether the \
             canvas is whole"
        ));
    }
    exit
}

/// Says where levels went otherwise than meant: to nobody, or to a backup.
fn tell_routing(terminal: &Terminal, name: &str, report: &Report) {
    if let Some(Subscribers { nodes, unclaimed, first_unclaimed: Some(first) }) = report.subscribers
    {
        let nodes = counted(nodes as usize, "node");
        let others =
            if unclaimed > 1 { format!(" and {} more", unclaimed - 1) } else { String::new() };
        terminal.warn(format_args!(
            "{name}: nobody subscribes to universe {first}{others} at the end ({nodes} found)"
        ));
    }
    if let Some(Backup { active, takeovers: takeovers @ 1.. }) = report.backup {
        let times = counted(takeovers as usize, "time");
        let still = if active { ", and did at the end" } else { "" };
        terminal.warn(format_args!("{name}: the backup stood in {times}{still}"));
    }
}
