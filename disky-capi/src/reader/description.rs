//! Describes a file: its chunks, its records, its metadata.

use super::{Reader, disky_reader};
use crate::boundary::{output, place};
use crate::dialect::{DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI};
use crate::error::disky_error;
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_OK, disky_status};
use disky::{ArrayRecordPart, ChunkDescription, Dialect, SizeDistribution};

/// A chunk, as disky_reader_chunk_at describes it.
#[repr(C)]
pub struct disky_chunk {
    /// Position of the chunk in bytes.
    pub begin: u64,
    /// Position just past the chunk and its fill bytes, in bytes.
    pub end: u64,
    /// Number of records.
    pub records: u64,
    /// Size of its encoded data in bytes.
    pub data_size: u64,
    /// Sum of its record sizes in bytes.
    pub decoded_data_size: u64,
    /// The byte that denotes its type, for example `r`.
    pub chunk_type: u32,
    /// The byte that denotes its compression, for example `z`; UINT32_MAX if chunks of its type
    /// have no compression.
    pub compression_type: u32,
    /// DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI, or UINT32_MAX if the chunk looks the same in
    /// both.
    pub dialect: u32,
    /// Which part of an ArrayRecord it is, a DISKY_PART_ constant.
    pub part: u32,
}

/// Not a part of the index of an ArrayRecord.
pub const DISKY_PART_NONE: u32 = 0;

/// The footer of an ArrayRecord, which lists its chunks; it contains no records of the user.
pub const DISKY_PART_FOOTER: u32 = 1;

/// The postscript of an ArrayRecord, which states the position of the footer; it contains no
/// records of the user.
pub const DISKY_PART_POSTSCRIPT: u32 = 2;

/// Number of buckets of a disky_sizes.
pub const DISKY_SIZE_BUCKETS: usize = 65;

/// A distribution of sizes in bytes.
#[repr(C)]
pub struct disky_sizes {
    /// Number of sizes.
    pub count: u64,
    /// The smallest size; 0 if there is none.
    pub smallest: u64,
    /// The largest size; 0 if there is none.
    pub largest: u64,
    /// Sum of the sizes.
    pub total: u64,
    /// Number of sizes per bucket: of 0 bytes, of 1, of 2 to 3, of 4 to 7, and so on. Bucket `i`
    /// counts the sizes less than 2 to the power of `i` that no bucket before it counts.
    pub buckets: [u64; DISKY_SIZE_BUCKETS],
}

/// Describes the chunk of any type that begins at `position`, from its header and its first bytes.
/// The first chunk begins at 0, each other one at the end of the one before. A caller that requests
/// them in this order learns the parts of an ArrayRecord even if its postscript is lost. The
/// position of the reader does not change.
///
/// DISKY_OK: `chunk` is written. DISKY_END: `position` is the end of the file.
///
/// # Safety
///
/// `reader` is alive; `chunk` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_chunk_at(
    reader: *mut disky_reader,
    position: u64,
    chunk: *mut disky_chunk,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `chunk` is null or valid memory of its type; null is refused.
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

/// Measures the records of the complete file and stores their sizes in `sizes`. The reader reads only
/// the record sizes of simple chunks and does not check their data hashes. The result leaves out
/// the records of chunks above a limit or with an unknown compression. The position of the reader
/// does not change.
///
/// # Safety
///
/// `reader` is alive; `sizes` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_record_sizes(
    reader: *mut disky_reader,
    sizes: *mut disky_sizes,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `sizes` is null or valid memory of its type; null is refused.
        let out = unsafe { place(sizes) }?;
        out.write(sizes_of(&reader.record_sizes()?));
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Measures as disky_reader_record_sizes does, in steps of about 64 MiB of the file, so that the
/// caller can show its progress.
///
/// DISKY_OK: a step is done; call again. DISKY_END: the last step is done, and `sizes` has the sizes
/// of the records of the complete file; the next call begins anew, as after a failure.
///
/// # Safety
///
/// `reader` is alive; `sizes` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_measure(
    reader: *mut disky_reader,
    sizes: *mut disky_sizes,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `sizes` is null or valid memory of its type; null is refused.
        let out = unsafe { place(sizes) }?;
        Ok(match reader.measure()? {
            Some(found) => {
                out.write(sizes_of(&found));
                DISKY_END
            }
            None => DISKY_OK,
        })
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

fn sizes_of(found: &SizeDistribution) -> disky_sizes {
    disky_sizes {
        count: found.count,
        smallest: found.smallest,
        largest: found.largest,
        total: found.total,
        buckets: found.buckets,
    }
}

/// Counts the records of the file, or of the reader's range, from chunk headers alone, and stores
/// the number in `records`. The position of the reader does not change.
///
/// # Safety
///
/// `reader` is alive; `records` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_count(
    reader: *mut disky_reader,
    records: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `records` is null or valid memory of its type; null is refused.
        let out = unsafe { place(records) }?;
        let count = reader.count()?;
        out.write(count);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Reads the file metadata, a serialized RecordsMetadata message, into `metadata`, which has room
/// for `metadata_capacity` bytes, and stores its size in bytes in `metadata_size`. The position of
/// the reader does not change.
///
/// DISKY_OK: both are written. DISKY_NEED_MEMORY: only `metadata_size` is written; it is greater
/// than `metadata_capacity`. DISKY_END: the file has no metadata. DISKY_TOO_LARGE: the metadata
/// exceed 64 MiB, or the limit of the reader.
///
/// # Safety
///
/// `metadata` has the stated capacity and is initialised; `reader` is alive; `metadata_size` and
/// `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_metadata(
    reader: *mut disky_reader,
    metadata: *mut u8,
    metadata_capacity: u64,
    metadata_size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `metadata_size` is valid memory of its type, as the caller vouches, or is
        // refused.
        let size = unsafe { place(metadata_size) }?;
        // SAFETY: the caller vouches for the memory at `metadata`, which nobody else uses during
        // the call.
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
