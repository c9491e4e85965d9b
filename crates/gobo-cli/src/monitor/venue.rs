//! The fixtures of a venue without a show: those of a show that has nothing but the venue.

use anyhow::Result;
use gobo_canvas::PatchedFixture;
use gobo_render::Timeline;
use gobo_show::Severity;
use gobo_show::diagnostic::nearest;
use gobo_show::world::{SongFacts, Source, World, WorldError};

use crate::args::Global;
use crate::failure::misuse;
use crate::project::Project;
use crate::report::{report, summary};
use crate::terminal::Terminal;
use crate::world::FolderWorld;

/// The name of the show that is not there; no folder can have it.
const SHOW: &str = ".venue";

/// The fixtures of a venue of the project; `None` when it has errors, which are printed.
pub(super) fn patch(
    terminal: &Terminal,
    global: &Global,
    name: &str,
) -> Result<Option<Vec<PatchedFixture>>> {
    let project = Project::open(global)?;
    let folder = FolderWorld::new(project.root());
    let files = folder.list("fixtures");
    let mut venues = files.iter().filter_map(|file| file.strip_suffix(".toml"));
    if !venues.clone().any(|venue| venue == name) {
        let hint = match nearest(name, venues.by_ref()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "venues are the .toml files in fixtures/".to_owned(),
        };
        return Err(misuse(format!("there is no venue `{name}`; {hint}")));
    }
    let mut loaded = gobo_show::load(&VenueWorld { folder, venue: name.to_owned() }, SHOW);
    loaded.diagnostics.retain(|one| one.severity == Severity::Error);
    let tally = report(terminal, &project, &loaded.diagnostics)?;
    summary(terminal, tally, "");
    Ok(loaded.show.map(|show| Timeline::new(&show).header().patch.clone()))
}

/// A project with one more show.
struct VenueWorld {
    folder: FolderWorld,
    venue: String,
}

impl World for VenueWorld {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        if path != format!("shows/{SHOW}/show.toml") {
            return self.folder.read(path);
        }
        // A name in JSON is one in TOML, too.
        let venue = serde_json::Value::from(self.venue.as_str());
        let text = format!("venue = {venue}\nlength = \"1s\"\ncues = []\n");
        Ok(Source { path: path.into(), text: text.into() })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.folder.list(folder)
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        self.folder.folders(folder)
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        self.folder.song(path)
    }
}
