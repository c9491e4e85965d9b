//! QLC+'s aliases as switching channels: while a capability is on, another channel takes the place
//! of one.

use std::sync::Arc;

use super::fine::Bytes;
use super::source::{self, Definition};
use crate::diagnostic::Diagnostic;

/// A switching channel.
#[derive(Debug)]
pub(super) struct Switch {
    /// Its key.
    pub(super) key: String,
    /// The channel that switches it.
    pub(super) trigger: usize,
    /// The channel that it takes the place of.
    pub(super) usual: usize,
    /// What it is for each of the trigger's capabilities.
    pub(super) targets: Vec<usize>,
    /// The modes in which it does.
    pub(super) modes: Vec<usize>,
}

/// The switching channels of `definition`. `slots` has the channels on the slots of each mode,
/// `pixels` the pixel of each.
pub(super) fn find(
    file: &Arc<str>,
    definition: &Definition,
    slots: &[Vec<Option<usize>>],
    pixels: &[Vec<Option<String>>],
    bytes: &Bytes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Switch> {
    let mut switches: Vec<Switch> = Vec::new();
    for (trigger, channel) in definition.channels.iter().enumerate() {
        for (mode, usual) in places(definition, trigger) {
            let stands =
                |channel: usize| slots[mode].iter().position(|slot| *slot == Some(channel));
            let alone = |channel: usize| {
                stands(channel).is_some_and(|slot| pixels[mode][slot].is_none())
                    && bytes.coarse[channel].is_none()
            };
            if !alone(trigger) || !alone(usual) || !bytes.fine[usual].is_empty() || trigger == usual
            {
                let name = &definition.channels[usual].name;
                let message = format!("`{name}` cannot be switched by `{}` here", channel.name);
                let place = source::place(file, channel.bytes.clone());
                diagnostics.push(Diagnostic::warning("alias-ignored", place, message));
                continue;
            }
            let targets = targets(definition, trigger, mode, usual);
            let same = switches.iter_mut().find(|switch| {
                (switch.trigger, switch.usual, &switch.targets) == (trigger, usual, &targets)
            });
            match same {
                Some(switch) => switch.modes.push(mode),
                None => {
                    let key = key(definition, &switches, usual, &targets);
                    switches.push(Switch { key, trigger, usual, targets, modes: vec![mode] });
                }
            }
        }
    }
    switches
}

fn channel(definition: &Definition, name: &str) -> Option<usize> {
    definition.channels.iter().position(|channel| channel.name == name)
}

/// The modes and channels in which `trigger` switches something.
fn places(definition: &Definition, trigger: usize) -> Vec<(usize, usize)> {
    let aliases = definition.channels[trigger].capabilities.iter().flat_map(|one| &one.aliases);
    let mut places: Vec<(usize, usize)> = aliases
        .filter_map(|alias| {
            let mode = definition.modes.iter().position(|mode| mode.name == alias.mode)?;
            channel(definition, &alias.with)?;
            Some((mode, channel(definition, &alias.channel)?))
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// What `usual` is in `mode` for each capability of `trigger`.
fn targets(definition: &Definition, trigger: usize, mode: usize, usual: usize) -> Vec<usize> {
    let name = &definition.channels[usual].name;
    let mode = &definition.modes[mode].name;
    let target = |capability: &source::Capability| {
        let own = |alias: &&source::Alias| alias.mode == *mode && alias.channel == *name;
        let alias = capability.aliases.iter().find(own);
        alias.and_then(|alias| channel(definition, &alias.with)).unwrap_or(usual)
    };
    definition.channels[trigger].capabilities.iter().map(target).collect()
}

/// A key that no channel and no other switching channel has: `Zoom / No function`.
fn key(definition: &Definition, taken: &[Switch], usual: usize, targets: &[usize]) -> String {
    let mut parts = vec![usual];
    for &target in targets {
        if !parts.contains(&target) {
            parts.push(target);
        }
    }
    let names: Vec<_> = parts.iter().map(|&part| definition.channels[part].name.as_str()).collect();
    let mut key = names.join(" / ");
    while channel(definition, &key).is_some() || taken.iter().any(|switch| switch.key == key) {
        key.push_str(" *");
    }
    key
}
