//! Reads and writes Disky and Riegeli record files.
//!
//! A record is a byte sequence; a file is millions of them, in hash-checked, optionally compressed
//! chunks. Data flow through one module after the other:
//!
//! - reading: [`Source`] → [`ChunkReader`] (block headers taken out, hashes checked) → decoder of
//!   simple or of transposed chunks → [`RecordReader`], which puts the records of a chunk into
//!   memory that the caller owns, and leaves out the index of an ArrayRecord;
//! - writing: [`RecordWriter`] gathers records → [`SimpleChunkEncoder`] or
//!   [`TransposedChunkEncoder`] → [`ChunkWriter`] (block headers put in) → [`Sink`]. An [`Encoder`]
//!   encodes chunks for a writer on other threads.
//!
//! With [`CorruptionStrategy::Recover`] a reader goes on behind damage: it looks for the places
//! where chunks begin again, and tells what it left out as [`SkippedRegion`]s.
//!
//! Nothing in here panics on input, and no memory is asked for that the bytes at hand do not
//! justify.
//!
//! ```
//! # fn main() -> disky::Result<()> {
//! use disky::{BatchMemory, OpenMode, ReaderOptions, RecordReader, RecordWriter, WriterOptions};
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("numbers.disky");
//! let mut writer = RecordWriter::open(&path, OpenMode::CreateNew, &WriterOptions::default())?;
//! writer.write(b"one")?;
//! writer.write(b"two")?;
//! writer.close()?;
//!
//! let mut reader = RecordReader::open(&path, ReaderOptions::default())?;
//! let mut memory = BatchMemory::default();
//! while let Some(batch) = reader.next_batch(&mut memory)? {
//!     for record in batch.iter() {
//!         println!("{}", record.escape_ascii());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod append;
mod array_record;
mod array_record_walk;
mod backward;
mod block;
mod brotli;
mod chunk;
mod chunk_encoder;
mod chunk_reader;
mod chunk_writer;
mod codec;
mod compression;
mod description;
mod empty_chunk;
mod encoder;
mod error;
mod file_requests;
mod hash;
mod placement;
mod protobuf;
mod pulled_sink;
mod pulled_source;
mod random_access;
mod read_ahead;
mod record_reader;
mod record_writer;
mod recovery;
mod repair;
mod simple_chunk;
mod sink;
mod size_distribution;
mod snappy;
mod source;
mod torn_tail;
mod transposed_chunk;
mod unpublished;
mod varint;
mod writer_options;
mod zstd;

pub use array_record::{ArrayRecordPart, Container};
pub use array_record_walk::Notice;
pub use chunk::{ChunkHeader, ChunkType, MAX_RECORDS};
pub use chunk_reader::{Chunk, ChunkReader, SIGNATURE_SIZE};
pub use chunk_writer::{ChunkWriter, MAX_PADDING};
pub use compression::{Brotli, Compression, CompressionType, Dialect, Zstd};
pub use description::ChunkDescription;
pub use encoder::Encoder;
pub use error::{Error, ErrorKind, Excess, Result};
pub use hash::{Hasher, hash};
pub use placement::LastChunk;
pub use pulled_sink::PulledSink;
pub use pulled_source::{Need, PulledSource};
pub use random_access::{Extent, Nearest};
pub use record_reader::{
    Batch, BatchMemory, MAX_METADATA_SIZE, Next, RECORD_OVERHEAD, ReaderOptions, RecordBatch,
    RecordReader,
};
pub use record_writer::RecordWriter;
pub use recovery::{CorruptionStrategy, SkippedRegion};
pub use repair::{Repair, repair};
pub use simple_chunk::{EncodedChunk, SimpleChunkEncoder};
pub use sink::{FileSink, OpenMode, Sink};
pub use size_distribution::{SIZE_BUCKETS, SizeDistribution};
pub use source::{AccessPattern, FileSource, Source};
pub use transposed_chunk::TransposedChunkEncoder;
pub use writer_options::{CHUNK_SIZES, WriterOptions};
