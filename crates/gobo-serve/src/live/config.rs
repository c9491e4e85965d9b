use std::path::PathBuf;

use serde::Deserialize;

use super::{
    AckForm, ColourTarget, Engine, Folder, FolderError, NoShelf, OnTrouble, Restored, Seen, Shelf,
};

/// How live control goes.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LiveConfig {
    /// How many commands may wait to be done, 1 at least; 10,000.
    pub queue: usize,
    /// How many unified commands a second are taken of each protocol, address and universe; 60.
    /// 0 is no limit.
    pub rate_per_second: u32,
    /// How long a command for the colour is known again after it was last seen, in seconds; 900.
    pub dedupe_ttl_s: u64,
    /// How many commands for the colour are known again, 1 at least; 4,096.
    pub dedupe_capacity: usize,
    /// Where the colour, the scenes and the commands that were done are kept; nowhere by default,
    /// and then they are forgotten at the end.
    pub folder: Option<PathBuf>,
    /// What the colour is shown on: `"off"`, `{ slots = { universe = 1, channels = [1, 2, 3] } }`,
    /// `{ fixtures = ["par-1"] }` or `{ group = "front" }`; `"off"`, so that a show is not lit by
    /// whoever sends to a broker. `{ slots = {} }` is as the original has it.
    pub colour: ColourTarget,
    /// Whether acks have `errors` and `ts` (`"whole"`, the default), or are as `ack.schema.json`
    /// has them (`"schema"`).
    pub acks: AckForm,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            queue: 10_000,
            rate_per_second: 60,
            dedupe_ttl_s: 900,
            dedupe_capacity: 4_096,
            folder: None,
            colour: ColourTarget::default(),
            acks: AckForm::default(),
        }
    }
}

impl LiveConfig {
    /// An engine that goes on from what was kept, and what of that was found spoilt, in words.
    ///
    /// # Errors
    /// [`FolderError`], if there is a folder and nothing can be kept in it.
    pub fn engine(&self, on_trouble: OnTrouble) -> Result<(Engine, Vec<String>), FolderError> {
        let seen = Seen::new(self.dedupe_ttl_s, self.dedupe_capacity);
        let (mut restored, shelf): (_, Box<dyn Shelf>) = match &self.folder {
            None => (Restored::nothing(seen), Box::new(NoShelf)),
            Some(folder) => {
                let (restored, shelf) = Folder::open(folder, seen, on_trouble)?;
                (restored, Box::new(shelf))
            }
        };
        let spoilt = std::mem::take(&mut restored.spoilt);
        let engine = Engine::new(self.colour.clone(), self.rate_per_second, restored, shelf);
        Ok((engine, spoilt))
    }
}
