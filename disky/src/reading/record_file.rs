//! The file that all walks of a reader share.

use crate::array_record::ArrayRecordPart;
use crate::array_record::walk::{ArrayRecord, Walk};
use crate::bytes::source::{AccessPattern, Source};
use crate::error::Result;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::limits::Limits;
use crate::reading::reader_options::{CorruptionStrategy, ReaderOptions};
use crate::reading::recovery::Recovery;

/// The number of bytes of the file after which a long walk returns, so that its caller can show its
/// progress.
pub(crate) const STEP: u64 = 64 << 20;

/// A file and the options with which it is read. A walk keeps its own position in it.
pub(crate) struct RecordFile<S> {
    pub(crate) chunks: ChunkReader<S>,
    pub(crate) array_record: ArrayRecord,
    pub(crate) options: ReaderOptions,
    /// How often the size of the file was found to have changed.
    changes: u64,
}

impl<S: Source> RecordFile<S> {
    pub(crate) fn new(mut chunks: ChunkReader<S>, options: ReaderOptions) -> Self {
        if options.access_pattern == AccessPattern::Random {
            chunks.expect_random_access();
        }
        Self {
            chunks,
            array_record: ArrayRecord::default(),
            options,
            changes: 0,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// Whether damage is skipped.
    pub(crate) fn recovers(&self) -> bool {
        self.options.corruption == CorruptionStrategy::Recover
    }

    /// A recovery at the beginning of the file, if damage is skipped.
    pub(crate) fn recovery(&self) -> Option<Recovery> {
        self.recovers().then(|| Recovery::new(self.options.scan))
    }

    /// A recovery at the chunk boundary `begin`, if damage is skipped.
    pub(crate) fn recovery_at(&self, begin: u64) -> Option<Recovery> {
        let mut recovery = self.recovery()?;
        recovery.seek(begin, self.chunks.hashed());
        Some(recovery)
    }

    /// Which part of an ArrayRecord `chunk` is, at which `walk` has arrived.
    pub(crate) fn part(&mut self, walk: &Walk, chunk: &Chunk) -> Result<Option<ArrayRecordPart>> {
        let limit = self.options.limits.max_chunk_size;
        walk.part(&mut self.array_record, &mut self.chunks, chunk, limit)
    }

    /// Reads the size of the file again; returns whether it has changed.
    pub(crate) fn look_again(&mut self) -> Result<bool> {
        let before = self.chunks.size();
        self.chunks.refresh()?;
        let changed = self.chunks.size() != before;
        if changed {
            self.array_record.forget_the_end();
            self.changes += 1;
        }
        Ok(changed)
    }

    /// How often [`look_again`](Self::look_again) has found another size.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }
}
