//! The C ABI as a C program would use it, well and badly.
#![allow(clippy::unwrap_used)]

use disky_capi::*;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};

fn no_error() -> disky_error {
    disky_error {
        status: 0,
        os_error: 0,
        position: 0,
        size: 0,
        limit: 0,
        message_size: 0,
        truncated: 0,
        message: [0; DISKY_ERROR_MESSAGE_SIZE],
    }
}

fn message(error: &disky_error) -> &str {
    std::str::from_utf8(&error.message[..error.message_size as usize]).unwrap()
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn write_options(open_mode: u32) -> disky_writer_options {
    disky_writer_options {
        open_mode,
        compression: DISKY_COMPRESSION_ZSTD,
        compression_level: 3,
        dialect: DISKY_DIALECT_DISKY,
        window_log: 0,
        container: DISKY_CONTAINER_RECORDS,
        group_size: 0,
        transpose: 0,
        chunk_size: 0,
        bucket_fraction: 1.0,
        initial_padding: 0,
        final_padding: 0,
        repair: 0,
        atomic_creation: 0,
        upstream_compatibility: 1,
    }
}

/// Opens a writer; the status, the writer and the account.
fn open_writer(
    path: &Path,
    options: &disky_writer_options,
) -> (disky_status, *mut disky_writer, disky_error) {
    open_writer_with_metadata(path, options, None)
}

fn open_writer_with_metadata(
    path: &Path,
    options: &disky_writer_options,
    metadata: Option<&[u8]>,
) -> (disky_status, *mut disky_writer, disky_error) {
    let (mut writer, mut error) = (null_mut(), no_error());
    let path = bytes(path);
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe {
        disky_writer_open(
            path.as_ptr(),
            path.len() as u64,
            options,
            metadata.map_or(null(), <[u8]>::as_ptr),
            metadata.map_or(0, <[u8]>::len) as u64,
            &mut writer,
            &mut error,
        )
    };
    (status, writer, error)
}

const READER_OPTIONS: disky_reader_options = disky_reader_options {
    max_chunk_size: 0,
    max_record_size: 0,
    max_records_per_chunk: 0,
    corruption_strategy: DISKY_CORRUPTION_ERROR,
    without_scan: 0,
    tail: 0,
    random_access: 0,
    range_begin: 0,
    range_end: 0,
};

fn open_reader(path: &Path) -> (disky_status, *mut disky_reader, disky_error) {
    open_reader_with(path, DISKY_CORRUPTION_ERROR)
}

fn open_reader_with(
    path: &Path,
    corruption_strategy: u32,
) -> (disky_status, *mut disky_reader, disky_error) {
    let options = disky_reader_options {
        corruption_strategy,
        ..READER_OPTIONS
    };
    open_reader_as(path, &options)
}

fn open_reader_as(
    path: &Path,
    options: &disky_reader_options,
) -> (disky_status, *mut disky_reader, disky_error) {
    let (mut reader, mut error) = (null_mut(), no_error());
    let path = bytes(path);
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe {
        disky_reader_open(
            path.as_ptr(),
            path.len() as u64,
            options,
            &mut reader,
            &mut error,
        )
    };
    (status, reader, error)
}

/// Writes the records "one" and "three" as a chunk.
fn write_sample(path: &Path) {
    write_sample_with(path, &write_options(DISKY_OPEN_CREATE_NEW));
}

/// The same with other options.
fn write_sample_with(path: &Path, options: &disky_writer_options) {
    let (status, writer, _) = open_writer(path, options);
    assert_eq!(status, DISKY_OK);
    let (data, ends) = (b"onethree", [3u64, 8]);
    let mut size = 0;
    // SAFETY: the writer is alive until the last call, and the other pointers are to living values.
    unsafe {
        let written = disky_writer_write(writer, data.as_ptr(), 8, ends.as_ptr(), 2, null_mut());
        assert_eq!(written, DISKY_OK);
        assert_eq!(
            disky_writer_write(writer, null(), 0, null(), 0, null_mut()),
            DISKY_OK
        );
        assert_eq!(disky_writer_flush(writer, null_mut()), DISKY_OK);
        assert_eq!(disky_writer_sync(writer, null_mut()), DISKY_OK);
        assert_eq!(disky_writer_finish(writer, null_mut()), DISKY_OK);
        assert_eq!(
            disky_writer_file_size(writer, &mut size, null_mut()),
            DISKY_OK
        );
        assert_eq!(disky_writer_free(writer), DISKY_OK);
    }
    assert_eq!(size, std::fs::metadata(path).unwrap().len());
}

fn batch() -> disky_batch {
    disky_batch {
        chunk_begin: 0,
        chunk_end: 0,
        records: 0,
        data_offset: 0,
        data_size: 0,
        notices: 0,
        skipped_regions: 0,
        scanned: 0,
        reserved: 0,
    }
}

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

#[test]
fn describes_chunks() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let (_, reader, _) = open_reader(&path);
    let mut types = Vec::new();
    // SAFETY: the reader is alive until the last call; a chunk is plain numbers, so zeros are one.
    unsafe {
        let mut chunk: disky_chunk = std::mem::zeroed();
        while disky_reader_chunk_at(reader, chunk.end, &mut chunk, null_mut()) == DISKY_OK {
            types.push((
                chunk.chunk_type,
                chunk.compression_type,
                chunk.dialect,
                chunk.records,
            ));
        }
        assert_eq!(disky_reader_free(reader), DISKY_OK);
    }
    let none = u32::MAX;
    let zstd = (b'r'.into(), b'z'.into(), DISKY_DIALECT_DISKY, 2);
    assert_eq!(types, [(b's'.into(), none, none, 0), zstd]);
}

#[test]
fn failures_are_accounted_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    let (status, reader, error) = open_reader(&path);
    assert_eq!(
        (status, error.status, error.os_error),
        (DISKY_IO, DISKY_IO, 2)
    );
    assert!(reader.is_null());
    assert_eq!(error.position, u64::MAX);
    assert!(message(&error).contains("cannot open"));

    std::fs::write(&path, [7; 100]).unwrap();
    let (_, reader, mut error) = open_reader(&path);
    let mut found = batch();
    // SAFETY: the reader is alive until the last call, and the other pointers are to living values.
    unsafe {
        for _ in 0..2 {
            let status =
                disky_reader_next(reader, null_mut(), 0, null_mut(), 0, &mut found, &mut error);
            assert_eq!(status, DISKY_NOT_A_RECORD_FILE);
            assert_eq!((error.position, error.truncated), (0, 0));
        }
        assert_eq!(disky_reader_free(reader), DISKY_OK);
    }
}

#[test]
fn a_second_writer_is_locked_out() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    let (_, first, _) = open_writer(&path, &write_options(DISKY_OPEN_CREATE_NEW));
    for mode in [DISKY_OPEN_APPEND, DISKY_OPEN_OVERWRITE] {
        let (status, second, _) = open_writer(&path, &write_options(mode));
        assert_eq!(status, DISKY_LOCKED);
        assert!(second.is_null());
    }
    assert_eq!(
        std::fs::metadata(&path).unwrap().len(),
        64,
        "the first writer's file was truncated"
    );
    let (status, _, error) = open_writer(&path, &write_options(DISKY_OPEN_CREATE_NEW));
    assert_eq!((status, error.os_error), (DISKY_IO, 17));
    // SAFETY: the writer is alive, and this is its end.
    assert_eq!(unsafe { disky_writer_free(first) }, DISKY_OK);
    let (status, third, _) = open_writer(&path, &write_options(DISKY_OPEN_APPEND));
    assert_eq!(status, DISKY_OK);
    // SAFETY: as above.
    assert_eq!(unsafe { disky_writer_free(third) }, DISKY_OK);
}

#[test]
fn bad_arguments_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let (_, reader, _) = open_reader(&path);
    let mut memory = [0u64; 4];
    let (mut found, mut error) = (batch(), no_error());
    let options = READER_OPTIONS;
    // SAFETY: the reader is alive until it is freed; every other pointer is null, misaligned on
    // purpose, or to a living value.
    unsafe {
        let odd = memory.as_mut_ptr().byte_add(1);
        assert_eq!(
            disky_reader_next(reader, odd, 2, null_mut(), 0, &mut found, &mut error),
            DISKY_INVALID_ARGUMENT
        );
        assert!(message(&error).contains("misaligned"));
        let (ends, data) = (memory.as_mut_ptr(), null_mut());
        for status in [
            disky_reader_next(reader, null_mut(), 2, data, 0, &mut found, null_mut()),
            disky_reader_next(reader, ends, u64::MAX, data, 0, &mut found, null_mut()),
            disky_reader_next(reader, ends, 4, data, 8, &mut found, null_mut()),
            disky_reader_next(reader, ends, 2, ends.cast(), 8, &mut found, null_mut()),
            disky_reader_next(reader, ends, 0, data, 0, null_mut(), null_mut()),
            disky_reader_next(null_mut(), ends, 4, data, 0, &mut found, null_mut()),
            disky_reader_count(reader, null_mut(), null_mut()),
            disky_reader_open(b"a\0b".as_ptr(), 3, &options, &mut null_mut(), null_mut()),
            disky_reader_open(null(), 3, &options, &mut null_mut(), null_mut()),
            disky_reader_open(b"a".as_ptr(), 1, null(), &mut null_mut(), null_mut()),
            disky_writer_sync(null_mut(), null_mut()),
        ] {
            assert_eq!(status, DISKY_INVALID_ARGUMENT);
        }
        assert_eq!(disky_reader_free(reader), DISKY_OK);
        assert_eq!(disky_reader_free(null_mut()), DISKY_OK);
        assert_eq!(disky_writer_free(null_mut()), DISKY_OK);
    }
}

#[test]
fn options_outside_their_range_are_refused_before_the_file_is_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    let right = write_options(DISKY_OPEN_CREATE_NEW);
    let brotli = disky_writer_options {
        compression: DISKY_COMPRESSION_BROTLI,
        compression_level: 6,
        dialect: DISKY_DIALECT_RIEGELI,
        ..right
    };
    for options in [
        disky_writer_options {
            open_mode: 9,
            ..right
        },
        disky_writer_options {
            compression: 9,
            ..right
        },
        disky_writer_options {
            compression_level: -131_073,
            ..right
        },
        disky_writer_options {
            compression_level: 23,
            ..right
        },
        disky_writer_options {
            window_log: 9,
            ..right
        },
        disky_writer_options {
            window_log: -1,
            ..right
        },
        disky_writer_options {
            compression_level: 12,
            ..brotli
        },
        disky_writer_options {
            compression_level: -1,
            ..brotli
        },
        disky_writer_options {
            window_log: 31,
            ..brotli
        },
        disky_writer_options {
            dialect: DISKY_DIALECT_DISKY,
            ..brotli
        },
        disky_writer_options {
            compression: DISKY_COMPRESSION_SNAPPY,
            dialect: DISKY_DIALECT_DISKY,
            ..right
        },
        disky_writer_options {
            dialect: 9,
            ..right
        },
        disky_writer_options {
            container: 9,
            ..brotli
        },
        disky_writer_options {
            container: DISKY_CONTAINER_ARRAY_RECORD,
            ..right
        },
        disky_writer_options {
            container: DISKY_CONTAINER_ARRAY_RECORD,
            open_mode: DISKY_OPEN_APPEND,
            ..brotli
        },
        disky_writer_options {
            transpose: 2,
            ..brotli
        },
        disky_writer_options {
            transpose: 1,
            ..right
        },
        disky_writer_options {
            bucket_fraction: f64::NAN,
            ..brotli
        },
        disky_writer_options {
            chunk_size: (1 << 30) + 1,
            ..brotli
        },
        disky_writer_options {
            final_padding: (1 << 30) + 1,
            ..brotli
        },
        disky_writer_options {
            initial_padding: 65536,
            ..right
        },
    ] {
        let (status, writer, _) = open_writer(&path, &options);
        assert_eq!(status, DISKY_INVALID_ARGUMENT);
        assert!(writer.is_null() && !path.exists());
    }
    let (status, writer, _) = open_writer_with_metadata(&path, &right, Some(b""));
    assert_eq!(status, DISKY_INVALID_ARGUMENT);
    assert!(writer.is_null() && !path.exists());
}

#[test]
fn metadata_are_written_and_read() {
    let directory = tempfile::tempdir().unwrap();
    for expected in [None, Some(&b""[..]), Some(&b"\x0a\x05hello"[..])] {
        let path = directory.path().join(format!("{expected:?}"));
        let options = disky_writer_options {
            dialect: DISKY_DIALECT_RIEGELI,
            ..write_options(DISKY_OPEN_CREATE_NEW)
        };
        let (status, writer, _) = open_writer_with_metadata(&path, &options, expected);
        assert_eq!(status, DISKY_OK);
        let (_, reader, _) = open_reader(&path);
        let (mut size, mut found) = (99, [0u8; 7]);
        // SAFETY: both are alive until the last calls, and the other pointers are to living values.
        unsafe {
            let mut read = |capacity| {
                disky_reader_metadata(reader, found.as_mut_ptr(), capacity, &mut size, null_mut())
            };
            match expected {
                None => assert_eq!(read(7), DISKY_END),
                Some(expected) => {
                    if !expected.is_empty() {
                        assert_eq!(read(expected.len() as u64 - 1), DISKY_NEED_MEMORY);
                    }
                    assert_eq!(read(7), DISKY_OK);
                    assert_eq!(&found[..size as usize], expected);
                }
            }
            assert_eq!(disky_reader_free(reader), DISKY_OK);
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
    }
}

/// Groups, the parts of the index, record sizes, and what is noticed when the index is wrong.
#[test]
fn array_records() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    let options = disky_writer_options {
        compression: DISKY_COMPRESSION_NONE,
        dialect: DISKY_DIALECT_RIEGELI,
        container: DISKY_CONTAINER_ARRAY_RECORD,
        group_size: 2,
        ..write_options(DISKY_OPEN_CREATE_NEW)
    };
    write_sample_with(&path, &options);
    // The postscript of another file states another footer.
    let other = directory.path().join("other");
    let (_, writer, _) = open_writer(&other, &options);
    let (data, ends) = ([7; 100], [50u64, 100]);
    // SAFETY: the writer is alive until the last call, and the other pointers are to living values.
    unsafe {
        disky_writer_write(writer, data.as_ptr(), 100, ends.as_ptr(), 2, null_mut());
        assert_eq!(disky_writer_finish(writer, null_mut()), DISKY_OK);
        assert_eq!(disky_writer_free(writer), DISKY_OK);
    }
    let (mut file, other) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(&other).unwrap(),
    );
    file.truncate(65536);
    std::fs::write(&path, [&file[..], &other[65536..]].concat()).unwrap();

    let (_, reader, _) = open_reader(&path);
    let mut parts = Vec::new();
    let (mut found, mut ends, mut data) = (batch(), [0u64; 2], [0u8; 64]);
    let mut count = 0;
    // SAFETY: the reader is alive until the last call; these structs are plain numbers, so zeros
    // are one of each.
    unsafe {
        let mut chunk: disky_chunk = std::mem::zeroed();
        while disky_reader_chunk_at(reader, chunk.end, &mut chunk, null_mut()) == DISKY_OK {
            if chunk.chunk_type == u32::from(b'r') {
                parts.push((chunk.records, chunk.part));
            }
        }
        let mut sizes: disky_sizes = std::mem::zeroed();
        assert_eq!(
            disky_reader_record_sizes(reader, &mut sizes, null_mut()),
            DISKY_OK
        );
        assert_eq!((sizes.count, sizes.smallest, sizes.largest), (2, 3, 5));
        assert_eq!(sizes.buckets[..4], [0, 0, 1, 1]);
        assert_eq!(disky_reader_count(reader, &mut count, null_mut()), DISKY_OK);
        let mut next = || {
            let (ends, data) = (ends.as_mut_ptr(), data.as_mut_ptr());
            let status = disky_reader_next(reader, ends, 2, data, 64, &mut found, null_mut());
            (status, found.records, found.notices)
        };
        assert_eq!(next(), (DISKY_OK, 2, 1));
        assert_eq!(next(), (DISKY_END, 0, 1));
        let mut notice: disky_notice = std::mem::zeroed();
        assert_eq!(
            disky_reader_notice(reader, &mut notice, null_mut()),
            DISKY_OK
        );
        let text = std::str::from_utf8(&notice.message[..notice.message_size as usize]).unwrap();
        assert!(text.contains("where there is none"), "{text}");
        assert_eq!(notice.position, 65536);
        assert_eq!(
            disky_reader_notice(reader, &mut notice, null_mut()),
            DISKY_END
        );
        assert_eq!(disky_reader_free(reader), DISKY_OK);
    }
    let footer = (2, DISKY_PART_FOOTER);
    let postscript = (3, DISKY_PART_POSTSCRIPT);
    assert_eq!(parts, [(2, DISKY_PART_NONE), footer, postscript]);
    assert_eq!(count, 2);
}

#[test]
fn ends_that_do_not_fit_are_refused_and_the_writer_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    let (_, writer, _) = open_writer(&path, &write_options(DISKY_OPEN_CREATE_NEW));
    let data = b"onethree";
    // SAFETY: the writer is alive until the last call, and the other pointers are to living values.
    unsafe {
        for ends in [[3u64, 9], [8, 3], [3, 7]] {
            let status = disky_writer_write(writer, data.as_ptr(), 8, ends.as_ptr(), 2, null_mut());
            assert_eq!(status, DISKY_INVALID_ARGUMENT);
        }
        let right = [3u64, 8];
        let status = disky_writer_write(writer, data.as_ptr(), 8, right.as_ptr(), 2, null_mut());
        assert_eq!(status, DISKY_OK);
        assert_eq!(disky_writer_free(writer), DISKY_OK);
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

/// What the next call with memory for the sample comes to.
fn next(reader: *mut disky_reader) -> (disky_status, disky_error) {
    let (mut found, mut error) = (batch(), no_error());
    let (mut ends, mut data) = ([0; 2], [0; 64]);
    // SAFETY: the reader is alive, every other pointer is to a living value.
    let status = unsafe {
        disky_reader_next(
            reader,
            ends.as_mut_ptr(),
            2,
            data.as_mut_ptr(),
            64,
            &mut found,
            &mut error,
        )
    };
    (status, error)
}

#[test]
fn limits_of_a_reader() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    for (max_record_size, max_records_per_chunk, expected) in [
        (0, 0, None),
        (5, 2, None),
        (4, 0, Some((5, 4))),
        (0, 1, Some((2, 1))),
    ] {
        let options = disky_reader_options {
            max_record_size,
            max_records_per_chunk,
            ..READER_OPTIONS
        };
        let (_, reader, _) = open_reader_as(&path, &options);
        let (status, error) = next(reader);
        match expected {
            None => assert_eq!(status, DISKY_OK),
            Some(expected) => {
                assert_eq!(status, DISKY_TOO_LARGE);
                assert_eq!((error.size, error.limit), expected);
            }
        }
        // SAFETY: the reader is alive and not used again.
        unsafe { disky_reader_free(reader) };
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
        tail: 1,
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
        disky_reader_options { tail: 2, ..options },
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

#[test]
fn the_version_is_the_headers() {
    assert_eq!(disky_abi_version(), DISKY_ABI_VERSION);
}

fn no_repair() -> disky_repair {
    disky_repair {
        size_before: 0,
        size_after: 0,
        message_size: 0,
        truncated: 0,
        message: [0; DISKY_ERROR_MESSAGE_SIZE],
    }
}

fn repair_file(path: &Path, dry_run: u32) -> (disky_status, disky_repair, disky_error) {
    let (mut repair, mut error) = (no_repair(), no_error());
    let path = bytes(path);
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe {
        disky_repair_file(
            path.as_ptr(),
            path.len() as u64,
            dry_run,
            &mut repair,
            &mut error,
        )
    };
    (status, repair, error)
}

#[test]
fn a_torn_tail_is_cut_where_that_is_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("torn");
    write_sample(&path);
    let whole = std::fs::read(&path).unwrap();
    let torn = [&whole[..], &[7; 50]].concat();
    std::fs::write(&path, &torn).unwrap();

    let (status, writer, error) = open_writer(&path, &write_options(DISKY_OPEN_APPEND));
    assert!(status == DISKY_CHUNK_HEADER && writer.is_null());
    assert_eq!(error.position, whole.len() as u64);

    let (status, dry, _) = repair_file(&path, 1);
    assert_eq!(status, DISKY_OK);
    assert_eq!(
        (dry.size_before, dry.size_after),
        (torn.len() as u64, whole.len() as u64)
    );
    let reason = std::str::from_utf8(&dry.message[..dry.message_size as usize]).unwrap();
    assert!(reason.contains("damaged chunk header"), "{reason}");
    assert!(std::fs::read(&path).unwrap() == torn);

    let options = disky_writer_options {
        repair: 1,
        ..write_options(DISKY_OPEN_APPEND)
    };
    for torn_once in [true, false] {
        let (status, writer, _) = open_writer(&path, &options);
        assert_eq!(status, DISKY_OK);
        let mut repair = no_repair();
        // SAFETY: the writer is alive until the last call, and the other pointers are to living
        // values.
        unsafe {
            let told = disky_writer_repair(writer, &mut repair, null_mut());
            assert_eq!(told, if torn_once { DISKY_OK } else { DISKY_END });
            let nowhere = disky_writer_repair(writer, null_mut(), null_mut());
            assert_eq!(nowhere, DISKY_INVALID_ARGUMENT);
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
        assert_eq!(
            repair.size_after,
            if torn_once { dry.size_after } else { 0 }
        );
        assert!(std::fs::read(&path).unwrap() == whole);
    }
    std::fs::write(&path, &torn).unwrap();
    assert_eq!(repair_file(&path, 0).0, DISKY_OK);
    assert!(std::fs::read(&path).unwrap() == whole);
    assert_eq!(repair_file(&path, 0).0, DISKY_END);
    assert_eq!(repair_file(&path, 2).0, DISKY_INVALID_ARGUMENT);
    let (status, _, error) = repair_file(directory.path(), 0);
    assert_eq!((status, error.os_error), (DISKY_IO, 21));
}

/// What the writer answers at every capacity around that of the path.
fn temporary_path(writer: *mut disky_writer) -> Option<PathBuf> {
    let (mut size, mut path) = (0, [b'x'; 4096]);
    let mut ask = |capacity| {
        // SAFETY: the writer is alive, the other pointers are to living values or null, and the
        // capacity is at most that of the array.
        let status = unsafe {
            disky_writer_temporary_path(writer, path.as_mut_ptr(), capacity, &mut size, null_mut())
        };
        (status, size, path)
    };
    let (status, size, _) = ask(0);
    if status == DISKY_END {
        return None;
    }
    assert_eq!(status, DISKY_NEED_MEMORY);
    let (status, _, untouched) = ask(size - 1);
    assert_eq!((status, untouched[0]), (DISKY_NEED_MEMORY, b'x'));
    let (status, again, path) = ask(size);
    assert_eq!((status, again), (DISKY_OK, size));
    assert_eq!(path[size as usize], b'x');
    let bytes = &path[..size as usize];
    Some(PathBuf::from(std::str::from_utf8(bytes).unwrap()))
}

#[test]
fn a_file_that_has_its_own_name_has_no_temporary_one() {
    let directory = tempfile::tempdir().unwrap();
    let options = write_options(DISKY_OPEN_CREATE_NEW);
    let (_, of_file, _) = open_writer(&directory.path().join("file"), &options);
    let (_, pulled, _) = open_pulled_writer(&options);
    for writer in [of_file, pulled] {
        assert_eq!(temporary_path(writer), None);
        let (mut size, mut path) = (7, [0u8; 8]);
        // SAFETY: null where that is asked about; the writer is alive until it is freed, every other
        // pointer is to a living value.
        unsafe {
            let bytes = path.as_mut_ptr();
            for status in [
                disky_writer_temporary_path(null_mut(), bytes, 8, &mut size, null_mut()),
                disky_writer_temporary_path(writer, null_mut(), 8, &mut size, null_mut()),
                disky_writer_temporary_path(writer, bytes, 8, null_mut(), null_mut()),
            ] {
                assert_eq!(status, DISKY_INVALID_ARGUMENT);
            }
            assert_eq!(size, 7);
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
    }
}

#[test]
fn a_file_that_is_not_finished_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("atomic");
    let options = disky_writer_options {
        atomic_creation: 1,
        ..write_options(DISKY_OPEN_CREATE_NEW)
    };
    for finishes in [false, true] {
        let (status, writer, _) = open_writer(&path, &options);
        assert_eq!(status, DISKY_OK);
        // SAFETY: the writer is alive until the last call.
        unsafe {
            assert_eq!(
                disky_writer_sync(writer, null_mut()),
                DISKY_INVALID_ARGUMENT
            );
            assert!(!path.exists());
            let temporary = temporary_path(writer).unwrap();
            assert!(temporary.is_absolute() && temporary.exists());
            assert_eq!(temporary.parent(), path.parent());
            if finishes {
                assert_eq!(disky_writer_finish(writer, null_mut()), DISKY_OK);
                assert_eq!(temporary_path(writer), None);
            }
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
        let files = std::fs::read_dir(directory.path()).unwrap().count();
        assert_eq!((path.exists(), files), (finishes, usize::from(finishes)));
    }
    for options in [
        disky_writer_options {
            open_mode: DISKY_OPEN_APPEND,
            ..options
        },
        disky_writer_options {
            atomic_creation: 2,
            ..options
        },
        disky_writer_options {
            repair: 2,
            ..options
        },
        disky_writer_options {
            upstream_compatibility: 2,
            ..options
        },
    ] {
        assert_eq!(open_writer(&path, &options).0, DISKY_INVALID_ARGUMENT);
    }
}

fn no_extents<const N: usize>() -> [disky_extent; N] {
    [disky_extent {
        begin: 0,
        end: 0,
        records: 0,
        decoded_data_size: 0,
    }; N]
}

#[test]
fn chunks_are_listed_found_sought_skipped_and_shared() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let size = std::fs::metadata(&path).unwrap().len();
    let (status, reader, mut error) = open_reader(&path);
    assert_eq!(status, DISKY_OK);
    let mut extents = no_extents::<2>();
    let (mut count, mut next_position, mut found) = (9, 0, no_extents::<1>()[0]);
    let (mut skipped, mut shared) = (batch(), null_mut());
    // SAFETY: the readers are alive until the last calls, the other pointers are to living values.
    unsafe {
        let listed = disky_reader_chunks(
            reader,
            0,
            u64::MAX,
            extents.as_mut_ptr(),
            2,
            &mut count,
            &mut next_position,
            &mut error,
        );
        assert_eq!((listed, count, next_position), (DISKY_OK, 1, size));
        let chunk = extents[0];
        assert_eq!(
            (
                chunk.begin,
                chunk.end,
                chunk.records,
                chunk.decoded_data_size
            ),
            (64, size, 2, 8)
        );
        for (position, nearest, begin) in [
            (0, DISKY_NEAREST_AT_OR_AFTER, Some(0)),
            (1, DISKY_NEAREST_AT_OR_AFTER, Some(64)),
            (size - 1, DISKY_NEAREST_AT_OR_BEFORE, Some(64)),
            (63, DISKY_NEAREST_AT_OR_BEFORE, Some(0)),
            (65, DISKY_NEAREST_AT_OR_AFTER, None),
            (size, DISKY_NEAREST_RECORDS_BEFORE, Some(64)),
            (65, DISKY_NEAREST_RECORDS_BEFORE, Some(64)),
            (64, DISKY_NEAREST_RECORDS_BEFORE, None),
        ] {
            let status = disky_reader_find_chunk(reader, position, nearest, &mut found, &mut error);
            let expected = if begin.is_some() { DISKY_OK } else { DISKY_END };
            assert_eq!(status, expected, "{position}");
            assert!(begin.is_none_or(|begin| found.begin == begin), "{position}");
        }
        assert_eq!(
            disky_reader_find_chunk(reader, 0, 3, &mut found, &mut error),
            DISKY_INVALID_ARGUMENT
        );
        assert_eq!(
            disky_reader_index(reader, null_mut(), 0, &mut count, &mut error),
            DISKY_END
        );

        assert_eq!(
            disky_reader_share(reader, &mut shared, &mut error),
            DISKY_OK
        );
        assert_eq!(
            disky_reader_skip(reader, 63, &mut skipped, &mut error),
            DISKY_END
        );
        assert_eq!(
            disky_reader_skip(reader, 64, &mut skipped, &mut error),
            DISKY_OK
        );
        assert_eq!(
            (skipped.chunk_begin, skipped.chunk_end, skipped.records),
            (64, size, 2)
        );
        assert_eq!(
            disky_reader_skip(reader, size, &mut skipped, &mut error),
            DISKY_END
        );
        assert_eq!(next(reader).0, DISKY_END);
        assert_eq!(disky_reader_seek(reader, 64, size, &mut error), DISKY_OK);
        assert_eq!(next(reader).0, DISKY_OK);
        assert_eq!(
            disky_reader_seek(reader, 10, 0, &mut error),
            DISKY_INVALID_ARGUMENT
        );
        assert_eq!(disky_reader_free(reader), DISKY_OK);
        assert_eq!(next(shared).0, DISKY_OK);
        assert_eq!(disky_reader_free(shared), DISKY_OK);
    }
}

fn open_encoder(options: &disky_writer_options) -> (disky_status, *mut disky_encoder, disky_error) {
    let (mut encoder, mut error) = (null_mut(), no_error());
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe { disky_encoder_open(options, &mut encoder, &mut error) };
    (status, encoder, error)
}

#[test]
fn a_chunk_is_encoded_apart_from_the_writer() {
    let directory = tempfile::tempdir().unwrap();
    for compression in [DISKY_COMPRESSION_NONE, DISKY_COMPRESSION_ZSTD] {
        let options = disky_writer_options {
            compression,
            ..write_options(DISKY_OPEN_OVERWRITE)
        };
        let (apart, together) = (directory.path().join("a"), directory.path().join("b"));
        write_sample_with(&together, &options);
        let (status, writer, error) = open_writer(&apart, &options);
        assert_eq!(status, DISKY_OK, "{}", message(&error));
        let (status, encoder, error) = open_encoder(&options);
        assert_eq!(status, DISKY_OK, "{}", message(&error));
        let (data, ends) = (b"onethree", [3u64, 8]);
        let mut error = no_error();
        // SAFETY: the pointers are to values that live through the calls, writer and encoder are
        // alive until they are freed.
        unsafe {
            let encode = |data: &[u8], error: *mut disky_error| {
                let size = data.len() as u64;
                disky_encoder_encode(encoder, data.as_ptr(), size, ends.as_ptr(), 2, error)
            };
            let write = |data: &[u8], error: *mut disky_error| {
                let size = data.len() as u64;
                disky_writer_write_encoded(writer, encoder, data.as_ptr(), size, error)
            };
            assert_eq!(encode(&data[1..], &mut error), DISKY_INVALID_ARGUMENT);
            assert_eq!(encode(data, &mut error), DISKY_OK);
            assert_eq!(write(&data[1..], &mut error), DISKY_INVALID_ARGUMENT);
            assert!(message(&error).contains("bytes of records"));
            assert_eq!(write(data, &mut error), DISKY_OK);
            assert_eq!(write(b"", &mut error), DISKY_OK);
            assert_eq!(disky_encoder_free(encoder), DISKY_OK);
            assert_eq!(disky_writer_finish(writer, &mut error), DISKY_OK);
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
        let written = [apart, together].map(|path| std::fs::read(path).unwrap());
        assert!(written[0] == written[1]);
    }
}

#[test]
fn a_bad_use_of_an_encoder_is_refused() {
    let options = write_options(DISKY_OPEN_CREATE_NEW);
    let bad = disky_writer_options {
        compression: DISKY_COMPRESSION_SNAPPY,
        ..options
    };
    let (status, encoder, error) = open_encoder(&bad);
    assert_eq!(status, DISKY_INVALID_ARGUMENT);
    assert!(encoder.is_null());
    assert!(message(&error).contains("choose RIEGELI"));
    let (status, encoder, _) = open_encoder(&options);
    assert_eq!(status, DISKY_OK);
    // SAFETY: null where that is asked about, otherwise as above.
    unsafe {
        let no_writer = disky_writer_write_encoded(null_mut(), encoder, null(), 0, null_mut());
        assert_eq!(no_writer, DISKY_INVALID_ARGUMENT);
        let no_encoder = disky_encoder_encode(null_mut(), null(), 0, null(), 0, null_mut());
        assert_eq!(no_encoder, DISKY_INVALID_ARGUMENT);
        let no_data = disky_encoder_encode(encoder, null(), 1, null(), 0, null_mut());
        assert_eq!(no_data, DISKY_INVALID_ARGUMENT);
        let nowhere = disky_encoder_open(&options, null_mut(), null_mut());
        assert_eq!(nowhere, DISKY_INVALID_ARGUMENT);
        assert_eq!(disky_encoder_free(null_mut()), DISKY_OK);
        assert_eq!(disky_encoder_free(encoder), DISKY_OK);
    }
}

fn open_pulled(
    size: u64,
    options: &disky_reader_options,
) -> (disky_status, *mut disky_reader, disky_error) {
    let (mut reader, mut error) = (null_mut(), no_error());
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe { disky_reader_open_pulled(size, options, &mut reader, &mut error) };
    (status, reader, error)
}

const NO_NEED: disky_need = disky_need {
    offset: 0,
    size: 0,
    welcome: 0,
};

fn need(reader: *mut disky_reader) -> (disky_status, disky_need) {
    let mut need = NO_NEED;
    // SAFETY: the reader is alive, the other pointers are to living values or null.
    let status = unsafe { disky_reader_need(reader, &mut need, null_mut()) };
    (status, need)
}

fn supply(
    reader: *mut disky_reader,
    offset: u64,
    bytes: &[u8],
    at_end: u32,
) -> (disky_status, disky_error) {
    let mut error = no_error();
    let size = bytes.len() as u64;
    // SAFETY: the reader is alive, the other pointers are to living values.
    let status =
        unsafe { disky_reader_supply(reader, offset, bytes.as_ptr(), size, at_end, &mut error) };
    (status, error)
}

/// The file of [`write_sample`].
fn sample_bytes() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    std::fs::read(path).unwrap()
}

#[test]
fn a_reader_says_which_bytes_it_needs_and_gets_them() {
    let file = sample_bytes();
    let size = file.len() as u64;
    for (stated, step) in [(size, 7), (size, size), (u64::MAX, 7), (u64::MAX, size)] {
        let (status, reader, _) = open_pulled(stated, &READER_OPTIONS);
        assert_eq!(status, DISKY_OK);
        let mut statuses = Vec::new();
        // Each supply gets it further, by a byte at least.
        for _ in 0..=2 * size {
            let (status, error) = next(reader);
            if status != DISKY_NEED_BYTES {
                statuses.push(status);
                if status == DISKY_OK {
                    continue;
                }
                assert_eq!(status, DISKY_END, "{}", message(&error));
                break;
            }
            let (status, wanted) = need(reader);
            assert_eq!(status, DISKY_OK);
            assert!(wanted.size >= 1 && wanted.welcome >= wanted.size);
            let begin = wanted.offset.min(size) as usize;
            let end = begin + step.min(wanted.welcome).min(size - begin as u64) as usize;
            let at_end = u32::from(stated == u64::MAX && begin == end);
            let supplied = supply(reader, wanted.offset, &file[begin..end], at_end);
            assert_eq!(supplied.0, DISKY_OK, "{}", message(&supplied.1));
        }
        assert_eq!(statuses, [DISKY_OK, DISKY_END], "{step} bytes at once");
        // SAFETY: the reader is alive, and this is its end.
        assert_eq!(unsafe { disky_reader_free(reader) }, DISKY_OK);
    }
}

#[test]
fn bytes_are_supplied_where_they_belong() {
    let file = sample_bytes();
    let size = file.len() as u64;
    for (stated, misplaced, complaint) in [
        (
            u64::MAX,
            vec![1, size, u64::MAX],
            ["out of order", "largest source"],
        ),
        (
            size,
            vec![1, size, u64::MAX],
            ["end of the source", "largest source"],
        ),
    ] {
        let (_, reader, _) = open_pulled(stated, &READER_OPTIONS);
        // Nobody has asked for anything so far.
        assert_eq!(need(reader).0, DISKY_END);
        assert_eq!(next(reader).0, DISKY_NEED_BYTES);
        let asked = need(reader);
        assert_eq!((asked.0, asked.1.offset), (DISKY_OK, 0));
        for offset in misplaced {
            let (status, error) = supply(reader, offset, &file, 0);
            assert_eq!(status, DISKY_INVALID_ARGUMENT, "{stated} {offset}");
            assert!(complaint.iter().any(|text| message(&error).contains(text)));
        }
        let (status, error) = supply(reader, 0, &file, 2);
        assert_eq!(status, DISKY_INVALID_ARGUMENT);
        assert!(message(&error).contains("at_end"));
        // What was refused has changed nothing: without supplies the same is asked for again.
        for _ in 0..2 {
            assert_eq!(next(reader).0, DISKY_NEED_BYTES);
            let again = need(reader).1;
            assert_eq!(
                (again.offset, again.size, again.welcome),
                (0, asked.1.size, asked.1.welcome)
            );
        }
        assert_eq!(supply(reader, 0, &file, 1).0, DISKY_OK);
        assert_eq!(need(reader).0, DISKY_END);
        assert_eq!(next(reader).0, DISKY_OK);
        assert_eq!(next(reader).0, DISKY_END);
        // SAFETY: the reader is alive, and this is its end.
        assert_eq!(unsafe { disky_reader_free(reader) }, DISKY_OK);
    }
}

#[test]
fn a_stream_that_ends_early_is_truncated() {
    let file = sample_bytes();
    let (_, reader, _) = open_pulled(u64::MAX, &READER_OPTIONS);
    assert_eq!(next(reader).0, DISKY_NEED_BYTES);
    assert_eq!(supply(reader, 0, &file[..100], 1).0, DISKY_OK);
    let (status, error) = next(reader);
    assert_eq!(status, DISKY_TRUNCATED);
    assert_eq!(error.position, 64);
    // SAFETY: the reader is alive, and this is its end.
    assert_eq!(unsafe { disky_reader_free(reader) }, DISKY_OK);
}

#[test]
fn a_bad_use_of_a_pulled_reader_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let (_, of_file, _) = open_reader(&path);
    let tail = disky_reader_options {
        tail: 1,
        ..READER_OPTIONS
    };
    let (status, reader, error) = open_pulled(64, &tail);
    assert_eq!(status, DISKY_INVALID_ARGUMENT);
    assert!(reader.is_null() && message(&error).contains("by its path"));
    let (_, reader, _) = open_pulled(64, &READER_OPTIONS);
    let (mut asked, mut shared) = (NO_NEED, null_mut());
    // SAFETY: null where that is asked about; both readers are alive until they are freed, every
    // other pointer is to a living value.
    unsafe {
        for status in [
            disky_reader_open_pulled(0, null(), &mut shared, null_mut()),
            disky_reader_open_pulled(0, &READER_OPTIONS, null_mut(), null_mut()),
            disky_reader_need(null_mut(), &mut asked, null_mut()),
            disky_reader_need(reader, null_mut(), null_mut()),
            disky_reader_need(of_file, &mut asked, null_mut()),
            disky_reader_supply(null_mut(), 0, b"a".as_ptr(), 1, 0, null_mut()),
            disky_reader_supply(reader, 0, null(), 1, 0, null_mut()),
            disky_reader_supply(reader, 0, b"a".as_ptr(), u64::MAX, 0, null_mut()),
            disky_reader_supply(of_file, 0, b"a".as_ptr(), 1, 0, null_mut()),
            disky_reader_share(reader, &mut shared, null_mut()),
        ] {
            assert_eq!(status, DISKY_INVALID_ARGUMENT);
        }
        assert!(shared.is_null());
        assert_eq!(disky_reader_free(reader), DISKY_OK);
        assert_eq!(disky_reader_free(of_file), DISKY_OK);
    }
}

fn open_pulled_writer(
    options: &disky_writer_options,
) -> (disky_status, *mut disky_writer, disky_error) {
    let (mut writer, mut error) = (null_mut(), no_error());
    // SAFETY: every pointer is to a value that lives through the call, or null.
    let status = unsafe { disky_writer_open_pulled(options, null(), 0, &mut writer, &mut error) };
    (status, writer, error)
}

/// Takes all there is, at most `capacity` bytes at once.
fn take_all(writer: *mut disky_writer, capacity: usize) -> Vec<u8> {
    let (mut all, mut out) = (Vec::new(), vec![0; capacity]);
    loop {
        let mut size = u64::MAX;
        // SAFETY: the writer is alive, the other pointers are to living values or null.
        let status = unsafe {
            disky_writer_take(
                writer,
                out.as_mut_ptr(),
                capacity as u64,
                &mut size,
                null_mut(),
            )
        };
        assert_eq!(status, DISKY_OK);
        if size == 0 {
            return all;
        }
        all.extend_from_slice(&out[..size as usize]);
    }
}

#[test]
fn what_a_writer_writes_is_taken_in_order() {
    let expected = sample_bytes();
    for capacity in [1, 7, 1 << 20] {
        let (status, writer, _) = open_pulled_writer(&write_options(DISKY_OPEN_CREATE_NEW));
        assert_eq!(status, DISKY_OK);
        let (mut last, mut records) = (u64::MAX, u64::MAX);
        let ends = [3u64, 8];
        // SAFETY: the writer is alive until it is freed, every other pointer is to a living value or
        // null.
        unsafe {
            let none = disky_writer_last_chunk(writer, &mut last, &mut records, null_mut());
            assert_eq!((none, last, records), (DISKY_END, u64::MAX, u64::MAX));
            let mut taken = take_all(writer, capacity);
            assert_eq!(taken, expected[..64]);
            let data = b"onethree".as_ptr();
            let written = disky_writer_write(writer, data, 8, ends.as_ptr(), 2, null_mut());
            assert_eq!(written, DISKY_OK);
            let found = disky_writer_last_chunk(writer, &mut last, &mut records, null_mut());
            assert_eq!((found, last, records), (DISKY_OK, 64, 2));
            assert_eq!(disky_writer_finish(writer, null_mut()), DISKY_OK);
            let mut size = 1;
            let nothing = disky_writer_take(writer, null_mut(), 0, &mut size, null_mut());
            assert_eq!((nothing, size), (DISKY_OK, 0));
            taken.extend(take_all(writer, capacity));
            assert_eq!(taken, expected);
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
    }
}

/// Behind a small chunk a large one is parted, and what was promised lies where it was to be.
#[test]
fn a_chunk_that_upstream_would_reject_becomes_two() {
    let options = disky_writer_options {
        compression: DISKY_COMPRESSION_NONE,
        ..write_options(DISKY_OPEN_CREATE_NEW)
    };
    for (compatible, expected) in [(1, 2), (0, 1)] {
        let options = disky_writer_options {
            upstream_compatibility: compatible,
            ..options
        };
        let (status, writer, _) = open_pulled_writer(&options);
        assert_eq!(status, DISKY_OK);
        let data = vec![7; 200_000];
        let ends: Vec<u64> = (1..=200).map(|record| record * 1000).collect();
        let (mut begin, mut last, mut records) = (0, 0, 0);
        // SAFETY: the writer is alive until it is freed, every other pointer is to a living value or
        // null.
        unsafe {
            let bytes = data.as_ptr();
            let written = disky_writer_write(writer, bytes, 1000, ends.as_ptr(), 1, null_mut());
            assert_eq!(written, DISKY_OK);
            let far = disky_writer_promise_next_chunk(writer, 200, 200_000, &mut begin, null_mut());
            assert_eq!(far == DISKY_END, expected == 2, "too many to be promised");
            let near =
                disky_writer_promise_next_chunk(writer, 100, 100_000, &mut begin, null_mut());
            assert_eq!((near, begin), (DISKY_OK, 64 + 40 + 4 + 1000));
            let written =
                disky_writer_write(writer, bytes, 200_000, ends.as_ptr(), 200, null_mut());
            assert_eq!(written, DISKY_OK);
            let found = disky_writer_last_chunk(writer, &mut last, &mut records, null_mut());
            assert_eq!(found, DISKY_OK);
            assert_eq!(last > begin, expected == 2);
            assert_eq!(records < 200, expected == 2);
            assert!(records <= 100 || expected == 1, "100 were promised");
            assert_eq!(disky_writer_free(writer), DISKY_OK);
        }
    }
}

#[test]
fn a_bad_use_of_a_pulled_writer_is_refused() {
    for options in [
        write_options(DISKY_OPEN_APPEND),
        disky_writer_options {
            repair: 1,
            ..write_options(DISKY_OPEN_CREATE_NEW)
        },
        disky_writer_options {
            atomic_creation: 1,
            ..write_options(DISKY_OPEN_CREATE_NEW)
        },
    ] {
        let (status, writer, error) = open_pulled_writer(&options);
        assert_eq!(status, DISKY_INVALID_ARGUMENT);
        assert!(writer.is_null() && message(&error).contains("by its path"));
    }
    let directory = tempfile::tempdir().unwrap();
    let options = write_options(DISKY_OPEN_CREATE_NEW);
    let (_, of_file, _) = open_writer(&directory.path().join("file"), &options);
    let (_, writer, _) = open_pulled_writer(&options);
    let (mut out, mut size, mut records, mut other) = ([0u8; 64], 0, 0, null_mut());
    // SAFETY: null where that is asked about; both writers are alive until they are freed, every
    // other pointer is to a living value.
    unsafe {
        let bytes = out.as_mut_ptr();
        for status in [
            disky_writer_open_pulled(null(), null(), 0, &mut other, null_mut()),
            disky_writer_open_pulled(&options, null(), 0, null_mut(), null_mut()),
            disky_writer_take(null_mut(), bytes, 64, &mut size, null_mut()),
            disky_writer_take(writer, null_mut(), 64, &mut size, null_mut()),
            disky_writer_take(writer, bytes, u64::MAX, &mut size, null_mut()),
            disky_writer_take(writer, bytes, 64, null_mut(), null_mut()),
            disky_writer_take(of_file, bytes, 64, &mut size, null_mut()),
            disky_writer_last_chunk(null_mut(), &mut size, &mut records, null_mut()),
            disky_writer_last_chunk(writer, null_mut(), &mut records, null_mut()),
            disky_writer_last_chunk(writer, &mut size, null_mut(), null_mut()),
            disky_writer_promise_next_chunk(null_mut(), 1, 1, &mut size, null_mut()),
            disky_writer_promise_next_chunk(writer, 1, 1, null_mut(), null_mut()),
        ] {
            assert_eq!(status, DISKY_INVALID_ARGUMENT);
        }
        assert!(other.is_null());
        assert_eq!((size, records), (0, 0));
        // What was refused has taken nothing.
        assert_eq!(take_all(writer, 64).len(), 64);
        assert_eq!(disky_writer_free(writer), DISKY_OK);
        assert_eq!(disky_writer_free(of_file), DISKY_OK);
    }
}

/// Two threads call until one comes while the other is inside.
#[test]
fn a_pulled_reader_in_use_is_busy() {
    struct Shared(*mut disky_reader);
    // SAFETY: a reader says itself that it is in use; that is what is tested.
    unsafe impl Sync for Shared {}
    let shared = Shared(open_pulled(u64::MAX, &READER_OPTIONS).1);
    let seen = AtomicBool::new(false);
    let call_until_busy = |call: fn(*mut disky_reader) -> disky_status| {
        let Shared(reader) = &shared;
        while !seen.load(Ordering::Relaxed) {
            match call(*reader) {
                DISKY_BUSY => seen.store(true, Ordering::Relaxed),
                status => assert!([DISKY_OK, DISKY_END, DISKY_NEED_BYTES].contains(&status)),
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| call_until_busy(|reader| supply(reader, 0, &[], 0).0));
        scope.spawn(|| call_until_busy(|reader| need(reader).0));
        call_until_busy(|reader| next(reader).0);
    });
    // SAFETY: the reader is alive, and this is its end.
    assert_eq!(unsafe { disky_reader_free(shared.0) }, DISKY_OK);
}
