//! How a reader reads.

use crate::boundary::input;
use crate::error::Failure;
use crate::option::{flag, or_default};
use disky::{AccessPattern, CorruptionStrategy, FieldProjection, Limits, ReaderOptions};
use std::ops::Range;

/// How to read.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_reader_options {
    /// The maximum size of a chunk in bytes. It applies to the decoded chunk, which is its records
    /// and 8 bytes for each, and to its encoded data. 0 means the default, 1 GiB.
    pub max_chunk_size: u64,
    /// The maximum size of a record in bytes. 0 means the default: only the limit on chunks
    /// applies.
    pub max_record_size: u64,
    /// The maximum number of records in a chunk. 0 means the default: only the limit on chunks
    /// applies.
    pub max_records_per_chunk: u64,
    /// A DISKY_CORRUPTION_ constant.
    pub corruption_strategy: u32,
    /// With DISKY_CORRUPTION_RECOVER, 1 to leave out chunks that only a search finds, otherwise 0.
    pub without_scan: u32,
    /// 1 if disky_reader_next follows a file that grows, otherwise 0. Cannot be combined with
    /// DISKY_CORRUPTION_RECOVER.
    pub follow: u32,
    /// 1 if the caller will request chunks in any order, so that reading ahead does not pay,
    /// otherwise 0.
    pub random_access: u32,
    /// The reader reads the chunks that begin in range_begin..range_end, file positions in bytes.
    /// Readers of adjoining ranges together read each chunk exactly once, even if a range begins in
    /// the middle of a chunk.
    pub range_begin: u64,
    /// The end of the range; 0 means the end of the file.
    pub range_end: u64,
    /// The fields to read of protocol buffer messages in transposed chunks: for each field the length
    /// of its path, then the path, the field numbers from the record down. A path includes the field
    /// that it leads to. 0 as its last number includes only the existence of the field before it, and
    /// an empty path the complete record. Null: complete records. Not null, and without a path:
    /// messages become empty. Used only while the reader is opened.
    ///
    /// The limits apply to the fields that are read. disky_reader_record_sizes ignores the projection;
    /// disky_reader_share passes it on.
    pub projection: *const u32,
    /// The number of values in `projection`.
    pub projection_size: u64,
}

/// Damage is a failure.
pub const DISKY_CORRUPTION_ERROR: u32 = 0;

/// Damage is skipped, and reading continues after it: disky_reader_skipped_region returns the
/// skipped parts of the file.
pub const DISKY_CORRUPTION_RECOVER: u32 = 1;

/// The options of the engine.
///
/// # Safety
///
/// If the pointer `projection` is neither null nor misaligned, it points to `projection_size` values
/// that nobody writes during the call.
pub(super) unsafe fn engine_options(
    options: &disky_reader_options,
) -> Result<ReaderOptions, Failure> {
    // SAFETY: the caller vouches for the memory.
    let projection = unsafe { projection(options) }?;
    let default = ReaderOptions::default();
    Ok(ReaderOptions {
        limits: limits(options),
        corruption: match options.corruption_strategy {
            DISKY_CORRUPTION_ERROR => CorruptionStrategy::Error,
            DISKY_CORRUPTION_RECOVER => CorruptionStrategy::Recover,
            _ => return Err(Failure::invalid("unknown corruption strategy")),
        },
        scan: !flag(options.without_scan, "without_scan")?,
        follow: flag(options.follow, "follow")?,
        access_pattern: match flag(options.random_access, "random_access")? {
            false => AccessPattern::Sequential,
            true => AccessPattern::Random,
        },
        range: range(
            options.range_begin,
            or_default(options.range_end, default.range.end),
        )?,
        projection,
    })
}

/// The projection of `options`.
///
/// # Safety
///
/// As for [`engine_options`].
unsafe fn projection(options: &disky_reader_options) -> Result<FieldProjection, Failure> {
    if options.projection.is_null() {
        return Ok(FieldProjection::all());
    }
    // SAFETY: the caller vouches for the memory.
    let mut rest = unsafe { input(options.projection, options.projection_size) }?;
    let mut paths = Vec::new();
    while let Some((&length, after)) = rest.split_first() {
        let (path, after) = after
            .split_at_checked(length as usize)
            .ok_or_else(|| Failure::invalid("a projection ends within a path"))?;
        paths.push(path);
        rest = after;
    }
    Ok(FieldProjection::of(paths)?)
}

fn limits(options: &disky_reader_options) -> Limits {
    let default = Limits::default();
    Limits {
        max_chunk_size: or_default(options.max_chunk_size, default.max_chunk_size),
        max_record_size: or_default(options.max_record_size, default.max_record_size),
        max_records_per_chunk: or_default(
            options.max_records_per_chunk,
            default.max_records_per_chunk,
        ),
    }
}

fn range(begin: u64, end: u64) -> Result<Range<u64>, Failure> {
    match begin <= end {
        true => Ok(begin..end),
        false => Err(Failure::invalid("the range ends before it begins")),
    }
}
