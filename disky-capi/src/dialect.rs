//! The two layouts of compressed simple chunks.

/// The layout of compressed simple chunks in upstream disky.
pub const DISKY_DIALECT_DISKY: u32 = 0;

/// The layout of compressed simple chunks in Google's Riegeli.
pub const DISKY_DIALECT_RIEGELI: u32 = 1;
