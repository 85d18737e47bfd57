//! Writes records, collected into chunks.

use crate::array_record::{self, Container, IndexEntry, POSTSCRIPT_SIZE, Records};
use crate::bytes::open_file::OpenMode;
use crate::bytes::sink::{FileSink, Sink};
use crate::bytes::source::Source;
use crate::chunk_data::simple_chunk::EncodedChunk;
use crate::codec::compression::{Compression, Dialect};
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::ChunkHeader;
use crate::format::chunk_writer::ChunkWriter;
use crate::writing::append::{self, Tail};
use crate::writing::chunk_encoder::ChunkEncoder;
use crate::writing::encoder::Encoder;
use crate::writing::ending::Continuation;
use crate::writing::placement::{LastChunk, Placement};
use crate::writing::repair::{self, Repair};
use crate::writing::writer_options::WriterOptions;
use std::borrow::Cow;
use std::path::Path;

/// Writes records to a sink.
///
/// Each full chunk is written with one request. Groups of an ArrayRecord that take up to 32 KiB of
/// the file are gathered: one request writes them when they take 256 KiB, at a flush, before a group
/// that was encoded elsewhere, or at the end.
///
/// After a failure, every later call fails in the same way. Dropping a writer writes the collected
/// records, but cannot report a failure, does not end an ArrayRecord, and removes a file that is
/// created atomically. Use [`close`](Self::close) instead.
pub struct RecordWriter<K: Sink> {
    chunks: ChunkWriter<K>,
    encoder: ChunkEncoder,
    options: WriterOptions,
    records: Vec<u8>,
    ends: Vec<u64>,
    /// The chunks of an ArrayRecord so far.
    index: Vec<IndexEntry>,
    repair: Option<Repair>,
    placement: Option<Placement>,
    last_chunk: Option<LastChunk>,
    finished: bool,
}

impl RecordWriter<FileSink> {
    /// Opens the file at `path`, and locks it against other writers.
    ///
    /// An existing file is continued only if its end is intact, or if `options` allow a repair and its
    /// tail is torn. Otherwise the error states the damage, and nothing is changed. A new or empty
    /// file gets its signature, and metadata if there are any, at once.
    pub fn open(path: &Path, mode: OpenMode, options: &WriterOptions) -> Result<Self> {
        Self::open_as(path, mode, options, |file| file)
    }
}

impl<K: Sink> RecordWriter<K> {
    /// Opens a file as [`open`](RecordWriter::open) does, for a sink type of the caller, which
    /// `wrap` makes from the file.
    pub fn open_as(
        path: &Path,
        mode: OpenMode,
        options: &WriterOptions,
        wrap: impl FnOnce(FileSink) -> K,
    ) -> Result<Self> {
        options.check(mode)?;
        let encoder = ChunkEncoder::new(options)?;
        let mut sink = if options.atomic_creation {
            FileSink::create_atomically(path, mode)?
        } else {
            FileSink::open(path, mode)?
        };
        let (continuation, repair) = continuation(&mut sink, options.repair)?;
        let end = continuation.map_or(0, |found| found.last.end);
        let mut chunks = chunk_writer(wrap(sink), end, options);
        let stretch_begin = match continuation {
            None => begin(&mut chunks, options)?,
            Some(found) => {
                chunks.complete(&found.last)?;
                chunks.pad_to_multiple(options.initial_padding)?;
                found.stretch_begin
            }
        };
        let mut writer = Self::over(chunks, encoder, options, stretch_begin);
        writer.repair = repair;
        Ok(writer)
    }
}

/// The place at which the contents of `sink` are continued, and the part that was cut off, if
/// `repair` allows that.
fn continuation(
    sink: &mut FileSink,
    repair: bool,
) -> Result<(Option<Continuation>, Option<Repair>)> {
    let mut source = sink.source()?;
    let tear = match append::tail(&mut source)? {
        Tail::Intact(found) => return Ok((found, None)),
        Tail::Torn(tear) if repair => tear,
        Tail::Torn(tear) => return Err(tear.into_error()),
    };
    let repaired = Repair::of(&tear, source.size());
    repair::cut(sink, &tear)?;
    match append::tail(&mut sink.source()?)? {
        Tail::Intact(found) => Ok((found, Some(repaired))),
        Tail::Torn(tear) => Err(tear.into_error()),
    }
}

impl<K: Sink> RecordWriter<K> {
    /// A writer of a new file to the empty `sink`.
    pub fn new(sink: K, options: &WriterOptions) -> Result<Self> {
        options.check(OpenMode::CreateNew)?;
        let encoder = ChunkEncoder::new(options)?;
        let mut chunks = chunk_writer(sink, 0, options);
        let stretch_begin = begin(&mut chunks, options)?;
        Ok(Self::over(chunks, encoder, options, stretch_begin))
    }

    fn over(
        chunks: ChunkWriter<K>,
        encoder: ChunkEncoder,
        options: &WriterOptions,
        stretch_begin: u64,
    ) -> Self {
        Self {
            placement: Placement::new(options, stretch_begin),
            chunks,
            encoder,
            options: options.clone(),
            records: Vec::new(),
            ends: Vec::new(),
            index: Vec::new(),
            repair: None,
            last_chunk: None,
            finished: false,
        }
    }

    /// The part that was cut off when the file was opened.
    pub fn repair(&self) -> Option<&Repair> {
        self.repair.as_ref()
    }

    /// The sink. The caller must not write to it.
    pub fn sink_mut(&mut self) -> &mut K {
        self.chunks.sink_mut()
    }

    /// Size of the file in bytes after its chunks are written, without records that are still
    /// collected.
    pub fn file_size(&self) -> u64 {
        self.chunks.position()
    }

    /// The last chunk of records that this writer has written.
    pub fn last_chunk(&self) -> Option<LastChunk> {
        self.last_chunk
    }

    /// The position of the chunk that will contain the next `records` records, of `bytes` bytes in
    /// total. `None` if that depends on later records, because
    /// [`WriterOptions::upstream_compatibility`] may divide the chunk; then write these records as
    /// a chunk and call [`last_chunk`](Self::last_chunk).
    pub fn promise_next_chunk(&mut self, records: u64, bytes: u64) -> Option<u64> {
        let begin = self.chunks.position();
        let kept = match &mut self.placement {
            None => true,
            Some(placement) => placement.promise(begin, records, bytes),
        };
        kept.then_some(begin)
    }

    /// Adds a record; first writes the collected records if it does not fit into their chunk.
    pub fn write(&mut self, record: &[u8]) -> Result<()> {
        self.check()?;
        let (count, bytes) = (self.ends.len() as u64, self.records.len() as u64);
        if self.options.overflows(count, bytes, record.len() as u64) {
            self.end_chunk()?;
        }
        let no_memory = |cause| {
            let detail = format!("no memory for a record: {cause}");
            Error::new(ErrorKind::OutOfMemory, detail)
        };
        self.records.try_reserve(record.len()).map_err(no_memory)?;
        self.ends.try_reserve(1).map_err(no_memory)?;
        self.records.extend_from_slice(record);
        self.ends.push(self.records.len() as u64);
        Ok(())
    }

    /// Writes a chunk of exactly these records, which lie one after the other in `records`; `ends`
    /// has the end of each. If there are no records, nothing is written.
    ///
    /// In an ArrayRecord every chunk except the last must have as many records as a group;
    /// otherwise this fails with [`ErrorKind::InvalidArgument`].
    pub fn write_batch(&mut self, records: &[u8], ends: &[u64]) -> Result<()> {
        self.end_chunk()?;
        self.write_chunk(records, ends)
    }

    /// Writes the collected records as a chunk, so that others can read them, and the padding that
    /// the options require.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] inside a group of an ArrayRecord.
    pub fn flush(&mut self) -> Result<()> {
        self.check()?;
        let inside_group =
            !self.ends.is_empty() && self.ends.len() < self.options.group_size as usize;
        if self.options.container == Container::ArrayRecord && inside_group {
            let detail = format!(
                "a flush after {} records of a group of {}: the groups of an ArrayRecord are of \
                 one size",
                self.ends.len(),
                self.options.group_size
            );
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        self.end_chunk()?;
        self.chunks.pad_to_multiple(self.options.final_padding)?;
        self.chunks.flush()
    }

    /// Flushes, and returns after all written bytes are durable: they survive a power failure.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] with atomic creation: the file does not survive a
    /// power failure before it is closed.
    pub fn sync(&mut self) -> Result<()> {
        if self.options.atomic_creation {
            let detail = "a file that is created atomically is on the disk only when it is closed";
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        self.flush()?;
        self.chunks.sync()
    }

    /// Ends the file: writes the collected records, the padding that the options require, and the
    /// footer and the postscript of an ArrayRecord; gives a file that is created atomically its
    /// name. After this only [`close`](Self::close) is allowed.
    pub fn finish(&mut self) -> Result<()> {
        self.end_chunk()?;
        self.finished = true;
        let ended = self.write_end();
        ended.inspect_err(|failure| self.chunks.keep(failure))
    }

    fn write_end(&mut self) -> Result<()> {
        match self.options.container {
            Container::Records => self.chunks.pad_to_multiple(self.options.final_padding)?,
            Container::ArrayRecord => self.write_index()?,
        }
        self.chunks.finish()
    }

    /// [Ends](Self::finish) the file, unless that was done, and returns the first failure.
    pub fn close(mut self) -> Result<()> {
        if self.finished {
            return self.chunks.check();
        }
        self.finish()
    }

    fn check(&self) -> Result<()> {
        self.chunks.check()?;
        if self.finished {
            let detail = "the file was ended; nothing can be written to it any more";
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        Ok(())
    }

    fn end_chunk(&mut self) -> Result<()> {
        let records = std::mem::take(&mut self.records);
        let ends = std::mem::take(&mut self.ends);
        let written = self.write_chunk(&records, &ends);
        (self.records, self.ends) = (records, ends);
        if let Err(failure) = &written
            && !self.ends.is_empty()
        {
            // These records are lost, so all later calls must fail.
            self.chunks.keep(failure);
        }
        self.records.clear();
        self.ends.clear();
        written
    }

    fn write_chunk(&mut self, records: &[u8], ends: &[u64]) -> Result<()> {
        self.check()?;
        if ends.is_empty() && records.is_empty() {
            return Ok(());
        }
        self.begin_group(ends.len() as u64)?;
        let chunk = self.encoder.encode(records, ends)?;
        let header = chunk.header;
        let (chunks, placement) = (&mut self.chunks, self.placement.as_mut());
        let last = put(chunks, placement, &chunk, records, || Ok(ends.into()))?;
        self.end_group(last, &header)
    }

    /// Writes the chunk that `encoder` has encoded of `records`, which must be the same records as
    /// at that time: uncompressed values are written from `records`. The file is the same as after
    /// [`write_batch`](Self::write_batch) with these records.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if `records` has another size or the encoder other
    /// options, or as `write_batch` does.
    pub fn write_encoded(&mut self, encoder: &mut Encoder, records: &[u8]) -> Result<()> {
        self.end_chunk()?;
        self.check()?;
        let Some(chunk) = encoder.chunk(records, &self.options)? else {
            return Ok(());
        };
        let header = chunk.header;
        self.begin_group(header.num_records)?;
        let (chunks, placement) = (&mut self.chunks, self.placement.as_mut());
        let last = put(chunks, placement, &chunk, records, || {
            encoder.ends().map(Cow::Owned)
        })?;
        self.end_group(last, &header)?;
        // The callers acknowledge records, or send them elsewhere after a failure.
        self.chunks.flush()?;
        encoder.clear();
        Ok(())
    }

    /// In an ArrayRecord, checks that a chunk of this number of records may follow, and reserves
    /// its entry in the index.
    fn begin_group(&mut self, records: u64) -> Result<()> {
        if self.options.container == Container::ArrayRecord {
            self.check_group(records)?;
            self.index
                .try_reserve(1)
                .map_err(|e| Error::new(ErrorKind::OutOfMemory, format!("no memory: {e}")))?;
        }
        Ok(())
    }

    fn end_group(&mut self, last: LastChunk, header: &ChunkHeader) -> Result<()> {
        self.last_chunk = Some(last);
        if self.options.container == Container::ArrayRecord {
            self.index.push(IndexEntry {
                chunk_begin: last.begin,
                decoded_data_size: header.decoded_data_size,
                num_records: header.num_records,
            });
            self.chunks.pad_to_multiple(self.options.final_padding)?;
        }
        Ok(())
    }

    /// Checks the number of records in a chunk: Google's reader computes the chunk of a record from
    /// the size of a group.
    fn check_group(&self, records: u64) -> Result<()> {
        let size = u64::from(self.options.group_size);
        let last = self.index.last().map_or(size, |entry| entry.num_records);
        if last == size && records <= size {
            return Ok(());
        }
        let detail = format!(
            "a group of {records} records after one of {last}: the groups of this ArrayRecord have \
             {size} records, only the last one may have fewer"
        );
        Err(Error::new(ErrorKind::InvalidArgument, detail))
    }

    /// Writes footer and postscript of an ArrayRecord.
    fn write_index(&mut self) -> Result<()> {
        let footer_begin = self.chunks.position();
        let text = self.options.to_array_record_text();
        let footer = array_record::write_footer(&self.index, &text)?;
        self.write_simple(self.options.compression, &footer)?;
        self.chunks.pad_to_multiple(POSTSCRIPT_SIZE)?;
        let postscript = array_record::write_postscript(footer_begin)?;
        self.write_simple(Compression::None, &postscript)?;
        self.chunks.pad_to_multiple(POSTSCRIPT_SIZE)
    }

    fn write_simple(&mut self, compression: Compression, records: &Records) -> Result<()> {
        let mut encoder = ChunkEncoder::simple(compression, Dialect::Riegeli)?;
        let chunk = encoder.encode(&records.data, &records.ends)?;
        self.chunks.write(&chunk.header, &chunk.data)
    }
}

impl<K: Sink> Drop for RecordWriter<K> {
    fn drop(&mut self) {
        if !self.finished {
            let _ = self.end_chunk().and_then(|()| self.chunks.flush());
        }
    }
}

/// Writes `chunk`, which was encoded of `records`; `ends` has the end of each. Returns the position
/// of the chunk that contains the last records.
fn put<'e, K: Sink>(
    chunks: &mut ChunkWriter<K>,
    placement: Option<&mut Placement>,
    chunk: &EncodedChunk<'_>,
    records: &[u8],
    ends: impl FnOnce() -> Result<Cow<'e, [u64]>>,
) -> Result<LastChunk> {
    if let Some(placement) = placement {
        return placement.write(chunks, chunk, records, ends);
    }
    let begin = chunks.position();
    chunks.write(&chunk.header, &chunk.data)?;
    Ok(LastChunk {
        begin,
        records: chunk.header.num_records,
    })
}

/// Groups of an ArrayRecord can be gathered, because it is read when it is complete. Of other files,
/// readers and followers see each chunk when it is full.
fn chunk_writer<K: Sink>(sink: K, position: u64, options: &WriterOptions) -> ChunkWriter<K> {
    match options.container {
        Container::Records => ChunkWriter::new(sink, position),
        Container::ArrayRecord => ChunkWriter::gathering(sink, position),
    }
}

/// Begins a new file. Returns where its second stretch (see [`crate::writing::placement`]) begins.
fn begin(chunks: &mut ChunkWriter<impl Sink>, options: &WriterOptions) -> Result<u64> {
    chunks.write_signature()?;
    let signature_end = chunks.position();
    if let Some(metadata) = &options.metadata {
        let mut encoder = ChunkEncoder::transposed(options.compression, options.bucket_size())?;
        let chunk = encoder.encode_metadata(metadata)?;
        chunks.write(&chunk.header, &chunk.data)?;
    }
    chunks.flush()?;
    Ok(signature_end)
}
