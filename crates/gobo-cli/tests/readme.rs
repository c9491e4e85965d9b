//! The tutorials, in README.md and on their own page, do what they say.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::run;

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

/// Follows the console blocks with `$` of a page and writes the files of those that name one; says
/// how many commands and files there were.
fn follow(page: &str) -> (usize, usize) {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
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
    (ran, written)
}

#[test]
fn a_newcomer_can_follow_it() {
    let (ran, written) = follow("README.md");
    assert!(ran >= 6 && written == 3, "{ran} commands, {written} files");
}

#[test]
fn a_whole_show_comes_of_the_tutorial() {
    let (ran, written) = follow("crates/TUTORIAL.md");
    assert!(ran >= 7 && written == 11, "{ran} commands, {written} files");
}
