//! The data of a chunk: how its records are encoded and decoded.

pub(crate) mod simple_chunk;
pub(crate) mod transposed_chunk;

/// Bytes that a record counts in addition to its own towards the size of a chunk: its end offset.
pub const RECORD_OVERHEAD: u64 = 8;
