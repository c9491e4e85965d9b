//! The table of the types of node: every one that Luma declares, runs or documents.

use super::parameters::{
    AudioInput, BeatEnvelope, ChromaPalette, CircleMotion, ColorConstant, Constant, Falloff,
    FigureEight, Filter, FilterSelection, FrequencyAmplitude, GetAttribute, Gradient,
    LookAtPosition, Math, Mirror, Modulo, NoParameters, Noise, Orbit, RainbowHues, RandomPosition,
    RandomSelectMask, Remap, Round, SineWave, SmoothMovement, SpectralShift, Sweep, Threshold,
    Wander,
};
use super::table::nodes;

nodes! {
    "input" "pattern_args" PatternArgs(NoParameters)
    "The arguments of the pattern: an output for each, by its id. A colour has four channels, a \
     scalar has one."
    r#"{ "id": "args", "typeId": "pattern_args", "params": {} }"#

    "input" "audio_input" AudioInput(AudioInput)
    "The sound of the show's song over the cue."
    out "out" Audio "The song.";
    r#"{ "id": "song", "typeId": "audio_input", "params": {} }"#

    "input" "beat_clock" BeatClock(NoParameters)
    "The beats and bars of the song. Nodes that follow beats do so without it, too."
    out "grid_out" BeatGrid "The beats.";
    r#"{ "id": "clock", "typeId": "beat_clock", "params": {} }"#

    "selection" "get_attribute" GetAttribute(GetAttribute)
    "A number for each head of a selection: its place in it, or where it hangs."
    in "selection" Selection needed "The heads.";
    out "out" Signal "The number of each head.";
    r#"{ "id": "x", "typeId": "get_attribute", "params": { "attribute": "rel_x" } }"#

    "selection" "random_select_mask" RandomSelectMask(RandomSelectMask)
    "Draws some heads anew each time that the trigger's value changes (by a thousandth): 1 for \
     those drawn, 0 for the others."
    in "selection" Selection needed "The heads to draw from.";
    in "trigger" Signal needed "Draws anew when it changes.";
    in "count" Signal optional "How many are drawn: 1 when not connected.";
    out "out" Signal "1 for the heads that are drawn.";
    r#"{ "id": "some", "typeId": "random_select_mask", "params": { "avoid_repeat": 1 } }"#

    "selection" "filter_selection" FilterSelection(FilterSelection)
    "The heads of a selection whose fixtures have a capability."
    in "selection" Selection needed "The heads.";
    out "out" Selection "Those that can.";
    r#"{ "id": "movers", "typeId": "filter_selection", "params": { "capability": "color" } }"#

    "selection" "mirror" Mirror(Mirror)
    "Folds a selection at its middle, so that what goes along an axis goes from the middle to both \
     sides."
    in "selection" Selection needed "The heads.";
    out "out" Selection "The same heads, folded.";
    out "side" Signal "1 on the one side, -1 on the other, 0 within half a metre of the middle.";
    r#"{ "id": "both", "typeId": "mirror", "params": { "axis": "x" } }"#

    "audio" "stem_splitter" StemSplitter(NoParameters)
    "Takes the song apart: what is struck, what is low, what is sung, and the rest."
    in "audio_in" Audio needed "The sound.";
    out "drums_out" Audio "What is struck.";
    out "bass_out" Audio "What is low.";
    out "vocals_out" Audio "What is sung.";
    out "other_out" Audio "The rest.";
    r#"{ "id": "stems", "typeId": "stem_splitter", "params": {} }"#

    "audio" "frequency_amplitude" FrequencyAmplitude(FrequencyAmplitude)
    "How loud some frequencies of a sound are, 0 to 1; 1 is where they are loudest in the song."
    in "audio_in" Audio needed "The sound.";
    out "amplitude_out" Signal "The loudness.";
    r#"{ "id": "kick", "typeId": "frequency_amplitude", "params": { "selected_frequency_ranges": "[[20, 200]]" } }"#

    "audio" "lowpass_filter" LowpassFilter(Filter)
    "Lets what is below a frequency through: 12 dB less for each octave above."
    in "audio_in" Audio needed "The sound.";
    out "audio_out" Audio "What is left of it.";
    r#"{ "id": "low", "typeId": "lowpass_filter", "params": { "cutoff_hz": 200 } }"#

    "audio" "highpass_filter" HighpassFilter(Filter)
    "Lets what is above a frequency through: 12 dB less for each octave below."
    in "audio_in" Audio needed "The sound.";
    out "audio_out" Audio "What is left of it.";
    r#"{ "id": "high", "typeId": "highpass_filter", "params": { "cutoff_hz": 5000 } }"#

    "audio" "harmony_analysis" HarmonyAnalysis(NoParameters)
    "How much of the harmony each of the twelve pitch classes is, from C up; together 1."
    in "audio_in" Audio needed "The sound.";
    in "grid_in" BeatGrid optional "The beats; not used.";
    out "signal" Signal "Twelve channels, C to B.";
    r#"{ "id": "chords", "typeId": "harmony_analysis", "params": {} }"#

    "audio" "harmonic_tension" HarmonicTension(NoParameters)
    "How tense the harmony is: 0 when one pitch class is alone, 1 when all are as strong (its \
     entropy)."
    in "chroma" Signal needed "Twelve channels, C to B.";
    out "tension" Signal "The tension, 0 to 1.";
    r#"{ "id": "tension", "typeId": "harmonic_tension", "params": {} }"#

    "generator" "beat_envelope" BeatEnvelope(BeatEnvelope)
    "A pulse on the beats: attack, decay, sustain and release share the time from one pulse to the \
     next."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "subdivision" Signal optional "Pulses for each beat, in the middle of the cue.";
    in "offset" Signal optional "How many beats later, in the middle of the cue.";
    out "out" Signal "The envelope.";
    r#"{ "id": "pulse", "typeId": "beat_envelope", "params": { "subdivision": 1, "attack": 0.05, "decay": 0.95, "sustain": 0, "release": 0 } }"#

    "generator" "ramp" Ramp(NoParameters)
    "The beats since the cue's start: 0, and 1 more with each beat."
    in "grid" BeatGrid optional "The beats: the song's.";
    out "out" Signal "The beats.";
    r#"{ "id": "beats", "typeId": "ramp", "params": {} }"#

    "generator" "ramp_between" RampBetween(NoParameters)
    "From one value to another over the cue."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "start" Signal needed "The value at the start.";
    in "end" Signal needed "The value at the end.";
    out "out" Signal "The value.";
    r#"{ "id": "rise", "typeId": "ramp_between", "params": {} }"#

    "generator" "sine_wave" SineWave(SineWave)
    "A sine that follows the beats."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "subdivision" Signal optional "Waves for each beat, in the middle of the cue.";
    out "out" Signal "The sine, from -1 to 1 unless amplitude and offset say otherwise.";
    r#"{ "id": "sine", "typeId": "sine_wave", "params": { "subdivision": 0.5 } }"#

    "generator" "noise" Noise(Noise)
    "Noise that is the same for the same time and place: smooth, without repeats, from -1 to 1."
    in "time" Signal optional "Where in time: 0 when not connected.";
    in "x" Signal optional "Where: the place in the selection when not connected.";
    in "y" Signal optional "Where: 0 when not connected.";
    in "scale" Signal optional "In place of the parameter.";
    in "octaves" Signal optional "In place of the parameter.";
    in "amplitude" Signal optional "In place of the parameter.";
    in "offset" Signal optional "In place of the parameter.";
    out "out" Signal "The noise.";
    r#"{ "id": "clouds", "typeId": "noise", "params": { "scale": 2, "octaves": 3 } }"#

    "generator" "scalar" Scalar(Constant)
    "A number that stays the same over the cue."
    out "out" Signal "The number.";
    r#"{ "id": "half", "typeId": "scalar", "params": { "value": 0.5 } }"#

    "transform" "math" Math(Math)
    "Reckons with two signals. One value goes with all heads, and one channel with all channels; \
     what is not connected is 0."
    in "a" Signal optional "The one.";
    in "b" Signal optional "The other.";
    out "out" Signal "What comes out.";
    r#"{ "id": "sum", "typeId": "math", "params": { "operation": "subtract" } }"#

    "transform" "round" Round(Round)
    "Rounds a signal to whole numbers."
    in "in" Signal needed "The signal.";
    out "out" Signal "Whole numbers.";
    r#"{ "id": "step", "typeId": "round", "params": { "operation": "floor" } }"#

    "transform" "threshold" Threshold(Threshold)
    "1 from a threshold on, 0 below it."
    in "in" Signal needed "The signal.";
    out "out" Signal "1 or 0.";
    r#"{ "id": "hit", "typeId": "threshold", "params": { "threshold": 0.8 } }"#

    "transform" "normalize" Normalize(NoParameters)
    "Stretches a signal so that its lowest value over the cue and all heads is 0 and its highest 1; \
     0 where it never changes."
    in "in" Signal needed "The signal.";
    out "out" Signal "0 to 1.";
    r#"{ "id": "whole", "typeId": "normalize", "params": {} }"#

    "transform" "falloff" Falloff(Falloff)
    "Cuts a signal to 0 to 1, widens it and bends it."
    in "in" Signal needed "The signal.";
    out "out" Signal "0 to 1.";
    r#"{ "id": "soft", "typeId": "falloff", "params": { "width": 2, "curve": 0.5 } }"#

    "transform" "invert" Invert(NoParameters)
    "Turns a signal over between its lowest and its highest value over the cue and all heads."
    in "in" Signal needed "The signal.";
    out "out" Signal "The signal upside down.";
    r#"{ "id": "down", "typeId": "invert", "params": {} }"#

    "transform" "remap" Remap(Remap)
    "Brings a signal from one range to another, straight."
    in "in" Signal needed "The signal.";
    out "out" Signal "The signal in its new range.";
    r#"{ "id": "pan", "typeId": "remap", "params": { "in_min": -1, "in_max": 1, "out_min": -90, "out_max": 90 } }"#

    "transform" "modulo" Modulo(Modulo)
    "What is left after whole divisors: it starts again from 0 each time, below 0 too."
    in "in" Signal needed "The signal.";
    out "out" Signal "From 0 to the divisor.";
    r#"{ "id": "loop", "typeId": "modulo", "params": { "divisor": 1 } }"#

    "transform" "time_delay" TimeDelay(NoParameters)
    "Shows a signal later, each head by its own delay; it stands before the cue's start and after \
     its end."
    in "in" Signal needed "The signal.";
    in "delay" Signal optional "Seconds; below 0 it comes earlier.";
    out "out" Signal "The signal, later.";
    r#"{ "id": "late", "typeId": "time_delay", "params": {} }"#

    "transform" "smooth_movement" SmoothMovement(SmoothMovement)
    "Lets pan and tilt turn no faster than a limit."
    in "pan_in" Signal optional "Pan, in degrees.";
    in "tilt_in" Signal optional "Tilt, in degrees.";
    out "pan" Signal "Pan, in degrees.";
    out "tilt" Signal "Tilt, in degrees.";
    r#"{ "id": "smooth", "typeId": "smooth_movement", "params": { "pan_max_deg_per_s": 120 } }"#

    "movement" "circle" Circle(CircleMotion)
    "A circle in the plane that apply_movement turns into pan and tilt."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "phase" Signal optional "Turns ahead.";
    out "uv" Signal "Two channels: to the side, and up.";
    r#"{ "id": "round", "typeId": "circle", "params": { "radius": 0.5, "speed": 0.25 } }"#

    "movement" "figure_8" FigureEight(FigureEight)
    "A lying eight in the plane that apply_movement turns into pan and tilt."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "phase" Signal optional "Rounds ahead.";
    out "uv" Signal "Two channels: to the side, and up.";
    r#"{ "id": "eight", "typeId": "figure_8", "params": { "width": 1, "height": 0.5 } }"#

    "movement" "sweep" Sweep(Sweep)
    "There and back along a line in the plane that apply_movement turns into pan and tilt."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "phase" Signal optional "Rounds ahead.";
    out "uv" Signal "Two channels: to the side, and up.";
    r#"{ "id": "across", "typeId": "sweep", "params": { "angle": 45 } }"#

    "movement" "wander" Wander(Wander)
    "Strays smoothly in the plane that apply_movement turns into pan and tilt, each head its own \
     way when the phase is given for each."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "phase" Signal optional "How far ahead: 1 is ten changes of direction.";
    out "uv" Signal "Two channels: to the side, and up.";
    r#"{ "id": "stray", "typeId": "wander", "params": { "radius": 0.5 } }"#

    "movement" "orbit" Orbit(Orbit)
    "A point in the room that goes round upright before the audience."
    in "grid" BeatGrid optional "The beats: the song's.";
    in "phase" Signal optional "Rounds ahead.";
    out "x" Signal "Metres to the right.";
    out "y" Signal "Metres to the back.";
    out "z" Signal "Metres up.";
    r#"{ "id": "moon", "typeId": "orbit", "params": { "radius_x": 3 } }"#

    "movement" "random_position" RandomPosition(RandomPosition)
    "A point in a box of the room, drawn anew each time that the trigger's value changes (by a \
     thousandth)."
    in "trigger" Signal needed "Draws anew when it changes.";
    out "x" Signal "Metres to the right.";
    out "y" Signal "Metres to the back.";
    out "z" Signal "Metres up.";
    r#"{ "id": "anywhere", "typeId": "random_position", "params": { "max_z": 4 } }"#

    "movement" "look_at_position" LookAtPosition(LookAtPosition)
    "The pan and tilt with which each head points at a point of the room, from where it hangs and \
     how."
    in "selection" Selection needed "The heads.";
    in "x" Signal optional "Metres to the right.";
    in "y" Signal optional "Metres to the back.";
    in "z" Signal optional "Metres up.";
    out "pan" Signal "Pan, in degrees.";
    out "tilt" Signal "Tilt, in degrees.";
    r#"{ "id": "aim", "typeId": "look_at_position", "params": {} }"#

    "color" "color" Color(ColorConstant)
    "A colour that stays the same over the cue."
    out "out" Signal "Four channels: red, green, blue, alpha.";
    r##"{ "id": "orange", "typeId": "color", "params": { "color": "#ff8800" } }"##

    "color" "gradient" Gradient(Gradient)
    "From one colour to another, as a signal goes from 0 to 1."
    in "in" Signal needed "0 to 1.";
    in "start_color" Signal optional "In place of the parameter.";
    in "end_color" Signal optional "In place of the parameter.";
    out "out" Signal "Four channels: red, green, blue, alpha.";
    r##"{ "id": "mix", "typeId": "gradient", "params": { "start_color": "#000000", "end_color": "#0040ff" } }"##

    "color" "chroma_palette" ChromaPalette(ChromaPalette)
    "A colour for the harmony: each pitch class has its own, from C, red, round the circle; they \
     mix as the pitch classes do, at full brightness."
    in "chroma" Signal needed "Twelve channels, C to B.";
    out "out" Signal "Three channels: red, green, blue.";
    r#"{ "id": "hue", "typeId": "chroma_palette", "params": {} }"#

    "color" "spectral_shift" SpectralShift(SpectralShift)
    "Turns the hue of a colour by the strongest pitch class: a twelfth of the circle for each \
     semitone above C."
    in "in" Signal needed "The colour.";
    in "chroma" Signal needed "Twelve channels, C to B.";
    out "out" Signal "Three channels: red, green, blue.";
    r#"{ "id": "shift", "typeId": "spectral_shift", "params": { "strength": 0.5 } }"#

    "color" "rainbow" Rainbow(RainbowHues)
    "The hues of the colour circle, as a signal goes from 0 to 1 and on."
    in "in" Signal needed "Where on the circle.";
    out "out" Signal "Three channels: red, green, blue.";
    r#"{ "id": "hues", "typeId": "rainbow", "params": { "spread": 0.5 } }"#

    "output" "apply_color" ApplyColor(NoParameters)
    "Gives heads a colour: its brightest part is the dimmer, and the colour is what is left at full \
     brightness. Alpha says how much of the colour below it takes the place of."
    in "selection" Selection needed "The heads.";
    in "signal" Signal needed "Red, green, blue and alpha, or one channel as a grey.";
    r#"{ "id": "out", "typeId": "apply_color", "params": {} }"#

    "output" "apply_dimmer" ApplyDimmer(NoParameters)
    "Sets the dimmer of heads, from 0 to 1."
    in "selection" Selection needed "The heads.";
    in "signal" Signal needed "The level, 0 to 1.";
    r#"{ "id": "out", "typeId": "apply_dimmer", "params": {} }"#

    "output" "apply_strobe" ApplyStrobe(NoParameters)
    "Strobes heads by their shutter: 0 is open, 1 as fast as the fixture can."
    in "selection" Selection needed "The heads.";
    in "signal" Signal needed "How fast, 0 to 1.";
    r#"{ "id": "out", "typeId": "apply_strobe", "params": {} }"#

    "output" "apply_speed" ApplySpeed(NoParameters)
    "Sets the speed of heads: all of it above 0.5, none else."
    in "selection" Selection needed "The heads.";
    in "speed" Signal needed "0 or 1.";
    r#"{ "id": "out", "typeId": "apply_speed", "params": {} }"#

    "output" "apply_movement" ApplyMovement(NoParameters)
    "Points heads into a plane before them: the venue's `movement` of their group says where its \
     middle is and how many degrees 1 is (30 around straight down when it says nothing). Around \
     straight down pan turns on and on, up to its end, and then turns back: for a circle, give \
     the group a `direction` that leans."
    in "selection" Selection needed "The heads.";
    in "uv" Signal needed "Two channels: to the side, and up.";
    r#"{ "id": "out", "typeId": "apply_movement", "params": {} }"#

    "output" "apply_position" ApplyPosition(NoParameters)
    "Sets pan and tilt of heads; what is not connected stays as it is."
    in "selection" Selection needed "The heads.";
    in "pan" Signal optional "Pan, in degrees from the middle.";
    in "tilt" Signal optional "Tilt, in degrees from the middle.";
    r#"{ "id": "out", "typeId": "apply_position", "params": {} }"#

    "view" "view_signal" ViewSignal(NoParameters)
    "Shows a signal in Luma's editor; it does nothing here."
    in "in" Signal optional "The signal.";
    r#"{ "id": "see", "typeId": "view_signal", "params": {} }"#

    "view" "view_uv" ViewUv(NoParameters)
    "Shows a movement in Luma's editor; it does nothing here."
    in "uv" Signal optional "The movement.";
    r#"{ "id": "see", "typeId": "view_uv", "params": {} }"#

    "view" "mel_spec_viewer" MelSpecViewer(NoParameters)
    "Shows a spectrogram in Luma's editor; it does nothing here."
    in "in" Audio optional "The sound.";
    in "grid" BeatGrid optional "The beats.";
    r#"{ "id": "see", "typeId": "mel_spec_viewer", "params": {} }"#
}
