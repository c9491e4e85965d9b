//! The remote of a show that runs.
