//! How a reader reads.

use crate::error::Failure;
use disky::{AccessPattern, CorruptionStrategy, ReaderOptions};

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

pub(super) fn engine_options(options: &disky_reader_options) -> Result<ReaderOptions, Failure> {
    let mut engine = ReaderOptions::default();
    match options.max_chunk_size {
        0 => {}
        size => engine.max_chunk_size = size,
    }
    match options.max_record_size {
        0 => {}
        size => engine.max_record_size = size,
    }
    match options.max_records_per_chunk {
        0 => {}
        records => engine.max_records_per_chunk = records,
    }
    engine.corruption = match options.corruption_strategy {
        DISKY_CORRUPTION_ERROR => CorruptionStrategy::Error,
        DISKY_CORRUPTION_RECOVER => CorruptionStrategy::Recover,
        _ => return Err(Failure::invalid("unknown corruption strategy")),
    };
    engine.scan = match options.without_scan {
        0 => true,
        1 => false,
        _ => return Err(Failure::invalid("without_scan is neither 0 nor 1")),
    };
    engine.tail = match options.tail {
        0 => false,
        1 => true,
        _ => return Err(Failure::invalid("tail is neither 0 nor 1")),
    };
    engine.access_pattern = match options.random_access {
        0 => AccessPattern::Sequential,
        1 => AccessPattern::Random,
        _ => return Err(Failure::invalid("random_access is neither 0 nor 1")),
    };
    engine.range.start = options.range_begin;
    if options.range_end != 0 {
        engine.range.end = options.range_end;
    }
    if engine.range.start > engine.range.end {
        return Err(Failure::invalid("the range ends before it begins"));
    }
    Ok(engine)
}
