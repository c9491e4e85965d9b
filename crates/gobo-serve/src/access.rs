//! Who may see and who may do what.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How many wrong tokens an address may offer before it is told to wait.
const TRIES: u32 = 10;
/// How long until it may offer others.
const PENANCE: Duration = Duration::from_secs(60);
/// How many addresses with wrong tokens are kept in mind.
const CULPRITS: usize = 4096;
/// The fewest letters of a token.
pub const TOKEN_LETTERS: usize = 16;

/// What somebody may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// See the show.
    View,
    /// See it and lead it.
    Control,
}

/// A secret that opens a role. It is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// A token of at least [`TOKEN_LETTERS`] visible ASCII letters.
    ///
    /// # Errors
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, WeakToken> {
        let text = text.trim();
        let is_plain = text.bytes().all(|letter| letter.is_ascii_graphic() && letter != b';');
        match text.len() {
            TOKEN_LETTERS..=1024 if is_plain => Ok(Self(text.to_owned())),
            _ => Err(WeakToken),
        }
    }

    fn is(&self, offered: &str) -> bool {
        self.0.as_bytes().ct_eq(offered.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A token that is too short to be one, or has letters that headers do not take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a token is {TOKEN_LETTERS} to 1024 letters, digits and signs, without spaces")]
pub struct WeakToken;

/// The tokens of a server.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// Who offers it may see.
    pub view: Option<Token>,
    /// Who offers it may do everything.
    pub control: Option<Token>,
}

impl Tokens {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.view.is_none() && self.control.is_none()
    }
}

/// Why somebody may not even see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Denied {
    /// A token is needed.
    Missing,
    /// It is not one of ours.
    Wrong,
    /// Too many wrong ones came from there.
    Barred,
}

/// Decides who may do what.
#[derive(Debug)]
pub(crate) struct Access {
    tokens: Tokens,
    wrong: Mutex<HashMap<IpAddr, (u32, Instant)>>,
}

impl Access {
    pub(crate) fn new(tokens: Tokens) -> Self {
        Self { tokens, wrong: Mutex::default() }
    }

    /// Whether anybody may do everything, since there are no tokens.
    pub(crate) fn is_open(&self) -> bool {
        self.tokens.is_empty()
    }

    /// What somebody at an address may do who offers a token, or none.
    pub(crate) fn role(
        &self,
        offered: Option<&str>,
        from: IpAddr,
        now: Instant,
    ) -> Result<Role, Denied> {
        if self.is_open() {
            return Ok(Role::Control);
        }
        let offered = offered.ok_or(Denied::Missing)?;
        // Both are compared, whichever it is; and whoever has a right one gets in, whatever others
        // at the same address offer.
        let is = |token: &Option<Token>| token.as_ref().is_some_and(|token| token.is(offered));
        let (control, view) = (is(&self.tokens.control), is(&self.tokens.view));
        if control || view {
            return Ok(if control { Role::Control } else { Role::View });
        }
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let is_barred = |(tries, last): &(u32, Instant)| {
            *tries >= TRIES && now.saturating_duration_since(*last) < PENANCE
        };
        if wrong.get(&from).is_some_and(is_barred) {
            return Err(Denied::Barred);
        }
        wrong.retain(|_, (_, last)| now.saturating_duration_since(*last) < PENANCE);
        if wrong.len() < CULPRITS {
            let (tries, last) = wrong.entry(from).or_insert((0, now));
            (*tries, *last) = (*tries + 1, now);
        }
        Err(Denied::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: &str = "0123456789abcdef-control";
    const VIEW: &str = "0123456789abcdef-view";

    fn access() -> Access {
        let token = |text| Token::new(text).ok();
        Access::new(Tokens { view: token(VIEW), control: token(CONTROL) })
    }

    #[test]
    fn a_token_opens_its_role_and_nothing_else_any() {
        let (access, from, now) = (access(), IpAddr::from([192, 0, 2, 1]), Instant::now());
        let role = |offered| access.role(offered, from, now);
        assert_eq!(role(Some(CONTROL)), Ok(Role::Control));
        assert_eq!(role(Some(VIEW)), Ok(Role::View));
        assert_eq!(role(None), Err(Denied::Missing));
        for wrong in ["", "0123456789abcdef", "0123456789abcdef-controk"] {
            assert_eq!(role(Some(wrong)), Err(Denied::Wrong));
        }
        assert_eq!(Access::new(Tokens::default()).role(None, from, now), Ok(Role::Control));
    }

    #[test]
    fn whoever_guesses_is_barred_and_others_are_not() {
        let (access, now) = (access(), Instant::now());
        let (from, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..TRIES {
            assert_eq!(access.role(Some("guess"), from, now), Err(Denied::Wrong));
        }
        assert_eq!(access.role(Some("guess"), from, now), Err(Denied::Barred));
        assert_eq!(access.role(Some("guess"), other, now), Err(Denied::Wrong));
        assert_eq!(access.role(Some(CONTROL), from, now), Ok(Role::Control));
        assert_eq!(access.role(Some("guess"), from, now), Err(Denied::Barred));
        assert_eq!(access.role(Some("guess"), from, now + PENANCE), Err(Denied::Wrong));
    }

    #[test]
    fn tokens_are_long_and_are_not_printed() {
        assert!(Token::new("short").is_err() && Token::new(&"x y".repeat(9)).is_err());
        let token = Token::new(CONTROL).unwrap();
        assert!(!format!("{token:?}").contains("0123"));
    }
}
