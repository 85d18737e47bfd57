//! Block headers: they state where the chunks that they interrupt begin and end.

use crate::bytes::source::Source;
use crate::error::{ErrorKind, Result};
use crate::format::block::{self, BLOCK_SIZE};
use crate::format::chunk::CHUNK_HEADER_SIZE;
use crate::format::chunk_reader::{Chunk, ChunkReader};

/// The extent of a chunk, as an intact block header states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) begin: u64,
    pub(crate) end: u64,
}

/// A place where a chunk begins, or the end of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Landmark {
    pub(super) position: u64,
    /// Whether nothing states the chunks before it.
    pub(super) open: bool,
}

/// The extent that the header of the block at `block_begin` states; `None` if the header is
/// damaged, or states an extent that no writer would.
pub(crate) fn claim_at(
    chunks: &mut ChunkReader<impl Source>,
    block_begin: u64,
) -> Result<Option<Claim>> {
    let header = match chunks.block_header(block_begin) {
        Ok(header) => header,
        Err(e) if matches!(e.kind(), ErrorKind::BlockHeader | ErrorKind::Truncated) => {
            return Ok(None);
        }
        Err(e) => return Err(e),
    };
    let claim = || {
        let begin = block_begin.checked_sub(header.previous_chunk)?;
        let end = block_begin.checked_add(header.next_chunk)?;
        let least = block::payload_end(begin, CHUNK_HEADER_SIZE)?;
        let boundaries = block::is_chunk_boundary(begin) && block::is_chunk_boundary(end);
        // The first block header interrupts the file signature at 0, and no other chunk can begin
        // there.
        let first = begin == 0 && block_begin != 0;
        (boundaries && end >= least && end > block_begin && !first).then_some(Claim { begin, end })
    };
    Ok(claim())
}

/// The first position after the damaged chunk at `from` where a chunk begins: at the next chunk
/// that an intact block header states, or after the chunk at `from` if a block header states its
/// end.
///
/// It is always greater than `from`, whatever the block headers state.
pub(super) fn next_landmark(chunks: &mut ChunkReader<impl Source>, from: u64) -> Result<Landmark> {
    let size = chunks.size();
    // The last block whose header states a chunk across `from`, and the end that it states.
    let mut covering: Option<(u64, u64)> = None;
    let mut block_begin = block::next_block(from);
    while block_begin < covering.map_or(size, |(_, end)| end.min(size)) {
        if let Some(claim) = claim_at(chunks, block_begin)? {
            // A block header that contradicts one before it counts only for positions after its
            // block: so none is passed more than twice.
            if covering.map_or(from, |(last, _)| last) < claim.begin {
                return Ok(Landmark {
                    position: claim.begin,
                    open: covering.is_none(),
                });
            }
            covering = Some((block_begin, claim.end));
        }
        block_begin += BLOCK_SIZE;
    }
    Ok(Landmark {
        position: covering.map_or(size, |(_, end)| end.min(size)),
        open: covering.is_none(),
    })
}

/// The extents that the block headers across a chunk state.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Number of intact block headers that state the same extent.
    pub(super) agreeing: u64,
    /// Number of damaged block headers.
    pub(super) damaged: u64,
    /// The extent that the first contradicting block header states; the ones after it were not
    /// checked.
    pub(super) other: Option<Claim>,
}

/// Checks the block headers across `chunk`, up to the end of the file.
pub(super) fn survey(chunks: &mut ChunkReader<impl Source>, chunk: &Chunk) -> Result<Survey> {
    let extent = Claim {
        begin: chunk.begin,
        end: chunk.end,
    };
    let mut survey = Survey::default();
    let mut block_begin = block::next_block(chunk.begin);
    while block_begin < chunk.end.min(chunks.size()) {
        match claim_at(chunks, block_begin)? {
            None => survey.damaged += 1,
            Some(claim) if claim == extent => survey.agreeing += 1,
            Some(other) => {
                survey.other = Some(other);
                break;
            }
        }
        block_begin += BLOCK_SIZE;
    }
    Ok(survey)
}
