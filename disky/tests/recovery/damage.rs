//! Ways to damage a file.

use crate::model::{BLOCK, Original, SIGNATURE, blocks};

/// Numbers that depend on a seed alone.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| (self.next() >> 32) as u8).collect()
    }
}

/// The kinds of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Signature,
    SignatureGone,
    BlockHeader,
    BlockHeadersInARow,
    AllBlockHeaders,
    ChunkHeader,
    TwoChunkHeaders,
    HeaderAndBlockHeaders,
    Data,
    DataAndBlockHeaders,
    DataAndNextHeader,
    FirstChunkWithoutRecords,
    Flips,
    Zeros,
    Junk,
    Sector,
    ForeignPiece,
    CutAtChunk,
    CutInHeader,
    CutInData,
    CutInBlockHeader,
    CutAnywhere,
    CutAndHeader,
    ZerosAppended,
    JunkAppended,
    FileAppended,
    Several,
}

impl Kind {
    /// Says whether more than single bits are changed where the file goes on as it was.
    pub fn overwrites(self) -> bool {
        matches!(
            self,
            Self::Zeros | Self::Junk | Self::Sector | Self::ForeignPiece | Self::Several
        )
    }
}

pub const KINDS: [Kind; 27] = [
    Kind::Signature,
    Kind::SignatureGone,
    Kind::BlockHeader,
    Kind::BlockHeadersInARow,
    Kind::AllBlockHeaders,
    Kind::ChunkHeader,
    Kind::TwoChunkHeaders,
    Kind::HeaderAndBlockHeaders,
    Kind::Data,
    Kind::DataAndBlockHeaders,
    Kind::DataAndNextHeader,
    Kind::FirstChunkWithoutRecords,
    Kind::Flips,
    Kind::Zeros,
    Kind::Junk,
    Kind::Sector,
    Kind::ForeignPiece,
    Kind::CutAtChunk,
    Kind::CutInHeader,
    Kind::CutInData,
    Kind::CutInBlockHeader,
    Kind::CutAnywhere,
    Kind::CutAndHeader,
    Kind::ZerosAppended,
    Kind::JunkAppended,
    Kind::FileAppended,
    Kind::Several,
];

/// A file that is being damaged.
pub struct Damage<'a> {
    original: &'a Original,
    foreign: &'a [u8],
    random: &'a mut Random,
    pub file: Vec<u8>,
}

impl<'a> Damage<'a> {
    /// `foreign` is another record file, without a record file inside.
    pub fn new(original: &'a Original, foreign: &'a [u8], random: &'a mut Random) -> Self {
        Self {
            file: original.bytes.clone(),
            original,
            foreign,
            random,
        }
    }

    fn flip(&mut self, at: usize) {
        if let Some(byte) = self.file.get_mut(at) {
            *byte ^= 1 << self.random.below(8);
        }
    }

    /// Flips a bit somewhere in a block header.
    fn break_block(&mut self, block: usize) {
        let at = block + self.random.below(24);
        self.flip(at);
    }

    fn overwrite(&mut self, at: usize, with: &[u8]) {
        let len = with.len().min(self.file.len().saturating_sub(at));
        if len > 0 {
            self.file[at..at + len].copy_from_slice(&with[..len]);
        }
    }

    fn any_position(&mut self) -> usize {
        self.random.below(self.file.len().max(1))
    }

    /// A chunk other than the signature, or that one if there is no other.
    fn any_chunk(&mut self) -> usize {
        let others = self.original.chunks.len() - 1;
        match others {
            0 => 0,
            _ => 1 + self.random.below(others),
        }
    }

    pub fn break_header(&mut self, i: usize) {
        let Some(&chunk) = self.original.chunks.get(i) else {
            return;
        };
        let begin = chunk.begin.next_multiple_of(BLOCK);
        let skipped = if begin == chunk.begin { 24 } else { 0 };
        let mut at = chunk.begin + skipped + self.random.below(40);
        if begin != chunk.begin && at >= begin {
            at += 24;
        }
        self.flip(at);
    }

    /// Flips a bit in the data of a chunk, if there is one outside the block headers.
    pub fn break_data(&mut self, i: usize) {
        let chunk = self.original.chunks[i];
        let begin = chunk.begin
            + if chunk.begin.is_multiple_of(BLOCK) {
                64
            } else {
                40
            };
        if chunk.data_end <= begin {
            return;
        }
        let at = begin + self.random.below(chunk.data_end - begin);
        if at % BLOCK >= 24 {
            self.flip(at);
        }
    }

    pub fn break_blocks_of(&mut self, i: usize) {
        let chunk = self.original.chunks[i];
        for block in blocks(chunk.begin, chunk.end) {
            self.break_block(block);
        }
    }

    fn stretch(&mut self, most: usize) -> (usize, usize) {
        let at = self.any_position();
        (at, 1 + self.random.below(most))
    }

    pub fn apply(&mut self, kind: Kind) {
        let i = self.any_chunk();
        match kind {
            Kind::Signature => {
                let at = self.random.below(SIGNATURE);
                self.flip(at);
            }
            Kind::SignatureGone => self.overwrite(0, &[0; SIGNATURE]),
            Kind::BlockHeader => {
                let block = self.any_position() / BLOCK * BLOCK;
                self.break_block(block);
            }
            Kind::BlockHeadersInARow => {
                let first = self.any_position() / BLOCK;
                let some = 2 + self.random.below(4);
                (first..first + some).for_each(|block| self.break_block(block * BLOCK));
            }
            Kind::AllBlockHeaders => {
                blocks(0, self.file.len()).for_each(|block| self.break_block(block));
            }
            Kind::ChunkHeader => self.break_header(i),
            Kind::TwoChunkHeaders => {
                self.break_header(i);
                let j = i + self.random.below(4);
                self.break_header(j);
            }
            Kind::HeaderAndBlockHeaders => {
                self.break_header(i);
                self.break_blocks_of(i);
            }
            Kind::Data => self.break_data(i),
            Kind::DataAndBlockHeaders => {
                self.break_data(i);
                self.break_blocks_of(i);
            }
            Kind::DataAndNextHeader => {
                self.break_data(i);
                self.break_header(i + 1);
            }
            Kind::FirstChunkWithoutRecords => self.first_chunk_without_records(),
            Kind::Flips => {
                for _ in 0..1 + self.random.below(12) {
                    let at = self.any_position();
                    self.flip(at);
                }
            }
            Kind::Zeros => {
                let (at, len) = self.stretch(100_000);
                self.overwrite(at, &vec![0; len]);
            }
            Kind::Junk => {
                let (at, len) = self.stretch(30_000);
                let junk = self.random.bytes(len);
                self.overwrite(at, &junk);
            }
            Kind::Sector => {
                let at = self.any_position() / 512 * 512;
                self.overwrite(at, &[0xff; 512]);
            }
            Kind::ForeignPiece => self.foreign_piece(),
            _ => self.change_length(kind, i),
        }
    }

    fn change_length(&mut self, kind: Kind, i: usize) {
        let chunk = self.original.chunks[i];
        match kind {
            Kind::CutAtChunk => self.file.truncate(chunk.end),
            Kind::CutInHeader => self.file.truncate(chunk.begin + 1 + self.random.below(39)),
            Kind::CutInData => {
                let from = (chunk.begin + 40).min(chunk.data_end);
                let len = from + self.random.below(chunk.data_end - from + 1);
                self.file.truncate(len);
            }
            Kind::CutInBlockHeader => {
                let block = self.any_position() / BLOCK * BLOCK;
                self.file.truncate(block + self.random.below(30));
            }
            Kind::CutAnywhere => {
                let len = self.any_position();
                self.file.truncate(len);
            }
            Kind::CutAndHeader => {
                let len = self.any_position();
                self.file.truncate(len);
                let near = self
                    .original
                    .chunks
                    .iter()
                    .rposition(|chunk| chunk.begin < len);
                let near = near
                    .unwrap_or(0)
                    .saturating_sub(self.random.below(4))
                    .max(1);
                self.break_header(near);
            }
            Kind::ZerosAppended => {
                let more = 1 + self.random.below(150_000);
                self.file.resize(self.file.len() + more, 0);
            }
            Kind::JunkAppended => {
                let more = 1 + self.random.below(30_000);
                let junk = self.random.bytes(more);
                self.file.extend_from_slice(&junk);
            }
            Kind::FileAppended => {
                // Where a concatenated file may begin it would be no damage.
                if !self.file.len().is_multiple_of(BLOCK) {
                    self.file.extend_from_slice(self.foreign);
                }
            }
            _ => {
                let several = [
                    Kind::BlockHeader,
                    Kind::ChunkHeader,
                    Kind::Data,
                    Kind::Zeros,
                    Kind::Junk,
                    Kind::ForeignPiece,
                    Kind::Signature,
                    Kind::DataAndBlockHeaders,
                    Kind::BlockHeadersInARow,
                ];
                for _ in 0..2 + self.random.below(5) {
                    let kind = several[self.random.below(several.len())];
                    self.apply(kind);
                }
            }
        }
    }

    /// Metadata, padding.
    fn first_chunk_without_records(&mut self) {
        let original = self.original;
        let mut others = (1..original.chunks.len())
            .filter(|&i| !original.records.contains_key(&original.chunks[i].begin));
        if let Some(i) = others.next() {
            match self.random.below(2) {
                0 => self.break_header(i),
                _ => self.break_data(i),
            }
        }
    }

    /// A piece of another file, at a place where its blocks do not lie as they should.
    fn foreign_piece(&mut self) {
        let from = self.random.below(self.foreign.len());
        let len = 1 + self.random.below((self.foreign.len() - from).min(80_000));
        let to = self.any_position();
        if to % BLOCK != from % BLOCK {
            let piece = &self.foreign[from..from + len];
            self.overwrite(to, piece);
        }
    }
}
