//! The reader: the public interface to the walks over a file.

use crate::array_record::walk::Notice;
use crate::bytes::source::{FileSource, Source};
use crate::chunk_data::record_places::PickedRecord;
use crate::error::Result;
use crate::format::chunk_reader::ChunkReader;
use crate::format::hash::streams;
use crate::reading::backward::Backward;
use crate::reading::batch::{Batch, BatchMemory, Next, RecordBatch, RunMemory, Slot};
use crate::reading::description::{ChunkDescription, Describing};
use crate::reading::extent::{self, Extent};
use crate::reading::following::Following;
use crate::reading::forward::Forward;
use crate::reading::listing::{Counting, Listing};
use crate::reading::metadata;
use crate::reading::nearest::{self, Nearest};
use crate::reading::reader_options::ReaderOptions;
use crate::reading::record_file::RecordFile;
use crate::reading::record_sizes::RecordSizes;
use crate::reading::scattered::{Picked, PickedChunk, Scattered};
use crate::reading::size_distribution::SizeDistribution;
use crate::reading::skipped_region::SkippedRegion;
use std::path::Path;

/// Reads the records of a source in order.
///
/// After an error the reader keeps its position; the same call then fails with the same error.
pub struct RecordReader<S> {
    file: RecordFile<S>,
    forward: Forward,
    following: Option<Following>,
    backward: Backward,
    listing: Listing,
    counting: Counting,
    describing: Describing,
    record_sizes: RecordSizes,
    scattered: Scattered,
}

impl RecordReader<FileSource> {
    /// Opens the file at `path`. The reader reads the size of the file now, and reads bytes that
    /// are appended later only with [`ReaderOptions::follow`].
    ///
    /// Fails with [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the options
    /// cannot be combined, and as [`FileSource::open`].
    pub fn open(path: &Path, options: ReaderOptions) -> Result<Self> {
        options.check()?;
        let source = FileSource::open_for(path, options.access_pattern)?;
        Ok(Self::new(source, options))
    }
}

impl<S: Source> RecordReader<S> {
    /// A reader at the beginning of `source`. Reads nothing yet. With
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover),
    /// [`ReaderOptions::follow`] has no effect.
    pub fn new(source: S, options: ReaderOptions) -> Self {
        Self::over(ChunkReader::new(source), options)
    }

    /// A reader at the position of `chunks`.
    pub(crate) fn over(chunks: ChunkReader<S>, options: ReaderOptions) -> Self {
        let file = RecordFile::new(chunks, options);
        let follows = file.options.follow && !file.recovers();
        Self {
            forward: Forward::new(&file),
            following: follows.then(Following::default),
            backward: Backward::default(),
            listing: Listing::default(),
            counting: Counting::default(),
            describing: Describing::default(),
            record_sizes: RecordSizes::default(),
            scattered: Scattered::default(),
            file,
        }
    }

    /// A reader at the beginning of `source`, with the same limits, access pattern and projection as
    /// this reader, and [`CorruptionStrategy::Error`](crate::CorruptionStrategy::Error).
    pub fn alike<T: Source>(&self, source: T) -> RecordReader<T> {
        let options = ReaderOptions::default()
            .limits(*self.file.limits())
            .access_pattern(self.file.options.access_pattern)
            .projection(self.file.options.projection.clone());
        RecordReader::new(source, options)
    }

    /// The source.
    pub fn source(&self) -> &S {
        self.file.chunks.source()
    }

    /// The source. The caller must not change the bytes that it returns.
    pub fn source_mut(&mut self) -> &mut S {
        self.file.chunks.source_mut()
    }

    /// Size of the source in bytes; `u64::MAX` while it is unknown.
    pub fn size(&self) -> u64 {
        self.file.chunks.size()
    }

    /// Decodes the next chunk that contains records: writes the end offset of each record to
    /// `ends`, and their bytes to `data`. The footer and the postscript of an ArrayRecord are not
    /// records.
    ///
    /// With [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover) damage is not an
    /// error; see [`next_skipped_region`](Self::next_skipped_region). The following still are:
    ///
    /// - failed requests to the operating system ([`ErrorKind::Io`](crate::ErrorKind::Io));
    /// - lack of memory ([`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory));
    /// - an intact chunk above a limit ([`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge)),
    ///   because a reader with a higher limit returns its records.
    ///
    /// With [`ReaderOptions::follow`] the reader follows a file that grows:
    ///
    /// - At the end of the file, and if the next chunk is incomplete, it returns [`Next::NotYet`].
    ///   It returns [`Next::End`] only after a postscript, which ends an ArrayRecord. Wait at least
    ///   some milliseconds between two calls.
    /// - Damage is an error if another chunk follows it. Otherwise the first 10 calls return
    ///   [`Next::NotYet`], because some file systems show the new size of a file before its new
    ///   contents.
    /// - If the file has become shorter than the part already read, this call and all later ones
    ///   fail with [`ErrorKind::Truncated`](crate::ErrorKind::Truncated). If it was cut and has
    ///   grown again between two calls, the reader finds damage, or does not notice.
    pub fn next(&mut self, ends: &mut [u64], data: &mut [u8]) -> Result<Next> {
        match &mut self.following {
            None => self.forward.next(&mut self.file, ends, data),
            Some(following) => following.next(&mut self.file, &mut self.forward, ends, data),
        }
    }

    /// Decodes the next chunk that contains records into the first of `slots`, as
    /// [`next`](Self::next) does, and, if possible, the chunks after it into the further slots. Replaces
    /// the contents of `batches` by these chunks, one for each slot, and returns the value that
    /// `next` returns for the first one.
    ///
    /// Reading several chunks at once takes less time, because they are hashed at the same time; more
    /// than [`streams`](crate::streams) are never read. Apart from the time, the result is the same:
    /// the call ends before a chunk, other than the first one, that is damaged, that needs more
    /// memory than its slot has, or that has skipped regions before it. The next call begins with
    /// that chunk.
    pub fn next_run(&mut self, slots: &mut [Slot<'_>], batches: &mut Vec<Batch>) -> Result<Next> {
        batches.clear();
        if slots.len() > 1 && streams() > 1 && self.following.is_none() {
            self.forward.next_run(&mut self.file, slots, batches)?;
        }
        if let Some(first) = batches.first() {
            return Ok(Next::Batch(*first));
        }
        let next = match slots {
            [] => self.next(&mut [], &mut []),
            [first, ..] => self.next(first.ends, first.data),
        }?;
        if let Next::Batch(batch) = next {
            batches.push(batch);
        }
        Ok(next)
    }

    /// Decodes the next chunk that contains records into `memory`, which grows as needed. Returns
    /// `None` at the end, and if [`next`](Self::next) returns [`Next::NotYet`].
    pub fn next_batch<'m>(
        &mut self,
        memory: &'m mut BatchMemory,
    ) -> Result<Option<RecordBatch<'m>>> {
        loop {
            match self.next(&mut memory.ends, &mut memory.data)? {
                Next::End | Next::NotYet => return Ok(None),
                Next::NeedMemory { ends, data } => memory.reserve(ends, data)?,
                Next::Batch(batch) => return Ok(Some(memory.records(&batch))),
            }
        }
    }

    /// Decodes a run of chunks into `memory`, which grows as needed: reads at most
    /// [`streams`](crate::streams) chunks at once, which takes less time than
    /// [`next_batch`](Self::next_batch) and more memory. Returns no batches at the end, and if
    /// [`next`](Self::next) returns [`Next::NotYet`].
    ///
    /// The run ends before the first chunk that is damaged, and before a part of the file that is
    /// skipped.
    pub fn next_batches<'m>(
        &mut self,
        memory: &'m mut RunMemory,
    ) -> Result<impl Iterator<Item = RecordBatch<'m>>> {
        loop {
            let (mut slots, batches) = memory.parts();
            match self.next_run(&mut slots, batches)? {
                Next::NeedMemory { ends, data } => memory.reserve(ends, data)?,
                Next::End | Next::NotYet | Next::Batch(_) => return Ok(memory.run()),
            }
        }
    }

    /// Goes past the next chunk that contains records if it begins at `chunk_begin`, as if
    /// [`next`](Self::next) had decoded it. Returns `None` if no chunk is left, or if another chunk
    /// is the next one; that chunk then remains the next one. The reader does not read the data of
    /// the chunk: the caller has its records already.
    ///
    /// Fails as [`next`](Self::next) does, and likewise skips damage.
    pub fn skip(&mut self, chunk_begin: u64) -> Result<Option<Batch>> {
        self.forward.skip(&mut self.file, chunk_begin)
    }

    /// Checks every hash from the current position on. Decodes only chunks that state no records.
    /// Returns `false` at the end of the file, and `true` as soon as there are skipped regions or
    /// notices to take, or about 64 MiB were checked; then call again. Skipped regions and notices may also be left when it
    /// returns `false`.
    ///
    /// Fails as [`next`](Self::next) does, but does not find damage that only decoding shows.
    pub fn verify(&mut self) -> Result<bool> {
        self.forward.verify(&mut self.file)
    }

    /// Where the next chunk may begin.
    pub fn position(&self) -> u64 {
        self.forward.position(&self.file)
    }

    /// Moves to the chunk at `chunk_begin`, which is then the next one to read. With
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover) the regions skipped
    /// before are kept. Reads nothing yet.
    ///
    /// If `chunk_end` is not 0, both positions must be those of an [`Extent`] from
    /// [`list_chunks`](Self::list_chunks) or [`index`](Self::index). The reader then reads the
    /// chunk with as few requests as its size allows, and does not check whether the chunk is part
    /// of the index of an ArrayRecord, which is cheaper for small chunks. `chunk_end` may also be
    /// the end of a later extent, if the chunks up to it are read next.
    ///
    /// The beginning and the end of the [range](ReaderOptions::range) and the end of the file are
    /// valid positions even if no chunk begins there. At the beginning of the range the reader is
    /// in the same state as after it was opened.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if no chunk can
    /// begin there, or if the position is outside the range; then the position does not change.
    pub fn seek(&mut self, chunk_begin: u64, chunk_end: u64) -> Result<()> {
        nearest::check_seekable(&self.file, chunk_begin)?;
        self.forward.seek(&mut self.file, chunk_begin, chunk_end);
        Ok(())
    }

    /// Finds the chunk, of any type, that is `nearest` to `position`; `None` if there is none on
    /// that side. The position of the reader does not change.
    ///
    /// Block headers state where chunks begin, so that a few small reads suffice. Fails as
    /// [`next`](Self::next) does; with
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover) skips damage.
    pub fn find_chunk(&mut self, position: u64, nearest: Nearest) -> Result<Option<Extent>> {
        let found = nearest::find_chunk(&mut self.file, position, nearest)?;
        Ok(found.as_ref().map(Extent::of))
    }

    /// Finds the last chunk that contains records of the user and begins in the
    /// [range](ReaderOptions::range) and before `position`; `None` if there is none. The position
    /// of the reader does not change.
    ///
    /// A caller that goes back from chunk to chunk, each time from the beginning of the chunk
    /// found, makes the reader read each part of the file once. Fails as [`next`](Self::next) does,
    /// but does not read the data of chunks that contain records. With
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover) it reads them, and finds
    /// only chunks that can be read; [`next_skipped_region`](Self::next_skipped_region) returns the
    /// regions skipped between the chunk and `position`.
    pub fn records_before(&mut self, position: u64) -> Result<Option<Extent>> {
        let (found, skipped) = self.backward.records_before(&mut self.file, position)?;
        for region in skipped {
            self.forward.keep_skipped(region);
        }
        Ok(found.as_ref().map(Extent::of))
    }

    /// Lists chunks that contain records of the user and begin in `position..limit`, from chunk
    /// headers alone: writes them to `extents`, at most as many as there is room for. Returns how
    /// many it has written, and the position at which to continue. The list is complete if that
    /// position is at least `limit` or the size of the source. For the first call, `position` is 0
    /// or the beginning of a chunk.
    ///
    /// Damage is an error, also with
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover); the call first returns
    /// the chunks before the damage. The position of the reader does not change.
    pub fn list_chunks(
        &mut self,
        position: u64,
        limit: u64,
        extents: &mut [Extent],
    ) -> Result<(usize, u64)> {
        self.listing.list(&mut self.file, position, limit, extents)
    }

    /// The chunks that the footer of an ArrayRecord lists; `None` if the file has no usable footer.
    /// The position of the reader does not change.
    ///
    /// The reader checks only the first and the last chunk. After reading another chunk, compare
    /// its number of records with the listed one.
    pub fn index(&mut self) -> Result<Option<Vec<Extent>>> {
        extent::index(&mut self.file)
    }

    /// Reads single records of chunks anywhere in the source, in a few steps for all chunks together.
    /// Checks the hashes of each of these chunks, and its sizes. `chunks` are as
    /// [`list_chunks`](Self::list_chunks) or [`index`](Self::index) has listed them. `records` has
    /// the indexes of the records of one chunk after the other, ascending within each chunk; sets
    /// their places in `memory`. Bytes of `memory` outside these places are arbitrary afterwards.
    /// The position of the reader does not change.
    ///
    /// Stops before the first chunk that it cannot read: one that does not fit into the memory, is
    /// not a simple chunk, is not as stated, above a limit or damaged, or whose bytes cannot be
    /// read. Read that chunk with [`seek`](Self::seek) and [`next`](Self::next), which state the
    /// reason. Of a [`PulledSource`](crate::PulledSource) the bytes of all chunks must have been
    /// supplied before; they are not kept afterwards. An uncompressed chunk takes about its size in the source, a compressed one also the
    /// size of its records and up to 63 bytes.
    pub fn pick(
        &mut self,
        chunks: &[PickedChunk],
        records: &mut [PickedRecord],
        memory: &mut [u8],
    ) -> Picked {
        self.scattered.read(&mut self.file, chunks, records, memory)
    }

    /// Counts the records of the source, or of the [range](ReaderOptions::range), from chunk
    /// headers alone. The position of the reader does not change.
    pub fn count(&mut self) -> Result<u64> {
        self.counting.count(&mut self.file)
    }

    /// Measures the records of the complete source. The position of the reader does not change.
    ///
    /// The reader reads only the sizes of simple chunks, so that it does not check their data
    /// hashes; it decodes transposed chunks. The result leaves out the records of chunks above a
    /// limit or with an unknown compression.
    pub fn record_sizes(&mut self) -> Result<SizeDistribution> {
        loop {
            if let Some(sizes) = self.measure()? {
                return Ok(sizes);
            }
        }
    }

    /// Measures as [`record_sizes`](Self::record_sizes) does, in steps of about 64 MiB of the
    /// source; `None` after each step but the last one. A failed call ends the steps.
    pub fn measure(&mut self) -> Result<Option<SizeDistribution>> {
        self.record_sizes.measure(&mut self.file)
    }

    /// Describes the chunk of any type that begins at `position`, without decoding it; `None` at
    /// the end of the file. The position of the reader does not change.
    ///
    /// The first chunk begins at 0, and each other chunk at the end of the chunk before it. If an
    /// ArrayRecord has lost its postscript, the reader recognises its footer only if the caller
    /// requests all chunks in order, from the first one on.
    pub fn chunk_at(&mut self, position: u64) -> Result<Option<ChunkDescription>> {
        self.describing.chunk_at(&mut self.file, position)
    }

    /// Returns the file metadata, a serialized `RecordsMetadata` message, as the writer set it;
    /// `None` if the first chunk after the file signature contains none. If files were
    /// concatenated, these are the metadata of the first file. The position of the reader does not
    /// change.
    ///
    /// Fails with [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than
    /// [`MAX_METADATA_SIZE`](crate::MAX_METADATA_SIZE) bytes.
    pub fn metadata(&mut self) -> Result<Option<Vec<u8>>> {
        metadata::metadata(&mut self.file)
    }

    /// Takes the oldest [`Notice`] that was not taken yet.
    pub fn take_notice(&mut self) -> Option<Notice> {
        self.file.array_record.take_notice()
    }

    /// The number of notices that can be taken.
    pub fn notices(&self) -> usize {
        self.file.array_record.notices()
    }

    /// Takes the first skipped region, in file order; `None` if there is no further one so far.
    /// With [`CorruptionStrategy::Error`](crate::CorruptionStrategy::Error) there is never one.
    ///
    /// After each batch it returns the regions that begin before the end of the batch; at the end
    /// of the file, all remaining regions. The reader keeps them until the caller takes them, at
    /// most 4,096 between two batches: further ones extend the last one.
    pub fn next_skipped_region(&mut self) -> Option<SkippedRegion> {
        self.forward.next_skipped_region()
    }

    /// How many regions [`next_skipped_region`](Self::next_skipped_region) can return now.
    pub fn skipped_regions(&self) -> usize {
        self.forward.skipped_regions()
    }

    /// Number of bytes that [`next`](Self::next) has hashed so far: chunk data, chunk headers and
    /// block headers. In an intact file this is about the number of bytes read. In a damaged one it
    /// is at most 4 times the size of the file and a few KiB, from one [`seek`](Self::seek) to the
    /// next. Bytes that are hashed again to recognise the index of an ArrayRecord do not count.
    pub fn hashed_bytes(&self) -> u64 {
        self.file.chunks.hashed()
    }
}
