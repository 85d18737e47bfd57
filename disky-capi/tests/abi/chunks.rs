//! Chunks, described, listed, found and passed over.

use super::*;

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

/// An ArrayRecord has groups, the parts of an index, and record sizes; a wrong index causes notices.
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
