//! Pan and tilt of heads that follow a point or a movement.
//!
//! A direction has several pairs of angles. Which of them a head takes depends on where it came
//! from: that is worked out once along the clip and leaves the times at which it changes.

use gobo_show::rig::HeadIndex;
use serde::Serialize;

use super::clip::Moment;
use super::op::Reg;
use crate::aim::{Angles, Mount, Way};

/// What heads follow.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) enum Target {
    /// A point of the room: x, y, z.
    Point([Reg; 3]),
    /// A place in the plane before each head.
    Plane { uv: Reg, planes: Vec<Plane> },
}

/// The plane before a head: where its middle is, and what one step to the side and up are.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub(crate) struct Plane {
    base: [f64; 3],
    side: [f64; 3],
    up: [f64; 3],
    /// Radians that 1 is, to the side and up.
    extent: [f64; 2],
}

impl Plane {
    /// Around a direction, with the degrees that 1 is and the turn of the plane in degrees.
    pub(crate) fn new(direction: [f64; 3], extent_deg: [f64; 2], turn_deg: f64) -> Self {
        let base = unit(direction).unwrap_or([0.0, 0.0, -1.0]);
        let side = unit(cross(base, [0.0, 0.0, 1.0]));
        let side = side.or_else(|| unit(cross(base, [0.0, 1.0, 0.0]))).unwrap_or([1.0, 0.0, 0.0]);
        let up = unit(cross(base, side)).unwrap_or([0.0, 1.0, 0.0]);
        let (sin, cos) = libm::sincos(turn_deg.to_radians());
        let turned = |a: [f64; 3], b: [f64; 3], sin: f64| {
            [0, 1, 2].map(|axis| a[axis] * cos + b[axis] * sin)
        };
        let extent = extent_deg.map(f64::to_radians);
        Self { base, side: turned(side, up, sin), up: turned(up, side, -sin), extent }
    }

    /// The direction of a place in the plane.
    fn direction(&self, uv: [f64; 2]) -> [f64; 3] {
        let most = std::f64::consts::FRAC_PI_2 - 1e-3;
        let [u, v] =
            [0, 1].map(|part| libm::tan((uv[part] * self.extent[part]).max(-most).min(most)));
        [0, 1, 2].map(|axis| self.base[axis] + self.side[axis] * u + self.up[axis] * v)
    }
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = v.iter().map(|part| part * part).sum::<f64>().sqrt();
    (length > 1e-6).then(|| v.map(|part| part / length))
}

/// How far pan may turn from one moment to the next: nothing that has a weight turns faster.
const MOST_DEG: f64 = 90.0;
/// A beam that leans less stays where it is while its head turns.
const LEANS_DEG: f64 = 5.0;

/// A head that has come to the end of its pan and goes on from elsewhere.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct TurnedBack {
    pub(crate) head: HeadIndex,
    /// How far its pan turns at once.
    pub(crate) degrees: f64,
}

/// A head that follows something.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Follower {
    #[serde(skip)]
    head: HeadIndex,
    pub(crate) mount: Mount,
    /// From when on it takes which way; the first from the start.
    ways: Vec<(f64, Taken)>,
}

/// Which of the ways to a direction a head takes.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
enum Taken {
    Way(Way),
    /// Pan stays: it says nothing about straight up or down.
    Pan(f64),
}

/// Heads that follow a target, by row.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Aiming {
    target: Target,
    followers: Vec<Follower>,
    offset_deg: [f64; 2],
    clamp: bool,
    /// The first head that turns back on its way; nothing that it shows goes by it.
    #[serde(skip)]
    pub(crate) turned_back: Option<TurnedBack>,
}

impl Aiming {
    /// Heads that start from the middle of their range; [`Aiming::follow`] leads them on.
    pub(crate) fn new(
        target: Target,
        mounts: Vec<(HeadIndex, Mount)>,
        offset_deg: [f64; 2],
        clamp: bool,
    ) -> Self {
        let followers =
            mounts.into_iter().map(|(head, mount)| Follower { head, mount, ways: Vec::new() });
        Self { target, followers: followers.collect(), offset_deg, clamp, turned_back: None }
    }

    pub(crate) fn rows(&self) -> usize {
        self.followers.len()
    }

    /// The angles of a row, straight towards where it points.
    fn towards(&self, row: usize, numbers: &[f64]) -> Option<(Option<Angles>, f64)> {
        let mount = &self.followers.get(row)?.mount;
        let target = match &self.target {
            Target::Point(at) => at.map(|reg| reg.read(numbers, 0)),
            Target::Plane { uv, planes } => {
                let direction =
                    planes.get(row)?.direction([uv.read(numbers, 0), uv.read(numbers, 1)]);
                [0, 1, 2].map(|axis| mount.position[axis] + 10.0 * direction[axis])
            }
        };
        Some((mount.straight(target), mount.upright_tilt(target)))
    }

    /// Goes on with a row at `seconds`, whose numbers are worked out; `now` is where it points.
    pub(crate) fn follow(&mut self, row: usize, seconds: f64, numbers: &[f64], now: &mut Angles) {
        let Some((straight, upright)) = self.towards(row, numbers) else { return };
        let follower = &mut self.followers[row];
        let taken = match straight {
            Some(straight) => {
                let way = follower.mount.way(straight, *now);
                let next = follower.mount.within(way.angles(straight));
                let degrees = (next.pan_deg - now.pan_deg).abs();
                let leans = next.tilt_deg.abs().min(now.tilt_deg.abs()) > LEANS_DEG;
                if degrees > MOST_DEG && leans && !follower.ways.is_empty() {
                    let turned = TurnedBack { head: follower.head, degrees };
                    self.turned_back.get_or_insert(turned);
                }
                *now = next;
                Taken::Way(way)
            }
            None => {
                now.tilt_deg = upright;
                Taken::Pan(now.pan_deg)
            }
        };
        // Where pan says nothing at first, it is there already for what follows.
        if let (Taken::Way(_), [(_, Taken::Pan(pan_deg))]) = (taken, follower.ways.as_mut_slice()) {
            *pan_deg = now.pan_deg;
        }
        if follower.ways.last().is_none_or(|(_, last)| *last != taken) {
            follower.ways.push((seconds, taken));
        }
    }

    /// Pan and tilt at a moment.
    pub(crate) fn angles(&self, moment: Moment, numbers: &[f64]) -> [f64; 2] {
        let row = moment.row % self.followers.len().max(1);
        let Some((straight, upright)) = self.towards(row, numbers) else { return [0.0; 2] };
        let Follower { mount, ways, .. } = &self.followers[row];
        let after = ways.partition_point(|(from, _)| *from <= moment.seconds + 1e-9);
        let taken = ways.get(after.saturating_sub(1)).map(|(_, taken)| *taken);
        let angles = match (straight, taken) {
            (Some(straight), Some(Taken::Way(way))) => way.angles(straight),
            (Some(straight), Some(Taken::Pan(pan_deg))) => {
                let now = Angles { pan_deg, tilt_deg: upright };
                mount.way(straight, now).angles(straight)
            }
            (Some(straight), None) => straight,
            (None, Some(Taken::Pan(pan_deg))) => Angles { pan_deg, tilt_deg: upright },
            (None, _) => Angles { pan_deg: 0.0, tilt_deg: upright },
        };
        let angles = Angles {
            pan_deg: angles.pan_deg + self.offset_deg[0],
            tilt_deg: angles.tilt_deg + self.offset_deg[1],
        };
        let reached = if self.clamp { mount.within(angles) } else { angles };
        [reached.pan_deg, reached.tilt_deg]
    }
}
