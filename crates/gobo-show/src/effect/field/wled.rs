//! The fields that WLED light servers have.

use super::{Count, field};
use crate::value::{Part, Reach};

field! {
    /// Parameters of `bursts`.
    Bursts as "bursts", every "One burst and the rest after it." = "1 bar",
    colors ["white"], plane "auto" {
        /// How many flashes a burst has.
        pub flashes: u32 as Count = 4.0,
        /// The part of the time that the flashes take.
        pub active: f64 as Part = "50%",
        /// The part of a flash that is lit.
        pub duty: f64 as Part = "50%",
    }
}

field! {
    /// Parameters of `lightning`.
    Lightning as "lightning", every "The time in which there may be one strike." = "1 bar",
    colors ["white", "lightskyblue"], plane "auto" {
        /// How likely a strike is each time.
        pub chance: f64 as Part = "70%",
        /// How many times it flickers after the main flash.
        pub flickers: u32 as Count = 3.0,
        /// The part of the box that a strike lights, at a place of its own.
        pub spread: f64 as Part = "100%",
    }
}

field! {
    /// Parameters of `puddles`.
    Puddles as "puddles", every "The time from the fall of a spot until it is dry." = "1 bar",
    colors ["deepskyblue", "blue", "aqua"], plane "auto" {
        /// How many there are at once.
        pub count: u32 as Count = 3.0,
        /// How far one spreads, as a part of the box's longer side.
        pub radius: f64 as Reach = 0.3,
    }
}

field! {
    /// Parameters of `sparkle`.
    Sparkle as "sparkle", every "The time in which a light may flash up once." = "1/4 beat",
    colors ["navy", "white"], plane "auto" {
        /// The part of the lights that flash up each time.
        pub share: f64 as Part = "10%",
    }
}
