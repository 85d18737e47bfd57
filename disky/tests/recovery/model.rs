//! What a damaged file still holds, worked out from the chunks of the undamaged one and the bytes
//! that differ. Shares no code with the library but the hash.

use crate::support::read_all;
use disky::{BatchMemory, ReaderOptions, RecordReader};
use std::collections::BTreeMap;

pub const BLOCK: usize = 65536;
const BLOCK_HEADER: usize = 24;
const CHUNK_HEADER: usize = 40;
pub const SIGNATURE: usize = 64;

/// A chunk of the undamaged file.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub begin: usize,
    pub data_end: usize,
    pub end: usize,
}

/// An undamaged file.
pub struct Original {
    pub name: String,
    pub bytes: Vec<u8>,
    pub chunks: Vec<Extent>,
    /// By position of the chunk.
    pub records: BTreeMap<usize, Vec<Vec<u8>>>,
}

/// What a reader is to find in a damaged file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Positions of the chunks that it returns, and whether only a search finds them. Chunks
    /// without records are among them.
    pub chunks: Vec<(usize, bool)>,
    /// What it skips, in order; parts that touch are one.
    pub gaps: Vec<(usize, usize)>,
}

pub fn blocks(begin: usize, end: usize) -> impl Iterator<Item = usize> {
    (begin.div_ceil(BLOCK) * BLOCK..end).step_by(BLOCK)
}

/// Position just past `size` bytes of payload from `begin` on, a byte at a time where it matters.
fn past_payload(begin: usize, size: usize) -> usize {
    let (mut position, mut left) = (begin, size);
    while left > 0 {
        if position.is_multiple_of(BLOCK) {
            position += BLOCK_HEADER;
        }
        let here = left.min(BLOCK - position % BLOCK);
        position += here;
        left -= here;
    }
    position
}

pub fn coalesce(gaps: impl IntoIterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    for (begin, end) in gaps {
        match all.last_mut() {
            Some(last) if last.1 == begin => last.1 = end,
            _ => all.push((begin, end)),
        }
    }
    all
}

impl Original {
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        let mut reader = RecordReader::new(&bytes[..], ReaderOptions::default());
        let (mut chunks, mut position) = (Vec::new(), 0);
        while let Some(found) = reader.chunk_at(position).unwrap() {
            let begin = found.chunk.begin as usize;
            let payload = CHUNK_HEADER + found.chunk.header.data_size as usize;
            chunks.push(Extent {
                begin,
                data_end: past_payload(begin, payload),
                end: found.chunk.end as usize,
            });
            position = found.chunk.end;
        }
        let (mut records, mut memory) = (BTreeMap::new(), BatchMemory::default());
        while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
            let of_chunk = batch.iter().map(<[u8]>::to_vec).collect();
            records.insert(batch.chunk_begin() as usize, of_chunk);
        }
        Self {
            name: name.to_owned(),
            bytes,
            chunks,
            records,
        }
    }

    pub fn all_records(&self) -> Vec<Vec<u8>> {
        read_all(&self.bytes[..]).unwrap()
    }

    pub fn after<'a>(&'a self, damaged: &'a [u8]) -> After<'a> {
        After {
            original: self,
            damaged,
            traces: traces(damaged),
        }
    }
}

/// Where another record file seems to begin, or a block of one.
fn traces(file: &[u8]) -> Vec<usize> {
    let signature = &include_bytes!("../../../src/test/resources/golden/disky/empty.disky")[24..];
    let payload: Vec<u8> = file
        .chunks(BLOCK)
        .flat_map(|block| block.get(BLOCK_HEADER..).unwrap_or_default())
        .copied()
        .collect();
    let position = |at: usize| {
        let of_block = BLOCK - BLOCK_HEADER;
        at / of_block * BLOCK + BLOCK_HEADER + at % of_block
    };
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
    let mut traces = Vec::new();
    for (at, bytes) in payload.windows(BLOCK_HEADER).enumerate() {
        // Distances of less than 16 MiB, the second of which is not 0.
        let is_block_header = bytes[11..16] == [0; 5]
            && bytes[19..] == [0; 5]
            && bytes[16..19] != [0; 3]
            && disky::hash(&bytes[8..]) == number(&bytes[..8]);
        let is_signature = bytes[..8] == signature[..8]
            && payload[at..].starts_with(signature)
            && position(at) % BLOCK != BLOCK_HEADER;
        if is_signature || is_block_header {
            traces.push(position(at));
        }
    }
    traces
}

/// A file after damage was done to it.
pub struct After<'a> {
    original: &'a Original,
    damaged: &'a [u8],
    traces: Vec<usize>,
}

/// What a walk knows at a chunk that has a place.
#[derive(Clone, Copy)]
struct Walk {
    scan: bool,
    /// Chunks before this position are placed by a search.
    scanned_until: usize,
}

impl After<'_> {
    fn same(&self, from: usize, to: usize) -> bool {
        to <= self.damaged.len() && self.damaged[from..to] == self.original.bytes[from..to]
    }

    /// Says whether the payload from `from` to `to` is as it was.
    fn payload_intact(&self, from: usize, to: usize) -> bool {
        let mut position = from;
        while position < to {
            if position.is_multiple_of(BLOCK) {
                position += BLOCK_HEADER;
            }
            let end = to.min((position / BLOCK + 1) * BLOCK);
            if !self.same(position, end) {
                return false;
            }
            position = end;
        }
        true
    }

    fn header_end(&self, i: usize) -> usize {
        past_payload(self.original.chunks[i].begin, CHUNK_HEADER)
    }

    fn header_intact(&self, i: usize) -> bool {
        self.payload_intact(self.original.chunks[i].begin, self.header_end(i))
    }

    fn data_intact(&self, i: usize) -> bool {
        self.payload_intact(self.header_end(i), self.original.chunks[i].data_end)
    }

    fn block_intact(&self, block: usize) -> bool {
        block + BLOCK_HEADER <= self.original.bytes.len() && self.same(block, block + BLOCK_HEADER)
    }

    /// Numbers of intact and of damaged block headers in the chunk.
    fn blocks_of(&self, i: usize) -> (usize, usize) {
        let chunk = self.original.chunks[i];
        let all = blocks(chunk.begin, chunk.end.min(self.damaged.len()));
        let (intact, damaged): (Vec<_>, Vec<_>) = all.partition(|&block| self.block_intact(block));
        (intact.len(), damaged.len())
    }

    fn chunk_over(&self, position: usize) -> Option<usize> {
        let chunks = &self.original.chunks;
        chunks
            .iter()
            .position(|chunk| (chunk.begin..chunk.end).contains(&position))
    }

    /// What a reader that goes on behind damage is to find.
    pub fn expected(&self, scan: bool) -> Expected {
        let (chunks, size) = (&self.original.chunks, self.damaged.len());
        let mut expected = Expected::default();
        let mut gaps = Vec::new();
        let mut walk = Walk {
            scan,
            scanned_until: 0,
        };
        let mut i = 0;
        while i < chunks.len() && chunks[i].begin < size {
            let chunk = chunks[i];
            let scanned = chunk.begin < walk.scanned_until;
            let next = if i == 0 && !self.same(0, SIGNATURE) {
                gaps.push((0, SIGNATURE.min(size)));
                1
            } else if self.header_intact(i) && self.data_intact(i) {
                expected.chunks.push((chunk.begin, scanned));
                let damaged = blocks(chunk.begin, chunk.data_end);
                let damaged = damaged.filter(|&block| !self.block_intact(block));
                gaps.extend(damaged.map(|block| (block, block + BLOCK_HEADER)));
                i + 1
            } else {
                let next = self.next_placed(i, &mut walk);
                let end = chunks.get(next).map_or(size, |next| next.begin.min(size));
                // A gap before junk at the end reaches to where the junk begins.
                gaps.push((chunk.begin, end));
                if next == chunks.len() {
                    break;
                }
                next
            };
            i = next;
        }
        let end = chunks.last().map_or(0, |last| last.end);
        let reached = gaps.last().map_or(0, |gap| gap.1);
        if size > end.max(reached) {
            gaps.push((end.max(reached), size));
        }
        expected.gaps = coalesce(gaps);
        expected
    }

    /// Which chunk has a place after the broken one; the number of chunks if there is none.
    fn next_placed(&self, i: usize, walk: &mut Walk) -> usize {
        let (chunks, size) = (&self.original.chunks, self.damaged.len());
        let chunk = chunks[i];
        let (intact_blocks, damaged_blocks) = self.blocks_of(i);
        if self.header_intact(i) {
            if chunk.data_end > size {
                if intact_blocks > 0 || damaged_blocks == 0 {
                    return chunks.len();
                }
            } else if chunk.end < walk.scanned_until
                || intact_blocks > 0
                || damaged_blocks == 0 && self.confirmed(i + 1)
            {
                return i + 1;
            }
        }
        let stated = blocks(chunk.begin, size)
            .filter(|&block| self.block_intact(block))
            .find_map(|block| self.chunk_over(block));
        if stated == Some(i) {
            return i + 1;
        }
        if walk.scan
            && let Some(found) = self.search(i, stated)
        {
            walk.scanned_until = stated.map_or(size, |stated| chunks[stated].begin);
            return found;
        }
        stated.unwrap_or(chunks.len())
    }

    /// Says whether a chunk header, a block header or the end of the file is where chunk `i`
    /// begins.
    fn confirmed(&self, i: usize) -> bool {
        let (chunks, size) = (&self.original.chunks, self.damaged.len());
        let Some(chunk) = chunks.get(i).filter(|chunk| chunk.begin < size) else {
            return chunks.last().unwrap().end >= size;
        };
        let block = chunk.begin.div_ceil(BLOCK) * BLOCK;
        self.header_intact(i) || block < chunk.end && self.block_intact(block)
    }

    /// Finds the first chunk after the broken one from which headers lead on to the stated chunk,
    /// or to the end of the file.
    fn search(&self, i: usize, stated: Option<usize>) -> Option<usize> {
        let chunks = &self.original.chunks;
        let end = stated.map_or(self.damaged.len(), |stated| chunks[stated].begin);
        let mut from = chunks[i].begin;
        loop {
            let trace = self.traces.iter().copied().find(|&trace| trace >= from);
            let hit = (i + 1..chunks.len())
                .find(|&j| chunks[j].begin >= from && self.header_intact(j))
                .filter(|&j| chunks[j].begin < end);
            let hit_at = hit.map_or(usize::MAX, |j| chunks[j].begin);
            match trace {
                Some(trace) if trace < hit_at && trace < end => {
                    if !self.header_intact(i) || trace >= chunks[i].end {
                        return None;
                    }
                    from = chunks[i].end;
                    continue;
                }
                _ => {}
            }
            let hit = hit?;
            if self.leads_to_end(hit, stated) {
                return Some(hit);
            }
            from = match self.data_intact(hit) {
                true => chunks[hit].end,
                false => chunks[hit].begin + 1,
            };
        }
    }

    fn leads_to_end(&self, first: usize, stated: Option<usize>) -> bool {
        let (chunks, size) = (&self.original.chunks, self.damaged.len());
        let behind = stated.unwrap_or(chunks.len());
        for (j, chunk) in chunks.iter().enumerate().take(behind).skip(first) {
            if !self.header_intact(j) {
                return false;
            }
            if stated.is_none() && chunk.end >= size {
                return chunk.data_end <= size;
            }
        }
        stated.is_some()
    }

    /// How many chunks come before the first damage that a reader passes, and the position that it
    /// names; no position if there is no damage on its way.
    pub fn first_damage(&self) -> (usize, Option<usize>) {
        let (chunks, size) = (&self.original.chunks, self.damaged.len());
        if size == 0 {
            return (0, None);
        }
        if !self.same(0, SIGNATURE) {
            let differs =
                (0..size.min(SIGNATURE)).find(|&at| self.damaged[at] != self.original.bytes[at]);
            return (0, Some(differs.unwrap_or(0)));
        }
        for (i, chunk) in chunks.iter().enumerate() {
            if chunk.begin >= size {
                return (i, None);
            }
            let damaged_block = |from: usize, to: usize| {
                blocks(from, to.min(size)).find(|&block| !self.block_intact(block))
            };
            let header_end = self.header_end(i);
            let at = if !self.header_intact(i) {
                Some(chunk.begin)
            } else if let Some(block) = damaged_block(chunk.begin, header_end) {
                Some(block)
            } else if chunk.data_end > size {
                Some(chunk.begin)
            } else if let Some(block) = damaged_block(header_end, chunk.data_end) {
                Some(block)
            } else {
                (!self.data_intact(i)).then_some(chunk.begin)
            };
            if at.is_some() {
                return (i, at);
            }
        }
        let end = chunks.last().unwrap().end;
        (chunks.len(), (size > end).then_some(end))
    }
}
