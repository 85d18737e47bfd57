//! Finds the place where an existing file can be continued.

use crate::block::{self, BLOCK_HEADER_SIZE, BLOCK_SIZE, BlockHeader, BlockHeaderBytes};
use crate::chunk_reader::{Chunk, ChunkReader};
use crate::error::{Error, ErrorKind, Result};
use crate::source::Source;
use std::io::IoSliceMut;

/// The last chunk of the file that `source` holds, once that file is known to be intact: its signature, its
/// last block header, the chunks from there to the end, and the data of the last one. `None` for a file of
/// 0 bytes.
///
/// A torn or damaged tail is an error that says where it begins.
pub(crate) fn last_chunk(mut source: impl Source) -> Result<Option<Chunk>> {
    let size = source.size();
    if size == 0 {
        return Ok(None);
    }
    let chain_begin = last_chain_begin(&mut source, size)?;
    let mut signature = ChunkReader::new(source);
    signature.chunk()?;
    let mut chunks = ChunkReader::starting_at(signature.into_source(), chain_begin);
    let mut last = None;
    while let Some(chunk) = chunks.chunk().map_err(|e| tail_error(&e))? {
        last = Some(chunk);
        chunks.advance();
    }
    if let Some(chunk) = &last {
        chunks.verify_data(chunk).map_err(|e| tail_error(&e))?;
    }
    Ok(last)
}

/// Where the chunk begins that the last whole block header of the file interrupts.
fn last_chain_begin(source: &mut impl Source, size: u64) -> Result<u64> {
    let Some(last_whole_begin) = size.checked_sub(BLOCK_HEADER_SIZE + 1) else {
        return Ok(0);
    };
    let block_begin = last_whole_begin / BLOCK_SIZE * BLOCK_SIZE;
    if block_begin == 0 {
        return Ok(0);
    }
    let mut bytes: BlockHeaderBytes = [0; BLOCK_HEADER_SIZE as usize];
    read_exact(source, block_begin, &mut bytes)?;
    let header = BlockHeader::from_bytes(&bytes).ok();
    header
        .and_then(|header| block_begin.checked_sub(header.previous_chunk))
        .filter(|&begin| block::is_chunk_boundary(begin))
        .ok_or_else(|| {
            let detail = "the last block header is damaged";
            tail_error(&Error::at(ErrorKind::BlockHeader, block_begin, detail))
        })
}

fn read_exact(source: &mut impl Source, offset: u64, out: &mut [u8]) -> Result<()> {
    let mut filled = 0;
    while filled < out.len() {
        let at = offset + filled as u64;
        let piece = &mut [IoSliceMut::new(&mut out[filled..])];
        match source
            .read_at(at, piece)
            .map_err(|e| Error::io_at("cannot read", at, e))?
        {
            0 => {
                let detail = "truncated: the file became shorter while it was read";
                return Err(Error::at(ErrorKind::Truncated, at, detail));
            }
            read => filled += read,
        }
    }
    Ok(())
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
