//! A show as its sources are at a moment.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use gobo_canvas::Header;
use gobo_render::Timeline;
use gobo_show::{Diagnostic, Loaded, Memory, Show, World};
use rayon::prelude::*;

/// A show without errors, as its sources were when they were read, ready to be rendered.
pub struct Edition {
    pub(crate) show: Show,
    pub(crate) timeline: Arc<Timeline>,
    keys: OnceLock<Vec<Vec<u128>>>,
}

/// How long each step to an edition took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Steps {
    /// Reading the sources, looking up their names, checking them.
    pub load: Duration,
    /// Lowering the show to a timeline.
    pub lower: Duration,
}

/// What the sources came to.
pub struct Compiled {
    /// The edition, if there is no error.
    pub edition: Option<Arc<Edition>>,
    /// All that there is to say about the sources.
    pub diagnostics: Vec<Diagnostic>,
    /// How long it took.
    pub steps: Steps,
}

/// Makes editions of a show one after another: of what has not changed since the last, nothing is
/// worked out again.
#[derive(Default)]
pub struct Compiler {
    memory: Memory,
    last: Option<Arc<Timeline>>,
}

impl Compiler {
    /// Reads the sources of the show `name` and lowers it; renders nothing.
    pub fn compile(&mut self, world: &dyn World, name: &str) -> Compiled {
        let start = Instant::now();
        let Loaded { show, diagnostics, .. } = gobo_show::load_again(world, name, &mut self.memory);
        let load = start.elapsed();
        let edition = show.map(|show| Arc::new(self.lowered(show)));
        let steps = Steps { load, lower: start.elapsed() - load };
        Compiled { edition, diagnostics, steps }
    }

    fn lowered(&mut self, show: Show) -> Edition {
        let timeline = match &self.last {
            Some(last) => Timeline::after(last, &show),
            None => Timeline::new(&show),
        };
        let timeline = Arc::new(timeline);
        self.last = Some(Arc::clone(&timeline));
        Edition { show, timeline, keys: OnceLock::new() }
    }
}

impl Edition {
    /// The edition of a show that is loaded.
    pub fn of(show: Show) -> Self {
        let timeline = Arc::new(Timeline::new(&show));
        Self { show, timeline, keys: OnceLock::new() }
    }

    /// The show.
    pub fn show(&self) -> &Show {
        &self.show
    }

    /// What it renders.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What its canvas would say of itself.
    pub fn header(&self) -> &Header {
        self.timeline.header()
    }

    /// The keys of all cells, by universe; worked out when first asked for.
    pub(crate) fn keys(&self) -> &[Vec<u128>] {
        self.keys.get_or_init(|| {
            let cells = 0..self.header().cells();
            let universes = 0..self.timeline.universes().len();
            let keys = |universe| self.timeline.keys(universe, cells.clone());
            universes.into_par_iter().map(keys).collect()
        })
    }
}
