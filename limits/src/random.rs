//! Single records of a file that is opened once, before the measurement.

use crate::arguments::Arguments;
use crate::hashing::Hashing;
use crate::records;
use crate::work::{Outcome, Work};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Reads uncompressed records, each with one pread(2), and hashes them.
///
/// The order is random, and the same in all languages. Each run continues it after the previous run,
/// so a record is read a second time only after all other records.
pub(crate) struct Read {
    file: File,
    ends: Vec<u64>,
    count: usize,
    next: usize,
    indices: Vec<usize>,
    hashing: Hashing,
    buffers: Vec<Vec<u8>>,
}

impl Read {
    pub(crate) fn new(arguments: &Arguments, hashing: Hashing) -> Outcome<Self> {
        let records = arguments.path("records")?;
        let ends = records::ends(&records)?;
        Ok(Self {
            file: File::open(records::data_path(&records))?,
            ends,
            count: arguments.number("count", 1)?,
            next: 0,
            indices: Vec::new(),
            hashing,
            buffers: vec![Vec::new(); hashing.sequences()],
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
        for indices in self.indices.chunks(self.buffers.len()) {
            let mut sequences = Vec::with_capacity(indices.len());
            for (&index, buffer) in indices.iter().zip(&mut self.buffers) {
                let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
                buffer.resize((self.ends[index] - begin) as usize, 0);
                self.file.read_exact_at(buffer, begin)?;
                size += buffer.len() as i64;
                sequences.push(buffer.as_slice());
            }
            self.hashing.run(&sequences);
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
