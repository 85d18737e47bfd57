//! The search for chunks at every position of a gap, where nothing states any.

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

/// Payload bytes looked through at a time.
const WINDOW: usize = 256 << 10;
const HEADER: usize = CHUNK_HEADER_SIZE as usize;
const BLOCK_HEADER: usize = BLOCK_HEADER_SIZE as usize;
/// No block header of a real file states more; fewer bytes so need their hash computed.
const MAX_DISTANCE: u64 = 1 << 40;

/// A stretch of the file in which chunks may begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    /// Where it begins, a chunk boundary or payload position.
    pub(super) begin: u64,
    /// Where it ends: a chunk begins there, or the file ends.
    pub(super) end: u64,
    /// Where the first chunk may begin, at least `begin`.
    pub(super) first_chunk: u64,
    /// Where a chunk ends that begins with the gap and has an intact header, if one does. An
    /// embedded file before this position is part of that chunk.
    pub(super) chunk_end: u64,
    /// How many bytes the reader may have hashed in all before the search is given up.
    pub(super) budget: u64,
}

/// Returns the position of the first chunk of `gap` from which chunk follows on chunk up to the end
/// of the gap.
///
/// `None` if there is none before the first trace of an embedded record file, or within the budget.
pub(super) fn find_chain<S: Source>(chunks: &mut ChunkReader<S>, gap: Gap) -> Result<Option<u64>> {
    chunks.tolerate_block_headers();
    search(chunks, gap, true)
}

/// Does what [`find_chain`] says; without `doubtful` headers alone decide.
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

/// What looks like part of a record file.
enum Sighting {
    /// Bytes at this position that only the beginning of a block of another record file has.
    EmbeddedFile(u64),
    /// A chunk header.
    Chunk(Chunk),
}

struct Scan<'a, S> {
    chunks: &'a mut ChunkReader<S>,
    gap: Gap,
    /// Whether to look into the damaged chunks of a chain before it is believed.
    doubtful: bool,
    /// The next chunk of a chain that is known not to lead to the end.
    doomed: u64,
    /// A chunk header that came from another file; what lies at its end did not.
    contradicted: u64,
    /// How many more bytes may be hashed in search of block headers of other files. Columns of
    /// small integers look like block headers, and must not use up what finds chunks.
    trace_budget: u64,
    /// The block header that every file begins with.
    first_block: BlockHeaderBytes,
}

impl<S: Source> Scan<'_, S> {
    fn affordable(&self, bytes: u64) -> bool {
        self.chunks.hashed().saturating_add(bytes) <= self.gap.budget
    }

    /// The next thing in the gap that is worth a look; the window is then behind its first byte.
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
        // Block headers of this file have been taken out of the bytes.
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

    /// Follows the chunk headers from `first` on, and says whether they lead to the end of the gap.
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

    /// Returns the position of a damaged chunk of the chain from `first` on that has another chain
    /// inside, up to its end: its header came from another file then, and its end is one of a chunk
    /// by chance.
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

    /// Says whether a chain that has led to `chunk` leads to the end of the gap; `None` if that
    /// depends on the chunks that follow.
    fn arrives(&self, chunk: &Chunk) -> Option<bool> {
        let Gap { end, .. } = self.gap;
        if chunk.end == self.doomed || chunk.end == self.contradicted {
            return Some(false);
        }
        if end < self.chunks.size() {
            return (chunk.end >= end).then_some(chunk.end == end);
        }
        // A torn tail leads nowhere: it might as well be what another file left on the disk.
        if chunk.data_end() > end {
            return Some(false);
        }
        (chunk.end >= end).then_some(true)
    }

    /// Says whether the data of `chunk` match their hash. Then no chunk begins inside.
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

/// Files may be concatenated at multiples of the block size, and nowhere else.
fn is_embedded_signature(chunk: &Chunk) -> bool {
    chunk.header.chunk_type == ChunkType::Signature && !chunk.begin.is_multiple_of(BLOCK_SIZE)
}

/// Tells bytes that are no block header without hashing them, if it is that easy.
fn may_be_block_header(bytes: &[u8]) -> bool {
    let (previous, next) = (u64_at(bytes, 8), u64_at(bytes, 16));
    let end = next % BLOCK_SIZE;
    next != 0
        && next < MAX_DISTANCE
        && previous < MAX_DISTANCE
        && (end == 0 || end > BLOCK_HEADER_SIZE)
        && previous % BLOCK_SIZE < BLOCK_SIZE - BLOCK_HEADER_SIZE
}

/// Tells bytes that are no header of a chunk that fits `room` without hashing them, if it is that
/// easy.
fn may_be_chunk_header(bytes: &[u8], room: u64) -> bool {
    bytes.len() >= HEADER
        && !matches!(ChunkType::from_byte(bytes[24]), ChunkType::Unknown(_))
        && u64_at(bytes, 8) <= room
}

/// A part of the gap in memory, block headers taken out.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    begin: u64,
    index: usize,
    /// Nothing of the gap follows.
    is_last: bool,
}

impl Window {
    /// Position in the file of the byte at `index`: where a chunk would begin whose first byte it
    /// is.
    fn position(&self) -> u64 {
        block::payload_end(self.begin, self.index as u64).unwrap_or(u64::MAX)
    }

    /// How far the index may go, so that all that matters lies in the window.
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

    /// Moves on to `position`.
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
