//! Finds and lists chunks by their position.

use super::{Reader, disky_reader};
use crate::boundary::{output, place};
use crate::error::{Failure, disky_error};
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_OK, disky_status};
use disky::{Extent, Nearest};

/// Moves to the chunk at `chunk_begin`, which is then the next one to read. Reads nothing yet.
///
/// If `chunk_end` is not 0, the two positions must be those of a disky_extent from
/// disky_reader_chunks or disky_reader_index. The reader then reads the chunk with as few requests
/// as its size allows, and does not check whether it is part of the index of an ArrayRecord.
/// `chunk_end` may also be the end of a later extent, if the chunks up to it are read next.
///
/// DISKY_INVALID_ARGUMENT: no chunk can begin there, or the position is outside the range of the
/// reader; its position did not change.
///
/// # Safety
///
/// `reader` is alive; `error` points to valid memory of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_seek(
    reader: *mut disky_reader,
    chunk_begin: u64,
    chunk_end: u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        reader.seek(chunk_begin, chunk_end)?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Where a chunk lies, and how many records it contains.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_extent {
    /// Position of the chunk in bytes.
    pub begin: u64,
    /// Position just past the chunk in bytes. In an extent from disky_reader_index, the chunk may
    /// end before it.
    pub end: u64,
    /// Number of records.
    pub records: u64,
    /// Sum of its record sizes in bytes.
    pub decoded_data_size: u64,
}

impl From<Extent> for disky_extent {
    fn from(found: Extent) -> Self {
        Self {
            begin: found.begin,
            end: found.end,
            records: found.records,
            decoded_data_size: found.decoded_data_size,
        }
    }
}

/// For disky_reader_find_chunk: the last chunk that begins at or before a position.
pub const DISKY_NEAREST_AT_OR_BEFORE: u32 = 0;

/// For disky_reader_find_chunk: the first chunk that begins at or after a position.
pub const DISKY_NEAREST_AT_OR_AFTER: u32 = 1;

/// For disky_reader_find_chunk: the last chunk that contains records of the user and begins in the
/// range and before a position. With DISKY_CORRUPTION_RECOVER this chunk can be read, and
/// disky_reader_skipped_region returns the regions skipped between it and the position. A caller
/// that goes back from chunk to chunk in this way reads each part of the file once.
pub const DISKY_NEAREST_RECORDS_BEFORE: u32 = 2;

/// Finds the chunk nearest to `position`. `nearest` is a DISKY_NEAREST_ constant; unless it states
/// otherwise, chunks of all types count. Block headers state where chunks begin, so that a few
/// small reads suffice. The position of the reader does not change.
///
/// DISKY_OK: `extent` is written. DISKY_END: the file has no such chunk.
///
/// # Safety
///
/// `reader` is alive; `extent` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_find_chunk(
    reader: *mut disky_reader,
    position: u64,
    nearest: u32,
    extent: *mut disky_extent,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `extent` is null or valid memory of its type; null is refused.
        let out = unsafe { place(extent) }?;
        let nearest = match nearest {
            DISKY_NEAREST_AT_OR_BEFORE => Some(Nearest::AtOrBefore),
            DISKY_NEAREST_AT_OR_AFTER => Some(Nearest::AtOrAfter),
            DISKY_NEAREST_RECORDS_BEFORE => None,
            _ => return Err(Failure::invalid("unknown DISKY_NEAREST_ constant")),
        };
        let found = match nearest {
            Some(nearest) => reader.find_chunk(position, nearest)?,
            None => reader.records_before(position)?,
        };
        let Some(found) = found else {
            return Ok(DISKY_END);
        };
        out.write(found.into());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// How many extents one call to the engine lists.
const LISTED_AT_ONCE: usize = 64;

/// Lists the chunks that contain records of the user and begin in `position`..`limit`, from chunk
/// headers alone. Writes them to `extents`, at most `capacity`; their number to `count`; and to
/// `next` the position at which to continue. The list is complete if `next` is at least `limit` or
/// the size of the file; otherwise repeat the call from `next` on. `position` is 0, a `next`, or
/// the beginning of a chunk. The position of the reader does not change.
///
/// Damage is a failure, also with DISKY_CORRUPTION_RECOVER; the call first returns the chunks
/// before the damage.
///
/// # Safety
///
/// `extents` has the stated capacity and is initialised; `reader` is alive; `count`, `next` and
/// `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_chunks(
    reader: *mut disky_reader,
    position: u64,
    limit: u64,
    extents: *mut disky_extent,
    capacity: u64,
    count: *mut u64,
    next: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `count` is null or valid memory of its type; null is refused.
        let count = unsafe { place(count) }?;
        // SAFETY: the caller vouches that `next` is null or valid memory of its type; null is refused.
        let next = unsafe { place(next) }?;
        // SAFETY: the caller vouches for the memory at `extents`, which nobody else uses during the
        // call.
        let extents = unsafe { output(extents, capacity) }?;
        let (listed, position) = list(reader, position, limit, extents)?;
        count.write(listed as u64);
        next.write(position);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

fn list(
    reader: &mut Reader,
    position: u64,
    limit: u64,
    extents: &mut [disky_extent],
) -> Result<(usize, u64), Failure> {
    let mut some = [Extent::default(); LISTED_AT_ONCE];
    let (mut listed, mut position) = (0, position);
    for part in extents.chunks_mut(LISTED_AT_ONCE) {
        let found = match reader.list_chunks(position, limit, &mut some[..part.len()]) {
            Err(_) if listed > 0 => break,
            found => found?,
        };
        for (out, extent) in part.iter_mut().zip(&some[..found.0]) {
            *out = (*extent).into();
        }
        listed += found.0;
        position = found.1;
        if found.0 < part.len() {
            break;
        }
    }
    Ok((listed, position))
}

/// Writes the chunks that the footer of an ArrayRecord lists to `extents`, at most `capacity`, and
/// their number to `count`. The reader checks only the first and the last chunk: after reading
/// another one, compare its number of records with the listed one.
///
/// DISKY_OK: all chunks are written. DISKY_NEED_MEMORY: only `count` is written; it is greater than
/// `capacity`. DISKY_END: there is no usable footer.
///
/// # Safety
///
/// `extents` has the stated capacity and is initialised; `reader` is alive; `count` and `error`
/// point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_index(
    reader: *mut disky_reader,
    extents: *mut disky_extent,
    capacity: u64,
    count: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `count` is null or valid memory of its type; null is refused.
        let count = unsafe { place(count) }?;
        // SAFETY: the caller vouches for the memory at `extents`, which nobody else uses during the
        // call.
        let extents = unsafe { output(extents, capacity) }?;
        let found = reader.index()?;
        let Some(found) = found else {
            return Ok(DISKY_END);
        };
        count.write(found.len() as u64);
        let Some(extents) = extents.get_mut(..found.len()) else {
            return Ok(DISKY_NEED_MEMORY);
        };
        for (out, extent) in extents.iter_mut().zip(found) {
            *out = extent.into();
        }
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}
