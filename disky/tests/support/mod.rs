//! What several suites share: reading whole files, digests, the golden files.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use disky::{
    Batch, BatchMemory, Next, ReaderOptions, RecordReader, RecordWriter, Result, STREAMS, Slot,
    Source, WriterOptions,
};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// All records of `source`.
pub fn read_all(source: impl Source) -> Result<Vec<Vec<u8>>> {
    let mut reader = RecordReader::new(source, ReaderOptions::default());
    let mut memory = BatchMemory::default();
    let mut records = Vec::new();
    while let Some(batch) = reader.next_batch(&mut memory)? {
        records.extend(batch.iter().map(<[u8]>::to_vec));
    }
    Ok(records)
}

/// The records before the first error, and that error.
pub fn read_until_error(source: impl Source) -> (Vec<Vec<u8>>, Option<disky::Error>) {
    let mut reader = RecordReader::new(source, ReaderOptions::default());
    let mut memory = BatchMemory::default();
    let mut records = Vec::new();
    loop {
        match reader.next_batch(&mut memory) {
            Ok(Some(batch)) => records.extend(batch.iter().map(<[u8]>::to_vec)),
            Ok(None) => return (records, None),
            Err(error) => return (records, Some(error)),
        }
    }
}

/// A chunk of a run: its position, whether only a search has found it, and its records.
pub type RunChunk = (usize, bool, Vec<Vec<u8>>);

/// Memory for runs of chunks.
#[derive(Default)]
pub struct RunMemory {
    ends: [Vec<u64>; STREAMS],
    data: [Vec<u8>; STREAMS],
    batches: Vec<Batch>,
}

impl RunMemory {
    /// The chunks of the next run; empty at the end.
    pub fn next_run<S: Source>(&mut self, reader: &mut RecordReader<S>) -> Result<Vec<RunChunk>> {
        loop {
            let mut slots: Vec<Slot<'_>> = self
                .ends
                .iter_mut()
                .zip(&mut self.data)
                .map(|(ends, data)| Slot { ends, data })
                .collect();
            match reader.next_run(&mut slots, &mut self.batches)? {
                Next::End | Next::NotYet => return Ok(Vec::new()),
                Next::NeedMemory { ends, data } => self.reserve(ends, data),
                Next::Batch(_) => {
                    return Ok((0..self.batches.len()).map(|i| self.chunk(i)).collect());
                }
            }
        }
    }

    /// Later slots get less memory than the first one, so that some chunks do not fit.
    fn reserve(&mut self, ends: usize, data: usize) {
        for i in 0..STREAMS {
            self.ends[i].resize(self.ends[i].len().max(ends - ends * i / 8), 0);
            self.data[i].resize(self.data[i].len().max(data - data * i / 8), 0);
        }
    }

    fn chunk(&self, i: usize) -> RunChunk {
        let batch = &self.batches[i];
        let mut begin = batch.data_offset;
        let records = self.ends[i][..batch.records]
            .iter()
            .map(|end| {
                let end = batch.data_offset + *end as usize;
                let record = self.data[i][begin..end].to_vec();
                begin = end;
                record
            })
            .collect();
        (batch.chunk_begin as usize, batch.scanned, records)
    }
}

/// A file of `records`, in memory.
pub fn write_all(records: &[Vec<u8>], options: &WriterOptions) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, options).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    writer.close().unwrap();
    file
}

/// SHA-256 over each record's length, four bytes little-endian, and its bytes.
pub fn digest<'a>(records: impl IntoIterator<Item = &'a Vec<u8>>) -> String {
    let mut sha = Sha256::new();
    for record in records {
        sha.update((record.len() as u32).to_le_bytes());
        sha.update(record);
    }
    sha.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The folder of files written by other people's writers.
pub fn golden() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../src/test/resources/golden"
    ))
}

/// A row of a golden manifest.
pub struct Golden {
    pub path: String,
    pub codec: String,
    pub records: usize,
    pub bytes: usize,
    pub digest: String,
    pub note: String,
}

/// The rows of the manifest `name`.
pub fn manifest(name: &str) -> Vec<Golden> {
    let text = std::fs::read_to_string(golden().join(name)).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            Golden {
                path: fields[0].to_owned(),
                codec: fields[2].to_owned(),
                records: fields[3].parse().unwrap(),
                bytes: fields[4].parse().unwrap(),
                digest: fields[5].to_owned(),
                note: fields[6].to_owned(),
            }
        })
        .collect()
}

/// `len` bytes that depend on `seed`.
pub fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Few distinct values, so that compression has something to do.
            b'a' + (state % 23) as u8
        })
        .collect()
}
