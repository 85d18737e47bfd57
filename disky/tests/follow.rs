//! A reader follows a file that grows: every whole chunk comes, once, and nothing else.
#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    BatchMemory, Compression, Container, CorruptionStrategy, Dialect, ErrorKind, Limits, Next,
    OpenMode, ReaderOptions, RecordReader, RecordWriter, Source, WriterOptions,
};
use std::cell::RefCell;
use std::io::{self, IoSliceMut};
use std::rc::Rc;

/// In so many calls damage in what may be the last chunk is not yet believed.
const DOUBTS: usize = 10;

/// After how many reads a single one gives which bytes.
type Stale = (usize, Vec<u8>);

/// Bytes that a test changes while they are read.
#[derive(Clone, Default)]
struct Growing {
    bytes: Rc<RefCell<Vec<u8>>>,
    /// What a single read gives instead, after so many others.
    stale: Rc<RefCell<Option<Stale>>>,
    size: u64,
}

impl Growing {
    fn set(&self, bytes: &[u8]) {
        *self.bytes.borrow_mut() = bytes.to_vec();
    }
}

impl Source for Growing {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut stale = self.stale.borrow_mut();
        match stale.as_mut() {
            Some((0, bytes)) => {
                let read = (&bytes[..]).read_at(offset, pieces);
                *stale = None;
                return read;
            }
            Some((reads, _)) => *reads -= 1,
            None => {}
        }
        (&self.bytes.borrow()[..]).read_at(offset, pieces)
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn refresh_size(&mut self) -> io::Result<()> {
        self.size = self.bytes.borrow().len() as u64;
        Ok(())
    }
}

/// Reads a file that grows, and keeps what came.
struct Follower {
    file: Growing,
    reader: RecordReader<Growing>,
    memory: (Vec<u64>, Vec<u8>),
    records: Vec<Vec<u8>>,
}

impl Follower {
    fn new() -> Self {
        Self::with(ReaderOptions {
            follow: true,
            ..ReaderOptions::default()
        })
    }

    fn with(options: ReaderOptions) -> Self {
        let file = Growing::default();
        Self {
            reader: RecordReader::new(file.clone(), options),
            file,
            memory: Default::default(),
            records: Vec::new(),
        }
    }

    /// Makes `bytes` the file and reads until there is no more for now.
    fn see(&mut self, bytes: &[u8]) -> disky::Result<Next> {
        self.file.set(bytes);
        self.read()
    }

    fn read(&mut self) -> disky::Result<Next> {
        loop {
            let (ends, data) = (&mut self.memory.0, &mut self.memory.1);
            match self.reader.next(ends, data)? {
                Next::NeedMemory { ends: e, data: d } => {
                    ends.resize(ends.len().max(e), 0);
                    data.resize(data.len().max(d), 0);
                }
                Next::Batch(batch) => {
                    let mut begin = batch.data_offset;
                    for end in &ends[..batch.records] {
                        let end = batch.data_offset + *end as usize;
                        self.records.push(data[begin..end].to_vec());
                        begin = end;
                    }
                }
                other => return Ok(other),
            }
        }
    }
}

fn options(compression: Compression, dialect: Dialect) -> WriterOptions {
    WriterOptions {
        compression,
        dialect,
        chunk_size: 1 << 30,
        ..WriterOptions::default()
    }
}

fn layouts() -> Vec<WriterOptions> {
    let riegeli = options(Compression::default(), Dialect::Riegeli);
    vec![
        options(Compression::None, Dialect::Disky),
        options(Compression::default(), Dialect::Disky),
        riegeli.clone(),
        WriterOptions {
            transpose: true,
            ..riegeli
        },
    ]
}

/// A file with these chunks, and after which sizes it has how many records.
fn file(chunks: &[Vec<Vec<u8>>], options: &WriterOptions) -> (Vec<u8>, Vec<(usize, usize)>) {
    let mut file = Vec::new();
    let mut records = 0;
    let mut whole = vec![(0, 0)];
    for chunk in chunks {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, &file).unwrap();
        let mode = match file.is_empty() {
            true => OpenMode::Overwrite,
            false => OpenMode::Append,
        };
        let mut writer = RecordWriter::open(&path, mode, options).unwrap();
        for record in chunk {
            writer.write(record).unwrap();
        }
        writer.close().unwrap();
        file = std::fs::read(&path).unwrap();
        records += chunk.len();
        whole.push((file.len(), records));
    }
    (file, whole)
}

fn numbered(chunk: usize, count: usize, size: usize) -> Vec<Vec<u8>> {
    let byte = |record: usize, i: usize| (chunk * 31 + record * 7 + i * (i >> 3)) as u8;
    let record = |record| (0..size).map(|i| byte(record, i)).collect();
    (0..count).map(record).collect()
}

/// How many records a file has of which `size` bytes are there.
fn expected(whole: &[(usize, usize)], size: usize) -> usize {
    let there = whole.iter().filter(|(end, _)| *end <= size);
    there.map(|(_, records)| *records).max().unwrap_or(0)
}

#[test]
fn a_file_cut_at_every_byte_gives_its_whole_chunks() {
    let chunks = [
        numbered(0, 1, 3),
        numbered(1, 20, 9),
        numbered(2, 2, 0),
        numbered(3, 5, 300),
    ];
    for options in layouts() {
        let (file, whole) = file(&chunks, &options);
        let mut follower = Follower::new();
        for size in 0..=file.len() {
            assert_eq!(follower.see(&file[..size]).unwrap(), Next::NotYet);
            // What follows the records of a chunk is padding that may be missing.
            let least = expected(&whole, size);
            let most = expected(&whole, size + 64).max(least);
            let got = follower.records.len();
            assert!((least..=most).contains(&got), "{got} at byte {size}");
        }
        assert_eq!(follower.records, chunks.concat(), "{options:?}");
    }
}

#[test]
fn pieces_across_block_boundaries() {
    let chunks = [
        numbered(0, 3, 40_000),
        numbered(1, 1, 200_000),
        numbered(2, 700, 100),
        numbered(3, 1, 65_000),
    ];
    for options in layouts() {
        let (file, whole) = file(&chunks, &options);
        assert!(options.compression != Compression::None || file.len() > 5 << 16);
        // Around each block header, and in steps that hit any place in between.
        let mut cuts: Vec<usize> = (0..file.len()).step_by(997).collect();
        for block in (1 << 16..file.len()).step_by(1 << 16) {
            cuts.extend(block - 45..(block + 70).min(file.len()));
        }
        cuts.push(file.len());
        cuts.sort_unstable();
        let mut follower = Follower::new();
        for size in cuts {
            assert_eq!(follower.see(&file[..size]).unwrap(), Next::NotYet);
            assert!(follower.records.len() >= expected(&whole, size));
        }
        assert_eq!(follower.records, chunks.concat(), "{options:?}");
    }
}

/// A chunk takes a byte of the file per record; what its data do not take may come later.
#[test]
fn padding_that_is_not_there_yet() {
    let chunks = [numbered(0, 500, 0), numbered(1, 1, 1)];
    let (file, whole) = file(&chunks, &layouts()[2]);
    let mut follower = Follower::new();
    for size in 400..=whole[1].0 {
        assert_eq!(follower.see(&file[..size]).unwrap(), Next::NotYet);
        assert_eq!(follower.records, chunks[0], "{size}");
    }
    follower.see(&file).unwrap();
    assert_eq!(follower.records, chunks.concat());
}

#[test]
fn nothing_comes_twice_when_it_is_asked_again() {
    let chunks = [numbered(0, 4, 10), numbered(1, 4, 10)];
    let (file, whole) = file(&chunks, &layouts()[1]);
    let mut follower = Follower::new();
    for _ in 0..3 * DOUBTS {
        follower.see(&file[..whole[1].0]).unwrap();
        assert_eq!(follower.records, chunks[0]);
    }
    for _ in 0..3 * DOUBTS {
        follower.see(&file[..whole[2].0 - 1]).unwrap();
        assert_eq!(follower.records, chunks[0]);
    }
    for _ in 0..3 {
        follower.see(&file).unwrap();
        assert_eq!(follower.records, chunks.concat());
    }
}

/// Some file systems show the size of a file before its contents.
#[test]
fn contents_that_come_after_the_size() {
    let chunks = [numbered(0, 4, 100), numbered(1, 4, 30_000)];
    for options in layouts() {
        let (file, whole) = file(&chunks, &options);
        for begin in [0, whole[1].0] {
            // Where the chunk header ends, where the first block header does, and elsewhere.
            for written in [
                0, 1, 39, 40, 41, 64, 65, 200, 65_535, 65_536, 65_560, 65_561,
            ] {
                let there = (begin + written).min(file.len() - 1);
                let mut follower = Follower::new();
                follower.see(&file[..begin]).unwrap();
                let mut zeros = file.clone();
                zeros[there..].fill(0);
                if zeros == file {
                    continue;
                }
                assert_eq!(follower.see(&zeros[..]).unwrap(), Next::NotYet);
                for _ in 2..=DOUBTS {
                    assert_eq!(follower.read().unwrap(), Next::NotYet);
                }
                follower.see(&file).unwrap();
                assert_eq!(follower.records, chunks.concat(), "zeros from {there}");
            }
        }
    }
}

/// What was read just before the last bytes of a chunk came is no damage, though a whole chunk is
/// seen behind it by now: it is read again.
#[test]
fn contents_that_were_read_too_early() {
    let chunks = [
        numbered(0, 4, 100),
        numbered(1, 4, 30_000),
        numbered(2, 4, 100),
    ];
    for options in layouts() {
        let (file, whole) = file(&chunks, &options);
        let mut stale_reads = 0;
        for wrong in [whole[1].0, whole[1].0 + 30, whole[2].0 - 1] {
            let mut early = file.clone();
            early[wrong] ^= 1;
            for reads in 0..6 {
                let mut follower = Follower::new();
                follower.see(&file[..whole[1].0]).unwrap();
                *follower.file.stale.borrow_mut() = Some((reads, early.clone()));
                let context = format!("byte {wrong} in read {reads}");
                assert_eq!(follower.see(&file).unwrap(), Next::NotYet, "{context}");
                assert!(follower.records == chunks.concat(), "{context}");
                stale_reads += usize::from(follower.file.stale.borrow().is_none());
            }
        }
        assert!(stale_reads >= 3, "{stale_reads}");
    }
}

#[test]
fn damage_that_stays_is_an_error_in_the_end() {
    let chunks = [numbered(0, 4, 100), numbered(1, 4, 100)];
    let (mut file, whole) = file(&chunks, &layouts()[0]);
    let last = file.len() - 1;
    file[last] ^= 1;
    let mut follower = Follower::new();
    for call in 1..=DOUBTS {
        assert_eq!(follower.see(&file).unwrap(), Next::NotYet, "call {call}");
    }
    for _ in 0..2 {
        let error = follower.read().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataHash);
        assert_eq!(error.position(), Some(whole[1].0 as u64));
    }
    assert_eq!(follower.records, chunks[0]);
}

#[test]
fn damage_before_the_last_chunk_is_an_error_at_once() {
    let chunks = [numbered(0, 4, 100), numbered(1, 4, 100)];
    let (mut file, whole) = file(&chunks, &layouts()[0]);
    file[whole[1].0 - 1] ^= 1;
    let error = Follower::new().see(&file).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataHash);
    assert_eq!(error.position(), Some(64));
}

#[test]
fn a_file_cut_below_what_was_read_is_an_error_for_good() {
    let chunks = [numbered(0, 4, 100), numbered(1, 4, 100)];
    let (file, _) = file(&chunks, &layouts()[0]);
    for size in [0, 1, 64, file.len() - 1] {
        let mut follower = Follower::new();
        follower.see(&file).unwrap();
        for bytes in [&file[..size], &file, &file] {
            let error = follower.see(bytes).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated);
            assert_eq!(error.position(), Some(size as u64));
            assert!(error.detail().contains("open it again"), "{error}");
        }
        assert_eq!(follower.records, chunks.concat());
    }
}

/// What a writer left unfinished is cut off, and another one goes on there.
#[test]
fn a_torn_chunk_that_is_cut_off_and_replaced() {
    let first = [numbered(0, 4, 100), numbered(1, 4, 5000)];
    let second = [numbered(0, 4, 100), numbered(2, 2, 30_000)];
    for options in layouts() {
        let (torn, whole) = file(&first, &options);
        let (replaced, _) = file(&second, &options);
        for size in whole[1].0..whole[2].0 {
            if size > whole[1].0 + 100 && size % 501 != 0 {
                continue;
            }
            for cut_is_seen in [false, true] {
                let mut follower = Follower::new();
                assert_eq!(follower.see(&torn[..size]).unwrap(), Next::NotYet);
                if cut_is_seen {
                    follower.see(&torn[..whole[1].0]).unwrap();
                }
                follower.see(&replaced).unwrap();
                assert_eq!(follower.records, second.concat(), "torn at {size}");
            }
        }
    }
}

/// The same where the file had its size before its contents.
#[test]
fn a_chunk_of_zeros_that_is_cut_off_and_replaced() {
    let first = [numbered(0, 4, 100), numbered(1, 4, 5000)];
    let second = [numbered(0, 4, 100), numbered(2, 2, 30_000)];
    for options in layouts() {
        let (mut zeros, whole) = file(&first, &options);
        let (replaced, _) = file(&second, &options);
        zeros[whole[1].0 + 100..].fill(0);
        let mut follower = Follower::new();
        assert_eq!(follower.see(&zeros).unwrap(), Next::NotYet);
        follower.see(&replaced).unwrap();
        assert_eq!(follower.records, second.concat());
    }
}

fn array_record(records: &[Vec<u8>], group_size: u32) -> Vec<u8> {
    let options = WriterOptions {
        container: Container::ArrayRecord,
        group_size,
        ..options(Compression::default(), Dialect::Riegeli)
    };
    support::write_all(records, &options)
}

/// A footer above the limit on chunks is known by the postscript alone.
#[test]
fn an_index_too_large_to_look_at_is_the_end_too() {
    let records = numbered(0, 100, 10);
    let file = array_record(&records, 1);
    let options = ReaderOptions {
        follow: true,
        limits: Limits::default().max_chunk_size(300),
        ..ReaderOptions::default()
    };
    let mut follower = Follower::with(options);
    assert_eq!(follower.see(&file[..2000]).unwrap(), Next::NotYet);
    assert!((1..100).contains(&follower.records.len()));
    assert_eq!(follower.see(&file).unwrap(), Next::End);
    assert_eq!(follower.records, records);
}

#[test]
fn the_index_of_an_array_record_is_the_end() {
    let records = numbered(0, 10, 50);
    let file = array_record(&records, 3);
    let mut follower = Follower::new();
    for size in (0..file.len()).filter(|size| *size < 2000 || file.len() - size < 300) {
        assert_eq!(follower.see(&file[..size]).unwrap(), Next::NotYet, "{size}");
    }
    assert_eq!(follower.see(&file).unwrap(), Next::End);
    assert_eq!(follower.read().unwrap(), Next::End);
    assert_eq!(follower.records, records);
}

#[test]
fn a_writer_in_another_thread() {
    const RECORDS: usize = 3000;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let record = |i: usize| vec![i as u8; i * 7919 % 3000];
    let options = options(Compression::None, Dialect::Disky);
    let mut writer = RecordWriter::open(&path, OpenMode::CreateNew, &options).unwrap();
    let follow = ReaderOptions {
        follow: true,
        ..ReaderOptions::default()
    };
    let mut reader = RecordReader::open(&path, follow).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for i in 0..RECORDS {
                writer.write(&record(i)).unwrap();
                if i % 7 == 0 {
                    writer.flush().unwrap();
                }
            }
            writer.close().unwrap();
        });
        let mut memory = BatchMemory::default();
        let mut read = 0;
        while read < RECORDS {
            let Some(batch) = reader.next_batch(&mut memory).unwrap() else {
                std::thread::yield_now();
                continue;
            };
            for bytes in batch.iter() {
                assert_eq!(bytes, record(read));
                read += 1;
            }
        }
    });
    assert!(
        reader
            .next_batch(&mut BatchMemory::default())
            .unwrap()
            .is_none()
    );
}

#[test]
fn following_and_recovering_exclude_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, support::write_all(&[], &layouts()[0])).unwrap();
    let both = ReaderOptions {
        follow: true,
        corruption: CorruptionStrategy::Recover,
        ..ReaderOptions::default()
    };
    let error = RecordReader::open(&path, both).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}
