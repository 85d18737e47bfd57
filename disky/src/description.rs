//! Describes chunks from their headers, their first bytes, and their record sizes.

use crate::array_record::ArrayRecordPart;
use crate::array_record_walk::Walk;
use crate::chunk::ChunkType;
use crate::chunk_reader::{Chunk, ChunkReader};
use crate::codec;
use crate::compression::{CompressionType, Dialect};
use crate::error::{Error, ErrorKind, Result};
use crate::record_reader::{RecordReader, check_limits, decoding_memory, zeros};
use crate::simple_chunk;
use crate::source::Source;
use crate::varint;

/// The first bytes of a chunk's data: its compression type and a size.
const HEAD_SIZE: u64 = 1 + varint::MAX_LEN as u64;

/// What the header of a chunk, and a look at its first bytes, tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkDescription {
    /// The chunk.
    pub chunk: Chunk,
    /// Its compression, where its type has one.
    pub compression_type: Option<CompressionType>,
    /// Its dialect, where it shows.
    pub dialect: Option<Dialect>,
    /// What of an ArrayRecord it is, unless it holds records of the user, or none.
    pub part: Option<ArrayRecordPart>,
}

impl<S: Source> RecordReader<S> {
    /// Describes the chunk that begins at `position`, whatever its type, without decoding it;
    /// `None` at the end. The reader's own position does not change.
    ///
    /// The first chunk begins at 0, each other one where the one before it ends. Where an
    /// ArrayRecord has lost its postscript, its footer is known only to who asks for one chunk
    /// after the other, from the first one on.
    pub fn chunk_at(&mut self, position: u64) -> Result<Option<ChunkDescription>> {
        if position == 0 {
            self.description_walk = Walk::default();
        }
        let limit = self.options.max_chunk_size;
        let (file, walk) = (&mut self.file, &mut self.description_walk);
        self.chunks.visit_at(position, |chunks| {
            let Some(chunk) = chunks.chunk()? else {
                return Ok(None);
            };
            let part = walk.part(file, chunks, &chunk, limit)?;
            walk.pass(&chunk, part);
            let description = describe(chunks, chunk, part)?;
            // Only to read ahead as the size of this chunk suggests.
            chunks.advance();
            Ok(Some(description))
        })
    }

    /// Writes where each record of the chunk that begins at `position` ends to `ends`, which must
    /// have as many places as the chunk has records. The reader's own position does not change.
    ///
    /// Of a simple chunk only the sizes are read, so that its data hash is not checked; a
    /// transposed one is decoded.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if no chunk of as many records begins there.
    pub fn ends_at(&mut self, position: u64, ends: &mut [u64]) -> Result<()> {
        let chunk = self
            .chunks
            .visit_at(position, |chunks| chunks.chunk())?
            .filter(|chunk| {
                chunk.header.chunk_type.holds_records()
                    && chunk.header.num_records == ends.len() as u64
            })
            .ok_or_else(|| {
                let detail = format!("no chunk of {} records begins there", ends.len());
                Error::at(ErrorKind::InvalidArgument, position, detail)
            })?;
        check_limits(&chunk, &self.options)?;
        match chunk.header.chunk_type {
            ChunkType::Transposed => self.decode_transposed_ends(&chunk, ends),
            _ => self.decode_simple_ends(&chunk, ends),
        }
    }

    fn decode_simple_ends(&mut self, chunk: &Chunk, ends: &mut [u64]) -> Result<()> {
        let mut head = [0; HEAD_SIZE as usize];
        let head_size = chunk.header.data_size.min(HEAD_SIZE) as usize;
        self.chunks.peek_data(chunk, 0, &mut head[..head_size])?;
        let size = simple_chunk::sizes_end(&head[..head_size], chunk.header.data_size);
        let mut head = zeros(chunk, size)?;
        self.chunks.peek_data(chunk, 0, &mut head)?;
        self.simple
            .decode_ends_of_head(&chunk.header, &head, ends)
            .map_err(|m| m.in_chunk_at(chunk.begin))
    }

    fn decode_transposed_ends(&mut self, chunk: &Chunk, ends: &mut [u64]) -> Result<()> {
        let mut data = zeros(chunk, chunk.header.data_size)?;
        self.chunks.read_data(chunk, &mut data)?;
        let header = &chunk.header;
        let (records, size) = (header.num_records, header.decoded_data_size);
        let memory = decoding_memory(&self.options);
        let mut values = Vec::new();
        self.transposed
            .parse(records, size, &data, memory)
            .and_then(|layout| {
                let values = codec::provide(&mut values, size)?;
                self.transposed.decode(layout, &data, ends, values)
            })
            .map_err(|m| m.in_chunk_at(chunk.begin))
    }
}

fn describe(
    chunks: &mut ChunkReader<impl Source>,
    chunk: Chunk,
    part: Option<ArrayRecordPart>,
) -> Result<ChunkDescription> {
    let chunk_type = chunk.header.chunk_type;
    let encoded = chunk_type.holds_records() || chunk_type == ChunkType::Metadata;
    if !encoded || chunk.header.data_size == 0 {
        return Ok(ChunkDescription {
            chunk,
            compression_type: None,
            dialect: None,
            part,
        });
    }
    let mut head = [0; HEAD_SIZE as usize];
    let head_len = chunk.header.data_size.min(HEAD_SIZE) as usize;
    chunks.peek_data(&chunk, 0, &mut head[..head_len])?;
    let compression_type = CompressionType::from_byte(head[0]);
    let dialect = match chunk_type {
        ChunkType::Simple => dialect_of(chunks, &chunk, compression_type, &head[..head_len])?,
        _ => simple_chunk::dialect_of(compression_type, &[]),
    };
    Ok(ChunkDescription {
        chunk,
        compression_type: Some(compression_type),
        dialect,
        part,
    })
}

fn dialect_of(
    chunks: &mut ChunkReader<impl Source>,
    chunk: &Chunk,
    compression_type: CompressionType,
    head: &[u8],
) -> Result<Option<Dialect>> {
    let mut magic = [0; 4];
    let offset = simple_chunk::values_offset(head).unwrap_or(u64::MAX);
    let len = chunk.header.data_size.saturating_sub(offset).min(4) as usize;
    if len > 0 {
        chunks.peek_data(chunk, offset, &mut magic[..len])?;
    }
    Ok(simple_chunk::dialect_of(compression_type, &magic[..len]))
}
