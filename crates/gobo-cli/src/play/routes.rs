//! Which universes go where: what the canvas says, unless the command line says otherwise.

use gobo_canvas::Header;
use gobo_dmx::{Route, Universe, UniverseSet};

use crate::args::OutputArgs;

/// The routes to play to, with no universe but those asked for.
pub(super) fn routes(header: &Header, args: &OutputArgs) -> Vec<Route> {
    let mut routes: Vec<Route> = args
        .artnet
        .iter()
        .map(|target| target.route(args.sync))
        .chain(args.sacn.iter().map(|target| target.route(args.sync)))
        .collect();
    if routes.is_empty() {
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
            sync: false,
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
}
