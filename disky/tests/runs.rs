//! Runs of chunks: the same records as chunk by chunk, several chunks in one call.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use disky::{
    Batch, Compression, ErrorKind, Next, PulledSource, ReaderOptions, RecordReader, STREAMS, Slot,
    WriterOptions, Zstd, streams,
};
use support::{RunMemory, bytes, digest, golden, manifest, write_all};

/// Chunks of 10 records of 1,000 bytes.
fn file(compression: Compression, chunks: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    let records: Vec<Vec<u8>> = (0..10 * chunks).map(|i| bytes(i as u64, 1000)).collect();
    let options = WriterOptions {
        compression,
        chunk_size: 10_000,
        ..WriterOptions::default()
    };
    (write_all(&records, &options), records)
}

/// All records, read in runs.
fn runs(file: &[u8], options: ReaderOptions) -> disky::Result<Vec<Vec<u8>>> {
    let mut reader = RecordReader::new(file, options);
    let mut memory = RunMemory::default();
    let mut records = Vec::new();
    loop {
        let run = memory.next_run(&mut reader)?;
        if run.is_empty() {
            return Ok(records);
        }
        records.extend(run.into_iter().flat_map(|(_, _, records)| records));
    }
}

#[test]
fn a_run_has_as_many_chunks_as_are_hashed_at_the_same_time() {
    for compression in [Compression::None, Compression::Zstd(Zstd::new(3).unwrap())] {
        let (file, records) = file(compression, 30);
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let (mut ends, mut data) = (vec![vec![0; 100]; 9], vec![vec![0; 20_000]; 9]);
        let mut slots: Vec<Slot<'_>> = ends
            .iter_mut()
            .zip(&mut data)
            .map(|(ends, data)| Slot { ends, data })
            .collect();
        let mut batches = Vec::<Batch>::new();
        // The file signature, a chunk without records, is a run of its own.
        reader.next_run(&mut slots, &mut batches).unwrap();
        let mut count = batches[0].records;
        while reader.next_run(&mut slots, &mut batches).unwrap() != Next::End {
            let chunks = batches.len();
            count += batches.iter().map(|batch| batch.records).sum::<usize>();
            assert!(
                chunks == streams() || count == records.len(),
                "{chunks} chunks"
            );
        }
        assert_eq!(count, records.len());
        assert!(
            reader.hashed_bytes() <= file.len() as u64,
            "everything is hashed once"
        );
    }
}

#[test]
fn files_of_other_writers_give_the_same_records() {
    for row in manifest("manifest.tsv") {
        let path = golden().join(&row.path);
        if path.is_file() {
            let file = std::fs::read(path).unwrap();
            let records = runs(&file, ReaderOptions::default()).unwrap();
            assert_eq!(digest(&records), row.digest, "{}", row.path);
        }
    }
}

/// Chunks before the damage are returned, then the damage is reported, again and again.
#[test]
fn damage_in_a_later_chunk_does_not_concern_the_chunks_before() {
    let (file, records) = file(Compression::None, 12);
    let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
    let mut chunks = Vec::new();
    let mut memory = RunMemory::default();
    loop {
        let run = memory.next_run(&mut reader).unwrap();
        if run.is_empty() {
            break;
        }
        chunks.extend(run);
    }
    let mut before = 0;
    for (begin, _, records_of_chunk) in &chunks {
        let mut damaged = file.clone();
        damaged[(begin + 5_000).min(file.len() - 10)] ^= 1;
        let mut reader = RecordReader::new(&damaged[..], ReaderOptions::default());
        let mut memory = RunMemory::default();
        let mut found = Vec::new();
        let error = loop {
            match memory.next_run(&mut reader) {
                Ok(run) => found.extend(run.into_iter().flat_map(|(_, _, records)| records)),
                Err(error) => break error,
            }
        };
        assert!(found == records[..before], "chunk at {begin}");
        before += records_of_chunk.len();
        assert_eq!(error.kind(), ErrorKind::DataHash);
        assert_eq!(error.position(), Some(*begin as u64));
        assert_eq!(reader.position(), *begin as u64);
        let again = memory.next_run(&mut reader).unwrap_err();
        assert_eq!(again.to_string(), error.to_string());
    }
}

#[test]
fn a_run_ends_with_the_range() {
    let (file, _) = file(Compression::None, 12);
    let all = runs(&file, ReaderOptions::default()).unwrap().len();
    for end in (0..file.len() as u64 + 500).step_by(997) {
        let first = ReaderOptions {
            range: 0..end,
            ..ReaderOptions::default()
        };
        let second = ReaderOptions {
            range: end..u64::MAX,
            ..ReaderOptions::default()
        };
        let counts = [first, second].map(|options| runs(&file, options).unwrap().len());
        assert_eq!(counts.iter().sum::<usize>(), all, "cut at {end}");
    }
}

#[test]
fn chunks_of_an_array_record_form_runs() {
    for compression in [Compression::None, Compression::Zstd(Zstd::new(3).unwrap())] {
        let records: Vec<Vec<u8>> = (0..10_000).map(|i| bytes(i, 40)).collect();
        let options = WriterOptions {
            compression,
            container: disky::Container::ArrayRecord,
            dialect: disky::Dialect::Riegeli,
            group_size: 200,
            ..WriterOptions::default()
        };
        let file = write_all(&records, &options);
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let mut memory = disky::RunMemory::default();
        let mut runs = Vec::new();
        loop {
            let chunks = reader.next_batches(&mut memory).unwrap().count();
            if chunks == 0 {
                break;
            }
            runs.push(chunks);
        }
        // The first run may be a single chunk.
        assert!(runs.len() <= 1 + 50usize.div_ceil(streams()), "{runs:?}");
    }
}

/// A run has the chunks whose bytes were supplied already, and does not ask for the bytes of others.
#[test]
fn a_run_of_a_pulled_source_has_the_chunks_that_were_supplied() {
    let (file, records) = file(Compression::None, 30);
    let chunk = file.len() / 30;
    for (most, longest) in [(chunk / 2, 1), (5 * chunk, streams())] {
        let source = PulledSource::new(file.len() as u64, 1 << 20);
        let mut reader = RecordReader::new(source, ReaderOptions::default());
        let (mut ends, mut data) = (vec![vec![0; 100]; STREAMS], vec![vec![0; 20_000]; STREAMS]);
        let (mut count, mut largest, mut batches) = (0, 0, Vec::<Batch>::new());
        loop {
            let mut slots: Vec<Slot<'_>> = ends
                .iter_mut()
                .zip(&mut data)
                .map(|(ends, data)| Slot { ends, data })
                .collect();
            match reader.next_run(&mut slots, &mut batches) {
                Ok(Next::End) => break,
                Ok(_) => largest = largest.max(batches.len()),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::NeedBytes);
                    let need = reader.source_mut().need().unwrap();
                    let begin = need.offset as usize;
                    let end = (begin + most.max(need.size as usize)).min(file.len());
                    let bytes = &file[begin..end];
                    reader
                        .source_mut()
                        .supply(need.offset, bytes, false)
                        .unwrap();
                }
            }
            for (batch, (ends, data)) in batches.iter().zip(ends.iter().zip(&data)) {
                let mut begin = 0;
                for &end in &ends[..batch.records] {
                    let from = batch.data_offset;
                    assert!(data[from + begin..from + end as usize] == records[count]);
                    (begin, count) = (end as usize, count + 1);
                }
            }
        }
        assert_eq!((count, largest), (records.len(), longest));
    }
}
