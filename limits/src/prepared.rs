//! zstd alone, on the chunks of a record file in memory.

use crate::arguments::Arguments;
use crate::work::{Outcome, Work};
use disky::{
    BatchMemory, Chunk, ChunkReader, ChunkType, CompressionType, FileSource, ReaderOptions,
    RecordReader,
};
use std::path::Path;
use zstd_safe::{CCtx, CParameter, DCtx};

/// `ZSTD_decompressDCtx` on each chunk, into the same memory.
pub(crate) struct Decompress {
    frames: Vec<Vec<u8>>,
    /// Has room for the largest chunk.
    room: usize,
    threads: usize,
}

impl Decompress {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        let input = arguments.path("input")?;
        let frames = frames(&input)?;
        if frames.is_empty() {
            return Err("the file has no zstd frames".into());
        }
        Ok(Self {
            frames,
            room: largest(&chunks(&input)?),
            threads: arguments.number("threads", 1)?,
        })
    }
}

impl Work for Decompress {
    fn run(&mut self) -> Outcome<i64> {
        shared(&self.frames, self.threads, |frames| {
            let mut out = vec![0; self.room];
            let mut context = DCtx::try_create().ok_or("no memory for a context")?;
            let mut size = 0;
            for frame in frames {
                let len = context.decompress(&mut out[..], frame);
                size += len.map_err(zstd_safe::get_error_name)?;
            }
            Ok(size as i64)
        })
    }
}

/// `ZSTD_compress2` on the records of each chunk, into the same memory.
pub(crate) struct Compress {
    chunks: Vec<Vec<u8>>,
    level: i32,
    threads: usize,
}

impl Compress {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        Ok(Self {
            chunks: chunks(&arguments.path("input")?)?,
            level: arguments.level()?.ok_or("level= is none")?,
            threads: arguments.number("threads", 1)?,
        })
    }
}

impl Work for Compress {
    fn run(&mut self) -> Outcome<i64> {
        shared(&self.chunks, self.threads, |chunks| {
            let mut out = vec![0; zstd_safe::compress_bound(largest(chunks))];
            let mut context = CCtx::try_create().ok_or("no memory for a context")?;
            let set = context.set_parameter(CParameter::CompressionLevel(self.level));
            set.map_err(zstd_safe::get_error_name)?;
            let mut size = 0;
            for chunk in chunks {
                let len = context.compress2(&mut out[..], chunk);
                len.map_err(zstd_safe::get_error_name)?;
                size += chunk.len();
            }
            Ok(size as i64)
        })
    }
}

/// Shares `items` out among threads, and adds up what each yields.
fn shared<T: Sync>(
    items: &[T],
    threads: usize,
    work: impl Fn(&[T]) -> Outcome<i64> + Sync,
) -> Outcome<i64> {
    if threads == 1 {
        return work(items);
    }
    let share = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work = &work;
        let parts: Vec<_> = items
            .chunks(share)
            .map(|part| scope.spawn(move || work(part)))
            .collect();
        parts
            .into_iter()
            .map(|part| part.join().map_err(|_| "a thread panicked")?)
            .sum()
    })
}

fn largest(chunks: &[Vec<u8>]) -> usize {
    chunks.iter().map(Vec::len).max().unwrap_or(0)
}

/// The records of each chunk, one after the other.
fn chunks(path: &Path) -> Outcome<Vec<Vec<u8>>> {
    let mut reader = RecordReader::open(path, ReaderOptions::default())?;
    let mut memory = BatchMemory::default();
    let mut chunks = Vec::new();
    while let Some(batch) = reader.next_batch(&mut memory)? {
        chunks.push(batch.data().to_vec());
    }
    Ok(chunks)
}

/// The zstd frames of the chunks; none if the file is not compressed.
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
