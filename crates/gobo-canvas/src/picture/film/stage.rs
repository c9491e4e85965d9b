//! Where each head is on the picture, and how large.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::paint::{Area, Image, Rgb};
use super::aim::Mount;
use super::glow::{Dot, Dots, beam};
use crate::PatchedFixture;

const GROUND: Rgb = [9, 10, 14];
/// A head that is dark.
const DARK: Rgb = [30, 33, 41];

/// How much higher on the picture a metre to the back is: the audience looks from above a
/// little, so that a truss does not hide the one behind it.
const BACK: f64 = 0.18;
/// A picture is at least this high for its width, and at most as high as wide.
const FLATTEST: f64 = 0.3;
/// The least margin as a part of the width, and what there is of it in radii of the largest head.
const MARGIN: f64 = 1.0 / 16.0;
const MARGIN_RADII: f64 = 2.8;
/// The room below all heads for beams, where some move, as a part of the width of the stage.
const BELOW: f64 = 0.2;
/// The largest radius of a head as a part of the width: it falls with the root of the number of
/// fixtures, within bounds.
const ALONE: f64 = 0.14;
const LARGEST: [f64; 2] = [1.0 / 64.0, 1.0 / 36.0];
/// The radius of a head as a part of the way to the next one.
const FILLED: f64 = 0.44;
/// How long a beam is, as a part of the width, and in radii of its head at most.
const BEAM_OF_WIDTH: f64 = 0.36;
const BEAM_RADII: f64 = 26.0;

/// The picture with every head dark.
pub(super) struct Stage {
    ground: Image,
}

/// The light of a head in a frame.
pub(super) struct Light {
    at: (f64, f64),
    radius: f64,
    dot: Rc<Dot>,
    color: Rgb,
    /// The way of its beam, in pixels to the right and down.
    beam: Option<[f64; 2]>,
}

/// A head that shines, on the picture.
pub(super) struct Lamp {
    /// The index of its fixture in the patch.
    pub(super) fixture: usize,
    head: usize,
    at: (f64, f64),
    radius: f64,
    dot: Rc<Dot>,
    mount: Option<Mount>,
    /// The length of a beam across the view, in pixels.
    beam: f64,
}

impl Stage {
    /// The stage, and its lamps in the order of the patch; `None` if no head shines.
    pub(super) fn new(patch: &[PatchedFixture], width: u32) -> Option<(Self, Vec<Lamp>)> {
        let sites = sites(patch);
        let mount = |site: &Site| {
            let fixture = &patch[site.fixture];
            Mount::new(fixture, &fixture.heads[site.head])
        };
        let moves = sites.iter().any(|site| mount(site).is_some());
        let largest = ALONE / (patch.len().max(1) as f64).sqrt();
        let largest = f64::from(width) * largest.clamp(LARGEST[0], LARGEST[1]);
        let view = View::new(&sites, moves, width, largest)?;
        let mut ground = Image::new(width, view.height, GROUND);
        let crowd = Crowd::new(&sites, &view, largest.max(2.0));
        let mut dots = Dots::default();
        let lamps = sites.iter().map(|site| {
            let at = view.point(site.place);
            let radius = crowd.radius(at);
            let dot = dots.dot(at.0, at.1, radius);
            let beam = (f64::from(width) * BEAM_OF_WIDTH).min(radius * BEAM_RADII);
            let (fixture, head) = (site.fixture, site.head);
            Lamp { fixture, head, at, radius, dot, mount: mount(site), beam }
        });
        let lamps: Vec<_> = lamps.collect();
        lamps.iter().for_each(|lamp| lamp.stand(&mut ground));
        Some((Self { ground }, lamps))
    }

    /// The picture with every head dark.
    pub(super) fn ground(&self) -> &Image {
        &self.ground
    }

    /// The picture with these lights: beams and what glows around heads lie under all heads.
    pub(super) fn draw(&self, lights: &[Light]) -> Image {
        let mut image = self.ground.clone();
        for Light { at, radius, dot, color, beam: way } in lights {
            if let Some(way) = way {
                beam(&mut image, *at, *way, radius * 0.8, *color);
            }
            dot.glow(&mut image, *at, *color);
        }
        lights.iter().for_each(|light| light.dot.clear(&mut image, light.at, light.color));
        lights.iter().for_each(|light| light.dot.shine(&mut image, light.at, light.color));
        image
    }
}

impl Lamp {
    /// Draws the head while it is dark.
    fn stand(&self, image: &mut Image) {
        let corner = |middle: f64| (middle - self.radius).round().max(0.0) as u32;
        let side = (2.0 * self.radius).round().max(1.0) as u32;
        let (x, y) = (corner(self.at.0), corner(self.at.1));
        image.rounded(Area { x, y, width: side, height: side }, side / 2, DARK, 255);
    }

    /// What the head gives, given its fixture's slots; `None` while it is dark.
    pub(super) fn light(&self, fixture: &PatchedFixture, slots: &[u8]) -> Option<Light> {
        let head = &fixture.heads[self.head];
        let color = head.shown(slots);
        let across = |mount: &Mount| View::across(mount.beam(head, slots));
        let beam = self.mount.as_ref().map(|mount| across(mount).map(|part| part * self.beam));
        let (at, radius, dot) = (self.at, self.radius, Rc::clone(&self.dot));
        (color != [0; 3]).then_some(Light { at, radius, dot, color, beam })
    }
}

/// A place on the stage as the audience sees it: to the right, and up, in metres.
type Place = [f64; 2];

/// A head that shines, and where.
struct Site {
    fixture: usize,
    head: usize,
    place: Place,
}

/// All heads that shine, in the order of the patch. Those of fixtures that nobody has placed
/// stand in rows in that order, below those that have places.
fn sites(patch: &[PatchedFixture]) -> Vec<Site> {
    let mut sites = Vec::new();
    for (index, fixture) in patch.iter().enumerate() {
        let shines = fixture.heads.iter().enumerate().filter(|(_, head)| head.shines());
        sites.extend(shines.map(|(head, _)| {
            let [x, y, z] = *fixture.head_positions.get(head).unwrap_or(&fixture.position);
            Site { fixture: index, head, place: [x, z + BACK * y] }
        }));
    }
    let lost = lost(patch);
    let counts = sites.chunk_by(|a, b| a.fixture == b.fixture);
    let counts: Vec<usize> = counts.filter(|one| lost[one[0].fixture]).map(<[_]>::len).collect();
    if counts.len() > 1 {
        let placed = sites.iter().filter(|site| !lost[site.fixture]).map(|site| site.place);
        let rows = rows(&counts, Bounds::of(placed));
        let lost = sites.iter_mut().filter(|site| lost[site.fixture]);
        lost.zip(rows).for_each(|(site, place)| site.place = place);
    }
    sites
}

/// Which fixtures nobody has placed: they are at the origin, with all heads there or where
/// another's are as well.
fn lost(patch: &[PatchedFixture]) -> Vec<bool> {
    let at_origin = |fixture: &PatchedFixture| fixture.position == [0.0; 3];
    let heads = |fixture: &PatchedFixture| -> Vec<[u64; 3]> {
        fixture.head_positions.iter().map(|place| place.map(f64::to_bits)).collect()
    };
    let mut alike: HashMap<_, usize> = HashMap::new();
    for fixture in patch.iter().filter(|fixture| at_origin(fixture)) {
        *alike.entry(heads(fixture)).or_default() += 1;
    }
    let is_lost = |fixture: &PatchedFixture| {
        at_origin(fixture) && (fixture.head_positions.is_empty() || alike[&heads(fixture)] > 1)
    };
    patch.iter().map(is_lost).collect()
}

/// Heads of a fixture that stay in one row, however few others there are.
const LONGEST: usize = 64;

/// Places in rows for fixtures of so many heads, below those that have places.
fn rows(heads: &[usize], placed: Option<Bounds>) -> Vec<Place> {
    let count: usize = heads.iter().sum();
    let longest = heads.iter().copied().max().unwrap_or(0).min(LONGEST);
    let mut columns = longest.max((count as f64 * 16.0 / 9.0).sqrt().ceil() as usize);
    let (mut step, mut left, mut top) = (1.0, 0.0, 0.0);
    if let Some(placed) = placed {
        let wide = (placed.high[0] - placed.low[0]).max(1.0);
        columns = columns.max(16);
        step = wide / columns as f64;
        (left, top) = (placed.low[0], placed.low[1] - 2.0 * step);
    }
    let (mut row, mut column) = (0, 0);
    let mut places = Vec::with_capacity(count);
    for &heads in heads {
        // A fixture starts a row rather than being broken.
        if column > 0 && column + heads > columns {
            (row, column) = (row + 1, 0);
        }
        for _ in 0..heads {
            if column == columns {
                (row, column) = (row + 1, 0);
            }
            places.push([left + column as f64 * step, top - f64::from(row) * step]);
            column += 1;
        }
        column += usize::from(heads > 1);
    }
    places
}

/// The smallest box around places.
#[derive(Clone, Copy)]
struct Bounds {
    low: Place,
    high: Place,
}

impl Bounds {
    fn of(places: impl Iterator<Item = Place>) -> Option<Self> {
        places.fold(None, |bounds: Option<Self>, place| {
            let Some(Self { low, high }) = bounds else {
                return Some(Self { low: place, high: place });
            };
            let each = |pick: fn(f64, f64) -> f64, a: Place, b: Place| {
                [pick(a[0], b[0]), pick(a[1], b[1])]
            };
            Some(Self { low: each(f64::min, low, place), high: each(f64::max, high, place) })
        })
    }
}

/// How metres become pixels.
struct View {
    /// Pixels a metre.
    scale: f64,
    middle: Place,
    width: f64,
    height: u32,
}

impl View {
    /// A view of all places, and of the air below them where heads move, for their beams.
    fn new(sites: &[Site], moves: bool, width: u32, largest: f64) -> Option<Self> {
        // What lies beyond any stage must not make numbers that are none.
        let sane = sites.iter().map(|site| site.place.map(|part| part.clamp(-1e6, 1e6)));
        let mut bounds = Bounds::of(sane)?;
        if moves {
            let air = (bounds.high[0] - bounds.low[0]) * BELOW;
            bounds.low[1] -= air.min(bounds.low[1].max(0.0));
        }
        let [wide, high] = [0, 1].map(|axis| bounds.high[axis] - bounds.low[axis]);
        let width = f64::from(width);
        let margin = (width * MARGIN).max(largest * MARGIN_RADII);
        let room = width - 2.0 * margin;
        let scale = (room / wide.max(1e-3)).min(room / high.max(1e-3));
        let height = (high * scale + 2.0 * margin).clamp(FLATTEST * width, width);
        let middle = [0, 1].map(|axis| (bounds.low[axis] + bounds.high[axis]) / 2.0);
        Some(Self { scale, middle, width, height: height.round() as u32 })
    }

    /// Where a place is on the picture, in pixels from its left and top.
    fn point(&self, place: Place) -> (f64, f64) {
        let from_middle =
            |axis: usize| (place[axis].clamp(-1e6, 1e6) - self.middle[axis]) * self.scale;
        (self.width / 2.0 + from_middle(0), f64::from(self.height) / 2.0 - from_middle(1))
    }

    /// A direction on the picture, to the right and down.
    fn across([x, y, z]: [f64; 3]) -> [f64; 2] {
        [x, -(z + BACK * y)]
    }
}

/// Which pixels of the picture hold a head.
struct Crowd {
    width: i32,
    height: i32,
    /// The largest radius that a head may have, in pixels.
    largest: f64,
    taken: Vec<bool>,
}

impl Crowd {
    fn new(sites: &[Site], view: &View, largest: f64) -> Self {
        let (width, height) = (view.width as i32, view.height as i32);
        let taken = vec![false; (width * height) as usize];
        let mut crowd = Self { width, height, largest, taken };
        for site in sites {
            let (x, y) = view.point(site.place);
            if let Some(at) = crowd.index(x.floor() as i32, y.floor() as i32) {
                crowd.taken[at] = true;
            }
        }
        crowd
    }

    fn index(&self, x: i32, y: i32) -> Option<usize> {
        let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
        inside.then(|| (y * self.width + x) as usize)
    }

    /// How large a head there can be without touching the next one.
    fn radius(&self, (x, y): (f64, f64)) -> f64 {
        let (x, y) = (x.floor() as i32, y.floor() as i32);
        let is_taken = |x, y| self.index(x, y).is_some_and(|at| self.taken[at]);
        let far = (self.largest / FILLED).ceil() as i32;
        let mut nearest = f64::INFINITY;
        for ring in 1..=far {
            // Nothing on this ring or outside it is nearer.
            if f64::from(ring) >= nearest {
                break;
            }
            for step in -ring..=ring {
                let sides = [(step, -ring), (step, ring), (-ring, step), (ring, step)];
                if sides.iter().any(|(right, down)| is_taken(x + right, y + down)) {
                    nearest = nearest.min(f64::from(ring).hypot(f64::from(step)));
                }
            }
        }
        (nearest * FILLED).clamp(1.0, self.largest)
    }
}
