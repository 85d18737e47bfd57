//! Decodes the records of a chunk into the caller's memory.

use crate::array_record::ArrayRecordPart;
use crate::bytes::source::Source;
use crate::chunk_data::field_projection::FieldProjection;
use crate::chunk_data::simple_chunk::{self, SimpleChunk};
use crate::chunk_data::transposed_chunk::{self, TransposedChunk};
use crate::codec;
use crate::codec::compression::CompressionType;
use crate::error::{Error, ErrorKind, Malformed, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::format::chunk_run::{Target, read_run};
use crate::format::hash::STREAMS;
use crate::reading::batch::{Batch, Next, Slot};
use crate::reading::chunk_memory;
use crate::reading::limits::Limits;
use crate::reading::reader_options::ReaderOptions;
use crate::reading::recordless::{check_empty, check_recordless, is_empty, is_for_records};

/// Decodes chunks; keeps its contexts and memory from one chunk to the next.
///
/// If the caller's memory is too small for a chunk, the decoder keeps the encoded data, so that the
/// next call for the same chunk does not read them again.
pub(crate) struct Decoder {
    limits: Limits,
    projection: FieldProjection,
    simple: simple_chunk::Decoder,
    transposed: transposed_chunk::Decoder,
    encoded: Vec<u8>,
    /// The position and the layout of the chunk whose data are in `encoded`.
    loaded: Option<(u64, Layout)>,
    /// The data of the encoded chunks of a run.
    run: [Vec<u8>; STREAMS],
}

/// How a chunk of a run is decoded into its slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fitting {
    /// Whether the data are read directly into the slot.
    uncompressed: bool,
}

/// The layout of the data of a chunk.
enum Layout {
    Simple(SimpleChunk),
    Transposed(TransposedChunk),
    /// Some fields of a transposed chunk, which `Decoder::transposed` has decoded.
    Projected,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let loaded = self.loaded.as_ref().map(|(begin, _)| begin);
        f.debug_struct("Decoder").field("loaded", &loaded).finish()
    }
}

impl Decoder {
    /// A decoder of chunks within the limits, and of the fields, of `options`.
    pub(crate) fn new(options: &ReaderOptions) -> Self {
        Self {
            limits: options.limits,
            projection: options.projection.clone(),
            simple: simple_chunk::Decoder::default(),
            transposed: transposed_chunk::Decoder::default(),
            encoded: Vec::new(),
            loaded: None,
            run: Default::default(),
        }
    }

    /// Whether the data of a chunk are kept for the next call.
    pub(crate) fn has_loaded(&self) -> bool {
        self.loaded.is_some()
    }

    /// Forgets the data that were kept for the next call.
    pub(crate) fn forget(&mut self) {
        self.loaded = None;
    }

    /// Decodes `chunk`, which is `part` of an ArrayRecord, into `ends` and `data`. A chunk for
    /// which this returns `None` contains no records of the user, and was only checked.
    pub(crate) fn decode<S: Source>(
        &mut self,
        chunks: &mut ChunkReader<S>,
        chunk: &Chunk,
        part: Option<ArrayRecordPart>,
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<Option<Next>> {
        if !is_for_records(chunk, part) {
            return check_recordless(chunks, chunk, part, &self.limits).map(|()| None);
        }
        if is_empty(chunk) {
            return check_empty(chunks, chunk, &self.limits).map(|()| None);
        }
        self.check_limits(chunk)?;
        let next = match is_uncompressed(chunks, chunk)? {
            true => self.decode_uncompressed(chunks, chunk, ends, data)?,
            false => self.decode_encoded(chunks, chunk, ends, data)?,
        };
        Ok(Some(next))
    }

    /// Checks the sizes that the header of `chunk`, which contains records, states.
    pub(crate) fn check_limits(&self, chunk: &Chunk) -> Result<()> {
        match self.projects(chunk) {
            true => self.limits.check_projected(chunk),
            false => self.limits.check(chunk),
        }
    }

    /// Whether only some fields of the records of `chunk` are decoded.
    fn projects(&self, chunk: &Chunk) -> bool {
        chunk.header.chunk_type == ChunkType::Transposed && !self.projection.includes_all()
    }

    /// Checks the properties of `chunk` that can be checked without memory for its records.
    pub(crate) fn check_layout<S: Source>(
        &mut self,
        chunks: &mut ChunkReader<S>,
        chunk: &Chunk,
    ) -> Result<()> {
        self.load(chunks, chunk).map(|_| ())
    }

    /// Reads the data directly into the caller's memory, because they contain the records
    /// unchanged.
    fn decode_uncompressed<S: Source>(
        &mut self,
        chunks: &mut ChunkReader<S>,
        chunk: &Chunk,
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<Next> {
        check_uncompressed_sizes(chunk)?;
        let header = &chunk.header;
        let (records, size) = (header.num_records as usize, header.data_size as usize);
        let (Some(ends), Some(data)) = (ends.get_mut(..records), data.get_mut(..size)) else {
            return Ok(Next::NeedMemory {
                ends: records,
                data: size,
            });
        };
        chunks.read_data(chunk, data)?;
        self.find_records(chunk, ends, data)?;
        Ok(Next::Batch(batch_in(chunk, size)))
    }

    /// Writes where the records end in the `data` of `chunk`, which is uncompressed.
    fn find_records(&mut self, chunk: &Chunk, ends: &mut [u64], data: &[u8]) -> Result<()> {
        let malformed = |m: Malformed| m.in_chunk_at(chunk.begin);
        let layout = simple_chunk::parse(&chunk.header, data).map_err(malformed)?;
        self.simple
            .decode_ends(&layout, data, ends, chunk.header.decoded_data_size)
            .and_then(|()| self.limits.check_records(ends))
            .map_err(malformed)
    }

    /// Reads the data into `self.encoded`, and decodes them from there into the caller's memory.
    fn decode_encoded<S: Source>(
        &mut self,
        chunks: &mut ChunkReader<S>,
        chunk: &Chunk,
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<Next> {
        let layout = match self.loaded.take() {
            Some((begin, layout)) if begin == chunk.begin => layout,
            _ => {
                let layout = self.load(chunks, chunk)?;
                let encoded = std::mem::take(&mut self.encoded);
                let projected = self.project(chunk, layout, &encoded);
                self.encoded = encoded;
                projected?
            }
        };
        let records = chunk.header.num_records as usize;
        let size = self.decoded_size(chunk, &layout);
        let (Some(ends), Some(data)) = (ends.get_mut(..records), data.get_mut(..size)) else {
            self.loaded = Some((chunk.begin, layout));
            return Ok(Next::NeedMemory {
                ends: records,
                data: size,
            });
        };
        let encoded = std::mem::take(&mut self.encoded);
        let decoded = self.decompress(chunk, layout, &encoded, ends, data);
        self.encoded = encoded;
        decoded?;
        Ok(Next::Batch(batch_of(chunk, size)))
    }

    /// Decodes the fields of the projection of `chunk`, if it is laid out in fields and only some of
    /// them are read; `encoded` are its data.
    fn project(&mut self, chunk: &Chunk, layout: Layout, encoded: &[u8]) -> Result<Layout> {
        let layout = match layout {
            Layout::Transposed(layout) if self.projects(chunk) => layout,
            other => return Ok(other),
        };
        let encoded = &encoded[..chunk.header.data_size as usize];
        let most = self.limits.most_bytes(chunk);
        self.transposed
            .project(layout, encoded, &self.projection, most)
            .and_then(|()| self.limits.check_records(self.transposed.projected_ends()))
            .map_err(|m| m.in_chunk_at(chunk.begin))?;
        Ok(Layout::Projected)
    }

    /// The size of the records of `chunk` in bytes.
    fn decoded_size(&self, chunk: &Chunk, layout: &Layout) -> usize {
        match layout {
            Layout::Projected => self.transposed.projected_values().len(),
            _ => chunk.header.decoded_data_size as usize,
        }
    }

    /// Decodes `encoded`, the data of `chunk`.
    fn decompress(
        &mut self,
        chunk: &Chunk,
        layout: Layout,
        encoded: &[u8],
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<()> {
        let header = &chunk.header;
        let encoded = &encoded[..header.data_size as usize];
        let limits = &self.limits;
        match layout {
            Layout::Simple(layout) => self
                .simple
                .decode_ends(&layout, encoded, ends, header.decoded_data_size)
                .and_then(|()| limits.check_records(ends))
                .and_then(|()| self.simple.decompress_values(&layout, encoded, data)),
            Layout::Transposed(layout) => self
                .transposed
                .decode(layout, encoded, ends, data)
                .and_then(|()| limits.check_records(ends)),
            Layout::Projected => {
                ends.copy_from_slice(self.transposed.projected_ends());
                data.copy_from_slice(self.transposed.projected_values());
                Ok(())
            }
        }
        .map_err(|m| m.in_chunk_at(chunk.begin))
    }

    /// How `chunk`, which contains records, is decoded into `slot`; `None` if it does not fit.
    pub(crate) fn place_in<S: Source>(
        &self,
        chunks: &mut ChunkReader<S>,
        chunk: &Chunk,
        slot: &Slot<'_>,
    ) -> Result<Option<Fitting>> {
        self.check_limits(chunk)?;
        let uncompressed = is_uncompressed(chunks, chunk)?;
        let header = &chunk.header;
        let size = match uncompressed {
            true => header.data_size,
            // The size is found while decoding.
            false if self.projects(chunk) => 0,
            false => header.decoded_data_size,
        };
        if uncompressed {
            check_uncompressed_sizes(chunk)?;
        }
        let fits = header.num_records <= slot.ends.len() as u64 && size <= slot.data.len() as u64;
        Ok(fits.then_some(Fitting { uncompressed }))
    }

    /// Reads and checks the data of `run`: to `slots` if they contain the records unchanged.
    /// Returns the number of intact chunks before the first damaged one.
    pub(crate) fn read_run<S: Source>(
        &mut self,
        chunks: &mut ChunkReader<S>,
        run: &[Chunk],
        fittings: &[Fitting],
        slots: &mut [Slot<'_>],
    ) -> Result<usize> {
        let mut targets = Vec::with_capacity(STREAMS);
        let memory = self.run.iter_mut().zip(slots);
        for ((chunk, fitting), (encoded, slot)) in run.iter().zip(fittings).zip(memory) {
            let size = chunk.header.data_size;
            targets.push(Target::Memory(match fitting.uncompressed {
                true => &mut slot.data[..size as usize],
                false => {
                    chunk_memory::reserve(encoded, chunk, size)?;
                    &mut encoded[..size as usize]
                }
            }));
        }
        read_run(chunks, run, &mut targets)
    }

    /// Decodes `chunk`, whose data [`read_run`](Self::read_run) has read, into `slot`. Fails also if
    /// its records do not fit.
    pub(crate) fn decode_in_run(
        &mut self,
        chunk: &Chunk,
        fitting: Fitting,
        index: usize,
        slot: &mut Slot<'_>,
    ) -> Result<Batch> {
        let header = &chunk.header;
        let ends = &mut slot.ends[..header.num_records as usize];
        if fitting.uncompressed {
            let size = header.data_size as usize;
            self.find_records(chunk, ends, &slot.data[..size])?;
            return Ok(batch_in(chunk, size));
        }
        let encoded = std::mem::take(&mut self.run[index]);
        let decoded = self.decode_to(chunk, &encoded, ends, slot.data);
        self.run[index] = encoded;
        decoded.map(|size| batch_of(chunk, size))
    }

    /// Decodes `encoded`, the data of `chunk`, to the beginning of `data`; returns the size of the
    /// records.
    fn decode_to(
        &mut self,
        chunk: &Chunk,
        encoded: &[u8],
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<usize> {
        let layout = self.parse(chunk, &encoded[..chunk.header.data_size as usize])?;
        let layout = self.project(chunk, layout, encoded)?;
        let size = self.decoded_size(chunk, &layout);
        let data = data.get_mut(..size).ok_or_else(|| {
            let detail = "the fields to read need more memory than a slot has";
            Error::at(ErrorKind::OutOfMemory, chunk.begin, detail)
        })?;
        self.decompress(chunk, layout, encoded, ends, data)?;
        Ok(size)
    }

    /// Reads the data of `chunk` into `self.encoded` and parses them.
    fn load<S: Source>(&mut self, chunks: &mut ChunkReader<S>, chunk: &Chunk) -> Result<Layout> {
        self.loaded = None;
        let header = &chunk.header;
        chunk_memory::reserve(&mut self.encoded, chunk, header.data_size)?;
        let mut encoded = std::mem::take(&mut self.encoded);
        let data = &mut encoded[..header.data_size as usize];
        let layout = chunks
            .read_data(chunk, data)
            .and_then(|()| self.parse(chunk, data));
        self.encoded = encoded;
        layout
    }

    /// Finds the parts of `encoded`, the data of `chunk`.
    fn parse(&mut self, chunk: &Chunk, encoded: &[u8]) -> Result<Layout> {
        let header = &chunk.header;
        let (records, size) = (header.num_records, header.decoded_data_size);
        let memory = self.limits.decoding_memory();
        match header.chunk_type {
            ChunkType::Transposed if self.projects(chunk) => self
                .transposed
                .parse_to_project(records, size, encoded, memory)
                .map(Layout::Transposed),
            ChunkType::Transposed => self
                .transposed
                .parse(records, size, encoded, memory)
                .map(Layout::Transposed),
            _ => simple_chunk::parse(header, encoded).map(Layout::Simple),
        }
        .map_err(|m| m.in_chunk_at(chunk.begin))
    }
}

/// The batch of `chunk` whose records are the last ones of `size` bytes of data memory.
fn batch_in(chunk: &Chunk, size: usize) -> Batch {
    let data_size = chunk.header.decoded_data_size as usize;
    Batch {
        data_offset: size - data_size,
        ..batch_of(chunk, data_size)
    }
}

/// The batch of `chunk` whose records are the first `data_size` bytes of data memory.
fn batch_of(chunk: &Chunk, data_size: usize) -> Batch {
    Batch {
        chunk_begin: chunk.begin,
        chunk_end: chunk.end,
        records: chunk.header.num_records as usize,
        data_offset: 0,
        data_size,
        scanned: false,
    }
}

/// Whether `chunk` is a simple chunk without compression.
fn is_uncompressed(chunks: &mut ChunkReader<impl Source>, chunk: &Chunk) -> Result<bool> {
    if chunk.header.chunk_type != ChunkType::Simple {
        return Ok(false);
    }
    let mut compression_type = [0];
    if chunk.header.data_size > 0 {
        chunks.peek_data(chunk, 0, &mut compression_type)?;
    }
    Ok(CompressionType::from_byte(compression_type[0]) == CompressionType::None)
}

/// Checks that the records of an uncompressed chunk fit into its data. This also keeps the memory
/// that the caller must provide below the size of the file.
fn check_uncompressed_sizes(chunk: &Chunk) -> Result<()> {
    let header = &chunk.header;
    if header.num_records < header.data_size.max(1) && header.decoded_data_size <= header.data_size
    {
        return Ok(());
    }
    let detail = format!(
        "the chunk header states {} records of {} bytes in {} bytes of uncompressed data",
        header.num_records, header.decoded_data_size, header.data_size
    );
    Err(Error::at(ErrorKind::RecordSizes, chunk.begin, detail))
}

/// Decodes `data` of `chunk`, which are laid out like a transposed chunk of `records` records, into
/// new memory: returns the end offsets and the bytes of the records. Takes at most `memory` bytes
/// in addition to these.
pub(crate) fn decode_transposed(
    decoder: &mut transposed_chunk::Decoder,
    chunk: &Chunk,
    records: u64,
    data: &[u8],
    memory: u64,
) -> Result<(Vec<u64>, Vec<u8>)> {
    let (mut ends, mut values) = (Vec::new(), Vec::new());
    let size = chunk.header.decoded_data_size;
    decoder
        .parse(records, size, data, memory)
        .and_then(|layout| {
            let ends = codec::provide(&mut ends, records)?;
            let values = codec::provide(&mut values, size)?;
            decoder.decode(layout, data, ends, values)
        })
        .map_err(|m| m.in_chunk_at(chunk.begin))?;
    Ok((ends, values))
}
