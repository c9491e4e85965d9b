//! Songs: decode, length, sound out with its clock.
