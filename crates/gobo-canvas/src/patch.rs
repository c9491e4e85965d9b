//! The patch in brief: enough to draw a fixture from its slots, never enough to drive it.

use std::sync::Arc;

use gobo_dmx::{Address, Slots, Universe};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

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
    /// What its values give. A value in no range gives nothing, nor does one that a later
    /// version of the format has a word for.
    #[serde(deserialize_with = "known")]
    pub ranges: Vec<ValueRange>,
}

/// The ranges that this version has a word for.
fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ValueRange>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Range {
        Known(ValueRange),
        Unknown(IgnoredAny),
    }
    let ranges = Vec::<Range>::deserialize(from)?.into_iter();
    let known = ranges.filter_map(|range| match range {
        Range::Known(range) => Some(range),
        Range::Unknown(_) => None,
    });
    Ok(known.collect())
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
    /// The hue of a head that makes colours by hue and saturation, in turns of the circle: 0 is
    /// red, 1/3 green.
    Hue(f64, f64),
    /// The saturation of such a head, 0 (white) to 1.
    Saturation(f64, f64),
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
        let (mut hue, mut saturation) = (0.0, 0.0);
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
                Some((Gives::Hue(..), turns)) => hue = turns,
                Some((Gives::Saturation(..), part)) => saturation = part,
                Some((Gives::Pan(..) | Gives::Tilt(..), _)) | None => {}
            }
        }
        if !has_emitter && self.shines() {
            light = tinted(hue, saturation);
        }
        let brightest = light.into_iter().fold(1.0, f64::max);
        let mut shown = [0; 3];
        for ((shown, light), factor) in shown.iter_mut().zip(light).zip(factor) {
            *shown = (light / brightest * factor.clamp(0.0, 1.0) * 255.0).round() as u8;
        }
        shown
    }

    /// Whether the head has to do with light at all, unlike haze.
    pub(crate) fn shines(&self) -> bool {
        self.channels.iter().any(PatchedChannel::shines)
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
    /// Whether the channel has to do with light at all, unlike haze.
    fn shines(&self) -> bool {
        let moves = |range: &ValueRange| matches!(range.gives, Gives::Pan(..) | Gives::Tilt(..));
        self.ranges.iter().any(|range| !moves(range))
    }

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
        | Gives::Hue(first, last)
        | Gives::Saturation(first, last)
        | Gives::Pan(first, last)
        | Gives::Tilt(first, last)) = range.gives;
        let along = (value - range.from) as f64 / (range.to - range.from).max(1) as f64;
        Some((&range.gives, first + (last - first) * along))
    }
}

/// Full light of a hue, in turns, and a saturation.
fn tinted(hue: f64, saturation: f64) -> [f64; 3] {
    [5.0, 3.0, 1.0].map(|offset: f64| {
        let place = (offset + hue * 6.0).rem_euclid(6.0);
        1.0 - saturation * place.min(4.0 - place).clamp(0.0, 1.0)
    })
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
        // Heads hold floats, which have no hash of their own; their text has. Fixtures that share
        // their heads in memory need not even that.
        let mut by_text: HashMap<String, usize> = HashMap::new();
        let mut by_place: HashMap<*const [PatchedHead], usize> = HashMap::new();
        let mut fixtures = Vec::with_capacity(patch.len());
        for fixture in patch {
            let place = Arc::as_ptr(&fixture.heads);
            let kind = match by_place.get(&place) {
                Some(&kind) => kind,
                None => {
                    let text = serde_json::to_string(&fixture.heads);
                    let text = text.map_err(serde::ser::Error::custom)?;
                    *by_text.entry(text).or_insert_with(|| {
                        kinds.push(Arc::clone(&fixture.heads));
                        kinds.len() - 1
                    })
                }
            };
            by_place.insert(place, kind);
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

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 3] = [255; 3];
    const RED: [u8; 3] = [255, 0, 0];

    fn channel(slots: &[u16], ranges: &[(u64, u64, Gives)]) -> PatchedChannel {
        let range = |(from, to, gives): &(u64, u64, Gives)| ValueRange {
            from: *from,
            to: *to,
            gives: gives.clone(),
        };
        PatchedChannel {
            slots: slots.to_vec(),
            when: None,
            ranges: ranges.iter().map(range).collect(),
        }
    }

    fn head(channels: Vec<PatchedChannel>) -> PatchedHead {
        PatchedHead { name: "1".to_owned(), channels }
    }

    fn emitter(slot: u16, color: [u8; 3]) -> PatchedChannel {
        channel(&[slot], &[(0, 255, Gives::Emitter(color, 0.0, 1.0))])
    }

    #[test]
    fn emitters_add_up_and_keep_their_hue() {
        let head = head(vec![emitter(0, RED), emitter(1, [0, 255, 0]), emitter(2, WHITE)]);
        assert_eq!(head.shown(&[255, 128, 0]), [255, 128, 0]);
        assert_eq!(head.shown(&[0, 0, 51]), [51, 51, 51]);
        assert_eq!(head.shown(&[255, 0, 255]), [255, 128, 128]);
        assert_eq!(head.shown(&[]), [0; 3]);
    }

    #[test]
    fn a_head_is_dimmed_by_its_own_and_its_fixtures_dimmer() {
        let dimmer = |slots: &[u16], max| channel(slots, &[(0, max, Gives::Brightness(0.0, 1.0))]);
        let head = head(vec![emitter(0, RED), dimmer(&[1], 255), dimmer(&[2, 3], 65_535)]);
        assert_eq!(head.shown(&[255, 255, 255, 255]), RED);
        assert_eq!(head.shown(&[255, 51, 255, 255]), [51, 0, 0]);
        assert_eq!(head.shown(&[255, 255, 0x80, 0x00]), [128, 0, 0]);
        assert_eq!(head.shown(&[255, 255, 0, 0]), [0; 3]);
    }

    #[test]
    fn wheels_and_flags_filter_white() {
        let wheel = channel(
            &[0],
            &[
                (10, 19, Gives::Filter(RED, 1.0, 1.0)),
                (20, 29, Gives::Filter([0, 0, 255], 1.0, 1.0)),
            ],
        );
        let cyan = channel(&[1], &[(0, 255, Gives::Filter([0, 255, 255], 0.0, 1.0))]);
        let head = head(vec![wheel, cyan]);
        assert_eq!(head.shown(&[0, 0]), WHITE);
        assert_eq!(head.shown(&[15, 0]), RED);
        assert_eq!(head.shown(&[29, 0]), [0, 0, 255]);
        assert_eq!(head.shown(&[0, 255]), [0, 255, 255]);
        assert_eq!(head.shown(&[15, 51]), [204, 0, 0]);
    }

    #[test]
    fn hue_and_saturation_tint_white() {
        let head = head(vec![
            channel(&[0], &[(0, 255, Gives::Hue(0.0, 1.0))]),
            channel(&[1], &[(0, 255, Gives::Saturation(0.0, 1.0))]),
        ]);
        assert_eq!(head.shown(&[85, 0]), WHITE);
        assert_eq!(head.shown(&[85, 255]), [0, 255, 0]);
        assert_eq!(head.shown(&[255, 255]), RED);
    }

    #[test]
    fn a_closed_shutter_is_dark() {
        let shutter = channel(&[0], &[(0, 9, Gives::Brightness(0.0, 0.0))]);
        let head = head(vec![shutter]);
        assert_eq!(head.shown(&[9]), [0; 3]);
        assert_eq!(head.shown(&[10]), WHITE);
    }

    #[test]
    fn a_switching_channel_counts_only_while_its_trigger_says_so() {
        let mut switched = emitter(0, RED);
        switched.when = Some(When { slots: vec![1], from: 100, to: 200 });
        let head = head(vec![switched]);
        assert_eq!(head.shown(&[255, 150]), RED);
        assert_eq!(head.shown(&[255, 99]), [0; 3]);
        assert_eq!(head.shown(&[255, 201]), [0; 3]);
    }

    #[test]
    fn pan_and_tilt_are_told_in_degrees() {
        let pan = channel(&[0, 1], &[(0, 65_535, Gives::Pan(0.0, 540.0))]);
        let head = head(vec![pan]);
        assert_eq!(head.pointing(&[0, 0]), (Some(0.0), None));
        assert_eq!(head.pointing(&[255, 255]), (Some(540.0), None));
    }

    #[test]
    fn equal_fixtures_cost_one_description() {
        let fixture = |address| PatchedFixture {
            id: format!("par{address}"),
            name: String::new(),
            universe: Universe::FIRST,
            address: Address::new(address).unwrap(),
            footprint: 2,
            position: [1.0, 0.25, -2.0],
            rotation_deg: [0.0; 3],
            head_positions: vec![[0.5, 0.0, 3.0]],
            heads: Arc::new([head(vec![emitter(0, RED)])]),
        };
        let header =
            crate::Header { patch: [1, 11, 21].map(fixture).to_vec(), ..crate::Header::default() };
        let json = serde_json::to_string(&header).unwrap();
        assert_eq!(json.matches("emitter").count(), 1, "{json}");
        let read: crate::Header = serde_json::from_str(&json).unwrap();
        assert_eq!(read, header);
        assert!(Arc::ptr_eq(&read.patch[0].heads, &read.patch[2].heads));
        let broken = json.replace("\"kind\":0", "\"kind\":1");
        assert!(serde_json::from_str::<crate::Header>(&broken).is_err());
    }

    #[test]
    fn what_a_later_version_gives_is_passed_over() {
        let json = r#"{"name":"1","channels":[{"slots":[0],"ranges":[
            {"from":0,"to":99,"gives":{"laser":[1,2]}},
            {"from":100,"to":255,"gives":{"emitter":[[255,0,0],1.0,1.0]}}]}]}"#;
        let head: PatchedHead = serde_json::from_str(json).unwrap();
        assert_eq!((head.shown(&[50]), head.shown(&[150])), ([0; 3], RED));
    }

    #[test]
    fn a_fixture_at_the_edge_has_only_the_slots_that_there_are() {
        let mut slots = [7; 512];
        slots[511] = 255;
        let fixture = PatchedFixture {
            id: String::new(),
            name: String::new(),
            universe: Universe::FIRST,
            address: Address::new(512).unwrap(),
            footprint: 9,
            position: [0.0; 3],
            rotation_deg: [0.0; 3],
            head_positions: Vec::new(),
            heads: [head(vec![emitter(0, RED), emitter(1, WHITE)])].into(),
        };
        assert_eq!(fixture.slots(&slots), [255]);
        assert_eq!(fixture.shown(&slots).collect::<Vec<_>>(), [RED]);
    }
}
