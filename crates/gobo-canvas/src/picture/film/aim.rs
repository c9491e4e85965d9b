//! Where a moving head points, by the convention of the renderer: it hangs by its base and
//! points down with both angles in the middle; tilt leans it to the back, pan turns it
//! counter-clockwise seen from above, and the fixture's rotation turns all of it about x, y, z.

use crate::{Gives, PatchedFixture, PatchedHead};

/// How a head that moves is mounted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Mount {
    rotation_deg: [f64; 3],
    /// The middles of pan and tilt, in degrees from the end stops.
    middle_deg: [f64; 2],
}

impl Mount {
    /// The mount of a head; `None` if it does not tilt, and so has no direction to show.
    pub(super) fn new(fixture: &PatchedFixture, head: &PatchedHead) -> Option<Self> {
        let ranges = || head.channels.iter().flat_map(|channel| &channel.ranges);
        let middle = |ends: &dyn Fn(&Gives) -> Option<[f64; 2]>| {
            let ends = ranges().filter_map(|range| ends(&range.gives)).flatten();
            let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| {
                (low.min(end), high.max(end))
            });
            (low <= high).then_some((low + high) / 2.0)
        };
        let pan = middle(&|gives| match gives {
            Gives::Pan(first, last) => Some([*first, *last]),
            _ => None,
        });
        let tilt = middle(&|gives| match gives {
            Gives::Tilt(first, last) => Some([*first, *last]),
            _ => None,
        })?;
        Some(Self { rotation_deg: fixture.rotation_deg, middle_deg: [pan.unwrap_or(0.0), tilt] })
    }

    /// The unit vector along the beam: x right, y to the back, z up.
    pub(super) fn beam(&self, head: &PatchedHead, slots: &[u8]) -> [f64; 3] {
        let (pan, tilt) = head.pointing(slots);
        let from_middle = |angle: Option<f64>, middle: f64| {
            angle.map_or(0.0, |angle| angle - middle).to_radians().sin_cos()
        };
        let (pan_sin, pan_cos) = from_middle(pan, self.middle_deg[0]);
        let (tilt_sin, tilt_cos) = from_middle(tilt, self.middle_deg[1]);
        let [x, y, z] = [-pan_sin * tilt_sin, pan_cos * tilt_sin, -tilt_cos];
        let turn = |degrees: f64, a: f64, b: f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            (a * cos - b * sin, a * sin + b * cos)
        };
        let (y, z) = turn(self.rotation_deg[0], y, z);
        let (z, x) = turn(self.rotation_deg[1], z, x);
        let (x, y) = turn(self.rotation_deg[2], x, y);
        [x, y, z]
    }
}
