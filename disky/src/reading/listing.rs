//! Lists and counts chunks of records; reads only their headers.

use crate::array_record::walk::Walk;
use crate::bytes::source::Source;
use crate::error::Result;
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::Chunk;
use crate::reading::extent::Extent;
use crate::reading::nearest::locate;
use crate::reading::record_file::RecordFile;
use crate::reading::recordless::{check_empty, is_empty, is_for_records, unsupported};

/// A walk over chunk headers.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Where the walk continues.
    position: u64,
    walk: Walk,
    /// The position of the last call if it failed for lack of bytes: the same call is then made
    /// again, and continues.
    failed_from: Option<u64>,
}

impl Listing {
    /// A walk from `position` on.
    fn from(position: u64) -> Self {
        Self {
            position,
            walk: Walk::from(position),
            failed_from: None,
        }
    }

    /// The next chunk that contains records of the user and begins before `limit`.
    fn next<S: Source>(&mut self, file: &mut RecordFile<S>, limit: u64) -> Result<Option<Chunk>> {
        let Self { position, walk, .. } = self;
        let (limits, array_record) = (file.options.limits, &mut file.array_record);
        file.chunks.visit_at(*position, |chunks| {
            while *position < limit {
                let Some(chunk) = chunks.chunk()? else {
                    break;
                };
                let part = walk.part(array_record, chunks, &chunk, limits.max_chunk_size)?;
                if let ChunkType::Unknown(_) = chunk.header.chunk_type {
                    return Err(unsupported(&chunk));
                }
                let is_for_records = is_for_records(&chunk, part);
                if is_for_records && is_empty(&chunk) {
                    check_empty(chunks, &chunk, &limits)?;
                }
                walk.pass(&chunk, part);
                chunks.advance();
                *position = chunk.end;
                chunks.visit_done(chunk.end);
                if is_for_records && !is_empty(&chunk) {
                    return Ok(Some(chunk));
                }
            }
            Ok(None)
        })
    }

    /// Lists chunks that begin in `position..limit` in `extents`, at most as many as there is room
    /// for. Returns the number of listed chunks, and the position at which to continue.
    pub(crate) fn list<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        position: u64,
        limit: u64,
        extents: &mut [Extent],
    ) -> Result<(usize, u64)> {
        let repeated = self.failed_from.take() == Some(position);
        if !repeated && (self.position != position || position == 0) {
            *self = Self::from(position);
        }
        let mut count = 0;
        while count < extents.len() {
            match self.next(file, limit) {
                Ok(Some(chunk)) => extents[count] = Extent::of(&chunk),
                Ok(None) => break,
                // The next call fails in the same way, or gets the bytes that this one needed.
                Err(_) if count > 0 => break,
                Err(error) => {
                    self.failed_from = error.is_need().then_some(position);
                    return Err(error);
                }
            }
            count += 1;
        }
        Ok((count, self.position))
    }
}

/// A count of the records in the range, which continues after a failed call for lack of bytes.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    paused: Option<(Listing, u64)>,
}

impl Counting {
    /// Counts the records in the range.
    pub(crate) fn count<S: Source>(&mut self, file: &mut RecordFile<S>) -> Result<u64> {
        let (mut listing, mut records) = match self.paused.take() {
            Some(paused) => paused,
            None => (listing_of_range(file)?, 0),
        };
        loop {
            match listing.next(file, file.options.range.end) {
                // A record takes at least one byte of the file, so that the sum cannot overflow.
                Ok(Some(chunk)) => records += chunk.header.num_records,
                Ok(None) => return Ok(records),
                Err(error) => {
                    self.paused = error.is_need().then_some((listing, records));
                    return Err(error);
                }
            }
            file.chunks.visit_done(listing.position);
        }
    }
}

fn listing_of_range<S: Source>(file: &mut RecordFile<S>) -> Result<Listing> {
    let begin = match file.options.range.start {
        0 => 0,
        start => locate(file, start)?,
    };
    Ok(Listing::from(begin))
}
