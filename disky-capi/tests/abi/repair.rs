//! Torn tails.

use super::*;

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
