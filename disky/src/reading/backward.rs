//! Goes back over a file, in which chunks can only be read forward.
//!
//! The walk lists the chunks of one stretch of the file before a position and keeps the list for
//! the following steps, so that it lists no stretch twice. A stretch begins where a block header
//! states the beginning of a chunk. With
//! [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover) the walk also decodes the
//! chunks of a stretch, so that it finds the same chunks as the walk forward.

use crate::array_record::ArrayRecordPart;
use crate::array_record::walk::Walk;
use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::Chunk;
use crate::reading::batch::{BatchMemory, Next};
use crate::reading::damage::reason_to_skip;
use crate::reading::decoding::Decoder;
use crate::reading::nearest::{confirmed_boundary, known_boundary};
use crate::reading::record_file::RecordFile;
use crate::reading::recordless::{check_empty, has_records, is_for_records, unsupported};
use crate::reading::recovery::Recovery;
use crate::reading::skipped_region::SkippedRegion;

/// The maximum number of chunks and skipped regions that the list of a stretch keeps. If a stretch
/// has more, the list keeps the last ones.
const MAX_KEPT: usize = 1 << 14;
/// The maximum number of skipped regions that one step back reports. If there are more, the ones
/// nearest to the beginning of the file become one region.
const MAX_SKIPPED: usize = 1 << 12;

/// An entry of the list of a stretch.
#[derive(Debug)]
enum Place {
    /// A chunk that contains records of the user.
    Chunk(Chunk),
    /// A chunk at this position for which reading fails with this error.
    Failing(u64, Error),
    /// A part of the file that was skipped.
    Skipped(SkippedRegion),
}

impl Place {
    fn begin(&self) -> u64 {
        match self {
            Self::Chunk(chunk) => chunk.begin,
            Self::Failing(begin, _) => *begin,
            Self::Skipped(region) => region.begin,
        }
    }
}

/// The walk back: the stretch that was listed last, and the work of a call that has failed for lack
/// of bytes.
#[derive(Debug, Default)]
pub(crate) struct Backward {
    stretch: Stretch,
    listing: Option<StretchListing>,
    search: Option<Search>,
    /// The [changes](RecordFile::changes) of the file when this walk looked at it last.
    changes: u64,
}

/// A part of the file whose chunks are known.
#[derive(Debug, Default)]
struct Stretch {
    begin: u64,
    end: u64,
    /// All places from `begin` to `end`, in file order.
    places: Vec<Place>,
    /// Positions before `begin` from which chunks can be listed too, in file order.
    marks: Vec<u64>,
}

impl Stretch {
    fn covers(&self, position: u64) -> bool {
        self.begin < position && position <= self.end
    }

    /// The places that begin before `position`.
    fn places_before(&self, position: u64) -> &[Place] {
        let count = self
            .places
            .partition_point(|place| place.begin() < position);
        &self.places[..count]
    }
}

/// A search for the chunk before the position `from`, which has arrived at `position`.
#[derive(Debug)]
struct Search {
    from: u64,
    position: u64,
    /// The regions skipped so far, the last one of the file first.
    skipped: Vec<SkippedRegion>,
}

impl Search {
    fn skip(&mut self, region: SkippedRegion) {
        let many = self.skipped.len() >= MAX_SKIPPED;
        if let Some(after) = self.skipped.last_mut()
            && (many || region.continues_in(after))
        {
            *after = SkippedRegion {
                end: after.end,
                ..region
            };
            return;
        }
        self.skipped.push(region);
    }
}

impl Backward {
    /// Finds the last chunk that contains records of the user and begins in the range of `file` and
    /// before `position`. Also returns, in file order, the regions that were skipped between the
    /// chunk and `position`.
    pub(crate) fn records_before<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        position: u64,
    ) -> Result<(Option<Chunk>, Vec<SkippedRegion>)> {
        self.forget_if_changed(file);
        let mut search = match self.search.take() {
            Some(search) if search.from == position => search,
            _ => Search {
                from: position,
                position,
                skipped: Vec::new(),
            },
        };
        match self.search(file, &mut search) {
            Ok(found) => {
                let begin = found.map_or(position, |chunk| chunk.begin);
                file.chunks.visit_done(begin);
                search.skipped.reverse();
                Ok((found, search.skipped))
            }
            Err(error) => {
                self.search = error.is_need().then_some(search);
                Err(error)
            }
        }
    }

    fn forget_if_changed<S: Source>(&mut self, file: &RecordFile<S>) {
        if self.changes != file.changes() {
            *self = Self {
                changes: file.changes(),
                ..Self::default()
            };
        }
    }

    fn search<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        search: &mut Search,
    ) -> Result<Option<Chunk>> {
        let first = file.options.range.start;
        while search.position > first {
            if !self.stretch.covers(search.position) {
                self.list_before(file, search.position)?;
            }
            for place in self.stretch.places_before(search.position).iter().rev() {
                if place.begin() < first {
                    return Ok(None);
                }
                match place {
                    Place::Skipped(region) => search.skip(region.again()),
                    Place::Failing(_, error) => return Err(error.repeat()),
                    Place::Chunk(chunk) => return Ok(Some(*chunk)),
                }
            }
            search.position = self.stretch.begin;
        }
        Ok(None)
    }

    /// Lists a stretch of the file that ends at `end`.
    fn list_before<S: Source>(&mut self, file: &mut RecordFile<S>, end: u64) -> Result<()> {
        let mut listing = match self.listing.take() {
            Some(listing) if listing.stretch.end == end => listing,
            _ => self.listing_before(file, end)?,
        };
        let visit = file.chunks.enter_visit(listing.position);
        let listed = listing.list(file);
        file.chunks.leave_visit(visit);
        match listed {
            Ok(()) => {
                self.stretch = listing.stretch;
                Ok(())
            }
            Err(error) => {
                self.listing = error.is_need().then_some(listing);
                Err(error)
            }
        }
    }

    fn listing_before<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        end: u64,
    ) -> Result<StretchListing> {
        let mut marks = match self.stretch.begin == end {
            true => std::mem::take(&mut self.stretch.marks),
            false => Vec::new(),
        };
        let begin = match marks.pop() {
            Some(mark) => mark,
            None => boundary_before(file, end)?,
        };
        let stretch = Stretch {
            begin,
            end,
            places: Vec::new(),
            marks,
        };
        Ok(StretchListing {
            stretch,
            position: begin,
            walk: Walk::from(begin),
            recovery: file.recovery_at(begin),
            decoder: Decoder::new(&file.options),
            memory: BatchMemory::default(),
        })
    }
}

/// A position before `end` where a chunk begins.
fn boundary_before<S: Source>(file: &mut RecordFile<S>, end: u64) -> Result<u64> {
    let recovers = file.recovers();
    let last = end.min(file.chunks.size()).saturating_sub(1);
    file.chunks.visit_at(0, |chunks| match recovers {
        false => known_boundary(chunks, last, false),
        true => confirmed_boundary(chunks, last),
    })
}

/// A walk over the chunks of a stretch, from its beginning to its end.
#[derive(Debug)]
struct StretchListing {
    stretch: Stretch,
    position: u64,
    walk: Walk,
    recovery: Option<Recovery>,
    decoder: Decoder,
    memory: BatchMemory,
}

impl StretchListing {
    /// Lists the chunks from `position` on.
    fn list<S: Source>(&mut self, file: &mut RecordFile<S>) -> Result<()> {
        if self.recovery.is_some() {
            // The list may continue with a chunk whose header an earlier call has read.
            file.chunks.tolerate_block_headers();
        }
        let end = self.stretch.end;
        loop {
            let found = match &mut self.recovery {
                None if file.chunks.position() >= end => None,
                None => file.chunks.chunk()?,
                Some(recovery) => recovery.chunk(&mut file.chunks, end)?,
            };
            let Some(chunk) = found.filter(|chunk| chunk.begin < end) else {
                break;
            };
            match self.recovery.is_some() {
                false => self.list_by_header(file, &chunk)?,
                true => self.list_if_readable(file, &chunk)?,
            }
            file.chunks.visit_done(self.position);
        }
        self.keep_regions(u64::MAX)
    }

    /// Lists a chunk without reading its data if it contains records.
    fn list_by_header<S: Source>(&mut self, file: &mut RecordFile<S>, chunk: &Chunk) -> Result<()> {
        let part = file.part(&self.walk, chunk)?;
        if let ChunkType::Unknown(_) = chunk.header.chunk_type {
            self.keep(Place::Failing(chunk.begin, unsupported(chunk)))?;
        } else if has_records(chunk, part) {
            self.keep(Place::Chunk(*chunk))?;
        } else if is_for_records(chunk, part)
            && let Err(error) = check_empty(&mut file.chunks, chunk, &file.options.limits)
        {
            if error.is_need() {
                return Err(error);
            }
            self.keep(Place::Failing(chunk.begin, error))?;
        }
        self.walk.pass(chunk, part);
        file.chunks.advance();
        self.position = chunk.end;
        Ok(())
    }

    /// Lists a chunk after reading it; skips it if it is damaged, as the walk forward does.
    fn list_if_readable<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
    ) -> Result<()> {
        let part = file.part(&self.walk, chunk)?;
        let damage = self.damage_of(file, chunk, part)?;
        let Some(recovery) = &mut self.recovery else {
            return Ok(());
        };
        if let Some(damage) = damage {
            recovery.reject(&mut file.chunks, damage)?;
            self.position = recovery.position();
            return Ok(());
        }
        self.walk.pass(chunk, part);
        recovery.accept(&mut file.chunks);
        self.position = recovery.position();
        self.keep_regions(chunk.begin)?;
        if has_records(chunk, part) {
            self.keep(Place::Chunk(*chunk))?;
        }
        Ok(())
    }

    /// The damage for which the walk forward skips `chunk`. A chunk for which that walk fails, for
    /// example because it is too large, counts as readable: reading it returns the error.
    fn damage_of<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
        part: Option<ArrayRecordPart>,
    ) -> Result<Option<Error>> {
        let Err(error) = self.decode(file, chunk, part) else {
            return Ok(None);
        };
        let (chunks, limits) = (&mut file.chunks, &file.options.limits);
        match reason_to_skip(chunks, &mut self.decoder, limits, chunk, error) {
            Ok(reason) => Ok(Some(reason)),
            Err(need) if need.is_need() => Err(need),
            Err(_) => Ok(None),
        }
    }

    fn decode<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
        part: Option<ArrayRecordPart>,
    ) -> Result<()> {
        let Self {
            decoder, memory, ..
        } = self;
        while let Some(Next::NeedMemory { ends, data }) = decoder.decode(
            &mut file.chunks,
            chunk,
            part,
            &mut memory.ends,
            &mut memory.data,
        )? {
            memory.reserve(ends, data)?;
        }
        Ok(())
    }

    /// Adds a place to the list; starts the list anew at the place if it is full.
    fn keep(&mut self, place: Place) -> Result<()> {
        let stretch = &mut self.stretch;
        if stretch.places.len() >= MAX_KEPT {
            stretch.marks.push(stretch.begin);
            stretch.begin = place.begin();
            stretch.places.clear();
        }
        stretch.places.try_reserve(1).map_err(|cause| {
            let detail = format!("no memory for a list of chunks: {cause}");
            Error::new(ErrorKind::OutOfMemory, detail)
        })?;
        stretch.places.push(place);
        Ok(())
    }

    /// Adds the regions skipped before `end` to the list. Reading a chunk reports the ones inside
    /// it.
    fn keep_regions(&mut self, end: u64) -> Result<()> {
        while let Some(region) = self.recovery.as_mut().and_then(Recovery::next_region) {
            if region.begin < end {
                self.keep(Place::Skipped(region))?;
            }
        }
        Ok(())
    }
}
