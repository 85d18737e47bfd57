//! Upstream disky's reader rejects some valid files (docs/format.md, "Chunks for upstream disky").
//! The writer writes no such file, and its other files do not change. The tests use a model of that
//! reader.
#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    Compression, Container, Dialect, Encoder, ErrorKind, OpenMode, RecordWriter, Sink,
    WriterOptions, Zstd, hash,
};
use std::io::{self, IoSlice};
use std::ops::Range;
use std::path::Path;
use support::{bytes, read_all};

const BLOCK: usize = 1 << 16;

/// Where a file is that upstream's reader does not take.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Rejected {
    /// A block header at this position, the second one or a later one in its chunk.
    Continued(usize),
    /// The end of the file, at a block boundary.
    End,
}

/// Distances that the block header at `at` states: back to the beginning of the chunk, and on to its
/// end.
fn block_header(file: &[u8], at: usize) -> (usize, usize) {
    let word = |from: usize| u64::from_le_bytes(file[from..from + 8].try_into().unwrap());
    assert_eq!(
        word(at),
        hash(&file[at + 8..at + 24]),
        "block header at {at}"
    );
    (word(at + 8) as usize, word(at + 16) as usize)
}

/// Goes through `file` by block headers alone, as upstream's reader does.
fn check(file: &[u8]) -> Result<(), Rejected> {
    let mut begin = 0usize;
    loop {
        let at = begin.next_multiple_of(BLOCK);
        if at > file.len() {
            return Ok(());
        }
        if at == file.len() {
            return Err(Rejected::End);
        }
        let (back, on) = block_header(file, at);
        if back == 0 && at > begin {
            begin = at;
            continue;
        }
        let end = at + on;
        for next in (at + BLOCK..end).step_by(BLOCK) {
            if block_header(file, next).0 != next - begin {
                return Err(Rejected::Continued(next));
            }
        }
        begin = end;
    }
}

/// The bytes that block headers do not interrupt, from `begin` on.
fn payload(file: &[u8], begin: usize) -> impl Iterator<Item = (usize, u8)> {
    (begin..file.len())
        .filter(|at| at % BLOCK >= 24)
        .map(|at| (at, file[at]))
}

/// The chunks of `file`: their extents, and how many records each has.
fn chunks(file: &[u8]) -> Vec<(Range<usize>, u64)> {
    let mut found = Vec::new();
    let mut begin = 0;
    while begin < file.len() {
        let header: Vec<u8> = payload(file, begin)
            .take(40)
            .map(|(_, byte)| byte)
            .collect();
        let word = |from: usize| u64::from_le_bytes(header[from..from + 8].try_into().unwrap());
        assert_eq!(word(0), hash(&header[8..]), "chunk header at {begin}");
        let size = 40 + word(8) as usize;
        let end = payload(file, begin).nth(size - 1).unwrap().0 + 1;
        assert!(end.is_multiple_of(BLOCK) || end % BLOCK > 24);
        found.push((begin..end, word(24) >> 8));
        begin = end;
    }
    found
}

/// Checks `file` as it was after each of its chunks.
fn check_always(file: &[u8]) -> Result<(), Rejected> {
    chunks(file)
        .iter()
        .try_for_each(|(chunk, _)| check(&file[..chunk.end]))
}

struct Numbers(u64);

impl Numbers {
    /// The next number below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn record(&mut self, sizes: u64) -> Vec<u8> {
        let size = match if sizes < 5 { sizes } else { self.below(5) } {
            0 => self.below(40),
            1 => 300 + self.below(3_000),
            2 => 10_000 + self.below(30_000),
            3 => 60_000 + self.below(8_000),
            _ => 65_536 + self.below(200_000),
        };
        match self.below(3) {
            0 => vec![b'z'; size as usize],
            _ => bytes(self.0, size as usize),
        }
    }
}

enum Step {
    Write(Vec<u8>),
    Flush,
    /// A flush, and a record whose chunk ends at a block boundary if it is not compressed, with
    /// so many boundaries between.
    Fill(usize),
    Append,
}

struct Plan {
    options: WriterOptions,
    steps: Vec<Step>,
}

impl Plan {
    fn new(seed: u64) -> Self {
        let numbers = &mut Numbers(seed);
        let compression = match numbers.below(4) {
            0 | 1 => Compression::None,
            2 => Compression::Zstd(Zstd::new(-3).unwrap()),
            _ => Compression::default(),
        };
        let chunk_sizes = [1, 5_000, 70_000, 200_000, 1 << 20];
        let chunk_size = chunk_sizes[numbers.below(5) as usize];
        let (sizes, flushes) = (numbers.below(8), [0, 5, 30][numbers.below(3) as usize]);
        let mut steps = Vec::new();
        let mut left = 400_000;
        while left > 0 && steps.len() < 2_000 {
            let record = numbers.record(sizes);
            left -= record.len() as i64;
            steps.push(Step::Write(record));
            if numbers.below(100) < flushes {
                steps.push(Step::Flush);
            }
            if numbers.below(200) < flushes {
                steps.push(Step::Append);
            }
            if numbers.below(100) < flushes {
                let between = numbers.below(3) as usize;
                left -= ((between + 1) * BLOCK) as i64;
                steps.push(Step::Fill(between));
            }
        }
        let options = WriterOptions {
            compression,
            chunk_size,
            ..WriterOptions::default()
        };
        Self { options, steps }
    }

    fn without(&self) -> WriterOptions {
        WriterOptions {
            upstream_compatibility: false,
            ..self.options.clone()
        }
    }
}

/// The size of a record whose uncompressed chunk at `begin` ends at the block boundary behind
/// `between` others.
fn filling(begin: usize, between: usize) -> usize {
    let end = (begin / BLOCK + 1 + between) * BLOCK;
    let interrupted = (begin..end).filter(|at| at % BLOCK < 24).count();
    let payload = end - begin - interrupted;
    let head =
        |size: usize| 40 + 1 + 1 + [128, 16_384].iter().filter(|&&most| size >= most).count() + 1;
    (1..4)
        .filter_map(|varint| payload.checked_sub(42 + varint))
        .find(|&size| head(size) + size == payload)
        .unwrap_or(1)
}

/// What writes chunks: the writer itself, or others for it.
trait Writing {
    fn open(path: &Path, mode: OpenMode, options: &WriterOptions) -> Self;
    fn write(&mut self, record: &[u8]);
    fn flush(&mut self) -> u64;
    fn close(self);
}

struct Alone(RecordWriter<disky::FileSink>);

impl Writing for Alone {
    fn open(path: &Path, mode: OpenMode, options: &WriterOptions) -> Self {
        Self(RecordWriter::open(path, mode, options).unwrap())
    }

    fn write(&mut self, record: &[u8]) {
        self.0.write(record).unwrap();
    }

    fn flush(&mut self) -> u64 {
        self.0.flush().unwrap();
        self.0.file_size()
    }

    fn close(self) {
        self.0.close().unwrap();
    }
}

/// Gathers chunks by the chunk rule, has each encoded apart, and writes them later.
struct Apart {
    writer: RecordWriter<disky::FileSink>,
    options: WriterOptions,
    records: Vec<u8>,
    ends: Vec<u64>,
    under_way: Vec<(Encoder, Vec<u8>)>,
}

impl Apart {
    fn end_chunk(&mut self) {
        if self.ends.is_empty() {
            return;
        }
        let mut encoder = Encoder::new(&self.options).unwrap();
        encoder.encode(&self.records, &self.ends).unwrap();
        self.under_way
            .push((encoder, std::mem::take(&mut self.records)));
        self.ends.clear();
        if self.under_way.len() > 3 {
            self.write_chunks();
        }
    }

    fn write_chunks(&mut self) {
        for (mut encoder, records) in self.under_way.drain(..) {
            self.writer.write_encoded(&mut encoder, &records).unwrap();
        }
    }
}

impl Writing for Apart {
    fn open(path: &Path, mode: OpenMode, options: &WriterOptions) -> Self {
        Self {
            writer: RecordWriter::open(path, mode, options).unwrap(),
            options: options.clone(),
            records: Vec::new(),
            ends: Vec::new(),
            under_way: Vec::new(),
        }
    }

    fn write(&mut self, record: &[u8]) {
        let count = self.ends.len() as u64 + 1;
        if (self.records.len() + record.len()) as u64 + 8 * count > self.options.chunk_size {
            self.end_chunk();
        }
        self.records.extend_from_slice(record);
        self.ends.push(self.records.len() as u64);
    }

    fn flush(&mut self) -> u64 {
        self.end_chunk();
        self.write_chunks();
        self.writer.file_size()
    }

    fn close(mut self) {
        self.flush();
        self.writer.close().unwrap();
    }
}

/// Writes a file: its bytes, and its records.
fn write<W: Writing>(plan: &Plan, options: &WriterOptions) -> (Vec<u8>, Vec<Vec<u8>>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let mut writer = W::open(&path, OpenMode::CreateNew, options);
    let mut records = Vec::new();
    for step in &plan.steps {
        let record = match step {
            Step::Write(record) => record.clone(),
            Step::Fill(between) => vec![b'f'; filling(writer.flush() as usize, *between)],
            Step::Flush => {
                writer.flush();
                continue;
            }
            Step::Append => {
                writer.close();
                writer = W::open(&path, OpenMode::Append, options);
                continue;
            }
        };
        writer.write(&record);
        records.push(record);
        if matches!(step, Step::Fill(_)) {
            writer.flush();
        }
    }
    writer.close();
    (std::fs::read(&path).unwrap(), records)
}

#[test]
fn no_file_is_rejected_and_what_was_taken_is_the_same() {
    let (mut rejected, mut same, mut ends) = (0, 0, 0);
    for seed in 0..80 {
        let plan = Plan::new(seed);
        let (file, records) = write::<Alone>(&plan, &plan.options);
        assert_eq!(check_always(&file), Ok(()), "seed {seed}");
        assert!(read_all(&file[..]).unwrap() == records, "seed {seed}");
        let (apart, _) = write::<Apart>(&plan, &plan.options);
        assert!(file == apart, "seed {seed}: encoded apart");

        let (plain, records) = write::<Alone>(&plan, &plan.without());
        assert!(read_all(&plain[..]).unwrap() == records, "seed {seed}");
        match check_always(&plain) {
            Ok(()) => {
                same += 1;
                assert!(file == plain, "seed {seed}: nothing was wrong");
            }
            Err(place) => {
                rejected += 1;
                ends += usize::from(place == Rejected::End);
            }
        }
    }
    println!("{rejected} rejected without, {ends} of them at their end, {same} not");
    assert!(rejected >= 20 && same >= 20 && ends >= 5);
}

/// A file of chunks of these sizes of records, each flushed.
fn flushed(compression: Compression, compatible: bool, sizes: &[usize]) -> Vec<u8> {
    let options = WriterOptions {
        compression,
        upstream_compatibility: compatible,
        ..WriterOptions::default()
    };
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options).unwrap();
    for (seed, &size) in sizes.iter().enumerate() {
        writer.write(&bytes(seed as u64, size)).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let records: Vec<_> = (0..sizes.len())
        .map(|i| bytes(i as u64, sizes[i]))
        .collect();
    assert!(read_all(&file[..]).unwrap() == records);
    file
}

#[test]
fn an_end_at_a_block_boundary_moves_by_a_varint() {
    for (before, between) in [(vec![], 0), (vec![], 3), (vec![9], 0), (vec![70_000], 2)] {
        let begin = flushed(Compression::None, true, &before).len();
        let sizes = [&before[..], &[filling(begin, between)]].concat();
        let plain = flushed(Compression::None, false, &sizes);
        assert_eq!(check(&plain), Err(Rejected::End));
        let file = flushed(Compression::None, true, &sizes);
        assert_eq!(check_always(&file), Ok(()));
        assert_eq!(file.len(), plain.len() + 25, "a byte behind a block header");
        assert_eq!(chunks(&file).len(), chunks(&plain).len());
        let data: Vec<u8> = payload(&file, begin)
            .skip(40)
            .take(3)
            .map(|(_, byte)| byte)
            .collect();
        assert_eq!(data, [0, 0x83, 0], "the size of the record sizes");
        assert_eq!(file[..begin], plain[..begin]);
    }
}

/// Where moving the end would take the chunk over another boundary, it does not suffice.
#[test]
fn an_end_at_the_second_boundary_behind_a_chunk() {
    let begin = flushed(Compression::None, true, &[9]).len();
    let sizes = [9, filling(begin, 1)];
    let plain = flushed(Compression::None, false, &sizes);
    assert_eq!(check(&plain), Err(Rejected::End));
    let file = flushed(Compression::None, true, &sizes);
    assert_eq!(check_always(&file), Ok(()));
}

#[test]
fn before_a_record_that_cannot_be_parted_lie_chunks_without_records() {
    for compression in [Compression::None, Compression::default()] {
        for small in [1, 30_000, 60_000, 65_200, 65_300, 65_350, 65_380] {
            let sizes = [small, 300_000];
            let plain = flushed(compression, false, &sizes);
            assert!(
                matches!(check(&plain), Err(Rejected::Continued(_))),
                "{small}"
            );
            let file = flushed(compression, true, &sizes);
            assert_eq!(check_always(&file), Ok(()));
            let chunks = chunks(&file);
            let [before @ .., (last, 1)] = &chunks[..] else {
                panic!("{chunks:?}");
            };
            assert!(last.start > BLOCK && last.start < BLOCK + 128);
            let empty = before[2..]
                .iter()
                .filter(|(_, records)| *records == 0)
                .count();
            assert_eq!(empty, before.len() - 2);
            if compression != Compression::None {
                assert_eq!(empty, 1);
            }
        }
    }
}

/// Of a chunk that is too long, no more becomes a chunk of its own than crosses one boundary.
#[test]
fn the_first_records_become_a_chunk_of_their_own() {
    for compression in [Compression::None, Compression::default()] {
        let options = WriterOptions {
            compression,
            ..WriterOptions::default()
        };
        let mut file = Vec::new();
        let mut writer = RecordWriter::new(&mut file, &options).unwrap();
        writer.write_batch(b"small", &[5]).unwrap();
        let records = bytes(5, 700 * 1000);
        let ends: Vec<u64> = (1..=700).map(|record| record * 1000).collect();
        writer.write_batch(&records, &ends).unwrap();
        let last = writer.last_chunk().unwrap();
        writer.close().unwrap();
        let chunks = chunks(&file);
        assert_eq!(check_always(&file), Ok(()));
        assert_eq!(chunks.len(), 4, "{chunks:?}");
        assert_eq!(
            (chunks[3].0.start as u64, chunks[3].1),
            (last.begin, last.records)
        );
        let first = &chunks[2];
        assert!(first.0.end > BLOCK && first.0.end < 2 * BLOCK);
        assert_eq!(first.1 + last.records, 700);
    }
}

/// Records that a writer is asked about lie where it says, whatever follows.
#[test]
fn what_was_promised_is_kept() {
    let mut refused = 0;
    for seed in 0..40 {
        let numbers = &mut Numbers(seed);
        let options = WriterOptions {
            compression: [Compression::None, Compression::default()][numbers.below(2) as usize],
            ..WriterOptions::default()
        };
        let mut file = Vec::new();
        let mut writer = RecordWriter::new(&mut file, &options).unwrap();
        let mut promises = Vec::new();
        for chunk in 0..6u64 {
            let (mut records, mut ends) = (Vec::new(), Vec::new());
            for _ in 0..1 + numbers.below(12) {
                records.extend(numbers.record(5));
                ends.push(records.len() as u64);
            }
            let asked = numbers.below(ends.len() as u64 + 1);
            let size = asked.checked_sub(1).map_or(0, |last| ends[last as usize]);
            match writer.promise_next_chunk(asked, size) {
                Some(begin) => promises.push((chunk, begin as usize, asked)),
                None => {
                    refused += 1;
                    assert!(size > 60_000);
                }
            }
            writer.write_batch(&records, &ends).unwrap();
        }
        writer.close().unwrap();
        assert_eq!(check_always(&file), Ok(()), "seed {seed}");
        let chunks = chunks(&file);
        for (chunk, begin, asked) in promises {
            let found = chunks.iter().find(|(extent, _)| extent.start == begin);
            assert!(
                found.is_some_and(|(_, records)| *records >= asked),
                "seed {seed}, chunk {chunk}: {asked} at {begin}, {found:?}"
            );
        }
    }
    assert!(refused >= 10, "{refused}");
}

/// Of more records than need be for a chunk of their own, too.
#[test]
fn as_many_as_were_promised_come_first() {
    for compression in [Compression::None, Compression::default()] {
        let options = WriterOptions {
            compression,
            ..WriterOptions::default()
        };
        // From some number on the first records might take more than one boundary.
        let (mut most, mut fewest) = (0, u64::MAX);
        for promised in (0..300).step_by(5) {
            let mut file = Vec::new();
            let mut writer = RecordWriter::new(&mut file, &options).unwrap();
            writer.write_batch(b"small", &[5]).unwrap();
            let records = bytes(5, 700 * 1000);
            let ends: Vec<u64> = (1..=700).map(|record| record * 1000).collect();
            let begin = writer.promise_next_chunk(promised, promised * 1000);
            writer.write_batch(&records, &ends).unwrap();
            writer.close().unwrap();
            assert_eq!(check_always(&file), Ok(()));
            let (first, count) = &chunks(&file)[2];
            if let Some(begin) = begin {
                assert_eq!(first.start as u64, begin);
                assert!(*count >= promised, "{count} of {promised}");
                most = promised;
            }
            fewest = fewest.min(*count);
        }
        assert!(fewest < most && most < 150, "{fewest} to {most}");
    }
}

/// A sink whose request with this number, and all after it, fail.
struct Failing(Vec<u8>, u32);

impl Sink for &mut Failing {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.1 == 0 {
            return Err(io::Error::other("no more"));
        }
        self.1 -= 1;
        assert_eq!(offset, self.0.len() as u64);
        pieces
            .iter()
            .for_each(|piece| self.0.extend_from_slice(piece));
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.0.truncate(size as usize);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A part of a chunk that was written is never written again.
#[test]
fn a_failure_between_the_parts_of_a_chunk_lasts() {
    let records = bytes(5, 300 * 1000);
    let ends: Vec<u64> = (1..=300).map(|record| record * 1000).collect();
    let options = WriterOptions::default();
    for apart in [false, true] {
        // The signature, a small chunk, the first records.
        let mut sink = Failing(Vec::new(), 3);
        let mut writer = RecordWriter::new(&mut sink, &options).unwrap();
        writer.write_batch(b"small", &[5]).unwrap();
        let mut encoder = Encoder::new(&options).unwrap();
        encoder.encode(&records, &ends).unwrap();
        for _ in 0..2 {
            let failed = match apart {
                false => writer.write_batch(&records, &ends),
                true => writer.write_encoded(&mut encoder, &records),
            };
            assert_eq!(failed.unwrap_err().kind(), ErrorKind::Io);
        }
        assert_eq!(writer.close().unwrap_err().kind(), ErrorKind::Io);
        let read = read_all(&sink.0[..]).unwrap();
        assert!(read.len() > 1 && read.len() < 301);
        assert_eq!(read[1..].concat(), records[..(read.len() - 1) * 1000]);
        assert_eq!(check(&sink.0), Ok(()));

        // Another writer takes the chunk as it was encoded.
        let mut file = Vec::new();
        let mut other = RecordWriter::new(&mut file, &options).unwrap();
        if apart {
            other.write_encoded(&mut encoder, &records).unwrap();
            other.close().unwrap();
            assert_eq!(read_all(&file[..]).unwrap().concat(), records);
        }
    }
}

/// The option is one of the DISKY dialect: upstream reads no other.
#[test]
fn the_other_dialect_is_the_same_with_it_and_without() {
    for container in [Container::Records, Container::ArrayRecord] {
        let written = [true, false].map(|compatible| {
            let options = WriterOptions {
                dialect: Dialect::Riegeli,
                container,
                upstream_compatibility: compatible,
                ..WriterOptions::default()
            };
            let mut file = Vec::new();
            let mut writer = RecordWriter::new(&mut file, &options).unwrap();
            for (seed, size) in [9, 300_000, 70_000].into_iter().enumerate() {
                writer.write(&bytes(seed as u64, size)).unwrap();
                writer.flush().unwrap();
            }
            writer.close().unwrap();
            file
        });
        assert!(written[0] == written[1]);
        let rejected = container == Container::Records && check(&written[0]).is_err();
        assert_eq!(rejected, container == Container::Records);
    }
}
