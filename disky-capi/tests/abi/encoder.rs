//! Encoders apart from a writer.

use super::*;

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
