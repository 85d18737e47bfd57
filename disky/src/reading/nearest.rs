//! Finds the chunk nearest to a position. Block headers state where chunks begin, so that a few
//! small reads suffice.

use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_SIZE};
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::record_file::RecordFile;
use crate::reading::recovery::landmark::{self, Claim};
use crate::reading::recovery::{Recovery, is_chunk};
use std::ops::Range;

/// The chunk to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nearest {
    /// The last chunk that begins at or before a position.
    AtOrBefore,
    /// The first chunk that begins at or after a position.
    AtOrAfter,
}

/// Finds the chunk, of any type, that is `nearest` to `position`.
pub(crate) fn find_chunk<S: Source>(
    file: &mut RecordFile<S>,
    position: u64,
    nearest: Nearest,
) -> Result<Option<Chunk>> {
    let size = file.chunks.size();
    let found = match nearest {
        Nearest::AtOrAfter => {
            let begin = locate(file, position)?;
            chunk_from(file, begin, u64::MAX)?
        }
        Nearest::AtOrBefore if size == 0 => None,
        Nearest::AtOrBefore => last_chunk_until(file, position.min(size - 1))?,
    };
    file.chunks
        .visit_done(found.map_or(position, |chunk| chunk.begin));
    Ok(found)
}

/// Fails unless a walk over `file` may continue at `position`, as far as the position itself shows.
pub(crate) fn check_seekable<S: Source>(file: &RecordFile<S>, position: u64) -> Result<()> {
    let range = &file.options.range;
    let size = file.chunks.size();
    let is_edge = [range.start, range.end, size].contains(&position);
    let wrong = if position < range.start || position > range.end {
        "is outside the range that is read"
    } else if position > size && !is_edge {
        "is after the end of the file"
    } else if !is_edge && !block::is_chunk_boundary(position) {
        "is inside a block header, where no chunk begins"
    } else {
        return Ok(());
    };
    let detail = format!("the position {position} {wrong}");
    Err(Error::new(ErrorKind::InvalidArgument, detail))
}

/// The first position at or after `position` where a chunk begins or the file ends. If damage is
/// skipped, also a position where a skipped part of the file begins.
pub(crate) fn locate<S: Source>(file: &mut RecordFile<S>, position: u64) -> Result<u64> {
    let size = file.chunks.size();
    if position >= size {
        return Ok(size);
    }
    let recovery = file.recovery();
    file.chunks
        .visit_at(0, |chunks| locate_from_boundary(chunks, recovery, position))
}

fn locate_from_boundary(
    chunks: &mut ChunkReader<impl Source>,
    recovery: Option<Recovery>,
    position: u64,
) -> Result<u64> {
    let known = known_boundary(chunks, position, recovery.is_some())?;
    if let Some(mut recovery) = recovery {
        recovery.seek(known, chunks.hashed());
        return recovery.locate(chunks, position);
    }
    chunks.seek(known);
    while chunks.position() < position && chunks.chunk()?.is_some() {
        chunks.advance();
    }
    Ok(chunks.position())
}

/// The first chunk from `begin` on, a position that [`locate`] returns. If damage is skipped, it
/// begins before `end`; otherwise it may begin later.
fn chunk_from<S: Source>(file: &mut RecordFile<S>, begin: u64, end: u64) -> Result<Option<Chunk>> {
    let recovery = file.recovery_at(begin);
    file.chunks.visit_at(begin, |chunks| match recovery {
        None => chunks.chunk(),
        Some(mut recovery) => recovery.chunk(chunks, end),
    })
}

fn last_chunk_until<S: Source>(file: &mut RecordFile<S>, position: u64) -> Result<Option<Chunk>> {
    let recovers = file.recovers();
    let mut end = position + 1;
    loop {
        let begin = file
            .chunks
            .visit_at(0, |chunks| known_boundary(chunks, end - 1, recovers))?;
        let last = last_chunk_in(file, begin..end)?;
        if last.is_some() || begin == 0 {
            return Ok(last);
        }
        // All chunks from `begin` to `end` are damaged: the last chunk lies before them.
        end = begin;
    }
}

fn last_chunk_in<S: Source>(file: &mut RecordFile<S>, range: Range<u64>) -> Result<Option<Chunk>> {
    let mut begin = range.start;
    let mut last = None;
    while begin < range.end
        && let Some(chunk) = chunk_from(file, begin, range.end)?
        && chunk.begin < range.end
    {
        begin = chunk.end;
        last = Some(chunk);
    }
    Ok(last)
}

/// The last position up to `position` at which the header of its block states that a chunk begins.
/// A damaged block header is an error, unless `recovers`; then the block headers before it count.
pub(crate) fn known_boundary(
    chunks: &mut ChunkReader<impl Source>,
    position: u64,
    recovers: bool,
) -> Result<u64> {
    let mut block_begin = position / BLOCK_SIZE * BLOCK_SIZE;
    while block_begin > 0 {
        if let Some(claim) = landmark::claim_at(chunks, block_begin)? {
            return Ok(last_boundary(&claim, position));
        }
        if !recovers {
            return Err(damaged_block_header(chunks, block_begin));
        }
        block_begin -= BLOCK_SIZE;
    }
    Ok(0)
}

/// The last position up to `position` at which the header of its block states that a chunk begins
/// and a chunk header confirms it; otherwise the beginning of the file. Reading from there finds
/// the same chunks as reading from the beginning, even if a block header states a wrong position.
pub(crate) fn confirmed_boundary(
    chunks: &mut ChunkReader<impl Source>,
    position: u64,
) -> Result<u64> {
    let mut block_begin = position / BLOCK_SIZE * BLOCK_SIZE;
    while block_begin > 0 {
        if let Some(claim) = landmark::claim_at(chunks, block_begin)?
            && is_chunk(chunks, claim.begin, claim.end)?
        {
            return Ok(last_boundary(&claim, position));
        }
        block_begin -= BLOCK_SIZE;
    }
    Ok(0)
}

fn last_boundary(claim: &Claim, position: u64) -> u64 {
    match claim.end <= position {
        true => claim.end,
        false => claim.begin,
    }
}

fn damaged_block_header(chunks: &mut ChunkReader<impl Source>, block_begin: u64) -> Error {
    match chunks.block_header(block_begin) {
        Err(error) => error,
        Ok(_) => Error::at(
            ErrorKind::BlockHeader,
            block_begin,
            "the block header states a chunk that no writer would have written",
        ),
    }
}
