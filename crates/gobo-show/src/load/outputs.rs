//! A venue's outputs as routes.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use gobo_dmx::{
    ARTNET_PORT, DDP_PORT, Delivery, OLA_HTTP_PORT, OLA_RPC_PORT, OlaApi, Protocol, Route,
    SACN_PORT, Universe,
};

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
        self.check_words(source)?;
        let sync = source.sync.as_ref().map(|sync| (sync.value, &sync.place));
        let priority = source.priority.as_ref().map(|priority| priority.value).unwrap_or_default();
        match source.protocol {
            ProtocolName::ArtNet => match sync {
                None => Some(Protocol::ArtNet { sync: false }),
                Some((Sync::Flag(sync), _)) => Some(Protocol::ArtNet { sync }),
                Some((Sync::Universe(_), place)) => {
                    self.conflict(place, "ArtSync has no universe: expected true or false")
                }
            },
            ProtocolName::Sacn => match sync {
                None | Some((Sync::Flag(false), _)) => {
                    Some(Protocol::Sacn { priority, sync: None })
                }
                Some((Sync::Universe(universe), _)) => {
                    Some(Protocol::Sacn { priority, sync: Some(universe) })
                }
                Some((Sync::Flag(true), place)) => {
                    self.conflict(place, "E1.31 needs a universe for its sync packets")
                }
            },
            ProtocolName::Ddp => {
                let pixels = source.pixels.as_ref().map(|pixels| pixels.value);
                Some(Protocol::Ddp { pixels: pixels.unwrap_or_default() })
            }
            ProtocolName::UsbPro => Some(Protocol::UsbPro),
            ProtocolName::Ola => {
                let via = source.via.as_ref().map(|via| via.value).unwrap_or_default();
                match &source.priority {
                    Some(priority) if via == OlaApi::Http => self.conflict(
                        &priority.place,
                        "olad's web server takes no `priority`: its `via = \"rpc\"` does",
                    ),
                    _ => Some(Protocol::Ola { via, priority }),
                }
            }
        }
    }

    /// Words that only other protocols have.
    fn check_words(&mut self, source: &OutputSource) -> Option<()> {
        use ProtocolName::{ArtNet, Ddp, Ola, Sacn};
        let name = source.protocol.title();
        if let Some(interface) = &source.interface
            && source.protocol != Sacn
        {
            let message =
                format!("`interface` is for E1.31 multicast: {name} goes where `to` says");
            return self.conflict(&interface.place, &message);
        }
        let words: [(_, Option<&Place>, &[ProtocolName]); 5] = [
            ("priority", source.priority.as_ref().map(|word| &word.place), &[Sacn, Ola]),
            ("sync", source.sync.as_ref().map(|word| &word.place), &[ArtNet, Sacn]),
            ("pixels", source.pixels.as_ref().map(|word| &word.place), &[Ddp]),
            ("via", source.via.as_ref().map(|word| &word.place), &[Ola]),
            ("offset", source.offset.as_ref().map(|word| &word.place), &[ArtNet, Sacn, Ddp, Ola]),
        ];
        for (word, place, owners) in words {
            let Some(place) = place.filter(|_| !owners.contains(&source.protocol)) else {
                continue;
            };
            let owners: Vec<&str> = owners.iter().map(|owner| owner.title()).collect();
            let owned = match owners.as_slice() {
                [only] => format!("{only} has"),
                [others @ .., last] => format!("{} and {last} have", others.join(", ")),
                [] => String::new(),
            };
            return self.conflict(place, &format!("{name} has no `{word}`: {owned}"));
        }
        Some(())
    }

    fn delivery(&mut self, output: &Spanned<OutputSource>) -> Option<Delivery> {
        let source = &output.value;
        let (port, expected) = match source.protocol {
            ProtocolName::UsbPro => return self.widget(source),
            ProtocolName::ArtNet => (ARTNET_PORT, "a host or `broadcast`"),
            ProtocolName::Sacn => (SACN_PORT, "a host or `multicast`"),
            ProtocolName::Ddp => (DDP_PORT, "a host"),
            ProtocolName::Ola => match source.via.as_ref().map(|via| via.value) {
                Some(OlaApi::Http) => (OLA_HTTP_PORT, "a host"),
                _ => (OLA_RPC_PORT, "a host"),
            },
        };
        let title = source.protocol.title();
        let is = |protocol| source.protocol == protocol;
        let Some(to) = &source.to else {
            return match source.protocol {
                ProtocolName::Sacn => self.multicast(source),
                ProtocolName::Ola => Some(Delivery::Unicast { host: "127.0.0.1".into(), port }),
                _ => {
                    let message = format!("`to` is missing: expected {expected}");
                    let place = output.place.clone();
                    self.decoder.say(Diagnostic::error("missing-key", place, message));
                    None
                }
            };
        };
        match to.value.as_str() {
            "multicast" if is(ProtocolName::Sacn) => self.multicast(source),
            "multicast" => {
                self.conflict(&to.place, &format!("{title} has no multicast: give {expected}"))
            }
            "broadcast" if is(ProtocolName::ArtNet) => {
                Some(Delivery::Broadcast { address: Ipv4Addr::BROADCAST, port })
            }
            "broadcast" => {
                self.conflict(&to.place, &format!("{title} is not broadcast: give {expected}"))
            }
            host => {
                let unicast = host_and_port(host, port);
                if unicast.is_none() {
                    let message =
                        format!("`{host}` is no host: expected `10.0.0.5` or `node:{port}`");
                    self.decoder.say(Diagnostic::error("bad-value", to.place.clone(), message));
                }
                let (host, port) = unicast?;
                Some(match host.parse::<Ipv4Addr>() {
                    Ok(address) if is(ProtocolName::ArtNet) && address.octets()[3] == 255 => {
                        Delivery::Broadcast { address, port }
                    }
                    _ => Delivery::Unicast { host, port },
                })
            }
        }
    }

    /// Where a USB PRO is: at a path, or wherever it is found on USB.
    fn widget(&mut self, source: &OutputSource) -> Option<Delivery> {
        let Some(to) = &source.to else { return Some(Delivery::Usb { serial: None }) };
        let text = to.value.as_str();
        match text.strip_prefix("usb:") {
            Some(serial) if !serial.is_empty() => {
                Some(Delivery::Usb { serial: Some(serial.to_owned()) })
            }
            None if text == "usb" => Some(Delivery::Usb { serial: None }),
            None if text.starts_with('/') => Some(Delivery::Device { path: text.to_owned() }),
            _ => {
                let message = format!(
                    "`{text}` is no device: expected `/dev/ttyUSB0`, `usb` or `usb:EN123456`"
                );
                self.decoder.say(Diagnostic::error("bad-value", to.place.clone(), message));
                None
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
            ProtocolName::Ddp if offset.value < 0 => {
                let message =
                    format!("DDP begins with 0: expected 0 or more, found {}", offset.value);
                self.decoder.say(Diagnostic::error("out-of-range", offset.place.clone(), message));
                return;
            }
            ProtocolName::Ddp => return,
            _ => i64::from(Universe::LAST.get()),
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
