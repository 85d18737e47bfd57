//! Bytes that the caller brings give what the same bytes in memory give, whatever the pieces.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use disky::{
    BatchMemory, ChunkHeader, ChunkType, ChunkWriter, Compression, CorruptionStrategy, Dialect,
    ErrorKind, Limits, Nearest, PulledSink, PulledSource, ReaderOptions, RecordReader,
    RecordWriter, Result, Sink, Source, WriterOptions,
};
use std::io::{self, IoSlice};
use support::{bytes, golden, write_all};

const MAX_KEPT: u64 = 64 << 20;

/// How somebody brings bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Supplier {
    stream: bool,
    /// The most bytes brought at once.
    most: usize,
    /// Whether all that is welcome is brought, or only what is needed.
    generous: bool,
}

fn suppliers() -> Vec<Supplier> {
    let mut all = Vec::new();
    for stream in [false, true] {
        for (most, generous) in [(usize::MAX, true), (4099, false), (70_001, true)] {
            all.push(Supplier {
                stream,
                most,
                generous,
            });
        }
    }
    all
}

impl Supplier {
    fn source(self, file: &[u8]) -> PulledSource {
        match self.stream {
            true => PulledSource::stream(MAX_KEPT),
            false => PulledSource::new(file.len() as u64, MAX_KEPT),
        }
    }

    /// Brings what `source` needs.
    fn supply(self, source: &mut PulledSource, file: &[u8]) {
        let first = source.need().unwrap();
        assert!(1 <= first.size && first.size <= first.welcome);
        while let Some(need) = source.need() {
            let begin = (need.offset as usize).min(file.len());
            let wanted = if self.generous {
                need.welcome
            } else {
                need.size
            };
            let most = usize::try_from(wanted).unwrap_or(usize::MAX).min(self.most);
            let end = begin.saturating_add(most).min(file.len());
            // A stream is known to end only when nothing more comes.
            source
                .supply(need.offset, &file[begin..end], begin == end)
                .unwrap();
        }
    }

    /// Makes `call` again until it needs no bytes.
    fn run<R>(
        self,
        reader: &mut RecordReader<PulledSource>,
        file: &[u8],
        mut call: impl FnMut(&mut RecordReader<PulledSource>) -> Result<R>,
    ) -> Result<R> {
        self.run_to_the_end(reader, file, |reader| match call(reader) {
            Err(error) if error.kind() == ErrorKind::NeedBytes => Err(ErrorKind::NeedBytes),
            other => Ok(other),
        })
    }

    /// Makes `call` again as long as it fails.
    fn run_to_the_end<R>(
        self,
        reader: &mut RecordReader<PulledSource>,
        file: &[u8],
        mut call: impl FnMut(&mut RecordReader<PulledSource>) -> std::result::Result<R, ErrorKind>,
    ) -> R {
        for _ in 0..file.len() + 100 {
            match call(reader) {
                Err(_) => self.supply(reader.source_mut(), file),
                Ok(found) => return found,
            }
        }
        panic!("{self:?} asks for bytes without end");
    }
}

/// Everything that reading a file tells.
#[derive(Debug, PartialEq)]
struct Account {
    metadata: std::result::Result<Option<Vec<u8>>, String>,
    batches: Vec<(u64, bool, Vec<u64>, Vec<u8>)>,
    regions: Vec<(u64, u64, bool, String)>,
    notices: Vec<String>,
    failure: Option<String>,
    hashed: u64,
}

fn text(error: &disky::Error) -> String {
    format!("{:?} {error}", error.kind())
}

/// Reads all of a file; `call` makes a call until it has what it needs.
fn account<S: Source>(
    mut reader: RecordReader<S>,
    mut run: impl FnMut(
        &mut RecordReader<S>,
        &mut dyn FnMut(&mut RecordReader<S>) -> Result<()>,
    ) -> Result<()>,
) -> Account {
    let mut metadata = None;
    let found = run(&mut reader, &mut |reader| {
        metadata = reader.metadata()?;
        Ok(())
    });
    let mut account = Account {
        metadata: found.map(|()| metadata).map_err(|e| text(&e)),
        batches: Vec::new(),
        regions: Vec::new(),
        notices: Vec::new(),
        failure: None,
        hashed: 0,
    };
    let mut memory = BatchMemory::default();
    loop {
        let mut found = None;
        let result = run(&mut reader, &mut |reader| {
            found = reader.next_batch(&mut memory)?.map(|batch| {
                let (ends, data) = (batch.ends().to_vec(), batch.data().to_vec());
                (batch.chunk_begin(), batch.scanned(), ends, data)
            });
            Ok(())
        });
        account.failure = result.err().map(|e| text(&e));
        account.notices.extend(std::iter::from_fn(|| {
            reader.take_notice().map(|notice| format!("{notice:?}"))
        }));
        while let Some(region) = reader.next_skipped_region() {
            let reason = text(&region.reason);
            account
                .regions
                .push((region.begin, region.end, region.scanned, reason));
        }
        account.hashed = reader.hashed_bytes();
        match found {
            Some(batch) if account.failure.is_none() => account.batches.push(batch),
            _ => return account,
        }
    }
}

fn check(file: &[u8], options: &ReaderOptions, case: &str) {
    let expected = account(RecordReader::new(file, options.clone()), |reader, call| {
        call(reader)
    });
    for supplier in suppliers() {
        // Retries for a few bytes each of a large file take long and prove no more.
        if supplier.most < 5000 && file.len() > 2_000_000 {
            continue;
        }
        let reader = RecordReader::new(supplier.source(file), options.clone());
        let found = account(reader, |reader, call| supplier.run(reader, file, call));
        assert!(
            found == expected,
            "{case}, {supplier:?}:\n{}\n{}",
            summary(&found),
            summary(&expected)
        );
    }
}

fn summary(account: &Account) -> String {
    let places: Vec<_> = account
        .batches
        .iter()
        .map(|b| (b.0, b.1, b.2.len()))
        .collect();
    format!(
        "{:?} {places:?} {:?} {:?} {:?} {}",
        account.metadata, account.regions, account.notices, account.failure, account.hashed
    )
}

fn recovering() -> ReaderOptions {
    ReaderOptions {
        corruption: CorruptionStrategy::Recover,
        ..ReaderOptions::default()
    }
}

fn golden_files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![golden()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_none_or(|extension| extension != "tsv" && extension != "md")
            {
                files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    assert!(files.len() >= 49);
    files
}

#[test]
fn every_golden_file_reads_the_same() {
    for (name, file) in golden_files() {
        check(&file, &ReaderOptions::default(), &name);
        check(&file, &recovering(), &name);
    }
}

#[test]
fn damaged_files_read_the_same() {
    for (index, (name, file)) in golden_files().into_iter().enumerate() {
        if file.len() > 1_000_000 || file.len() < 200 {
            continue;
        }
        for case in 0..4u64 {
            let seed = (index as u64) << 8 | case;
            let mut damaged = file.clone();
            let at = bytes(seed, 8)
                .iter()
                .fold(0u64, |n, &b| n.wrapping_mul(31).wrapping_add(b.into()));
            let at = (at % file.len() as u64) as usize;
            match case {
                0 => damaged[at] ^= 0x10,
                1 => damaged.truncate(at),
                2 => {
                    let end = (at + 5000).min(damaged.len());
                    damaged[at..end].fill(0);
                }
                _ => damaged.truncate(file.len() - 1 - at % 200),
            }
            let case = format!("{name}, case {case} at {at}");
            check(&damaged, &ReaderOptions::default(), &case);
            check(&damaged, &recovering(), &case);
        }
    }
}

/// A byte at a time, with every kind of chunk and of damage.
#[test]
fn a_trickle_reads_the_same() {
    let records: Vec<Vec<u8>> = (0..40).map(|i| bytes(i, 100 + i as usize)).collect();
    let options = WriterOptions {
        compression: Compression::None,
        dialect: Dialect::Riegeli,
        chunk_size: 900,
        ..WriterOptions::default()
    };
    let file = write_all(&records, &options);
    let mut damaged = file.clone();
    damaged[2000] ^= 1;
    // That another file begins there is told by more bytes than a chunk header has.
    let two_files = [&file[..], &file].concat();
    let cases = [("whole", &file), ("damaged", &damaged), ("two", &two_files)];
    for (case, file) in cases {
        for options in [ReaderOptions::default(), recovering()] {
            let expected = account(
                RecordReader::new(&file[..], options.clone()),
                |reader, call| call(reader),
            );
            for stream in [false, true] {
                let supplier = Supplier {
                    stream,
                    most: 1,
                    generous: false,
                };
                let reader = RecordReader::new(supplier.source(file), options.clone());
                let found = account(reader, |reader, call| supplier.run(reader, file, call));
                assert!(
                    found == expected,
                    "{case}, {supplier:?}: {}",
                    summary(&found)
                );
            }
        }
    }
}

#[test]
fn what_looks_at_the_whole_file_goes_on_where_it_was() {
    for (name, file) in golden_files() {
        let mut expected = RecordReader::new(&file[..], ReaderOptions::default());
        let (count, sizes) = (expected.count().unwrap(), expected.record_sizes().unwrap());
        for supplier in suppliers().into_iter().filter(|supplier| !supplier.stream) {
            let source = supplier.source(&file);
            let mut reader = RecordReader::new(source, ReaderOptions::default());
            for _ in 0..2 {
                let found = supplier
                    .run(&mut reader, &file, RecordReader::count)
                    .unwrap();
                assert_eq!(found, count, "{name}, {supplier:?}");
                let found = supplier
                    .run(&mut reader, &file, RecordReader::record_sizes)
                    .unwrap();
                assert_eq!(found, sizes, "{name}, {supplier:?}");
            }
            let mut position = 0;
            loop {
                let found = supplier.run(&mut reader, &file, |reader| reader.chunk_at(position));
                let wanted = expected.chunk_at(position).unwrap();
                assert_eq!(found.unwrap(), wanted, "{name}, {supplier:?}");
                match wanted {
                    Some(wanted) => position = wanted.chunk.end,
                    None => break,
                }
            }
        }
    }
}

#[test]
fn verifying_goes_on_where_it_was() {
    let file = write_all(
        &[bytes(1, 3 << 20), bytes(2, 10)],
        &WriterOptions::default(),
    );
    for supplier in suppliers() {
        let source = supplier.source(&file);
        let mut reader = RecordReader::new(source, ReaderOptions::default());
        assert!(
            !supplier
                .run(&mut reader, &file, RecordReader::verify)
                .unwrap()
        );
        let mut expected = RecordReader::new(&file[..], ReaderOptions::default());
        assert!(!expected.verify().unwrap());
        assert_eq!(
            reader.hashed_bytes(),
            expected.hashed_bytes(),
            "{supplier:?}"
        );
    }
}

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
    let file = write_all(&[bytes(1, 100), bytes(2, 100)], &WriterOptions::default());
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

#[test]
fn a_pulled_sink_gives_the_same_bytes() {
    let records: Vec<Vec<u8>> = (0..300).map(|i| bytes(i, 1000)).collect();
    let options = WriterOptions {
        chunk_size: 20_000,
        ..WriterOptions::default()
    };
    let expected = write_all(&records, &options);
    let mut writer = RecordWriter::new(PulledSink::default(), &options).unwrap();
    let mut found = Vec::new();
    let mut piece = [0; 700];
    let mut take = |sink: &mut PulledSink| {
        while sink.pending() > 0 {
            let size = sink.take(&mut piece);
            found.extend_from_slice(&piece[..size]);
        }
    };
    for record in &records {
        writer.write(record).unwrap();
        take(writer.sink_mut());
    }
    writer.finish().unwrap();
    take(writer.sink_mut());
    assert!(found == expected);
}
