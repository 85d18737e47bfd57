//! Bytes as they lie in files, 1 MiB at a time, whatever they mean.

use crate::arguments::Arguments;
use crate::parts::Parts;
use crate::work::{Outcome, Work, shared};
use highway::{HighwayHash, HighwayHasher, Key};
use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

const BUFFER_SIZE: usize = 1 << 20;

/// Reads a file with read(2), and hashes what was read, if that is asked for: the least that a reader
/// does which checks it. Threads share it out in runs of whole buffers.
pub(crate) struct Read {
    path: PathBuf,
    threads: usize,
    hashes: bool,
}

impl Read {
    pub(crate) fn new(arguments: &Arguments, hashes: bool) -> Outcome<Self> {
        Ok(Self {
            path: arguments.path("input")?,
            threads: arguments.number("threads", 1)?,
            hashes,
        })
    }
}

impl Work for Read {
    fn run(&mut self) -> Outcome<i64> {
        if self.threads == 1 {
            return read(&self.path, 0..u64::MAX, self.hashes);
        }
        let size = std::fs::metadata(&self.path)?.len();
        let share = size
            .div_ceil(self.threads as u64)
            .next_multiple_of(BUFFER_SIZE as u64);
        std::thread::scope(|scope| {
            let parts: Vec<_> = (0..self.threads as u64)
                .map(|part| {
                    let range = part * share..size.min((part + 1) * share);
                    scope.spawn(|| read(&self.path, range, self.hashes))
                })
                .collect();
            parts
                .into_iter()
                .map(|part| part.join().map_err(|_| "a thread panicked")?)
                .sum()
        })
    }
}

fn read(path: &Path, range: Range<u64>, hashes: bool) -> Outcome<i64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut rest = range.end.saturating_sub(range.start);
    let mut buffer = vec![0; BUFFER_SIZE];
    let mut size = 0;
    loop {
        let wanted = rest.min(BUFFER_SIZE as u64) as usize;
        let len = file.read(&mut buffer[..wanted])?;
        if len == 0 {
            return Ok(size);
        }
        if hashes {
            black_box(hash(&buffer[..len]));
        } else {
            black_box(&buffer[..len]);
        }
        rest -= len as u64;
        size += len as i64;
    }
}

/// Copies the bytes of a file in memory, hashes the copy and writes it with write(2). Each thread has
/// a file of its own.
pub(crate) struct CopyHashWrite {
    bytes: Vec<u8>,
    output: Parts,
    threads: usize,
}

impl CopyHashWrite {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        Ok(Self {
            bytes: std::fs::read(arguments.path("input")?)?,
            output: Parts::new(arguments)?,
            threads: arguments.number("threads", 1)?,
        })
    }
}

impl Work for CopyHashWrite {
    fn prepare(&mut self) -> Outcome<()> {
        self.output.remove()
    }

    fn run(&mut self) -> Outcome<i64> {
        let pieces: Vec<_> = self.bytes.chunks(BUFFER_SIZE).collect();
        shared(&pieces, self.threads, |thread, pieces| {
            let mut file = self.output.create(thread)?;
            let mut buffer = vec![0; BUFFER_SIZE];
            let mut size = 0;
            for piece in pieces {
                let copy = &mut buffer[..piece.len()];
                copy.copy_from_slice(piece);
                black_box(hash(copy));
                file.write_all(copy)?;
                size += piece.len() as i64;
            }
            Ok(size)
        })
    }
}

/// Any key takes the same time.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    HighwayHasher::new(Key([1, 2, 3, 4])).hash64(bytes)
}
