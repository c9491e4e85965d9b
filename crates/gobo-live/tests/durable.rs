//! Edits beside an editor, and edits of a program that is killed.
#![cfg(target_os = "linux")]

mod common;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use common::{Folder, Project};
use gobo_live::Compiler;
use gobo_live::author::{Author, Authoring};
use gobo_live::sheet::Sheet;
use serde_json::{Value, json};

const FACTS: &str = "songs/song.song.json";

fn title(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    Some(value["title"].as_str()?.to_owned())
}

fn by_rename(path: &Path, text: &str) {
    let beside = path.with_extension("editor");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

fn at_once(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

fn in_halves(path: &Path, text: &str) {
    let mut file = File::create(path).unwrap();
    let (first, second) = text.split_at(text.len() / 2);
    file.write_all(first.as_bytes()).unwrap();
    thread::yield_now();
    file.write_all(second.as_bytes()).unwrap();
}

/// Says that it is done when it goes, however it goes.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// An editor saves again and again while hints are added to the file. Once an edit has been made
/// after a save, the file has what was saved, and the hint.
fn beside(save: fn(&Path, &str)) {
    let project = Project::channels();
    let (edition, sheet) = project.seen();
    let path = project.root().join(FACTS);
    let author = Author::new(project.root()).unwrap();
    let (made, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let program = scope.spawn(|| {
            let mut number = 0;
            let mut wrong = None;
            while !done.load(Ordering::SeqCst) {
                number += 1;
                let payload = json!({ "time": number % 50, "text": format!("hint {number}") });
                let intent = Authoring::parse("song.hints.create", &payload).unwrap();
                let found = author.apply(&edition, &sheet, &project.world(), &intent);
                // What an editor has half written can be in the way of an edit, nothing else.
                wrong = wrong.or(found.err().filter(|why| why.reason() != "conflict"));
                made.fetch_add(1, Ordering::SeqCst);
            }
            assert_eq!(wrong, None);
        });
        let _done = Done(&done);
        for version in 0..40 {
            let mut text = fs::read_to_string(&path).unwrap();
            let old = title(&path).unwrap_or_default();
            if serde_json::from_str::<Value>(&text).is_err() {
                text = format!("{{ \"title\": \"{old}\" }}\n");
            }
            let known: Value = serde_json::from_str(&text).unwrap();
            let line = |title: &str| format!("\"title\": \"{title}\"");
            let before = line(known["title"].as_str().unwrap());
            let new = format!("version {version}");
            save(&path, &text.replace(&before, &line(&new)));
            // Two edits end after a save: the second one began after it.
            let count = made.load(Ordering::SeqCst);
            while made.load(Ordering::SeqCst) < count + 2 {
                assert!(!program.is_finished());
                thread::yield_now();
            }
            assert_eq!(title(&path).as_deref(), Some(&*new));
        }
    });
    let facts: Value = serde_json::from_str(&project.text(FACTS)).unwrap();
    assert!(!facts["hints"].as_array().unwrap().is_empty());
    assert_eq!(hidden(project.root()), Vec::<String>::new());
}

#[test]
fn an_editor_that_renames_is_not_overwritten() {
    beside(by_rename);
}

#[test]
fn an_editor_that_writes_in_place_is_not_overwritten() {
    beside(at_once);
}

#[test]
fn an_editor_that_writes_in_pieces_is_not_overwritten() {
    beside(in_halves);
}

/// Two programs edit one file: nothing of either is lost.
#[test]
fn two_programs_edit_one_file() {
    let project = Project::channels();
    let (edition, sheet) = project.seen();
    thread::scope(|scope| {
        for program in 0..2 {
            let (project, edition, sheet) = (&project, &edition, &sheet);
            scope.spawn(move || {
                let author = Author::new(project.root()).unwrap();
                for number in 0..40 {
                    let text = format!("{program}-{number}");
                    let payload = json!({ "time": number, "text": text });
                    let intent = Authoring::parse("song.hints.create", &payload).unwrap();
                    author.apply(edition, sheet, &project.world(), &intent).unwrap();
                }
            });
        }
    });
    let facts: Value = serde_json::from_str(&project.text(FACTS)).unwrap();
    assert_eq!(facts["hints"].as_array().unwrap().len(), 80);
}

/// The hidden files of a project.
fn hidden(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false if name.starts_with('.') => found.push(name),
                false => {}
            }
        }
    }
    found
}

/// The project of the child, and the first edit that it is to make.
const CHILD: &str = "GOBO_TEST_EDITS";
/// How many edits are made in all.
const EDITS: usize = 200;

/// Makes edits one after the other and tells of each when it is made; only as a child.
#[test]
fn child_that_edits() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let (first, root) = told.split_once(' ').unwrap();
    let (world, author) = (Folder(root.into()), Author::new(Path::new(root)).unwrap());
    let mut compiler = Compiler::default();
    for number in first.parse::<usize>().unwrap()..EDITS {
        let edition = compiler.compile(&world, "show").edition.unwrap();
        let sheet = Sheet::of(&edition, &world);
        let payload = json!({
            "time": number as f64 / 4.0, "fixture_id": "par1", "effect": "full",
            "name": format!("edit {number}"),
        });
        let intent = Authoring::parse("cue.add", &payload).unwrap();
        author.apply(&edition, &sheet, &world, &intent).unwrap();
        // Past what the test harness writes itself.
        writeln!(std::io::stderr(), "made {number}").unwrap();
    }
}

fn child(root: &Path, first: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_edits", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{first} {}", root.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets a child make some edits and kills it while it makes the next; how many it has told of.
fn killed(root: &Path, first: usize, after: usize, spins: u64) -> usize {
    let mut child = child(root, first);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut made = first;
    let mut told = |line: String| {
        if let Some(number) = line.strip_prefix("made ") {
            made = number.parse::<usize>().unwrap() + 1;
        }
        made
    };
    while let Some(Ok(line)) = lines.next() {
        if told(line) >= first + after {
            break;
        }
    }
    // Somewhere within the next edit.
    for _ in 0..spins {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    for line in lines.map_while(Result::ok) {
        told(line);
    }
    child.wait().unwrap();
    made
}

#[test]
fn what_was_told_of_outlives_any_kill() {
    let project = Project::channels();
    let (mut made, mut kills, mut random) = (0, 0, 0x9e37_79b9_7f4a_7c15_u64);
    let mut left = 0;
    while made < EDITS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (after, spins) = ((random >> 60) as usize % 7, (random >> 40) % 400_000);
        made = killed(project.root(), made, after + 1, spins);
        kills += 1;
        left += hidden(project.root()).len();
        // Whole, as it is.
        let file: Value = serde_json::from_str(&project.text("shows/show/channels.json")).unwrap();
        let name =
            |cue: &Value| Some(cue["name"].as_str()?.strip_prefix("edit ")?.parse().unwrap());
        let cues = file["cues"].as_array().unwrap();
        let mut names: Vec<usize> = cues.iter().filter_map(name).collect();
        names.sort_unstable();
        assert!(names.starts_with(&(0..made).collect::<Vec<_>>()), "{made}: {names:?}");
        assert!(names.len() <= made + 1, "{made}: {names:?}");
        // One that was made and not told of is made again: it takes the place of the first.
        Author::new(project.root()).unwrap();
        assert_eq!(hidden(project.root()), Vec::<String>::new());
        project.edition();
    }
    assert!(kills > 20, "{kills} kills, {left} leftovers");
}
