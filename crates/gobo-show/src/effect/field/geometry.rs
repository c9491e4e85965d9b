//! Fields that are figures of lines, rings and stripes.

use serde::Serialize;

use super::{Count, Relief, Spot, Way, field};
use crate::decode::choice;
use crate::tree::{Node, Value};
use crate::value::{Angle, Direction, Part, Reach, Shape, Turns};

/// The hues, for fields that flow through them.
const RAINBOW: [&str; 6] = ["red", "yellow", "lime", "cyan", "blue", "magenta"];

/// The middle of the box.
fn middle() -> Node {
    Value::List(vec![0.5.into(), 0.5.into()]).into()
}

field! {
    /// Parameters of `bars`.
    Bars as "bars", every "The time in which the colours move on by all of them." = "2 bars",
    colors ["red", "lime", "blue"], plane "auto" {
        /// The way they move.
        pub way: Way = "up",
        /// How often the selection shows all colours.
        pub repeats: u32 as Count = 1.0,
        /// How each bar is lit.
        pub relief: Relief = "flat",
        /// Whether a bar blends into the next.
        pub blend: bool = false,
    }
}

/// The figure of a butterfly.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum ButterflyStyle {
    Wings,
    Petals,
    Weave,
}

choice! { ButterflyStyle, "butterfly style":
    Wings = "wings", "Two pairs of wings that meet in the middle.";
    Petals = "petals", "Petals around the middle.";
    Weave = "weave", "Crossing waves all over.";
}

field! {
    /// Parameters of `butterfly`.
    Butterfly as "butterfly", every "The time in which the colours flow once through." = "2 bars",
    colors RAINBOW, plane "auto" {
        /// The figure.
        pub style: ButterflyStyle = "wings",
        /// Into how many bands the figure is cut, every second dark; 1 leaves it whole.
        pub chunks: u32 as Count = 1.0,
    }
}

field! {
    /// Parameters of `color_wash`.
    ColorWash as "color_wash", every "The time in which it goes through all colours." = "4 bars",
    colors ["red", "blue"], plane "auto" {
        /// Whether it falls off to the left and right.
        pub fade_across: bool = false,
        /// Whether it falls off to the top and bottom.
        pub fade_up: bool = false,
        /// How much its brightness trembles.
        pub shimmer: f64 as Part = "0%",
    }
}

/// Where a curtain hangs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum CurtainEdge {
    Left,
    Right,
    Bottom,
    Top,
    Center,
    Middle,
}

choice! { CurtainEdge, "curtain edge":
    Left = "left", "It comes from the left.";
    Right = "right", "It comes from the right.";
    Bottom = "bottom", "It comes from the bottom.";
    Top = "top", "It comes from the top.";
    Center = "center", "It comes from the middle to both sides.";
    Middle = "middle", "It comes from half the height up and down.";
}

/// What a curtain does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Movement {
    Open,
    Close,
    OpenThenClose,
    CloseThenOpen,
}

choice! { Movement, "curtain movement":
    Open = "open", "The light spreads from its edge until it covers all.";
    Close = "close", "The light draws back to its edge until all is dark.";
    OpenThenClose = "open_close", "It spreads for one half of the time and draws back for the other.";
    CloseThenOpen = "close_open", "It draws back for one half of the time and spreads for the other.";
}

field! {
    /// Parameters of `curtain`.
    Curtain as "curtain", every "One movement; once over the cue when not given.",
    colors ["red"], plane "auto" {
        /// Where it comes from.
        pub edge: CurtainEdge = "center",
        /// What it does.
        pub movement: Movement = "open",
        /// How soft its edge is, as a part of the box.
        pub soft: f64 as Part = "10%",
        /// How far the lower end of its edge hangs behind the upper one, as a part of the box.
        pub swag: f64 as Part = "0%",
    }
}

field! {
    /// Parameters of `fan`.
    Fan as "fan", every "One turn." = "2 bars",
    colors ["red", "gold"], plane "auto" {
        /// How many blades.
        pub blades: u32 as Count = 3.0,
        /// How much of the circle the blades cover.
        pub width: f64 as Part = "50%",
        /// How far a blade is bent from its root to its tip.
        "bend" => pub bend_deg: f64 as Angle = "60deg",
        /// The spot it turns around.
        pub center: Spot = middle(),
        /// Where the blades start, as a part of the box's longer side.
        pub start_radius: f64 as Reach = 0.05,
        /// Where they end.
        pub end_radius: f64 as Reach = 0.75,
        /// Whether it turns clockwise.
        pub clockwise: bool = true,
        /// Whether the edges of a blade are soft.
        pub blend: bool = true,
    }
}

field! {
    /// Parameters of `marquee`.
    Marquee as "marquee", every "The time in which it moves on by one band and one gap." = "1 bar",
    colors ["red", "gold"], plane "auto" {
        /// How many places are lit in a row.
        pub band: u32 as Count = 3.0,
        /// How many places are dark between two bands.
        pub gap: u32 as Count = 3.0,
        /// How many places deep it runs around the edge; all the way in when not given.
        pub thickness: Option<Count>,
        /// Whether it jumps by a whole band instead of flowing.
        pub steps: bool = false,
        /// Whether it runs the other way round.
        pub reverse: bool = false,
    }
}

field! {
    /// Parameters of `morph`.
    Morph as "morph", every "One way from start to end; once over the cue when not given.",
    colors ["white", "blue"], plane "auto" {
        /// Where it starts.
        pub from: Spot = Value::List(vec![0.0.into(), 0.5.into()]),
        /// Where it ends.
        pub to: Spot = Value::List(vec![1.0.into(), 0.5.into()]),
        /// How wide it is across its way at the start, as a part of the box's longer side.
        pub start_width: f64 as Reach = 0.2,
        /// How wide it is at the end.
        pub end_width: f64 as Reach = 0.6,
        /// How long its head is, as a part of its way.
        pub head: f64 as Part = "15%",
        /// How long its fading tail is, as a part of its way.
        pub tail: f64 as Part = "30%",
    }
}

field! {
    /// Parameters of `pinwheel`.
    Pinwheel as "pinwheel", every "One turn." = "2 bars",
    colors ["red", "lime", "blue"], plane "auto" {
        /// How many arms.
        pub arms: u32 as Count = 3.0,
        /// How much of the circle the arms cover.
        pub thickness: f64 as Part = "60%",
        /// How far an arm is bent from the middle to the edge of the box.
        "twist" => pub twist_deg: f64 as Angle = "60deg",
        /// The spot it turns around.
        pub center: Spot = middle(),
        /// How each arm is lit.
        pub relief: Relief = "flat",
        /// Whether it turns clockwise.
        pub clockwise: bool = true,
    }
}

field! {
    /// Parameters of `plasma`.
    Plasma as "plasma", every "The time in which the colours flow once through." = "4 bars",
    colors RAINBOW, plane "auto" {
        /// How fine it is: about how many colours lie side by side.
        pub density: f64 as Turns = 1.5,
    }
}

/// The outline of a ripple.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Outline {
    Circle,
    Square,
    Diamond,
    Star,
}

choice! { Outline, "outline":
    Circle = "circle", "A circle.";
    Square = "square", "A square.";
    Diamond = "diamond", "A square on its corner.";
    Star = "star", "A star of five points.";
}

field! {
    /// Parameters of `ripple`.
    Ripple as "ripple", every "The time in which a ring takes the place of the one before it." = "1 bar",
    colors ["deepskyblue", "blue"], plane "auto" {
        /// The shape of a ring.
        pub shape: Outline = "circle",
        /// How many rings there are between the spot and the edge of the box.
        pub rings: u32 as Count = 2.0,
        /// How much of the way from ring to ring is lit.
        pub thickness: f64 as Part = "50%",
        /// The spot they run around.
        pub center: Spot = middle(),
        /// Whether they run in instead of out.
        pub inward: bool = false,
        /// How each ring is lit.
        pub relief: Relief = "round",
    }
}

field! {
    /// Parameters of `shockwave`.
    Shockwave as "shockwave", every "One ring; once over the cue when not given.",
    colors ["white", "gold", "red"], plane "auto" {
        /// The spot it comes from.
        pub center: Spot = middle(),
        /// How large it is at the start: the radius, as a part of the box's longer side.
        pub start_radius: f64 as Reach = 0.0,
        /// How large it is at the end.
        pub end_radius: f64 as Reach = 0.8,
        /// How thick it is at the start, as a part of the box's longer side.
        pub start_width: f64 as Reach = 0.1,
        /// How thick it is at the end.
        pub end_width: f64 as Reach = 0.25,
        /// Whether its edges are soft.
        pub blend: bool = true,
    }
}

field! {
    /// Parameters of `single_strand`.
    SingleStrand as "single_strand", every "The time in which a stretch runs all along." = "2 bars",
    colors ["red", "lime", "blue"], plane "order" {
        /// How many stretches run at once.
        pub count: u32 as Count = 1.0,
        /// How long they are, as a part of the strand.
        pub length: f64 as Part = "20%",
        /// How a stretch is lit along the way it runs.
        pub relief: Relief = "flat",
        /// The way they run; `random` starts each at a place of its own.
        pub direction: Direction = "forward",
    }
}

field! {
    /// Parameters of `spirals`.
    Spirals as "spirals", every "The time in which a stripe takes the place of the next one." = "1 bar",
    colors ["red", "white"], plane "auto" {
        /// How many stripes lie side by side.
        pub stripes: u32 as Count = 2.0,
        /// How often a stripe goes around from bottom to top; below 0 it leans to the left.
        pub turns: f64 as Turns = 1.0,
        /// How much is lit.
        pub thickness: f64 as Part = "50%",
        /// How each stripe is lit.
        pub relief: Relief = "flat",
        /// Whether they move to the left.
        pub reverse: bool = false,
    }
}

field! {
    /// Parameters of `wave_2d`.
    Wave2d as "wave_2d", every "The time in which it moves on by one wave." = "1 bar",
    colors ["deepskyblue", "blue"], plane "auto" {
        /// How many waves the box shows.
        pub waves: f64 as Turns = 1.0,
        /// Its curve.
        pub shape: Shape = "sine",
        /// How high it swings, as a part of the box.
        pub height: f64 as Part = "70%",
        /// How thick the line is, as a part of the box.
        pub thickness: f64 as Part = "20%",
        /// Whether all below the line is lit, too.
        pub fill: bool = false,
        /// Whether it runs to the left.
        pub reverse: bool = false,
    }
}

impl Marquee {
    /// How many places deep it runs.
    pub fn depth(&self) -> u32 {
        self.thickness.map_or(u32::MAX, u32::from)
    }
}
