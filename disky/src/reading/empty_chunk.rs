//! Chunks whose headers state no records: whether that is so, their data alone show. Every walk over
//! a file asks here, also those that otherwise look at headers only, so that none goes past records
//! that another one meets.

use crate::bytes::source::Source;
use crate::chunk_data::simple_chunk;
use crate::chunk_data::transposed_chunk;
use crate::error::Result;
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::record_reader::{ReaderOptions, check_limits, decoding_memory, zeros};

/// Says whether the header of `chunk` states no records.
pub(crate) fn is_empty(chunk: &Chunk) -> bool {
    chunk.header.num_records == 0
}

/// Fails unless `chunk`, a chunk of records whose header states none, is within the limits, matches
/// its hash, and holds none.
pub(crate) fn check_empty(
    chunks: &mut ChunkReader<impl Source>,
    chunk: &Chunk,
    options: &ReaderOptions,
) -> Result<()> {
    check_limits(chunk, options)?;
    let header = &chunk.header;
    let mut data = zeros(chunk, header.data_size)?;
    chunks.read_data(chunk, &mut data)?;
    match header.chunk_type {
        ChunkType::Transposed => {
            let mut decoder = transposed_chunk::Decoder::default();
            let size = header.decoded_data_size;
            let memory = decoding_memory(options);
            let mut values = Vec::new();
            decoder
                .parse(header.num_records, size, &data, memory)
                .and_then(|layout| {
                    let values = crate::codec::provide(&mut values, size)?;
                    decoder.decode(layout, &data, &mut [], values)
                })
        }
        _ => simple_chunk::decode(header, &data).map(|_| ()),
    }
    .map_err(|malformed| malformed.in_chunk_at(chunk.begin))
}
