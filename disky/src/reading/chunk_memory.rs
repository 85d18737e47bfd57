//! Memory for the data of chunks.

use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk_reader::Chunk;
use std::collections::TryReserveError;

/// Allocates `size` bytes for data of `chunk`.
pub(crate) fn zeros(chunk: &Chunk, size: u64) -> Result<Vec<u8>> {
    let mut memory = Vec::new();
    reserve(&mut memory, chunk, size)?;
    Ok(memory)
}

/// Makes `memory` at least `size` bytes long for data of `chunk`; the contents are lost if it
/// grows.
pub(crate) fn reserve(memory: &mut Vec<u8>, chunk: &Chunk, size: u64) -> Result<()> {
    grow(memory, size as usize, 0).map_err(|cause| {
        Error::at(
            ErrorKind::OutOfMemory,
            chunk.begin,
            format!("no memory for a chunk: {cause}"),
        )
    })
}

/// Makes `vec` at least `len` long; the contents are lost if it grows.
pub(crate) fn grow<T: Clone>(
    vec: &mut Vec<T>,
    len: usize,
    zero: T,
) -> std::result::Result<(), TryReserveError> {
    if vec.len() < len {
        vec.clear();
        vec.try_reserve(len)?;
        vec.resize(len, zero);
    }
    Ok(())
}
