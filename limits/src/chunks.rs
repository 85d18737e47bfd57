//! The chunks of a record file of the DISKY dialect, which is what limits of zstd work on.

use crate::work::Outcome;
use disky::{
    BatchMemory, Chunk, ChunkReader, ChunkType, CompressionType, FileSource, ReaderOptions,
    RecordReader,
};
use std::fs::File;
use std::io::{IoSliceMut, Read};
use std::ops::Range;
use std::path::Path;

const BLOCK_SIZE: u64 = 1 << 16;
const BLOCK_HEADER_SIZE: usize = 24;
const CHUNK_HEADER_SIZE: usize = 40;

/// The records of each chunk, one after the other.
pub(crate) fn records(path: &Path) -> Outcome<Vec<Vec<u8>>> {
    let mut reader = RecordReader::open(path, ReaderOptions::default())?;
    let mut memory = BatchMemory::default();
    let mut chunks = Vec::new();
    while let Some(batch) = reader.next_batch(&mut memory)? {
        chunks.push(batch.data().to_vec());
    }
    Ok(chunks)
}

/// The size of the largest one.
pub(crate) fn largest(chunks: &[Vec<u8>]) -> usize {
    chunks.iter().map(Vec::len).max().unwrap_or(0)
}

/// A chunk as it lies in the file.
pub(crate) struct Stored {
    pub(crate) begin: u64,
    pub(crate) end: u64,
    /// Where the zstd frame of the values lies among the bytes that are of no block header; empty
    /// if there is none.
    pub(crate) frame: Range<usize>,
}

/// All chunks of a file, of which at least one is compressed.
pub(crate) fn stored(path: &Path) -> Outcome<Vec<Stored>> {
    let size = std::fs::metadata(path)?.len();
    let mut reader = ChunkReader::new(FileSource::open(path)?);
    let mut chunks = Vec::new();
    while let Some(chunk) = reader.chunk()? {
        chunks.push(Stored {
            begin: chunk.begin,
            end: chunk.end.min(size),
            frame: frame(&mut reader, &chunk)?,
        });
        reader.advance();
    }
    if chunks.iter().all(|chunk| chunk.frame.is_empty()) {
        return Err("the file has no zstd frames".into());
    }
    Ok(chunks)
}

/// The zstd frames of the chunks of a file.
pub(crate) fn frames(path: &Path) -> Outcome<Vec<Vec<u8>>> {
    let mut file = File::open(path)?;
    let chunks = stored(path)?;
    let mut memory = vec![0; largest_stored(&chunks)];
    let mut frames = Vec::new();
    for chunk in chunks {
        let bytes = read(&mut file, &chunk, &mut memory)?;
        if !chunk.frame.is_empty() {
            frames.push(bytes[chunk.frame].to_vec());
        }
    }
    Ok(frames)
}

/// The size of the largest one in the file.
pub(crate) fn largest_stored(chunks: &[Stored]) -> usize {
    let sizes = chunks.iter().map(|chunk| chunk.end - chunk.begin);
    sizes.max().unwrap_or(0) as usize
}

fn frame(reader: &mut ChunkReader<FileSource>, chunk: &Chunk) -> Outcome<Range<usize>> {
    if chunk.header.chunk_type != ChunkType::Simple {
        return Ok(0..0);
    }
    let mut data = vec![0; usize::try_from(chunk.header.data_size)?];
    reader.read_data(chunk, &mut data)?;
    let compression_type = data.first().copied().map(CompressionType::from_byte);
    if compression_type != Some(CompressionType::Zstd) {
        return Ok(0..0);
    }
    let (sizes_size, len) = varint(&data[1..])?;
    let begin = CHUNK_HEADER_SIZE + 1 + len + sizes_size;
    Ok(begin..CHUNK_HEADER_SIZE + data.len())
}

/// The integer at the start of `bytes`, and the bytes it takes.
fn varint(bytes: &[u8]) -> Outcome<(usize, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(9).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Ok((value, index + 1));
        }
    }
    Err("not a chunk of records".into())
}

/// Reads `chunk`, which begins where `file` is, with one readv(2): its bytes go to `memory`, which has
/// room for them, and block headers elsewhere, so that nothing has to be moved.
pub(crate) fn read<'a>(file: &mut File, chunk: &Stored, memory: &'a mut [u8]) -> Outcome<&'a [u8]> {
    let blocks = chunk.end / BLOCK_SIZE - chunk.begin / BLOCK_SIZE + 1;
    let mut headers = vec![[0; BLOCK_HEADER_SIZE]; blocks as usize];
    let mut slices = Vec::new();
    let mut rest = &mut *memory;
    let mut position = chunk.begin;
    let mut size = 0;
    for header in &mut headers {
        if position == chunk.end {
            break;
        }
        if position.is_multiple_of(BLOCK_SIZE) {
            slices.push(IoSliceMut::new(header));
            position += BLOCK_HEADER_SIZE as u64;
        }
        let end = chunk.end.min((position / BLOCK_SIZE + 1) * BLOCK_SIZE);
        let len = (end - position) as usize;
        let (piece, after) = std::mem::take(&mut rest).split_at_mut(len);
        slices.push(IoSliceMut::new(piece));
        rest = after;
        position = end;
        size += len;
    }
    if file.read_vectored(&mut slices)? as u64 != chunk.end - chunk.begin {
        return Err("a chunk was not read in one request".into());
    }
    Ok(&memory[..size])
}
