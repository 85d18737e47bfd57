//! Lists that grow with the records.

use crate::error::{Error, ErrorKind, Result};

/// Appends an element. Fails if the memory cannot be allocated: the length of the list depends on
/// the records, which must not abort the process.
#[inline(always)]
pub(super) fn push<T>(elements: &mut Vec<T>, element: T) -> Result<()> {
    if elements.len() == elements.capacity() {
        elements.try_reserve(1).map_err(|_| out_of_memory())?;
    }
    elements.push(element);
    Ok(())
}

#[cold]
pub(super) fn out_of_memory() -> Error {
    Error::new(ErrorKind::OutOfMemory, "no memory to encode a chunk")
}
