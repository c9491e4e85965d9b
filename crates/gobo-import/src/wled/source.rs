//! The files of a WLED light server: boards, presets, programs and tables. Reads; decides nothing.

use std::collections::BTreeMap;

use gobo_show::Source;
use gobo_show::decode::At;
use gobo_show::diagnostic::{Diagnostic, Place};
use gobo_show::tree::{self, Node, Value};

use crate::folder::Folder;

/// All that a folder says.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) boards: Vec<Board>,
    pub(super) groups: Vec<Group>,
    /// Looks by name.
    pub(super) looks: BTreeMap<String, Look>,
    /// WLED's own presets by number, or by name.
    pub(super) presets: BTreeMap<String, Look>,
    pub(super) programs: Vec<Program>,
    pub(super) faults: Vec<Diagnostic>,
}

/// A board: a strip of light.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) id: String,
    pub(super) ip: Option<String>,
    pub(super) leds: u32,
    pub(super) universe: Option<u32>,
    pub(super) has_white: bool,
    /// What it shows when nothing plays.
    pub(super) look: Option<Look>,
    pub(super) place: Place,
}

/// Boards by a common name.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) members: Vec<String>,
    pub(super) place: Place,
}

/// An effect with its colour, and what else is known of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Look {
    /// The effect or the pattern, in lower case with underscores.
    pub(super) effect: String,
    pub(super) color: Option<[u8; 3]>,
    /// 0 to 1.
    pub(super) level: f64,
    /// WLED's speed, 0 to 255.
    pub(super) speed: Option<f64>,
}

/// A song with its cues.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) audio: Option<String>,
    pub(super) bpm: Option<f64>,
    /// The first beat, in seconds.
    pub(super) offset: f64,
    pub(super) cues: Vec<Cue>,
    pub(super) next: Option<String>,
    /// `immediate`, `blackout` or `hold`, and its length in milliseconds.
    pub(super) transition: (String, f64),
    pub(super) place: Place,
}

/// A change of some boards at a time.
#[derive(Clone, Debug)]
pub(super) struct Cue {
    pub(super) seconds: f64,
    pub(super) label: String,
    pub(super) targets: Vec<String>,
    pub(super) action: Action,
    pub(super) sync_rate: f64,
    pub(super) place: Place,
}

/// What a cue does.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Off,
    /// A look by its name.
    Named(String),
    /// A preset of WLED by its number, 0 for none; the cue's own colour and level.
    Preset(u32, Option<Look>),
    Look(Look),
}

/// The longest time in seconds that a cue may have.
const LONGEST: f64 = 86_400.0;

/// Reads every file of a folder that is the server's; mistakes are kept.
pub(super) fn read(folder: &dyn Folder) -> Server {
    let mut server = Server::default();
    let files = folder.files();
    let has_boards = files.iter().any(|path| path.ends_with(".toml"));
    for path in &files {
        if path.contains("node_modules/") {
            continue;
        }
        let is_example = path.ends_with(".toml.example") && !has_boards;
        if path.ends_with(".toml") || is_example {
            server.toml(folder, path);
        } else if path.ends_with(".json") {
            server.json(folder, path);
        }
    }
    server.programs.retain(|program| !program.cues.is_empty());
    server
}

impl Server {
    fn toml(&mut self, folder: &dyn Folder, path: &str) {
        let Some(tree) = self.tree(folder, path, tree::parse_toml) else { return };
        let root = At::root(&tree);
        for board in list(&root, "boards") {
            let board = self.board(&board);
            self.boards.extend(board);
        }
        for group in list(&root, "groups") {
            if let Some(id) = self.text(&group, "id") {
                let members = texts(&group, "members");
                self.groups.push(Group { id, members, place: group.place() });
            }
        }
        for preset in list(&root, "effect_presets").chain(list(&root, "pattern_presets")) {
            let effect = text_of(&preset, &["effect_type", "pattern", "effect"]);
            let Some(name) = self.text(&preset, "name") else { continue };
            let Some(effect) = effect else {
                let message = format!("the preset `{name}` has no `effect_type` and no `pattern`");
                self.faults.push(Diagnostic::error("missing-key", preset.place(), message));
                continue;
            };
            let color = color_of(&preset, &["color", "colour"]);
            let look = Look { effect: word(&effect), color, level: 1.0, speed: None };
            self.looks.insert(name, look);
        }
    }

    fn json(&mut self, folder: &dyn Folder, path: &str) {
        let Some(tree) = self.tree(folder, path, tree::parse_json) else { return };
        let root = At::root(&tree);
        match &root.node.value {
            Value::List(_) => root.items().for_each(|item| self.object(&item)),
            Value::Object(_) => {
                let is_table = |(_, at): &(&str, At<'_>)| matches!(at.node.value, Value::List(_));
                let is_whole = root.node.get("cues").is_some() || root.node.get("state").is_some();
                let presets = root.members().all(|(key, _)| key.parse::<u32>().is_ok());
                if presets {
                    root.members().for_each(|(key, preset)| self.preset(key, &preset));
                } else if is_whole || !root.members().any(|member| is_table(&member)) {
                    self.object(&root);
                } else {
                    let tables = root.members().filter(is_table);
                    tables.for_each(|(_, at)| at.items().for_each(|item| self.object(&item)));
                }
            }
            _ => {}
        }
        let _ = path;
    }

    fn tree(
        &mut self,
        folder: &dyn Folder,
        path: &str,
        parse: fn(&Source) -> Result<tree::Tree, Diagnostic>,
    ) -> Option<tree::Tree> {
        match folder.source(path).and_then(|source| parse(&source)) {
            Ok(tree) => Some(tree),
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }

    /// A program, a preset, or a row of a table, by what it has.
    fn object(&mut self, at: &At<'_>) {
        let has = |key: &str| at.node.get(key).is_some();
        if has("cues") {
            let program = self.program(at);
            self.programs.extend(program);
        } else if has("state") {
            self.saved_preset(at);
        } else if has("timestamp_ms") {
            self.cue_row(at);
        } else if has("ip_address") || (has("ip") && has("id")) {
            let board = self.board(at);
            self.boards.extend(board);
        }
    }

    fn board(&mut self, at: &At<'_>) -> Option<Board> {
        let id = text_of(at, &["id", "name", "board_id"]);
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            let message = "a board needs an `id`";
            self.faults.push(Diagnostic::error("missing-key", at.place(), message));
            return None;
        };
        let leds = self.number(at, "led_count", 1.0, 65_535.0).unwrap_or(60.0);
        let universe = self.number(at, "universe", 1.0, 63_999.0);
        let effect = text_of(at, &["effect_name"]);
        Some(Board {
            id,
            ip: text_of(at, &["ip", "ip_address"]),
            leds: leds as u32,
            universe: universe.map(|universe| universe as u32),
            has_white: matches!(
                at.node.get("rgbw").map(|node| &node.value),
                Some(Value::Bool(true))
            ),
            look: effect.map(|effect| row_look(at, &effect)),
            place: at.place(),
        })
    }

    /// WLED's presets file: a number, and its segments.
    fn preset(&mut self, number: &str, at: &At<'_>) {
        let Some(segment) = list(at, "seg").next() else { return };
        let name = text_of(at, &["n"]);
        let first = list(&segment, "col").next();
        let effect = segment.node.get("fx").and_then(Node::number).unwrap_or(0.0);
        let look = Look {
            effect: effect_of(effect as u32, name.as_deref()),
            color: first.and_then(|color| triple(color.node)),
            level: segment.node.get("bri").and_then(Node::number).unwrap_or(255.0) / 255.0,
            speed: segment.node.get("sx").and_then(Node::number),
        };
        self.presets.insert(number.to_owned(), look.clone());
        self.presets.extend(name.map(|name| (name.to_lowercase(), look)));
    }

    /// A preset as the server saves it.
    fn saved_preset(&mut self, at: &At<'_>) {
        let (Some(name), Some(state)) = (text_of(at, &["name", "id"]), at.member("state")) else {
            return;
        };
        let number = |key| state.node.get(key).and_then(Node::number);
        let look = Look {
            effect: effect_of(number("effect").unwrap_or(0.0) as u32, Some(&name)),
            color: color_of(&state, &["color"]),
            level: number("brightness").unwrap_or(255.0).clamp(0.0, 255.0) / 255.0,
            speed: number("speed"),
        };
        self.presets.insert(name.to_lowercase(), look);
    }

    fn program(&mut self, at: &At<'_>) -> Option<Program> {
        let id = text_of(at, &["id"]).unwrap_or_default();
        let title = text_of(at, &["song_name", "name"]).unwrap_or_else(|| id.clone());
        let default = text_of(at, &["default_target_board"]);
        let mut cues = Vec::new();
        let list = at.member("cues")?;
        if !matches!(list.node.value, Value::List(_)) {
            let message = format!("`cues` of a program is a list, not {}", list.node.kind());
            self.faults.push(Diagnostic::error("wrong-type", list.place(), message));
        }
        for cue in list.items() {
            let cue = self.cue(&cue, default.as_deref());
            cues.extend(cue);
        }
        cues.sort_by(|a: &Cue, b| a.seconds.total_cmp(&b.seconds));
        let transition =
            text_of(at, &["transition_type"]).unwrap_or_else(|| "immediate".to_owned());
        Some(Program {
            id,
            title,
            audio: text_of(at, &["audio_file"]).filter(|file| !file.is_empty()),
            bpm: self.number(at, "bpm", 10.0, 1000.0),
            offset: self.number(at, "grid_offset", 0.0, LONGEST).unwrap_or(0.0),
            cues,
            next: text_of(at, &["next_program_id"]).filter(|next| !next.is_empty()),
            transition: (
                transition,
                self.number(at, "transition_duration", 0.0, LONGEST * 1000.0).unwrap_or(0.0),
            ),
            place: at.place(),
        })
    }

    fn cue(&mut self, at: &At<'_>, default: Option<&str>) -> Option<Cue> {
        let seconds = self.needed(at, "time", LONGEST)?;
        let mut targets = texts(at, "targets");
        targets.extend(texts(at, "boards"));
        if targets.is_empty() {
            targets.extend(default.map(str::to_owned));
        }
        let own = || Look {
            effect: effect_of(number_of(at, "effect").unwrap_or(0.0) as u32, None),
            color: color_of(at, &["color"]),
            level: number_of(at, "brightness").unwrap_or(255.0).clamp(0.0, 255.0) / 255.0,
            speed: None,
        };
        let named = text_of(at, &["preset_name"]).filter(|name| !name.is_empty());
        let action = match (named, text_of(at, &["action"]).as_deref(), number_of(at, "preset")) {
            (Some(name), _, _) if name.eq_ignore_ascii_case("off") => Action::Off,
            (Some(name), _, _) => Action::Named(name),
            (None, Some("off"), _) => Action::Off,
            (None, _, Some(number)) => Action::Preset(number as u32, Some(own())),
            (None, _, None) => Action::Preset(0, None),
        };
        Some(Cue {
            seconds,
            label: text_of(at, &["label"]).unwrap_or_default(),
            targets,
            action,
            sync_rate: self.number(at, "sync_rate", 0.01, 64.0).unwrap_or(1.0),
            place: at.place(),
        })
    }

    /// A row of the table of cues, into the program of its show.
    fn cue_row(&mut self, at: &At<'_>) {
        let Some(ms) = self.needed(at, "timestamp_ms", LONGEST * 1000.0) else { return };
        let show = match at.node.get("show_id").map(|node| &node.value) {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Text(text)) => text.clone(),
            _ => "1".to_owned(),
        };
        let effect = text_of(at, &["effect_name"]).unwrap_or_else(|| "SOLID".to_owned());
        let look = row_look(at, &effect);
        let cue = Cue {
            seconds: ms / 1000.0,
            label: String::new(),
            targets: text_of(at, &["target_board_name"]).into_iter().collect(),
            action: if word(&effect) == "off" { Action::Off } else { Action::Look(look) },
            sync_rate: 1.0,
            place: at.place(),
        };
        let id = format!("show {show}");
        if !self.programs.iter().any(|program| program.id == id) {
            self.programs.push(Program {
                id: id.clone(),
                title: format!("Show {show}"),
                audio: None,
                bpm: None,
                offset: 0.0,
                cues: Vec::new(),
                next: None,
                transition: ("immediate".to_owned(), 0.0),
                place: at.place(),
            });
        }
        if let Some(program) = self.programs.iter_mut().find(|program| program.id == id) {
            program.cues.push(cue);
            program.cues.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        }
    }

    fn text(&mut self, at: &At<'_>, key: &str) -> Option<String> {
        let text = text_of(at, &[key]);
        if text.is_none() {
            let message = format!("expected text as `{key}`");
            self.faults.push(Diagnostic::error("missing-key", at.place(), message));
        }
        text
    }

    /// A number that may be missing, within its range.
    fn number(&mut self, at: &At<'_>, key: &str, low: f64, high: f64) -> Option<f64> {
        let member = at.member(key).filter(|member| !matches!(member.node.value, Value::Null))?;
        match member.node.number() {
            Some(number) if (low..=high).contains(&number) => Some(number),
            _ => {
                let message =
                    format!("`{key}` is a number from {low} to {high}, found {}", member.found());
                self.faults.push(Diagnostic::error("bad-value", member.place(), message));
                None
            }
        }
    }

    fn needed(&mut self, at: &At<'_>, key: &str, high: f64) -> Option<f64> {
        if at.node.get(key).is_none() {
            let message = format!("a cue needs `{key}`");
            self.faults.push(Diagnostic::error("missing-key", at.place(), message));
            return None;
        }
        self.number(at, key, 0.0, high)
    }
}

/// The look of a row of a table.
fn row_look(at: &At<'_>, effect: &str) -> Look {
    let byte = |key| number_of(at, key).map(|number| number.clamp(0.0, 255.0));
    Look {
        effect: word(effect),
        color: color_of(at, &["primary_color"]),
        level: byte("intensity").unwrap_or(255.0) / 255.0,
        speed: byte("speed"),
    }
}

fn list<'a>(at: &At<'a>, key: &str) -> impl Iterator<Item = At<'a>> + use<'a> {
    let member = at.member(key);
    member.into_iter().flat_map(|member| member.items().collect::<Vec<_>>())
}

fn texts(at: &At<'_>, key: &str) -> Vec<String> {
    list(at, key).filter_map(|item| item.node.text().map(str::to_owned)).collect()
}

fn text_of(at: &At<'_>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| at.node.get(key)?.text().map(str::to_owned))
}

fn number_of(at: &At<'_>, key: &str) -> Option<f64> {
    at.node.get(key)?.number()
}

/// A colour as `#rrggbb`, or as a list of at least three numbers.
fn color_of(at: &At<'_>, keys: &[&str]) -> Option<[u8; 3]> {
    let node = keys.iter().find_map(|key| at.node.get(key))?;
    match node.text() {
        Some(text) => crate::native::color(text),
        None => triple(node),
    }
}

fn triple(node: &Node) -> Option<[u8; 3]> {
    let part = |index: usize| Some(node.items().get(index)?.number()?.clamp(0.0, 255.0) as u8);
    Some([part(0)?, part(1)?, part(2)?])
}

/// A name as a word: lower case, joined by underscores.
pub(super) fn word(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// WLED's effects by their number, as far as gobo has something like them.
const EFFECTS: [(u32, &str); 24] = [
    (0, "solid"),
    (1, "blink"),
    (2, "breathe"),
    (3, "wipe"),
    (8, "colorloop"),
    (9, "rainbow"),
    (10, "scan"),
    (11, "scan"),
    (12, "breathe"),
    (13, "theater"),
    (15, "running"),
    (17, "twinkle"),
    (20, "sparkle"),
    (23, "strobe"),
    (28, "chase"),
    (42, "fireworks"),
    (57, "lightning"),
    (66, "fire"),
    (76, "meteor"),
    (79, "ripple"),
    (88, "candle"),
    (97, "plasma"),
    (102, "candle"),
    (134, "puddles"),
];

/// The effect with a number; by the first word of the preset's name when the number is not known.
fn effect_of(number: u32, name: Option<&str>) -> String {
    let known = EFFECTS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name);
    let first = || name.and_then(|name| name.split_whitespace().next());
    known.or_else(first).map_or_else(|| format!("effect_{number}"), word)
}
