//! How a reader reads.

use crate::error::Failure;
use crate::option::{flag, or_default};
use disky::{AccessPattern, CorruptionStrategy, Limits, ReaderOptions};
use std::ops::Range;

/// How to read.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_reader_options {
    /// The largest chunk that is decoded, in bytes: its records and 8 for each, and likewise its
    /// encoded data. 0 means the default, 1 GiB.
    pub max_chunk_size: u64,
    /// The largest record that is returned, in bytes. 0 means the default, no limit but that on
    /// chunks.
    pub max_record_size: u64,
    /// The most records of a chunk that is decoded. 0 means the default, no limit but that on
    /// chunks.
    pub max_records_per_chunk: u64,
    /// A DISKY_CORRUPTION_ constant.
    pub corruption_strategy: u32,
    /// With DISKY_CORRUPTION_RECOVER, 1 if chunks that only a search finds are to be left out, else
    /// 0.
    pub without_scan: u32,
    /// 1 if disky_reader_next is to follow a file that grows, else 0. Not with
    /// DISKY_CORRUPTION_RECOVER.
    pub tail: u32,
    /// 1 if chunks will be asked for here and there, so that nothing is to be read ahead, else 0.
    pub random_access: u32,
    /// The chunks that begin in range_begin..range_end are read, positions in bytes. Readers of
    /// adjoining ranges read each chunk exactly once, wherever the ranges begin.
    pub range_begin: u64,
    /// The end of the range; 0 means that of the file.
    pub range_end: u64,
}

/// Damage is a failure.
pub const DISKY_CORRUPTION_ERROR: u32 = 0;

/// Damage is skipped, and reading goes on behind it: disky_reader_skipped_region tells what was
/// skipped.
pub const DISKY_CORRUPTION_RECOVER: u32 = 1;

/// The options of the engine.
pub(super) fn engine_options(options: &disky_reader_options) -> Result<ReaderOptions, Failure> {
    let default = ReaderOptions::default();
    Ok(ReaderOptions {
        limits: limits(options),
        corruption: match options.corruption_strategy {
            DISKY_CORRUPTION_ERROR => CorruptionStrategy::Error,
            DISKY_CORRUPTION_RECOVER => CorruptionStrategy::Recover,
            _ => return Err(Failure::invalid("unknown corruption strategy")),
        },
        scan: !flag(options.without_scan, "without_scan")?,
        tail: flag(options.tail, "tail")?,
        access_pattern: match flag(options.random_access, "random_access")? {
            false => AccessPattern::Sequential,
            true => AccessPattern::Random,
        },
        range: range(
            options.range_begin,
            or_default(options.range_end, default.range.end),
        )?,
    })
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
