//! After any edits of the sources, what is loaded and lowered after the show before, and compiled
//! over the canvas before, is what comes of nothing, byte for byte.

use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use gobo_canvas::{Canvas, CanvasWriter};
use gobo_render::{Options, Stats, Timeline, compile};
use gobo_show::{Memory, MemoryWorld, load, load_again};
use proptest::prelude::*;

/// How many edits follow each other.
const EDITS: usize = 200;

/// A project that can be edited.
#[derive(Clone, Debug)]
struct Project {
    /// The cues of the two layers, as JSON.
    layers: [Vec<String>; 2],
    /// The cues of a file that the first layer includes, from a time on.
    included: Vec<String>,
    included_at: u32,
    /// The first address of each fixture, as far apart as the widest mode.
    addresses: Vec<u16>,
    /// Whether the profile has a dimmer, and which curve.
    dimmer: bool,
    curve: &'static str,
    color: String,
    fps: u32,
    seconds: u32,
}

impl Project {
    fn new() -> Self {
        Self {
            layers: [vec![cue(0, 3, 1)], vec![cue(2, 2, 5)]],
            included: vec![cue(1, 1, 9)],
            included_at: 1,
            addresses: vec![1, 11, 21, 31],
            dimmer: true,
            curve: "linear",
            color: "#ff8800".to_owned(),
            fps: 20,
            seconds: 6,
        }
    }

    fn world(&self) -> MemoryWorld {
        let mut world = MemoryWorld::default();
        let mut put = |path: &str, text: String| world.files.insert(path.to_owned(), text.into());
        let mut venue = String::from(
            "[[output]]\nuniverses = \"all\"\nprotocol = \"artnet\"\nto = \"127.0.0.1\"\n",
        );
        for (index, address) in self.addresses.iter().enumerate() {
            let universe = 1 + index % 2;
            let _ = write!(
                venue,
                "[[fixture]]\nid = \"f{index}\"\nprofile = \"test/par\"\nuniverse = {universe}\n\
                 address = {address}\ncurve = \"{}\"\n",
                self.curve
            );
        }
        put("fixtures/hall.toml", venue);
        put("fixtures/profiles/test/par.json", profile(self.dimmer));
        put(
            "shows/show/show.toml",
            format!(
                "venue = \"hall\"\nlength = \"{}s\"\nfps = {}\ncues = [\"a.json\", \"b.json\"]\n\
                 [colors]\nlead = \"{}\"\n",
                self.seconds, self.fps, self.color
            ),
        );
        let file = |cues: &[String], more: &str| {
            format!("{{ {more}, \"cues\": [ {} ] }}", cues.join(", "))
        };
        let include =
            format!(r#""include": [{{ "file": "c.json", "shift": "{}s" }}]"#, self.included_at);
        put("shows/show/a.json", file(&self.layers[0], &include));
        put("shows/show/b.json", file(&self.layers[1], r#""layer": { "blend": "add" }"#));
        put("shows/show/c.json", format!("{{ \"cues\": [ {} ] }}", self.included.join(", ")));
        world
    }

    /// Changes something; what `what` and `number` say.
    fn edit(&mut self, what: u8, number: u32) {
        let new = || cue(number % 5, 1 + number / 5 % 3, number / 7);
        match what % 12 {
            0 | 1 => self.layers[usize::from(what % 2)].push(new()),
            2 | 3 => {
                let cues = &mut self.layers[usize::from(what % 2)];
                if !cues.is_empty() {
                    cues.remove(number as usize % cues.len());
                }
            }
            4 | 5 => {
                let cues = &mut self.layers[usize::from(what % 2)];
                let count = cues.len().max(1);
                if let Some(cue) = cues.get_mut(number as usize % count) {
                    *cue = new();
                }
            }
            6 => self.included = (0..number % 3).map(|more| cue(more, 1, number + more)).collect(),
            7 => self.included_at = number % 4,
            8 => {
                let count = self.addresses.len();
                self.addresses[number as usize % count] = 1 + 10 * (number % 40) as u16;
            }
            9 => self.dimmer = !self.dimmer,
            10 => self.curve = ["linear", "square", "s"][number as usize % 3],
            _ => match number % 4 {
                0 => self.color = format!("#{:06x}", number * 7_919 % 0x00ff_ffff),
                1 => self.fps = [20, 25, 30][number as usize / 4 % 3],
                2 => self.seconds = 4 + number / 4 % 4,
                _ if self.addresses.len() > 3 => _ = self.addresses.pop(),
                _ => self.addresses.push(401),
            },
        }
    }
}

fn cue(at: u32, length: u32, kind: u32) -> String {
    let on = ["all", "f0", "f1 | f2", "f*:odd"][kind as usize % 4];
    let what = match kind / 4 % 8 {
        0 => format!(r#""set": {{ "dimmer": 0.{}, "color": "lead" }}"#, 1 + kind % 9),
        1 => r##""fade": { "to": { "dimmer": 1, "color": "#0044ff" } }"##.to_owned(),
        2 => format!(r#""wave": {{ "every": "0.{}s", "color": "lead" }}"#, 3 + kind % 7),
        3 => r#""rainbow": { "every": "2s" }"#.to_owned(),
        4 => r#""chase": { "every": "100ms", "color": "white" }"#.to_owned(),
        5 => r#""flash": { "color": "lead" }, "then": "release""#.to_owned(),
        6 => format!(r#""sparkle": {{ "colors": ["lead"] }}, "seed": {kind}"#),
        _ => r#""release": {}"#.to_owned(),
    };
    format!(r#"{{ "at": {at}.{}, "for": {length}, "on": "{on}", {what} }}"#, kind % 10)
}

fn profile(dimmer: bool) -> String {
    let colors = ["Red", "Green", "Blue"];
    let mut channels: Vec<String> = colors
        .iter()
        .map(|color| {
            format!(
                r#""{color}": {{ "capability": {{ "type": "ColorIntensity", "color": "{color}" }} }}"#
            )
        })
        .collect();
    let mut mode: Vec<&str> = colors.to_vec();
    if dimmer {
        channels.push(r#""Dimmer": { "capability": { "type": "Intensity" } }"#.to_owned());
        mode.insert(0, "Dimmer");
    }
    format!(
        r#"{{ "name": "Par", "categories": ["Color Changer"],
        "meta": {{ "authors": ["a"], "createDate": "2026-01-01", "lastModifyDate": "2026-01-01" }},
        "availableChannels": {{ {} }},
        "modes": [{{ "name": "mode", "channels": {mode:?} }}] }}"#,
        channels.join(", ")
    )
}

fn compiled(timeline: &Timeline, previous: Option<&Canvas>, to: &Path) -> Stats {
    let mut writer = CanvasWriter::create(to, timeline.header()).unwrap();
    let options = Options::default();
    let goes = |_: &_| ControlFlow::Continue(());
    let compiled = compile(timeline, previous, &mut writer, options, goes).unwrap();
    writer.finish().unwrap();
    compiled.stats
}

/// The keys of all cells, by universe.
fn keys(timeline: &Timeline) -> Vec<Vec<u128>> {
    let cells = 0..timeline.header().cells();
    (0..timeline.universes().len()).map(|one| timeline.keys(one, cells.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn edits_come_to_what_the_files_say(
        edits in prop::collection::vec((any::<u8>(), 0_u32..10_000), EDITS),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (kept, clean) = (folder.path().join("kept.canvas"), folder.path().join("clean.canvas"));
        let mut project = Project::new();
        let (mut whole, mut copied) = (0, 0);
        let (mut memory, mut before) = (Memory::default(), None);
        for (index, (what, number)) in edits.into_iter().enumerate() {
            project.edit(what, number);
            // What has errors is not compiled: the canvas stays as it was.
            let loaded = load(&project.world(), "show");
            let again = load_again(&project.world(), "show", &mut memory);
            prop_assert_eq!(&again, &loaded, "edit {}", index);
            let (Some(show), Some(same)) = (loaded.show, again.show) else { continue };
            let anew = Timeline::new(&show);
            let timeline = before.map_or_else(|| Timeline::new(&same), |it| Timeline::after(&it, &same));
            prop_assert_eq!(timeline.header(), anew.header(), "edit {}", index);
            prop_assert_eq!(keys(&timeline), keys(&anew), "edit {}", index);
            let previous = Canvas::open(&kept).ok();
            copied += compiled(&timeline, previous.as_ref(), &kept).copied;
            whole += 1;
            if index % 4 == 0 || index + 1 == EDITS {
                compiled(&anew, None, &clean);
                prop_assert_eq!(fs::read(&kept).unwrap(), fs::read(&clean).unwrap(), "edit {}", index);
            }
            before = Some(timeline);
        }
        prop_assert!(whole > EDITS / 4, "only {whole} states had no errors");
        prop_assert!(copied > 0, "nothing was ever copied");
    }
}
