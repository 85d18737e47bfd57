//! Writes one chunk after the other, with block headers between.

use crate::bytes::sink::Sink;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_SIZE, BlockHeader, BlockHeaderBytes};
use crate::format::chunk::{CHUNK_HEADER_SIZE, ChunkHeader};
use crate::format::chunk_reader::Chunk;
use crate::format::gathered_chunks::GatheredChunks;
use std::io::{self, IoSlice};

/// The largest multiple to which a file can be padded, in bytes.
pub const MAX_PADDING: u64 = 1 << 30;

static ZEROS: [u8; BLOCK_SIZE as usize] = [0; BLOCK_SIZE as usize];

/// Writes chunks to a sink, each with one request.
///
/// After a failure, every later call fails in the same way. The bytes that a failed write has left
/// after the last complete chunk are cut off, if the sink still allows it.
#[derive(Debug)]
pub struct ChunkWriter<K> {
    sink: K,
    position: u64,
    gathered: GatheredChunks,
    failure: Option<Error>,
    block_headers: Vec<BlockHeaderBytes>,
}

impl<K: Sink> ChunkWriter<K> {
    /// A writer whose first chunk begins at `position`, a chunk boundary at the end of the contents
    /// of `sink`.
    pub fn new(sink: K, position: u64) -> Self {
        Self::over(sink, position, GatheredChunks::none())
    }

    /// As [`new`](Self::new), but small chunks are written together, with one request. The caller
    /// [flushes](Self::flush) before it drops this.
    pub(crate) fn gathering(sink: K, position: u64) -> Self {
        Self::over(sink, position, GatheredChunks::small())
    }

    fn over(sink: K, position: u64, gathered: GatheredChunks) -> Self {
        Self {
            sink,
            position,
            gathered,
            failure: None,
            block_headers: Vec::new(),
        }
    }

    /// Position of the next chunk: the size of the file in bytes, when all chunks are written.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn sink_mut(&mut self) -> &mut K {
        &mut self.sink
    }

    /// Fails if an earlier call has failed.
    pub fn check(&self) -> Result<()> {
        match &self.failure {
            Some(failure) => Err(failure.repeat()),
            None => Ok(()),
        }
    }

    /// Makes all later calls fail with `failure`, unless there was an earlier failure.
    pub(crate) fn keep(&mut self, failure: &Error) {
        self.failure.get_or_insert_with(|| failure.repeat());
    }

    /// Writes the file signature.
    pub fn write_signature(&mut self) -> Result<()> {
        self.write(&ChunkHeader::signature(), &[])
    }

    /// Writes a chunk. `data` are its data in pieces, in total as many bytes as
    /// `header` states.
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

    /// Adds a padding chunk that ends at a multiple of `multiple` bytes, unless the file already
    /// does; 0 and 1 mean no padding. Fails with [`ErrorKind::InvalidArgument`] above
    /// [`MAX_PADDING`].
    ///
    /// A chunk has a header, and must not end inside or immediately after a block header. If the
    /// next multiple is not possible, the chunk ends at the first possible one after it. For powers
    /// of two from 64 on that is at most the second multiple; other values may take 25 more, if
    /// they are a little larger than a multiple of 65,536.
    pub fn pad_to_multiple(&mut self, multiple: u64) -> Result<()> {
        self.check()?;
        let begin = self.position;
        if multiple <= 1 || begin.is_multiple_of(multiple) {
            return Ok(());
        }
        let data_size = padding_size(begin, multiple)
            .filter(|_| multiple <= MAX_PADDING)
            .ok_or_else(|| {
                let detail = format!("a padding of {multiple} bytes is outside 1 to 1 GiB");
                Error::at(ErrorKind::InvalidArgument, begin, detail)
            })?;
        // Missing pieces are written as zeros.
        self.write(&ChunkHeader::padding(data_size), &[])
    }

    /// Adds the fill bytes of the last chunk, if its writer ended before writing them.
    pub(crate) fn complete(&mut self, chunk: &Chunk) -> Result<()> {
        let data_end = chunk.header.data_end(chunk.begin).unwrap_or(chunk.end);
        self.write_extent(chunk, data_end, std::iter::empty())
    }

    /// Writes the chunks that are gathered.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.check()?;
        match self.gathered.begin() {
            Some(begin) => self.write_from(begin, std::iter::empty()),
            None => Ok(()),
        }
    }

    /// Returns after all written bytes are durable: they survive a power failure.
    pub fn sync(&mut self) -> Result<()> {
        self.flush()?;
        // After a sync has failed, another one may succeed although written bytes are lost.
        let synced = uninterrupted(|| self.sink.sync());
        synced.map_err(|e| self.fail(Error::io("cannot sync", e)))
    }

    /// Informs the sink that everything was written.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.flush()?;
        let finished = self.sink.finish();
        finished.map_err(|e| self.fail(Error::io("cannot complete the file", e)))
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
        let pieces = interleave(from, chunk.end, payload, &headers);
        let written = if self.gathered.takes(chunk.end - from) {
            self.gathered.add(from, chunk.end, pieces);
            self.position = chunk.end;
            if self.gathered.are_enough() {
                self.flush()
            } else {
                Ok(())
            }
        } else {
            let begin = self.gathered.begin().unwrap_or(from);
            let written = self.write_from(begin, pieces);
            written.inspect(|()| self.position = chunk.end)
        };
        self.block_headers = headers;
        written
    }

    /// Writes the gathered chunks, if there are any, at `begin`, and `pieces` after them.
    fn write_from<'p>(&mut self, begin: u64, pieces: impl Iterator<Item = &'p [u8]>) -> Result<()> {
        let mut end = begin;
        let gathered = Some(self.gathered.bytes()).filter(|bytes| !bytes.is_empty());
        let mut slices: Vec<IoSlice<'_>> = gathered.into_iter().map(IoSlice::new).collect();
        for piece in pieces {
            slices.push(IoSlice::new(piece));
        }
        let written = write_all(&mut self.sink, &mut end, &mut slices);
        drop(slices);
        let intact = self.gathered.last_end(end).unwrap_or(begin);
        self.gathered.clear();
        written.map_err(|e| {
            // The chunks before remain intact. A sink that cannot be cut keeps a torn tail, which
            // readers and repair recognise.
            let _ = uninterrupted(|| self.sink.truncate(intact));
            self.position = intact;
            self.fail(Error::io_at("cannot write", intact, e))
        })
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failure = Some(error.repeat());
        error
    }
}

/// The size of the data of a padding chunk from `begin` to the next multiple of `multiple` at which
/// it can end.
fn padding_size(begin: u64, multiple: u64) -> Option<u64> {
    let mut end = begin.checked_next_multiple_of(multiple)?;
    while !block::is_chunk_boundary(end) || block::payload_between(begin, end) < CHUNK_HEADER_SIZE {
        end = end.checked_add(multiple)?;
    }
    Some(block::payload_between(begin, end) - CHUNK_HEADER_SIZE)
}

/// The pieces of the part `from..end` of the file: `payload`, then zeros, with `headers` at the
/// block boundaries.
fn interleave<'p: 'h, 'h>(
    from: u64,
    end: u64,
    payload: impl Iterator<Item = &'p [u8]>,
    headers: &'h [BlockHeaderBytes],
) -> impl Iterator<Item = &'h [u8]> {
    let mut payload = payload.filter(|piece| !piece.is_empty());
    let mut headers = headers.iter();
    let mut position = from;
    let mut rest: &'h [u8] = &[];
    std::iter::from_fn(move || {
        if position >= end {
            return None;
        }
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
        Some(piece)
    })
}

/// Repeats `request` while signals interrupt it.
fn uninterrupted<T>(mut request: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match request() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Writes `pieces` at `offset`, and moves `offset` to the end of the written bytes.
fn write_all(sink: &mut impl Sink, offset: &mut u64, pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
    let mut left = pieces;
    while !left.is_empty() {
        let written = uninterrupted(|| sink.write_at(*offset, left))?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        *offset += written as u64;
        IoSlice::advance_slices(&mut left, written);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::chunk_reader::ChunkReader;

    /// The first position at which a padding chunk from `begin` on can end: `begin` if that is a
    /// multiple; otherwise after a chunk header, without counting block headers, and neither inside
    /// nor immediately after a block header.
    fn first_end(begin: u64, multiple: u64) -> u64 {
        let header_bytes = |end: u64| -> u64 {
            let blocks = (0..end).step_by(BLOCK_SIZE as usize);
            let blocks = blocks.filter(|&block| block >= begin);
            blocks.map(|block| (end - block).min(24)).sum()
        };
        let is_end = |&end: &u64| {
            let is_place = !(1..=24).contains(&(end % BLOCK_SIZE));
            end == begin || (is_place && end - begin >= 40 + header_bytes(end))
        };
        let first = begin.next_multiple_of(multiple);
        (first..).step_by(multiple as usize).find(is_end).unwrap()
    }

    /// From every position around a block header, to small and large multiples: the file ends at
    /// the first possible multiple, and can be read.
    #[test]
    fn padding_ends_at_a_multiple() {
        for begin in
            (BLOCK_SIZE - 130..=BLOCK_SIZE + 130).filter(|&at| block::is_chunk_boundary(at))
        {
            for multiple in [2, 7, 25, 64, 4096, 10_000, BLOCK_SIZE, 3 * BLOCK_SIZE] {
                let mut file = Vec::new();
                let mut writer = ChunkWriter::new(&mut file, 0);
                writer.write_signature().unwrap();
                let first = block::payload_between(64, begin) - CHUNK_HEADER_SIZE;
                writer.write(&ChunkHeader::padding(first), &[]).unwrap();
                assert_eq!(writer.position(), begin);
                writer.pad_to_multiple(multiple).unwrap();
                let end = writer.position();
                writer.pad_to_multiple(multiple).unwrap();
                assert_eq!(writer.position(), end, "nothing left to pad");
                assert_eq!(
                    end,
                    first_end(begin, multiple),
                    "from {begin} to {multiple}"
                );
                assert_eq!(file.len() as u64, end);

                let mut chunks = ChunkReader::new(&file[..]);
                while let Some(chunk) = chunks.chunk().unwrap() {
                    chunks.verify_data(&chunk).unwrap();
                    chunks.advance();
                }
                assert_eq!(chunks.position(), end, "from {begin} to {multiple}");
            }
        }
    }

    /// Accepts a number of bytes, and fails from then on.
    struct Small {
        bytes: u64,
        room: u64,
        cut: Option<u64>,
    }

    impl Sink for Small {
        fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
            let len: usize = pieces.iter().map(|piece| piece.len()).sum();
            if offset + len as u64 > self.room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.bytes = offset + len as u64;
            Ok(len)
        }

        fn truncate(&mut self, size: u64) -> io::Result<()> {
            self.cut = Some(size);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn small(room: u64) -> Small {
        Small {
            bytes: 0,
            room,
            cut: None,
        }
    }

    /// The records of a chunk remain if its missing padding cannot be written.
    #[test]
    fn padding_that_does_not_fit_takes_no_records_with_it() {
        let header = ChunkHeader {
            num_records: 500,
            ..ChunkHeader::padding(10)
        };
        let end = header.end(64).unwrap();
        let chunk = Chunk {
            begin: 64,
            end,
            header,
        };
        let mut writer = ChunkWriter::new(small(end - 1), end);
        let error = writer.complete(&chunk).unwrap_err();
        assert_eq!(error.position(), Some(64 + 40 + 10));
        assert_eq!(writer.sink_mut().cut, Some(64 + 40 + 10));
    }

    #[test]
    fn padding_up_to_the_limit() {
        let mut writer = ChunkWriter::new(small(u64::MAX), 64);
        writer.pad_to_multiple(MAX_PADDING).unwrap();
        assert_eq!(writer.position(), MAX_PADDING);
        assert_eq!(writer.sink_mut().bytes, MAX_PADDING);
    }

    #[test]
    fn padding_beyond_the_limit_is_refused() {
        let mut file = Vec::new();
        let mut writer = ChunkWriter::new(&mut file, 64);
        for multiple in [MAX_PADDING + 1, u64::MAX] {
            let error = writer.pad_to_multiple(multiple).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        assert!(file.is_empty());
    }
}
