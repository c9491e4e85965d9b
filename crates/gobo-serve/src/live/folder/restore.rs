use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde_json::Value;

use super::journal::entries;
use super::{JOURNAL, Restored, SCENES, SEEN, STATE};
use crate::live::{Colour, Scenes, Seen};

/// What a folder has, and how many lines its journal.
pub(super) fn restore(folder: &Path, journal: &File, seen: Seen) -> io::Result<(Restored, usize)> {
    let mut restored = Restored::nothing(seen);
    take_state(folder, &mut restored)?;
    take_scenes(folder, &mut restored)?;
    take_seen(folder, &mut restored)?;
    let lines = take_journal(journal, &mut restored)?;
    Ok((restored, lines))
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Says that a file is spoilt, and keeps a copy for whoever wants to look.
fn spoilt(folder: &Path, file: &str, what: &str, restored: &mut Restored) {
    let copied = fs::copy(folder.join(file), folder.join(format!("{file}.spoilt")));
    let kept =
        if copied.is_ok() { format!("; it is kept as {file}.spoilt") } else { String::new() };
    restored.spoilt.push(format!("{file} is spoilt: {what}{kept}"));
}

fn take_state(folder: &Path, restored: &mut Restored) -> io::Result<()> {
    let Some(bytes) = read(&folder.join(STATE))? else { return Ok(()) };
    let state: Option<Value> = serde_json::from_slice(&bytes).ok();
    match state.as_ref().and_then(Colour::from_json) {
        Some(colour) => restored.colour = colour,
        None => spoilt(folder, STATE, "it is no colour", restored),
    }
    Ok(())
}

fn take_scenes(folder: &Path, restored: &mut Restored) -> io::Result<()> {
    let Some(bytes) = read(&folder.join(SCENES))? else { return Ok(()) };
    let Ok(list) = serde_json::from_slice::<Vec<Value>>(&bytes) else {
        spoilt(folder, SCENES, "it is no list of scenes", restored);
        return Ok(());
    };
    let (scenes, others) = Scenes::from_json(&list);
    restored.scenes = scenes;
    if others > 0 {
        spoilt(folder, SCENES, &format!("{others} of its entries are no scenes"), restored);
    }
    Ok(())
}

fn take_seen(folder: &Path, restored: &mut Restored) -> io::Result<()> {
    let Some(bytes) = read(&folder.join(SEEN))? else { return Ok(()) };
    if !restored.seen.read_json(&String::from_utf8_lossy(&bytes)) {
        spoilt(folder, SEEN, "what is whole in it counts", restored);
    }
    Ok(())
}

fn take_journal(mut journal: &File, restored: &mut Restored) -> io::Result<usize> {
    let mut bytes = Vec::new();
    journal.read_to_end(&mut bytes)?;
    if bytes.last().is_some_and(|last| *last != b'\n') {
        // Cut off in a line: the next one begins on its own.
        journal.write_all(b"\n")?;
    }
    let (entries, others) = entries(&bytes);
    if others > 0 {
        restored.spoilt.push(format!("{others} lines of {JOURNAL} are spoilt and left out"));
    }
    let lines = entries.len() + others;
    for entry in entries {
        restored.seen.see(entry.id, entry.at_ms);
        if let Some(colour) = entry.colour.filter(|colour| colour.seq > restored.colour.seq) {
            restored.colour = colour;
        }
    }
    Ok(lines)
}
