//! Chunks by their position.

use super::{Reader, disky_reader};
use crate::boundary::{output, place};
use crate::error::{Failure, disky_error};
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_OK, disky_status};
use disky::{Extent, Nearest};

/// Moves to the chunk at `chunk_begin`: its records are read next. Nothing is read yet.
///
/// If `chunk_end` is not 0, this is a disky_extent of disky_reader_chunks or disky_reader_index: the
/// chunk is then read with as few requests as its size allows, and taken for one of records without
/// a look at it.
///
/// DISKY_INVALID_ARGUMENT: no chunk can begin there, or it is outside the range of the reader, whose
/// position then stays the same.
///
/// # Safety
///
/// `reader` is alive; `error` points to what its type says.
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

/// Where a chunk lies, and how much is in it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_extent {
    /// Position of the chunk in bytes.
    pub begin: u64,
    /// Position just past the chunk in bytes; of disky_reader_index, where it ends or before.
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

/// Of disky_reader_find_chunk: the last chunk that begins at a position or before it.
pub const DISKY_NEAREST_AT_OR_BEFORE: u32 = 0;

/// Of disky_reader_find_chunk: the first chunk that begins at a position or after it.
pub const DISKY_NEAREST_AT_OR_AFTER: u32 = 1;

/// Of disky_reader_find_chunk: the last chunk that holds records of the user, in the range, and begins
/// before a position. With DISKY_CORRUPTION_RECOVER this chunk can be read, and
/// disky_reader_skipped_region returns the regions skipped between it and the position. A caller that
/// goes back from chunk to chunk in this way reads each part of the file once.
pub const DISKY_NEAREST_RECORDS_BEFORE: u32 = 2;

/// Finds the chunk, of any type unless `nearest` says otherwise, that is nearest to `position`;
/// `nearest` is a DISKY_NEAREST_ constant. The block headers tell where to look, so that a few small
/// reads do. The position of the reader does not change.
///
/// DISKY_OK: `extent` is written. DISKY_END: there is none on that side.
///
/// # Safety
///
/// `reader` is alive; `extent` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_find_chunk(
    reader: *mut disky_reader,
    position: u64,
    nearest: u32,
    extent: *mut disky_extent,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `extent` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(extent) }?;
        let nearest = match nearest {
            DISKY_NEAREST_AT_OR_BEFORE => Some(Nearest::AtOrBefore),
            DISKY_NEAREST_AT_OR_AFTER => Some(Nearest::AtOrAfter),
            DISKY_NEAREST_RECORDS_BEFORE => None,
            _ => return Err(Failure::invalid("unknown way to be nearest")),
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

/// How many extents are listed without leaving the engine.
const LISTED_AT_ONCE: usize = 64;

/// Lists the chunks that hold records of the user and begin in `position`..`limit`, from chunk
/// headers, to `extents`, which has room for `capacity`. `count` is how many were listed, and `next`
/// where to go on: a caller that repeats the call there, until `next` is at least `limit` or the size
/// of the file, gets all of them. `position` is 0, a `next`, or where a chunk begins. The position of the reader does not
/// change.
///
/// Damage is a failure, also with DISKY_CORRUPTION_RECOVER; the call first returns the chunks that it
/// has listed before the damage.
///
/// # Safety
///
/// `extents` has the capacity stated, all of it initialised; `reader` is alive; `count`, `next` and
/// `error` point to what their types say.
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
        // SAFETY: `count` points to what its type says, as the caller vouches, or is refused.
        let count = unsafe { place(count) }?;
        // SAFETY: `next` points to what its type says, as the caller vouches, or is refused.
        let next = unsafe { place(next) }?;
        // SAFETY: the caller vouches for the memory at `extents`, which nobody else uses during the call.
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

/// Tells the chunks that the footer of an ArrayRecord lists, in `extents`, which has room for
/// `capacity`, and in `count` how many there are. Only the first and the last one are known to be
/// there: a caller that reads a chunk compares its number of records with the listed one.
///
/// DISKY_OK: done. DISKY_NEED_MEMORY: only `count` is written, which is more than the capacity.
/// DISKY_END: there is no footer that can be used.
///
/// # Safety
///
/// `extents` has the capacity stated, all of it initialised; `reader` is alive; `count` and `error`
/// point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_index(
    reader: *mut disky_reader,
    extents: *mut disky_extent,
    capacity: u64,
    count: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `count` points to what its type says, as the caller vouches, or is refused.
        let count = unsafe { place(count) }?;
        // SAFETY: the caller vouches for the memory at `extents`, which nobody else uses during the call.
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
