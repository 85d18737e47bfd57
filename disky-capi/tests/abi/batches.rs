//! Records, a chunk at a time.

use super::*;

#[test]
fn asks_for_memory_then_decodes_into_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let (status, reader, _) = open_reader(&path);
    assert_eq!(status, DISKY_OK);
    let (mut found, mut ends, mut data) = (batch(), [0u64; 2], [0u8; 8]);
    let mut count = 0;
    // SAFETY: the reader is alive until the last call, and the other pointers are to living values.
    unsafe {
        assert_eq!(disky_reader_count(reader, &mut count, null_mut()), DISKY_OK);
        let asked = disky_reader_next(reader, null_mut(), 0, null_mut(), 0, &mut found, null_mut());
        assert_eq!(asked, DISKY_NEED_MEMORY);
        assert_eq!((found.records, found.data_size), (2, 8));
        let mut next = || {
            let (ends, data) = (ends.as_mut_ptr(), data.as_mut_ptr());
            disky_reader_next(reader, ends, 2, data, 8, &mut found, null_mut())
        };
        assert_eq!(next(), DISKY_OK);
        assert_eq!(
            (found.chunk_begin, found.records, found.data_offset),
            (64, 2, 0)
        );
        let (ends, data) = (ends.as_mut_ptr(), data.as_mut_ptr());
        for _ in 0..2 {
            let end = disky_reader_next(reader, ends, 2, data, 8, &mut found, null_mut());
            assert_eq!((end, found.notices), (DISKY_END, 0));
        }
        assert_eq!(disky_reader_free(reader), DISKY_OK);
    }
    assert_eq!(count, 2);
    assert_eq!((ends, &data), ([3, 8], b"onethree"));
}

#[test]
fn a_run_decodes_several_chunks_and_checks_its_memory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    for records in [b"fourfive", b"six.nine"] {
        let options = write_options(DISKY_OPEN_APPEND);
        let (status, writer, _) = open_writer(&path, &options);
        assert_eq!(status, DISKY_OK);
        // SAFETY: the writer is alive until the last call, and the other pointers are to living values.
        unsafe {
            let ends = [4u64, 8];
            let written =
                disky_writer_write(writer, records.as_ptr(), 8, ends.as_ptr(), 2, null_mut());
            assert_eq!(written, DISKY_OK);
            assert_eq!(disky_writer_finish(writer, null_mut()), DISKY_OK);
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
    }
    let (_, reader, _) = open_reader(&path);
    let (mut ends, mut data) = ([[0u64; 2]; 4], [[0u8; 16]; 4]);
    let mut slots: Vec<disky_slot> = ends
        .iter_mut()
        .zip(&mut data)
        .map(|(ends, data)| disky_slot {
            ends: ends.as_mut_ptr(),
            ends_capacity: 2,
            data: data.as_mut_ptr(),
            data_capacity: 16,
            batch: batch(),
        })
        .collect();
    let mut chunks = 9;
    // SAFETY: the reader is alive until the last call, and the other pointers are to living values,
    // except where the call refuses them.
    unsafe {
        let run = |slots: &mut [disky_slot], chunks: &mut u64| {
            let count = slots.len() as u64;
            disky_reader_next_run(reader, slots.as_mut_ptr(), count, chunks, null_mut())
        };
        assert_eq!(run(&mut slots[..0], &mut chunks), DISKY_INVALID_ARGUMENT);
        let mut overlapping = [slots[0], slots[1], slots[0]];
        assert_eq!(run(&mut overlapping, &mut chunks), DISKY_INVALID_ARGUMENT);
        let mut small = [
            disky_slot {
                data_capacity: 1,
                ..slots[0]
            },
            slots[1],
        ];
        assert_eq!(run(&mut small, &mut chunks), DISKY_NEED_MEMORY);
        assert_eq!(
            (chunks, small[0].batch.records, small[0].batch.data_size),
            (0, 2, 8)
        );
        assert_eq!(run(&mut slots, &mut chunks), DISKY_OK);
        // The file signature is the first chunk of the file, so that no run begins there.
        assert_eq!((chunks, slots[0].batch.chunk_begin), (1, 64));
        let second = slots[0].batch.chunk_end;
        assert_eq!(run(&mut slots, &mut chunks), DISKY_OK);
        assert_eq!((chunks, slots[0].batch.chunk_begin), (2, second));
        assert_eq!(slots[1].batch.chunk_begin, slots[0].batch.chunk_end);
        assert_eq!(run(&mut slots, &mut chunks), DISKY_END);
        assert_eq!(chunks, 0);
        assert_eq!(disky_reader_free(reader), DISKY_OK);
    }
    let record = |slot: usize| {
        let begin = slots[slot].batch.data_offset as usize;
        data[slot][begin..begin + 8].to_vec()
    };
    assert_eq!(
        (record(0), record(1)),
        (b"fourfive".to_vec(), b"six.nine".to_vec())
    );
}

#[test]
fn every_compression_is_written_and_read() {
    let directory = tempfile::tempdir().unwrap();
    for (compression, level, window_log, byte) in [
        (DISKY_COMPRESSION_NONE, 99, 99, 0),
        (DISKY_COMPRESSION_ZSTD, -131_072, 0, b'z'),
        (DISKY_COMPRESSION_ZSTD, 22, 31, b'z'),
        (DISKY_COMPRESSION_BROTLI, 0, 0, b'b'),
        (DISKY_COMPRESSION_BROTLI, 11, 30, b'b'),
        (DISKY_COMPRESSION_SNAPPY, 99, 99, b's'),
    ] {
        let path = directory
            .path()
            .join(format!("{compression} {level} {window_log}"));
        let options = disky_writer_options {
            compression,
            compression_level: level,
            dialect: DISKY_DIALECT_RIEGELI,
            window_log,
            ..write_options(DISKY_OPEN_CREATE_NEW)
        };
        write_sample_with(&path, &options);
        let (_, reader, _) = open_reader(&path);
        let (mut found, mut ends, mut data) = (batch(), [0u64; 2], [0u8; 64]);
        // SAFETY: the reader is alive until the last call; a chunk is plain numbers, so zeros are
        // one.
        unsafe {
            let mut chunk: disky_chunk = std::mem::zeroed();
            let described = disky_reader_chunk_at(reader, 64, &mut chunk, null_mut());
            assert_eq!(described, DISKY_OK);
            assert_eq!(chunk.compression_type, byte.into());
            let (ends, data) = (ends.as_mut_ptr(), data.as_mut_ptr());
            let read = disky_reader_next(reader, ends, 2, data, 64, &mut found, null_mut());
            assert_eq!(read, DISKY_OK);
            assert_eq!(disky_reader_free(reader), DISKY_OK);
        }
        let begin = found.data_offset as usize;
        assert_eq!((ends, &data[begin..begin + 8]), ([3, 8], &b"onethree"[..]));
    }
}

/// What is damaged is skipped, and told of; verifying tells the same.
#[test]
fn skipped_regions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let mut file = std::fs::read(&path).unwrap();
    file[3] ^= 1;
    std::fs::write(&path, &file).unwrap();
    let (status, reader, error) = open_reader_with(&path, 9);
    assert_eq!((status, error.status), (DISKY_INVALID_ARGUMENT, status));
    assert!(reader.is_null());

    for verify in [false, true] {
        let (_, reader, _) = open_reader_with(&path, DISKY_CORRUPTION_RECOVER);
        let (mut found, mut ends, mut data) = (batch(), [0u64; 2], [0u8; 64]);
        // SAFETY: the reader is alive until the last call; a region is plain numbers, so zeros are
        // one.
        unsafe {
            let mut region: disky_skipped_region = std::mem::zeroed();
            if verify {
                assert_eq!(disky_reader_verify(reader, null_mut()), DISKY_OK);
            } else {
                let (ends, data) = (ends.as_mut_ptr(), data.as_mut_ptr());
                let got = disky_reader_next(reader, ends, 2, data, 64, &mut found, null_mut());
                assert_eq!(
                    (got, found.records, found.skipped_regions),
                    (DISKY_OK, 2, 1)
                );
            }
            let told = disky_reader_skipped_region(reader, &mut region, null_mut());
            assert_eq!((told, region.begin, region.end), (DISKY_OK, 0, 64));
            assert_eq!(region.reason.status, DISKY_NOT_A_RECORD_FILE);
            let told = disky_reader_skipped_region(reader, &mut region, null_mut());
            assert_eq!(told, DISKY_END);
            assert_eq!(disky_reader_verify(reader, null_mut()), DISKY_END);
            assert_eq!(disky_reader_free(reader), DISKY_OK);
        }
    }
}

#[test]
fn a_file_that_grows() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let whole = std::fs::read(&path).unwrap();
    let grown = directory.path().join("grown");
    std::fs::write(&grown, []).unwrap();
    let options = disky_reader_options {
        follow: 1,
        ..READER_OPTIONS
    };
    let (status, reader, _) = open_reader_as(&grown, &options);
    assert_eq!(status, DISKY_OK);
    for size in 0..whole.len() {
        std::fs::write(&grown, &whole[..size]).unwrap();
        assert_eq!(next(reader).0, DISKY_NOT_YET, "{size}");
    }
    std::fs::write(&grown, &whole).unwrap();
    assert_eq!(next(reader).0, DISKY_OK);
    assert_eq!(next(reader).0, DISKY_NOT_YET);
    std::fs::write(&grown, &whole[..64]).unwrap();
    assert_eq!(next(reader).0, DISKY_TRUNCATED);
    // SAFETY: the reader is alive and not used again.
    unsafe { disky_reader_free(reader) };

    for refused in [
        disky_reader_options {
            corruption_strategy: DISKY_CORRUPTION_RECOVER,
            ..options
        },
        disky_reader_options {
            follow: 2,
            ..options
        },
        disky_reader_options {
            random_access: 2,
            ..options
        },
        disky_reader_options {
            range_begin: 2,
            range_end: 1,
            ..options
        },
    ] {
        let status = open_reader_as(&path, &refused).0;
        assert_eq!(status, DISKY_INVALID_ARGUMENT);
    }
}
