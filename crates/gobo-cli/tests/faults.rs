//! When the disk, a folder or a file fails: it is said which and what to do, nothing is left
//! lying about, and what was there stays as it was.
#![cfg(target_os = "linux")]

mod common;

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use common::outside::say_skipped;
use common::{Project, Ran, gobo};
use gobo_canvas::Canvas;

/// Room enough for a command to end on a busy machine.
const LONG: Duration = Duration::from_secs(100);

/// Whether this machine lets us mount a file system of our own.
static MOUNTS: LazyLock<bool> = LazyLock::new(|| {
    let script = "mount -t tmpfs none /mnt && umount /mnt";
    let can = Command::new("unshare").args(["-rm", "sh", "-c", script]).output();
    let can = can.is_ok_and(|ran| ran.status.success());
    if !can {
        say_skipped("`unshare -rm` with `mount` is not allowed here");
    }
    can
});

/// Runs the command while the project's folder `build` is a small disk of its own with the files
/// of `saved`, after `script` has filled it or closed it. Its files at the end are in `left`.
fn on_a_small_disk(project: &Project, script: &str, args: &[&str]) -> Ran {
    let whole = format!(
        "mkdir -p build
         mount -t tmpfs -o size=4m none build
         cp saved/* build
         {script}
         code=0; \"$@\" || code=$?
         rm -rf left; cp -r build left; rm -f left/filler
         exit $code"
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-ec", &whole, "sh", env!("CARGO_BIN_EXE_gobo")]);
    command.args(args).current_dir(project.root()).output().expect("unshare starts").into()
}

/// Fills the disk but for so many pages of 4096 bytes.
fn but_for(pages: usize) -> String {
    let free = pages * 4096;
    format!("cat /dev/zero > build/filler 2> /dev/null || true; truncate -s -{free} build/filler")
}

/// The names and the bytes of the files in a folder, sorted.
fn files(folder: PathBuf) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().expect("a name");
        (name, fs::read(entry.path()).expect("a file"))
    };
    let mut files: Vec<_> = entries.map(file).collect();
    files.sort();
    files
}

/// A project whose show has changed since its canvas was compiled, and the canvas in `saved`.
fn changed() -> Project {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    fs::rename(project.path("build"), project.path("saved")).unwrap();
    project.edit("shows/hello/base.json", "70%", "71%");
    project
}

/// What was said is one line that names the file, the reason and what to do.
#[track_caller]
fn says(ran: &Ran, words: &[&str]) {
    let lines = ran.err.lines().count();
    assert_eq!(lines, 1, "{}", ran.err);
    for word in words {
        assert!(ran.err.contains(word), "`{word}` is not in: {}", ran.err);
    }
}

/// What writes files, and the file that it writes.
const WRITERS: [(&[&str], &str); 10] = [
    (&["compile"], "hello.canvas"),
    (&["compile", "--from", "2", "-o", "build/hello.canvas"], "hello.canvas"),
    (&["canvas", "png", "saved/hello.canvas", "-o", "build/hello.png"], "hello.png"),
    (
        &["canvas", "gif", "saved/hello.canvas", "--width", "64", "-o", "build/hello.gif"],
        "hello.gif",
    ),
    (
        &["canvas", "export", "saved/hello.canvas", "--as", "raw", "-o", "build/hello.raw"],
        "hello.raw",
    ),
    (
        &["canvas", "export", "saved/hello.canvas", "--as", "fseq", "-o", "build/hello.fseq"],
        "hello.fseq",
    ),
    (
        &["canvas", "export", "saved/hello.canvas", "--as", "dmxp", "-o", "build/hello.dmxp"],
        "hello.dmxp",
    ),
    (&["canvas", "import", "in.fseq", "-o", "build/in.canvas"], "in.canvas"),
    (&["canvas", "import", "in.dmxp", "-o", "build/in.canvas"], "in.canvas"),
    (&["effects", "fire", "--png", "build"], "effect-fire.png"),
];

/// A project for all [`WRITERS`], with a file of each in `saved`.
fn for_writers() -> Project {
    let project = changed();
    for format in ["fseq", "dmxp"] {
        let to = format!("in.{format}");
        project
            .run(&["canvas", "export", "saved/hello.canvas", "--as", format, "-o", &to])
            .exits(0);
    }
    for (_, file) in WRITERS.iter().filter(|(_, file)| *file != "hello.canvas") {
        project.write(&format!("saved/{file}"), "old");
    }
    project
}

#[test]
fn a_full_disk_leaves_every_old_file_and_no_other() {
    if !*MOUNTS {
        return;
    }
    let project = for_writers();
    let before = files(project.path("saved"));
    for (args, file) in WRITERS {
        // However much room there is, until there is enough.
        let rooms = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256];
        let enough = rooms.into_iter().find(|room| {
            let ran = on_a_small_disk(&project, &but_for(*room), args);
            if ran.code == Some(0) {
                return true;
            }
            let ran = ran.exits(3);
            says(&ran, &[&format!("cannot write build/{file}"), "No space left", "make room"]);
            assert!(files(project.path("left")) == before, "{args:?} with {room} pages");
            false
        });
        assert!(enough > Some(0), "{args:?} takes {enough:?} pages");
        let after = files(project.path("left"));
        let differ = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(_, b)| b.0.as_str());
        assert_eq!(differ.collect::<Vec<_>>(), [file], "{args:?}");
        assert_eq!(after.len(), before.len(), "{args:?}");
    }
}

#[test]
fn what_is_written_besides_a_canvas_fails_alone() {
    if !*MOUNTS {
        return;
    }
    let project = changed();
    project.write("saved/hello.raw", "old");
    // The raw frames of 16 seconds are half a megabyte, the canvas a few pages.
    let ran = on_a_small_disk(&project, &but_for(40), &["compile", "--emit", "raw"]).exits(3);
    says(&ran, &["cannot write build/hello.raw", "No space left", "make room"]);
    let (before, after) = (files(project.path("saved")), files(project.path("left")));
    let names: Vec<_> = after.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["hello.canvas", "hello.raw"]);
    assert!(after[0] != before[0], "the canvas is the new one");
    assert!(after[1] == before[1], "the frames are the old ones");
}

#[test]
fn a_disk_that_takes_no_writes_is_left_as_it_is() {
    if !*MOUNTS {
        return;
    }
    let project = for_writers();
    let before = files(project.path("saved"));
    for (args, file) in WRITERS {
        let ran = on_a_small_disk(&project, "mount -o remount,ro build", args).exits(3);
        let cannot = format!("cannot write build/{file}");
        says(&ran, &[&cannot, "Read-only file system", "make it writable"]);
        assert!(files(project.path("left")) == before, "{args:?}");
    }
}

#[test]
fn an_import_that_has_no_room_leaves_no_file() {
    if !*MOUNTS {
        return;
    }
    let project = changed();
    let show = include_str!("../../gobo-import/tests/foreign/club.qxw");
    project.write("club.qxw", show);
    let args = ["import", "qlcplus", "club.qxw", "-o", "build"];
    let before = files(project.path("saved"));
    let rooms = (0..40).take_while(|room| {
        let ran = on_a_small_disk(&project, &but_for(*room), &args);
        if ran.code == Some(0) {
            return false;
        }
        says(&ran.exits(3), &["cannot write build/", "No space left", "make room"]);
        let mut find = Command::new("find");
        let found = find.args(["left", "-type", "f"]).current_dir(project.root()).output();
        let left = String::from_utf8(found.unwrap().stdout).unwrap();
        assert_eq!(left.lines().count(), before.len(), "{left}");
        true
    });
    assert!(rooms.count() > 2, "the import takes a few pages");
}

#[test]
fn what_is_in_the_way_stays_there() {
    let project = changed();
    let run = |to: &str| project.run(&["compile", "-o", to]).exits(3);
    project.write("build", "a file");
    let ran = project.run(&["compile"]).exits(3);
    says(&ran, &["cannot write build/hello.canvas", "a file is where a folder has to be"]);
    says(&run("build/deeper/x.canvas"), &["build/deeper/x.canvas", "a file is where a folder"]);
    assert_eq!(project.read("build"), "a file");
    fs::create_dir(project.path("folder.canvas")).unwrap();
    says(&run("folder.canvas"), &["cannot write folder.canvas", "write to another name"]);
    assert!(project.path("folder.canvas").is_dir());
    // A device must not be replaced by a file.
    let pipe = fifo(&project, "pipe");
    says(&run("pipe"), &["cannot write pipe", "a canvas can only be a file"]);
    assert!(!fs::metadata(&pipe).unwrap().is_file());
    says(&project.run(&["canvas", "info", "pipe"]).exits(3), &["cannot read pipe", "a pipe or a"]);
    symlink("/dev/full", project.path("full.canvas")).unwrap();
    says(&run("full.canvas"), &["cannot write full.canvas", "a canvas can only be a file"]);
    assert!(fs::symlink_metadata(project.path("full.canvas")).unwrap().is_symlink());
    let png = ["canvas", "png", "saved/hello.canvas", "-o", "/dev/full"];
    says(&project.run(&png).exits(3), &["cannot write /dev/full", "No space left"]);
    let left = files_of_root(&project);
    assert!(!left.iter().any(|name| name.ends_with(".part")), "{left:?}");
}

#[test]
fn what_a_format_cannot_say_is_a_fault_of_the_show_and_leaves_the_old_file() {
    let project = changed();
    project.edit(
        "fixtures/room.toml",
        "universe = 1\naddress = 8",
        "universe = 20000\naddress = 8",
    );
    project.write("build/hello.fseq", "old");
    project.run(&["compile"]).exits(0);
    let export = ["canvas", "export", "build/hello.canvas", "--as", "fseq"];
    let ran = project.run(&export).exits(1);
    says(&ran, &["cannot write build/hello.fseq", "universes 1 to 20000", "8388608"]);
    assert_eq!(project.read("build/hello.fseq"), "old");
}

/// The names in the project's own folder.
fn files_of_root(project: &Project) -> Vec<String> {
    let entries = fs::read_dir(project.root()).unwrap().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[test]
fn a_full_standard_output_is_told_of_on_the_other() {
    let project = changed();
    for args in [
        &["compile"][..],
        &["compile", "--timings", "--message-format", "json", "--quiet"],
        &["canvas", "info", "saved/hello.canvas"],
        &["effects"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = gobo(&project.root()).args(args).stdout(full).output().unwrap();
        says(&Ran::from(ran).exits(3), &["cannot write to standard output", "No space left"]);
    }
    // What was to be printed is lost, what was written is not.
    project.run(&["canvas", "verify", "build/hello.canvas"]).exits(0);
}

/// A pipe in the place of a file.
fn fifo(project: &Project, path: &str) -> PathBuf {
    let path = project.path(path);
    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
    assert!(made.success());
    path
}

/// Gives `bytes` to who reads the pipe first, and before, while the reader waits, does something;
/// says later whether anybody read.
fn when_read(
    pipe: PathBuf,
    bytes: impl Into<Vec<u8>>,
    act: impl FnOnce() + Send + 'static,
) -> Arc<AtomicBool> {
    let (has_acted, bytes) = (Arc::new(AtomicBool::new(false)), bytes.into());
    let acted = Arc::clone(&has_acted);
    thread::spawn(move || {
        let mut open = File::options().write(true).open(&pipe).unwrap();
        act();
        acted.store(true, Ordering::SeqCst);
        open.write_all(&bytes).unwrap();
    });
    has_acted
}

/// A second of silence, as WAV.
fn silence() -> Vec<u8> {
    let (rate, bytes) = (8000_u32, 16_000_u32);
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(rate.to_le_bytes());
    wav.extend((2 * rate).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(44 + bytes as usize, 0);
    wav
}

const TEMPO: &str = "{ \"bpm\": 120 }";

/// A project with a song, compiled, and the files of its folder `build`.
fn with_song() -> (Project, Vec<(String, Vec<u8>)>) {
    let project = Project::new();
    project.edit("shows/hello/show.toml", "venue =", "song = \"tune.wav\"\nvenue =");
    fs::write(project.path("songs/tune.wav"), silence()).unwrap();
    project.write("songs/tune.song.json", TEMPO);
    project.run(&["compile"]).exits(0);
    let built = files(project.path("build"));
    (project, built)
}

/// Compiles, though nothing may have changed, while what is read through a pipe waits.
fn compile_while(project: &Project, acted: &AtomicBool) -> Ran {
    let ran = project.start(&["compile", "--timings"]).wait(LONG);
    assert!(acted.load(Ordering::SeqCst), "nobody read the pipe: {}", ran.err);
    ran
}

#[test]
fn a_song_that_goes_while_it_is_read_is_named() {
    let (project, built) = with_song();
    fs::remove_file(project.path("songs/tune.wav")).unwrap();
    let pipe = fifo(&project, "songs/tune.wav");
    let acted = when_read(pipe.clone(), silence(), move || fs::remove_file(pipe).unwrap());
    let ran = compile_while(&project, &acted).exits(3);
    for word in ["`songs/tune.wav`", "is gone", "run the command again", "show.toml:"] {
        assert!(ran.err.contains(word), "{}", ran.err);
    }
    assert!(files(project.path("build")) == built);
}

#[test]
fn a_cue_file_that_goes_before_it_is_read_is_missed() {
    let (project, built) = with_song();
    fs::remove_file(project.path("songs/tune.song.json")).unwrap();
    let cues = project.path("shows/hello/accents.json");
    let pipe = fifo(&project, "songs/tune.song.json");
    // The song comes before the cues.
    let acted = when_read(pipe, TEMPO, move || fs::remove_file(cues).unwrap());
    let ran = compile_while(&project, &acted).exits(1);
    assert!(ran.err.contains("there is no file `shows/hello/accents.json`"), "{}", ran.err);
    assert!(files(project.path("build")) == built);
}

#[test]
fn what_changes_after_it_was_read_is_seen_by_the_next_compile() {
    let (project, _) = with_song();
    let title =
        || Canvas::open(&project.path("build/hello.canvas")).unwrap().header().title.clone();
    fs::remove_file(project.path("songs/tune.song.json")).unwrap();
    let (pipe, path) = (fifo(&project, "songs/tune.song.json"), "shows/hello/show.toml");
    let later = project.read(path).replace("title = \"Hello\"", "title = \"Later\"");
    let manifest = project.path(path);
    let acted = when_read(pipe.clone(), TEMPO, move || fs::write(manifest, later).unwrap());
    compile_while(&project, &acted).exits(0);
    assert_eq!(title(), "Hello");
    fs::remove_file(pipe).unwrap();
    project.write("songs/tune.song.json", TEMPO);
    let ran = project.run(&["compile"]).exits(0);
    assert!(!ran.out.contains("nothing has changed"), "{}", ran.out);
    assert_eq!(title(), "Later");
    let ran = project.run(&["compile"]).exits(0);
    assert!(ran.out.contains("nothing has changed"), "{}", ran.out);
}

#[test]
fn a_source_that_the_disk_does_not_give_is_no_mistake_of_the_show() {
    let (project, built) = with_song();
    let cues = project.path("shows/hello/accents.json");
    fs::remove_file(&cues).unwrap();
    // Its first page is never there.
    symlink("/proc/self/mem", &cues).unwrap();
    for command in ["compile", "check"] {
        let ran = project.run(&[command]).exits(3);
        for word in ["`shows/hello/accents.json` cannot be read", "Input/output", "show.toml:"] {
            assert!(ran.err.contains(word), "{}", ran.err);
        }
    }
    // A link to nothing is a file that is not there.
    fs::remove_file(&cues).unwrap();
    symlink("nothing.json", &cues).unwrap();
    let ran = project.run(&["compile"]).exits(1);
    assert!(ran.err.contains("there is no file `shows/hello/accents.json`"), "{}", ran.err);
    assert!(files(project.path("build")) == built);
}

/// The command as somebody who is not root.
fn as_nobody(project: &Project, args: &[&str]) -> Ran {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    command.arg(env!("CARGO_BIN_EXE_gobo")).args(args).current_dir(project.root());
    command.output().expect("setpriv starts").into()
}

#[test]
fn a_folder_that_cannot_be_read_is_not_an_empty_one() {
    let project = Project::new();
    let allow =
        |path: PathBuf, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    allow(project.path(".."), 0o755);
    project.write("shows/hello/patterns/p.json", "{}");
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let setpriv = || Command::new("setpriv").args(["--reuid", "65534", "true"]).status();
    if is_root
        && !(setpriv().is_ok_and(|ran| ran.success())
            && as_nobody(&project, &["--version"]).code == Some(0))
    {
        return say_skipped("`setpriv` cannot run gobo as another user");
    }
    for (folder, mode, args) in [
        ("shows", 0o000, &["check"][..]),
        ("shows", 0o711, &["check"]),
        ("shows", 0o711, &["compile", "--all"]),
        ("shows/hello", 0o000, &["compile", "hello"]),
        ("shows/hello", 0o000, &["check", "shows/hello"]),
        ("shows/hello", 0o000, &["compile"]),
        ("shows/hello/patterns", 0o000, &["compile", "hello"]),
        ("shows/hello/patterns", 0o000, &["check"]),
        ("shows/hello/patterns", 0o644, &["check"]),
        ("fixtures", 0o711, &["monitor", "--venue", "room"]),
    ] {
        allow(project.path(folder), mode);
        let ran = if is_root { as_nobody(&project, args) } else { project.run(args) };
        allow(project.path(folder), 0o755);
        says(&ran.exits(3), &[&format!("cannot read {folder}: Permission denied")]);
    }
}
