//! How to read.

use crate::bytes::source::AccessPattern;
use crate::chunk_data::field_projection::FieldProjection;
use crate::error::{Error, ErrorKind, Result};
use crate::options::options;
use crate::reading::limits::Limits;
use std::ops::Range;

const FOLLOW_AND_RECOVERY: &str = "a file that grows cannot be followed and recovered at once; \
                                 recover it once it is finished";

/// How a reader treats damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CorruptionStrategy {
    /// Stops with an error at the first damaged structure that it reads.
    #[default]
    Error,
    /// Continues at the next intact chunk, and keeps a [`SkippedRegion`](crate::SkippedRegion) for
    /// each gap.
    Recover,
}

options! {
    /// How to read.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ReaderOptions {
        /// The largest chunks and records to decode.
        limits: Limits = Limits::default(),
        /// How to treat damage. Default: [`CorruptionStrategy::Error`].
        corruption: CorruptionStrategy = CorruptionStrategy::Error,
        /// Whether [`CorruptionStrategy::Recover`] also returns chunks that only a search finds: no
        /// intact block header and no chunk before them states their position. Default: `true`.
        scan: bool = true,
        /// Whether [`RecordReader::next`](crate::RecordReader::next) follows a file that grows: at
        /// the end of the file it reads the file size again, and an unfinished chunk is not an
        /// error. Cannot be combined with [`CorruptionStrategy::Recover`], which must know where
        /// the file ends. Default: `false`.
        follow: bool = false,
        /// Which chunks to read: those that begin in this range of file positions, in bytes.
        /// Readers of adjoining ranges together read each chunk exactly once, even if a range
        /// begins in the middle of a chunk. Default: all, `0..u64::MAX`.
        range: Range<u64> = 0..u64::MAX,
        /// In which order the caller will request chunks. Default: [`AccessPattern::Sequential`].
        access_pattern: AccessPattern = AccessPattern::Sequential,
        /// Which fields to read of the protocol buffer messages in transposed chunks. It applies to
        /// all calls that decode records; records in other chunks are complete. Default: all.
        projection: FieldProjection = FieldProjection::all(),
    }
}

impl ReaderOptions {
    /// Fails with [`ErrorKind::InvalidArgument`] if the options cannot be combined.
    pub fn check(&self) -> Result<()> {
        if self.follow && self.corruption == CorruptionStrategy::Recover {
            return Err(Error::new(ErrorKind::InvalidArgument, FOLLOW_AND_RECOVERY));
        }
        Ok(())
    }
}
