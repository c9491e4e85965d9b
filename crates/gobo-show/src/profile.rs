//! Fixture profiles.
