//! Finds chunks by their position in the file, and lists them.

use crate::array_record::walk::{self, Walk};
use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_SIZE};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::empty_chunk::{check_empty, is_empty};
use crate::reading::record_reader::{ReaderOptions, RecordReader, unsupported};
use crate::reading::recovery::{CorruptionStrategy, Recovery, is_chunk, landmark};
use std::ops::Range;

/// Where a chunk of records lies, and how much is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Position of the chunk.
    pub begin: u64,
    /// Position just past the chunk; where only an index tells it, the chunk may end before.
    pub end: u64,
    /// Number of records.
    pub records: u64,
    /// Sum of the record sizes in bytes.
    pub decoded_data_size: u64,
}

/// Which chunk is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nearest {
    /// The last one that begins at a position or before it.
    AtOrBefore,
    /// The first one that begins at a position or behind it.
    AtOrAfter,
}

impl<S: Source> RecordReader<S> {
    /// Where the next chunk may begin.
    pub fn position(&self) -> u64 {
        match &self.recovery {
            None => self.chunks.position(),
            Some(recovery) => recovery.position(),
        }
    }

    /// Moves to the chunk at `chunk_begin`: its records are read next. With
    /// [`CorruptionStrategy::Recover`] what was skipped before stays to be told.
    ///
    /// If `chunk_end` is not 0, this is an [`Extent`] of [`list_chunks`](Self::list_chunks) or
    /// [`index`](Self::index): the chunk is then read with as few requests as its size allows, and
    /// taken for one of records without a look at it, which is cheaper where chunks are small.
    ///
    /// The beginning and the end of the range, and the end of the file, may be told whether or not a
    /// chunk is there; at the first one the reader is where it was when it was opened. Nothing is read yet. Fails with [`ErrorKind::InvalidArgument`] if no chunk can begin there,
    /// or if it is outside the [range](ReaderOptions::range); then the position stays the same.
    pub fn seek(&mut self, chunk_begin: u64, chunk_end: u64) -> Result<()> {
        let range = &self.options.range;
        let size = self.chunks.size();
        let is_edge = [range.start, range.end, size].contains(&chunk_begin);
        let wrong = if chunk_begin < range.start || chunk_begin > range.end {
            "is outside the range that is read"
        } else if chunk_begin > size && !is_edge {
            "is behind the end of the file"
        } else if !is_edge && !block::is_chunk_boundary(chunk_begin) {
            "is inside a block header, where no chunk begins"
        } else {
            self.move_to(chunk_begin, chunk_end);
            return Ok(());
        };
        let detail = format!("the position {chunk_begin} {wrong}");
        Err(Error::new(ErrorKind::InvalidArgument, detail))
    }

    fn move_to(&mut self, chunk_begin: u64, chunk_end: u64) {
        // Where the range begins, there need not be a chunk.
        self.in_range = chunk_begin == 0 || chunk_begin != self.options.range.start;
        self.forget_chunk();
        self.walk = Walk::from(chunk_begin);
        self.vouched = (chunk_end > 0).then_some(chunk_begin);
        self.chunks.seek_extent(chunk_begin, chunk_end);
        // What was supplied for a call that failed is not waited for any more.
        self.chunks.visit_done(chunk_begin);
        if let Some(recovery) = &mut self.recovery {
            recovery.seek(chunk_begin, self.chunks.hashed());
        }
    }

    /// Moves to where the range begins.
    pub(crate) fn enter_range(&mut self) -> Result<()> {
        let begin = self.locate(self.options.range.start)?;
        self.move_to(begin, 0);
        self.in_range = true;
        Ok(())
    }

    /// The first position at or behind `position` where a chunk begins, or the file ends; with
    /// [`CorruptionStrategy::Recover`], or where a part of the file begins that is to be skipped.
    fn locate(&mut self, position: u64) -> Result<u64> {
        let size = self.chunks.size();
        if position >= size {
            return Ok(size);
        }
        let recovery = match self.options.corruption {
            CorruptionStrategy::Error => None,
            CorruptionStrategy::Recover => Some(Recovery::new(self.options.scan)),
        };
        self.chunks
            .visit_at(0, |chunks| locate(chunks, recovery, position))
    }

    /// Finds the chunk, of any type, that is nearest to `position`; `None` if there is none on that
    /// side. The reader's own position does not change.
    ///
    /// The block headers tell where to look, so that a few small reads do. Fails as
    /// [`next`](Self::next) does; with [`CorruptionStrategy::Recover`] looks behind damage.
    pub fn find_chunk(&mut self, position: u64, nearest: Nearest) -> Result<Option<Extent>> {
        let size = self.chunks.size();
        let found = match nearest {
            Nearest::AtOrAfter => {
                let begin = self.locate(position)?;
                self.chunk_from(begin, u64::MAX)?
            }
            Nearest::AtOrBefore if size == 0 => None,
            Nearest::AtOrBefore => self.last_chunk_until(position.min(size - 1))?,
        };
        self.chunks
            .visit_done(found.map_or(position, |chunk| chunk.begin));
        Ok(found)
    }

    /// The first chunk from `begin` on, which is where [`locate`](Self::locate) may end, that begins
    /// before `end`; with [`CorruptionStrategy::Error`] wherever it begins.
    fn chunk_from(&mut self, begin: u64, end: u64) -> Result<Option<Extent>> {
        let recovery = self.recovery_at(begin);
        let found = self.chunks.visit_at(begin, |chunks| match recovery {
            None => chunks.chunk(),
            Some(mut recovery) => recovery.chunk(chunks, end),
        })?;
        Ok(found.as_ref().map(extent))
    }

    pub(crate) fn recovery_at(&self, begin: u64) -> Option<Recovery> {
        self.recovery.as_ref().map(|_| {
            let mut recovery = Recovery::new(self.options.scan);
            recovery.seek(begin, self.chunks.hashed());
            recovery
        })
    }

    fn last_chunk_until(&mut self, position: u64) -> Result<Option<Extent>> {
        let recovers = self.recovery.is_some();
        let mut end = position + 1;
        loop {
            let begin = self
                .chunks
                .visit_at(0, |chunks| known_boundary(chunks, end - 1, recovers))?;
            let last = self.last_chunk_in(begin..end)?;
            if last.is_some() || begin == 0 {
                return Ok(last);
            }
            // All of it is damaged: the last chunk is the one before.
            end = begin;
        }
    }

    fn last_chunk_in(&mut self, range: Range<u64>) -> Result<Option<Extent>> {
        let mut begin = range.start;
        let mut last = None;
        while begin < range.end
            && let Some(chunk) = self.chunk_from(begin, range.end)?
            && chunk.begin < range.end
        {
            begin = chunk.end;
            last = Some(chunk);
        }
        Ok(last)
    }

    /// Lists the chunks that hold records of the user and begin in `position..limit` to `extents`,
    /// from chunk headers, and returns how many it has listed, at most as many as there is room for,
    /// and where to go on. Whoever goes on there until that is at least `limit`, or the size of the
    /// source, has all; the first time `position` is 0 or where a chunk begins.
    ///
    /// Damage is an error, with [`CorruptionStrategy::Recover`] too: what was listed before it is
    /// returned first. The reader's own position does not change.
    pub fn list_chunks(
        &mut self,
        position: u64,
        limit: u64,
        extents: &mut [Extent],
    ) -> Result<(usize, u64)> {
        let mut listing = std::mem::take(&mut self.listing);
        if listing.0 != position || position == 0 {
            listing = (position, Walk::from(position));
        }
        let mut count = 0;
        let listed = loop {
            if count == extents.len() {
                break Ok(());
            }
            match self.next_listed(&mut listing, limit) {
                Ok(Some(chunk)) => extents[count] = extent(&chunk),
                Ok(None) => break Ok(()),
                // The same call again fails in the same way, or gets the bytes that it needs.
                Err(_) if count > 0 => break Ok(()),
                Err(error) => break Err(error),
            }
            count += 1;
        };
        let next = listing.0;
        self.listing = listing;
        listed.map(|()| (count, next))
    }

    /// The next chunk that holds records of the user and begins before `limit`, behind the place
    /// where `listing` is.
    pub(crate) fn next_listed(
        &mut self,
        listing: &mut (u64, Walk),
        limit: u64,
    ) -> Result<Option<Chunk>> {
        let (file, options) = (&mut self.file, &self.options);
        let (position, walk) = listing;
        self.chunks.visit_at(*position, |chunks| {
            while *position < limit {
                let Some(chunk) = chunks.chunk()? else {
                    break;
                };
                let part = walk.part(file, chunks, &chunk, options.max_chunk_size)?;
                if let ChunkType::Unknown(_) = chunk.header.chunk_type {
                    return Err(unsupported(&chunk));
                }
                let holds_records = chunk.header.chunk_type.holds_records() && part.is_none();
                if holds_records && is_empty(&chunk) {
                    check_empty(chunks, &chunk, options)?;
                }
                walk.pass(&chunk, part);
                chunks.advance();
                *position = chunk.end;
                chunks.visit_done(chunk.end);
                if holds_records && !is_empty(&chunk) {
                    return Ok(Some(chunk));
                }
            }
            Ok(None)
        })
    }

    /// A listing that begins with the range.
    pub(crate) fn listing_from_range(&mut self) -> Result<(u64, Walk)> {
        let begin = match self.options.range.start {
            0 => 0,
            start => self.locate(start)?,
        };
        Ok((begin, Walk::from(begin)))
    }

    /// The chunks that the footer of an ArrayRecord lists; `None` if there is no footer that can be
    /// used. The reader's own position does not change.
    ///
    /// Only the first and the last chunk are known to be there: whoever reads a chunk compares
    /// its number of records with what is listed.
    pub fn index(&mut self) -> Result<Option<Vec<Extent>>> {
        let limit = self.options.max_chunk_size;
        let Some(entries) = walk::index(&mut self.chunks, limit)? else {
            return Ok(None);
        };
        let size = self.chunks.size();
        let ends = entries
            .iter()
            .skip(1)
            .map(|entry| entry.chunk_begin)
            .chain(std::iter::once(size));
        let mut extents = Vec::new();
        extents.try_reserve_exact(entries.len()).map_err(|cause| {
            let detail = format!("no memory for an index: {cause}");
            Error::new(ErrorKind::OutOfMemory, detail)
        })?;
        extents.extend(entries.iter().zip(ends).map(|(entry, end)| Extent {
            begin: entry.chunk_begin,
            end,
            records: entry.num_records,
            decoded_data_size: entry.decoded_data_size,
        }));
        Ok(Some(extents))
    }
}

impl<S: Source> RecordReader<S> {
    /// A reader of `source`, at its beginning, with the same limits on what it decodes as this one,
    /// and [`CorruptionStrategy::Error`].
    pub fn alike<T: Source>(&self, source: T) -> RecordReader<T> {
        let options = ReaderOptions {
            max_chunk_size: self.options.max_chunk_size,
            max_record_size: self.options.max_record_size,
            max_records_per_chunk: self.options.max_records_per_chunk,
            access_pattern: self.options.access_pattern,
            ..ReaderOptions::default()
        };
        RecordReader::new(source, options)
    }
}

pub(crate) fn extent(chunk: &Chunk) -> Extent {
    Extent {
        begin: chunk.begin,
        end: chunk.end,
        records: chunk.header.num_records,
        decoded_data_size: chunk.header.decoded_data_size,
    }
}

fn locate(
    chunks: &mut ChunkReader<impl Source>,
    recovery: Option<Recovery>,
    position: u64,
) -> Result<u64> {
    let known = known_boundary(chunks, position, recovery.is_some())?;
    if let Some(mut recovery) = recovery {
        recovery.seek(known, chunks.hashed());
        return recovery.locate(chunks, position);
    }
    chunks.seek(known);
    while chunks.position() < position && chunks.chunk()?.is_some() {
        chunks.advance();
    }
    Ok(chunks.position())
}

/// The last position up to `position` at which the header of its block states that a chunk begins.
/// Damaged block headers are errors, unless `recovers`; then those before are asked.
pub(crate) fn known_boundary(
    chunks: &mut ChunkReader<impl Source>,
    position: u64,
    recovers: bool,
) -> Result<u64> {
    let mut block_begin = position / BLOCK_SIZE * BLOCK_SIZE;
    while block_begin > 0 {
        if let Some(claim) = landmark::claim_at(chunks, block_begin)? {
            return Ok(match claim.end <= position {
                true => claim.end,
                false => claim.begin,
            });
        }
        if !recovers {
            return Err(damaged_block_header(chunks, block_begin));
        }
        block_begin -= BLOCK_SIZE;
    }
    Ok(0)
}

/// The last position up to `position` at which the header of its block states that a chunk begins,
/// and a chunk header confirms that; else the beginning of the file. Who reads on from there so meets
/// what one meets who comes by, though a block header may lie.
pub(crate) fn confirmed_boundary(
    chunks: &mut ChunkReader<impl Source>,
    position: u64,
) -> Result<u64> {
    let mut block_begin = position / BLOCK_SIZE * BLOCK_SIZE;
    while block_begin > 0 {
        if let Some(claim) = landmark::claim_at(chunks, block_begin)?
            && is_chunk(chunks, claim.begin, claim.end)?
        {
            return Ok(match claim.end <= position {
                true => claim.end,
                false => claim.begin,
            });
        }
        block_begin -= BLOCK_SIZE;
    }
    Ok(0)
}

fn damaged_block_header(chunks: &mut ChunkReader<impl Source>, block_begin: u64) -> Error {
    match chunks.block_header(block_begin) {
        Err(error) => error,
        Ok(_) => Error::at(
            ErrorKind::BlockHeader,
            block_begin,
            "the block header states a chunk that no writer would have written",
        ),
    }
}
