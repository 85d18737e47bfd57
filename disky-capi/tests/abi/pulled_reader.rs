//! Readers to which the caller brings bytes.

use super::*;

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

/// Each of two readers gets the bytes that it needs, whatever the other one has.
#[test]
fn readers_that_share_bytes_are_supplied_independently() {
    let file = sample_bytes();
    let (_, reader, _) = open_pulled(file.len() as u64, &READER_OPTIONS);
    assert_eq!(next(reader).0, DISKY_NEED_BYTES);
    let (mut shared, mut error) = (null_mut(), no_error());
    // SAFETY: the reader is alive; the pointers are to living values.
    let status = unsafe { disky_reader_share(reader, &mut shared, &mut error) };
    assert_eq!(status, DISKY_OK);
    assert_eq!(supply(reader, 0, &file, 0).0, DISKY_OK);
    assert_eq!(next(reader).0, DISKY_OK);
    // SAFETY: the reader is alive, and this is its end.
    assert_eq!(unsafe { disky_reader_free(reader) }, DISKY_OK);
    assert_eq!(next(shared).0, DISKY_NEED_BYTES);
    assert_eq!(supply(shared, 0, &file, 0).0, DISKY_OK);
    assert_eq!(next(shared).0, DISKY_OK);
    assert_eq!(next(shared).0, DISKY_END);
    // SAFETY: the reader is alive, and this is its end.
    assert_eq!(unsafe { disky_reader_free(shared) }, DISKY_OK);
}

#[test]
fn a_bad_use_of_a_pulled_reader_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let (_, of_file, _) = open_reader(&path);
    let follow = disky_reader_options {
        follow: 1,
        ..READER_OPTIONS
    };
    let (status, reader, error) = open_pulled(64, &follow);
    assert_eq!(status, DISKY_INVALID_ARGUMENT);
    assert!(reader.is_null() && message(&error).contains("by its path"));
    let (_, reader, _) = open_pulled(64, &READER_OPTIONS);
    let (_, stream, _) = open_pulled(u64::MAX, &READER_OPTIONS);
    let (mut asked, mut shared) = (NO_NEED, null_mut());
    // SAFETY: null where that is asked about; the readers are alive until they are freed, every
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
            disky_reader_share(stream, &mut shared, null_mut()),
        ] {
            assert_eq!(status, DISKY_INVALID_ARGUMENT);
        }
        assert!(shared.is_null());
        assert_eq!(disky_reader_free(reader), DISKY_OK);
        assert_eq!(disky_reader_free(stream), DISKY_OK);
        assert_eq!(disky_reader_free(of_file), DISKY_OK);
    }
}

/// Two threads call until one comes while the other is inside.
#[test]
fn a_pulled_reader_in_use_is_busy() {
    struct Shared(*mut disky_reader);
    // SAFETY: a reader refuses a call while another call uses it. This test checks that.
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
