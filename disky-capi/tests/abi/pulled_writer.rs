//! Writers from which the caller takes bytes.

use super::*;

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

/// The writer splits a large chunk that follows a small one. The promised position stays true.
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
