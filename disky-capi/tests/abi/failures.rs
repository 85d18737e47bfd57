//! Failures and misuse.

use super::*;

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
    let (open, mut size) = (disky_reader_open, 0);
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
            open(
                b"a\0b".as_ptr(),
                3,
                &options,
                &mut null_mut(),
                &mut size,
                null_mut(),
            ),
            open(null(), 3, &options, &mut null_mut(), &mut size, null_mut()),
            open(
                b"a".as_ptr(),
                1,
                null(),
                &mut null_mut(),
                &mut size,
                null_mut(),
            ),
            open(
                b"a".as_ptr(),
                1,
                &options,
                &mut null_mut(),
                null_mut(),
                null_mut(),
            ),
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
