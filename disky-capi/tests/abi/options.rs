//! Options and limits.

use super::*;

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
