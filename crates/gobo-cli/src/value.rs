//! Values of the command line: times, spans, targets. Parsing only; nothing is looked up but
//! sections, and those in what the caller gives.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use gobo_canvas::SectionMark;
use gobo_dmx::{
    ARTNET_PORT, DEFAULT_PRIORITY, Delivery, FrameRate, Protocol, Route, SACN_PORT, Universe,
    UniverseSet,
};
use gobo_show::source::Position;

/// A time in a show: seconds, or a section.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Moment(pub(crate) Position);

impl Moment {
    /// Seconds of the show at which this begins, or what to say when there is no such section.
    pub(crate) fn start(&self, sections: &[SectionMark]) -> Result<f64, String> {
        self.resolve(sections, |section| section.start)
    }

    /// Seconds of the show at which this ends.
    pub(crate) fn end(&self, sections: &[SectionMark]) -> Result<f64, String> {
        self.resolve(sections, |section| section.end)
    }

    fn resolve(
        &self,
        sections: &[SectionMark],
        side: impl Fn(&SectionMark) -> f64,
    ) -> Result<f64, String> {
        let (name, occurrence) = match &self.0 {
            Position::Seconds(seconds) => return Ok(*seconds),
            Position::Section(name, occurrence) => (name, occurrence),
        };
        let mut named = sections.iter().filter(|section| section.name.eq_ignore_ascii_case(name));
        if let Some(found) = named.nth(occurrence - 1) {
            return Ok(side(found));
        }
        let mut known: Vec<&str> = sections.iter().map(|section| section.name.as_str()).collect();
        known.dedup();
        Err(match known.is_empty() {
            true => format!("there is no section `{}`: the song has none", self.0),
            false => {
                format!("there is no section `{}`; there are {}", self.0, known.join(", "))
            }
        })
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

/// Seconds from `1.5`, `1.5s` or `30ms`; may be negative, is finite.
pub(crate) fn span(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (number, scale) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1e-3),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 1.0),
    };
    match number.trim().parse::<f64>() {
        Ok(value) if value.is_finite() && value.abs() <= 1e6 => Ok(value * scale),
        _ => Err(format!("expected seconds (`1.5`, `1.5s`) or `30ms`, found `{text}`")),
    }
}

/// A time that is spent busy before each frame: `200us`, `1ms`; at most 10 ms of each.
pub(crate) fn spin(text: &str) -> Result<Duration, String> {
    let seconds = match text.trim().strip_suffix("us") {
        Some(number) => number.trim().parse::<f64>().ok().map(|micros| micros * 1e-6),
        None => span(text).ok(),
    };
    match seconds.filter(|seconds| (0.0..=0.01).contains(seconds)) {
        Some(seconds) => Ok(Duration::from_secs_f64(seconds)),
        None => Err("expected a time up to `10ms`, such as `200us`".to_owned()),
    }
}

/// How figures of a player are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum StatsFormat {
    /// For people, on stdout.
    Text,
    /// Lines of JSON: to a file, or on stdout.
    Json(Option<PathBuf>),
}

impl FromStr for StatsFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None if text == "text" => Ok(Self::Text),
            None if text == "json" => Ok(Self::Json(None)),
            Some(("json", file)) if !file.is_empty() => Ok(Self::Json(Some(file.into()))),
            _ => Err("expected `json`, `json=FILE` or `text`".to_owned()),
        }
    }
}

/// A number above 0.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err("expected a number above 0".to_owned()),
    }
}

/// A part of a whole: `50%` or `0.5`.
pub(crate) fn part(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(number) => (number, 0.01),
        None => (text, 1.0),
    };
    match number.trim().parse::<f64>() {
        Ok(part) if (0.0..=1.0).contains(&(part * scale)) => Ok(part * scale),
        _ => Err("a part is 0% to 100%, or 0 to 1".to_owned()),
    }
}

/// A playing speed.
pub(crate) fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=8.0).contains(&speed) => Ok(speed),
        _ => Err("a speed is 0.1 to 8".to_owned()),
    }
}

/// The frame rate of a GIF.
pub(crate) fn film_rate(text: &str) -> Result<FrameRate, String> {
    match text.parse::<FrameRate>() {
        Ok(rate) if (1.0..=50.0).contains(&rate.as_f64()) => Ok(rate),
        Ok(_) => Err("a GIF has 1 to 50 frames a second".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// So many of what `thing` names: `1 universe`, `2 universes`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    let more = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{more}")
}

/// `m:ss.mmm`, as [`Moment`] reads it.
pub(crate) fn minutes(seconds: f64) -> String {
    let millis = (seconds.max(0.0) * 1000.0).round() as u64;
    format!("{}:{:02}.{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000)
}

/// `HOST[:PORT][=UNIVERSES]` of `--artnet`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ArtNetTarget(Target);

/// `[HOST[:PORT]][=UNIVERSES]` of `--sacn`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SacnTarget(Target);

#[derive(Clone, PartialEq, Debug)]
struct Target {
    host: String,
    port: Option<u16>,
    universes: UniverseSet,
}

impl ArtNetTarget {
    /// The route that this means.
    pub(crate) fn route(&self, sync: bool) -> Route {
        let Target { host, port, universes } = self.0.clone();
        let port = port.unwrap_or(ARTNET_PORT);
        let delivery = match host.parse::<Ipv4Addr>() {
            _ if host == "broadcast" => Delivery::Broadcast { address: Ipv4Addr::BROADCAST, port },
            // Networks broadcast at their last address; nothing else is found at one, in practice.
            Ok(address) if address.octets()[3] == 255 => Delivery::Broadcast { address, port },
            _ => Delivery::Unicast { host, port },
        };
        let protocol = Protocol::ArtNet { sync };
        Route::new(universes, protocol, delivery)
    }
}

impl SacnTarget {
    /// The route that this means; synchronised on the first of its universes.
    pub(crate) fn route(&self, sync: bool) -> Route {
        let Target { host, port, universes } = self.0.clone();
        let sync = universes.ranges().first().filter(|_| sync).map(|&(first, _)| first);
        let delivery = match host.as_str() {
            "" | "multicast" => Delivery::Multicast { interface: None },
            _ => Delivery::Unicast { host, port: port.unwrap_or(SACN_PORT) },
        };
        let protocol = Protocol::Sacn { priority: DEFAULT_PRIORITY, sync };
        Route::new(universes, protocol, delivery)
    }
}

impl FromStr for ArtNetTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let target: Target = text.parse()?;
        match target.host.is_empty() {
            true => Err("expected HOST[:PORT][=UNIVERSES]: the host is missing".to_owned()),
            false => Ok(Self(target)),
        }
    }
}

impl FromStr for SacnTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let target: Target = text.parse()?;
        match target.port.is_some() && matches!(target.host.as_str(), "" | "multicast") {
            true => Err("multicast has no port of its own".to_owned()),
            false => Ok(Self(target)),
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, universes) = match text.split_once('=') {
            Some((address, universes)) => (address, universes.parse()?),
            None => (text, UniverseSet::all()),
        };
        let port = |text: &str| match text.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(format!("a port is 1 to 65535, not `{text}`")),
        };
        if let Some((host, rest)) = address.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
            let port = match rest.strip_prefix(':') {
                Some(number) => port(number)?,
                None => None,
            };
            return Ok(Self { host: host.to_owned(), port, universes });
        }
        let (host, port) = match address.split_once(':') {
            // More than one colon and no brackets: an IPv6 address alone.
            Some((_, rest)) if rest.contains(':') => (address, None),
            Some((host, number)) => (host, port(number)?),
            None => (address, None),
        };
        Ok(Self { host: host.to_owned(), port, universes })
    }
}

/// A universe's number.
pub(crate) fn universe(text: &str) -> Result<Universe, String> {
    let number = text.parse::<u16>().ok().and_then(|number| Universe::new(number).ok());
    number.ok_or_else(|| format!("expected a universe, 1 to {}", Universe::LAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_clocks_or_sections() {
        let seconds = |text: &str| text.parse::<Moment>();
        assert_eq!(seconds("12.5"), Ok(Moment(Position::Seconds(12.5))));
        assert_eq!(seconds("12.5s"), Ok(Moment(Position::Seconds(12.5))));
        assert_eq!(seconds("1:30.250"), Ok(Moment(Position::Seconds(90.25))));
        assert_eq!(seconds("chorus 2"), Ok(Moment(Position::Section("chorus".into(), 2))));
        for bad in ["", "-1", "1:75", "1:-5", "1:2:3", "nan", "1e9"] {
            assert!(!matches!(seconds(bad), Ok(Moment(Position::Seconds(_)))), "{bad}");
        }
        assert_eq!(span("-30ms"), Ok(-0.03));
    }

    #[test]
    fn sections_are_found_by_occurrence() {
        let section =
            |name: &str, start| SectionMark { name: name.to_owned(), start, end: start + 8.0 };
        let sections = [section("verse", 0.0), section("chorus", 8.0), section("Chorus", 24.0)];
        let moment = |text: &str| text.parse::<Moment>().unwrap();
        assert_eq!(moment("chorus").start(&sections), Ok(8.0));
        assert_eq!(moment("chorus 2").end(&sections), Ok(32.0));
        assert!(moment("bridge").start(&sections).unwrap_err().contains("verse"));
        assert_eq!(minutes(90.25), "1:30.250");
    }

    #[test]
    fn targets_name_host_port_and_universes() {
        let artnet = |text: &str| text.parse::<ArtNetTarget>().map(|target| target.route(false));
        let route = artnet("10.0.0.5:6455=1-4").unwrap();
        assert_eq!(route.delivery, Delivery::Unicast { host: "10.0.0.5".into(), port: 6455 });
        assert_eq!(route.universes.to_string(), "1-4");
        assert!(matches!(artnet("2.255.255.255").unwrap().delivery, Delivery::Broadcast { .. }));
        assert!(artnet("[::1]:7000").is_ok() && artnet("node.local").is_ok());
        for bad in ["", "=1", "h:0", "h:x", "h=0", "h=4-1"] {
            assert!(artnet(bad).is_err(), "{bad}");
        }
        let sacn = |text: &str| text.parse::<SacnTarget>().map(|target| target.route(true));
        let route = sacn("=3-4").unwrap();
        assert_eq!(route.delivery, Delivery::Multicast { interface: None });
        assert!(
            matches!(route.protocol, Protocol::Sacn { sync: Some(sync), .. } if sync.get() == 3)
        );
        assert!(sacn("multicast:5568").is_err());
    }
}
