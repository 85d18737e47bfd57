//! Decides which failures a reader skips and which it reports.

use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::decoding::Decoder;
use crate::reading::limits::Limits;

/// Returns the reason to skip `chunk`, for which reading failed with `error`. Fails if the failure
/// must not be skipped: if the chunk is intact but above a limit, or if the source or memory
/// failed.
pub(crate) fn reason_to_skip<S: Source>(
    chunks: &mut ChunkReader<S>,
    decoder: &mut Decoder,
    limits: &Limits,
    chunk: &Chunk,
    error: Error,
) -> Result<Error> {
    let reason = match error.kind() {
        ErrorKind::TooLarge => wrong_size(chunks, decoder, limits, chunk, error)?,
        ErrorKind::UnsupportedChunkType => match chunks.verify_data(chunk) {
            Ok(()) => error,
            Err(damage) => damage,
        },
        _ => error,
    };
    let skippable = reason.kind().is_damage()
        || matches!(
            reason.kind(),
            ErrorKind::UnsupportedChunkType | ErrorKind::UnsupportedCompression
        );
    match skippable {
        true => Ok(reason),
        false => Err(reason),
    }
}

/// Returns the damage of `chunk` if its header states a wrong size; fails with `error`, which
/// states that the chunk is too large, if the size is right.
fn wrong_size<S: Source>(
    chunks: &mut ChunkReader<S>,
    decoder: &mut Decoder,
    limits: &Limits,
    chunk: &Chunk,
    error: Error,
) -> Result<Error> {
    let found = if chunk.header.data_size > limits.max_chunk_size {
        chunks.verify_data(chunk)
    } else if chunk.header.chunk_type.holds_records() {
        decoder.check_layout(chunks, chunk)
    } else {
        Ok(())
    };
    match found {
        Err(damage) if damage.kind() != ErrorKind::TooLarge => Ok(damage),
        _ => Err(error),
    }
}
