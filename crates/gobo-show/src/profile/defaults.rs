//! What gobo's own key in a profile says of every fixture of it: the Open Fixture Library's
//! format has no words for these.

use super::read::{At, Reader};
use crate::decode::{Decode as _, Decoder, record};
use crate::rig::{DimmerCurve, White};
use crate::value::TurnSpeed;

record! {
    /// What every fixture of a profile is set to, unless its venue says otherwise.
    pub struct Defaults as "profile defaults" {
        /// What white emitters beside red, green and blue take of a colour.
        pub white: Option<White>,
        /// How a level becomes light.
        pub curve: Option<DimmerCurve>,
        /// The fastest that pan turns, in degrees a second.
        pub pan_speed: Option<TurnSpeed>,
        /// The fastest that tilt turns, in degrees a second.
        pub tilt_speed: Option<TurnSpeed>,
    }
}

impl Defaults {
    /// Reads the key `gobo`, if it is there.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Option<Self> {
        let mut decoder = Decoder::default();
        let read = Self::decode(&reader.source_place(at)?, &mut decoder);
        reader.diagnostics.append(&mut decoder.diagnostics);
        read
    }
}
