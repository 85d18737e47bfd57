//! Statuses: the outcomes of calls.

use disky::ErrorKind;

/// The outcome of a call: one of the DISKY_ constants below. Negative ones are failures.
pub type disky_status = i32;

/// The call succeeded.
pub const DISKY_OK: disky_status = 0;
/// There is nothing more to read.
pub const DISKY_END: disky_status = 1;
/// More memory is needed. The call states how much, and changed nothing.
pub const DISKY_NEED_MEMORY: disky_status = 2;
/// A file that grows contains nothing more to read for now.
pub const DISKY_NOT_YET: disky_status = 3;
/// A reader without a file needs bytes. disky_reader_need states which; after disky_reader_supply
/// the same call must be made again. No output was written.
pub const DISKY_NEED_BYTES: disky_status = 4;

/// The operating system failed a request; `os_error` is its error code, if there is one.
pub const DISKY_IO: disky_status = -1;
/// Another writer has the file open.
pub const DISKY_LOCKED: disky_status = -2;
/// Memory could not be allocated.
pub const DISKY_OUT_OF_MEMORY: disky_status = -3;
/// An argument is null, misaligned or outside its range.
pub const DISKY_INVALID_ARGUMENT: disky_status = -4;
/// Another thread is using the object.
pub const DISKY_BUSY: disky_status = -5;
/// A defect of this library; the object can only be freed.
pub const DISKY_INTERNAL: disky_status = -6;

/// The file does not start with the file signature.
pub const DISKY_NOT_A_RECORD_FILE: disky_status = -20;
/// The file ends inside a structure.
pub const DISKY_TRUNCATED: disky_status = -21;
/// A block header is damaged, or contradicts the chunk that it interrupts.
pub const DISKY_BLOCK_HEADER: disky_status = -22;
/// A chunk header is damaged, or states impossible sizes.
pub const DISKY_CHUNK_HEADER: disky_status = -23;
/// The data of a chunk do not match their hash.
pub const DISKY_DATA_HASH: disky_status = -24;
/// The record sizes in a chunk contradict its header.
pub const DISKY_RECORD_SIZES: disky_status = -25;
/// Compressed data do not decompress to the stated size.
pub const DISKY_COMPRESSED_DATA: disky_status = -26;
/// A file signature lies where no concatenated file can begin.
pub const DISKY_MISPLACED_SIGNATURE: disky_status = -27;
/// A transposed chunk contradicts itself or its header.
pub const DISKY_TRANSPOSED_DATA: disky_status = -28;

/// This version does not know the chunk type.
pub const DISKY_UNSUPPORTED_CHUNK_TYPE: disky_status = -40;
/// This version does not know the compression type.
pub const DISKY_UNSUPPORTED_COMPRESSION: disky_status = -41;
/// A chunk exceeds a limit of the reader; `size` and `limit` are the two numbers.
pub const DISKY_TOO_LARGE: disky_status = -42;

pub(crate) fn status_of(kind: ErrorKind) -> disky_status {
    match kind {
        ErrorKind::NotARecordFile => DISKY_NOT_A_RECORD_FILE,
        ErrorKind::Truncated => DISKY_TRUNCATED,
        ErrorKind::BlockHeader => DISKY_BLOCK_HEADER,
        ErrorKind::ChunkHeader => DISKY_CHUNK_HEADER,
        ErrorKind::DataHash => DISKY_DATA_HASH,
        ErrorKind::RecordSizes => DISKY_RECORD_SIZES,
        ErrorKind::CompressedData => DISKY_COMPRESSED_DATA,
        ErrorKind::TransposedData => DISKY_TRANSPOSED_DATA,
        ErrorKind::MisplacedSignature => DISKY_MISPLACED_SIGNATURE,
        ErrorKind::UnsupportedChunkType => DISKY_UNSUPPORTED_CHUNK_TYPE,
        ErrorKind::UnsupportedCompression => DISKY_UNSUPPORTED_COMPRESSION,
        ErrorKind::TooLarge => DISKY_TOO_LARGE,
        ErrorKind::Io => DISKY_IO,
        ErrorKind::Locked => DISKY_LOCKED,
        ErrorKind::OutOfMemory => DISKY_OUT_OF_MEMORY,
        ErrorKind::InvalidArgument => DISKY_INVALID_ARGUMENT,
        ErrorKind::NeedBytes => DISKY_NEED_BYTES,
        _ => DISKY_INTERNAL,
    }
}
