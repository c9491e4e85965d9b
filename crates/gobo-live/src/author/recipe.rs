//! Recipes: what writes several cues at once, by a few parameters.

mod cook;
mod order;
mod read;
mod rows;

use gobo_show::Show;
use gobo_show::show::Section;
use gobo_show::time::Time;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::desk::{Changes, Desk};
use super::payload::{kind, number, thousandth};
use super::refusal::{Fault, Refusal};

/// What writes several cues at once.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Recipe {
    /// What programs call it.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// What it is told.
    pub params: Vec<Parameter>,
}

/// A parameter of a recipe.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is: `selection`, `color`, `colors`, `level`, `section`, `choice`, `seconds` or
    /// `number`.
    pub kind: &'static str,
    /// What it is when it is not told.
    pub default: Value,
    /// What it can be, where that is a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// The parameters that are sections may be all of the show.
const WHOLE: &str = "all";

impl Recipe {
    /// All recipes, with what their parameters can be in a show.
    pub(crate) fn all(show: &Show) -> Vec<Self> {
        let sections = sections(show);
        let first = sections.first().map_or(WHOLE, String::as_str);
        let section = |usual: &str| {
            let choices = std::iter::once(WHOLE.to_owned()).chain(sections.iter().cloned());
            let choices = choices.collect();
            Parameter { choices, ..parameter("section", "section", json!(usual)) }
        };
        let choices = WAYS.map(str::to_owned).to_vec();
        let way = Parameter { choices, ..parameter("direction", "choice", json!("bounce")) };
        let level = || parameter("level", "level", json!("100%"));
        let color = |usual: Value| parameter("color", "color", usual);
        let colors = json!(["blue", "magenta", "orange", "cyan"]);
        let told = [
            vec![section(WHOLE), level(), color(Value::Null)],
            vec![section(first), way, level(), color(Value::Null)],
            vec![
                parameter("colors", "colors", colors),
                parameter("fade", "seconds", json!(1)),
                level(),
            ],
            vec![section(first), parameter("bars", "number", json!(4)), color(json!("white"))],
            vec![
                parameter("time", "seconds", json!(0)),
                parameter("duration", "seconds", json!(1)),
                parameter("rate", "number", json!(10)),
            ],
            vec![parameter("duration", "seconds", json!(4))],
        ];
        let on = || parameter("on", "selection", json!("all"));
        let recipes = RECIPES.iter().zip(told);
        let recipe = |(&(id, name, description), told): (&Words, Vec<Parameter>)| Self {
            id,
            name,
            description,
            params: std::iter::once(on()).chain(told).collect(),
        };
        recipes.map(recipe).collect()
    }
}

/// The ways that a chase runs.
const WAYS: [&str; 6] = ["forward", "backward", "bounce", "random", "outward", "inward"];

/// A recipe's id, its name, and what it does.
type Words = (&'static str, &'static str, &'static str);

const RECIPES: [Words; 6] = [
    (
        "flash_downbeats",
        "Flash on downbeats",
        "A flash that decays over a beat wherever a bar starts.",
    ),
    (
        "chase_bars",
        "Chase through a section",
        "A light that runs along the selection, a step every half beat.",
    ),
    (
        "section_colors",
        "A colour per section",
        "Every section begins with the next of some colours.",
    ),
    (
        "build",
        "Build into a section",
        "Light rises over the bars before a section; pulses over the second half, faster at last.",
    ),
    (
        "strobe_hit",
        "Strobe hit",
        "A strobe for a moment; what was there before shows again, but for dimmers of channel \
         layers, which stay dark.",
    ),
    (
        "fade_to_black",
        "Fade to black at the end",
        "All light goes down over the last seconds of the show.",
    ),
];

fn parameter(name: &'static str, kind: &'static str, default: Value) -> Parameter {
    Parameter { name, kind, default, choices: Vec::new() }
}

/// The sections of a show by the names that times have for them: a name that comes again is
/// counted.
fn sections(show: &Show) -> Vec<String> {
    let all = &show.grid.sections;
    let name = |(index, section): (usize, &Section)| {
        let before = all.iter().take(index).filter(|known| known.name == section.name).count();
        match before {
            0 => section.name.to_string(),
            _ => format!("{} {}", section.name, before + 1),
        }
    };
    all.iter().enumerate().map(name).collect()
}

/// What a recipe was told, of the right kinds.
struct Told<'a> {
    show: &'a Show,
    values: Map<String, Value>,
}

impl Told<'_> {
    fn get(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or_default()
    }

    fn number(&self, name: &str) -> f64 {
        self.get(name).as_f64().unwrap_or_default()
    }

    /// The start and the end of the section, in seconds, and how a cue writes its start.
    fn section(&self) -> (f64, f64, Value) {
        let name = self.get("section");
        let name = name.as_str().unwrap_or(WHOLE);
        let index = sections(self.show).iter().position(|known| known == name);
        match index.and_then(|index| self.show.grid.sections.get(index)) {
            Some(section) => (section.start, section.end, self.anchor(name, section.start)),
            None => (0.0, self.show.rate.seconds_at(self.show.frames), json!("start")),
        }
    }

    /// A section's name as a time, if it reads back as that; else seconds.
    fn anchor(&self, name: &str, start: f64) -> Value {
        let length = self.show.rate.seconds_at(self.show.frames);
        let time = name.parse::<Time>().ok();
        let found = time.and_then(|time| time.seconds(&self.show.grid, length).ok());
        match found {
            Some(found) if (found - start).abs() < 0.001 => json!(name),
            _ => number(thousandth(start)),
        }
    }

    /// The first bar that starts in a section, or nearly so.
    fn first_bar(&self, start: f64) -> f64 {
        (self.show.grid.bar_at(start) - 0.01).ceil()
    }

    /// When a build begins that ends at a time.
    fn build_start(&self, end: f64) -> f64 {
        let grid = &self.show.grid;
        grid.seconds_at_bar(grid.bar_at(end) - self.number("bars").max(0.25)).max(0.0)
    }

    /// The last seconds of the show, as many as are told.
    fn last_seconds(&self) -> (f64, f64) {
        let length = self.show.rate.seconds_at(self.show.frames);
        (length - thousandth(self.number("duration")).clamp(0.001, length.max(0.001)), length)
    }

    /// A stretch of time as a cue writes it: in bars where it is whole bars.
    fn length(&self, start: f64, end: f64) -> Value {
        let grid = &self.show.grid;
        let bars = grid.bar_at(end) - grid.bar_at(start);
        match bars.round() {
            1.0 if grid.has_tempo() && (bars - 1.0).abs() < 0.01 => json!("1 bar"),
            whole if grid.has_tempo() && whole > 1.0 && (bars - whole).abs() < 0.01 => {
                json!(format!("{whole} bars"))
            }
            _ => number(thousandth(end - start)),
        }
    }
}

impl Desk<'_> {
    pub(super) fn apply_recipe(
        &mut self,
        id: &str,
        params: &Map<String, Value>,
        file: Option<&str>,
    ) -> Changes {
        let all = Recipe::all(self.show);
        let recipe = all.iter().find(|recipe| recipe.id == id).ok_or_else(|| {
            let fault = Fault::unknown("/helper_id", ("helper", id), all.iter().map(|one| one.id));
            Refusal::Invalid { errors: vec![fault] }
        })?;
        let told = Told { show: self.show, values: told(recipe, params)? };
        let has_native = self.cue_files().iter().any(|file| !self.is_channels(file));
        let takes = (file.is_none() && has_native).then_some(false);
        let file = self.target(file, (0.0, None), takes)?;
        if self.is_channels(&file) {
            let rows = rows::rows(id, &told, &self.sources.colors)?;
            if rows.is_empty() {
                return Err(nothing(id));
            }
            return Ok(vec![self.put_rows(&rows, &file)?]);
        }
        let cues = cook::cues(id, &told);
        if cues.is_empty() {
            return Err(nothing(id));
        }
        Ok(vec![self.added(&file, cues)])
    }
}

/// Why a recipe has nothing to write.
fn nothing(id: &str) -> Refusal {
    let message = match id {
        "section_colors" => "there is nothing for this to go by: the song has no sections",
        "build" => "there is no time to build in: the section is at the start of the show",
        _ => "nothing of this falls into the section",
    };
    Refusal::invalid("/params", message)
}

/// What a recipe was told, with what it was not told as usual.
fn told(recipe: &Recipe, params: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut errors = Vec::new();
    let unknown = params.keys().filter(|key| recipe.params.iter().all(|known| known.name != *key));
    for key in unknown {
        let known = recipe.params.iter().map(|parameter| parameter.name);
        errors.push(Fault::unknown(format!("/params/{key}"), ("parameter", key), known));
    }
    let mut values = Map::new();
    for parameter in &recipe.params {
        let given = params.get(parameter.name).filter(|value| !value.is_null());
        if let Some(message) = given.and_then(|value| wrong(parameter, value)) {
            errors.push(Fault::new(format!("/params/{}", parameter.name), message));
        }
        let value = given.unwrap_or(&parameter.default).clone();
        values.insert(parameter.name.to_owned(), value);
    }
    if errors.is_empty() { Ok(values) } else { Err(Refusal::Invalid { errors }) }
}

/// What is wrong with a value for a parameter. What a selection, a colour or a level says is
/// checked with the show.
fn wrong(parameter: &Parameter, value: &Value) -> Option<String> {
    let (name, found) = (parameter.name, kind(value));
    let expected = match parameter.kind {
        "seconds" | "number" => {
            let most = if parameter.name == "bars" { 1000.0 } else { 86_400.0 };
            let fits = |number: f64| (0.0..=most).contains(&number);
            let is_time = name == "time";
            let least = if is_time { 0.0 } else { 0.001 };
            match value.as_f64() {
                Some(number) if fits(number) && number >= least => return None,
                Some(number) => {
                    return Some(format!("`{name}` is above 0 to {most}, not {number}"));
                }
                None => "a number",
            }
        }
        "level" if value.is_number() || value.is_string() => return None,
        "level" => "a level such as `80%`",
        "colors" => match value.as_array() {
            Some(all) if !all.is_empty() && all.iter().all(Value::is_string) => return None,
            _ => "a list of colours",
        },
        _ => match value.as_str() {
            Some(text) if parameter.choices.is_empty() && !text.trim().is_empty() => return None,
            Some(text) if parameter.choices.iter().any(|known| known == text) => return None,
            Some(text) => {
                let known = parameter.choices.iter().map(String::as_str);
                return Some(Fault::unknown("", (parameter.kind, text), known).message);
            }
            None => "text",
        },
    };
    Some(format!("expected {expected} for `{name}`, found {found}"))
}
