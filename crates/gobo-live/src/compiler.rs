//! Sources to editions.

use gobo_show::World;

use crate::edition::{Compiled, Edition};

/// Makes editions of a show, one after another.
#[derive(Default)]
pub struct Compiler {}

impl Compiler {
    /// Reads the sources of the show `name` and lowers it; renders nothing.
    pub fn compile(&mut self, world: &dyn World, name: &str) -> Compiled {
        Edition::compile(world, name)
    }
}
