//! The circle that places in the room lie on.

use super::select::on_circle;

type Vector = [f64; 3];

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Where each place stands on the circle that fits them all, 0 to 1; `None` where none does, for
/// fewer than three places or places on a line.
pub(super) fn angles(places: &[Vector]) -> Option<Vec<f64>> {
    let count = places.len() as f64;
    if places.len() < 3 {
        return None;
    }
    let mean = [0, 1, 2].map(|axis| places.iter().map(|place| place[axis]).sum::<f64>() / count);
    let apart: Vec<Vector> =
        places.iter().map(|place| [0, 1, 2].map(|axis| place[axis] - mean[axis])).collect();
    let normal = normal(&apart)?;
    // The plane's own x is the room's, or its y where the plane stands across it.
    let first = if normal[0].abs() < 0.9 { [1.0, 0.0, 0.0] } else { [0.0, 1.0, 0.0] };
    let along = dot(first, normal);
    let side = unit([0, 1, 2].map(|axis| first[axis] - along * normal[axis]))?;
    let up = [
        normal[1] * side[2] - normal[2] * side[1],
        normal[2] * side[0] - normal[0] * side[2],
        normal[0] * side[1] - normal[1] * side[0],
    ];
    let flat: Vec<[f64; 2]> = apart.iter().map(|at| [dot(*at, side), dot(*at, up)]).collect();
    let [x, y] = center(&flat)?;
    Some(flat.iter().map(|at| on_circle(at[0] - x, at[1] - y)).collect())
}

fn unit(v: Vector) -> Option<Vector> {
    let length = dot(v, v).sqrt();
    (length > 1e-9).then(|| v.map(|part| part / length))
}

/// The direction in which the places differ least, pointing up, or back, or to the right.
fn normal(apart: &[Vector]) -> Option<Vector> {
    let spread = |a: usize, b: usize| apart.iter().map(|at| at[a] * at[b]).sum::<f64>();
    let rows = [0, 1, 2].map(|a| [0, 1, 2].map(|b| spread(a, b)));
    // For each direction that the spread leaves out, the cross product of two of its rows is one
    // that both are square to; the longest is the surest.
    let crosses = [(0, 1), (1, 2), (2, 0)].map(|(a, b)| {
        let (a, b) = (rows[a], rows[b]);
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    });
    let longest = crosses.into_iter().max_by(|a, b| dot(*a, *a).total_cmp(&dot(*b, *b)))?;
    let scale: f64 = rows.iter().flatten().map(|part| part * part).sum();
    if dot(longest, longest).sqrt() < 1e-9 * scale {
        return None;
    }
    let normal = unit(longest)?;
    let sign = [2, 1, 0].into_iter().map(|axis| normal[axis]).find(|part| part.abs() > 1e-9)?;
    Some(if sign < 0.0 { normal.map(|part| -part) } else { normal })
}

/// The middle of the circle that fits points of a plane best, by least squares (Kåsa 1976).
fn center(points: &[[f64; 2]]) -> Option<[f64; 2]> {
    let sum = |of: &dyn Fn(f64, f64) -> f64| points.iter().map(|[x, y]| of(*x, *y)).sum::<f64>();
    // The points are around their mean: sums of x and of y are 0.
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    let (a, b) = (sum(&|x, y| x * (x * x + y * y)), sum(&|x, y| y * (x * x + y * y)));
    let determinant = 2.0 * (xx * yy - xy * xy);
    let scale = (xx + yy) * (xx + yy);
    (determinant > 1e-9 * scale)
        .then(|| [(a * yy - b * xy) / determinant, (b * xx - a * xy) / determinant])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_on_a_leaning_circle_have_their_angles() {
        let place = |turn: f64| {
            let (sin, cos) = libm::sincos(turn * std::f64::consts::TAU);
            [3.0 + 2.0 * cos, 1.0 + 2.0 * sin * 0.8, 4.0 + 2.0 * sin * 0.6]
        };
        let places: Vec<_> = [0.0, 0.1, 0.25, 0.4, 0.55].map(place).into();
        let angles = angles(&places).unwrap();
        for (turn, angle) in [0.0, 0.1, 0.25, 0.4, 0.55].into_iter().zip(angles) {
            let expected = crate::color::fraction(turn + 0.75);
            assert!((angle - expected).abs() < 1e-6, "{turn}: {angle}");
        }
    }

    #[test]
    fn a_line_is_no_circle() {
        assert_eq!(angles(&[[0.0; 3], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]]), None);
        assert_eq!(angles(&[[0.0; 3], [1.0, 0.0, 0.0]]), None);
    }
}
