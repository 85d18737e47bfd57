//! Finds the place where an existing file can be continued.

use crate::array_record_walk;
use crate::block::{self, BLOCK_HEADER_SIZE, BLOCK_SIZE};
use crate::chunk_reader::{Chunk, ChunkReader};
use crate::error::{Error, ErrorKind, Result};
use crate::record_reader::{BatchMemory, ReaderOptions, RecordReader};
use crate::source::Source;

/// The last chunk of the file that `source` holds, once that file is known to be intact: its
/// signature, its last block header, the chunks from there to the end, and the data of the last
/// one. `None` for a file of 0 bytes.
///
/// A torn or damaged tail is an error that says where it begins.
pub(crate) fn last_chunk(source: impl Source) -> Result<Option<Chunk>> {
    let mut chunks = ChunkReader::new(source);
    // Whatever else is wrong: a file of another kind is named as such.
    chunks.chunk()?;
    let chain_begin = last_chain_begin(&mut chunks)?;
    chunks.seek(chain_begin);
    let mut last = None;
    while let Some(chunk) = chunks.chunk().map_err(|e| tail_error(&e))? {
        last = Some(chunk);
        chunks.advance();
    }
    check_continuable(&mut chunks)?;
    if let Some(chunk) = &last {
        chunks.verify_data(chunk).map_err(|e| tail_error(&e))?;
        if chunk.end > chunks.size() {
            check_records(chunks, chunk.begin).map_err(|e| tail_error(&e))?;
        }
    }
    Ok(last)
}

/// Records behind the index of an ArrayRecord would be in no index.
fn check_continuable(chunks: &mut ChunkReader<impl Source>) -> Result<()> {
    if !array_record_walk::has_postscript(chunks)? {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidArgument,
        "this is an ArrayRecord, which ends with the index of its chunks and cannot be continued; \
         write a new file",
    ))
}

/// Decodes the chunk at `begin`, which lacks its padding: how much of it there is to be depends on
/// its number of records, and that is not to be believed of a chunk that does not have them.
fn check_records(mut chunks: ChunkReader<impl Source>, begin: u64) -> Result<()> {
    chunks.seek(begin);
    let mut records = RecordReader::over(chunks, ReaderOptions::default());
    records.next_batch(&mut BatchMemory::default()).map(|_| ())
}

/// Where the chunk begins that the last whole block header of the file interrupts.
fn last_chain_begin(chunks: &mut ChunkReader<impl Source>) -> Result<u64> {
    let Some(last_whole_begin) = chunks.size().checked_sub(BLOCK_HEADER_SIZE + 1) else {
        return Ok(0);
    };
    let block_begin = last_whole_begin / BLOCK_SIZE * BLOCK_SIZE;
    if block_begin == 0 {
        return Ok(0);
    }
    let header = chunks
        .block_header(block_begin)
        .map_err(|e| tail_error(&e))?;
    block_begin
        .checked_sub(header.previous_chunk)
        .filter(|&begin| block::is_chunk_boundary(begin))
        .ok_or_else(|| {
            let detail = format!(
                "the block header states a chunk that begins {} bytes before it, where none can",
                header.previous_chunk
            );
            tail_error(&Error::at(ErrorKind::BlockHeader, block_begin, detail))
        })
}

/// Adds the remedy to what is wrong with the tail.
fn tail_error(error: &Error) -> Error {
    let detail = format!(
        "{}; the file cannot be continued like this: copy its intact records to a new file",
        error.detail()
    );
    match error.position() {
        Some(position) if error.kind() != ErrorKind::Io => {
            Error::at(error.kind(), position, detail)
        }
        _ => error.repeat(),
    }
}
