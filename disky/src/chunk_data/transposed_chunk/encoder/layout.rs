//! Lays out the states of the machine.
//!
//! A transition byte reaches 64 states, beginning with the first successor of its symbol. Therefore
//! symbols that follow a symbol often, or no other one, get states of their own one after the
//! other: the symbol's own list. All others are in one public list. A list of more than 64 states
//! is a tree of blocks: states without a value lead from block to block, in fewer steps to the more
//! frequent symbols, as in a Huffman code. Google's encoder does the same.

use super::attempt::NONE;
use super::growth::{out_of_memory, push};
use super::succession::{Pair, Succession};
use crate::error::Result;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How far beyond its beginning a transition byte reaches.
const MAX_STEP: u32 = 63;
const BLOCK_STATES: usize = MAX_STEP as usize + 1;
/// A symbol that follows another one this often gets a state in the list of that one. Google's
/// encoder uses the same number.
const OFTEN: u32 = 10;

/// A state: a symbol, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// The symbol that it writes, or [`NONE`].
    pub(super) symbol: u32,
    /// For a state without symbol: the first of the states that may follow.
    pub(super) next: u32,
    /// The state that leads to the block of this one; [`NONE`] for the first block of a list.
    source: u32,
}

/// The ways from a symbol to others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exit {
    /// The first of the states that may follow; [`NONE`] if there are none.
    pub(super) next: u32,
    /// The state that leads to the public list, if the symbol has a list of its own; otherwise
    /// [`NONE`].
    public: u32,
    /// The state of the symbol in the public list, or [`NONE`].
    state: u32,
}

/// An entry of a list, which becomes a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    /// A symbol; the pair that leads to it in the list of another symbol.
    Symbol { symbol: u32, pair: u32 },
    /// A block, laid out already from this state on.
    Block { begin: u32 },
    /// The remaining symbols, in the public list.
    Public,
}

/// The list to lay out.
#[derive(Clone, Copy)]
enum List {
    Of(usize),
    Public,
}

/// All states.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) states: Vec<State>,
    /// The exit of each symbol.
    pub(super) exits: Vec<Exit>,
    /// The entries of the list to lay out, the rarest first.
    entries: BinaryHeap<Reverse<(u64, Reverse<Entry>)>>,
}

impl Layout {
    /// Lays out the machine that begins with the symbol `first`.
    pub(super) fn build(&mut self, succession: &mut Succession, first: Option<u32>) -> Result<()> {
        self.states.clear();
        self.exits.clear();
        let num_symbols = succession.successors.len();
        self.exits
            .try_reserve(num_symbols)
            .map_err(|_| out_of_memory())?;
        let none = Exit {
            next: NONE,
            public: NONE,
            state: NONE,
        };
        self.exits.resize(num_symbols, none);
        let Some(first) = first else {
            // A machine of one state without a symbol writes nothing.
            return self.add_passive(0).map(|_| ());
        };
        let incoming = &mut succession.successors[first as usize].incoming;
        *incoming = (*incoming).max(1);
        for pair in &mut succession.pairs {
            if pair.count >= OFTEN {
                succession.successors[pair.to as usize].incoming -= pair.count;
            }
        }
        for symbol in 0..num_symbols {
            self.add_own_list(succession, symbol)?;
        }
        self.add_public_list(succession)?;
        for symbol in 0..num_symbols {
            self.point_to_public(succession, symbol);
        }
        Ok(())
    }

    /// Lays out the list of `symbol`, if it has one.
    fn add_own_list(&mut self, succession: &mut Succession, symbol: usize) -> Result<()> {
        let (mut rest, mut last) = (0, NONE);
        let mut num_rest = 0;
        let mut at = succession.first(symbol);
        while at != NONE {
            let pair = &succession.pairs[at as usize];
            let incoming = &mut succession.successors[pair.to as usize].incoming;
            if pair.count < OFTEN && pair.count != *incoming {
                rest += u64::from(pair.count);
                num_rest += 1;
                last = at;
            } else {
                if pair.count < OFTEN {
                    *incoming = 0;
                }
                self.add_entry(pair.count, pair.to, at)?;
            }
            at = pair.next;
        }
        match num_rest {
            _ if self.entries.is_empty() => return Ok(()),
            0 => {}
            1 => {
                let pair = &succession.pairs[last as usize];
                succession.successors[pair.to as usize].incoming -= pair.count;
                self.add_entry(pair.count, pair.to, last)?;
            }
            _ => self.add(rest, Entry::Public)?,
        }
        self.exits[symbol].next = self.add_list(succession, List::Of(symbol))?;
        Ok(())
    }

    /// Lays out the list of the symbols that are not in the own lists of all their predecessors.
    fn add_public_list(&mut self, succession: &mut Succession) -> Result<()> {
        for symbol in 0..succession.successors.len() {
            let incoming = succession.successors[symbol].incoming;
            if incoming > 0 {
                self.add_entry(incoming, symbol as u32, NONE)?;
            }
        }
        self.add_list(succession, List::Public)?;
        Ok(())
    }

    fn add_entry(&mut self, count: u32, symbol: u32, pair: u32) -> Result<()> {
        self.add(count.into(), Entry::Symbol { symbol, pair })
    }

    fn add(&mut self, count: u64, entry: Entry) -> Result<()> {
        self.entries.try_reserve(1).map_err(|_| out_of_memory())?;
        self.entries.push(Reverse((count, Reverse(entry))));
        Ok(())
    }

    fn add_passive(&mut self, next: u32) -> Result<u32> {
        let state = State {
            symbol: NONE,
            next,
            source: NONE,
        };
        push(&mut self.states, state)?;
        Ok(self.states.len() as u32 - 1)
    }

    /// Lays out the entries as a list, the rarest in the last block; returns its beginning.
    fn add_list(&mut self, succession: &mut Succession, list: List) -> Result<u32> {
        let begin = self.states.len();
        let entries = self.entries.len();
        // Each block except the first one is an entry of another block.
        let blocks = entries.saturating_sub(2) / (BLOCK_STATES - 1);
        let total = entries + blocks;
        self.states
            .try_reserve(total)
            .map_err(|_| out_of_memory())?;
        for _ in 0..total {
            self.add_passive(NONE)?;
        }
        let mut block_end = begin + total;
        let mut block_states = total.saturating_sub(1) % BLOCK_STATES + 1;
        while block_end > begin {
            let block_begin = block_end - block_states;
            let mut weight = 0;
            for at in (block_begin..block_end).rev() {
                let Some(Reverse((count, Reverse(entry)))) = self.entries.pop() else {
                    break;
                };
                weight += count;
                self.set(at, entry, list, succession);
            }
            if block_begin > begin {
                let block = Entry::Block {
                    begin: block_begin as u32,
                };
                self.add(weight, block)?;
            }
            block_end = block_begin;
            block_states = BLOCK_STATES;
        }
        Ok(begin as u32)
    }

    /// Writes an entry of `list` to the state `at`.
    fn set(&mut self, at: usize, entry: Entry, list: List, succession: &mut Succession) {
        let state = at as u32;
        match (entry, list) {
            (Entry::Symbol { symbol, pair }, _) => {
                self.states[at].symbol = symbol;
                match succession.pairs.get_mut(pair as usize) {
                    Some(pair) => pair.state = state,
                    None => self.exits[symbol as usize].state = state,
                }
            }
            (Entry::Block { begin }, _) => {
                self.states[at].next = begin;
                let begin = begin as usize;
                let end = self.states.len().min(begin + BLOCK_STATES);
                for inner in &mut self.states[begin..end] {
                    inner.source = state;
                }
            }
            (Entry::Public, List::Of(symbol)) => self.exits[symbol].public = state,
            (Entry::Public, List::Public) => {}
        }
    }

    /// Finds the state from which `symbol` reaches its successors in the public list, if it has
    /// any: in the innermost block that contains all of them, directly or in blocks below, the
    /// first state that leads to one.
    fn point_to_public(&mut self, succession: &Succession, symbol: usize) {
        let mut meeting: Option<(u32, u32)> = None;
        let mut at = succession.first(symbol);
        while at != NONE {
            let pair = &succession.pairs[at as usize];
            at = pair.next;
            if pair.state != NONE {
                continue;
            }
            let state = self.exits[pair.to as usize].state;
            let found = (self.states[state as usize].source, state);
            meeting = Some(meeting.map_or(found, |meeting| self.meet(meeting, found)));
        }
        let Some((_, next)) = meeting else { return };
        let exit = &mut self.exits[symbol];
        match self.states.get_mut(exit.public as usize) {
            Some(state) => state.next = next,
            None => exit.next = next,
        }
    }

    /// The innermost block, named by the state that leads to it, that contains two states directly
    /// or in blocks below, and its first state that leads to one of them. States lead only to later
    /// blocks.
    fn meet(&self, one: (u32, u32), other: (u32, u32)) -> (u32, u32) {
        let (mut block, mut first) = one;
        let (mut other_block, mut other_first) = other;
        while block != other_block {
            // `NONE`, the first block, becomes the least.
            if block.wrapping_add(1) > other_block.wrapping_add(1) {
                (block, first) = (self.states[block as usize].source, block);
            } else {
                let source = self.states[other_block as usize].source;
                (other_block, other_first) = (source, other_block);
            }
        }
        (block, first.min(other_first))
    }

    /// Appends the steps of `pair`: each is a distance from the first of the states that may
    /// follow.
    pub(super) fn steps(&self, pair: &Pair, steps: &mut Vec<u8>) -> Result<()> {
        let exit = &self.exits[pair.from as usize];
        if pair.state != NONE {
            return self.path(exit.next, pair.state, steps);
        }
        let mut from = exit.next;
        if let Some(public) = self.states.get(exit.public as usize) {
            self.path(from, exit.public, steps)?;
            from = public.next;
        }
        self.path(from, self.exits[pair.to as usize].state, steps)
    }

    /// Appends the steps to `state` if the states from `from` on may follow.
    fn path(&self, from: u32, mut state: u32, steps: &mut Vec<u8>) -> Result<()> {
        let begin = steps.len();
        loop {
            match state.checked_sub(from) {
                Some(step @ 0..=MAX_STEP) => {
                    push(steps, step as u8)?;
                    break;
                }
                _ => {
                    let source = self.states[state as usize].source;
                    push(steps, (state - self.states[source as usize].next) as u8)?;
                    state = source;
                }
            }
        }
        steps[begin..].reverse();
        Ok(())
    }
}
