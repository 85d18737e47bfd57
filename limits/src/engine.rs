//! The engine as a Rust program would use it, without the JVM.

use crate::arguments::Arguments;
use crate::records::Records;
use crate::work::{Checksum, Outcome, Work, remove};
use disky::{
    Compression, OpenMode, ReaderOptions, RecordReader, RecordWriter, RunMemory, WriterOptions,
    Zstd,
};
use std::path::PathBuf;

/// Batch by batch and record by record.
pub(crate) struct Read {
    input: PathBuf,
    memory: RunMemory,
}

impl Read {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        Ok(Self {
            input: arguments.path("input")?,
            memory: RunMemory::default(),
        })
    }
}

impl Work for Read {
    fn run(&mut self) -> Outcome<i64> {
        let mut reader = RecordReader::open(&self.input, ReaderOptions::default())?;
        let mut checksum = Checksum::default();
        loop {
            let mut ended = true;
            for batch in reader.next_batches(&mut self.memory)? {
                ended = false;
                for record in batch.iter() {
                    checksum.add(record);
                }
            }
            if ended {
                return Ok(checksum.0);
            }
        }
    }
}

/// Record by record.
pub(crate) struct Write {
    records: Records,
    output: PathBuf,
    options: WriterOptions,
}

impl Write {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        let compression = match arguments.level()? {
            None => Compression::None,
            Some(level) => Compression::Zstd(Zstd::new(level)?),
        };
        Ok(Self {
            records: Records::load(&arguments.path("records")?)?,
            output: arguments.path("output")?,
            options: WriterOptions {
                compression,
                ..WriterOptions::default()
            },
        })
    }
}

impl Work for Write {
    fn prepare(&mut self) -> Outcome<()> {
        remove(&self.output)
    }

    fn run(&mut self) -> Outcome<i64> {
        let mut writer = RecordWriter::open(&self.output, OpenMode::CreateNew, &self.options)?;
        let data = self.records.data();
        for range in self.records.ranges() {
            writer.write(&data[range])?;
        }
        writer.close()?;
        Ok(data.len() as i64)
    }
}
