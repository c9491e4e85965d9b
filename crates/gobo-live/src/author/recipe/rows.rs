//! What each recipe writes where a show has channel layers only: rows, fixture by fixture.

use gobo_show::grid::Grid;
use gobo_show::rig::{Emitter, Fixture};
use gobo_show::value::Color;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::super::convert::Keys;
use super::super::intent::OldRow;
use super::super::payload::{number, thousandth};
use super::super::refusal::{Fault, Refusal};
use super::order::along;
use super::read::Reader;
use super::{Told, sections};
use crate::channel::Purpose;

/// The most rows that a recipe writes at once.
const MOST_ROWS: usize = 10_000;
/// What is nearer to an end than this, in seconds, begins no more before it.
const NEAR: f64 = 0.01;
/// The level at which a build begins.
const LOW: f64 = 0.1;
/// White, where no colour is told.
const WHITE: Color = Color { red: 1.0, green: 1.0, blue: 1.0 };

/// The rows of a recipe, by start; `palette` are the show's own colours.
pub(super) fn rows(
    id: &str,
    told: &Told<'_>,
    palette: &IndexMap<String, Color>,
) -> Result<Vec<OldRow>, Refusal> {
    let lamps = lamps(told)?;
    let mut reader = Reader::new(told, palette);
    let (level, color) = (reader.level("level"), reader.color("color"));
    let colors = reader.colors("colors");
    let mut rows = reader.finished(Rows { told, lamps, level, color, colors, all: Vec::new() })?;
    match id {
        "flash_downbeats" => rows.flash_downbeats(),
        "chase_bars" => rows.chase_bars(),
        "section_colors" => rows.section_colors(),
        "build" => rows.build(),
        "strobe_hit" => rows.strobe_hit(),
        "fade_to_black" => rows.fade_to_black(),
        _ => {}
    }
    let mut all = rows.all;
    if all.len() > MOST_ROWS {
        let message = format!(
            "this comes to more than {MOST_ROWS} cues, one for each fixture and time: choose fewer \
             fixtures or a shorter section"
        );
        return Err(Refusal::invalid("/params", message));
    }
    all.sort_by(|a, b| a.time.total_cmp(&b.time));
    Ok(all)
}

/// A fixture that gives light by the rules of channel layers.
struct Lamp<'a> {
    fixture: &'a Fixture,
    dims: bool,
}

impl Lamp<'_> {
    fn emits(&self, emitter: Emitter) -> bool {
        Keys(self.fixture).has(Purpose::Emitter(emitter))
    }

    /// Dimmer and colours for a colour at a level; the colours are lowered where nothing else is.
    fn lights(&self, color: Color, level: f64) -> Map<String, Value> {
        let mut lights = Map::new();
        if self.dims {
            lights.insert("dimmer".to_owned(), byte(level));
        }
        let part = if self.dims { 1.0 } else { level };
        let parts = [
            ("red", Emitter::Red, color.red),
            ("green", Emitter::Green, color.green),
            ("blue", Emitter::Blue, color.blue),
        ];
        for (word, _, amount) in parts.into_iter().filter(|(_, emitter, _)| self.emits(*emitter)) {
            lights.insert(word.to_owned(), byte(amount * part));
        }
        lights
    }

    /// A flash to a level: the colour says how bright it is, as a flash starts from full.
    fn flash(&self, color: Color, level: f64) -> (&'static str, Value) {
        let [red, green, blue] = [color.red, color.green, color.blue].map(|part| part * level);
        let colors = [Emitter::Red, Emitter::Green, Emitter::Blue];
        if level < 1.0 && !colors.into_iter().any(|emitter| self.emits(emitter)) {
            // Without colours a fade to nothing does what is left of it, and opens the shutter.
            return ("fade_in", json!({ "start_value": byte(level), "dimmer": 0 }));
        }
        let [red, green, blue] = [red, green, blue].map(|part| (part * 255.0).round() as u8);
        ("flash", json!({ "color": format!("#{red:02x}{green:02x}{blue:02x}") }))
    }
}

/// A level as a slot's value.
fn byte(level: f64) -> Value {
    json!((level * 255.0).round() as u8)
}

/// The fixtures that are told: one, those of a group, or all; those that give no light are left
/// out.
fn lamps<'a>(told: &Told<'a>) -> Result<Vec<Lamp<'a>>, Refusal> {
    let rig = &told.show.rig;
    let name = told.get("on");
    let name = name.as_str().unwrap_or_default().trim();
    let of_group = || {
        let heads = rig.groups.get(name)?.iter();
        let fixture = |head: &u32| Some(rig.heads.get(*head as usize)?.fixture as usize);
        let mut all: Vec<usize> = Vec::new();
        for index in heads.filter_map(fixture) {
            if !all.contains(&index) {
                all.push(index);
            }
        }
        Some(all)
    };
    let by_id = rig.fixtures.iter().position(|fixture| *fixture.id == *name);
    let all = || (name == super::WHOLE).then(|| (0..rig.fixtures.len()).collect());
    let Some(chosen) = by_id.map(|index| vec![index]).or_else(of_group).or_else(all) else {
        let ids = rig.fixtures.iter().map(|fixture| &*fixture.id);
        let known = ids.chain(rig.groups.keys().map(String::as_str)).chain([super::WHOLE]);
        let fault = Fault::unknown("/params/on", ("fixture or group", name), known);
        return Err(Refusal::Invalid { errors: vec![fault] });
    };
    let fixtures = chosen.into_iter().filter_map(|index| rig.fixtures.get(index));
    let lamp = |fixture| Lamp { fixture, dims: Keys(fixture).has(Purpose::Level) };
    let gives_light = |lamp: &Lamp<'_>| !lamp.lights(WHITE, 1.0).is_empty();
    let lamps: Vec<_> = fixtures.map(lamp).filter(gives_light).collect();
    if lamps.is_empty() {
        let message = format!("nothing of `{name}` has a dimmer, or red, green and blue");
        return Err(Refusal::invalid("/params/on", message));
    }
    Ok(lamps)
}

/// What rows are made of, and those that are made.
struct Rows<'a> {
    told: &'a Told<'a>,
    lamps: Vec<Lamp<'a>>,
    level: f64,
    color: Option<Color>,
    colors: Vec<Color>,
    all: Vec<OldRow>,
}

impl Rows<'_> {
    fn grid(&self) -> &Grid {
        &self.told.show.grid
    }

    /// Adds a row for one of the lamps, from a time to another.
    fn put(
        &mut self,
        lamp: usize,
        (start, end): (f64, f64),
        does: impl Fn(&Lamp<'_>) -> (&'static str, Value),
        name: &str,
    ) {
        let Some(lamp) = self.lamps.get(lamp).filter(|_| self.all.len() <= MOST_ROWS) else {
            return;
        };
        let (effect, data) = does(lamp);
        self.all.push(OldRow {
            time: thousandth(start.max(0.0)),
            fixture: lamp.fixture.id.to_string(),
            effect: effect.to_owned(),
            duration: thousandth(end - start).max(0.001),
            data: data.as_object().cloned().unwrap_or_default(),
            name: Some(name.to_owned()),
        });
    }

    /// Adds a row for each of the lamps.
    fn put_all(
        &mut self,
        times: (f64, f64),
        does: impl Fn(&Lamp<'_>) -> (&'static str, Value),
        name: &str,
    ) {
        for lamp in 0..self.lamps.len() {
            self.put(lamp, times, &does, name);
        }
    }

    /// Steps of so many beats from a time on, each with its end, the last one's no later than `to`.
    fn steps(&self, (from, to): (f64, f64), beats: f64) -> Vec<(f64, f64)> {
        let (grid, first) = (self.grid(), self.grid().beat_at(from));
        let start = |step: usize| grid.seconds_at_beat(first + step as f64 * beats);
        let steps = (0..=MOST_ROWS).map(|step| (start(step), start(step + 1).min(to)));
        steps.take_while(|(start, _)| *start < to - NEAR).collect()
    }

    fn flash_downbeats(&mut self) {
        let (start, end, _) = self.told.section();
        let (color, level) = (self.color.unwrap_or(WHITE), self.level);
        let mut bar = self.told.first_bar(start);
        loop {
            let time = self.grid().seconds_at_bar(bar).max(0.0);
            if time >= end - NEAR || self.all.len() > MOST_ROWS {
                return;
            }
            let beat = self.grid().seconds_at_beat(self.grid().beat_at(time) + 1.0);
            self.put_all((time, beat), |lamp| lamp.flash(color, level), "Downbeats");
            bar += 1.0;
        }
    }

    fn chase_bars(&mut self) {
        let (start, end, _) = self.told.section();
        let (color, level) = (self.color.unwrap_or(WHITE), self.level);
        let way = self.told.get("direction");
        let way = way.as_str().unwrap_or_default();
        for (step, times) in self.steps((start, end), 0.5).into_iter().enumerate() {
            for lamp in along(way, step, self.lamps.len()) {
                self.put(lamp, times, |lamp| lamp.flash(color, level), "Chase");
            }
        }
    }

    fn section_colors(&mut self) {
        let (show, fade, level) = (self.told.show, self.told.number("fade"), self.level);
        let colors = std::mem::take(&mut self.colors);
        let names = sections(show);
        let all = show.grid.sections.iter().zip(&names).zip(colors.iter().cycle());
        for ((section, name), color) in all {
            let start = section.start.max(0.0);
            let fade_in = |lamp: &Lamp<'_>| ("fade_in", lamp.lights(*color, level).into());
            self.put_all((start, start + fade), fade_in, &format!("Colour of {name}"));
        }
    }

    fn build(&mut self) {
        let (end, _, at) = self.told.section();
        let start = self.told.build_start(end);
        if end - start < 0.1 {
            return;
        }
        let color = self.color.unwrap_or(WHITE);
        let name = format!("Build into {}", at.as_str().unwrap_or("the section"));
        let rise = |lamp: &Lamp<'_>| {
            let mut data = lamp.lights(color, 1.0);
            data.insert("start_value".to_owned(), lamp.lights(color, LOW).into());
            ("fade_in", data.into())
        };
        let (half, quarter) = ((end - start) / 2.0, (end - start) / 4.0);
        self.put_all((start, start + half), rise, &name);
        for (from, beats) in [(start + half, 0.5), (end - quarter, 0.25)] {
            for times in self.steps((from, from + quarter), beats) {
                self.put_all(times, |lamp| lamp.flash(color, 1.0), &name);
            }
        }
    }

    fn strobe_hit(&mut self) {
        let (time, rate) = (self.told.number("time"), number(self.told.number("rate")));
        let times = (time, time + self.told.number("duration"));
        self.put_all(times, |_| ("strobe", json!({ "rate": rate })), "Strobe hit");
    }

    fn fade_to_black(&mut self) {
        let (start, end) = self.told.last_seconds();
        self.put_all((start, end), |_| ("fade_out", json!({})), "To black");
    }
}
