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
/// In which order is the same in all languages: it jumps about in the file, and a run goes on where
/// the one before has stopped, so that in time all records are read, and none again before that.
pub(crate) struct Read {
    file: File,
    ends: Vec<u64>,
    stride: usize,
    count: usize,
    step: usize,
    indices: Vec<usize>,
    buffer: Vec<u8>,
}

impl Read {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        let records = arguments.path("records")?;
        let ends = records::ends(&records)?;
        Ok(Self {
            file: File::open(records::data_path(&records))?,
            // The golden ratio of the file: any number of steps from anywhere are spread over all of
            // it. Our numbers of records have no divisor in common with it.
            stride: (ends.len() * 618_034 / 1_000_000) | 1,
            ends,
            count: arguments.number("count", 1)?,
            step: 0,
            indices: Vec::new(),
            buffer: Vec::new(),
        })
    }
}

impl Work for Read {
    fn prepare(&mut self) -> Outcome<()> {
        let steps = self.step..self.step + self.count;
        let size = self.ends.len();
        self.indices = steps.map(|step| step * self.stride % size).collect();
        self.step = (self.step + self.count) % size;
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
