//! The search for chunks at every position of a gap in which nothing states their positions.

use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{
    self, BLOCK_HEADER_SIZE, BLOCK_SIZE, BlockHeader, BlockHeaderBytes, u64_at,
};
use crate::format::chunk::{CHUNK_HEADER_SIZE, ChunkHeader, ChunkHeaderBytes, ChunkType};
use crate::format::chunk_reader::{
    Chunk, ChunkReader, HASHED_OF_BLOCK_HEADER, HASHED_OF_CHUNK_HEADER, check_header_values,
    signature,
};

/// Number of payload bytes in memory at a time.
const WINDOW: usize = 256 << 10;
const HEADER: usize = CHUNK_HEADER_SIZE as usize;
const BLOCK_HEADER: usize = BLOCK_HEADER_SIZE as usize;
/// A larger distance than block headers of real files state; it avoids computing most hashes.
const MAX_DISTANCE: u64 = 1 << 40;

/// A part of the file in which chunks may begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    /// Its beginning, a chunk boundary or payload position.
    pub(super) begin: u64,
    /// Its end: a chunk begins there, or the file ends.
    pub(super) end: u64,
    /// Where the first chunk may begin, at least `begin`.
    pub(super) first_chunk: u64,
    /// The end of the chunk at the beginning of the gap, if its header is intact. An embedded file
    /// before this position is part of that chunk.
    pub(super) chunk_end: u64,
    /// The number of bytes that the reader may have hashed in total before it gives up the search.
    pub(super) budget: u64,
}

/// Returns the position of the first chunk of `gap` from which an unbroken chain of chunks leads to
/// the end of the gap.
///
/// `None` if no chain begins before the first trace of an embedded record file, or if the budget is
/// used up.
pub(super) fn find_chain<S: Source>(chunks: &mut ChunkReader<S>, gap: Gap) -> Result<Option<u64>> {
    chunks.tolerate_block_headers();
    search(chunks, gap, true)
}

/// Does the work of [`find_chain`]; without `doubtful`, only chunk headers decide.
fn search<S: Source>(chunks: &mut ChunkReader<S>, gap: Gap, doubtful: bool) -> Result<Option<u64>> {
    let mut scan = Scan {
        chunks,
        gap,
        doubtful,
        doomed: 0,
        contradicted: 0,
        trace_budget: gap.end - gap.begin,
        first_block: [0; BLOCK_HEADER],
    };
    scan.first_block
        .copy_from_slice(&signature()[..BLOCK_HEADER]);
    let mut window = Window::default();
    window.load(scan.chunks, gap.begin, gap.end)?;
    while let Some(sighting) = scan.next_sighting(&mut window)? {
        let onward = match sighting {
            Sighting::EmbeddedFile(position) if position < gap.chunk_end => gap.chunk_end,
            Sighting::EmbeddedFile(_) => return Ok(None),
            Sighting::Chunk(chunk) if scan.leads_to_end(&chunk)? => return Ok(Some(chunk.begin)),
            Sighting::Chunk(chunk) if scan.is_intact(&chunk)? => chunk.end,
            Sighting::Chunk(_) => continue,
        };
        if onward >= gap.end {
            return Ok(None);
        }
        window.move_to(scan.chunks, onward, gap.end)?;
    }
    Ok(None)
}

/// Bytes that look like a part of a record file.
enum Sighting {
    /// Bytes at this position that occur only at the beginning of a block of another record file.
    EmbeddedFile(u64),
    /// A chunk header.
    Chunk(Chunk),
}

struct Scan<'a, S> {
    chunks: &'a mut ChunkReader<S>,
    gap: Gap,
    /// Whether to check the damaged chunks of a chain before accepting it.
    doubtful: bool,
    /// The next chunk of a chain that does not lead to the end.
    doomed: u64,
    /// A chunk header from another file, whose end is the beginning of a chunk by chance.
    contradicted: u64,
    /// The number of further bytes that may be hashed in search of block headers of other files.
    /// Columns of small integers look like block headers, and must not use up the budget for
    /// chunks.
    trace_budget: u64,
    /// The block header at the beginning of every file.
    first_block: BlockHeaderBytes,
}

impl<S: Source> Scan<'_, S> {
    fn affordable(&self, bytes: u64) -> bool {
        self.chunks.hashed().saturating_add(bytes) <= self.gap.budget
    }

    /// The next bytes in the gap that look like a part of a record file; moves the window past
    /// their first byte.
    fn next_sighting(&mut self, window: &mut Window) -> Result<Option<Sighting>> {
        loop {
            while window.index < window.limit() {
                let sighting = self.look_at(window);
                window.index += 1;
                if sighting.is_some() {
                    return Ok(sighting);
                }
                if !self.affordable(0) {
                    return Ok(None);
                }
            }
            if window.is_last {
                return Ok(None);
            }
            let next = window.position();
            window.load(self.chunks, next, self.gap.end)?;
        }
    }

    fn look_at(&mut self, window: &Window) -> Option<Sighting> {
        let bytes = &window.bytes[window.index..];
        // The bytes do not contain the block headers of this file.
        if may_be_block_header(bytes) && self.is_block_header(bytes) {
            return Some(Sighting::EmbeddedFile(window.position()));
        }
        if !may_be_chunk_header(bytes, self.gap.end - self.gap.begin) {
            return None;
        }
        let begin = window.position();
        if begin < self.gap.first_chunk {
            return None;
        }
        self.chunks.add_hashed(HASHED_OF_CHUNK_HEADER);
        let mut header: ChunkHeaderBytes = [0; HEADER];
        header.copy_from_slice(&bytes[..HEADER]);
        let header = ChunkHeader::from_bytes(&header).ok()?;
        let end = header.end(begin)?;
        let chunk = Chunk { begin, end, header };
        if is_embedded_signature(&chunk) {
            return Some(Sighting::EmbeddedFile(begin));
        }
        check_header_values(&chunk)
            .is_ok()
            .then_some(Sighting::Chunk(chunk))
    }

    fn is_block_header(&mut self, bytes: &[u8]) -> bool {
        let mut header: BlockHeaderBytes = [0; BLOCK_HEADER];
        header.copy_from_slice(&bytes[..BLOCK_HEADER]);
        if self.trace_budget < HASHED_OF_BLOCK_HEADER {
            return header == self.first_block;
        }
        self.trace_budget -= HASHED_OF_BLOCK_HEADER;
        self.chunks.add_hashed(HASHED_OF_BLOCK_HEADER);
        BlockHeader::from_bytes(&header).is_ok()
    }

    /// Whether the chain of chunk headers from `first` on leads to the end of the gap.
    fn leads_to_end(&mut self, first: &Chunk) -> Result<bool> {
        if first.begin == self.contradicted {
            return Ok(false);
        }
        if first.begin == self.doomed {
            self.doomed = first.end;
            return Ok(false);
        }
        let mut chunk = *first;
        let mut leads = loop {
            match self.arrives(&chunk) {
                Some(arrived) => break arrived,
                None if !self.affordable(HASHED_OF_CHUNK_HEADER) => break false,
                None => {}
            }
            chunk = match self.chunks.header_at(chunk.end) {
                Ok(next) => next,
                Err(e) if e.kind().is_damage() => break false,
                Err(e) => return Err(e),
            };
        };
        if leads
            && self.doubtful
            && let Some(position) = self.contradiction(first)?
        {
            self.contradicted = position;
            leads = false;
        }
        if !leads && self.doomed <= first.begin {
            self.doomed = first.end;
        }
        Ok(leads)
    }

    /// Returns the position of a damaged chunk of the chain from `first` on that contains another
    /// chain up to its end. The header of this chunk came from another file, and a chunk begins at
    /// its end by chance.
    fn contradiction(&mut self, first: &Chunk) -> Result<Option<u64>> {
        let mut chunk = *first;
        while self.affordable(chunk.header.data_size) {
            if !self.is_intact(&chunk)? {
                let inside = Gap {
                    begin: chunk.begin,
                    end: chunk.end.min(self.gap.end),
                    first_chunk: chunk.begin + 1,
                    chunk_end: 0,
                    budget: self.gap.budget,
                };
                if search(self.chunks, inside, false)?.is_some() {
                    return Ok(Some(chunk.begin));
                }
            }
            if chunk.end >= self.gap.end {
                break;
            }
            chunk = self.chunks.header_at(chunk.end)?;
        }
        Ok(None)
    }

    /// Whether a chain that has led to `chunk` leads to the end of the gap; `None` if that depends
    /// on the following chunks.
    fn arrives(&self, chunk: &Chunk) -> Option<bool> {
        let Gap { end, .. } = self.gap;
        if chunk.end == self.doomed || chunk.end == self.contradicted {
            return Some(false);
        }
        if end < self.chunks.size() {
            return (chunk.end >= end).then_some(chunk.end == end);
        }
        // A torn chunk does not lead to the end: it may be left on the disk from another file.
        if chunk.data_end() > end {
            return Some(false);
        }
        (chunk.end >= end).then_some(true)
    }

    /// Whether the data of `chunk` match their hash. If they do, no other chunk begins inside it.
    fn is_intact(&mut self, chunk: &Chunk) -> Result<bool> {
        if chunk.data_end() > self.gap.end || !self.affordable(chunk.header.data_size) {
            return Ok(false);
        }
        match self.chunks.verify_data(chunk) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == ErrorKind::DataHash => Ok(false),
            Err(e) => Err(e),
        }
    }
}

/// Files are concatenated at multiples of the block size only.
fn is_embedded_signature(chunk: &Chunk) -> bool {
    chunk.header.chunk_type == ChunkType::Signature && !chunk.begin.is_multiple_of(BLOCK_SIZE)
}

/// Excludes most bytes that are not a block header without hashing them.
fn may_be_block_header(bytes: &[u8]) -> bool {
    let (previous, next) = (u64_at(bytes, 8), u64_at(bytes, 16));
    let end = next % BLOCK_SIZE;
    next != 0
        && next < MAX_DISTANCE
        && previous < MAX_DISTANCE
        && (end == 0 || end > BLOCK_HEADER_SIZE)
        && previous % BLOCK_SIZE < BLOCK_SIZE - BLOCK_HEADER_SIZE
}

/// Excludes most bytes that are not the header of a chunk in `room` bytes without hashing them.
fn may_be_chunk_header(bytes: &[u8], room: u64) -> bool {
    bytes.len() >= HEADER
        && !matches!(ChunkType::from_byte(bytes[24]), ChunkType::Unknown(_))
        && u64_at(bytes, 8) <= room
}

/// A part of the gap in memory, without block headers.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    begin: u64,
    index: usize,
    /// Whether this is the last part of the gap.
    is_last: bool,
}

impl Window {
    /// Position in the file of the byte at `index`: the beginning of a chunk whose first byte it
    /// is.
    fn position(&self) -> u64 {
        block::payload_end(self.begin, self.index as u64).unwrap_or(u64::MAX)
    }

    /// The limit of the index, so that all bytes to check lie in the window.
    fn limit(&self) -> usize {
        let needed = if self.is_last { BLOCK_HEADER } else { HEADER };
        self.bytes.len().saturating_sub(needed - 1)
    }

    fn load<S: Source>(&mut self, chunks: &mut ChunkReader<S>, begin: u64, end: u64) -> Result<()> {
        let left = block::payload_between(begin, end);
        let len = left.min(WINDOW as u64) as usize;
        let no_memory = |_| Error::at(ErrorKind::OutOfMemory, begin, "no memory for the search");
        self.bytes.clear();
        self.bytes.try_reserve(len).map_err(no_memory)?;
        self.bytes.resize(len, 0);
        (self.begin, self.index) = (begin, 0);
        self.is_last = len as u64 == left;
        chunks.read_payload(begin, &mut self.bytes, 0)
    }

    /// Moves to `position`.
    fn move_to<S: Source>(
        &mut self,
        chunks: &mut ChunkReader<S>,
        position: u64,
        end: u64,
    ) -> Result<()> {
        let index = block::payload_between(self.begin, position);
        if index < self.limit() as u64 {
            self.index = index as usize;
            return Ok(());
        }
        self.load(chunks, position, end)
    }
}
