//! Reads the metadata of a file.

use crate::bytes::source::Source;
use crate::chunk_data::transposed_chunk;
use crate::error::Result;
use crate::format::chunk::ChunkType;
use crate::reading::chunk_memory::zeros;
use crate::reading::decoding::decode_transposed;
use crate::reading::limits::Limits;
use crate::reading::record_file::RecordFile;

/// The maximum size of file metadata in bytes, encoded and decoded: 64 MiB. Unlike records, file
/// metadata are held in memory completely.
pub const MAX_METADATA_SIZE: u64 = 64 << 20;

/// The file metadata; `None` if the first chunk after the file signature contains none.
pub(crate) fn metadata<S: Source>(file: &mut RecordFile<S>) -> Result<Option<Vec<u8>>> {
    let limits = Limits {
        max_chunk_size: file.limits().max_chunk_size.min(MAX_METADATA_SIZE),
        ..*file.limits()
    };
    let found = file.chunks.visit_at(0, |chunks| {
        if chunks.chunk()?.is_none() {
            return Ok(None);
        }
        chunks.advance();
        let Some(chunk) = chunks.chunk()? else {
            return Ok(None);
        };
        if chunk.header.chunk_type != ChunkType::Metadata {
            return Ok(None);
        }
        limits.check(&chunk)?;
        let mut data = zeros(&chunk, chunk.header.data_size)?;
        chunks.read_data(&chunk, &mut data)?;
        Ok(Some((chunk, data)))
    })?;
    let Some((chunk, data)) = found else {
        return Ok(None);
    };
    // Metadata are laid out like a transposed chunk of one record.
    let mut decoder = transposed_chunk::Decoder::default();
    let memory = limits.decoding_memory();
    let (_, metadata) = decode_transposed(&mut decoder, &chunk, 1, &data, memory)?;
    Ok(Some(metadata))
}
