//! A venue's outputs as routes.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use gobo_dmx::{ARTNET_PORT, Delivery, Protocol, Route, SACN_PORT, Universe};

use super::Loader;
use super::venue::Declared;
use crate::decode::Spanned;
use crate::diagnostic::{Diagnostic, Place};
use crate::rig::Rig;
use crate::source::{OutputSource, ProtocolName, Sync};

impl Loader<'_> {
    pub(super) fn routes(&mut self, outputs: &[Spanned<OutputSource>]) -> Vec<Route> {
        outputs.iter().filter_map(|output| self.route(output)).collect()
    }

    /// Warns of universes that have fixtures and no output, where there are outputs at all.
    pub(super) fn check_routed(&mut self, rig: &Rig, declared: &Declared) {
        let mut checked = BTreeSet::new();
        let fixtures = rig.fixtures.iter().zip(&declared.fixtures);
        let patched = fixtures.flat_map(|(fixture, place)| {
            fixture.universes().map(move |universe| (universe, fixture, place))
        });
        for (universe, fixture, place) in patched {
            let routed = rig.routes.iter().any(|route| route.universes.contains(universe));
            if routed || rig.routes.is_empty() || !checked.insert(universe) {
                continue;
            }
            let message = format!("no output sends universe {universe}, where `{}` is", fixture.id);
            self.decoder.say(Diagnostic::warning("no-output", place.clone(), message));
        }
    }

    fn route(&mut self, output: &Spanned<OutputSource>) -> Option<Route> {
        let source = &output.value;
        let protocol = self.protocol(source)?;
        let delivery = self.delivery(output)?;
        self.check_offset(source);
        Some(Route {
            universes: source.universes.clone(),
            protocol,
            delivery,
            offset: source.offset.as_ref().map_or(0, |offset| offset.value),
            max_rate: source.rate,
            delay: source.delay.unwrap_or_default(),
        })
    }

    fn conflict<T>(&mut self, place: &Place, message: &str) -> Option<T> {
        self.decoder.say(Diagnostic::error("conflict", place.clone(), message));
        None
    }

    fn protocol(&mut self, source: &OutputSource) -> Option<Protocol> {
        let sync = source.sync.as_ref();
        if source.protocol == ProtocolName::ArtNet {
            if let Some(priority) = &source.priority {
                return self.conflict(&priority.place, "Art-Net has no `priority`: E1.31 has");
            }
            if let Some(interface) = &source.interface {
                let message = "`interface` is for E1.31 multicast: Art-Net goes where `to` says";
                return self.conflict(&interface.place, message);
            }
            return match sync.map(|sync| (sync.value, &sync.place)) {
                None => Some(Protocol::ArtNet { sync: false }),
                Some((Sync::Flag(sync), _)) => Some(Protocol::ArtNet { sync }),
                Some((Sync::Universe(_), place)) => {
                    self.conflict(place, "ArtSync has no universe: expected true or false")
                }
            };
        }
        let sync = match sync.map(|sync| (sync.value, &sync.place)) {
            None | Some((Sync::Flag(false), _)) => None,
            Some((Sync::Universe(universe), _)) => Some(universe),
            Some((Sync::Flag(true), place)) => {
                return self.conflict(place, "E1.31 needs a universe for its sync packets");
            }
        };
        let priority = source.priority.as_ref().map(|priority| priority.value);
        Some(Protocol::Sacn { priority: priority.unwrap_or_default(), sync })
    }

    fn delivery(&mut self, output: &Spanned<OutputSource>) -> Option<Delivery> {
        let source = &output.value;
        let artnet = source.protocol == ProtocolName::ArtNet;
        let port = if artnet { ARTNET_PORT } else { SACN_PORT };
        let Some(to) = &source.to else {
            if artnet {
                let message = "`to` is missing: expected a host or `broadcast`";
                self.decoder.say(Diagnostic::error("missing-key", output.place.clone(), message));
                return None;
            }
            return self.multicast(source);
        };
        match to.value.as_str() {
            "multicast" if artnet => {
                self.conflict(&to.place, "Art-Net has no multicast: give a host or `broadcast`")
            }
            "multicast" => self.multicast(source),
            "broadcast" if !artnet => {
                self.conflict(&to.place, "E1.31 is not broadcast: give a host or `multicast`")
            }
            "broadcast" => Some(Delivery::Broadcast { address: Ipv4Addr::BROADCAST, port }),
            host => {
                let unicast = host_and_port(host, port);
                if unicast.is_none() {
                    let message =
                        format!("`{host}` is no host: expected `10.0.0.5` or `node:6454`");
                    self.decoder.say(Diagnostic::error("bad-value", to.place.clone(), message));
                }
                let (host, port) = unicast?;
                Some(match host.parse::<Ipv4Addr>() {
                    Ok(address) if artnet && address.octets()[3] == 255 => {
                        Delivery::Broadcast { address, port }
                    }
                    _ => Delivery::Unicast { host, port },
                })
            }
        }
    }

    fn multicast(&mut self, source: &OutputSource) -> Option<Delivery> {
        let interface = match &source.interface {
            None => None,
            Some(interface) => match interface.value.parse::<IpAddr>() {
                Ok(address) => Some(address),
                Err(_) => {
                    let message = format!(
                        "expected the address of a network interface, found `{}`",
                        interface.value
                    );
                    let place = interface.place.clone();
                    self.decoder.say(Diagnostic::error("bad-value", place, message));
                    return None;
                }
            },
        };
        Some(Delivery::Multicast { interface })
    }

    /// Universe numbers must stay legal on the wire.
    fn check_offset(&mut self, source: &OutputSource) {
        let Some(offset) = &source.offset else { return };
        let highest = match source.protocol {
            ProtocolName::ArtNet => 32_768,
            ProtocolName::Sacn => i64::from(Universe::LAST.get()),
        };
        // `all` stands for the universes of the show, whose numbers are not known here.
        let all = source.universes == gobo_dmx::UniverseSet::all();
        let wrong = source.universes.ranges().iter().filter(|_| !all).find_map(|(first, last)| {
            [first, last]
                .into_iter()
                .map(|end| i64::from(end.get()) + i64::from(offset.value))
                .find(|number| !(1..=highest).contains(number))
        });
        if let Some(number) = wrong {
            let message = format!("this makes universe {number}: expected 1 to {highest}");
            self.decoder.say(Diagnostic::error("out-of-range", offset.place.clone(), message));
        }
    }
}

/// A host and its port; `None` when it cannot be one.
fn host_and_port(text: &str, port: u16) -> Option<(String, u16)> {
    if text.parse::<IpAddr>().is_ok() {
        return Some((text.to_owned(), port));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, digits)) => (host, digits.parse().ok().filter(|port| *port > 0)?),
        None => (text, port),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let named = !bare.is_empty() && bare.chars().all(fits);
    (named || bare.parse::<IpAddr>().is_ok()).then(|| (bare.to_owned(), port))
}
