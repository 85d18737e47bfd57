//! How a writer writes.

use crate::boundary::input;
use crate::dialect::{DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI};
use crate::error::Failure;
use crate::option::{flag, or_default};
use disky::{Brotli, Compression, Container, Dialect, OpenMode, WriterOptions, Zstd};

/// How to write.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_writer_options {
    /// A DISKY_OPEN_ constant.
    pub open_mode: u32,
    /// A DISKY_COMPRESSION_ constant.
    pub compression: u32,
    /// For DISKY_COMPRESSION_ZSTD the level, -131072 to 22, where 0 means the default, 3. For
    /// DISKY_COMPRESSION_BROTLI the quality, 0 to 11. Otherwise ignored.
    pub compression_level: i32,
    /// A DISKY_DIALECT_ constant.
    pub dialect: u32,
    /// The binary logarithm of the size of the compression window in bytes: 10 to 31 for
    /// DISKY_COMPRESSION_ZSTD, 10 to 30 for DISKY_COMPRESSION_BROTLI, otherwise ignored. 0 means
    /// the default.
    pub window_log: i32,
    /// A DISKY_CONTAINER_ constant.
    pub container: u32,
    /// With DISKY_CONTAINER_ARRAY_RECORD, the number of records in a chunk; only the last chunk may
    /// have fewer. 0 means the default, 1.
    pub group_size: u32,
    /// 1 if chunks are transposed, otherwise 0. Requires DISKY_DIALECT_RIEGELI.
    pub transpose: u32,
    /// The size of the caller's chunks in bytes, at most 1 GiB. The size of a bucket is relative to
    /// it. 0 means the default, 1 MiB.
    pub chunk_size: u64,
    /// The size of a bucket of a transposed chunk, relative to the chunk size: from 0.0, a bucket
    /// for each field, to 1.0. Ignored unless chunks are transposed.
    pub bucket_fraction: f64,
    /// A file that is continued is first padded to a multiple of this number of bytes, at most 1
    /// GiB; 0 or 1 for no padding. Padding requires DISKY_DIALECT_RIEGELI.
    pub initial_padding: u64,
    /// At each flush and at its end the file is padded to a multiple of this number of bytes, at
    /// most 1 GiB; 0 or 1 for no padding. Padding requires DISKY_DIALECT_RIEGELI. With
    /// DISKY_CONTAINER_ARRAY_RECORD the value is 0, 1 or 65536, and each chunk is padded.
    pub final_padding: u64,
    /// With DISKY_OPEN_APPEND, 1 if a torn tail is cut off, 0 if it is an error.
    pub repair: u32,
    /// 1 if the file has a temporary name until disky_writer_finish, and is removed by
    /// disky_writer_free if it was not finished; otherwise 0. Cannot be combined with
    /// DISKY_OPEN_APPEND.
    pub atomic_creation: u32,
    /// 1 if, with DISKY_DIALECT_DISKY, chunks are placed where upstream disky's own reader accepts
    /// them: it rejects some valid files. A chunk may then become two, and chunks without records
    /// may lie between. 0 if each chunk follows the one before. Ignored with DISKY_DIALECT_RIEGELI.
    pub upstream_compatibility: u32,
}

/// Create the file; fail if it exists.
pub const DISKY_OPEN_CREATE_NEW: u32 = 0;

/// Create the file, or discard its contents if it exists.
pub const DISKY_OPEN_OVERWRITE: u32 = 1;

/// Create the file, or continue it after its last record. Fail if its end is torn, unless `repair`
/// is 1 and the file can be repaired.
pub const DISKY_OPEN_APPEND: u32 = 2;

/// Riegeli/records: a sequence of chunks.
pub const DISKY_CONTAINER_RECORDS: u32 = 0;

/// ArrayRecord: chunks with the same number of records each, and an index of them at the end.
/// Requires DISKY_DIALECT_RIEGELI, and cannot be combined with DISKY_OPEN_APPEND.
pub const DISKY_CONTAINER_ARRAY_RECORD: u32 = 1;

/// No compression.
pub const DISKY_COMPRESSION_NONE: u32 = 0;

/// Compression with zstd.
pub const DISKY_COMPRESSION_ZSTD: u32 = 1;

/// Compression with brotli. Requires DISKY_DIALECT_RIEGELI.
pub const DISKY_COMPRESSION_BROTLI: u32 = 2;

/// Compression with snappy. Requires DISKY_DIALECT_RIEGELI.
pub const DISKY_COMPRESSION_SNAPPY: u32 = 3;

pub(super) fn open_mode(mode: u32) -> Result<OpenMode, Failure> {
    match mode {
        DISKY_OPEN_CREATE_NEW => Ok(OpenMode::CreateNew),
        DISKY_OPEN_OVERWRITE => Ok(OpenMode::Overwrite),
        DISKY_OPEN_APPEND => Ok(OpenMode::Append),
        _ => Err(Failure::invalid("unknown open mode")),
    }
}

pub(crate) fn engine_options(options: &disky_writer_options) -> Result<WriterOptions, Failure> {
    let default = WriterOptions::default();
    Ok(WriterOptions {
        compression: compression(options)?,
        dialect: match options.dialect {
            DISKY_DIALECT_DISKY => Dialect::Disky,
            DISKY_DIALECT_RIEGELI => Dialect::Riegeli,
            _ => return Err(Failure::invalid("unknown dialect")),
        },
        chunk_size: or_default(options.chunk_size, default.chunk_size),
        container: match options.container {
            DISKY_CONTAINER_RECORDS => Container::Records,
            DISKY_CONTAINER_ARRAY_RECORD => Container::ArrayRecord,
            _ => return Err(Failure::invalid("unknown container")),
        },
        group_size: options.group_size.max(1),
        transpose: flag(options.transpose, "transpose")?,
        bucket_fraction: options.bucket_fraction,
        initial_padding: options.initial_padding.max(1),
        final_padding: options.final_padding.max(1),
        metadata: default.metadata,
        repair: flag(options.repair, "repair")?,
        atomic_creation: flag(options.atomic_creation, "atomic_creation")?,
        upstream_compatibility: flag(options.upstream_compatibility, "upstream_compatibility")?,
    })
}

/// A copy of the file metadata at `metadata`; `None` if the pointer is null.
///
/// # Safety
///
/// `metadata` is null, or has `size` bytes that nobody writes during the call.
pub(super) unsafe fn file_metadata(
    metadata: *const u8,
    size: u64,
) -> Result<Option<Vec<u8>>, Failure> {
    if metadata.is_null() {
        return Ok(None);
    }
    // SAFETY: the pointer is not null, and the caller vouches for the bytes.
    let metadata = unsafe { input(metadata, size) }?;
    Ok(Some(metadata.to_vec()))
}

fn compression(options: &disky_writer_options) -> Result<Compression, Failure> {
    match options.compression {
        DISKY_COMPRESSION_NONE => Ok(Compression::None),
        DISKY_COMPRESSION_ZSTD => zstd(options),
        DISKY_COMPRESSION_BROTLI => brotli(options),
        DISKY_COMPRESSION_SNAPPY => Ok(Compression::Snappy),
        _ => Err(Failure::invalid("unknown compression")),
    }
}

fn zstd(options: &disky_writer_options) -> Result<Compression, Failure> {
    let zstd = Zstd::new(options.compression_level)?;
    Ok(Compression::Zstd(match options.window_log {
        0 => zstd,
        window_log => zstd.with_window_log(unsigned(window_log)?)?,
    }))
}

fn brotli(options: &disky_writer_options) -> Result<Compression, Failure> {
    let brotli = Brotli::new(unsigned(options.compression_level)?)?;
    Ok(Compression::Brotli(match options.window_log {
        0 => brotli,
        window_log => brotli.with_window_log(unsigned(window_log)?)?,
    }))
}

fn unsigned(option: i32) -> Result<u32, Failure> {
    u32::try_from(option).map_err(|_| Failure::invalid("a negative level or window"))
}
