//! The `riegeli` crate.

use crate::arguments::Arguments;
use crate::records::Records;
use crate::work::{Checksum, Outcome, Work, remove};
use riegeli::{CompressionType, ReaderOptions, RecordReader, RecordWriter, WriterOptions};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;

const BUFFER_SIZE: usize = 1 << 20;

pub(crate) struct Read {
    input: PathBuf,
}

impl Read {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        Ok(Self {
            input: arguments.path("input")?,
        })
    }
}

impl Work for Read {
    fn run(&mut self) -> Outcome<i64> {
        let file = BufReader::with_capacity(BUFFER_SIZE, File::open(&self.input)?);
        let mut reader = RecordReader::new(file, ReaderOptions::new())?;
        let mut checksum = Checksum::default();
        while let Some(record) = reader.read_record()? {
            checksum.add(&record);
        }
        Ok(checksum.0)
    }
}

pub(crate) struct Write {
    records: Records,
    output: PathBuf,
    level: Option<i32>,
}

impl Write {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        Ok(Self {
            records: Records::load(&arguments.path("records")?)?,
            output: arguments.path("output")?,
            level: arguments.level()?,
        })
    }

    fn options(&self) -> WriterOptions {
        match self.level {
            None => WriterOptions::new().compression(CompressionType::None),
            Some(level) => WriterOptions::new()
                .compression(CompressionType::Zstd)
                .compression_level(level),
        }
    }
}

impl Work for Write {
    fn prepare(&mut self) -> Outcome<()> {
        remove(&self.output)
    }

    fn run(&mut self) -> Outcome<i64> {
        let file = BufWriter::with_capacity(BUFFER_SIZE, File::create(&self.output)?);
        let mut writer = RecordWriter::new(file, self.options())?;
        let data = self.records.data();
        for range in self.records.ranges() {
            writer.write_record(&data[range])?;
        }
        writer.close()?;
        Ok(data.len() as i64)
    }
}
