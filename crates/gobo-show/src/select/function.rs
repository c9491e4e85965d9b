//! The functions of selections: which there are, and what each does.

use serde::Serialize;

/// A function of a selection.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Function {
    /// The heads on one side: so many of them, or those in that half.
    Side(Side, Option<u32>),
    /// Along an axis of the room: 0 is x, 1 is y, 2 is z.
    By(usize),
    /// Around the centre, clockwise from the top.
    ByAngle,
    /// Outward from the centre, or from a point of interest.
    ByDistance(Option<String>),
    /// Last to first.
    Reversed,
    /// In an order drawn from this seed, or from the cue's.
    Shuffled(Option<u64>),
    /// From both ends inward.
    Mirror,
    /// From the middle outward.
    FromCenter,
    /// So many next to each other share a place.
    Blocks(u32),
    /// Every so manyth shares a place.
    Repeats(u32),
    /// So many wings, every second of them mirrored.
    Wings(u32),
    /// The heads of a fixture share a place.
    Fixtures,
}

/// A side of a selection, as the audience sees the room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Side {
    /// Low x.
    Left,
    /// High x.
    Right,
    /// High z.
    Top,
    /// Low z.
    Bottom,
    /// Low y: near the audience.
    Front,
    /// High y.
    Back,
    /// Around the middle.
    Center,
}

/// A function as the reference tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct FunctionRow {
    /// Its name.
    pub name: &'static str,
    /// What stands in its parentheses; what is in brackets may be left out.
    pub arguments: &'static str,
    /// What it does, in a sentence or two.
    pub doc: &'static str,
    /// A selection that uses it.
    pub example: &'static str,
}

macro_rules! rows {
    ($( $name:literal $arguments:literal $doc:literal $example:literal )*) => {
        const ROWS: &[FunctionRow] = &[$( FunctionRow {
            name: $name,
            arguments: $arguments,
            doc: $doc,
            example: $example,
        } ),*];
    };
}

rows! {
    "left" "selection[, count]"
    "The heads in the left half of the selection's extent, as the audience sees it; with a count, so many of the leftmost. The order stays."
    "left(pars)"
    "right" "selection[, count]"
    "The heads in the right half, or so many of the rightmost."
    "right(pars, 2)"
    "top" "selection[, count]"
    "The heads in the upper half, or so many of the highest."
    "top(all)"
    "bottom" "selection[, count]"
    "The heads in the lower half, or so many of the lowest."
    "bottom(all)"
    "front" "selection[, count]"
    "The heads in the half nearer to the audience, or so many of the nearest."
    "front(all)"
    "back" "selection[, count]"
    "The heads in the half further from the audience, or so many of the furthest."
    "back(all, 4)"
    "center" "selection[, count]"
    "The heads in the middle half of the extent along every axis, or so many of those nearest to its centre."
    "center(pars, 2)"
    "by_x" "selection"
    "From left to right; heads at the same x (to a millimetre) share a place, so that a matrix runs by columns."
    "by_x(all)"
    "by_y" "selection"
    "From the audience to the back; heads at the same y share a place."
    "by_y(all)"
    "by_z" "selection"
    "From the floor up; heads at the same z share a place, so that a matrix runs by rows."
    "by_z(all)"
    "by_angle" "selection"
    "Clockwise around the centre of the extent, from the top as the audience sees it (from the back as seen from above when the heads lie flat)."
    "by_angle(pars)"
    "by_distance" "selection[, point of interest]"
    "Outward from the centre of the extent, or from a point of interest; heads equally far share a place."
    "by_distance(all, drums)"
    "reversed" "selection"
    "Last to first."
    "reversed(by_x(pars))"
    "shuffled" "selection[, seed]"
    "In an order drawn from the seed, or from the cue's seed when none is given."
    "shuffled(pars, 7)"
    "mirror" "selection"
    "From both ends inward: the first and the last share a place, the second and the last but one, and so on."
    "mirror(by_x(pars))"
    "from_center" "selection"
    "From the middle outward: the reverse of mirror."
    "from_center(by_x(pars))"
    "blocks" "selection, count"
    "So many places next to each other become one."
    "blocks(bar1, 2)"
    "repeats" "selection, count"
    "Every so manyth place becomes one: with 3 the places are 1 2 3 1 2 3."
    "repeats(bar1, 2)"
    "wings" "selection, count"
    "Cuts the selection into so many parts that run at once, every second one mirrored."
    "wings(by_x(all), 4)"
    "fixtures" "selection"
    "The heads of a fixture share a place."
    "fixtures(all)"
}

/// Every function of selections, in the order of the reference.
pub fn functions() -> &'static [FunctionRow] {
    ROWS
}

impl Side {
    /// Its name as a function.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::Front => "front",
            Self::Back => "back",
            Self::Center => "center",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let all = [Self::Left, Self::Right, Self::Top, Self::Bottom, Self::Front, Self::Back];
        all.into_iter().chain([Self::Center]).find(|side| side.name() == name)
    }
}

impl Function {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Side(side, _) => side.name(),
            Self::By(0) => "by_x",
            Self::By(1) => "by_y",
            Self::By(_) => "by_z",
            Self::ByAngle => "by_angle",
            Self::ByDistance(_) => "by_distance",
            Self::Reversed => "reversed",
            Self::Shuffled(_) => "shuffled",
            Self::Mirror => "mirror",
            Self::FromCenter => "from_center",
            Self::Blocks(_) => "blocks",
            Self::Repeats(_) => "repeats",
            Self::Wings(_) => "wings",
            Self::Fixtures => "fixtures",
        }
    }
}
