//! zstd with what nobody can leave out: the file, and its hash.

use crate::arguments::Arguments;
use crate::chunks::{self, Stored};
use crate::hashing::Hashing;
use crate::parts::Parts;
use crate::prepared::{Compress, Decompressor};
use crate::work::{Outcome, Work, shared};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Reads each chunk with readv(2), hashes it, and decompresses its frame. Threads share out runs of
/// chunks.
pub(crate) struct ReadHashDecompress {
    path: PathBuf,
    chunks: Vec<Stored>,
    /// Has room for the largest chunk.
    room: usize,
    threads: usize,
}

impl ReadHashDecompress {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        let path = arguments.path("input")?;
        Ok(Self {
            chunks: chunks::stored(&path)?,
            room: chunks::largest(&chunks::records(&path)?),
            threads: arguments.number("threads", 1)?,
            path,
        })
    }

    fn read(&self, chunks: &[Stored]) -> Outcome<i64> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(
            chunks.first().map_or(0, |first| first.begin),
        ))?;
        let hashing = Hashing::Together;
        let largest = chunks::largest_stored(chunks);
        let mut memory = vec![vec![0; largest]; hashing.sequences()];
        let mut decompressor = Decompressor::new(self.room)?;
        let mut size = 0;
        for chunks in chunks.chunks(hashing.sequences()) {
            let mut sequences = Vec::with_capacity(chunks.len());
            for (chunk, memory) in chunks.iter().zip(&mut memory) {
                sequences.push(chunks::read(&mut file, chunk, memory)?);
            }
            hashing.run(&sequences);
            for (chunk, bytes) in chunks.iter().zip(sequences) {
                if !chunk.frame.is_empty() {
                    size += decompressor.decompress(&bytes[chunk.frame.clone()])?;
                }
            }
        }
        Ok(size)
    }
}

impl Work for ReadHashDecompress {
    fn run(&mut self) -> Outcome<i64> {
        shared(&self.chunks, self.threads, |_, chunks| self.read(chunks))
    }
}

/// Compresses the records of each chunk, hashes what comes out and writes it with write(2). Each
/// thread has a file of its own.
pub(crate) struct CompressHashWrite {
    compress: Compress,
    output: Parts,
}

impl CompressHashWrite {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        Ok(Self {
            compress: Compress::new(arguments)?,
            output: Parts::new(arguments)?,
        })
    }
}

impl Work for CompressHashWrite {
    fn prepare(&mut self) -> Outcome<()> {
        self.output.remove()
    }

    fn run(&mut self) -> Outcome<i64> {
        let hashing = Hashing::Together;
        self.compress.compress(hashing.sequences(), |thread| {
            let mut file = self.output.create(thread)?;
            Ok(move |frames: &[&[u8]]| {
                hashing.run(frames);
                for frame in frames {
                    file.write_all(frame)?;
                }
                Ok(())
            })
        })
    }
}
