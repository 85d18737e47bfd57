//! The buckets of a chunk of which only some are decompressed: each when its first value is needed.

use super::limits::Memory;
use crate::codec::compression::CompressionType;
use crate::codec::{Decompressor, Part};
use crate::error::{Malformed, Parsed};
use std::ops::Range;

/// Where a chunk's buckets are stored.
#[derive(Clone, Copy)]
pub(super) struct Stored<'a> {
    pub(super) compression_type: CompressionType,
    /// The data of the chunk.
    pub(super) data: &'a [u8],
    pub(super) parts: &'a [Part],
}

/// The buckets of a chunk.
pub(super) struct Buckets<'a> {
    stored: Stored<'a>,
    codec: &'a mut Decompressor,
    memory: &'a mut Memory,
    /// The decompressed buckets, in the order in which they were needed; not used without
    /// compression.
    bytes: &'a mut Vec<u8>,
    /// How many of `bytes` are used.
    used: usize,
    places: Vec<Place>,
}

/// Where a bucket lies.
#[derive(Clone, Copy)]
struct Place {
    /// Where it begins if all buckets lie next to each other.
    begin: usize,
    /// Where it begins in the decompressed bytes; `None` until it is decompressed.
    decompressed: Option<usize>,
}

impl<'a> Buckets<'a> {
    /// The `stored` buckets, none of which is decompressed yet. `memory` limits the memory for them,
    /// which is `bytes`.
    pub(super) fn new(
        stored: Stored<'a>,
        codec: &'a mut Decompressor,
        memory: &'a mut Memory,
        bytes: &'a mut Vec<u8>,
    ) -> Parsed<Self> {
        let mut places = memory.vec(stored.parts.len() as u64)?;
        let mut begin: usize = 0;
        for part in stored.parts {
            places.push(Place {
                begin,
                decompressed: None,
            });
            // Ends of buckets beyond the largest number have no buffers.
            begin = begin.saturating_add(part.size as usize);
        }
        Ok(Self {
            stored,
            codec,
            memory,
            bytes,
            used: 0,
            places,
        })
    }

    /// The bytes to which [`load`](Self::load) moves buffers.
    #[inline(always)]
    pub(super) fn bytes(&self) -> &[u8] {
        match self.stored.compression_type {
            CompressionType::None => self.stored.data,
            _ => self.bytes,
        }
    }

    /// Decompresses the bucket of `buffer`, unless this was done before, and moves `buffer`, a range
    /// of all buckets next to each other, to the same bytes of [`bytes`](Self::bytes).
    pub(super) fn load(&mut self, buffer: &mut Range<usize>) -> Parsed<()> {
        if buffer.start == buffer.end {
            // It may lie at the end of all buckets.
            *buffer = 0..0;
            return Ok(());
        }
        let after = self
            .places
            .partition_point(|place| place.begin <= buffer.start);
        // The first bucket begins at 0.
        let index = after - 1;
        let begin = self.places[index].begin;
        let moved = match self.places[index].decompressed {
            Some(place) => place,
            None => self.decompress(index)?,
        };
        *buffer = buffer.start - begin + moved..buffer.end - begin + moved;
        Ok(())
    }

    /// Decompresses a bucket; returns where it begins.
    fn decompress(&mut self, index: usize) -> Parsed<usize> {
        let part = &self.stored.parts[index];
        let begin = match self.stored.compression_type {
            CompressionType::None => part.stored.start,
            compression_type => {
                self.memory.take(part.size, 1)?;
                let begin = self.used;
                let end = usize::try_from(part.size)
                    .ok()
                    .and_then(|size| begin.checked_add(size))
                    .ok_or_else(Malformed::no_memory)?;
                self.grow(end)?;
                let stored = &self.stored.data[part.stored.clone()];
                self.codec
                    .decompress(compression_type, stored, &mut self.bytes[begin..end])?;
                self.used = end;
                begin
            }
        };
        self.places[index].decompressed = Some(begin);
        Ok(begin)
    }

    /// Makes `bytes` at least `len` long.
    fn grow(&mut self, len: usize) -> Parsed<()> {
        if let Some(more) = len.checked_sub(self.bytes.len()) {
            self.bytes
                .try_reserve(more)
                .map_err(|_| Malformed::no_memory())?;
            self.bytes.resize(len, 0);
        }
        Ok(())
    }
}
