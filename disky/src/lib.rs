//! Reads and writes Disky and Riegeli record files.
//!
//! A record is a byte sequence. A file contains millions of them, in chunks that are hashed and
//! optionally compressed. Data flow through one module after the other:
//!
//! - Reading: [`Source`] → [`ChunkReader`] (takes block headers out, checks hashes) → decoder for
//!   simple or transposed chunks → [`RecordReader`], which writes the records of a chunk to memory
//!   that the caller owns, and leaves out the index of an ArrayRecord.
//! - Writing: [`RecordWriter`] collects records → [`SimpleChunkEncoder`] or
//!   [`TransposedChunkEncoder`] → [`ChunkWriter`] (inserts block headers) → [`Sink`]. An [`Encoder`]
//!   encodes chunks for a writer on other threads.
//!
//! With [`CorruptionStrategy::Recover`] a reader continues after damage: it searches for the next
//! chunk, and returns the skipped parts of the file as [`SkippedRegion`]s.
//!
//! No input makes this crate panic, and it never allocates more memory than the available bytes
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

#[cfg(not(all(target_endian = "little", target_pointer_width = "64")))]
compile_error!(
    "disky needs a 64-bit little-endian processor: the formats are little-endian, and chunks are \
     larger than a 32-bit address space"
);
#[cfg(not(any(unix, windows)))]
compile_error!("disky runs on Unix and on Windows");

mod array_record;
mod bytes;
mod chunk_data;
mod codec;
mod error;
mod format;
mod options;
mod reading;
mod writing;

pub use array_record::walk::Notice;
pub use array_record::{ArrayRecordPart, Container};
pub use bytes::open_file::OpenMode;
pub use bytes::pulled_sink::PulledSink;
pub use bytes::pulled_source::{Need, PulledSource};
pub use bytes::sink::{FileSink, Sink};
pub use bytes::source::{AccessPattern, FileSource, Source};
pub use chunk_data::RECORD_OVERHEAD;
pub use chunk_data::field_projection::FieldProjection;
pub use chunk_data::record_places::PickedRecord;
pub use chunk_data::simple_chunk::{EncodedChunk, SimpleChunkEncoder};
pub use chunk_data::transposed_chunk::TransposedChunkEncoder;
pub use codec::compression::{Brotli, Compression, CompressionType, Dialect, Zstd};
pub use error::{Error, ErrorKind, Excess, Result};
pub use format::chunk::{ChunkHeader, ChunkType, MAX_RECORDS};
pub use format::chunk_reader::{Chunk, ChunkReader, SIGNATURE_SIZE};
pub use format::chunk_writer::{ChunkWriter, MAX_PADDING};
pub use format::hash::{Hasher, STREAMS, hash, hash_many, streams};
pub use reading::batch::{Batch, BatchMemory, Next, RecordBatch, RunMemory, Slot};
pub use reading::description::ChunkDescription;
pub use reading::extent::Extent;
pub use reading::limits::Limits;
pub use reading::metadata::MAX_METADATA_SIZE;
pub use reading::nearest::Nearest;
pub use reading::reader_options::{CorruptionStrategy, ReaderOptions};
pub use reading::record_reader::RecordReader;
pub use reading::scattered::{Picked, PickedChunk};
pub use reading::size_distribution::{SIZE_BUCKETS, SizeDistribution};
pub use reading::skipped_region::SkippedRegion;
pub use writing::encoder::Encoder;
pub use writing::placement::LastChunk;
pub use writing::record_writer::RecordWriter;
pub use writing::repair::{Repair, repair};
pub use writing::writer_options::{CHUNK_SIZES, WriterOptions};
