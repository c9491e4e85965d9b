//! `gobo watch`: what is saved is seen, however it is saved, and nothing breaks the light.

mod common;

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use common::Project;
use common::outside::tool;
use common::watching::{CUES, DIMMER, PATIENCE, RED, Watching, reasons};

/// A way to save the text of a file.
type Save = fn(&Project, &str);

/// In one write over what was there, as VS Code and nano do.
fn in_place(project: &Project, text: &str) {
    fs::write(project.path(CUES), text).unwrap();
}

/// Emptied, and written in pieces over a while, as over a slow connection.
fn slowly(project: &Project, text: &str) {
    let mut file = fs::File::create(project.path(CUES)).unwrap();
    for piece in text.as_bytes().chunks(200) {
        file.write_all(piece).unwrap();
        file.flush().unwrap();
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Closed when it was emptied, and opened again to be written.
fn in_two_steps(project: &Project, text: &str) {
    drop(fs::File::create(project.path(CUES)).unwrap());
    std::thread::sleep(Duration::from_millis(20));
    fs::write(project.path(CUES), text).unwrap();
}

/// Written beside and moved over it, as most editors that care do.
fn by_rename(project: &Project, text: &str) {
    let beside = project.path("shows/hello/.base.json.tmp");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, project.path(CUES)).unwrap();
}

/// The old one moved away as a backup, a new one written, the backup removed, as Vim does; with a
/// swap file all the while.
fn through_a_backup(project: &Project, text: &str) {
    let (swap, backup) =
        (project.path("shows/hello/.base.json.swp"), project.path("shows/hello/base.json~"));
    fs::write(&swap, "swap").unwrap();
    fs::rename(project.path(CUES), &backup).unwrap();
    fs::write(project.path(CUES), text).unwrap();
    fs::remove_file(backup).unwrap();
    fs::remove_file(swap).unwrap();
}

/// Removed, and written a while later.
fn removed_first(project: &Project, text: &str) {
    fs::remove_file(project.path(CUES)).unwrap();
    std::thread::sleep(Duration::from_millis(30));
    fs::write(project.path(CUES), text).unwrap();
}

/// In another folder, which then takes the place of the show's.
fn by_folder(project: &Project, text: &str) {
    let other = project.path("shows/.hello.new");
    fs::create_dir(&other).unwrap();
    for name in ["show.toml", "accents.json"] {
        fs::copy(project.path(&format!("shows/hello/{name}")), other.join(name)).unwrap();
    }
    fs::write(other.join("base.json"), text).unwrap();
    fs::rename(project.path("shows/hello"), project.path("shows/.hello.old")).unwrap();
    fs::rename(other, project.path("shows/hello")).unwrap();
    fs::remove_dir_all(project.path("shows/.hello.old")).unwrap();
}

const STYLES: [Save; 7] =
    [in_place, slowly, in_two_steps, by_rename, through_a_backup, removed_first, by_folder];

/// Saves in every style, twice each.
fn saves_in_every_style(options: &[&str]) {
    let mut show = Watching::new(options);
    show.comes_to(179);
    for (index, save) in STYLES.iter().chain(&STYLES).enumerate() {
        let percent = 20 + 5 * index;
        let text = show.text(&format!("{percent}%"));
        save(&show.project, &text);
        // To the nearest level of 255.
        show.comes_to(((percent * 255 + 50) / 100) as u8);
    }
    let told = show.ends();
    assert_eq!(reasons(&told, "edit").len(), 2 * STYLES.len(), "an edit for each save");
}

#[test]
fn saves_of_every_style_are_seen() {
    saves_in_every_style(&[]);
}

#[test]
fn saves_of_every_style_are_seen_by_polling() {
    saves_in_every_style(&["--poll=20ms"]);
}

#[test]
fn errors_leave_the_light_and_are_told_once_until_mended() {
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    let good = show.project.read(CUES);
    for broken in ["{", "", &good.replace("amber", "ambr"), &good.replace("70%", "170%")] {
        show.project.write(CUES, broken);
        show.stays();
    }
    show.project.write(CUES, &show.text("70%").replace("170%", "70%").replace("ambr", "amber"));
    show.project.write(CUES, &good.replace("70%", "40%"));
    show.comes_to(102);
    fs::remove_file(show.project.path("shows/hello/show.toml")).unwrap();
    show.stays();
    let told = show.ends();
    let tallies: Vec<_> =
        reasons(&told, "diagnostics").iter().map(|one| one["errors"].as_u64().unwrap()).collect();
    assert_eq!(tallies, [0, 1, 1, 1, 1, 0, 1]);
    let messages = told.iter().filter_map(|one| one["message"].as_str());
    assert!(
        messages.clone().any(|text| text.contains("`ambr`")),
        "{:?}",
        messages.collect::<Vec<_>>()
    );
}

#[test]
fn every_kind_of_source_is_followed() {
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    let red = |show: &Watching| show.frame()[RED];
    let until = |show: &Watching, wanted: &dyn Fn(&Watching) -> bool, what: &str| {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(show) {
            assert!(Instant::now() < deadline, "{what} is not followed");
        }
    };
    let was = red(&show);
    show.project.edit("shows/hello/show.toml", "#ff8800", "#408800");
    until(&show, &|show| red(show) != was, "a palette");
    show.project.edit("fixtures/room.toml", "address = 1\n", "address = 100\n");
    until(&show, &|show| show.frame()[99] == 179 && show.frame()[DIMMER] == 0, "a patch");
    show.project.edit("fixtures/room.toml", "address = 100\n", "address = 1\n");
    until(&show, &|show| show.frame()[DIMMER] == 179, "a patch");
    // A pattern that is used before it is there, and one that changes.
    let cue = "{ \"at\": 2, \"on\": \"par-left\", \"pattern\": { \"up\": {} }, \"for\": \"9s\" }";
    show.project.write("shows/hello/accents.json", &format!("{{ \"cues\": [{cue}] }}"));
    show.stays();
    let pattern = |level: &str| {
        format!("{{ \"steps\": [{{ \"at\": 0, \"set\": {{ \"dimmer\": \"{level}\" }} }}] }}")
    };
    fs::create_dir(show.project.path("shows/hello/patterns")).unwrap();
    show.project.write("shows/hello/patterns/up.json", &pattern("100%"));
    until(&show, &|show| show.frame()[DIMMER] == 255, "a pattern that appears");
    show.project.write("shows/hello/patterns/up.json", &pattern("10%"));
    until(&show, &|show| show.frame()[DIMMER] == 26, "a pattern");
    let profile = "fixtures/profiles/generic/par-rgbw.json";
    let text = show.project.read(profile);
    show.project.write(profile, &text.replace("\"Dimmer\"", "\"Intensity of all\""));
    let _ = show.frame();
    show.project.write("shows/hello/accents.json", "{ \"cues\": [] }");
    show.project.write(profile, &text);
    until(&show, &|show| show.frame()[DIMMER] == 179, "a profile");
    show.ends();
}

#[test]
fn a_hundred_files_at_once_and_another_branch_are_one_edit() {
    let project = Project::new();
    if tool("git").is_none() {
        return;
    }
    let git = |args: &[&str]| {
        let ran = Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
            .args(args)
            .current_dir(project.root())
            .output()
            .expect("git runs");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    for index in 0..200 {
        let text = "{ \"steps\": [{ \"at\": 0, \"set\": { \"dimmer\": 1 } }] }";
        project.write(&format!("shows/hello/patterns/p{index}.json"), text);
    }
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "one"]);
    git(&["checkout", "-q", "-b", "other"]);
    for index in 0..200 {
        let text = "{ \"steps\": [{ \"at\": 0, \"set\": { \"dimmer\": 0.5 } }] }";
        project.write(&format!("shows/hello/patterns/p{index}.json"), text);
    }
    project.edit(CUES, "70%", "30%");
    git(&["commit", "-q", "-a", "-m", "two"]);
    git(&["checkout", "-q", "main"]);
    let root = project.root();
    let mut show = Watching::of(project, &["--hold-at", "3s"]);
    show.comes_to(179);
    let checkout = |branch: &str| {
        let ran = Command::new("git").args(["checkout", "-q", branch]).current_dir(&root).status();
        assert!(ran.expect("git runs").success());
    };
    checkout("other");
    show.comes_to(77);
    checkout("main");
    show.comes_to(179);
    show.ends();
}

#[test]
fn edits_are_held_until_they_are_called_for() {
    let mut show = Watching::new(&["--hold-edits"]);
    show.comes_to(179);
    show.project.write(CUES, &show.text("20%"));
    show.project.edit("shows/hello/show.toml", "#ff8800", "#408800");
    show.stays();
    show.watching.as_ref().unwrap().signal("USR1");
    show.comes_to(51);
    let told = show.ends();
    let edits = reasons(&told, "edit");
    assert_eq!(edits.len(), 1);
    assert_eq!(edits[0]["files"].as_array().unwrap().len(), 2);
    assert!(!reasons(&told, "held").is_empty());
}

#[test]
fn a_show_that_ends_before_its_place_stands_at_its_end() {
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    show.project.edit("shows/hello/show.toml", "16s", "1s");
    // Half-way up.
    show.comes_to(88);
    show.stays();
    show.project.edit("shows/hello/show.toml", "1s", "16s");
    show.stays();
    let told = show.ends();
    let notes: Vec<_> = reasons(&told, "edit").iter().map(|one| one["note"].clone()).collect();
    assert!(notes[0].as_str().unwrap().contains("ends at 0:01.000"), "{notes:?}");
}

/// Two pars on one universe, or one on a universe of its own.
const PATCHES: [&str; 2] = ["universe = 1\naddress = 8\n", "universe = 2\naddress = 8\n"];

#[test]
fn another_universe_comes_and_goes_while_the_show_plays_on() {
    let project = Project::new();
    let mut show = Watching::of(project, &["--from", "2"]);
    show.comes_to(179);
    show.project.edit("fixtures/room.toml", PATCHES[0], PATCHES[1]);
    let deadline = Instant::now() + PATIENCE;
    // The level of the second par, wherever it is.
    let until = |wanted: &dyn Fn(u8, u8) -> bool| loop {
        let mut packet = [0; 600];
        show.socket.recv(&mut packet).expect("a frame comes");
        let dimmer = packet[18 + DIMMER];
        assert!(packet[14] != 0 || dimmer == 179, "the light breaks off: {dimmer}");
        if wanted(packet[14], packet[18 + 7]) {
            break;
        }
        assert!(Instant::now() < deadline, "the universes do not change");
    };
    until(&|universe, level| universe == 1 && level == 179);
    show.project.edit("fixtures/room.toml", PATCHES[1], PATCHES[0]);
    until(&|universe, level| universe == 0 && level == 179);
    until(&|universe, level| universe == 1 && level == 0);
    show.ends();
}

#[test]
fn an_edit_that_cannot_be_played_leaves_the_show_on() {
    let project = Project::new();
    project.edit("fixtures/room.toml", "[[output]]", "[groups]\nextra = \"head\"\n\n[[output]]");
    let mut show = Watching::of(project, &["--hold-at", "3s", "--group", "extra=50%"]);
    show.comes_to(179);
    let text = show.project.read("fixtures/room.toml");
    let other = text.replace(PATCHES[0], PATCHES[1]).replace("extra = ", "other = ");
    show.project.write("fixtures/room.toml", &other);
    show.stays();
    show.project.write("fixtures/room.toml", &text);
    show.project.write(CUES, &show.text("20%"));
    show.comes_to(51);
    let told = show.ends();
    let notes = reasons(&told, "note");
    assert!(notes[0]["message"].as_str().unwrap().contains("no group `extra`"), "{notes:?}");
}

#[test]
fn a_show_that_stands_stands_on_with_other_universes() {
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    show.project.edit("fixtures/room.toml", PATCHES[0], PATCHES[1]);
    std::thread::sleep(Duration::from_millis(1500));
    let told = show.ends();
    assert_eq!(reasons(&told, "edit").len(), 1);
    let places = reasons(&told, "place");
    assert!(
        places.iter().all(|one| one["playing"] == false && one["seconds"] == 3.0),
        "{places:?}"
    );
}

#[test]
fn what_is_no_file_is_told_of_and_read_by_nobody() {
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    let text = show.project.read(CUES);
    for make in [&["mkfifo"][..], &["ln", "-s", "/dev/zero"]] {
        fs::remove_file(show.project.path(CUES)).unwrap();
        let made = Command::new(make[0]).args(&make[1..]).arg(show.project.path(CUES)).status();
        assert!(made.unwrap().success());
        show.stays();
    }
    fs::remove_file(show.project.path(CUES)).unwrap();
    show.project.write(CUES, &text.replace("70%", "30%"));
    show.comes_to(77);
    let told = show.ends();
    let messages: Vec<&str> = told.iter().filter_map(|one| one["message"].as_str()).collect();
    assert!(messages.iter().any(|text| text.contains("it is no file, but a pipe")), "{messages:?}");
}

#[test]
fn files_that_are_not_read_hold_nothing_up() {
    let mut show = Watching::new(&[]);
    show.comes_to(179);
    let noise = show.project.path("shows/hello/notes.txt");
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let over = std::sync::Arc::clone(&done);
    let noisy = std::thread::spawn(move || {
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            fs::write(&noise, "x").unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    for percent in [20_u32, 40, 60] {
        show.project.write(CUES, &show.text(&format!("{percent}%")));
        show.comes_to(((percent * 255 + 50) / 100) as u8);
    }
    // A source that is saved without a pause is seen now and then.
    let until = Instant::now() + Duration::from_secs(2);
    let text = [show.text("20%"), show.text("80%")];
    let mut levels = std::collections::BTreeSet::new();
    show.socket.set_nonblocking(true).unwrap();
    for turn in 0.. {
        if Instant::now() > until {
            break;
        }
        show.project.write(CUES, &text[turn % 2]);
        std::thread::sleep(Duration::from_millis(2));
        let mut packet = [0; 600];
        while show.socket.recv(&mut packet).is_ok() {
            levels.insert(packet[18]);
        }
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    noisy.join().unwrap();
    assert!(levels.len() > 1, "{levels:?}");
    // The last of them is not lost.
    show.socket.set_nonblocking(false).unwrap();
    show.project.write(CUES, &text[0]);
    show.level = 0;
    show.comes_to(51);
    std::thread::sleep(Duration::from_millis(600));
    while show.socket.set_nonblocking(true).is_ok() && show.socket.recv(&mut [0; 600]).is_ok() {}
    show.socket.set_nonblocking(false).unwrap();
    show.stays();
    show.ends();
}

/// A tone of so many seconds.
fn tone(project: &Project, seconds: usize, hz: f64) {
    let sample = |n: usize| (n as f64 * hz / 44_100.0 * std::f64::consts::TAU).sin() as f32 / 4.0;
    let samples: Vec<f32> = (0..44_100 * seconds).map(sample).collect();
    let beside = project.path("songs/.tone.wav");
    fs::create_dir_all(project.path("songs")).unwrap();
    gobo_audio::write_wav(&beside, &samples, 44_100, 1).unwrap();
    fs::rename(beside, project.path("songs/tone.wav")).unwrap();
}

#[test]
fn another_song_is_heard_from_the_same_place_on() {
    let project = Project::new();
    tone(&project, 16, 440.0);
    project.edit("shows/hello/show.toml", "length = \"16s\"", "song = \"tone.wav\"");
    project.write("shows/hello/accents.json", "{ \"cues\": [] }");
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let target = socket.local_addr().unwrap().to_string();
    let options = ["--audio", "null", "--json", "--from", "2", "--artnet", &target];
    let watching = project.start(&[&["watch", "hello"][..], &options].concat());
    let mut packet = [0; 600];
    let mut lit = 0;
    let mut play = |seconds: f64| {
        let until = Instant::now() + Duration::from_secs_f64(seconds);
        while Instant::now() < until {
            socket.recv(&mut packet).expect("a frame comes");
            assert!(lit < 60 || packet[18 + DIMMER] == 179, "the light breaks off");
            lit += 1;
        }
    };
    play(1.5);
    tone(&project, 20, 220.0);
    play(2.5);
    fs::remove_file(project.path("songs/tone.wav")).unwrap();
    play(0.7);
    watching.signal("TERM");
    let ran = watching.wait(PATIENCE).exits(0);
    let told: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let edits = reasons(&told, "edit");
    assert_eq!(edits[0]["files"][0], "songs/tone.wav", "{}", ran.out);
    // A song that is gone is a mistake: the last good show plays on.
    assert_eq!(edits.len(), 1);
    let places: Vec<f64> =
        reasons(&told, "place").iter().filter_map(|one| one["seconds"].as_f64()).collect();
    assert!(places.is_sorted() && places.last() > Some(&4.0), "{places:?}");
}

#[test]
fn after_an_edit_the_show_goes_where_it_is_told() {
    let project = Project::new();
    let mut show = Watching::of(project, &["--from", "9", "--on-edit", "500ms"]);
    show.comes_to(179);
    show.project.edit(CUES, "\"to\": \"sea\"", "\"to\": \"red\"");
    let deadline = Instant::now() + PATIENCE;
    // Half a second before the cue that fades, at 8 s, the pars are amber.
    while show.frame()[1..4] != [255, 64, 0] && show.frame()[1..4] != [255, 136, 0] {
        assert!(Instant::now() < deadline, "the show does not go back: {:?}", &show.frame()[1..4]);
    }
    let told = show.ends();
    let edit = reasons(&told, "edit")[0];
    assert_eq!(edit["cues"][0]["start"], 8.0);
}

#[test]
fn a_section_or_a_part_is_played_again_and_again() {
    let project = Project::new();
    let mut show = Watching::of(project, &["--from", "0.5", "--to", "0.7", "--loop"]);
    let until = Instant::now() + Duration::from_millis(1500);
    show.comes_to(show.frame()[DIMMER]);
    while Instant::now() < until {
        let level = show.frame()[DIMMER];
        assert!((43..=64).contains(&level) || level == 0, "{level}");
    }
    show.ends();
}

#[test]
fn editors_find_places_between_two_lines() {
    let project = Project::new();
    project.edit(CUES, "amber", "ambr");
    let options = ["--audio", "none", "--dry-run", "--message-format", "short"];
    let watching = project.start(&[&["watch", "hello"][..], &options].concat());
    std::thread::sleep(Duration::from_millis(600));
    watching.signal("TERM");
    let ran = watching.wait(PATIENCE).exits(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!((lines[0], lines[2]), ("reading the show", "read the show: 1 error"), "{}", ran.out);
    assert!(lines[1].starts_with("shows/hello/base.json:8:42: error: no colour"), "{}", lines[1]);
}

#[test]
fn mistakes_on_the_command_line_are_refused() {
    let project = Project::new();
    for (args, words) in [
        (&["watch", "hell"][..], "did you mean `hello`?"),
        (&["watch", "hello", "--on-edit", "never"], "expected `stay`, `start`, `cue`"),
        (&["watch", "hello", "--loop-section", "chorus"], "there is no section `chorus"),
        (&["watch", "hello", "--poll=0"], "files are looked at"),
        (&["watch", "hello", "--from", "99"], "16 s long"),
    ] {
        let ran = project.run(&[args, &["--dry-run", "--audio", "none"]].concat()).exits(2);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}
