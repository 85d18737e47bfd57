//! The data of a chunk: encoding and decoding its records.

#[cfg(test)]
mod empty_fields;
pub(crate) mod field_projection;
pub(crate) mod record_places;
pub(crate) mod simple_chunk;
pub(crate) mod transposed_chunk;

/// Number of bytes that each record adds to the size of a chunk in addition to its own: its end
/// offset.
pub const RECORD_OVERHEAD: u64 = 8;
