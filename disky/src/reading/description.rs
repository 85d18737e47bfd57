//! Describes chunks from their headers and the first bytes of their data.

use crate::array_record::ArrayRecordPart;
use crate::array_record::walk::Walk;
use crate::bytes::source::Source;
use crate::chunk_data::simple_chunk::{self, HEAD_SIZE};
use crate::codec::compression::{CompressionType, Dialect};
use crate::error::Result;
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::record_file::RecordFile;

/// The properties of a chunk that its header and its first bytes state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkDescription {
    /// The chunk.
    pub chunk: Chunk,
    /// Its compression; `None` if its type has none or it has no data.
    pub compression_type: Option<CompressionType>,
    /// Its dialect; `None` if the chunk looks the same in both.
    pub dialect: Option<Dialect>,
    /// The part of an ArrayRecord's index that the chunk is; `None` if it is not a part of an
    /// index.
    pub part: Option<ArrayRecordPart>,
}

/// A walk that describes the chunks that the caller requests, usually one after the other.
#[derive(Debug, Default)]
pub(crate) struct Describing {
    walk: Walk,
}

impl Describing {
    /// Describes the chunk at `position`; `None` at the end of the file.
    pub(crate) fn chunk_at<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        position: u64,
    ) -> Result<Option<ChunkDescription>> {
        if position == 0 {
            self.walk = Walk::default();
        }
        let limit = file.limits().max_chunk_size;
        let (walk, array_record) = (&mut self.walk, &mut file.array_record);
        file.chunks.visit_at(position, |chunks| {
            let Some(chunk) = chunks.chunk()? else {
                return Ok(None);
            };
            let part = walk.part(array_record, chunks, &chunk, limit)?;
            let description = describe(chunks, chunk, part)?;
            walk.pass(&chunk, part);
            // This only makes the reader read ahead as the size of this chunk suggests.
            chunks.advance();
            chunks.visit_done(chunk.end);
            Ok(Some(description))
        })
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
