//! What a head can do, as `has(…)` asks.

use serde::Serialize;

use crate::decode::listed;
use crate::diagnostic::nearest;
use crate::effect::{BeamParameter, LOOK_KINDS};
use crate::rig::{Action, Channel, Emitter, Function, HeadIndex, Rig};

/// Something that a head can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Ability {
    /// Brightness, by a dimmer or by emitters.
    Dimmer,
    /// Any colour but its own.
    Color,
    /// Pan.
    Pan,
    /// Tilt.
    Tilt,
    /// Pan or tilt.
    Position,
    /// A strobe.
    Strobe,
    /// A wheel with slots that are no colours.
    Gobo,
    /// A beam parameter.
    Beam(BeamParameter),
    /// A light source of one colour.
    Emitter(Emitter),
    /// Being one of several heads of its fixture.
    Pixels,
}

const PLAIN: [(Ability, &str); 8] = [
    (Ability::Dimmer, "dimmer"),
    (Ability::Color, "color"),
    (Ability::Pan, "pan"),
    (Ability::Tilt, "tilt"),
    (Ability::Position, "position"),
    (Ability::Strobe, "strobe"),
    (Ability::Gobo, "gobo"),
    (Ability::Pixels, "pixels"),
];

const EMITTERS: [(Emitter, &str); 13] = [
    (Emitter::Red, "red"),
    (Emitter::Green, "green"),
    (Emitter::Blue, "blue"),
    (Emitter::Cyan, "cyan"),
    (Emitter::Magenta, "magenta"),
    (Emitter::Yellow, "yellow"),
    (Emitter::Amber, "amber"),
    (Emitter::White, "white"),
    (Emitter::WarmWhite, "warm_white"),
    (Emitter::ColdWhite, "cold_white"),
    (Emitter::Uv, "uv"),
    (Emitter::Lime, "lime"),
    (Emitter::Indigo, "indigo"),
];

/// Every ability with its name.
fn abilities() -> impl Iterator<Item = (Ability, &'static str)> {
    let beams = LOOK_KINDS.iter().map(|&(kind, name)| (Ability::Beam(kind), name));
    let emitters = EMITTERS.iter().map(|&(emitter, name)| (Ability::Emitter(emitter), name));
    PLAIN.into_iter().chain(beams).chain(emitters)
}

impl Ability {
    /// The ability with a name; else what to say of it: a message and a hint.
    pub(super) fn named(name: &str) -> Result<Self, (String, String)> {
        if let Some((ability, _)) = abilities().find(|(_, known)| *known == name) {
            return Ok(ability);
        }
        let names = || abilities().map(|(_, name)| name);
        let hint = match nearest(name, names()) {
            Some(near) => format!("did you mean `has({near})`?"),
            None => format!("a head may have {}", listed(names())),
        };
        Err((format!("there is no ability `{name}`"), hint))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        abilities().find(|(ability, _)| *ability == self).map_or("", |(_, name)| name)
    }

    /// Whether a head can do it, by a channel of its own or of its fixture.
    pub(super) fn is_of(self, head: HeadIndex, rig: &Rig) -> bool {
        let Some(fixture) = rig.heads.get(head as usize) else { return false };
        let Some(fixture) = rig.fixtures.get(fixture.fixture as usize) else { return false };
        if self == Self::Pixels {
            return fixture.heads.len() > 1;
        }
        let reaches = |channel: &&Channel| channel.head.is_none_or(|of| of == head);
        fixture.channels.iter().filter(reaches).any(|channel| match &channel.function {
            Function::Fixed(capabilities) => capabilities.iter().any(|can| self.is(&can.action)),
            Function::Switched { cases, .. } => {
                cases.iter().flat_map(|case| &case.capabilities).any(|can| self.is(&can.action))
            }
        })
    }

    fn is(self, action: &Action) -> bool {
        match (self, action) {
            (Self::Dimmer, Action::Intensity(..) | Action::Emitter(..))
            | (Self::Color, Action::Emitter(..) | Action::Color(..))
            | (Self::Pan | Self::Position, Action::Pan(..))
            | (Self::Tilt | Self::Position, Action::Tilt(..))
            | (Self::Strobe, Action::Strobe(..))
            | (Self::Gobo, Action::WheelSlot(..)) => true,
            (Self::Beam(kind), Action::Beam(found, ..)) => kind == *found,
            (Self::Emitter(emitter), Action::Emitter(found, ..)) => emitter == *found,
            _ => false,
        }
    }
}
