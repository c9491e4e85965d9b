//! Values of the command line: times, spans, targets. Parsing only; nothing is looked up but
//! sections, and those in what the caller gives.

use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use gobo_canvas::SectionMark;
use gobo_dmx::{
    ARTNET_PORT, DDP_PORT, DEFAULT_PRIORITY, Delivery, FrameRate, OLA_HTTP_PORT, OLA_RPC_PORT,
    OlaApi, Pixels, Protocol, Route, SACN_PORT, Universe, UniverseSet,
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

/// `HOST[:PORT][=UNIVERSES]` of `--ddp`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DdpTarget(Target);

/// `[HOST[:PORT]][=UNIVERSES]` of `--ola`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct OlaTarget(Target);

/// `[DEVICE][=UNIVERSES]` of `--usbpro`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct UsbProTarget {
    delivery: Delivery,
    universes: UniverseSet,
}

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

impl DdpTarget {
    /// The route that this means.
    pub(crate) fn route(&self, pixels: Pixels) -> Route {
        let Target { host, port, universes } = self.0.clone();
        let delivery = Delivery::Unicast { host, port: port.unwrap_or(DDP_PORT) };
        let protocol = Protocol::Ddp { pixels };
        Route::new(universes, protocol, delivery)
    }
}

impl OlaTarget {
    /// The route that this means; to this machine unless a host is given.
    pub(crate) fn route(&self, via: OlaApi) -> Route {
        let Target { host, port, universes } = self.0.clone();
        let usual = match via {
            OlaApi::Rpc => OLA_RPC_PORT,
            OlaApi::Http => OLA_HTTP_PORT,
        };
        let host = if host.is_empty() { "127.0.0.1".to_owned() } else { host };
        let delivery = Delivery::Unicast { host, port: port.unwrap_or(usual) };
        let protocol = Protocol::Ola { via, priority: DEFAULT_PRIORITY };
        Route::new(universes, protocol, delivery)
    }
}

impl UsbProTarget {
    /// The route that this means.
    pub(crate) fn route(&self) -> Route {
        let Self { delivery, universes } = self.clone();
        Route::new(universes, Protocol::UsbPro, delivery)
    }
}

impl FromStr for ArtNetTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        with_host(text).map(Self)
    }
}

impl FromStr for DdpTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        with_host(text).map(Self)
    }
}

impl FromStr for OlaTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl FromStr for UsbProTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (device, universes) = match text.rsplit_once('=') {
            Some((device, universes)) => (device, universes.parse()?),
            None => (text, UniverseSet::all()),
        };
        let delivery = match device.strip_prefix("usb:") {
            Some(serial) if !serial.is_empty() => Delivery::Usb { serial: Some(serial.to_owned()) },
            None if matches!(device, "" | "usb") => Delivery::Usb { serial: None },
            None if device.contains('/') => Delivery::Device { path: device.to_owned() },
            _ => {
                return Err(format!(
                    "expected /dev/ttyUSB0, usb or usb:EN123456, found `{device}`"
                ));
            }
        };
        Ok(Self { delivery, universes })
    }
}

fn with_host(text: &str) -> Result<Target, String> {
    let target: Target = text.parse()?;
    match target.host.is_empty() {
        true => Err("expected HOST[:PORT][=UNIVERSES]: the host is missing".to_owned()),
        false => Ok(target),
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

    #[test]
    fn pixels_daemons_and_widgets_are_targets_as_well() {
        let unicast = |host: &str, port| Delivery::Unicast { host: host.into(), port };
        let ddp = "wled.local=2-3".parse::<DdpTarget>().unwrap().route(Pixels::Rgbw);
        assert_eq!(ddp.delivery, unicast("wled.local", 4048));
        assert_eq!(ddp.protocol, Protocol::Ddp { pixels: Pixels::Rgbw });
        assert!("=2".parse::<DdpTarget>().is_err());
        let ola = |text: &str, via| text.parse::<OlaTarget>().unwrap().route(via).delivery;
        assert_eq!(ola("", OlaApi::Rpc), unicast("127.0.0.1", 9010));
        assert_eq!(ola("=1", OlaApi::Http), unicast("127.0.0.1", 9090));
        assert_eq!(ola("pi:9011", OlaApi::Rpc), unicast("pi", 9011));
        let widget = |text: &str| text.parse::<UsbProTarget>().map(|target| target.route());
        let device = |path: &str| Delivery::Device { path: path.into() };
        let by_path = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0";
        let route = widget(&format!("{by_path}=4")).unwrap();
        assert_eq!((route.delivery, route.universes.to_string()), (device(by_path), "4".into()));
        let serial = |serial: &str| Delivery::Usb { serial: Some(serial.into()) };
        assert_eq!(widget("usb:EN12").unwrap().delivery, serial("EN12"));
        assert_eq!(widget("=1").unwrap().delivery, Delivery::Usb { serial: None });
        assert!(widget("ttyUSB0").is_err() && widget("usb:").is_err() && widget("=0").is_err());
    }
}
