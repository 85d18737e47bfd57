//! Whoever walks over a file comes to the same decision about each chunk: who reads, who skips what
//! another has read, who lists, counts, verifies, describes, and who goes back.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use disky::{
    BatchMemory, ChunkHeader, ChunkType, ChunkWriter, CorruptionStrategy, Dialect, ErrorKind,
    Extent, Limits, Nearest, Next, ReaderOptions, RecordReader, Source, WriterOptions, hash,
};
use std::io::{self, IoSliceMut};
use support::{bytes, write_all};

const RECORD: &[u8] = &[0, 1, 4, b'l', b'o', b's', b't'];

/// A chunk of a file to be forged: its header's values, and its data.
#[derive(Clone, Copy)]
struct Forged<'a> {
    chunk_type: u8,
    records: u64,
    decoded: u64,
    data: &'a [u8],
    damaged: bool,
}

fn forged(chunk_type: u8, records: u64, decoded: u64, data: &[u8]) -> Forged<'_> {
    Forged {
        chunk_type,
        records,
        decoded,
        data,
        damaged: false,
    }
}

fn good() -> Forged<'static> {
    forged(b'r', 1, 4, RECORD)
}

fn file_of<'a>(chunks: impl IntoIterator<Item = Forged<'a>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = ChunkWriter::new(&mut file, 0);
    writer.write_signature().unwrap();
    for chunk in chunks {
        let header = ChunkHeader {
            data_size: chunk.data.len() as u64,
            data_hash: hash(chunk.data) ^ u64::from(chunk.damaged),
            chunk_type: ChunkType::from_byte(chunk.chunk_type),
            num_records: chunk.records,
            decoded_data_size: chunk.decoded,
        };
        writer.write(&header, &[chunk.data]).unwrap();
    }
    file
}

fn options(corruption: CorruptionStrategy) -> ReaderOptions {
    ReaderOptions {
        corruption,
        ..ReaderOptions::default()
    }
}

/// What a walk came to: where chunks of records are, the position and kind of the error that ended
/// it, and what was skipped.
#[derive(Debug, PartialEq, Default)]
struct Outcome {
    chunks: Vec<u64>,
    error: Option<(Option<u64>, ErrorKind)>,
    skipped: Vec<(u64, u64, ErrorKind)>,
}

impl Outcome {
    fn take_skipped(&mut self, reader: &mut RecordReader<impl Source>) {
        while let Some(region) = reader.next_skipped_region() {
            let skipped = (region.begin, region.end, region.reason.kind());
            self.skipped.push(skipped);
        }
    }

    fn fail(&mut self, error: &disky::Error) {
        self.error = Some((error.position(), error.kind()));
    }
}

fn read(file: &[u8], options: ReaderOptions) -> Outcome {
    let mut reader = RecordReader::new(file, options);
    let mut memory = BatchMemory::default();
    let mut outcome = Outcome::default();
    loop {
        let next = reader.next_batch(&mut memory);
        let begin = next.map(|batch| batch.map(|batch| batch.chunk_begin()));
        outcome.take_skipped(&mut reader);
        match begin {
            Ok(Some(begin)) => outcome.chunks.push(begin),
            Ok(None) => return outcome,
            Err(error) => {
                outcome.fail(&error);
                return outcome;
            }
        }
    }
}

/// Skips the chunks at `known`, as one does whose other threads have read them.
fn skip(file: &[u8], options: ReaderOptions, known: &[u64]) -> Outcome {
    let mut reader = RecordReader::new(file, options);
    let mut outcome = Outcome::default();
    for &begin in known {
        let skipped = reader.skip(begin);
        outcome.take_skipped(&mut reader);
        match skipped {
            Ok(Some(batch)) => outcome.chunks.push(batch.chunk_begin),
            Ok(None) => break,
            Err(error) => {
                outcome.fail(&error);
                return outcome;
            }
        }
    }
    // No chunk begins there, so that this goes no further than to the next one with records.
    let rest = reader
        .skip(u64::MAX)
        .and_then(|_| reader.next_batch(&mut BatchMemory::default()).map(|_| ()));
    outcome.take_skipped(&mut reader);
    if let Err(error) = rest {
        outcome.fail(&error);
    }
    outcome
}

fn list(file: &[u8], options: ReaderOptions) -> Outcome {
    let mut reader = RecordReader::new(file, options);
    let mut outcome = Outcome::default();
    let mut some = [Extent::default(); 3];
    let mut position = 0;
    while position < file.len() as u64 {
        match reader.list_chunks(position, u64::MAX, &mut some) {
            Ok((count, next)) => {
                outcome
                    .chunks
                    .extend(some[..count].iter().map(|extent| extent.begin));
                position = next;
            }
            Err(error) => {
                outcome.fail(&error);
                break;
            }
        }
    }
    outcome
}

/// All chunks from the end of the file to its beginning, then in file order.
fn go_back(reader: &mut RecordReader<impl Source>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut position = reader.size();
    loop {
        let found = reader.records_before(position);
        let mut told = Outcome::default();
        told.take_skipped(reader);
        outcome.skipped.extend(told.skipped.into_iter().rev());
        match found {
            Ok(Some(extent)) => {
                assert!(extent.begin < position);
                position = extent.begin;
                outcome.chunks.push(position);
            }
            Ok(None) => break,
            Err(error) => {
                outcome.fail(&error);
                break;
            }
        }
    }
    outcome.chunks.reverse();
    outcome.skipped.reverse();
    outcome
}

/// Chunks that state no records; what is wrong with them, or nothing.
fn empty_chunks() -> Vec<(Forged<'static>, ReaderOptions, Option<ErrorKind>)> {
    let defaults = ReaderOptions::default;
    let limited = || ReaderOptions {
        limits: Limits::default().max_chunk_size(16),
        ..defaults()
    };
    let hidden = Some(ErrorKind::RecordSizes);
    let empty = forged(b'r', 0, 0, &[0, 0]);
    vec![
        (empty, defaults(), None),
        (
            forged(b't', 0, 0, &[0, 0]),
            defaults(),
            Some(ErrorKind::TransposedData),
        ),
        (forged(b'r', 0, 4, RECORD), defaults(), hidden),
        (forged(b'r', 0, 0, RECORD), defaults(), hidden),
        (forged(b'r', 0, 0, &[0, 0, b'x']), defaults(), hidden),
        (
            forged(b'r', 0, 4, &[0, 0, b'l', b'o', b's', b't']),
            defaults(),
            hidden,
        ),
        (forged(b'r', 0, 0, &[]), defaults(), hidden),
        (
            forged(b'r', 0, 0, &[b'Z', 0]),
            defaults(),
            Some(ErrorKind::UnsupportedCompression),
        ),
        (
            Forged {
                damaged: true,
                ..empty
            },
            defaults(),
            Some(ErrorKind::DataHash),
        ),
        (
            forged(b'r', 0, 1 << 40, &[0, 0]),
            defaults(),
            Some(ErrorKind::TooLarge),
        ),
        (
            forged(b'r', 0, 0, &[0; 17]),
            limited(),
            Some(ErrorKind::TooLarge),
        ),
    ]
}

#[test]
fn chunks_that_state_no_records_are_looked_into_by_every_walk() {
    for (number, (chunk, options, wrong)) in empty_chunks().into_iter().enumerate() {
        let before = file_of([good(), good()]);
        let file = file_of([good(), good(), chunk, good()]);
        let position = before.len() as u64;
        let read = read(&file, options.clone());
        let expected = wrong.map(|kind| (Some(position), kind));
        assert_eq!(read.error, expected, "case {number}");
        let all = match wrong {
            None => 3,
            Some(_) => 2,
        };
        assert_eq!(read.chunks.len(), all, "case {number}");

        assert_eq!(
            skip(&file, options.clone(), &read.chunks),
            read,
            "case {number}"
        );
        assert_eq!(list(&file, options.clone()), read, "case {number}");
        let mut reader = RecordReader::new(&file[..], options.clone());
        let counted = reader.count().map_err(|e| (e.position(), e.kind()));
        assert_eq!(counted, expected.map_or(Ok(3), Err), "case {number}");
        let verified = reader.verify().map_err(|e| (e.position(), e.kind()));
        assert_eq!(verified, expected.map_or(Ok(false), Err), "case {number}");
        // What cannot be looked into is left out of the distribution.
        let opaque = [ErrorKind::TooLarge, ErrorKind::UnsupportedCompression];
        let sizes = reader.record_sizes().map_err(|e| (e.position(), e.kind()));
        match expected.filter(|(_, kind)| !opaque.contains(kind)) {
            None => assert_eq!(sizes.unwrap().count, 3, "case {number}"),
            Some(expected) => assert_eq!(sizes.unwrap_err(), expected, "case {number}"),
        }
        // The chunk behind is found before it, and then nothing more.
        let mut reader = RecordReader::new(&file[..], options.clone());
        let back = go_back(&mut reader);
        assert_eq!(back.error, expected, "case {number}");
        assert_eq!(back.chunks.len(), if wrong.is_some() { 1 } else { 3 });
    }
}

#[test]
fn chunks_that_state_no_records_are_skipped_by_every_walk() {
    for (number, (chunk, limits, wrong)) in empty_chunks().into_iter().enumerate() {
        if wrong == Some(ErrorKind::TooLarge) && chunk.decoded == 0 {
            continue; // an error in each way, as above
        }
        let file = file_of([good(), good(), chunk, good()]);
        let options = ReaderOptions {
            corruption: CorruptionStrategy::Recover,
            ..limits
        };
        let read = read(&file, options.clone());
        assert_eq!(
            (read.chunks.len(), &read.error),
            (3, &None),
            "case {number}"
        );
        assert_eq!(read.skipped.len(), usize::from(wrong.is_some()));
        assert_eq!(
            skip(&file, options.clone(), &read.chunks),
            read,
            "case {number}"
        );
        let mut reader = RecordReader::new(&file[..], options.clone());
        assert_eq!(go_back(&mut reader), read, "case {number}");
        let mut verified = Outcome::default();
        let mut reader = RecordReader::new(&file[..], options);
        while reader.verify().unwrap() {
            verified.take_skipped(&mut reader);
        }
        verified.take_skipped(&mut reader);
        assert_eq!(verified.skipped, read.skipped, "case {number}");
    }
}

/// Files damaged here and there: who skips what another reads, and who goes back, meets the same.
#[test]
fn damaged_files_are_the_same_in_each_direction() {
    const SEED: u64 = 0x5eed_0077;
    println!("seed {SEED:#x}");
    let mut state = SEED;
    let mut random = move |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % limit
    };
    let mut with_regions = 0;
    for round in 0..300 {
        let chunk_size = [60, 700, 9000, 80_000][round % 4];
        let written = WriterOptions {
            compression: disky::Compression::None,
            chunk_size,
            ..WriterOptions::default()
        };
        let records: Vec<Vec<u8>> = (0..300)
            .map(|i| bytes(i, 50 + (i as usize * 37) % 900))
            .collect();
        let mut file = write_all(&records, &written);
        for _ in 0..=random(6) {
            let at = random(file.len());
            let len = (1 + random(3) * random(200)).min(file.len() - at);
            file[at..at + len].iter_mut().for_each(|byte| *byte ^= 0x5a);
        }
        let error = options(CorruptionStrategy::Error);
        let expected = read(&file, error.clone());
        assert_eq!(
            skip(&file, error, &expected.chunks),
            expected,
            "round {round}"
        );

        let recover = options(CorruptionStrategy::Recover);
        let expected = read(&file, recover.clone());
        with_regions += usize::from(expected.skipped.len() > 1);
        let mut reader = RecordReader::new(&file[..], recover);
        let back = go_back(&mut reader);
        assert_eq!(back.chunks, expected.chunks, "round {round}");
        assert_eq!(back.error, None, "round {round}");
    }
    assert!(with_regions > 50, "{with_regions}");
}

/// Counts the bytes that are read.
struct Counted<'a>(&'a [u8], u64);

impl Source for Counted<'_> {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let read = self.0.read_at(offset, pieces)?;
        self.1 += read as u64;
        Ok(read)
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Goes back over all of `file`, which has so many chunks that are found; how many bytes that reads.
fn bytes_read_going_back(file: &[u8], options: ReaderOptions, chunks: usize) -> u64 {
    let mut reader = RecordReader::new(Counted(file, 0), options);
    let found = go_back(&mut reader);
    assert_eq!((found.chunks.len(), found.error), (chunks, None));
    reader.source().1
}

#[test]
fn going_back_reads_no_more_than_a_few_times_the_file() {
    let damaged = Forged {
        damaged: true,
        ..good()
    };
    let empty = forged(b'r', 0, 0, &[0, 0]);
    let recover = options(CorruptionStrategy::Recover);
    let error = options(CorruptionStrategy::Error);
    for count in [2000, 8000] {
        let with = |chunk: Forged<'static>| {
            file_of(std::iter::once(good()).chain(std::iter::repeat_n(chunk, count)))
        };
        for (name, file, options, found) in [
            ("damaged", with(damaged), &recover, 1),
            ("empty", with(empty), &error, 1),
            ("empty, recovering", with(empty), &recover, 1),
            ("padding", with(forged(b'p', 0, 0, &[0; 5])), &error, 1),
            ("good", with(good()), &error, count + 1),
            ("good, recovering", with(good()), &recover, count + 1),
        ] {
            let read = bytes_read_going_back(&file, options.clone(), found);
            // Each block is listed once; around damage much is read ahead in vain.
            let most = 20 * file.len() as u64;
            assert!(
                read <= most,
                "{name}, {count} chunks: {read} bytes of {}",
                file.len()
            );
        }
    }
}

/// Where no block header says where to begin, a stretch is as long as the file.
#[test]
fn long_stretches_are_listed_piece_by_piece() {
    let mut file = file_of(std::iter::repeat_n(good(), 120_000));
    for block in (65_536..file.len()).step_by(65_536) {
        file[block] ^= 1;
    }
    let recover = options(CorruptionStrategy::Recover);
    let expected = read(&file, recover.clone());
    assert_eq!(expected.chunks.len(), 120_000);
    let read = bytes_read_going_back(&file, recover, 120_000);
    let most = 7 * file.len() as u64 / 2;
    assert!(read <= most, "{read} bytes of {}", file.len());
}

#[test]
fn going_back_stays_in_the_range() {
    let file = file_of(std::iter::repeat_n(good(), 4000));
    for corruption in [CorruptionStrategy::Error, CorruptionStrategy::Recover] {
        let range = 70_000..150_000;
        let options = ReaderOptions {
            range: range.clone(),
            ..options(corruption)
        };
        let expected = read(&file, options.clone()).chunks;
        let mut reader = RecordReader::new(&file[..], options);
        let mut position = range.end;
        let mut found = Vec::new();
        while let Some(extent) = reader.records_before(position).unwrap() {
            position = extent.begin;
            found.push(position);
        }
        found.reverse();
        assert_eq!(found, expected);
    }
}

/// Every walk keeps its own pause: the calls between two calls of `next` for the same chunk change
/// neither its records nor how often its bytes are hashed.
#[test]
fn a_walk_does_not_disturb_the_pause_of_another() {
    type Interlude = fn(&mut RecordReader<&[u8]>);
    let interludes: [(&str, Interlude); 7] = [
        ("records_before", |reader| {
            assert!(reader.records_before(u64::MAX).unwrap().is_some());
        }),
        ("list_chunks", |reader| {
            let mut extents = [Extent::default(); 1];
            assert_eq!(reader.list_chunks(0, u64::MAX, &mut extents).unwrap().0, 1);
        }),
        ("count", |reader| assert_eq!(reader.count().unwrap(), 300)),
        ("record_sizes", |reader| {
            assert_eq!(reader.record_sizes().unwrap().count, 300);
        }),
        ("chunk_at", |reader| {
            assert!(reader.chunk_at(64).unwrap().is_some());
        }),
        ("find_chunk", |reader| {
            let found = reader.find_chunk(u64::MAX, Nearest::AtOrBefore);
            assert!(found.unwrap().is_some());
        }),
        ("metadata", |reader| {
            assert_eq!(reader.metadata().unwrap(), None)
        }),
    ];
    let records: Vec<Vec<u8>> = (0..300u32).map(|i| i.to_le_bytes().repeat(25)).collect();
    for transpose in [false, true] {
        let layout = WriterOptions::default()
            .chunk_size(10_000)
            .dialect(Dialect::Riegeli)
            .transpose(transpose);
        let file = write_all(&records, &layout);
        for corruption in [CorruptionStrategy::Error, CorruptionStrategy::Recover] {
            let read = |interlude: Interlude| {
                let mut reader = RecordReader::new(&file[..], options(corruption));
                let mut found = Vec::new();
                while let Next::NeedMemory { ends, data } = reader.next(&mut [], &mut []).unwrap() {
                    interlude(&mut reader);
                    let (mut ends, mut data) = (vec![0; ends], vec![0; data]);
                    let Next::Batch(batch) = reader.next(&mut ends, &mut data).unwrap() else {
                        panic!("the memory did not suffice");
                    };
                    found.extend_from_slice(&data[batch.data_offset..][..batch.data_size]);
                }
                (found, reader.hashed_bytes())
            };
            let expected = read(|_| {});
            assert_eq!(expected.0, records.concat());
            for (name, interlude) in interludes {
                assert!(
                    read(interlude) == expected,
                    "{name} {corruption:?} {transpose}"
                );
            }
        }
    }
}
