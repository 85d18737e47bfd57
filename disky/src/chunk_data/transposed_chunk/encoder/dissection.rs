//! Divides records into symbols.

use super::attempt::Attempt;
use super::growth::push;
use super::symbols::{Kind, MAX_INLINE_VALUE, RECORD, RECORD_NODE, Symbols, WHOLE, WHOLE_NODE};
use super::wire;
use crate::format::varint;

/// The depth, groups included, from which on submessages are not divided; the same as in Google's
/// encoder.
pub(super) const MAX_DEPTH: usize = 100;

/// A submessage or group that has begun.
enum Open {
    Submessage {
        /// The parent of the field, and where the parent ends.
        parent: u32,
        parent_end: usize,
        /// The symbol that ends it.
        end: u32,
    },
    Group {
        parent: u32,
    },
}

/// The divided records of a chunk.
#[derive(Default)]
pub(super) struct Dissection {
    pub(super) symbols: Symbols,
    /// The symbols in the order of the records' bytes.
    pub(super) sequence: Vec<u32>,
    /// The size of each [`Kind::Delimited`] value, its length included.
    pub(super) delimited: Vec<u32>,
    /// The number of bytes for the lengths of records that are not messages.
    pub(super) lengths_size: usize,
    groups: Vec<u32>,
    open: Vec<Open>,
}

impl Dissection {
    /// Forgets all records. The next records may have `most` different
    /// symbols.
    pub(super) fn clear(&mut self, most: u64) -> Attempt<()> {
        self.sequence.clear();
        self.delimited.clear();
        self.lengths_size = 0;
        self.symbols.clear(most)
    }

    /// Adds a record of less than 2 GiB: its fields if it is a message.
    pub(super) fn add(&mut self, record: &[u8]) -> Attempt<()> {
        if !wire::is_message(record, &mut self.groups)? {
            return self.add_whole(record.len());
        }
        push(&mut self.sequence, RECORD)?;
        self.add_message(record)
    }

    /// Adds a record of `size` bytes undivided.
    pub(super) fn add_whole(&mut self, size: usize) -> Attempt<()> {
        self.symbols.grow(WHOLE_NODE, size);
        self.lengths_size += varint::len(size as u64);
        Ok(push(&mut self.sequence, WHOLE)?)
    }

    /// Adds the fields of a record that is a message, and those of its submessages.
    fn add_message(&mut self, record: &[u8]) -> Attempt<()> {
        let (mut parent, mut before) = (RECORD_NODE, RECORD_NODE);
        let (mut at, mut end) = (0, record.len());
        self.open.clear();
        loop {
            while at < end {
                let (tag, tag_len) = wire::known_varint(&record[at..]);
                at += tag_len;
                let node = self.symbols.node(before, parent, tag)?;
                before = node;
                match tag & 7 {
                    wire::VARINT => at += self.add_varint(node, &record[at..])?,
                    wire::FIXED64 => at += self.add_fixed(node, 8)?,
                    wire::FIXED32 => at += self.add_fixed(node, 4)?,
                    wire::LENGTH_DELIMITED => {
                        let (length, len) = wire::known_varint(&record[at..]);
                        let value = at + len..at + len + length as usize;
                        if !self.is_submessage(&record[value.clone()])? {
                            at += self.add_delimited(node, len + value.len())?;
                            continue;
                        }
                        self.begin_submessage(node, parent, end)?;
                        (parent, at, end) = (node, value.start, value.end);
                    }
                    wire::START_GROUP => {
                        self.add_symbol(node, Kind::Group)?;
                        push(&mut self.open, Open::Group { parent })?;
                        parent = node;
                    }
                    // The only remaining case is the end of a group, which has begun.
                    _ => {
                        self.add_symbol(node, Kind::Group)?;
                        if let Some(Open::Group { parent: outer }) = self.open.pop() {
                            parent = outer;
                        }
                    }
                }
            }
            let Some(Open::Submessage {
                parent: outer,
                parent_end,
                end: symbol,
            }) = self.open.pop()
            else {
                return Ok(());
            };
            push(&mut self.sequence, symbol)?;
            (parent, end) = (outer, parent_end);
        }
    }

    fn add_symbol(&mut self, node: u32, kind: Kind) -> Attempt<()> {
        let symbol = self.symbols.symbol(node, kind)?;
        Ok(push(&mut self.sequence, symbol)?)
    }

    /// Adds the varint at the start of `bytes`; returns its length.
    #[inline(always)]
    fn add_varint(&mut self, node: u32, bytes: &[u8]) -> Attempt<usize> {
        let value = bytes[0];
        if value <= MAX_INLINE_VALUE {
            self.add_symbol(node, Kind::Inline(value))?;
            return Ok(1);
        }
        let len = wire::known_varint_len(bytes);
        self.symbols.grow(node, len);
        self.add_symbol(node, Kind::Varint(len as u8))?;
        Ok(len)
    }

    #[inline(always)]
    fn add_fixed(&mut self, node: u32, size: u8) -> Attempt<usize> {
        self.symbols.grow(node, size.into());
        self.add_symbol(node, Kind::Fixed(size))?;
        Ok(size.into())
    }

    #[inline(always)]
    fn add_delimited(&mut self, node: u32, size: usize) -> Attempt<usize> {
        self.symbols.grow(node, size);
        push(&mut self.delimited, size as u32)?;
        self.add_symbol(node, Kind::Delimited)?;
        Ok(size)
    }

    /// Whether `value` is divided as a submessage. An empty value is not: it would take two symbols
    /// instead of one.
    fn is_submessage(&mut self, value: &[u8]) -> Attempt<bool> {
        if value.is_empty() || self.open.len() >= MAX_DEPTH {
            return Ok(false);
        }
        Ok(wire::is_message(value, &mut self.groups)?)
    }

    /// Begins a submessage, the field `node` of `parent`, which ends at `parent_end`.
    fn begin_submessage(&mut self, node: u32, parent: u32, parent_end: usize) -> Attempt<()> {
        self.add_symbol(node, Kind::Begin)?;
        let open = Open::Submessage {
            parent,
            parent_end,
            end: self.symbols.symbol(node, Kind::End)?,
        };
        Ok(push(&mut self.open, open)?)
    }
}
