//! Reads single records of chunks anywhere in a file.

use super::{Reader, disky_reader};
use crate::boundary::{check_apart, input, output, place};
use crate::error::disky_error;
use crate::handle::call_on;
use crate::status::{DISKY_OK, disky_status};
use disky::{PickedChunk, PickedRecord};

/// A chunk of which disky_reader_pick reads records.
#[repr(C)]
pub struct disky_picked_chunk {
    /// Position of the chunk in bytes.
    pub begin: u64,
    /// Position just past the chunk in bytes.
    pub end: u64,
    /// Number of records in the chunk.
    pub records: u64,
    /// How many of its records to read.
    pub picked: u64,
}

/// A record that disky_reader_pick reads.
#[repr(C)]
pub struct disky_picked_record {
    /// The index of the record in its chunk.
    pub index: u64,
    /// Written by the call: where the record begins in `memory`, in bytes.
    pub offset: u64,
    /// Written by the call: size of the record in bytes.
    pub size: u64,
}

/// How much disky_reader_pick has read.
#[repr(C)]
pub struct disky_picked {
    /// The number of chunks, from the first one on, whose records were read.
    pub chunks: u64,
    /// The number of bytes of `memory`, from the first one on, in which these records lie.
    pub used: u64,
}

// The engine has the same structs, so that arrays of them are passed on without a copy.
const _: () = assert!(size_of::<disky_picked_chunk>() == size_of::<PickedChunk>());
const _: () = assert!(size_of::<disky_picked_record>() == size_of::<PickedRecord>());

/// Reads single records of chunks anywhere in the file: several chunks in one call. Checks the
/// hashes of each of these chunks, and its sizes. The chunks are as disky_reader_chunks or
/// disky_reader_index has listed them. `records` has the indexes of the records of one chunk after
/// the other, ascending within each chunk; the call sets their offsets and sizes. Bytes of `memory`
/// outside the records are arbitrary afterwards. The position of the reader does not change.
///
/// DISKY_OK: `picked` states how many chunks were read. The call stops before the first chunk that it
/// cannot read: one that does not fit into `memory`, is not a simple chunk, is not as stated, above a
/// limit or damaged, or whose bytes cannot be read. Read that chunk with disky_reader_seek and
/// disky_reader_next, which state the reason. An uncompressed chunk takes about its size in the file,
/// a compressed one also the size of its records and up to 63 bytes.
///
/// If the caller supplies the bytes, it supplies those of all chunks before the call, with
/// disky_reader_supply: the call does not return DISKY_NEED_BYTES, but stops before the first chunk
/// whose bytes it does not have. The reader does not keep the bytes after the call.
///
/// # Safety
///
/// `chunks`, `records` and `memory` have the stated sizes and are initialised; `reader` is alive;
/// `picked` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_pick(
    reader: *mut disky_reader,
    chunks: *const disky_picked_chunk,
    chunk_count: u64,
    records: *mut disky_picked_record,
    record_count: u64,
    memory: *mut u8,
    memory_size: u64,
    picked: *mut disky_picked,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `picked` is null or valid memory of its type; null is refused.
        let out = unsafe { place(picked) }?;
        check_apart(records, record_count, memory, memory_size)?;
        check_apart(chunks, chunk_count, memory, memory_size)?;
        check_apart(chunks, chunk_count, records, record_count)?;
        // SAFETY: the caller vouches for the memory at `chunks`. The engine's struct has the same
        // four fields.
        let chunks = unsafe { input(chunks.cast::<PickedChunk>(), chunk_count) }?;
        // SAFETY: the caller vouches for the memory at `records`, which nobody else uses during the
        // call. The engine's struct has the same three fields.
        let records = unsafe { output(records.cast::<PickedRecord>(), record_count) }?;
        // SAFETY: the caller vouches for the memory at `memory`, which nobody else uses during the
        // call.
        let memory = unsafe { output(memory, memory_size) }?;
        let found = reader.pick(chunks, records, memory);
        out.write(disky_picked {
            chunks: found.chunks as u64,
            used: found.used as u64,
        });
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}
