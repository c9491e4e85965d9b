//! Show sources to a resolved show: profiles, patch, selections, song grid, every diagnostic.
