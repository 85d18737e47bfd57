//! Describes chunks from their headers, their first bytes, and their record sizes.

use crate::array_record::ArrayRecordPart;
use crate::array_record::walk::Walk;
use crate::bytes::source::Source;
use crate::chunk_data::simple_chunk;
use crate::codec::compression::{CompressionType, Dialect};
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::format::varint;
use crate::reading::empty_chunk::{check_empty, is_empty};
use crate::reading::record_reader::{RecordReader, check_limits, decoding_memory, zeros};
use crate::reading::size_distribution::SizeDistribution;

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

/// The sizes of the records before `position`.
#[derive(Debug, Default)]
pub(crate) struct SizesSoFar {
    walk: Walk,
    position: u64,
    sizes: SizeDistribution,
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
            let description = describe(chunks, chunk, part)?;
            walk.pass(&chunk, part);
            // Only to read ahead as the size of this chunk suggests.
            chunks.advance();
            chunks.visit_done(chunk.end);
            Ok(Some(description))
        })
    }

    /// How large the records of the whole source are. The position does not change.
    ///
    /// Of simple chunks only the sizes are read, so that their data hashes are not checked;
    /// transposed ones are decoded. Records of chunks above the limit, or of a compression that is
    /// not known, are left out.
    pub fn record_sizes(&mut self) -> Result<SizeDistribution> {
        let mut so_far = std::mem::take(&mut self.sizes);
        match self.add_record_sizes(&mut so_far) {
            Err(need) if need.is_need() => {
                self.sizes = so_far;
                Err(need)
            }
            Err(error) => Err(error),
            Ok(()) => Ok(so_far.sizes),
        }
    }

    fn add_record_sizes(&mut self, so_far: &mut SizesSoFar) -> Result<()> {
        loop {
            let (file, limit) = (&mut self.file, self.options.max_chunk_size);
            let found = self.chunks.visit_at(so_far.position, |chunks| {
                let Some(chunk) = chunks.chunk()? else {
                    return Ok(None);
                };
                let part = so_far.walk.part(file, chunks, &chunk, limit)?;
                Ok(Some((chunk, part)))
            })?;
            let Some((chunk, part)) = found else {
                return Ok(());
            };
            if chunk.header.chunk_type.holds_records() && part.is_none() {
                match self.ends_of(&chunk) {
                    Ok(ends) => add_sizes(&ends, &mut so_far.sizes),
                    Err(error) if is_opaque(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            so_far.walk.pass(&chunk, part);
            so_far.position = chunk.end;
            self.chunks.visit_done(chunk.end);
        }
    }

    /// Where each record of `chunk` ends.
    fn ends_of(&mut self, chunk: &Chunk) -> Result<Vec<u64>> {
        if is_empty(chunk) {
            return check_empty(&mut self.chunks, chunk, &self.options).map(|()| Vec::new());
        }
        check_limits(chunk, &self.options)?;
        match chunk.header.chunk_type {
            ChunkType::Transposed => self.decode_transposed_ends(chunk),
            _ => self.decode_simple_ends(chunk),
        }
    }

    fn decode_simple_ends(&mut self, chunk: &Chunk) -> Result<Vec<u64>> {
        let mut head = [0; HEAD_SIZE as usize];
        let head_size = chunk.header.data_size.min(HEAD_SIZE) as usize;
        self.chunks.peek_data(chunk, 0, &mut head[..head_size])?;
        let size = simple_chunk::sizes_end(&head[..head_size], chunk.header.data_size);
        let mut head = zeros(chunk, size)?;
        self.chunks.peek_data(chunk, 0, &mut head)?;
        self.simple
            .decode_ends_of_head(&chunk.header, &head)
            .map_err(|m| m.in_chunk_at(chunk.begin))
    }

    fn decode_transposed_ends(&mut self, chunk: &Chunk) -> Result<Vec<u64>> {
        let header = &chunk.header;
        let mut data = zeros(chunk, header.data_size)?;
        self.chunks.read_data(chunk, &mut data)?;
        let memory = decoding_memory(&self.options);
        let (ends, _) = self.decode_apart(chunk, header.num_records, &data, memory)?;
        Ok(ends)
    }
}

fn add_sizes(ends: &[u64], sizes: &mut SizeDistribution) {
    let mut begin = 0;
    for &end in ends {
        sizes.add(end - begin);
        begin = end;
    }
}

/// Says whether a chunk for which decoding gives `error` may well be right, but cannot be looked
/// into.
fn is_opaque(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::TooLarge | ErrorKind::UnsupportedCompression
    )
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
