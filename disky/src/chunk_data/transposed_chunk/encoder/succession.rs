//! The pairs of symbols that follow each other in the order of the machine, and how often each pair
//! occurs.

use super::attempt::{Attempt, NONE, Refused};
use super::growth::{out_of_memory, push};
use super::seeded::Seeded;
use crate::error::Result;
use std::collections::HashMap;

/// A pair of a symbol and one that follows it.
#[derive(Debug)]
pub(super) struct Pair {
    /// The symbol that comes first, and the one that follows.
    pub(super) from: u32,
    pub(super) to: u32,
    /// How often the pair occurs.
    pub(super) count: u32,
    /// The next pair of the same symbol, or [`NONE`].
    pub(super) next: u32,
    /// The state of `to` that only this symbol reaches, or [`NONE`].
    pub(super) state: u32,
}

/// The successors of a symbol.
#[derive(Debug, Clone, Copy)]
pub(super) struct Successors {
    /// Its first pair, or [`NONE`]; that one leads to the others.
    first: u32,
    /// The pair found last, which is the most likely one to come next.
    last: u32,
    /// How many different symbols follow it.
    pub(super) count: u32,
    /// How often it follows others.
    pub(super) incoming: u32,
}

/// The pairs of a chunk.
#[derive(Default)]
pub(super) struct Succession {
    pub(super) pairs: Vec<Pair>,
    /// The successors of each symbol.
    pub(super) successors: Vec<Successors>,
    /// Pairs by their symbols.
    index: HashMap<u64, u32, Seeded>,
    most: u64,
}

impl Succession {
    /// Counts the pairs of `sequence`, at most `most` different ones, from its end to its
    /// beginning. Replaces each symbol of `sequence` except the first one by the pair that it
    /// begins.
    pub(super) fn count(
        &mut self,
        sequence: &mut [u32],
        num_symbols: usize,
        most: u64,
    ) -> Attempt<()> {
        self.clear(num_symbols)?;
        self.most = most;
        let Some(&(mut from)) = sequence.last() else {
            return Ok(());
        };
        for at in (1..sequence.len()).rev() {
            let to = sequence[at - 1];
            sequence[at] = self.meet(from, to)?;
            from = to;
        }
        Ok(())
    }

    fn clear(&mut self, num_symbols: usize) -> Result<()> {
        self.pairs.clear();
        self.index.clear();
        self.successors.clear();
        let reserved = self.successors.try_reserve(num_symbols);
        reserved.map_err(|_| out_of_memory())?;
        let none = Successors {
            first: NONE,
            last: NONE,
            count: 0,
            incoming: 0,
        };
        self.successors.resize(num_symbols, none);
        Ok(())
    }

    #[inline(always)]
    fn meet(&mut self, from: u32, to: u32) -> Attempt<u32> {
        self.successors[to as usize].incoming += 1;
        let likely = self.successors[from as usize].last;
        if let Some(pair) = self.pairs.get_mut(likely as usize)
            && pair.to == to
        {
            pair.count += 1;
            return Ok(likely);
        }
        let pair = self.find(from, to)?;
        self.pairs[pair as usize].count += 1;
        self.successors[from as usize].last = pair;
        Ok(pair)
    }

    fn find(&mut self, from: u32, to: u32) -> Attempt<u32> {
        let key = u64::from(from) << 32 | u64::from(to);
        if let Some(&pair) = self.index.get(&key) {
            return Ok(pair);
        }
        if self.pairs.len() as u64 >= self.most {
            return Err(Refused::TooVaried);
        }
        let successors = &mut self.successors[from as usize];
        let pair = Pair {
            from,
            to,
            count: 0,
            next: successors.first,
            state: NONE,
        };
        push(&mut self.pairs, pair)?;
        let pair = self.pairs.len() as u32 - 1;
        successors.first = pair;
        successors.count += 1;
        self.index.try_reserve(1).map_err(|_| out_of_memory())?;
        self.index.insert(key, pair);
        Ok(pair)
    }

    /// The first pair of `symbol`, or [`NONE`].
    pub(super) fn first(&self, symbol: usize) -> u32 {
        self.successors[symbol].first
    }
}
