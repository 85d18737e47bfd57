//! Where chunks are put in a file that upstream disky's reader is to take (docs/format.md, "What we
//! write").
//!
//! That reader goes through a file in *stretches*: up to a block header, and on to the end of the
//! chunk that the header interrupts. It takes the beginning of the stretch for that of the chunk as
//! soon as the chunk has a second block header inside, and looks for a block header wherever a
//! stretch ends at a block boundary. So it rejects a chunk over two or more block boundaries unless
//! a stretch or a block begins with it, and a file that ends at a block boundary.

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

/// How often the size of a prefix is guessed from the sizes of others before halving begins.
const MAX_GUESSES: usize = 4;

/// Where the stretch begins that the end of a chunk belongs to, if that of its begin begins at
/// `stretch_begin`.
pub(crate) fn stretch_behind(stretch_begin: u64, chunk_begin: u64, chunk_end: u64) -> u64 {
    if block::next_block(chunk_begin) < chunk_end {
        chunk_end
    } else {
        stretch_begin
    }
}

/// The chunk of records that was put into the file last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChunk {
    /// Its position.
    pub begin: u64,
    /// How many records it has.
    pub records: u64,
}

/// Puts the chunks of one file, in the DISKY dialect, where upstream's reader takes them.
///
/// A chunk that it would reject begins with a chunk of its first records, over one block boundary,
/// so that a stretch begins with the rest; where there are no such records, with chunks without
/// records. The end of a chunk moves away from a block boundary by a longer varint.
pub(crate) struct Placement {
    compression: Compression,
    /// Where the stretch begins that the end of the file belongs to.
    stretch_begin: u64,
    /// How many records of the next chunk are to be where they would be without this.
    promised: usize,
    parts: Option<Parts>,
}

/// Encoders of the chunks that one becomes; there once they were needed.
struct Parts {
    prefix: SimpleChunkEncoder,
    rest: SimpleChunkEncoder,
}

impl Placement {
    /// For a writer with these `options`, of a file whose last stretch begins at `stretch_begin`;
    /// nothing if upstream is not to read what it writes.
    pub(crate) fn new(options: &WriterOptions, stretch_begin: u64) -> Option<Self> {
        let wanted = options.upstream_compatibility && options.dialect == Dialect::Disky;
        wanted.then_some(Self {
            compression: options.compression,
            stretch_begin,
            promised: 0,
            parts: None,
        })
    }

    /// Promises that the first `records` records of the chunk that comes next, of `bytes` bytes
    /// together, will lie in one chunk that begins at `begin`, where the file ends now; says whether
    /// it can.
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

    /// Writes the chunk `whole`, which was encoded of `records`; `ends` tells where each of them
    /// ends. Says where the last of them are.
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
        // Everything is encoded before anything is written: after an error there is all or nothing.
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
        // A part of the records may be in the file.
        written.inspect_err(|failure| chunks.keep(failure))
    }

    /// Writes the chunk with this `header` that `encoder` has encoded of `records`, with its end
    /// clear of a block boundary.
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

    /// Says whether a stretch or a block begins at `position`, the end of the file.
    fn is_clean(&self, position: u64) -> bool {
        position == self.stretch_begin || position.is_multiple_of(BLOCK_SIZE)
    }

    /// Says whether upstream's reader takes a chunk at `begin`, the end of the file, with this
    /// header and `more` bytes of data more. A chunk past the largest file is not its business.
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

/// How many bytes of header and data a chunk at `begin`, inside a block, has if it goes past the
/// end of that block and not as far as the end of the next one.
fn crossing(begin: u64) -> RangeInclusive<u64> {
    let room = room(begin);
    room + 1..=room + USABLE_BLOCK_SIZE - 1
}

/// The bytes from `begin`, inside a block, to the end of that block.
fn room(begin: u64) -> u64 {
    BLOCK_SIZE - begin % BLOCK_SIZE
}

/// The most bytes of header and data that a chunk of `records` records in `bytes` bytes can have,
/// and one more.
fn encoded_bound(records: u64, bytes: u64) -> u64 {
    let head = CHUNK_HEADER_SIZE + 2 + varint::MAX_LEN as u64;
    records
        .saturating_mul(varint::len(bytes) as u64)
        .saturating_add(zstd::compress_bound(bytes))
        .saturating_add(head)
}

/// The first records of a chunk, and what they come to.
#[derive(Debug, Clone, Copy)]
struct Measured {
    records: usize,
    bytes: u64,
    /// Bytes of header and data of a chunk of these records.
    payload: u64,
}

/// How many of these records to put into a chunk of their own at `begin`, inside a block; not all.
/// It crosses one block boundary if it can, else none, and has all that are promised. `whole` is the
/// header of a chunk of all records, which is too long.
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

/// How many records reach the middle of `crossing`, if what lies between `short` and `long`
/// compresses evenly.
fn guess(short: &Measured, long: &Measured, crossing: &RangeInclusive<u64>, ends: &[u64]) -> usize {
    let middle = crossing.start().midpoint(*crossing.end());
    let bytes = u128::from(long.bytes - short.bytes);
    let wanted = u128::from(middle.saturating_sub(short.payload));
    let payload = u128::from(long.payload.saturating_sub(short.payload).max(1));
    let bytes = u128::from(short.bytes) + bytes * wanted / payload;
    ends.partition_point(|&end| u128::from(end) <= bytes)
}

/// `ends` of records that begin `by` bytes further on.
fn moved(ends: &[u64], by: u64) -> Result<Vec<u64>> {
    let mut moved = Vec::new();
    moved.try_reserve_exact(ends.len()).map_err(|cause| {
        let detail = format!("no memory to part a chunk: {cause}");
        Error::new(ErrorKind::OutOfMemory, detail)
    })?;
    moved.extend(ends.iter().map(|end| end - by));
    Ok(moved)
}

/// The data of a simple chunk at `begin`, inside a block, that has no records, is as long as it can
/// be or crosses the end of the block, and does not end there.
fn filler(compression: CompressionType, begin: u64) -> Vec<u8> {
    let beyond = (room(begin) + 1).saturating_sub(CHUNK_HEADER_SIZE) as usize;
    match compression {
        CompressionType::Zstd => zstd_filler(beyond),
        _ if beyond == 1 + 1 + varint::MAX_LEN => plain_filler(varint::MAX_LEN - 1),
        _ => plain_filler(varint::MAX_LEN),
    }
}

/// Nothing, not compressed: the size of the record sizes is 0 in a varint of `len` bytes.
fn plain_filler(len: usize) -> Vec<u8> {
    let mut data = vec![CompressionType::None.to_byte()];
    varint::write(0, &mut data);
    while data.len() <= len {
        varint::lengthen(&mut data, 1);
    }
    data
}

/// Nothing, compressed with zstd to at least `size` bytes.
fn zstd_filler(size: usize) -> Vec<u8> {
    let mut data = vec![CompressionType::Zstd.to_byte()];
    varint::write(0, &mut data);
    zstd::write_nothing(size.saturating_sub(data.len()), &mut data);
    data
}

#[cfg(test)]
mod tests;
