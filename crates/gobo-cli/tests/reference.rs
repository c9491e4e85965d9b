//! `gobo effects`: the list, the pictures, and the committed reference page.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::picture::pixels;
use common::run;

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_committed_reference_is_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["effects", "--reference", "REFERENCE.md"]).exits(0);
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = |path: &Path| fs::read_to_string(path.join("REFERENCE.md")).unwrap();
    let (written, committed) = (text(folder.path()), text(crates));
    let differs = written.lines().zip(committed.lines()).find(|(new, old)| new != old);
    assert!(written == committed, "`make reference` is due: {differs:?}");
    let [written, committed] = [folder.path(), crates].map(|path| path.join("reference"));
    assert_eq!(names(&written), names(&committed), "`make reference` is due");
    for name in names(&written) {
        let same = pixels(&written.join(&name)) == pixels(&committed.join(&name));
        assert!(same, "`make reference` is due: {name} is another picture");
    }
}

#[test]
fn a_picture_is_drawn_of_one_effect() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["effects", "fire", "--png", "pictures"]).exits(0);
    let drawn = pixels(&folder.path().join("pictures/effect-fire.png"));
    assert_eq!((drawn.0, drawn.1), (480, 160));
    let colors: BTreeSet<&[u8]> = drawn.2.chunks(3).collect();
    assert!(colors.len() > 50, "{} colours", colors.len());
    let ran = run(folder.path(), &["effects", "fier", "--png"]).exits(2);
    assert!(ran.err.contains("did you mean `fire`?"), "{}", ran.err);
}

#[test]
fn the_list_stands_by_family_and_an_effect_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let list = run(folder.path(), &["effects"]).exits(0).out;
    for title in ["Effects: basic", "Effects: movement", "Effects: pixels", "Effects: WLED"] {
        assert!(list.contains(title), "{title} is missing:\n{list}");
    }
    let told = run(folder.path(), &["effects", "snowflakes"]).exits(0).out;
    assert!(told.contains("wind") && told.contains("For example"), "{told}");
    let json = run(folder.path(), &["effects", "snowflakes", "--json"]).exits(0).out;
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&row["kind"], &row["family"]), (&"effect".into(), &"pixels".into()));
}
