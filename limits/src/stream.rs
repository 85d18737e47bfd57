//! The bytes of files, without regard to their meaning.

use crate::arguments::Arguments;
use crate::hashing::Hashing;
use crate::parts::Parts;
use crate::work::{Outcome, Work, shared};
use std::fs::File;
use std::io::{Read as _, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Reads a file with read(2) and hashes the bytes. A reader that checks the file does at least this.
/// Each thread reads neighbouring buffers.
pub(crate) struct Read {
    path: PathBuf,
    threads: usize,
    hashing: Hashing,
}

impl Read {
    pub(crate) fn new(arguments: &Arguments, hashing: Hashing) -> Outcome<Self> {
        Ok(Self {
            path: arguments.path("input")?,
            threads: arguments.number("threads", 1)?,
            hashing,
        })
    }
}

impl Work for Read {
    fn run(&mut self) -> Outcome<i64> {
        if self.threads == 1 {
            return read(&self.path, 0..u64::MAX, self.hashing);
        }
        let size = std::fs::metadata(&self.path)?.len();
        let share = size
            .div_ceil(self.threads as u64)
            .next_multiple_of(self.hashing.buffer_size() as u64);
        std::thread::scope(|scope| {
            let parts: Vec<_> = (0..self.threads as u64)
                .map(|part| {
                    let range = part * share..size.min((part + 1) * share);
                    scope.spawn(|| read(&self.path, range, self.hashing))
                })
                .collect();
            parts
                .into_iter()
                .map(|part| part.join().map_err(|_| "a thread panicked")?)
                .sum()
        })
    }
}

fn read(path: &Path, range: Range<u64>, hashing: Hashing) -> Outcome<i64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut file = file.take(range.end.saturating_sub(range.start));
    let mut buffers = vec![vec![0; hashing.buffer_size()]; hashing.sequences()];
    let mut size = 0;
    loop {
        let mut filled = Vec::with_capacity(buffers.len());
        for buffer in &mut buffers {
            let len = file.read(buffer)?;
            size += len as i64;
            filled.push(&buffer[..len]);
        }
        hashing.run(&filled);
        if filled.iter().all(|bytes| bytes.is_empty()) {
            return Ok(size);
        }
    }
}

/// Copies the bytes of a file in memory, hashes the copy and writes it with write(2). Each thread has
/// a file of its own.
pub(crate) struct CopyHashWrite {
    bytes: Vec<u8>,
    output: Parts,
    threads: usize,
    hashing: Hashing,
}

impl CopyHashWrite {
    pub(crate) fn new(arguments: &Arguments, hashing: Hashing) -> Outcome<Self> {
        Ok(Self {
            bytes: std::fs::read(arguments.path("input")?)?,
            output: Parts::new(arguments)?,
            threads: arguments.number("threads", 1)?,
            hashing,
        })
    }
}

impl Work for CopyHashWrite {
    fn prepare(&mut self) -> Outcome<()> {
        self.output.remove()
    }

    fn run(&mut self) -> Outcome<i64> {
        let buffer_size = self.hashing.buffer_size();
        let room = self.hashing.sequences() * buffer_size;
        let pieces: Vec<_> = self.bytes.chunks(room).collect();
        shared(&pieces, self.threads, |thread, pieces| {
            let mut file = self.output.create(thread)?;
            let mut buffer = vec![0; room];
            let mut size = 0;
            for piece in pieces {
                let copy = &mut buffer[..piece.len()];
                copy.copy_from_slice(piece);
                let sequences: Vec<_> = copy.chunks(buffer_size).collect();
                self.hashing.run(&sequences);
                file.write_all(copy)?;
                size += piece.len() as i64;
            }
            Ok(size)
        })
    }
}
