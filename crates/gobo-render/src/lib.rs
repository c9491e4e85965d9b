//! A resolved show to a timeline to cells: effects, blending, colour and position to slots.
