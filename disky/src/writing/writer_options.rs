//! The options of a writer, and the check of their combinations.

use crate::array_record::{Container, GROUP_SIZE_OPTION};
use crate::bytes::open_file::OpenMode;
use crate::chunk_data::RECORD_OVERHEAD;
use crate::codec::compression::{Compression, Dialect};
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::BLOCK_SIZE;
use crate::format::chunk_writer::MAX_PADDING;
use crate::options::options;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// The valid chunk sizes in bytes.
pub const CHUNK_SIZES: RangeInclusive<u64> = 1..=1 << 30;

options! {
    /// How to write.
    #[derive(Debug, Clone, PartialEq)]
    pub struct WriterOptions {
        /// The compression of chunks. Default: zstd, level 3.
        compression: Compression = Compression::default(),
        /// The layout of compressed chunks. Default: [`Dialect::Disky`].
        dialect: Dialect = Dialect::default(),
        /// The maximum size of a chunk in bytes, counting its records and [`RECORD_OVERHEAD`] for
        /// each. A larger record is a chunk by itself. In [`CHUNK_SIZES`]. Ignored in
        /// [`Container::ArrayRecord`]. Default: 1 MiB.
        chunk_size: u64 = 1 << 20,
        /// The organisation of the file. Default: [`Container::Records`].
        container: Container = Container::default(),
        /// In [`Container::ArrayRecord`], the number of records in a chunk, at least 1. Only the
        /// last chunk may have fewer. Default: 1.
        group_size: u32 = 1,
        /// Whether chunks are transposed. Records that are protocol buffer messages then compress
        /// better; other records are stored too. Default: `false`.
        transpose: bool = false,
        /// The size of a bucket of a transposed chunk, relative to the chunk size: 0.0 to 1.0. With
        /// small buckets a reader can leave out fields; large ones compress better. Default: 1.0.
        bucket_fraction: f64 = 1.0,
        /// A file that is continued is first padded to a multiple of this number of bytes, at most
        /// [`MAX_PADDING`]. Default: 1, no padding.
        initial_padding: u64 = 1,
        /// At each flush and at its end the file is padded to a multiple of this number of bytes,
        /// at most [`MAX_PADDING`]. Files padded to a multiple of 65,536 can be concatenated.
        /// Default: 1, no padding.
        ///
        /// In [`Container::ArrayRecord`] 1 or 65,536; each group is padded.
        final_padding: u64 = 1,
        /// In [`Dialect::Disky`], whether chunks are placed where upstream disky's own reader
        /// accepts them: it rejects some valid files (docs/format.md, "Chunks for upstream disky").
        /// A chunk may then become two, and chunks without records may lie between. Has no effect
        /// in [`Dialect::Riegeli`]. Default: `true`.
        upstream_compatibility: bool = true,
        /// A serialized `RecordsMetadata` message about the file, written if the file is new.
        /// Default: none.
        metadata: Option<Vec<u8>> = None,
        /// With [`OpenMode::Append`], whether a torn tail is cut off. Default: `false`; a torn tail
        /// is an error.
        repair: bool = false,
        /// Whether a new file has a temporary name until it is closed, so that under its own name
        /// it is complete or does not exist (see
        /// [`FileSink::create_atomically`](crate::FileSink::create_atomically)). Cannot be combined
        /// with [`OpenMode::Append`]. Default: `false`.
        atomic_creation: bool = false,
    }
}

impl WriterOptions {
    /// Fails with [`ErrorKind::InvalidArgument`] if an option is outside its range, or if it cannot
    /// be combined with the container, the dialect or `mode`. The error states the reason and a
    /// valid choice.
    pub fn check(&self, mode: OpenMode) -> Result<()> {
        self.check_ranges()?;
        require(!self.atomic_creation || mode != OpenMode::Append, || {
            "a file that is continued cannot be created atomically; choose CREATE_NEW or OVERWRITE"
                .into()
        })?;
        self.check_dialect()?;
        self.check_container(mode)
    }

    fn check_ranges(&self) -> Result<()> {
        require(CHUNK_SIZES.contains(&self.chunk_size), || {
            format!("chunk size {} is outside 1 to 1 GiB", self.chunk_size)
        })?;
        require(self.group_size > 0, || "group size 0 is less than 1".into())?;
        require((0.0..=1.0).contains(&self.bucket_fraction), || {
            format!("bucket fraction {} is outside 0 to 1", self.bucket_fraction)
        })?;
        for padding in [self.initial_padding, self.final_padding] {
            require((1..=MAX_PADDING).contains(&padding), || {
                format!("padding {padding} is outside 1 to 1 GiB")
            })?;
        }
        Ok(())
    }

    fn check_dialect(&self) -> Result<()> {
        if self.dialect == Dialect::Riegeli {
            return Ok(());
        }
        self.compression.check_dialect(self.dialect)?;
        let unreadable = [
            (self.container == Container::ArrayRecord, "an ArrayRecord"),
            (self.transpose, "transposed chunks"),
            (
                self.initial_padding > 1 || self.final_padding > 1,
                "padding",
            ),
            (self.metadata.is_some(), "file metadata"),
        ];
        for (chosen, what) in unreadable {
            require(!chosen, || {
                format!("{what} in the DISKY dialect: not readable by upstream; choose RIEGELI")
            })?;
        }
        Ok(())
    }

    fn check_container(&self, mode: OpenMode) -> Result<()> {
        if self.container != Container::ArrayRecord {
            return Ok(());
        }
        require(mode != OpenMode::Append, || {
            "an ArrayRecord ends with the index of its chunks and cannot be continued; write a new \
             file"
                .into()
        })?;
        require([1, BLOCK_SIZE].contains(&self.final_padding), || {
            format!(
                "an ArrayRecord has final padding 1 or {BLOCK_SIZE}, not {}",
                self.final_padding
            )
        })
    }

    /// The uncompressed size of a bucket of transposed chunks in bytes, at least 1.
    pub(crate) fn bucket_size(&self) -> u64 {
        // The result is in range: it is at most 1 GiB.
        ((self.chunk_size as f64 * self.bucket_fraction).round() as u64).max(1)
    }

    /// Whether writers with these and with `other` options encode chunks in the same way.
    pub(crate) fn encode_alike(&self, other: &Self) -> bool {
        self.compression == other.compression
            && self.dialect == other.dialect
            && self.transpose == other.transpose
            && (!self.transpose || self.bucket_size() == other.bucket_size())
    }

    /// Whether a record of `size` bytes would make a chunk of `records` records in `bytes` bytes
    /// too large.
    pub(crate) fn overflows(&self, records: u64, bytes: u64, size: u64) -> bool {
        match self.container {
            Container::ArrayRecord => records >= self.group_size.into(),
            Container::Records => {
                bytes
                    .saturating_add(size)
                    .saturating_add((records + 1) * RECORD_OVERHEAD)
                    > self.chunk_size
            }
        }
    }

    /// The options in the spelling of ArrayRecord's writer, for its footer.
    pub(crate) fn to_array_record_text(&self) -> String {
        let mut text = format!(
            "{GROUP_SIZE_OPTION}{},transpose:{},pad_to_block_boundary:{}",
            self.group_size,
            self.transpose,
            self.final_padding > 1
        );
        if self.transpose {
            text.push_str(&format!(",transpose_bucket_size:{}", self.bucket_size()));
        }
        let window_log = match self.compression {
            Compression::None => {
                text.push_str(",uncompressed");
                None
            }
            Compression::Snappy => {
                text.push_str(",snappy");
                None
            }
            Compression::Zstd(zstd) => {
                let _ = write!(text, ",zstd:{}", zstd.level());
                zstd.window_log()
            }
            Compression::Brotli(brotli) => {
                let _ = write!(text, ",brotli:{}", brotli.quality());
                Some(brotli.window_log())
            }
        };
        if let Some(window_log) = window_log {
            let _ = write!(text, ",window_log:{window_log}");
        }
        text
    }
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::InvalidArgument, otherwise()))
    }
}
