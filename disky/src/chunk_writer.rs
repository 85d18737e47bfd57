//! Writes chunks one after the other, block headers between.

use crate::block::{self, BLOCK_SIZE, BlockHeader, BlockHeaderBytes};
use crate::chunk::ChunkHeader;
use crate::chunk_reader::Chunk;
use crate::error::{Error, ErrorKind, Result};
use crate::sink::Sink;
use std::io::{self, IoSlice};

static ZEROS: [u8; BLOCK_SIZE as usize] = [0; BLOCK_SIZE as usize];

/// Writes chunks to a sink.
///
/// A failure lasts: every later call repeats it. What a failed write left behind the last whole
/// chunk is cut off, as far as the sink still lets us.
#[derive(Debug)]
pub struct ChunkWriter<K> {
    sink: K,
    position: u64,
    failure: Option<Error>,
    block_headers: Vec<BlockHeaderBytes>,
}

impl<K: Sink> ChunkWriter<K> {
    /// A writer whose first chunk begins at `position`, a chunk boundary at the end of what `sink`
    /// holds.
    pub fn new(sink: K, position: u64) -> Self {
        Self {
            sink,
            position,
            failure: None,
            block_headers: Vec::new(),
        }
    }

    /// Position of the next chunk: the size of the file so far in bytes.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Fails if an earlier call has failed.
    pub fn check(&self) -> Result<()> {
        match &self.failure {
            Some(failure) => Err(failure.repeat()),
            None => Ok(()),
        }
    }

    /// Writes the file signature.
    pub fn write_signature(&mut self) -> Result<()> {
        self.write(&ChunkHeader::signature(), &[])
    }

    /// Writes a chunk. `data` are its data in pieces, as many bytes as `header` states.
    pub fn write(&mut self, header: &ChunkHeader, data: &[&[u8]]) -> Result<()> {
        self.check()?;
        let begin = self.position;
        let end = header.end(begin).ok_or_else(|| {
            Error::at(
                ErrorKind::InvalidArgument,
                begin,
                "the chunk would exceed the largest file",
            )
        })?;
        let chunk = Chunk {
            begin,
            end,
            header: *header,
        };
        let bytes = header.to_bytes();
        let payload = std::iter::once(&bytes[..]).chain(data.iter().copied());
        self.write_extent(&chunk, begin, payload)
    }

    /// Adds the padding that the last chunk lacks because a writer died before it was written.
    pub(crate) fn complete(&mut self, chunk: &Chunk) -> Result<()> {
        let data_end = chunk.header.data_end(chunk.begin).unwrap_or(chunk.end);
        self.write_extent(chunk, data_end, std::iter::empty())
    }

    /// Returns when everything written would outlive a power cut.
    pub fn sync(&mut self) -> Result<()> {
        self.check()?;
        let synced = self.sink.sync();
        synced.map_err(|e| self.fail(Error::io("cannot sync", e)))
    }

    /// Writes `chunk` from the position `from` on: its payload, then zeros up to its end.
    fn write_extent<'a>(
        &mut self,
        chunk: &Chunk,
        from: u64,
        payload: impl Iterator<Item = &'a [u8]>,
    ) -> Result<()> {
        let mut headers = std::mem::take(&mut self.block_headers);
        headers.clear();
        let boundaries = (block::next_block(from)..chunk.end).step_by(BLOCK_SIZE as usize);
        headers.extend(
            boundaries.map(|at| BlockHeader::interrupting(at, chunk.begin, chunk.end).to_bytes()),
        );
        let mut pieces = interleave(from, chunk.end, payload, &headers);
        let written = write_all(&mut self.sink, from, &mut pieces);
        drop(pieces);
        self.block_headers = headers;
        match written {
            Ok(()) => {
                self.position = chunk.end;
                Ok(())
            }
            Err(e) => {
                // What was whole before stays whole; a sink that cannot even be cut keeps a torn
                // tail, which readers and repair know.
                let _ = self.sink.truncate(from);
                Err(self.fail(Error::io_at("cannot write", from, e)))
            }
        }
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failure = Some(error.repeat());
        error
    }
}

/// Lays out the stretch `from..end` of the file: `payload`, then zeros, with `headers` at the block
/// boundaries.
fn interleave<'p: 'h, 'h>(
    from: u64,
    end: u64,
    payload: impl Iterator<Item = &'p [u8]>,
    headers: &'h [BlockHeaderBytes],
) -> Vec<IoSlice<'h>> {
    let mut pieces = Vec::with_capacity(2 * headers.len() + 8);
    let mut payload = payload.filter(|piece| !piece.is_empty());
    let mut headers = headers.iter();
    let mut position = from;
    let mut rest: &'h [u8] = &[];
    while position < end {
        let piece = if position.is_multiple_of(BLOCK_SIZE) {
            headers.next().map_or(&[][..], |header| &header[..])
        } else {
            if rest.is_empty() {
                rest = payload.next().unwrap_or(&ZEROS);
            }
            let room = (BLOCK_SIZE - position % BLOCK_SIZE).min(end - position);
            let (piece, after) = rest.split_at(rest.len().min(room as usize));
            rest = after;
            piece
        };
        position += piece.len() as u64;
        pieces.push(IoSlice::new(piece));
    }
    pieces
}

fn write_all(sink: &mut impl Sink, offset: u64, pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
    let mut left = pieces;
    let mut offset = offset;
    while !left.is_empty() {
        let written = sink.write_at(offset, left)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        offset += written as u64;
        IoSlice::advance_slices(&mut left, written);
    }
    Ok(())
}
