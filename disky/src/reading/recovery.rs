//! Continues after damage: finds the intact chunks in file order, and keeps the skipped regions
//! between them.
//!
//! The position of a chunk is known from the chain of chunks from the beginning of the file, from
//! an intact block header ([`landmark`]), or from a chain that a search has found and that leads to
//! one of these or to the end of the file ([`scan`]). `docs/recovery.md` has the rules.

pub(crate) mod landmark;
mod scan;

use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_HEADER_SIZE};
use crate::format::chunk_reader::{Chunk, ChunkReader, SIGNATURE_SIZE};
use crate::reading::skipped_region::{SkippedRegion, SkippedRegions};
use scan::Gap;

/// The maximum number of hashed bytes from one seek to the next, as a multiple of the size of the
/// file. It does not apply to chunks whose position block headers or earlier chunks state; these
/// are hashed at most once more.
const BUDGET_PER_BYTE: u64 = 3;
/// The additional number of hashed bytes, so that a file of a few bytes can be searched too.
const LEAST_BUDGET: u64 = 4096;

/// The state of a walk that continues after damage.
///
/// A failed call changes nothing, so that it can be repeated.
#[derive(Debug)]
pub(crate) struct Recovery {
    scan: bool,
    /// Position of the next chunk, if it is known; otherwise a position before it.
    position: u64,
    /// Only a search has found the chunks before this position.
    scanned_until: u64,
    current: Option<Chunk>,
    /// Number of bytes that were hashed before the last seek.
    hashed_before: u64,
    regions: SkippedRegions,
}

impl Recovery {
    /// A recovery at the beginning of the file. Without `scan` it ignores chunks that only a search
    /// finds.
    pub(crate) fn new(scan: bool) -> Self {
        Self {
            scan,
            position: 0,
            scanned_until: 0,
            current: None,
            hashed_before: 0,
            regions: SkippedRegions::default(),
        }
    }

    /// Moves to `position`, which a block header or a walk has stated. The results of an earlier
    /// search do not apply there. The bytes `hashed` so far do not count against the search from
    /// there on.
    pub(crate) fn seek(&mut self, position: u64, hashed: u64) {
        self.position = position;
        self.scanned_until = 0;
        self.current = None;
        self.hashed_before = hashed;
    }

    /// The first position at or after `position` where a chunk begins, or a part of the file that
    /// is skipped. Goes there from the current position; reads only chunk headers.
    pub(crate) fn locate(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        position: u64,
    ) -> Result<u64> {
        while self.position < position && chunks.lies_before_end(self.position)? {
            self.step(chunks)?;
            if self.current.is_some() {
                self.accept(chunks);
            }
        }
        Ok(self.position)
    }

    /// Position of the next chunk, if it is known; otherwise a position before it.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Takes the first skipped region.
    pub(crate) fn next_region(&mut self) -> Option<SkippedRegion> {
        self.regions.take_first()
    }

    /// Number of skipped regions.
    pub(crate) fn regions(&self) -> usize {
        self.regions.len()
    }

    /// Whether only a search has found the current chunk.
    pub(crate) fn is_scanned(&self) -> bool {
        self.position < self.scanned_until
    }

    /// Returns the next chunk with a known position and an intact header; `None` at `end` or at the
    /// end of the file. Ignores everything that begins at `end` or after it.
    ///
    /// Returns the same chunk until it is accepted or rejected.
    pub(crate) fn chunk(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        end: u64,
    ) -> Result<Option<Chunk>> {
        while self.current.is_none()
            && self.position < end
            && chunks.lies_before_end(self.position)?
        {
            chunks.step(|chunks| self.step(chunks))?;
            chunks.step_done(self.position);
        }
        Ok(self.current)
    }

    /// Moves to `chunk`, whose header was read and checked before.
    pub(crate) fn arrive(&mut self, chunk: Chunk) {
        self.position = chunk.begin;
        self.current = Some(chunk);
    }

    /// Moves past the current chunk, which is intact.
    pub(crate) fn accept(&mut self, chunks: &mut ChunkReader<impl Source>) {
        let scanned = self.is_scanned();
        for reason in chunks.take_tolerated() {
            let begin = reason.position().unwrap_or(self.position);
            let end = self.current.map_or(begin, |chunk| chunk.end);
            if !(self.position..end).contains(&begin) {
                continue;
            }
            self.regions.push(SkippedRegion {
                begin,
                end: begin + BLOCK_HEADER_SIZE,
                reason,
                scanned,
            });
        }
        if let Some(chunk) = self.current.take() {
            self.position = chunk.end;
            chunks.seek(chunk.end);
        }
    }

    /// States that the records of the current chunk were returned to the caller.
    pub(crate) fn delivered(&mut self) {
        self.regions.settle();
    }

    /// Moves past the current chunk, which is damaged for `reason`.
    pub(crate) fn reject(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        reason: Error,
    ) -> Result<()> {
        let Some(chunk) = self.current else {
            return Err(reason);
        };
        chunks.settle_size()?;
        if reason.kind() == ErrorKind::DataHash {
            self.skip_damaged_data(chunks, &chunk, reason)?;
        } else {
            self.skip_undecodable(chunks, &chunk, reason)?;
        }
        self.current = None;
        chunks.step_done(self.position);
        Ok(())
    }

    /// Checks the current position, and moves further unless a chunk begins there.
    fn step(&mut self, chunks: &mut ChunkReader<impl Source>) -> Result<()> {
        if self.position == 0
            && let Err(reason) = chunks.check_signature()
        {
            return self.skip_signature(chunks, reason);
        }
        chunks.tolerate_block_headers();
        let chunk = match chunks.header_at(self.position) {
            Ok(chunk) => chunk,
            Err(reason) if reason.kind().is_damage() => {
                chunks.settle_size()?;
                return self.skip_to_next(chunks, reason, self.position, 0);
            }
            Err(e) => return Err(e),
        };
        if let Err(torn) = chunks.check_extent(&chunk) {
            if !torn.kind().is_damage() {
                return Err(torn);
            }
            chunks.settle_size()?;
            return self.skip_torn(chunks, &chunk, torn);
        }
        if !self.affordable(chunks, chunk.header.data_size)
            && landmark::survey(chunks, &chunk)?.other.is_some()
        {
            return self.skip_to_next(chunks, unaffordable(&chunk), chunk.begin, 0);
        }
        self.current = Some(chunk);
        Ok(())
    }

    /// Skips a damaged file signature. The signature is the same in all files, so nothing is lost.
    fn skip_signature(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        reason: Error,
    ) -> Result<()> {
        if !reason.kind().is_damage() {
            return Err(reason);
        }
        chunks.settle_size()?;
        self.skip_to(SIGNATURE_SIZE.min(chunks.size()), reason, false);
        Ok(())
    }

    /// Skips a chunk that ends past the end of the file: its tail is torn off, unless the block
    /// headers contradict.
    fn skip_torn(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
        reason: Error,
    ) -> Result<()> {
        let survey = landmark::survey(chunks, chunk)?;
        if survey.other.is_none() && (survey.agreeing > 0 || survey.damaged == 0) {
            self.skip_to(chunks.size(), reason, false);
            return Ok(());
        }
        self.skip_to_next(chunks, reason, chunk.begin, chunk.end)
    }

    /// Skips a chunk whose data do not match their hash. Its header may be wrong about its end,
    /// too.
    fn skip_damaged_data(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
        reason: Error,
    ) -> Result<()> {
        let in_chain = chunk.end < self.scanned_until;
        if in_chain || self.is_extent_certain(chunks, chunk)? {
            self.skip_chunk(chunks, chunk, reason);
            return Ok(());
        }
        self.skip_to_next(chunks, reason, chunk.begin, chunk.end)
    }

    fn is_extent_certain(
        &self,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
    ) -> Result<bool> {
        let survey = landmark::survey(chunks, chunk)?;
        if let Some(other) = survey.other {
            // Two chunk headers count more than a block header that nothing confirms.
            return Ok(
                is_boundary(chunks, chunk.end)? && !is_chunk(chunks, other.begin, other.end)?
            );
        }
        if survey.agreeing > 0 || !self.affordable(chunks, 0) {
            return Ok(true);
        }
        Ok(survey.damaged == 0 && is_boundary(chunks, chunk.end)?)
    }

    /// Skips a chunk whose data match their hash, but contradict its header or have a form that
    /// this version does not know.
    fn skip_undecodable(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
        reason: Error,
    ) -> Result<()> {
        let survey = landmark::survey(chunks, chunk)?;
        let fits = chunk.end <= chunks.size() || survey.agreeing > 0;
        if fits && survey.other.is_none() {
            self.skip_chunk(chunks, chunk, reason);
            return Ok(());
        }
        let data_end = chunk.data_end();
        self.skip_to_next(chunks, reason, data_end, 0)
    }

    /// Skips the part before the next chunk with a known position. If nothing states one, searches
    /// for it from `from` on; `chunk_end` is the end of the chunk at the current position if its
    /// header is intact, otherwise 0.
    fn skip_to_next(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        reason: Error,
        from: u64,
        chunk_end: u64,
    ) -> Result<()> {
        let landmark = landmark::next_landmark(chunks, self.position)?;
        let gap = Gap {
            begin: from,
            end: landmark.position,
            first_chunk: from.max(self.position + 1),
            chunk_end,
            budget: self.budget(chunks),
        };
        let searchable = self.scan && landmark.open && gap.begin < gap.end;
        let found = match searchable && self.affordable(chunks, 0) {
            true => scan::find_chain(chunks, gap)?,
            false => None,
        };
        if found.is_some() {
            self.scanned_until = landmark.position;
        }
        self.skip_to(found.unwrap_or(landmark.position), reason, found.is_some());
        Ok(())
    }

    /// Whether `bytes` more bytes may be hashed without need.
    ///
    /// `settle_size` makes sure that the size of the file is known before a budget is needed.
    pub(crate) fn affordable(&self, chunks: &ChunkReader<impl Source>, bytes: u64) -> bool {
        chunks.hashed().saturating_add(bytes) <= self.budget(chunks)
    }

    /// The number of hashed bytes up to which a search may begin.
    fn budget(&self, chunks: &ChunkReader<impl Source>) -> u64 {
        budget(chunks.size()).saturating_add(self.hashed_before)
    }

    fn skip_chunk(&mut self, chunks: &ChunkReader<impl Source>, chunk: &Chunk, reason: Error) {
        // The fill bytes of the last chunk may be missing.
        self.skip_to(chunk.end.min(chunks.size()), reason, self.is_scanned());
    }

    fn skip_to(&mut self, end: u64, reason: Error, scanned: bool) {
        let begin = self.position;
        self.position = end;
        self.regions.push(SkippedRegion {
            begin,
            end,
            reason,
            scanned,
        });
    }

    /// Keeps a region that another walk has skipped.
    pub(crate) fn keep(&mut self, region: SkippedRegion) {
        self.regions.push(region);
    }
}

fn budget(size: u64) -> u64 {
    size.saturating_mul(BUDGET_PER_BYTE)
        .saturating_add(LEAST_BUDGET)
}

/// Whether a chunk begins at `position`, or the file ends there.
fn is_boundary(chunks: &mut ChunkReader<impl Source>, position: u64) -> Result<bool> {
    if position >= chunks.size() {
        return Ok(true);
    }
    let stated = landmark::claim_at(chunks, block::next_block(position))?;
    Ok(stated.is_some_and(|claim| claim.begin == position)
        || chunks.intact_header_at(position)?.is_some())
}

/// Whether a chunk header confirms that a chunk lies in `begin..end`.
pub(crate) fn is_chunk(
    chunks: &mut ChunkReader<impl Source>,
    begin: u64,
    end: u64,
) -> Result<bool> {
    Ok(chunks
        .intact_header_at(begin)?
        .is_some_and(|chunk| chunk.end == end))
}

fn unaffordable(chunk: &Chunk) -> Error {
    let detail = format!(
        "the chunk header states {} bytes of data, the block headers disagree, and too much is \
         damaged to find out",
        chunk.header.data_size
    );
    Error::at(ErrorKind::ChunkHeader, chunk.begin, detail)
}
