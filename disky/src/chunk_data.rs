//! The data of a chunk: how its records are encoded and decoded.

pub(crate) mod simple_chunk;
pub(crate) mod transposed_chunk;
