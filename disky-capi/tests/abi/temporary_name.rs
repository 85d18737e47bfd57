//! Files that get their own name when they are complete.

use super::*;

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
