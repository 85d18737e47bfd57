//! Fields of records.

use super::*;

/// Messages {1: 5, 2: "ab"} and {1: 6, 3: {1: 7, 2: 8}}, transposed.
fn write_messages(path: &Path) {
    let options = disky_writer_options {
        compression: DISKY_COMPRESSION_BROTLI,
        dialect: DISKY_DIALECT_RIEGELI,
        transpose: 1,
        ..write_options(DISKY_OPEN_CREATE_NEW)
    };
    let (status, writer, _) = open_writer(path, &options);
    assert_eq!(status, DISKY_OK);
    let (data, ends) = (
        b"\x08\x05\x12\x02ab\x08\x06\x1a\x04\x08\x07\x10\x08",
        [6u64, 14],
    );
    // SAFETY: the writer is alive until the last call, and the other pointers are to living values.
    unsafe {
        let size = data.len() as u64;
        let written = disky_writer_write(writer, data.as_ptr(), size, ends.as_ptr(), 2, null_mut());
        assert_eq!(written, DISKY_OK);
        assert_eq!(disky_writer_finish(writer, null_mut()), DISKY_OK);
        assert_eq!(disky_writer_free(writer), DISKY_OK);
    }
}

/// The two records that `reader` reads first.
fn read_two(reader: *mut disky_reader) -> [Vec<u8>; 2] {
    let (mut found, mut ends, mut data) = (batch(), [0u64; 2], [0u8; 16]);
    // SAFETY: the reader is alive, and the other pointers are to living values.
    let status = unsafe {
        let (ends, data) = (ends.as_mut_ptr(), data.as_mut_ptr());
        disky_reader_next(reader, ends, 2, data, 16, &mut found, null_mut())
    };
    assert_eq!(status, DISKY_OK);
    let begin = found.data_offset as usize;
    let bytes = &data[begin..begin + found.data_size as usize];
    let (one, two) = bytes.split_at(ends[0] as usize);
    assert_eq!(ends[1], found.data_size);
    [one.to_vec(), two.to_vec()]
}

fn projected(projection: &[u32]) -> disky_reader_options {
    disky_reader_options {
        projection: projection.as_ptr(),
        projection_size: projection.len() as u64,
        ..READER_OPTIONS
    }
}

#[test]
fn fields_of_a_projection() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("messages");
    write_messages(&path);
    let cases: [(&[u32], [&[u8]; 2]); 5] = [
        (&[1, 1], [b"\x08\x05", b"\x08\x06"]),
        (&[2, 3, 2], [b"", b"\x1a\x02\x10\x08"]),
        (&[2, 2, 0, 2, 1, 0], [b"\x08\0\x12\0", b"\x08\0"]),
        (&[], [b"", b""]),
        (
            &[0, 1, 9],
            [b"\x08\x05\x12\x02ab", b"\x08\x06\x1a\x04\x08\x07\x10\x08"],
        ),
    ];
    for (projection, expected) in cases {
        let (status, reader, _) = open_reader_as(&path, &projected(projection));
        assert_eq!(status, DISKY_OK);
        let mut shared = null_mut();
        // SAFETY: the reader is alive, and the other pointers are to living values.
        let status = unsafe { disky_reader_share(reader, &mut shared, null_mut()) };
        assert_eq!(status, DISKY_OK);
        for reader in [reader, shared] {
            assert_eq!(read_two(reader), expected, "{projection:?}");
            // SAFETY: the reader is alive, and not used again.
            assert_eq!(unsafe { disky_reader_free(reader) }, DISKY_OK);
        }
    }
}

#[test]
fn projections_that_are_wrong_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("messages");
    write_messages(&path);
    for wrong in [&[1][..], &[2, 1], &[u32::MAX, 1], &[2, 0, 1], &[1, 1 << 29]] {
        let status = open_reader_as(&path, &projected(wrong)).0;
        assert_eq!(status, DISKY_INVALID_ARGUMENT, "{wrong:?}");
    }
    let misaligned = disky_reader_options {
        projection: std::ptr::without_provenance(2),
        projection_size: 1,
        ..READER_OPTIONS
    };
    let status = open_reader_as(&path, &misaligned).0;
    assert_eq!(status, DISKY_INVALID_ARGUMENT);
}
