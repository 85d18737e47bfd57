//! Bytes that the caller brings give what the same bytes in memory give, whatever the pieces.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

mod asking;
mod memory;
mod sink;
mod stream;

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
