//! olad's web server: a form a universe.

use std::fmt::Write;
use std::io;
use std::net::SocketAddr;

use gobo_dmx::{SLOTS, Slots};
use ureq::Agent;

use super::PATIENCE;
use crate::threaded::{Refused, Target, Written};

/// The most that is read of an answer.
const LONGEST: u64 = 64 << 10;

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
            // What olad says with a status is more than the status.
            .http_status_as_error(false)
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

impl Http {
    /// Posts the form, and reads the answer to its end: the connection is kept then. Gives the
    /// reason if olad refuses it.
    fn post(&self) -> Result<Option<String>, ureq::Error> {
        let request = self.agent.post(&self.url);
        let request = request.content_type("application/x-www-form-urlencoded");
        let mut response = request.send(&self.form)?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(LONGEST).read_to_vec()?;
        let said = || reason(&String::from_utf8_lossy(&body)).unwrap_or_else(|| status.to_string());
        Ok((!status.is_success()).then(said))
    }
}

/// What olad has to say: the paragraph of its page.
fn reason(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("<p>")?;
    let (reason, _) = rest.split_once("</p>")?;
    Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty())
}

/// What olad says where nothing is patched to a universe.
const UNPATCHED: &str = "Universe doesn't exist";

impl Target for Http {
    fn write(&mut self, universes: &[Slots]) -> io::Result<Written> {
        let mut written = Written::whole(0);
        for (place, slots) in universes.iter().enumerate() {
            let Some(&universe) = self.universes.get(place) else { break };
            put_form(universe, slots, &mut self.form);
            match self.post().map_err(ureq::Error::into_io)? {
                None => written.bytes += self.form.len(),
                // The others are no worse for that.
                Some(said) => {
                    let advice =
                        if said == UNPATCHED { " (patch a port to it in olad)" } else { "" };
                    let new = || Refused {
                        universes: 0,
                        reason: format!("olad refuses universe {universe}: {said}{advice}"),
                    };
                    written.refused.get_or_insert_with(new).universes += 1;
                }
            }
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_what_a_page_says() {
        let page = "<b>500 Server Error</b><p>Universe doesn't exist</p>";
        assert_eq!(reason(page).as_deref(), Some(UNPATCHED));
        assert_eq!(reason("<p> </p>"), None);
        assert_eq!(reason("not found"), None);
    }

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
