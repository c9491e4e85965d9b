//! The committed schemas are those of the types.

mod common;

#[test]
fn committed_schemas_are_what_the_types_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../gobo-show/schemas");
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    common::run(here, &["schema", "--check", folder]).exits(0);
    let empty = tempfile::tempdir().unwrap();
    common::run(empty.path(), &["schema", "--check", "."]).exits(1);
}
