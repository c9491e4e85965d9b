//! `gobo watch` beside real editors, and what its terminal shows.

mod common;

use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use common::Project;
use common::outside::tool;
use common::watching::{CUES, PATIENCE, Watching};

/// A terminal of its own, 100 columns wide.
struct Tmux {
    tmux: PathBuf,
    server: String,
}

impl Tmux {
    /// Runs a command in a project; `None` where there is no tmux.
    fn start(name: &str, project: &Project, command: &[&str]) -> Option<Self> {
        let server = format!("gobo-{name}-{}", std::process::id());
        let terminal = Self { tmux: tool("tmux")?, server };
        let size = ["new-session", "-d", "-x", "100", "-y", "24"];
        let state = format!("XDG_STATE_HOME={}", project.path(".state").display());
        let env = ["-e", "NO_COLOR=1", "-e", "LC_ALL=C.UTF-8", "-e", &state];
        let root = project.root();
        let folder = ["-c", root.to_str()?];
        terminal.run(&[&size[..], &env, &folder, command].concat());
        Some(terminal)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.tmux);
        command.args(["-u", "-f", "/dev/null", "-L", &self.server]).args(arguments);
        command.env("LC_ALL", "C.UTF-8").env_remove("TMUX");
        let ran = command.output().expect("tmux runs");
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    /// Presses keys, as tmux calls them.
    fn press(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat());
    }

    /// What it shows.
    fn shown(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    /// Waits until it shows a text; gives the whole.
    #[track_caller]
    fn shows(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown();
            if shown.contains(text) {
                return shown;
            }
            assert!(Instant::now() < deadline, "no `{text}` in\n{shown}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[test]
fn what_vim_saves_is_seen() {
    if tool("vim").is_none() || tool("tmux").is_none() {
        return;
    }
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    let vim = ["vim", "-u", "NONE", "-i", "NONE", CUES];
    // With a backup, without one, and over the file itself.
    for (options, percent) in [("backup", 20), ("nobackup writebackup", 30), ("backupcopy=yes", 40)]
    {
        let vim = Tmux::start("vim", &show.project, &vim).expect("tmux");
        vim.shows("\"cues\"");
        vim.press(&[&format!(":set swapfile {options}"), "Enter"]);
        vim.press(&[&format!(":%s/\"dimmer\": \"[0-9]*%\", \"color\": \"amber/\"dimmer\": \"{percent}%\", \"color\": \"amber/"), "Enter"]);
        vim.press(&[":w", "Enter"]);
        show.comes_to((percent * 255 + 50_u32).div_euclid(100) as u8);
        vim.press(&[":q", "Enter"]);
    }
    show.ends();
}

#[test]
fn what_nano_saves_is_seen() {
    if tool("nano").is_none() || tool("tmux").is_none() {
        return;
    }
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    let nano = Tmux::start("nano", &show.project, &["nano", "-I", CUES]).expect("tmux");
    nano.shows("\"cues\"");
    for (from, to) in [("70%", "20%"), ("20%", "60%")] {
        nano.press(&["C-\\"]);
        nano.shows("Search (to replace)");
        nano.press(&[from, "Enter"]);
        nano.shows("Replace with");
        nano.press(&[to, "Enter"]);
        nano.shows("Replace this instance");
        nano.press(&["A"]);
        nano.shows("Replaced");
        nano.press(&["C-o"]);
        nano.shows("File Name to Write");
        nano.press(&["Enter"]);
        let percent: u32 = to.trim_end_matches('%').parse().unwrap();
        show.comes_to((percent * 255 + 50).div_euclid(100) as u8);
    }
    show.ends();
}

/// A screen with what changes from run to run left out.
fn steady(shown: &str) -> String {
    let figures = |line: &str| {
        let mut text = String::new();
        let mut before = false;
        for letter in line.chars() {
            let digit = letter.is_ascii_digit();
            if !digit {
                text.push(letter);
            } else if !before {
                text.push('N');
            }
            before = digit;
        }
        text
    };
    let lines = shown.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let advice = ["real-time priority", "setcap", "limits.conf"];
    let lines = lines.filter(|line| !advice.iter().any(|words| line.contains(words)));
    let steady = lines.map(|line| match line.contains(" ms: ") || line.contains(" fps") {
        true => figures(line),
        false => line.to_owned(),
    });
    steady.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_terminal_shows_the_show_its_edits_and_its_faults() {
    let project = Project::new();
    project.write(
        "shows/hello/accents.json",
        "{ \"cues\": [{ \"at\": 0, \"for\": \"9s\", \"name\": \"Look left\", \"on\": \"head\", \"set\": { \"dimmer\": 1 } }] }",
    );
    let watch = ["watch", "hello", "--hold-at", "3s", "--audio", "none", "--dry-run"];
    let gobo = env!("CARGO_BIN_EXE_gobo");
    let Some(terminal) = Tmux::start("watch", &project, &[&[gobo], &watch[..]].concat()) else {
        return;
    };
    terminal.shows("fps");
    let mut screens = Vec::new();
    let mut take = |what: &str, shown: &str| screens.push(format!("--- {what}\n{}", steady(shown)));
    project.edit(CUES, "70%", "40%");
    take("an edit", &terminal.shows("cells in"));
    project.edit(CUES, "amber", "ambr");
    take("a fault", &terminal.shows("no colour has the name"));
    terminal.press(&["d"]);
    take("the fault at length", &terminal.shows("did you mean `amber`?"));
    project.edit(CUES, "ambr", "amber");
    let deadline = Instant::now() + PATIENCE;
    while terminal.shown().contains("error: ") {
        assert!(Instant::now() < deadline, "the fault stays: {}", terminal.shown());
        thread::sleep(Duration::from_millis(20));
    }
    terminal.shows("the light is as it was");
    terminal.press(&["Right"]);
    take("five seconds on", &terminal.shows("0:08.0"));
    terminal.press(&["b"]);
    take("a blackout", &terminal.shows("blackout"));
    insta::assert_snapshot!(screens.join("\n\n"));
}
