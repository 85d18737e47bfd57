//! The two ways in which compressed simple chunks are laid out.

/// Compressed simple chunks as upstream disky lays them out.
pub const DISKY_DIALECT_DISKY: u32 = 0;

/// Compressed simple chunks as Google's Riegeli lays them out.
pub const DISKY_DIALECT_RIEGELI: u32 = 1;
