//! Decodes, skips or checks one chunk after the other.

use super::{Reader, disky_reader};
use crate::boundary::{check_apart, input, output, place};
use crate::error::{Failure, disky_error};
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_NOT_YET, DISKY_OK, disky_status};
use disky::{Batch, Next, STREAMS, Slot, streams};

/// Where disky_reader_next wrote the records of a chunk, or how much memory it needs.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_batch {
    /// Position of the chunk in the file, in bytes.
    pub chunk_begin: u64,
    /// Position just past the chunk and its fill bytes, in bytes; where the next chunk may begin.
    pub chunk_end: u64,
    /// Number of records, at least 1.
    pub records: u64,
    /// Where the records begin in `data`, in bytes.
    pub data_offset: u64,
    /// Size of all records in bytes.
    pub data_size: u64,
    /// Number of notices that disky_reader_notice can return now.
    pub notices: u64,
    /// Number of regions that disky_reader_skipped_region can return now.
    pub skipped_regions: u64,
    /// 1 if only a search has found the chunk, so that it is likely but not certain to be part of
    /// this file; otherwise 0. Always 0 without DISKY_CORRUPTION_RECOVER.
    pub scanned: u32,
    /// Always 0.
    pub reserved: u32,
}

/// Decodes the next chunk that contains records. Writes the end of each record, relative to the
/// beginning of the first one, to `ends`, and the bytes of the records to `data`; `batch` states
/// the positions and numbers. `ends_capacity` is the number of values in `ends`, `data_capacity`
/// the number of bytes in `data`. The two must not overlap.
///
/// DISKY_OK: a chunk was decoded. DISKY_NEED_MEMORY: nothing was decoded; `batch` is written: call
/// again with at least `records` as `ends_capacity` and `data_size` as `data_capacity`. DISKY_END:
/// there are no more records; `batch` is written, and only its `chunk_end`, `notices` and
/// `skipped_regions` have a meaning. DISKY_NOT_YET: with `follow`, the file contains no further
/// complete chunk yet; `batch` is as for DISKY_END; call again after at least some milliseconds.
/// After a failure the same call fails in the same way.
///
/// With `follow`, if no chunk follows the damage, the first 10 calls return DISKY_NOT_YET and later
/// ones fail, because a file system may show the new size of a file before its new contents. If the
/// file has become shorter than the part already read, the call returns DISKY_TRUNCATED. It returns
/// DISKY_END only after the postscript of an ArrayRecord.
///
/// # Safety
///
/// `ends` and `data` have the stated capacities and are initialised; `reader` is alive; `batch` and
/// `error` point to valid memory of their types.
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
        // SAFETY: the caller vouches that `batch` is null or valid memory of its type; null is refused.
        let out = unsafe { place(batch) }?;
        check_apart(ends, ends_capacity, data, data_capacity)?;
        // SAFETY: the caller vouches for the memory at `ends`, which nobody else uses during the
        // call.
        let ends = unsafe { output(ends, ends_capacity) }?;
        // SAFETY: the caller vouches for the memory at `data`, which nobody else uses during the
        // call.
        let data = unsafe { output(data, data_capacity) }?;
        let next = reader.next(ends, data)?;
        let (status, found) = outcome(reader, next);
        out.write(found);
        Ok(status)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Memory for a chunk of a run, and where disky_reader_next_run wrote its records.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_slot {
    /// Memory for the end of each record.
    pub ends: *mut u64,
    /// The number of values in `ends`.
    pub ends_capacity: u64,
    /// Memory for the bytes of the records.
    pub data: *mut u8,
    /// The number of bytes in `data`.
    pub data_capacity: u64,
    /// Written by the call.
    pub batch: disky_batch,
}

/// Decodes the next chunk that contains records into the first slot, as disky_reader_next does, and, if
/// possible, the chunks after it into the further slots. Several chunks in one call take less time,
/// because they are hashed at the same time. `slots_count` is the number of slots, at least 1; at most
/// disky_run_length() of them are used. The pieces of memory must not overlap.
///
/// The status is what disky_reader_next returns for the first chunk, and the `batch` of the first slot is
/// written in the same way. With DISKY_OK, `chunks` is the number of chunks that were decoded, and the
/// `batch` of as many slots is written; notices and skipped regions lie before the first of them.
/// With another status, `chunks` is 0.
///
/// The call ends before a chunk, other than the first one, that is damaged, that needs more memory than
/// its slot has, or that has skipped regions before it. The next call begins with that chunk.
///
/// # Safety
///
/// `slots` points to `slots_count` slots whose `ends` and `data` have the stated capacities and are
/// initialised; `reader` is alive; `chunks` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_next_run(
    reader: *mut disky_reader,
    slots: *mut disky_slot,
    slots_count: u64,
    chunks: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `chunks` is null or valid memory of its type; null is refused.
        let out = unsafe { place(chunks) }?;
        // SAFETY: the caller vouches for the slots. They are copied before anything is written.
        let used: Vec<disky_slot> =
            unsafe { input(slots, slots_count.min(disky_run_length())) }?.to_vec();
        check_slots(&used)?;
        let mut memory = Vec::with_capacity(used.len());
        for slot in &used {
            // SAFETY: the caller vouches for the memory at `ends`, which nobody else uses during
            // the call; `check_slots` has found no other slot that shares it.
            let ends = unsafe { output(slot.ends, slot.ends_capacity) }?;
            // SAFETY: as for `ends`.
            let data = unsafe { output(slot.data, slot.data_capacity) }?;
            memory.push(Slot { ends, data });
        }
        let mut batches = Vec::with_capacity(STREAMS);
        let next = reader.next_run(&mut memory, &mut batches)?;
        let (status, mut first) = outcome(reader, next);
        if let Some(batch) = batches.first() {
            // The reader is at the end of the run.
            first.chunk_end = batch.chunk_end;
        }
        let further = batches.iter().skip(1).copied().map(disky_batch::from);
        for (index, batch) in std::iter::once(first).chain(further).enumerate() {
            // SAFETY: there are at most as many batches as slots, for which the caller vouches.
            unsafe { (&raw mut (*slots.add(index)).batch).write(batch) };
        }
        out.write(batches.len() as u64);
        Ok(status)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Returns how many slots disky_reader_next_run uses at most on this processor, which are as many chunks
/// as are hashed in the shortest time per byte: 1 to DISKY_RUN. Always returns the same number. Any thread
/// may call it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn disky_run_length() -> u64 {
    streams() as u64
}

/// The largest number that disky_run_length returns.
pub const DISKY_RUN: u64 = 4;
const _: () = assert!(DISKY_RUN as usize == STREAMS);

/// Fails if there is no slot, or if two of the pieces of memory overlap.
fn check_slots(slots: &[disky_slot]) -> Result<(), Failure> {
    if slots.is_empty() {
        return Err(Failure::invalid("a run has no slot for its first chunk"));
    }
    for (index, slot) in slots.iter().enumerate() {
        check_apart(slot.ends, slot.ends_capacity, slot.data, slot.data_capacity)?;
        for other in &slots[..index] {
            check_apart(
                slot.ends,
                slot.ends_capacity,
                other.ends,
                other.ends_capacity,
            )?;
            check_apart(
                slot.ends,
                slot.ends_capacity,
                other.data,
                other.data_capacity,
            )?;
            check_apart(
                slot.data,
                slot.data_capacity,
                other.ends,
                other.ends_capacity,
            )?;
            check_apart(
                slot.data,
                slot.data_capacity,
                other.data,
                other.data_capacity,
            )?;
        }
    }
    Ok(())
}

/// The status and the numbers for `next`.
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

/// Goes past the next chunk that contains records if it begins at `chunk_begin`, as if
/// disky_reader_next had decoded it. The reader does not read the data of the chunk: the caller has
/// its records already.
///
/// DISKY_OK: `batch` describes the chunk. DISKY_END: there is no further chunk with records, or it
/// begins elsewhere and remains the next one; `batch` is as disky_reader_next writes it at the end.
/// Skipped regions and notices are as for disky_reader_next.
///
/// # Safety
///
/// `reader` is alive; `batch` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_skip(
    reader: *mut disky_reader,
    chunk_begin: u64,
    batch: *mut disky_batch,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `batch` is null or valid memory of its type; null is refused.
        let out = unsafe { place(batch) }?;
        let next = reader.skip(chunk_begin)?.map_or(Next::End, Next::Batch);
        let (status, found) = outcome(reader, next);
        out.write(found);
        Ok(status)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Checks every hash from the current position on, without decoding records.
///
/// DISKY_OK: there are skipped regions or notices to take, or about 64 MiB were checked; call again
/// after taking them. DISKY_END: the end of the file is reached; skipped regions and notices may
/// remain to be taken then, too.
///
/// # Safety
///
/// `reader` is alive; `error` points to valid memory of its type.
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
