//! Cue files of channel layers, and chasers.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::cue::LayerSettings;
use crate::decode::{
    About, At, Decode, Decoder, Definitions, Spanned, choice, listed, object_schema, record,
};
use crate::diagnostic::{Diagnostic, Place};
use crate::effect::{CHANNEL_EFFECTS, ChannelEffect, channel_schemas};
use crate::select::Selection;
use crate::time::Time;
use crate::tree::Value;
use crate::value::{Color, Span, Tempo};

/// By which rules the cues of a file are carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Rules {
    /// Cues write attributes of heads; what they hold is told apart from what they add.
    Attributes,
    /// Cues write slots of fixtures, frame by frame.
    Channels,
}

choice! { Rules, "rules":
    Attributes = "attributes", "Cues write dimmers, colours and positions of heads.";
    Channels = "channels", "Cues write slots of fixtures, frame by frame, by the rules of the AI Light Show.";
}

record! {
    /// A cue file of a channel layer: cues write slots of fixtures, frame by frame, by the rules
    /// of the AI Light Show. A slot keeps its value until something writes it again. In each frame
    /// the cues that run, their last frame included, write in the order of their start, then of
    /// the fixture's id, then of the effect's name; later ones win.
    pub struct ChannelFile as "channel cue file" {
        /// Says that this is one: `channels`.
        pub rules: Rules,
        /// The tempo that chasers run at.
        pub bpm: Option<Tempo>,
        /// How the layer goes over those below.
        pub layer: LayerSettings = Value::Object(Vec::new()),
        /// The cues, in any order.
        pub cues: Vec<ChannelCueSource>,
    }
}

record! {
    /// A cue of a channel layer. Beside these keys it has one that names an effect, and `on`; or
    /// `chaser`.
    pub struct ChannelCueKeys as "channel cue" {
        /// When it starts.
        pub at: Spanned<Time>,
        /// How long it runs, to the frame nearest to its end; that frame is its last.
        "for" => pub length: Span = 0.0,
        /// The fixtures.
        pub on: Option<Spanned<Selection>>,
        /// Its name.
        pub name: Option<String>,
        /// A remark; not used.
        pub note: Option<String>,
    }
}

/// A cue of a channel layer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChannelCueSource {
    /// When, for how long, and on what.
    pub keys: ChannelCueKeys,
    /// What it does.
    pub action: ChannelAction,
    /// Where it stands.
    pub place: Place,
}

/// What a cue of a channel layer does.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum ChannelAction {
    /// An effect.
    Effect(ChannelEffect),
    /// A chaser by its name.
    Chaser(Spanned<String>, Box<ChaserCall>),
}

record! {
    /// How a chaser is run. All but `times` is for chasers that are a wave, and takes the place of
    /// what they say.
    pub struct ChaserCall as "chaser call" {
        /// How often it runs, one time after the other.
        pub times: u64 = 1.0,
        /// The fixtures, in the order in which the wave runs.
        pub on: Option<Spanned<Selection>>,
        /// The colour of the wave's valleys.
        pub base: Option<Color>,
        /// The colour of its crests.
        pub accent: Option<Color>,
        /// How long it is, in beats.
        pub beats: Option<f64>,
        /// From one step to the next, in beats.
        pub step: Option<f64>,
        /// Half waves a beat.
        pub speed: Option<f64>,
        /// Beats in which it comes up.
        pub fade_in: Option<f64>,
        /// Beats in which it goes down.
        pub fade_out: Option<f64>,
    }
}

record! {
    /// A chaser: a list of cues whose times count in beats, to run one time or more in channel
    /// layers; or a wave of colour over fixtures. One time takes until the last step has ended.
    pub struct ChannelChaser as "channel chaser" {
        /// The title for people.
        pub title: Option<String>,
        /// A remark; not used.
        pub note: Option<String>,
        /// How many beats one time takes; until the last step has ended when not given.
        pub beats: Option<f64>,
        /// The steps.
        pub steps: Vec<ChannelStep>,
        /// A wave instead of steps.
        pub wave: Option<ColorWave>,
    }
}

record! {
    /// A step of a chaser. Beside these keys it has one that names an effect.
    pub struct ChannelStepKeys as "channel step" {
        /// When it starts, in beats from the chaser's start.
        pub beat: f64 = 0.0,
        /// How long it runs, in beats.
        pub beats: f64 = 0.0,
        /// The fixtures.
        pub on: Spanned<Selection>,
    }
}

/// A step of a chaser.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChannelStep {
    /// When, for how long, and on what.
    pub keys: ChannelStepKeys,
    /// What it does.
    pub effect: ChannelEffect,
    /// Where it stands.
    pub place: Place,
}

record! {
    /// A wave of colour that runs along fixtures, in steps that write red, green and blue.
    pub struct ColorWave as "color wave" {
        /// The fixtures, in the order in which the wave runs.
        pub on: Spanned<Selection>,
        /// The colour of the valleys.
        pub base: Color = "#000814",
        /// The colour of the crests.
        pub accent: Color = "#00f5ff",
        /// How long it is, in beats.
        pub beats: f64 = 4.0,
        /// From one step to the next, in beats.
        pub step: f64 = 0.05,
        /// Half waves a beat.
        pub speed: f64 = 1.0,
        /// Beats in which it comes up.
        pub fade_in: f64 = 1.0,
        /// Beats in which it goes down.
        pub fade_out: f64 = 1.0,
    }
}

/// The keys that name what a cue does.
fn action_names() -> Vec<&'static str> {
    [CHANNEL_EFFECTS, &["chaser"]].concat()
}

/// The one key of `at` that is among `names`, after saying what is wrong when it is none or two.
fn one_of<'a>(
    at: &At<'a>,
    keys: &[&str],
    names: &[&'static str],
    decoder: &mut Decoder,
) -> Option<(&'a str, At<'a>)> {
    let mut actions = at.members().filter(|(key, _)| names.contains(key));
    let Some(first) = actions.next() else {
        let near = |key| crate::diagnostic::nearest(key, names.iter().copied()).is_some();
        // A key that is nearly an effect has been told of already.
        if !at.members().any(|(key, _)| !keys.contains(&key) && near(key)) {
            let message = "this does nothing: expected one key that names an effect";
            let error = Diagnostic::error("no-action", at.place(), message);
            decoder.say(error.hint(format!("effects are {}", listed(names.iter().copied()))));
        }
        return None;
    };
    for (second, member) in actions {
        let message = format!("one cue does one thing: here are `{}` and `{second}`", first.0);
        let error = Diagnostic::error("two-actions", member.key_place(), message);
        decoder.say(error.hint("write two cues"));
    }
    Some(first)
}

fn chaser_call(at: &At<'_>, decoder: &mut Decoder) -> Option<ChannelAction> {
    let mut members = at.members();
    let (Some((name, call)), None) = (members.next(), members.next()) else {
        let message = "expected one chaser: `\"chaser\": { \"<name>\": { \"times\": 4 } }`";
        decoder.error("wrong-type", at, message);
        return None;
    };
    let name = Spanned { value: name.to_owned(), place: call.key_place() };
    Some(ChannelAction::Chaser(name, Box::new(ChaserCall::decode(&call, decoder)?)))
}

impl Decode for ChannelCueSource {
    fn about() -> About {
        ChannelCueKeys::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let names = action_names();
        let keys = ChannelCueKeys::decode_with(at, decoder, &names);
        if !matches!(at.node.value, Value::Object(_)) {
            return None;
        }
        let (name, member) = one_of(at, ChannelCueKeys::KEYS, &names, decoder)?;
        let action = match name {
            "chaser" => chaser_call(&member, decoder),
            name => ChannelEffect::decode(name, &member, decoder).map(ChannelAction::Effect),
        };
        let (keys, action) = (keys?, action?);
        match (&action, &keys.on) {
            (ChannelAction::Effect(effect), None) => {
                let message = format!("`on` is missing: which fixtures shall `{}`?", effect.name());
                decoder.error("missing-key", at, message);
                return None;
            }
            (ChannelAction::Chaser(..), Some(on)) => {
                let message = "a chaser says itself which fixtures it runs on";
                let error = Diagnostic::error("conflict", on.place.clone(), message);
                decoder.say(error.hint("leave `on` out, or write an effect"));
                return None;
            }
            _ => {}
        }
        Some(Self { keys, action, place: at.place() })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("channel cue", |definitions| {
            let doc = "A cue of a channel layer.";
            let mut schema = object_schema(doc, &ChannelCueKeys::fields(), definitions);
            let chaser = json!({
                "description": "A chaser by its file's name, and how it is run.",
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": ChaserCall::schema(definitions),
            });
            let effects = channel_schemas(definitions);
            with_actions(&mut schema, effects.into_iter().chain([("chaser", chaser)]));
            schema
        })
    }
}

impl Decode for ChannelStep {
    fn about() -> About {
        ChannelStepKeys::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let keys = ChannelStepKeys::decode_with(at, decoder, CHANNEL_EFFECTS);
        if !matches!(at.node.value, Value::Object(_)) {
            return None;
        }
        let (name, member) = one_of(at, ChannelStepKeys::KEYS, CHANNEL_EFFECTS, decoder)?;
        let effect = ChannelEffect::decode(name, &member, decoder);
        Some(Self { keys: keys?, effect: effect?, place: at.place() })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("channel step", |definitions| {
            let doc = "A step of a channel chaser.";
            let mut schema = object_schema(doc, &ChannelStepKeys::fields(), definitions);
            with_actions(&mut schema, channel_schemas(definitions).into_iter());
            schema
        })
    }
}

/// Adds the keys that name an action, of which an object has one.
fn with_actions(schema: &mut Json, actions: impl Iterator<Item = (&'static str, Json)>) {
    let mut choices = Vec::new();
    for (name, action) in actions {
        schema["properties"][name] = action;
        choices.push(json!({"required": [name]}));
    }
    schema["oneOf"] = choices.into();
}

/// Whether a file says that it is a channel layer's.
pub(crate) fn is_channel_file(root: &crate::tree::Node) -> bool {
    root.get("rules").and_then(crate::tree::Node::text) == Some("channels")
}
