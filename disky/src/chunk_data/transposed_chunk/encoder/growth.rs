//! Lists that grow with the records.

use crate::error::{Error, ErrorKind, Result};

/// Appends an element. What grows with the records must not abort when there is no memory left.
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
