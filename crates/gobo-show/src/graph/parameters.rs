//! The parameters of each type of node, with Luma's names and defaults.

use super::value::{
    AttributeName, AxisName, CapabilityName, Cutoff, Figure, Kept, MathOperation, Octaves,
    Positive, Ranges, RoundOperation, Share, Switch, Tinted,
};
use crate::decode::record;
use crate::tree::Value;
use crate::value::Bend;

record! {
    /// A node without parameters.
    pub struct NoParameters as "no parameters" {}
}

record! {
    /// Parameters of `get_attribute`.
    pub struct GetAttribute as "node get_attribute" {
        /// What of each head it gives.
        pub attribute: AttributeName = "index",
    }
}

record! {
    /// Parameters of `random_select_mask`.
    pub struct RandomSelectMask as "node random_select_mask" {
        /// Whether heads that were just drawn wait a turn.
        pub avoid_repeat: bool as Switch = 1.0,
    }
}

record! {
    /// Parameters of `filter_selection`.
    pub struct FilterSelection as "node filter_selection" {
        /// What the heads that stay can do.
        pub capability: CapabilityName = "movement",
    }
}

record! {
    /// Parameters of `mirror`.
    pub struct Mirror as "node mirror" {
        /// The axis along which both sides become one.
        pub axis: AxisName = "x",
    }
}

record! {
    /// Parameters of `audio_input`.
    pub struct AudioInput as "node audio_input" {
        /// Kept for Luma: the song is the show's.
        "trackId" => pub track_id: Kept = 0.0,
        /// Kept for Luma: the stretch is the cue's.
        "startTime" => pub start_time: Kept = 0.0,
        /// Kept for Luma: the stretch is the cue's.
        "endTime" => pub end_time: Kept = 0.0,
        /// Kept for Luma: the beats are the song's.
        "beatGrid" => pub beat_grid: Kept = "",
    }
}

record! {
    /// Parameters of `frequency_amplitude`.
    pub struct FrequencyAmplitude as "node frequency_amplitude" {
        /// The ranges in hertz that count; all when there are none.
        pub selected_frequency_ranges: Ranges = "[]",
    }
}

record! {
    /// Parameters of `lowpass_filter` and `highpass_filter`.
    pub struct Filter as "node filter" {
        /// Where it cuts.
        pub cutoff_hz: f64 as Cutoff = 200.0,
    }
}

record! {
    /// Parameters of `beat_envelope`.
    pub struct BeatEnvelope as "node beat_envelope" {
        /// Pulses for each beat; 0.5 is one in two beats.
        pub subdivision: f64 as Figure = 1.0,
        /// Whether only the first beats of bars count, each as one.
        pub only_downbeats: bool as Switch = 0.0,
        /// How many beats later the pulses come.
        pub offset: f64 as Figure = 0.0,
        /// The share of the rise.
        pub attack: f64 as Share = 0.3,
        /// The share of the fall to the sustained level.
        pub decay: f64 as Share = 0.2,
        /// The share of the sustained level.
        pub sustain: f64 as Share = 0.3,
        /// The share of the fall to nothing.
        pub release: f64 as Share = 0.2,
        /// The sustained level.
        pub sustain_level: f64 as Share = 0.7,
        /// The bend of the rise: above 0 it starts slowly, below 0 fast.
        pub attack_curve: f64 as Bend = 0.0,
        /// The bend of the fall: above 0 it falls at once, below 0 late.
        pub decay_curve: f64 as Bend = 0.0,
        /// The level at the peak.
        pub amplitude: f64 as Figure = 1.0,
    }
}

record! {
    /// Parameters of `math`.
    pub struct Math as "node math" {
        /// What it does with a and b.
        pub operation: MathOperation = "add",
    }
}

record! {
    /// Parameters of `round`.
    pub struct Round as "node round" {
        /// Which way it rounds.
        pub operation: RoundOperation = "round",
    }
}

record! {
    /// Parameters of `threshold`.
    pub struct Threshold as "node threshold" {
        /// From here on it is 1.
        pub threshold: f64 as Figure = 0.5,
    }
}

record! {
    /// Parameters of `falloff`.
    pub struct Falloff as "node falloff" {
        /// What the signal is multiplied with before it is bent.
        pub width: f64 as Positive = 1.0,
        /// The bend: above 0 it stays low for long, below 0 it is high at once.
        pub curve: f64 as Bend = 0.0,
    }
}

record! {
    /// Parameters of `sine_wave`.
    pub struct SineWave as "node sine_wave" {
        /// Waves for each beat.
        pub subdivision: f64 as Figure = 1.0,
        /// Where in the wave it starts, in degrees.
        pub phase_deg: f64 as Figure = 0.0,
        /// How far it goes each way.
        pub amplitude: f64 as Figure = 1.0,
        /// Its middle.
        pub offset: f64 as Figure = 0.0,
    }
}

record! {
    /// Parameters of `noise`.
    pub struct Noise as "node noise" {
        /// What the coordinates are multiplied with.
        pub scale: f64 as Figure = 1.0,
        /// Layers of detail, each twice as fine and half as strong.
        pub octaves: f64 as Octaves = 1.0,
        /// How far it goes each way.
        pub amplitude: f64 as Figure = 1.0,
        /// Its middle.
        pub offset: f64 as Figure = 0.0,
    }
}

record! {
    /// Parameters of `remap`.
    pub struct Remap as "node remap" {
        /// What becomes `out_min`.
        pub in_min: f64 as Figure = -1.0,
        /// What becomes `out_max`.
        pub in_max: f64 as Figure = 1.0,
        /// The one end.
        pub out_min: f64 as Figure = 0.0,
        /// The other end.
        pub out_max: f64 as Figure = 180.0,
        /// Whether what lies outside is cut off.
        pub clamp: bool as Switch = 1.0,
    }
}

record! {
    /// Parameters of `circle`.
    pub struct CircleMotion as "node circle" {
        /// How far from the middle; 1 is the edge of the group's reach.
        pub radius: f64 as Figure = 1.0,
        /// Turns for each beat.
        pub speed: f64 as Figure = 0.25,
    }
}

record! {
    /// Parameters of `figure_8`.
    pub struct FigureEight as "node figure_8" {
        /// How far it goes to each side.
        pub width: f64 as Figure = 1.0,
        /// How far it goes up and down.
        pub height: f64 as Figure = 0.5,
        /// Rounds for each beat.
        pub speed: f64 as Figure = 0.25,
    }
}

record! {
    /// Parameters of `sweep`.
    pub struct Sweep as "node sweep" {
        /// The direction in degrees; 0 goes from side to side.
        pub angle: f64 as Figure = 0.0,
        /// How far it goes each way.
        pub range: f64 as Figure = 1.0,
        /// There and back for each beat.
        pub speed: f64 as Figure = 0.5,
    }
}

record! {
    /// Parameters of `wander`.
    pub struct Wander as "node wander" {
        /// How far it strays.
        pub radius: f64 as Figure = 0.5,
        /// Changes of direction for each beat.
        pub speed: f64 as Figure = 0.25,
        /// Layers of detail, 0.5 to 8.
        pub smoothness: f64 as Positive = 2.0,
    }
}

record! {
    /// Parameters of `scalar`.
    pub struct Constant as "node scalar" {
        /// The number.
        pub value: f64 as Figure = 1.0,
    }
}

record! {
    /// Parameters of `modulo`.
    pub struct Modulo as "node modulo" {
        /// Where it starts again from 0; 0 gives 0.
        pub divisor: f64 as Figure = 1.0,
    }
}

record! {
    /// Parameters of `gradient`.
    pub struct Gradient as "node gradient" {
        /// The colour at 0.
        pub start_color: Tinted = "#000000",
        /// The colour at 1.
        pub end_color: Tinted = "#ffffff",
    }
}

record! {
    /// Parameters of `spectral_shift`.
    pub struct SpectralShift as "node spectral_shift" {
        /// How much of the turn is made.
        pub strength: f64 as Figure = 1.0,
    }
}

record! {
    /// Parameters of `rainbow`.
    pub struct RainbowHues as "node rainbow" {
        /// The hue at 0, in turns of the colour circle.
        pub offset: f64 as Figure = 0.0,
        /// Turns of the colour circle from 0 to 1.
        pub spread: f64 as Figure = 1.0,
        /// Saturation, 0 (white) to 1.
        pub saturation: f64 as Share = 1.0,
    }
}

record! {
    /// Parameters of `color`.
    pub struct ColorConstant as "node color" {
        /// The colour: `{ r, g, b (0 to 255), a (0 to 1) }`, also as JSON in a text, or as
        /// everywhere in gobo.
        pub color: Tinted = r#"{"r":255,"g":0,"b":0,"a":1}"#,
    }
}

record! {
    /// Parameters of `orbit`.
    pub struct Orbit as "node orbit" {
        /// The middle: metres to the right.
        pub center_x: f64 as Figure = 0.0,
        /// The middle: metres to the back.
        pub center_y: f64 as Figure = 2.0,
        /// The middle: metres up.
        pub center_z: f64 as Figure = 5.0,
        /// Metres that it goes to each side.
        pub radius_x: f64 as Figure = 2.0,
        /// Metres that it goes up and down.
        pub radius_z: f64 as Figure = 2.0,
        /// Rounds for each beat.
        pub speed: f64 as Figure = 0.25,
        /// How far its top leans to the back, in degrees.
        pub tilt_deg: f64 as Figure = 0.0,
    }
}

record! {
    /// Parameters of `random_position`.
    pub struct RandomPosition as "node random_position" {
        /// The least metres to the right.
        pub min_x: f64 as Figure = -3.0,
        /// The most metres to the right.
        pub max_x: f64 as Figure = 3.0,
        /// The least metres to the back.
        pub min_y: f64 as Figure = 0.0,
        /// The most metres to the back.
        pub max_y: f64 as Figure = 3.0,
        /// The least metres up.
        pub min_z: f64 as Figure = 2.0,
        /// The most metres up.
        pub max_z: f64 as Figure = 8.0,
    }
}

record! {
    /// Parameters of `smooth_movement`.
    pub struct SmoothMovement as "node smooth_movement" {
        /// The most degrees a second of pan; 0 has no limit.
        pub pan_max_deg_per_s: f64 as Positive = 360.0,
        /// The most degrees a second of tilt; 0 has no limit.
        pub tilt_max_deg_per_s: f64 as Positive = 180.0,
    }
}

record! {
    /// Parameters of `look_at_position`.
    pub struct LookAtPosition as "node look_at_position" {
        /// Degrees added to pan.
        pub pan_offset_deg: f64 as Figure = 0.0,
        /// Degrees added to tilt.
        pub tilt_offset_deg: f64 as Figure = 0.0,
        /// Whether angles that the head does not reach are cut off.
        pub clamp: bool as Switch = 1.0,
    }
}

record! {
    /// Parameters of `chroma_palette`.
    pub struct ChromaPalette as "node chroma_palette" {
        /// Kept for Luma: there is one palette.
        pub palette: Kept = Value::Null,
    }
}
