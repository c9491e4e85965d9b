use std::sync::Arc;

use gobo_dmx::{Address, Slots, Universe};
use serde::{Deserialize, Serialize};

/// A patched fixture in brief: where it is and what each head of it shows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PatchedFixture {
    /// Its id in the venue.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its universe.
    pub universe: Universe,
    /// Its first address.
    pub address: Address,
    /// How many slots it takes.
    pub footprint: u16,
    /// Where it hangs, in metres: x right, y to the back, z up, seen from the audience.
    pub position: [f64; 3],
    /// How it hangs, in degrees about x, y and z.
    pub rotation_deg: [f64; 3],
    /// Where each head is, in metres, like `position`; empty where all are at `position`.
    pub head_positions: Vec<[f64; 3]>,
    /// What its heads are. Fixtures of one kind share this in memory when read, and always in
    /// the file, so thousands of equal fixtures cost one description.
    pub heads: Arc<[PatchedHead]>,
}

impl PatchedFixture {
    /// The fixture's own slots in a frame of its universe.
    pub fn slots<'a>(&self, universe: &'a Slots) -> &'a [u8] {
        let first = self.address.slot();
        let end = universe.len().min(first + usize::from(self.footprint));
        universe.get(first..end).unwrap_or_default()
    }

    /// The colours that its heads show in a frame of its universe, in order.
    pub fn shown<'a>(&'a self, universe: &'a Slots) -> impl Iterator<Item = [u8; 3]> + 'a {
        let slots = self.slots(universe);
        self.heads.iter().map(move |head| head.shown(slots))
    }
}

/// One part of a fixture that shines by itself.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct PatchedHead {
    /// Its name within the fixture.
    pub name: String,
    /// The channels that decide what it shows and where it points: its own and those that it
    /// shares with the other heads (a master dimmer).
    pub channels: Vec<PatchedChannel>,
}

/// A channel that a head's light depends on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PatchedChannel {
    /// Its slots, coarsest first, counted from the fixture's first slot (0); 1 to 8 of them.
    pub slots: Vec<u16>,
    /// The channel has these ranges only while another has a certain value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What its values give. A value in no range gives nothing.
    pub ranges: Vec<ValueRange>,
}

/// A condition on another channel's value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct When {
    /// The other channel's slots, like [`PatchedChannel::slots`].
    pub slots: Vec<u16>,
    /// The first value that fulfils it.
    pub from: u64,
    /// The last.
    pub to: u64,
}

/// What a range of values gives.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ValueRange {
    /// The first value, at the channel's full resolution.
    pub from: u64,
    /// The last value.
    pub to: u64,
    /// What they give.
    pub gives: Gives,
}

/// What a value of a channel gives; where there is a pair, the first holds at the range's first
/// value, the second at its last, and those between lie on a line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// A factor on all light, 0 to 1. A closed shutter is 0 to 0.
    Brightness(f64, f64),
    /// Light of a colour (sRGB), 0 to 1 of it, added to that of the other emitters. A head
    /// without emitters shines white.
    Emitter([u8; 3], f64, f64),
    /// A filter of a colour in the light, 0 (out) to 1 (in): a wheel slot, a cyan flag.
    Filter([u8; 3], f64, f64),
    /// Pan in degrees from the end stop.
    Pan(f64, f64),
    /// Tilt in degrees from the end stop.
    Tilt(f64, f64),
}

impl PatchedHead {
    /// The colour (sRGB) that the head shows, given its fixture's slots (see
    /// [`PatchedFixture::slots`]): its emitters together, through its filters, dimmed.
    ///
    /// Where the emitters together are brighter than a screen can be, the hue is kept.
    pub fn shown(&self, slots: &[u8]) -> [u8; 3] {
        let (mut light, mut has_emitter, mut factor) = ([0.0; 3], false, [1.0; 3]);
        for channel in &self.channels {
            has_emitter |= channel.emits();
            match channel.given(slots) {
                Some((Gives::Brightness(..), level)) => factor = factor.map(|x| x * level),
                Some((Gives::Emitter(color, ..), level)) => {
                    each(&mut light, color, |light, color| *light += color * level);
                }
                Some((Gives::Filter(color, ..), level)) => {
                    each(&mut factor, color, |factor, color| {
                        *factor *= 1.0 + (color - 1.0) * level;
                    });
                }
                Some((Gives::Pan(..) | Gives::Tilt(..), _)) | None => {}
            }
        }
        if !has_emitter {
            light = [1.0; 3];
        }
        let brightest = light.into_iter().fold(1.0, f64::max);
        let mut shown = [0; 3];
        for ((shown, light), factor) in shown.iter_mut().zip(light).zip(factor) {
            *shown = (light / brightest * factor.clamp(0.0, 1.0) * 255.0).round() as u8;
        }
        shown
    }

    /// Where the head points, pan and tilt in degrees from the end stops; `None` where it has
    /// no such channel.
    pub fn pointing(&self, slots: &[u8]) -> (Option<f64>, Option<f64>) {
        let (mut pan, mut tilt) = (None, None);
        for channel in &self.channels {
            match channel.given(slots) {
                Some((Gives::Pan(..), degrees)) => pan = Some(degrees),
                Some((Gives::Tilt(..), degrees)) => tilt = Some(degrees),
                _ => {}
            }
        }
        (pan, tilt)
    }
}

impl PatchedChannel {
    fn emits(&self) -> bool {
        self.ranges.iter().any(|range| matches!(range.gives, Gives::Emitter(..)))
    }

    /// What the channel gives in this frame, and how much of it.
    fn given(&self, slots: &[u8]) -> Option<(&Gives, f64)> {
        if let Some(when) = &self.when {
            let value = value(&when.slots, slots);
            if !(when.from..=when.to).contains(&value) {
                return None;
            }
        }
        let value = value(&self.slots, slots);
        let range = self.ranges.iter().find(|range| (range.from..=range.to).contains(&value))?;
        let (Gives::Brightness(first, last)
        | Gives::Emitter(_, first, last)
        | Gives::Filter(_, first, last)
        | Gives::Pan(first, last)
        | Gives::Tilt(first, last)) = range.gives;
        let along = (value - range.from) as f64 / (range.to - range.from).max(1) as f64;
        Some((&range.gives, first + (last - first) * along))
    }
}

fn each(to: &mut [f64; 3], color: &[u8; 3], apply: impl Fn(&mut f64, f64)) {
    for (to, &color) in to.iter_mut().zip(color) {
        apply(to, f64::from(color) / 255.0);
    }
}

/// The value in some slots, the coarsest first; slots outside the fixture are 0.
fn value(at: &[u16], slots: &[u8]) -> u64 {
    at.iter().fold(0, |value, &slot| {
        value << 8 | u64::from(slots.get(usize::from(slot)).copied().unwrap_or(0))
    })
}

/// A patch with each kind of fixture written once.
pub(crate) mod interned {
    use std::collections::HashMap;
    use std::sync::Arc;

    use gobo_dmx::{Address, Universe};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::{PatchedFixture, PatchedHead};

    #[derive(Serialize, Deserialize)]
    struct Patch {
        /// The heads of each kind, in order of first use.
        kinds: Vec<Arc<[PatchedHead]>>,
        fixtures: Vec<Fixture>,
    }

    #[derive(Serialize, Deserialize)]
    struct Fixture {
        id: String,
        #[serde(default)]
        name: String,
        universe: Universe,
        address: Address,
        footprint: u16,
        #[serde(default)]
        position: [f64; 3],
        #[serde(default)]
        rotation: [f64; 3],
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        heads_at: Vec<[f64; 3]>,
        /// An index into `kinds`.
        kind: usize,
    }

    pub(crate) fn serialize<S: Serializer>(
        patch: &[PatchedFixture],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let mut kinds: Vec<Arc<[PatchedHead]>> = Vec::new();
        // Heads hold floats, which have no hash of their own; their text has.
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut fixtures = Vec::with_capacity(patch.len());
        for fixture in patch {
            let text = serde_json::to_string(&fixture.heads).map_err(serde::ser::Error::custom)?;
            let kind = *known.entry(text).or_insert_with(|| {
                kinds.push(Arc::clone(&fixture.heads));
                kinds.len() - 1
            });
            fixtures.push(row(fixture, kind));
        }
        Patch { kinds, fixtures }.serialize(to)
    }

    fn row(fixture: &PatchedFixture, kind: usize) -> Fixture {
        Fixture {
            id: fixture.id.clone(),
            name: fixture.name.clone(),
            universe: fixture.universe,
            address: fixture.address,
            footprint: fixture.footprint,
            position: fixture.position,
            rotation: fixture.rotation_deg,
            heads_at: fixture.head_positions.clone(),
            kind,
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<PatchedFixture>, D::Error> {
        let Patch { kinds, fixtures } = Patch::deserialize(from)?;
        let whole = |fixture: Fixture| {
            let heads = kinds.get(fixture.kind).ok_or_else(|| {
                D::Error::custom(format!("fixture {} is of no known kind", fixture.id))
            })?;
            Ok(PatchedFixture {
                id: fixture.id,
                name: fixture.name,
                universe: fixture.universe,
                address: fixture.address,
                footprint: fixture.footprint,
                position: fixture.position,
                rotation_deg: fixture.rotation,
                head_positions: fixture.heads_at,
                heads: Arc::clone(heads),
            })
        };
        fixtures.into_iter().map(whole).collect()
    }
}
