//! How many bytes a source keeps.

use super::*;

/// What is kept is bounded by what a chunk needs, however long the source.
#[test]
fn what_was_read_is_let_go() {
    let records: Vec<Vec<u8>> = (0..400).map(|i| bytes(i, 20_000)).collect();
    let options = WriterOptions {
        compression: Compression::None,
        chunk_size: 100_000,
        ..WriterOptions::default()
    };
    let file = write_all(&records, &options);
    for stream in [false, true] {
        let supplier = Supplier {
            stream,
            most: 10_000,
            generous: true,
        };
        let limit = 1_000_000;
        let source = match stream {
            true => PulledSource::stream(limit),
            false => PulledSource::new(file.len() as u64, limit),
        };
        let reader = RecordReader::new(source, ReaderOptions::default());
        let found = account(reader, |reader, call| supplier.run(reader, &file, call));
        assert_eq!(found.failure, None, "stream {stream}");
        let read: usize = found.batches.iter().map(|batch| batch.2.len()).sum();
        assert_eq!(read, 400, "stream {stream}");
    }
}

/// However often somebody looks here and there, and whatever failed elsewhere.
#[test]
fn what_was_looked_at_is_let_go() {
    let records: Vec<Vec<u8>> = (0..400).map(|i| bytes(i, 20_000)).collect();
    let options = WriterOptions {
        compression: Compression::None,
        chunk_size: 100_000,
        ..WriterOptions::default()
    };
    let file = write_all(&records, &options);
    let supplier = Supplier {
        stream: false,
        most: usize::MAX,
        generous: true,
    };
    let limit = 1_000_000;
    let source = PulledSource::new(file.len() as u64, limit);
    let mut reader = RecordReader::new(source, ReaderOptions::default());
    for position in (0..file.len() as u64).step_by(99_991) {
        let found = supplier.run(&mut reader, &file, |reader| {
            reader.find_chunk(position, Nearest::AtOrBefore)
        });
        assert!(found.unwrap().is_some(), "{position}");
    }

    // More is damaged than may be kept to search it; behind it nothing is.
    let mut file = file;
    file[1_000_000..3_000_000].fill(0x55);
    let source = PulledSource::new(file.len() as u64, limit);
    let mut reader = RecordReader::new(source, recovering());
    let mut memory = BatchMemory::default();
    let error = loop {
        let read = supplier.run(&mut reader, &file, |reader| {
            reader.next_batch(&mut memory).map(|_| ())
        });
        if let Err(error) = read {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    reader.seek(0, 0).unwrap();
    let again = supplier.run(&mut reader, &file, |reader| {
        Ok(reader.next_batch(&mut memory)?.map(|batch| batch.len()))
    });
    assert_eq!(again.unwrap(), Some(4));
}
