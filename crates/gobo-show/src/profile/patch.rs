//! A mode brought down to slots: heads, channels with their bytes joined, switching channels with
//! their cases. Pure; everything was checked when it was read.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::channel::Channel;
use super::matrix::Part;
use super::mode::Mode;
use super::names::{Role, Slot};
use super::scale::WIDEST;
use super::{LocalHead, PatchedMode, Profile};
use crate::rig::{self, Case, Function};

/// A channel as it is in the fixture: of the profile, for one pixel or group.
type Id = (u32, Option<Part>);

/// A channel on its way to becoming a [`rig::Channel`].
#[derive(Debug)]
struct Draft {
    key: Arc<str>,
    slots: Vec<u16>,
    part: Option<Part>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Direct(Id),
    /// The trigger, and what each of its capabilities makes of the channel.
    Switching(Id, Vec<Option<Slot>>),
}

/// Works out a mode.
#[derive(Debug)]
struct Patcher<'a> {
    profile: &'a Profile,
    mode: &'a Mode,
    instances: IndexMap<Id, Channel>,
}

/// `mode` of `profile` brought down to slots.
pub(super) fn patch(profile: &Profile, mode: &Mode) -> PatchedMode {
    let mut patcher = Patcher { profile, mode, instances: IndexMap::new() };
    let mut drafts = patcher.direct();
    drafts.extend(patcher.switching());
    drafts.sort_by_key(|draft| draft.slots[0]);
    let parts = patcher.heads(&drafts);
    let physical = mode.physical.or(profile.physical);
    let head = |&part: &Part| LocalHead {
        name: profile.matrix.key(part).clone(),
        offset: physical.offset(&profile.matrix, part),
    };
    let mut heads: Vec<_> = parts.iter().map(head).collect();
    if heads.is_empty() {
        heads.push(LocalHead { name: "1".into(), offset: [0.0; 3] });
    }
    let channels = (0..drafts.len()).map(|index| patcher.channel(&drafts, index, &parts)).collect();
    let defaults = profile.defaults.clone();
    PatchedMode { footprint: mode.footprint(), heads, channels, defaults }
}

impl Patcher<'_> {
    /// The channel `id`, its template filled in.
    fn instance(&mut self, id: Id) -> &Channel {
        let (index, part) = id;
        self.instances.entry(id).or_insert_with(|| {
            let channel = &self.profile.channels[index as usize];
            match part {
                Some(part) => channel.with_pixel(self.profile.matrix.key(part)),
                None => channel.clone(),
            }
        })
    }

    /// The channels that are what they are, the bytes of each joined. One that the mode lists
    /// twice comes twice.
    fn direct(&mut self) -> Vec<Draft> {
        let mut bytes: IndexMap<Id, IndexMap<usize, Vec<u16>>> = IndexMap::new();
        let mut keys: IndexMap<Id, Arc<str>> = IndexMap::new();
        for (index, slot) in self.mode.slots.iter().enumerate() {
            let Some(slot) = slot else { continue };
            let level = match slot.role {
                Role::Coarse => 0,
                Role::Fine(level) => level,
                Role::Switching(_) => continue,
            };
            let id = (slot.channel, slot.part);
            bytes.entry(id).or_default().entry(level).or_default().push(index as u16);
            if level == 0 {
                keys.insert(id, slot.key.clone());
            }
        }
        let mut drafts = Vec::new();
        for (id, levels) in &bytes {
            let Some(coarse) = levels.get(&0) else { continue };
            for (nth, first) in coarse.iter().enumerate() {
                let byte = |level: usize| levels.get(&level).and_then(|all| all.get(nth)).copied();
                let fine = (1..WIDEST).map_while(byte);
                let slots = std::iter::once(*first).chain(fine).collect();
                let (key, part) = (keys[id].clone(), id.1);
                self.instance(*id);
                drafts.push(Draft { key, slots, part, body: Body::Direct(*id) });
            }
        }
        drafts
    }

    /// The switching channels, each joined with the switching channels that are always its fine
    /// bytes.
    fn switching(&mut self) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        for (index, slot) in self.mode.slots.iter().enumerate() {
            let Some((id, targets)) = slot.as_ref().and_then(|slot| self.targets(slot)) else {
                continue;
            };
            let key = slot.as_ref().map(|slot| slot.key.clone()).unwrap_or_default();
            let part = common_part(&targets);
            let body = Body::Switching(id, targets);
            drafts.push(Draft { key, slots: vec![index as u16], part, body });
        }
        let mut level = 1;
        while level < WIDEST {
            let Some((leader, fine)) = self.finer(&drafts, level) else {
                level += 1;
                continue;
            };
            let slot = drafts[fine].slots[0];
            drafts[leader].slots.push(slot);
            drafts.remove(fine);
        }
        drafts
    }

    /// The trigger of a switching slot, and what each of the trigger's capabilities makes of it.
    fn targets(&mut self, slot: &Slot) -> Option<(Id, Vec<Option<Slot>>)> {
        let Role::Switching(alias) = &slot.role else { return None };
        let profile = self.profile;
        let trigger = &profile.channels[slot.channel as usize];
        let target = |capability: &super::capability::Capability| {
            let (_, key) = capability.switches.iter().find(|(name, _)| name == alias)?;
            let target = profile.names.target(key, &profile.matrix, slot.part)?;
            (!matches!(target.role, Role::Switching(_))).then_some(target)
        };
        let targets: Vec<_> = trigger.capabilities.iter().map(target).collect();
        for target in targets.iter().flatten() {
            self.instance((target.channel, target.part));
        }
        let id = (slot.channel, slot.part);
        self.instance(id);
        Some((id, targets))
    }

    /// Two of `drafts` of which the second is in every case the byte `level` of the first.
    fn finer(&self, drafts: &[Draft], level: usize) -> Option<(usize, usize)> {
        let pairs = (0..drafts.len()).flat_map(|a| (0..drafts.len()).map(move |b| (a, b)));
        pairs.into_iter().find(|&(leader, fine)| {
            leader != fine
                && drafts[leader].slots.len() == level
                && drafts[fine].slots.len() == 1
                && self.is_finer(&drafts[leader], &drafts[fine], level)
        })
    }

    fn is_finer(&self, leader: &Draft, fine: &Draft, level: usize) -> bool {
        let (Body::Switching(trigger, coarse), Body::Switching(same, fine)) =
            (&leader.body, &fine.body)
        else {
            return false;
        };
        let fits = |(coarse, fine): (&Option<Slot>, &Option<Slot>)| match (coarse, fine) {
            (Some(coarse), Some(fine)) => {
                let same = (coarse.channel, coarse.part) == (fine.channel, fine.part);
                let finer = same && coarse.role == Role::Coarse && fine.role == Role::Fine(level);
                finer || (fine.role == Role::Coarse && (same || self.is_idle(fine)))
            }
            (_, None) => true,
            (None, Some(_)) => false,
        };
        let any = fine.iter().flatten().any(|slot| slot.role == Role::Fine(level));
        trigger == same && any && coarse.iter().zip(fine).all(fits)
    }

    fn is_idle(&self, slot: &Slot) -> bool {
        self.profile.channels[slot.channel as usize].is_idle()
    }

    /// The pixels and groups that are heads, in the order in which they stand.
    ///
    /// A group is a head only where none of its pixels is one; a group of all pixels is the
    /// fixture as a whole.
    fn heads(&self, drafts: &[Draft]) -> IndexSet<Part> {
        let mut parts: Vec<Part> = drafts.iter().filter_map(|draft| draft.part).collect();
        parts.sort_unstable();
        parts.dedup();
        let matrix = &self.profile.matrix;
        let used = parts.clone();
        parts.retain(|&part| match part {
            Part::Pixel(_) => true,
            Part::Group(_) => {
                let is_used = |&pixel: &u32| used.binary_search(&Part::Pixel(pixel)).is_ok();
                !matrix.holds_all(part) && !matrix.members(part).iter().any(is_used)
            }
        });
        let order = |part: &Part| {
            let [x, y, z] = matrix.place(*part);
            [z, y, x]
        };
        parts.sort_by(|a, b| order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal));
        parts.into_iter().collect()
    }

    fn channel(&self, drafts: &[Draft], index: usize, heads: &IndexSet<Part>) -> rig::Channel {
        let draft = &drafts[index];
        let slots = draft.slots.len();
        let head = draft.part.and_then(|part| heads.get_index_of(&part));
        let (default, highlight, htp, function) = match &draft.body {
            Body::Direct(id) => {
                let channel = &self.instances[id];
                let meanings = channel.meanings(slots, &self.profile.wheels);
                let (default, highlight) = (channel.default_at(slots), channel.highlight_at(slots));
                (default, highlight, channel.htp, Function::Fixed(meanings.into()))
            }
            Body::Switching(trigger, targets) => self.switched(drafts, *trigger, targets, slots),
        };
        rig::Channel {
            key: draft.key.clone(),
            head: head.map(|head| head as u32),
            slots: draft.slots.clone(),
            slot_keys: draft.slots.iter().map(|slot| self.slot_key(*slot)).collect(),
            default,
            highlight,
            arm: None,
            htp,
            function,
        }
    }

    /// The key of a slot, 0-based in the mode.
    fn slot_key(&self, slot: u16) -> Arc<str> {
        let slot = self.mode.slots.get(usize::from(slot)).and_then(Option::as_ref);
        slot.map(|slot| slot.key.clone()).unwrap_or_default()
    }

    /// Default, highlight, precedence and function of a switching channel; the first three as they
    /// are while the trigger has its default.
    fn switched(
        &self,
        drafts: &[Draft],
        trigger: Id,
        targets: &[Option<Slot>],
        slots: usize,
    ) -> (u64, u64, bool, Function) {
        let switch = &self.instances[&trigger];
        let initial = switch
            .capability_at(switch.default)
            .and_then(|usual| switch.capabilities.iter().position(|one| std::ptr::eq(one, usual)))
            .and_then(|index| targets.get(index)?.as_ref());
        let channel = initial.map(|slot| &self.instances[&(slot.channel, slot.part)]);
        let (default, meanings) = self.case(initial, slots);
        let highlight = channel.map_or(default, |channel| channel.highlight_at(slots));
        let htp = channel.is_some_and(|channel| channel.htp);
        let place =
            drafts.iter().position(|draft| matches!(draft.body, Body::Direct(id) if id == trigger));
        let function = match place {
            None => Function::Fixed(meanings.into()),
            Some(place) => {
                let width = drafts[place].slots.len();
                Function::Switched {
                    trigger: place as u32,
                    cases: self.cases(switch, width, targets, slots),
                }
            }
        };
        (default, highlight, htp, function)
    }

    /// The cases of a switching channel; neighbours that mean the same are one.
    fn cases(
        &self,
        switch: &Channel,
        width: usize,
        targets: &[Option<Slot>],
        slots: usize,
    ) -> Vec<Case> {
        let mut cases: Vec<(Option<&Slot>, Case)> = Vec::new();
        for (capability, (from, to)) in switch.ranges(width) {
            let index = switch.capabilities.iter().position(|one| std::ptr::eq(one, capability));
            let target = index.and_then(|index| targets.get(index)?.as_ref());
            match cases.last_mut() {
                Some((before, case)) if *before == target && case.to + 1 == from => case.to = to,
                _ => {
                    let (default, capabilities) = self.case(target, slots);
                    cases.push((target, Case { from, to, default, capabilities }));
                }
            }
        }
        cases.into_iter().map(|(_, case)| case).collect()
    }

    /// What a switching channel of `slots` slots is while it is `target`. The fine byte of a
    /// channel whose coarse byte is elsewhere does nothing by itself.
    fn case(&self, target: Option<&Slot>, slots: usize) -> (u64, Vec<rig::Capability>) {
        match target {
            Some(slot) if slot.role == Role::Coarse => {
                let channel = &self.instances[&(slot.channel, slot.part)];
                (channel.default_at(slots), channel.meanings(slots, &self.profile.wheels))
            }
            _ => {
                let name = target.map(|slot| slot.key.clone()).unwrap_or_default();
                let (to, action) = (rig::max_of(slots), rig::Action::None);
                (0, vec![rig::Capability { from: 0, to, action, name }])
            }
        }
    }
}

/// The pixel or group that all targets with one agree on.
fn common_part(targets: &[Option<Slot>]) -> Option<Part> {
    let mut parts = targets.iter().flatten().filter_map(|slot| slot.part);
    let first = parts.next()?;
    parts.all(|part| part == first).then_some(first)
}
