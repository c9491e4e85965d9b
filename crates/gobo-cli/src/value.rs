//! Values of the command line: times, spans, targets. Parsing only; nothing is looked up but
//! sections, and those in what the caller gives.

mod live;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use gobo_canvas::SectionMark;
use gobo_dmx::{
    DEFAULT_PRIORITY, Delivery, DeliveryError, FrameRate, OlaApi, Pixels, Protocol, Route,
    SacnStreams, Universe, UniverseSet,
};
use gobo_show::source::Position;

pub(crate) use live::{InputProtocol, InputSource, Named};

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

/// A span that is not negative, in seconds.
pub(crate) fn length(text: &str) -> Result<f64, String> {
    match span(text)? {
        seconds if seconds >= 0.0 => Ok(seconds),
        _ => Err("a length of time is not negative".to_owned()),
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

/// A volume: a percentage, or a part.
pub(crate) fn volume(text: &str) -> Result<f32, String> {
    let part = match text.strip_suffix('%') {
        Some(percent) => percent.trim_end().parse::<f32>().map(|percent| percent / 100.0),
        None => text.parse(),
    };
    match part {
        Ok(volume) if (0.0..=1.0).contains(&volume) => Ok(volume),
        _ => Err("a volume is 0% to 100%, or 0 to 1".to_owned()),
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

/// `TARGET[=UNIVERSES]` of `--artnet`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ArtNetTarget(Target);

/// `[TARGET][=UNIVERSES]` of `--sacn`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SacnTarget(Target);

/// `HOST[:PORT][=UNIVERSES]` of `--ddp`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DdpTarget(Target);

/// `[HOST[:PORT]][=UNIVERSES]` of `--ola`, which has another port by each of its interfaces.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct OlaTarget {
    rpc: Target,
    http: Target,
}

/// `[DEVICE][=UNIVERSES]` of `--usbpro`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct UsbProTarget(Target);

#[derive(Clone, PartialEq, Debug)]
struct Target {
    delivery: Delivery,
    universes: UniverseSet,
}

impl Target {
    /// The target of `text`, whose part before `=` is read by `delivery`.
    fn read(
        text: &str,
        delivery: impl FnOnce(&str) -> Result<Delivery, DeliveryError>,
    ) -> Result<Self, String> {
        let (address, universes) = match text.split_once('=') {
            Some((address, universes)) => (address, universes.parse()?),
            None => (text, UniverseSet::all()),
        };
        let delivery = delivery(address).map_err(|error| error.to_string())?;
        Ok(Self { delivery, universes })
    }
}

impl ArtNetTarget {
    /// The route that this means.
    pub(crate) fn route(&self, sync: bool) -> Route {
        let Target { delivery, universes } = self.0.clone();
        Route::new(universes, Protocol::ArtNet { sync }, delivery)
    }
}

impl SacnTarget {
    /// The route that this means; synchronised on the first of its universes.
    pub(crate) fn route(&self, sync: bool) -> Route {
        let Target { delivery, universes } = self.0.clone();
        let first = universes.ranges().first().filter(|_| sync).map(|&(first, _)| first);
        let streams = SacnStreams { sync: first.map(Into::into), ..SacnStreams::PLAIN };
        Route::new(universes, Protocol::Sacn(streams), delivery)
    }
}

impl DdpTarget {
    /// The route that this means.
    pub(crate) fn route(&self, pixels: Pixels) -> Route {
        let Target { delivery, universes } = self.0.clone();
        Route::new(universes, Protocol::Ddp { pixels }, delivery)
    }
}

impl OlaTarget {
    /// The route that this means; to this machine unless a host is given.
    pub(crate) fn route(&self, via: OlaApi) -> Route {
        let target = if via == OlaApi::Rpc { &self.rpc } else { &self.http };
        let Target { delivery, universes } = target.clone();
        Route::new(universes, Protocol::Ola { via, priority: DEFAULT_PRIORITY }, delivery)
    }
}

impl UsbProTarget {
    /// The route that this means.
    pub(crate) fn route(&self) -> Route {
        let Target { delivery, universes } = self.0.clone();
        Route::new(universes, Protocol::UsbPro, delivery)
    }
}

impl FromStr for DdpTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.is_empty() || text.starts_with('=') {
            true => Err("expected HOST[:PORT][=UNIVERSES]: the host is missing".to_owned()),
            false => Target::read(text, Delivery::ddp).map(Self),
        }
    }
}

impl FromStr for OlaTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |via| {
            Target::read(text, |address| match address {
                "" => Ok(Delivery::local_ola(via)),
                _ => Delivery::ola(address, via),
            })
        };
        Ok(Self { rpc: read(OlaApi::Rpc)?, http: read(OlaApi::Http)? })
    }
}

impl FromStr for UsbProTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let delivery = |device: &str| match device {
            "" => Ok(Delivery::Usb { serial: None }),
            _ => Delivery::usb_pro(device),
        };
        Target::read(text, delivery).map(Self)
    }
}

impl FromStr for ArtNetTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.is_empty() || text.starts_with('=') {
            true => Err("expected HOST[:PORT][=UNIVERSES]: the host is missing".to_owned()),
            false => Target::read(text, Delivery::artnet).map(Self),
        }
    }
}

impl FromStr for SacnTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let delivery = |address: &str| match address {
            "" => Ok(Delivery::multicast(None)),
            _ => Delivery::sacn(address),
        };
        Target::read(text, delivery).map(Self)
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
    fn volumes() {
        assert_eq!((volume("80%"), volume("0.25"), volume("1")), (Ok(0.8), Ok(0.25), Ok(1.0)));
        for wrong in ["101%", "-1", "1.5", "NaN", "%", "loud", ""] {
            assert!(volume(wrong).is_err(), "{wrong}");
        }
    }

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
        let route = artnet("nodes@eth0=7").unwrap();
        assert_eq!(route.delivery.to_string(), "nodes@eth0");
        for bad in ["", "=1", "h:0", "h:x", "h=0", "h=4-1", "multicast"] {
            assert!(artnet(bad).is_err(), "{bad}");
        }
        let sacn = |text: &str| text.parse::<SacnTarget>().map(|target| target.route(true));
        let route = sacn("=3-4").unwrap();
        assert_eq!(route.delivery, Delivery::multicast(None));
        let Protocol::Sacn(streams) = route.protocol else { panic!("E1.31") };
        assert_eq!(streams.sync.map(|sync| (sync.universe.get(), sync.force)), Some((3, true)));
        assert_eq!(sacn("multicast6@eth0=3").unwrap().delivery.to_string(), "multicast6@eth0");
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
