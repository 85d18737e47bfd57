//! Calls in any order.

use super::*;
use disky::Extent;

/// To look for a chunk comes to an end, and leaves the reader where it was, behind damage too.
#[test]
fn chunks_are_found_behind_damage() {
    let records: Vec<Vec<u8>> = (0..12).map(|i| bytes(i, 90_000)).collect();
    let options = WriterOptions {
        chunk_size: 10_000,
        ..WriterOptions::default()
    };
    let mut file = write_all(&records, &options);
    file[300_000] ^= 1;
    file[500_000..600_000].fill(0x55);
    for supplier in suppliers() {
        for position in (0..file.len() as u64).step_by(49_999) {
            for nearest in [Nearest::AtOrBefore, Nearest::AtOrAfter] {
                let mut plain = RecordReader::new(&file[..], recovering());
                let expected = plain.find_chunk(position, nearest).unwrap();
                let mut reader = RecordReader::new(supplier.source(&file), recovering());
                let found = supplier.run(&mut reader, &file, |reader| {
                    reader.find_chunk(position, nearest)
                });
                let case = format!("{supplier:?} {nearest:?} {position}");
                assert_eq!(found.unwrap(), expected, "{case}");
                let mut memory = BatchMemory::default();
                let read = supplier.run(&mut reader, &file, |reader| {
                    Ok(reader.next_batch(&mut memory)?.map(|batch| batch.len()))
                });
                assert_eq!(read.unwrap(), Some(1), "{case}");
            }
        }
    }
}

/// Makes the call with the number `call`, about `position`, and tells what it came to.
fn ask<S: Source>(
    reader: &mut RecordReader<S>,
    call: u64,
    position: u64,
) -> std::result::Result<String, ErrorKind> {
    fn tell<R: std::fmt::Debug>(result: Result<R>) -> std::result::Result<String, ErrorKind> {
        match result {
            Err(error) if error.kind() == ErrorKind::NeedBytes => Err(error.kind()),
            Err(error) => Ok(text(&error)),
            Ok(found) => Ok(format!("{found:?}")),
        }
    }
    match call {
        0 => tell(reader.seek(position, 0)),
        1 => tell(reader.chunk_at(position)),
        2 => tell(reader.find_chunk(position, Nearest::AtOrBefore)),
        3 => tell(reader.find_chunk(position, Nearest::AtOrAfter)),
        4 => tell(reader.skip(position)),
        5 => tell(reader.count()),
        6 => tell(reader.record_sizes()),
        7 => tell(reader.metadata()),
        8 => tell(reader.index()),
        _ => {
            let mut memory = BatchMemory::default();
            tell(
                reader
                    .next_batch(&mut memory)
                    .map(|batch| batch.map(|batch| (batch.chunk_begin(), batch.ends().to_vec()))),
            )
        }
    }
}

/// Whatever is asked for, in whatever order, comes to an end, and to what it comes to in memory.
#[test]
fn every_order_of_asking_tells_the_same() {
    let seed = 20_261_126;
    println!("seed {seed}");
    let mut noise = seed;
    let mut random = |below: u64| {
        noise += 1;
        u64::from_le_bytes(bytes(noise, 8).try_into().unwrap()) % below
    };
    let files = golden_files();
    let suppliers = suppliers();
    for case in 0..300 {
        let (path, intact) = &files[random(files.len() as u64) as usize];
        let mut file = intact.clone();
        let size = file.len() as u64;
        for _ in 0..random(3) {
            let at = random(size) as usize;
            let end = file.len().min(at + 100);
            file[at..end].fill(0x5a);
        }
        let options = match random(2) {
            0 => ReaderOptions::default(),
            _ => recovering(),
        };
        let supplier = suppliers[random(3) as usize];
        assert!(!supplier.stream);
        let mut plain = RecordReader::new(&file[..], options.clone());
        let mut pulled = RecordReader::new(supplier.source(&file), options);
        for _ in 0..20 {
            let call = random(14);
            let position = match random(3) {
                0 => random(size + 100),
                1 => random(size / 65_536 + 2) * 65_536 + random(30),
                _ => plain.position(),
            };
            let expected = ask(&mut plain, call, position).unwrap();
            let found =
                supplier.run_to_the_end(&mut pulled, &file, |reader| ask(reader, call, position));
            assert_eq!(found, expected, "case {case}: {path} {call} {position}");
        }
    }
}

/// A listing that needs the end of the file, too, does not forget where it was.
#[test]
fn chunks_are_listed_one_by_one() {
    for path in [
        "arrayrecord/lines.zstd.arrayrecord",
        "disky/lines.none.disky",
    ] {
        let file = std::fs::read(golden().join(path)).unwrap();
        let mut of_memory = RecordReader::new(&file[..], ReaderOptions::default());
        for supplier in suppliers().into_iter().filter(|supplier| !supplier.stream) {
            let mut pulled = RecordReader::new(supplier.source(&file), ReaderOptions::default());
            let mut position = 0;
            while position < file.len() as u64 {
                let (mut expected, mut found) = ([Extent::default()], [Extent::default()]);
                let of_file = of_memory
                    .list_chunks(position, u64::MAX, &mut expected)
                    .unwrap();
                let listed = supplier
                    .run(&mut pulled, &file, |reader| {
                        reader.list_chunks(position, u64::MAX, &mut found)
                    })
                    .unwrap();
                assert_eq!((listed, found), (of_file, expected), "{path}, {supplier:?}");
                position = listed.1;
            }
        }
    }
}
