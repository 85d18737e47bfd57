//! A record file in memory, taken apart as far as zstd needs it.

use crate::boundary::Outcome;
use disky::{
    BatchMemory, Chunk, ChunkReader, ChunkType, CompressionType, FileSource, ReaderOptions,
    RecordReader,
};
use std::path::Path;
use zstd_safe::{CCtx, CParameter, DCtx};

/// A record file in memory.
pub struct Prepared {
    file: Vec<u8>,
    /// The zstd frames of its chunks; none if it is not compressed.
    frames: Vec<Vec<u8>>,
    /// The records of each chunk, one after the other.
    chunks: Vec<Vec<u8>>,
    /// Has room for the largest chunk, compressed or not.
    out: Vec<u8>,
}

impl Prepared {
    pub(crate) fn load(path: &Path) -> Outcome<Self> {
        let chunks = chunks(path)?;
        let largest = chunks.iter().map(Vec::len).max().unwrap_or(0);
        Ok(Self {
            file: std::fs::read(path)?,
            frames: frames(path)?,
            chunks,
            out: vec![0; zstd_safe::compress_bound(largest)],
        })
    }

    /// The bytes of the file.
    pub(crate) fn file(&self) -> &[u8] {
        &self.file
    }

    pub(crate) fn decompress(&mut self) -> Outcome<i64> {
        if self.frames.is_empty() {
            return Err("the file has no zstd frames".into());
        }
        let mut context = DCtx::try_create().ok_or("no memory for a context")?;
        let mut size = 0;
        for frame in &self.frames {
            let len = context.decompress(&mut self.out[..], frame);
            size += len.map_err(zstd_safe::get_error_name)?;
        }
        Ok(size as i64)
    }

    pub(crate) fn compress(&mut self, level: i32) -> Outcome<i64> {
        let mut context = CCtx::try_create().ok_or("no memory for a context")?;
        let set = context.set_parameter(CParameter::CompressionLevel(level));
        set.map_err(zstd_safe::get_error_name)?;
        let mut size = 0;
        for chunk in &self.chunks {
            let len = context.compress2(&mut self.out[..], chunk);
            len.map_err(zstd_safe::get_error_name)?;
            size += chunk.len();
        }
        Ok(size as i64)
    }
}

fn chunks(path: &Path) -> Outcome<Vec<Vec<u8>>> {
    let mut reader = RecordReader::open(path, ReaderOptions::default())?;
    let mut memory = BatchMemory::default();
    let mut chunks = Vec::new();
    while let Some(batch) = reader.next_batch(&mut memory)? {
        chunks.push(batch.data().to_vec());
    }
    Ok(chunks)
}

fn frames(path: &Path) -> Outcome<Vec<Vec<u8>>> {
    let mut reader = ChunkReader::new(FileSource::open(path)?);
    let mut frames = Vec::new();
    while let Some(chunk) = reader.chunk()? {
        if chunk.header.chunk_type == ChunkType::Simple {
            frames.extend(frame(&mut reader, &chunk)?);
        }
        reader.advance();
    }
    Ok(frames)
}

/// The zstd frame that holds the values of `chunk`, which is of the DISKY dialect; `None` if it is not
/// compressed.
fn frame(reader: &mut ChunkReader<FileSource>, chunk: &Chunk) -> Outcome<Option<Vec<u8>>> {
    let mut data = vec![0; usize::try_from(chunk.header.data_size)?];
    reader.read_data(chunk, &mut data)?;
    let compression_type = data.first().copied().map(CompressionType::from_byte);
    if compression_type != Some(CompressionType::Zstd) {
        return Ok(None);
    }
    let (sizes_size, len) = varint(&data[1..])?;
    Ok(Some(data.split_off(1 + len + sizes_size)))
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
