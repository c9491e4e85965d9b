//! Cue files.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::level::{CuePoint, LevelSource, ShowPoint};
use super::{Delay, FadeKey, Fading, Vars};
use crate::decode::{
    About, At, Decode, Decoder, Definitions, Spanned, argument_name, choice, listed, object_schema,
    record,
};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::effect::{self, Effect};
use crate::select::Selection;
use crate::show::{Alpha, Blend, Then};
use crate::time::Time;
use crate::tree::{Node, Value};
use crate::value::{ARGUMENT_PATTERN, Every, Span};

record! {
    /// A cue file: one layer of a show.
    pub struct CueFile as "cue file" {
        /// Values by name, for `$name` to stand for in this file.
        pub vars: Vars,
        /// Files whose cues stand before those of this one.
        pub include: Vec<Spanned<Include>>,
        /// By which rules the cues are carried out: `attributes`, as described here, or `channels`.
        pub rules: super::Rules = "attributes",
        /// How the layer goes over those below.
        pub layer: LayerSettings = Value::Object(Vec::new()),
        /// The cues, in any order.
        pub cues: Vec<Arc<CueSource>>,
    }
}

record! {
    /// How a layer goes over those below.
    pub struct LayerSettings as "layer" {
        /// How its values go over those of the layers below.
        pub blend: Blend = "replace",
        /// Its height in the stack: higher ones go over lower ones, and of equals those that
        /// show.toml names later.
        pub z: f64 = 0.0,
        /// How much of it shows: a level, or points over the show's time.
        pub opacity: Option<LevelSource<ShowPoint>>,
        /// The only heads that it shows on.
        pub mask: Option<Spanned<Selection>>,
        /// Another layer, by its file's name without `.json`, whose dimmer says how much of this
        /// one shows on each head. That layer itself is not seen.
        pub mask_by: Option<Spanned<String>>,
        /// What its colours show as much as.
        pub alpha: Alpha = "none",
        /// Whether dark heads turn and change before the cues that light them (move in black).
        pub mark: bool = false,
    }
}

choice! { Alpha, "alpha":
    None = "none", "Its colours cover those below wherever it writes them.";
    Dimmer = "dimmer", "Its colours show as much as its own dimmer is up.";
}

record! {
    /// A cue: what happens to which heads, and when. Beside these keys it has one that names an
    /// effect, or `pattern`.
    pub struct CueKeys as "cue" {
        /// When it starts: a time, or `after` or `with` the cue before it or a named one.
        pub at: Spanned<Time>,
        /// How often it starts again, until `to`.
        pub every: Option<Spanned<Every>>,
        /// Where a cue that repeats stops; it does not start there any more.
        pub to: Option<Spanned<Time>>,
        /// How much later than `at` all of it runs: a length of time, or { "from": …, "to": … } for
        /// the first and the last place of its selection.
        pub delay: Option<Delay>,
        /// How long it runs: a length of time, or "until next", the next cue of the same file
        /// that writes any of the same heads. `set` without it writes once; everything else runs
        /// until the next.
        "for" => pub length: Option<Spanned<Length>>,
        /// The heads.
        pub on: Spanned<Arc<Selection>>,
        /// Its name.
        pub name: Option<String>,
        /// A remark; not used.
        pub note: Option<String>,
        /// The time in which it takes over from what its layer showed before: a length, or
        /// { "time": …, "easing": … }.
        pub fade_in: Fading as FadeKey = 0.0,
        /// The time before its end in which it gives way to the layers below, written as
        /// `fade_in` is.
        pub fade_out: Option<Spanned<FadeKey>>,
        /// What stays after the end; a cue with its own `blend` is released unless this says hold.
        pub then: Option<Then>,
        /// How it goes over the rest of its layer and over the layers below, if not as its layer
        /// does. Cues of one such mode lie together over the others of their layer.
        pub blend: Option<Blend>,
        /// How much of it shows: a level, or points from the cue's start.
        pub opacity: Option<LevelSource<CuePoint>>,
        /// Whether nothing tracks through it: what its layer held on its heads before ends here,
        /// and what the cue does not say again is told of with its value.
        pub block: bool = false,
        /// Whether heads that are dark before it turn and change beforehand (move in black); as
        /// the layer says when not given.
        pub mark: Option<bool>,
        /// What effects run along: heads, or whole fixtures.
        pub spread: Spread = "heads",
        /// Seeds what is random in it; when not given, from the file's name, what the cue is on,
        /// what it does, and how many that are on the same and do the same start before it.
        pub seed: Option<u64>,
    }
}

/// The cues of another file.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Include {
    /// The file, relative to the show's folder.
    pub file: String,
    /// How much later its cues start than they say.
    pub shift: Span,
    /// Values by name, in the place of those that the file gives itself.
    pub vars: Vars,
}

record! {
    /// The cues of another file.
    pub struct IncludeKeys as "include" {
        /// The file, relative to the show's folder.
        pub file: String,
        /// How much later its cues start than they say.
        pub shift: Span = 0.0,
        /// Values by name, in the place of those that the file gives itself.
        pub vars: Vars,
    }
}

impl Decode for Include {
    fn about() -> About {
        About::new("include", "a file such as `common.json`, or { \"file\": …, \"shift\": … }")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Text(file) => {
                Some(Self { file: file.clone(), shift: Span::Seconds(0.0), vars: Vars::default() })
            }
            Value::Object(_) => IncludeKeys::decode(at, decoder)
                .map(|IncludeKeys { file, shift, vars }| Self { file, shift, vars }),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let keys = IncludeKeys::schema(definitions);
        json!({"anyOf": [{"type": "string", "minLength": 1}, keys]})
    }
}

choice! { Then, "then":
    Hold = "hold", "Its last values stay until the layer's next write.";
    Release = "release", "The layers below show again.";
    CueOnly = "cue_only", "What the layer held before shows again.";
}

/// What effects run along.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Spread {
    /// Every head has its own place.
    Heads,
    /// The heads of a fixture share one.
    Fixtures,
}

choice! { Spread, "spread":
    Heads = "heads", "Every head has its own place.";
    Fixtures = "fixtures", "The heads of a fixture share a place.";
}

/// How long a cue runs.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Length {
    /// This long.
    Span(Span),
    /// Until the next cue of the same layer that writes any of the same heads.
    UntilNext,
}

impl Decode for Length {
    fn about() -> About {
        let expected = "a length of time such as `1.5s`, `2 beats` or `4 bars`, or `until next`";
        About { unit: "s", ..About::new("length", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.text() {
            Some("until next") => Some(Self::UntilNext),
            Some(text) if text.parse::<Span>().is_err() => decoder.wrong::<Self, _>(at),
            _ => Span::decode(at, decoder).map(Self::Span),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let span = Span::schema(definitions);
        json!({"anyOf": [{"const": "until next"}, span]})
    }
}

/// What a cue or a step does.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Action {
    /// An effect.
    Effect(Box<Effect>),
    /// A pattern.
    Pattern(PatternCall),
}

/// A pattern and its arguments.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PatternCall {
    /// The pattern's name.
    pub name: Spanned<String>,
    /// The arguments as written.
    #[serde(skip)]
    pub arguments: Vec<(String, Place, Node)>,
}

/// A cue.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CueSource {
    /// Everything but what it does.
    pub keys: CueKeys,
    /// What it does.
    pub action: Action,
    /// Where it stands.
    pub place: Place,
}

/// The keys that name an action.
pub(super) fn action_names() -> Vec<&'static str> {
    effect::names().into_iter().chain(["pattern"]).collect()
}

/// Reads the one key of `at` that names an action.
pub(super) fn action(at: &At<'_>, keys: &[&str], decoder: &mut Decoder) -> Option<Action> {
    let names = action_names();
    let mut actions = at.members().filter(|(key, _)| names.contains(key));
    let Some((name, member)) = actions.next() else {
        let meant = |(key, _): (&str, At<'_>)| {
            !keys.contains(&key) && nearest(key, names.iter().copied()).is_some()
        };
        // A key that is nearly an effect has been told of already.
        if at.members().any(meant) {
            return None;
        }
        let message = "this does nothing: expected one key that names an effect";
        let error = Diagnostic::error("no-action", at.place(), message);
        decoder.say(error.hint(format!("effects are {}", listed(names))));
        return None;
    };
    for (second, member) in actions {
        let message = format!("one cue does one thing: here are `{name}` and `{second}`");
        let error = Diagnostic::error("two-actions", member.key_place(), message);
        decoder.say(error.hint("write two cues"));
    }
    if name == "pattern" {
        return pattern_call(&member, decoder).map(Action::Pattern);
    }
    let node = decoder.stands_for(&member)?;
    let member = At { file: member.file, node: &node, pointer: member.pointer };
    let said = decoder.diagnostics.len();
    let effect = Effect::decode(name, &member, decoder)?;
    if decoder.diagnostics.len() == said {
        effect::check_looks(&effect, &member, decoder);
    }
    Some(Action::Effect(Box::new(effect)))
}

fn pattern_call(at: &At<'_>, decoder: &mut Decoder) -> Option<PatternCall> {
    let mut members = at.members();
    let (Some((name, arguments)), None) = (members.next(), members.next()) else {
        let message = "expected one pattern: `\"pattern\": { \"<name>\": { <arguments> } }`";
        decoder.error("wrong-type", at, message);
        return None;
    };
    if !decoder.object::<IndexMap<String, f64>>(&arguments) {
        return None;
    }
    let name = Spanned { value: name.to_owned(), place: arguments.key_place() };
    let arguments = arguments.members();
    let arguments = arguments.map(|(key, at)| {
        // An argument of the pattern around this one, or a variable, is handed through.
        let outer = at.node.text().and_then(argument_name);
        let outer = outer.and_then(|name| decoder.named(name)).map(|outer| outer.node.clone());
        (key.to_owned(), at.place(), outer.unwrap_or_else(|| at.node.clone()))
    });
    Some(PatternCall { name, arguments: arguments.collect() })
}

/// The schema of an object with these keys and one action.
pub(super) fn with_action(mut schema: Json, definitions: &mut Definitions) -> Json {
    let pattern = json!({
        "description": "A pattern by its file's name, with its arguments.",
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"type": "object"},
    });
    let mut choices = Vec::new();
    for (name, action) in effect::schemas(definitions).into_iter().chain([("pattern", pattern)]) {
        let description = action["description"].clone();
        let variable = json!({"type": "string", "pattern": ARGUMENT_PATTERN});
        schema["properties"][name] =
            json!({"description": description, "anyOf": [action, variable]});
        choices.push(json!({"required": [name]}));
    }
    schema["oneOf"] = choices.into();
    schema
}

impl Decode for CueSource {
    fn about() -> About {
        CueKeys::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let keys = CueKeys::decode_with(at, decoder, &action_names());
        if !matches!(at.node.value, Value::Object(_)) {
            return None;
        }
        let action = action(at, CueKeys::KEYS, decoder);
        Some(Self { keys: keys?, action: action?, place: at.place() })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("cue", |definitions| {
            let doc = "A cue: what happens to which heads, and when.";
            let schema = object_schema(doc, &CueKeys::fields(), definitions);
            with_action(schema, definitions)
        })
    }
}

impl Decode for Arc<CueSource> {
    fn about() -> About {
        CueSource::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        CueSource::decode(at, decoder).map(Self::new)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        CueSource::schema(definitions)
    }
}
