use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gobo_serve::live::{
    Ack, Colour, ColourTarget, CommandId, Engine, Folder, FolderError, Kept, Order, Origin,
    Protocol, Restored, Seen, Shelf, Then, Verdict, parse_message,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{BEGIN_MS, Desk, reply, ulid};

const PATIENCE: Duration = Duration::from_secs(60);

fn open(path: &Path) -> (Restored, Folder) {
    let trouble = |unwritten| panic!("{unwritten}");
    Folder::open(path, Seen::new(900, 4096), Box::new(trouble)).expect("a folder")
}

fn desk(path: &Path) -> Desk {
    let (restored, folder) = open(path);
    assert_eq!(restored.spoilt, Vec::<String>::new());
    Desk::of(Engine::new(ColourTarget::Off, 60, restored, Box::new(folder)))
}

fn say(desk: &mut Desk, message: &Value) -> Ack {
    let command = parse_message(message.to_string().as_bytes()).expect("a command");
    let (reply, ack) = reply();
    let origin = Origin { protocol: Protocol::WebSocket, address: Arc::from("a") };
    let order = Order { command, origin, arrived: desk.now.instant, reply };
    desk.engine.obey(order, &mut desk.show, desk.now);
    ack.recv_timeout(PATIENCE).expect("an answer")
}

fn set(number: u64, r: u8) -> Value {
    json!({ "type": "set", "cmdId": ulid(number), "src": "rest", "r": r, "g": 0, "b": 0 })
}

/// What a process leaves that is killed now: a copy of its files as they are.
fn killed(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        // Files on their way come and go.
        if file.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        fs::copy(file.path(), to.path().join(file.file_name())).expect("a copy");
    }
    to
}

#[test]
fn what_was_answered_is_known_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(folder.path());
    for number in 1..=5 {
        assert_eq!(say(&mut desk, &set(number, number as u8)).verdict, Verdict::Accepted);
        let left = killed(folder.path());
        let mut after = self::desk(left.path());
        assert_eq!(after.engine.colour(), desk.engine.colour());
        assert_eq!(say(&mut after, &set(number, 99)).verdict, Verdict::Duplicate);
        assert_eq!(after.engine.colour().rgb, [number as u8, 0, 0]);
    }
}

/// Not a test of its own: the process that is killed by the next one. Does commands without end,
/// and tells each that was answered.
#[test]
#[ignore = "the child of the test below"]
fn commands_without_end() {
    let folder = std::env::var_os("GOBO_TEST_FOLDER").expect("a folder");
    let mut desk = desk(Path::new(&folder));
    for number in 1.. {
        let ack = say(&mut desk, &set(number, number as u8));
        eprintln!("answered {}", ack.ack);
    }
}

#[test]
fn a_process_that_is_killed_knows_all_that_it_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().expect("this"))
            .args(["--ignored", "--exact", "--nocapture", "folder::commands_without_end"])
            .env("GOBO_TEST_FOLDER", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a child");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let answered = lines.map(|line| line.expect("a line"));
        let answered = answered.filter_map(|line| Some(line.strip_prefix("answered ")?.to_owned()));
        let mut answered = answered.take(200 * round);
        let first: Vec<String> = answered.by_ref().collect();
        child.kill().expect("killed");
        child.wait().expect("it is gone");
        let (restored, _shelf) = open(folder.path());
        assert_eq!(first.len(), 200 * round);
        for id in first {
            assert!(restored.seen.knows(id.parse().expect("a ULID"), BEGIN_MS), "{id}");
        }
        assert!(restored.colour.seq >= 200);
    }
}

#[test]
fn scenes_are_there_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(folder.path());
    let save = json!({ "type": "scene.save", "id": "1", "ts": 0, "name": "a",
        "snapshot": { "1": 5, "2.3": 6 } });
    assert!(say(&mut desk, &save).accepted());
    let left = killed(folder.path());
    assert_eq!(self::desk(left.path()).engine.scenes(), desk.engine.scenes());
    let list: Value =
        serde_json::from_slice(&fs::read(folder.path().join("scenes.json")).expect("it"))
            .expect("JSON");
    assert_eq!(list[0]["channelValues"], json!({ "1": 5, "2.3": 6 }));
}

#[test]
fn an_ended_process_leaves_the_files_of_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(folder.path());
    say(&mut desk, &set(1, 9));
    drop(desk);
    let read = |file: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.path().join(file)).expect(file)).expect("JSON")
    };
    assert_eq!(read("state.json")["r"], 9);
    assert_eq!(read("cmd_seen.json"), json!({ ulid(1): BEGIN_MS as f64 / 1000.0 }));
    assert_eq!(fs::read(folder.path().join("live.journal")).expect("it"), b"");
}

#[test]
fn the_files_of_the_original_are_taken_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |file: &str, json: Value| {
        fs::write(folder.path().join(file), json.to_string()).expect("written");
    };
    put(
        "state.json",
        json!({"schema":"demo.rgb.state.v1","r":51,"g":11,"b":69,"seq":3908,
        "updatedBy":"rest","ts":1763107631013_u64}),
    );
    put("cmd_seen.json", json!({ ulid(3): BEGIN_MS as f64 / 1000.0 }));
    let mut desk = desk(folder.path());
    assert_eq!(desk.engine.colour().seq, 3908);
    assert_eq!(say(&mut desk, &set(3, 1)).verdict, Verdict::Duplicate);
    say(&mut desk, &set(4, 1));
    assert_eq!(desk.engine.colour().seq, 3909);
}

#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let _first = open(folder.path());
    let second = Folder::open(folder.path(), Seen::new(1, 1), Box::new(drop));
    assert!(matches!(second, Err(FolderError::InUse(_))));
}

#[test]
fn a_journal_that_grows_is_compacted_and_nothing_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, mut shelf) = open(folder.path());
    let at_ms = BEGIN_MS;
    let total = 40_000;
    for number in 1..=total {
        while !shelf.has_room() {
            std::thread::yield_now();
        }
        let id: CommandId = ulid(number).parse().expect("a ULID");
        let rgb = [number as u8, 0, 0];
        let colour = Colour { rgb, seq: number, updated_by: "ui".to_owned(), ts: at_ms };
        shelf.keep(Kept::Seen { id, at_ms, colour: Some(colour) }, Box::new(|| {}));
    }
    let (done, wait) = std::sync::mpsc::channel();
    let id: CommandId = ulid(total + 1).parse().expect("a ULID");
    let last = Kept::Seen { id, at_ms, colour: None };
    while !shelf.has_room() {
        std::thread::yield_now();
    }
    shelf.keep(last, signal(done));
    wait.recv_timeout(PATIENCE).expect("all is kept");
    let left = killed(folder.path());
    let size = fs::metadata(left.path().join("live.journal")).expect("it").len();
    assert!(size < total * 100, "it was never compacted: {size} bytes");
    let (restored, _shelf) = open(left.path());
    assert_eq!((restored.colour.seq, restored.seen.len()), (total, 4096));
    assert!(restored.seen.knows(id, at_ms));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_and_answers_go_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = Arc::new(Mutex::new(Vec::new()));
    let trouble = {
        let told = Arc::clone(&told);
        move |unwritten: gobo_serve::live::Unwritten| {
            told.lock().expect("it is ours").push(unwritten.file);
        }
    };
    let opened = Folder::open(folder.path(), Seen::new(900, 10), Box::new(trouble));
    let (restored, shelf) = opened.expect("a folder");
    let mut desk = Desk::of(Engine::new(ColourTarget::Off, 60, restored, Box::new(shelf)));
    // A folder in the place of the file: it cannot be replaced, whoever one is.
    fs::create_dir(folder.path().join("scenes.json")).expect("a folder");
    let save = json!({ "type": "scene.save", "id": "1", "ts": 0, "name": "a" });
    assert!(say(&mut desk, &save).accepted());
    assert_eq!(*told.lock().expect("it is ours"), ["scenes.json"]);
}

fn signal(done: Sender<()>) -> Then {
    Box::new(move || done.send(()).expect("someone waits"))
}

fn left_by(commands: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(folder.path());
    for number in 1..=commands {
        say(&mut desk, &set(number, number as u8));
    }
    killed(folder.path())
}

#[test]
fn a_line_that_says_something_else_than_it_did_is_left_out() {
    let folder = left_by(4);
    let at = folder.path().join("live.journal");
    let text = fs::read_to_string(&at).expect("a journal");
    assert_eq!(text.matches("\"r\":4").count(), 1);
    fs::write(&at, text.replace("\"r\":4", "\"r\":9")).expect("written");
    let _ = fs::remove_file(folder.path().join("state.json"));
    let (restored, _shelf) = open(folder.path());
    assert_eq!((restored.colour.rgb, restored.colour.seq), ([3, 0, 0], 3));
    assert_eq!(restored.spoilt, ["1 lines of live.journal are spoilt and left out"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// However many bytes of the journal are there, and whatever one of them is: all lines before
    /// and after count.
    #[test]
    fn of_a_spoilt_journal_the_whole_lines_count(cut in 0.0..1.0_f64, spoil in 0.0..1.0_f64, byte: u8) {
        let folder = left_by(4);
        let at = folder.path().join("live.journal");
        let mut bytes = fs::read(&at).expect("a journal");
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        let whole = bytes.iter().filter(|byte| **byte == b'\n').count();
        let place = (bytes.len() as f64 * spoil) as usize;
        if let Some(spoilt) = bytes.get_mut(place) {
            *spoilt = byte;
        }
        fs::write(&at, &bytes).expect("written");
        let _ = fs::remove_file(folder.path().join("state.json"));
        let (restored, mut shelf) = open(folder.path());
        // One is spoilt; if a line's end is, so are the two that it parted.
        prop_assert!(restored.seen.len() + 2 >= whole, "{} of {whole}", restored.seen.len());
        let (done, wait) = std::sync::mpsc::channel();
        let id = ulid(77).parse().expect("a ULID");
        let kept = Kept::Seen { id, at_ms: BEGIN_MS, colour: None };
        shelf.keep(kept, signal(done));
        wait.recv_timeout(PATIENCE).expect("kept");
        let (again, _shelf) = open(killed(folder.path()).path());
        prop_assert!(again.seen.knows(id, BEGIN_MS), "a line after a spoilt one is lost");
    }

    #[test]
    fn spoilt_files_are_survived(
        state in prop::collection::vec(any::<u8>(), 0..60),
        scenes in prop::collection::vec(any::<u8>(), 0..60),
        seen in prop::collection::vec(any::<u8>(), 0..60),
        journal in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, bytes) in [("state.json", &state), ("scenes.json", &scenes),
            ("cmd_seen.json", &seen), ("live.journal", &journal)]
        {
            fs::write(folder.path().join(file), bytes).expect("written");
        }
        let (restored, _shelf) = open(folder.path());
        prop_assert_eq!(restored.colour, Colour::default());
        prop_assert!(restored.spoilt.len() >= 3, "{:?}", restored.spoilt);
    }
}
