//! Transposed chunks: records that are protocol buffer messages, divided so that the values of a
//! field lie together, and a state machine that reassembles the messages. File metadata are laid
//! out like a chunk of one record.
//!
//! docs/format.md describes the layout. Source: TRANSPOSE.md of the `riegeli` crate, and
//! `riegeli/chunk_encoding` of google/riegeli.
//!
//! [`TransposedChunkEncoder`] encodes such chunks.
//!
//! A chunk is decoded in two steps. [`Decoder::parse`] reads the description of the chunk and
//! rejects contradictions, and costs that the chunk header does not justify. [`Decoder::decode`]
//! then decompresses the buckets and runs the machine. [`Decoder::project`] does so for some fields:
//! it decompresses only the buckets that have values of these fields.

mod buckets;
mod encoder;
mod fields;
mod limits;
mod machine;
mod malformed;
mod program;
mod projected_records;
mod projector;
#[cfg(test)]
mod tests;

use crate::chunk_data::field_projection::FieldProjection;
use crate::codec::compression::CompressionType;
use crate::codec::{self, Decompressor, Part};
use crate::error::Parsed;
use crate::format::varint;
use buckets::{Buckets, Stored};
use fields::Fields;
use limits::{Limits, Memory};
use machine::{Machine, Submessage};
use malformed::wrong;
use program::Program;
use projected_records::{Records, Sizes};
use projector::{Outcome, Projector};
use std::ops::Range;

pub use encoder::TransposedChunkEncoder;

/// A chunk whose description was checked, so that it can be decoded.
#[derive(Debug)]
pub(crate) struct TransposedChunk {
    compression_type: CompressionType,
    /// The values of all fields, one bucket after the other in the chunk's data.
    buckets: Vec<Part>,
    /// The rest of each buffer, as a range of all decompressed buckets.
    buffers: Vec<Range<usize>>,
    transitions: Part,
    program: Program,
    records: u64,
    bytes: u64,
    /// The memory that is left to decode it, before its buckets are decompressed.
    memory: Memory,
}

/// Decodes chunks; keeps its contexts and memory for the next chunk.
#[derive(Default)]
pub(crate) struct Decoder {
    codec: Decompressor,
    header: Vec<u8>,
    buckets: Vec<u8>,
    transitions: Vec<u8>,
    open: Vec<Submessage>,
    projected: Records,
    #[cfg(test)]
    visits: u64,
}

impl Decoder {
    /// Reads the description of a chunk of `records` records, of `bytes` bytes in total, as its
    /// header states; `data` are its data.
    ///
    /// Decoding takes at most `memory_limit` bytes of memory in addition to the data and the
    /// records.
    pub(crate) fn parse(
        &mut self,
        records: u64,
        bytes: u64,
        data: &[u8],
        memory_limit: u64,
    ) -> Parsed<TransposedChunk> {
        let mut chunk = self.parse_to_project(records, bytes, data, memory_limit)?;
        if chunk.compression_type != CompressionType::None {
            chunk.memory.take(total_size(&chunk.buckets), 1)?;
        }
        Ok(chunk)
    }

    /// Reads the description of a chunk as [`parse`](Self::parse) does, for
    /// [`project`](Self::project): the buckets do not count for the limit on memory yet.
    pub(crate) fn parse_to_project(
        &mut self,
        records: u64,
        bytes: u64,
        data: &[u8],
        memory_limit: u64,
    ) -> Parsed<TransposedChunk> {
        let limits = Limits::new(records, bytes);
        let mut memory = Memory::new(memory_limit);
        let (compression_type, header) = find_header(data)?;
        let header_end = header.end;
        let header = Part::find(compression_type, data, header)?;
        limits.header_bytes(header.size)?;
        memory.take(header.size, 1)?;
        let mut fields = Fields::new(self.decompress_header(compression_type, data, &header)?);

        let num_buckets = fields.index("the number of buckets")?;
        limits.buckets(num_buckets.into())?;
        let num_buffers = fields.index("the number of buffers")?;
        limits.buffers(num_buffers.into())?;
        let mut buckets = memory.vec(num_buckets.into())?;
        let rest = read_buckets(
            &mut fields,
            compression_type,
            data,
            header_end,
            &mut buckets,
            num_buckets,
        )?;
        let bucket_bytes = total_size(&buckets);
        limits.bucket_bytes(bucket_bytes)?;
        let mut buffers = memory.vec(num_buffers.into())?;
        read_buffers(&mut fields, &buckets, &mut buffers, num_buffers)?;
        let program = Program::read(&mut fields, num_buffers, limits, &mut memory)?;

        let transitions = Part::find(compression_type, data, rest)?;
        limits.transition_bytes(transitions.size)?;
        transitions.check(compression_type, data)?;
        if compression_type != CompressionType::None {
            memory.take(transitions.size, 1)?;
        }
        limits.reachable(program.states.len() as u64, transitions.size, bucket_bytes)?;
        Ok(TransposedChunk {
            compression_type,
            buckets,
            buffers,
            transitions,
            program,
            records,
            bytes,
            memory,
        })
    }

    fn decompress_header(
        &mut self,
        compression_type: CompressionType,
        data: &[u8],
        header: &Part,
    ) -> Parsed<&[u8]> {
        header.check(compression_type, data)?;
        let out = codec::provide(&mut self.header, header.size)?;
        self.codec
            .decompress(compression_type, &data[header.stored.clone()], out)?;
        Ok(out)
    }

    /// Writes the records of `chunk`, parsed from `data`, to `values`, which must have their size,
    /// and the end offset of each to `ends`, which must have one element for each.
    pub(crate) fn decode(
        &mut self,
        mut chunk: TransposedChunk,
        data: &[u8],
        ends: &mut [u64],
        values: &mut [u8],
    ) -> Parsed<()> {
        let compression_type = chunk.compression_type;
        let (buckets, transitions) = if compression_type == CompressionType::None {
            let begin = chunk
                .buckets
                .first()
                .map_or(0, |bucket| bucket.stored.start);
            let buckets = &data[begin..begin + total_size(&chunk.buckets) as usize];
            (buckets, &data[chunk.transitions.stored.clone()])
        } else {
            let buckets = codec::provide(&mut self.buckets, total_size(&chunk.buckets))?;
            let mut rest = &mut *buckets;
            for bucket in &chunk.buckets {
                let (place, after) = rest.split_at_mut(bucket.size as usize);
                let stored = &data[bucket.stored.clone()];
                self.codec.decompress(compression_type, stored, place)?;
                rest = after;
            }
            let transitions =
                decompress_transitions(&mut self.codec, &chunk, data, &mut self.transitions)?;
            (&*buckets, transitions)
        };
        let mut machine = Machine::new(
            &chunk.program,
            buckets,
            &mut chunk.buffers,
            ends,
            values,
            &mut self.open,
        );
        let done = machine.run(transitions);
        #[cfg(test)]
        {
            self.visits = machine.visits;
        }
        done
    }

    /// Decodes the fields of `projection`, which does not include complete records, of the records of
    /// `chunk`, which [`parse_to_project`](Self::parse_to_project) has read from `data`. [`projected_ends`](Self::projected_ends) and
    /// [`projected_values`](Self::projected_values) then return the records.
    ///
    /// Fails if these records have more than `most` bytes, or if the fields that are left out cost
    /// more time than a chunk of that size.
    pub(crate) fn project(
        &mut self,
        mut chunk: TransposedChunk,
        data: &[u8],
        projection: &FieldProjection,
        most: u64,
    ) -> Parsed<()> {
        let transitions =
            decompress_transitions(&mut self.codec, &chunk, data, &mut self.transitions)?;
        let stored = Stored {
            compression_type: chunk.compression_type,
            data,
            parts: &chunk.buckets,
        };
        let sizes = Sizes {
            records: chunk.records,
            bytes: chunk.bytes,
            most,
        };
        for exact in [false, true] {
            let states = chunk.program.states.len();
            let (met, buffers) = projector::memory(states, &chunk.buffers, &mut chunk.memory)?;
            let buckets = Buckets::new(
                stored,
                &mut self.codec,
                &mut chunk.memory,
                &mut self.buckets,
            )?;
            let mut projector = Projector::new(
                &chunk.program,
                projection,
                buckets,
                buffers,
                met,
                &mut self.projected,
                sizes,
            )?;
            if exact {
                projector = projector.exactly()?;
            }
            let outcome = projector.run(transitions);
            #[cfg(test)]
            {
                self.visits = projector.steps;
            }
            if outcome? == Outcome::Done {
                break;
            }
        }
        Ok(())
    }

    /// The end offset of each record that [`project`](Self::project) has decoded.
    pub(crate) fn projected_ends(&self) -> &[u64] {
        self.projected.ends()
    }

    /// The bytes of these records.
    pub(crate) fn projected_values(&self) -> &[u8] {
        self.projected.values()
    }
}

/// The transitions of `chunk`, parsed from `data`, decompressed to `memory` if necessary.
fn decompress_transitions<'a>(
    codec: &mut Decompressor,
    chunk: &TransposedChunk,
    data: &'a [u8],
    memory: &'a mut Vec<u8>,
) -> Parsed<&'a [u8]> {
    let stored = &data[chunk.transitions.stored.clone()];
    if chunk.compression_type == CompressionType::None {
        return Ok(stored);
    }
    let out = codec::provide(memory, chunk.transitions.size)?;
    codec.decompress(chunk.compression_type, stored, out)?;
    Ok(out)
}

/// Reads the compression type and finds the header.
fn find_header(data: &[u8]) -> Parsed<(CompressionType, Range<usize>)> {
    let Some(&compression_type) = data.first() else {
        return Err(wrong("the chunk has no data, not even a compression type"));
    };
    let compression_type = CompressionType::from_byte(compression_type);
    if let CompressionType::Unknown(_) = compression_type {
        return Err(codec::unsupported(compression_type));
    }
    let (size, len) =
        varint::read(&data[1..]).ok_or_else(|| wrong("the size of the header is not a varint"))?;
    let header = stretch(data, 1 + len, size).ok_or_else(|| {
        wrong(format!(
            "the header is stated to take {size} bytes, but {} bytes of data follow",
            data.len() - 1 - len
        ))
    })?;
    Ok((compression_type, header))
}

/// The range of `size` bytes from `begin` on, if `data` has them.
fn stretch(data: &[u8], begin: usize, size: u64) -> Option<Range<usize>> {
    let end = begin.checked_add(usize::try_from(size).ok()?)?;
    (end <= data.len()).then_some(begin..end)
}

/// Reads the positions of the buckets, the first of which begins at `begin`; returns the range
/// after the last one.
fn read_buckets(
    fields: &mut Fields<'_>,
    compression_type: CompressionType,
    data: &[u8],
    begin: usize,
    buckets: &mut Vec<Part>,
    count: u32,
) -> Parsed<Range<usize>> {
    let mut at = begin;
    for index in 0..count {
        let size = fields.varint("the size of a bucket")?;
        let range = stretch(data, at, size).ok_or_else(|| {
            wrong(format!(
                "bucket {index} is stated to take {size} bytes, but {} bytes of data follow",
                data.len() - at
            ))
        })?;
        at = range.end;
        let bucket = Part::find(compression_type, data, range)?;
        bucket.check(compression_type, data)?;
        buckets.push(bucket);
    }
    Ok(at..data.len())
}

fn total_size(buckets: &[Part]) -> u64 {
    let sizes = buckets.iter().map(|bucket| bucket.size);
    sizes.fold(0, u64::saturating_add)
}

/// Reads the positions of the buffers in the buckets: they adjoin, none lies in two buckets, and
/// they leave no bytes over.
fn read_buffers(
    fields: &mut Fields<'_>,
    buckets: &[Part],
    buffers: &mut Vec<Range<usize>>,
    count: u32,
) -> Parsed<()> {
    let mut begin = 0;
    let mut bucket_end = 0;
    let mut bucket_ends = buckets.iter().scan(0, |end, bucket| {
        *end = bucket.size.saturating_add(*end);
        Some(*end)
    });
    for index in 0..count {
        let size = fields.varint("the size of a buffer")?;
        while begin == bucket_end
            && let Some(end) = bucket_ends.next()
        {
            bucket_end = end;
        }
        let left = bucket_end - begin;
        if size > left {
            return Err(wrong(format!(
                "buffer {index} is stated to have {size} bytes where its bucket has {left} left"
            )));
        }
        // At most the size of all buckets, for which there is memory.
        buffers.push(begin as usize..(begin + size) as usize);
        begin += size;
    }
    match total_size(buckets) - begin {
        0 => Ok(()),
        left => Err(wrong(format!(
            "{left} bytes of buckets belong to no buffer"
        ))),
    }
}
