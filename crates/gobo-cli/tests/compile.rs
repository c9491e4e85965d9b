//! Compiling again: what has changed is seen, and what has not is left alone.

mod common;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use common::{Project, gobo};
use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression};

/// Whether a compile finds that nothing has changed.
#[track_caller]
fn is_fresh(project: &Project, args: &[&str]) -> bool {
    let ran = project.run(&[&["compile"], args].concat()).exits(0);
    ran.out.contains("nothing has changed")
}

#[test]
fn an_unchanged_show_is_left_alone() {
    let project = Project::new();
    assert!(!is_fresh(&project, &[]));
    let canvas = project.path("build/hello.canvas");
    let (bytes, written) = (fs::read(&canvas).unwrap(), fs::metadata(&canvas).unwrap().modified());
    assert!(is_fresh(&project, &[]));
    assert_eq!(fs::metadata(&canvas).unwrap().modified().unwrap(), written.unwrap());
    // From nothing it is the same.
    fs::remove_file(&canvas).unwrap();
    assert!(!is_fresh(&project, &[]));
    assert_eq!(fs::read(&canvas).unwrap(), bytes);
}

#[test]
fn whatever_is_read_is_looked_at() {
    let project = Project::new();
    assert!(!is_fresh(&project, &[]));
    assert!(is_fresh(&project, &[]));
    let show = "shows/hello/show.toml";
    let cues = project.read("shows/hello/base.json");
    let seen = |what: &str, change: &dyn Fn()| {
        change();
        assert!(!is_fresh(&project, &[]), "{what}");
        assert!(is_fresh(&project, &[]), "{what}, again");
    };
    seen("a cue", &|| {
        project.write("shows/hello/base.json", &cues.replacen("\"at\"", "  \"at\"", 1));
    });
    seen("the manifest", &|| project.write(show, &format!("# seen\n{}", project.read(show))));
    seen("the venue", &|| {
        let venue = fs::read_dir(project.path("fixtures")).unwrap().flatten();
        let venue = venue.map(|entry| entry.path()).find(|path| path.is_file()).unwrap();
        let text = fs::read_to_string(&venue).unwrap();
        fs::write(&venue, format!("# seen\n{text}")).unwrap();
    });
    let pattern = r#"{ "steps": [{ "flash": {} }] }"#;
    seen("a pattern that nothing uses", &|| project.write("shows/hello/patterns/a.json", pattern));
    seen("a pattern that is gone", &|| {
        fs::remove_file(project.path("shows/hello/patterns/a.json")).unwrap();
    });
    // What the command was told besides the sources counts, too.
    assert!(!is_fresh(&project, &["--fps", "30"]));
    assert!(is_fresh(&project, &["--fps", "30"]));
    assert!(!is_fresh(&project, &[]));
    // A canvas that is no more is made anew, and one that is damaged.
    let canvas = project.path("build/hello.canvas");
    let mut bytes = fs::read(&canvas).unwrap();
    bytes.truncate(bytes.len() - 9);
    seen("a canvas cut short", &|| fs::write(&canvas, &bytes).unwrap());
    let mut bytes = fs::read(&canvas).unwrap();
    let store = bytes.windows(4).rposition(|four| four == [0x28, 0xb5, 0x2f, 0xfd]).unwrap();
    bytes[store + 9] ^= 1;
    seen("a cell with a flipped bit", &|| fs::write(&canvas, &bytes).unwrap());
}

#[test]
fn the_canvas_of_another_show_is_not_taken_for_this_one() {
    let project = Project::new();
    project.run(&["compile", "hello", "-o", "one.canvas"]).exits(0);
    let manifest = project.read("shows/hello/show.toml");
    project.write("shows/other/show.toml", &manifest);
    for file in ["base.json", "accents.json"] {
        project
            .write(&format!("shows/other/{file}"), &project.read(&format!("shows/hello/{file}")));
    }
    assert!(!is_fresh(&project, &["other", "-o", "one.canvas"]));
    assert_eq!(Canvas::open(&project.path("one.canvas")).unwrap().header().name, "other");
    assert!(is_fresh(&project, &["other", "-o", "one.canvas"]));
}

/// A canvas of the same keys with one level that is another, as a gobo that renders otherwise
/// would leave it.
fn of_another_build(canvas: &Canvas, path: &Path) {
    let mut header = canvas.header().clone();
    header.made_from.as_mut().unwrap().by.push_str(", but otherwise");
    let mut writer = CanvasWriter::create(path, &header).unwrap();
    for cell in 0..canvas.cells() {
        for universe in 0..header.universes.len() {
            let mut encoded = canvas.encoded(universe, cell).unwrap();
            if (universe, cell) == (0, 0) {
                let (mut rows, width) = (Vec::new(), header.universes[0].slots_used);
                canvas.cell(0, 0, &mut rows).unwrap();
                rows[0] ^= 1;
                encoded = Cell::encode(encoded.key(), width, &rows, Compression::Fast);
            }
            writer.put(universe, cell, &encoded).unwrap();
        }
    }
    writer.finish().unwrap();
}

#[test]
fn nothing_is_taken_from_a_canvas_that_another_build_rendered() {
    let project = Project::new();
    project.run(&["compile", "hello"]).exits(0);
    let (path, kept) = (project.path("build/hello.canvas"), project.path("kept.canvas"));
    fs::copy(&path, &kept).unwrap();
    of_another_build(&Canvas::open(&kept).unwrap(), &path);
    let told = project.run(&["compile", "--check"]).exits(1);
    assert!(told.err.contains("1 cells have changed"), "{}", told.err);
    project.run(&["canvas", "diff", "kept.canvas", "build/hello.canvas"]).exits(1);
    assert!(!is_fresh(&project, &["hello"]));
    assert_eq!(fs::read(&path).unwrap(), fs::read(&kept).unwrap());
}

#[test]
fn warnings_are_counted_again() {
    let project = Project::new();
    let unused = r#"{ "steps": [{ "flash": {} }] }"#;
    project.write("shows/hello/patterns/unused.json", unused);
    let first = project.run(&["compile"]).exits(0);
    let again = project.run(&["compile"]).exits(0);
    assert!(again.out.contains("nothing has changed"), "{}", again.out);
    assert!(first.err.contains("1 warning"), "{}", first.err);
    assert_eq!(again.err, first.err);
    // A machine is told which.
    let told = project.run(&["compile", "--message-format", "json"]).exits(0);
    assert!(told.out.contains("unused-pattern"), "{}", told.out);
}

#[test]
fn pressing_changes_the_size_and_no_level() {
    let project = Project::new();
    let sizes = ["fast", "none", "small", "fast"].map(|how| {
        project.run(&["compile", "--compression", how, "--emit", "raw"]).exits(0);
        let raw = fs::read(project.path("build/hello.raw")).unwrap();
        (fs::metadata(project.path("build/hello.canvas")).unwrap().len(), raw)
    });
    let [fast, none, small, again] = &sizes;
    assert!(sizes.iter().all(|one| one.1 == fast.1));
    assert!(small.0 < fast.0 && fast.0 < none.0, "{} {} {}", small.0, fast.0, none.0);
    assert_eq!(again.0, fast.0);
}

#[test]
fn timings_say_where_the_time_went() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    fs::remove_file(project.path("build/hello.canvas")).unwrap();
    let told = project.run(&["compile", "--timings"]).exits(0).out;
    for part in ["read and check", "render", "press", "effects", "slowest cues", "base.json"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // What is copied costs no rendering.
    let told = project.run(&["compile", "--timings", "--message-format", "json"]).exits(0).out;
    let line = told.lines().find(|line| line.contains("\"timings\"")).unwrap();
    let timings: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(timings["reason"], "timings");
    assert_eq!(timings["cells"]["rendered"], 0);
    assert_eq!(timings["threads"]["render"], 0.0);
    assert!(timings["threads"]["copy"].as_f64().unwrap() > 0.0);
    assert_eq!(timings["cues"], serde_json::json!([]));
}

#[test]
fn killed_at_any_moment_a_whole_canvas_is_left() {
    let project = Project::new();
    let manifest = project.read("shows/hello/show.toml");
    let title = |count: u32| {
        let title = format!("title = \"Take {count}\"");
        project.write("shows/hello/show.toml", &manifest.replace("title = \"Hello\"", &title));
    };
    title(0);
    let start = Instant::now();
    project.run(&["compile"]).exits(0);
    // From before anything happens to after the end.
    let span = (start.elapsed() * 3 / 2).as_micros() as u64;
    let canvas = project.path("build/hello.canvas");
    let (mut last, mut dice) = ("Take 0".to_owned(), 7_u64);
    for count in 1..=200 {
        title(count);
        let mut child = gobo(&project.root()).args(["compile", "-q"]).spawn().unwrap();
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((dice >> 32) % span));
        child.kill().unwrap();
        child.wait().unwrap();
        let whole = Canvas::open(&canvas).expect("a whole canvas");
        assert_eq!(whole.verify().unwrap(), []);
        let now = &whole.header().title;
        assert!(*now == last || *now == format!("Take {count}"), "{now} after {last}, {count}");
        last.clone_from(now);
    }
    // What they left is gone with the next one.
    project.run(&["compile"]).exits(0);
    let left: Vec<_> = fs::read_dir(project.path("build")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
