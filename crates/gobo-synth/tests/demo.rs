//! The demo project is without a fault: its shows load with nothing to say about them.

use std::path::{Path, PathBuf};

use gobo_dmx::Delivery;
use gobo_show::diagnostic::Diagnostic;
use gobo_show::effect::Effect;
use gobo_show::load;
use gobo_show::show::Show;
use gobo_show::world::{SongFacts, Source, World, WorldError};
use xxhash_rust::xxh3::xxh3_128;

/// The repository's own folder as a project.
struct Project(PathBuf);

impl Project {
    fn new() -> Self {
        Self(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        std::fs::read(self.0.join(path)).map_err(|_| WorldError::Missing)
    }
}

impl World for Project {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        let text = String::from_utf8(self.bytes(path)?);
        let text = text.map_err(|_| WorldError::Unusable("it is not UTF-8".into()))?;
        Ok(Source { path: path.into(), text: text.into() })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let files = std::fs::read_dir(self.0.join(folder)).into_iter().flatten().flatten();
        let names = files.filter(|file| file.path().is_file()).map(|file| file.file_name());
        let mut names: Vec<_> = names.filter_map(|name| name.into_string().ok()).collect();
        names.sort();
        names
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        let length = gobo_audio::probe(&self.0.join(path));
        let length = length.map_err(|error| WorldError::Unusable(error.to_string()))?;
        Ok(SongFacts { seconds: length.seconds, hash: xxh3_128(&self.bytes(path)?) })
    }
}

/// Loads a show that has to be clean.
fn clean(name: &str) -> Show {
    let loaded = load(&Project::new(), name);
    let lines: Vec<_> = loaded.diagnostics.iter().map(line).collect();
    assert!(lines.is_empty(), "{name}:\n{}", lines.join("\n"));
    loaded.show.expect("a show without errors is there")
}

fn line(said: &Diagnostic) -> String {
    format!(
        "{:?} {:?}: {} [{}] {:?}",
        said.severity, said.place, said.message, said.code, said.hints
    )
}

#[test]
fn the_demo_is_clean_and_shows_what_there_is() {
    let show = clean("demo");
    assert_eq!(show.rig.fixtures.len(), 40);
    let cues: Vec<_> = show.layers.iter().flat_map(|layer| &layer.cues).collect();
    assert!(cues.len() > 100, "{} cues", cues.len());
    let used = |name: &str| cues.iter().any(|cue| Effect::name(&cue.effect) == name);
    let classic = |family: &str| matches!(family, "basic" | "movement");
    for effect in gobo_show::effect::effects().iter().filter(|effect| classic(effect.family)) {
        assert!(used(effect.name), "nothing uses {}", effect.name);
    }
}

#[test]
fn the_first_show_is_clean() {
    assert_eq!(clean("first").layers[0].cues.len(), 3);
}

#[test]
fn the_demo_sends_to_this_machine_only() {
    let show = clean("demo");
    assert!(!show.rig.routes.is_empty());
    for route in &show.rig.routes {
        let here = matches!(&route.delivery, Delivery::Unicast { host, .. } if host == "127.0.0.1");
        assert!(here, "{route:?}");
    }
}
