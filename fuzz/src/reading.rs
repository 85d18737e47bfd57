//! Reads a file in every way there is, and compares.

use disky::{
    BatchMemory, ChunkDescription, ChunkReader, ErrorKind, FieldProjection, Hasher, Limits, Next,
    ReaderOptions, RecordReader, Result, SizeDistribution, Source, hash,
};
use std::io::{self, IoSliceMut};

/// Limits what a chunk can inflate to, so that an input takes milliseconds.
const MAX_CHUNK_SIZE: u64 = 2 << 20;

pub fn options() -> ReaderOptions {
    ReaderOptions {
        limits: Limits::default().max_chunk_size(MAX_CHUNK_SIZE),
        ..ReaderOptions::default()
    }
}

/// The records of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub struct BatchRead {
    pub chunk_begin: u64,
    pub records: u64,
    pub bytes: u64,
    digest: u64,
}

/// How reading failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    kind: ErrorKind,
    position: Option<u64>,
    detail: String,
}

impl From<disky::Error> for Failure {
    fn from(error: disky::Error) -> Self {
        Self {
            kind: error.kind(),
            position: error.position(),
            detail: error.detail().to_owned(),
        }
    }
}

/// What came out of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    pub batches: Vec<BatchRead>,
    pub failure: Option<Failure>,
}

impl Reading {
    pub fn records(&self) -> u64 {
        self.batches.iter().map(|batch| batch.records).sum()
    }

    fn bytes(&self) -> u64 {
        self.batches.iter().map(|batch| batch.bytes).sum()
    }
}

/// Reads `file`, whatever it is.
pub fn reader(file: &[u8]) {
    read_in_every_way(file);
}

/// Reads `file` in every way there is; all must agree.
pub fn read_in_every_way(file: &[u8]) -> Reading {
    let reading = read_batches(file);
    assert_eq!(
        read_piecemeal(file, &options()),
        reading,
        "another way to read"
    );
    check_summaries(file, &reading);
    check_descriptions(file, &reading);
    check_data_hashes(file, &reading);
    describe_anywhere(file);
    check_projections(file, &reading);
    reading
}

/// Fields of records are read from the same chunks, and are no larger than the records. A chunk may
/// be read although other fields of it cannot be decoded.
fn check_projections(file: &[u8], complete: &Reading) {
    let paths: [&[&[u32]]; 2] = [&[], &[&[1], &[2, 0], &[3, 2], &[3, 4, 0]]];
    for paths in paths {
        let projection = FieldProjection::of(paths).unwrap();
        let options = options().projection(projection);
        let reading = read_batches_with(file, &options);
        assert_eq!(
            read_piecemeal(file, &options),
            reading,
            "another way to read"
        );
        for (some, all) in reading.batches.iter().zip(&complete.batches) {
            assert_eq!(
                (some.chunk_begin, some.records),
                (all.chunk_begin, all.records)
            );
            assert!(some.bytes <= all.bytes);
        }
    }
}

/// Reads complete records into memory that is used again and again.
pub fn read_batches(file: &[u8]) -> Reading {
    read_batches_with(file, &options())
}

fn read_batches_with(file: &[u8], options: &ReaderOptions) -> Reading {
    let mut reader = RecordReader::new(file, options.clone());
    let mut memory = BatchMemory::default();
    let mut batches = Vec::new();
    let failure = loop {
        match reader.next_batch(&mut memory) {
            Ok(Some(batch)) => {
                assert!(batch.len() > 0, "a batch without records");
                let lengths: u64 = batch.iter().map(|record| record.len() as u64).sum();
                assert_eq!(lengths, batch.data().len() as u64);
                assert_eq!(batch.get(batch.len() - 1), batch.iter().last());
                batches.push(batch_read(batch.chunk_begin(), batch.ends(), batch.data()));
            }
            Ok(None) => break None,
            Err(error) => break Some(Failure::from(error)),
        }
    };
    for _ in 0..2 {
        let again = reader.next_batch(&mut memory);
        let again = again.map(|batch| assert!(batch.is_none(), "records after the end"));
        assert_eq!(again.err().map(Failure::from), failure, "asked again");
    }
    Reading { batches, failure }
}

/// Reads into memory of just the size, from a source that gives few bytes at a time; other things
/// are asked in between.
fn read_piecemeal(file: &[u8], options: &ReaderOptions) -> Reading {
    let mut reader = RecordReader::new(Trickle { file, most: 4099 }, options.clone());
    let (mut ends, mut data) = (Vec::new(), Vec::new());
    let mut batches = Vec::new();
    let failure = loop {
        match reader.next(&mut ends, &mut data) {
            Ok(Next::NeedMemory {
                ends: more_ends,
                data: more_data,
            }) => {
                assert!(more_ends > ends.len() || more_data > data.len());
                (ends, data) = (vec![0; more_ends], vec![0; more_data]);
                let _ = reader.metadata();
            }
            Ok(Next::Batch(batch)) => {
                let stretch = &data[batch.data_offset..batch.data_offset + batch.data_size];
                batches.push(batch_read(
                    batch.chunk_begin,
                    &ends[..batch.records],
                    stretch,
                ));
                let _ = reader.chunk_at(batch.chunk_begin);
                (ends, data) = (Vec::new(), Vec::new());
            }
            Ok(Next::End | Next::NotYet) => break None,
            Err(error) => break Some(Failure::from(error)),
        }
    };
    while reader.take_notice().is_some() {}
    Reading { batches, failure }
}

pub fn batch_read(chunk_begin: u64, ends: &[u64], data: &[u8]) -> BatchRead {
    assert!(ends.is_sorted());
    assert_eq!(ends.last(), Some(&(data.len() as u64)));
    let mut digest = Hasher::new();
    ends.iter()
        .for_each(|end| digest.update(&end.to_le_bytes()));
    digest.update(&hash(data).to_le_bytes());
    BatchRead {
        chunk_begin,
        records: ends.len() as u64,
        bytes: data.len() as u64,
        digest: digest.finish(),
    }
}

/// What is said of a whole file holds for what came out of it.
fn check_summaries(file: &[u8], reading: &Reading) {
    let mut reader = RecordReader::new(file, options());
    let count = reader.count();
    let sizes = reader.record_sizes();
    let metadata = reader.metadata().map_err(Failure::from);
    assert_eq!(reader.metadata().map_err(Failure::from), metadata);
    assert_eq!(reader.count().ok(), count.as_ref().ok().copied());
    let SizeDistribution {
        count: sizes_count,
        total,
        buckets,
        ..
    } = sizes.as_ref().copied().unwrap_or_default();
    assert_eq!(buckets.iter().sum::<u64>(), sizes_count);
    if reading.failure.is_none() {
        assert_eq!(count.unwrap(), reading.records());
        assert!(sizes.is_ok());
        assert_eq!((sizes_count, total), (reading.records(), reading.bytes()));
    }
}

/// The chunks of a file, described one after the other, hold the records that came out of it.
fn check_descriptions(file: &[u8], reading: &Reading) {
    let mut reader = RecordReader::new(file, options());
    let mut position = 0;
    let mut descriptions = Vec::new();
    let walked = loop {
        match reader.chunk_at(position) {
            Ok(Some(description)) => {
                let chunk = description.chunk;
                assert_eq!(chunk.begin, position);
                assert!(chunk.end >= chunk.begin + 40);
                position = chunk.end;
                descriptions.push(description);
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let with_records: Vec<_> = descriptions.iter().filter(has_user_records).collect();
    assert!(with_records.len() >= reading.batches.len());
    for (description, batch) in with_records.iter().zip(&reading.batches) {
        let header = &description.chunk.header;
        assert_eq!(
            (
                description.chunk.begin,
                header.num_records,
                header.decoded_data_size
            ),
            (batch.chunk_begin, batch.records, batch.bytes)
        );
    }
    if reading.failure.is_none() {
        walked.unwrap();
        assert!(position >= file.len() as u64);
        assert_eq!(with_records.len(), reading.batches.len());
    }
}

fn has_user_records(description: &&ChunkDescription) -> bool {
    let header = &description.chunk.header;
    header.chunk_type.holds_records() && header.num_records > 0 && description.part.is_none()
}

/// Nothing is read from a chunk whose data do not match their hash.
fn check_data_hashes(file: &[u8], reading: &Reading) {
    let mut chunks = ChunkReader::new(file);
    let mut whole: Vec<u64> = Vec::new();
    let mut verify = || -> Result<()> {
        while let Some(chunk) = chunks.chunk()? {
            match chunks.verify_data(&chunk) {
                Ok(()) => whole.push(chunk.begin),
                Err(error) => assert!(error.kind().is_damage()),
            }
            chunks.advance();
        }
        Ok(())
    };
    let _ = verify();
    for batch in &reading.batches {
        assert!(whole.binary_search(&batch.chunk_begin).is_ok());
    }
}

/// Callers may ask for chunks where none begin.
fn describe_anywhere(file: &[u8]) {
    let size = file.len() as u64;
    let mut reader = RecordReader::new(file, options());
    let mut positions = vec![
        1,
        24,
        25,
        64,
        65_535,
        65_536,
        65_560,
        65_561,
        size / 2,
        size,
    ];
    positions.extend([size.wrapping_sub(1), size + 1, i64::MAX as u64, u64::MAX]);
    positions.extend(file.last_chunk().map(|bytes| u64::from_le_bytes(*bytes)));
    for position in positions {
        let found = reader.chunk_at(position);
        if position >= size {
            assert!(matches!(found, Ok(None)));
        }
    }
}

/// Gives at most so many bytes a request.
struct Trickle<'a> {
    file: &'a [u8],
    most: usize,
}

impl Source for Trickle<'_> {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let start = usize::try_from(offset).map_or(self.file.len(), |at| at.min(self.file.len()));
        let end = self.file.len().min(start + self.most);
        (&self.file[start..end]).read_at(0, pieces)
    }

    fn size(&self) -> u64 {
        self.file.len() as u64
    }
}
