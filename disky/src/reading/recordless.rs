//! Chunks without records of the user.
//!
//! A chunk whose header states no records must be decoded to check that it has none. Every walk
//! over a file checks such a chunk with the functions here, also the walks that otherwise read only
//! headers, so that all walks have the same result.

use crate::array_record::ArrayRecordPart;
use crate::bytes::source::Source;
use crate::chunk_data::simple_chunk;
use crate::chunk_data::transposed_chunk;
use crate::codec;
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::chunk_memory::zeros;
use crate::reading::limits::Limits;

/// Whether the header of `chunk` states no records.
pub(crate) fn is_empty(chunk: &Chunk) -> bool {
    chunk.header.num_records == 0
}

/// Whether `chunk`, which is `part` of an ArrayRecord, is a chunk for records of the user.
pub(crate) fn is_for_records(chunk: &Chunk, part: Option<ArrayRecordPart>) -> bool {
    chunk.header.chunk_type.holds_records() && part.is_none()
}

/// Whether `chunk`, which is `part` of an ArrayRecord, contains records of the user, as its header
/// states.
pub(crate) fn has_records(chunk: &Chunk, part: Option<ArrayRecordPart>) -> bool {
    is_for_records(chunk, part) && !is_empty(chunk)
}

/// Checks a chunk that contains no records of the user.
pub(crate) fn check_recordless(
    chunks: &mut ChunkReader<impl Source>,
    chunk: &Chunk,
    part: Option<ArrayRecordPart>,
    limits: &Limits,
) -> Result<()> {
    match is_for_records(chunk, part) {
        true => check_empty(chunks, chunk, limits),
        false => check_undecoded(chunks, chunk),
    }
}

/// Checks the hash of a chunk without decoding it. Fails if the type of the chunk is unknown.
pub(crate) fn check_undecoded(chunks: &mut ChunkReader<impl Source>, chunk: &Chunk) -> Result<()> {
    match chunk.header.chunk_type {
        ChunkType::Unknown(_) => Err(unsupported(chunk)),
        _ => chunks.verify_data(chunk),
    }
}

/// Checks a chunk for records whose header states none. Fails unless the chunk is within the
/// `limits`, matches its hash, and contains no records.
pub(crate) fn check_empty(
    chunks: &mut ChunkReader<impl Source>,
    chunk: &Chunk,
    limits: &Limits,
) -> Result<()> {
    limits.check(chunk)?;
    let header = &chunk.header;
    let mut data = zeros(chunk, header.data_size)?;
    chunks.read_data(chunk, &mut data)?;
    match header.chunk_type {
        ChunkType::Transposed => {
            let mut decoder = transposed_chunk::Decoder::default();
            let size = header.decoded_data_size;
            let memory = limits.decoding_memory();
            let mut values = Vec::new();
            decoder
                .parse(header.num_records, size, &data, memory)
                .and_then(|layout| {
                    let values = codec::provide(&mut values, size)?;
                    decoder.decode(layout, &data, &mut [], values)
                })
        }
        _ => simple_chunk::decode(header, &data).map(|_| ()),
    }
    .map_err(|malformed| malformed.in_chunk_at(chunk.begin))
}

/// The error for a chunk of unknown type.
pub(crate) fn unsupported(chunk: &Chunk) -> Error {
    let detail = format!(
        "unknown chunk type {:#04x}",
        chunk.header.chunk_type.to_byte()
    );
    Error::at(ErrorKind::UnsupportedChunkType, chunk.begin, detail)
}
