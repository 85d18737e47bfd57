//! Small chunks that are complete but not yet written, so that one request writes many of them.
//!
//! A request for each small chunk takes several times as long as encoding it. It also makes later
//! reading slower: file systems with large folios (ext4, XFS) keep a file in the page cache in the
//! pieces in which it was written.

/// The largest chunk that is gathered, in bytes of the file. Copying a larger one takes about as
/// long as the request.
const LARGEST: u64 = 32 << 10;

/// The gathered chunks are written when they take this many bytes.
const ENOUGH: usize = 256 << 10;

/// The bytes of consecutive chunks, as they will stand in the file.
#[derive(Debug)]
pub(crate) struct GatheredChunks {
    largest: u64,
    /// Position in the file of the first byte.
    begin: u64,
    bytes: Vec<u8>,
    /// Position in the file of the end of each chunk.
    ends: Vec<u64>,
}

impl GatheredChunks {
    /// Gathers chunks that take up to 32 KiB of the file.
    pub(crate) fn small() -> Self {
        Self::up_to(LARGEST)
    }

    /// Gathers no chunks.
    pub(crate) fn none() -> Self {
        Self::up_to(0)
    }

    fn up_to(largest: u64) -> Self {
        Self {
            largest,
            begin: 0,
            bytes: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Whether bytes of a chunk, `size` in number, are to be added. Reserves memory for them; if
    /// there is none, they are not added.
    pub(crate) fn takes(&mut self, size: u64) -> bool {
        (1..=self.largest).contains(&size)
            && self.bytes.try_reserve(size as usize).is_ok()
            && self.ends.try_reserve(1).is_ok()
    }

    /// Adds the bytes of a chunk from the position `begin` to its end. They follow the last chunk.
    pub(crate) fn add<'p>(&mut self, begin: u64, end: u64, pieces: impl Iterator<Item = &'p [u8]>) {
        if self.ends.is_empty() {
            self.begin = begin;
        }
        pieces.for_each(|piece| self.bytes.extend_from_slice(piece));
        self.ends.push(end);
    }

    /// Whether there are so many bytes that they should be written.
    pub(crate) fn are_enough(&self) -> bool {
        self.bytes.len() >= ENOUGH
    }

    /// Position of the first byte; `None` if there are no chunks.
    pub(crate) fn begin(&self) -> Option<u64> {
        (!self.ends.is_empty()).then_some(self.begin)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The end of the last chunk that is complete if the file ends at `size`; `None` if there is no
    /// such chunk.
    pub(crate) fn last_end(&self, size: u64) -> Option<u64> {
        self.ends.iter().copied().rfind(|&end| end <= size)
    }

    /// Forgets the chunks, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}
