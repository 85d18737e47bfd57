//! The end of a file: its last chunk, and whether records can follow it.

use crate::array_record::walk;
use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_HEADER_SIZE, BLOCK_SIZE};
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::batch::BatchMemory;
use crate::reading::reader_options::ReaderOptions;
use crate::reading::record_reader::RecordReader;
use crate::writing::placement;
use std::io::{self, IoSliceMut};

/// The place at which a file is continued.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Continuation {
    /// The last chunk, whose fill bytes may be missing.
    pub(crate) last: Chunk,
    /// The beginning of the stretch that contains the end of the file.
    pub(crate) stretch_begin: u64,
}

/// Where the file in `source` is continued, if it is intact; fails with its first damage if it is
/// not. `None` for a file of 0 bytes.
pub(crate) fn continuation(source: impl Source) -> Result<Option<Continuation>> {
    let mut chunks = ChunkReader::new(source);
    // A file of another kind is reported as such first.
    chunks.chunk()?;
    let chain_begin = last_chain_begin(&mut chunks)?;
    chunks.seek(chain_begin);
    let (mut last, mut last_records, mut stretch_begin) = (None, None, chain_begin);
    while let Some(chunk) = chunks.chunk()? {
        last = Some(chunk);
        if chunk.header.chunk_type.holds_records() {
            last_records = last;
        }
        stretch_begin = placement::stretch_behind(stretch_begin, chunk.begin, chunk.end);
        chunks.advance();
    }
    check_continuable(&mut chunks, last_records)?;
    let Some(last) = last else {
        return Ok(None);
    };
    chunks.verify_data(&last)?;
    if last.end > chunks.size() {
        check_records(chunks, last.begin)?;
    }
    Ok(Some(Continuation {
        last,
        stretch_begin,
    }))
}

/// Fails for an ArrayRecord, complete or without its end: its index would not list the records
/// after it, or would be in the middle of the file.
fn check_continuable(
    chunks: &mut ChunkReader<impl Source>,
    last_records: Option<Chunk>,
) -> Result<()> {
    let has_footer = match last_records {
        Some(chunk) => walk::is_footer(chunks, &chunk)?,
        None => false,
    };
    if !has_footer && !walk::has_postscript(chunks)? {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidArgument,
        "this is an ArrayRecord, which ends with the index of its chunks and cannot be continued; \
         write a new file",
    ))
}

/// Decodes the chunk at `begin`, whose fill bytes are missing. Their number depends on the stated
/// number of records, which may be wrong if the chunk does not contain them.
fn check_records(mut chunks: ChunkReader<impl Source>, begin: u64) -> Result<()> {
    chunks.seek(begin);
    let mut records = RecordReader::over(chunks, ReaderOptions::default());
    records.next_batch(&mut BatchMemory::default()).map(|_| ())
}

/// The beginning of the chunk that the last complete block header of the file interrupts.
fn last_chain_begin(chunks: &mut ChunkReader<impl Source>) -> Result<u64> {
    let Some(last_whole_begin) = chunks.size().checked_sub(BLOCK_HEADER_SIZE + 1) else {
        return Ok(0);
    };
    let block_begin = last_whole_begin / BLOCK_SIZE * BLOCK_SIZE;
    if block_begin == 0 {
        return Ok(0);
    }
    let header = chunks.block_header(block_begin)?;
    block_begin
        .checked_sub(header.previous_chunk)
        .filter(|&begin| block::is_chunk_boundary(begin))
        .ok_or_else(|| {
            let detail = format!(
                "the block header states a chunk that begins {} bytes before it, where no chunk can \
                 begin",
                header.previous_chunk
            );
            Error::at(ErrorKind::BlockHeader, block_begin, detail)
        })
}

/// A source that consists of the first bytes of another source.
pub(crate) struct Prefix<'a, S> {
    source: &'a mut S,
    size: u64,
}

impl<'a, S: Source> Prefix<'a, S> {
    pub(crate) fn of(source: &'a mut S, size: u64) -> Self {
        Self { source, size }
    }
}

impl<S: Source> Source for Prefix<'_, S> {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut within: Vec<IoSliceMut<'_>> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let len = piece.len().min(left);
            left -= len;
            if len > 0 {
                within.push(IoSliceMut::new(&mut piece[..len]));
            }
        }
        self.source.read_at(offset, &mut within)
    }

    fn size(&self) -> u64 {
        self.size
    }
}
