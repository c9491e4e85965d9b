//! What a channel of a fixture is for.

use gobo_show::rig::{Action, Capability, Channel, Emitter, Function};

/// What a channel is for, by what most matters of all that its values mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// Brightness.
    Level,
    /// One emitter.
    Emitter(Emitter),
    /// Colour by a wheel, a filter, or hue and saturation.
    Color,
    /// Pan.
    Pan,
    /// Tilt.
    Tilt,
    /// Shutter.
    Shutter,
    /// Anything else.
    Other,
}

impl Purpose {
    pub(crate) fn of(channel: &Channel) -> Self {
        let found = channel.capabilities().map(|one| Self::of_action(&one.action));
        found.fold(Self::Other, |kept, one| if kept == Self::Other { one } else { kept })
    }

    fn of_action(action: &Action) -> Self {
        match action {
            Action::Intensity(..) => Self::Level,
            Action::Emitter(emitter, ..) => Self::Emitter(*emitter),
            Action::Hue(..) | Action::Saturation(..) | Action::Color(..) => Self::Color,
            Action::Pan(..) => Self::Pan,
            Action::Tilt(..) => Self::Tilt,
            Action::ShutterOpen | Action::ShutterClosed | Action::Strobe(..) => Self::Shutter,
            _ => Self::Other,
        }
    }

    /// The word of the protocol.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Emitter(_) | Self::Color => "color",
            Self::Pan => "pan",
            Self::Tilt => "tilt",
            Self::Shutter | Self::Other => "other",
        }
    }
}

/// The capabilities that always hold.
pub(crate) fn fixed(channel: &Channel) -> &[Capability] {
    match &channel.function {
        Function::Fixed(capabilities) => capabilities,
        Function::Switched { .. } => &[],
    }
}
