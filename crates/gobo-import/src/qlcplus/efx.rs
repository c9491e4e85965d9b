//! The paths of QLC+'s movements, and the levels of pan and tilt along them.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use libm::{cos, floor, pow, round, sin};

use super::function::Efx;

/// The algorithms, as workspaces name them.
pub(super) const ALGORITHMS: [&str; 10] = [
    "Circle",
    "Eight",
    "Line",
    "Line2",
    "Diamond",
    "Square",
    "SquareChoppy",
    "SquareTrue",
    "Leaf",
    "Lissajous",
];

/// How a path is drawn: where its corners are, and whether it jumps from one to the next.
pub(super) struct Corners {
    /// How many evenly spaced points a turn has.
    pub(super) count: u32,
    /// Whether the beam stands at a point and jumps to the next.
    pub(super) jumps: bool,
}

/// The points that describe a path well enough: smooth ones are off by less than a half percent.
pub(super) fn corners(efx: &Efx) -> Corners {
    let (count, jumps) = match efx.algorithm.as_str() {
        "Square" => (4, false),
        "SquareTrue" => (4, true),
        // It rounds: a side changes at 60 degrees, the other at 30.
        "SquareChoppy" => (12, true),
        "Line2" => (2, false),
        "Lissajous" => {
            let most = efx.frequency[0].max(efx.frequency[1]).max(1.0);
            ((16.0 * most) as u32, false)
        }
        _ => (32, false),
    };
    Corners { count, jumps }
}

/// Where a head is in a part of a turn, 0 to 1: the levels of pan and tilt, 0 to 255.
///
/// `backward` is against the movement's own direction; `start_deg` is where the head starts.
pub(super) fn levels(efx: &Efx, turn: f64, backward: bool, start_deg: f64) -> [f64; 2] {
    let mut angle = turn * TAU;
    if backward {
        angle = match efx.algorithm.as_str() {
            "Line" => {
                if angle > PI {
                    angle - PI
                } else {
                    angle + PI
                }
            }
            _ => TAU - angle,
        };
    }
    angle += (start_deg + efx.start_deg).to_radians();
    angle -= TAU * floor(angle / TAU + 1e-12);
    let [x, y] = point(efx, angle.max(0.0));
    let (sine, cosine) = (sin(efx.rotation_deg.to_radians()), cos(efx.rotation_deg.to_radians()));
    let [x, y] = [x * efx.size[0], y * efx.size[1]];
    let [middle_x, middle_y] = efx.offset;
    let turned = [middle_x + x * cosine + y * sine, middle_y - x * sine + y * cosine];
    turned.map(|level| level.clamp(0.0, 255.0))
}

/// A point of the path at an angle from 0 to a turn, each side from -1 to 1.
fn point(efx: &Efx, angle: f64) -> [f64; 2] {
    match efx.algorithm.as_str() {
        "Eight" => [cos(2.0 * angle + FRAC_PI_2), cos(angle)],
        "Line" => [cos(angle); 2],
        "Line2" => [angle / PI - 1.0; 2],
        "Diamond" => [pow(cos(angle - FRAC_PI_2), 3.0), pow(cos(angle), 3.0)],
        "Square" => square(angle),
        "SquareChoppy" => [round(cos(angle)), round(sin(angle))],
        "SquareTrue" => match quarter(angle).0 {
            0 => [1.0, 1.0],
            1 => [1.0, -1.0],
            2 => [-1.0, -1.0],
            _ => [-1.0, 1.0],
        },
        "Leaf" => [pow(cos(angle + FRAC_PI_2), 5.0), cos(angle)],
        "Lissajous" => [0, 1].map(|side| {
            let phase = efx.phase_deg[side].to_radians();
            match efx.frequency[side] {
                frequency if frequency > 0.0 => cos(frequency * angle - phase),
                _ => saw(angle + phase),
            }
        }),
        _ => [cos(angle + FRAC_PI_2), cos(angle)],
    }
}

/// Which quarter of a turn an angle lies in, and how far it is along.
fn quarter(angle: f64) -> (u32, f64) {
    let quarters = angle / FRAC_PI_2 + 1e-9;
    let whole = floor(quarters).clamp(0.0, 3.0);
    (whole as u32, (quarters - whole - 1e-9).clamp(0.0, 1.0))
}

/// Along the sides of a square, from its top left.
fn square(angle: f64) -> [f64; 2] {
    let (side, along) = quarter(angle);
    let way = along * 2.0 - 1.0;
    match side {
        0 => [way, 1.0],
        1 => [1.0, -way],
        2 => [-way, -1.0],
        _ => [-1.0, way],
    }
}

/// Up over half a turn and down over the other.
fn saw(angle: f64) -> f64 {
    let halves = angle / PI;
    let along = halves - 2.0 * floor(halves / 2.0);
    if along < 1.0 { along * 2.0 - 1.0 } else { (2.0 - along) * 2.0 - 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn efx(algorithm: &str) -> Efx {
        Efx {
            algorithm: algorithm.to_owned(),
            fixtures: Vec::new(),
            size: [50.0, 100.0],
            offset: [127.0, 120.0],
            frequency: [2.0, 3.0],
            phase_deg: [90.0, 0.0],
            rotation_deg: 0.0,
            start_deg: 0.0,
            relative: false,
            propagation: "Parallel".to_owned(),
        }
    }

    /// The levels at the quarters of a turn.
    fn quarters(efx: &Efx) -> [[i64; 2]; 4] {
        [0.0, 0.25, 0.5, 0.75].map(|turn| levels(efx, turn, false, 0.0).map(|l| l.round() as i64))
    }

    #[test]
    fn paths_pass_their_extreme_points() {
        // By hand: the middle (127, 120), 50 to the sides, 100 up and down.
        assert_eq!(quarters(&efx("Circle")), [[127, 220], [77, 120], [127, 20], [177, 120]]);
        assert_eq!(quarters(&efx("Eight")), [[127, 220], [127, 120], [127, 20], [127, 120]]);
        assert_eq!(quarters(&efx("Line")), [[177, 220], [127, 120], [77, 20], [127, 120]]);
        assert_eq!(quarters(&efx("Line2")), [[77, 20], [102, 70], [127, 120], [152, 170]]);
        assert_eq!(quarters(&efx("Diamond")), [[127, 220], [177, 120], [127, 20], [77, 120]]);
        assert_eq!(quarters(&efx("Square")), [[77, 220], [177, 220], [177, 20], [77, 20]]);
        assert_eq!(quarters(&efx("SquareTrue")), [[177, 220], [177, 20], [77, 20], [77, 220]]);
        assert_eq!(quarters(&efx("SquareChoppy")), [[177, 120], [127, 220], [77, 120], [127, 20]]);
        assert_eq!(quarters(&efx("Leaf")), [[127, 220], [77, 120], [127, 20], [177, 120]]);
        assert_eq!(quarters(&efx("Lissajous")), [[127, 220], [127, 120], [127, 20], [127, 120]]);
    }

    #[test]
    fn heads_turn_the_other_way_and_start_elsewhere() {
        let circle = efx("Circle");
        let at = |turn, backward, start| {
            levels(&circle, turn, backward, start).map(|level| level.round() as i64)
        };
        assert_eq!(at(0.25, true, 0.0), at(0.75, false, 0.0));
        assert_eq!(at(0.0, false, 90.0), at(0.25, false, 0.0));
        let turned = Efx { rotation_deg: 90.0, size: [50.0, 50.0], ..circle.clone() };
        assert_eq!(levels(&turned, 0.0, false, 0.0).map(f64::round), [177.0, 120.0]);
    }
}
