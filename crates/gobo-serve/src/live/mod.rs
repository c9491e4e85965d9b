//! Live control: commands from programs and devices, done one after the other by a single writer.
//!
//! Commands come as bytes and are read strictly ([`parse_message`], [`parse_colour`]): what is not
//! as its schema has it is refused with every mistake, out of range values too; nothing is clamped.
//! What is well formed goes as an [`Order`] through a bounded [`queue`] to the [`Engine`], which
//! acts on the show by the trait [`Wire`], answers with an [`Ack`] and says what has changed
//! ([`Said`]). What must survive is kept by a [`Shelf`]: a [`Folder`], or [`NoShelf`].
//!
//! Rules that the protocol leaves open:
//! - A universe is known by the number that [`Wire::universes`] gives it; 0 is one only if it is
//!   there. Channels are 1 to 512, slots 0 to 511.
//! - The colour is kept and told whether or not light follows it; by default none does
//!   ([`ColourTarget::Off`]). The same colour again changes nothing and is accepted; the wire is
//!   held to it anew.
//! - Only commands for the colour are known again by their identity: the `id` of unified commands
//!   is any text, and clients begin anew with `1`.
//! - The rate is that of unified commands, counted by when they came. Those for the colour are held
//!   in check by the queue.
//! - A `dmx.fade` may have 512 entries, a `dmx.patch` 64. Of two entries for one slot the last
//!   counts. A fade begins at what goes out when its command is done.
//! - Acks have the members of the contract's text, or those of `ack.schema.json`, which forbids
//!   `errors` and `ts`: [`AckForm`].
//! - A scene without `snapshot`, or with an empty one, is of the present levels of all slots that
//!   fixtures use.

mod ack;
mod colour;
mod command;
mod config;
mod easing;
mod engine;
mod env;
mod fades;
mod figures;
mod folder;
mod fuzz;
mod held;
mod id;
mod intake;
mod order;
mod parse;
mod perform;
pub mod queue;
mod rate;
mod said;
mod scenes;
mod seen;
mod shelf;
mod wire;

pub use ack::{Ack, AckForm, MISTAKES, Mistake, Reason, Refusal, Verdict};
pub use colour::{Colour, STATE_SCHEMA};
pub use command::{
    Ask, Change, ChannelKey, ColourCommand, Command, FADE_ENTRIES, PATCH_ENTRIES, Setting, Unified,
};
pub use config::LiveConfig;
pub use easing::Easing;
pub use engine::Engine;
pub use env::{EnvError, EnvMistake, LiveEnv};
pub use figures::{Figures, Metric};
pub use folder::{Folder, FolderError, OnTrouble, Restored, Unwritten};
pub use fuzz::fuzz;
pub use id::{CommandId, CommandIdError};
pub use order::{Now, Order, Origin, Protocol, Reply};
pub use parse::{
    COMMAND_SCHEMA, Malformed, SchemaMember, is_live, parse_colour, parse_message, parse_value,
};
pub use said::{Heard, LevelsUpdate, Said};
pub use scenes::{SCENES, Scene, Scenes};
pub use seen::Seen;
pub use shelf::{Kept, NoShelf, Shelf, Then};
pub use wire::{
    Attributes, ColourSlots, ColourTarget, EffectRefused, LAST_UNIVERSE, Level, Painted, Place,
    Wire,
};
