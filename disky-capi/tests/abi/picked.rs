//! Single records of chunks anywhere in a file.

use super::*;

fn chunk(extent: &disky_extent, picked: u64) -> disky_picked_chunk {
    disky_picked_chunk {
        begin: extent.begin,
        end: extent.end,
        records: extent.records,
        picked,
    }
}

fn record(index: u64) -> disky_picked_record {
    disky_picked_record {
        index,
        offset: 99,
        size: 99,
    }
}

#[test]
fn reads_single_records() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    let (_, reader, _) = open_reader(&path);
    let mut memory = [0u8; 4096];
    let mut records = [record(1), record(0), record(1)];
    // SAFETY: the reader is alive until the last call, and the other pointers are to living values.
    // These structs are plain numbers, so zeros are one of each.
    unsafe {
        let (mut extent, mut picked): (disky_extent, disky_picked) =
            (std::mem::zeroed(), std::mem::zeroed());
        let (mut count, mut next) = (0, 0);
        disky_reader_chunks(
            reader,
            0,
            u64::MAX,
            &mut extent,
            1,
            &mut count,
            &mut next,
            null_mut(),
        );
        let chunks = [chunk(&extent, 1), chunk(&extent, 2), chunk(&extent, 1)];
        let mut pick = |chunk_count, record_count, memory: *mut u8, size| {
            let status = disky_reader_pick(
                reader,
                chunks.as_ptr(),
                chunk_count,
                records.as_mut_ptr(),
                record_count,
                memory,
                size,
                &mut picked,
                null_mut(),
            );
            (status, picked.chunks)
        };
        let to = memory.as_mut_ptr();
        assert_eq!(pick(2, 3, to, 4096), (DISKY_OK, 2));
        // No record is left for the last chunk.
        assert_eq!(pick(3, 3, to, 4096), (DISKY_OK, 2));
        assert_eq!(pick(2, 3, to, 10), (DISKY_OK, 0));
        assert_eq!(pick(2, 3, null_mut(), 0), (DISKY_OK, 0));
        assert_eq!(pick(0, 0, to, 4096), (DISKY_OK, 0));
        assert_eq!(pick(2, 3, null_mut(), 8).0, DISKY_INVALID_ARGUMENT);
        let table = chunks.as_ptr().cast_mut().cast();
        assert_eq!(pick(2, 3, table, 8).0, DISKY_INVALID_ARGUMENT);
        assert_eq!(pick(2, 3, to, 4096), (DISKY_OK, 2));
        assert_eq!(disky_reader_free(reader), DISKY_OK);
    }
    let texts = records.iter().map(|record| {
        let (begin, size) = (record.offset as usize, record.size as usize);
        &memory[begin..begin + size]
    });
    assert!(texts.eq([&b"three"[..], b"one", b"three"]));
}
