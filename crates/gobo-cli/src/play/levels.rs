//! What the command line wants of the levels: masters, parking, input.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use anyhow::{Context, Result};
use gobo_canvas::Header;
use gobo_dmx::{ARTNET_PORT, Priority, Protocol, Route, SACN_PORT, Universe, UniverseSet};
use gobo_output::Ours;
use gobo_play::{Desk, Hold, InputOptions, Levels, UnknownSpot};
use gobo_show::diagnostic::nearest;

use crate::args::LevelArgs;
use crate::failure::misuse;
use crate::value::{InputProtocol, InputSource, Named};

/// The levels of some shows with everything set but input.
pub(crate) fn levels(shows: &[&Header], args: &LevelArgs) -> Result<Levels> {
    let levels = Levels::new(shows.iter().copied());
    let desk = levels.desk();
    if let Some(source) = &args.input {
        check(desk, source).map_err(misuse)?;
    }
    if let Some(master) = args.master {
        desk.set_grand(master);
    }
    for Named { name, level } in &args.group {
        let level = level.ok_or_else(|| misuse(format!("`--group {name}` needs a level")))?;
        desk.set_group(name, level).map_err(|error| {
            let groups: BTreeSet<String> = desk.groups().into_iter().collect();
            misuse(format!(
                "{error}; {}",
                known(name, groups.iter().map(String::as_str), "the venue has none")
            ))
        })?;
    }
    for Named { name, level } in &args.park {
        let spot = desk.spot(name).map_err(|error| misuse(unknown(&error)))?;
        let hold = level.map_or(Hold::AsItIs, Hold::Level);
        desk.park(&spot, hold).map_err(|error| misuse(error.to_string()))?;
    }
    desk.set_merge(args.merge.into());
    Ok(levels)
}

fn unknown(error: &UnknownSpot) -> String {
    let (name, names) = match error {
        UnknownSpot::Fixture { fixture, known } => (fixture, known),
        UnknownSpot::Attribute { attribute, known, .. } => (attribute, known),
    };
    format!("{error}; {}", known(name, names.iter().map(String::as_str), "there are none"))
}

/// The nearest name, or all of them where there are few.
fn known<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone, none: &str) -> String {
    const FEW: usize = 20;
    match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.clone().next().is_none() => none.to_owned(),
        None => {
            let mut few: Vec<&str> = names.clone().take(FEW).collect();
            if names.count() > FEW {
                few.push("...");
            }
            format!("there are {}", few.join(", "))
        }
    }
}

/// Whether any universe that input is for is in the shows.
fn check(desk: &Desk, source: &InputSource) -> Result<(), String> {
    let all: UniverseSet = desk.universes().collect();
    match desk.universes().any(|universe| source.universes.contains(universe)) {
        true => Ok(()),
        false => Err(format!("no universe of {} is in the show: it has {all}", source.universes)),
    }
}

/// Listens to what the command line names, if it does, but not to ourselves.
pub(crate) fn listen(
    levels: &mut Levels,
    args: &LevelArgs,
    routes: &[Route],
    ours: Ours,
) -> Result<()> {
    let Some(source) = &args.input else { return Ok(()) };
    let port = |own| source.port.unwrap_or(own);
    // Multicast and broadcast are heard at no particular address; an interface tells which.
    let interface = source.address.filter(|address| !address.is_loopback());
    let any = match source.address {
        Some(IpAddr::V6(_)) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    if let Some(address) = source.address.filter(|address| !address.is_multicast()) {
        // Only an address of this machine can be bound to.
        let bound = UdpSocket::bind((address, 0));
        bound.with_context(|| format!("cannot listen at {address}"))?;
    }
    let at = source.address.filter(IpAddr::is_loopback).unwrap_or(any);
    let (artnet, sacn) = match source.protocol {
        InputProtocol::ArtNet => (Some(SocketAddr::new(at, port(ARTNET_PORT))), None),
        InputProtocol::Sacn => (None, Some(SocketAddr::new(at, port(SACN_PORT)))),
    };
    levels.listen(&InputOptions {
        artnet,
        sacn,
        multicast: at == Ipv4Addr::UNSPECIFIED,
        interface: interface.map(|address| address.to_string()),
        universes: source.universes.clone(),
        offset: args.input_offset,
        priority: args.input_priority.and_then(|number| Priority::new(number).ok()),
        merge: args.merge.into(),
        own: own(levels.desk(), routes),
        ours,
    })?;
    Ok(())
}

/// The show's own priority in each universe: that of the E1.31 or the olad
/// that it is sent by, the highest.
fn own(desk: &Desk, routes: &[Route]) -> BTreeMap<Universe, Priority> {
    let priority = |universe| {
        let sent = routes.iter().filter(|route| route.universes.contains(universe));
        let priorities = sent.filter_map(|route| match &route.protocol {
            Protocol::Sacn(streams) => Some(streams.priority.get(universe)),
            Protocol::Ola { priority, .. } => Some(*priority),
            Protocol::ArtNet { .. } | Protocol::Ddp { .. } | Protocol::UsbPro => None,
        });
        priorities.max().unwrap_or_default()
    };
    desk.universes().map(|universe| (universe, priority(universe))).collect()
}
