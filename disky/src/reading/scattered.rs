//! Reads single records of chunks anywhere in a file, several chunks at once.
//!
//! Only intact simple chunks are read here, into memory of the caller. If a chunk is unusual in any
//! way, the call ends before it, and the caller reads that chunk with the walk forward, which
//! returns its records or the error.

use crate::bytes::source::Source;
use crate::chunk_data::record_places::{self, PickedRecord};
use crate::chunk_data::simple_chunk;
use crate::format::block::{self, BLOCK_SIZE, BlockHeader};
use crate::format::chunk::{CHUNK_HEADER_SIZE, ChunkHeader, ChunkType};
use crate::format::chunk_reader::Chunk;
use crate::format::hash::{STREAMS, hash_many, streams};
use crate::reading::nearest::check_seekable;
use crate::reading::record_file::RecordFile;
use std::io::IoSliceMut;

/// Size of a chunk header in bytes.
const HEADER: usize = CHUNK_HEADER_SIZE as usize;
/// The part of a chunk header that its hash does not cover: the hash itself.
const HEADER_HASH: usize = 8;
/// Each wide store of a codec stays within a cache line.
const ALIGNMENT: usize = 64;

/// A chunk of which to read records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)] // The C ABI passes arrays of it.
pub struct PickedChunk {
    /// Position of the chunk.
    pub begin: u64,
    /// Position just past the chunk.
    pub end: u64,
    /// Number of records in the chunk.
    pub records: u64,
    /// How many of its records to read.
    pub picked: u64,
}

/// What a call has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Picked {
    /// The number of chunks, from the first one on, whose records were read.
    pub chunks: usize,
    /// The number of bytes of memory, from the first one on, that these records lie in.
    pub used: usize,
}

/// Reads records of chunks anywhere in a file; keeps its contexts for the next chunk.
#[derive(Default)]
pub(crate) struct Scattered {
    simple: simple_chunk::Decoder,
}

/// A chunk whose header and data are in the caller's memory.
#[derive(Clone, Copy, Default)]
struct Fetched {
    chunk: PickedChunk,
    begin: usize,
    end: usize,
}

impl Scattered {
    /// Reads records of `chunks` into `memory`; `records` has those of one chunk after the other.
    /// Stops before the first chunk that cannot be read here: it needs more memory, is damaged,
    /// compressed in an unknown way, transposed, above a limit, not as it is stated, or its bytes
    /// were not supplied.
    pub(crate) fn read<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunks: &[PickedChunk],
        records: &mut [PickedRecord],
        memory: &mut [u8],
    ) -> Picked {
        let done = self.read_provided(file, chunks, records, memory);
        // The bytes of these chunks are not needed again.
        file.chunks.visit_done(file.chunks.position());
        done
    }

    fn read_provided<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunks: &[PickedChunk],
        mut records: &mut [PickedRecord],
        memory: &mut [u8],
    ) -> Picked {
        let mut done = Picked::default();
        for together in chunks.chunks(streams()) {
            let mut fetched = [Fetched::default(); STREAMS];
            let mut end = done.used;
            let mut count = 0;
            for chunk in together {
                let Some(found) = fetch(file, chunk, memory, end) else {
                    break;
                };
                end = found.end;
                fetched[count] = found;
                count += 1;
            }
            let hashes = hashes(&fetched[..count], memory);
            for (fetched, hashes) in fetched[..count].iter().zip(hashes) {
                let picked = usize::try_from(fetched.chunk.picked).unwrap_or(usize::MAX);
                let Some((here, rest)) = records.split_at_mut_checked(picked) else {
                    return done;
                };
                records = rest;
                let Some(used) = self.decode(file, fetched, hashes, here, memory, end) else {
                    return done;
                };
                end = used;
                done = Picked {
                    chunks: done.chunks + 1,
                    used,
                };
            }
            if count < together.len() {
                return done;
            }
        }
        done
    }

    /// Decodes a chunk whose header and data have these `hashes`. Memory from `free` on is unused.
    /// Returns where the memory is unused then.
    fn decode<S: Source>(
        &mut self,
        file: &RecordFile<S>,
        fetched: &Fetched,
        hashes: [u64; 2],
        records: &mut [PickedRecord],
        memory: &mut [u8],
        free: usize,
    ) -> Option<usize> {
        let bytes = memory.get(fetched.begin..fetched.end)?;
        let header = checked_header(file, &fetched.chunk, bytes, hashes)?;
        let data = &bytes[HEADER..];
        let layout = simple_chunk::parse(&header, data).ok()?;
        let uncompressed = layout.uncompressed_values();
        let values = match uncompressed {
            Some(offset) => fetched.begin + HEADER + offset,
            None => free.next_multiple_of(ALIGNMENT),
        };
        let sizes = self.simple.sizes(&layout, data).ok()?;
        let size = header.decoded_data_size;
        record_places::find(sizes, header.num_records, size, values as u64, records)?;
        if uncompressed.is_some() {
            return Some(free);
        }
        let end = values.checked_add(usize::try_from(size).ok()?)?;
        let (before, after) = memory.split_at_mut_checked(values)?;
        let data = &before[fetched.begin + HEADER..fetched.end];
        let out = after.get_mut(..end - values)?;
        self.simple.decompress_values(&layout, data, out).ok()?;
        Some(end)
    }
}

/// Reads the header and the data of `chunk` to `memory` from `at` on, and checks the block headers
/// across them.
fn fetch<S: Source>(
    file: &mut RecordFile<S>,
    chunk: &PickedChunk,
    memory: &mut [u8],
    at: usize,
) -> Option<Fetched> {
    let &PickedChunk { begin, end, .. } = chunk;
    check_seekable(file, begin).ok()?;
    if begin == 0 || end <= begin || end > file.chunks.size() {
        return None;
    }
    let size = usize::try_from(block::payload_between(begin, end)).ok()?;
    let to = at.checked_add(size)?;
    let out = memory.get_mut(at..to).filter(|_| size > HEADER)?;
    if block::next_block(begin) >= end {
        read_exact(file.chunks.source_mut(), begin, out)?;
    } else {
        file.chunks.read_payload(begin, out, 0).ok()?;
        let found = file.chunks.passed_block_headers().iter();
        let mut expected = (block::next_block(begin)..end)
            .step_by(BLOCK_SIZE as usize)
            .map(|position| BlockHeader::interrupting(position, begin, end).to_bytes());
        if !found.copied().eq(expected.by_ref()) {
            return None;
        }
    }
    Some(Fetched {
        chunk: *chunk,
        begin: at,
        end: to,
    })
}

/// Fills `out` with the bytes of the source from `offset` on.
fn read_exact<S: Source>(source: &mut S, offset: u64, out: &mut [u8]) -> Option<()> {
    let size = out.len();
    source.provide(offset, size as u64, 0).ok()?;
    let mut got = 0;
    while got < size {
        let mut piece = [IoSliceMut::new(&mut out[got..])];
        match source.read_at(offset + got as u64, &mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(read) => got += read,
        }
    }
    Some(())
}

/// The hashes of the header and of the data of each chunk, all computed together.
fn hashes(fetched: &[Fetched], memory: &[u8]) -> [[u64; 2]; STREAMS] {
    let count = fetched.len();
    let mut inputs: [&[u8]; 2 * STREAMS] = [&[]; 2 * STREAMS];
    for (index, chunk) in fetched.iter().enumerate() {
        let (header, data) = memory[chunk.begin..chunk.end].split_at(HEADER);
        inputs[index] = &header[HEADER_HASH..];
        inputs[count + index] = data;
    }
    let mut computed = [0; 2 * STREAMS];
    hash_many(&inputs[..2 * count], &mut computed[..2 * count]);
    let mut hashes = [[0; 2]; STREAMS];
    for (index, pair) in hashes[..count].iter_mut().enumerate() {
        *pair = [computed[index], computed[count + index]];
    }
    hashes
}

/// The header of `chunk`, whose header and data are `bytes`, if it is a simple chunk that is as
/// stated, within the limits, and matches its `hashes`.
fn checked_header<S: Source>(
    file: &RecordFile<S>,
    chunk: &PickedChunk,
    bytes: &[u8],
    hashes: [u64; 2],
) -> Option<ChunkHeader> {
    let [of_header, of_data] = hashes;
    let header = ChunkHeader::from_hashed_bytes(bytes.first_chunk()?, of_header).ok()?;
    let found = Chunk {
        begin: chunk.begin,
        end: header.end(chunk.begin)?,
        header,
    };
    let as_stated = found.end == chunk.end
        && header.data_size == (bytes.len() - HEADER) as u64
        && header.num_records == chunk.records
        && header.chunk_type == ChunkType::Simple
        && header.data_hash == of_data;
    let limits = file.limits();
    // A record is at most as large as all together.
    let within = header.decoded_data_size <= limits.max_record_size && limits.check(&found).is_ok();
    (as_stated && within).then_some(header)
}
