//! Values of live levels: what is named and put at a level, and where input comes from.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use gobo_dmx::UniverseSet;

use super::part;

/// `NAME=LEVEL`, or the name alone.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) level: Option<f64>,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, level) = match text.rsplit_once('=') {
            Some((name, level)) => (name, Some(part(level)?)),
            None => (text, None),
        };
        match name.trim() {
            "" => Err("the name is missing".to_owned()),
            name => Ok(Self { name: name.to_owned(), level }),
        }
    }
}

/// `artnet|sacn[@ADDRESS[:PORT]][=UNIVERSES]` of `--input`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct InputSource {
    pub(crate) protocol: InputProtocol,
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: Option<u16>,
    /// Universes of the show.
    pub(crate) universes: UniverseSet,
}

/// How input comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InputProtocol {
    ArtNet,
    Sacn,
}

impl FromStr for InputSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (source, universes) = match text.split_once('=') {
            Some((source, universes)) => (source, universes.parse()?),
            None => (text, UniverseSet::all()),
        };
        let (protocol, address) = match source.split_once('@') {
            Some((protocol, address)) => (protocol, Some(address)),
            None => (source, None),
        };
        let protocol = match protocol {
            "artnet" => InputProtocol::ArtNet,
            "sacn" => InputProtocol::Sacn,
            other => return Err(format!("expected `artnet` or `sacn`, found `{other}`")),
        };
        let (address, port) = match address.map(endpoint).transpose()? {
            Some((address, port)) => (Some(address), port),
            None => (None, None),
        };
        Ok(Self { protocol, address, port, universes })
    }
}

/// An address of this machine, with its port if one is given.
fn endpoint(text: &str) -> Result<(IpAddr, Option<u16>), String> {
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok((address, None));
    }
    match text.parse::<SocketAddr>() {
        Ok(both) => Ok((both.ip(), Some(both.port()))),
        Err(_) => Err(format!("expected an address of this machine, found `{text}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_levels() {
        let named = |text: &str| text.parse::<Named>().map(|named| (named.name, named.level));
        assert_eq!(named("pars=50%"), Ok(("pars".into(), Some(0.5))));
        assert_eq!(named("front1.red=0.25"), Ok(("front1.red".into(), Some(0.25))));
        assert_eq!(named("front1"), Ok(("front1".into(), None)));
        assert!(named("=50%").is_err() && named("pars=").is_err() && named("pars=120%").is_err());
    }

    #[test]
    fn input_comes_by_a_protocol_from_a_place_for_universes() {
        let source = |text: &str| text.parse::<InputSource>();
        let plain = source("artnet").unwrap();
        assert_eq!(
            (plain.protocol, plain.address, plain.port),
            (InputProtocol::ArtNet, None, None)
        );
        assert_eq!(plain.universes, UniverseSet::all());
        let full = source("sacn@10.0.0.2:7000=1-4,9").unwrap();
        assert_eq!((full.protocol, full.port), (InputProtocol::Sacn, Some(7000)));
        assert_eq!(full.address, Some(IpAddr::from([10, 0, 0, 2])));
        assert_eq!(full.universes.to_string(), "1-4,9");
        assert!(source("sacn@[::1]:7000").is_ok() && source("sacn@::1").is_ok());
        for bad in ["", "dmx", "artnet@", "artnet@host", "sacn=0", "artnet:7000"] {
            assert!(source(bad).is_err(), "{bad}");
        }
    }
}
