//! Encodes transposed chunks.
//!
//! Records are divided into *symbols*: a field with its parent, and the form in which it occurs
//! (for a varint its length, or its value if that is small). Values go to the buffers of their
//! fields ([`buffers`]). The symbols, from the last to the first, become a state machine
//! ([`layout`]) and the transitions that lead through it. Each byte of a record is visited a fixed
//! number of times, no matter how deeply it is nested.
//!
//! Source: docs/format.md describes the layout. The decisions that it leaves to the encoder follow
//! `riegeli/chunk_encoding/transpose_encoder.cc` in google/riegeli, so that readers meet no unusual
//! chunks.

mod attempt;
mod buffers;
mod dissection;
mod growth;
mod layout;
mod seeded;
mod succession;
mod symbols;
#[cfg(test)]
mod tests;
mod wire;

use super::program::NO_OPERATION;
use crate::chunk_data::simple_chunk::{EncodedChunk, check_ends};
use crate::codec::Compressor;
use crate::codec::compression::{Compression, CompressionType};
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::{ChunkHeader, ChunkType};
use crate::format::hash::Hasher;
use crate::format::varint;
use attempt::{Attempt, NONE, Refused};
use buffers::Buffers;
use dissection::Dissection;
use growth::{out_of_memory, push};
use layout::{Layout, State};
use succession::Succession;

/// The number of records plus bytes, called *units* here, from which on records are not divided, so
/// that all counts and indices fit 32 bits. No single message is as large (2 GiB).
const MAX_UNITS: u64 = 1 << 31;
/// If there are fewer units for each symbol, or for each pair of symbols that follow one another,
/// the machine is larger than the gain: records that vary so much are not divided. This also limits
/// the memory to about 30 bytes per unit.
const UNITS_PER_SYMBOL: u64 = 16;
const UNITS_PER_PAIR: u64 = 8;
/// The number of symbols and pairs that every chunk may have.
const ANY_CHUNK: u64 = 4096;

/// The symbols at which the machine begins and stops, if there are records.
#[derive(Clone, Copy)]
struct Course {
    first: Option<u32>,
    last: Option<u32>,
}

/// Encodes records into transposed chunks; keeps its contexts and memory for the next chunk.
///
/// Records that are protocol buffer messages are divided by field, and so are their groups and
/// submessages, to a depth of 100. Other records, and messages that are not in their shortest form,
/// are stored undivided, and so is a chunk of messages that have almost nothing in common. Every
/// record is decoded byte for byte.
///
/// File metadata are laid out like a chunk of one record, the serialized `RecordsMetadata`: encode
/// that, then set [`ChunkHeader::chunk_type`] to [`ChunkType::Metadata`] and
/// [`ChunkHeader::num_records`] to 0.
pub struct TransposedChunkEncoder {
    compression_type: CompressionType,
    compressor: Option<Compressor>,
    bucket_size: u64,
    /// How many different symbols a chunk may have whatever its size.
    pub(super) any_chunk: u64,
    dissection: Dissection,
    buffers: Buffers,
    succession: Succession,
    layout: Layout,
    /// The steps of all pairs, and the beginning of those of each pair.
    steps: Vec<u8>,
    step_begins: Vec<usize>,
    transitions: Vec<u8>,
    bucket_sizes: Vec<usize>,
    header: Vec<u8>,
    head: Vec<u8>,
    body: Vec<u8>,
}

impl TransposedChunkEncoder {
    /// An encoder with this `compression`.
    ///
    /// Values of the same kind of field are compressed together, in buckets of about `bucket_size`
    /// bytes before compression. With smaller buckets a reader of a few fields can skip more;
    /// larger ones compress better. Without compression `bucket_size` has no effect.
    ///
    /// Fails with [`ErrorKind::OutOfMemory`] if the memory for a compression context cannot be
    /// allocated.
    pub fn new(compression: Compression, bucket_size: u64) -> Result<Self> {
        let bucket_size = match compression {
            Compression::None => u64::MAX,
            _ => bucket_size,
        };
        Ok(Self {
            compression_type: compression.compression_type(),
            compressor: Compressor::new(compression)?,
            bucket_size,
            any_chunk: ANY_CHUNK,
            dissection: Dissection::default(),
            buffers: Buffers::default(),
            succession: Succession::default(),
            layout: Layout::default(),
            steps: Vec::new(),
            step_begins: Vec::new(),
            transitions: Vec::new(),
            bucket_sizes: Vec::new(),
            header: Vec::new(),
            head: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Encodes records that lie one after the other in `records`; `ends` has the end offset of
    /// each.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if the ends descend, if the last one is not the
    /// end of `records`, or if there are 2^32 - 1 records or more; and with
    /// [`ErrorKind::OutOfMemory`] if the memory for the divided records cannot be allocated.
    pub fn encode<'a>(&'a mut self, records: &'a [u8], ends: &[u64]) -> Result<EncodedChunk<'a>> {
        check_ends(records.len() as u64, ends)?;
        if ends.len() >= NONE as usize {
            let detail = format!("{} records are too many for a chunk", ends.len());
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        let course = match self.take_apart(records, ends) {
            Err(Refused::TooVaried) => self.keep_whole(records, ends),
            taken => taken,
        };
        let course = course.map_err(|refused| match refused {
            Refused::Failed(error) => error,
            // Impossible: undivided records all have the same symbol.
            Refused::TooVaried => out_of_memory(),
        })?;
        self.compress_buckets()?;
        self.layout.build(&mut self.succession, course.first)?;
        self.encode_transitions(course)?;
        self.encode_header(course);
        self.finish(records, ends)
    }

    fn take_apart(&mut self, records: &[u8], ends: &[u64]) -> Attempt<Course> {
        let units = (records.len() + ends.len()) as u64;
        if units > MAX_UNITS {
            return Err(Refused::TooVaried);
        }
        self.dissection
            .clear(self.any_chunk + units / UNITS_PER_SYMBOL)?;
        let mut begin = 0;
        for &end in ends {
            self.dissection.add(&records[begin..end as usize])?;
            begin = end as usize;
        }
        let most_pairs = self.any_chunk + units / UNITS_PER_PAIR;
        self.fill_and_count(records, ends, most_pairs)
    }

    fn keep_whole(&mut self, records: &[u8], ends: &[u64]) -> Attempt<Course> {
        self.dissection.clear(ANY_CHUNK)?;
        let mut begin = 0;
        for &end in ends {
            self.dissection.add_whole((end - begin) as usize)?;
            begin = end;
        }
        self.fill_and_count(records, ends, ANY_CHUNK)
    }

    /// Fills the buffers, and counts how often each symbol follows each other one.
    fn fill_and_count(&mut self, records: &[u8], ends: &[u64], most_pairs: u64) -> Attempt<Course> {
        self.buffers
            .fill(&mut self.dissection, records, ends, self.bucket_size)?;
        let num_symbols = self.dissection.symbols.symbols.len();
        let sequence = &mut self.dissection.sequence;
        // The machine runs from the last symbol to the first.
        let course = Course {
            first: sequence.last().copied(),
            last: sequence.first().copied(),
        };
        self.succession.count(sequence, num_symbols, most_pairs)?;
        Ok(course)
    }

    /// Writes the first part of the chunk's body: the buckets.
    fn compress_buckets(&mut self) -> Result<()> {
        self.body.clear();
        self.bucket_sizes.clear();
        let values = self.buffers.values();
        let mut begin = 0;
        for &end in &self.buffers.bucket_ends {
            let before = self.body.len();
            add_part(&mut self.compressor, &values[begin..end], &mut self.body)?;
            push(&mut self.bucket_sizes, self.body.len() - before)?;
            begin = end;
        }
        Ok(())
    }

    /// Writes the last part of the chunk's body: the transitions from symbol to symbol.
    fn encode_transitions(&mut self, course: Course) -> Result<()> {
        self.steps.clear();
        self.step_begins.clear();
        push(&mut self.step_begins, 0)?;
        for pair in &self.succession.pairs {
            if !is_implicit(&self.succession, pair.from, course.last) {
                self.layout.steps(pair, &mut self.steps)?;
            }
            push(&mut self.step_begins, self.steps.len())?;
        }
        self.transitions.clear();
        let pairs = self.dissection.sequence.iter().skip(1).rev();
        for &pair in pairs {
            let pair = pair as usize;
            for &step in &self.steps[self.step_begins[pair]..self.step_begins[pair + 1]] {
                // The lower two bits of a transition state how many steps of 0 follow it.
                match self.transitions.last_mut() {
                    Some(before) if step == 0 && *before & 3 < 3 => *before += 1,
                    _ => push(&mut self.transitions, step << 2)?,
                }
            }
        }
        add_part(&mut self.compressor, &self.transitions, &mut self.body)
    }

    /// Describes buckets, buffers and the machine.
    fn encode_header(&mut self, course: Course) {
        let header = &mut self.header;
        header.clear();
        varint::write(self.bucket_sizes.len() as u64, header);
        varint::write(self.buffers.sizes.len() as u64, header);
        for &size in self.bucket_sizes.iter().chain(&self.buffers.sizes) {
            varint::write(size as u64, header);
        }
        let symbols = &self.dissection.symbols;
        let states = &self.layout.states;
        let symbol_of = |state: &State| symbols.symbols.get(state.symbol as usize);
        let node_of = |node: u32| &symbols.nodes[node as usize];
        varint::write(states.len() as u64, header);
        for state in states {
            let tag = symbol_of(state).map_or(NO_OPERATION, |symbol| {
                symbol.state_tag(node_of(symbol.node).tag)
            });
            varint::write(tag.into(), header);
        }
        for state in states {
            let successor = successor(&self.layout, &self.succession, state, course.last);
            varint::write(successor, header);
        }
        let subtypes = states.iter().filter_map(symbol_of);
        header.extend(subtypes.filter_map(|symbol| symbol.subtype()));
        for symbol in states.iter().filter_map(symbol_of) {
            if symbol.reads_buffer() {
                varint::write(node_of(symbol.node).buffer.into(), header);
            }
        }
        let first = course
            .first
            .and_then(|first| states.iter().position(|state| state.symbol == first));
        varint::write(first.unwrap_or(0) as u64, header);
    }

    /// Assembles the chunk.
    fn finish<'a>(&'a mut self, records: &[u8], ends: &[u64]) -> Result<EncodedChunk<'a>> {
        // The body contains the transitions already, so their memory can be reused.
        let header = &mut self.transitions;
        header.clear();
        add_part(&mut self.compressor, &self.header, header)?;
        self.head.clear();
        self.head.push(self.compression_type.to_byte());
        varint::write(header.len() as u64, &mut self.head);
        self.head.extend_from_slice(header);
        let data = self.data();
        let mut hasher = Hasher::new();
        data.iter().for_each(|piece| hasher.update(piece));
        let header = ChunkHeader {
            data_size: data.iter().map(|piece| piece.len() as u64).sum(),
            data_hash: hasher.finish(),
            chunk_type: ChunkType::Transposed,
            num_records: ends.len() as u64,
            decoded_data_size: records.len() as u64,
        };
        Ok(EncodedChunk { header, data })
    }

    /// The data of the last encoded chunk.
    pub(crate) fn data(&self) -> [&[u8]; 2] {
        [&self.head, &self.body]
    }
}

/// How the header states the successors of `state` in a machine that stops at the symbol `last`.
fn successor(layout: &Layout, succession: &Succession, state: &State, last: Option<u32>) -> u64 {
    let Some(exit) = layout.exits.get(state.symbol as usize) else {
        return state.next.into();
    };
    match exit.next {
        NONE => 0,
        next if is_implicit(succession, state.symbol, last) => {
            u64::from(next) + layout.states.len() as u64
        }
        next => next.into(),
    }
}

/// Whether a symbol is always followed by the same one, so that no transition is needed. The
/// machine stops at a missing transition, so one must be needed after the symbol `last`.
fn is_implicit(succession: &Succession, symbol: u32, last: Option<u32>) -> bool {
    succession.successors[symbol as usize].count == 1 && Some(symbol) != last
}

/// Appends a part of a chunk to `out`, compressed if there is a compressor.
fn add_part(compressor: &mut Option<Compressor>, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    match compressor {
        Some(compressor) => compressor.compress_part(bytes, out),
        None => {
            out.try_reserve(bytes.len()).map_err(|_| out_of_memory())?;
            out.extend_from_slice(bytes);
            Ok(())
        }
    }
}
