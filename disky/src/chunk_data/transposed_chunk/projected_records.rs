//! The records that a projector writes, from the last one to the first, and their limits.

use super::machine::WORD;
use super::malformed::wrong;
use crate::chunk_data::RECORD_OVERHEAD;
use crate::error::{Excess, Malformed, Parsed};
use std::ops::Range;

/// The sizes of a chunk, and the limit on the bytes to write.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sizes {
    /// The number of records, as the chunk header states it.
    pub(super) records: u64,
    /// The size of the complete records, as the chunk header states it.
    pub(super) bytes: u64,
    /// The limit on the size of the projected records.
    pub(super) most: u64,
}

impl Sizes {
    /// How many bytes the projected records can have.
    pub(super) fn most_bytes(self) -> u64 {
        self.bytes.min(self.most)
    }

    /// The error if the fields to read take at least `bytes` bytes.
    fn above_limit(self, bytes: u64) -> Malformed {
        let overhead = self.records.saturating_mul(RECORD_OVERHEAD);
        let (size, limit) = (
            bytes.saturating_add(overhead),
            self.most.saturating_add(overhead),
        );
        Malformed::too_large(
            Excess { size, limit },
            format!(
                "the fields to read of the {} records of the chunk take {bytes} bytes or more; with 8 \
                 bytes a record that exceeds the limit of {limit} bytes a chunk; if the file is to \
                 be trusted, read it with a higher limit",
                self.records
            ),
        )
    }
}

/// Memory that is used for one chunk after the other, with the records of the last one.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// The bytes of the records, at the end.
    values: Vec<u8>,
    /// How many bytes were written.
    written: usize,
    /// While records are written, how many bytes were written when each ended.
    ends: Vec<u64>,
    sizes: Sizes,
}

impl Records {
    /// Begins a chunk of `count` records.
    pub(super) fn begin(&mut self, count: usize, sizes: Sizes) -> Parsed<()> {
        self.ends.clear();
        self.ends
            .try_reserve(count)
            .map_err(|_| Malformed::no_memory())?;
        self.ends.resize(count, 0);
        self.written = 0;
        self.sizes = sizes;
        Ok(())
    }

    /// How many bytes were written.
    #[inline(always)]
    pub(super) fn written(&self) -> usize {
        self.written
    }

    /// The number of records.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// Notes that the record `index` ended when `written` bytes were written.
    pub(super) fn end(&mut self, index: usize, written: usize) {
        self.ends[index] = written as u64;
    }

    /// Turns the places of all ends into end offsets.
    pub(super) fn finish(&mut self) {
        // What was written before a record lies after it.
        for end in &mut self.ends {
            *end = self.written as u64 - *end;
        }
    }

    /// The end offset of each record.
    pub(super) fn ends(&self) -> &[u64] {
        &self.ends
    }

    /// The bytes of all records.
    pub(super) fn values(&self) -> &[u8] {
        &self.values[self.values.len() - self.written..]
    }

    /// Writes the lowest `len` bytes of `word`, 1 to 16; all other bytes of it are 0.
    #[inline(always)]
    pub(super) fn put(&mut self, word: u128, len: usize) -> Parsed<()> {
        self.provide(WORD)?;
        let unwritten = self.values.len() - self.written;
        // The bytes that this writes before the value are overwritten later.
        if let Some(place) = self.values[..unwritten].last_chunk_mut::<WORD>() {
            *place = (word << (8 * (WORD - len))).to_le_bytes();
        }
        self.written += len;
        Ok(())
    }

    /// Copies a range of `bytes`.
    pub(super) fn copy(&mut self, bytes: &[u8], range: Range<usize>) -> Parsed<()> {
        self.provide(range.len())?;
        let unwritten = self.values.len() - self.written;
        let begin = unwritten - range.len();
        self.values[begin..unwritten].copy_from_slice(&bytes[range]);
        self.written = self.values.len() - begin;
        Ok(())
    }

    /// Makes room for `len` more bytes.
    #[inline(always)]
    fn provide(&mut self, len: usize) -> Parsed<()> {
        match self.values.len() - self.written >= len {
            true => Ok(()),
            false => self.grow(len),
        }
    }

    #[cold]
    fn grow(&mut self, len: usize) -> Parsed<()> {
        self.check_written()?;
        let old = self.values.len();
        let least = self
            .written
            .checked_add(len)
            .ok_or_else(Malformed::no_memory)?;
        let wanted = least.max(old.saturating_mul(2)).max(4096);
        // One value may exceed what may be written, and is found to do so afterwards.
        let most = usize::try_from(self.sizes.most_bytes()).unwrap_or(usize::MAX);
        let new = wanted.min(most.saturating_add(WORD)).max(least);
        self.values
            .try_reserve_exact(new - old)
            .map_err(|_| Malformed::no_memory())?;
        self.values.resize(new, 0);
        self.values
            .copy_within(old - self.written..old, new - self.written);
        Ok(())
    }

    /// Fails if more was written than the chunk header states, or than is allowed.
    pub(super) fn check_written(&self) -> Parsed<()> {
        let written = self.written as u64;
        let Sizes { bytes, most, .. } = self.sizes;
        if written > bytes {
            return Err(super::machine::too_much(
                usize::try_from(bytes).unwrap_or(usize::MAX),
            ));
        }
        if written > most {
            return Err(self.sizes.above_limit(written));
        }
        Ok(())
    }

    /// The error if `idle` states wrote nothing, which are too many.
    pub(super) fn too_idle(&self, idle: u64) -> Malformed {
        let Sizes {
            records,
            bytes,
            most,
        } = self.sizes;
        match bytes > most {
            true => self.sizes.above_limit(bytes),
            false => wrong(format!(
                "{idle} states without a value for {records} records of {bytes} bytes"
            )),
        }
    }
}
