//! Limits on records: what exceeds one is refused, with the size, the limit and the remedy.
#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    BatchMemory, Compression, CorruptionStrategy, Dialect, ErrorKind, Excess, Limits, Next,
    ReaderOptions, RecordReader, WriterOptions,
};

fn layouts() -> Vec<WriterOptions> {
    let with = |compression, dialect, transpose| WriterOptions {
        compression,
        dialect,
        transpose,
        ..WriterOptions::default()
    };
    vec![
        with(Compression::None, Dialect::Disky, false),
        with(Compression::default(), Dialect::Disky, false),
        with(Compression::default(), Dialect::Riegeli, false),
        with(Compression::None, Dialect::Riegeli, true),
        with(Compression::default(), Dialect::Riegeli, true),
    ]
}

fn both_strategies() -> [CorruptionStrategy; 2] {
    [CorruptionStrategy::Error, CorruptionStrategy::Recover]
}

fn records(sizes: &[usize]) -> Vec<Vec<u8>> {
    sizes.iter().map(|&size| vec![b'r'; size]).collect()
}

/// What reading one chunk comes to.
fn read(file: &[u8], options: ReaderOptions) -> disky::Result<usize> {
    let mut reader = RecordReader::new(file, options);
    let mut memory = BatchMemory::default();
    let batch = reader.next_batch(&mut memory)?;
    Ok(batch.map_or(0, |batch| batch.len()))
}

fn assert_too_large(found: disky::Result<usize>, size: u64, limit: u64, unit: &str) {
    let error = found.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    assert_eq!(error.excess(), Some(Excess { size, limit }));
    assert_eq!(error.position(), Some(64));
    for part in [unit, &size.to_string(), &limit.to_string(), "higher limit"] {
        assert!(error.detail().contains(part), "{part}: {error}");
    }
}

#[test]
fn records_up_to_the_limit_are_read() {
    for layout in layouts() {
        for sizes in [&[700][..], &[0, 700, 3, 40], &[1, 2, 3, 700], &[700, 700]] {
            let file = support::write_all(&records(sizes), &layout);
            for corruption in both_strategies() {
                let limited = |max_record_size| ReaderOptions {
                    limits: Limits::default().max_record_size(max_record_size),
                    corruption,
                    ..ReaderOptions::default()
                };
                assert_eq!(read(&file, limited(700)).unwrap(), sizes.len());
                assert_too_large(read(&file, limited(699)), 700, 699, "bytes a record");
            }
        }
    }
}

#[test]
fn chunks_up_to_so_many_records_are_read() {
    for layout in layouts() {
        let file = support::write_all(&records(&[5; 200]), &layout);
        for corruption in both_strategies() {
            let limited = |max_records_per_chunk| ReaderOptions {
                limits: Limits::default().max_records_per_chunk(max_records_per_chunk),
                corruption,
                ..ReaderOptions::default()
            };
            assert_eq!(read(&file, limited(200)).unwrap(), 200);
            assert_too_large(read(&file, limited(199)), 200, 199, "records a chunk");
        }
    }
}

/// No memory is asked for, and so none allocated, where the header tells.
#[test]
fn what_the_header_tells_is_refused_before_memory_is_asked_for() {
    for layout in layouts() {
        for (sizes, max_record_size, max_records_per_chunk) in [
            (&[5; 200][..], u64::MAX, 199),
            (&[70_000], 69_999, u64::MAX),
            (&[1000, 2000], 1499, u64::MAX),
        ] {
            let file = support::write_all(&records(sizes), &layout);
            let limits = Limits::default()
                .max_record_size(max_record_size)
                .max_records_per_chunk(max_records_per_chunk);
            let options = ReaderOptions::default().limits(limits);
            let mut reader = RecordReader::new(&file[..], options);
            let error = reader.next(&mut [], &mut []).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge);
        }
    }
}

/// The sizes of compressed records are known before the records are.
#[test]
fn no_record_of_a_refused_chunk_is_decompressed() {
    for layout in &layouts()[1..3] {
        let sizes = [1, 700, 2];
        let file = support::write_all(&records(&sizes), layout);
        let options = ReaderOptions {
            limits: Limits::default().max_record_size(699),
            ..ReaderOptions::default()
        };
        let mut reader = RecordReader::new(&file[..], options);
        let (mut ends, mut data) = ([0; 3], [0; 703]);
        let need = Next::NeedMemory { ends: 3, data: 703 };
        assert_eq!(reader.next(&mut [], &mut []).unwrap(), need);
        let error = reader.next(&mut ends, &mut data).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(data, [0; 703]);
    }
}
