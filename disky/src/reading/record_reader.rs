//! Reads records, a chunk at a time, into memory of the caller.

use crate::array_record::ArrayRecordPart;
use crate::array_record::walk::{ArrayRecord, Notice, Walk};
use crate::bytes::source::{AccessPattern, FileSource, Source};
use crate::chunk_data::RECORD_OVERHEAD;
use crate::chunk_data::simple_chunk::{self, SimpleChunk};
use crate::chunk_data::transposed_chunk::{self, TransposedChunk};
use crate::codec;
use crate::codec::compression::CompressionType;
use crate::error::{Error, ErrorKind, Excess, Malformed, Parsed, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::backward::Backward;
use crate::reading::description::SizesSoFar;
use crate::reading::empty_chunk::{check_empty, is_empty};
use crate::reading::recovery::{CorruptionStrategy, Recovery, SkippedRegion};
use std::ops::Range;
use std::path::Path;

/// The most bytes that file metadata may have, encoded or not: 64 MiB. They are whole in memory,
/// unlike records.
pub const MAX_METADATA_SIZE: u64 = 64 << 20;

/// The remedy where a limit is exceeded.
const TRUST: &str = "if the file is to be trusted, read it with a higher limit";

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderOptions {
    /// The largest chunk that is decoded, in bytes: its records and [`RECORD_OVERHEAD`] for each,
    /// and likewise its encoded data. A transposed chunk may take twice as much, and 1 MiB more,
    /// while it is decoded. Default: 1 GiB.
    pub max_chunk_size: u64,
    /// The largest record that is returned, in bytes. A chunk with a larger one is
    /// [`ErrorKind::TooLarge`], before its records are decoded where that can be known. Default:
    /// `u64::MAX`, no limit but that on chunks.
    pub max_record_size: u64,
    /// The most records of a chunk that is decoded. A chunk with more is [`ErrorKind::TooLarge`],
    /// before memory for it is asked for. Default: `u64::MAX`, no limit but that on chunks.
    pub max_records_per_chunk: u64,
    /// What to do about damage. Default: [`CorruptionStrategy::Error`].
    pub corruption: CorruptionStrategy,
    /// Whether [`CorruptionStrategy::Recover`] also returns chunks that only a search finds, with
    /// no word of an intact block header or of the chunks before them. Default: `true`.
    pub scan: bool,
    /// Whether [`RecordReader::next`] follows a file that grows: at the end of the file it looks
    /// at the size again, and what is there of an unfinished chunk is no error. Not together with
    /// [`CorruptionStrategy::Recover`], which has to know where the file ends. Default: `false`.
    pub tail: bool,
    /// Which chunks are read: those that begin in this range of file positions, in bytes. Readers
    /// of adjoining ranges read each chunk exactly once, whether or not a chunk begins where a
    /// range does. Default: all, `0..u64::MAX`.
    pub range: Range<u64>,
    /// In which order chunks will be asked for. Default: [`AccessPattern::Sequential`].
    pub access_pattern: AccessPattern,
}

impl ReaderOptions {
    /// Fails with [`ErrorKind::InvalidArgument`] if the options exclude each other.
    pub fn check(&self) -> Result<()> {
        if self.tail && self.corruption == CorruptionStrategy::Recover {
            return Err(Error::new(ErrorKind::InvalidArgument, TAIL_AND_RECOVERY));
        }
        Ok(())
    }
}

impl Default for ReaderOptions {
    fn default() -> Self {
        Self {
            max_chunk_size: 1 << 30,
            max_record_size: u64::MAX,
            max_records_per_chunk: u64::MAX,
            corruption: CorruptionStrategy::default(),
            scan: true,
            tail: false,
            range: 0..u64::MAX,
            access_pattern: AccessPattern::Sequential,
        }
    }
}

/// What [`RecordReader::next`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Decoded a chunk.
    Batch(Batch),
    /// Nothing: the next chunk needs at least so much memory. Call again with it.
    NeedMemory {
        /// Number of end offsets.
        ends: usize,
        /// Bytes of data.
        data: usize,
    },
    /// Nothing: there are no more records.
    End,
    /// Nothing: with [`ReaderOptions::tail`] there is no other whole chunk for now. Call again
    /// later.
    NotYet,
}

/// Where the records of a chunk were put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Position of the chunk in the file.
    pub chunk_begin: u64,
    /// Position just past the chunk and its padding, where the next chunk begins.
    pub chunk_end: u64,
    /// Number of records, at least 1, and of end offsets filled. An end is relative to
    /// `data_offset`.
    pub records: usize,
    /// Where the records begin in the data memory.
    pub data_offset: usize,
    /// Size of all records in bytes.
    pub data_size: usize,
    /// Says that only a search has found the chunk, with
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover): that it is part of
    /// this file, and not of a record file in one of its records, is likely but not proven.
    pub scanned: bool,
}

/// Reads the records of a source in order.
///
/// After an error the reader stays where it is; the same call then gives the same error.
pub struct RecordReader<S> {
    pub(crate) chunks: ChunkReader<S>,
    pub(crate) options: ReaderOptions,
    pub(crate) simple: simple_chunk::Decoder,
    transposed: transposed_chunk::Decoder,
    encoded: Vec<u8>,
    /// The current chunk's layout, once its data are in `encoded`.
    loaded: Option<Layout>,
    pub(crate) file: ArrayRecord,
    /// The walk of [`next`](Self::next), and that of [`chunk_at`](Self::chunk_at).
    pub(crate) walk: Walk,
    pub(crate) description_walk: Walk,
    pub(crate) recovery: Option<Recovery>,
    tail: Option<Tail>,
    /// What [`count`](Self::count) and [`record_sizes`](Self::record_sizes) have come to, while they
    /// wait for bytes.
    count: Option<Count>,
    pub(crate) sizes: SizesSoFar,
    /// Bytes hashed before the current chunk was looked into.
    hashed_before: u64,
    /// Whether the reader is where its range begins, or somewhere behind.
    pub(crate) in_range: bool,
    /// The position of a chunk that is known to hold records of the user.
    pub(crate) vouched: Option<u64>,
    /// The walk of [`list_chunks`](Self::list_chunks), and where it goes on.
    pub(crate) listing: (u64, Walk),
    /// What [`records_before`](Self::records_before) has listed.
    pub(crate) backward: Backward,
}

/// How many records lie before the place to which `listing` has come.
struct Count {
    listing: (u64, Walk),
    records: u64,
}

/// In how many calls damage with no chunk behind it is not yet believed, in a file that grows.
const MAX_DOUBTS: u32 = 10;

const TAIL_AND_RECOVERY: &str = "a file that grows cannot be followed and recovered at once; \
                                 recover it once it is finished";

/// What is known of a file that grows.
#[derive(Debug, Default)]
struct Tail {
    /// Whether a postscript was passed last, behind which only padding is to come.
    finished: bool,
    /// A position where damage was met, and in how many calls.
    doubt: (u64, u32),
}

/// How the data of a chunk are laid out.
enum Layout {
    Simple(SimpleChunk),
    Transposed(TransposedChunk),
}

impl RecordReader<FileSource> {
    /// Opens the file at `path`. Its size is taken now; what is appended later is seen only with
    /// [`ReaderOptions::tail`].
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if the options exclude each other, and as
    /// [`FileSource::open`].
    pub fn open(path: &Path, options: ReaderOptions) -> Result<Self> {
        options.check()?;
        let source = FileSource::open_for(path, options.access_pattern)?;
        Ok(Self::new(source, options))
    }
}

impl<S: Source> RecordReader<S> {
    /// A reader at the beginning of `source`. Nothing is read yet. With
    /// [`CorruptionStrategy::Recover`] [`ReaderOptions::tail`] does nothing.
    pub fn new(source: S, options: ReaderOptions) -> Self {
        Self::over(ChunkReader::new(source), options)
    }

    /// A reader where `chunks` is.
    pub(crate) fn over(chunks: ChunkReader<S>, options: ReaderOptions) -> Self {
        let recovery = match options.corruption {
            CorruptionStrategy::Error => None,
            CorruptionStrategy::Recover => Some(Recovery::new(options.scan)),
        };
        let tail = (options.tail && recovery.is_none()).then(Tail::default);
        let mut chunks = chunks;
        if options.access_pattern == AccessPattern::Random {
            chunks.expect_random_access();
        }
        Self {
            recovery,
            tail,
            in_range: options.range.start == 0,
            vouched: None,
            listing: (0, Walk::default()),
            backward: Backward::default(),
            chunks,
            options,
            simple: simple_chunk::Decoder::default(),
            transposed: transposed_chunk::Decoder::default(),
            encoded: Vec::new(),
            loaded: None,
            file: ArrayRecord::default(),
            walk: Walk::default(),
            description_walk: Walk::default(),
            count: None,
            sizes: SizesSoFar::default(),
            hashed_before: 0,
        }
    }

    /// The source.
    pub fn source(&self) -> &S {
        self.chunks.source()
    }

    /// The source. Bytes that it gives must stay the same.
    pub fn source_mut(&mut self) -> &mut S {
        self.chunks.source_mut()
    }

    /// Size of the source in bytes; `u64::MAX` while that is not known.
    pub fn size(&self) -> u64 {
        self.chunks.size()
    }

    /// Decodes the next chunk that has records: the end offset of each to `ends`, their bytes to
    /// `data`. Footer and postscript of an ArrayRecord are no records.
    ///
    /// With [`CorruptionStrategy::Recover`] damage is no error; see
    /// [`next_skipped_region`](Self::next_skipped_region). Still errors are: failed requests to the
    /// operating system ([`ErrorKind::Io`]), a lack of memory ([`ErrorKind::OutOfMemory`]), and an
    /// intact chunk above the limit ([`ErrorKind::TooLarge`]), whose records a higher limit would
    /// give.
    ///
    /// With [`ReaderOptions::tail`] the end of the file is [`Next::NotYet`], and so is a chunk of
    /// which only a part is there; only a postscript, which ends an ArrayRecord, is followed by
    /// [`Next::End`]. Damage is an error as ever, except where no chunk is seen behind it: there it is
    /// first [`Next::NotYet`] in 10 calls, because some file systems show the new size of a file
    /// before its new contents. Call at intervals of some milliseconds at least. A file that has
    /// become shorter than what was read is [`ErrorKind::Truncated`], from then on in each call;
    /// one that was cut and has grown again in between looks damaged, or goes unnoticed.
    pub fn next(&mut self, ends: &mut [u64], data: &mut [u8]) -> Result<Next> {
        match self.tail {
            None => self.next_so_far(ends, data),
            Some(_) => self.next_of_growing(ends, data),
        }
    }

    /// As [`next`](Self::next), in the file as large as it was when its size was last taken.
    fn next_so_far(&mut self, ends: &mut [u64], data: &mut [u8]) -> Result<Next> {
        while let Some(chunk) = self.next_chunk()? {
            let part = self.part(&chunk)?;
            let next = match self.decode_any(&chunk, part, ends, data) {
                Ok(Some(need @ Next::NeedMemory { .. })) => return Ok(need),
                Ok(next) => next,
                Err(error) => {
                    self.skip_damage(&chunk, error)?;
                    continue;
                }
            };
            self.walk.pass(&chunk, part);
            if let Some(tail) = &mut self.tail
                && chunk.header.chunk_type != ChunkType::Padding
            {
                tail.finished = part == Some(ArrayRecordPart::Postscript);
            }
            match next {
                Some(batch) => return Ok(self.deliver(batch)),
                None => self.advance(),
            }
        }
        Ok(Next::End)
    }

    fn next_of_growing(&mut self, ends: &mut [u64], data: &mut [u8]) -> Result<Next> {
        self.chunks.check_not_cut()?;
        let (mut first_growth, mut first_damage) = (true, true);
        loop {
            let damage = match self.next_so_far(ends, data) {
                Ok(Next::End) if !self.is_finished() && !self.is_behind_range() => None,
                Err(error) if error.kind() == ErrorKind::Truncated => None,
                Err(error) if error.kind().is_damage() => Some(error),
                other => return other,
            };
            let is_followed = damage.is_some() && self.chunks.is_followed();
            let grown = self.look_again()?;
            // What was read may be from before the last bytes of the chunk were written, and what
            // follows it from after that: damage is believed if it is there in a second look.
            if (grown && std::mem::take(&mut first_growth))
                || (damage.is_some() && std::mem::take(&mut first_damage))
            {
                continue;
            }
            return match damage {
                Some(damage) if is_followed || !self.doubt() => Err(damage),
                _ => Ok(Next::NotYet),
            };
        }
    }

    fn is_behind_range(&self) -> bool {
        self.chunks.position() >= self.options.range.end
    }

    fn is_finished(&self) -> bool {
        self.tail.as_ref().is_some_and(|tail| tail.finished)
    }

    /// Takes the size of the file again; says whether it is another one.
    fn look_again(&mut self) -> Result<bool> {
        let before = self.chunks.size();
        self.loaded = None;
        self.chunks.refresh()?;
        let changed = self.chunks.size() != before;
        if changed {
            self.file.forget_the_end();
            self.backward = Backward::default();
        }
        Ok(changed)
    }

    /// Counts a call that has met damage at the current position; says whether it is still to be
    /// doubted.
    fn doubt(&mut self) -> bool {
        let position = self.chunks.position();
        let Some(tail) = &mut self.tail else {
            return false;
        };
        let (at, calls) = tail.doubt;
        let calls = if at == position { calls } else { 0 };
        tail.doubt = (position, calls.saturating_add(1));
        calls < MAX_DOUBTS
    }

    /// Forgets what was read of the current chunk.
    pub(crate) fn forget_chunk(&mut self) {
        self.loaded = None;
    }

    /// Takes the oldest [`Notice`] that was not taken yet.
    pub fn take_notice(&mut self) -> Option<Notice> {
        self.file.take_notice()
    }

    /// How many notices there are to take.
    pub fn notices(&self) -> usize {
        self.file.notices()
    }

    /// Returns the next part of the file that was skipped, in file order, and forgets it; `None`
    /// when there is no other one so far. None is returned with [`CorruptionStrategy::Error`].
    ///
    /// After each batch these are the regions that begin before its end, and at the end of the
    /// file all others. They are kept until they are asked for, at most 4,096 between two batches:
    /// what lies behind these becomes part of the last one.
    pub fn next_skipped_region(&mut self) -> Option<SkippedRegion> {
        self.recovery.as_mut()?.next_region()
    }

    /// How many regions [`next_skipped_region`](Self::next_skipped_region) has to return.
    pub fn skipped_regions(&self) -> usize {
        self.recovery.as_ref().map_or(0, Recovery::regions)
    }

    /// Checks every hash from the current position on, without decoding anything but chunks that
    /// state no records. Returns at the end of the file, `false`, or as soon as there are skipped
    /// regions to return or notices to take, `true`; the call is then to be made again. At the end
    /// there may be some, too.
    ///
    /// Fails as [`next`](Self::next) does, but knows nothing of what only decoding shows.
    pub fn verify(&mut self) -> Result<bool> {
        while self.skipped_regions() == 0 && self.notices() == 0 {
            let Some(chunk) = self.next_chunk()? else {
                return Ok(false);
            };
            let part = self.part(&chunk)?;
            let checked = match is_empty(&chunk) {
                true => self.check_recordless(&chunk, part),
                false => self.check_undecoded(&chunk),
            };
            match checked {
                Ok(()) => {
                    self.walk.pass(&chunk, part);
                    self.loaded = None;
                    self.advance();
                }
                Err(error) => self.skip_damage(&chunk, error)?,
            }
        }
        Ok(true)
    }

    /// Bytes that [`next`](Self::next) has hashed so far, of chunk data, chunk headers and block
    /// headers. In a file without damage these are about as many as it has read; at most 4 times
    /// the size of the file, and a few KiB, in any other one, from one [`seek`](Self::seek) to the
    /// next. What is hashed once more to tell the index of an ArrayRecord from records is not
    /// counted.
    pub fn hashed_bytes(&self) -> u64 {
        self.chunks.hashed()
    }

    /// What of an ArrayRecord `chunk` is, to which the walk has come.
    fn part(&mut self, chunk: &Chunk) -> Result<Option<ArrayRecordPart>> {
        if self.vouched == Some(chunk.begin) {
            return Ok(None);
        }
        let limit = self.options.max_chunk_size;
        self.walk
            .part(&mut self.file, &mut self.chunks, chunk, limit)
    }

    /// The next chunk that begins in the range.
    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        if !self.in_range {
            self.enter_range()?;
        }
        let end = self.options.range.end;
        let chunk = match &mut self.recovery {
            None if self.chunks.position() >= end => Ok(None),
            None => self.chunks.chunk(),
            Some(recovery) => recovery.chunk(&mut self.chunks, end),
        };
        self.hashed_before = self.chunks.hashed();
        chunk
    }

    /// Goes past the next chunk that has records, as if [`next`](Self::next) had decoded it, if it
    /// is the one at `chunk_begin`. `None`, and the chunk is still the next one, if it is another
    /// one; or if there is none. For a caller that has its records already: its data are not looked
    /// at.
    ///
    /// Fails as [`next`](Self::next) does, and likewise goes on behind damage.
    pub fn skip(&mut self, chunk_begin: u64) -> Result<Option<Batch>> {
        while let Some(chunk) = self.next_chunk()? {
            let part = self.part(&chunk)?;
            let header = &chunk.header;
            let has_records =
                header.chunk_type.holds_records() && part.is_none() && !is_empty(&chunk);
            if has_records && chunk.begin != chunk_begin {
                return Ok(None);
            }
            let passed = match has_records {
                true => check_limits(&chunk, &self.options),
                false => self.check_recordless(&chunk, part),
            };
            if let Err(error) = passed {
                self.skip_damage(&chunk, error)?;
                continue;
            }
            self.walk.pass(&chunk, part);
            self.loaded = None;
            if !has_records {
                self.advance();
                continue;
            }
            self.chunks.add_hashed(header.data_size);
            let batch = Batch {
                chunk_begin: chunk.begin,
                chunk_end: chunk.end,
                records: header.num_records as usize,
                data_offset: 0,
                data_size: header.decoded_data_size as usize,
                scanned: false,
            };
            return match self.deliver(Next::Batch(batch)) {
                Next::Batch(batch) => Ok(Some(batch)),
                _ => Ok(None),
            };
        }
        Ok(None)
    }

    /// Checks a chunk that has no records of the user.
    fn check_recordless(&mut self, chunk: &Chunk, part: Option<ArrayRecordPart>) -> Result<()> {
        match part {
            None if chunk.header.chunk_type.holds_records() => {
                check_empty(&mut self.chunks, chunk, &self.options)
            }
            _ => self.check_undecoded(chunk),
        }
    }

    /// Checks a chunk without decoding it.
    fn check_undecoded(&mut self, chunk: &Chunk) -> Result<()> {
        match chunk.header.chunk_type {
            ChunkType::Unknown(_) => Err(unsupported(chunk)),
            _ => self.chunks.verify_data(chunk),
        }
    }

    fn advance(&mut self) {
        match &mut self.recovery {
            None => self.chunks.advance(),
            Some(recovery) => recovery.accept(&mut self.chunks),
        }
        self.chunks.step_done(self.chunks.position());
    }

    fn deliver(&mut self, next: Next) -> Next {
        let scanned = self.recovery.as_ref().is_some_and(Recovery::is_scanned);
        self.advance();
        if let Some(recovery) = &mut self.recovery {
            recovery.delivered();
        }
        match next {
            Next::Batch(batch) => Next::Batch(Batch { scanned, ..batch }),
            other => other,
        }
    }

    /// Goes on behind `chunk`, if `error` is something to go on behind.
    fn skip_damage(&mut self, chunk: &Chunk, error: Error) -> Result<()> {
        let skipped = self.try_to_skip(chunk, error);
        if skipped.as_ref().is_err_and(Error::is_need) {
            // The chunk will be looked into again, and counts once.
            self.chunks.forget_hashed_since(self.hashed_before);
        }
        skipped
    }

    fn try_to_skip(&mut self, chunk: &Chunk, error: Error) -> Result<()> {
        if self.recovery.is_none() {
            return Err(error);
        }
        let reason = self.reason_to_skip(chunk, error)?;
        match &mut self.recovery {
            Some(recovery) => recovery.reject(&mut self.chunks, reason),
            None => Err(reason),
        }
    }

    /// What is wrong with `chunk`, for which reading it gave `error`; fails if that is nothing to go
    /// on behind.
    pub(crate) fn reason_to_skip(&mut self, chunk: &Chunk, error: Error) -> Result<Error> {
        let reason = match error.kind() {
            ErrorKind::TooLarge => self.lie_about_size(chunk, error)?,
            ErrorKind::UnsupportedChunkType => match self.chunks.verify_data(chunk) {
                Ok(()) => error,
                Err(damage) => damage,
            },
            _ => error,
        };
        let skippable = reason.kind().is_damage()
            || matches!(
                reason.kind(),
                ErrorKind::UnsupportedChunkType | ErrorKind::UnsupportedCompression
            );
        match skippable {
            true => Ok(reason),
            false => Err(reason),
        }
    }

    /// What is wrong with `chunk`, if it is not as large as its header says; else `error`.
    fn lie_about_size(&mut self, chunk: &Chunk, error: Error) -> Result<Error> {
        let found = if chunk.header.data_size > self.options.max_chunk_size {
            self.chunks.verify_data(chunk)
        } else if chunk.header.chunk_type.holds_records() {
            self.load(chunk).map(|_| ())
        } else {
            Ok(())
        };
        match found {
            Err(damage) if damage.kind() != ErrorKind::TooLarge => Ok(damage),
            _ => Err(error),
        }
    }

    /// Decodes a chunk, if it is one of those that hold records; else only checks it. `None` if it
    /// has no records.
    pub(crate) fn decode_any(
        &mut self,
        chunk: &Chunk,
        part: Option<ArrayRecordPart>,
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<Option<Next>> {
        match chunk.header.chunk_type {
            ChunkType::Simple | ChunkType::Transposed if part.is_none() => {
                self.decode(chunk, ends, data)
            }
            _ => self.check_recordless(chunk, part).map(|()| None),
        }
    }

    /// Decodes the next chunk that has records into `memory`, which grows as needed; `None` at the
    /// end, and where [`next`](Self::next) is [`Next::NotYet`].
    pub fn next_batch<'m>(
        &mut self,
        memory: &'m mut BatchMemory,
    ) -> Result<Option<RecordBatch<'m>>> {
        loop {
            match self.next(&mut memory.ends, &mut memory.data)? {
                Next::End | Next::NotYet => return Ok(None),
                Next::NeedMemory { ends, data } => memory.reserve(ends, data)?,
                Next::Batch(batch) => {
                    let data_end = batch.data_offset + batch.data_size;
                    return Ok(Some(RecordBatch {
                        chunk_begin: batch.chunk_begin,
                        scanned: batch.scanned,
                        ends: &memory.ends[..batch.records],
                        data: &memory.data[batch.data_offset..data_end],
                    }));
                }
            }
        }
    }

    /// Counts the records from chunk headers alone: those of the whole source, or of the
    /// [range](ReaderOptions::range). The position does not change.
    pub fn count(&mut self) -> Result<u64> {
        let mut count = match self.count.take() {
            Some(count) => count,
            None => Count {
                listing: self.listing_from_range()?,
                records: 0,
            },
        };
        loop {
            match self.next_listed(&mut count.listing, self.options.range.end) {
                // A record takes at least a byte of the file, so that a sum cannot overflow.
                Ok(Some(chunk)) => count.records += chunk.header.num_records,
                Ok(None) => return Ok(count.records),
                Err(error) => {
                    self.count = error.is_need().then_some(count);
                    return Err(error);
                }
            }
            self.chunks.visit_done(count.listing.0);
        }
    }

    /// Returns the file metadata: a serialized `RecordsMetadata` message, as the writer set it;
    /// `None` if the first chunk after the file signature holds none. The position does not change.
    ///
    /// Of concatenated files these are the metadata of the first one. More than
    /// [`MAX_METADATA_SIZE`] are [`ErrorKind::TooLarge`].
    pub fn metadata(&mut self) -> Result<Option<Vec<u8>>> {
        let metadata_limits = ReaderOptions {
            max_chunk_size: self.options.max_chunk_size.min(MAX_METADATA_SIZE),
            ..self.options.clone()
        };
        let found = self.chunks.visit_at(0, |chunks| {
            if chunks.chunk()?.is_none() {
                return Ok(None);
            }
            chunks.advance();
            let Some(chunk) = chunks.chunk()? else {
                return Ok(None);
            };
            if chunk.header.chunk_type != ChunkType::Metadata {
                return Ok(None);
            }
            check_limits(&chunk, &metadata_limits)?;
            let mut data = zeros(&chunk, chunk.header.data_size)?;
            chunks.read_data(&chunk, &mut data)?;
            Ok(Some((chunk, data)))
        })?;
        let Some((chunk, data)) = found else {
            return Ok(None);
        };
        // Metadata are laid out like a chunk of one record.
        let memory = decoding_memory(&metadata_limits);
        let (_, metadata) = self.decode_apart(&chunk, 1, &data, memory)?;
        Ok(Some(metadata))
    }

    /// Decodes a transposed chunk of so many `records`, or file metadata, into memory of their own:
    /// where each record ends, and the records. At most `memory` bytes are taken beside these.
    pub(crate) fn decode_apart(
        &mut self,
        chunk: &Chunk,
        records: u64,
        data: &[u8],
        memory: u64,
    ) -> Result<(Vec<u64>, Vec<u8>)> {
        let (mut ends, mut values) = (Vec::new(), Vec::new());
        let size = chunk.header.decoded_data_size;
        self.transposed
            .parse(records, size, data, memory)
            .and_then(|layout| {
                let ends = codec::provide(&mut ends, records)?;
                let values = codec::provide(&mut values, size)?;
                self.transposed.decode(layout, data, ends, values)
            })
            .map_err(|m| m.in_chunk_at(chunk.begin))?;
        Ok((ends, values))
    }

    /// Decodes a chunk that holds records; `None` if it has none.
    fn decode(&mut self, chunk: &Chunk, ends: &mut [u64], data: &mut [u8]) -> Result<Option<Next>> {
        if is_empty(chunk) {
            return check_empty(&mut self.chunks, chunk, &self.options).map(|()| None);
        }
        check_limits(chunk, &self.options)?;
        let next = if self.holds_records_as_they_are(chunk)? {
            self.decode_uncompressed(chunk, ends, data)?
        } else {
            self.decode_encoded(chunk, ends, data)?
        };
        Ok(Some(next))
    }

    /// Says whether `chunk` is a simple one without compression.
    fn holds_records_as_they_are(&mut self, chunk: &Chunk) -> Result<bool> {
        if chunk.header.chunk_type != ChunkType::Simple {
            return Ok(false);
        }
        let mut compression_type = [0];
        if chunk.header.data_size > 0 {
            self.chunks.peek_data(chunk, 0, &mut compression_type)?;
        }
        Ok(CompressionType::from_byte(compression_type[0]) == CompressionType::None)
    }

    /// Reads the data straight into the caller's memory: the records are already what they should
    /// be.
    fn decode_uncompressed(
        &mut self,
        chunk: &Chunk,
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<Next> {
        let header = &chunk.header;
        if header.num_records >= header.data_size.max(1)
            || header.decoded_data_size > header.data_size
        {
            // Also what keeps the memory asked for below what the file holds.
            let detail = format!(
                "the chunk header states {} records of {} bytes in {} bytes of uncompressed data",
                header.num_records, header.decoded_data_size, header.data_size
            );
            return Err(Error::at(ErrorKind::RecordSizes, chunk.begin, detail));
        }
        let (records, size) = (header.num_records as usize, header.data_size as usize);
        let (Some(ends), Some(data)) = (ends.get_mut(..records), data.get_mut(..size)) else {
            return Ok(Next::NeedMemory {
                ends: records,
                data: size,
            });
        };
        self.chunks.read_data(chunk, data)?;
        let malformed = |m: Malformed| m.in_chunk_at(chunk.begin);
        let layout = simple_chunk::parse(header, data).map_err(malformed)?;
        self.simple
            .decode_ends(&layout, data, ends, header.decoded_data_size)
            .and_then(|()| check_record_sizes(ends, self.options.max_record_size))
            .map_err(malformed)?;
        let data_size = header.decoded_data_size as usize;
        Ok(Next::Batch(Batch {
            chunk_begin: chunk.begin,
            chunk_end: chunk.end,
            records,
            data_offset: size - data_size,
            data_size,
            scanned: false,
        }))
    }

    /// Reads the data into `self.encoded`, and decodes them from there into the caller's memory.
    fn decode_encoded(&mut self, chunk: &Chunk, ends: &mut [u64], data: &mut [u8]) -> Result<Next> {
        let header = &chunk.header;
        let layout = match self.loaded.take() {
            Some(layout) => layout,
            None => self.load(chunk)?,
        };
        let (records, size) = (
            header.num_records as usize,
            header.decoded_data_size as usize,
        );
        let (Some(ends), Some(data)) = (ends.get_mut(..records), data.get_mut(..size)) else {
            self.loaded = Some(layout);
            return Ok(Next::NeedMemory {
                ends: records,
                data: size,
            });
        };
        let encoded = &self.encoded[..header.data_size as usize];
        let max_record_size = self.options.max_record_size;
        match layout {
            Layout::Simple(layout) => self
                .simple
                .decode_ends(&layout, encoded, ends, header.decoded_data_size)
                .and_then(|()| check_record_sizes(ends, max_record_size))
                .and_then(|()| self.simple.decompress_values(&layout, encoded, data)),
            Layout::Transposed(layout) => self
                .transposed
                .decode(layout, encoded, ends, data)
                .and_then(|()| check_record_sizes(ends, max_record_size)),
        }
        .map_err(|m| m.in_chunk_at(chunk.begin))?;
        Ok(Next::Batch(Batch {
            chunk_begin: chunk.begin,
            chunk_end: chunk.end,
            records,
            data_offset: 0,
            data_size: size,
            scanned: false,
        }))
    }

    /// Reads the data of `chunk` into `self.encoded` and parses them.
    fn load(&mut self, chunk: &Chunk) -> Result<Layout> {
        let header = &chunk.header;
        let size = header.data_size as usize;
        grow(&mut self.encoded, size, 0).map_err(|e| no_memory(chunk.begin, e))?;
        let encoded = &mut self.encoded[..size];
        self.chunks.read_data(chunk, encoded)?;
        match header.chunk_type {
            ChunkType::Transposed => self
                .transposed
                .parse(
                    header.num_records,
                    header.decoded_data_size,
                    encoded,
                    decoding_memory(&self.options),
                )
                .map(Layout::Transposed),
            _ => simple_chunk::parse(header, encoded).map(Layout::Simple),
        }
        .map_err(|m| m.in_chunk_at(chunk.begin))
    }
}

/// Checks what the header of `chunk` tells, before any memory is asked for.
pub(crate) fn check_limits(chunk: &Chunk, options: &ReaderOptions) -> Result<()> {
    check_chunk_size(chunk, options)?;
    let header = &chunk.header;
    let (size, limit) = (header.num_records, options.max_records_per_chunk);
    if size > limit {
        let detail = format!(
            "the chunk header states {size} records, which exceeds the limit of {limit} records a \
             chunk; {TRUST}"
        );
        return Err(Error::too_large(
            chunk.begin,
            Excess { size, limit },
            detail,
        ));
    }
    // Not all records can be smaller than the mean.
    match header.decoded_data_size.div_ceil(header.num_records.max(1)) {
        mean if header.num_records > 0 && mean > options.max_record_size => {
            let excess = Excess {
                size: mean,
                limit: options.max_record_size,
            };
            Err(record_too_large(excess).in_chunk_at(chunk.begin))
        }
        _ => Ok(()),
    }
}

/// Checks each record whose end `ends` tells.
fn check_record_sizes(ends: &[u64], limit: u64) -> Parsed<()> {
    if ends.last().is_none_or(|&total| total <= limit) {
        return Ok(());
    }
    let mut begin = 0;
    for &end in ends {
        let size = end - begin;
        if size > limit {
            return Err(record_too_large(Excess { size, limit }));
        }
        begin = end;
    }
    Ok(())
}

fn record_too_large(excess: Excess) -> Malformed {
    let Excess { size, limit } = excess;
    let detail = format!(
        "a record of the chunk has at least {size} bytes, which exceeds the limit of {limit} bytes \
         a record; {TRUST}"
    );
    Malformed::too_large(excess, detail)
}

fn check_chunk_size(chunk: &Chunk, options: &ReaderOptions) -> Result<()> {
    let header = &chunk.header;
    let decoded = header
        .num_records
        .saturating_mul(RECORD_OVERHEAD)
        .saturating_add(header.decoded_data_size);
    let limit = options.max_chunk_size.min(isize::MAX as u64);
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

/// The memory in bytes that decoding a transposed chunk may take, beside the records and the
/// encoded data: its buckets are about as large as its records, the rest is small unless the chunk
/// is.
pub(crate) fn decoding_memory(options: &ReaderOptions) -> u64 {
    options
        .max_chunk_size
        .saturating_mul(2)
        .saturating_add(1 << 20)
}

/// Memory for the data of `chunk`.
pub(crate) fn zeros(chunk: &Chunk, size: u64) -> Result<Vec<u8>> {
    let mut memory = Vec::new();
    grow(&mut memory, size as usize, 0).map_err(|e| no_memory(chunk.begin, e))?;
    Ok(memory)
}

pub(crate) fn unsupported(chunk: &Chunk) -> Error {
    let detail = format!(
        "unknown chunk type {:#04x}",
        chunk.header.chunk_type.to_byte()
    );
    Error::at(ErrorKind::UnsupportedChunkType, chunk.begin, detail)
}

fn no_memory(position: u64, cause: std::collections::TryReserveError) -> Error {
    Error::at(
        ErrorKind::OutOfMemory,
        position,
        format!("no memory for a chunk: {cause}"),
    )
}

/// Makes `vec` at least `len` long; what it holds is not kept.
fn grow<T: Clone>(
    vec: &mut Vec<T>,
    len: usize,
    zero: T,
) -> std::result::Result<(), std::collections::TryReserveError> {
    if vec.len() < len {
        vec.clear();
        vec.try_reserve(len)?;
        vec.resize(len, zero);
    }
    Ok(())
}

/// Memory for one batch after another.
#[derive(Debug, Default)]
pub struct BatchMemory {
    pub(crate) ends: Vec<u64>,
    pub(crate) data: Vec<u8>,
}

impl BatchMemory {
    pub(crate) fn reserve(&mut self, ends: usize, data: usize) -> Result<()> {
        let refused = |cause| {
            Error::new(
                ErrorKind::OutOfMemory,
                format!("no memory for a batch: {cause}"),
            )
        };
        grow(&mut self.ends, ends, 0).map_err(refused)?;
        grow(&mut self.data, data, 0).map_err(refused)
    }
}

/// The records of a chunk.
#[derive(Debug, Clone, Copy)]
pub struct RecordBatch<'m> {
    chunk_begin: u64,
    scanned: bool,
    ends: &'m [u64],
    data: &'m [u8],
}

impl<'m> RecordBatch<'m> {
    /// Position of the chunk in the file.
    pub fn chunk_begin(&self) -> u64 {
        self.chunk_begin
    }

    /// Says that only a search has found the chunk; see [`Batch::scanned`].
    pub fn scanned(&self) -> bool {
        self.scanned
    }

    /// Number of records; never 0.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of all records, one after the other.
    pub fn data(&self) -> &'m [u8] {
        self.data
    }

    /// Where each record ends in [`data`](Self::data); it begins where the one before it ends.
    pub fn ends(&self) -> &'m [u64] {
        self.ends
    }

    /// The record at `index`, if there is one.
    pub fn get(&self, index: usize) -> Option<&'m [u8]> {
        let end = *self.ends.get(index)? as usize;
        let begin = match index {
            0 => 0,
            _ => self.ends[index - 1] as usize,
        };
        Some(&self.data[begin..end])
    }

    /// The records in order.
    pub fn iter(&self) -> impl Iterator<Item = &'m [u8]> + use<'m> {
        let (ends, data) = (self.ends, self.data);
        let mut begin = 0;
        ends.iter().map(move |&end| {
            let record = &data[begin..end as usize];
            begin = end as usize;
            record
        })
    }
}
