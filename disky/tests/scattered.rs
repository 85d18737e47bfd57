//! Single records of chunks anywhere in a file, several chunks in one call.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use disky::{
    Compression, Container, Dialect, Extent, Limits, Picked, PickedChunk, PickedRecord,
    PulledSource, ReaderOptions, RecordReader, Source, WriterOptions, Zstd,
};
use std::cell::Cell;
use std::io::{self, IoSliceMut};
use std::rc::Rc;
use support::{bytes, golden, manifest, read_all, write_all};

const MEMORY: usize = 4 << 20;

/// Options for a file with this compression and about `per_chunk` records of 100 bytes in a chunk.
fn options(compression: Compression, dialect: Dialect, per_chunk: u64) -> WriterOptions {
    WriterOptions {
        compression,
        dialect,
        chunk_size: per_chunk * 108,
        ..WriterOptions::default()
    }
}

fn formats() -> Vec<(Compression, Dialect)> {
    let zstd = Compression::Zstd(Zstd::default());
    vec![
        (Compression::None, Dialect::Disky),
        (zstd, Dialect::Disky),
        (zstd, Dialect::Riegeli),
        (Compression::Snappy, Dialect::Riegeli),
    ]
}

fn records(count: u64) -> Vec<Vec<u8>> {
    let size = |i: u64| (i * 37 % 200) as usize;
    (0..count).map(|i| bytes(i, size(i))).collect()
}

fn extents(file: &[u8]) -> Vec<Extent> {
    let mut reader = RecordReader::new(file, ReaderOptions::default());
    let mut found = vec![Extent::default(); 10_000];
    let (count, _) = reader.list_chunks(0, u64::MAX, &mut found).unwrap();
    found.truncate(count);
    found
}

/// Every `step`-th record of each chunk.
fn picks(extents: &[Extent], step: u64) -> (Vec<PickedChunk>, Vec<PickedRecord>) {
    let (mut chunks, mut records) = (Vec::new(), Vec::new());
    for extent in extents {
        let before = records.len();
        for index in (0..extent.records).step_by(step as usize) {
            records.push(PickedRecord {
                index,
                ..PickedRecord::default()
            });
        }
        chunks.push(PickedChunk {
            begin: extent.begin,
            end: extent.end,
            records: extent.records,
            picked: (records.len() - before) as u64,
        });
    }
    (chunks, records)
}

/// The records that one call reads, of the chunks that it reads.
fn pick<S: Source>(
    reader: &mut RecordReader<S>,
    chunks: &[PickedChunk],
    records: &[PickedRecord],
    memory: usize,
) -> (Picked, Vec<Vec<u8>>) {
    let (mut records, mut memory) = (records.to_vec(), vec![0; memory]);
    let picked = reader.pick(chunks, &mut records, &mut memory);
    assert!(picked.used <= memory.len());
    let count: u64 = chunks[..picked.chunks].iter().map(|c| c.picked).sum();
    let bytes = records[..count as usize].iter().map(|record| {
        let (offset, size) = (record.offset as usize, record.size as usize);
        assert!(offset + size <= picked.used);
        memory[offset..offset + size].to_vec()
    });
    (picked, bytes.collect())
}

/// Every `step`-th record of each chunk, as reading in order finds them.
fn expected(all: &[Vec<u8>], extents: &[Extent], step: u64) -> Vec<Vec<u8>> {
    let mut first = 0;
    let mut expected = Vec::new();
    for extent in extents {
        let here = &all[first..first + extent.records as usize];
        expected.extend(here.iter().step_by(step as usize).cloned());
        first += extent.records as usize;
    }
    expected
}

#[test]
fn reads_the_records_that_reading_in_order_finds() {
    for (compression, dialect) in formats() {
        for per_chunk in [1, 7, 900, 5000] {
            let all = records(3000);
            let file = write_all(&all, &options(compression, dialect, per_chunk));
            let extents = extents(&file);
            assert_eq!(extents.iter().map(|e| e.records).sum::<u64>(), 3000);
            let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
            for step in [1, 3, 10_000] {
                let (chunks, records) = picks(&extents, step);
                let (picked, found) = pick(&mut reader, &chunks, &records, MEMORY);
                assert_eq!(picked.chunks, chunks.len(), "{compression:?}, {per_chunk}");
                assert!(found == expected(&all, &extents, step));
            }
        }
    }
}

#[test]
fn reads_chunks_whose_bytes_were_supplied() {
    for per_chunk in [1, 900] {
        let file = write_all(
            &records(3000),
            &options(Compression::None, Dialect::Disky, per_chunk),
        );
        let extents = extents(&file);
        let (chunks, records) = picks(&extents, 3);
        let mut of_memory = RecordReader::new(&file[..], ReaderOptions::default());
        let (_, expected) = pick(&mut of_memory, &chunks, &records, MEMORY);

        let source = PulledSource::new(file.len() as u64, 1 << 20);
        let mut reader = RecordReader::new(source, ReaderOptions::default());
        let (mut found, mut from, mut first) = (Vec::new(), 0, 0);
        while from < chunks.len() {
            let supplied = 3.min(chunks.len() - from);
            for chunk in &chunks[from..from + supplied] {
                let bytes = &file[chunk.begin as usize..chunk.end as usize];
                reader
                    .source_mut()
                    .supply(chunk.begin, bytes, false)
                    .unwrap();
            }
            let (picked, here) = pick(&mut reader, &chunks[from..], &records[first..], MEMORY);
            assert_eq!(picked.chunks, supplied);
            found.extend(here);
            from += supplied;
            first = found.len();
        }
        assert!(found == expected);
        // Nothing is kept for the next call.
        assert_eq!(pick(&mut reader, &chunks, &records, MEMORY).0.chunks, 0);
    }
}

#[test]
fn reads_simple_chunks_of_the_golden_files() {
    let mut simple = 0;
    for entry in manifest("manifest.tsv") {
        let path = golden().join(&entry.path);
        if path.is_dir() {
            continue;
        }
        let file = std::fs::read(path).unwrap();
        let all = read_all(&file[..]).unwrap();
        let extents = extents(&file);
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let mut first = 0;
        for extent in &extents {
            let (chunks, records) = picks(&[*extent], 1);
            let (picked, found) = pick(&mut reader, &chunks, &records, MEMORY);
            let next = first + extent.records as usize;
            if picked.chunks == 1 {
                assert!(found == all[first..next], "{}", entry.path);
                simple += 1;
            }
            first = next;
        }
    }
    assert!(simple > 100, "only {simple} chunks");
}

/// The call stops at the damaged chunk, whatever was damaged, and the other records are right.
#[test]
fn a_damaged_chunk_among_many_is_left_to_the_walk() {
    for (compression, dialect) in formats() {
        for per_chunk in [1, 2000] {
            let all = records(3000);
            let file = write_all(&all, &options(compression, dialect, per_chunk));
            let extents = extents(&file);
            let extents = &extents[..extents.len().min(8)];
            let (chunks, records) = picks(extents, 1);
            for (damaged, extent) in extents.iter().enumerate() {
                let size = extent.end - extent.begin;
                let block = extent.begin.next_multiple_of(1 << 16);
                let places = (0..48.min(size))
                    .map(|i| extent.begin + i)
                    .chain([extent.begin + size / 2, extent.end - 1])
                    .chain((block..extent.end).take(24));
                for place in places {
                    let mut file = file.clone();
                    file[place as usize] ^= 1 << (place % 8);
                    let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
                    let (picked, found) = pick(&mut reader, &chunks, &records, MEMORY);
                    assert_eq!(picked.chunks, damaged, "byte {place}, {compression:?}");
                    assert!(found == expected(&all, &extents[..damaged], 1));
                    // The walk forward returns the error.
                    reader.seek(extent.begin, extent.end).unwrap();
                    let (mut ends, mut data) = (vec![0; 3000], vec![0; MEMORY]);
                    let error = reader.next(&mut ends, &mut data).unwrap_err();
                    assert!(error.kind().is_damage(), "{error}");
                    // The chunks after it can be read.
                    let skipped = records.len() - found.len() - chunks[damaged].picked as usize;
                    let rest = &records[records.len() - skipped..];
                    let (picked, found) = pick(&mut reader, &chunks[damaged + 1..], rest, MEMORY);
                    assert_eq!(picked.chunks, chunks.len() - damaged - 1);
                    let before: u64 = extents[..=damaged].iter().map(|e| e.records).sum();
                    let after = &all[before as usize..];
                    assert!(found == expected(after, &extents[damaged + 1..], 1));
                }
            }
        }
    }
}

#[test]
fn stops_where_the_memory_ends() {
    for (compression, dialect) in formats() {
        let all = records(300);
        let file = write_all(&all, &options(compression, dialect, 10));
        let extents = extents(&file);
        let (chunks, records) = picks(&extents, 1);
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let mut most = 0;
        for memory in (0..60_000).step_by(997) {
            let (picked, found) = pick(&mut reader, &chunks, &records, memory);
            assert!(found == expected(&all, &extents[..picked.chunks], 1));
            most = picked.chunks.max(most);
        }
        assert!(most > 20, "{most} chunks");
    }
}

#[test]
fn a_chunk_that_is_not_as_stated_is_not_read() {
    let file = write_all(
        &records(300),
        &options(Compression::None, Dialect::Disky, 10),
    );
    let extents = extents(&file);
    let (chunks, _) = picks(&extents[2..3], 1);
    let right = chunks[0];
    let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
    let mut read = |chunk: PickedChunk, indexes: &[u64]| {
        let record = |&index| PickedRecord {
            index,
            ..PickedRecord::default()
        };
        let records: Vec<PickedRecord> = indexes.iter().map(record).collect();
        pick(&mut reader, &[chunk], &records, MEMORY).0.chunks
    };
    let one = PickedChunk { picked: 1, ..right };
    assert_eq!(read(one, &[right.records - 1]), 1);
    assert_eq!(read(one, &[right.records]), 0);
    assert_eq!(read(one, &[u64::MAX]), 0);
    assert_eq!(read(one, &[]), 0);
    assert_eq!(read(PickedChunk { picked: 2, ..one }, &[1, 0]), 0);
    assert_eq!(read(PickedChunk { picked: 2, ..one }, &[1, 1]), 1);
    assert_eq!(
        read(
            PickedChunk {
                picked: u64::MAX,
                ..one
            },
            &[0]
        ),
        0
    );
    let numbers = [0, 1, 23, 24, 63, 64, 65536, 65537, u64::MAX - 1, u64::MAX];
    for number in numbers {
        assert_eq!(
            read(
                PickedChunk {
                    records: number,
                    ..one
                },
                &[0]
            ),
            0
        );
        assert_eq!(read(PickedChunk { end: number, ..one }, &[0]), 0);
        assert_eq!(
            read(
                PickedChunk {
                    begin: number,
                    ..one
                },
                &[0]
            ),
            0
        );
        assert_eq!(
            read(
                PickedChunk {
                    begin: number,
                    end: number,
                    ..one
                },
                &[0]
            ),
            0
        );
    }
    for change in [1u64, 40, 1 << 20] {
        assert_eq!(
            read(
                PickedChunk {
                    end: one.end + change,
                    ..one
                },
                &[0]
            ),
            0
        );
        assert_eq!(
            read(
                PickedChunk {
                    end: one.end - change.min(one.end),
                    ..one
                },
                &[0]
            ),
            0
        );
        assert_eq!(
            read(
                PickedChunk {
                    begin: one.begin + change,
                    ..one
                },
                &[0]
            ),
            0
        );
    }
}

#[test]
fn limits_hold() {
    let file = write_all(
        &records(300),
        &options(Compression::None, Dialect::Disky, 10),
    );
    let (chunks, records) = picks(&extents(&file), 1);
    let limits = [
        Limits {
            max_chunk_size: 500,
            ..Limits::default()
        },
        Limits {
            max_record_size: 150,
            ..Limits::default()
        },
        Limits {
            max_records_per_chunk: 5,
            ..Limits::default()
        },
    ];
    for limits in limits {
        let options = ReaderOptions::default().limits(limits);
        let mut reader = RecordReader::new(&file[..], options);
        let (picked, _) = pick(&mut reader, &chunks, &records, MEMORY);
        assert!(picked.chunks < chunks.len(), "{limits:?}");
        let stopped = chunks[picked.chunks];
        reader.seek(stopped.begin, stopped.end).unwrap();
    }
}

/// Counts requests, and returns at most `most` bytes for each.
struct Counted<'a>(&'a [u8], usize, Rc<Cell<u32>>);

impl Source for Counted<'_> {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.2.set(self.2.get() + 1);
        let mut bytes = vec![0; self.1];
        let read = self.0.read_at(offset, &mut [IoSliceMut::new(&mut bytes)])?;
        (&bytes[..read]).read_at(0, pieces)
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }
}

#[test]
fn each_chunk_is_one_request() {
    let all = records(3000);
    let array_record = WriterOptions {
        container: Container::ArrayRecord,
        dialect: Dialect::Riegeli,
        group_size: 1,
        ..WriterOptions::default()
    };
    let file = write_all(&all, &array_record);
    let extents = extents(&file);
    let (chunks, records) = picks(&extents, 1);
    for (most, requests) in [(1 << 20, Some(chunks.len() as u32)), (33, None)] {
        let count = Rc::new(Cell::new(0));
        let source = Counted(&file, most, count.clone());
        let mut reader = RecordReader::new(source, ReaderOptions::default());
        let (picked, found) = pick(&mut reader, &chunks, &records, MEMORY);
        assert_eq!(picked.chunks, chunks.len());
        assert!(found == all);
        assert_eq!(count.get(), requests.unwrap_or(count.get()));
    }
}

/// The file became shorter than it was when it was opened.
#[test]
fn a_file_that_was_cut_is_read_up_to_there() {
    struct Cut<'a>(&'a [u8], u64);
    impl Source for Cut<'_> {
        fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
            self.0.read_at(offset, pieces)
        }

        fn size(&self) -> u64 {
            self.1
        }
    }
    let all = records(3000);
    let file = write_all(&all, &options(Compression::None, Dialect::Disky, 10));
    let extents = extents(&file);
    let (chunks, records) = picks(&extents, 1);
    for cut in [0, 64, extents[100].begin + 1, extents[100].end - 1] {
        let source = Cut(&file[..cut as usize], file.len() as u64);
        let mut reader = RecordReader::new(source, ReaderOptions::default());
        let (picked, found) = pick(&mut reader, &chunks, &records, MEMORY);
        assert_eq!(picked.chunks, if cut > 64 { 100 } else { 0 });
        assert!(found == expected(&all, &extents[..picked.chunks], 1));
    }
}
