//! olad's web server: a form a universe.

use std::fmt::Write;
use std::io;
use std::net::SocketAddr;

use gobo_dmx::{SLOTS, Slots};
use ureq::Agent;

use super::PATIENCE;
use crate::threaded::Target;

/// An olad as a target of forms, over one connection that is kept.
pub(super) struct Http {
    agent: Agent,
    url: String,
    universes: Vec<u16>,
    form: String,
}

impl Http {
    pub(super) fn new(to: SocketAddr, universes: Vec<u16>) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            // What the environment names is for the web, not for the stage.
            .proxy(None)
            .build();
        // Three digits and a comma a slot.
        let form = String::with_capacity(SLOTS * 4 + 16);
        Self { agent: config.into(), url: format!("http://{to}/set_dmx"), universes, form }
    }
}

/// `u` is the universe, `d` its levels from slot 0 on.
fn put_form(universe: u16, slots: &Slots, form: &mut String) {
    form.clear();
    // Writing to a string does not fail.
    let _ = write!(form, "u={universe}&d=");
    for (number, level) in slots.iter().enumerate() {
        let _ = write!(form, "{}{level}", if number == 0 { "" } else { "," });
    }
}

/// Posts the form, and reads the answer to its end: the connection is kept then.
fn post(agent: &Agent, url: &str, form: &str) -> Result<(), ureq::Error> {
    let request = agent.post(url).content_type("application/x-www-form-urlencoded");
    request.send(form)?.body_mut().read_to_vec().map(drop)
}

impl Target for Http {
    fn write(&mut self, universes: &[Slots]) -> io::Result<usize> {
        let (mut bytes, mut refused) = (0, Ok(()));
        let Self { agent, url, universes: numbers, form } = self;
        for (&number, slots) in numbers.iter().zip(universes) {
            put_form(number, slots, form);
            match post(agent, url, form) {
                Ok(()) => bytes += form.len(),
                // olad has no such universe: the others are no worse for that.
                Err(ureq::Error::StatusCode(_)) => refused = Err(io::ErrorKind::InvalidData.into()),
                Err(error) => return Err(error.into_io()),
            }
        }
        refused.map(|()| bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_every_slot() {
        let mut form = "left over".to_owned();
        let slots = std::array::from_fn(|slot| slot as u8);
        put_form(7, &slots, &mut form);
        assert!(form.starts_with("u=7&d=0,1,2,3,"), "{form}");
        assert!(form.ends_with(",254,255"), "{form}");
        assert_eq!(form.split(',').count(), 512);
    }
}
