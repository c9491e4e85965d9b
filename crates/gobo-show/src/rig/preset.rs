//! Ranges of channels by name: wheel rotations and shakes, built-in effects, fog types, and all
//! else that a profile has words for.

use super::{Action, Capability, Channel, Function};

impl Channel {
    /// Its capabilities in every case.
    pub fn capabilities(&self) -> impl Iterator<Item = &Capability> {
        let (fixed, cases) = match &self.function {
            Function::Fixed(capabilities) => (&**capabilities, [].as_slice()),
            Function::Switched { cases, .. } => ([].as_slice(), cases.as_slice()),
        };
        fixed.iter().chain(cases.iter().flat_map(|case| &case.capabilities))
    }

    /// Whether a look means this channel by `name`: its key or the name of a wheel on it, whole
    /// or in part, however spaced and in any case.
    pub fn goes_by(&self, name: &str) -> bool {
        let wanted = plain(name);
        let on_wheel = |capability: &Capability| match &capability.action {
            Action::WheelSlot(wheel, ..) => plain(wheel).contains(&wanted),
            _ => false,
        };
        !wanted.is_empty()
            && (plain(&self.key).contains(&wanted) || self.capabilities().any(on_wheel))
    }

    /// The capability that a look means by `name`: by the whole of its words before a part.
    pub fn preset(&self, name: &str) -> Option<&Capability> {
        let wanted = plain(name);
        let whole = |capability: &&Capability| plain(&capability.words()) == wanted;
        let part = |capability: &&Capability| plain(&capability.words()).contains(&wanted);
        if wanted.is_empty() {
            return None;
        }
        self.capabilities().find(whole).or_else(|| self.capabilities().find(part))
    }
}

impl Capability {
    /// The words that a look may call it by: the profile's, or else those for what it does.
    pub fn words(&self) -> String {
        if !self.name.is_empty() {
            return self.name.to_string();
        }
        match &self.action {
            Action::Other(feature) => spaced(feature),
            Action::ShutterOpen => "open".to_owned(),
            Action::ShutterClosed => "closed".to_owned(),
            Action::Strobe(..) => "strobe".to_owned(),
            Action::None => "off".to_owned(),
            _ => String::new(),
        }
    }
}

/// `WheelRotation` as `wheel rotation`.
fn spaced(feature: &str) -> String {
    let mut words = String::new();
    for letter in feature.chars() {
        if letter.is_uppercase() && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(key: &str, capabilities: &[(&str, Action)]) -> Channel {
        let capability = |(at, (name, action)): (u64, &(&str, Action))| Capability {
            from: at * 10,
            to: at * 10 + 9,
            action: action.clone(),
            name: (*name).into(),
        };
        let all: Vec<_> = (0..).zip(capabilities).map(capability).collect();
        Channel {
            key: key.into(),
            head: None,
            slots: vec![0],
            slot_keys: Vec::new(),
            default: 0,
            highlight: 0,
            arm: None,
            htp: false,
            function: Function::Fixed(all.into()),
        }
    }

    #[test]
    fn presets_go_by_the_profiles_words_or_by_what_they_do() {
        let other = |feature: &str| Action::Other(feature.into());
        let wheel = channel(
            "Gobo Wheel",
            &[
                ("Stars", Action::WheelSlot("Gobos".into(), 2.0, 2.0)),
                ("Stars shake", other("WheelShake")),
                ("", other("WheelRotation")),
            ],
        );
        let first = |name: &str| wheel.preset(name).map(|found| found.from);
        assert_eq!(first("stars"), Some(0));
        assert_eq!(first("Stars Shake"), Some(10));
        assert_eq!(first("shake"), Some(10));
        assert_eq!(first("wheel rotation"), Some(20));
        assert_eq!((first("moon"), first(" ")), (None, None));
        assert!(wheel.goes_by("gobo") && wheel.goes_by("gobos") && wheel.goes_by("Gobo wheel"));
        assert!(!wheel.goes_by("colour") && !wheel.goes_by(""));
    }
}
