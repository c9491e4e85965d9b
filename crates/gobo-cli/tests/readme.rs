//! The tutorials, in README.md and on their own page, do what they say.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::picture::pixels;
use common::run;
use tempfile::TempDir;

/// A fenced block: what follows the fence, and the text.
struct Block<'a> {
    fence: &'a str,
    text: String,
}

fn blocks(readme: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut open) = (Vec::new(), None);
    for line in readme.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(fence), None) => open = Some(Block { fence, text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// What came of a page.
struct Followed {
    home: TempDir,
    /// How many commands ran.
    ran: usize,
    /// How many files were written.
    written: usize,
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Follows the console blocks with `$` of a page and writes the files of those that name one.
fn follow(page: &str) -> Followed {
    let sources = sources();
    let page = fs::read_to_string(sources.join(page)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut folder: PathBuf = home.path().to_owned();
    let (mut ran, mut written) = (0, 0);
    for Block { fence, text } in blocks(&page) {
        if let Some((_, path)) = fence.split_once("file=") {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &text).unwrap();
            written += 1;
        }
        let commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
        for command in commands.filter(|_| fence == "console") {
            let words: Vec<&str> = command.split_whitespace().collect();
            match words.as_slice() {
                ["cd", to] => folder.push(to),
                ["gobo", args @ ..] => drop(run(&folder, args).exits(0)),
                ["cp", from, to] => {
                    let from = from.strip_prefix("../gobo/").expect("a file of gobo's sources");
                    let name = Path::new(from).file_name().unwrap();
                    fs::copy(sources.join(from), folder.join(to).join(name)).unwrap();
                }
                _ => panic!("`{command}` is neither cd nor cp nor gobo"),
            }
            ran += 1;
        }
    }
    Followed { home, ran, written }
}

#[test]
fn a_newcomer_can_follow_it() {
    let Followed { ran, written, .. } = follow("README.md");
    assert!(ran >= 6 && written == 3, "{ran} commands, {written} files");
}

#[test]
fn a_whole_show_comes_of_the_tutorial() {
    let Followed { home, ran, written } = follow("crates/TUTORIAL.md");
    assert!(ran >= 7 && written == 11, "{ran} commands, {written} files");
    let (drawn, shown) = (home.path().join("rave/rave.png"), sources().join("crates/tutorial.png"));
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        fs::copy(&drawn, &shown).unwrap();
    }
    let same = pixels(&drawn) == pixels(&shown);
    assert!(same, "crates/tutorial.png is another picture; UPDATE_PICTURES=1 renews it");
}

#[test]
fn the_picture_of_the_demo_is_what_it_shows() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let (canvas, drawn) = (at("demo.canvas"), at("demo.png"));
    run(&sources(), &["compile", "demo", "-o", &canvas]).exits(0);
    run(home.path(), &["canvas", "png", &canvas, "-o", &drawn]).exits(0);
    let same = pixels(Path::new(&drawn)) == pixels(&sources().join("crates/demo.png"));
    assert!(same, "crates/demo.png is another picture: `make picture` renews it");
}
