//! Describes a file: its chunks, its records, its metadata.

use super::{Reader, disky_reader};
use crate::boundary::{output, place};
use crate::dialect::{DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI};
use crate::error::disky_error;
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_OK, disky_status};
use disky::{ArrayRecordPart, ChunkDescription, Dialect};

/// A chunk, as disky_reader_chunk_at describes it.
#[repr(C)]
pub struct disky_chunk {
    /// Position of the chunk in bytes.
    pub begin: u64,
    /// Position just past the chunk and its padding, in bytes.
    pub end: u64,
    /// Number of records.
    pub records: u64,
    /// Size of its encoded data in bytes.
    pub data_size: u64,
    /// Sum of its record sizes in bytes.
    pub decoded_data_size: u64,
    /// The byte that denotes its type, `r` for example.
    pub chunk_type: u32,
    /// The byte that denotes its compression, `z` for example; UINT32_MAX if chunks of its type
    /// have none.
    pub compression_type: u32,
    /// DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI, or UINT32_MAX if the chunk shows none.
    pub dialect: u32,
    /// What of an ArrayRecord it is, a DISKY_PART_ constant.
    pub part: u32,
}

/// No part of an ArrayRecord's index.
pub const DISKY_PART_NONE: u32 = 0;

/// The footer of an ArrayRecord, which lists its chunks; holds no records of the user.
pub const DISKY_PART_FOOTER: u32 = 1;

/// The postscript of an ArrayRecord, which tells where the footer is; holds no records of the user.
pub const DISKY_PART_POSTSCRIPT: u32 = 2;

/// How many buckets a disky_sizes has.
pub const DISKY_SIZE_BUCKETS: usize = 65;

/// A distribution of sizes in bytes.
#[repr(C)]
pub struct disky_sizes {
    /// How many there are.
    pub count: u64,
    /// The smallest one, 0 if there is none.
    pub smallest: u64,
    /// The largest one, 0 if there is none.
    pub largest: u64,
    /// The sum of their sizes.
    pub total: u64,
    /// How many there are of 0 bytes, of 1, of 2 to 3, of 4 to 7, and so on: bucket `i` has those of
    /// less than 2 to the power of `i` that no bucket before it has.
    pub buckets: [u64; DISKY_SIZE_BUCKETS],
}

/// Describes the chunk that begins at `position`, of any type, from its header and its first bytes.
/// The first chunk begins at 0, each other one at the end of the one before; asked for in this
/// order, the parts of an ArrayRecord are known even where its postscript is lost. The position of
/// the reader does not change.
///
/// DISKY_OK: `chunk` is written. DISKY_END: `position` is the end of the file.
///
/// # Safety
///
/// `reader` is alive; `chunk` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_chunk_at(
    reader: *mut disky_reader,
    position: u64,
    chunk: *mut disky_chunk,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `chunk` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(chunk) }?;
        let found = reader.chunk_at(position)?;
        let Some(found) = found else {
            return Ok(DISKY_END);
        };
        out.write(found.into());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

impl From<ChunkDescription> for disky_chunk {
    fn from(found: ChunkDescription) -> Self {
        let header = found.chunk.header;
        Self {
            begin: found.chunk.begin,
            end: found.chunk.end,
            records: header.num_records,
            data_size: header.data_size,
            decoded_data_size: header.decoded_data_size,
            chunk_type: header.chunk_type.to_byte().into(),
            compression_type: found
                .compression_type
                .map_or(u32::MAX, |c| c.to_byte().into()),
            dialect: match found.dialect {
                Some(Dialect::Disky) => DISKY_DIALECT_DISKY,
                Some(Dialect::Riegeli) => DISKY_DIALECT_RIEGELI,
                None => u32::MAX,
            },
            part: match found.part {
                None => DISKY_PART_NONE,
                Some(ArrayRecordPart::Footer) => DISKY_PART_FOOTER,
                Some(ArrayRecordPart::Postscript) => DISKY_PART_POSTSCRIPT,
            },
        }
    }
}

/// Stores how large the records of the whole file are in `sizes`. Of simple chunks only the record
/// sizes are read, and their data hashes are not checked. Records of chunks above the limit, or of a
/// compression that is not known, are left out. The position of the reader does not change.
///
/// # Safety
///
/// `reader` is alive; `sizes` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_record_sizes(
    reader: *mut disky_reader,
    sizes: *mut disky_sizes,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `sizes` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(sizes) }?;
        let found = reader.record_sizes()?;
        out.write(disky_sizes {
            count: found.count,
            smallest: found.smallest,
            largest: found.largest,
            total: found.total,
            buckets: found.buckets,
        });
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Counts the records of the whole file, from chunk headers alone, into `records`. The position of
/// the reader does not change.
///
/// # Safety
///
/// `reader` is alive; `records` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_count(
    reader: *mut disky_reader,
    records: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `records` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(records) }?;
        let count = reader.count()?;
        out.write(count);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Reads the file metadata, a serialized RecordsMetadata message, into `metadata`, which has room
/// for `metadata_capacity` bytes, and stores their size in bytes in `metadata_size`. The position of
/// the reader does not change.
///
/// DISKY_OK: done. DISKY_NEED_MEMORY: `metadata_size` is written and more than the capacity;
/// `metadata` is not. DISKY_END: the file has none. DISKY_TOO_LARGE: they exceed 64 MiB, or the
/// limit of the reader.
///
/// # Safety
///
/// `metadata` has the capacity stated, all of it initialised; `reader` is alive; `metadata_size` and
/// `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_metadata(
    reader: *mut disky_reader,
    metadata: *mut u8,
    metadata_capacity: u64,
    metadata_size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `metadata_size` points to what its type says, as the caller vouches, or is refused.
        let size = unsafe { place(metadata_size) }?;
        // SAFETY: the caller vouches for the memory at `metadata`, which nobody else uses during the call.
        let memory = unsafe { output(metadata, metadata_capacity) }?;
        let found = reader.metadata()?;
        let Some(found) = found else {
            return Ok(DISKY_END);
        };
        size.write(found.len() as u64);
        let Some(memory) = memory.get_mut(..found.len()) else {
            return Ok(DISKY_NEED_MEMORY);
        };
        memory.copy_from_slice(&found);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}
