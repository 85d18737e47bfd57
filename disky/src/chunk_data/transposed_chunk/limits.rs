//! Limits on the cost of decoding a transposed chunk, checked before the cost arises.
//!
//! The chunk header states the number of records and bytes. Writers divide a protocol buffer
//! message into values, each of which is at least one byte of it or begins a record. So records
//! plus bytes, called *units* here, limit everything else in a valid chunk. The factors below are
//! at least four times the factors that known writers reach for the worst messages found: nested
//! groups in an order without a pattern.

use crate::error::{Excess, Malformed, Parsed};
use crate::format::varint;

/// Each value may have a state of its own, and one that leads to it.
const STATES_PER_UNIT: u64 = 4;
/// A state takes at most 16 bytes of the header; few states take that many.
const HEADER_BYTES_PER_UNIT: u64 = 32;
/// Most values follow each other without a state in between that writes nothing.
const IDLE_VISITS_PER_UNIT: u64 = 4;
/// A transition byte leads to a value, or to a state that writes nothing.
const TRANSITION_BYTES_PER_UNIT: u64 = 8;
/// The limit for small chunks.
const ANY_CHUNK: u64 = 4096;
/// The maximum depth of submessages. Writers divide submessages to a depth of 100.
pub(super) const MAX_DEPTH: usize = 1 << 16;

/// Limits on the parts of a chunk, from its header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    records: u64,
    bytes: u64,
}

impl Limits {
    /// The limits of a chunk of `records` records, of `bytes` bytes in total.
    pub(super) fn new(records: u64, bytes: u64) -> Self {
        Self { records, bytes }
    }

    fn units(self) -> u64 {
        self.records.saturating_add(self.bytes)
    }

    fn per_unit(self, factor: u64) -> u64 {
        self.units()
            .saturating_mul(factor)
            .saturating_add(ANY_CHUNK)
    }

    fn check(self, what: &str, found: u64, limit: u64) -> Parsed<()> {
        if found <= limit {
            return Ok(());
        }
        Err(super::malformed::wrong(format!(
            "{found} {what} are too many for {} records of {} bytes",
            self.records, self.bytes
        )))
    }

    /// Limits the size of the header.
    pub(super) fn header_bytes(self, found: u64) -> Parsed<()> {
        let limit = self.per_unit(HEADER_BYTES_PER_UNIT);
        self.check("bytes of header", found, limit)
    }

    /// Limits the number of buckets: none needs to be empty.
    pub(super) fn buckets(self, found: u64) -> Parsed<()> {
        self.check("buckets", found, self.per_unit(1))
    }

    /// Limits the number of buffers: none needs to be empty.
    pub(super) fn buffers(self, found: u64) -> Parsed<()> {
        self.check("buffers", found, self.per_unit(1))
    }

    /// Limits the size of all buckets: each byte becomes one of a record, except the lengths of
    /// records that are not messages.
    pub(super) fn bucket_bytes(self, found: u64) -> Parsed<()> {
        let lengths = self.records.saturating_mul(varint::MAX_LEN as u64);
        let limit = self.bytes.saturating_add(lengths);
        self.check("bytes of buckets", found, limit)
    }

    /// Limits the number of states.
    pub(super) fn states(self, found: u64) -> Parsed<()> {
        let limit = self.per_unit(STATES_PER_UNIT).min(u64::from(u32::MAX) / 2);
        self.check("states", found, limit)
    }

    /// Limits the number of transition bytes.
    pub(super) fn transition_bytes(self, found: u64) -> Parsed<()> {
        let limit = self.per_unit(TRANSITION_BYTES_PER_UNIT);
        self.check("bytes of transitions", found, limit)
    }

    /// The maximum number of visits to states that write nothing, after other states have written
    /// `units`.
    pub(super) fn idle_visits(units: u64) -> u64 {
        units
            .saturating_mul(IDLE_VISITS_PER_UNIT)
            .saturating_add(ANY_CHUNK)
    }

    /// Rejects headers that state more than the states, the transition bytes and the bytes to copy
    /// can produce.
    pub(super) fn reachable(self, states: u64, transitions: u64, bucket_bytes: u64) -> Parsed<()> {
        // A transition byte leads to up to four states, and each of them to all others without a
        // further byte.
        let visits = transitions
            .saturating_mul(4)
            .saturating_add(1)
            .saturating_mul(states);
        // A tag and an inline value have 6 bytes; a tag and a length, 10.
        let bytes = visits.saturating_mul(10).saturating_add(bucket_bytes);
        if self.records <= visits && self.bytes <= bytes {
            return Ok(());
        }
        Err(super::malformed::wrong(format!(
            "{} records of {} bytes are stated; {states} states, {transitions} bytes of transitions and \
             {bucket_bytes} bytes of buckets cannot make them",
            self.records, self.bytes
        )))
    }
}

/// The memory that decoding may take in addition to the records and the encoded chunk.
#[derive(Debug)]
pub(super) struct Memory {
    limit: u64,
    taken: u64,
}

impl Memory {
    /// Up to `limit` bytes.
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, taken: 0 }
    }

    /// Accounts for `count` elements of `size` bytes each.
    pub(super) fn take(&mut self, count: u64, size: usize) -> Parsed<()> {
        self.taken = count.saturating_mul(size as u64).saturating_add(self.taken);
        if self.taken <= self.limit {
            return Ok(());
        }
        let excess = Excess {
            size: self.taken,
            limit: self.limit,
        };
        Err(Malformed::too_large(
            excess,
            format!(
                "decoding the transposed chunk takes {} bytes of memory or more in addition to its records, \
                 which exceeds the limit of {}; if the file is to be trusted, read it with a higher limit \
                 on chunks",
                self.taken, self.limit
            ),
        ))
    }

    /// An empty vector with room for `count` elements, which are accounted for.
    pub(super) fn vec<T>(&mut self, count: u64) -> Parsed<Vec<T>> {
        self.take(count, size_of::<T>())?;
        let mut elements = Vec::new();
        usize::try_from(count)
            .ok()
            .and_then(|count| elements.try_reserve_exact(count).ok())
            .ok_or_else(Malformed::no_memory)?;
        Ok(elements)
    }
}
