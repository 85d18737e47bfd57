//! Writes the values of each field to a buffer, and divides buffers into buckets.

use super::dissection::Dissection;
use super::growth::{out_of_memory, push};
use super::symbols::{Kind, Node, Symbols, WHOLE_NODE};
use super::wire;
use crate::error::Result;
use crate::format::varint;
use std::ops::Range;

/// Short values are copied in words of this many bytes if there is room.
const WORD: usize = size_of::<u128>();
/// All but the top bit of each byte.
const GROUPS: u128 = u128::from_ne_bytes([0x7f; WORD]);

/// Fields whose buffers may share a bucket; they lie in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Varint,
    Fixed32,
    Fixed64,
    Delimited,
    Whole,
}

/// The buffer of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Buffer {
    family: Family,
    size: usize,
    node: u32,
}

/// The buffers of a chunk.
#[derive(Default)]
pub(super) struct Buffers {
    /// In the order of the chunk: similar ones together, the smallest first.
    buffers: Vec<Buffer>,
    /// The sizes of all buffers. The last one is the buffer with the lengths of records.
    pub(super) sizes: Vec<usize>,
    /// The ends of the buckets in `values`.
    pub(super) bucket_ends: Vec<usize>,
    /// All buffers, one after the other.
    values: Vec<u8>,
    /// Ends of submessages whose beginning was not reached yet.
    open: Vec<usize>,
}

impl Buffers {
    /// Fills the buffers with the values in `records`, which `dissection` describes, and divides
    /// them into buckets of about `bucket_size` bytes.
    pub(super) fn fill(
        &mut self,
        dissection: &mut Dissection,
        records: &[u8],
        ends: &[u64],
        bucket_size: u64,
    ) -> Result<()> {
        self.arrange(&mut dissection.symbols)?;
        self.divide(bucket_size)?;
        let lengths = self.place(&mut dissection.symbols, dissection.lengths_size)?;
        self.copy(dissection, records, ends, lengths)
    }

    /// The values of all buckets.
    pub(super) fn values(&self) -> &[u8] {
        &self.values[..self.bucket_ends.last().copied().unwrap_or(0)]
    }

    /// Lists the buffers in their order.
    fn arrange(&mut self, symbols: &mut Symbols) -> Result<()> {
        self.buffers.clear();
        for (index, node) in symbols.nodes.iter().enumerate() {
            if node.size > 0 {
                let buffer = Buffer {
                    family: family(index as u32, node),
                    size: node.size,
                    node: index as u32,
                };
                push(&mut self.buffers, buffer)?;
            }
        }
        self.buffers.sort_unstable();
        Ok(())
    }

    /// Decides where buckets end, as Google's encoder does: each family on its own, and in it from
    /// the largest buffer on, so that the small ones remain for the last bucket.
    fn divide(&mut self, bucket_size: u64) -> Result<()> {
        self.bucket_ends.clear();
        let mut family_begin = 0;
        for family in self.buffers.chunk_by(|one, next| one.family == next.family) {
            let family_end = family_begin + total(family);
            let first = self.bucket_ends.len();
            let (mut begin, mut end) = (family_end, family_end);
            for buffer in family.iter().rev() {
                if begin < end && (end - begin + buffer.size / 2) as u64 >= bucket_size {
                    push(&mut self.bucket_ends, end)?;
                    end = begin;
                }
                begin -= buffer.size;
                if (begin - family_begin) as u64 <= bucket_size / 2 {
                    break;
                }
            }
            push(&mut self.bucket_ends, end)?;
            self.bucket_ends[first..].reverse();
            family_begin = family_end;
        }
        Ok(())
    }

    /// Assigns each node its range, and reserves memory in `values` for all; returns the range for
    /// the lengths of records that are not messages.
    fn place(&mut self, symbols: &mut Symbols, lengths_size: usize) -> Result<Range<usize>> {
        self.sizes.clear();
        let mut end = 0;
        for (index, buffer) in self.buffers.iter().enumerate() {
            let node = &mut symbols.nodes[buffer.node as usize];
            node.buffer = index as u32;
            node.free = end;
            end += buffer.size;
            node.end = end;
            push(&mut self.sizes, buffer.size)?;
        }
        let lengths = end..end + lengths_size;
        if !lengths.is_empty() {
            push(&mut self.sizes, lengths_size)?;
            push(&mut self.bucket_ends, lengths.end)?;
        }
        if self.values.len() < lengths.end {
            let more = lengths.end - self.values.len();
            self.values.try_reserve(more).map_err(|_| out_of_memory())?;
            self.values.resize(lengths.end, 0);
        }
        Ok(lengths)
    }

    /// Copies the values, from the end of the records to the beginning.
    fn copy(
        &mut self,
        dissection: &mut Dissection,
        records: &[u8],
        ends: &[u64],
        mut lengths: Range<usize>,
    ) -> Result<()> {
        let Dissection {
            symbols,
            sequence,
            delimited,
            ..
        } = dissection;
        let mut delimited = delimited.iter().rev();
        let mut record = ends.len();
        let mut at = records.len();
        self.open.clear();
        for &symbol in sequence.iter().rev() {
            let symbol = symbols.symbols[symbol as usize];
            let node = &mut symbols.nodes[symbol.node as usize];
            at -= match symbol.kind {
                Kind::Varint(len) => self.put_word(node, records, at, len.into(), GROUPS),
                Kind::Fixed(len) => self.put_word(node, records, at, len.into(), u128::MAX),
                Kind::Inline(_) => 1,
                Kind::Group => 0,
                Kind::Delimited => {
                    let size = delimited.next().map_or(0, |&size| size as usize);
                    self.put(node, &records[at - size..at])
                }
                Kind::Begin => {
                    let end = self.open.pop().unwrap_or(at);
                    varint::len((end - at) as u64)
                }
                Kind::End => {
                    push(&mut self.open, at)?;
                    continue;
                }
                Kind::Record => {
                    record -= 1;
                    continue;
                }
                Kind::Whole => {
                    record -= 1;
                    let begin = record
                        .checked_sub(1)
                        .map_or(0, |before| ends[before] as usize);
                    let size = self.put(node, &records[begin..at]);
                    at = begin;
                    self.put_length(&mut lengths, size as u64);
                    continue;
                }
            };
            at -= usize::from(symbol.tag_len);
        }
        Ok(())
    }

    /// Copies the `len` bytes of `records` that end at `at`, only the bits in `mask` of each;
    /// returns `len`, which is at most ten.
    #[inline(always)]
    fn put_word(
        &mut self,
        node: &mut Node,
        records: &[u8],
        at: usize,
        len: usize,
        mask: u128,
    ) -> usize {
        let (from, to) = (at - len, node.free);
        node.free += len;
        if to + WORD <= node.end
            && let Some(source) = records[from..].first_chunk::<WORD>()
            && let Some(place) = self.values[to..].first_chunk_mut::<WORD>()
        {
            // The bytes that this writes after the value are overwritten later.
            *place = (u128::from_ne_bytes(*source) & mask).to_ne_bytes();
            return len;
        }
        let place = &mut self.values[to..to + len];
        for (place, byte) in place.iter_mut().zip(&records[from..at]) {
            *place = byte & mask as u8;
        }
        len
    }

    /// Copies `bytes`; returns their number.
    fn put(&mut self, node: &mut Node, bytes: &[u8]) -> usize {
        let begin = node.free;
        node.free += bytes.len();
        self.values[begin..node.free].copy_from_slice(bytes);
        bytes.len()
    }

    /// Writes the length of a record to the beginning of `place`, the range left for lengths.
    fn put_length(&mut self, place: &mut Range<usize>, length: u64) {
        let mut left = length;
        for byte in &mut self.values[place.clone()] {
            *byte = left as u8 & 0x7f;
            left >>= 7;
            place.start += 1;
            if left == 0 {
                break;
            }
            *byte |= 0x80;
        }
    }
}

fn family(index: u32, node: &Node) -> Family {
    match node.tag & 7 {
        _ if index == WHOLE_NODE => Family::Whole,
        wire::VARINT => Family::Varint,
        wire::FIXED32 => Family::Fixed32,
        wire::FIXED64 => Family::Fixed64,
        _ => Family::Delimited,
    }
}

fn total(buffers: &[Buffer]) -> usize {
    buffers.iter().map(|buffer| buffer.size).sum()
}
