//! A venue's outputs as routes.

use std::collections::BTreeSet;

use gobo_dmx::{
    Delivery, DeliveryError, IpVersion, OlaApi, Priority, Protocol, Route, SacnStreams, SacnSync,
    Universe, UniverseSet,
};

use super::Loader;
use super::venue::Declared;
use crate::decode::Spanned;
use crate::diagnostic::{Diagnostic, Place};
use crate::rig::{Fixture, Rig};
use crate::source::{OutputSource, ProtocolName, StreamPriority, Sync};

impl Loader<'_> {
    pub(super) fn routes(
        &mut self,
        outputs: &[Spanned<OutputSource>],
        rig: &Rig,
        declared: &mut Declared,
    ) -> Vec<Route> {
        let routes: Vec<_> = outputs
            .iter()
            .filter_map(|output| Some((self.route(output, rig, declared)?, &output.place)))
            .collect();
        self.check_twice(&routes, rig);
        routes.into_iter().map(|(route, _)| route).collect()
    }

    /// Two universes of the show cannot be one universe of a target.
    fn check_twice(&mut self, routes: &[(Route, &Place)], rig: &Rig) {
        let universes: BTreeSet<Universe> =
            rig.fixtures.iter().flat_map(Fixture::universes).collect();
        let mut taken: Vec<(Way<'_>, Universe, &Place)> = Vec::new();
        for (route, place) in routes {
            let ways = ways(route, &universes);
            let twice = ways.iter().find_map(|(way, universe)| {
                let known = taken.iter().find(|(known, ..)| known == way)?;
                Some((*universe, known.1, known.2, way.2))
            });
            taken.extend(ways.into_iter().map(|(way, universe)| (way, universe, *place)));
            let Some((universe, first, first_place, number)) = twice else { continue };
            let message = match universe == first {
                true => format!("universe {universe} goes twice to the same target"),
                false => format!(
                    "universes {first} and {universe} both go to universe {number} of one target"
                ),
            };
            let error = Diagnostic::error("conflict", (*place).clone(), message);
            self.decoder.say(error.label(first_place.clone(), "the first"));
        }
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

    fn route(
        &mut self,
        output: &Spanned<OutputSource>,
        rig: &Rig,
        declared: &mut Declared,
    ) -> Option<Route> {
        let source = &output.value;
        let protocol = self.protocol(source, rig, declared);
        let delivery = self.delivery(output);
        let backup = match &source.backup {
            Some(backup) => self.target(source, backup).map(Some),
            None => Some(None),
        };
        self.check_offset(source, rig);
        let (protocol, delivery, backup) = (protocol?, delivery?, backup?);
        Some(Route {
            backup,
            offset: source.offset.as_ref().map_or(0, |offset| offset.value),
            max_rate: source.rate,
            delay: source.delay.unwrap_or_default(),
            only_changes: source.only_changes,
            ..Route::new(source.universes.clone(), protocol, delivery)
        })
    }

    fn conflict<T>(&mut self, place: &Place, message: &str) -> Option<T> {
        self.decoder.say(Diagnostic::error("conflict", place.clone(), message));
        None
    }

    fn protocol(
        &mut self,
        source: &OutputSource,
        rig: &Rig,
        declared: &mut Declared,
    ) -> Option<Protocol> {
        self.check_words(source)?;
        match source.protocol {
            ProtocolName::ArtNet => self.artnet(source),
            ProtocolName::Sacn => self.sacn(source, rig, declared).map(Protocol::Sacn),
            ProtocolName::Ddp => {
                let pixels = source.pixels.as_ref().map(|pixels| pixels.value);
                Some(Protocol::Ddp { pixels: pixels.unwrap_or_default() })
            }
            ProtocolName::UsbPro => Some(Protocol::UsbPro),
            ProtocolName::Ola => self.ola(source),
        }
    }

    /// Words that only other protocols have.
    fn check_words(&mut self, source: &OutputSource) -> Option<()> {
        use ProtocolName::{ArtNet, Ddp, Ola, Sacn};
        fn place<T>(word: Option<&Spanned<T>>) -> Option<&Place> {
            word.map(|word| &word.place)
        }
        let words: [(_, _, &[ProtocolName]); 7] = [
            ("priority", place(source.priority.as_ref()), &[Sacn, Ola]),
            ("address_priority", place(source.address_priority.as_ref()), &[Sacn]),
            ("force_sync", place(source.force_sync.as_ref()), &[Sacn]),
            ("sync", place(source.sync.as_ref()), &[ArtNet, Sacn]),
            ("pixels", place(source.pixels.as_ref()), &[Ddp]),
            ("via", place(source.via.as_ref()), &[Ola]),
            ("offset", place(source.offset.as_ref()), &[ArtNet, Sacn, Ddp, Ola]),
        ];
        let foreign = |(word, place, owners): (_, Option<_>, &'static [ProtocolName])| {
            place.filter(|_| !owners.contains(&source.protocol)).map(|place| (word, place, owners))
        };
        let Some((word, place, owners)) = words.into_iter().find_map(foreign) else {
            return Some(());
        };
        let owners: Vec<&str> = owners.iter().map(|owner| owner.title()).collect();
        let owned = match owners.as_slice() {
            [others @ .., last] if !others.is_empty() => {
                format!("{} and {last} have", others.join(", "))
            }
            _ => format!("{} has", owners.concat()),
        };
        self.conflict(place, &format!("{} has no `{word}`: {owned}", source.protocol.title()))
    }

    fn ola(&mut self, source: &OutputSource) -> Option<Protocol> {
        let via = source.via.as_ref().map(|via| via.value).unwrap_or_default();
        let Some(priority) = &source.priority else {
            return Some(Protocol::Ola { via, priority: Priority::default() });
        };
        match &priority.value {
            _ if via == OlaApi::Http => {
                let message = "olad's web server takes no `priority`: `via = \"rpc\"` does";
                self.conflict(&priority.place, message)
            }
            StreamPriority::One(one) => Some(Protocol::Ola { via, priority: *one }),
            StreamPriority::Each(_) => {
                let message = "OLA has one priority for all universes of an output";
                self.conflict(&priority.place, message)
            }
        }
    }

    fn artnet(&mut self, source: &OutputSource) -> Option<Protocol> {
        match source.sync.as_ref().map(|sync| (sync.value, &sync.place)) {
            None => Some(Protocol::ArtNet { sync: false }),
            Some((Sync::Flag(sync), _)) => Some(Protocol::ArtNet { sync }),
            Some((Sync::Universe(_), place)) => {
                self.conflict(place, "ArtSync has no universe: expected true or false")
            }
        }
    }

    fn sacn(
        &mut self,
        source: &OutputSource,
        rig: &Rig,
        declared: &mut Declared,
    ) -> Option<SacnStreams> {
        let universe = match source.sync.as_ref().map(|sync| (sync.value, &sync.place)) {
            None | Some((Sync::Flag(false), _)) => None,
            Some((Sync::Universe(universe), _)) => Some(universe),
            Some((Sync::Flag(true), place)) => {
                return self.conflict(place, "E1.31 needs a universe for its sync packets");
            }
        };
        if let (None, Some(force)) = (universe, &source.force_sync) {
            return self.conflict(&force.place, "`force_sync` is of no use without `sync`");
        }
        let force = source.force_sync.as_ref().is_none_or(|force| force.value);
        let priority = self.stream_priorities(source.priority.as_ref())?;
        let slots = source.address_priority.as_ref();
        Some(SacnStreams {
            address_priority: self.slot_priorities(
                slots,
                &priority,
                &source.universes,
                rig,
                declared,
            )?,
            priority,
            sync: universe.map(|universe| SacnSync { universe, force }),
        })
    }

    fn delivery(&mut self, output: &Spanned<OutputSource>) -> Option<Delivery> {
        let source = &output.value;
        let mut delivery = match &source.to {
            Some(to) => self.target(source, to)?,
            None => match source.protocol {
                ProtocolName::Sacn => Delivery::multicast(None),
                ProtocolName::UsbPro => Delivery::Usb { serial: None },
                ProtocolName::Ola => Delivery::local_ola(via(source)),
                ProtocolName::ArtNet => {
                    return self.missing(output, "a host, `nodes` or `broadcast`");
                }
                ProtocolName::Ddp => return self.missing(output, "a host"),
            },
        };
        let Some(wanted) = &source.interface else { return Some(delivery) };
        match &mut delivery {
            Delivery::Multicast { interface: Some(_), .. }
            | Delivery::Nodes { on: Some(_), .. } => {
                self.conflict(&wanted.place, "`to` chooses the interface as well")
            }
            Delivery::Multicast { ip: IpVersion::V4, .. } => {
                Some(Delivery::multicast(Some(wanted.value.clone())))
            }
            Delivery::Multicast { interface: on, .. } | Delivery::Nodes { on, .. } => {
                *on = Some(wanted.value.clone());
                Some(delivery)
            }
            Delivery::Unicast { .. }
            | Delivery::Broadcast { .. }
            | Delivery::Device { .. }
            | Delivery::Usb { .. } => {
                let message = "`interface` is for multicast and `nodes`: this goes where `to` says";
                self.conflict(&wanted.place, message)
            }
        }
    }

    fn missing<T>(&mut self, output: &Spanned<OutputSource>, expected: &str) -> Option<T> {
        let message = format!("`to` is missing: expected {expected}");
        self.decoder.say(Diagnostic::error("missing-key", output.place.clone(), message));
        None
    }

    /// A target as written.
    fn target(&mut self, source: &OutputSource, to: &Spanned<String>) -> Option<Delivery> {
        let text = &to.value;
        let delivery = match source.protocol {
            ProtocolName::ArtNet => Delivery::artnet(text),
            ProtocolName::Sacn => Delivery::sacn(text),
            ProtocolName::Ddp => Delivery::ddp(text),
            ProtocolName::UsbPro => Delivery::usb_pro(text),
            ProtocolName::Ola => Delivery::ola(text, via(source)),
        };
        delivery
            .map_err(|error| {
                let code = match error {
                    DeliveryError::Host(_) | DeliveryError::Device(_) => "bad-value",
                    _ => "conflict",
                };
                let error = Diagnostic::error(code, to.place.clone(), error.to_string());
                self.decoder.say(error);
            })
            .ok()
    }

    /// Universe numbers must stay legal on the wire.
    fn check_offset(&mut self, source: &OutputSource, rig: &Rig) {
        let Some(offset) = &source.offset else { return };
        let highest = match source.protocol {
            ProtocolName::ArtNet => 32_768,
            ProtocolName::Ddp if offset.value < 0 => {
                let message =
                    format!("DDP begins with 0: expected 0 or more, found {}", offset.value);
                self.decoder.say(Diagnostic::error("out-of-range", offset.place.clone(), message));
                return;
            }
            ProtocolName::UsbPro => return,
            ProtocolName::Ddp | ProtocolName::Sacn | ProtocolName::Ola => {
                i64::from(Universe::LAST.get())
            }
        };
        let sent = rig.fixtures.iter().flat_map(Fixture::universes);
        let sent = sent.filter(|universe| source.universes.contains(*universe));
        // Universes that are written out count, whether the show has them or not.
        let written = match source.universes == UniverseSet::all() {
            true => Vec::new(),
            false => source.universes.ranges().iter().flat_map(|&(a, b)| [a, b]).collect(),
        };
        let wrong = written
            .into_iter()
            .chain(sent)
            .map(|universe| i64::from(universe.get()) + i64::from(offset.value))
            .find(|number| !(1..=highest).contains(number));
        if let Some(number) = wrong {
            let message = format!("this makes universe {number}: expected 1 to {highest}");
            self.decoder.say(Diagnostic::error("out-of-range", offset.place.clone(), message));
        }
    }
}

/// The ways of the universes of the show by a route. There are no universes in DDP, where the
/// route's lie one after the other, and no numbers at a widget's outputs; what widget there is to be
/// found is shared.
fn ways<'a>(route: &'a Route, universes: &BTreeSet<Universe>) -> Vec<(Way<'a>, Universe)> {
    if route.delivery == (Delivery::Usb { serial: None }) {
        return Vec::new();
    }
    let protocol = std::mem::discriminant(&route.protocol);
    let sent = universes.iter().filter(|universe| route.universes.contains(**universe));
    let way = |(place, &universe): (i64, &Universe)| {
        let number = match route.protocol {
            Protocol::Ddp { .. } | Protocol::UsbPro => place,
            _ => i64::from(universe.get()),
        };
        ((protocol, &route.delivery, number + i64::from(route.offset)), universe)
    };
    (1..).zip(sent).map(way).collect()
}

/// What goes to one target: how, where, and by which number.
type Way<'a> = (std::mem::Discriminant<Protocol>, &'a Delivery, i64);

/// How olad is to be spoken to.
fn via(source: &OutputSource) -> OlaApi {
    source.via.as_ref().map(|via| via.value).unwrap_or_default()
}
