//! Names of a foreign show as names of ours.

use std::collections::BTreeSet;

use gobo_show::profile::slug;

/// Gives each thing a name that selections and files can say, and no two the same one.
#[derive(Clone, Debug)]
pub struct Names {
    taken: BTreeSet<String>,
}

impl Default for Names {
    /// No names yet, and none that selections keep for themselves.
    fn default() -> Self {
        Self { taken: ["all", "this"].map(str::to_owned).into() }
    }
}

impl Names {
    /// No names yet, and none that are kept: of files.
    pub fn of_files() -> Self {
        Self { taken: BTreeSet::new() }
    }

    /// The name for `foreign`: its words in lower case, joined by `-`, numbered when it is taken.
    pub fn take(&mut self, foreign: &str) -> String {
        let base = slug(foreign);
        let numbered = (2_u32..).map(|count| format!("{base}-{count}"));
        let free = std::iter::once(base.clone()).chain(numbered);
        let name = free.into_iter().find(|name| !self.taken.contains(name)).unwrap_or(base);
        self.taken.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_are_the_same() {
        let mut names = Names::default();
        let taken = ["Par 1", "par-1", "All", "Par 1!", "??"].map(|name| names.take(name));
        assert_eq!(taken, ["par-1", "par-1-2", "all-2", "par-1-3", "unnamed"]);
    }
}
