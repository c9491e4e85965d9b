//! Profiles brought in, listed and explained.

mod common;

use common::Project;

/// A profile in the Open Fixture Library's format.
const LAMP: &str = r#"{
  "name": "Lamp",
  "categories": ["Dimmer"],
  "meta": { "authors": ["gobo"], "createDate": "2026-01-01", "lastModifyDate": "2026-01-01" },
  "availableChannels": { "Dimmer": { "capability": { "type": "Intensity" } } },
  "modes": [{ "name": "1ch", "channels": ["Dimmer"] }]
}
"#;

/// A QLC+ definition.
const QXF: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE FixtureDefinition>
<FixtureDefinition xmlns="http://www.qlcplus.org/FixtureDefinition">
 <Creator><Name>Q Light Controller Plus</Name><Version>4.12</Version><Author>gobo</Author></Creator>
 <Manufacturer>Some Maker</Manufacturer>
 <Model>Spot 1</Model>
 <Type>Dimmer</Type>
 <Channel Name="Dimmer" Preset="IntensityMasterDimmer"/>
 <Mode Name="One"><Channel Number="0">Dimmer</Channel></Mode>
</FixtureDefinition>
"#;

#[test]
fn library_files_come_in_as_they_are() {
    let project = Project::new();
    project.write("acme/lamp.json", LAMP);
    let ran = project.run(&["fixture", "import", "acme/lamp.json"]).exits(0);
    assert_eq!(ran.out, "imported acme/lamp  Lamp: 1ch (1 slot)\n");
    assert_eq!(project.read("fixtures/profiles/acme/lamp.json"), LAMP);
    project.run(&["fixture", "import", "acme/lamp.json"]).exits(0);
    let ran = project.run(&["fixture", "show", "acme/lamp"]).exits(0);
    assert!(ran.out.contains("1  Dimmer"), "{}", ran.out);
    project.write("acme/lamp.json", &LAMP.replace("Dimmer", "Glow"));
    project.run(&["fixture", "import", "acme/lamp.json"]).exits(2);
    project.run(&["fixture", "import", "acme/lamp.json", "--force"]).exits(0);
    let ran = project.run(&["fixture", "list"]).exits(0);
    assert!(ran.out.lines().any(|line| line.starts_with("acme/lamp ")), "{}", ran.out);
}

#[test]
fn qlc_definitions_are_converted() {
    let project = Project::new();
    project.write("spot.qxf", QXF);
    let ran = project.run(&["fixture", "import", "spot.qxf"]).exits(0);
    assert_eq!(ran.out, "imported some-maker/spot-1  Spot 1: One (1 slot)\n");
    project.run(&["fixture", "show", "some-maker/spot-1"]).exits(0);
}

#[test]
fn what_is_no_profile_is_refused_and_the_rest_comes_in() {
    let project = Project::new();
    project.write("acme/lamp.json", LAMP);
    project.write("acme/broken.json", "{ \"name\": ");
    project.write("broken.qxf", "<FixtureDefinition>");
    let files = ["fixture", "import", "acme/broken.json", "broken.qxf", "acme/lamp.json"];
    let ran = project.run(&files).exits(1);
    assert!(ran.err.contains("acme/broken.json:1:"), "{}", ran.err);
    assert!(project.path("fixtures/profiles/acme/lamp.json").exists());
    assert!(!project.path("fixtures/profiles/acme/broken.json").exists());
    project.run(&["fixture", "import", "none.json"]).exits(3);
    project.run(&["fixture", "show", "acme/lmap"]).exits(2);
    project.run(&["fixture", "show", "acme/lamp", "--mode", "2ch"]).exits(2);
}
