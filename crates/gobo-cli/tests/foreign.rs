//! Shows of other systems become projects that check and compile.

mod common;

use common::Project;

const CLUB: &str = include_str!("../../gobo-import/tests/foreign/club.qxw");
const PAR: &str = include_str!("../../gobo-import/tests/foreign/acme-par.qxf");
const BOARDS: &str = include_str!("../../gobo-import/tests/foreign/boards.toml");
const HOUSE: &str = include_str!("../../gobo-import/tests/foreign/house.xsq");

#[test]
fn a_workspace_becomes_a_project_that_compiles() {
    let project = Project::new();
    project.write("old/club.qxw", CLUB);
    project.write("definitions/acme/par.qxf", PAR);
    let import = ["import", "qlcplus", "old/club.qxw", "--fixtures", "definitions", "-o", "new"];
    let ran = project.run(&import).exits(0);
    assert!(ran.err.contains("Macro"), "{}", ran.err);
    assert!(project.path("new/fixtures/profiles/acme/par.json").exists());
    project.run(&["-C", "new", "check"]).exits(0);
    project.run(&["-C", "new", "compile", "opening"]).exits(0);
    assert!(project.path("new/build/opening.canvas").exists());
    // Nothing is written over without a word.
    project.run(&import).exits(0);
    project.write("new/fixtures/club.toml", "mine = true\n");
    let ran = project.run(&import).exits(2);
    assert!(ran.err.contains("--force"), "{}", ran.err);
    project.run(&[&import[..], &["--force"]].concat()).exits(0);
}

#[test]
fn servers_and_sequences_become_projects_that_compile() {
    let project = Project::new();
    project.write("server/boards.toml", BOARDS);
    project.run(&["import", "wled", "server", "-o", "boards"]).exits(0);
    project.run(&["-C", "boards", "check"]).exits(0);
    project.run(&["-C", "boards", "compile"]).exits(0);
    project.write("house.xsq", HOUSE);
    project.run(&["import", "xlights", "house.xsq", "-o", "house"]).exits(0);
    project.run(&["-C", "house", "check"]).exits(0);
    project.run(&["-C", "house", "compile"]).exits(0);
}

#[test]
fn broken_files_are_refused_with_their_place() {
    let project = Project::new();
    project.write("club.qxw", &CLUB.replace("<Address>4</Address>", "<Address>x</Address>"));
    let ran = project.run(&["import", "qlcplus", "club.qxw", "-o", "new"]).exits(1);
    assert!(ran.err.contains("club.qxw:20:"), "{}", ran.err);
    assert!(!project.path("new").exists());
    project.run(&["import", "qlcplus", "none.qxw", "-o", "new"]).exits(3);
    project.run(&["import", "wled", "fixtures", "-o", "new"]).exits(1);
    project.run(&["import", "xlights", "club.qxw"]).exits(2);
}

const GLOW: &str = r#"{
  "args": {"level": {"scalar": "50%"}},
  "steps": [{"set": {"dimmer": "$level", "color": "white"}}]
}"#;

#[test]
fn a_score_goes_into_a_show_and_comes_out() {
    let project = Project::new();
    let before = project.run(&["export", "luma-score", "none"]).exits(2);
    assert!(before.err.contains("no show `none`"), "{}", before.err);
    let score = "glow(all) @1-3 level=0.25\n\nglow(all) @2:3-3 blend=add\n";
    project.write("tune.score", score);
    project.write("shows/tune/patterns/glow.json", GLOW);
    let import = ["import", "luma-score", "tune.score", "-o", "."];
    let ran = project.run(&import).exits(1);
    assert!(ran.err.contains("tune.score:1:1") && ran.err.contains("--bpm"), "{}", ran.err);
    project.run(&[&import[..], &["--bpm", "120"]].concat()).exits(0);
    project.run(&["check", "tune"]).exits(0);
    let ran = project.run(&["export", "luma-score", "tune"]).exits(0);
    assert_eq!(ran.out, "glow(all) @0s-4s level=0.25\n\nglow(all) @3s-4s blend=add\n");
    project.run(&["export", "luma-score", "tune", "-o", "again.score"]).exits(0);
    assert!(project.path("again.score").exists());
    project.write("tune.score", "glow(all) @1-3 levl=0.25\n");
    let ran = project.run(&[&import[..], &["--bpm", "120", "--force"]].concat()).exits(1);
    assert!(ran.err.contains("did you mean `level`?"), "{}", ran.err);
}

#[test]
fn what_is_no_database_is_refused() {
    let project = Project::new();
    project.write("luma.db", "nothing");
    let ran = project.run(&["import", "luma", "luma.db", "-o", "new"]).exits(1);
    assert!(ran.err.contains("no SQLite database"), "{}", ran.err);
    assert!(!project.path("new").exists());
    project.run(&["import", "luma", "none.db", "-o", "new"]).exits(3);
}
