//! Pan and tilt that point a head at a place.
//!
//! A fixture hangs by its base. With no rotation, pan 0 and tilt 0 point its beam straight down
//! (-z). Tilt leans the beam to the back of the room (+y); pan turns it about the base's axis,
//! counter-clockwise seen from above. The fixture's rotation turns all of it about x, then y,
//! then z, each right-handed.

/// A head's place and reach, for solving its angles.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize)]
pub(crate) struct Mount {
    /// Where the head is, in metres.
    pub(crate) position: [f64; 3],
    /// How its fixture hangs, in degrees about x, y and z.
    pub(crate) rotation_deg: [f64; 3],
    /// The lowest and the highest pan, in degrees from home.
    pub(crate) pan_deg: [f64; 2],
    /// The lowest and the highest tilt, in degrees from home.
    pub(crate) tilt_deg: [f64; 2],
}

/// Pan and tilt in degrees from the middle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Angles {
    pub(crate) pan_deg: f64,
    pub(crate) tilt_deg: f64,
}

/// One of the ways to point in a direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub(crate) struct Way {
    /// Whether the head leans over to the other side, pan half a turn off.
    leans: bool,
    /// Whole turns of pan.
    turns: i8,
}

impl Way {
    /// The angles of a direction by this way, from those by the straight one.
    pub(crate) fn angles(self, straight: Angles) -> Angles {
        let Angles { pan_deg, tilt_deg } = straight;
        let (pan_deg, tilt_deg) =
            if self.leans { (pan_deg + 180.0, -tilt_deg) } else { (pan_deg, tilt_deg) };
        Angles { pan_deg: pan_deg + 360.0 * f64::from(self.turns), tilt_deg }
    }
}

impl Mount {
    /// The angles that point at `target`, as near as can be to those the head has now.
    ///
    /// Each direction has several: pan by whole turns, and the head leaning over the other way
    /// with pan half a turn off. Of those within reach the one with the least to turn is taken;
    /// when none is, the nearest end of the reach.
    pub(crate) fn solve(&self, target: [f64; 3], now: Angles) -> Angles {
        match self.straight(target) {
            Some(straight) => self.within(self.way(straight, now).angles(straight)),
            None => Angles { pan_deg: now.pan_deg, tilt_deg: self.upright_tilt(target) },
        }
    }

    /// How far beside `target` the head aims at best, in degrees.
    pub(crate) fn misses(&self, target: [f64; 3]) -> f64 {
        let local = self.local(target);
        let far = local.iter().map(|part| part * part).sum::<f64>().sqrt();
        if far < 1e-9 {
            return 0.0;
        }
        let Angles { pan_deg, tilt_deg } =
            self.solve(target, Angles { pan_deg: 0.0, tilt_deg: 0.0 });
        let (pan_sin, pan_cos) = libm::sincos(pan_deg.to_radians());
        let (tilt_sin, tilt_cos) = libm::sincos(tilt_deg.to_radians());
        let beam = [-pan_sin * tilt_sin, pan_cos * tilt_sin, -tilt_cos];
        let along: f64 = beam.iter().zip(local).map(|(beam, part)| beam * part / far).sum();
        libm::acos(along.clamp(-1.0, 1.0)).to_degrees()
    }

    /// The angles that point at `target` by the straight way; `None` where pan says nothing,
    /// straight above and below.
    pub(crate) fn straight(&self, target: [f64; 3]) -> Option<Angles> {
        let [x, y, z] = self.local(target);
        let across = (x * x + y * y).sqrt();
        (across >= 1e-9).then(|| Angles {
            pan_deg: libm::atan2(-x, y).to_degrees(),
            tilt_deg: libm::atan2(across, -z).to_degrees(),
        })
    }

    /// The tilt that points straight down, or up as far as may be, whichever is nearer to
    /// `target`.
    pub(crate) fn upright_tilt(&self, target: [f64; 3]) -> f64 {
        if self.local(target)[2] <= 0.0 { 0.0 } else { 180.0_f64.min(self.tilt_deg[1]) }
    }

    /// The way to a direction with the least to turn from `now`.
    pub(crate) fn way(&self, straight: Angles, now: Angles) -> Way {
        [false, true]
            .into_iter()
            .flat_map(|leans| (-3..=3).map(move |turns| Way { leans, turns }))
            .min_by(|a, b| {
                let cost = |way: &Way| self.cost(way.angles(straight), now);
                cost(a).total_cmp(&cost(b))
            })
            .unwrap_or_default()
    }

    /// Degrees to turn from `now`; what is out of reach costs more than any turn.
    fn cost(&self, to: Angles, now: Angles) -> f64 {
        let reached = self.within(to);
        let missed = (to.pan_deg - reached.pan_deg).abs() + (to.tilt_deg - reached.tilt_deg).abs();
        let turn = (to.pan_deg - now.pan_deg).abs() + (to.tilt_deg - now.tilt_deg).abs();
        // Two ways that differ by rounding alone are the same: the first one wins.
        ((turn + 1e4 * missed) * 1e6).round()
    }

    /// The nearest angles that the head reaches.
    pub(crate) fn within(&self, angles: Angles) -> Angles {
        let ([pan_low, pan_high], [tilt_low, tilt_high]) = (self.pan_deg, self.tilt_deg);
        Angles {
            pan_deg: angles.pan_deg.max(pan_low).min(pan_high),
            tilt_deg: angles.tilt_deg.max(tilt_low).min(tilt_high),
        }
    }

    /// The direction from the head to `target`, as seen in the unrotated fixture.
    fn local(&self, target: [f64; 3]) -> [f64; 3] {
        let [x, y, z] = [0, 1, 2].map(|axis| target[axis] - self.position[axis]);
        let turn = self.rotation_deg.map(|degrees| libm::sincos(-degrees.to_radians()));
        // The rotation undone: about z, then y, then x.
        let (sin, cos) = turn[2];
        let (x, y) = (x * cos - y * sin, x * sin + y * cos);
        let (sin, cos) = turn[1];
        let (x, z) = (x * cos + z * sin, z * cos - x * sin);
        let (sin, cos) = turn[0];
        [x, y * cos - z * sin, y * sin + z * cos]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOME: Angles = Angles { pan_deg: 0.0, tilt_deg: 0.0 };

    fn mount(position: [f64; 3], rotation_deg: [f64; 3]) -> Mount {
        Mount { position, rotation_deg, pan_deg: [-270.0, 270.0], tilt_deg: [-135.0, 135.0] }
    }

    /// The unit vector that the angles point along: the module's convention, the other way round.
    fn beam(mount: &Mount, angles: Angles) -> [f64; 3] {
        let (sin_pan, cos_pan) = libm::sincos(angles.pan_deg.to_radians());
        let (sin_tilt, cos_tilt) = libm::sincos(angles.tilt_deg.to_radians());
        let [x, y, z] = [-sin_pan * sin_tilt, cos_pan * sin_tilt, -cos_tilt];
        let turn = mount.rotation_deg.map(|degrees| libm::sincos(degrees.to_radians()));
        let (sin, cos) = turn[0];
        let (y, z) = (y * cos - z * sin, y * sin + z * cos);
        let (sin, cos) = turn[1];
        let (x, z) = (x * cos + z * sin, z * cos - x * sin);
        let (sin, cos) = turn[2];
        [x * cos - y * sin, x * sin + y * cos, z]
    }

    #[test]
    fn hangs_down_and_leans_back() {
        let mount = mount([0.0, 0.0, 4.0], [0.0; 3]);
        let solved = |target| mount.solve(target, HOME);
        let near = |a: Angles, pan: f64, tilt: f64| {
            assert!((a.pan_deg - pan).abs() < 1e-9 && (a.tilt_deg - tilt).abs() < 1e-9, "{a:?}");
        };
        near(solved([0.0, 0.0, 0.0]), 0.0, 0.0);
        near(solved([0.0, 4.0, 0.0]), 0.0, 45.0);
        near(solved([0.0, -4.0, 0.0]), 0.0, -45.0);
        near(solved([0.0, 4.0, 4.0]), 0.0, 90.0);
        let standing = self::mount([0.0, 0.0, 0.0], [180.0, 0.0, 0.0]);
        near(standing.solve([0.0, 0.0, 3.0], HOME), 0.0, 0.0);
        // A fixture turned to lean back by itself needs no tilt.
        let turned = self::mount([0.0, 0.0, 4.0], [45.0, 0.0, 0.0]);
        near(turned.solve([0.0, 4.0, 0.0], HOME), 0.0, 0.0);
    }

    #[test]
    fn turns_the_shorter_way_and_stays_in_reach() {
        let mount = mount([0.0, 0.0, 4.0], [0.0; 3]);
        let now = Angles { pan_deg: 200.0, tilt_deg: 45.0 };
        let left = mount.solve([-4.0, 0.0, 0.0], now);
        assert!((left.pan_deg - 90.0).abs() < 1e-9, "{left:?}");
        let narrow = Mount { pan_deg: [-20.0, 20.0], ..mount };
        let stuck = narrow.solve([-4.0, 0.0, 0.0], HOME);
        assert!(stuck.pan_deg.abs() <= 20.0, "{stuck:?}");
    }

    proptest! {
        #[test]
        fn a_solved_head_points_at_its_target(
            position in prop::array::uniform3(-10.0..10.0),
            rotation in prop::array::uniform3(-180.0..180.0),
            target in prop::array::uniform3(-10.0..10.0),
            pan_deg in -270.0..270.0, tilt_deg in -135.0..135.0,
        ) {
            let mount = Mount { tilt_deg: [-180.0, 180.0], ..mount(position, rotation) };
            let way: [f64; 3] = [0, 1, 2].map(|axis| target[axis] - position[axis]);
            let length = way.iter().map(|part| part * part).sum::<f64>().sqrt();
            prop_assume!(length > 0.1);
            let angles = mount.solve(target, Angles { pan_deg, tilt_deg });
            let along: f64 =
                beam(&mount, angles).iter().zip(way).map(|(beam, way)| beam * way / length).sum();
            prop_assert!(along > 1.0 - 1e-6, "{angles:?} {along}");
            prop_assert!(angles.pan_deg.abs() <= 270.0);
        }
    }
}
