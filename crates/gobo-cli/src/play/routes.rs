//! Which universes go where: what the canvas says, unless the command line says otherwise.

use gobo_canvas::Header;
use gobo_dmx::{Delivery, Route, Universe, UniverseSet};

use crate::args::OutputArgs;
use crate::value::UsbProTarget;

/// The routes to play to, with no universe but those asked for.
pub(super) fn routes(header: &Header, args: &OutputArgs) -> Vec<Route> {
    let mut routes: Vec<Route> = args
        .artnet
        .iter()
        .map(|target| target.route(args.sync))
        .chain(args.sacn.iter().map(|target| target.route(args.sync)))
        .chain(args.ddp.iter().map(|target| target.route(args.pixels.into())))
        .chain(args.usbpro.iter().map(UsbProTarget::route))
        .chain(args.ola.iter().map(|target| target.route(args.ola_via.into())))
        .collect();
    if routes.is_empty() && !args.stdout {
        routes = header.routes.clone();
    }
    let played = universes(header, args.only.as_ref());
    for route in &mut routes {
        route.universes =
            played.iter().copied().filter(|&universe| route.universes.contains(universe)).collect();
    }
    routes.retain(|route| !route.universes.is_empty());
    routes
}

/// Whether any universe asked for is there to be played.
pub(crate) fn check(header: &Header, args: &OutputArgs) -> Result<(), String> {
    let Some(only) =
        args.only.as_ref().filter(|_| universes(header, args.only.as_ref()).is_empty())
    else {
        return Ok(());
    };
    let all: UniverseSet = universes(header, None).into_iter().collect();
    Err(format!("no universe of {only} is in the show: it has {all}"))
}

/// Whether a host is a host, where no show was named: `--sacn demo` takes what follows it.
pub(super) fn check_hosts(args: &OutputArgs, shows: &[String]) -> Result<(), String> {
    let artnet = args.artnet.iter().map(|target| ("--artnet", target.route(false)));
    let sacn = args.sacn.iter().map(|target| ("--sacn", target.route(false)));
    let ola = args.ola.iter().map(|target| ("--ola", target.route(args.ola_via.into())));
    for (option, route) in artnet.chain(sacn).chain(ola) {
        if let Delivery::Unicast { host, .. } = route.delivery
            && (shows.contains(&host) || host.ends_with(".canvas"))
        {
            return Err(format!(
                "`{option} {host}` would send to a host of that name; to play `{host}`, name it \
                 before the option: `gobo play {host} {option}`"
            ));
        }
    }
    Ok(())
}

/// The universes of a canvas, or those of them in `only`.
fn universes(header: &Header, only: Option<&UniverseSet>) -> Vec<Universe> {
    let all = header.universes.iter().map(|entry| entry.universe);
    all.filter(|&universe| only.is_none_or(|only| only.contains(universe))).collect()
}

/// The universes that no route takes.
pub(super) fn unrouted(header: &Header, routes: &[Route], args: &OutputArgs) -> UniverseSet {
    universes(header, args.only.as_ref())
        .into_iter()
        .filter(|&universe| !routes.iter().any(|route| route.universes.contains(universe)))
        .collect()
}

#[cfg(test)]
mod tests {
    use gobo_canvas::UniverseEntry;

    use super::*;
    use crate::args::{OlaInterface, PixelKind};

    fn header() -> Header {
        let entry = |number| UniverseEntry {
            universe: Universe::new(number).unwrap(),
            name: String::new(),
            slots_used: 1,
        };
        let target: crate::value::ArtNetTarget = "10.0.0.1=1-2".parse().unwrap();
        Header {
            universes: (1..=4).map(entry).collect(),
            routes: vec![target.route(false)],
            ..Header::default()
        }
    }

    fn args(artnet: &[&str], sacn: &[&str], only: Option<&str>) -> OutputArgs {
        OutputArgs {
            artnet: artnet.iter().map(|target| target.parse().unwrap()).collect(),
            sacn: sacn.iter().map(|target| target.parse().unwrap()).collect(),
            ddp: Vec::new(),
            pixels: PixelKind::Rgb,
            usbpro: Vec::new(),
            ola: Vec::new(),
            ola_via: OlaInterface::Rpc,
            stdout: false,
            record: Vec::new(),
            sync: false,
            pace: None,
            no_offload: false,
            only_changes: false,
            only: only.map(|only| only.parse().unwrap()),
            dry_run: false,
        }
    }

    fn played(args: &OutputArgs) -> (Vec<String>, String) {
        let routes = routes(&header(), args);
        let words = routes.iter().map(|route| route.universes.to_string()).collect();
        (words, unrouted(&header(), &routes, args).to_string())
    }

    #[test]
    fn the_command_line_goes_before_the_canvas() {
        assert_eq!(played(&args(&[], &[], None)), (vec!["1-2".into()], "3-4".into()));
        let both = args(&["h=2-9"], &["multicast"], None);
        assert_eq!(played(&both), (vec!["2-4".into(), "1-4".into()], String::new()));
        let only = args(&[], &[], Some("2-3"));
        assert_eq!(played(&only), (vec!["2".into()], "3".into()));
        assert_eq!(played(&args(&[], &[], Some("4"))), (vec![], "4".into()));
    }

    #[test]
    fn universes_that_are_not_there_are_refused() {
        assert_eq!(check(&header(), &args(&[], &[], Some("4-9"))), Ok(()));
        let refused = check(&header(), &args(&[], &[], Some("9"))).unwrap_err();
        assert_eq!(refused, "no universe of 9 is in the show: it has 1-4");
    }

    #[test]
    fn a_show_is_not_taken_for_a_host() {
        let shows = ["demo".to_owned()];
        assert_eq!(check_hosts(&args(&["10.0.0.1"], &["", "node.local"], None), &shows), Ok(()));
        assert!(
            check_hosts(&args(&[], &["demo"], None), &shows).unwrap_err().contains("demo --sacn")
        );
        assert!(check_hosts(&args(&["a.canvas=1"], &[], None), &[]).is_err());
    }
}
