//! Goes back over a file, which only reads forward: lists the chunks of one stretch before a position,
//! and keeps that list for the steps that follow, so that no stretch is listed twice on the way.
//!
//! A stretch begins where a block header states that a chunk does. With
//! [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover) it is walked as the reader
//! itself walks, data and all, so that both find the same chunks.

use crate::array_record::ArrayRecordPart;
use crate::array_record::walk::Walk;
use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::Chunk;
use crate::reading::empty_chunk::{check_empty, is_empty};
use crate::reading::random_access::{Extent, confirmed_boundary, extent, known_boundary};
use crate::reading::record_reader::{BatchMemory, Next, RecordReader, unsupported};
use crate::reading::recovery::{Recovery, SkippedRegion, continues};

/// How many chunks and skipped regions of a stretch are kept at most: of a longer one the last.
const MAX_KEPT: usize = 1 << 14;
/// How many skipped regions one step back tells at most: of more, those before become one.
const MAX_SKIPPED: usize = 1 << 12;

/// What lies before a position.
#[derive(Debug)]
enum Place {
    /// A chunk that has records of the user.
    Chunk(Chunk),
    /// A chunk at this position that fails whoever comes to it.
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

/// The stretch listed last, and a search that waits for bytes.
#[derive(Debug, Default)]
pub(crate) struct Backward {
    begin: u64,
    end: u64,
    /// All places from `begin` to `end`, in file order.
    places: Vec<Place>,
    /// Places of the stretch before `begin` from which on it can be listed again.
    marks: Vec<u64>,
    listing: Option<Listing>,
    search: Option<Search>,
}

impl Backward {
    fn covers(&self, position: u64) -> bool {
        self.begin < position && position <= self.end
    }

    /// How many of the places begin before `position`.
    fn count_before(&self, position: u64) -> usize {
        self.places
            .partition_point(|place| place.begin() < position)
    }
}

/// A stretch that is being listed.
#[derive(Debug)]
struct Listing {
    begin: u64,
    end: u64,
    position: u64,
    walk: Walk,
    recovery: Option<Recovery>,
    memory: BatchMemory,
    places: Vec<Place>,
    marks: Vec<u64>,
}

impl Listing {
    fn keep(&mut self, place: Place) -> Result<()> {
        if self.places.len() >= MAX_KEPT {
            self.marks.push(self.begin);
            self.begin = place.begin();
            self.places.clear();
        }
        self.places.try_reserve(1).map_err(|cause| {
            let detail = format!("no memory for a list of chunks: {cause}");
            Error::new(ErrorKind::OutOfMemory, detail)
        })?;
        self.places.push(place);
        Ok(())
    }
}

/// A search for the chunk before the position `from`, which has come to `position`.
#[derive(Debug)]
struct Search {
    from: u64,
    position: u64,
    /// What was skipped on the way: the last first.
    skipped: Vec<SkippedRegion>,
}

impl Search {
    fn skip(&mut self, region: SkippedRegion) {
        let many = self.skipped.len() >= MAX_SKIPPED;
        if let Some(behind) = self.skipped.last_mut()
            && (many || continues(&region, behind))
        {
            *behind = SkippedRegion {
                end: behind.end,
                ..region
            };
            return;
        }
        self.skipped.push(region);
    }
}

impl<S: Source> RecordReader<S> {
    /// Finds the last chunk that has records of the user, in the
    /// [range](crate::ReaderOptions::range), and begins before `position`; `None` if there is none.
    /// The reader's own position does not change.
    ///
    /// Whoever goes back chunk by chunk, each time from the beginning of the chunk found, reads each
    /// part of the file once for it. Fails as [`next`](Self::next) does, but does not look at the
    /// data of chunks that have records. With
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover) it does, and finds only
    /// such chunks as can be read; what is skipped between the chunk and `position` is to be
    /// [told](Self::next_skipped_region).
    pub fn records_before(&mut self, position: u64) -> Result<Option<Extent>> {
        let mut search = match self.backward.search.take() {
            Some(search) if search.from == position => search,
            _ => Search {
                from: position,
                position,
                skipped: Vec::new(),
            },
        };
        match self.search_back(&mut search) {
            Err(need) if need.is_need() => {
                self.backward.search = Some(search);
                Err(need)
            }
            Err(error) => Err(error),
            Ok(found) => {
                if let Some(recovery) = &mut self.recovery {
                    search
                        .skipped
                        .into_iter()
                        .rev()
                        .for_each(|region| recovery.tell(region));
                }
                let begin = found.as_ref().map_or(position, |chunk| chunk.begin);
                self.chunks.visit_done(begin);
                Ok(found.as_ref().map(extent))
            }
        }
    }

    fn search_back(&mut self, search: &mut Search) -> Result<Option<Chunk>> {
        let first = self.options.range.start;
        while search.position > first {
            if !self.backward.covers(search.position) {
                self.list_before(search.position)?;
            }
            for index in (0..self.backward.count_before(search.position)).rev() {
                let place = &self.backward.places[index];
                if place.begin() < first {
                    return Ok(None);
                }
                match place {
                    Place::Skipped(region) => search.skip(region.again()),
                    Place::Failing(_, error) => return Err(error.repeat()),
                    Place::Chunk(chunk) => return Ok(Some(*chunk)),
                }
            }
            search.position = self.backward.begin;
        }
        Ok(None)
    }

    /// Lists a stretch of the file that ends at `end`.
    fn list_before(&mut self, end: u64) -> Result<()> {
        let mut listing = match self.backward.listing.take() {
            Some(listing) if listing.end == end => listing,
            _ => self.listing_before(end)?,
        };
        self.forget_chunk();
        let visit = self.chunks.enter_visit(listing.position);
        let listed = self.list_stretch(&mut listing);
        self.chunks.leave_visit(visit);
        self.forget_chunk();
        match listed {
            Err(need) if need.is_need() => {
                self.backward.listing = Some(listing);
                Err(need)
            }
            Err(error) => Err(error),
            Ok(()) => {
                self.backward = Backward {
                    begin: listing.begin,
                    end,
                    places: listing.places,
                    marks: listing.marks,
                    ..Backward::default()
                };
                Ok(())
            }
        }
    }

    fn listing_before(&mut self, end: u64) -> Result<Listing> {
        let mut marks = match self.backward.begin == end {
            true => std::mem::take(&mut self.backward.marks),
            false => Vec::new(),
        };
        let begin = match marks.pop() {
            Some(mark) => mark,
            None => {
                let recovers = self.recovery.is_some();
                let last = end.min(self.chunks.size()).saturating_sub(1);
                self.chunks.visit_at(0, |chunks| match recovers {
                    false => known_boundary(chunks, last, false),
                    true => confirmed_boundary(chunks, last),
                })?
            }
        };
        Ok(Listing {
            begin,
            end,
            position: begin,
            walk: Walk::from(begin),
            recovery: self.recovery_at(begin),
            memory: BatchMemory::default(),
            places: Vec::new(),
            marks,
        })
    }

    fn list_stretch(&mut self, listing: &mut Listing) -> Result<()> {
        if listing.recovery.is_some() {
            // Where it goes on with a chunk whose header it has read before.
            self.chunks.tolerate_block_headers();
        }
        loop {
            let found = match &mut listing.recovery {
                None if self.chunks.position() >= listing.end => None,
                None => self.chunks.chunk()?,
                Some(recovery) => recovery.chunk(&mut self.chunks, listing.end)?,
            };
            let Some(chunk) = found.filter(|chunk| chunk.begin < listing.end) else {
                break;
            };
            match listing.recovery.is_some() {
                false => self.list_chunk(listing, &chunk)?,
                true => self.list_readable_chunk(listing, &chunk)?,
            }
            self.chunks.visit_done(listing.position);
        }
        keep_regions(listing, u64::MAX)
    }

    fn part_in(&mut self, listing: &Listing, chunk: &Chunk) -> Result<Option<ArrayRecordPart>> {
        let limit = self.options.max_chunk_size;
        listing
            .walk
            .part(&mut self.file, &mut self.chunks, chunk, limit)
    }

    /// Goes past a chunk by what its header says.
    fn list_chunk(&mut self, listing: &mut Listing, chunk: &Chunk) -> Result<()> {
        let part = self.part_in(listing, chunk)?;
        let holds_records = chunk.header.chunk_type.holds_records() && part.is_none();
        if let ChunkType::Unknown(_) = chunk.header.chunk_type {
            listing.keep(Place::Failing(chunk.begin, unsupported(chunk)))?;
        } else if holds_records && !is_empty(chunk) {
            listing.keep(Place::Chunk(*chunk))?;
        } else if holds_records
            && let Err(error) = check_empty(&mut self.chunks, chunk, &self.options)
        {
            if error.is_need() {
                return Err(error);
            }
            listing.keep(Place::Failing(chunk.begin, error))?;
        }
        listing.walk.pass(chunk, part);
        self.chunks.advance();
        listing.position = chunk.end;
        Ok(())
    }

    /// Fails where reading `chunk` would.
    fn check_readable(
        &mut self,
        chunk: &Chunk,
        part: Option<ArrayRecordPart>,
        memory: &mut BatchMemory,
    ) -> Result<()> {
        while let Some(Next::NeedMemory { ends, data }) =
            self.decode_any(chunk, part, &mut memory.ends, &mut memory.data)?
        {
            memory.reserve(ends, data)?;
        }
        Ok(())
    }

    /// Goes past a chunk as [`next`](RecordReader::next) does: reads it, and goes on behind damage.
    fn list_readable_chunk(&mut self, listing: &mut Listing, chunk: &Chunk) -> Result<()> {
        let part = self.part_in(listing, chunk)?;
        let readable = match self.check_readable(chunk, part, &mut listing.memory) {
            Ok(()) => Ok(()),
            // Too large, for example: whoever reads it meets that.
            Err(error) => match self.reason_to_skip(chunk, error) {
                Ok(reason) => Err(reason),
                Err(need) if need.is_need() => return Err(need),
                Err(_) => Ok(()),
            },
        };
        let Some(recovery) = &mut listing.recovery else {
            return Ok(());
        };
        match readable {
            Ok(()) => {
                listing.walk.pass(chunk, part);
                recovery.accept(&mut self.chunks);
                listing.position = recovery.position();
                keep_regions(listing, chunk.begin)?;
                if part.is_none() && chunk.header.chunk_type.holds_records() && !is_empty(chunk) {
                    listing.keep(Place::Chunk(*chunk))?;
                }
            }
            Err(reason) => {
                recovery.reject(&mut self.chunks, reason)?;
                listing.position = recovery.position();
            }
        }
        Ok(())
    }
}

/// Keeps the regions skipped before `end`. Those inside a chunk are told when it is read.
fn keep_regions(listing: &mut Listing, end: u64) -> Result<()> {
    while let Some(region) = listing.recovery.as_mut().and_then(Recovery::next_region) {
        if region.begin < end {
            listing.keep(Place::Skipped(region))?;
        }
    }
    Ok(())
}
