//! Single records of a file that is opened once, before anything is measured.

use crate::arguments::Arguments;
use crate::records;
use crate::stream::hash;
use crate::work::{Outcome, Work};
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;

/// Reads records, uncompressed, one request each, and hashes them.
///
/// In an order without order, the same in all languages: a run goes on where the one before has
/// stopped, so that in time all records are read, and none again before that.
pub(crate) struct Read {
    file: File,
    ends: Vec<u64>,
    count: usize,
    next: usize,
    indices: Vec<usize>,
    buffer: Vec<u8>,
}

impl Read {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        let records = arguments.path("records")?;
        let ends = records::ends(&records)?;
        Ok(Self {
            file: File::open(records::data_path(&records))?,
            ends,
            count: arguments.number("count", 1)?,
            next: 0,
            indices: Vec::new(),
            buffer: Vec::new(),
        })
    }
}

impl Work for Read {
    fn prepare(&mut self) -> Outcome<()> {
        self.indices.clear();
        for _ in 0..self.count {
            self.indices.push(self.next);
            self.next = following(self.next, self.ends.len());
        }
        Ok(())
    }

    fn run(&mut self) -> Outcome<i64> {
        let mut size = 0;
        for &index in &self.indices {
            let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
            self.buffer.resize((self.ends[index] - begin) as usize, 0);
            self.file.read_exact_at(&mut self.buffer, begin)?;
            black_box(hash(&self.buffer));
            size += self.buffer.len() as i64;
        }
        Ok(size)
    }
}

/// The next of all numbers below `size`: a linear congruential generator goes through all below a
/// power of two, each once, and those that are too large are passed over.
fn following(index: usize, size: usize) -> usize {
    let mask = (size + 1).next_power_of_two() - 1;
    let mut following = index;
    loop {
        following = (following * 1_664_525 + 1_013_904_223) & mask;
        if following < size {
            return following;
        }
    }
}
