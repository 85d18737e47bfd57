//! Writes records, gathered into chunks.

use crate::append;
use crate::chunk_writer::ChunkWriter;
use crate::compression::{Compression, Dialect};
use crate::error::{Error, ErrorKind, Result};
use crate::record_reader::RECORD_OVERHEAD;
use crate::simple_chunk::SimpleChunkEncoder;
use crate::sink::{FileSink, OpenMode, Sink};
use crate::source::FileSource;
use std::ops::RangeInclusive;
use std::path::Path;

/// The chunk sizes there are, in bytes.
pub const CHUNK_SIZES: RangeInclusive<u64> = 1..=1 << 30;

/// How to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterOptions {
    /// How chunks are compressed. Default: zstd, level 3.
    pub compression: Compression,
    /// How compressed chunks are laid out. Default: [`Dialect::Disky`].
    pub dialect: Dialect,
    /// The size in bytes that a chunk is not to exceed, counting its records and
    /// [`RECORD_OVERHEAD`] for each; a larger record is a chunk by itself. In [`CHUNK_SIZES`].
    /// Default: 1 MiB.
    pub chunk_size: u64,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            compression: Compression::default(),
            dialect: Dialect::default(),
            chunk_size: 1 << 20,
        }
    }
}

/// Writes records to a sink.
///
/// A failure lasts: every later call repeats it. Dropping a writer writes what it holds but cannot
/// report a failure; [`close`](Self::close) can.
pub struct RecordWriter<K: Sink> {
    chunks: ChunkWriter<K>,
    encoder: SimpleChunkEncoder,
    chunk_size: u64,
    records: Vec<u8>,
    ends: Vec<u64>,
}

impl RecordWriter<FileSink> {
    /// Opens the file at `path`, and locks it against other writers.
    ///
    /// A file is continued only if it is intact; otherwise the error says where it is not, and
    /// nothing is changed. A new or empty file gets its signature at once.
    pub fn open(path: &Path, mode: OpenMode, options: &WriterOptions) -> Result<Self> {
        let encoder = encoder(options)?;
        let sink = FileSink::open(path, mode)?;
        let file = sink.file().try_clone();
        let file = file.map_err(|e| Error::io("cannot open for writing", e))?;
        let last = append::last_chunk(FileSource::of(file)?)?;
        let mut chunks = ChunkWriter::new(sink, last.map_or(0, |chunk| chunk.end));
        match last {
            None => chunks.write_signature()?,
            Some(chunk) => chunks.complete(&chunk)?,
        }
        Ok(Self::over(chunks, encoder, options))
    }
}

impl<K: Sink> RecordWriter<K> {
    /// A writer of a new file to the empty `sink`.
    pub fn new(sink: K, options: &WriterOptions) -> Result<Self> {
        let encoder = encoder(options)?;
        let mut chunks = ChunkWriter::new(sink, 0);
        chunks.write_signature()?;
        Ok(Self::over(chunks, encoder, options))
    }

    fn over(chunks: ChunkWriter<K>, encoder: SimpleChunkEncoder, options: &WriterOptions) -> Self {
        Self {
            chunks,
            encoder,
            chunk_size: options.chunk_size,
            records: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Size of the file in bytes, without records that are still gathered.
    pub fn file_size(&self) -> u64 {
        self.chunks.position()
    }

    /// Adds a record; writes the chunk before it if the record does not fit there.
    pub fn write(&mut self, record: &[u8]) -> Result<()> {
        self.chunks.check()?;
        let size = (self.records.len() as u64)
            .saturating_add(record.len() as u64)
            .saturating_add((self.ends.len() as u64 + 1) * RECORD_OVERHEAD);
        if size > self.chunk_size {
            self.flush()?;
        }
        self.records.try_reserve(record.len()).map_err(|cause| {
            Error::new(
                ErrorKind::OutOfMemory,
                format!("no memory for a record: {cause}"),
            )
        })?;
        self.records.extend_from_slice(record);
        self.ends.push(self.records.len() as u64);
        Ok(())
    }

    /// Writes a chunk of exactly these records, which lie one after the other in `records`, each up
    /// to its end in `ends`. No records, no chunk.
    pub fn write_batch(&mut self, records: &[u8], ends: &[u64]) -> Result<()> {
        self.flush()?;
        self.write_chunk(records, ends)
    }

    /// Writes the records gathered so far as a chunk, so that others can read them.
    pub fn flush(&mut self) -> Result<()> {
        let records = std::mem::take(&mut self.records);
        let ends = std::mem::take(&mut self.ends);
        let written = self.write_chunk(&records, &ends);
        (self.records, self.ends) = (records, ends);
        self.records.clear();
        self.ends.clear();
        written
    }

    /// Flushes, and returns when everything written would outlive a power cut.
    pub fn sync(&mut self) -> Result<()> {
        self.flush()?;
        self.chunks.sync()
    }

    /// Flushes, and reports every failure there was.
    pub fn close(mut self) -> Result<()> {
        self.flush()
    }

    fn write_chunk(&mut self, records: &[u8], ends: &[u64]) -> Result<()> {
        self.chunks.check()?;
        if ends.is_empty() && records.is_empty() {
            return Ok(());
        }
        let chunk = self.encoder.encode(records, ends)?;
        self.chunks.write(&chunk.header, &chunk.data)
    }
}

impl<K: Sink> Drop for RecordWriter<K> {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

fn encoder(options: &WriterOptions) -> Result<SimpleChunkEncoder> {
    if !CHUNK_SIZES.contains(&options.chunk_size) {
        let detail = format!("chunk size {} is outside 1 to 1 GiB", options.chunk_size);
        return Err(Error::new(ErrorKind::InvalidArgument, detail));
    }
    SimpleChunkEncoder::new(options.compression, options.dialect)
}
