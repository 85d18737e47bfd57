//! Limits on the chunks and records that a reader decodes.

use crate::chunk_data::RECORD_OVERHEAD;
use crate::error::{Error, Excess, Malformed, Parsed, Result};
use crate::format::chunk_reader::Chunk;
use crate::options::options;

/// The remedy if a limit is exceeded.
const TRUST: &str = "if the file is to be trusted, read it with a higher limit";

options! {
    /// The largest chunks and records that a reader decodes. A chunk above a limit fails with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Limits {
        /// The maximum size of a chunk in bytes. It applies to the decoded chunk, which is its
        /// records and [`RECORD_OVERHEAD`] for each, and to its encoded data. Decoding a transposed
        /// chunk may take twice this size, and 1 MiB more. With a [projection], records count with
        /// the fields that are read. Default: 1 GiB.
        ///
        /// [projection]: crate::ReaderOptions::projection
        max_chunk_size: u64 = 1 << 30,
        /// The maximum size of a record in bytes. It is checked before the records are decoded if
        /// the chunk header suffices for that. Default: `u64::MAX`, so that only the limit on
        /// chunks applies.
        max_record_size: u64 = u64::MAX,
        /// The maximum number of records in a chunk. It is checked before memory for the chunk is
        /// allocated. Default: `u64::MAX`, so that only the limit on chunks applies.
        max_records_per_chunk: u64 = u64::MAX,
    }
}

impl Limits {
    /// Checks the sizes that the header of `chunk` states. Called before memory for the chunk is
    /// allocated.
    pub(crate) fn check(&self, chunk: &Chunk) -> Result<()> {
        self.check_chunk_size(chunk)?;
        self.check_record_count(chunk)?;
        // At least one record is as large as the mean.
        match chunk
            .header
            .decoded_data_size
            .div_ceil(chunk.header.num_records.max(1))
        {
            mean if chunk.header.num_records > 0 && mean > self.max_record_size => {
                Err(self.record_too_large(mean).in_chunk_at(chunk.begin))
            }
            _ => Ok(()),
        }
    }

    /// Checks the sizes that the header of `chunk`, a transposed chunk, states if only some fields of
    /// its records are decoded: all but the size of the records, which is found while decoding.
    pub(crate) fn check_projected(&self, chunk: &Chunk) -> Result<()> {
        self.check_chunk_size_with(chunk, 0)?;
        self.check_record_count(chunk)
    }

    /// The largest size of the records of `chunk` in bytes, if their header was checked.
    pub(crate) fn most_bytes(&self, chunk: &Chunk) -> u64 {
        let overhead = chunk.header.num_records.saturating_mul(RECORD_OVERHEAD);
        self.chunk_limit().saturating_sub(overhead)
    }

    fn chunk_limit(&self) -> u64 {
        self.max_chunk_size.min(isize::MAX as u64)
    }

    fn check_record_count(&self, chunk: &Chunk) -> Result<()> {
        let (size, limit) = (chunk.header.num_records, self.max_records_per_chunk);
        if size <= limit {
            return Ok(());
        }
        let detail = format!(
            "the chunk header states {size} records, which exceeds the limit of {limit} records a \
             chunk; {TRUST}"
        );
        Err(Error::too_large(
            chunk.begin,
            Excess { size, limit },
            detail,
        ))
    }

    fn check_chunk_size(&self, chunk: &Chunk) -> Result<()> {
        self.check_chunk_size_with(chunk, chunk.header.decoded_data_size)
    }

    /// Checks the size of `chunk` if its records have `bytes` bytes.
    fn check_chunk_size_with(&self, chunk: &Chunk, bytes: u64) -> Result<()> {
        let header = &chunk.header;
        let decoded = header
            .num_records
            .saturating_mul(RECORD_OVERHEAD)
            .saturating_add(bytes);
        let limit = self.chunk_limit();
        let size = decoded.max(header.data_size);
        if size <= limit {
            return Ok(());
        }
        let detail = format!(
            "the chunk header states {} records of {} bytes in {} bytes of data; with 8 bytes \
             a record that exceeds the limit of {limit} bytes a chunk; {TRUST}",
            header.num_records, header.decoded_data_size, header.data_size
        );
        Err(Error::too_large(
            chunk.begin,
            Excess { size, limit },
            detail,
        ))
    }

    /// Checks the size of each record; `ends` are their end offsets.
    pub(crate) fn check_records(&self, ends: &[u64]) -> Parsed<()> {
        let limit = self.max_record_size;
        if ends.last().is_none_or(|&total| total <= limit) {
            return Ok(());
        }
        let mut begin = 0;
        for &end in ends {
            let size = end - begin;
            if size > limit {
                return Err(self.record_too_large(size));
            }
            begin = end;
        }
        Ok(())
    }

    fn record_too_large(&self, size: u64) -> Malformed {
        let limit = self.max_record_size;
        let detail = format!(
            "a record of the chunk has at least {size} bytes, which exceeds the limit of {limit} \
             bytes a record; {TRUST}"
        );
        Malformed::too_large(Excess { size, limit }, detail)
    }

    /// The memory in bytes that decoding a transposed chunk may take, in addition to its records
    /// and its encoded data. The buckets of a chunk are about as large as its records; the rest is
    /// small if the chunk is small.
    pub(crate) fn decoding_memory(&self) -> u64 {
        self.max_chunk_size
            .saturating_mul(2)
            .saturating_add(1 << 20)
    }
}
