//! The different fields and symbols in the records of a chunk.

use super::attempt::{Attempt, NONE, Refused};
use super::growth::{out_of_memory, push};
use super::seeded::Seeded;
use super::wire;
use crate::chunk_data::transposed_chunk::program::{
    FROM_LENGTH_DELIMITED, INLINE, NON_PROTO, START_OF_MESSAGE, START_OF_SUBMESSAGE,
};
use crate::format::varint;
use std::collections::HashMap;

/// Varints up to this value are part of the symbol: more symbols per field would cost more than the
/// byte that they save. Google's encoder uses the same limit.
pub(super) const MAX_INLINE_VALUE: u8 = 3;

/// The first slot of a varint field with an inline value; the slots before it are by length.
const INLINE_SLOT: u32 = varint::MAX_LEN as u32;
const VARINT_SLOTS: u32 = INLINE_SLOT + MAX_INLINE_VALUE as u32 + 1;
const DELIMITED_SLOTS: u32 = 3;

/// The node for a record: the parent of its fields.
pub(super) const RECORD_NODE: u32 = 0;
/// The node for all records that are not messages.
pub(super) const WHOLE_NODE: u32 = 1;
/// The symbols that every chunk has, even if they do not occur.
pub(super) const RECORD: u32 = 0;
pub(super) const WHOLE: u32 = 1;

/// A field: all occurrences of a tag in the same parent. Its values share a buffer.
#[derive(Debug)]
pub(super) struct Node {
    parent: u32,
    pub(super) tag: u32,
    /// The first of its slots, which contain its symbols.
    slots: u32,
    /// The node that came after this one last time, which is the most likely one to come next.
    next: u32,
    /// Size of its values in bytes.
    pub(super) size: usize,
    /// The buffer of its values.
    pub(super) buffer: u32,
    /// The position of the next value, and the end of the buffer.
    pub(super) free: usize,
    pub(super) end: usize,
}

/// The kind of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The beginning of a record that is a message.
    Record,
    /// A record that is not a message.
    Whole,
    /// The beginning of a submessage: its tag and its length.
    Begin,
    /// The end of a submessage, which takes no bytes.
    End,
    /// A length-delimited field that is not a submessage.
    Delimited,
    /// A varint of this number of bytes.
    Varint(u8),
    /// A varint of this value, less than 128.
    Inline(u8),
    /// A value of this number of bytes.
    Fixed(u8),
    /// The beginning or the end of a group.
    Group,
}

/// A node and the form in which it occurs: the output of one state of the machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbol {
    pub(super) kind: Kind,
    pub(super) tag_len: u8,
    pub(super) node: u32,
}

impl Symbol {
    /// The tag of its states, if the tag of the node is `tag`.
    pub(super) fn state_tag(self, tag: u32) -> u32 {
        match self.kind {
            Kind::Record => START_OF_MESSAGE,
            Kind::Whole => NON_PROTO,
            Kind::Begin => START_OF_SUBMESSAGE,
            Kind::End => tag + FROM_LENGTH_DELIMITED,
            _ => tag,
        }
    }

    /// The subtype of its states.
    pub(super) fn subtype(self) -> Option<u8> {
        match self.kind {
            Kind::Varint(len) => Some(len - 1),
            Kind::Inline(value) => Some(INLINE + value),
            _ => None,
        }
    }

    /// Whether its states read a buffer.
    pub(super) fn reads_buffer(self) -> bool {
        matches!(
            self.kind,
            Kind::Whole | Kind::Delimited | Kind::Varint(_) | Kind::Fixed(_)
        )
    }
}

/// All nodes and symbols of a chunk.
#[derive(Default)]
pub(super) struct Symbols {
    pub(super) nodes: Vec<Node>,
    pub(super) symbols: Vec<Symbol>,
    /// The symbols of each node, one slot for each form it can have, or [`NONE`].
    slots: Vec<u32>,
    /// Nodes by parent and tag.
    index: HashMap<u64, u32, Seeded>,
    /// The maximum number of symbols. Each node has at least one.
    most: u64,
}

impl Symbols {
    /// Forgets all nodes and symbols except those of every chunk. There may be `most` symbols, at
    /// least those of every chunk.
    pub(super) fn clear(&mut self, most: u64) -> Attempt<()> {
        self.most = most;
        self.nodes.clear();
        self.symbols.clear();
        self.slots.clear();
        self.index.clear();
        for kind in [Kind::Record, Kind::Whole] {
            let node = self.add_node(NONE, 0, 0)?;
            self.add_symbol(node, kind)?;
        }
        Ok(())
    }

    /// The node of the field with `tag` in `parent`, which comes after `before`.
    #[inline(always)]
    pub(super) fn node(&mut self, before: u32, parent: u32, tag: u32) -> Attempt<u32> {
        let likely = self.nodes[before as usize].next;
        if let Some(node) = self.nodes.get(likely as usize)
            && node.parent == parent
            && node.tag == tag
        {
            return Ok(likely);
        }
        let node = self.find_node(parent, tag)?;
        self.nodes[before as usize].next = node;
        Ok(node)
    }

    fn find_node(&mut self, parent: u32, tag: u32) -> Attempt<u32> {
        let key = u64::from(parent) << 32 | u64::from(tag);
        if let Some(&node) = self.index.get(&key) {
            return Ok(node);
        }
        let slots = match tag & 7 {
            wire::VARINT => VARINT_SLOTS,
            wire::LENGTH_DELIMITED => DELIMITED_SLOTS,
            _ => 1,
        };
        let node = self.add_node(parent, tag, slots)?;
        let reserved = self.index.try_reserve(1);
        reserved.map_err(|_| out_of_memory())?;
        self.index.insert(key, node);
        Ok(node)
    }

    fn add_node(&mut self, parent: u32, tag: u32, slots: u32) -> Attempt<u32> {
        let first = self.slots.len() as u32;
        for _ in 0..slots {
            push(&mut self.slots, NONE)?;
        }
        let node = Node {
            parent,
            tag,
            slots: first,
            next: NONE,
            size: 0,
            buffer: 0,
            free: 0,
            end: 0,
        };
        push(&mut self.nodes, node)?;
        Ok(self.nodes.len() as u32 - 1)
    }

    fn add_symbol(&mut self, node: u32, kind: Kind) -> Attempt<u32> {
        if self.symbols.len() as u64 >= self.most {
            return Err(Refused::TooVaried);
        }
        let (_, tag_len) = varint::word(self.nodes[node as usize].tag);
        let symbol = Symbol {
            kind,
            tag_len,
            node,
        };
        push(&mut self.symbols, symbol)?;
        Ok(self.symbols.len() as u32 - 1)
    }

    /// The symbol of the field `node` in the form `kind`, which must be possible for its tag.
    #[inline(always)]
    pub(super) fn symbol(&mut self, node: u32, kind: Kind) -> Attempt<u32> {
        let slot = match kind {
            Kind::Varint(len) => u32::from(len) - 1,
            Kind::Inline(value) => INLINE_SLOT + u32::from(value),
            Kind::Begin => 1,
            Kind::End => 2,
            _ => 0,
        };
        let slot = (self.nodes[node as usize].slots + slot) as usize;
        let symbol = self.slots[slot];
        if symbol != NONE {
            return Ok(symbol);
        }
        let symbol = self.add_symbol(node, kind)?;
        self.slots[slot] = symbol;
        Ok(symbol)
    }

    /// Adds `bytes` to the values of `node`.
    #[inline(always)]
    pub(super) fn grow(&mut self, node: u32, bytes: usize) {
        self.nodes[node as usize].size += bytes;
    }
}
