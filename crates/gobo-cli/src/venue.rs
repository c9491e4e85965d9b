//! The fixtures of a venue without a show: those of a show that has nothing but the venue.

use anyhow::Result;
use gobo_canvas::Header;
use gobo_render::Timeline;
use gobo_show::diagnostic::nearest;
use gobo_show::world::World;
use gobo_show::{Loaded, Severity};

use crate::args::Global;
use crate::failure::misuse;
use crate::project::Project;
use crate::report::{report, summary};
use crate::terminal::Terminal;
use crate::world::{FolderWorld, Overlay};

/// The name of the show that is not there; no folder can have it.
const SHOW: &str = ".venue";
/// Its file.
const SHOW_FILE: &str = "shows/.venue/show.toml";

/// The header that a show of nothing but this venue of the project would have: its patch, its
/// universes, its outputs. `None` when it has errors, which are printed.
pub(crate) fn header(terminal: &Terminal, global: &Global, name: &str) -> Result<Option<Header>> {
    let project = Project::open(global)?;
    let folder = FolderWorld::new(project.root());
    let files = folder.list("fixtures");
    folder.has_listed_all()?;
    let mut venues = files.iter().filter_map(|file| file.strip_suffix(".toml"));
    if !venues.clone().any(|venue| venue == name) {
        let hint = match nearest(name, venues.by_ref()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "venues are the .toml files in fixtures/".to_owned(),
        };
        return Err(misuse(format!("there is no venue `{name}`; {hint}")));
    }
    // A name in JSON is one in TOML, too.
    let quoted = serde_json::Value::from(name);
    let text = format!("venue = {quoted}\nlength = \"1s\"\ncues = []\n");
    let world = Overlay::new(project.root(), [(SHOW_FILE, text)]);
    loaded(terminal, &project, gobo_show::load(&world, SHOW))
}

/// The same of a show's venue, without a look at what its cues come to.
pub(crate) fn header_of_show(
    terminal: &Terminal,
    project: &Project,
    name: &str,
) -> Result<Option<Header>> {
    loaded(terminal, project, gobo_show::load(&FolderWorld::new(project.root()), name))
}

fn loaded(terminal: &Terminal, project: &Project, mut loaded: Loaded) -> Result<Option<Header>> {
    loaded.diagnostics.retain(|one| one.severity == Severity::Error);
    let tally = report(terminal, project, &loaded.diagnostics)?;
    summary(terminal, tally, "");
    Ok(loaded.show.map(|show| Timeline::new(&show).header().clone()))
}
