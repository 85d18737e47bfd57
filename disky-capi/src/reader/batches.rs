//! Chunk after chunk: decoded, passed over, or checked.

use super::{Reader, disky_reader};
use crate::boundary::{check_apart, output, place};
use crate::error::disky_error;
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_NOT_YET, DISKY_OK, disky_status};
use disky::{Batch, Next};

/// Where disky_reader_next put the records of a chunk, or how much memory it needs.
#[repr(C)]
pub struct disky_batch {
    /// Position of the chunk in the file, in bytes.
    pub chunk_begin: u64,
    /// Position just past the chunk and its padding, in bytes; where the next chunk may begin.
    pub chunk_end: u64,
    /// Number of records, at least 1.
    pub records: u64,
    /// Where the records begin in `data`, in bytes.
    pub data_offset: u64,
    /// Size of all records in bytes.
    pub data_size: u64,
    /// How many notices disky_reader_notice has to tell.
    pub notices: u64,
    /// How many regions disky_reader_skipped_region has to tell.
    pub skipped_regions: u64,
    /// 1 if only a search has found the chunk, so that it is likely but not proven to be part of
    /// this file; else 0. Never 1 but with DISKY_CORRUPTION_RECOVER.
    pub scanned: u32,
    /// Always 0.
    pub reserved: u32,
}

/// Decodes the next chunk that has records: to `ends` where each record ends, relative to the first
/// one's begin, and to `data` their bytes. `batch` says where; `ends_capacity` counts values,
/// `data_capacity` bytes. `ends` and `data` do not overlap.
///
/// DISKY_OK: done. DISKY_NEED_MEMORY: nothing was decoded; `batch` is written, and its `records`
/// and `data_size` are the capacities to call again with. DISKY_END: there are no more records;
/// `batch` is written, and only its `chunk_end`, `notices` and `skipped_regions` mean anything. DISKY_NOT_YET:
/// with `tail`, there is no other whole chunk for now; `batch` is as for DISKY_END, and the call may
/// be made again, some milliseconds later at least. After a failure the same call fails in the same
/// way.
///
/// With `tail`, if no chunk follows the damage, the first 10 calls return DISKY_NOT_YET and later ones
/// fail, because a file system may show the new size of a file before its new contents. If the file
/// has become shorter than the part already read, the call returns DISKY_TRUNCATED. It returns
/// DISKY_END only after the postscript of an ArrayRecord.
///
/// # Safety
///
/// `ends` and `data` have the capacities stated, all of it initialised; `reader` is alive; `batch`
/// and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_next(
    reader: *mut disky_reader,
    ends: *mut u64,
    ends_capacity: u64,
    data: *mut u8,
    data_capacity: u64,
    batch: *mut disky_batch,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `batch` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(batch) }?;
        check_apart(ends, ends_capacity, data, data_capacity)?;
        // SAFETY: the caller vouches for the memory at `ends`, which nobody else uses during the call.
        let ends = unsafe { output(ends, ends_capacity) }?;
        // SAFETY: the caller vouches for the memory at `data`, which nobody else uses during the call.
        let data = unsafe { output(data, data_capacity) }?;
        let next = reader.next(ends, data)?;
        let (status, found) = outcome(reader, next);
        out.write(found);
        Ok(status)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// The status that tells what `next` came to, and the numbers.
fn outcome(reader: &Reader, next: Next) -> (disky_status, disky_batch) {
    let (status, batch) = match next {
        Next::End => (DISKY_END, NO_BATCH),
        Next::NotYet => (DISKY_NOT_YET, NO_BATCH),
        Next::NeedMemory { ends, data } => {
            let need = disky_batch {
                records: ends as u64,
                data_size: data as u64,
                ..NO_BATCH
            };
            (DISKY_NEED_MEMORY, need)
        }
        Next::Batch(found) => (DISKY_OK, found.into()),
    };
    let batch = disky_batch {
        chunk_end: reader.position(),
        notices: reader.notices() as u64,
        skipped_regions: reader.skipped_regions() as u64,
        ..batch
    };
    (status, batch)
}

const NO_BATCH: disky_batch = disky_batch {
    chunk_begin: 0,
    chunk_end: 0,
    records: 0,
    data_offset: 0,
    data_size: 0,
    notices: 0,
    skipped_regions: 0,
    scanned: 0,
    reserved: 0,
};

impl From<Batch> for disky_batch {
    fn from(found: Batch) -> Self {
        Self {
            chunk_begin: found.chunk_begin,
            chunk_end: found.chunk_end,
            records: found.records as u64,
            data_offset: found.data_offset as u64,
            data_size: found.data_size as u64,
            scanned: found.scanned.into(),
            ..NO_BATCH
        }
    }
}

/// Goes past the next chunk that has records, as if disky_reader_next had decoded it, if it is the
/// one at `chunk_begin`. For a caller that has its records already: its data are not looked at.
///
/// DISKY_OK: done; `batch` tells of the chunk. DISKY_END: the next chunk with records, if there is
/// one, is another one, and still the next; `batch` is as disky_reader_next writes it at the end.
/// Skipped regions and notices are told as by disky_reader_next.
///
/// # Safety
///
/// `reader` is alive; `batch` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_skip(
    reader: *mut disky_reader,
    chunk_begin: u64,
    batch: *mut disky_batch,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `batch` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(batch) }?;
        let next = reader.skip(chunk_begin)?.map_or(Next::End, Next::Batch);
        let (status, found) = outcome(reader, next);
        out.write(found);
        Ok(status)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Checks every hash from the current position on, without decoding anything.
///
/// DISKY_OK: there are skipped regions or notices to be asked for; then the call is to be made
/// again. DISKY_END: the end of the file is reached; there may be some to be asked for, too.
///
/// # Safety
///
/// `reader` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_verify(
    reader: *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        let more = reader.verify()?;
        Ok(if more { DISKY_OK } else { DISKY_END })
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}
