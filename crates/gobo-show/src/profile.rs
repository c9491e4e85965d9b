//! Fixture profiles: the Open Fixture Library's JSON format read in full, and QLC+ definitions
//! turned into it. Pure functions of text; never touches a file, never knows a venue.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::rig::{self, Action, Function};
use crate::value::Color;
use crate::world::Source;

mod action;
mod capability;
mod channel;
mod defaults;
mod entity;
mod matrix;
mod mode;
mod names;
mod parse;
mod patch;
mod path;
mod physical;
mod qxf;
mod read;
mod scale;
mod wheel;

pub use defaults::Defaults;
pub use mode::Mode;
pub use path::{FOLDER, profile_path, slug};
pub use qxf::{Imported, import_qxf};

use channel::Channel;
use matrix::Matrix;
use names::Names;
use physical::Physical;
use wheel::Wheels;

/// What stands for a pixel's key in the templates of a profile.
const PIXEL_KEY: &str = "$pixelKey";

/// A file in a profile folder.
#[derive(Clone, PartialEq, Debug)]
pub enum ProfileFile {
    /// A profile.
    Profile(Box<Profile>),
    /// A pointer to another.
    Redirect(Redirect),
}

/// A file that says that a fixture is the same as another (`schemas/fixture-redirect.json`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redirect {
    /// Its name for people.
    pub name: String,
    /// The other profile, `manufacturer/model`.
    pub to: String,
}

/// A fixture profile.
#[derive(Clone, PartialEq, Debug)]
pub struct Profile {
    /// Its name for people.
    pub name: String,
    /// A shorter one.
    pub short_name: Option<String>,
    /// What it is, the most important first: `Moving Head`.
    pub categories: Vec<String>,
    /// RDM's number for the model.
    pub rdm_model: Option<u64>,
    modes: Vec<Mode>,
    channels: Vec<Channel>,
    names: Names,
    matrix: Matrix,
    wheels: Wheels,
    physical: Physical,
    defaults: Option<Defaults>,
}

/// A mode brought down to slots, ready to be put at an address.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct PatchedMode {
    /// How many slots it takes.
    pub footprint: u16,
    /// Its heads, in the order in which they stand; at least one.
    pub heads: Vec<LocalHead>,
    /// Its channels by their first slot; slots count from the fixture's first, `head` is an index
    /// into `heads`.
    pub channels: Vec<rig::Channel>,
    /// How every fixture of the profile is set up, if it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defaults: Option<Defaults>,
}

/// A head of a fixture that has no place in the room yet.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct LocalHead {
    /// The key of its pixel or group of pixels; `1` for the only head.
    pub name: Arc<str>,
    /// Where it is from the fixture's middle, in metres: x right, y back, z up.
    pub offset: [f64; 3],
}

impl Profile {
    /// Reads a profile file. Unknown keys are warnings; what contradicts itself is an error. The
    /// file comes back unless it is no profile at all.
    pub fn parse(source: &Source) -> (Option<ProfileFile>, Vec<Diagnostic>) {
        parse::parse(source)
    }

    /// Its modes.
    pub fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// The mode called `name`, or else by the short name `name`.
    pub fn mode(&self, name: &str) -> Option<&Mode> {
        let short = |mode: &&Mode| mode.short_name.as_deref() == Some(name);
        self.modes.iter().find(|mode| mode.name == name).or_else(|| self.modes.iter().find(short))
    }

    /// The mode called `mode` brought down to slots.
    pub fn patch(&self, mode: &str) -> Option<PatchedMode> {
        Some(patch::patch(self, self.mode(mode)?))
    }
}

impl PatchedMode {
    /// Whether a channel sets the brightness of head `head`, its own or the fixture's. A head for
    /// which none does has a virtual dimmer: its emitters carry the brightness.
    pub fn has_dimmer(&self, head: u32) -> bool {
        self.channels.iter().any(|channel| {
            channel.head.is_none_or(|own| own == head) && sets_intensity(&channel.function)
        })
    }
}

fn sets_intensity(function: &Function) -> bool {
    let any = |all: &[rig::Capability]| {
        all.iter().any(|capability| matches!(capability.action, Action::Intensity(..)))
    };
    match function {
        Function::Fixed(capabilities) => any(capabilities),
        Function::Switched { cases, .. } => cases.iter().any(|case| any(&case.capabilities)),
    }
}

/// `text` with `$pixelKey` become `key`.
fn fill(text: &str, key: &str) -> Arc<str> {
    if text.contains(PIXEL_KEY) { text.replace(PIXEL_KEY, key).into() } else { text.into() }
}

/// The colour that `#rrggbb` means.
fn hex_color(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let level = |at: usize| part(at).map(|part| f64::from(part) / 255.0);
    Some(Color { red: level(0)?, green: level(2)?, blue: level(4)? })
}
