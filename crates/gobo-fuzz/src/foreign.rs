//! Shows of other systems from any bytes: imported whole, or refused with places that print.

use gobo_import::luma::score;
use gobo_import::{
    Folder, ImportError, Imported, MemoryFolder, Note, luma, qlcplus, wled, xlights,
};
use gobo_show::{Source, tree};

/// A QLC+ workspace.
pub fn import_qlcplus(bytes: &[u8]) {
    let folder = alone("fuzz.qxw", bytes);
    check(&qlcplus::import(&folder, "fuzz.qxw", Vec::new()), &folder);
}

/// A file of a WLED light server; the first byte says which.
pub fn import_wled(bytes: &[u8]) {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let folder = alone(if choice == b'0' { "boards.toml" } else { "program.json" }, text);
    check(&wled::import(&folder), &folder);
}

/// An xLights sequence, or (after a first byte `0`) the models beside one without effects.
pub fn import_xlights(bytes: &[u8]) {
    const EMPTY: &str = "<xsequence><head><sequenceDuration>1</sequenceDuration>\
        <sequenceTiming>50</sequenceTiming></head><ElementEffects/></xsequence>";
    let mut folder = alone("fuzz.xsq", bytes);
    if let Some(models) = bytes.strip_prefix(b"0") {
        folder = alone("xlights_rgbeffects.xml", models);
        folder.0.insert("fuzz.xsq".to_owned(), EMPTY.into());
    }
    check(&xlights::import(&folder, "fuzz.xsq"), &folder);
}

/// A Luma database.
pub fn import_luma(bytes: &[u8]) {
    let folder = alone("fuzz.db", bytes);
    check(&luma::import(&folder, "fuzz.db", Vec::new()), &folder);
}

/// A Luma score: one that is read is written in a form that comes back the same.
pub fn luma_score(bytes: &[u8]) {
    let read = |text: &str| score::read(&Source { path: "fuzz.score".into(), text: text.into() });
    match read(&String::from_utf8_lossy(bytes)) {
        Ok(found) => {
            let text = score::write(&found);
            let again = read(&text).map(|again| score::write(&again));
            assert_eq!(again, Ok(text));
        }
        Err(mistakes) => assert!(!mistakes.is_empty(), "a score is refused without a word"),
    }
}

fn alone(name: &str, bytes: &[u8]) -> MemoryFolder {
    MemoryFolder([(name.to_owned(), bytes.to_vec())].into_iter().collect())
}

/// What comes out is text with a place for every word about it.
fn check(result: &Result<Imported, ImportError>, folder: &MemoryFolder) {
    let found = match result {
        Ok(imported) => imported.notes.iter().map(Note::diagnostic).collect(),
        Err(ImportError::Faulty(mistakes)) => mistakes.clone(),
        Err(_) => Vec::new(),
    };
    for diagnostic in found {
        let Ok(source) = folder.source(&diagnostic.place.file) else { continue };
        if let Some(range) = tree::locate(&source.text, &diagnostic.place) {
            assert!(source.text.get(range.clone()).is_some(), "{range:?} of {diagnostic:?}");
        }
    }
}
