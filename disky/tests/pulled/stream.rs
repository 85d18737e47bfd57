//! Streams, whose bytes come in order.

use super::*;

/// A stream is asked for what is needed and no more: who waits for an answer gets it.
#[test]
fn a_chunk_needs_only_what_says_what_it_is() {
    let file = write_all(&[bytes(1, 10_000)], &WriterOptions::default());
    let mut reader = RecordReader::new(PulledSource::stream(MAX_KEPT), ReaderOptions::default());
    let mut memory = BatchMemory::default();
    let mut supplied = 0;
    loop {
        match reader.next_batch(&mut memory) {
            Ok(batch) => {
                assert_eq!(batch.unwrap().data(), bytes(1, 10_000));
                break;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::NeedBytes),
        }
        let need = reader.source_mut().need().unwrap();
        assert_eq!(need.offset, supplied);
        let end = need.offset + need.size;
        assert!(end <= file.len() as u64, "more than the chunk: {need:?}");
        let (begin, end) = (need.offset as usize, (end as usize).min(file.len()));
        reader
            .source_mut()
            .supply(need.offset, &file[begin..end], false)
            .unwrap();
        supplied = end as u64;
    }
}

/// Keeps the file signature and a chunk header.
struct Beginning(Vec<u8>);

impl Sink for &mut Beginning {
    fn write_at(&mut self, _offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        for piece in pieces {
            let len = piece.len().min(104 - self.0.len());
            self.0.extend_from_slice(&piece[..len]);
        }
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }

    fn truncate(&mut self, _size: u64) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_a_header_claims_is_not_believed() {
    let mut beginning = Beginning(Vec::new());
    let mut chunks = ChunkWriter::new(&mut beginning, 0);
    chunks.write_signature().unwrap();
    let header = ChunkHeader {
        data_size: 1 << 30,
        data_hash: 0,
        chunk_type: ChunkType::Simple,
        num_records: 1,
        decoded_data_size: 1 << 29,
    };
    chunks.write(&header, &[]).unwrap();
    let file = beginning.0;
    assert_eq!(file.len(), 104);
    check(&file, &ReaderOptions::default(), "a header alone");
    check(&file, &recovering(), "a header alone");

    // A stream that never ends is left after as much as may be kept.
    let limit = 1 << 20;
    let options = ReaderOptions {
        limits: Limits::default().max_chunk_size(1 << 18),
        ..ReaderOptions::default()
    };
    let mut reader = RecordReader::new(PulledSource::stream(limit), options);
    let mut supplied = 0u64;
    let error = loop {
        let error = reader.next_batch(&mut BatchMemory::default()).unwrap_err();
        if error.kind() != ErrorKind::NeedBytes {
            break error;
        }
        let need = reader.source_mut().need().unwrap();
        assert!(need.size <= limit && need.welcome <= limit);
        let mut piece = vec![0; need.size.min(50_000) as usize];
        for (i, byte) in piece.iter_mut().enumerate() {
            *byte = file.get(supplied as usize + i).copied().unwrap_or(0);
        }
        reader.source_mut().supply(supplied, &piece, false).unwrap();
        supplied += piece.len() as u64;
    };
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(error.position(), Some(64));
    assert!(supplied <= limit + 50_000);
}

#[test]
fn a_stream_does_not_go_back() {
    // Larger than the first 8 KiB of a file, which the reader keeps.
    let records = [bytes(1, 100_000), bytes(2, 100)];
    let file = write_all(&records, &WriterOptions::default());
    let supplier = Supplier {
        stream: true,
        most: usize::MAX,
        generous: true,
    };
    let source = supplier.source(&file);
    let mut reader = RecordReader::new(source, ReaderOptions::default());
    let mut memory = BatchMemory::default();
    let read = supplier.run(&mut reader, &file, |reader| {
        Ok(reader.next_batch(&mut memory)?.unwrap().len())
    });
    assert_eq!(read.unwrap(), 2);
    let error = supplier
        .run(&mut reader, &file, RecordReader::metadata)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(
        error.detail().contains("a stream cannot go back"),
        "{error}"
    );
}

/// Bytes of a stream come in order, also for who asks what lies far ahead.
#[test]
fn a_stream_is_looked_into_ahead() {
    let records: Vec<Vec<u8>> = (0..40).map(|i| bytes(i, 9_000)).collect();
    let options = WriterOptions {
        chunk_size: 10_000,
        ..WriterOptions::default()
    };
    let file = write_all(&records, &options);
    for supplier in suppliers() {
        for nearest in [Nearest::AtOrBefore, Nearest::AtOrAfter] {
            let mut plain = RecordReader::new(&file[..], ReaderOptions::default());
            let expected = plain.find_chunk(300_000, nearest).unwrap();
            let mut reader = RecordReader::new(supplier.source(&file), ReaderOptions::default());
            let found = supplier.run(&mut reader, &file, |reader| {
                reader.find_chunk(300_000, nearest)
            });
            assert_eq!(found.unwrap(), expected, "{supplier:?} {nearest:?}");
            let mut memory = BatchMemory::default();
            let read = supplier.run(&mut reader, &file, |reader| {
                Ok(reader.next_batch(&mut memory)?.map(|batch| batch.len()))
            });
            assert_eq!(read.unwrap(), Some(1), "{supplier:?} {nearest:?}");
        }
    }
}

#[test]
fn misplaced_bytes_are_refused() {
    let mut source = PulledSource::new(10, MAX_KEPT);
    for (offset, len) in [(5, 6), (11, 0), (u64::MAX, 1)] {
        let error = source.supply(offset, &vec![0; len], false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{offset}");
    }
    let mut stream = PulledSource::stream(MAX_KEPT);
    stream.supply(0, &[0; 5], false).unwrap();
    for offset in [0, 4, 6] {
        let error = stream.supply(offset, &[0], false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{offset}");
    }
    stream.supply(5, &[], true).unwrap();
    assert_eq!(stream.size(), 5);
    let error = stream.supply(5, &[0], false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_source_that_ends_early_is_truncated() {
    let file = write_all(&[bytes(1, 100_000)], &WriterOptions::default());
    let source = PulledSource::new(file.len() as u64 + 1000, MAX_KEPT);
    let supplier = Supplier {
        stream: false,
        most: usize::MAX,
        generous: true,
    };
    let mut reader = RecordReader::new(source, ReaderOptions::default());
    let cut = &file[..50_000];
    let error = supplier
        .run(&mut reader, cut, |reader| {
            reader.next_batch(&mut BatchMemory::default()).map(|_| ())
        })
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated);
}
