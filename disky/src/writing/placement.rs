//! The placement of chunks in a file for upstream disky's reader (docs/format.md, "Chunks for
//! upstream disky").
//!
//! That reader divides a file into *stretches*: up to a block header, and further to the end of the
//! chunk that the header interrupts. If a second block header interrupts a chunk, the reader takes
//! the beginning of the stretch for the beginning of the chunk. If a stretch ends at a block
//! boundary, the reader expects a block header there. So it rejects a chunk across two or more
//! block boundaries unless a stretch or a block begins with it, and a file that ends at a block
//! boundary.

use crate::bytes::sink::Sink;
use crate::chunk_data::simple_chunk::{EncodedChunk, SimpleChunkEncoder};
use crate::codec::compression::{Compression, CompressionType, Dialect};
use crate::codec::zstd;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_SIZE, USABLE_BLOCK_SIZE};
use crate::format::chunk::{CHUNK_HEADER_SIZE, ChunkHeader, ChunkType};
use crate::format::chunk_writer::ChunkWriter;
use crate::format::hash::hash;
use crate::format::varint;
use crate::writing::writer_options::WriterOptions;
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// The number of estimates of the number of records from the sizes of other prefixes; after these,
/// the number is halved.
const MAX_GUESSES: usize = 4;

/// The beginning of the stretch that contains the end of a chunk, if the stretch of its beginning
/// begins at `stretch_begin`.
pub(crate) fn stretch_behind(stretch_begin: u64, chunk_begin: u64, chunk_end: u64) -> u64 {
    if block::next_block(chunk_begin) < chunk_end {
        chunk_end
    } else {
        stretch_begin
    }
}

/// The last chunk of records that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChunk {
    /// Its position.
    pub begin: u64,
    /// Number of its records.
    pub records: u64,
}

/// Places the chunks of a file in the DISKY dialect where upstream's reader accepts them.
///
/// If it would reject a chunk, a chunk with the first records, across one block boundary, is
/// written before it, so that a stretch begins with the rest; if no number of records is suitable,
/// chunks without records are written before it. The end of a chunk is moved away from a block
/// boundary by a longer varint.
pub(crate) struct Placement {
    compression: Compression,
    /// The beginning of the stretch that contains the end of the file.
    stretch_begin: u64,
    /// How many records of the next chunk must be at their position without this placement.
    promised: usize,
    parts: Option<Parts>,
}

/// Encoders for the parts of a chunk; created when they are needed.
struct Parts {
    prefix: SimpleChunkEncoder,
    rest: SimpleChunkEncoder,
}

impl Placement {
    /// For a writer with these `options`, of a file whose last stretch begins at `stretch_begin`;
    /// `None` if upstream need not read the file.
    pub(crate) fn new(options: &WriterOptions, stretch_begin: u64) -> Option<Self> {
        let wanted = options.upstream_compatibility && options.dialect == Dialect::Disky;
        wanted.then_some(Self {
            compression: options.compression,
            stretch_begin,
            promised: 0,
            parts: None,
        })
    }

    /// Promises that the first `records` records of the next chunk, of `bytes` bytes in total, will
    /// lie in one chunk at `begin`, the end of the file. Returns whether that is possible.
    pub(crate) fn promise(&mut self, begin: u64, records: u64, bytes: u64) -> bool {
        let Ok(promised) = usize::try_from(records) else {
            return false;
        };
        let fits = self.is_clean(begin) || encoded_bound(records, bytes) <= *crossing(begin).end();
        if fits {
            self.promised = self.promised.max(promised);
        }
        fits
    }

    /// Writes the chunk `whole`, which was encoded of `records`; `ends` has the end of each.
    /// Returns the position of the chunk that contains the last records.
    pub(crate) fn write<'e, K: Sink>(
        &mut self,
        chunks: &mut ChunkWriter<K>,
        whole: &EncodedChunk<'_>,
        records: &[u8],
        ends: impl FnOnce() -> Result<Cow<'e, [u64]>>,
    ) -> Result<LastChunk> {
        let last = if self.takes(chunks.position(), &whole.header, 0) {
            self.put(chunks, whole)?
        } else {
            self.write_in_parts(chunks, &whole.header, records, &ends()?)?
        };
        self.promised = 0;
        Ok(last)
    }

    fn write_in_parts<K: Sink>(
        &mut self,
        chunks: &mut ChunkWriter<K>,
        whole: &ChunkHeader,
        records: &[u8],
        ends: &[u64],
    ) -> Result<LastChunk> {
        let mut parts = match self.parts.take() {
            Some(parts) => parts,
            None => Parts::new(self.compression)?,
        };
        let begin = chunks.position();
        let first = if self.takes(begin, whole, 1) {
            0
        } else {
            prefix(
                &mut parts.prefix,
                begin,
                records,
                ends,
                self.promised,
                whole,
            )?
        };
        // Everything is encoded before it is written, so that after an error either all is written
        // or nothing.
        let cut = first.checked_sub(1).map_or(0, |last| ends[last]);
        let (first_records, rest_records) = records.split_at(cut as usize);
        let rest_ends = moved(&ends[first..], cut)?;
        let prefix = match first {
            0 => None,
            _ => Some(parts.prefix.encode(first_records, &ends[..first])?.header),
        };
        let rest = parts.rest.encode(rest_records, &rest_ends)?.header;
        let written = (|| {
            if let Some(header) = prefix {
                self.put_clear(chunks, &mut parts.prefix, header, first_records)?;
            }
            let at = chunks.position();
            if !self.takes(at, &rest, 0) && !self.takes(at, &rest, 1) {
                self.fill(chunks)?;
            }
            self.put_clear(chunks, &mut parts.rest, rest, rest_records)
        })();
        self.parts = Some(parts);
        // A part of the records may already be in the file, so all later calls must fail.
        written.inspect_err(|failure| chunks.keep(failure))
    }

    /// Writes the chunk with this `header` that `encoder` has encoded of `records`, so that it does
    /// not end at a block boundary.
    fn put_clear<K: Sink>(
        &mut self,
        chunks: &mut ChunkWriter<K>,
        encoder: &mut SimpleChunkEncoder,
        header: ChunkHeader,
        records: &[u8],
    ) -> Result<LastChunk> {
        let header = if self.takes(chunks.position(), &header, 0) {
            header
        } else {
            encoder.lengthen(&header, records)
        };
        let data = encoder.data(records);
        self.put(chunks, &EncodedChunk { header, data })
    }

    /// Writes chunks without records until a stretch begins at the end of the file.
    fn fill<K: Sink>(&mut self, chunks: &mut ChunkWriter<K>) -> Result<()> {
        while !self.is_clean(chunks.position()) {
            let data = filler(self.compression.compression_type(), chunks.position());
            let header = ChunkHeader {
                data_size: data.len() as u64,
                data_hash: hash(&data),
                chunk_type: ChunkType::Simple,
                num_records: 0,
                decoded_data_size: 0,
            };
            let data = [&data[..], &[]];
            self.put(chunks, &EncodedChunk { header, data })?;
        }
        Ok(())
    }

    fn put<K: Sink>(
        &mut self,
        chunks: &mut ChunkWriter<K>,
        chunk: &EncodedChunk<'_>,
    ) -> Result<LastChunk> {
        let begin = chunks.position();
        chunks.write(&chunk.header, &chunk.data)?;
        self.stretch_begin = stretch_behind(self.stretch_begin, begin, chunks.position());
        Ok(LastChunk {
            begin,
            records: chunk.header.num_records,
        })
    }

    /// Whether a stretch or a block begins at `position`, the end of the file.
    fn is_clean(&self, position: u64) -> bool {
        position == self.stretch_begin || position.is_multiple_of(BLOCK_SIZE)
    }

    /// Whether upstream's reader accepts a chunk at `begin`, the end of the file, with this header
    /// and `more` further bytes of data. Chunks past the largest file are accepted: writing them
    /// fails later.
    fn takes(&self, begin: u64, header: &ChunkHeader, more: u64) -> bool {
        let header = ChunkHeader {
            data_size: header.data_size.saturating_add(more),
            ..*header
        };
        let Some(end) = header.end(begin) else {
            return true;
        };
        let second_boundary = (begin / BLOCK_SIZE + 2) * BLOCK_SIZE;
        !end.is_multiple_of(BLOCK_SIZE) && (end < second_boundary || self.is_clean(begin))
    }
}

impl Parts {
    fn new(compression: Compression) -> Result<Self> {
        let encoder = || SimpleChunkEncoder::new(compression, Dialect::Disky);
        Ok(Self {
            prefix: encoder()?,
            rest: encoder()?,
        })
    }
}

/// The sizes of header and data with which a chunk at `begin`, inside a block, crosses the end of
/// this block and not the end of the next one.
fn crossing(begin: u64) -> RangeInclusive<u64> {
    let room = room(begin);
    room + 1..=room + USABLE_BLOCK_SIZE - 1
}

/// The number of bytes from `begin`, inside a block, to the end of that block.
fn room(begin: u64) -> u64 {
    BLOCK_SIZE - begin % BLOCK_SIZE
}

/// One more than the maximum size of header and data of a chunk of `records` records in `bytes`
/// bytes.
fn encoded_bound(records: u64, bytes: u64) -> u64 {
    let head = CHUNK_HEADER_SIZE + 2 + varint::MAX_LEN as u64;
    records
        .saturating_mul(varint::len(bytes) as u64)
        .saturating_add(zstd::compress_bound(bytes))
        .saturating_add(head)
}

/// The first records of a chunk, and their encoded size.
#[derive(Debug, Clone, Copy)]
struct Measured {
    records: usize,
    bytes: u64,
    /// Size of header and data of a chunk of these records.
    payload: u64,
}

/// How many of the records to write to a chunk of their own at `begin`, inside a block; not all.
/// The chunk crosses one block boundary if possible, otherwise none, and contains all promised
/// records. `whole` is the header of a chunk of all records, which is too long.
fn prefix(
    encoder: &mut SimpleChunkEncoder,
    begin: u64,
    records: &[u8],
    ends: &[u64],
    promised: usize,
    whole: &ChunkHeader,
) -> Result<usize> {
    let crossing = crossing(begin);
    let mut measure = |count: usize| -> Result<Measured> {
        let bytes = ends[count - 1];
        let chunk = encoder.encode(&records[..bytes as usize], &ends[..count])?;
        Ok(Measured {
            records: count,
            bytes,
            payload: CHUNK_HEADER_SIZE + chunk.header.data_size,
        })
    };
    let mut short = Measured {
        records: 0,
        bytes: 0,
        payload: 0,
    };
    let mut long = Measured {
        records: ends.len(),
        bytes: records.len() as u64,
        payload: CHUNK_HEADER_SIZE + whole.data_size,
    };
    let promised = promised.min(ends.len().saturating_sub(1));
    if promised > 0 {
        short = measure(promised)?;
        if short.payload >= *crossing.start() {
            return Ok(promised);
        }
    }
    let mut guesses = 0;
    while long.records - short.records > 1 {
        let between = short.records + 1..=long.records - 1;
        let count = if guesses < MAX_GUESSES {
            guess(&short, &long, &crossing, ends).clamp(*between.start(), *between.end())
        } else {
            between.start().midpoint(*between.end())
        };
        guesses += 1;
        let found = measure(count)?;
        if crossing.contains(&found.payload) {
            return Ok(count);
        }
        if found.payload < *crossing.start() {
            short = found;
        } else {
            long = found;
        }
    }
    Ok(short.records)
}

/// An estimate of the number of records that reach the middle of `crossing`, if the records between
/// `short` and `long` compress evenly.
fn guess(short: &Measured, long: &Measured, crossing: &RangeInclusive<u64>, ends: &[u64]) -> usize {
    let middle = crossing.start().midpoint(*crossing.end());
    let bytes = u128::from(long.bytes - short.bytes);
    let wanted = u128::from(middle.saturating_sub(short.payload));
    let payload = u128::from(long.payload.saturating_sub(short.payload).max(1));
    let bytes = u128::from(short.bytes) + bytes * wanted / payload;
    ends.partition_point(|&end| u128::from(end) <= bytes)
}

/// `ends`, increased by `by`.
fn moved(ends: &[u64], by: u64) -> Result<Vec<u64>> {
    let mut moved = Vec::new();
    moved.try_reserve_exact(ends.len()).map_err(|cause| {
        let detail = format!("no memory to part a chunk: {cause}");
        Error::new(ErrorKind::OutOfMemory, detail)
    })?;
    moved.extend(ends.iter().map(|end| end - by));
    Ok(moved)
}

/// The data of a simple chunk without records at `begin`, inside a block. The chunk is as long as
/// possible, or crosses the end of the block, and does not end there.
fn filler(compression: CompressionType, begin: u64) -> Vec<u8> {
    let beyond = (room(begin) + 1).saturating_sub(CHUNK_HEADER_SIZE) as usize;
    match compression {
        CompressionType::Zstd => zstd_filler(beyond),
        _ if beyond == 1 + 1 + varint::MAX_LEN => plain_filler(varint::MAX_LEN - 1),
        _ => plain_filler(varint::MAX_LEN),
    }
}

/// No records, uncompressed: the size of the record sizes is 0 in a varint of `len` bytes.
fn plain_filler(len: usize) -> Vec<u8> {
    let mut data = vec![CompressionType::None.to_byte()];
    varint::write(0, &mut data);
    while data.len() <= len {
        varint::lengthen(&mut data, 1);
    }
    data
}

/// No records, compressed with zstd to at least `size` bytes.
fn zstd_filler(size: usize) -> Vec<u8> {
    let mut data = vec![CompressionType::Zstd.to_byte()];
    varint::write(0, &mut data);
    zstd::write_nothing(size.saturating_sub(data.len()), &mut data);
    data
}

#[cfg(test)]
mod tests;
