//! Decoded chunks.

use crate::error::{Error, ErrorKind, Result};
use crate::format::hash::{STREAMS, streams};
use crate::reading::chunk_memory::grow;

/// The outcome of [`RecordReader::next`](crate::RecordReader::next).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A chunk was decoded.
    Batch(Batch),
    /// Nothing was decoded, because the next chunk needs more memory. Call again with at least this
    /// much.
    NeedMemory {
        /// Number of end offsets.
        ends: usize,
        /// Bytes of data.
        data: usize,
    },
    /// Nothing was decoded: no records are left.
    End,
    /// Nothing was decoded: with [`ReaderOptions::follow`](crate::ReaderOptions::follow), the file
    /// contains no further complete chunk yet. Call again later.
    NotYet,
}

/// The place of the records of a chunk in the caller's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Position of the chunk in the file.
    pub chunk_begin: u64,
    /// Position just past the chunk and its fill bytes, where the next chunk begins.
    pub chunk_end: u64,
    /// Number of records and of end offsets written, at least 1. An end offset is relative to
    /// `data_offset`.
    pub records: usize,
    /// Where the records begin in the data memory.
    pub data_offset: usize,
    /// Size of all records in bytes.
    pub data_size: usize,
    /// Whether only a search has found the chunk, with
    /// [`CorruptionStrategy::Recover`](crate::CorruptionStrategy::Recover). The chunk is then
    /// likely, but not certain, to be part of this file: it may be part of a record file that one
    /// of its records contains.
    pub scanned: bool,
}

/// Memory of the caller for one chunk.
#[derive(Debug)]
pub struct Slot<'m> {
    /// Memory for the end offset of each record.
    pub ends: &'m mut [u64],
    /// Memory for the bytes of the records.
    pub data: &'m mut [u8],
}

/// Memory for batches, which it holds one at a time.
#[derive(Debug, Default)]
pub struct BatchMemory {
    pub(crate) ends: Vec<u64>,
    pub(crate) data: Vec<u8>,
}

impl BatchMemory {
    fn slot(&mut self) -> Slot<'_> {
        Slot {
            ends: &mut self.ends,
            data: &mut self.data,
        }
    }

    /// Makes room for `ends` end offsets and `data` bytes.
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

    /// The records of `batch`, which was decoded into this memory.
    pub(crate) fn records(&self, batch: &Batch) -> RecordBatch<'_> {
        let data_end = batch.data_offset + batch.data_size;
        RecordBatch {
            chunk_begin: batch.chunk_begin,
            scanned: batch.scanned,
            ends: &self.ends[..batch.records],
            data: &self.data[batch.data_offset..data_end],
        }
    }
}

/// Memory for a run of batches.
#[derive(Debug, Default)]
pub struct RunMemory {
    slots: [BatchMemory; STREAMS],
    pub(crate) batches: Vec<Batch>,
}

impl RunMemory {
    /// Makes room for `ends` end offsets and `data` bytes in each slot, and for an eighth more,
    /// because the chunks of a file differ a little in size.
    pub(crate) fn reserve(&mut self, ends: usize, data: usize) -> Result<()> {
        self.slots[..streams()]
            .iter_mut()
            .try_for_each(|slot| slot.reserve(ends + ends / 8, data + data / 8))
    }

    /// The slots, and the list for the batches in them.
    pub(crate) fn parts(&mut self) -> (Vec<Slot<'_>>, &mut Vec<Batch>) {
        let slots = self.slots.iter_mut().map(BatchMemory::slot).collect();
        (slots, &mut self.batches)
    }

    /// The batches of the run that was decoded into this memory.
    pub(crate) fn run(&self) -> impl Iterator<Item = RecordBatch<'_>> {
        self.slots
            .iter()
            .zip(&self.batches)
            .map(|(slot, batch)| slot.records(batch))
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

    /// Whether only a search has found the chunk; see [`Batch::scanned`].
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

    /// The end of each record in [`data`](Self::data); a record begins at the end of the one
    /// before.
    pub fn ends(&self) -> &'m [u64] {
        self.ends
    }

    /// The record at `index`; `None` past the last one.
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
