//! Parts of a file that a reader has skipped because they are damaged.

use crate::error::Error;
use std::collections::VecDeque;

/// The maximum number of regions that are kept between two batches; further ones extend the last
/// region.
const MAX_REGIONS: usize = 4096;

/// A part of the file that contains no readable records.
#[derive(Debug)]
#[non_exhaustive]
pub struct SkippedRegion {
    /// Position of its first byte.
    pub begin: u64,
    /// Position just past its last byte.
    pub end: u64,
    /// The damage that was found first, and its position.
    pub reason: Error,
    /// Whether only a search for chunks has found `end`, as
    /// [`Batch::scanned`](crate::Batch::scanned) states for chunks.
    pub scanned: bool,
}

impl SkippedRegion {
    /// Returns a copy of the region.
    pub(crate) fn again(&self) -> Self {
        Self {
            begin: self.begin,
            end: self.end,
            reason: self.reason.repeat(),
            scanned: self.scanned,
        }
    }

    /// Whether `next` begins at the end of this region, for a reason of the same kind.
    pub(crate) fn continues_in(&self, next: &SkippedRegion) -> bool {
        self.end == next.begin
            && self.reason.kind() == next.reason.kind()
            && self.scanned == next.scanned
    }
}

/// Skipped regions that the caller has not taken yet, in file order.
#[derive(Debug, Default)]
pub(crate) struct SkippedRegions {
    regions: VecDeque<SkippedRegion>,
    /// The number of regions before the last batch.
    settled: usize,
}

impl SkippedRegions {
    /// The number of kept regions.
    pub(crate) fn len(&self) -> usize {
        self.regions.len()
    }

    /// Takes the first region.
    pub(crate) fn take_first(&mut self) -> Option<SkippedRegion> {
        self.settled = self.settled.saturating_sub(1);
        self.regions.pop_front()
    }

    /// States that the caller got a batch: later regions are not merged with the ones kept now.
    pub(crate) fn settle(&mut self) {
        self.settled = self.regions.len();
    }

    /// Keeps a region. Merges it with the last region if both adjoin for reasons of
    /// the same kind, or if too many regions lie between two batches.
    pub(crate) fn push(&mut self, region: SkippedRegion) {
        let many = self.regions.len() - self.settled >= MAX_REGIONS;
        if self.regions.len() > self.settled
            && let Some(last) = self.regions.back_mut()
            && (many || last.continues_in(&region))
        {
            last.end = region.end;
            last.scanned |= region.scanned;
            return;
        }
        self.regions.push_back(region);
    }
}
